//! The ladder: four lowpasses of the first order in a loop that saturates, as in the filters of
//! the Moog and, with its own voicing, the TB-303. Zero-delay feedback after Zavalishin ("The Art of
//! VA Filter Design", 2018, chapter 5).

use crate::filter::flush;
use crate::oscillator::saturate;

/// Loop gain at which a ladder oscillates.
const OSCILLATION: f32 = 4.0;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LadderCoefficients {
    /// G = g/(1+g), and 1/(1+g).
    gain: f32,
    rest: f32,
    feedback: f32,
    /// 1/(1 + k G⁴).
    open: f32,
    /// Gives back half of what the feedback takes from the low end.
    input: f32,
}

impl LadderCoefficients {
    /// `cutoff` in hertz, `resonance` in 0..=1, which stays short of oscillation.
    pub(crate) fn new(cutoff: f32, resonance: f32, sample_rate: f32) -> Self {
        let g = (std::f32::consts::PI * cutoff.clamp(5.0, 0.45 * sample_rate) / sample_rate).tan();
        let gain = g / (1.0 + g);
        let feedback = 0.97 * OSCILLATION * resonance.clamp(0.0, 1.0);
        LadderCoefficients {
            gain,
            rest: 1.0 / (1.0 + g),
            feedback,
            open: 1.0 / (1.0 + feedback * gain.powi(4)),
            input: 1.0 + 0.5 * feedback,
        }
    }
}

/// The state of one channel.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ladder {
    stages: [f32; 4],
}

impl Ladder {
    #[inline(always)]
    pub(crate) fn lowpass(&mut self, x: f32, c: &LadderCoefficients) -> f32 {
        let [s0, s1, s2, s3] = self.stages;
        let held = c.rest * (((s0 * c.gain + s1) * c.gain + s2) * c.gain + s3);
        let mut x = 2.0 * saturate(0.5 * (c.input * x - c.feedback * held) * c.open);
        for stage in &mut self.stages {
            let step = c.gain * (x - *stage);
            x = *stage + step;
            *stage = x + step;
        }
        x
    }

    /// To be called once a block.
    pub(crate) fn flush(&mut self) {
        self.stages = self.stages.map(flush);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain_db(resonance: f32, hertz: f32) -> f32 {
        let c = LadderCoefficients::new(1000.0, resonance, 48_000.0);
        let mut ladder = Ladder::default();
        let (mut re, mut im) = (0.0, 0.0);
        for i in 0..96_000 {
            let angle = std::f32::consts::TAU * (hertz * i as f32 / 48_000.0).fract();
            let y = ladder.lowpass(0.01 * angle.sin(), &c);
            if i >= 48_000 {
                re += y * angle.sin();
                im += y * angle.cos();
            }
        }
        20.0 * (100.0 * 2.0 * re.hypot(im) / 48_000.0).log10()
    }

    #[test]
    fn falls_by_four_poles_and_rings_at_the_cutoff() {
        assert!((gain_db(0.0, 1000.0) + 12.0).abs() < 0.3, "3 dB for each pole");
        assert!(gain_db(0.0, 100.0).abs() < 0.5);
        let slope = gain_db(0.0, 8000.0) - gain_db(0.0, 4000.0);
        assert!((-26.5..-21.0).contains(&slope), "{slope}");
        assert!(gain_db(0.9, 1000.0) > gain_db(0.9, 200.0) + 6.0);
    }

    #[test]
    fn stays_bounded_when_driven_hard() {
        let c = LadderCoefficients::new(600.0, 1.0, 48_000.0);
        let mut ladder = Ladder::default();
        for i in 0..48_000 {
            let x = if i % 100 < 50 { 30.0 } else { -30.0 };
            assert!(ladder.lowpass(x, &c).abs() < 4.0);
        }
    }
}
