//! What is heard, a thousand times a second: how loud the two pitches of the stream are on the
//! left, and how loud the tone is on the right.

use std::collections::VecDeque;
use std::f64::consts::TAU;

use crate::recorder::Chunk;
use crate::score::State;
use crate::server::RATE;

/// Frames that are heard as one: 8 ms, in which the two pitches are told apart by 250 Hz.
const WINDOW: usize = 384;
/// Frames from one look to the next: 1 ms.
const HOP: usize = 48;
/// A cycle that comes so much later than the one before it ended, in microseconds, follows a gap.
const GAP: f64 = 1000.0;

/// What was heard in the 8 ms that end here. A new sound is at a third of its loudness 3 ms after
/// it began, and so all that is measured by it is that much too late.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Microseconds of the server's clock.
    pub at: f64,
    /// Amplitude of the low pitch on the left, 1 being full scale.
    pub low: f32,
    /// Amplitude of the high pitch on the left.
    pub high: f32,
    /// Root of the mean square on the right.
    pub tone: f32,
    /// The same on both sides together.
    pub all: f32,
}

/// Listens to cycles of sound.
pub struct Hearing {
    frames: VecDeque<[f32; 2]>,
    /// Frames until the next look.
    until: usize,
    expected: f64,
    low: Resonance,
    high: Resonance,
}

impl Hearing {
    /// Nothing was heard yet.
    pub fn new() -> Hearing {
        Hearing {
            frames: VecDeque::with_capacity(WINDOW + 1),
            until: HOP,
            expected: 0.0,
            low: Resonance::at(State::Low.hertz()),
            high: Resonance::at(State::High.hertz()),
        }
    }

    /// Hears one cycle; what was heard goes to `heard`.
    pub fn hear(&mut self, chunk: &Chunk, mut heard: impl FnMut(Moment)) {
        let frame = 1e6 / RATE as f64;
        if (chunk.at - self.expected).abs() > GAP {
            self.frames.clear();
        }
        self.expected = chunk.at + frame * chunk.frames.len() as f64;
        for (index, pair) in chunk.frames.iter().enumerate() {
            self.frames.push_back(*pair);
            if self.frames.len() > WINDOW {
                self.frames.pop_front();
            }
            self.until -= 1;
            if self.until == 0 {
                self.until = HOP;
                if self.frames.len() == WINDOW {
                    heard(self.moment(chunk.at + frame * (index + 1) as f64));
                }
            }
        }
    }

    fn moment(&mut self, at: f64) -> Moment {
        let frames = &*self.frames.make_contiguous();
        let square = |[left, right]: &[f32; 2]| (left * left, right * right);
        let (left, right) = frames.iter().map(square).fold((0.0, 0.0), |sum, (l, r)| (sum.0 + l, sum.1 + r));
        let root = |sum: f32| (sum / WINDOW as f32).sqrt();
        Moment {
            at,
            low: self.low.amplitude(frames),
            high: self.high.amplitude(frames),
            tone: root(right),
            all: root(left + right),
        }
    }
}

impl Default for Hearing {
    fn default() -> Hearing {
        Hearing::new()
    }
}

/// Hears one frequency on the left: the product with a sine and a cosine under a Hann window.
struct Resonance(Vec<[f32; 2]>);

impl Resonance {
    fn at(hertz: f64) -> Resonance {
        let wave = (0..WINDOW).map(|frame| {
            let hann = 0.5 - 0.5 * (TAU * (frame as f64 + 0.5) / WINDOW as f64).cos();
            let (sine, cosine) = (TAU * hertz * frame as f64 / RATE as f64).sin_cos();
            // The mean of the window is a half, and that of a squared sine too.
            let scale = 4.0 / WINDOW as f64;
            [(scale * hann * sine) as f32, (scale * hann * cosine) as f32]
        });
        Resonance(wave.collect())
    }

    fn amplitude(&self, frames: &[[f32; 2]]) -> f32 {
        let product = |sum: [f32; 2], (frame, wave): (&[f32; 2], &[f32; 2])| {
            [sum[0] + frame[0] * wave[0], sum[1] + frame[0] * wave[1]]
        };
        let [sine, cosine] = frames.iter().zip(&self.0).fold([0.0; 2], product);
        sine.hypot(cosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::PERIOD;

    /// Hears `frames`, which begin at a second of the clock.
    fn moments(frames: impl Fn(usize) -> [f32; 2]) -> Vec<Moment> {
        let mut hearing = Hearing::new();
        let mut moments = Vec::new();
        for cycle in 0..40 {
            let first = cycle * PERIOD;
            let at = 1e6 + first as f64 * 1e6 / RATE as f64;
            let mut chunk = Chunk { at, frames: [[0.0; 2]; PERIOD] };
            for (index, frame) in chunk.frames.iter_mut().enumerate() {
                *frame = frames(first + index);
            }
            hearing.hear(&chunk, |moment| moments.push(moment));
        }
        moments
    }

    fn sine(hertz: f64, frame: usize) -> f32 {
        (0.5 * (TAU * hertz * frame as f64 / RATE as f64).sin()) as f32
    }

    #[test]
    fn the_two_pitches_are_told_apart() {
        for (state, other) in [(State::Low, State::High), (State::High, State::Low)] {
            for moment in moments(|frame| [sine(state.hertz(), frame), 0.0]) {
                let (played, silent) = match state {
                    State::Low => (moment.low, moment.high),
                    State::High => (moment.high, moment.low),
                };
                assert!((played - 0.5).abs() < 0.01, "{state:?}: {moment:?}");
                assert!(silent < 0.01, "{other:?} in {state:?}: {moment:?}");
                assert_eq!(moment.tone, 0.0);
            }
        }
    }

    #[test]
    fn a_sound_is_heard_where_it_begins() {
        let begins = 2400;
        let moments = moments(|frame| {
            let sounds = if frame < begins { 0.0 } else { 1.0 };
            [sounds * sine(State::High.hertz(), frame), sounds * 0.25]
        });
        let at = 1e6 + begins as f64 * 1e6 / RATE as f64;
        let third = |value: fn(&Moment) -> f32, full: f32| {
            moments.iter().find(|moment| value(moment) > full / 3.0).expect("it is heard").at - at
        };
        for late in [third(|moment| moment.high, 0.5), third(|moment| moment.tone, 0.25)] {
            assert!((0.0..4500.0).contains(&late), "{late} µs");
        }
    }

    #[test]
    fn nothing_is_heard_across_a_gap() {
        let mut hearing = Hearing::new();
        let mut count = 0;
        for cycle in 0..8 {
            // Two cycles of every three are missing.
            let at = (cycle * 3 * PERIOD) as f64 * 1e6 / RATE as f64;
            hearing.hear(&Chunk { at, frames: [[0.1; 2]; PERIOD] }, |_| count += 1);
        }
        assert_eq!(count, 0);
    }
}
