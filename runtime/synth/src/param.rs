//! What a note may say of its own sound.

use crate::control_table::controls;
use crate::slot_control::SlotControl;

controls! {
    /// A control that a note carries; see [`Params`](crate::Params). Most act on the note's voice
    /// alone; the others ([`Param::slot_control`]) move a control of its slot when the note begins.
    Param;
    /// Time from silence to the peak.
    Attack("attack", "att") 0..30 Seconds None;
    /// Time from the peak to the sustained level; for drums, a factor on how long they ring.
    Decay("decay", "dec") 0..30 Seconds None;
    /// Level that is held until the note ends.
    Sustain("sustain", "sus") 0..1 Number None;
    /// Time from the end of the note to silence.
    Release("release", "rel") 0..30 Seconds None;
    /// Cutoff of the instrument's own filter.
    Cutoff("cutoff", "ctf") 20..20000 Hertz None;
    /// How much the instrument's filter rings at its cutoff, and the note's other filters at theirs.
    Resonance("resonance", "res", "lpq") 0..1 Number None;
    /// How far the filter's envelope opens the cutoff; below 0 it closes it.
    FilterEnvelope("fenv", "lpenv") -10..10 Octaves None;
    /// Time in which the filter's envelope rises.
    FilterAttack("fattack", "lpattack", "lpa") 0..30 Seconds None;
    /// Time in which the filter's envelope falls to its sustained level.
    FilterDecay("fdecay", "lpdecay", "lpd") 0..30 Seconds None;
    /// Sustained level of the filter's envelope.
    FilterSustain("fsustain", "lpsustain", "lps") 0..1 Number None;
    /// Time in which the filter's envelope falls when the note has ended.
    FilterRelease("frelease", "lprelease", "lpr") 0..30 Seconds None;
    /// How far apart the oscillators of a voice are.
    Detune("detune") 0..200 Cents None;
    /// How many oscillators a voice has.
    Unison("unison") 1..8 Number None;
    /// How far the oscillators of a voice stand apart in stereo.
    Spread("spread") 0..1 Number None;
    /// Warm overdrive before the filter.
    Drive("drive") 0..1 Number None;
    /// Index of the frequency modulation: how bright it is.
    Fm("fm", "fmi") 0..32 Number None;
    /// Ratio of the modulator to the note.
    FmRatio("fmh", "fmratio") 0.125..32 Number None;
    /// Time in which the index of the frequency modulation falls.
    FmDecay("fmdecay") 0..30 Seconds None;
    /// Width of the pulse, as a part of its cycle.
    PulseWidth("pw") 0.02..0.98 Number None;
    /// White noise mixed in before the filter.
    Noise("noise") 0..1 Number None;
    /// Time in which the pitch comes from that of the slot's last note.
    Glide("glide", "slide", "portamento") 0..10 Seconds Some(0.0);
    /// Depth of the vibrato.
    VibratoDepth("vibrato", "vibmod", "vmod") 0..1200 Cents None;
    /// Swings of the vibrato a second.
    VibratoRate("vib", "vibratorate") 0.1..40 Hertz None;
    /// Weight of the note: louder, and with a wider sweep of the filter.
    Accent("accent") 0..1 Number Some(0.0);
    /// Moves the pitch of anything, drums and samples too.
    Tune("tune") -48..48 Semitones Some(0.0);
    /// Click of a drum's beater, or of an organ's keys.
    Click("click") 0..1 Number None;
    /// Brightness of a drum: 0 is dull, 0.5 as it is, 1 bright.
    Tone("tone") 0..1 Number Some(0.5);
    /// Linear gain of the note.
    Gain("gain") 0..4 Number Some(1.0);
    /// Position of the note, from -1 (left) to 1 (right), on top of that of its slot.
    Pan("pan") -1..1 Number Some(0.0);
    /// Cutoff of a lowpass on the note alone.
    Lowpass("lowpass", "lpf") 20..20000 Hertz Some(20_000.0);
    /// Cutoff of a highpass on the note alone.
    Highpass("highpass", "hpf", "hcutoff") 20..20000 Hertz Some(20.0);
    /// Middle of a bandpass on the note alone; 0 is off.
    Bandpass("bandpass", "bpf", "bandf") 0..20000 Hertz Some(0.0);
    /// Bits that are left of each sample of the note; 16 is off.
    Crush("crush") 1..16 Bits Some(16.0);
    /// How many samples each one of the note is held for; 1 is off.
    Coarse("coarse") 1..64 Number Some(1.0);
    /// Hard distortion of the note, as of a pedal.
    Distort("distort", "dist") 0..1 Number Some(0.0);
    /// Folds the wave of the note back at its peaks.
    Fold("fold") 0..1 Number Some(0.0);
    /// Wave shaping that brings up what is quiet in the note.
    Shape("shape") 0..1 Number Some(0.0);
    /// A vowel: 1 is a, 2 e, 3 i, 4 o, 5 u, in between they melt; 0 is off.
    Vowel("vowel", "formant") 0..5 Number None;
    /// Mix of a ring modulator on the note.
    Ring("ring") 0..1 Number Some(0.0);
    /// Frequency of the note's ring modulator.
    RingFrequency("ringfreq", "ringf") 1..8000 Hertz Some(220.0);
    /// Depth of a tremolo on the note.
    Tremolo("tremolo", "tremdp") 0..1 Number Some(0.0);
    /// Swings of the note's tremolo a second.
    TremoloRate("tremolorate", "tremr") 0.1..40 Hertz Some(5.0);
    /// What the note sends to the reverb, beside what its slot sends.
    Reverb("reverb", "room") 0..1 Number Some(0.0);
    /// What the note sends to the delay, beside what its slot sends.
    Delay("delay") 0..1 Number Some(0.0);
    /// Where in the sample to begin, as a part of its length.
    Begin("begin") 0..1 Number Some(0.0);
    /// Where in the sample to end, as a part of its length.
    End("end") 0..1 Number Some(1.0);
    /// Speed of the sound, and so its pitch; below 0 a sample runs backwards from its end.
    Speed("speed") -16..16 Number Some(1.0);
    /// Octaves a second by which the sample gets faster.
    Accelerate("accelerate") -16..16 Octaves Some(0.0);
    /// Goes round between begin and end until the note ends.
    Loop("loop") 0..1 Switch Some(0.0);
    /// Number of a choke group: the note silences the others of its slot with that number; 0 is none.
    Cut("cut") 0..1000 Number Some(0.0);
    /// Size of the room of the slot's reverb.
    Size("size", "roomsize", "sz") 0..1 Number None;
    /// How fast the slot's reverb loses its treble.
    Damp("damp", "roomlp") 0..1 Number None;
    /// Time from one echo of the slot's delay to the next.
    DelayTime("delaytime", "delayt") 0.01..8 Beats None;
    /// How much of each echo the slot's delay repeats.
    DelayFeedback("delayfeedback", "delayfb") 0..0.95 Number None;
    /// Mix of the slot's chorus.
    Chorus("chorus") 0..1 Number None;
    /// Mix of the slot's phaser.
    Phaser("phaser") 0..1 Number None;
    /// Mix of the slot's flanger.
    Flanger("flanger") 0..1 Number None;
}

impl Param {
    /// The control of the slot that a note with this parameter moves when it begins, where the
    /// parameter does not belong to the note alone. The slot keeps the value.
    #[must_use]
    pub fn slot_control(self) -> Option<SlotControl> {
        Some(match self {
            Param::Size => SlotControl::Size,
            Param::Damp => SlotControl::Damp,
            Param::DelayTime => SlotControl::DelayTime,
            Param::DelayFeedback => SlotControl::DelayFeedback,
            Param::Chorus => SlotControl::Chorus,
            Param::Phaser => SlotControl::Phaser,
            Param::Flanger => SlotControl::Flanger,
            _ => return None,
        })
    }

    /// Whether any sound understands it: it belongs to the slot, or to what every voice goes
    /// through behind its instrument. The others are named by
    /// [`Instrument::params`](crate::Instrument::params).
    #[must_use]
    pub fn is_universal(self) -> bool {
        self.slot_control().is_some() || INSERTED.contains(&self) || self == Param::Speed
    }
}

/// What every voice goes through behind its instrument.
pub(crate) const INSERTED: &[Param] = &[
    Param::Tune,
    Param::Gain,
    Param::Pan,
    Param::Lowpass,
    Param::Highpass,
    Param::Bandpass,
    Param::Crush,
    Param::Coarse,
    Param::Distort,
    Param::Fold,
    Param::Shape,
    Param::Vowel,
    Param::Ring,
    Param::RingFrequency,
    Param::Tremolo,
    Param::TremoloRate,
    Param::Reverb,
    Param::Delay,
    Param::Cut,
    Param::Resonance,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_described_and_named_once() {
        let mut names = Vec::new();
        for param in Param::ALL {
            let spec = param.spec();
            assert_eq!(Param::from_name(spec.name), Some(*param));
            assert!(spec.least < spec.greatest, "{}", spec.name);
            assert!(spec.about.ends_with('.'), "{}", spec.name);
            if let Some(default) = spec.default {
                assert_eq!(param.keep(default), Some(default), "{}", spec.name);
            }
            names.push(spec.name);
            names.extend(spec.aliases);
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "two parameters share a name");
    }

    /// A note's parameter and the control of its slot mean the same.
    #[test]
    fn parameters_of_the_slot_have_the_range_of_its_control() {
        for param in Param::ALL {
            let Some(control) = param.slot_control() else { continue };
            assert_eq!((param.name(), param.range()), (control.name(), control.range()));
            assert_eq!(param.spec().unit, control.spec().unit);
        }
    }
}
