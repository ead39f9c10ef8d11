//! The hand clap: noise around 1.1 kHz in four bursts, the last with the tail of a room. The two
//! sides clap a little apart, as people do.

use crate::drum::Strike;
use crate::envelope::Decay;
use crate::filter::{Svf, SvfCoefficients};
use crate::noise::Noise;
use crate::voice::{Onset, Stereo};

const LEVEL: f32 = 1.6;
/// Seconds from one pair of hands to the next, on each side.
const SPACING: [f32; 2] = [0.0102, 0.0116];
const BURSTS: u32 = 4;
const BURST_SECONDS: f32 = 0.028;

#[derive(Clone, Debug)]
struct Side {
    noise: Noise,
    band: Svf,
    high: Svf,
    crisp: Svf,
    burst: Decay,
    spacing: u32,
    until_next: u32,
    left: u32,
    tail: Decay,
}

#[derive(Clone, Debug)]
pub(crate) struct Clap {
    sides: [Side; 2],
    band_c: SvfCoefficients,
    high_c: SvfCoefficients,
    crisp_c: SvfCoefficients,
    crisp_level: f32,
    level: f32,
    sample_rate: f32,
}

impl Clap {
    pub(crate) fn new(onset: Onset) -> Self {
        let rate = onset.sample_rate;
        let Strike { tune, bright, decay, click } = Strike::of(&onset, 0.5);
        let side = |seed: u32, spacing: f32| {
            let spacing = (spacing * rate) as u32;
            Side {
                noise: Noise::new(seed),
                band: Svf::default(),
                high: Svf::default(),
                crisp: Svf::default(),
                burst: Decay::new(BURST_SECONDS, rate),
                spacing,
                until_next: spacing,
                left: BURSTS - 1,
                tail: Decay::new((0.3 + 0.1 * onset.velocity) * decay, rate),
            }
        };
        Clap {
            sides: [side(onset.seed, SPACING[0]), side(onset.seed ^ 0x1f3d, SPACING[1])],
            band_c: SvfCoefficients::new((1050.0 + 350.0 * onset.velocity) * tune, 1.1, rate),
            high_c: SvfCoefficients::new(620.0 * tune, 0.7, rate),
            crisp_c: SvfCoefficients::new(3400.0 * bright, 0.6, rate),
            crisp_level: (0.1 + 0.5 * click) * onset.velocity,
            level: LEVEL * onset.amplitude(),
            sample_rate: rate,
        }
    }

    pub(crate) fn render(&mut self, out: Stereo<'_>) {
        for (l, r) in out.left.iter_mut().zip(out.right.iter_mut()) {
            let mut both = [0.0; 2];
            for (side, out) in self.sides.iter_mut().zip(&mut both) {
                if side.left > 0 {
                    side.until_next = side.until_next.saturating_sub(1);
                    if side.until_next == 0 {
                        side.left -= 1;
                        side.until_next = side.spacing;
                        side.burst = Decay::new(BURST_SECONDS, self.sample_rate);
                    }
                }
                let tail = if side.left == 0 { side.tail.next() } else { 0.0 };
                let gain = self.level * (side.burst.next() + 0.45 * tail);
                let hiss = side.noise.next();
                let palm = side.high.highpass(side.band.bandpass(hiss, &self.band_c), &self.high_c);
                let crisp = self.crisp_level * side.crisp.bandpass(hiss, &self.crisp_c);
                *out = gain * (palm + crisp);
            }
            *l = 0.82 * both[0] + 0.18 * both[1];
            *r = 0.18 * both[0] + 0.82 * both[1];
        }
        for side in &mut self.sides {
            side.band.flush();
            side.high.flush();
            side.crisp.flush();
        }
    }

    pub(crate) fn finished(&self) -> bool {
        self.sides.iter().all(|side| side.left == 0 && side.tail.finished())
    }
}
