//! Crash and ride: metal and noise in two bands that decay at different speeds, and for the ride
//! the ping of the stick.

use super::metal::Metal;
use crate::drum::Strike;
use crate::envelope::Decay;
use crate::filter::{Svf, SvfCoefficients};
use crate::noise::Noise;
use crate::oscillator::{CONTROL_FRAMES, Phase, sine};
use crate::voice::{Onset, Stereo};

/// What tells one cymbal from another.
struct Make {
    stretch: f32,
    metal: f32,
    noise: f32,
    low_band: f32,
    high_band: f32,
    strike_seconds: f32,
    low_seconds: f32,
    high_seconds: f32,
    ping: f32,
    level: f32,
}

const CRASH: Make = Make {
    stretch: 1.93,
    metal: 0.55,
    noise: 0.65,
    low_band: 3400.0,
    high_band: 7800.0,
    strike_seconds: 0.12,
    low_seconds: 1.1,
    high_seconds: 2.3,
    ping: 0.0,
    level: 0.95,
};

const RIDE: Make = Make {
    stretch: 2.57,
    metal: 0.8,
    noise: 0.16,
    low_band: 5200.0,
    high_band: 9300.0,
    strike_seconds: 0.05,
    low_seconds: 0.7,
    high_seconds: 1.5,
    ping: 0.08,
    level: 1.05,
};

/// Partials of the stick on the bow of a ride, in hertz.
const PING_HERTZ: [f32; 3] = [2871.0, 4263.0, 5987.0];

#[derive(Clone, Debug)]
struct Side {
    metal: Metal,
    noise: Noise,
    low: Svf,
    high: Svf,
}

#[derive(Clone, Debug)]
pub(crate) struct Cymbal {
    sides: [Side; 2],
    low_c: SvfCoefficients,
    high_c: SvfCoefficients,
    metal_level: f32,
    noise_level: f32,
    strike: Decay,
    strike_level: f32,
    low_ring: Decay,
    high_ring: Decay,
    ping: [Phase; 3],
    ping_level: f32,
    ping_ring: Decay,
    level: f32,
}

impl Cymbal {
    pub(crate) fn crash(onset: Onset) -> Self {
        Self::new(onset, &CRASH)
    }

    pub(crate) fn ride(onset: Onset) -> Self {
        Self::new(onset, &RIDE)
    }

    fn new(onset: Onset, make: &Make) -> Self {
        let rate = onset.sample_rate;
        let v = onset.velocity;
        let Strike { tune, bright, decay, click } = Strike::of(&onset, 0.5);
        let side = |seed: u32, stretch: f32| {
            let mut noise = Noise::new(seed);
            Side {
                metal: Metal::new(stretch, rate, &mut noise),
                noise,
                low: Svf::default(),
                high: Svf::default(),
            }
        };
        Cymbal {
            // The sides are a hair apart, so that the plate stands wide.
            sides: [
                side(onset.seed, make.stretch * tune),
                side(onset.seed ^ 0x77aa, make.stretch * tune * 1.013),
            ],
            low_c: SvfCoefficients::new(make.low_band * bright.sqrt(), 0.8, rate),
            high_c: SvfCoefficients::new(make.high_band * (0.6 + 0.4 * v) * bright, 0.6, rate),
            metal_level: make.metal,
            noise_level: make.noise,
            strike_level: 2.0 * click,
            strike: Decay::new(make.strike_seconds, rate),
            low_ring: Decay::new(make.low_seconds * decay, rate),
            high_ring: Decay::new(make.high_seconds * decay, rate),
            ping: PING_HERTZ.map(|hertz| Phase::new(hertz * tune, rate, 0.0)),
            ping_level: make.ping,
            ping_ring: Decay::new(0.5, rate),
            level: make.level * onset.amplitude(),
        }
    }

    pub(crate) fn render(&mut self, mut out: Stereo<'_>) {
        for block in out.control_blocks() {
            let frames = block.left.len();
            let strike = self.strike.block(frames).map(|x| self.strike_level * x);
            let low_ring = self.low_ring.block(frames);
            let high_ring = self.high_ring.block(frames);
            let mut ping = [0.0; CONTROL_FRAMES];
            if self.ping_level > 0.0 {
                for phase in &mut self.ping {
                    for (sum, t) in ping.iter_mut().zip(phase.block(frames)) {
                        *sum += self.ping_level * sine(t);
                    }
                }
                let ring = self.ping_ring.block(frames);
                for (x, ring) in ping.iter_mut().zip(ring) {
                    *x *= ring;
                }
            }
            let mut sides = [[0.0; CONTROL_FRAMES]; 2];
            for (side, samples) in self.sides.iter_mut().zip(&mut sides) {
                let metal = side.metal.block(frames);
                for i in 0..frames {
                    let raw = self.metal_level * metal[i] + self.noise_level * side.noise.next();
                    let low = side.low.bandpass(raw, &self.low_c);
                    let high = side.high.bandpass(raw, &self.high_c);
                    let low_gain = 0.5 * (low_ring[i] + strike[i]);
                    let high_gain = 0.7 * high_ring[i] + 0.4 * strike[i];
                    samples[i] = self.level * (low_gain * low + high_gain * high + ping[i]);
                }
                side.low.flush();
                side.high.flush();
            }
            let out = block.left.iter_mut().zip(block.right.iter_mut());
            for ((l, r), (a, b)) in out.zip(sides[0].iter().zip(&sides[1])) {
                *l = 0.7 * a + 0.3 * b;
                *r = 0.3 * a + 0.7 * b;
            }
        }
    }

    pub(crate) fn finished(&self) -> bool {
        self.high_ring.finished()
    }
}
