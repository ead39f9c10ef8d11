//! Changes of music that are written without it: verbs such as `fast(2)`, or several in a chain.

use lilt_score::mini;
use mlua::{Lua, MetaMethod, UserData, UserDataFields, UserDataMethods, Value, Variadic};

use crate::bind::{change_of, no_method, value_of, verb_names};
use crate::clip_value::ClipValue;
use crate::fingerprint::Fingerprint;
use crate::function;
use crate::lift;
use crate::music::Music;
use crate::verb::{Kind, Param, Verb};
use crate::verbs;
use lilt_sequencer::Instrument;

/// Verbs in the order in which they change the music that comes, each with what was written behind it.
#[derive(Clone)]
pub(crate) struct Change {
    steps: Vec<(&'static Verb, Vec<Value>)>,
    print: Fingerprint,
}

impl Change {
    /// One verb.
    pub fn of(lua: &Lua, verb: &'static Verb, written: &[Value]) -> Change {
        Change { steps: Vec::new(), print: Fingerprint::of("change") }.then(lua, verb, written)
    }

    /// This, and then a verb.
    fn then(&self, lua: &Lua, verb: &'static Verb, written: &[Value]) -> Change {
        let print = self.print.text(verb.name);
        let print = written.iter().fold(print, |print, value| print.number(function::identity(lua, value)));
        let steps = self.steps.iter().cloned().chain([(verb, written.to_vec())]).collect();
        Change { steps, print }
    }

    /// What it makes of the music.
    ///
    /// # Errors
    /// When an argument of a verb is wrong, or the result would cost too much.
    pub fn run(&self, lua: &Lua, music: &Music) -> mlua::Result<Music> {
        self.steps.iter().try_fold(music.clone(), |music, (verb, written)| verb.run(lua, &music, written))
    }

    /// Equal for the same verbs with the same arguments.
    pub fn print(&self) -> u64 {
        self.print.value()
    }
}

/// Whether a call of a verb as a plain function has everything but the music: then it is a change. Where the
/// first argument could be the music, it is, but for a plain number before a number.
pub(crate) fn lacks_music(lua: &Lua, verb: &Verb, written: &[Value]) -> bool {
    let given = written.iter().rposition(|value| !value.is_nil()).map_or(0, |last| last + 1);
    let written = &written[..given];
    let has_music = match (written, verb.params.first().map(|param| param.kind)) {
        ([], _) => false,
        (
            [Value::Integer(_) | Value::Number(_), ..],
            Some(Kind::Number { .. } | Kind::Whole { .. } | Kind::Bounded { .. } | Kind::Pitches),
        ) => false,
        ([Value::Function(_), ..], Some(Kind::Change | Kind::Changes)) => false,
        ([first, ..], _) if value_of::<Change>(first).is_some() => false,
        ([Value::String(text), ..], Some(Kind::Scale)) if !is_notes(&text.to_string_lossy()) => false,
        ([_, rest @ ..], _) => takes(lua, verb.params, rest),
    };
    !has_music && takes(lua, verb.params, written)
}

/// Whether the values can be what the parameters stand for.
pub(crate) fn takes(lua: &Lua, params: &[Param], written: &[Value]) -> bool {
    let mut values = written.iter();
    for param in params {
        let fits = match param.kind {
            Kind::Musics | Kind::Changes => {
                let mut rest = values.by_ref().peekable();
                rest.peek().is_some() && rest.all(|value| fits(lua, param.kind, value))
            }
            kind => match values.next() {
                None | Some(Value::Nil) => !param.is_needed(),
                Some(value) => fits(lua, kind, value),
            },
        };
        if !fits {
            return false;
        }
    }
    values.next().is_none()
}

/// Whether a text can be music, which a scale is not.
fn is_notes(text: &str) -> bool {
    mini::parse(text).is_ok_and(|mini| mini::notes(&mini).is_ok())
}

/// Whether a value can be a parameter of that kind; what is wrong with it, the verb says when it runs.
fn fits(lua: &Lua, kind: Kind, value: &Value) -> bool {
    let number = matches!(value, Value::Integer(_) | Value::Number(_));
    let text = value.as_string().map(|text| text.to_string_lossy());
    let function = matches!(value, Value::Function(_));
    match kind {
        Kind::Number { .. } | Kind::Whole { .. } | Kind::Numbers | Kind::Bounded { .. } => {
            let numeric = |text: &str| mini::parse(text).is_ok_and(|mini| mini::numbers(&mini).is_ok());
            let music = value_of::<Music>(value);
            number
                || function
                || text.is_some_and(|text| numeric(&text))
                || music.is_some_and(|music| music.numeric)
        }
        Kind::Music | Kind::Musics => {
            let list = matches!(value, Value::Table(_)) && kind == Kind::Musics;
            let music = value_of::<Music>(value).is_some() || value_of::<ClipValue>(value).is_some();
            number || function || list || text.is_some() || music
        }
        Kind::Change | Kind::Changes => function || change_of(lua, value).is_some(),
        Kind::Text | Kind::Words | Kind::Scale => text.is_some(),
        Kind::Truths => number || function || text.is_some() || value_of::<Music>(value).is_some(),
        Kind::Sounds => text.is_some() || matches!(value, Value::UserData(_)),
        Kind::Structure => matches!(value, Value::Table(_)),
        Kind::Note => function,
        Kind::Pitches => number || text.is_some() || value_of::<Music>(value).is_some(),
        Kind::Seed => number,
    }
}

impl UserData for Change {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "change");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        for verb in verbs::all() {
            for name in verb_names(verb) {
                methods.add_method(name, move |lua, this, written: Variadic<Value>| {
                    Ok(this.then(lua, verb, &written))
                });
            }
        }
        methods.add_meta_method(MetaMethod::Call, |lua, this, music: Value| {
            let name = this.steps.first().map_or("change", |(verb, _)| verb.name);
            this.run(lua, &lift::music(lua, name, &music, Instrument::Keys)?)
        });
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            Err(no_method("change", &[], verbs::all().flat_map(verb_names), &key).into())
        });
    }
}
