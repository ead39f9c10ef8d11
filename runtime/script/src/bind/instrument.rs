//! `synth`: the built-in instruments.

use lilt_score::{Control, Controls, Structure};
use lilt_sequencer::Instrument;
use mlua::{Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value};

use crate::bind::soundfont::is_soundfont;
use crate::bind::value_of;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::foreign;
use crate::lift::{self, Numbers};
use crate::music::Music;
use crate::options::{expected, table};
use crate::sounds;
use crate::verb::tell_of_range;

pub(super) const DOCS: &[&str] = &["synth(name, options)
A built-in instrument, for play(…):on. `lilt doc instruments` lists them.
@param name \"pluck\", \"bass\", \"pad\", \"keys\", \"lead\", \"bell\", \"acid\", \"supersaw\" … or \"kit\" (the drums)
@param options a number, a text of numbers or a signal for each control that it understands, as in { attack = 0.1 }; a note that says one itself goes before
@example play(\"low\", notes \"c2 g2\"):on(synth(\"acid\", { cutoff = \"300 900\", resonance = 0.7 }))"];

/// An instrument as a script holds it.
#[derive(Clone)]
pub(crate) struct InstrumentValue {
    pub instrument: Instrument,
    /// What its notes say where they say nothing themselves, in the order of the controls.
    numbers: Vec<(Control, Numbers)>,
}

impl InstrumentValue {
    /// Equal for instruments that sound the same.
    pub fn print(&self) -> u64 {
        let print = Fingerprint::of("synth").text(self.instrument.name());
        let said = self.numbers.iter();
        said.fold(print, |print, (control, numbers)| print.text(control.name()).number(numbers.print)).value()
    }

    /// True when it says more than which instrument it is.
    pub fn is_told(&self) -> bool {
        !self.numbers.is_empty()
    }

    /// The music with what its notes say on this instrument.
    ///
    /// # Errors
    /// After too many changes.
    pub fn told(&self, music: &Music) -> Result<Music, Fault> {
        if self.numbers.is_empty() {
            return Ok(music.clone());
        }
        let pattern = self.numbers.iter().fold(music.pattern.clone(), |pattern, (control, numbers)| {
            let (control, (low, high)) = (*control, control.range().into_inner());
            pattern.apply(&numbers.pattern, Structure::Left, move |own: &Controls, value: &f64| {
                match own.get(control) {
                    Some(_) => own.clone(),
                    None => own.clone().with(control, value.clamp(low, high)),
                }
            })
        });
        music.changed(pattern, Fingerprint::of("on").number(self.print()), music.weight)
    }
}

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set(
        "synth",
        lua.create_function(|lua, (name, written): (Value, Value)| {
            let mut value = instrument("synth", &name)?;
            value.numbers = said(lua, value.instrument, &written)?;
            Ok(value)
        })?,
    )
}

/// The options of an instrument: controls that it understands.
fn said(lua: &Lua, instrument: Instrument, written: &Value) -> mlua::Result<Vec<(Control, Numbers)>> {
    let Some(options) = table("synth", written)? else { return Ok(Vec::new()) };
    let mut said = Vec::new();
    for pair in options.pairs::<Value, Value>() {
        let (key, value) = pair?;
        let name = match &key {
            Value::String(name) => name.to_string_lossy(),
            _ => return Err(expected("synth", "options with names, as in { attack = 0.1 }", &value).into()),
        };
        let known = Control::all().filter(|control| instrument.understands(*control));
        let Some(control) = Control::named(&name).filter(|control| instrument.understands(*control)) else {
            let names = known
                .flat_map(|control| [control.name()].into_iter().chain(control.aliases().iter().copied()));
            let fault = Fault::new(format!("`{}` has no `{name}`", instrument.name())).name(&name);
            return Err(fault.nearest(&name, names).into());
        };
        let numbers = lift::numbers(lua, control.name(), &value)?;
        tell_of_range(lua, control.name(), control.range().into_inner(), &value, &numbers, |fault| {
            fault.of(control.name())
        })?;
        said.push((control, numbers));
    }
    said.sort_by_key(|(control, _)| *control);
    Ok(said)
}

/// An instrument, or its name.
///
/// # Errors
/// When it is neither.
pub(super) fn instrument(what: &str, value: &Value) -> Result<InstrumentValue, Fault> {
    if let Some(instrument) = value_of(value) {
        return Ok(instrument);
    }
    if is_soundfont(value) {
        let fault = Fault::new(format!("`{what}` expects an instrument of the SoundFont")).word(what);
        return Err(fault.help("write which one behind it, as in soundfont(\"gm.sf2\"):at \"Trumpet\""));
    }
    let name = sounds::name(what, value)?;
    let found = Instrument::ALL.into_iter().find(|instrument| instrument.name() == name);
    found.map(|instrument| InstrumentValue { instrument, numbers: Vec::new() }).ok_or_else(|| {
        let names = Instrument::ALL.map(Instrument::name);
        let fault = Fault::new(format!("there is no instrument `{name}`")).text(&name).of(what);
        match foreign::instrument(&name) {
            Some(near) => fault.help(format!("write {what} \"{near}\"")),
            None => fault.nearest(&name, names),
        }
    })
}

impl UserData for InstrumentValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "instrument");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| {
            Ok(format!("synth \"{}\"", this.instrument.name()))
        });
    }
}
