//! The formants of five vowels as a bank of bandpasses. Frequencies, levels and widths are those of
//! the tenor in the table of Csound's manual ("Formant values", after Peterson & Barney, 1952).

use crate::filter::{Svf, SvfCoefficients};

const BANDS: usize = 4;

/// Hertz, decibels, width in hertz, for each formant of a, e, i, o, u.
const VOWELS: [[(f32, f32, f32); BANDS]; 5] = [
    [(650.0, 0.0, 80.0), (1080.0, -6.0, 90.0), (2650.0, -7.0, 120.0), (2900.0, -8.0, 130.0)],
    [(400.0, 0.0, 70.0), (1700.0, -14.0, 80.0), (2600.0, -12.0, 100.0), (3200.0, -14.0, 120.0)],
    [(290.0, 0.0, 40.0), (1870.0, -15.0, 90.0), (2800.0, -18.0, 100.0), (3250.0, -20.0, 120.0)],
    [(400.0, 0.0, 40.0), (800.0, -10.0, 80.0), (2600.0, -12.0, 100.0), (2800.0, -12.0, 120.0)],
    [(350.0, 0.0, 40.0), (600.0, -20.0, 60.0), (2700.0, -17.0, 100.0), (2900.0, -14.0, 120.0)],
];
/// Bands this narrow ring; a wider mouth sits better in a mix.
const WIDER: f32 = 1.8;

#[derive(Clone, Debug)]
pub(crate) struct Formants {
    states: [[Svf; BANDS]; 2],
    coefficients: [SvfCoefficients; BANDS],
    levels: [f32; BANDS],
    upper: f32,
    sample_rate: f32,
    vowel: f32,
}

impl Formants {
    /// `vowel` from 1 (a) to 5 (u), melting in between; `upper` scales all formants but the first.
    pub(crate) fn new(vowel: f32, upper: f32, sample_rate: f32) -> Self {
        let mut formants = Formants {
            states: Default::default(),
            coefficients: Default::default(),
            levels: [0.0; BANDS],
            upper,
            sample_rate,
            vowel: f32::NAN,
        };
        formants.set(vowel);
        formants
    }

    /// Moves to another vowel.
    pub(crate) fn set(&mut self, vowel: f32) {
        if vowel == self.vowel {
            return;
        }
        self.vowel = vowel;
        let place = (vowel - 1.0).clamp(0.0, (VOWELS.len() - 1) as f32);
        let from = (place as usize).min(VOWELS.len() - 2);
        let part = place - from as f32;
        let pairs = VOWELS[from].iter().zip(&VOWELS[from + 1]);
        for (band, (a, b)) in pairs.enumerate() {
            let hertz = a.0 * (b.0 / a.0).powf(part);
            let decibels = a.1 + part * (b.1 - a.1);
            let width = WIDER * (a.2 + part * (b.2 - a.2));
            let upper = if band == 0 { 1.0 } else { self.upper };
            self.coefficients[band] = SvfCoefficients::new(hertz, hertz / width, self.sample_rate);
            self.levels[band] = 2.2 * upper * 10f32.powf(decibels / 20.0);
        }
    }

    /// One frame of a channel.
    #[inline(always)]
    pub(crate) fn next(&mut self, channel: usize, x: f32) -> f32 {
        let mut sum = 0.0;
        for band in 0..BANDS {
            sum += self.levels[band] * self.states[channel][band].bandpass(x, &self.coefficients[band]);
        }
        sum
    }

    /// To be called once a block.
    pub(crate) fn flush(&mut self) {
        self.states.iter_mut().flatten().for_each(Svf::flush);
    }

    pub(crate) fn clear(&mut self) {
        self.states = Default::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oscillator::sine;

    #[test]
    fn an_i_has_a_lower_first_formant_than_an_a_and_a_higher_second() {
        let level = |vowel: f32, hertz: f32| {
            let mut formants = Formants::new(vowel, 1.0, 48_000.0);
            let wave = |i: i32| sine((i as f32 * hertz / 48_000.0).fract());
            (0..9600).map(|i| formants.next(0, wave(i))).skip(4800).fold(0.0f32, |m, x| m.max(x.abs()))
        };
        assert!(level(1.0, 650.0) > 4.0 * level(3.0, 650.0));
        assert!(level(3.0, 290.0) > 4.0 * level(1.0, 290.0));
        assert!(level(1.0, 1080.0) > 3.0 * level(3.0, 1080.0));
        let between = level(1.5, 510.0);
        assert!(between > level(1.0, 510.0) && between > level(2.0, 510.0));
    }
}
