//! `bake`: a tilt that a model learns in the background.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_inference::{Bake, BakeState, Baking, Sampling, Tilted};
use mlua::{Lua, Value};

use crate::bind::model::ModelValue;
use crate::bind::tilt;
use crate::context::context;
use crate::engine::Bakes;
use crate::fault::Fault;
use crate::options::{options, table, whole_in};

/// Pieces that are learnt when the script does not say.
const PIECES: usize = 192;
/// Rounds of practice when the script does not say.
const ROUNDS: usize = 24;
/// How long a bake is waited for where nobody listens.
const LONGEST: Duration = Duration::from_secs(1800);

pub(super) const DOCS: &[&str] = &["model:bake(reward, options)
A model that has learnt a reward, so that it plays what `tilt` finds by trying many pieces side by side, at the speed of the plain model. It learns in the background, a minute or two (`chorale` takes minutes, and learns less of it: there a tilt does better); until then the exact tilt plays, and what was learnt comes in at the next boundary. It comes close to the tilt and is not equal to it: the host says what the reward gained and what it cost. One that fails says so and is tried again when you save again. All models can learn but `markov`, for which the exact tilt is quick.
@param reward as for model:tilt
@param strength how hard it leans; 1 when left out
@param bars how long the pieces are that it learns from, 1 to 64; 4 when left out. Of drawings points, as for model:sample
@param pieces how many pieces it learns from, 16 to 4096; 192 when left out
@param rounds how often it then plays pieces of its own and hears what they are worth, 0 to 1000; 24 when left out. More rounds take longer and come nearer to the tilt, up to a point, and what was best on the way is kept; `chorale` makes none
@param particles as for model:tilt
@param every as for model:tilt
@param seed another number, another learning; 0 when left out
@example local calm = model(\"folk\"):bake(reward.calm, { strength = 2 }) play(\"calm\", calm:sample { bars = 4 })"];

/// The model of `this`, with a reward baked in: what was baked when it is ready, the exact tilt before.
pub(super) fn bake(
    lua: &Lua,
    this: &ModelValue,
    reward: &Value,
    written: &Value,
) -> mlua::Result<ModelValue> {
    let known = ["strength", "particles", "every", this.size(), "pieces", "rounds", "seed"];
    let [strength, particles, every, length, pieces, rounds, seed] =
        options("bake", table("bake", written)?, known)?;
    let tilt = tilt::read(lua, this, "bake", reward, [&strength, &particles, &every])?;
    if this.model.learns().is_none() {
        let fault = Fault::new(format!("`{}` cannot learn a reward", this.name)).name("bake");
        return Err(fault
            .help(format!("tilt it instead: `{}:tilt(…)` plays the same, with more work", this.name))
            .into());
    }
    let length = this.length(&length, Sampling::DEFAULT_BARS, 64)?;
    let pieces = if pieces.is_nil() { PIECES } else { whole_in("pieces", &pieces, 16, 4096)? as usize };
    let rounds = if rounds.is_nil() { ROUNDS } else { whole_in("rounds", &rounds, 0, 1000)? as usize };
    let seed = if seed.is_nil() { 0 } else { whole_in("seed", &seed, -(1 << 53), 1 << 53)? as u64 };
    let request = Sampling::of(length, 1.0, seed, this.conditions().clone()).map_err(Fault::from)?;
    let tilted = || Arc::new(Tilted::new(Arc::clone(&this.model), tilt.clone()));
    let context = context(lua)?;
    if context.limits.bakes == Bakes::Never {
        return Ok(this.with_model(tilted()));
    }
    let baking = context.bakery.bake(&this.model, Bake { tilt: tilt.clone(), request, pieces, rounds });
    let mut state = baking.poll();
    if context.limits.bakes == Bakes::First && matches!(state, BakeState::Pending(_)) {
        let ready = context.wait_until(Instant::now() + LONGEST, |_| settled(&baking));
        state = ready.unwrap_or(state);
    }
    if matches!(state, BakeState::Failed(_)) {
        // It is told of here; whoever saves again wants it tried again.
        context.bakery.forget(&baking);
    }
    context.session("bake")?.bakings.push(baking);
    match state {
        BakeState::Ready(baked) => Ok(this.with_model(Arc::clone(&baked.model))),
        BakeState::Pending(_) => Ok(this.with_model(tilted())),
        BakeState::Failed(error) => Err(Fault::from(error).name("bake").into()),
    }
}

/// What came of a bake, if anything has; else a moment later nothing.
fn settled(baking: &Baking) -> Option<BakeState> {
    match baking.poll() {
        BakeState::Pending(_) => {
            std::thread::sleep(Duration::from_millis(1));
            None
        }
        state => Some(state),
    }
}
