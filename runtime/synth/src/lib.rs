//! The whole sound engine, without a device: timed commands go in, stereo samples come out.
//!
//! [`Mixer`] owns every voice, strip and effect and allocates all of them when it is made.
//! [`Mixer::push`] takes [`Command`]s stamped with the frame they belong to, [`Mixer::render`]
//! fills any number of interleaved stereo frames, and equal commands give equal bytes however the
//! rendering is cut up. Nothing here reads a clock, a file or a device.
//!
//! The way of a sound: an instrument ([`Instrument`]) or a drum ([`DrumSound`]), shaped by the
//! parameters of its note ([`Params`]) → the strip of its slot with its effects ([`SlotControl`]),
//! which sends to the reverb and the delay → a bus, if the slot goes to one, and perhaps another → the
//! master → the limiter. [`Mixer::stem`] leaves out all but some strips, and master and limiter.

#![warn(missing_docs)]

mod command;
mod compressor;
mod control_table;
mod controls;
mod delay;
mod desk;
mod drum;
mod drum_sound;
mod duck;
mod effect;
mod envelope;
mod filter;
mod finish;
mod glide;
mod insert;
mod instrument;
mod interpolation;
mod ladder;
mod limiter;
mod master;
mod meters;
mod mixer;
mod noise;
mod oscillator;
mod param;
mod params;
mod pool;
mod queue;
mod rack;
mod reverb;
mod sample;
mod sends;
mod slot_control;
mod strip;
mod timbre;
mod true_peak;
mod voice;

pub use command::{Command, CommandKind};
pub use control_table::{ControlSpec, Unit};
pub use drum_sound::DrumSound;
pub use duck::DuckTrigger;
pub use instrument::{Instrument, VoiceKind};
pub use limiter::CEILING;
pub use meters::Meters;
pub use mixer::{BLOCK_FRAMES, Mixer, MixerConfig, PushError};
pub use param::Param;
pub use params::{ParamError, Params};
pub use sample::{LibraryFull, Sample, SampleError, SampleHandle, SampleId};
pub use slot_control::SlotControl;
pub use strip::DEFAULT_REVERB;
pub use timbre::{MOMENT, MOMENTS_A_SECOND, NOISE_BANDS, PARTIALS, Timbre, TimbreError, noise_band, stiff};
