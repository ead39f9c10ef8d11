//! Lilt's editor.
