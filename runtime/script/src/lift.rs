//! Lifting: whatever may stand where music or numbers are expected, read as that.

use std::sync::Arc;

use lilt_score::{Beat, Context as EventContext, Control, Controls, Pattern, Place, mini};
use lilt_sequencer::{EvidenceSource, Instrument};
use mlua::{Lua, Value};

use crate::bind::{InstrumentValue, MorphValue, value_of};
use crate::clip_value::ClipValue;
use crate::context::context;
use crate::fault::{Fault, listed};
use crate::fingerprint::Fingerprint;
use crate::function::{self, Called};
use crate::music::Music;
use crate::options::{described, expected, number};

/// Numbers over time, with their identity.
#[derive(Clone)]
pub(crate) struct Numbers {
    pub pattern: Pattern<f64>,
    pub print: u64,
}

impl Numbers {
    /// One number that never moves.
    pub fn steady(value: f64) -> Numbers {
        Numbers { pattern: Pattern::steady(value), print: Fingerprint::of("control").real(value).value() }
    }
}

/// Mini-notation as notes, or as drums for the kit.
///
/// # Errors
/// Where the text is wrong.
pub(crate) fn notation(lua: &Lua, what: &str, text: &str, instrument: Instrument) -> Result<Music, Fault> {
    let (pattern, print) = lift(lua, what, text, |mini| match instrument {
        Instrument::Kit => mini::drums(mini),
        _ => mini::notes(mini),
    })?;
    let kind = if instrument == Instrument::Kit { "drums" } else { "notes" };
    Ok(Music::new(pattern, Fingerprint::of(kind).number(print), instrument))
}

/// Mini-notation whose words are plain numbers, as music that does not sound by itself.
///
/// # Errors
/// Where the text is wrong.
pub(crate) fn values(lua: &Lua, what: &str, text: &str) -> Result<Music, Fault> {
    let (pattern, print) = lift(lua, what, text, mini::numbers)?;
    let print = Fingerprint::of("numbers").number(print);
    Ok(Music::new(pattern.map(Controls::number), print, Instrument::Keys))
}

/// Mini-notation as `lift` reads its words, with its identity.
///
/// # Errors
/// Where the text is wrong.
pub(crate) fn lift<T>(
    lua: &Lua,
    what: &str,
    text: &str,
    lift: impl Fn(&mini::Mini) -> Result<Pattern<T>, mini::MiniError>,
) -> Result<(Pattern<T>, u64), Fault> {
    let fault = |error: mini::MiniError| {
        let fault = Fault::new(error.message).within(text, error.at);
        match error.help {
            Some(help) => fault.help(help),
            None => fault,
        }
    };
    let context = context(lua)?;
    // While planning, a function's text has the seed of its own moment no more than
    // that of the script: chance is then the notation's own.
    let seed = context.declared(what).ok().map_or(0, |(seed, ..)| seed.0);
    let parsed = mini::parse(text).map_err(fault)?.seeded(seed);
    let parsed = match context.literal(lua, what, text) {
        Some(literal) => parsed.placed(|word| literal.place(word)),
        None => parsed,
    };
    let pattern = lift(&parsed).map_err(fault)?;
    let print = Fingerprint::of("mini").text(text);
    // Another seed is another pattern only where there is chance.
    let print = if text.contains(['?', '|']) { print.number(seed) } else { print };
    Ok((pattern, print.value()))
}

/// Whatever may stand where music is expected: a pattern, a clip, a text, a number, a function of the
/// bar's first beat. A text is read for `instrument`.
///
/// # Errors
/// When it is something else.
pub(crate) fn music(lua: &Lua, what: &str, value: &Value, instrument: Instrument) -> Result<Music, Fault> {
    if let Some(music) = value_of::<Music>(value) {
        return Ok(music);
    }
    if let Some(clip) = value_of::<ClipValue>(value) {
        let print = Fingerprint::of("clip").number(clip.print());
        let origin = context(lua)?.origin(lua, what).ok();
        let place = clip.call().and_then(|(origin, verb)| origin.files.borrow().word(&origin.place, verb));
        let pattern = clip.pattern(origin)?;
        let pattern = place.map_or(pattern.clone(), |place| written_at(&pattern, place));
        let mut music = Music::new(pattern, print, clip.instrument());
        music.model = clip.model.clone();
        music.evidence = EvidenceSource::new(move || clip.evidence());
        return Ok(music);
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
            let pattern = called.music(move |value| {
                let lua = weak.try_upgrade().ok_or_else(|| Fault::new("the script has ended"))?;
                match value {
                    // A function that gives nothing is silent in that bar.
                    Value::Nil => Ok(Pattern::silence()),
                    Value::Function(_) => Err(expected(&name, "a pattern from the function", value)),
                    value => Ok(music(&lua, &name, value, instrument)?.pattern),
                }
            });
            Ok(Music::new(pattern, print, instrument))
        }
        Value::Table(_) => Err(expected(what, "a pattern", value)
            .help("write clip { … } around a list of notes, or a text such as \"c4 e4\"")),
        _ => {
            Err(expected(what, "a pattern: a text such as \"c4 e4\", a clip, a number or a function", value))
        }
    }
}

/// Whatever may stand where numbers are expected: a number, a text of numbers, a signal or another pattern of
/// numbers, a function of the beat. What they must be, whoever asks says.
///
/// # Errors
/// When it is something else.
pub(crate) fn numbers(lua: &Lua, what: &str, value: &Value) -> Result<Numbers, Fault> {
    match value {
        Value::Integer(_) | Value::Number(_) => Ok(Numbers::steady(number(what, value)?)),
        Value::String(text) => {
            let text = text.to_string_lossy();
            // A part such as 3/2 is a number, not a 3 every second bar.
            if text.contains('/')
                && let Ok(part) = text.trim().parse::<Beat>()
            {
                return Ok(Numbers::steady(part.to_f64()));
            }
            let (pattern, print) = lift(lua, what, &text, mini::numbers)?;
            Ok(Numbers { pattern, print: Fingerprint::of("control").number(print).value() })
        }
        Value::Function(function) => {
            let print = Fingerprint::of("control").number(function::fingerprint(lua, function).unwrap_or(0));
            let called = Called::new(lua, what, function.clone())?;
            let name = what.to_owned();
            let pattern = called.numbers(move |value| match value {
                Value::Integer(_) | Value::Number(_) => number(&name, value),
                other => Err(Fault::new(format!(
                    "the function of `{name}` must return a number, but it returned {}",
                    described(other)
                ))
                .word(&name)),
            });
            Ok(Numbers { pattern, print: print.value() })
        }
        _ => match value_of::<Music>(value) {
            Some(music) => {
                let print = Fingerprint::of("control").number(music.print).value();
                Ok(Numbers { pattern: numbers_of(&music.pattern), print })
            }
            None => Err(expected(what, "a number, a text of numbers or a function of the beat", value)),
        },
    }
}

/// The numbers of a pattern: plain ones, or else degrees, or else pitches.
pub(crate) fn numbers_of(pattern: &Pattern<Controls>) -> Pattern<f64> {
    let value = |controls: &Controls| {
        let pitch = || controls.tone?.pitch().map(|pitch| pitch.midi());
        controls.value().or_else(|| controls.get(Control::DEGREE)).or_else(pitch)
    };
    if let Some(steady) = pattern.steady_value().and_then(value) {
        return Pattern::steady(steady);
    }
    let inner = pattern.clone();
    Pattern::try_new(move |query| {
        let events = inner.query(query)?.into_iter();
        Ok(events
            .filter_map(|event| Some(value(&event.value)).flatten().map(|value| event.with(|_| value)))
            .collect())
    })
}

/// Names of what sounds: an instrument, or a text of names in mini-notation.
///
/// # Errors
/// When it is neither, or a name is no instrument's.
pub(crate) fn sounds(lua: &Lua, what: &str, value: &Value) -> Result<(Pattern<Arc<str>>, u64), Fault> {
    if let Some(InstrumentValue(instrument)) = value_of(value) {
        let print = Fingerprint::of("sound").text(instrument.name()).value();
        return Ok((Pattern::steady(instrument.name().into()), print));
    }
    let text = crate::options::text(what, value)?;
    let named = |word: &mini::Word| {
        let known = Instrument::ALL.into_iter().any(|instrument| instrument.name() == &*word.text);
        if known {
            return Ok(());
        }
        let names = Instrument::ALL.map(Instrument::name);
        let help = match lilt_score::nearest(&word.text, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there is {}", listed(&names)),
        };
        let message = format!("there is no instrument `{}`", word.text);
        Err(mini::MiniError { at: word.at.clone(), message, help: Some(help) })
    };
    lift(lua, what, &text, |mini| {
        mini.words().iter().try_for_each(named)?;
        Ok(mini.pattern().map(|word: mini::Word| word.text))
    })
}

/// A string of the script as it stands in its file.
pub(crate) struct Literal {
    /// Number of the file's text.
    pub text: u32,
    /// For each byte of what it means, the byte of the file that it was written at, and one more.
    pub bytes: Vec<usize>,
}

impl Literal {
    /// Where bytes of its meaning stand in the file.
    fn place(&self, word: &std::ops::Range<usize>) -> Place {
        let byte = |at: usize| self.bytes.get(at).or(self.bytes.last()).copied().unwrap_or(0) as u32;
        Place { text: self.text, from: byte(word.start), to: byte(word.end) }
    }
}

/// The pattern, whose events were all written at this place too.
pub(crate) fn written_at(pattern: &Pattern<Controls>, place: Place) -> Pattern<Controls> {
    let (inner, here) = (pattern.clone(), EventContext::at(place));
    Pattern::try_new(move |query| {
        let mut events = inner.query(query)?;
        for event in &mut events {
            event.context = std::mem::take(&mut event.context).with(&here);
        }
        Ok(events)
    })
}
