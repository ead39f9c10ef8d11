//! A pad: eight detuned saws spread over both channels, behind a lowpass that opens slowly and
//! breathes.

use super::{Onset, Stereo};
use crate::envelope::{Adsr, Envelope};
use crate::filter::{Svf, SvfCoefficients};
use crate::noise::Noise;
use crate::oscillator::{CONTROL_FRAMES, ramp, ratio_of_cents, saw, sine};

const LANES: usize = 8;
/// Detuning in cents, densest in the middle (after the curve that Szabó measured in "How to
/// emulate the Super Saw", KTH 2010), and alternating between the channels.
const CENTS: [f32; LANES] = [-17.0, -10.5, -5.5, -1.8, 1.8, 5.5, 10.5, 17.0];
const LEFT: [f32; LANES] = [0.6, 0.2, 0.8, 0.7, 0.9, 0.2, 0.5, 0.1];
const RIGHT: [f32; LANES] = [0.1, 0.5, 0.2, 0.9, 0.7, 0.8, 0.2, 0.6];
const LEVEL: f32 = 0.3;

#[derive(Clone, Debug)]
pub(crate) struct Pad {
    phase: [f32; LANES],
    increment: [f32; LANES],
    cycle: [f32; LANES],
    filters: [Svf; 2],
    opening: Envelope,
    amplitude: Envelope,
    breath: f32,
    breath_step: f32,
    frequency: f32,
    brightness: f32,
    level: f32,
    sample_rate: f32,
}

impl Pad {
    pub(crate) fn new(onset: Onset) -> Self {
        let Onset { frequency, velocity, sample_rate, seed } = onset;
        let mut noise = Noise::new(seed);
        // Detuned saws beat ever faster with the pitch; above 500 Hz the spread narrows.
        let spread = (500.0 / frequency).sqrt().min(1.0);
        let increment = CENTS.map(|cents| frequency * ratio_of_cents(cents * spread) / sample_rate);
        Pad {
            phase: std::array::from_fn(|_| noise.unit()),
            increment,
            cycle: increment.map(|i| 1.0 / i),
            filters: Default::default(),
            opening: Envelope::new(Adsr { attack: 0.9, decay: 3.0, sustain: 0.6, release: 1.4 }, sample_rate),
            amplitude: Envelope::new(
                Adsr { attack: 0.28, decay: 2.0, sustain: 0.85, release: 1.3 },
                sample_rate,
            ),
            breath: noise.unit(),
            breath_step: (0.11 + 0.06 * noise.unit()) / sample_rate,
            frequency,
            brightness: 0.6 + 1.3 * velocity,
            level: LEVEL * onset.amplitude(),
            sample_rate,
        }
    }

    pub(crate) fn render(&mut self, mut out: Stereo<'_>) {
        for block in out.control_blocks() {
            let frames = block.left.len();
            self.breath = (self.breath + self.breath_step * frames as f32).fract();
            let octaves = self.brightness + 1.9 * self.opening.level() + 0.35 * sine(self.breath);
            // Follows the pitch by half, from 260 Hz on.
            let cutoff = (260.0 * self.frequency).sqrt() * octaves.exp2();
            let c = SvfCoefficients::new(cutoff.clamp(150.0, 12_000.0), 0.75, self.sample_rate);

            let (mut left, mut right) = ([0.0; CONTROL_FRAMES], [0.0; CONTROL_FRAMES]);
            for lane in 0..LANES {
                let (step, cycle) = (self.increment[lane], self.cycle[lane]);
                let phases = ramp(&mut self.phase[lane], step, frames);
                for (i, t) in phases.into_iter().enumerate() {
                    let x = saw(t, step, cycle);
                    left[i] += LEFT[lane] * x;
                    right[i] += RIGHT[lane] * x;
                }
            }
            for i in 0..frames {
                self.opening.next();
                let gain = self.level * self.amplitude.next();
                block.left[i] = gain * self.filters[0].lowpass(left[i], &c);
                block.right[i] = gain * self.filters[1].lowpass(right[i], &c);
            }
            self.filters[0].flush();
            self.filters[1].flush();
        }
    }

    pub(crate) fn release(&mut self) {
        self.opening.release();
        self.amplitude.release();
    }

    pub(crate) fn finished(&self) -> bool {
        self.amplitude.finished()
    }
}
