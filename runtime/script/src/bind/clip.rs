//! `clip`: music by hand, and what can be done with music.

use lilt_score::{Beat, Clip, Drum, Note, Span, Tone, Velocity};
use lilt_sequencer::{Evidence, Instrument};
use mlua::{
    AnyUserData, IntoLua, Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value, Variadic,
};

use crate::bind::music::{arithmetic, names};
use crate::bind::{no_method, read, value_of};
use crate::clip_value::ClipValue;
use crate::context::context;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::lift;
use crate::music::Music;
use crate::options::{beats, expected, number, number_in, options, pitch, text};
use crate::reading;
use crate::state::opened;
use crate::verbs;

pub(super) const DOCS: &[&str] = &[
    "clip { note, … }
Makes music by hand: a list of notes, and how long it lasts. A note is a pitch alone, \"~\" for a rest, or a table of options.
@param pitch a MIDI number (60 is middle C) or a name such as \"f#3\"
@param sound a drum instead of a pitch, as in \"bd\"
@param start when it starts, in beats from 0; after the note before when left out
@param duration how long it lasts, in beats; one beat when left out
@param velocity how hard, from 0 to 1; 0.8 when left out
@param length of the whole clip in beats; to the end of the last note when left out
@example play(\"tune\", clip { { pitch = 60 }, { pitch = \"e4\", duration = 1/2 }, \"g4\", length = 4 })",
    "clip:length()
How long the clip lasts, in beats.
@example print(clip({ 60, 62 }):length())",
    "clip:notes()
The notes as a list of tables: pitch or sound, start, duration and velocity. Waits for a clip that is still being made.
@example for _, note in clip({ 60, 62 }):notes() do print(note.pitch, note.start) end",
    "clip:transpose(semitones)
Every pitch higher, or lower when negative; drums stay.
@param semitones how far; fractions bend between the keys
@example play(\"high\", clip({ 60, 62 }):transpose(12))",
    "clip:reverse()
The notes from the last to the first.
@example play(\"back\", clip({ 60, 62, 64 }):reverse())",
    "clip:stretch(factor)
As many times as long: 2 is half as fast.
@param factor above 0
@example play(\"slow\", clip({ 60, 62 }):stretch(2))",
    "clip:slice(from, to)
What begins between two beats, moved to the beginning.
@param from the first beat
@param to the beat to end before; the end of the clip when left out
@example play(\"first\", clip({ 60, 62, 64, 65 }):slice(0, 2))",
    "clip:concat(next)
This clip, then the next one; the same as first .. next.
@param next a clip
@example play(\"both\", clip({ 60 }):concat(clip { 67 }))",
    "clip:stack(other)
Both clips at once, as long as the longer one.
@param other a clip
@example play(\"together\", clip({ 60 }):stack(clip { 64 }))",
    "clip:leaps()
How many steps of the melody are wider than a whole tone.
@example print(clip({ 60, 67, 65 }):leaps())",
    "clip:likeness(other)
How like two clips are, from 0 to 1: notes that start together count, in full for the same pitch, less for a near one.
@param other a clip
@example print(clip({ 60, 62 }):likeness(clip { 60, 64 }))",
    "clip:ess()
Of a clip that a tilted model made: how much of its particles the reward left in play, from 1 (the model agrees) down to 0 (it fights the model). Waits for the clip.
@example print(model(\"folk\"):tilt(reward.calm):sample({ bars = 1 }):ess())",
    "clip:log_z()
Of a clip that a tilted model made: the logarithm of the mean of e to the strength times reward over the model's music. Waits for the clip.
@example print(model(\"folk\"):tilt(reward.calm):sample({ bars = 1 }):log_z())",
    "clip:intervals()
The steps of the melody in semitones, as a list; the melody is the highest note at each moment.
@example print(clip({ 60, 67 }):intervals()[1])",
    "clip:contour()
The shape of the melody, as a list of -1 (down), 0 (level) and 1 (up).
@example print(clip({ 60, 67 }):contour()[1])",
];

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set("clip", lua.create_function(|_, notes: Value| clip(&notes))?)
}

fn clip(notes: &Value) -> mlua::Result<ClipValue> {
    let Value::Table(table) = notes else {
        return Err(expected("clip", "a list of notes, as in clip { 60, 62 }", notes).into());
    };
    let table = opened(table);
    let count = table.raw_len();
    if count > 16_384 {
        return Err(Fault::new(lilt_score::ClipError::TooMany(count).to_string()).name("clip").into());
    }
    let mut read = Vec::with_capacity(count);
    let mut next = Beat::ZERO;
    for i in 1..=count {
        next = read_note(&table.raw_get(i)?, i, next, &mut read)?;
    }
    let mut length = read.iter().map(Note::end).max().unwrap_or(next).max(next);
    for pair in table.pairs::<Value, Value>() {
        let (key, value) = pair?;
        match &key {
            Value::Integer(i) if (1..=count as i64).contains(i) => {}
            Value::Number(i) if i.fract() == 0.0 && (1.0..=count as f64).contains(i) => {}
            Value::String(name) if name.as_bytes() == b"length" => length = beats("length", &value)?,
            other => {
                let name = other.to_string()?;
                let fault = Fault::new(format!("`clip` has no option `{name}`")).name(&name);
                return Err(match lilt_score::nearest(&name, ["length"]) {
                    Some(near) => fault.help(format!("did you mean `{near}`?")),
                    None => fault.help("write each note in a table of its own, as in { { pitch = 60 } }"),
                }
                .into());
            }
        }
    }
    for (i, note) in (1..).zip(&read) {
        if note.duration <= Beat::ZERO {
            let error = lilt_score::ClipError::NoDuration(i, note.duration);
            return Err(Fault::new(error.to_string()).name("duration").into());
        }
        if note.start < Beat::ZERO {
            let error = lilt_score::ClipError::BeforeStart(i, note.start);
            return Err(Fault::new(error.to_string()).name("start").into());
        }
    }
    if count == 0 && length.is_zero() {
        return Err(Fault::new("this clip has no notes and no length")
            .name("clip")
            .help("write at least one note, or length = 4 for silence")
            .into());
    }
    Ok(ClipValue::ready(Clip::new(read, length).map_err(Fault::from)?))
}

/// Reads the `i`th note, which starts at `next` if it does not say, and returns
/// where the one after it starts.
fn read_note(value: &Value, i: usize, next: Beat, notes: &mut Vec<Note>) -> mlua::Result<Beat> {
    let plain = |tone| Note { start: next, duration: Beat::ONE, tone, velocity: Velocity::DEFAULT };
    match value {
        Value::String(text) if matches!(&*text.as_bytes(), b"~" | b"-") => Ok(next + Beat::ONE),
        Value::Integer(_) | Value::Number(_) | Value::String(_) => {
            let note = plain(Tone::Pitch(pitch("pitch", value)?));
            notes.push(note);
            Ok(note.end())
        }
        Value::Table(table) if opened(table).raw_len() > 0 => {
            let fault = Fault::new(format!(
                "note {i} is a list: a note is a pitch, or a table as in {{ pitch = 60 }}"
            ));
            let help = match opened(table).raw_len() {
                2 => {
                    "write { pitch = 60, duration = 1/2 } for a pitch and its length, or block(…) around a list of chords"
                }
                _ => "write block(…) around a list of chords",
            };
            Err(fault.name("clip").help(help).into())
        }
        Value::Table(table) => {
            let [pitch_at, sound, start, duration, velocity] =
                options("a note", Some(opened(table)), ["pitch", "sound", "start", "duration", "velocity"])?;
            let tone = match (&pitch_at, &sound) {
                (Value::Nil, Value::Nil) => {
                    let help = "write { pitch = 60 } or { sound = \"bd\" }";
                    return Err(Fault::new(format!("note {i} has no pitch")).name("clip").help(help).into());
                }
                (_, Value::Nil) => Tone::Pitch(pitch("pitch", &pitch_at)?),
                (Value::Nil, _) => Tone::Drum(drum(&sound)?),
                _ => {
                    let fault = Fault::new(format!("note {i} has both a pitch and a sound"));
                    return Err(fault.name("sound").help("leave one of them out").into());
                }
            };
            let mut note = plain(tone);
            if !start.is_nil() {
                note.start = beats("start", &start)?;
            }
            if !duration.is_nil() {
                note.duration = beats("duration", &duration)?;
            }
            if !velocity.is_nil() {
                note.velocity = Velocity::new(number_in("velocity", &velocity, 0.0, 1.0)?);
            }
            notes.push(note);
            Ok(note.end())
        }
        other => {
            let what = crate::options::described(other);
            Err(Fault::new(format!("note {i} is {what}: write a pitch, or a table as in {{ pitch = 60 }}"))
                .name("clip")
                .into())
        }
    }
}

/// A drum of the kit by its short name.
fn drum(value: &Value) -> Result<Drum, Fault> {
    let name = text("sound", value)?;
    name.parse().map_err(|()| {
        Fault::new(format!("`{name}` is no drum"))
            .text(&name)
            .of("sound")
            .nearest(&name, Drum::ALL.map(Drum::name))
    })
}

/// A clip, where a script must give one.
///
/// # Errors
/// When it gives something else.
pub(super) fn clip_argument(what: &str, value: &Value) -> Result<ClipValue, Fault> {
    value_of(value).ok_or_else(|| expected(what, "a clip", value))
}

/// What another clip is changed into, pending clips later.
fn change(
    lua: &Lua,
    what: &str,
    from: Vec<ClipValue>,
    print: Fingerprint,
    make: impl Fn(&[Clip]) -> Result<Clip, lilt_score::ClipError> + 'static,
) -> mlua::Result<ClipValue> {
    let origin = context(lua)?.origin(lua, what)?;
    Ok(ClipValue::change(from, print, origin, move |clips| Ok(make(clips)?))?)
}

/// What a tilted model tells of a clip that it made.
fn evidence(lua: &Lua, what: &str, clip: &ClipValue) -> mlua::Result<Evidence> {
    clip.wait(&*context(lua)?)?;
    clip.evidence().ok_or_else(|| {
        let fault = Fault::new(format!("`{what}` is of clips that a tilted model made")).name(what);
        fault.help("ask it of what sample or continue of a tilted model gave").into()
    })
}

/// A melody, of which every measure is one number a step.
fn list<T: mlua::IntoLua>(lua: &Lua, values: Vec<T>) -> mlua::Result<Table> {
    lua.create_sequence_from(values)
}

impl UserData for ClipValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "clip");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        // What a clip does as a clip comes after these, and counts before them.
        for verb in verbs::all() {
            for name in names(verb) {
                methods.add_method(name, move |lua, this, written: Variadic<Value>| {
                    as_pattern(lua, this, name, &written)
                });
            }
        }
        for (sign, verb) in [
            (MetaMethod::Add, "add"),
            (MetaMethod::Sub, "sub"),
            (MetaMethod::Mul, "mul"),
            (MetaMethod::Div, "div"),
            (MetaMethod::Mod, "mod"),
        ] {
            methods.add_meta_function(sign, move |lua, (one, other): (Value, Value)| {
                arithmetic(lua, verb, &one, &other)
            });
        }
        read::add_methods(methods);
        methods.add_method("each", |lua, this, change: Value| {
            // Of a clip comes a clip, as the function of the library makes it.
            let each: mlua::Function = lua.globals().get("each")?;
            each.call::<Value>((this.clone(), change))
        });
        let ready = |lua: &Lua, this: &ClipValue| this.wait(&*context(lua)?);
        methods.add_method("length", move |lua, this, ()| Ok(ready(lua, this)?.length().to_f64()));
        methods.add_method("notes", move |lua, this, ()| reading::notes(lua, &ready(lua, this)?));
        methods.add_method("leaps", move |lua, this, ()| Ok(ready(lua, this)?.leaps()));
        methods.add_method("likeness", move |lua, this, other: Value| {
            let other = clip_argument("likeness", &other)?;
            Ok(ready(lua, this)?.likeness(&ready(lua, &other)?))
        });
        methods.add_method("ess", |lua, this, ()| Ok(evidence(lua, "ess", this)?.ess));
        methods.add_method("log_z", |lua, this, ()| Ok(evidence(lua, "log_z", this)?.log_z));
        methods.add_method("intervals", move |lua, this, ()| list(lua, ready(lua, this)?.intervals()));
        methods.add_method("contour", move |lua, this, ()| list(lua, ready(lua, this)?.contour()));
        methods.add_method("transpose", |lua, this, semitones: Value| {
            if !semitones.is_number() && !semitones.is_integer() && !semitones.is_nil() {
                return as_pattern(lua, this, "transpose", &[semitones])?.into_lua(lua);
            }
            let semitones = number("transpose", &semitones)?;
            let print = Fingerprint::of("transpose").real(semitones);
            change(lua, "transpose", vec![this.clone()], print, move |c| c[0].transpose(semitones))?
                .into_lua(lua)
        });
        methods.add_method("reverse", |lua, this, ()| {
            change(lua, "reverse", vec![this.clone()], Fingerprint::of("reverse"), |c| Ok(c[0].reverse()))
        });
        methods.add_method("stretch", |lua, this, factor: Value| {
            let factor = beats("stretch", &factor)?;
            if factor <= Beat::ZERO {
                let fault = Fault::new(format!("`stretch` is {factor}: write a number above 0"));
                return Err(fault.name("stretch").into());
            }
            let print = Fingerprint::of("stretch").text(&factor.to_string());
            change(lua, "stretch", vec![this.clone()], print, move |c| c[0].stretch(factor))
        });
        methods.add_method("slice", |lua, this, (from, to): (Value, Value)| {
            let from = beats("slice", &from)?;
            let to = if to.is_nil() { None } else { Some(beats("slice", &to)?) };
            if to.is_some_and(|to| to <= from) || from < Beat::ZERO {
                let fault = Fault::new("`slice` expects a first beat of 0 or more and a later last beat");
                return Err(fault.name("slice").into());
            }
            let print = Fingerprint::of("slice").text(&format!("{from} {to:?}"));
            change(lua, "slice", vec![this.clone()], print, move |c| {
                c[0].slice(Span::new(from, to.unwrap_or(c[0].length())))
            })
        });
        let concat = |lua: &Lua, first: ClipValue, next: ClipValue| {
            change(lua, "concat", vec![first, next], Fingerprint::of("concat"), |c| c[0].concat(&c[1]))
        };
        methods.add_method("concat", move |lua, this, next: Value| {
            concat(lua, this.clone(), clip_argument("concat", &next)?)
        });
        methods.add_meta_function(MetaMethod::Concat, move |lua, (first, next): (Value, Value)| {
            if is_pattern(&first) || is_pattern(&next) {
                return arithmetic(lua, "cat", &first, &next)?.into_lua(lua);
            }
            concat(lua, clip_argument("..", &first)?, clip_argument("..", &next)?)?.into_lua(lua)
        });
        methods.add_method("stack", |lua, this, other: Value| {
            // Of clips alone comes a clip.
            let Some(other) = value_of::<ClipValue>(&other) else {
                return as_pattern(lua, this, "stack", &[other])?.into_lua(lua);
            };
            change(lua, "stack", vec![this.clone(), other], Fingerprint::of("stack"), |c| c[0].stack(&c[1]))?
                .into_lua(lua)
        });
        methods.add_meta_method(MetaMethod::Len, move |lua, this, ()| Ok(ready(lua, this)?.notes().len()));
        methods.add_meta_function(MetaMethod::Eq, |lua, (one, other): (AnyUserData, AnyUserData)| {
            let context = context(lua)?;
            let (one, other) = (one.borrow::<ClipValue>()?, other.borrow::<ClipValue>()?);
            Ok(one.print() == other.print() || one.wait(&context)? == other.wait(&context)?)
        });
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| Ok(described(this)));
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            Err(no_method("clip", &[DOCS, read::DOCS].concat(), verbs::all().flat_map(names), &key).into())
        });
    }
}

/// What a verb of music makes of the clip, which goes round and round.
fn as_pattern(lua: &Lua, clip: &ClipValue, name: &str, written: &[Value]) -> mlua::Result<Music> {
    let Some(verb) = verbs::all().find(|verb| verb.answers_to(name)) else {
        return Err(Fault::new(format!("there is no `{name}`")).into());
    };
    let clip = Value::UserData(lua.create_userdata(clip.clone())?);
    let music = lift::music(lua, name, &clip, Instrument::Keys)?;
    verb.run(lua, &music, written)
}

/// Music that is no clip: a pattern, or a text of notes.
fn is_pattern(value: &Value) -> bool {
    value_of::<Music>(value).is_some() || matches!(value, Value::String(_))
}

fn described(clip: &ClipValue) -> String {
    match clip.poll() {
        Some(Ok(clip)) => {
            let (notes, length) = (clip.notes().len(), clip.length());
            let (s, beats) =
                (if notes == 1 { "" } else { "s" }, if length == Beat::ONE { "beat" } else { "beats" });
            format!("clip of {notes} note{s}, {length} {beats}")
        }
        Some(Err(error)) => format!("clip that failed: {}", error.message),
        None => format!("clip that `{}` is making", clip.model().map_or("a model", |model| model)),
    }
}
