//! Where timed events go: the mixer, MIDI ports, and files.

pub mod events;
pub mod midi;
pub mod sampler;
pub mod smf;
pub mod sound;
