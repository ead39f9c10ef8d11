//! An electric piano by frequency modulation (Chowning, "The synthesis of complex audio spectra by
//! means of frequency modulation", JAES 21(7), 1973): a body with carrier and modulator in unison,
//! and a tine whose modulator stands fourteen times higher, the pairing known from the DX7.

use super::Onset;
use super::patch::Patch;
use crate::envelope::{Decay, SILENCE};
use crate::oscillator::{CONTROL_FRAMES, Frames, Phase, ramp, ratio_of_cents, sine};
use crate::param::Param;

const LEVEL: f32 = 0.43;
/// Seconds for 60 dB after the key is let go.
const RELEASE: f32 = 0.35;

#[derive(Clone, Debug)]
pub(crate) struct Keys {
    body: Phase,
    body_modulator: Phase,
    tine: Phase,
    tine_modulator: Phase,
    body_index: f32,
    body_decay: Decay,
    tine_index: f32,
    tine_level: f32,
    tine_decay: Decay,
    amplitude: Decay,
    attack: f32,
    attack_step: f32,
    sway: Phase,
    sample_rate: f32,
}

impl Keys {
    pub(crate) fn new(onset: &Onset) -> Self {
        let Onset { frequency, velocity, sample_rate, .. } = *onset;
        let at = |ratio: f32| Phase::new(frequency * ratio, sample_rate, 0.0);
        let off = ratio_of_cents(onset.params.or(Param::Detune, 0.0));
        let depth = onset.params.get(Param::Fm).map_or(1.0, |index| 0.5 * index);
        // The tine keeps below a third of the sample rate: it goes down by whole harmonics and is
        // left out where even the second is too high.
        let room = (0.33 * sample_rate / frequency).floor();
        let ratio = room.min(14.0);
        let height = (frequency / 262.0).log2();
        Keys {
            body: at(1.0),
            body_modulator: at(1.0),
            tine: at(off),
            tine_modulator: at(ratio.max(1.0)),
            // The bark of a hard note: side bands grow with velocity, and shrink with the pitch.
            body_index: depth * (0.03 + 0.27 * velocity * velocity) * (1.0 - 0.16 * height).clamp(0.25, 1.4),
            body_decay: Decay::new(2.4 * (-0.35 * height).exp2(), sample_rate),
            tine_index: if ratio < 2.0 { 0.0 } else { 0.05 + 0.13 * velocity },
            tine_level: 0.1 + 0.32 * velocity,
            tine_decay: Decay::new(0.9 * (-0.3 * height).exp2(), sample_rate),
            amplitude: Decay::new((7.0 * (-0.45 * height).exp2()).clamp(1.5, 12.0), sample_rate),
            attack: 0.0,
            attack_step: 1.0 / (0.0015 * sample_rate),
            sway: Phase::new(4.6, sample_rate, 0.0),
            sample_rate,
        }
    }

    pub(crate) fn patch(onset: &Onset) -> Patch {
        Patch::plain(LEVEL * onset.amplitude())
    }

    #[inline]
    pub(crate) fn add(&mut self, bend: f32, frames: usize, [left, right]: [&mut Frames; 2]) {
        let run = |phase: &mut Phase| {
            let step = (phase.increment * bend).min(0.45);
            ramp(&mut phase.value, step, frames)
        };
        let (body, body_modulator) = (run(&mut self.body), run(&mut self.body_modulator));
        let (tine, tine_modulator) = (run(&mut self.tine), run(&mut self.tine_modulator));
        let bark = self.body_decay.block(frames);
        let ring = self.tine_decay.block(frames);
        let amplitude = self.amplitude.block(frames);
        let mut sum = [0.0; CONTROL_FRAMES];
        for i in 0..CONTROL_FRAMES {
            let bark = self.body_index * bark[i];
            let body = sine(body[i] + bark * sine(body_modulator[i]));
            let bend = self.tine_index * ring[i];
            let tine = sine(tine[i] + bend * sine(tine_modulator[i]));
            let tine_level = self.tine_level * (0.35 + 0.65 * ring[i]);
            sum[i] = amplitude[i] * (body + tine_level * tine);
        }
        // The stereo vibrato of the suitcase model, shallow.
        let sway = self.sway.block(frames).map(|t| 0.1 * sine(t));
        for i in 0..frames {
            self.attack = (self.attack + self.attack_step).min(1.0);
            let x = self.attack * sum[i];
            left[i] += x * (1.0 + sway[i]);
            right[i] += x * (1.0 - sway[i]);
        }
    }

    pub(crate) fn release(&mut self) {
        self.amplitude.set_seconds(RELEASE, self.sample_rate);
    }

    pub(crate) fn finished(&self) -> bool {
        self.amplitude.level() < SILENCE
    }
}
