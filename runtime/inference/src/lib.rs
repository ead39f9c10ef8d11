//! Lilt's inference.
