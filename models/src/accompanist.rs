//! What foresees the chords under a melody that is still being played: a hidden Markov model, counted from songs.
//!
//! Its hidden states are a home note and a chord in relation to it ([`harmony`]); the melody is what is seen of
//! them. [`filter`] goes forward through half bars, and [`model`] is that with weights of a file.

pub mod filter;
pub mod harmony;
pub mod model;

/// Its name, which is that of its weights.
pub const NAME: &str = "accompanist";
