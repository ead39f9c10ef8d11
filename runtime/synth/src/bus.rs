//! The bus: takes out what is constant, and leans on loud passages a little.
//!
//! The compressor is the feed-forward design with a soft knee and a smoothed detector of
//! Giannoulis, Massberg & Reiss ("Digital dynamic range compressor design", JAES 60(6), 2012),
//! at 2:1 over -14 dB, which takes 3 dB off a dense mix.

use crate::mixer::BLOCK_FRAMES;
use crate::oscillator::CONTROL_FRAMES;

/// Headroom for several slots at once.
const LEVEL: f32 = 0.7;
const THRESHOLD_DB: f32 = -14.0;
const KNEE_DB: f32 = 10.0;
const RATIO: f32 = 2.0;
const ATTACK: f32 = 0.02;
const RELEASE: f32 = 0.22;
/// Corner of the highpass that takes out the constant part, in hertz.
const CONSTANT_HERTZ: f32 = 6.0;

pub(crate) struct Bus {
    pole: f32,
    last_in: [f32; 2],
    last_out: [f32; 2],
    power: f32,
    attack: f32,
    release: f32,
    gain: f32,
}

impl Bus {
    pub(crate) fn new(sample_rate: f32) -> Self {
        let each = |seconds: f32| 1.0 - (-(CONTROL_FRAMES as f32) / (seconds * sample_rate)).exp();
        Bus {
            pole: (-std::f32::consts::TAU * CONSTANT_HERTZ / sample_rate).exp(),
            last_in: [0.0; 2],
            last_out: [0.0; 2],
            power: 0.0,
            attack: each(ATTACK),
            release: each(RELEASE),
            gain: 1.0,
        }
    }

    pub(crate) fn process(&mut self, block: &mut [[f32; BLOCK_FRAMES]; 2]) {
        for (channel, samples) in block.iter_mut().enumerate() {
            let (mut x1, mut y1) = (self.last_in[channel], self.last_out[channel]);
            for x in samples.iter_mut() {
                y1 = crate::filter::flush(LEVEL * (*x - x1) + self.pole * y1);
                x1 = *x;
                *x = y1;
            }
            self.last_in[channel] = x1;
            self.last_out[channel] = y1;
        }
        let [left, right] = block;
        let pieces = left.chunks_mut(CONTROL_FRAMES).zip(right.chunks_mut(CONTROL_FRAMES));
        for (left, right) in pieces {
            let sum: f32 = left.iter().zip(&*right).map(|(l, r)| l * l + r * r).sum();
            let power = sum / (2.0 * left.len() as f32);
            let speed = if power > self.power { self.attack } else { self.release };
            self.power = crate::filter::flush(self.power + speed * (power - self.power));
            let target = gain_for(self.power);
            let step = (target - self.gain) / left.len() as f32;
            for (l, r) in left.iter_mut().zip(right) {
                self.gain += step;
                *l *= self.gain;
                *r *= self.gain;
            }
            self.gain = target;
        }
    }
}

/// The static curve, from a mean square to a gain.
fn gain_for(power: f32) -> f32 {
    let over = 10.0 * power.max(1e-12).log10() - THRESHOLD_DB;
    let slope = 1.0 / RATIO - 1.0;
    let change_db = if 2.0 * over < -KNEE_DB {
        return 1.0;
    } else if 2.0 * over.abs() <= KNEE_DB {
        let into = over + KNEE_DB / 2.0;
        slope * into * into / (2.0 * KNEE_DB)
    } else {
        slope * over
    };
    10f32.powf(change_db / 20.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_gentle() {
        // (level in dB, change in dB)
        for (level, expected) in [(-60.0, 0.0), (-19.0, 0.0), (-14.0, -0.625), (-9.0, -2.5), (0.0, -7.0)] {
            let change = 20.0 * gain_for(10f32.powf(level / 10.0)).log10();
            assert!((change - expected).abs() < 0.01, "{level} dB: {change} dB");
        }
    }

    #[test]
    fn a_constant_is_taken_out() {
        let mut bus = Bus::new(48_000.0);
        let mut last = 0.0;
        for _ in 0..1500 {
            let mut block = [[0.4; BLOCK_FRAMES]; 2];
            bus.process(&mut block);
            last = block[0][BLOCK_FRAMES - 1];
        }
        assert!(last.abs() < 1e-4, "{last}");
    }
}
