//! A generation: all that one evaluation of the script declared, whole and immutable.

use crate::EvidenceSource;
use lilt_score::{Beat, Key, Meter, Note, Pattern, Sketch, Tone};

/// All that one evaluation of the script declared. The sequencer plays one
/// generation and swaps to the next slot by slot, each at its boundary.
#[derive(Debug, Clone)]
pub struct Generation {
    /// Tempo the music glides to.
    pub tempo: Tempo,
    /// Metre: a bar is one cycle of a pattern.
    pub meter: Meter,
    /// Key the script declared, if any: what models and scales take by default.
    pub key: Option<Key>,
    /// Where new music may begin.
    pub quantum: Quantum,
    /// The slots in the order the script named them; names are unique.
    pub slots: Vec<SlotSpec>,
}

impl Generation {
    /// Nothing plays: what a host starts from.
    pub fn silence() -> Generation {
        Generation {
            tempo: Tempo::DEFAULT,
            meter: Meter::COMMON,
            key: None,
            quantum: Quantum::Bar,
            slots: Vec::new(),
        }
    }
}

/// Quarter notes a minute, `20..=999`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Tempo(f64);

impl Tempo {
    /// What a script has when it says nothing.
    pub const DEFAULT: Tempo = Tempo(120.0);
    /// The slowest and the fastest tempo.
    pub const RANGE: std::ops::RangeInclusive<f64> = 20.0..=999.0;

    /// A tempo, or `None` outside [`Tempo::RANGE`].
    pub fn new(bpm: f64) -> Option<Tempo> {
        Tempo::RANGE.contains(&bpm).then_some(Tempo(bpm))
    }

    /// Quarter notes a minute.
    pub fn bpm(self) -> f64 {
        self.0
    }

    /// Length of a beat in seconds.
    pub fn seconds_per_beat(self) -> f64 {
        60.0 / self.0
    }
}

/// Where new music may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantum {
    /// At once.
    Now,
    /// At the next multiple of a part of a beat, above 0 and below 1.
    Fraction(Beat),
    /// At the next beat.
    Beat,
    /// At the next bar.
    Bar,
    /// At the next multiple of so many bars.
    Bars(u8),
}

impl Quantum {
    /// Distance of two boundaries in beats; boundaries are its multiples.
    pub fn beats(self, meter: Meter) -> Beat {
        match self {
            // Three milliseconds at 20 bpm: nobody hears a grid.
            Quantum::Now => Beat::new(1, 960),
            Quantum::Fraction(beats) => beats,
            Quantum::Beat => Beat::ONE,
            Quantum::Bar => meter.bar(),
            Quantum::Bars(bars) => meter.bar() * Beat::whole(i64::from(bars.max(1))),
        }
    }
}

/// One named place in the performance and what fills it.
#[derive(Debug, Clone)]
pub struct SlotSpec {
    /// Name as the script wrote it, 1 to 64 characters.
    pub name: String,
    /// What it plays or draws.
    pub part: Part,
    /// Where its notes go.
    pub output: Output,
    /// How loud, where, through what.
    pub controls: Controls,
    /// True while the script holds it silent: it keeps its place and its phase.
    pub silent: bool,
    /// True where the script asked to hear only this slot and other soloed ones.
    pub solo: bool,
    /// Where its new music may begin; `None` is where the generation says.
    pub quantum: Option<Quantum>,
    /// True where the part begins at its first note when it enters, and not in the middle of its phrase.
    pub restart: bool,
    /// Line of the script, from 1, that filled the slot: for diagnostics and editors.
    pub line: u32,
    /// Name of the model behind it, if a take fills it.
    pub model: Option<String>,
    /// How far that model had to bend, where it is tilted.
    pub evidence: EvidenceSource,
    /// How much some of its notes surprise a model, in nats (−ln p): an event for each such note, with its
    /// whole and its tone. For pictures; it is never late.
    pub surprises: Option<Pattern<(Tone, f64)>>,
    /// Identity of what the part plays that never comes round again, if anything: bar 0 of it lies where
    /// the slot begins to play it, and a slot that is filled with the same again goes on in it.
    pub stream: Option<u64>,
    /// Identity of what the slot declares (part, output, controls): two slots with
    /// the same fingerprint sound the same, so an unrelated edit can be seen to
    /// leave them alone.
    pub fingerprint: u64,
}

/// What fills a slot.
#[derive(Debug, Clone)]
pub enum Part {
    /// Notes. Each event's whole is when the note sounds; the note's own start is
    /// not looked at.
    Notes(Pattern<Note>),
    /// A drawing whose strokes appear over `length` beats, again and again. The
    /// pattern gives the sketch to draw in each cycle of that length.
    Drawing {
        /// One sketch an event; the event's whole is the time its strokes take.
        sketches: Pattern<Sketch>,
    },
}

/// Where a slot's notes go.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// An instrument of the built-in synthesiser.
    Synth(Instrument),
    /// A MIDI port, by a part of its name, and a channel `1..=16`.
    Midi {
        /// What the script wrote; the first port whose name contains it is used,
        /// and a virtual port of that name is opened when none does.
        port: String,
        /// Channel as musicians count, `1..=16`.
        channel: u8,
    },
}

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
}

impl Instrument {
    /// Every instrument.
    pub const ALL: [Instrument; 7] = [
        Instrument::Pluck,
        Instrument::Bass,
        Instrument::Pad,
        Instrument::Keys,
        Instrument::Lead,
        Instrument::Bell,
        Instrument::Kit,
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
        }
    }
}

/// What a slot's sound passes through. Every control is a pattern of numbers,
/// so that a number, a mini-notation string or a function of time can move it.
#[derive(Debug, Clone)]
pub struct Controls {
    /// Loudness factor, `0..=2`, 1 leaves it alone.
    pub gain: Pattern<f64>,
    /// −1 left, 0 middle, 1 right.
    pub pan: Pattern<f64>,
    /// Low-pass cutoff in hertz, `20..=20000`.
    pub lowpass: Pattern<f64>,
    /// High-pass cutoff in hertz, `20..=20000`.
    pub highpass: Pattern<f64>,
    /// How much goes to the reverb, `0..=1`; 0.12 when a script says nothing.
    pub reverb: Pattern<f64>,
    /// How much goes to the delay, `0..=1`.
    pub delay: Pattern<f64>,
}

impl Default for Controls {
    fn default() -> Controls {
        Controls {
            gain: Pattern::steady(1.0),
            pan: Pattern::steady(0.0),
            lowpass: Pattern::steady(20_000.0),
            highpass: Pattern::steady(20.0),
            // A little room, so that nothing sounds glued to the loudspeaker.
            reverb: Pattern::steady(0.12),
            delay: Pattern::steady(0.0),
        }
    }
}
