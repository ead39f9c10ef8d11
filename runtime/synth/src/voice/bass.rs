//! A synthesiser bass: two saws and a sine, driven a little, through a 24 dB lowpass with an
//! envelope of its own.

use super::{Onset, Stereo};
use crate::envelope::{Adsr, Decay, Envelope};
use crate::filter::{Svf, SvfCoefficients};
use crate::oscillator::{Phase, ratio_of_cents, saturate, saw, sine};

const LEVEL: f32 = 0.44;

#[derive(Clone, Debug)]
pub(crate) struct Bass {
    saws: [Phase; 2],
    sub: Phase,
    filters: [Svf; 2],
    sweep: Decay,
    amplitude: Envelope,
    /// Cutoff without and with the whole envelope, as octaves over the pitch.
    floor_octaves: f32,
    sweep_octaves: f32,
    frequency: f32,
    drive: f32,
    level: f32,
    sample_rate: f32,
}

impl Bass {
    pub(crate) fn new(onset: Onset) -> Self {
        let Onset { frequency, velocity, sample_rate, .. } = onset;
        let at = |cents: f32, start| Phase::new(frequency * ratio_of_cents(cents), sample_rate, start);
        Bass {
            saws: [at(-3.0, 0.25), at(3.0, 0.55)],
            sub: at(0.0, 0.0),
            filters: Default::default(),
            sweep: Decay::new(0.55 + 0.4 * velocity, sample_rate),
            amplitude: Envelope::new(
                Adsr { attack: 0.003, decay: 0.9, sustain: 0.7, release: 0.09 },
                sample_rate,
            ),
            floor_octaves: 1.3 + 0.7 * velocity,
            sweep_octaves: 1.2 + 2.6 * velocity,
            frequency,
            drive: 1.1 + 0.9 * velocity,
            level: LEVEL * onset.amplitude(),
            sample_rate,
        }
    }

    pub(crate) fn render(&mut self, mut out: Stereo<'_>) {
        for block in out.control_blocks() {
            let octaves = self.floor_octaves + self.sweep_octaves * self.sweep.level();
            let cutoff = (self.frequency * octaves.exp2()).clamp(140.0, 9000.0);
            // Butterworth of the fourth order, the second stage a little sharper than its 1.31.
            let c = [
                SvfCoefficients::new(cutoff, 0.541, self.sample_rate),
                SvfCoefficients::new(cutoff, 1.7, self.sample_rate),
            ];
            let frames = block.left.len();
            let mut driven = self.sub.block(frames).map(|t| 0.75 * sine(t));
            for phase in &mut self.saws {
                let (step, cycle) = (phase.increment, 1.0 / phase.increment);
                for (x, t) in driven.iter_mut().zip(phase.block(frames)) {
                    *x += 0.42 * saw(t, step, cycle);
                }
            }
            for x in &mut driven {
                *x = saturate(self.drive * *x);
            }
            self.sweep.block(frames);
            let gains = self.amplitude.block(frames);
            let [filter, filter_again] = &mut self.filters;
            for x in &mut driven[..frames] {
                *x = filter_again.lowpass(filter.lowpass(*x, &c[0]), &c[1]);
            }
            for (x, gain) in driven.iter_mut().zip(gains) {
                *x = self.level * gain * saturate(1.2 * *x);
            }
            block.left.copy_from_slice(&driven[..frames]);
            block.right.copy_from_slice(&driven[..frames]);
            filter.flush();
            filter_again.flush();
        }
    }

    pub(crate) fn release(&mut self) {
        self.amplitude.release();
    }

    pub(crate) fn finished(&self) -> bool {
        self.amplitude.finished()
    }
}
