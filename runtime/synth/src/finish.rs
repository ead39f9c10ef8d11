//! What the mix goes through last: the master and its limiter, or nothing, for stems.

use crate::limiter::Limiter;
use crate::master::Master;
use crate::strip::{Block, SILENCE};

pub(crate) enum Finish {
    /// The master, and the limiter, which gives out a block later what it took in.
    Master(Box<(Master, Limiter)>),
    /// The mix as it is, as much later as the limiter is: the block that waits.
    Bare(Box<Block>),
}

impl Finish {
    pub(crate) fn master(sample_rate: f32) -> Self {
        Finish::Master(Box::new((Master::new(sample_rate), Limiter::new(sample_rate))))
    }

    pub(crate) fn bare() -> Self {
        Finish::Bare(Box::new(SILENCE))
    }

    /// Takes a block in and gives the one before it out; the least gain of the limiter.
    pub(crate) fn process(&mut self, mix: &mut Block) -> f32 {
        match self {
            Finish::Master(parts) => {
                let (master, limiter) = &mut **parts;
                master.process(mix);
                limiter.process(mix)
            }
            Finish::Bare(waiting) => {
                std::mem::swap(&mut **waiting, mix);
                1.0
            }
        }
    }

    /// Silence at once. Allocates nothing.
    pub(crate) fn come_to_rest(&mut self, sample_rate: f32) {
        match self {
            Finish::Master(parts) => **parts = (Master::new(sample_rate), Limiter::new(sample_rate)),
            Finish::Bare(waiting) => **waiting = SILENCE,
        }
    }
}
