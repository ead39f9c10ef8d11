//! The way from the mixer to the loudspeaker: one permanent rodio source, the handle that sends
//! it commands, and the clock that its callbacks drive.
//!
//! [`Speaker`] plays through a device whenever there is one, and waits for none. [`AudioHandle`] is
//! what other threads keep: it sends commands through a bounded queue without locks and reads how
//! the playing goes. [`AudioClock`] tells the time of the audio timeline, with a device and without.
//!
//! ```no_run
//! use lilt_audio::{Clock, Speaker};
//! use lilt_synth::{Command, CommandKind, DrumSound, MixerConfig, Params, VoiceKind};
//!
//! let speaker = Speaker::new(None, MixerConfig::default())?;
//! let handle = speaker.handle();
//! let soon = handle.clock().now() + 0.1;
//! let kind = CommandKind::NoteOn {
//!     id: 1,
//!     voice: VoiceKind::Drum(DrumSound::BassDrum),
//!     velocity: 0.8,
//!     params: Params::NONE,
//! };
//! handle.send(Command { frame: handle.clock().frame_of(soon), slot: 0, kind })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]

mod clock;
mod device;
mod handle;
mod keeper;
mod opener;
mod source;
mod speaker;
mod stepped;
mod stream;
mod tap;
mod timeline;

pub use clock::{AudioClock, Clock};
pub use device::{AudioError, devices};
pub use handle::{AudioHandle, AudioStatus, QueueFull};
pub use source::{MixerSource, detached};
pub use speaker::{Speaker, SpeakerState};
pub use stepped::SteppedSpeaker;
pub use tap::TappedBlock;

/// The tests of the callback abort when it allocates; see `source`.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;
