//! Simulated listeners: how well a taste is learnt from few presses, against the tilt by the taste itself.
//!
//! A listener likes a piece by a function that only they know. They hear piece after piece, press late, are wrong now and
//! then, and get used to what they hear; from their presses the taste is learnt as on stage, and the music follows it. What
//! is reckoned is how much more they like pieces that were never played to them. All of it follows from seeds.

mod chance;
mod listener;
mod pool;
mod summary;
mod trial;

pub use chance::Chance;
pub use listener::{Kind, Listener};
pub use pool::{Pool, Tilting};
pub use summary::{Column, Summary};
pub use trial::{Course, Outcome, Stage};
