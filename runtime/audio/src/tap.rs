//! What the mixer made, block by block, for whoever writes it down.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam::queue::ArrayQueue;
use lilt_synth::BLOCK_FRAMES;

/// Blocks that may wait to be written: five seconds and a half at 48 kHz, 2 MB.
pub(crate) const MOST_RECORDED: usize = 4096;
/// Blocks that may wait to be seen: a third of a second.
pub(crate) const MOST_SEEN: usize = 256;

/// A block that the mixer made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TappedBlock {
    /// The frame of the timeline at which it begins.
    pub frame: u64,
    /// Left and right in turn, 64 frames.
    pub samples: [f32; 2 * BLOCK_FRAMES],
}

/// The way from the mixer to a file or a picture. Free of locks; the side of the mixer allocates nothing, and what finds no
/// room is counted.
#[derive(Debug)]
pub(crate) struct Tap {
    open: AtomicBool,
    blocks: ArrayQueue<TappedBlock>,
    left_out: AtomicU64,
}

impl Tap {
    /// One in which so many blocks may wait.
    pub(crate) fn new(most: usize) -> Self {
        Tap { open: AtomicBool::new(false), blocks: ArrayQueue::new(most), left_out: AtomicU64::new(0) }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Opens or closes it; what waited until now is forgotten when it opens.
    pub(crate) fn set_open(&self, open: bool) {
        if open && !self.is_open() {
            while self.blocks.pop().is_some() {}
            self.left_out.store(0, Ordering::Relaxed);
        }
        self.open.store(open, Ordering::Release);
    }

    /// The mixer made this block.
    pub(crate) fn offer(&self, frame: u64, samples: &[f32; 2 * BLOCK_FRAMES]) {
        if self.is_open() && self.blocks.push(TappedBlock { frame, samples: *samples }).is_err() {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn take(&self) -> Option<TappedBlock> {
        self.blocks.pop()
    }

    pub(crate) fn take_left_out(&self) -> u64 {
        self.left_out.swap(0, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_no_room_is_counted() {
        let tap = Tap::new(MOST_SEEN);
        let block = [0.5; 2 * BLOCK_FRAMES];
        tap.offer(0, &block);
        assert_eq!(tap.take(), None, "it is closed");
        tap.set_open(true);
        for n in 0..MOST_SEEN as u64 + 3 {
            tap.offer(64 * n, &block);
        }
        assert_eq!(tap.take(), Some(TappedBlock { frame: 0, samples: block }));
        assert_eq!((tap.take_left_out(), tap.take_left_out()), (3, 0));
        tap.set_open(false);
        assert!(tap.take().is_some(), "what was made until then is still written");
        tap.set_open(true);
        assert_eq!(tap.take(), None);
    }
}
