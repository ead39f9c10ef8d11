//! Lifting: whatever may stand where music or numbers are expected, read as that.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use lilt_score::{
    Beat, Context as EventContext, Control, Controls, Drum, Key, Pattern, Pitch, Place, Scale, ScaleAt,
    ScaleParseError, Sound, chord, mini,
};
use lilt_sequencer::{EvidenceSource, Instrument};
use mlua::{Lua, Value};

use crate::amount;
use crate::bind::{InputValue, InstrumentValue, MorphValue, PlaceValue, PresetValue, value_of};
use crate::clip_value::ClipValue;
use crate::context::context;
use crate::fault::{Fault, Mark};
use crate::fingerprint::Fingerprint;
use crate::foreign;
use crate::function::{self, Called};
use crate::harmony;
use crate::music::Music;
use crate::options::{described, expected, number};
use crate::sounds::{self, NamedSound};
use crate::state::opened;

/// MIDI numbers below this one sound under 16 Hz.
pub(crate) const LOWEST_HEARD: f64 = 12.0;

/// Numbers over time, with their identity.
#[derive(Clone)]
pub(crate) struct Numbers {
    pub pattern: Pattern<f64>,
    pub print: u64,
    /// The slots whose strikes they follow, each once.
    pub follows: Vec<Arc<str>>,
}

impl Numbers {
    /// One number that never moves.
    pub fn steady(value: f64) -> Numbers {
        Numbers::moving(Pattern::steady(value), Fingerprint::of("control").real(value).value())
    }

    /// Numbers of a pattern, with its identity.
    pub fn moving(pattern: Pattern<f64>, print: u64) -> Numbers {
        Numbers { pattern, print, follows: Vec::new() }
    }
}

/// Mini-notation as notes, or as drums for the kit.
///
/// # Errors
/// Where the text is wrong.
pub(crate) fn notation(lua: &Lua, what: &str, text: &str, instrument: Instrument) -> Result<Music, Fault> {
    let low = Cell::new(false);
    let (pattern, print) = lift(lua, what, text, |mini| match instrument {
        Instrument::Kit => mini::drums(mini),
        _ => {
            let unheard = |word: &mini::Word| word.text.parse::<f64>().is_ok_and(|midi| midi < LOWEST_HEARD);
            low.set(mini.words().iter().any(unheard));
            mini::notes(mini)
        }
    })
    .map_err(|fault| other_notation(fault, text, instrument))?;
    let kind = if instrument == Instrument::Kit { "drums" } else { "notes" };
    let mut music = Music::new(pattern, Fingerprint::of(kind).number(print), instrument);
    music.low = low.get();
    Ok(music)
}

/// A word that the notation does not know, where it is of the other one or goes by another name.
fn other_notation(fault: Fault, text: &str, instrument: Instrument) -> Fault {
    let Mark::Text(_, at) = &fault.mark else { return fault };
    let word = text.get(at.clone()).unwrap_or("").split(':').next().unwrap_or("");
    if instrument == Instrument::Kit {
        return match foreign::drum(word) {
            Some(drum) => fault.help(format!("write {drum}")),
            None if word.parse::<Pitch>().is_ok() => {
                fault.help(format!("it is a note: write notes \"{text}\""))
            }
            None => fault,
        };
    }
    let rest = text.get(at.start..).unwrap_or("");
    if let Some(chord) = rest.strip_prefix('\'').and_then(|rest| rest.split_whitespace().next()) {
        let fault = Fault { message: format!("no note stands before `'{chord}`"), ..fault };
        return fault.help(format!("write it without a space, as in c4'{chord}"));
    }
    if word.parse::<Drum>().is_ok() || foreign::drum(word).is_some() {
        return fault.help("it is a drum: write drums before the text, as in drums \"bd sd\"");
    }
    let sung = |word: &str| matches!(word, "do" | "re" | "mi" | "fa" | "sol" | "so" | "la" | "si" | "ti");
    if text.split_whitespace().filter(|word| sung(word)).count() > 1 {
        return fault.help("write letters, as in c4 d4 e4");
    }
    // A chord as it stands above a song.
    let (letter, kind) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
    let symbol = format!("{}{kind}", letter.to_uppercase());
    match chord::named(&symbol) {
        Some(_) => fault.help(format!("write chords \"{symbol}\", or c4'maj7 for a chord on a note")),
        None => fault,
    }
}

/// Mini-notation whose words are plain numbers, as music that does not sound by itself.
///
/// # Errors
/// Where the text is wrong.
pub(crate) fn values(lua: &Lua, what: &str, text: &str) -> Result<Music, Fault> {
    let (pattern, print) = lift(lua, what, text, mini::numbers)?;
    let print = Fingerprint::of("numbers").number(print);
    let mut numbers = Music::new(pattern.map(Controls::number), print, Instrument::Keys);
    numbers.numeric = true;
    Ok(numbers)
}

/// Words of a text, which of them holds, and the text's identity.
pub(crate) type Words = (Vec<Arc<str>>, Pattern<f64>, u64);

/// Mini-notation whose words the caller reads: the words, and which of them holds.
///
/// # Errors
/// Where the text is wrong.
pub(crate) fn words(lua: &Lua, what: &str, text: &str) -> Result<Words, Fault> {
    let kept = RefCell::new(Vec::new());
    let (which, print) = lift(lua, what, text, |mini| {
        *kept.borrow_mut() = mini.words().iter().map(|word| Arc::clone(&word.text)).collect();
        let known: Vec<Arc<str>> = kept.borrow().clone();
        Ok(mini
            .pattern()
            .map(move |word| known.iter().position(|known| *known == word.text).unwrap_or(0) as f64))
    })?;
    Ok((kept.into_inner(), which, Fingerprint::of("words").number(print).value()))
}

/// A text of degrees of a scale, 0 its tonic, each with sharps `#` or flats `b` behind it where it is raised or
/// lowered by semitones.
///
/// # Errors
/// Where a word is no degree, or the scale is none.
pub(crate) fn degrees(lua: &Lua, text: &str, scale: &Value) -> Result<Music, Fault> {
    let (scales, holds, scale_print) = scales(lua, "degrees", scale)?;
    let (words, which, print) = words(lua, "degrees", text)?;
    let read = |word: &Arc<str>| {
        let number = word.trim_end_matches(['#', 'b']);
        let signs = word[number.len()..].chars();
        let shift: f64 = signs.map(|sign| if sign == '#' { 1.0 } else { -1.0 }).sum();
        match number.parse::<f64>().ok().filter(|degree| degree.abs() <= 256.0) {
            Some(degree) => Ok((degree, shift)),
            None => Err(Fault::new(format!("`{word}` is no degree")).text(&**word).of("degrees").help(
                "write numbers from -256 to 256, 0 for the tonic, with # or b behind one, as in 0 2 4# <7 9>",
            )),
        }
    };
    let degrees = words.iter().map(read).collect::<Result<Vec<(f64, f64)>, Fault>>()?;
    let pattern = Pattern::steered(&holds, move |scale| {
        let (degrees, scale) = (degrees.clone(), scales.get(scale as usize).copied());
        which.map(move |which| match (degrees.get(which as usize), scale) {
            (Some((degree, shift)), Some(scale)) => {
                Controls::new().in_scale(*degree, scale).transposed(*shift)
            }
            _ => Controls::new(),
        })
    });
    let print = Fingerprint::of("degrees").number(print).number(scale_print);
    Ok(Music::new(pattern, print, Instrument::Keys))
}

/// Truths over time: x, t and true are, f and false are not, and of numbers those from 1/2 are.
///
/// # Errors
/// When it is something else.
pub(crate) fn truths(lua: &Lua, what: &str, value: &Value) -> Result<(Pattern<bool>, u64), Fault> {
    let Value::String(text) = value else {
        let numbers = numbers(lua, what, value)?;
        return Ok((numbers.pattern.map(|number| number >= 0.5), numbers.print));
    };
    let (words, which, print) = words(lua, what, &text.to_string_lossy())?;
    let read = |word: &Arc<str>| match &**word {
        "x" | "X" | "t" | "true" => Ok(true),
        "f" | "false" => Ok(false),
        other => other.parse().map(|number: f64| number >= 0.5).map_err(|_| {
            Fault::new(format!("`{what}` does not know \"{other}\""))
                .text(other)
                .of(what)
                .help("write x or 1 where it is, ~ or 0 where it is not, as in \"x ~ x x\"")
        }),
    };
    let truths = words.iter().map(read).collect::<Result<Vec<bool>, Fault>>()?;
    Ok((which.map(move |which| truths.get(which as usize).copied().unwrap_or(false)), print))
}

/// A scale by its name, or mini-notation of scales; the script's key, or C major, when left out.
///
/// # Errors
/// When it is something else.
pub(crate) fn scales(
    lua: &Lua,
    what: &str,
    value: &Value,
) -> Result<(Vec<ScaleAt>, Pattern<f64>, u64), Fault> {
    let one = |scale: ScaleAt| {
        let print = Fingerprint::of("scale").text(&scale.to_string()).value();
        (vec![scale], Pattern::steady(0.0), print)
    };
    if value.is_nil() {
        let key = context(lua)?.key_and_meter(what).ok().and_then(|(key, _)| key);
        return Ok(one(key.unwrap_or(Key::C_MAJOR).into()));
    }
    let text = crate::options::text(what, value)?;
    let whole = text.parse::<ScaleAt>();
    if let Ok(scale) = whole {
        return Ok(one(scale));
    }
    let several = text.contains(['<', '[', '{', '*', '!', '|']);
    if let (Err(error), false) = (whole, several) {
        return Err(no_scale(&error, &text, 0..text.len()).of(what));
    }
    let (words, which, print) = words(lua, what, &text)?;
    let read = words.iter().map(|word| {
        word.parse::<ScaleAt>().map_err(|error| no_scale(&error, &text, harmony::place(&text, word)).of(what))
    });
    Ok((read.collect::<Result<_, _>>()?, which, print))
}

/// What is said of a word of a text that is no scale.
fn no_scale(error: &ScaleParseError, text: &str, word: std::ops::Range<usize>) -> Fault {
    match error {
        ScaleParseError::NoTonic(_) => Fault::new(error.to_string()).within(text, word),
        ScaleParseError::NoScale { name, near } => {
            // Of what is wrong the name behind the tonic is shown, where it stands as it is told.
            let at = text[word.clone()].to_lowercase().rfind(&**name).map(|at| word.start + at);
            let at = at.map_or(word, |at| at..at + name.len());
            let help = match near {
                Some(near) => format!("did you mean {near}?"),
                None => format!(
                    "after the tonic write one of {}",
                    Scale::all().map(Scale::name).collect::<Vec<_>>().join(", ")
                ),
            };
            Fault::new(format!("there is no scale `{name}`")).within(text, at).help(help)
        }
    }
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
        let number = text.get(error.at.clone()).filter(|word| word.parse().is_ok_and(f64::is_finite));
        if let Some(number) = number.filter(|_| error.message.ends_with("is no number")) {
            let fault =
                Fault::new(format!("`{number}` is too long a number here")).within(text, error.at).of(what);
            return fault.help("write at most six digits before the point, and six behind it");
        }
        let fault = Fault::new(error.message).within(text, error.at).of(what);
        if Control::named(what) == Some(Control::VOWEL) {
            return fault.help("write a, e, i, o, u, or numbers from 1 for a to 5 for u and between them");
        }
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
    for doubt in parsed.doubts() {
        // Once it plays, it was told of.
        let _ = context.notice(lua, what, fault(doubt.clone()));
    }
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
        let pattern = match (clip.sheet(), clip.poll()) {
            (Some(sheet), Some(Ok(made))) => sheet.places.told(pattern, made.length()),
            _ => clip.written().iter().fold(pattern, |pattern, place| written_at(&pattern, *place)),
        };
        let mut music = Music::new(pattern, print, clip.instrument());
        music.model = clip.model().cloned();
        music.evidence = EvidenceSource::new(move || clip.evidence());
        return Ok(music);
    }
    if let Some(input) = value_of::<InputValue>(value) {
        return Ok(input.music());
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
        Value::Function(function) if function.info().what == "C" => {
            let fault = expected(what, "a pattern", value);
            Err(fault.help(
                "a word of Lilt wants what it works on in brackets behind it; write a text such as \"c4 e4\", or \"~\" for nothing",
            ))
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
            let mut music = Music::new(pattern, print, instrument);
            music.asked = true;
            Ok(music)
        }
        Value::Table(table) => {
            let first = opened(table).raw_get::<Value>(1).unwrap_or(Value::Nil);
            let help = match first {
                // What progression gives.
                Value::Table(chord) if opened(&chord).raw_len() > 0 => {
                    "write block(…) around a list of chords, as in block(progression(\"I V vi IV\"), 4), or chords(\"<I V vi IV>\")"
                }
                Value::Integer(_) | Value::Number(_) => {
                    "write clip(…) around a list of notes, or block({ … }, 4) around a chord"
                }
                _ if what == "wchoose" => {
                    "write the weights in a text, as in notes(\"c4*8\"):wchoose(\"3 1\", \"e4*8\")"
                }
                _ => "write clip { … } around a list of notes, or a text such as \"c4 e4\"",
            };
            Err(expected(what, "a pattern", value).help(help))
        }
        Value::UserData(data) if data.type_name().is_ok_and(|name| name == "model") => {
            let fault = expected(what, "music", value);
            Err(fault.help("let the model make some, as in folk:sample { bars = 4 }"))
        }
        _ => {
            Err(expected(what, "a pattern: a text such as \"c4 e4\", a clip, a number or a function", value))
        }
    }
}

/// The numbers that stand in a text in mini-notation, each with its bytes there; none in what is no such text.
pub(crate) fn written_numbers(text: &str) -> Vec<(f64, std::ops::Range<usize>)> {
    // A part such as 3/2 is one number.
    if let Ok(part) = text.trim().parse::<Beat>()
        && text.contains('/')
    {
        return vec![(part.to_f64(), 0..text.len())];
    }
    let parsed = mini::parse(text).map_or_else(|_| Vec::new(), |parsed| parsed.words().to_vec());
    parsed.iter().filter_map(|word| Some((word.text.parse().ok()?, word.at.clone()))).collect()
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
            let control = Control::named(what).unwrap_or(Control::VALUE);
            let read = lift(lua, what, &text, |mini| mini::numbers_as(mini, |word| control.word(word)));
            let (pattern, print) = read.map_err(|fault| amount::meant(what, &text).unwrap_or(fault))?;
            Ok(Numbers::moving(pattern, Fingerprint::of("control").number(print).value()))
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
                .name(&name)),
            });
            Ok(Numbers::moving(pattern, print.value()))
        }
        _ => match value_of::<Music>(value) {
            Some(music) => {
                let print = Fingerprint::of("control").number(music.print).value();
                Ok(Numbers { follows: music.follows, ..Numbers::moving(numbers_of(&music.pattern), print) })
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
/// When it is neither, or nothing has such a name.
pub(crate) fn sounds(lua: &Lua, what: &str, value: &Value) -> Result<(Pattern<NamedSound>, u64), Fault> {
    if let Some(value) = value_of::<InstrumentValue>(value) {
        if value.is_told() {
            let fault = Fault::new("an instrument with options is a slot's").name("synth");
            let help = "write it behind play, as in play(…):on(synth(…)), or say the options of the events themselves";
            return Err(fault.help(help));
        }
        return Ok((Pattern::steady(NamedSound::instrument(value.instrument)), value.print()));
    }
    if let Some(preset) = value_of::<PresetValue>(value) {
        let print = preset.print();
        return Ok((Pattern::steady(NamedSound { sound: Sound::Preset(preset.0), number: None }), print));
    }
    if let Some(place) = value_of::<PlaceValue>(value) {
        return Ok((place.sounds(), place.print()));
    }
    let text = sounds::name(what, value)?;
    if let Some(fault) = sounds::of_file(&text) {
        return Err(fault.of(what));
    }
    let context = context(lua)?;
    let known = context.sounds.borrow().clone();
    if known.is_none() {
        context.trusted_sounds.set(true);
    }
    lift(lua, what, &text, |mini| {
        let read =
            |word: &mini::Word| Ok((Arc::clone(&word.text), NamedSound::read(word, known.as_deref())?));
        let meant: HashMap<Arc<str>, NamedSound> = mini.words().iter().map(read).collect::<Result<_, _>>()?;
        let unsaid = NamedSound::instrument(Instrument::Keys);
        Ok(mini.pattern().map(move |word: mini::Word| meant.get(&word.text).unwrap_or(&unsaid).clone()))
    })
}

/// What sounds, in mini-notation, as music: each event sounds at the pitch that its sound has.
///
/// # Errors
/// As [`sounds`].
pub(crate) fn sounded(lua: &Lua, what: &str, value: &Value) -> Result<Music, Fault> {
    let (pattern, print) = sounds(lua, what, value)?;
    let pattern = pattern.map(|named: NamedSound| {
        let mut controls = Controls::new();
        named.set(&mut controls);
        controls
    });
    Ok(Music::new(pattern, Fingerprint::of("sound").number(print), Instrument::Keys))
}

/// Numbers in mini-notation as music that says which of the sounds of a name is played.
///
/// # Errors
/// When they are no numbers.
pub(crate) fn counted(lua: &Lua, what: &str, value: &Value) -> Result<Music, Fault> {
    let Numbers { pattern, print, follows } = numbers(lua, what, value)?;
    let pattern = pattern.map(|number| Controls::new().with(Control::N, number));
    let mut counted = Music::new(pattern, Fingerprint::of("n").number(print), Instrument::Keys);
    (counted.numeric, counted.counts, counted.follows) = (true, true, follows);
    counted.flows = true;
    Ok(counted)
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
    pub fn place(&self, word: &std::ops::Range<usize>) -> Place {
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
