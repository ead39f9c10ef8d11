//! What a script can call, one file for each group of functions. Each function's
//! documentation stands above it.

mod accompaniment;
mod bake;
mod bus;
mod clip;
mod curve;
mod draw;
mod ears;
mod ensemble;
mod follow;
mod form;
mod instrument;
mod looks;
mod looping;
mod markov;
mod model;
mod morph;
mod music;
mod osc;
mod piece;
mod read;
mod recognize;
mod shared;
mod slot;
mod song;
mod soundfont;
mod staging;
mod stream;
mod stretches;
mod taste;
mod tilt;
mod timbre;
mod verbs;
mod watching;

use mlua::{AnyUserData, Function, Lua, Table, Value};

pub(crate) use draw::SketchValue;
pub(crate) use ears::InputValue;
pub use ears::{KEYS, OSC};
pub use ensemble::{LINK, TRANSPORT};
pub(crate) use form::no_part;
pub(crate) use instrument::InstrumentValue;
pub(crate) use looks::docs as look_docs;
pub(crate) use looping::struck;
pub(crate) use model::no_model;
pub(crate) use morph::MorphValue;
pub(crate) use music::{docs as music_docs, names as verb_names};
pub(crate) use shared::change_of;
pub(crate) use song::read_key;
pub(crate) use soundfont::PresetValue;
pub(crate) use taste::TasteValue;
pub use taste::letter_dial;
pub(crate) use timbre::PlaceValue;

use crate::change::Change;
use crate::clip_value::ClipValue;
use crate::fault::Fault;
use crate::music::Music;

/// Puts all bindings into `base`.
///
/// # Errors
/// When the memory is full.
pub(crate) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    song::install(lua, base)?;
    clip::install(lua, base)?;
    read::install(lua, base)?;
    curve::install(lua, base)?;
    music::install(lua, base)?;
    instrument::install(lua, base)?;
    soundfont::install(lua, base)?;
    slot::install(lua, base)?;
    bus::install(lua, base)?;
    form::install(lua, base)?;
    looping::install(lua, base)?;
    draw::install(lua, base)?;
    follow::install(lua, base)?;
    ears::install(lua, base)?;
    ensemble::install(lua, base)?;
    staging::install(lua, base)?;
    model::install(lua, base)?;
    recognize::install(lua, base)?;
    accompaniment::install(lua, base)?;
    taste::install(lua, base)?;
    markov::install(lua, base)
}

/// Puts what shares its name with a function of the standard library or a verb into `base`, once those are
/// there.
///
/// # Errors
/// When the memory is full.
pub(crate) fn install_over(lua: &Lua, base: &Table) -> mlua::Result<()> {
    stretches::install(lua, base)?;
    ears::install_over(lua, base)?;
    form::install_over(lua, base)?;
    watching::install(lua, base)?;
    shared::install(lua, base)
}

/// The documentation blocks of all bindings.
pub(crate) fn docs() -> Vec<&'static str> {
    let models = [
        model::DOCS,
        verbs::DOCS,
        tilt::DOCS,
        bake::DOCS,
        stream::DOCS,
        morph::DOCS,
        markov::DOCS,
        recognize::DOCS,
        taste::DOCS,
        timbre::DOCS,
    ];
    let others = [
        song::DOCS,
        clip::DOCS,
        read::DOCS,
        curve::DOCS,
        music::DOCS,
        instrument::DOCS,
        soundfont::DOCS,
        slot::DOCS,
        bus::DOCS,
        draw::DOCS,
        follow::DOCS,
        ears::DOCS,
        accompaniment::DOCS,
        ensemble::DOCS,
        osc::DOCS,
        staging::DOCS,
        form::DOCS,
        looping::DOCS,
        watching::DOCS,
    ];
    [others.concat(), models.concat()].concat()
}

/// Identity of a value of Lilt: equal values, equal numbers.
pub(crate) fn identity(data: &AnyUserData) -> u64 {
    if let Ok(clip) = data.borrow::<ClipValue>() {
        return clip.print();
    }
    if let Ok(music) = data.borrow::<Music>() {
        return music.print;
    }
    if let Ok(change) = data.borrow::<Change>() {
        return change.print();
    }
    if let Ok(sketch) = data.borrow::<draw::SketchValue>() {
        return sketch.print();
    }
    if let Ok(drawings) = data.borrow::<draw::Drawings>() {
        return drawings.print();
    }
    if let Ok(instrument) = data.borrow::<instrument::InstrumentValue>() {
        return instrument.print();
    }
    if let Ok(preset) = data.borrow::<soundfont::PresetValue>() {
        return preset.print();
    }
    if let Ok(place) = data.borrow::<PlaceValue>() {
        return place.print();
    }
    if let Ok(input) = data.borrow::<InputValue>() {
        return input.print();
    }
    if let Ok(taste) = data.borrow::<TasteValue>() {
        return taste.print();
    }
    if let Ok(morph) = data.borrow::<morph::MorphValue>() {
        return morph.print();
    }
    data.borrow::<model::ModelValue>().map_or(0, |model| model.print())
}

/// A value of a type of Lilt, if it is one.
pub(crate) fn value_of<T: Clone + 'static>(value: &Value) -> Option<T> {
    value.as_userdata()?.borrow::<T>().ok().map(|value| value.clone())
}

/// Most methods that are listed where none is near.
const MOST_LISTED: usize = 20;

/// What a method that does not exist gets; `docs` are those of the type `what`, `own` what this value has
/// beside them.
pub(crate) fn no_method(
    what: &str,
    docs: &[&'static str],
    own: impl IntoIterator<Item = &'static str>,
    key: &Value,
) -> Fault {
    let name = match key {
        Value::String(name) => name.to_string_lossy(),
        other => {
            return Fault::new(format!(
                "a {what} has methods, not values to look up by {}",
                other.type_name()
            ));
        }
    };
    if let Some(foreign) =
        crate::foreign::method(&name).filter(|_| matches!(what, "slot" | "pattern" | "change" | "clip"))
    {
        return foreign;
    }
    let methods = docs.iter().filter_map(|doc| {
        let (owner, method) = doc.trim().split_once(':')?;
        (owner == what).then(|| method.split(['(', ' ', '{']).next().unwrap_or(method))
    });
    let methods: Vec<&str> = methods.chain(own).collect();
    if matches!(what, "pattern" | "clip" | "change") && of_slots(&name) {
        let fault = Fault::new(format!("`{name}` is said of a slot, not of music")).name(&name);
        return fault.help(format!("write it behind the bracket of play, as in play(\"lead\", …):{name}(…)"));
    }
    let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    let fault = Fault::new(format!("{article} {what} has no `{name}`")).name(&name);
    if methods.len() > MOST_LISTED && lilt_score::nearest(&name, methods.iter().copied()).is_none() {
        return fault.help("see what there is with lilt doc");
    }
    fault.nearest(&name, methods)
}

/// True for a method that slots alone have.
fn of_slots(name: &str) -> bool {
    let method = |doc: &&'static str| {
        let (owner, method) = doc.trim().split_once(':')?;
        (owner == "slot").then(|| method.split(['(', ' ', '{', '\n']).next().unwrap_or(method))
    };
    let strips = lilt_score::Control::of_slots().any(|control| control.name() == name);
    strips || docs().iter().filter_map(method).any(|method| method == name)
}

/// Calls a function of the script while it is evaluated.
pub(crate) fn call(function: &Function, argument: impl mlua::IntoLuaMulti) -> mlua::Result<Value> {
    function.call(argument)
}
