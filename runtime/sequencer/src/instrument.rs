//! The built-in instruments: their names, and which controls each understands.

use lilt_score::Control;

use crate::generation::Output;

/// The built-in instruments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Instrument {
    /// Plucked string.
    Pluck,
    /// Mono-leaning bass.
    Bass,
    /// Slow warm chords.
    Pad,
    /// Electric-piano keys.
    Keys,
    /// Bright lead.
    Lead,
    /// Struck bell or mallet.
    Bell,
    /// The drum kit.
    Kit,
    /// A saw behind a filter.
    Saw,
    /// A pulse of any width.
    Square,
    /// A soft, hollow wave.
    Triangle,
    /// A sine.
    Sine,
    /// Seven detuned saws.
    Supersaw,
    /// Frequency modulation of two operators.
    Fm,
    /// The lowest octaves.
    Sub,
    /// A drawbar organ.
    Organ,
    /// Bowed strings.
    String,
    /// A singing voice.
    Voice,
    /// The bass line of a famous little box.
    Acid,
    /// Noise that follows the pitch.
    Noise,
}

impl Instrument {
    /// Every instrument.
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

    /// Name in scripts: `synth "pluck"`.
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

    /// True when a note of this instrument is heard to change with the control.
    pub fn understands(self, control: Control) -> bool {
        if EVERYWHERE.contains(&control) {
            return true;
        }
        match self {
            Instrument::Kit => OF_DRUMS.contains(&control),
            _ => OF_PITCHES.contains(&control) || self.own().contains(&control),
        }
    }

    /// What it understands beside the others.
    fn own(self) -> &'static [Control] {
        match self {
            Instrument::Pluck | Instrument::Sub | Instrument::Noise | Instrument::Kit => &[],
            Instrument::Keys => &[Control::FM, Control::DETUNE],
            Instrument::Bell => &[Control::DETUNE],
            Instrument::Fm => &[Control::FM, Control::FMH, Control::FMDECAY],
            Instrument::Organ => &[Control::CLICK],
            Instrument::Lead | Instrument::Square | Instrument::Acid => {
                &[Control::DETUNE, Control::UNISON, Control::SPREAD, Control::PW]
            }
            Instrument::Bass
            | Instrument::Pad
            | Instrument::Saw
            | Instrument::Triangle
            | Instrument::Sine
            | Instrument::Supersaw
            | Instrument::String
            | Instrument::Voice => &[Control::DETUNE, Control::UNISON, Control::SPREAD],
        }
    }
}

impl Output {
    /// True when a note that goes there is heard to change with the control.
    pub fn understands(&self, control: Control) -> bool {
        let recorded =
            || [EVERYWHERE, OF_PITCHES, OF_RECORDINGS].iter().any(|known| known.contains(&control));
        match self {
            Output::Synth(instrument) => instrument.understands(control),
            Output::Sample { .. } => recorded() || OF_NAMES.contains(&control),
            Output::Preset(_) | Output::Timbre(_) => recorded(),
            Output::Midi { .. } => control.as_controller().is_some() || OF_PORTS.contains(&control),
            // Who is told decides.
            Output::Osc(_) => true,
            Output::Bus => false,
        }
    }
}

/// What every voice goes through behind its instrument, and what a note sets for its whole slot.
const EVERYWHERE: &[Control] = &[
    Control::TUNE,
    Control::GAIN,
    Control::PAN,
    Control::LOWPASS,
    Control::HIGHPASS,
    Control::BANDPASS,
    Control::CRUSH,
    Control::COARSE,
    Control::DISTORT,
    Control::FOLD,
    Control::SHAPE,
    Control::VOWEL,
    Control::RING,
    Control::RINGFREQ,
    Control::TREMOLO,
    Control::TREMOLORATE,
    Control::REVERB,
    Control::DELAY,
    Control::CUT,
    Control::SIZE,
    Control::DAMP,
    Control::DELAYTIME,
    Control::DELAYFEEDBACK,
    Control::CHORUS,
    Control::PHASER,
    Control::FLANGER,
    Control::LEGATO,
    // What is no recording is played so much higher, or lower.
    Control::SPEED,
];

/// Envelope, filter and movement of everything that has a pitch.
const OF_PITCHES: &[Control] = &[
    Control::ATTACK,
    Control::DECAY,
    Control::SUSTAIN,
    Control::RELEASE,
    Control::CUTOFF,
    Control::RESONANCE,
    Control::FENV,
    Control::FATTACK,
    Control::FDECAY,
    Control::FSUSTAIN,
    Control::FRELEASE,
    Control::DRIVE,
    Control::NOISE,
    Control::GLIDE,
    Control::VIBRATO,
    Control::VIB,
    Control::ACCENT,
];

/// What recorded sounds understand beside what everything with a pitch does.
const OF_RECORDINGS: &[Control] = &[Control::BEGIN, Control::END, Control::ACCELERATE, Control::LOOP];

/// What else recorded sounds of a bank understand: which of their name, and how long it is to last.
const OF_NAMES: &[Control] = &[Control::N, Control::BARS, Control::BEATS, Control::SECONDS];

/// What a note says on a MIDI port, beside controllers.
const OF_PORTS: &[Control] =
    &[Control::GAIN, Control::PAN, Control::LEGATO, Control::PROGRAM, Control::BEND, Control::AFTERTOUCH];

/// What a drum understands.
const OF_DRUMS: &[Control] = &[
    Control::TONE,
    Control::DECAY,
    Control::CLICK,
    Control::CUTOFF,
    Control::RESONANCE,
    Control::FENV,
    Control::FATTACK,
    Control::FDECAY,
    Control::FSUSTAIN,
    Control::DRIVE,
    Control::NOISE,
    Control::ACCENT,
];
