//! `synth`: the built-in instruments.

use lilt_sequencer::Instrument;
use mlua::{Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value};

use crate::bind::value_of;
use crate::fault::Fault;
use crate::foreign;
use crate::options::{options, table, text};

pub(super) const DOCS: &[&str] = &["synth(name)
A built-in instrument, for play(…):on.
@param name \"pluck\", \"bass\", \"pad\", \"keys\", \"lead\", \"bell\" or \"kit\" (the drums)
@example play(\"low\", notes \"c2 g2\"):on(synth \"bass\")"];

/// An instrument as a script holds it.
#[derive(Clone, Copy)]
pub(crate) struct InstrumentValue(pub Instrument);

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    let synth = lua.create_function(|_, (name, written): (Value, Value)| {
        let [] = options("synth", table("synth", &written)?, [])?;
        Ok(instrument("synth", &name)?)
    })?;
    base.raw_set("synth", synth)
}

/// An instrument, or its name.
///
/// # Errors
/// When it is neither.
pub(super) fn instrument(what: &str, value: &Value) -> Result<InstrumentValue, Fault> {
    if let Some(instrument) = value_of(value) {
        return Ok(instrument);
    }
    let name = text(what, value)?;
    let found = Instrument::ALL.into_iter().find(|instrument| instrument.name() == name);
    found.map(InstrumentValue).ok_or_else(|| {
        let names = Instrument::ALL.map(Instrument::name);
        let fault = Fault::new(format!("there is no instrument `{name}`")).text(&name);
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
        methods
            .add_meta_method(MetaMethod::ToString, |_, this, ()| Ok(format!("synth \"{}\"", this.0.name())));
    }
}
