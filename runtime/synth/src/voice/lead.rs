//! A lead: two saws and a pulse whose width moves, through a lowpass with an envelope, with a
//! vibrato that comes in late, as a player's does.

use super::{Onset, Stereo};
use crate::envelope::{Adsr, Decay, Envelope};
use crate::filter::{Svf, SvfCoefficients};
use crate::noise::Noise;
use crate::oscillator::{CONTROL_FRAMES, Phase, pulse, ramp, ratio_of_cents, saw, sine};

const LEVEL: f32 = 0.4;
/// Depth of the whole vibrato in cents, its rate in hertz, and when it comes in, in seconds.
const VIBRATO_CENTS: f32 = 13.0;
const VIBRATO_HERTZ: f32 = 5.4;
const VIBRATO_AFTER: f32 = 0.3;
const VIBRATO_RISE: f32 = 0.5;

#[derive(Clone, Debug)]
pub(crate) struct Lead {
    saws: [Phase; 2],
    pulse: Phase,
    width: Phase,
    vibrato: Phase,
    age: f32,
    filter: Svf,
    sweep: Decay,
    amplitude: Envelope,
    frequency: f32,
    brightness: f32,
    level: f32,
    sample_rate: f32,
}

impl Lead {
    pub(crate) fn new(onset: Onset) -> Self {
        let Onset { frequency, velocity, sample_rate, seed } = onset;
        let mut noise = Noise::new(seed);
        // As with the pad, detuning narrows above 500 Hz, so that it does not sour.
        let spread = 5.0 * (500.0 / frequency).sqrt().min(1.0);
        let at = |cents: f32, start| Phase::new(frequency * ratio_of_cents(cents), sample_rate, start);
        Lead {
            saws: [at(-spread, noise.unit()), at(spread, noise.unit())],
            pulse: at(0.0, noise.unit()),
            width: Phase::new(0.7, sample_rate, noise.unit()),
            vibrato: Phase::new(VIBRATO_HERTZ, sample_rate, 0.0),
            age: 0.0,
            filter: Svf::default(),
            sweep: Decay::new(0.7, sample_rate),
            amplitude: Envelope::new(
                Adsr { attack: 0.006, decay: 0.5, sustain: 0.78, release: 0.16 },
                sample_rate,
            ),
            frequency,
            brightness: 0.9 + 1.1 * velocity,
            level: LEVEL * onset.amplitude(),
            sample_rate,
        }
    }

    pub(crate) fn render(&mut self, mut out: Stereo<'_>) {
        for block in out.control_blocks() {
            let frames = block.left.len();
            let passed = frames as f32;
            self.age += passed / self.sample_rate;
            let depth = ((self.age - VIBRATO_AFTER) / VIBRATO_RISE).clamp(0.0, 1.0);
            let swing = sine(self.vibrato.next_by(self.vibrato.increment * passed));
            let bend = ratio_of_cents(VIBRATO_CENTS * depth * swing);
            let width = 0.5 + 0.22 * sine(self.width.next_by(self.width.increment * passed));

            let octaves = self.brightness + 1.6 * self.sweep.level();
            let cutoff = (700.0 * self.frequency).sqrt() * octaves.exp2();
            let c = SvfCoefficients::new(cutoff.clamp(300.0, 15_000.0), 1.1, self.sample_rate);

            let mut sum = [0.0; CONTROL_FRAMES];
            for phase in &mut self.saws {
                let step = phase.increment * bend;
                let phases = ramp(&mut phase.value, step, frames);
                for (x, t) in sum.iter_mut().zip(phases) {
                    *x += 0.5 * saw(t, step, 1.0 / step);
                }
            }
            let step = self.pulse.increment * bend;
            let phases = ramp(&mut self.pulse.value, step, frames);
            for (x, t) in sum.iter_mut().zip(phases) {
                *x += 0.45 * pulse(t, width, step, 1.0 / step);
            }
            self.sweep.block(frames);
            let gains = self.amplitude.block(frames);
            for (i, x) in sum[..frames].iter().enumerate() {
                let y = self.level * gains[i] * self.filter.lowpass(*x, &c);
                block.left[i] = y;
                block.right[i] = y;
            }
            self.filter.flush();
        }
    }

    pub(crate) fn release(&mut self) {
        self.amplitude.release();
    }

    pub(crate) fn finished(&self) -> bool {
        self.amplitude.finished()
    }
}
