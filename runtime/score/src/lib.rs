//! The values of music and drawing, as pure data: beats, notes, clips, strokes,
//! patterns. Reads no clock, file, environment or global random source.

pub mod abc;
mod beat;
mod blend;
pub mod chord;
mod clip;
mod context;
mod control;
mod controls;
mod euclid;
mod key;
mod meter;
pub mod mini;
mod music_file;
mod nearest;
mod note;
mod pattern;
mod pitch;
pub mod random;
mod rgb;
mod scale;
mod scale_at;
mod sketch;
pub mod smf;
mod sound;
pub mod svg;

pub use beat::{Beat, BeatParseError, Span};
pub use blend::Blend;
pub use clip::{Clip, ClipError};
pub use context::{Context, Place};
pub use control::{Control, Scope};
pub use controls::Controls;
pub use euclid::euclid;
pub use key::{Key, KeyParseError, Mode};
pub use meter::{Meter, MeterParseError};
pub use music_file::{MusicFile, MusicFileError};
pub use nearest::nearest;
pub use note::{Drum, Note, Tone, Velocity};
pub use pattern::{Event, Pattern, Query, QueryError, RecordError, Structure};
pub use pitch::{Pitch, PitchError};
pub use random::Seed;
pub use rgb::{PALETTE, Rgb, RgbError};
pub use scale::Scale;
pub use scale_at::{ScaleAt, ScaleParseError};
pub use sketch::{Point, Sketch, Stroke};
pub use sound::{Preset, Sound};
