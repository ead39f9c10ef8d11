//! What single notes are worth to a reward, where the reward is a sum over notes: the function that
//! `reward.step` was given, and what arithmetic makes of it, kept beside the function of the whole clip.

use mlua::{Function, Lua, Table, Value};

/// Name in the VM's registry of the table from rewards to what notes are worth to them.
const WORTH: &str = "lilt.worth";

/// The functions `worth_of(reward)`; `note_worth(reward, worth)`, which notes a worth if there is one
/// and returns the reward; and `looks_back(worth)`. Written in Rust, so that the identity of a function that uses them does not
/// depend on what else was noted.
///
/// # Errors
/// When the memory is full.
pub(crate) fn install(lua: &Lua) -> mlua::Result<(Function, Function, Function)> {
    let known = lua.create_table()?;
    // A reward that nobody holds any more is forgotten.
    let weak = lua.create_table()?;
    weak.raw_set("__mode", "k")?;
    known.set_metatable(Some(weak))?;
    lua.set_named_registry_value(WORTH, known)?;
    let worth_of = lua.create_function(|lua, reward: Value| match &reward {
        Value::Function(reward) => worth(lua, reward),
        _ => Ok(None),
    })?;
    let note_worth = lua.create_function(|lua, (reward, worth): (Function, Option<Function>)| {
        if let Some(worth) = worth {
            lua.named_registry_value::<Table>(WORTH)?.raw_set(&reward, worth)?;
        }
        Ok(reward)
    })?;
    let back =
        lua.create_function(|_, worth: Option<Function>| Ok(worth.is_some_and(|worth| looks_back(&worth))))?;
    Ok((worth_of, note_worth, back))
}

/// What single notes are worth to `reward`, if it is a sum over notes.
///
/// # Errors
/// When the memory is full.
pub(crate) fn worth(lua: &Lua, reward: &Function) -> mlua::Result<Option<Function>> {
    lua.named_registry_value::<Table>(WORTH)?.raw_get(reward)
}

/// Whether what notes are worth may depend on the notes before: whether the function sees a second argument.
pub(crate) fn looks_back(worth: &Function) -> bool {
    let info = worth.info();
    info.is_vararg || info.num_params > 1
}
