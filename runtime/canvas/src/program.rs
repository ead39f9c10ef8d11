//! The parts of the program `lilt-canvas` that need no graphics engine, so that they
//! are built and tested without one: its command line, its look for a display, its
//! reading of frames, the hand and its way back, how often it draws, what it says itself, and its recordings.

mod display;
mod hand_easel;
mod inbox;
mod options;
mod overlay;
mod pace;
mod reel;
mod scribe;
mod stats;

pub use display::{Display, NoDisplay};
pub use hand_easel::HandEasel;
pub use inbox::Inbox;
pub use options::{HELP, Options, OptionsError};
pub use overlay::Overlay;
pub use pace::Pace;
pub use reel::{REEL_RATE, Reel};
pub use scribe::Scribe;
pub use stats::Stats;
