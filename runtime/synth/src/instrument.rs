//! What a voice can be: the instruments, their names, and what each understands.

use crate::drum_sound::DrumSound;
use crate::param::Param;
use crate::sample::SampleId;

/// An instrument of the synth. Each is played at a pitch, except [`Instrument::Kit`], where the
/// pitch picks a drum as on a General MIDI percussion channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instrument {
    /// A plucked string: extended Karplus-Strong with pick position and body.
    Pluck,
    /// Two saws and a sine through a 24 dB filter with its own envelope, slightly saturated.
    Bass,
    /// Eight detuned saws in stereo behind a slow lowpass.
    Pad,
    /// An electric piano by frequency modulation, with a tine that grows with velocity.
    Keys,
    /// A bright saw and a moving pulse with a delayed vibrato.
    Lead,
    /// Eight inharmonic partials, each with its own decay.
    Bell,
    /// The drum kit.
    Kit,
    /// A saw behind a lowpass that opens with the velocity.
    Saw,
    /// A pulse of any width, square by itself.
    Square,
    /// A triangle, soft and hollow.
    Triangle,
    /// A sine.
    Sine,
    /// Seven detuned saws across the stereo field.
    Supersaw,
    /// Two operators of frequency modulation, with ratio, index and its decay.
    Fm,
    /// A sine for the lowest octaves, audible on small loudspeakers too.
    Sub,
    /// A drawbar organ with key click and a rotating loudspeaker.
    Organ,
    /// A section of bowed strings.
    String,
    /// A singing voice on any vowel.
    Voice,
    /// The bass line of the TB-303: saw or pulse through a ladder that screams.
    Acid,
    /// White noise through a lowpass that follows the pitch.
    Noise,
}

/// Parameters of everything that has an envelope and a filter.
macro_rules! and_the_usual {
    ($($more:ident),*) => {
        &[
            Param::Attack,
            Param::Decay,
            Param::Sustain,
            Param::Release,
            Param::Cutoff,
            Param::Resonance,
            Param::FilterEnvelope,
            Param::FilterAttack,
            Param::FilterDecay,
            Param::FilterSustain,
            Param::FilterRelease,
            Param::Drive,
            Param::Noise,
            Param::Glide,
            Param::VibratoDepth,
            Param::VibratoRate,
            Param::Accent,
            $(Param::$more,)*
        ]
    };
}

const KIT: &[Param] = &[
    Param::Tone,
    Param::Decay,
    Param::Click,
    Param::Cutoff,
    Param::Resonance,
    Param::FilterEnvelope,
    Param::FilterAttack,
    Param::FilterDecay,
    Param::FilterSustain,
    Param::Drive,
    Param::Noise,
    Param::Accent,
];

/// Parameters of a sample, beside those that every sound understands.
const SAMPLE: &[Param] = and_the_usual![Begin, End, Accelerate, Loop];

impl VoiceKind {
    /// The parameters that it understands, beside those that every sound does
    /// ([`Param::is_universal`]).
    #[must_use]
    pub fn params(self) -> &'static [Param] {
        match self {
            VoiceKind::Pitched { instrument, .. } => instrument.params(),
            VoiceKind::Drum(_) => KIT,
            VoiceKind::Sample { .. } => SAMPLE,
        }
    }

    /// Whether a note of this kind may carry `param` and be heard to.
    #[must_use]
    pub fn understands(self, param: Param) -> bool {
        param.is_universal() || self.params().contains(&param)
    }
}

impl Instrument {
    /// Every instrument, in the order in which they are listed to a user.
    pub const ALL: [Instrument; 19] = [
        Instrument::Pluck,
        Instrument::Bass,
        Instrument::Pad,
        Instrument::Keys,
        Instrument::Lead,
        Instrument::Bell,
        Instrument::Kit,
        Instrument::Saw,
        Instrument::Square,
        Instrument::Triangle,
        Instrument::Sine,
        Instrument::Supersaw,
        Instrument::Fm,
        Instrument::Sub,
        Instrument::Organ,
        Instrument::String,
        Instrument::Voice,
        Instrument::Acid,
        Instrument::Noise,
    ];

    /// The instrument a script calls by this name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|i| i.name() == name)
    }

    /// The name a script uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Instrument::Pluck => "pluck",
            Instrument::Bass => "bass",
            Instrument::Pad => "pad",
            Instrument::Keys => "keys",
            Instrument::Lead => "lead",
            Instrument::Bell => "bell",
            Instrument::Kit => "kit",
            Instrument::Saw => "saw",
            Instrument::Square => "square",
            Instrument::Triangle => "triangle",
            Instrument::Sine => "sine",
            Instrument::Supersaw => "supersaw",
            Instrument::Fm => "fm",
            Instrument::Sub => "sub",
            Instrument::Organ => "organ",
            Instrument::String => "string",
            Instrument::Voice => "voice",
            Instrument::Acid => "acid",
            Instrument::Noise => "noise",
        }
    }

    /// The parameters that the instrument understands, beside those that every sound does
    /// ([`Param::is_universal`]). A note may carry others; they are not heard.
    #[must_use]
    pub fn params(self) -> &'static [Param] {
        match self {
            Instrument::Pluck | Instrument::Sub | Instrument::Noise => and_the_usual![],
            Instrument::Keys => and_the_usual![Fm, Detune],
            Instrument::Bell => and_the_usual![Detune],
            Instrument::Fm => and_the_usual![Fm, FmRatio, FmDecay],
            Instrument::Organ => and_the_usual![Click],
            Instrument::Lead | Instrument::Square | Instrument::Acid => {
                and_the_usual![Detune, Unison, Spread, PulseWidth]
            }
            Instrument::Bass
            | Instrument::Pad
            | Instrument::Saw
            | Instrument::Triangle
            | Instrument::Sine
            | Instrument::Supersaw
            | Instrument::String
            | Instrument::Voice => and_the_usual![Detune, Unison, Spread],
            Instrument::Kit => KIT,
        }
    }

    /// Whether a note of this instrument may carry `param` and be heard to.
    #[must_use]
    pub fn understands(self, param: Param) -> bool {
        VoiceKind::Pitched { instrument: self, pitch: 60.0 }.understands(param)
    }
}

/// What a note sounds as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum VoiceKind {
    /// An instrument at a pitch in semitones, 69 being A at 440 Hz; fractions are in between.
    /// Pitches are kept within 0..=136, a pitch that is not a number plays nothing.
    Pitched {
        /// Which instrument.
        instrument: Instrument,
        /// Semitones as in MIDI, fractions allowed.
        pitch: f32,
    },
    /// A sound of the drum kit.
    Drum(DrumSound),
    /// A recorded sound, which rings to its end by itself unless the note gives it an envelope or
    /// lets it go round; or a [`Timbre`](crate::Timbre), which is held and ends as it says itself.
    Sample {
        /// Which one; see [`Mixer::samples`](crate::Mixer::samples).
        sample: SampleId,
        /// Semitones; at 60 a recording sounds as it was made, a timbre at middle C.
        pitch: f32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_what_they_name() {
        for instrument in Instrument::ALL {
            assert_eq!(Instrument::from_name(instrument.name()), Some(instrument));
        }
        assert_eq!(Instrument::from_name("Pluck"), None);
    }

    #[test]
    fn an_instrument_knows_what_it_understands() {
        assert!(Instrument::Fm.understands(Param::FmRatio));
        assert!(!Instrument::Pluck.understands(Param::FmRatio));
        assert!(!Instrument::Kit.understands(Param::Sustain));
        for instrument in Instrument::ALL {
            assert!(instrument.understands(Param::Gain) && instrument.understands(Param::Size));
            for (n, param) in instrument.params().iter().enumerate() {
                let twice = instrument.params()[n + 1..].contains(param);
                assert!(!twice, "{} lists {} twice", instrument.name(), param.name());
            }
        }
    }
}
