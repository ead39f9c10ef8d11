//! Lilt's synth.
