//! The filter of a voice: a lowpass of two or four poles whose cutoff an envelope moves.

use super::patch::{FilterPatch, Slope};
use crate::envelope::Envelope;
use crate::filter::{Svf, SvfCoefficients, quality};
use crate::ladder::{Ladder, LadderCoefficients};
use crate::oscillator::Frames;

#[derive(Clone, Debug)]
enum Poles {
    Two([Svf; 2], SvfCoefficients),
    Four([Ladder; 2], LadderCoefficients),
}

#[derive(Clone, Debug)]
pub(crate) struct Sweep {
    poles: Poles,
    envelope: Envelope,
    cutoff: f32,
    resonance: f32,
    octaves: f32,
    sample_rate: f32,
    /// Octaves that the coefficients were made for.
    made_for: f32,
}

impl Sweep {
    pub(crate) fn new(patch: FilterPatch, sample_rate: f32) -> Self {
        Sweep {
            poles: match patch.slope {
                Slope::Two => Poles::Two(Default::default(), SvfCoefficients::default()),
                Slope::Four => Poles::Four(Default::default(), LadderCoefficients::default()),
            },
            envelope: Envelope::new(patch.envelope, sample_rate),
            cutoff: patch.cutoff,
            resonance: patch.resonance,
            octaves: patch.octaves,
            sample_rate,
            made_for: f32::NAN,
        }
    }

    /// Filters `frames` of the left channel, and of the right one if there is one. `more` octaves
    /// are added to the cutoff.
    pub(crate) fn run(&mut self, frames: usize, more: f32, left: &mut Frames, right: Option<&mut Frames>) {
        let octaves = self.octaves * self.envelope.level() + more;
        if self.octaves != 0.0 {
            self.envelope.block(frames);
        }
        if octaves != self.made_for {
            self.made_for = octaves;
            let cutoff = (self.cutoff * octaves.exp2()).clamp(20.0, 20_000.0);
            match &mut self.poles {
                Poles::Two(_, c) => {
                    *c = SvfCoefficients::new(cutoff, quality(self.resonance), self.sample_rate)
                }
                Poles::Four(_, c) => *c = LadderCoefficients::new(cutoff, self.resonance, self.sample_rate),
            }
        }
        for (channel, samples) in [Some(left), right].into_iter().flatten().enumerate() {
            match &mut self.poles {
                Poles::Two(states, c) => {
                    let state = &mut states[channel];
                    for x in &mut samples[..frames] {
                        *x = state.lowpass(*x, c);
                    }
                    state.flush();
                }
                Poles::Four(states, c) => {
                    let state = &mut states[channel];
                    for x in &mut samples[..frames] {
                        *x = state.lowpass(*x, c);
                    }
                    state.flush();
                }
            }
        }
    }

    pub(crate) fn release(&mut self) {
        self.envelope.release();
    }
}
