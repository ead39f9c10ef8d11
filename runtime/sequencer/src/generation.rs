//! A generation: all that one evaluation of the script declared, whole and immutable.

use std::sync::Arc;

use crate::ground::COMMIT_GRID;
use crate::{Ensemble, EvidenceSource, Instrument, Staging, TempoCurve, Wiring};
use lilt_score::{Beat, Control, Controls, Key, Meter, Pattern, Preset, Sketch, TimbrePlace};

/// All that one evaluation of the script declared. The sequencer plays one
/// generation and swaps to the next slot by slot, each at its boundary.
#[derive(Debug, Clone)]
pub struct Generation {
    /// Tempo the music glides to.
    pub tempo: Tempo,
    /// How it moves from there, where it does, counted from the metre's beat 0; then `tempo` is only where it
    /// begins.
    pub tempo_moves: Option<Arc<TempoCurve>>,
    /// Metre: a bar is one cycle of a pattern.
    pub meter: Meter,
    /// Key the script declared, if any: what models and scales take by default.
    pub key: Option<Key>,
    /// Where new music may begin.
    pub quantum: Quantum,
    /// What the canvas shows of it.
    pub staging: Staging,
    /// How it keeps time with other machines.
    pub ensemble: Arc<Ensemble>,
    /// The slots in the order the script named them; names are unique.
    pub slots: Vec<SlotSpec>,
}

impl Generation {
    /// Nothing plays: what a host starts from.
    pub fn silence() -> Generation {
        Generation {
            tempo: Tempo::DEFAULT,
            tempo_moves: None,
            meter: Meter::COMMON,
            key: None,
            quantum: Quantum::Bar,
            staging: Staging::default(),
            ensemble: Arc::default(),
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
    /// With the next event that can still be changed.
    Now,
    /// At the next multiple of so much of a beat, more than 0 and less than 1.
    Fraction(Beat),
    /// At the next beat.
    Beat,
    /// At the next bar.
    Bar,
    /// At the next multiple of so many bars.
    Bars(u8),
}

impl Quantum {
    /// Distance of two boundaries in beats; boundaries are its multiples, counted from a bar line.
    pub fn beats(self, meter: Meter) -> Beat {
        match self {
            Quantum::Now => Beat::new(1, COMMIT_GRID),
            Quantum::Fraction(part) => part.max(Beat::new(1, COMMIT_GRID)),
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
    pub strip: Strip,
    /// The bus that its sound goes to, and under whom it ducks.
    pub wiring: Wiring,
    /// Where it may change, if not where all others do.
    pub quantum: Option<Quantum>,
    /// True where new material begins at its first note instead of in phase with the bars.
    pub restart: bool,
    /// True while the script holds it silent: it keeps its place and its phase.
    pub silent: bool,
    /// True where the script asked to hear only this slot and other soloed ones.
    pub solo: bool,
    /// The source whose keys play on it at once, beside what the script plays.
    pub hands: Option<Arc<str>>,
    /// After how many bars each of two takes makes way for the other, where a listener is to choose one of them.
    pub turns: Option<i64>,
    /// Line of the script, from 1, that filled the slot: for diagnostics and editors.
    pub line: u32,
    /// Name of the model behind it, if a take fills it.
    pub model: Option<String>,
    /// How far that model had to bend, where it is tilted.
    pub evidence: EvidenceSource,
    /// Identity of what the part plays that never comes round again, if anything: bar 0 of it lies where
    /// the slot begins to play it, and a slot that is filled with the same again goes on in it.
    pub stream: Option<u64>,
    /// True where it follows the form of the whole script: bar 0 of that lies where the first of all slots
    /// that follow one began, and stays there for as long as any does.
    pub form: bool,
    /// Identity of what the slot declares (part, output, strip): two slots with
    /// the same fingerprint sound the same, so an unrelated edit can be seen to
    /// leave them alone.
    pub fingerprint: u64,
}

/// What fills a slot.
#[derive(Debug, Clone)]
pub enum Part {
    /// Music. Each event's whole is when it sounds; what has no tone does not sound.
    Notes(Pattern<Controls>),
    /// A drawing whose strokes appear in time. What of its looks the script says is the slot's strip.
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
    /// Recorded sounds, of which the control N says which.
    Sample {
        /// Their name.
        name: Arc<str>,
        /// False where the event says no pitch: it then sounds as it was recorded.
        pitched: bool,
    },
    /// A preset of a SoundFont.
    Preset(Arc<Preset>),
    /// A place in a space of sounds. Only events name these.
    Timbre(TimbrePlace),
    /// A MIDI port, by a part of its name, and a channel `1..=16`.
    Midi {
        /// What the script wrote; the first port whose name contains it is used,
        /// and a virtual port of that name is opened when none does.
        port: String,
        /// Channel as musicians count, `1..=16`.
        channel: u8,
    },
    /// Another program, by OSC.
    Osc(Arc<OscTarget>),
    /// It plays nothing itself: it is a bus, which other slots' sound goes through.
    Bus,
}

/// A program that is sent notes by OSC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OscTarget {
    /// The machine it runs on, by name or number.
    pub host: Arc<str>,
    /// The port at which it listens.
    pub port: u16,
    /// The address that each message has, as in `/dirt/play`.
    pub path: Arc<str>,
    /// What the messages say.
    pub shape: OscShape,
    /// What plays the notes there, where the script says so.
    pub sound: Option<Arc<str>>,
}

/// How a message tells of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OscShape {
    /// By Lilt's own words, each with its value: `note 60 velocity 0.8 duration 0.5 gain 1`.
    Named,
    /// As Tidal tells SuperDirt.
    Dirt,
}

/// What a slot's sound passes through, or the looks of its drawing: patterns of numbers for controls, so that a
/// number, a text in mini-notation or a function of time can move them. What is not said is where it changes nothing.
#[derive(Debug, Clone, Default)]
pub struct Strip {
    /// Each control once, in the order of the controls.
    said: Vec<(Control, Pattern<f64>)>,
}

impl Strip {
    /// Nothing is said.
    pub fn new() -> Strip {
        Strip::default()
    }

    /// With a control that moves so.
    #[must_use]
    pub fn with(mut self, control: Control, pattern: Pattern<f64>) -> Strip {
        match self.said.binary_search_by_key(&control, |(known, _)| *known) {
            Ok(found) => self.said[found].1 = pattern,
            Err(place) => self.said.insert(place, (control, pattern)),
        }
        self
    }

    /// How a control moves, where that is said.
    pub fn pattern(&self, control: Control) -> Option<&Pattern<f64>> {
        let found = self.said.binary_search_by_key(&control, |(known, _)| *known).ok()?;
        Some(&self.said[found].1)
    }

    /// The controls that are said, beside those that every slot has.
    pub(crate) fn own(&self) -> impl Iterator<Item = Control> {
        self.said.iter().map(|(control, _)| *control).filter(|control| control.as_controller().is_some())
    }

    /// Where a control of a slot stands when the script says nothing.
    pub fn unsaid(control: Control) -> f64 {
        match control {
            // A little room, so that nothing sounds glued to the loudspeaker.
            Control::REVERB => 0.12,
            other => other.neutral(),
        }
    }
}
