//! The picture of a performance: a [`Frame`] says what plays, [`scene`] lays it out,
//! [`svg`] and [`png`] draw it with no display, and a [`CanvasFeed`] sends it to the
//! program `lilt-canvas`, whose window is a process of its own.

mod code;
mod drawing;
mod feed;
mod frame;
mod glyph;
mod hand;
mod lane;
mod layer;
mod layout;
mod palette;
mod particles;
mod pen;
mod png;
pub mod program;
mod restart;
mod scene;
mod sound;
mod svg;
pub mod video;

pub use code::{CodeView, MAX_CODE, MAX_LIT};
pub use feed::{CanvasFeed, CanvasNotice};
pub use frame::{
    Frame, FrameError, MAX_DIAGNOSTIC, MAX_LINE, MAX_NAME, MAX_NOTES, MAX_SLOTS, NoteView, Rung, Show,
    SlotView, ToneView, Zone,
};
pub use glyph::{PenStroke, text_strokes, text_width};
pub use hand::{Hand, HandSketch, MAX_HAND_LINE, MAX_HAND_POINTS};
pub use layer::{CopyView, LayerView, MAX_COPIES, MAX_LAYERS, MAX_POINTS, MAX_SEEN, MAX_STROKES, StrokeView};
pub use layout::{scene, square};
pub use palette::Colour;
pub use particles::{BoundaryView, MAX_BOUNDARIES, MAX_PARTICLES, MAX_RUNS, RunView};
pub use pen::{PenPiece, pen_pieces};
pub use png::{PngError, png, rgba};
pub use restart::{Ending, NO_DISPLAY_STATUS, NO_DRIVER_STATUS, Next, RestartPolicy, Surrender};
pub use scene::{Area, Scene, Shape};
pub use sound::{SOUND_SAMPLES, SoundView};
pub use svg::svg;
