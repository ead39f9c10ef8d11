//! The effects. Each works on a stereo piece in place; what it costs when it is out of the way is
//! up to those who own one: a note ([`crate::insert`]) or a strip ([`crate::rack`]).

pub(crate) mod equaliser;
pub(crate) mod formant;
pub(crate) mod phaser;
pub(crate) mod ring;
pub(crate) mod step;
pub(crate) mod sweep_delay;
pub(crate) mod tremolo;
pub(crate) mod waveshape;
