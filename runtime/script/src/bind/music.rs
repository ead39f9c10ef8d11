//! `notes`, `drums` and the verbs of music: as methods and as plain functions.

use lilt_score::{Control, Scope, Seed};
use lilt_sequencer::Instrument;
use mlua::{IntoLua, Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value, Variadic};

use crate::bind::{no_method, value_of};
use crate::change::{Change, lacks_music, takes};
use crate::clip_value::ClipValue;
use crate::context::context;
use crate::doc::Doc;
use crate::fault::Fault;
use crate::lift;
use crate::music::Music;
use crate::options::{beats, expected, text};
use crate::signals::{SIGNALS, Signal};
use crate::state::opened;
use crate::verb::{Kind, Param, Verb, takes_numbers};
use crate::verbs;

pub(super) const DOCS: &[&str] = &[
    "notes(text)
A pattern of notes in mini-notation; it fills one bar. play takes such a text as it is.
@param text pitches by name or number, as in \"c4 [e4 g4] ~ <c5 b4>\"
@example play(\"tune\", notes(\"c4 e4 g4\"):fast(2))",
    "drums(text)
A pattern of drums in mini-notation; it fills one bar.
@param text bd sd rs cp hh oh lt mt ht cr rd cb, as in \"bd*2 [~ sd]\"
@example play(\"beat\", drums \"bd [~ bd] sd ~, hh*8\")",
    "sound(names)
Recorded sounds and instruments in mini-notation, each at the pitch that it has; it fills one bar. `lilt doc sounds` lists what there is. Also called s.
@param names of sounds, as in \"bd*2 [~ sd] breaks:2\"; behind a colon stands which of a name's sounds, from 0
@example play(\"beat\", sound \"bd*2 [~ sd], hh*8, breaks:1/2\")",
    "n(numbers)
Which of the sounds of a name: a pattern that sounds once :sound(\"…\") or, as degrees, :scale(\"…\") is written behind it.
@param numbers a text of numbers from 0, a number, a signal or a function of the beat
@example play(\"break\", n(\"0 1 <2 3>\"):sound \"breaks\")",
    "numbers(text)
A pattern of numbers in mini-notation: for controls, and to reckon with.
@param text numbers, as in \"0 .5 <1 2>\"
@example play(\"tune\", notes(\"c4 e4\") + numbers(\"<0 7>\"))",
    "degrees(text, scale)
Steps of a scale in mini-notation: 0 is its tonic, 7 the tonic above in a scale of seven, -1 the step below; # and b raise and lower a step.
@param text numbers, as in \"0 2 4# <7 9>\"
@param scale a tonic and a scale, as in \"D dorian\"; the key that the script has set so far when left out, or else C major
@example key \"D dorian\" play(\"tune\", degrees \"0 2 4 <7 9>\")",
];

/// What is documented of all music: its verbs, and the signals.
pub(crate) fn docs() -> Vec<Doc> {
    let verbs = verbs::all().map(|verb| verb.doc("pattern"));
    let of_slots = Control::of_slots().filter(|control| control.scope() == Scope::Slot).map(control_doc);
    verbs.chain(SIGNALS.iter().map(Signal::doc)).chain(of_slots).collect()
}

/// The documentation of a control that only a slot's whole sound has.
fn control_doc(control: Control) -> Doc {
    let name = control.name();
    let (low, high) = control.range().into_inner();
    Doc {
        name: format!("slot:{name}"),
        aliases: control.aliases().iter().map(|alias| (*alias).to_owned()).collect(),
        signature: format!("slot:{name}(amount)"),
        summary: format!("Of a slot's whole sound. {}", control.meaning()),
        params: vec![(
            "amount".to_owned(),
            format!("{low} to {high}: a number, a text of numbers, a signal or a function of the beat"),
        )],
        example: slot_example(control),
    }
}

/// A script in which a control of a slot's whole sound is heard.
fn slot_example(control: Control) -> String {
    let (amount, with) = match control {
        Control::PHASERRATE => ("2", ":phaser(0.8)"),
        Control::FLANGERRATE => ("2", ":flanger(0.8)"),
        Control::LOW | Control::HIGH => ("6", ""),
        Control::MID => ("-6", ""),
        Control::WIDTH => ("0", ":on \"supersaw\""),
        _ => ("0.7", ""),
    };
    format!("play(\"tune\", \"c4*4\"){with}:{}({amount})", control.name())
}

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    let make = |what: &'static str, instrument| {
        lua.create_function(move |lua, written: Value| {
            Ok(lift::notation(lua, what, &text(what, &written)?, instrument)?)
        })
    };
    base.raw_set("notes", make("notes", Instrument::Keys)?)?;
    base.raw_set("drums", make("drums", Instrument::Kit)?)?;
    base.raw_set(
        "numbers",
        lua.create_function(|lua, written: Value| {
            Ok(lift::values(lua, "numbers", &text("numbers", &written)?)?)
        })?,
    )?;
    base.raw_set(
        "degrees",
        lua.create_function(|lua, (written, scale): (Value, Value)| {
            Ok(lift::degrees(lua, &text("degrees", &written)?, &scale)?)
        })?,
    )?;
    for (name, begin) in [("sound", lift::sounded as Begin), ("s", lift::sounded), ("n", lift::counted)] {
        base.raw_set(name, beginning(lua, name, begin)?)?;
    }
    for signal in SIGNALS {
        base.raw_set(signal.name, signal.music(None, Seed(0)))?;
    }
    for verb in verbs::all() {
        for name in names(verb) {
            // What the language has by that name already stays what it is.
            if !matches!(base.raw_get::<Value>(name)?, Value::Nil) || lua.globals().contains_key(name)? {
                continue;
            }
            let function = lua.create_function(move |lua, written: Variadic<Value>| {
                let written = listed(verb, &written)?;
                if lacks_music(lua, verb, &written) {
                    return Change::of(lua, verb, &written).into_lua(lua);
                }
                if let Some(fault) = music_comes_late(lua, verb, name, &written) {
                    return Err(fault.into());
                }
                let (music, written) = written.split_first().unwrap_or((&Value::Nil, &[]));
                let music = match music {
                    Value::String(text) if takes_numbers(verb.name) => {
                        lift::values(lua, verb.name, &text.to_string_lossy())?
                    }
                    music => lift::music(lua, verb.name, music, Instrument::Keys)?,
                };
                verb.run(lua, &music, written)?.into_lua(lua)
            })?;
            base.raw_set(name, function)?;
        }
    }
    Ok(())
}

/// Music out of what a script writes alone.
type Begin = fn(&Lua, &str, &Value) -> Result<Music, Fault>;

/// The function that begins music with the one thing that it is given, and that is the verb of that name where it
/// is given music and more.
fn beginning(lua: &Lua, name: &'static str, begin: Begin) -> mlua::Result<mlua::Function> {
    lua.create_function(move |lua, (first, written): (Value, Variadic<Value>)| {
        match verbs::all().find(|verb| verb.answers_to(name)) {
            Some(verb) if written.iter().any(|value| !value.is_nil()) => {
                verb.run(lua, &lift::music(lua, verb.name, &first, Instrument::Keys)?, &written)
            }
            _ => Ok(begin(lua, name, &first)?),
        }
    })
}

/// What a verb was given; of one that takes any number of pieces of music, what stands in a list.
fn listed(verb: &Verb, written: &[Value]) -> mlua::Result<Vec<Value>> {
    match (written, verb.params) {
        ([Value::Table(list)], [Param { kind: Kind::Musics, .. }]) => {
            opened(list).sequence_values::<Value>().collect()
        }
        _ => Ok(written.to_vec()),
    }
}

/// What is told where the music stands behind all else that a verb is given, as in other languages.
pub(super) fn music_comes_late(lua: &Lua, verb: &Verb, name: &str, written: &[Value]) -> Option<Fault> {
    let is_music = |value: &Value| {
        let music = value_of::<Music>(value).is_some_and(|music| !music.numeric);
        music || value_of::<ClipValue>(value).is_some()
    };
    // A text is music where the verb has no place for it.
    let (last, before) = written.split_last()?;
    let late = is_music(last) || (last.is_string() && !takes(lua, verb.params, &written[1..]));
    if !late || before.first().is_none_or(is_music) || !takes(lua, verb.params, before) {
        return None;
    }
    let shown = |value: &Value| match value {
        Value::String(text) => format!("\"{}\"", text.to_string_lossy()),
        value => crate::options::written_as(value).unwrap_or_else(|| "…".to_owned()),
    };
    let given = before.iter().map(shown).collect::<Vec<_>>().join(", ");
    let fault = Fault::new(format!("`{name}` takes its music first")).name(name);
    Some(fault.help(format!("write :{name}({given}) behind the music, or {name}(music, {given})")))
}

/// Every name of a verb.
pub(crate) fn names(verb: &'static Verb) -> impl Iterator<Item = &'static str> {
    [verb.name].into_iter().chain(verb.aliases.iter().copied())
}

/// The verb of arithmetic that a sign stands for.
pub(super) fn arithmetic(lua: &Lua, name: &str, one: &Value, other: &Value) -> mlua::Result<Music> {
    let Some(verb) = verbs::all().find(|verb| verb.answers_to(name)) else {
        return Err(Fault::new(format!("there is no `{name}`")).into());
    };
    // The music is on either side of the sign; a number or a text on the left is a number.
    let music = match one {
        Value::UserData(_) => lift::music(lua, name, one, Instrument::Keys)?,
        Value::String(written) => {
            let written = written.to_string_lossy();
            match lift::values(lua, name, &written) {
                Ok(values) => values,
                Err(_) => lift::music(lua, name, one, Instrument::Keys)?,
            }
        }
        _ => lift::values(lua, name, &crate::options::number(name, one)?.to_string())?,
    };
    verb.run(lua, &music, std::slice::from_ref(other))
}

impl Signal {
    fn doc(&self) -> Doc {
        Doc {
            name: self.name.to_owned(),
            aliases: Vec::new(),
            signature: format!("{}(beats)", self.name),
            summary: format!("A signal. {} Without beats, one wave a bar.", self.meaning),
            params: vec![("beats".to_owned(), "how long one wave takes; a bar when left out".to_owned())],
            example: self.example.to_owned(),
        }
    }
}

impl UserData for Music {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "pattern");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        for verb in verbs::all() {
            for name in names(verb) {
                methods.add_method(name, move |lua, this, written: Variadic<Value>| {
                    verb.run(lua, this, &written)
                });
            }
        }
        let signs = [
            (MetaMethod::Add, "add"),
            (MetaMethod::Sub, "sub"),
            (MetaMethod::Mul, "mul"),
            (MetaMethod::Div, "div"),
            (MetaMethod::Mod, "mod"),
            (MetaMethod::Concat, "cat"),
        ];
        for (sign, verb) in signs {
            methods.add_meta_function(sign, move |lua, (one, other): (Value, Value)| {
                arithmetic(lua, verb, &one, &other)
            });
        }
        methods.add_meta_method(MetaMethod::Call, |lua, this, written: Value| {
            let Some(signal) = this.signal else {
                let fault = Fault::new("a pattern cannot be called like a function");
                return Err(fault.help("write a colon and a verb behind it, as in tune:fast(2)").into());
            };
            let seed = context(lua)?.session(signal.name).map_or(Seed(0), |session| session.declared.seed);
            if written.is_nil() {
                return Ok(signal.music(None, seed));
            }
            let length = beats(signal.name, &written)?;
            if length <= lilt_score::Beat::ZERO {
                return Err(expected(signal.name, "a number of beats above 0", &written).into());
            }
            Ok(signal.music(Some(length), seed))
        });
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            let verbs = verbs::all().flat_map(names);
            Err(no_method("pattern", &[], verbs, &key).into())
        });
    }
}
