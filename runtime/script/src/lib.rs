//! Lilt's script.
