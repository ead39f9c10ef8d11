//! Lilt's midi.
