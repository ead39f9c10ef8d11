//! What an instrument is beside its source: envelopes, filter, drive, vibrato, level. A note's
//! parameters take the place of what the instrument says.

use super::bend::Vibrato;
use crate::envelope::Adsr;
use crate::param::Param;
use crate::params::Params;

/// How steep a filter is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Slope {
    /// 12 dB an octave, clean.
    Two,
    /// 24 dB an octave, of a ladder that saturates.
    Four,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct FilterPatch {
    pub(crate) slope: Slope,
    /// Hertz, where the envelope is at 0.
    pub(crate) cutoff: f32,
    /// 0..=1.
    pub(crate) resonance: f32,
    /// Octaves at the peak of the envelope.
    pub(crate) octaves: f32,
    pub(crate) envelope: Adsr,
}

/// An envelope for filters that have none of their own.
const SWEEP: Adsr = Adsr { attack: 0.002, decay: 0.35, sustain: 0.0, release: 0.2 };
/// For instruments that decay by themselves, once a note asks for an envelope.
const GATE: Adsr = Adsr { attack: 0.001, decay: 0.3, sustain: 1.0, release: 0.15 };

impl FilterPatch {
    /// A filter that stays where it is.
    pub(crate) fn fixed(slope: Slope, cutoff: f32, resonance: f32) -> Self {
        FilterPatch { slope, cutoff, resonance, octaves: 0.0, envelope: SWEEP }
    }

    fn with(mut self, params: &Params) -> Self {
        self.cutoff = params.or(Param::Cutoff, self.cutoff);
        self.resonance = params.or(Param::Resonance, self.resonance);
        self.octaves = params.or(Param::FilterEnvelope, self.octaves);
        let envelope = &mut self.envelope;
        envelope.attack = params.or(Param::FilterAttack, envelope.attack);
        envelope.decay = params.or(Param::FilterDecay, envelope.decay);
        envelope.sustain = params.or(Param::FilterSustain, envelope.sustain);
        envelope.release = params.or(Param::FilterRelease, envelope.release);
        self
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Patch {
    /// None where the source decays by itself.
    pub(crate) envelope: Option<Adsr>,
    pub(crate) filter: Option<FilterPatch>,
    /// Gain into the saturation before the filter; 0 is none.
    pub(crate) drive: f32,
    /// White noise before the filter.
    pub(crate) noise: f32,
    pub(crate) vibrato: Vibrato,
    pub(crate) level: f32,
}

impl Patch {
    /// A source as it is, at `level`.
    pub(crate) fn plain(level: f32) -> Self {
        Patch { envelope: None, filter: None, drive: 0.0, noise: 0.0, vibrato: Vibrato::NONE, level }
    }

    /// What a note's parameters make of it. `times` says whether they shape the envelope too.
    pub(crate) fn with(mut self, params: &Params, times: bool) -> Self {
        if times {
            self.envelope = envelope(self.envelope, params);
        }
        let asked = [Param::Cutoff, Param::FilterEnvelope].iter().any(|p| params.get(*p).is_some());
        if self.filter.is_none() && asked {
            self.filter = Some(FilterPatch::fixed(Slope::Two, 18_000.0, 0.0));
        }
        self.filter = self.filter.map(|filter| filter.with(params));
        if let Some(drive) = params.get(Param::Drive) {
            self.drive = drive_gain(drive);
        }
        self.noise = params.or(Param::Noise, self.noise);
        let accent = params.or(Param::Accent, 0.0);
        self.level *= 1.0 + 0.6 * accent;
        if let Some(filter) = &mut self.filter {
            filter.octaves += 1.3 * accent * filter.octaves.signum() * f32::from(filter.octaves != 0.0);
            filter.resonance = (filter.resonance + 0.1 * accent).min(1.0);
        }
        self
    }
}

/// The gain of a drive in 0..=1: up to 30 dB.
pub(crate) fn drive_gain(drive: f32) -> f32 {
    if drive > 0.0 { 10f32.powf(1.5 * drive) } else { 0.0 }
}

fn envelope(own: Option<Adsr>, params: &Params) -> Option<Adsr> {
    const TIMES: [Param; 4] = [Param::Attack, Param::Decay, Param::Sustain, Param::Release];
    let [attack, decay, sustain, release] = TIMES.map(|p| params.get(p));
    if own.is_none() && [attack, decay, sustain, release].iter().all(Option::is_none) {
        return None;
    }
    let base = own.unwrap_or(GATE);
    // A thing that is struck and told how long to decay decays to nothing.
    let rest = if own.is_none() && decay.is_some() { 0.0 } else { base.sustain };
    Some(Adsr {
        attack: attack.unwrap_or(base.attack),
        decay: decay.unwrap_or(base.decay),
        sustain: sustain.unwrap_or(rest),
        release: release.unwrap_or(base.release),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_take_the_place_of_the_patch() {
        let patch = Patch::plain(1.0).with(&Params::NONE, true);
        assert!(patch.envelope.is_none() && patch.filter.is_none());
        let params = Params::NONE
            .with(Param::Attack, 0.2)
            .with(Param::Cutoff, 900.0)
            .with(Param::FilterEnvelope, 2.0)
            .with(Param::Accent, 1.0);
        let patch = Patch::plain(1.0).with(&params, true);
        let envelope = patch.envelope.expect("an attack was asked for");
        assert_eq!((envelope.attack, envelope.sustain), (0.2, 1.0));
        let filter = patch.filter.expect("a cutoff was asked for");
        assert_eq!((filter.cutoff, filter.octaves, patch.level), (900.0, 3.3, 1.6));
        assert!(Patch::plain(1.0).with(&params, false).envelope.is_none());
    }

    #[test]
    fn what_is_struck_and_told_to_decay_decays_to_nothing() {
        let params = Params::NONE.with(Param::Decay, 0.1);
        let struck = Patch::plain(1.0).with(&params, true).envelope.map(|e| e.sustain);
        assert_eq!(struck, Some(0.0));
        let held = Adsr { attack: 0.1, decay: 0.1, sustain: 0.8, release: 0.1 };
        let held = Patch { envelope: Some(held), ..Patch::plain(1.0) };
        assert_eq!(held.with(&params, true).envelope.map(|e| e.sustain), Some(0.8));
    }
}
