//! Where timed events go: the mixer, MIDI ports, and files.

pub mod clock;
pub mod events;
mod flac;
pub mod midi;
pub mod osc;
pub mod pcm;
pub mod sampler;
pub mod smf;
pub mod sound;
pub mod sound_file;
pub mod stems;
mod wav;
