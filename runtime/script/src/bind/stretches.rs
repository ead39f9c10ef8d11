//! `each` with a number of bars: music that a function gives stretch by stretch.

use mlua::{Function, Lua, MultiValue, Table, Value};

use crate::options::{expected, whole_in};
use crate::stretches::{LONGEST, stretches};

/// Makes `each` of the standard library, which takes music first, take a number of bars too.
pub(crate) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    let of_music: Function = base.raw_get("each")?;
    let each = lua.create_function(move |lua, written: MultiValue| {
        let Some(first @ (Value::Integer(_) | Value::Number(_))) = written.front() else {
            return of_music.call::<MultiValue>(written);
        };
        if written.len() == 1 {
            return of_music.call::<MultiValue>(written);
        }
        let bars = whole_in("each", first, 1, LONGEST)?;
        let music = match written.get(1) {
            Some(Value::Function(function)) => stretches(lua, bars, function.clone())?,
            other => {
                let other = other.unwrap_or(&Value::Nil);
                let what = "a function behind the number of bars, as in each(4, function(n) … end)";
                return Err(expected("each", what, other).into());
            }
        };
        Ok(MultiValue::from_vec(vec![Value::UserData(lua.create_userdata(music)?)]))
    })?;
    base.raw_set("each", each)
}
