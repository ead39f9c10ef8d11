//! Lilt's canvas.
