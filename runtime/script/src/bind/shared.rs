//! Names that are a function of the library and a verb too, such as `octave`, `swing` and `scale`: given music they
//! are the function; without it they are the change that the verb makes, as `fast(2)` is.

use mlua::{Function, Lua, MultiValue, Table, Value};

use crate::bind::music::music_comes_late;
use crate::bind::verb_names;
use crate::change::{Change, lacks_music};
use crate::verb::Verb;
use crate::verbs;

/// Name in the VM's registry of the table of values that a function of the library made and that the verb of that
/// name would have made a change of.
const CHANGES: &str = "lilt.changes";

/// What such a function makes of what a verb could be given too.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Claim {
    /// Nothing: it is the verb.
    Verbs,
    /// Its own, such as a list of pitches; where a change is expected that counts as the verb.
    Both,
    /// Its own, and never the verb.
    Own,
}

/// The library's claim on the values that were given to the name.
fn claim(name: &str, written: &[Value]) -> Claim {
    let first = written.first().and_then(Value::as_string).map(|text| text.to_string_lossy());
    match name {
        // A list of pitches, a text, music.
        "scale" | "sound" | "s" | "n" => Claim::Both,
        "euclid" if written.iter().all(|value| value.is_number() || value.is_integer()) => Claim::Both,
        // A symbol has a capital letter; the verb takes kinds of chord.
        "chord" => {
            let kinds = first.is_some_and(|kinds| {
                let words = kinds.split(|c: char| c.is_whitespace() || "<>[]{},*/!@?|~".contains(c));
                words.filter(|word| !word.is_empty()).all(|kind| lilt_score::chord::intervals(kind).is_some())
            });
            if kinds { Claim::Verbs } else { Claim::Own }
        }
        // A list of what a loop chooses from.
        "choose" if matches!(written, [Value::Table(_)]) => Claim::Own,
        // Makes notes.
        "clip" => Claim::Own,
        // A round of a loop whose name is missing.
        "loop" if matches!(written, [Value::Function(_), ..]) => Claim::Own,
        _ => Claim::Verbs,
    }
}

/// Lets each function in `base` that has the name of a verb be the verb too.
///
/// # Errors
/// When the memory is full.
pub(crate) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    let changes = lua.create_table()?;
    let weak = lua.create_table()?;
    weak.raw_set("__mode", "k")?;
    changes.set_metatable(Some(weak))?;
    lua.set_named_registry_value(CHANGES, changes)?;
    for (verb, name) in verbs::all().flat_map(|verb| verb_names(verb).map(move |name| (verb, name))) {
        let Value::Function(own) = base.raw_get(name)? else { continue };
        // What the verb itself put there is the verb already.
        if own.info().what != "Lua" && !BOUND.contains(&name) {
            continue;
        }
        base.raw_set(name, shared(lua, verb, name, own)?)?;
    }
    Ok(())
}

/// Bindings that have the name of a verb.
const BOUND: [&str; 7] = ["n", "s", "sound", "each", "choose", "loop", "clip"];

fn shared(lua: &Lua, verb: &'static Verb, name: &'static str, own: Function) -> mlua::Result<Function> {
    lua.create_function(move |lua, written: MultiValue| {
        let values: Vec<Value> = written.iter().cloned().collect();
        let behind = values.last().is_some_and(|last| !last.is_string());
        if behind && let Some(fault) = music_comes_late(lua, verb, name, &values) {
            return Err(fault.into());
        }
        let claim = if lacks_music(lua, verb, &values) { claim(name, &values) } else { Claim::Own };
        let change = || lua.create_userdata(Change::of(lua, verb, &values)).map(Value::UserData);
        match claim {
            Claim::Own => own.call::<MultiValue>(written),
            Claim::Verbs => Ok(MultiValue::from_vec(vec![change()?])),
            Claim::Both => {
                let made = own.call::<MultiValue>(written)?;
                if let Some(value) = made.front().filter(|value| !value.is_nil()) {
                    lua.named_registry_value::<Table>(CHANGES)?.raw_set(value, change()?)?;
                }
                Ok(made)
            }
        }
    })
}

/// The change that a value stands for: one that is a change, or one that a function of a verb's name made.
pub(crate) fn change_of(lua: &Lua, value: &Value) -> Option<Change> {
    if let Some(change) = crate::bind::value_of::<Change>(value) {
        return Some(change);
    }
    if !matches!(value, Value::Table(_) | Value::String(_) | Value::UserData(_)) {
        return None;
    }
    let changes = lua.named_registry_value::<Table>(CHANGES).ok()?;
    crate::bind::value_of::<Change>(&changes.raw_get::<Value>(value).ok()?)
}
