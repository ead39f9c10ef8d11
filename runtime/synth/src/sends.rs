//! What strips that go through buses send to reverbs and delays.
//!
//! A send leaves its strip before the bus does its part, so the bus would have no say in it: turned down, what
//! is in it would still be heard from the rooms. Such sends are held back until all strips have been worked
//! through, and are then let through as the buses on their way to the master are turned, ducking included; not
//! by their positions, which would place a room twice, nor by their effects.

use std::ops::Range;

use crate::mixer::BLOCK_FRAMES;
use crate::strip::{Block, SILENCE, Share};

/// How much of what comes in goes on, frame by frame.
type Turned = [f32; BLOCK_FRAMES];

/// What is held back of each strip.
pub(crate) struct Sends {
    strips: Vec<Held>,
    /// Whether anything is held back of the piece that is worked through.
    any: bool,
}

/// What is held back of one strip.
struct Held {
    /// What it sends to its reverb and its delay.
    sent: [Block; 2],
    holds: bool,
    /// Where it goes over the piece.
    shares: [Option<Share>; 2],
    /// What of its input comes to the master, as far as gains and ducking go.
    through: Turned,
}

impl Sends {
    pub(crate) fn new(strips: usize) -> Self {
        let held =
            || Held { sent: [SILENCE; 2], holds: false, shares: [None; 2], through: [1.0; BLOCK_FRAMES] };
        Sends { strips: (0..strips).map(|_| held()).collect(), any: false }
    }

    /// A new piece begins.
    pub(crate) fn begin(&mut self) {
        self.any = false;
        self.strips.iter_mut().for_each(|held| held.holds = false);
    }

    /// Where strip `at` sends over `range`, to be held back: reverb and delay.
    pub(crate) fn hold(&mut self, at: usize, range: Range<usize>) -> &mut [Block; 2] {
        self.any = true;
        let held = &mut self.strips[at];
        held.holds = true;
        for channel in held.sent.iter_mut().flatten() {
            channel[range.clone()].fill(0.0);
        }
        &mut held.sent
    }

    /// Strip `at` goes here over the piece.
    pub(crate) fn goes(&mut self, at: usize, shares: [Option<Share>; 2]) {
        self.strips[at].shares = shares;
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.any
    }

    /// Learns how much of what comes into strip `at` comes to the master over `range`: after the strips that it
    /// goes to. `next` is the strip of a bus, if it goes through that one; `turned` is what the strip itself
    /// lets through. What is held back of it, to be let through by the buses behind it.
    pub(crate) fn release(
        &mut self,
        at: usize,
        range: Range<usize>,
        turned: &Turned,
        next: impl Fn(u16) -> Option<usize>,
    ) -> Option<&[Block; 2]> {
        let shares = self.strips[at].shares;
        let mut behind = [0.0; BLOCK_FRAMES];
        for Share { bus, gain, step } in shares.into_iter().flatten() {
            let through = next(bus).map(|next| &self.strips[next].through);
            let mut gain = gain;
            for frame in range.clone() {
                gain += step;
                behind[frame] += gain * through.map_or(1.0, |through| through[frame]);
            }
        }
        let Held { sent, holds, through, .. } = &mut self.strips[at];
        for frame in range.clone() {
            through[frame] = turned[frame] * behind[frame];
        }
        if !*holds {
            return None;
        }
        for channel in sent.iter_mut().flatten() {
            for frame in range.clone() {
                channel[frame] *= behind[frame];
            }
        }
        Some(sent)
    }
}
