//! The `state` table: the one thing that survives an evaluation, and is as it was
//! when an evaluation fails.

use std::collections::HashSet;

use mlua::{Table, Value};

use crate::fault::Fault;

/// Most values that `state` may hold: it is copied at each evaluation.
const MOST_VALUES: usize = 20_000;

/// What every table reachable from `state` held.
pub(crate) struct Snapshot {
    tables: Vec<Held>,
}

struct Held {
    table: Table,
    frozen: bool,
    metatable: Option<Table>,
    entries: Vec<(Value, Value)>,
}

impl Snapshot {
    /// Copies what `state` holds, tables in tables included, without calling any
    /// function of the script.
    ///
    /// # Errors
    /// When it holds more than 20,000 values, or the VM's memory is full.
    pub fn take(state: &Table) -> Result<Snapshot, Fault> {
        let mut tables = Vec::new();
        let mut waiting = vec![state.clone()];
        let mut seen = HashSet::from([state.to_pointer()]);
        let mut values = 0;
        while let Some(table) = waiting.pop() {
            let mut entries = Vec::new();
            for pair in table.pairs::<Value, Value>() {
                let (key, value) = pair.map_err(|error| Fault::new(format!("`state`: {error}")))?;
                values += 1;
                if values > MOST_VALUES {
                    return Err(Fault::new(format!("`state` holds more than {MOST_VALUES} values"))
                        .word("state")
                        .help("keep less in it: set what is no longer needed to nil"));
                }
                for inner in [&key, &value] {
                    if let Value::Table(inner) = inner
                        && seen.insert(inner.to_pointer())
                    {
                        waiting.push(inner.clone());
                    }
                }
                entries.push((key, value));
            }
            let (frozen, metatable) = (table.is_readonly(), table.metatable());
            tables.push(Held { table, frozen, metatable, entries });
        }
        Ok(Snapshot { tables })
    }

    /// Puts everything back, in the same tables.
    ///
    /// # Errors
    /// When the VM's memory is full.
    pub fn restore(self) -> mlua::Result<()> {
        for held in self.tables {
            held.table.set_readonly(false);
            held.table.set_metatable(None)?;
            held.table.clear()?;
            for (key, value) in held.entries {
                held.table.raw_set(key, value)?;
            }
            held.table.set_metatable(held.metatable)?;
            held.table.set_readonly(held.frozen);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mlua::Lua;

    use super::*;

    #[test]
    fn what_a_failed_script_did_is_undone_in_place() {
        let lua = Lua::new();
        let state: Table = lua
            .load("state = { n = 1, list = { 1, 2 } }; state.self = state; alias = state.list; return state")
            .eval()
            .expect("a table");
        let snapshot = Snapshot::take(&state).expect("a small table");
        lua.load("state.n = 2; table.insert(state.list, 3); state.list.x = {}; state.new = true")
            .exec()
            .expect("it runs");
        snapshot.restore().expect("memory");
        let check = "return state.n == 1 and #alias == 2 and alias.x == nil and state.new == nil \
                     and state.self == state and alias == state.list";
        assert!(lua.load(check).eval::<bool>().expect("it runs"));
    }

    #[test]
    fn too_much_is_refused() {
        let lua = Lua::new();
        let state: Table =
            lua.load("local t = {} for i = 1, 30000 do t[i] = i end return { t }").eval().expect("a table");
        let fault = Snapshot::take(&state).err().expect("too much");
        assert_eq!(fault.message, "`state` holds more than 20000 values");
    }
}
