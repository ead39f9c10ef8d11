//! A function of the script that changes music note by note.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use lilt_score::{
    Beat, Control, Controls, Drum, Event, Pattern, Query, QueryError, Sound, Span, Tone, Velocity,
};
use mlua::{Function, Lua, Table, Value};

use crate::context::{Context, Origin, context};
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::function::{self, Called};
use crate::options::{beats, described, expected, number, number_in, pitch, text};
use crate::sounds::NamedSound;
use crate::state::opened;
use crate::verb::clamped;

/// Most notes whose answers are remembered: some bars of the densest music.
const MOST: usize = 4_096;

/// Most notes that a function may make of one.
const MOST_NOTES: usize = 64;

/// What a note's table holds beside its controls.
const FIELDS: [&str; 6] = ["pitch", "sound", "start", "duration", "velocity", "bar"];

/// A function that takes a note and gives one, several, or nothing.
#[derive(Clone)]
pub(crate) struct EachNote {
    context: Rc<Context>,
    origin: Origin,
    called: Called,
    what: Rc<str>,
    /// Its identity.
    pub print: u64,
    answers: Rc<RefCell<Answers>>,
}

/// What was made of notes: a note keeps its first answer, as a beat does for a function of time.
#[derive(Default)]
struct Answers {
    /// What `state` was when they were given.
    epoch: u64,
    known: HashMap<Asked, Rc<[Made]>>,
    /// The oldest first.
    order: VecDeque<Asked>,
}

/// A note as a function is asked about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Asked {
    start: Beat,
    end: Beat,
    /// Identity of all that it says.
    controls: u64,
}

/// A note that a function gave.
#[derive(Debug, Clone, PartialEq)]
struct Made {
    whole: Span,
    controls: Controls,
}

impl EachNote {
    /// A function as it was given to `what`.
    ///
    /// # Errors
    /// When no evaluation is under way.
    pub fn new(lua: &Lua, what: &str, function: Function) -> Result<EachNote, Fault> {
        let print = function::fingerprint(lua, &function).unwrap_or(0);
        let called = Called::new(lua, what, function)?;
        let context = context(lua)?;
        let origin = context.origin(lua, what)?;
        Ok(EachNote { context, origin, called, what: what.into(), print, answers: Rc::default() })
    }

    /// The music with each note changed. A note stays within its bar, which is how far it may be moved.
    pub fn change(&self, music: &Pattern<Controls>) -> Pattern<Controls> {
        let (music, each) = (music.clone(), self.clone());
        Pattern::try_new(move |query| each.events(&music, query))
    }

    fn events(&self, music: &Pattern<Controls>, query: Query) -> Result<Vec<Event<Controls>>, QueryError> {
        let bar = query.bar;
        let first = bar * Beat::whole(query.span.start.floor_div(bar));
        // Whole bars are asked, since a note may be moved within its own.
        let bars = Span::new(first, query.span.end.next_multiple(bar).max(query.span.end));
        let mut events = Vec::new();
        for event in music.query(query.over(bars))? {
            let Some(whole) = event.whole else {
                events.extend(event.part.intersect(query.span).map(|part| Event { part, ..event }));
                continue;
            };
            for made in self.made(whole, &event.value, bar)?.iter() {
                // Of a note that was moved or cut the piece is told that begins it.
                let piece = match made.whole == whole {
                    true => event.part.intersect(query.span),
                    false if event.onset().is_some() => made.whole.intersect(query.span),
                    false => None,
                };
                events.extend(piece.map(|part| Event {
                    whole: Some(made.whole),
                    part,
                    value: made.controls.clone(),
                    context: event.context.clone(),
                }));
            }
        }
        events.sort_by_key(|event| event.part.start);
        Ok(events)
    }

    fn made(&self, whole: Span, controls: &Controls, bar: Beat) -> Result<Rc<[Made]>, QueryError> {
        let asked = Asked { start: whole.start, end: whole.end, controls: identity(controls) };
        let epoch = self.called.epoch();
        {
            let mut answers = self.answers.borrow_mut();
            if answers.epoch != epoch {
                *answers = Answers { epoch, ..Answers::default() };
            }
            if let Some(made) = answers.known.get(&asked) {
                return Ok(Rc::clone(made));
            }
        }
        let place = Place { whole, bar, what: &self.what, context: &self.context, origin: &self.origin };
        let made: Rc<[Made]> = self
            .called
            .of_note(
                whole.start,
                asked.controls,
                |lua| place.table(lua, controls),
                |value| place.notes(value, controls),
            )?
            .into();
        let mut answers = self.answers.borrow_mut();
        if answers.known.insert(asked, Rc::clone(&made)).is_none() {
            answers.order.push_back(asked);
        }
        if answers.order.len() > MOST
            && let Some(oldest) = answers.order.pop_front()
        {
            answers.known.remove(&oldest);
        }
        Ok(made)
    }
}

/// Identity of all that an event says.
fn identity(controls: &Controls) -> u64 {
    let print = match controls.tone {
        Some(Tone::Pitch(pitch)) => Fingerprint::of("pitch").real(pitch.midi()),
        Some(Tone::Drum(drum)) => Fingerprint::of("drum").text(drum.name()),
        None => Fingerprint::of("none"),
    };
    let print = print.real(controls.struck().value()).text(&format!("{:?}", controls.sound));
    let numbers = controls.numbers().iter();
    numbers.fold(print, |print, (control, value)| print.text(control.name()).real(*value)).value()
}

/// A note in its bar, as it is told to a function and read from it.
struct Place<'a> {
    whole: Span,
    /// Length of a bar.
    bar: Beat,
    /// The verb.
    what: &'a str,
    context: &'a Context,
    /// Where the function was given to the verb.
    origin: &'a Origin,
}

impl Place<'_> {
    /// Number of the note's bar, from 0.
    fn number(&self) -> i64 {
        self.whole.start.floor_div(self.bar)
    }

    fn begin(&self) -> Beat {
        self.bar * Beat::whole(self.number())
    }

    /// The note as a table.
    fn table(&self, lua: &Lua, controls: &Controls) -> mlua::Result<Table> {
        let note = lua.create_table()?;
        match controls.tone {
            Some(Tone::Pitch(pitch)) => note.raw_set("pitch", pitch.midi())?,
            Some(Tone::Drum(drum)) => note.raw_set("sound", drum.name())?,
            None => {}
        }
        if let Some(sound) = controls.sound.as_ref().filter(|_| !matches!(controls.tone, Some(Tone::Drum(_))))
        {
            note.raw_set("sound", sound.name())?;
        }
        note.raw_set("start", (self.whole.start - self.begin()).to_f64())?;
        note.raw_set("duration", self.whole.length().to_f64())?;
        note.raw_set("velocity", controls.struck().value())?;
        note.raw_set("bar", self.number())?;
        for (control, value) in controls.numbers() {
            note.raw_set(control.name(), *value)?;
        }
        Ok(note)
    }

    /// What the function gave, as notes.
    fn notes(&self, value: &Value, before: &Controls) -> Result<Vec<Made>, Fault> {
        match value {
            Value::Nil | Value::Boolean(false) => Ok(Vec::new()),
            Value::Table(table) => {
                let table = opened(table);
                let count = table.raw_len();
                if count == 0 {
                    return Ok(vec![self.note(&table, before)?]);
                }
                if count > MOST_NOTES {
                    let fault =
                        Fault::new(format!("the function of `{}` made {count} notes of one", self.what));
                    return Err(fault.name(self.what).help(format!("make {MOST_NOTES} at most")));
                }
                let item = |i| table.raw_get::<Value>(i).map_err(|error| Fault::new(error.to_string()));
                (1..=count).map(|i| self.one(&item(i)?, before)).collect()
            }
            value => Ok(vec![self.one(value, before)?]),
        }
    }

    fn one(&self, value: &Value, before: &Controls) -> Result<Made, Fault> {
        match value {
            Value::Table(table) => self.note(&opened(table), before),
            Value::Integer(_) | Value::Number(_) | Value::String(_) => {
                let mut controls = before.clone();
                controls.tone = Some(Tone::Pitch(pitch(self.what, value)?));
                Ok(Made { whole: self.whole, controls })
            }
            other => {
                let given = described(other);
                let fault = Fault::new(format!(
                    "the function of `{}` must return a note, and it returned {given}",
                    self.what
                ));
                Err(fault.name(self.what).help("return the note, a list of notes, or nil to leave it out"))
            }
        }
    }

    fn note(&self, table: &Table, before: &Controls) -> Result<Made, Fault> {
        let mut controls = Controls::new();
        (controls.velocity, controls.scale) = (before.velocity, before.scale);
        let mut whole = self.whole;
        let (mut start, mut duration) = (whole.start, whole.length());
        let mut sound = None;
        for pair in table.pairs::<Value, Value>() {
            let (key, value) = pair.map_err(|error| Fault::new(error.to_string()))?;
            let name = match &key {
                Value::String(name) => name.to_string_lossy(),
                other => return Err(expected(self.what, "a note with names, as in { pitch = 60 }", other)),
            };
            match name.as_str() {
                "pitch" => controls.tone = Some(Tone::Pitch(pitch("pitch", &value)?)),
                "sound" => sound = Some(value),
                "start" => start = self.begin() + beats("start", &value)?,
                "duration" => duration = beats("duration", &value)?,
                "velocity" => {
                    controls.velocity = Some(Velocity::new(number_in("velocity", &value, 0.0, 1.0)?))
                }
                "bar" => {}
                name => {
                    let control = Control::named(name).ok_or_else(|| {
                        let names = FIELDS.into_iter().chain(Control::all().map(Control::name));
                        Fault::new(format!("a note has no `{name}`")).name(name).nearest(name, names)
                    })?;
                    let (low, high) = control.range().into_inner();
                    let number = number(control.name(), &value)?;
                    if let Some(fault) = clamped(self.what, name, control, number) {
                        self.context.tell_once(self.origin, fault);
                    }
                    controls.set(control, number.clamp(low, high));
                }
            }
        }
        // A table has no order, and a drum has no pitch beside it.
        if let Some(sound) = sound {
            self.sound(&sound, before, &mut controls)?;
        }
        if duration <= Beat::ZERO {
            let fault = Fault::new(format!("`duration` is {duration}: write a number above 0"));
            return Err(fault.name("duration"));
        }
        let end = self.begin() + self.bar;
        if !(self.begin()..end).contains(&start) {
            let fault =
                Fault::new(format!("`start` is {}: a note stays within its bar", start - self.begin()));
            let help = format!(
                "write a number from 0 to less than {}, or move the music with late and early",
                self.bar
            );
            return Err(fault.name("start").help(help));
        }
        if (start, duration) != (self.whole.start, self.whole.length()) {
            whole = Span::new(start, start + duration);
        }
        // A new degree is heard, where the pitch is as it was.
        if let (Some(degree), Some(scale)) = (controls.get(Control::DEGREE), controls.scale)
            && controls.tone == before.tone
            && before.get(Control::DEGREE) != Some(degree)
        {
            controls = controls.in_scale(degree, scale);
        }
        Ok(Made { whole, controls })
    }

    /// What sounds the note: what did before; a drum of the kit; or by its name an instrument or a recorded sound.
    /// Where a recorded sound did, a name that there is a recorded sound of is that.
    fn sound(&self, value: &Value, before: &Controls, controls: &mut Controls) -> Result<(), Fault> {
        let name = text("sound", value)?;
        let same = before.sound.as_ref().filter(|sound| sound.name() == name);
        if let Some(same) = same.filter(|_| !matches!(before.tone, Some(Tone::Drum(_)))) {
            controls.sound = Some(same.clone());
            return Ok(());
        }
        let recorded = matches!(before.sound, Some(Sound::Sample(_)))
            && self.context.sounds.borrow().as_ref().is_some_and(|sounds| sounds.has(&name));
        if recorded {
            controls.sound = Some(Sound::Sample(name.as_str().into()));
            return Ok(());
        }
        if let Ok(drum) = name.parse::<Drum>() {
            controls.tone = Some(Tone::Drum(drum));
            return Ok(());
        }
        NamedSound::named(self.context, &name).map_err(|fault| fault.of("sound"))?.set(controls);
        Ok(())
    }
}
