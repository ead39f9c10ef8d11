//! A stack of up to eight oscillators of one shape, detuned against each other and spread in
//! stereo: what most instruments are made of.

use super::Onset;
use crate::noise::Noise;
use crate::oscillator::{Frames, pulse, ramp, ratio_of_cents, saw, sine, triangle};
use crate::param::Param;

const LANES: usize = 8;
/// No oscillator moves by more than this part of its cycle in a frame.
const FASTEST: f32 = 0.45;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wave {
    Saw,
    Pulse,
    Sine,
    Triangle,
}

/// How an instrument stacks its oscillators, where a note says nothing else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Make {
    pub(crate) wave: Wave,
    pub(crate) unison: usize,
    /// From the lowest to the highest.
    pub(crate) cents: f32,
    /// From 0, all in the middle, to 1.
    pub(crate) spread: f32,
    pub(crate) width: f32,
}

impl Make {
    /// One oscillator.
    pub(crate) fn single(wave: Wave) -> Self {
        Make { wave, unison: 1, cents: 16.0, spread: 0.6, width: 0.5 }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Stack {
    wave: Wave,
    lanes: usize,
    stereo: bool,
    width: f32,
    phase: [f32; LANES],
    increment: [f32; LANES],
    left: [f32; LANES],
    right: [f32; LANES],
}

impl Stack {
    pub(crate) fn new(onset: &Onset, make: Make) -> Self {
        let params = &onset.params;
        let lanes = (params.or(Param::Unison, make.unison as f32).round() as usize).clamp(1, LANES);
        let cents = params.or(Param::Detune, make.cents);
        let spread = if lanes == 1 { 0.0 } else { params.or(Param::Spread, make.spread) };
        let mut noise = Noise::new(onset.seed);
        let mut stack = Stack {
            wave: make.wave,
            lanes,
            stereo: spread > 0.0,
            width: params.or(Param::PulseWidth, make.width),
            phase: [0.0; LANES],
            increment: [0.0; LANES],
            left: [0.0; LANES],
            right: [0.0; LANES],
        };
        // Detuned oscillators beat ever faster with the pitch; above 500 Hz they move together.
        let narrow = (500.0 / onset.frequency).sqrt().min(1.0);
        let level = 1.0 / (lanes as f32).sqrt();
        for lane in 0..lanes {
            // From -1 to 1, densest in the middle (after the curve that Szabó measured in "How to
            // emulate the Super Saw", KTH 2010).
            let place = if lanes == 1 { 0.0 } else { 2.0 * lane as f32 / (lanes - 1) as f32 - 1.0 };
            let off = 0.5 * cents * narrow * place * (0.4 + 0.6 * place * place);
            stack.increment[lane] = onset.frequency * ratio_of_cents(off) / onset.sample_rate;
            // A single oscillator always sounds the same; several start anywhere.
            stack.phase[lane] = if lanes == 1 { 0.25 } else { noise.unit() };
            // Neighbours in pitch stand on different sides, the outermost furthest out.
            let side = if lane % 2 == 0 { -1.0 } else { 1.0 };
            let angle = 0.125 * (1.0 + side * spread * place.abs().sqrt());
            stack.left[lane] = level * std::f32::consts::SQRT_2 * sine(angle + 0.25);
            stack.right[lane] = level * std::f32::consts::SQRT_2 * sine(angle);
        }
        if !stack.stereo {
            stack.left = [level; LANES];
        }
        stack
    }

    /// Whether both channels are to be heard; otherwise only the left one is filled.
    pub(crate) fn is_stereo(&self) -> bool {
        self.stereo
    }

    pub(crate) fn width(&self) -> f32 {
        self.width
    }

    /// Adds `level` times the next `frames`, all pitches times `bend`.
    #[inline]
    pub(crate) fn add(&mut self, level: f32, bend: f32, frames: usize, out: [&mut Frames; 2]) {
        let width = self.width;
        match self.wave {
            Wave::Saw => self.run(level, bend, frames, out, saw),
            Wave::Pulse => self.run(level, bend, frames, out, |t, step, cycle| pulse(t, width, step, cycle)),
            Wave::Sine => self.run(level, bend, frames, out, |t, _, _| sine(t)),
            Wave::Triangle => self.run(level, bend, frames, out, |t, _, _| triangle(t)),
        }
    }

    #[inline(always)]
    fn run(
        &mut self,
        level: f32,
        bend: f32,
        frames: usize,
        out: [&mut Frames; 2],
        shape: impl Fn(f32, f32, f32) -> f32,
    ) {
        let [left, right] = out;
        for lane in 0..self.lanes {
            let step = (self.increment[lane] * bend).min(FASTEST);
            let cycle = 1.0 / step;
            let phases = ramp(&mut self.phase[lane], step, frames);
            let (l, r) = (level * self.left[lane], level * self.right[lane]);
            if self.stereo {
                for (i, t) in phases.into_iter().enumerate() {
                    let x = shape(t, step, cycle);
                    left[i] += l * x;
                    right[i] += r * x;
                }
            } else {
                for (x, t) in left.iter_mut().zip(phases) {
                    *x += l * shape(t, step, cycle);
                }
            }
        }
    }
}
