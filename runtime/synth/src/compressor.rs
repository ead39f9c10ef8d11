//! The compressor of the strips and of the master: the feed-forward design with a soft knee and a
//! smoothed detector of Giannoulis, Massberg & Reiss ("Digital dynamic range compressor design", JAES
//! 60(6), 2012).

use crate::filter::{OnePole, flush};
use crate::oscillator::CONTROL_FRAMES;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CompressorSettings {
    pub(crate) threshold_db: f32,
    pub(crate) knee_db: f32,
    /// Over 1.
    pub(crate) ratio: f32,
    /// Seconds.
    pub(crate) attack: f32,
    pub(crate) release: f32,
    /// The detector hears what is above: a bass drum alone need not duck everything.
    pub(crate) ear_hertz: f32,
    pub(crate) makeup_db: f32,
}

impl CompressorSettings {
    /// Those of a slot whose compressor works by `amount` in 0..=1.
    pub(crate) fn of_amount(amount: f32) -> Self {
        let (threshold_db, ratio) = (-12.0 - 20.0 * amount, 1.0 + 7.0 * amount);
        CompressorSettings {
            threshold_db,
            knee_db: 8.0,
            ratio,
            attack: 0.008,
            release: 0.12,
            ear_hertz: 60.0,
            // Gives back half of what a full level loses.
            makeup_db: -0.5 * threshold_db * (1.0 - 1.0 / ratio),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Compressor {
    settings: CompressorSettings,
    ears: [OnePole; 2],
    power: f32,
    /// Attack and release as parts of the way a control piece.
    speeds: [f32; 2],
    gain: f32,
    sample_rate: f32,
}

impl Compressor {
    pub(crate) fn new(settings: CompressorSettings, sample_rate: f32) -> Self {
        let each = |seconds: f32| 1.0 - (-(CONTROL_FRAMES as f32) / (seconds * sample_rate)).exp();
        Compressor {
            settings,
            ears: [OnePole::new(settings.ear_hertz, sample_rate); 2],
            power: 0.0,
            speeds: [each(settings.attack), each(settings.release)],
            gain: gain_for(0.0, &settings),
            sample_rate,
        }
    }

    /// Changes what it aims at; attack, release and ears stay.
    pub(crate) fn aim(&mut self, settings: CompressorSettings) {
        self.settings = settings;
    }

    /// Back to silence.
    pub(crate) fn clear(&mut self) {
        *self = Compressor::new(self.settings, self.sample_rate);
    }

    /// Works on one control piece.
    pub(crate) fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        let mut sum = 0.0;
        let [ear_left, ear_right] = &mut self.ears;
        for (l, r) in left.iter().zip(&*right) {
            let (l, r) = (ear_left.highpass(*l), ear_right.highpass(*r));
            sum += l * l + r * r;
        }
        let power = sum / (2.0 * left.len() as f32);
        let [attack, release] = self.speeds;
        let speed = if power > self.power { attack } else { release };
        self.power = flush(self.power + speed * (power - self.power));
        let target = gain_for(self.power, &self.settings);
        let step = (target - self.gain) / left.len() as f32;
        for (l, r) in left.iter_mut().zip(right) {
            self.gain += step;
            *l *= self.gain;
            *r *= self.gain;
        }
        self.gain = target;
    }
}

/// The static curve, from a mean square to a gain, makeup included.
fn gain_for(power: f32, settings: &CompressorSettings) -> f32 {
    let CompressorSettings { threshold_db, knee_db, ratio, makeup_db, .. } = *settings;
    let over = 10.0 * power.max(1e-12).log10() - threshold_db;
    let slope = 1.0 / ratio - 1.0;
    let change_db = if 2.0 * over < -knee_db {
        0.0
    } else if 2.0 * over.abs() <= knee_db {
        let into = over + knee_db / 2.0;
        slope * into * into / (2.0 * knee_db)
    } else {
        slope * over
    };
    10f32.powf((change_db + makeup_db) / 20.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_that_of_the_paper() {
        let settings = CompressorSettings {
            threshold_db: -14.0,
            knee_db: 10.0,
            ratio: 2.0,
            attack: 0.02,
            release: 0.2,
            ear_hertz: 20.0,
            makeup_db: 0.0,
        };
        // (level in dB, change in dB)
        for (level, expected) in [(-60.0, 0.0), (-19.0, 0.0), (-14.0, -0.625), (-9.0, -2.5), (0.0, -7.0)] {
            let change = 20.0 * gain_for(10f32.powf(level / 10.0), &settings).log10();
            assert!((change - expected).abs() < 0.01, "{level} dB: {change} dB");
        }
    }

    #[test]
    fn loud_and_soft_come_closer() {
        let level = |height: f32| {
            let mut compressor = Compressor::new(CompressorSettings::of_amount(0.8), 48_000.0);
            let mut last = 0.0;
            for piece in 0..3000 {
                let wave = |i| if (piece * 16 + i) % 100 < 50 { height } else { -height };
                let mut left: [f32; 16] = std::array::from_fn(wave);
                let mut right = left;
                compressor.process(&mut left, &mut right);
                last = left[15].abs();
            }
            20.0 * last.log10()
        };
        let (soft, loud) = (level(0.1), level(0.8));
        assert!((2.0..8.0).contains(&(loud - soft)), "18 dB apart became {}", loud - soft);
    }
}
