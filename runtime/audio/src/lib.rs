//! Lilt's audio.
