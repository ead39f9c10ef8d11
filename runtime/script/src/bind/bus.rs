//! Buses, what goes to them, and ducking.

use std::sync::Arc;

use lilt_sequencer::{DuckBy, Ducking};
use mlua::{Lua, Table, Value, Variadic};

use crate::bind::slot::{SlotValue, declare, slot_name};
use crate::bind::value_of;
use crate::context::context;
use crate::declared::DeclaredPart;
use crate::fault::Fault;
use crate::options::{expected, nothing_more, number_in, options, table, text};
use crate::wiring::Said;

pub(super) const DOCS: &[&str] = &[
    "bus(name)
Names a bus: what slots send to it with slot:to goes through its controls together, and then to the master. It takes every control of a slot, quantum, silent, solo, to and duck.
@param name of the bus, 1 to 64 letters; a name that no slot has
@example bus(\"drums\"):gain(0.8):compressor(0.5):reverb(0.2) play(\"beat\", drums \"bd sd\"):to \"drums\"",
    "slot:to(bus)
Sends the slot's sound to a bus in place of the master. A bus of which the script says nothing else is a neutral one. A bus may go to another.
@param bus its name, or what bus(…) gave
@example play(\"kick\", drums \"bd*4\"):to \"drums\" play(\"hats\", drums \"hh*8\"):to \"drums\" bus(\"drums\"):highpass(60)",
    "slot:duck(under, options)
Turns the slot or bus down while another speaks, as a sidechain does.
@param under the slot or bus that is listened to
@param depth how much of the level is taken away, 0 to 1; 0.8 when left out
@param attack seconds down, 0.001 to 4; 0.01 when left out
@param release seconds back up, 0.001 to 4; 0.2 when left out
@param by \"notes\": each note of the other, from its beginning on; or \"level\": for as long as the other sounds; \"notes\" when left out
@example play(\"kick\", drums \"bd*4\") play(\"pad\", \"c3,eb3,g3\"):on(\"pad\"):duck(\"kick\", { depth = 0.9, release = 0.3 })",
];

/// The shortest and the longest way down or up, in seconds.
const WAY: (f64, f64) = (0.001, 4.0);

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    let function = lua.create_function(|lua, (name, more): (Value, Variadic<Value>)| {
        let help = "write what it does behind it, as in bus(\"drums\"):gain(0.8):reverb(0.2)";
        nothing_more("bus", "a name", 1, &more, help)?;
        let name = slot_name("bus", &name)?;
        no_pattern("bus", &name)?;
        Ok(declare(lua, "bus", name, DeclaredPart::Bus)?)
    })?;
    base.raw_set("bus", function)
}

/// That the name of a bus is no notation: where sound goes does not change from note to note.
fn no_pattern(what: &str, name: &str) -> Result<(), Fault> {
    if !name.contains(['<', '>', '[', ']', '*', '~', '|']) {
        return Ok(());
    }
    let fault = Fault::new(format!("`{what}` takes the name of one bus, and \"{name}\" is a pattern"));
    let help = "write one name; to send some of the sound elsewhere, fill a second slot and send that";
    Err(fault.text(name).argument(what, 0).help(help))
}

/// The name of the slot or bus that `value` is or says.
fn named(what: &str, expectation: &str, value: &Value) -> Result<Arc<str>, Fault> {
    match value_of::<SlotValue>(value) {
        Some(slot) => Ok(slot.name().into()),
        None if value.is_string() => Ok(slot_name(what, value)?.into()),
        None => Err(expected(what, expectation, value)),
    }
}

fn said<T>(lua: &Lua, what: &str, value: T) -> Result<Said<T>, Fault> {
    Ok(Said { value, place: context(lua)?.origin(lua, what)?.place })
}

/// `slot:to(bus)`.
pub(super) fn to(lua: &Lua, slot: &SlotValue, bus: &Value, more: &[Value]) -> mlua::Result<SlotValue> {
    let help = "all of the sound goes there: write bus(\"drums\"):gain(0.5) for how loud it is, :reverb(0.5) for a room";
    nothing_more("to", "the name of one bus", 1, more, help)?;
    let name = named("to", "the name of a bus, as in \"drums\"", bus)?;
    no_pattern("to", &name)?;
    let bus = said(lua, "to", name)?;
    slot.set(lua, "to", |slot| {
        if let DeclaredPart::Drawing { .. } = slot.part {
            return Err(Fault::new("a drawing has no sound to send").name("to"));
        }
        slot.wiring.to = Some(bus);
        Ok(())
    })
}

/// `slot:duck(under, options)`.
pub(super) fn duck(
    lua: &Lua,
    slot: &SlotValue,
    under: &Value,
    written: &Value,
    more: &[Value],
) -> mlua::Result<SlotValue> {
    nothing_more(
        "duck",
        "a slot or bus and options",
        2,
        more,
        "write { depth = 0.8, release = 0.3 } behind the name",
    )?;
    let under = named("duck", "the name of a slot or bus, as in \"kick\"", under)?;
    let [depth, attack, release, by] =
        options("duck", table("duck", written)?, ["depth", "attack", "release", "by"])?;
    let number = |name: &str, value: &Value, (least, most): (f64, f64), unsaid: f64| match value {
        Value::Nil => Ok(unsaid),
        value => number_in(name, value, least, most),
    };
    let by = match &by {
        Value::Nil => DuckBy::Notes,
        value => match text("by", value)?.as_str() {
            "notes" => DuckBy::Notes,
            "level" => DuckBy::Level,
            _ => return Err(expected("by", "\"notes\" or \"level\"", value).into()),
        },
    };
    let how = Ducking {
        by,
        depth: number("depth", &depth, (0.0, 1.0), 0.8)?,
        attack: number("attack", &attack, WAY, 0.01)?,
        release: number("release", &release, WAY, 0.2)?,
    };
    let duck = said(lua, "duck", (under, how))?;
    slot.set(lua, "duck", |slot| {
        if let DeclaredPart::Drawing { .. } = slot.part {
            return Err(Fault::new("a drawing has no sound to duck").name("duck"));
        }
        if let Some(Said { value: (first, _), .. }) = &slot.wiring.duck {
            let fault = Fault::new(format!("slot `{}` ducks under `{first}` already", slot.name));
            return Err(fault
                .name("duck")
                .help("send those it is to duck under to a bus, and duck under that"));
        }
        slot.wiring.duck = Some(duck);
        Ok(())
    })
}
