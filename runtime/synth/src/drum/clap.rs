//! The hand clap: noise around 1.1 kHz in four bursts, the last with the tail of a room.

use crate::envelope::Decay;
use crate::filter::{Svf, SvfCoefficients};
use crate::noise::Noise;
use crate::voice::{Onset, Stereo};

const LEVEL: f32 = 1.5;
/// Seconds from one pair of hands to the next.
const SPACING: f32 = 0.0105;
const BURSTS: u32 = 4;

#[derive(Clone, Debug)]
pub(crate) struct Clap {
    noise: [Noise; 2],
    band: [Svf; 2],
    high: [Svf; 2],
    band_c: SvfCoefficients,
    high_c: SvfCoefficients,
    burst: Decay,
    until_next: u32,
    left: u32,
    tail: Decay,
    level: f32,
    sample_rate: f32,
}

impl Clap {
    pub(crate) fn new(onset: Onset) -> Self {
        let rate = onset.sample_rate;
        Clap {
            noise: [Noise::new(onset.seed), Noise::new(onset.seed ^ 0x1f3d)],
            band: Default::default(),
            high: Default::default(),
            band_c: SvfCoefficients::new(1050.0 + 350.0 * onset.velocity, 1.1, rate),
            high_c: SvfCoefficients::new(620.0, 0.7, rate),
            burst: Decay::new(0.028, rate),
            until_next: (SPACING * rate) as u32,
            left: BURSTS - 1,
            tail: Decay::new(0.3 + 0.1 * onset.velocity, rate),
            level: LEVEL * onset.amplitude(),
            sample_rate: rate,
        }
    }

    pub(crate) fn render(&mut self, out: Stereo<'_>) {
        for (l, r) in out.left.iter_mut().zip(out.right.iter_mut()) {
            if self.left > 0 {
                self.until_next = self.until_next.saturating_sub(1);
                if self.until_next == 0 {
                    self.left -= 1;
                    self.until_next = (SPACING * self.sample_rate) as u32;
                    self.burst = Decay::new(0.028, self.sample_rate);
                }
            }
            let tail = if self.left == 0 { self.tail.next() } else { 0.0 };
            let gain = self.level * (self.burst.next() + 0.45 * tail);
            let mut sides = [0.0; 2];
            for (channel, side) in sides.iter_mut().enumerate() {
                let hiss = self.band[channel].bandpass(self.noise[channel].next(), &self.band_c);
                *side = gain * self.high[channel].highpass(hiss, &self.high_c);
            }
            *l = 0.75 * sides[0] + 0.25 * sides[1];
            *r = 0.25 * sides[0] + 0.75 * sides[1];
        }
    }

    pub(crate) fn finished(&self) -> bool {
        self.left == 0 && self.tail.finished()
    }
}
