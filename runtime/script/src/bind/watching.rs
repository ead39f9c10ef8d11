//! `on` with a beat, a bar or a phrase: a function that is called as the plan comes to each.

use mlua::{Function, Lua, MultiValue, Table, Value};

use crate::context::context;
use crate::fault::Fault;
use crate::options::expected;
use crate::watching::{Every, Watcher};

pub(super) const DOCS: &[&str] = &["on(what, call)
Calls a function for each bar, beat or phrase of four bars, as the plan comes to it: some seconds before you hear it. It plays nothing and changes nothing that is declared. It is good for print, so that you see where you are, and for `state`, which functions of the beat can read. One that fails is told of and called no more.
@param what \"bar\", \"beat\" or \"phrase\"
@param call a function that takes its number, from 1
@example on(\"bar\", function(n) print(\"bar\", n) end) play(\"lead\", \"c4 e4\")"];

/// Makes `on` take the name of a time and a function too, beside music and what that sounds on.
pub(crate) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    let of_music: Option<Function> = base.raw_get("on")?;
    let on = lua.create_function(move |lua, written: MultiValue| {
        if let (Some(Value::String(name)), Some(Value::Function(function))) =
            (written.front(), written.get(1))
        {
            let name = name.to_string_lossy();
            let Some(every) = Every::named(&name) else {
                let fault = Fault::new(format!("`on` does not know \"{name}\"")).text(&name).of("on");
                return Err(fault.nearest(&name, ["bar", "beat", "phrase"]).into());
            };
            let watcher = Watcher::new(lua, every, function.clone())?;
            context(lua)?.session("on")?.declared.watchers.push(watcher);
            return Ok(MultiValue::new());
        }
        let time = |value: &Value| value.as_string().and_then(|name| Every::named(&name.to_string_lossy()));
        if written.front().and_then(time).is_some() {
            let given = written.get(1).unwrap_or(&Value::Nil);
            let fault = expected("on", "a function behind the time", given);
            return Err(fault.help("write on(\"bar\", function(n) … end): it is called at each bar").into());
        }
        match &of_music {
            Some(of_music) => of_music.call::<MultiValue>(written),
            None => {
                let fault =
                    Fault::new("`on` expects \"bar\", \"beat\" or \"phrase\", and a function").name("on");
                Err(fault.help("write on(\"bar\", function(n) … end)").into())
            }
        }
    })?;
    base.raw_set("on", on)
}
