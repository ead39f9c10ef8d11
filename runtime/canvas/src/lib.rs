//! The picture of a performance: a [`Frame`] says what plays, [`scene`] lays it out,
//! [`svg`] and [`png`] draw it with no display, and a [`CanvasFeed`] sends it to the
//! program `lilt-canvas`, whose window is a process of its own.

mod drawing;
mod feed;
mod frame;
mod glyph;
mod lane;
mod palette;
mod png;
pub mod program;
mod restart;
mod scene;
mod stage;
mod svg;

pub use feed::{CanvasFeed, CanvasNotice};
pub use frame::{
    Frame, FrameError, MAX_DIAGNOSTIC, MAX_LINE, MAX_NAME, MAX_NOTES, MAX_POINTS, MAX_SLOTS, MAX_STROKES,
    NoteView, Rung, SlotView, StrokeView, ToneView, Zone,
};
pub use glyph::{PenStroke, text_strokes, text_width};
pub use palette::Colour;
pub use png::{PngError, png};
pub use restart::{Ending, NO_DISPLAY_STATUS, Next, RestartPolicy, Surrender};
pub use scene::{Area, Scene, Shape};
pub use stage::scene;
pub use svg::svg;
