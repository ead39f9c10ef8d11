//! `recognize`: what a drawing shows.

use lilt_inference::Recognizer;
use mlua::{Lua, Table, Value};

use crate::bind::{SketchValue, value_of};
use crate::context::context;
use crate::fault::Fault;
use crate::options::{expected, text};

pub(super) const DOCS: &[&str] = &[
    "recognize(sketch, kind)
What a drawing shows, among the 345 kinds of Quick, Draw!: a list of all kinds, the likeliest first, each with its kind and its p, a probability. With a kind the probability of just that. Waits for a sketch that is still being made.
@param sketch what is looked at
@param kind one of the kinds, as in \"cat\"; all of them when left out
@example local seen = recognize(circle { radius = 0.3 }) print(seen[1].kind, seen[1].p, recognize(circle { radius = 0.3 }, \"star\"))",
];

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set(
        "recognize",
        lua.create_function(|lua, (sketch, kind): (Value, Value)| recognize(lua, &sketch, &kind))?,
    )
}

fn recognize(lua: &Lua, sketch: &Value, kind: &Value) -> mlua::Result<Value> {
    let sketch = value_of::<SketchValue>(sketch)
        .ok_or_else(|| expected("recognize", "a sketch, as in circle { radius = 0.3 }", sketch))?;
    let recognizer = context(lua)?.recognizer().map_err(|error| Fault::from(error).name("recognize"))?;
    let row = match kind {
        Value::Nil => None,
        kind => Some(row(recognizer.as_ref(), &text("kind", kind)?)?),
    };
    let told =
        recognizer.recognize(&[sketch.wait(lua)?]).map_err(|error| Fault::from(error).name("recognize"))?;
    let told = told.into_iter().next().unwrap_or_default();
    if let Some(row) = row {
        return Ok(Value::Number(told.get(row).copied().unwrap_or_default().into()));
    }
    let mut kinds: Vec<(f32, &String)> = told.into_iter().zip(recognizer.kinds()).collect();
    // Kinds that are as likely stay in alphabetical order.
    kinds.sort_by(|a, b| b.0.total_cmp(&a.0));
    let list = lua.create_table_with_capacity(kinds.len(), 0)?;
    for (probability, kind) in kinds {
        let entry = lua.create_table_with_capacity(0, 2)?;
        entry.raw_set("kind", kind.as_str())?;
        entry.raw_set("p", probability)?;
        list.raw_push(entry)?;
    }
    Ok(Value::Table(list))
}

/// The row of a kind.
fn row(recognizer: &dyn Recognizer, kind: &str) -> Result<usize, Fault> {
    let kinds = recognizer.kinds();
    kinds.iter().position(|known| known == kind).ok_or_else(|| {
        let fault =
            Fault::new(format!("`recognize` knows no \"{kind}\"")).text(kind).argument("recognize", 1);
        match lilt_score::nearest(kind, kinds.iter().map(String::as_str)) {
            Some(near) => fault.help(format!("did you mean \"{near}\"?")),
            None => {
                fault.help("it knows the 345 kinds of Quick, Draw!, such as \"cat\", \"bird\" and \"house\"")
            }
        }
    })
}
