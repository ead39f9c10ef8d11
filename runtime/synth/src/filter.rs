//! Filters: the trapezoidal state variable filter (Simper, "Solving the continuous SVF equations
//! using trapezoidal integration and equivalent currents", Cytomic, 2013), which stays stable
//! while its cutoff moves, and two one-pole filters.

use std::f32::consts::PI;

/// Feedback states below this are set to 0, so that no filter idles on denormal numbers, which
/// cost a hundred times as much to compute with.
const TINY: f32 = 1e-15;

/// A number to keep in a feedback path: 0 where it is tiny or not finite.
#[inline(always)]
pub(crate) fn flush(x: f32) -> f32 {
    // A comparison with NaN is false, one with infinity fails the second half.
    if x.abs() > TINY && x.abs() < 1e15 { x } else { 0.0 }
}

/// What a cutoff and a quality make of the filter, shared by the channels.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SvfCoefficients {
    a1: f32,
    a2: f32,
    a3: f32,
    k: f32,
}

impl SvfCoefficients {
    /// `cutoff` in hertz, kept within 5 Hz and 0.49 of the sample rate; `q` is ½√2 for the flattest.
    pub(crate) fn new(cutoff: f32, q: f32, sample_rate: f32) -> Self {
        let g = (PI * cutoff.clamp(5.0, 0.49 * sample_rate) / sample_rate).tan();
        let k = 1.0 / q;
        let a1 = 1.0 / (1.0 + g * (g + k));
        let a2 = g * a1;
        SvfCoefficients { a1, a2, a3: g * a2, k }
    }

    /// The inverse of the quality.
    pub(crate) fn damping(&self) -> f32 {
        self.k
    }
}

/// The quality of a filter with a resonance in 0..=1: from the flattest to 23.
pub(crate) fn quality(resonance: f32) -> f32 {
    std::f32::consts::FRAC_1_SQRT_2 * (5.0 * resonance).exp2()
}

/// What a filter lets through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pass {
    Low,
    High,
    Band,
}

/// The state of one channel.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Svf {
    first: f32,
    second: f32,
}

impl Svf {
    /// One frame: what the band and the lowpass output are.
    #[inline(always)]
    fn tick(&mut self, x: f32, c: &SvfCoefficients) -> (f32, f32) {
        let v3 = x - self.second;
        let band = c.a1 * self.first + c.a2 * v3;
        let low = self.second + c.a2 * self.first + c.a3 * v3;
        self.first = 2.0 * band - self.first;
        self.second = 2.0 * low - self.second;
        (band, low)
    }

    #[inline(always)]
    pub(crate) fn lowpass(&mut self, x: f32, c: &SvfCoefficients) -> f32 {
        self.tick(x, c).1
    }

    #[inline(always)]
    pub(crate) fn highpass(&mut self, x: f32, c: &SvfCoefficients) -> f32 {
        let (band, low) = self.tick(x, c);
        x - c.k * band - low
    }

    /// The band output with gain 1 at the cutoff.
    #[inline(always)]
    pub(crate) fn bandpass(&mut self, x: f32, c: &SvfCoefficients) -> f32 {
        self.tick(x, c).0 * c.k
    }

    /// A sum of the input, the band and the low output.
    #[inline(always)]
    pub(crate) fn mix(&mut self, x: f32, c: &SvfCoefficients, [dry, of_band, of_low]: [f32; 3]) -> f32 {
        let (band, low) = self.tick(x, c);
        dry * x + of_band * band + of_low * low
    }

    /// Filters a piece in place.
    #[inline]
    pub(crate) fn run(&mut self, pass: Pass, samples: &mut [f32], c: &SvfCoefficients) {
        match pass {
            Pass::Low => samples.iter_mut().for_each(|x| *x = self.lowpass(*x, c)),
            Pass::High => samples.iter_mut().for_each(|x| *x = self.highpass(*x, c)),
            Pass::Band => samples.iter_mut().for_each(|x| *x = self.bandpass(*x, c)),
        }
        self.flush();
    }

    /// To be called once a block.
    pub(crate) fn flush(&mut self) {
        self.first = flush(self.first);
        self.second = flush(self.second);
    }
}

/// A lowpass of the first order: y += a (x - y).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OnePole {
    coefficient: f32,
    state: f32,
}

impl OnePole {
    /// `cutoff` in hertz.
    pub(crate) fn new(cutoff: f32, sample_rate: f32) -> Self {
        let mut filter = OnePole::default();
        filter.set(cutoff, sample_rate);
        filter
    }

    /// Moves the cutoff.
    pub(crate) fn set(&mut self, cutoff: f32, sample_rate: f32) {
        self.coefficient = 1.0 - (-2.0 * PI * cutoff / sample_rate).exp();
    }

    #[inline(always)]
    pub(crate) fn lowpass(&mut self, x: f32) -> f32 {
        self.state = flush(self.state + self.coefficient * (x - self.state));
        self.state
    }

    #[inline(always)]
    pub(crate) fn highpass(&mut self, x: f32) -> f32 {
        x - self.lowpass(x)
    }

    pub(crate) fn clear(&mut self) {
        self.state = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::{FRAC_1_SQRT_2, TAU};

    fn gain_db(mut tick: impl FnMut(f32) -> f32, frequency: f32) -> f32 {
        let n = 48_000;
        let (mut re, mut im) = (0.0, 0.0);
        for i in 0..2 * n {
            let angle = TAU * (frequency * i as f32 / 48_000.0).fract();
            let y = tick(angle.sin());
            if i >= n {
                re += y * angle.sin();
                im += y * angle.cos();
            }
        }
        20.0 * (2.0 * re.hypot(im) / n as f32).log10()
    }

    #[test]
    fn gains_are_those_of_second_order_filters() {
        let c = SvfCoefficients::new(1000.0, FRAC_1_SQRT_2, 48_000.0);
        // (output, frequency, gain in dB)
        let table: [(&str, f32, f32); 8] = [
            ("low", 100.0, 0.0),
            ("low", 1000.0, -3.01),
            ("low", 4000.0, -24.8),
            ("high", 100.0, -40.0),
            ("high", 1000.0, -3.01),
            ("high", 10_000.0, 0.0),
            ("band", 1000.0, 0.0),
            ("band", 100.0, -17.0),
        ];
        for (output, frequency, expected) in table {
            let mut filter = Svf::default();
            let gain = match output {
                "low" => gain_db(|x| filter.lowpass(x, &c), frequency),
                "high" => gain_db(|x| filter.highpass(x, &c), frequency),
                _ => gain_db(|x| filter.bandpass(x, &c), frequency),
            };
            assert!(
                (gain - expected).abs() < 0.5,
                "{output} at {frequency} Hz: {gain} dB, not {expected} dB"
            );
        }
    }

    #[test]
    fn one_pole_is_three_decibels_down_at_its_cutoff() {
        let mut filter = OnePole::new(500.0, 48_000.0);
        let gain = gain_db(|x| filter.lowpass(x), 500.0);
        assert!((gain + 3.0).abs() < 0.3, "{gain}");
    }

    #[test]
    fn states_are_flushed() {
        for x in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-40, -1e-16] {
            assert_eq!(flush(x), 0.0);
        }
        assert_eq!(flush(-0.5), -0.5);
    }
}
