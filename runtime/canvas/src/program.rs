//! The parts of the program `lilt-canvas` that need no graphics engine, so that they
//! are built and tested without one: its command line, its look for a display, its
//! reading of frames, the hand and its way back, and how often it draws.

mod display;
mod hand_easel;
mod inbox;
mod options;
mod pace;
mod scribe;

pub use display::{Display, NoDisplay};
pub use hand_easel::HandEasel;
pub use inbox::Inbox;
pub use options::{HELP, Options, OptionsError};
pub use pace::Pace;
pub use scribe::Scribe;
