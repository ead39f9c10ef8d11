//! The parts of the program `lilt-canvas` that need no graphics engine, so that they
//! are built and tested without one: its command line, its look for a display, its
//! reading of frames, the hand and its way back, how often it draws, what it says itself, its recordings, and the
//! drawings it keeps.

mod display;
mod file_name;
mod hand_easel;
mod inbox;
mod monitors;
mod options;
mod overlay;
mod pace;
mod reel;
mod scribe;
mod sketchbook;
mod stats;

pub use display::{Display, NoDisplay};
pub use hand_easel::HandEasel;
pub use inbox::Inbox;
pub use monitors::missing_monitor;
pub use options::{HELP, Options, OptionsError};
pub use overlay::Overlay;
pub use pace::Pace;
pub use reel::{REEL_RATE, Reel};
pub use scribe::Scribe;
pub use sketchbook::{Kept, Sketchbook};
pub use stats::Stats;
