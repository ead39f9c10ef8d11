//! The cowbell: two pulses at the 808's 540 and 800 Hz through a band, with a knock and a ring.

use crate::drum::Strike;
use crate::envelope::Decay;
use crate::filter::{Svf, SvfCoefficients};
use crate::oscillator::{Phase, pulse};
use crate::voice::{Onset, Stereo};

const LEVEL: f32 = 0.75;

#[derive(Clone, Debug)]
pub(crate) struct Cowbell {
    plates: [Phase; 2],
    band: Svf,
    band_c: SvfCoefficients,
    high: Svf,
    high_c: SvfCoefficients,
    knock: Decay,
    knock_level: f32,
    ring: Decay,
    level: f32,
}

impl Cowbell {
    pub(crate) fn new(onset: Onset) -> Self {
        let rate = onset.sample_rate;
        let Strike { tune, bright, decay, click } = Strike::of(&onset, 0.5);
        Cowbell {
            plates: [Phase::new(540.0 * tune, rate, 0.1), Phase::new(800.0 * tune, rate, 0.3)],
            band: Svf::default(),
            band_c: SvfCoefficients::new((900.0 + 700.0 * onset.velocity) * bright, 0.75, rate),
            high: Svf::default(),
            high_c: SvfCoefficients::new(350.0, 0.7, rate),
            knock_level: 0.3 + 0.6 * click,
            knock: Decay::new(0.045, rate),
            ring: Decay::new(0.5 * decay, rate),
            level: LEVEL * onset.amplitude(),
        }
    }

    pub(crate) fn render(&mut self, mut out: Stereo<'_>) {
        let cycles = self.plates.map(|p| 1.0 / p.increment);
        out.fill_mono(|| {
            let [low, high] = &mut self.plates;
            let x = 0.5 * pulse(low.next(), 0.5, low.increment, cycles[0])
                + 0.5 * pulse(high.next(), 0.5, high.increment, cycles[1]);
            let x = self.high.highpass(self.band.bandpass(x, &self.band_c), &self.high_c);
            self.level * (self.knock_level * self.knock.next() + 0.45 * self.ring.next()) * x
        });
        self.band.flush();
        self.high.flush();
    }

    pub(crate) fn finished(&self) -> bool {
        self.ring.finished()
    }
}
