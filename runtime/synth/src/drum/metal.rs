//! The metal of hats, cymbals and cowbell: six pulses out of tune with each other, as in the 808
//! (Werner, Abel & Smith, "The TR-808 cymbal: a physically-informed, circuit-bendable, digital
//! model", ICMC 2014, whose six frequencies these are).

use crate::noise::Noise;
use crate::oscillator::step_residual;

const LANES: usize = 6;
const HERTZ: [f32; LANES] = [205.3, 304.4, 369.6, 522.7, 540.0, 800.0];

#[derive(Clone, Debug)]
pub(crate) struct Metal {
    phase: [f32; LANES],
    increment: [f32; LANES],
    cycle: [f32; LANES],
}

impl Metal {
    /// `stretch` scales all frequencies.
    pub(crate) fn new(stretch: f32, sample_rate: f32, noise: &mut Noise) -> Self {
        let increment = HERTZ.map(|hertz| stretch * hertz / sample_rate);
        Metal { phase: std::array::from_fn(|_| noise.unit()), increment, cycle: increment.map(|i| 1.0 / i) }
    }

    /// The next sample, within -1..=1.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> f32 {
        let mut sum = 0.0;
        for lane in 0..LANES {
            let step = self.increment[lane];
            let moved = self.phase[lane] + step;
            let t = if moved >= 1.0 { moved - 1.0 } else { moved };
            self.phase[lane] = t;
            let opposite = if t < 0.5 { t + 0.5 } else { t - 0.5 };
            let level = if t < 0.5 { 1.0 } else { -1.0 };
            sum += level + step_residual(t, step, self.cycle[lane])
                - step_residual(opposite, step, self.cycle[lane]);
        }
        sum * (1.0 / LANES as f32)
    }
}
