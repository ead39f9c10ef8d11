//! The few means of synthesis that the starter's sounds share. Times are in seconds, frequencies in Hz.

use std::f64::consts::{PI, TAU};

/// Frames a second of every sound of the starter.
pub const RATE: f64 = 44_100.0;

/// A sound in the making: mono frames.
pub type Frames = Vec<f64>;

/// `seconds` of what `at` gives for each instant.
pub fn render(seconds: f64, mut at: impl FnMut(f64) -> f64) -> Frames {
    (0..(seconds * RATE) as usize).map(|i| at(i as f64 / RATE)).collect()
}

/// An envelope that falls to 1/e in `time`; nothing before 0.
pub fn fall(t: f64, time: f64) -> f64 {
    if t < 0.0 { 0.0 } else { (-t / time).exp() }
}

/// Rises over `attack`, holds 1, and falls over the last `release` of `length`, along half a cosine.
pub fn swell(t: f64, length: f64, attack: f64, release: f64) -> f64 {
    let ease = |x: f64| 0.5 - 0.5 * (PI * x.clamp(0.0, 1.0)).cos();
    ease(t / attack) * ease((length - t) / release)
}

/// White noise of -1 to 1: xorshift of Marsaglia (2003), 64 bits.
pub struct Noise(u64);

impl Noise {
    pub fn new(seed: u64) -> Self {
        Noise(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // 53 bits fit exactly; 2⁻⁵² takes them to 0..2.
        (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

/// A phase that runs with a frequency that may change at every frame.
#[derive(Default)]
pub struct Phase(f64);

impl Phase {
    /// Starts at a part of a turn.
    pub fn at(turn: f64) -> Self {
        Phase(turn.rem_euclid(1.0))
    }

    /// The next phase in turns, 0 to 1.
    pub fn next(&mut self, frequency: f64) -> f64 {
        let now = self.0;
        self.0 = (self.0 + frequency / RATE).rem_euclid(1.0);
        now
    }

    pub fn sine(&mut self, frequency: f64) -> f64 {
        (TAU * self.next(frequency)).sin()
    }

    /// A sawtooth without aliasing that one would hear: PolyBLEP, after Välimäki and Huovilainen (2007).
    pub fn saw(&mut self, frequency: f64) -> f64 {
        let turn = self.next(frequency);
        2.0 * turn - 1.0 - blep(turn, frequency / RATE)
    }

    /// A pulse that is high for `width` of a turn.
    pub fn pulse(&mut self, frequency: f64, width: f64) -> f64 {
        let step = frequency / RATE;
        let turn = self.next(frequency);
        let naive = if turn < width { 1.0 } else { -1.0 };
        naive + blep(turn, step) - blep((turn - width).rem_euclid(1.0), step)
    }
}

fn blep(turn: f64, step: f64) -> f64 {
    if turn < step {
        let x = turn / step;
        2.0 * x - x * x - 1.0
    } else if turn > 1.0 - step {
        let x = (turn - 1.0) / step;
        x * x + 2.0 * x + 1.0
    } else {
        0.0
    }
}

/// A state variable filter of two poles, after Simper (2013): low, band and high at once.
#[derive(Default)]
pub struct Filter {
    one: f64,
    two: f64,
}

/// What a [`Filter`] gives for a frame.
pub struct Bands {
    pub low: f64,
    pub band: f64,
    pub high: f64,
}

impl Filter {
    /// `quality` is the height of the peak over what passes: 0.707 has none.
    pub fn next(&mut self, input: f64, cutoff: f64, quality: f64) -> Bands {
        let g = (PI * cutoff.clamp(10.0, RATE * 0.45) / RATE).tan();
        let k = 1.0 / quality;
        let a1 = 1.0 / (1.0 + g * (g + k));
        let v3 = input - self.two;
        let v1 = a1 * self.one + a1 * g * v3;
        let v2 = self.two + g * v1;
        self.one = 2.0 * v1 - self.one;
        self.two = 2.0 * v2 - self.two;
        Bands { low: v2, band: k * v1, high: input - k * v1 - v2 }
    }
}

/// Everything above `cutoff`, at 24 dB an octave.
pub fn high_passed(frames: &[f64], cutoff: f64) -> Frames {
    let (mut one, mut two) = (Filter::default(), Filter::default());
    frames.iter().map(|&x| two.next(one.next(x, cutoff, 0.54).high, cutoff, 1.3).high).collect()
}

/// Everything below `cutoff`, at 12 dB an octave.
pub fn low_passed(frames: &[f64], cutoff: f64) -> Frames {
    let mut filter = Filter::default();
    frames.iter().map(|&x| filter.next(x, cutoff, 0.707).low).collect()
}

/// What lies around `centre`.
pub fn band_passed(frames: &[f64], centre: f64, quality: f64) -> Frames {
    let mut filter = Filter::default();
    frames.iter().map(|&x| filter.next(x, centre, quality).band).collect()
}

/// A struck body: a sine whose frequency falls from `from` to `to` with the time constant `bend`.
pub fn struck(seconds: f64, from: f64, to: f64, bend: f64, decay: f64) -> Frames {
    let mut phase = Phase::default();
    render(seconds, |t| phase.sine(to + (from - to) * fall(t, bend)) * fall(t, decay))
}

/// A burst of noise that falls with `decay`.
pub fn burst(seconds: f64, decay: f64, seed: u64) -> Frames {
    let mut noise = Noise::new(seed);
    render(seconds, |t| noise.next() * fall(t, decay))
}

/// The sum of sounds, each with its gain; as long as the longest.
pub fn mix<const N: usize>(parts: [(f64, Frames); N]) -> Frames {
    let length = parts.iter().map(|(_, part)| part.len()).max().unwrap_or(0);
    let mut sum = vec![0.0; length];
    for (gain, part) in parts {
        for (sum, x) in sum.iter_mut().zip(part) {
            *sum += gain * x;
        }
    }
    sum
}

/// Soft clipping: what is small passes, what is large is bent towards 1.
pub fn driven(frames: Frames, drive: f64) -> Frames {
    frames.into_iter().map(|x| (drive * x).tanh()).collect()
}

/// A small room after Schroeder (1962): four combs and two all-passes. `size` in seconds is the
/// shortest way; added to the dry sound with the gain `wet`. Where `looped` the sound is one round of a loop, and
/// the room rings on from the end into the beginning.
pub fn in_a_room(dry: &[f64], size: f64, wet: f64, looped: bool) -> Frames {
    let rounds = if looped { 3 } else { 1 };
    let input: Frames = dry.iter().copied().cycle().take(dry.len() * rounds).collect();
    let mut sum = vec![0.0; input.len()];
    for (stretch, feedback) in [(1.0, 0.62), (1.17, 0.6), (1.31, 0.58), (1.53, 0.55)] {
        let delay = (size * stretch * RATE) as usize;
        let mut line: Frames = vec![0.0; input.len()];
        let mut dull = 0.0;
        for (i, dry) in input.iter().enumerate() {
            let back = if i >= delay { line[i - delay] } else { 0.0 };
            // Walls swallow what is high.
            dull += 0.45 * (back - dull);
            line[i] = dry + feedback * dull;
            sum[i] += 0.25 * back;
        }
    }
    for seconds in [0.005, 0.0017] {
        let delay = (seconds * RATE) as usize;
        let before = sum.clone();
        for i in delay..sum.len() {
            sum[i] = -0.6 * before[i] + before[i - delay] + 0.6 * sum[i - delay];
        }
    }
    let start = input.len() - dry.len();
    dry.iter().zip(&sum[start..]).map(|(dry, sum)| dry + wet * sum).collect()
}

/// Without the part below 20 Hz, at a peak of `peak`, and down to silence over the last 6 ms (not of a loop).
pub fn finished(frames: Frames, peak: f64, looped: bool) -> Frames {
    let mut frames = if looped { frames } else { without_offset(frames) };
    let most = frames.iter().fold(0.0, |most: f64, x| most.max(x.abs())).max(1e-9);
    let (length, fade) = (frames.len(), (0.006 * RATE) as usize);
    for (i, x) in frames.iter_mut().enumerate() {
        let end = if looped { 1.0 } else { ((length - 1 - i) as f64 / fade as f64).min(1.0) };
        *x *= end * peak / most;
    }
    frames
}

fn without_offset(frames: Frames) -> Frames {
    let mut filter = Filter::default();
    frames.into_iter().map(|x| filter.next(x, 20.0, 0.707).high).collect()
}
