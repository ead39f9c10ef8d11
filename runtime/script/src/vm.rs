//! One Luau VM: sandboxed, bounded, reused from one evaluation to the next.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use mlua::chunk::{ChunkMode, Compiler};
use mlua::{Function, Lua, LuaOptions, MultiValue, StdLib, Table, Thread, Value};

use crate::context::Context;
use crate::diagnostic::Diagnostic;
use crate::fault::Fault;
use crate::files::{Files, place};
use crate::state::State;
use crate::watchdog::{Interrupt, Leash, Why};
use crate::{bind, foreign, reading, require, translate, verbs, worth};

/// Built-in names that scripts do not have: they reach other code's environment,
/// load code past the sandbox, or are not the same each time.
const REMOVED: [&str; 11] = [
    "_G",
    "collectgarbage",
    "debug",
    "gcinfo",
    "getfenv",
    "io",
    "loadstring",
    "newproxy",
    "os",
    "require",
    "setfenv",
];

/// A VM with all bindings. The globals are frozen; each evaluation gets a fresh
/// environment in front of them.
pub(crate) struct Vm {
    pub lua: Lua,
    pub context: Rc<Context>,
    /// The table `state`.
    pub state: State,
    environment_metatable: Table,
    xpcall: Function,
    handler: Function,
    interrupt: Interrupt,
}

/// Why a call gave nothing.
pub(crate) struct Ended {
    /// Why it was stopped; `None` when it failed by itself.
    pub why: Option<Why>,
    /// What the performer reads of it.
    pub diagnostic: Diagnostic,
}

impl From<Diagnostic> for Ended {
    fn from(diagnostic: Diagnostic) -> Ended {
        Ended { why: None, diagnostic }
    }
}

impl Vm {
    /// A fresh VM.
    ///
    /// # Errors
    /// When the memory limit is too small to hold the bindings, or the standard
    /// library is broken.
    pub fn new(context: Rc<Context>) -> mlua::Result<Rc<Vm>> {
        let libraries = StdLib::COROUTINE
            | StdLib::TABLE
            | StdLib::STRING
            | StdLib::UTF8
            | StdLib::BIT
            | StdLib::MATH
            | StdLib::BUFFER
            | StdLib::VECTOR;
        let lua = Lua::new_with(libraries, LuaOptions::default())?;
        lua.set_app_data(Rc::clone(&context));
        // Without constant folding: a constant that a function uses stays a value that the
        // identity of the function can see.
        lua.set_compiler(Compiler::new().set_optimization_level(0).set_debug_level(1));
        let sandbox = lua.load(include_str!("sandbox.lua")).set_name("=stdlib/sandbox.lua");
        sandbox.set_mode(ChunkMode::Text).exec()?;
        let state = State::install(&lua)?;
        reading::install(&lua)?;
        let arithmetic = lua.load(include_str!("arithmetic.lua")).set_name("=stdlib/arithmetic.lua");
        let arithmetic: Table = arithmetic.set_mode(ChunkMode::Text).call(worth::install(&lua)?)?;
        arithmetic.set_readonly(true);
        lua.set_type_metatable::<Function>(Some(arithmetic));
        let base = lua.globals();
        for name in REMOVED {
            base.raw_set(name, Value::Nil)?;
        }
        bind::install(&lua, &base)?;
        require::install(&lua, &base)?;
        bind::install_over(&lua, &base)?;
        base.set_metatable(Some(unknown_name(&lua, &base)?))?;
        let xpcall = base.raw_get("xpcall")?;
        let handler = lua.create_function(|lua, error: Value| {
            if let Ok(context) = crate::context::context(lua) {
                *context.thrown.borrow_mut() = place(lua);
            }
            Ok(error)
        })?;
        let environment_metatable = environment_metatable(&lua, &base)?;
        known_fields(&lua, &base)?;
        lua.sandbox(true)?;
        let interrupt = context.watchdog.watch(&lua)?;
        lua.set_memory_limit(context.limits.memory)?;
        Ok(Rc::new_cyclic(|vm: &Weak<Vm>| {
            lua.set_app_data(Weak::clone(vm));
            Vm { lua, context, state, environment_metatable, xpcall, handler, interrupt }
        }))
    }

    /// An empty environment in front of the globals.
    ///
    /// # Errors
    /// When the memory is full.
    pub fn environment(&self) -> mlua::Result<Table> {
        let environment = self.lua.create_table()?;
        environment.set_metatable(Some(self.environment_metatable.clone()))?;
        Ok(environment)
    }

    /// Calls a function of the script, held by `leash`.
    ///
    /// # Errors
    /// What it raised or why it was stopped, as a diagnostic.
    ///
    /// # Panics
    /// When a binding panicked, which is a mistake of Lilt's own.
    pub fn call(
        &self,
        function: &Function,
        arguments: impl mlua::IntoLuaMulti,
        leash: Leash,
        files: &RefCell<Files>,
        main: &str,
    ) -> Result<MultiValue, Ended> {
        self.held(leash, files, main, || self.xpcall.call(self.guarded(function, arguments)?))
    }

    /// A coroutine in which a function of the script runs, for [`Vm::resume`].
    ///
    /// # Errors
    /// When the memory is full.
    pub fn coroutine(&self) -> mlua::Result<Thread> {
        self.lua.create_thread(self.xpcall.clone())
    }

    /// Begins a coroutine with the function and its arguments, or lets it go on; false while it waits.
    ///
    /// # Errors
    /// As [`Vm::call`].
    pub fn resume(
        &self,
        coroutine: &Thread,
        begins: Option<(&Function, MultiValue)>,
        leash: Leash,
        files: &RefCell<Files>,
        main: &str,
    ) -> Result<bool, Ended> {
        self.held(leash, files, main, || {
            let given = match begins {
                Some((function, arguments)) => self.guarded(function, arguments)?,
                None => MultiValue::new(),
            };
            let mut answered: MultiValue = coroutine.resume(given)?;
            if coroutine.is_resumable() {
                // It has raised nothing so far.
                answered.push_front(Value::Boolean(true));
            }
            Ok(answered)
        })?;
        Ok(!coroutine.is_resumable())
    }

    /// What `xpcall` is to be given to call a function.
    fn guarded(&self, function: &Function, arguments: impl mlua::IntoLuaMulti) -> mlua::Result<MultiValue> {
        let mut all = MultiValue::from_vec(vec![
            Value::Function(function.clone()),
            Value::Function(self.handler.clone()),
        ]);
        all.extend(arguments.into_lua_multi(&self.lua)?);
        Ok(all)
    }

    /// What `work` answers, which goes through `xpcall`, held by `leash`.
    fn held(
        &self,
        leash: Leash,
        files: &RefCell<Files>,
        main: &str,
        work: impl FnOnce() -> mlua::Result<MultiValue>,
    ) -> Result<MultiValue, Ended> {
        *self.context.thrown.borrow_mut() = None;
        let watchdog = &self.context.watchdog;
        let result = watchdog.limited(self.interrupt, leash, work);
        let thrown = self.context.thrown.borrow_mut().take();
        let files = &*files.borrow();
        // A script that catches the stop with `pcall` has been stopped all the same.
        if let Some(stop) = watchdog.take_stopped() {
            let error = mlua::Error::external(stop.fault());
            let diagnostic = translate::error_diagnostic(&error, stop.place.clone().or(thrown), files, main);
            return Err(Ended { why: Some(stop.why), diagnostic });
        }
        let mut values =
            result.map_err(|error| translate::error_diagnostic(&error, thrown.clone(), files, main))?;
        match values.pop_front() {
            Some(Value::Boolean(true)) => Ok(values),
            _ => {
                let raised = values.pop_front().unwrap_or(Value::Nil);
                if thrown.is_none() && self.is_panic(&raised) {
                    std::panic::resume_unwind(Box::new("a function of the language broke"));
                }
                Err(translate::raised(&raised, thrown, files, main).into())
            }
        }
    }

    /// True for what Luau raises when the handler of errors fails before it has noted a place: mlua lets a panic
    /// of a binding go on where it first meets it, which is there. A full memory can end so too.
    fn is_panic(&self, raised: &Value) -> bool {
        let of_handler =
            matches!(raised, Value::String(text) if text.as_bytes() == b"error in error handling".as_slice());
        of_handler && self.lua.used_memory() < self.context.limits.memory / 2
    }

    /// What is told of a name that neither `environment` nor the language has; `None` where one has it.
    pub fn unknown(&self, environment: &Table, name: &str) -> Option<Fault> {
        let known: Table = self.environment_metatable.raw_get("__index").ok()?;
        let has = |table: &Table| table.raw_get::<Value>(name).is_ok_and(|value| !value.is_nil());
        if has(environment) || has(&known) {
            return None;
        }
        unknown(&self.lua, &known, name).ok()
    }

    /// Frees what the last run left. True when what remains is most of the limit:
    /// then the next run needs a new VM.
    pub fn collect(&self) -> mlua::Result<bool> {
        // Twice: what the first pass finalises, the second frees.
        self.lua.gc_collect()?;
        self.lua.gc_collect()?;
        Ok(self.lua.used_memory() > self.context.limits.memory / 4 * 3)
    }

    /// Runs `work` without the memory limit: what repairs a VM must not fail in it.
    pub fn unlimited<T>(&self, work: impl FnOnce() -> mlua::Result<T>) -> mlua::Result<T> {
        self.lua.set_memory_limit(0)?;
        let result = work();
        self.lua.set_memory_limit(self.context.limits.memory)?;
        result
    }
}

/// Reading a global that nobody set is a mistake of spelling.
fn unknown_name(lua: &Lua, base: &Table) -> mlua::Result<Table> {
    let metatable = lua.create_table()?;
    let known = base.clone();
    metatable.raw_set(
        "__index",
        lua.create_function(move |lua, (_, name): (Value, Value)| -> mlua::Result<Value> {
            let Value::String(name) = name else { return Ok(Value::Nil) };
            Err(unknown(lua, &known, &name.to_string_lossy())?.into())
        })?,
    )?;
    metatable.raw_set("__metatable", "locked")?;
    Ok(metatable)
}

/// What is told of a name that nothing has, neither the script nor `known`.
fn unknown(lua: &Lua, known: &Table, name: &str) -> mlua::Result<Fault> {
    if REMOVED.contains(&name) {
        return Ok(Fault::new(format!("`{name}` is not part of the language"))
            .name(name)
            .help("a script touches no file, network, process or clock"));
    }
    let mut names: Vec<String> = Vec::new();
    let mut environment = None;
    if let Ok(session) = crate::context::context(lua)?.session("") {
        environment = Some(session.environment.clone());
        names = session.files.borrow().locals(&session.main);
    }
    for table in environment.iter().chain([known]) {
        names.extend(table.pairs::<String, Value>().filter_map(Result::ok).map(|(name, _)| name));
    }
    names.sort();
    let fault = Fault::new(format!("unknown name `{name}`")).name(name);
    if names.iter().any(|known| known == name) {
        let help = format!("`{name}` is set elsewhere: set it before this line, outside any block");
        return Ok(fault.help(help));
    }
    if let Some(foreign) = foreign::name(name) {
        return Ok(foreign);
    }
    let has_octave = name.ends_with(|c: char| c.is_ascii_digit());
    if has_octave && name.parse::<lilt_score::Pitch>().is_ok() {
        let fault = Fault::new(format!("`{name}` is a note, and stands in quotes")).name(name);
        return Ok(fault.help(format!("write \"{name}\"")));
    }
    if name.parse::<lilt_score::Drum>().is_ok() {
        let fault = Fault::new(format!("`{name}` is a drum, and stands in quotes")).name(name);
        return Ok(fault.help(format!("write drums \"{name}\"")));
    }
    let sounds = crate::context::context(lua)?.sounds.borrow().clone();
    let near = lilt_score::nearest(name, names.iter().map(String::as_str));
    let is_instrument = lilt_sequencer::Instrument::ALL.iter().any(|known| known.name() == name);
    if is_instrument || sounds.is_some_and(|sounds| sounds.has(name)) {
        return Ok(fault.help(format!("the name of a sound stands in quotes: write \"{name}\"")));
    }
    Ok(match near {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault.help(format!("set it first, as in local {name} = …")),
    })
}

/// Looking up a field that a library does not have is a mistake of spelling too.
fn known_fields(lua: &Lua, base: &Table) -> mlua::Result<()> {
    for pair in base.pairs::<String, Value>() {
        let (library, Value::Table(table)) = pair? else { continue };
        if library == "state" {
            continue;
        }
        let metatable = lua.create_table()?;
        let missing = move |_: &Lua, (table, name): (Table, Value)| -> mlua::Result<Value> {
            let Value::String(name) = name else { return Ok(Value::Nil) };
            let name = name.to_string_lossy();
            if library == "string" && verbs::all().any(|verb| verb.answers_to(&name)) {
                let fault = Fault::new(format!("`{name}` is of music, and a text in quotes is no music yet"));
                let help = format!("write notes(…):{name}(…), or drums(…):{name}(…) where it names drums");
                return Err(fault.name(&name).help(help).into());
            }
            let mut names: Vec<String> =
                table.pairs::<String, Value>().filter_map(Result::ok).map(|(name, _)| name).collect();
            names.sort();
            let fault = Fault::new(format!("`{library}` has no `{name}`")).name(&name);
            Err(match lilt_score::nearest(&name, names.iter().map(String::as_str)) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help(format!("it has {}", names.join(", "))),
            }
            .into())
        };
        metatable.raw_set("__index", lua.create_function(missing)?)?;
        metatable.raw_set("__metatable", "locked")?;
        metatable.set_readonly(true);
        let frozen = table.is_readonly();
        table.set_readonly(false);
        table.set_metatable(Some(metatable))?;
        table.set_readonly(frozen);
    }
    Ok(())
}

/// An environment reads the globals behind it and does not hide them.
fn environment_metatable(lua: &Lua, base: &Table) -> mlua::Result<Table> {
    let metatable = lua.create_table()?;
    metatable.raw_set("__index", base)?;
    let protected = base.clone();
    metatable.raw_set(
        "__newindex",
        lua.create_function(move |_, (environment, name, value): (Table, Value, Value)| {
            if let Value::String(text) = &name
                && !protected.raw_get::<Value>(&name)?.is_nil()
            {
                let name = text.to_string_lossy();
                let callable = protected.raw_get::<Value>(&*name)?.is_function();
                let fault =
                    Fault::new(format!("`{name}` belongs to Lilt and cannot be set")).name(name.clone());
                return Err(match (&*name, callable) {
                    ("state", _) => fault.help("set what is inside it, as in state.count = 1"),
                    (_, true) => fault.help(format!("call it, as in {name}(…), or write local {name} = …")),
                    _ => fault.help(format!("write local {name} = … for a name of your own")),
                }
                .into());
            }
            environment.raw_set(name, value)
        })?,
    )?;
    metatable.raw_set("__metatable", "locked")?;
    metatable.set_readonly(true);
    Ok(metatable)
}
