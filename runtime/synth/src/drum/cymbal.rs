//! Crash and ride: metal and noise in two bands that decay at different speeds, and for the ride
//! the ping of the stick.

use super::metal::Metal;
use crate::envelope::Decay;
use crate::filter::{Svf, SvfCoefficients};
use crate::noise::Noise;
use crate::oscillator::{Phase, sine};
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
    level: 1.5,
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
    level: 1.35,
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
            sides: [side(onset.seed, make.stretch), side(onset.seed ^ 0x77aa, make.stretch * 1.013)],
            low_c: SvfCoefficients::new(make.low_band, 0.8, rate),
            high_c: SvfCoefficients::new(make.high_band * (0.6 + 0.4 * v), 0.6, rate),
            metal_level: make.metal,
            noise_level: make.noise,
            strike: Decay::new(make.strike_seconds, rate),
            low_ring: Decay::new(make.low_seconds, rate),
            high_ring: Decay::new(make.high_seconds, rate),
            ping: PING_HERTZ.map(|hertz| Phase::new(hertz, rate, 0.0)),
            ping_level: make.ping,
            ping_ring: Decay::new(0.5, rate),
            level: make.level * onset.amplitude(),
        }
    }

    pub(crate) fn render(&mut self, out: Stereo<'_>) {
        for (l, r) in out.left.iter_mut().zip(out.right.iter_mut()) {
            let strike = self.strike.next();
            let low_gain = 0.5 * self.low_ring.next() + 0.5 * strike;
            let high_gain = 0.7 * self.high_ring.next() + 0.4 * strike;
            let ping_gain = self.ping_level * self.ping_ring.next();
            let ping: f32 = self.ping.iter_mut().map(|p| sine(p.next())).sum();
            let mut sides = [0.0; 2];
            for (side, x) in self.sides.iter_mut().zip(&mut sides) {
                let raw = self.metal_level * side.metal.next() + self.noise_level * side.noise.next();
                let low = side.low.bandpass(raw, &self.low_c);
                let high = side.high.bandpass(raw, &self.high_c);
                *x = self.level * (low_gain * low + high_gain * high + ping_gain * ping);
            }
            *l = 0.7 * sides[0] + 0.3 * sides[1];
            *r = 0.3 * sides[0] + 0.7 * sides[1];
        }
        for side in &mut self.sides {
            side.low.flush();
            side.high.flush();
        }
    }

    pub(crate) fn finished(&self) -> bool {
        self.high_ring.finished()
    }
}
