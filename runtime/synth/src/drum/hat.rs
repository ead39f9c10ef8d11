//! The hi-hats: metal and a breath of noise through a high band; closed and open differ in decay.

use super::metal::Metal;
use crate::envelope::Decay;
use crate::filter::{Svf, SvfCoefficients};
use crate::noise::Noise;
use crate::voice::{Onset, Stereo};

const CLOSED_LEVEL: f32 = 1.7;
const OPEN_LEVEL: f32 = 1.5;

#[derive(Clone, Debug)]
pub(crate) struct Hat {
    metal: Metal,
    noise: Noise,
    band: Svf,
    high: Svf,
    band_c: SvfCoefficients,
    high_c: SvfCoefficients,
    strike: Decay,
    ring: Decay,
    level: f32,
}

impl Hat {
    pub(crate) fn closed(onset: Onset) -> Self {
        // Soft strokes are shorter, as with a foot that presses harder.
        Self::new(onset, 0.07 + 0.07 * onset.velocity, CLOSED_LEVEL)
    }

    pub(crate) fn open(onset: Onset) -> Self {
        Self::new(onset, 0.62, OPEN_LEVEL)
    }

    fn new(onset: Onset, seconds: f32, level: f32) -> Self {
        let rate = onset.sample_rate;
        let mut noise = Noise::new(onset.seed);
        Hat {
            metal: Metal::new(1.62, rate, &mut noise),
            noise,
            band: Svf::default(),
            high: Svf::default(),
            band_c: SvfCoefficients::new(8200.0 + 1600.0 * onset.velocity, 0.9, rate),
            high_c: SvfCoefficients::new(6600.0, 0.8, rate),
            strike: Decay::new(0.03, rate),
            ring: Decay::new(seconds, rate),
            level: level * onset.amplitude(),
        }
    }

    pub(crate) fn render(&mut self, mut out: Stereo<'_>) {
        for block in out.control_blocks() {
            let frames = block.left.len();
            let metal = self.metal.block(frames);
            let ring = self.ring.block(frames);
            let strike = self.strike.block(frames);
            for i in 0..frames {
                let x = 0.8 * metal[i] + 0.3 * self.noise.next();
                let x = self.band.bandpass(x, &self.band_c);
                let x = self.high.highpass(x, &self.high_c);
                let y = self.level * (0.65 * ring[i] + 0.5 * strike[i]) * x;
                block.left[i] = y;
                block.right[i] = y;
            }
        }
        self.band.flush();
        self.high.flush();
    }

    pub(crate) fn finished(&self) -> bool {
        self.ring.finished()
    }
}
