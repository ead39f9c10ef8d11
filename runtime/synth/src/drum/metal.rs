//! The metal of hats, cymbals and cowbell: six pulses out of tune with each other, as in the 808
//! (Werner, Abel & Smith, "The TR-808 cymbal: a physically-informed, circuit-bendable, digital
//! model", ICMC 2014, whose six frequencies these are).

use crate::noise::Noise;
use crate::oscillator::{CONTROL_FRAMES, Frames, pulse, ramp};

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

    /// The next control block, within -1..=1, of which `frames` are used up.
    #[inline(always)]
    pub(crate) fn block(&mut self, frames: usize) -> Frames {
        let mut sum = [0.0; CONTROL_FRAMES];
        for lane in 0..LANES {
            let (step, cycle) = (self.increment[lane], self.cycle[lane]);
            let phases = ramp(&mut self.phase[lane], step, frames);
            for (sum, t) in sum.iter_mut().zip(phases) {
                *sum += (1.0 / LANES as f32) * pulse(t, 0.5, step, cycle);
            }
        }
        sum
    }
}
