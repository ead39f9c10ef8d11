//! The rim shot: two short resonances and a tick, overdriven, after the 808's bridged-T pair.

use crate::drum::Strike;
use crate::envelope::Decay;
use crate::filter::{Svf, SvfCoefficients};
use crate::noise::Noise;
use crate::oscillator::{Phase, saturate, sine};
use crate::voice::{Onset, Stereo};

const LEVEL: f32 = 0.7;

#[derive(Clone, Debug)]
pub(crate) struct Rimshot {
    modes: [Phase; 2],
    ring: Decay,
    tick: Decay,
    tick_level: f32,
    noise: Noise,
    thin: Svf,
    thin_c: SvfCoefficients,
    drive: f32,
    level: f32,
}

impl Rimshot {
    pub(crate) fn new(onset: Onset) -> Self {
        let rate = onset.sample_rate;
        let Strike { tune, bright, decay, click } = Strike::of(&onset, 0.5);
        Rimshot {
            modes: [Phase::new(1667.0 * tune, rate, 0.0), Phase::new(455.0 * tune, rate, 0.0)],
            ring: Decay::new((0.055 + 0.02 * onset.velocity) * decay, rate),
            tick_level: click,
            tick: Decay::new(0.006, rate),
            noise: Noise::new(onset.seed),
            thin: Svf::default(),
            thin_c: SvfCoefficients::new(380.0 * bright, 0.8, rate),
            drive: 1.2 + 1.3 * onset.velocity,
            level: LEVEL * onset.amplitude(),
        }
    }

    pub(crate) fn render(&mut self, mut out: Stereo<'_>) {
        out.fill_mono(|| {
            let [high, low] = &mut self.modes;
            let ring = self.ring.next() * (0.7 * sine(high.next()) + 0.55 * sine(low.next()));
            let x = ring + self.tick_level * self.tick.next() * self.noise.next();
            self.level * self.thin.highpass(saturate(self.drive * x), &self.thin_c)
        });
        self.thin.flush();
    }

    pub(crate) fn finished(&self) -> bool {
        self.ring.finished()
    }
}
