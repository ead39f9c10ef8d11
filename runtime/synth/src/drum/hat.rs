//! The hi-hats: metal and a hiss through a high band; closed and open differ in decay. Each side has
//! a plate of its own.

use super::metal::Metal;
use crate::drum::Strike;
use crate::envelope::Decay;
use crate::filter::{Svf, SvfCoefficients};
use crate::noise::Noise;
use crate::voice::{Onset, Stereo};

const CLOSED_LEVEL: f32 = 1.9;
const OPEN_LEVEL: f32 = 1.6;
/// How far apart the plates are tuned.
const APART: f32 = 1.011;

#[derive(Clone, Debug)]
struct Side {
    metal: Metal,
    noise: Noise,
    band: Svf,
    high: Svf,
}

#[derive(Clone, Debug)]
pub(crate) struct Hat {
    sides: [Side; 2],
    band_c: SvfCoefficients,
    high_c: SvfCoefficients,
    strike: Decay,
    strike_level: f32,
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
        let Strike { tune, bright, decay, click } = Strike::of(&onset, 0.5);
        let side = |seed: u32, apart: f32| {
            let mut noise = Noise::new(seed);
            let metal = Metal::new(1.62 * tune * apart, rate, &mut noise);
            Side { metal, noise, band: Svf::default(), high: Svf::default() }
        };
        Hat {
            sides: [side(onset.seed, 1.0), side(onset.seed ^ 0x2f6b, APART)],
            band_c: SvfCoefficients::new((8600.0 + 2000.0 * onset.velocity) * bright, 0.7, rate),
            high_c: SvfCoefficients::new(7000.0 * bright.sqrt(), 0.8, rate),
            strike: Decay::new(0.025, rate),
            strike_level: click,
            ring: Decay::new(seconds * decay, rate),
            level: level * onset.amplitude(),
        }
    }

    pub(crate) fn render(&mut self, mut out: Stereo<'_>) {
        for block in out.control_blocks() {
            let frames = block.left.len();
            let ring = self.ring.block(frames);
            let strike = self.strike.block(frames);
            let mut sides = [[0.0; crate::oscillator::CONTROL_FRAMES]; 2];
            for (side, samples) in self.sides.iter_mut().zip(&mut sides) {
                let metal = side.metal.block(frames);
                for i in 0..frames {
                    let x = 0.75 * metal[i] + 0.42 * side.noise.next();
                    let x = side.band.bandpass(x, &self.band_c);
                    let x = side.high.highpass(x, &self.high_c);
                    samples[i] = self.level * (0.65 * ring[i] + self.strike_level * strike[i]) * x;
                }
                side.band.flush();
                side.high.flush();
            }
            let out = block.left.iter_mut().zip(block.right.iter_mut());
            for ((l, r), (a, b)) in out.zip(sides[0].iter().zip(&sides[1])) {
                *l = 0.8 * a + 0.2 * b;
                *r = 0.2 * a + 0.8 * b;
            }
        }
    }

    pub(crate) fn finished(&self) -> bool {
        self.ring.finished()
    }
}
