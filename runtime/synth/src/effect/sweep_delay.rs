//! A short delay whose length swings: a chorus where it is long and plain, a flanger where it is
//! short and fed back.

use crate::filter::flush;
use crate::interpolation::cubic;
use crate::oscillator::{CONTROL_FRAMES, Phase, sine};

/// What tells a chorus from a flanger.
#[derive(Clone, Copy, Debug)]
struct Make {
    /// Seconds in the middle of the swing, and how far it goes to either side.
    middle: f32,
    swing: f32,
    hertz: f32,
    feedback: f32,
    /// Taps a channel, and how far apart they swing.
    taps: usize,
    /// Level of what is delayed at a mix of 1, and what is left of the rest.
    wet: f32,
    dry: f32,
}

const CHORUS: Make =
    Make { middle: 0.013, swing: 0.0035, hertz: 0.6, feedback: 0.0, taps: 2, wet: 0.6, dry: 0.75 };
const FLANGER: Make =
    Make { middle: 0.0032, swing: 0.0028, hertz: 0.25, feedback: 0.62, taps: 1, wet: 0.8, dry: 0.8 };

#[derive(Clone, Debug)]
pub(crate) struct SweepDelay {
    make: Make,
    lines: [Vec<f32>; 2],
    head: usize,
    phase: Phase,
    /// Delays in frames at the end of the last piece, by channel and tap.
    places: [[f32; 2]; 2],
    /// How much goes into the lines: it rises from nothing, so that an effect that is switched on in
    /// the middle of a sound does not answer with a step.
    warm: f32,
    sample_rate: f32,
}

/// Seconds in which the lines warm up.
const WARMING: f32 = 0.01;

impl SweepDelay {
    pub(crate) fn chorus(sample_rate: f32) -> Self {
        Self::new(CHORUS, sample_rate)
    }

    pub(crate) fn flanger(sample_rate: f32) -> Self {
        Self::new(FLANGER, sample_rate)
    }

    fn new(make: Make, sample_rate: f32) -> Self {
        let frames = ((make.middle + make.swing) * sample_rate) as usize + 8;
        let mut delay = SweepDelay {
            make,
            lines: [vec![0.0; frames], vec![0.0; frames]],
            head: 0,
            phase: Phase::new(make.hertz, sample_rate, 0.0),
            places: [[0.0; 2]; 2],
            warm: 0.0,
            sample_rate,
        };
        delay.places = delay.places_now();
        delay
    }

    pub(crate) fn set_rate(&mut self, hertz: f32) {
        self.phase.increment = hertz / self.sample_rate;
    }

    fn places_now(&self) -> [[f32; 2]; 2] {
        std::array::from_fn(|channel| {
            std::array::from_fn(|tap| {
                // A quarter of a swing between the channels, a third between the taps.
                let phase = self.phase.value + 0.25 * channel as f32 + 0.37 * tap as f32;
                let seconds = self.make.middle + self.make.swing * sine(phase);
                (seconds * self.sample_rate).max(3.0)
            })
        })
    }

    /// Works on at most [`CONTROL_FRAMES`] frames; `mix` is asked once a frame.
    pub(crate) fn process(&mut self, left: &mut [f32], right: &mut [f32], mut mix: impl FnMut() -> f32) {
        let frames = left.len();
        debug_assert!(frames <= CONTROL_FRAMES);
        self.phase.next_by(self.phase.increment * frames as f32);
        let Make { feedback, taps, wet, dry, .. } = self.make;
        let from = self.places;
        let warming = 1.0 / (WARMING * self.sample_rate);
        self.places = self.places_now();
        let length = self.lines[0].len();
        for i in 0..frames {
            let mix = mix();
            self.warm = (self.warm + warming).min(1.0);
            let part = (i + 1) as f32 / frames as f32;
            for (channel, x) in [&mut left[i], &mut right[i]].into_iter().enumerate() {
                let line = &mut self.lines[channel];
                let mut delayed = 0.0;
                for (from, to) in from[channel].iter().zip(&self.places[channel]).take(taps) {
                    let place = from + part * (to - from);
                    delayed += tap_at(line, self.head, place);
                }
                line[self.head] = flush(self.warm * *x + feedback * delayed);
                *x = *x * (1.0 + mix * (dry - 1.0)) + mix * wet * delayed;
            }
            self.head = (self.head + 1) % length;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.lines.iter_mut().for_each(|line| line.fill(0.0));
        self.warm = 0.0;
    }
}

/// What was written `place` frames ago, at least 3, where `head` is written next.
#[inline(always)]
fn tap_at(line: &[f32], head: usize, place: f32) -> f32 {
    let whole = place as usize;
    let at = |back: usize| if head >= back { line[head - back] } else { line[head + line.len() - back] };
    let around = [at(whole + 2), at(whole + 1), at(whole), at(whole - 1)];
    cubic(around, 1.0 - (place - whole as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn impulse(mut delay: SweepDelay, mix: f32) -> [Vec<f32>; 2] {
        delay.warm = 1.0;
        let mut heard = [Vec::new(), Vec::new()];
        for piece in 0..300 {
            let (mut left, mut right) = ([0.0; CONTROL_FRAMES], [0.0; CONTROL_FRAMES]);
            if piece == 0 {
                (left[0], right[0]) = (1.0, 1.0);
            }
            delay.process(&mut left, &mut right, || mix);
            heard[0].extend(left);
            heard[1].extend(right);
        }
        heard
    }

    #[test]
    fn a_chorus_answers_within_its_swing_and_differs_by_side() {
        let [left, right] = impulse(SweepDelay::chorus(48_000.0), 1.0);
        let first = (1..left.len()).find(|i| left[*i].abs() > 0.1).expect("it answers");
        assert!((450..=800).contains(&first), "{first}");
        assert_ne!(left, right);
        assert!(left[1500..].iter().all(|x| *x == 0.0), "nothing is fed back");
    }

    #[test]
    fn a_flanger_repeats_and_dies_away_and_a_mix_of_nothing_is_nothing() {
        let [left, _] = impulse(SweepDelay::flanger(48_000.0), 1.0);
        assert!(left[300..900].iter().any(|x| x.abs() > 0.01));
        assert!(left[4700..].iter().all(|x| x.abs() < 1e-3));
        let [left, _] = impulse(SweepDelay::flanger(48_000.0), 0.0);
        assert!(left[0] == 1.0 && left[1..].iter().all(|x| *x == 0.0));
    }
}
