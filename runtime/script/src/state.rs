//! The `state` table: the one thing that survives an evaluation, and is as it was when an evaluation fails.
//! It holds plain values only, so that it survives the VM too.

use std::collections::{HashMap, HashSet};

use mlua::chunk::{ChunkMode, Compiler};
use mlua::{Function, Lua, Table, Value};

use crate::fault::Fault;
use crate::options::described;

/// Most values that `state` may hold: it is counted by walking through it, and must fit into a new VM.
const MOST_VALUES: usize = 20_000;

/// Most bytes that the texts in it may take: a small part of what a script may use.
const MOST_BYTES: usize = 4 << 20;

/// What `getmetatable` gives for a table of `state`.
const MARK: &str = "state";

/// The table of one VM.
pub(crate) struct State {
    /// As scripts have it.
    root: Table,
    /// What is behind each table of it.
    stores: Table,
    write: Function,
    begin: Function,
    commit: Function,
    rollback: Function,
    forget: Function,
    changes: Function,
}

impl State {
    /// Puts `state` and `forget` into a VM, and has the library see what is behind its tables.
    ///
    /// # Errors
    /// When the memory is full.
    pub fn install(lua: &Lua) -> mlua::Result<State> {
        let refuse = lua.create_function(|_, (why, value): (String, Value)| -> mlua::Result<()> {
            Err(refused(&why, &value).into())
        })?;
        let chunk = lua.load(include_str!("state.lua")).set_name("=stdlib/state.lua");
        let chunk = chunk.set_compiler(Compiler::new().set_optimization_level(2).set_debug_level(1));
        let made: Table = chunk.set_mode(ChunkMode::Text).call((refuse, MOST_VALUES, MOST_BYTES))?;
        let globals = lua.globals();
        for pair in made.raw_get::<Table>("base")?.pairs::<String, Value>() {
            let (name, value) = pair?;
            globals.raw_set(name, value)?;
        }
        Ok(State {
            root: made.raw_get("state")?,
            stores: made.raw_get("stores")?,
            write: made.raw_get("write")?,
            begin: made.raw_get("begin")?,
            commit: made.raw_get("commit")?,
            rollback: made.raw_get("rollback")?,
            forget: made.raw_get("forget")?,
            changes: made.raw_get("changes")?,
        })
    }

    /// Empties it.
    ///
    /// # Errors
    /// When the memory is full.
    pub fn forget(&self) -> mlua::Result<()> {
        self.forget.call(())
    }

    /// An evaluation begins: [`State::rollback`] undoes what it does.
    ///
    /// # Errors
    /// When the memory is full.
    pub fn begin(&self) -> mlua::Result<()> {
        self.begin.call(())
    }

    /// The evaluation is over, and what it did stands.
    ///
    /// # Errors
    /// When the memory is full.
    pub fn commit(&self) -> mlua::Result<()> {
        self.commit.call(())
    }

    /// The evaluation failed: everything is put back, in the same tables.
    ///
    /// # Errors
    /// When the memory is full.
    pub fn rollback(&self) -> mlua::Result<()> {
        self.rollback.call(())
    }

    /// Puts everything that it holds into the `state` of another VM.
    ///
    /// # Errors
    /// When the memory of either is full.
    pub fn carry(&self, lua: &Lua, to: &State) -> mlua::Result<()> {
        let held = Held::by(self)?;
        let mut moved = HashMap::new();
        for (table, _) in &held.tables {
            let new = if moved.is_empty() { to.root.clone() } else { lua.create_table()? };
            moved.insert(table.to_pointer(), new);
        }
        let value = |value: &Value| -> mlua::Result<Value> {
            Ok(match value {
                Value::String(text) => Value::String(lua.create_string(text.as_bytes())?),
                Value::Table(table) => {
                    moved.get(&table.to_pointer()).cloned().map_or(Value::Nil, Value::Table)
                }
                plain => plain.clone(),
            })
        };
        // `state` itself last: then its tables are whole when they become its own.
        for (table, entries) in held.tables.iter().rev() {
            for (key, inner) in entries {
                let (key, inner) = (value(key)?, value(inner)?);
                match moved.get(&table.to_pointer()) {
                    Some(new) if *new != to.root => new.raw_set(key, inner)?,
                    _ => to.write.call((&to.root, key, inner))?,
                }
            }
        }
        Ok(())
    }

    /// How often something was written into it.
    ///
    /// # Errors
    /// When the memory is full.
    pub fn changes(&self) -> mlua::Result<f64> {
        self.changes.call(())
    }
}

/// What a write that is refused is told.
fn refused(why: &str, value: &Value) -> Fault {
    let fewer = "set what is no longer needed to nil, or empty it with forget()";
    match why {
        "values" => Fault::new(format!("`state` holds {MOST_VALUES} values at most")).help(fewer),
        "bytes" => {
            Fault::new(format!("the texts in `state` take {} MiB at most", MOST_BYTES >> 20)).help(fewer)
        }
        "freeze" => Fault::new("`state` cannot be frozen").help("freeze a copy of it: table.clone(…)"),
        "frozen" => {
            Fault::new("`state` cannot hold a frozen table").help("store a copy of it: table.clone(…)")
        }
        "metatable" => Fault::new("`state` and the tables in it have no metatable"),
        "key" => Fault::new("the names in `state` are texts, numbers, true or false"),
        _ => Fault::new(format!(
            "`state` holds numbers, texts, true, false and tables of these, not {}",
            described(value)
        ))
        .help("store what it is made of, such as a seed, and make it anew"),
    }
    .here("state")
}

/// The table in which the values are that a script has put into `table`: another one for a table of
/// `state`.
pub(crate) fn opened(table: &Table) -> Table {
    let behind = || {
        let metatable = table.metatable()?;
        let mark: String = metatable.raw_get("__metatable").ok()?;
        if mark == MARK { metatable.raw_get("__index").ok() } else { None }
    };
    behind().unwrap_or_else(|| table.clone())
}

/// What every table reachable from `state` holds.
struct Held {
    /// Each table as scripts have it, and what is behind it; `state` first.
    tables: Vec<(Table, Vec<(Value, Value)>)>,
}

impl Held {
    fn by(state: &State) -> mlua::Result<Held> {
        let mut tables = vec![(state.root.clone(), Vec::new())];
        let mut seen = HashSet::from([state.root.to_pointer()]);
        let mut at = 0;
        while let Some((table, _)) = tables.get(at) {
            let behind: Table = state.stores.raw_get(table)?;
            let mut entries = Vec::new();
            for pair in behind.pairs::<Value, Value>() {
                let (key, value) = pair?;
                if let Value::Table(inner) = &value
                    && seen.insert(inner.to_pointer())
                {
                    tables.push((inner.clone(), Vec::new()));
                }
                entries.push((key, value));
            }
            tables[at].1 = entries;
            at += 1;
        }
        Ok(Held { tables })
    }
}
