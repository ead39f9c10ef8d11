//! The limiter at the very end: it sees peaks one block before they come out, turns down in time,
//! and lets nothing past [`CEILING`], between the samples neither.
//!
//! The gain that each frame needs is held at its minimum over the look-ahead and then averaged
//! over a little less, since a peak between samples is known [`DELAY`] frames late. Every average
//! that meets a peak is made of minima that contain it, so the smoothed gain is never above the
//! needed one; a last clamp is there for the rounding.

use crate::mixer::BLOCK_FRAMES;
use crate::true_peak::{DELAY, TAPS, WORST, between};

/// No sample of the mixer is ever further from 0 than this: -1 dB.
pub const CEILING: f32 = 0.891;

/// Where the gain aims, for peaks between the samples too: half a decibel under the ceiling. A peak at four times
/// the rate can be read too low, and the gain moves between samples: over the examples what comes out lies up to
/// 0.4 dB above the aim. So it stays under -1 dBTP, and the clamp has nothing to do.
const AIM: f32 = 0.84;
const RELEASE: f32 = 0.12;
/// The delay, which is the look-ahead, in frames.
const AHEAD: usize = BLOCK_FRAMES;
/// Minima that are averaged.
const AVERAGED: usize = AHEAD - DELAY;

pub(crate) struct Limiter {
    /// The last [`AHEAD`] frames, oldest first.
    waiting: [[f32; AHEAD]; 2],
    /// Needed gains and their minima: the last [`AHEAD`] and, behind them, those of this block.
    needed: [f32; 2 * AHEAD],
    held: [f32; 2 * AHEAD],
    /// The last samples, for peaks between them; only the newest block is asked about.
    history: [[f32; TAPS + BLOCK_FRAMES]; 2],
    release: f32,
    /// Blocks for which every gain here has been 1.
    open_blocks: u32,
}

impl Limiter {
    pub(crate) fn new(sample_rate: f32) -> Self {
        Limiter {
            waiting: [[0.0; AHEAD]; 2],
            needed: [1.0; 2 * AHEAD],
            held: [1.0; 2 * AHEAD],
            history: [[0.0; TAPS + BLOCK_FRAMES]; 2],
            release: 1.0 - (-1.0 / (RELEASE * sample_rate)).exp(),
            open_blocks: 2,
        }
    }

    /// Takes a block in and gives the block before it out, limited; the least gain applied.
    pub(crate) fn process(&mut self, block: &mut [[f32; BLOCK_FRAMES]; 2]) -> f32 {
        for x in block.iter_mut().flatten() {
            if !x.is_finite() {
                *x = 0.0;
            }
        }
        self.needed.copy_within(AHEAD.., 0);
        self.held.copy_within(AHEAD.., 0);
        let mut last = self.needed[AHEAD - 1];
        let mut open = true;
        let peaks = self.peaks(block);
        for (needed, peak) in self.needed[AHEAD..].iter_mut().zip(peaks) {
            let need = if peak > AIM { AIM / peak } else { 1.0 };
            let recovered = last + self.release * (1.0 - last);
            // Close to 1 it is 1, so that a limiter at rest is exactly transparent.
            let recovered = if recovered > 0.9999 { 1.0 } else { recovered };
            last = need.min(recovered);
            open &= last == 1.0;
            *needed = last;
        }
        self.open_blocks = if open { self.open_blocks.saturating_add(1) } else { 0 };
        let mut least = 1.0f32;
        if self.open_blocks > 2 {
            self.held[AHEAD..].fill(1.0);
            for (samples, waiting) in block.iter_mut().zip(&mut self.waiting) {
                std::mem::swap(samples, waiting);
            }
        } else {
            for i in 0..BLOCK_FRAMES {
                // Frames i-64..=i: what comes out now, and all that waits.
                let window = &self.needed[i..=AHEAD + i];
                self.held[AHEAD + i] = window.iter().fold(1.0, |m: f32, x| m.min(*x));
                let average =
                    self.held[i + 1 + DELAY..=AHEAD + i].iter().sum::<f32>() * (1.0 / AVERAGED as f32);
                least = least.min(average);
                for (samples, waiting) in block.iter_mut().zip(&mut self.waiting) {
                    let out = waiting[i] * average;
                    waiting[i] = samples[i];
                    samples[i] = out;
                }
            }
        }
        for x in block.iter_mut().flatten() {
            *x = x.clamp(-CEILING, CEILING);
        }
        least
    }

    /// The largest of both channels for each frame, the values just before it included.
    fn peaks(&mut self, block: &[[f32; BLOCK_FRAMES]; 2]) -> [f32; BLOCK_FRAMES] {
        let mut peaks = [0.0f32; BLOCK_FRAMES];
        for (history, samples) in self.history.iter_mut().zip(block) {
            history.copy_within(BLOCK_FRAMES.., 0);
            history[TAPS..].copy_from_slice(samples);
            let loudest = history.iter().fold(0.0f32, |m, x| m.max(x.abs()));
            let near = loudest * WORST > AIM;
            for (i, peak) in peaks.iter_mut().enumerate() {
                *peak = peak.max(samples[i].abs());
                if near && let Some(last) = history[i + 1..].first_chunk::<TAPS>() {
                    *peak = peak.max(between(last));
                }
            }
        }
        peaks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_sample() -> impl Strategy<Value = f32> {
        prop_oneof![
            8 => -4.0f32..4.0,
            4 => -0.5f32..0.5,
            1 => Just(f32::NAN),
            1 => Just(f32::INFINITY),
            1 => Just(f32::NEG_INFINITY),
            1 => Just(f32::MAX),
            1 => Just(1e-42),
        ]
    }

    proptest! {
        #[test]
        fn nothing_gets_past(samples in proptest::collection::vec(any_sample(), 1..2000)) {
            let mut limiter = Limiter::new(48_000.0);
            for piece in samples.chunks(BLOCK_FRAMES) {
                let mut block = [[0.0; BLOCK_FRAMES]; 2];
                block[0][..piece.len()].copy_from_slice(piece);
                block[1][..piece.len()].copy_from_slice(piece);
                limiter.process(&mut block);
                for x in block.iter().flatten() {
                    prop_assert!(x.abs() <= CEILING);
                }
            }
        }

        /// The gain alone keeps under the aim: the clamp is for rounding, not for peaks.
        #[test]
        fn the_gain_is_down_before_the_peak(at in 0usize..64, height in 1.0f32..20.0) {
            let mut limiter = Limiter::new(48_000.0);
            for n in 0..6 {
                let mut block = [[0.3; BLOCK_FRAMES]; 2];
                if n == 2 {
                    block[0][at] = height;
                }
                limiter.process(&mut block);
                for x in block.iter().flatten() {
                    prop_assert!(x.abs() <= AIM + 1e-4);
                }
            }
        }
    }

    /// A tone at a quarter of the rate whose samples miss its tops by 3 dB.
    #[test]
    fn peaks_between_the_samples_stay_under_the_ceiling() {
        let mut limiter = Limiter::new(48_000.0);
        for n in 0..40 {
            let wave = |i: usize| if (n * BLOCK_FRAMES + i) % 4 < 2 { 0.9f32 } else { -0.9 };
            let mut block = [std::array::from_fn(wave); 2];
            limiter.process(&mut block);
            for x in block.iter().flatten().filter(|_| n > 2) {
                // The top of the tone is √2 times its samples.
                let top = x.abs() * std::f32::consts::SQRT_2;
                assert!(top <= CEILING, "{top}");
            }
        }
    }

    #[test]
    fn at_rest_it_is_a_delay_of_one_block() {
        let mut limiter = Limiter::new(48_000.0);
        let ramp: [f32; BLOCK_FRAMES] = std::array::from_fn(|i| i as f32 / 100.0);
        let mut block = [ramp; 2];
        assert_eq!(limiter.process(&mut block), 1.0);
        assert_eq!(block, [[0.0; BLOCK_FRAMES]; 2]);
        let mut block = [[0.0; BLOCK_FRAMES]; 2];
        limiter.process(&mut block);
        assert_eq!(block, [ramp; 2]);
    }
}
