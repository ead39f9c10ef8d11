//! The way from the mixer to the loudspeaker: one permanent rodio source, the handle that sends
//! it commands, and the clock that its callbacks drive.
//!
//! [`AudioOut`] holds the device. [`AudioHandle`] is what other threads keep: it sends commands
//! through a bounded queue without locks and reads how the playing goes. [`AudioClock`] tells the
//! time of the audio timeline, and goes on when the device is lost; where there is no device at
//! all, [`SilentClock`] tells the time in its place.
//!
//! ```no_run
//! use lilt_audio::{AudioOut, Clock};
//! use lilt_synth::{Command, CommandKind, DrumSound, MixerConfig, VoiceKind};
//!
//! let out = AudioOut::open(None, MixerConfig::default())?;
//! let handle = out.handle();
//! let soon = handle.clock().now() + 0.1;
//! let kind = CommandKind::NoteOn {
//!     id: 1,
//!     voice: VoiceKind::Drum(DrumSound::BassDrum),
//!     velocity: 0.8,
//! };
//! handle.send(Command { frame: handle.clock().frame_of(soon), slot: 0, kind })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]

mod clock;
mod device;
mod handle;
mod out;
mod source;
mod timeline;

pub use clock::{AudioClock, Clock, SilentClock};
pub use device::{AudioError, devices};
pub use handle::{AudioHandle, AudioStatus, QueueFull};
pub use out::AudioOut;
pub use source::{MixerSource, detached};
