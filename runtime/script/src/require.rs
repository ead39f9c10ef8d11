//! `require`: modules of the standard library, and files beside the script.

use std::rc::Rc;

use include_dir::{Dir, include_dir};
use mlua::chunk::ChunkMode;
use mlua::{Function, Lua, Table, Value};

use crate::bind::read_key;
use crate::context::context;
use crate::diagnostic::Severity;
use crate::fault::Fault;
use crate::files::{Place, STDLIB};
use crate::harmony;
use crate::options::text;
use crate::source_text;
use crate::sources::SourceFile;

/// The standard library as it was when Lilt was built.
static MODULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../stdlib");

/// Modules whose functions stand in a table of this name and not as globals: their
/// names would say nothing alone.
const GROUPED: [(&str, &str); 4] =
    [("lines", "reward"), ("options", "options"), ("rewards", "reward"), ("rules", "reward")];

/// Name in the VM's registry of the table of loaded standard modules.
const LOADED: &str = "lilt.stdlib";

/// Name and text of each module of the standard library, sorted by name.
pub(crate) fn standard_modules() -> Vec<(&'static str, &'static str)> {
    let mut modules: Vec<_> = MODULES
        .files()
        .filter_map(|file| Some((file.path().to_str()?.strip_suffix(".lua")?, file.contents_utf8()?)))
        .collect();
    modules.sort();
    modules
}

/// Loads the standard library into `base` and binds `require`.
///
/// # Errors
/// When a module of the standard library fails.
pub(crate) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    let loaded = lua.create_table()?;
    lua.set_named_registry_value(LOADED, &loaded)?;
    base.raw_set("require", lua.create_function(|lua, name: Value| require(lua, &name))?)?;
    let mut waiting = standard_modules();
    // A module may require another, which is then loaded before it.
    while let Some((name, text)) = waiting.pop() {
        if loaded.contains_key(name)? {
            continue;
        }
        load_standard(lua, base, name, text)?;
    }
    Ok(())
}

fn load_standard(lua: &Lua, base: &Table, name: &str, text: &str) -> mlua::Result<Table> {
    let chunk = lua.load(text).set_name(format!("={STDLIB}{name}.lua"));
    let chunk = chunk.set_mode(ChunkMode::Text).set_environment(base.clone());
    let native = (read_scale(lua)?, harmony::read_chord(lua)?, harmony::read_progression(lua)?);
    let module: Table = chunk.call(native)?;
    module.set_readonly(true);
    let loaded: Table = lua.named_registry_value(LOADED)?;
    loaded.raw_set(name, &module)?;
    let place = match GROUPED.iter().find(|(grouped, _)| *grouped == name) {
        Some((_, group)) => {
            let place = base.raw_get::<Option<Table>>(*group)?;
            let place = place.map_or_else(|| lua.create_table(), Ok)?;
            base.raw_set(*group, &place)?;
            place
        }
        None => base.clone(),
    };
    for pair in module.pairs::<String, Value>() {
        let (function, value) = pair?;
        place.raw_set(function, value)?;
    }
    Ok(module)
}

/// The function `(what, name)` that reads a scale, which modules of the standard library are given: the tonic as
/// a pitch class from 0 (C) to 11, and the steps in semitones above it.
fn read_scale(lua: &Lua) -> mlua::Result<Function> {
    lua.create_function(|_, (what, name): (String, Value)| {
        let key = read_key(&what, &name)?;
        Ok((key.tonic(), key.scale().steps().to_vec()))
    })
}

/// A file beside the script if there is one of that name, so that a copy of a
/// standard module may be changed; otherwise the standard module.
fn require(lua: &Lua, name: &Value) -> mlua::Result<Value> {
    let name = text("require", name)?;
    let name = name.strip_suffix(".lua").unwrap_or(&name).to_owned();
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if !plain {
        return Err(Fault::new(format!("`{name}` is no module"))
            .text(&name)
            .help("require reaches the standard library and files in the script's own folder, by their names")
            .into());
    }
    let context = context(lua)?;
    let own = match context.session("require") {
        Ok(mut session) => {
            if let Some(value) = session.modules.get(&name) {
                return Ok(value.clone());
            }
            if let Some(at) = session.loading.iter().position(|loading| *loading == name) {
                let circle: Vec<_> = session.loading[at..].iter().map(|name| format!("`{name}`")).collect();
                let circle = format!("{} requires `{name}`", circle.join(" requires "));
                return Err(Fault::new(format!("modules require each other in a circle: {circle}"))
                    .text(&name)
                    .help("move what both need into a third file")
                    .into());
            }
            match context.sources.read(&name) {
                Some(file) => {
                    session.watch(&file.name);
                    let text = source_text::stripped(&file.text).to_owned();
                    let files = Rc::clone(&session.files);
                    files.borrow_mut().add(context.next_text(), &file.name, &text);
                    if let Some(fault) = source_text::unreadable(&text) {
                        let start = Place { file: file.name, line: 1 };
                        let unreadable = files.borrow().diagnostic(fault, &start, Severity::Error);
                        return Err(mlua::Error::external(unreadable));
                    }
                    session.loading.push(name.clone());
                    Some((SourceFile { text, ..file }, session.environment.clone()))
                }
                None => {
                    // It may come.
                    session.watch(&format!("{name}.lua"));
                    None
                }
            }
        }
        // While the VM is built there is no script yet; the standard library requires itself.
        Err(_) => None,
    };
    let Some((file, environment)) = own else { return standard(lua, &name) };
    let chunk = lua.load(&file.text).set_name(format!("={}", file.name));
    let result = chunk.set_mode(ChunkMode::Text).set_environment(environment).eval::<Value>();
    let mut session = context.session("require")?;
    session.loading.retain(|loading| *loading != name);
    let value = match result? {
        // As in Lua: a module that returns nothing is required for what it does.
        Value::Nil => Value::Boolean(true),
        value => value,
    };
    session.modules.insert(name, value.clone());
    Ok(value)
}

fn standard(lua: &Lua, name: &str) -> mlua::Result<Value> {
    let loaded: Table = lua.named_registry_value(LOADED)?;
    if let Value::Table(module) = loaded.raw_get::<Value>(name)? {
        return Ok(Value::Table(module));
    }
    let modules = standard_modules();
    // While the VM is built, modules require each other before all are loaded.
    if context(lua)?.session("require").is_err()
        && let Some((name, text)) = modules.iter().find(|(known, _)| *known == name)
    {
        return Ok(Value::Table(load_standard(lua, &lua.globals(), name, text)?));
    }
    let names: Vec<&str> = modules.iter().map(|(name, _)| *name).collect();
    let fault = Fault::new(format!("there is no module `{name}`")).text(name);
    Err(match lilt_score::nearest(name, names.iter().copied()) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault
            .help(format!("put a file {name}.lua beside the script, or require one of {}", names.join(", "))),
    }
    .into())
}
