//! Measures a playing host as a listener would: through the sound that it makes.
//!
//! A JACK server without a card (`jackd -d dummy`) stands in for the sound card, ALSA's `jack`
//! plugin leads an ordinary build of `lilt` into it, and a client of the server records what comes,
//! each sample with its time, in the clock in which the edits are timed too.
//!
//! Needs the packages `jackd2` and `libasound2-plugins`.

pub mod bars;
pub mod change;
pub mod course;
pub mod editor;
pub mod grid;
pub mod hearing;
pub mod hit;
pub mod host;
pub mod load;
pub mod metronome;
pub mod notes;
pub mod pianist;
pub mod portrait;
pub mod recorder;
pub mod score;
pub mod server;
pub mod set;
pub mod table;
pub mod trial;
pub mod usage;
