//! A phaser: six allpasses whose corner swings between 200 Hz and 3 kHz, mixed with the dry sound, so
//! that notches wander.

use crate::filter::flush;
use crate::oscillator::{Phase, sine};

const STAGES: usize = 6;
/// Middle of the swing in hertz, and how many octaves it goes to either side.
const MIDDLE: f32 = 780.0;
const OCTAVES: f32 = 1.95;
const FEEDBACK: f32 = 0.45;

#[derive(Clone, Debug)]
pub(crate) struct Phaser {
    states: [[f32; STAGES]; 2],
    last: [f32; 2],
    phase: Phase,
    sample_rate: f32,
}

impl Phaser {
    pub(crate) fn new(sample_rate: f32) -> Self {
        Phaser {
            states: Default::default(),
            last: [0.0; 2],
            phase: Phase::new(0.5, sample_rate, 0.0),
            sample_rate,
        }
    }

    pub(crate) fn set_rate(&mut self, hertz: f32) {
        self.phase.increment = hertz / self.sample_rate;
    }

    /// `mix` is asked once a frame. Corners move once a call, which is a control piece.
    pub(crate) fn process(&mut self, left: &mut [f32], right: &mut [f32], mut mix: impl FnMut() -> f32) {
        let phase = self.phase.next_by(self.phase.increment * left.len() as f32);
        let corners: [f32; 2] = std::array::from_fn(|channel| {
            let octaves = OCTAVES * sine(phase + 0.2 * channel as f32);
            let g = (std::f32::consts::PI * MIDDLE * octaves.exp2() / self.sample_rate).min(1.4).tan();
            (g - 1.0) / (g + 1.0)
        });
        for (l, r) in left.iter_mut().zip(right) {
            let mix = 0.5 * mix();
            for (channel, x) in [l, r].into_iter().enumerate() {
                let a = corners[channel];
                let mut y = *x + FEEDBACK * self.last[channel];
                for state in &mut self.states[channel] {
                    let out = a * y + *state;
                    *state = y - a * out;
                    y = out;
                }
                self.last[channel] = flush(y);
                *x += mix * (y - *x);
            }
        }
        for state in self.states.iter_mut().flatten() {
            *state = flush(*state);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.states = Default::default();
        self.last = [0.0; 2];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notches_wander_through_a_steady_tone() {
        let mut phaser = Phaser::new(48_000.0);
        phaser.set_rate(2.0);
        let mut peaks = Vec::new();
        for piece in 0..3000 {
            let mut left: [f32; 16] = std::array::from_fn(|i| sine((piece * 16 + i) as f32 / 60.0));
            let mut right = left;
            phaser.process(&mut left, &mut right, || 1.0);
            peaks.push(left.iter().fold(0.0f32, |m, x| m.max(x.abs())));
        }
        let smooth: Vec<f32> = peaks.chunks(8).map(|p| p.iter().fold(0.0f32, |m, x| m.max(*x))).collect();
        let (low, high) = smooth[20..].iter().fold((9.0f32, 0.0f32), |(l, h), x| (l.min(*x), h.max(*x)));
        assert!(low < 0.35 && high > 0.8, "{low} to {high}");
    }
}
