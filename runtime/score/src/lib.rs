//! The values of music and drawing, as pure data: beats, notes, clips, strokes,
//! patterns. Reads no clock, file, environment or global random source.

pub mod abc;
mod beat;
mod clip;
mod key;
mod meter;
mod note;
mod pattern;
mod pitch;
mod sketch;

pub use beat::{Beat, BeatParseError, Span};
pub use clip::{Clip, ClipError};
pub use key::{Key, KeyParseError, Mode};
pub use meter::{Meter, MeterParseError};
pub use note::{Drum, Note, Tone, Velocity};
pub use pattern::{Event, Pattern, Query, QueryError};
pub use pitch::{Pitch, PitchError};
pub use sketch::{Point, Sketch, Stroke};
