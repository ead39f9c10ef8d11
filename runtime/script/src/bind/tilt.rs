//! `tilt`: a model that leans toward what a function of the script likes.

use std::sync::Arc;

use lilt_inference::{Extent, Medium, Tilt, Tilted};
use mlua::{Lua, Value};

use crate::bind::model::ModelValue;
use crate::bind::{TasteValue, value_of};
use crate::context::context;
use crate::fault::Fault;
use crate::function::{self, Called};
use crate::options::{beats, expected, number, options, table, whole_in};
use crate::worth::worth;

pub(super) const DOCS: &[&str] = &["model:tilt(reward, options)
A model that leans toward what a reward likes, exactly: its music x, or its drawing x, is as likely as p(x) times e to the strength times reward(x). Tilt it again and the rewards add up. It can be asked all that the model can be asked. On stage, where many particles take longer than a bar, you hear a first draft by an eighth of them until the take is there; what is rendered has none.
@param reward a taste, or a function that takes a clip, or of a model of drawings a sketch, and gives a number, larger is better; -math.huge forbids. Rewards can be added, subtracted and multiplied by numbers. What reward.step makes is known note by note, and fewer particles go astray.
@param strength how hard it leans; 0 is the model itself, below 0 leans away; 1 when left out
@param particles how many pieces are tried side by side, 1 to 4096; 64 when left out
@param every how many beats pass between two looks at the reward, or how many points of a drawing; 1, or 12, when left out
@example local calm = model(\"folk\"):tilt(reward.calm, { strength = 2 }) play(\"calm\", calm:sample { bars = 2 })"];

/// The model of `this`, tilted as the script says.
pub(super) fn tilt(
    lua: &Lua,
    this: &ModelValue,
    reward: &Value,
    written: &Value,
) -> mlua::Result<ModelValue> {
    let [strength, particles, every] =
        options("tilt", table("tilt", written)?, ["strength", "particles", "every"])?;
    let tilt = read(lua, this, "tilt", reward, [&strength, &particles, &every])?;
    Ok(this.with_model(Arc::new(Tilted::new(Arc::clone(&this.model), tilt))))
}

/// The tilt that a call of `verb` describes: a reward, and how hard, with how many particles and how
/// often it is followed.
pub(super) fn read(
    lua: &Lua,
    this: &ModelValue,
    verb: &'static str,
    reward: &Value,
    [strength, particles, every]: [&Value; 3],
) -> mlua::Result<Tilt> {
    let medium = this.medium();
    let taste = value_of::<TasteValue>(reward);
    if !matches!(reward, Value::Function(_)) && taste.is_none() {
        let wanted = format!("a function from a {} to a number", medium.piece());
        return Err(expected(verb, &wanted, reward).into());
    }
    this.must(verb, this.model.tilts().is_some())?;
    let strength = if strength.is_nil() { 1.0 } else { number("strength", strength)? };
    let particles = match particles {
        Value::Nil => Tilt::DEFAULT_PARTICLES,
        value => whole_in("particles", value, 1, 4096)? as usize,
    };
    let every: Extent = match (medium, every) {
        (medium, Value::Nil) => medium.default_every(),
        (Medium::Music, every) => beats("every", every)?.into(),
        (Medium::Drawing, every) => Extent::of_points(whole_in("every", every, 1, 256)? as usize),
    };
    if let Some(taste) = taste {
        if medium != Medium::Music {
            let fault = Fault::new(format!("a taste is of music, and `{}` makes {medium}", this.name));
            return Err(fault.name(verb).help("write a function that takes a sketch").into());
        }
        let tilt = Tilt::new(taste.reward, strength, particles, every);
        return Ok(tilt.map_err(|error| Fault::new(error.to_string()).name(verb))?);
    }
    let Value::Function(function) = reward else { return Err(expected(verb, "a function", reward).into()) };
    let context = context(lua)?;
    let called = Called::new(lua, verb, function.clone())?;
    let worth = worth(lua, function)?.map(|worth| Called::new(lua, verb, worth)).transpose()?;
    if worth.is_some() && medium != Medium::Music {
        let fault = Fault::new(format!("this reward judges notes, and `{}` makes {medium}", this.name));
        return Err(fault.name(verb).help("write a function that takes a sketch").into());
    }
    let print = function::fingerprint(lua, function)
        .ok_or_else(|| Fault::new(format!("`{verb}` cannot be called while the music plays")).name(verb))?;
    // Chance inside a reward follows the script's seed.
    let print = print ^ context.session(verb)?.declared.seed.child("reward").0;
    let tilt = Tilt::new(context.rewards.reward(called, worth, print), strength, particles, every);
    Ok(tilt.map_err(|error| Fault::new(error.to_string()).name(verb))?)
}
