//! Notes as a script reads them: tables, made in Lua of numbers that cross the border together.

use lilt_inference::Step;
use lilt_score::{Clip, Drum, Note, Tone};
use mlua::chunk::{ChunkMode, Compiler};
use mlua::{Buffer, Function, Lua, Table};

/// Bytes of a note: four numbers.
const NOTE: usize = 4 * size_of::<f64>();

/// What `notes.lua` gives.
struct Reading {
    notes: Function,
    worths: Function,
}

/// Prepares a VM for [`notes`] and [`worths`].
///
/// # Errors
/// When the memory is full.
pub(crate) fn install(lua: &Lua) -> mlua::Result<()> {
    let drums = lua.create_table()?;
    for drum in Drum::ALL {
        drums.raw_set(drum.key(), drum.name())?;
    }
    let chunk = lua.load(include_str!("notes.lua")).set_name("=stdlib/notes.lua");
    let chunk = chunk.set_mode(ChunkMode::Text).set_compiler(Compiler::new().set_optimization_level(2));
    let (notes, worths) = chunk.call((drums, NOTE))?;
    lua.set_app_data(Reading { notes, worths });
    Ok(())
}

/// The notes of a clip, as a list of tables.
///
/// # Errors
/// When the memory is full.
pub(crate) fn notes(lua: &Lua, clip: &Clip) -> mlua::Result<Table> {
    let numbers = buffer(lua, clip.notes().iter().map(Some))?;
    reading(lua, |reading| reading.notes.clone())?.call((numbers, clip.notes().len()))
}

/// The function `worths(worth, steps, count)`, and the steps as it reads them: it writes what `worth` gives
/// over them, and returns how many it could, and the answer that is no number, if any.
///
/// # Errors
/// When the memory is full.
pub(crate) fn worths(lua: &Lua, steps: &[Step]) -> mlua::Result<(Function, Buffer)> {
    let notes = steps.iter().flat_map(|step| [Some(&step.note), step.before.as_ref()]);
    Ok((reading(lua, |reading| reading.worths.clone())?, buffer(lua, notes)?))
}

/// The first `count` answers that were written over steps.
pub(crate) fn answers(steps: &Buffer, count: usize) -> Vec<f64> {
    (0..count).map(|step| f64::from_le_bytes(steps.read_bytes(step * 2 * NOTE))).collect()
}

fn reading(lua: &Lua, function: impl Fn(&Reading) -> Function) -> mlua::Result<Function> {
    let reading = lua.app_data_ref::<Reading>();
    reading
        .map(|reading| function(&reading))
        .ok_or_else(|| mlua::Error::runtime("this Lua was not started by Lilt"))
}

/// Notes one after the other; one that is missing is all 0.
fn buffer<'a>(lua: &Lua, notes: impl Iterator<Item = Option<&'a Note>>) -> mlua::Result<Buffer> {
    let numbers = |note: Option<&Note>| match note {
        None => [0.0; 4],
        Some(note) => {
            let tone = match note.tone {
                Tone::Pitch(pitch) => pitch.midi(),
                Tone::Drum(drum) => -f64::from(drum.key()),
            };
            [tone, note.start.to_f64(), note.duration.to_f64(), note.velocity.value()]
        }
    };
    let bytes: Vec<u8> = notes.flat_map(numbers).flat_map(f64::to_le_bytes).collect();
    lua.create_buffer(bytes)
}
