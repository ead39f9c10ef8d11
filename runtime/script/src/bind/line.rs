//! `line` with numbers: from one to another, and then it stays there.

use lilt_score::{Beat, Controls, Event, Pattern};
use lilt_sequencer::Instrument;
use mlua::{Function, Lua, MultiValue, Table, Value};

use crate::fingerprint::Fingerprint;
use crate::music::Music;
use crate::options::{beats, expected, number};

/// Makes `line` of the standard library, which draws, take numbers too.
pub(crate) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    let drawn: Function = base.raw_get("line")?;
    let line = lua.create_function(move |lua, written: MultiValue| {
        let Some(from @ (Value::Integer(_) | Value::Number(_))) = written.front() else {
            return drawn.call::<MultiValue>(written);
        };
        let nil = Value::Nil;
        let (to, length) = (written.get(1).unwrap_or(&nil), written.get(2).unwrap_or(&nil));
        let (from, to, over) = (number("line", from)?, number("line", to)?, beats("line", length)?);
        if over <= Beat::ZERO {
            return Err(expected("line", "beats above 0 behind the two numbers", length).into());
        }
        let print = Fingerprint::of("line").real(from).real(to).real(over.to_f64());
        let pattern = Pattern::new(move |query| {
            let way = (query.span.start / over).to_f64().clamp(0.0, 1.0);
            vec![Event::flowing(query.span, Controls::number(from + (to - from) * way))]
        });
        let music = Music::new(pattern, print, Instrument::Keys);
        Ok(MultiValue::from_vec(vec![Value::UserData(lua.create_userdata(music)?)]))
    })?;
    base.raw_set("line", line)
}
