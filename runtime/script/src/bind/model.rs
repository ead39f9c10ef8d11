//! `model`: neural models, and what they can be asked.

use std::rc::Rc;
use std::sync::Arc;

use lilt_inference::{Call, Conditions, Input, Model, Sampling, Take, TakeState, Verb};
use mlua::{Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value};

use crate::bind::clip::clip_argument;
use crate::bind::no_method;
use crate::bind::song::{read_key, read_meter};
use crate::clip_value::ClipValue;
use crate::context::{Context, context};
use crate::fault::{Fault, listed};
use crate::fingerprint::Fingerprint;
use crate::options::{number, options, table, text, whole_in};

pub(super) const DOCS: &[&str] = &[
    "model(name, options)
A trained model. What it makes is there a moment later: the script goes on meanwhile, and so does the music.
@param name of the model; `lilt models` lists them
@param key what it writes in, as in \"D dorian\"; the key of the script when left out
@param meter what it counts in, as in \"6/8\"; the metre of the script when left out
@example local folk = model(\"folk\", { key = \"D dorian\" }) play(\"tune\", folk:sample { bars = 4 })",
    "model:sample(options)
Makes music from nothing: a clip.
@param bars how long, 1 to 256; 4 when left out
@param temperature 0 always takes the likeliest note, 1 is the model as it learned, up to 4
@param seed another number, another clip; from the script's seed when left out
@example play(\"tune\", model(\"folk\"):sample { bars = 4, temperature = 0.9, seed = 7 })",
    "model:continue(clip, options)
Makes music that follows a clip: the answer alone, without the clip.
@param clip what it follows
@param bars how long the answer is, 1 to 256; 4 when left out
@param temperature 0 to 4; 1 when left out
@param seed another number, another clip; from the script's seed when left out
@example local call = clip { 62, 64, 65, 69 } play(\"answer\", model(\"folk\"):continue(call, { bars = 2 }))",
    "model:score(clip)
How much each note of a clip surprises the model, in nats: a list of numbers, smaller is more expected. Waits for the answer.
@param clip what is scored
@example print(model(\"folk\"):score(clip { 62, 64, 65, 69 })[1])",
    "model:tilt(reward, options)
A model that leans toward what a reward likes. No model of this version can do it yet.
@param reward a function from a clip to a number, larger is better
@param strength how hard it leans",
    "model:interpolate(from, to, options)
Clips on the way from one to another. No model of this version can do it yet.
@param from the first clip
@param to the last clip
@param steps how many",
];

/// A model as a script holds it.
#[derive(Clone)]
pub(crate) struct ModelValue {
    model: Arc<dyn Model>,
    name: Rc<str>,
    conditions: Conditions,
}

impl ModelValue {
    /// Identity: the weights and the conditions.
    pub fn print(&self) -> u64 {
        let conditions = format!("{:?}", self.conditions);
        Fingerprint::of("model").text(&self.model.description().identity).text(&conditions).value()
    }

    /// Reads the options of a call; `print` is the identity of what else it was given.
    fn sampling(&self, lua: &Lua, verb: &'static str, written: &Value, print: u64) -> mlua::Result<Sampling> {
        let [bars, temperature, seed] =
            options(verb, table(verb, written)?, ["bars", "temperature", "seed"])?;
        let bars =
            if bars.is_nil() { Sampling::DEFAULT_BARS } else { whole_in("bars", &bars, 1, 256)? as u32 };
        let degrees = match &temperature {
            Value::Nil => Sampling::DEFAULT_TEMPERATURE,
            value => number("temperature", value)?,
        };
        let seed = match &seed {
            Value::Nil => {
                let print = Fingerprint::of(verb).number(self.print()).number(print);
                self.next_seed(lua, verb, print.number(bars.into()).real(degrees).value())?
            }
            value => whole_in("seed", value, -(1 << 53), 1 << 53)? as u64,
        };
        let sampling = Sampling::new(bars, degrees, seed, self.conditions);
        Ok(sampling.map_err(|error| Fault::from(error).word("temperature"))?)
    }

    /// The seed of a call that names none: from the script's seed and the call itself,
    /// so that what else the script says never changes it; the second of two equal
    /// calls gets another.
    fn next_seed(&self, lua: &Lua, verb: &str, print: u64) -> Result<u64, Fault> {
        let context = context(lua)?;
        let mut session = context.session(verb)?;
        let count = session.calls.entry(print).or_default();
        let n = *count;
        *count += 1;
        Ok(session.draft.seed.child("model").child_number(print).child_number(n).0)
    }

    fn request(&self, lua: &Lua, verb: Verb) -> mlua::Result<Take> {
        let context = context(lua)?;
        let name = verb.name();
        // Nothing is asked for on behalf of a function that runs while planning.
        drop(context.session(name)?);
        let take = context.inference.request(Call { model: Arc::clone(&self.model), verb });
        if let TakeState::Failed(error) = take.poll() {
            return Err(Fault::from((*error).clone()).word(name).into());
        }
        context.session(name)?.takes.push(take.clone());
        Ok(take)
    }

    fn pending(&self, lua: &Lua, verb: Verb) -> mlua::Result<ClipValue> {
        let origin = context(lua)?.origin(lua, verb.name())?;
        Ok(ClipValue::pending(self.request(lua, verb)?, origin))
    }

    fn score(&self, lua: &Lua, clip: &Value) -> mlua::Result<Table> {
        let clip = input(&*context(lua)?, "score", clip)?;
        let take = self.request(lua, Verb::Score { clip, conditions: self.conditions })?;
        let answered = |until| match take.wait(until) {
            TakeState::Pending { .. } => None,
            state => Some(state),
        };
        match context(lua)?.wait(answered) {
            Some(TakeState::Ready(answer)) => {
                lua.create_sequence_from(answer.nats().unwrap_or(&[]).iter().copied())
            }
            Some(TakeState::Failed(error)) => Err(Fault::from((*error).clone()).word("score").into()),
            Some(TakeState::Pending { .. }) | None => {
                Err(Fault::new(format!("`{}` has not finished scoring this clip yet", self.name))
                    .word("score")
                    .help("try again in a moment")
                    .into())
            }
        }
    }
}

/// A clip as a model takes it: one that is still being made goes on by itself.
fn input(context: &Context, what: &str, clip: &Value) -> mlua::Result<Input> {
    let clip = clip_argument(what, clip)?;
    match clip.take() {
        Some(take) => Ok(Input::Take(take.clone())),
        None => Ok(Input::Clip(clip.wait(context)?)),
    }
}

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set(
        "model",
        lua.create_function(|lua, (name, written): (Value, Value)| model(lua, &name, &written))?,
    )
}

fn model(lua: &Lua, name: &Value, written: &Value) -> mlua::Result<ModelValue> {
    let name = text("model", name)?;
    let context = context(lua)?;
    let names = context.inference.names();
    if !names.contains(&name) {
        let names = names.iter().map(String::as_str);
        return Err(Fault::new(format!("there is no model `{name}`"))
            .text(&name)
            .nearest(&name, names)
            .into());
    }
    // Loading reads weights from the disk: that is not the script's time.
    let loaded = context.paused(|| context.inference.model(&name));
    let model = loaded.map_err(|error| Fault::from(error).text(&name))?;
    let description = model.description();
    let (mut key, mut meter) = {
        let session = context.session("model")?;
        (session.draft.key, session.draft.meter)
    };
    if let Some(table) = table("model", written)? {
        let known: Vec<&str> = description.options.iter().map(|option| option.name.as_str()).collect();
        for pair in table.pairs::<Value, Value>() {
            let (option, value) = pair?;
            let option = option.to_string()?;
            match option.as_str() {
                "key" if known.contains(&"key") => key = Some(read_key("key", &value)?),
                "meter" if known.contains(&"meter") => meter = read_meter("meter", &value)?,
                _ => {
                    let fault = Fault::new(format!("`{name}` has no option `{option}`")).word(&option);
                    return Err(match lilt_score::nearest(&option, known.iter().copied()) {
                        Some(near) => fault.help(format!("did you mean `{near}`?")),
                        None => fault.help(format!("its options are {}", listed(&known))),
                    }
                    .into());
                }
            }
        }
    }
    Ok(ModelValue { name: name.into(), conditions: Conditions { key, meter }, model })
}

impl UserData for ModelValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "model");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("sample", |lua, this, written: Value| {
            let sampling = this.sampling(lua, "sample", &written, 0)?;
            this.pending(lua, Verb::Sample(sampling))
        });
        methods.add_method("continue", |lua, this, (clip, written): (Value, Value)| {
            let print = clip_argument("continue", &clip)?.print;
            let sampling = this.sampling(lua, "continue", &written, print)?;
            let primer = input(&*context(lua)?, "continue", &clip)?;
            this.pending(lua, Verb::Continue { primer, sampling })
        });
        methods.add_method("score", |lua, this, clip: Value| this.score(lua, &clip));
        for verb in ["tilt", "interpolate"] {
            methods.add_method(verb, move |_, this, _: mlua::MultiValue| -> mlua::Result<Value> {
                let fault = Fault::new(format!("`{}` cannot {verb} yet", this.name)).word(verb);
                Err(fault.help("it can sample, continue and score").into())
            });
        }
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| Ok(format!("model \"{}\"", this.name)));
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            Err(no_method("model", DOCS, &key).into())
        });
    }
}
