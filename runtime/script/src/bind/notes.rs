//! `notes` and `drums`: patterns in mini-notation, and what can be done with them.

use std::rc::Rc;

use lilt_score::{Beat, Note, Pattern, Pitch, Tone, mini};
use lilt_sequencer::{EvidenceSource, Instrument};
use mlua::{Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value};

use crate::bind::morph::MorphValue;
use crate::bind::{call, no_method, value_of};
use crate::clip_value::ClipValue;
use crate::context::context;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::function::{self, Called};
use crate::options::{beats, expected, number, text, whole_in};

pub(super) const DOCS: &[&str] = &[
    "notes(text)
A pattern of notes in mini-notation; it fills one bar. play takes such a text as it is.
@param text pitches by name or number, as in \"c4 [e4 g4] ~ <c5 b4>\"
@example play(\"tune\", notes(\"c4 e4 g4\"):fast(2))",
    "drums(text)
A pattern of drums in mini-notation; it fills one bar.
@param text bd sd rs cp hh oh lt mt ht cr rd cb, as in \"bd*2 [~ sd]\"
@example play(\"beat\", drums \"bd [~ bd] sd ~, hh*8\")",
    "pattern:fast(factor)
So many times as fast.
@param factor above 0, at most 64
@example play(\"beat\", drums(\"bd sd\"):fast(2))",
    "pattern:slow(factor)
So many times as slow: it takes that many bars.
@param factor above 0, at most 64
@example play(\"beat\", drums(\"bd sd hh sd\"):slow(2))",
    "pattern:rev()
Each bar backwards.
@example play(\"tune\", notes(\"c4 e4 g4\"):rev())",
    "pattern:every(bars, change)
In the first of so many bars, what the function makes of the pattern.
@param bars a whole number from 1 to 256
@param change a function that takes the pattern and gives another
@example play(\"beat\", drums(\"bd sd\"):every(4, function(p) return p:fast(2) end))",
    "pattern:stack(other)
Both at once.
@param other a pattern, or a text of the same notation
@example play(\"beat\", drums(\"bd sd\"):stack \"hh*8\")",
    "pattern:transpose(semitones)
Every pitch higher, or lower when negative; drums stay. What would leave 0 to 127 stays at its end.
@param semitones how far
@example play(\"low\", notes(\"c4 e4\"):transpose(-12))",
    "pattern:later(beats)
So many beats later; earlier when negative.
@param beats how far
@example play(\"echo\", notes(\"c4 e4\"):later(1/2))",
];

/// Most leaves that a pattern may be made of, times how much faster they are: what
/// one bar of it may cost.
const MOST_WEIGHT: f64 = 4_096.0;

/// Most changes on top of each other: each is a step down the stack when it plays.
const MOST_CHANGES: u32 = 100;

/// A pattern of notes as a script holds it.
#[derive(Clone)]
pub(crate) struct NotesValue {
    pub pattern: Pattern<Note>,
    /// Equal for patterns that were made the same way from the same values.
    pub print: u64,
    /// What it sounds on when the script does not say.
    pub instrument: Instrument,
    /// How much some of its notes surprise a model, in nats.
    pub surprises: Option<Pattern<(Tone, f64)>>,
    /// Identity of what it plays that never comes round again, if anything.
    pub stream: Option<u64>,
    /// The model behind it, if any.
    pub model: Option<Rc<str>>,
    /// How far that model had to bend, where it is tilted.
    pub evidence: EvidenceSource,
    /// What one bar of it costs, in bars of a plain pattern.
    weight: f64,
    changes: u32,
}

impl NotesValue {
    /// A pattern that was made of nothing else.
    pub fn new(pattern: Pattern<Note>, print: Fingerprint, instrument: Instrument) -> NotesValue {
        NotesValue {
            pattern,
            print: print.value(),
            instrument,
            surprises: None,
            stream: None,
            model: None,
            evidence: EvidenceSource::default(),
            weight: 1.0,
            changes: 0,
        }
    }

    /// The same with another pattern in it, whose surprises are to follow.
    fn changed(&self, pattern: Pattern<Note>, print: Fingerprint, weight: f64) -> Result<NotesValue, Fault> {
        let changes = self.changes + 1;
        if changes > MOST_CHANGES {
            return Err(Fault::new(format!("more than {MOST_CHANGES} changes on top of each other"))
                .help("make the pattern anew instead of changing it again"));
        }
        if weight > MOST_WEIGHT {
            return Err(Fault::new("this pattern would play too much in one bar")
                .help("make it slower, or stack fewer patterns"));
        }
        let print = print.number(self.print).value();
        Ok(NotesValue { pattern, print, weight, changes, ..self.clone() })
    }

    /// With its surprises changed as its notes were.
    fn surprising(
        mut self,
        change: impl FnOnce(&Pattern<(Tone, f64)>) -> Pattern<(Tone, f64)>,
    ) -> NotesValue {
        self.surprises = self.surprises.as_ref().map(change);
        self
    }

    /// Made of this and `other`, whose surprises are put together by `both`.
    fn with(
        mut self,
        other: &NotesValue,
        both: impl FnOnce(Pattern<(Tone, f64)>, Pattern<(Tone, f64)>) -> Pattern<(Tone, f64)>,
    ) -> NotesValue {
        if self.surprises.is_some() || other.surprises.is_some() {
            let known = |value: &NotesValue| value.surprises.clone().unwrap_or_else(Pattern::silence);
            self.surprises = Some(both(known(&self), known(other)));
        }
        self.changes = self.changes.max(other.changes + 1);
        self.stream = match (self.stream, other.stream) {
            (Some(one), Some(another)) if one != another => {
                Some(Fingerprint::of("streams").number(one).number(another).value())
            }
            (one, another) => one.or(another),
        };
        if self.model.is_none() {
            (self.model, self.evidence) = (other.model.clone(), other.evidence.clone());
        }
        self
    }

    /// So many times as fast.
    ///
    /// # Errors
    /// When that is not above 0 or too much, or when it is a stream.
    pub fn fast(&self, what: &str, factor: &Value, slower: bool) -> Result<NotesValue, Fault> {
        let written = beats(what, factor)?;
        if written <= Beat::ZERO || written > Beat::whole(64) || written < Beat::new(1, 64) {
            return Err(
                Fault::new(format!("`{what}` is {written}: write a number from 1/64 to 64")).word(what)
            );
        }
        if self.stream.is_some() {
            let fault = Fault::new(format!("`{what}` cannot change a stream, which is made as it is played"));
            return Err(fault.word(what).help("change the tempo, or sample a clip and play that"));
        }
        let factor = if slower { Beat::ONE / written } else { written };
        let print = Fingerprint::of("fast").text(&factor.to_string());
        let weight = self.weight * factor.to_f64().max(1.0);
        let fast = self.changed(self.pattern.fast(factor), print, weight)?;
        Ok(fast.surprising(|surprises| surprises.fast(factor)))
    }

    /// Each bar backwards.
    ///
    /// # Errors
    /// After too many changes.
    pub fn rev(&self) -> Result<NotesValue, Fault> {
        let rev = self.changed(self.pattern.rev(), Fingerprint::of("rev"), self.weight)?;
        Ok(rev.surprising(Pattern::rev))
    }

    /// Later by so many beats.
    ///
    /// # Errors
    /// When that is no number of beats.
    pub fn later(&self, by: &Value) -> Result<NotesValue, Fault> {
        let by = beats("later", by)?;
        let print = Fingerprint::of("later").text(&by.to_string());
        Ok(self
            .changed(self.pattern.late(by), print, self.weight)?
            .surprising(|surprises| surprises.late(by)))
    }

    /// Every pitch higher.
    ///
    /// # Errors
    /// When that is no number.
    pub fn transpose(&self, semitones: &Value) -> Result<NotesValue, Fault> {
        let semitones = number("transpose", semitones)?;
        let pattern = self.pattern.map(move |note| Note { tone: higher(note.tone, semitones), ..note });
        let moved = self.changed(pattern, Fingerprint::of("transpose").real(semitones), self.weight)?;
        let higher = move |(tone, nats)| (higher(tone, semitones), nats);
        Ok(moved.surprising(|surprises| surprises.map(higher)))
    }

    /// In the first of so many bars what the function makes of it.
    ///
    /// # Errors
    /// What the function raises, or when it gives no pattern.
    pub fn every(&self, lua: &Lua, bars: &Value, change: &Value) -> mlua::Result<NotesValue> {
        let bars = whole_in("every", bars, 1, 256)?;
        let Value::Function(function) = change else {
            return Err(expected("every", "a number of bars and a function", change).into());
        };
        let other = read(lua, "every", &call(function, self.clone())?, self.instrument)?;
        let print = Fingerprint::of("every").number(bars as u64).number(other.print);
        let pattern = self.pattern.every(bars as u32, |_| other.pattern.clone());
        let both = |one: Pattern<_>, another: Pattern<_>| one.every(bars as u32, |_| another);
        Ok(self.changed(pattern, print, self.weight + other.weight)?.with(&other, both))
    }

    /// Both at once.
    ///
    /// # Errors
    /// When the other is no pattern.
    pub fn stack(&self, lua: &Lua, other: &Value) -> mlua::Result<NotesValue> {
        let other = read(lua, "stack", other, self.instrument)?;
        let pattern = Pattern::stack(vec![self.pattern.clone(), other.pattern.clone()]);
        let print = Fingerprint::of("stack").number(other.print);
        let both = |one, another| Pattern::stack(vec![one, another]);
        Ok(self.changed(pattern, print, self.weight + other.weight)?.with(&other, both))
    }
}

fn higher(tone: Tone, semitones: f64) -> Tone {
    match tone {
        Tone::Pitch(pitch) => {
            let moved = Pitch::new((pitch.midi() + semitones).clamp(0.0, 127.0));
            Tone::Pitch(moved.unwrap_or(pitch))
        }
        drum => drum,
    }
}

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    let make = |what: &'static str, instrument| {
        lua.create_function(move |lua, written: Value| {
            Ok(notation(lua, what, &text(what, &written)?, instrument)?)
        })
    };
    base.raw_set("notes", make("notes", Instrument::Keys)?)?;
    base.raw_set("drums", make("drums", Instrument::Kit)?)
}

/// Mini-notation as notes, or as drums for the kit.
fn notation(lua: &Lua, what: &str, text: &str, instrument: Instrument) -> Result<NotesValue, Fault> {
    // While planning, a function's text has the seed of its own moment no more than
    // that of the script: chance is then the notation's own.
    let seed = context(lua)?.session(what).ok().map_or(0, |session| session.draft.seed.0);
    let (pattern, print) = lift(text, seed, |mini| match instrument {
        Instrument::Kit => mini::drums(mini),
        _ => mini::notes(mini),
    })?;
    let kind = if instrument == Instrument::Kit { "drums" } else { "notes" };
    Ok(NotesValue::new(pattern, Fingerprint::of(kind).number(print), instrument))
}

/// Mini-notation as numbers, with its identity.
///
/// # Errors
/// Where the text is wrong.
pub(super) fn numbers(lua: &Lua, what: &str, text: &str) -> Result<(Pattern<f64>, u64), Fault> {
    let seed = context(lua)?.session(what)?.draft.seed.0;
    lift(text, seed, mini::numbers)
}

fn lift<T>(
    text: &str,
    seed: u64,
    lift: impl Fn(&mini::Mini) -> Result<Pattern<T>, mini::MiniError>,
) -> Result<(Pattern<T>, u64), Fault> {
    let fault = |error: mini::MiniError| {
        let fault = Fault::new(error.message).within(text, error.at);
        match error.help {
            Some(help) => fault.help(help),
            None => fault,
        }
    };
    let parsed = mini::parse(text).map_err(fault)?.seeded(seed);
    let pattern = lift(&parsed).map_err(fault)?;
    let print = Fingerprint::of("mini").text(text);
    // Another seed is another pattern only where there is chance.
    let print = if text.contains(['?', '|']) { print.number(seed) } else { print };
    Ok((pattern, print.value()))
}

/// Whatever may stand where notes are expected: a pattern, a clip, a text, a
/// number, a function of the bar's first beat. A text is read for `instrument`.
///
/// # Errors
/// When it is something else.
pub(super) fn read(
    lua: &Lua,
    what: &str,
    value: &Value,
    instrument: Instrument,
) -> Result<NotesValue, Fault> {
    if let Some(notes) = value_of::<NotesValue>(value) {
        return Ok(notes);
    }
    if let Some(clip) = value_of::<ClipValue>(value) {
        let print = Fingerprint::of("clip").number(clip.print());
        let origin = context(lua)?.origin(lua, what).ok();
        let mut notes = NotesValue::new(clip.pattern(origin)?, print, clip.instrument());
        notes.model = clip.model.clone();
        notes.surprises = clip.surprises();
        notes.evidence = EvidenceSource::new(move || clip.evidence());
        return Ok(notes);
    }
    if value_of::<MorphValue>(value).is_some() {
        let fault = expected(what, "a pattern", value);
        return Err(fault.help("say where on the way the music is, as in way:at(0.5) or way:at(sine(32))"));
    }
    match value {
        Value::String(text) => notation(lua, what, &text.to_string_lossy(), instrument),
        Value::Integer(_) | Value::Number(_) => {
            let pitch = crate::options::pitch(what, value)?;
            let text = pitch.midi().to_string();
            notation(lua, what, &text, Instrument::Keys)
        }
        Value::Function(function) => {
            let print = Fingerprint::of("function").number(function::fingerprint(lua, function).unwrap_or(0));
            let called = Called::new(lua, what, function.clone())?;
            let (weak, name) = (lua.weak(), what.to_owned());
            let pattern = called.notes(move |value| {
                let lua = weak.try_upgrade().ok_or_else(|| Fault::new("the script has ended"))?;
                match value {
                    // A function that gives nothing is silent in that bar.
                    Value::Nil => Ok(Pattern::silence()),
                    Value::Function(_) => Err(expected(&name, "a pattern from the function", value)),
                    value => Ok(read(&lua, &name, value, instrument)?.pattern),
                }
            });
            Ok(NotesValue::new(pattern, print, instrument))
        }
        Value::Table(_) => Err(expected(what, "a pattern", value)
            .help("write clip { … } around a list of notes, or a text such as \"c4 e4\"")),
        _ => {
            Err(expected(what, "a pattern: a text such as \"c4 e4\", a clip, a number or a function", value))
        }
    }
}

impl UserData for NotesValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "pattern");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("fast", |_, this, factor: Value| Ok(this.fast("fast", &factor, false)?));
        methods.add_method("slow", |_, this, factor: Value| Ok(this.fast("slow", &factor, true)?));
        methods.add_method("rev", |_, this, ()| Ok(this.rev()?));
        methods.add_method("later", |_, this, by: Value| Ok(this.later(&by)?));
        methods.add_method("transpose", |_, this, semitones: Value| Ok(this.transpose(&semitones)?));
        methods
            .add_method("every", |lua, this, (bars, change): (Value, Value)| this.every(lua, &bars, &change));
        methods.add_method("stack", |lua, this, other: Value| this.stack(lua, &other));
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            Err(no_method("pattern", DOCS, [], &key).into())
        });
    }
}
