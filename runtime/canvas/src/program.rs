//! The parts of the program `lilt-canvas` that need no graphics engine, so that they
//! are built and tested without one: its command line, its look for a display, and
//! its reading of frames.

mod display;
mod inbox;
mod options;

pub use display::{Display, NoDisplay};
pub use inbox::Inbox;
pub use options::{HELP, Options, OptionsError};
