//! The master: takes out what is constant, leans on loud passages a little, brings the mix up, and
//! rounds the tops off before the limiter sees them.

use crate::compressor::{Compressor, CompressorSettings};
use crate::filter::flush;
use crate::mixer::BLOCK_FRAMES;
use crate::oscillator::CONTROL_FRAMES;

/// Level of the mix in front of the compressor.
const LEVEL: f32 = 0.8;
/// 2:1 over -16 dB takes 3 dB off a dense mix. The detector hardly hears what is below 120 Hz, so
/// that a bass drum does not pump the rest.
const GENTLE: CompressorSettings = CompressorSettings {
    threshold_db: -16.0,
    knee_db: 10.0,
    ratio: 2.0,
    attack: 0.025,
    release: 0.25,
    ear_hertz: 120.0,
    makeup_db: 5.0,
};
/// Corner of the highpass that takes out the constant part, in hertz.
const CONSTANT_HERTZ: f32 = 6.0;
/// Up to here the wave is left as it is; above, it bends towards [`TOP`].
const KNEE: f32 = 0.55;
const TOP: f32 = 1.05;

pub(crate) struct Master {
    pole: f32,
    last_in: [f32; 2],
    last_out: [f32; 2],
    compressor: Compressor,
}

impl Master {
    pub(crate) fn new(sample_rate: f32) -> Self {
        Master {
            pole: (-std::f32::consts::TAU * CONSTANT_HERTZ / sample_rate).exp(),
            last_in: [0.0; 2],
            last_out: [0.0; 2],
            compressor: Compressor::new(GENTLE, sample_rate),
        }
    }

    pub(crate) fn process(&mut self, block: &mut [[f32; BLOCK_FRAMES]; 2]) {
        for (channel, samples) in block.iter_mut().enumerate() {
            let (mut x1, mut y1) = (self.last_in[channel], self.last_out[channel]);
            for x in samples.iter_mut() {
                y1 = flush(LEVEL * (*x - x1) + self.pole * y1);
                x1 = *x;
                *x = y1;
            }
            self.last_in[channel] = x1;
            self.last_out[channel] = y1;
        }
        let [left, right] = block;
        let pieces = left.chunks_mut(CONTROL_FRAMES).zip(right.chunks_mut(CONTROL_FRAMES));
        for (left, right) in pieces {
            self.compressor.process(left, right);
        }
        for x in block.iter_mut().flatten() {
            *x = round_off(*x);
        }
    }
}

/// Straight up to the knee; above it the hyperbola with the same slope that comes ever closer to
/// the top.
#[inline(always)]
fn round_off(x: f32) -> f32 {
    let over = x.abs() - KNEE;
    if over <= 0.0 {
        return x;
    }
    let room = TOP - KNEE;
    (KNEE + room * over / (room + over)).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_is_taken_out() {
        let mut master = Master::new(48_000.0);
        let mut last = 0.0;
        for _ in 0..1500 {
            let mut block = [[0.4; BLOCK_FRAMES]; 2];
            master.process(&mut block);
            last = block[0][BLOCK_FRAMES - 1];
        }
        assert!(last.abs() < 1e-4, "{last}");
    }

    #[test]
    fn tops_are_rounded_and_the_rest_is_left_alone() {
        assert_eq!(round_off(0.5), 0.5);
        assert_eq!(round_off(-0.55), -0.55);
        let mut last = 0.55;
        for i in 1..200 {
            let y = round_off(0.55 + 0.05 * i as f32);
            assert!(last < y && y < TOP);
            last = y;
        }
        assert_eq!(round_off(-2.0), -round_off(2.0));
    }
}
