//! `markov`: a model of the performer's own clips.

use std::sync::Arc;

use lilt_inference::{Conditions, Markov};
use lilt_score::Clip;
use mlua::{Lua, Table, Value};

use crate::bind::model::ModelValue;
use crate::bind::value_of;
use crate::clip_value::ClipValue;
use crate::context::context;
use crate::fault::Fault;
use crate::options::{expected, number_in, options, table, whole_in};
use crate::state::opened;

pub(super) const DOCS: &[&str] = &["markov(clips, options)
A model of your own clips: it plays what follows what in them, and begins as they begin. It is a model like any other: sample, continue, interpolate, tilt, score. Waits for clips that are still being made.
@param clips a clip, or a list of clips
@param order how many notes back it looks, 0 to 8; 2 when left out
@param smoothing 0 plays only what follows in the clips; more lets in what never did; 0.1 when left out
@param notes an option of its sample and continue: exactly so many notes, in place of bars
@example local mine = markov(clip { 60, 62, 64, 62, 60, 67 }, { order = 1 }) play(\"mine\", mine:sample { notes = 16 })"];

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set(
        "markov",
        lua.create_function(|lua, (clips, written): (Value, Value)| markov(lua, &clips, &written))?,
    )
}

fn markov(lua: &Lua, clips: &Value, written: &Value) -> mlua::Result<ModelValue> {
    let [order, smoothing] = options("markov", table("markov", written)?, ["order", "smoothing"])?;
    let order =
        if order.is_nil() { Markov::DEFAULT_ORDER } else { whole_in("order", &order, 0, 8)? as usize };
    let smoothing = match &smoothing {
        Value::Nil => Markov::DEFAULT_SMOOTHING,
        value => number_in("smoothing", value, 0.0, 1000.0)?,
    };
    let context = context(lua)?;
    let mut heard: Vec<Clip> = Vec::new();
    let mut hear = |value: &Value| -> mlua::Result<()> {
        let clip: ClipValue = value_of(value)
            .ok_or_else(|| expected("markov", "a clip or a list of clips, as in markov { a, b }", value))?;
        heard.push(clip.wait(&context)?);
        Ok(())
    };
    match clips {
        Value::Table(list) => opened(list).sequence_values::<Value>().try_for_each(|clip| hear(&clip?))?,
        one => hear(one)?,
    }
    let markov = Markov::new(&heard, order, smoothing)
        .map_err(|error| Fault::new(error.to_string()).name("markov"))?;
    let (key, meter) = {
        let session = context.session("markov")?;
        (session.declared.key, session.declared.meter)
    };
    Ok(ModelValue::new(Arc::new(markov), Conditions { key, meter, ..Conditions::default() }))
}
