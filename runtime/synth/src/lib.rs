//! The whole sound engine, without a device: timed commands go in, stereo samples come out.
//!
//! [`Mixer`] owns every voice, strip and effect and allocates all of them when it is made.
//! [`Mixer::push`] takes [`Command`]s stamped with the frame they belong to, [`Mixer::render`]
//! fills any number of interleaved stereo frames, and equal commands give equal bytes however the
//! rendering is cut up. Nothing here reads a clock, a file or a device.
//!
//! The way of a sound: an instrument ([`Instrument`]) or a drum ([`DrumSound`]) → the strip of
//! its slot (gain, pan, filters) → the bus, with sends to the reverb and the delay → the limiter.

#![warn(missing_docs)]

mod bus;
mod command;
mod delay;
mod drum;
mod envelope;
mod filter;
mod glide;
mod instrument;
mod limiter;
mod meters;
mod mixer;
mod noise;
mod oscillator;
mod pool;
mod queue;
mod reverb;
mod strip;
mod voice;

pub use command::{Command, CommandKind, SlotControl};
pub use instrument::{DrumSound, Instrument, VoiceKind};
pub use limiter::CEILING;
pub use meters::Meters;
pub use mixer::{BLOCK_FRAMES, Mixer, MixerConfig, PushError};
pub use strip::DEFAULT_REVERB;
