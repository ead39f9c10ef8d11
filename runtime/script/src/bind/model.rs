//! `model`: neural models, and what they can be asked.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use lilt_inference::{
    Call, Conditions, Defaults, Interpolation, Length, Medium, Model, ModelError, OptionDescription,
    OptionKind, Sampling, Setting, Take, TakeState, Verb,
};
use mlua::{IntoLua, Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value};

use crate::bind::clip::clip_argument;
use crate::bind::morph::{self, MorphValue};
use crate::bind::piece::PieceValue;
use crate::bind::song::{read_key, read_meter};
use crate::bind::timbre::{self, SpaceValue};
use crate::bind::{bake, no_method, stream, tilt};
use crate::clip_value::ClipValue;
use crate::context::{Context, context};
use crate::fault::{Fault, listed};
use crate::fingerprint::Fingerprint;
use crate::options::{expected, number, number_in, options_among, table, text, whole_in};

pub(super) const DOCS: &[&str] = &[
    "model(name, options)
A trained model, of music or of drawings. What it makes is there a moment later: the script goes on meanwhile, and so does the music. `lilt models NAME` tells what else a model can be told, such as a style.
@param name of the model; `lilt models` lists them
@param key what it writes in, as in \"D dorian\"; the key of the script when left out
@param meter what it counts in, as in \"6/8\"; the metre of the script when left out
@example local folk = model(\"folk\", { key = \"D dorian\" }) play(\"tune\", folk:sample { bars = 4 })",
    "model:sample(options)
Makes music from nothing: a clip. A model of drawings makes a sketch.
@param bars how long, 1 to 256; 4 when left out
@param points of a drawing, in place of bars: the most points it may have, 1 to 4096; 256 when left out
@param temperature 0 always takes the likeliest note, 1 is the model as it learned, up to 4
@param seed another number, another clip; from the script's seed when left out
@example play(\"tune\", model(\"folk\"):sample { bars = 4, temperature = 0.9, seed = 7 })",
    "model:continue(clip, options)
Makes music that follows a clip: the answer alone, without the clip. A model of drawings goes on from a sketch, whose strokes stay: the answer is the whole drawing.
@param clip what it follows; of a model of drawings a sketch
@param bars how long the answer is, 1 to 256; 4 when left out
@param points of a drawing, in place of bars: the most points it may have, 1 to 4096; 256 when left out
@param temperature 0 to 4; 1 when left out
@param seed another number, another clip; from the script's seed when left out
@example local call = clip { 62, 64, 65, 69 } play(\"answer\", model(\"folk\"):continue(call, { bars = 2 }))",
    "model:score(clip)
How much a clip surprises the model: nats a note on average, smaller is more expected; of a sketch nats a point. Waits for the answer.
@param clip what is scored; of a model of drawings a sketch
@example print(model(\"folk\"):score(clip { 62, 64, 65, 69 }))",
    "model:surprise(clip)
How much each note of a clip, or each point of a sketch, surprises the model, in nats: a list of numbers. Waits for the answer.
@param clip what is scored; of a model of drawings a sketch
@example print(model(\"folk\"):surprise(clip { 62, 64, 65, 69 })[1])",
    "model:surprised(clip)
The same clip, its notes coloured on the canvas by how much each surprises the model: the redder, the less expected. Say it last: a clip that is changed afterwards has its plain colour again; a slot or a pattern may change.
@param clip what is scored and given back
@example play(\"tune\", model(\"folk\"):surprised(clip { 62, 64, 65, 69 }))",
    "model:interpolate(from, to, options)
The way from one clip to another: a list of clips, both ends included. Both must be equally long. Of a model of drawings, the way from one sketch to another.
@param from the first clip, or sketch
@param to the last clip, or sketch
@param steps how many clips, or sketches, 2 to 64; 5 when left out
@param temperature 0 to 4; 1 when left out
@param seed another number, another way; from the script's seed when left out
@example local way = model(\"folk\"):interpolate(clip { 62, 64, 65, 69 }, clip { 69, 69, 62, 62 }, { steps = 3 }) play(\"half\", way[2])",
];

/// What `sample` and `continue` are asked for where the script says nothing else.
pub(super) const DEFAULTS: Defaults =
    Defaults { bars: Some(Sampling::DEFAULT_BARS), temperature: Some(Sampling::DEFAULT_TEMPERATURE) };

/// A model as a script holds it.
#[derive(Clone)]
pub(crate) struct ModelValue {
    pub model: Arc<dyn Model>,
    pub name: Rc<str>,
    conditions: Conditions,
}

impl ModelValue {
    /// A model that is told nothing else.
    pub fn new(model: Arc<dyn Model>, conditions: Conditions) -> ModelValue {
        let name = model.description().name.as_str().into();
        ModelValue { model, name, conditions }
    }

    /// The same conditions for another model.
    pub fn with_model(&self, model: Arc<dyn Model>) -> ModelValue {
        ModelValue { model, ..self.clone() }
    }

    /// What it makes.
    pub fn medium(&self) -> Medium {
        self.model.description().medium
    }

    /// What it was told.
    pub fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// Identity: the weights and the conditions.
    pub fn print(&self) -> u64 {
        let conditions = format!("{:?}", self.conditions);
        Fingerprint::of("model").text(&self.model.description().identity).text(&conditions).value()
    }

    /// The option that says how much it makes.
    pub(super) fn size(&self) -> &'static str {
        match self.medium() {
            Medium::Music => "bars",
            Medium::Drawing => "points",
        }
    }

    /// How much it is to make where the script says `told` of that: of music at most `most` bars, and `bars` where it
    /// says nothing.
    pub(super) fn length(&self, told: &Value, bars: u32, most: u32) -> Result<Length, Fault> {
        let most_points = Sampling::MOST_POINTS.into();
        Ok(match (self.medium(), told) {
            (Medium::Music, Value::Nil) => Length::Bars(bars),
            (Medium::Music, told) => Length::Bars(whole_in("bars", told, 1, most.into())? as u32),
            (Medium::Drawing, Value::Nil) => Length::Points(Sampling::DEFAULT_POINTS),
            (Medium::Drawing, told) => Length::Points(whole_in("points", told, 1, most_points)? as u32),
        })
    }

    /// Reads the options of a call, `own` beside those of every call; `print` is the identity of what
    /// else it was given, `defaults` what holds where the script says nothing.
    pub(super) fn sampling(
        &self,
        lua: &Lua,
        verb: &'static str,
        written: &Value,
        own: &[OptionDescription],
        print: u64,
        defaults: Defaults,
    ) -> mlua::Result<Sampling> {
        let known: Vec<&str> = [self.size(), "temperature", "seed"]
            .into_iter()
            .chain(own.iter().map(|o| o.name.as_str()))
            .collect();
        let values = options_among(verb, table(verb, written)?, &known)?;
        let (values, own_values) = values.split_at(3);
        let [told, temperature, seed] = values else { return Err(Fault::new("options were lost").into()) };
        let length = self.length(told, defaults.bars.unwrap_or(Sampling::DEFAULT_BARS), 256)?;
        let degrees = match temperature {
            Value::Nil => defaults.temperature.unwrap_or(Sampling::DEFAULT_TEMPERATURE),
            value => number("temperature", value)?,
        };
        let mut conditions = self.conditions.clone();
        for (option, value) in own.iter().zip(own_values).filter(|(_, value)| !value.is_nil()) {
            set(&mut conditions, option, value)?;
        }
        let seed = match seed {
            Value::Nil => {
                let print = Fingerprint::of(verb).number(self.print()).number(print);
                let print = print.text(&format!("{:?}", conditions.settings));
                let (Length::Bars(count) | Length::Points(count)) = length;
                self.next_seed(lua, verb, print.number(count.into()).real(degrees).value())?
            }
            value => whole_in("seed", value, -(1 << 53), 1 << 53)? as u64,
        };
        let sampling = Sampling::of(length, degrees, seed, conditions);
        Ok(sampling.map_err(|error| Fault::from(error).name("temperature"))?)
    }

    /// The seed of a call that names none: from the script's seed and the call itself,
    /// so that what else the script says never changes it; the second of two equal
    /// calls gets another.
    fn next_seed(&self, lua: &Lua, verb: &str, print: u64) -> Result<u64, Fault> {
        let context = context(lua)?;
        let (seed, ..) = context.declared(verb)?;
        let n = context.count_call(verb, print)?;
        Ok(seed.child("model").child_number(print).child_number(n).0)
    }

    /// Asks, as the script's `what`, for what a draft is of no use for.
    pub(super) fn request(&self, lua: &Lua, what: &str, verb: Verb) -> mlua::Result<Take> {
        self.ask(lua, what, verb, false)
    }

    /// Asks; `drafted` where a first draft may be heard before.
    fn ask(&self, lua: &Lua, what: &str, verb: Verb, drafted: bool) -> mlua::Result<Take> {
        let context = context(lua)?;
        // Nothing is asked for on behalf of a function that runs while planning, unless it makes music ahead.
        context.declared(what)?;
        let call = Call { model: Arc::clone(&self.model), verb };
        call.check().map_err(|error| Fault::from(error).name(what))?;
        let take = match drafted && !context.limits.unhurried {
            true => context.inference.request_with_draft(call),
            false => context.inference.request(call),
        };
        // What the model itself says against the call comes when the clip is used, however fast it was.
        if let TakeState::Failed(error) = take.poll()
            && matches!(*error, ModelError::QueueFull(_) | ModelError::Stopped)
        {
            return Err(Fault::from((*error).clone()).name(what).into());
        }
        context.keep(what, &take)?;
        Ok(take)
    }

    fn pending(&self, lua: &Lua, verb: Verb) -> mlua::Result<PieceValue> {
        let name = verb.name();
        let origin = context(lua)?.origin(lua, name)?;
        Ok(PieceValue::nth(self.ask(lua, name, verb, true)?, 0, origin))
    }

    /// Refuses `verb` where the model cannot do it, whatever it would be given.
    pub(super) fn must(&self, verb: &'static str, can: bool) -> Result<(), Fault> {
        if can { Ok(()) } else { Err(Fault::from(self.model.unsupported(verb)).name(verb)) }
    }

    /// Asks for the nats of the parts of a piece; `verb` is what the script calls it.
    fn scored(&self, lua: &Lua, verb: &'static str, piece: &Value) -> mlua::Result<Take> {
        self.must(verb, self.model.scores().is_some())?;
        let piece = PieceValue::read(self, verb, piece, 0)?.input(&*context(lua)?)?;
        self.request(lua, verb, Verb::Score { piece, conditions: self.conditions.clone() })
    }

    /// Nats of each part of a piece; `verb` is what the script calls it.
    fn nats(&self, lua: &Lua, verb: &'static str, piece: &Value) -> mlua::Result<Vec<f64>> {
        let context = context(lua)?;
        let take = self.scored(lua, verb, piece)?;
        let answered = |until| match context.look_at(&take, until) {
            TakeState::Pending { .. } => None,
            state => Some(state),
        };
        match context.wait(answered) {
            Some(TakeState::Ready(answer)) => Ok(answer.nats().unwrap_or(&[]).to_vec()),
            Some(TakeState::Failed(error)) => Err(Fault::from((*error).clone()).name(verb).into()),
            Some(TakeState::Pending { .. }) | None => {
                let piece = self.medium().piece();
                Err(Fault::new(format!("`{}` has not finished scoring this {piece} yet", self.name))
                    .name(verb)
                    .help("try again in a moment")
                    .into())
            }
        }
    }

    /// The clip, with its notes coloured by their nats as soon as those are known.
    fn surprised(&self, lua: &Lua, clip: &Value) -> mlua::Result<ClipValue> {
        let value = clip_argument("surprised", clip)?;
        Ok(value.surprised(self.scored(lua, "surprised", clip)?))
    }

    fn score(&self, lua: &Lua, piece: &Value) -> mlua::Result<f64> {
        let nats = self.nats(lua, "score", piece)?;
        if nats.is_empty() {
            let (piece, part) = (self.medium().piece(), self.medium().part());
            return Err(Fault::new(format!("a {piece} without {part}s has no score")).name("score").into());
        }
        Ok(nats.iter().sum::<f64>() / nats.len() as f64)
    }

    /// The pieces on the way between two, `steps_left_out` where the script says no number; `verb` is what
    /// the script calls it.
    fn way(
        &self,
        lua: &Lua,
        verb: &'static str,
        (from, to): (&Value, &Value),
        written: &Value,
        steps_left_out: u32,
    ) -> mlua::Result<(Take, Vec<PieceValue>)> {
        self.must(verb, self.model.interpolates().is_some() || self.model.tilts().is_some())?;
        let (from, to) = (PieceValue::read(self, verb, from, 0)?, PieceValue::read(self, verb, to, 1)?);
        let steps = match table(verb, written)?.map(|table| table.raw_get::<Value>("steps")).transpose()? {
            None | Some(Value::Nil) => steps_left_out,
            Some(value) => whole_in("steps", &value, 2, 64)? as u32,
        };
        let print = Fingerprint::of("ends").number(from.print());
        let print = print.number(to.print()).number(steps.into()).value();
        let option = OptionDescription {
            name: "steps".to_owned(),
            about: String::new(),
            default: String::new(),
            kind: OptionKind::Number { least: 2.0, most: 64.0 },
        };
        let sampling = self.sampling(lua, verb, written, &[option], print, DEFAULTS)?;
        let context = context(lua)?;
        let (from, to) = (from.input(&context)?, to.input(&context)?);
        let interpolation =
            Interpolation::new(steps, sampling).map_err(|error| Fault::from(error).name("steps"))?;
        let origin = context.origin(lua, verb)?;
        let take = self.request(lua, verb, Verb::Interpolate { from, to, interpolation })?;
        let piece = |step| PieceValue::nth(take.clone(), step, origin.clone());
        let pieces = (0..steps as usize).map(piece).collect();
        Ok((take, pieces))
    }

    /// What the verb `name` of the model's own makes out of a piece.
    pub(super) fn transform(
        &self,
        lua: &Lua,
        name: &'static str,
        piece: &Value,
        written: &Value,
    ) -> mlua::Result<PieceValue> {
        let piece = PieceValue::read(self, name, piece, 0)?;
        let transforms = &self.model.description().transforms;
        let own = transforms.iter().find(|transform| transform.name == name);
        let (own, defaults) =
            own.map_or((&[][..], DEFAULTS), |transform| (&transform.options, transform.defaults));
        let sampling = self.sampling(lua, name, written, own, piece.print(), defaults)?;
        let piece = piece.input(&*context(lua)?)?;
        self.pending(lua, Verb::Transform { name, piece, sampling })
    }
}

/// Sets what an option says.
fn set(conditions: &mut Conditions, option: &OptionDescription, value: &Value) -> Result<(), Fault> {
    let name = option.name.as_str();
    let setting = match &option.kind {
        OptionKind::Key => {
            conditions.key = Some(read_key(name, value)?);
            return Ok(());
        }
        OptionKind::Meter => {
            conditions.meter = read_meter(name, value)?;
            return Ok(());
        }
        OptionKind::Number { least, most } => Setting::Number(number_in(name, value, *least, *most)?),
        OptionKind::Text => Setting::Text(text(name, value)?),
        OptionKind::Word(words) => {
            let Value::String(word) = value else {
                return Err(expected(name, "a word in quotes", value));
            };
            let word = word.to_string_lossy();
            if !words.contains(&word) {
                let fault = Fault::new(format!("`{name}` cannot be \"{word}\"")).text(&word).of(name);
                return Err(fault.nearest(&word, words.iter().map(String::as_str)));
            }
            Setting::Word(word)
        }
    };
    conditions.settings = std::mem::take(&mut conditions.settings).with(name, setting);
    Ok(())
}

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set(
        "model",
        lua.create_function(|lua, (name, written): (Value, Value)| model(lua, &name, &written))?,
    )
}

/// The whole message about a model that is not there.
pub(crate) fn no_model(name: &str) -> String {
    format!("there is no model `{name}`")
}

/// What is said of a model that is not among `names`: the nearest, or how to train one of that name.
fn unknown(context: &Context, name: &str, names: &[String]) -> Result<Fault, Fault> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let fault = Fault::new(no_model(name)).text(name).argument("model", 0);
    if let Some(near) = lilt_score::nearest(name, names.iter().copied()) {
        return Ok(fault.help(format!("did you mean `{near}`?")));
    }
    let mut session = context.session("model")?;
    session.untrained = Some(name.to_owned());
    let out = Path::new(&session.main).with_file_name(name);
    Ok(fault.help(format!(
        "there is {}; to train one of this name on a folder of tunes: lilt train folk --data FOLDER --out {}",
        listed(&names),
        out.display()
    )))
}

fn model(lua: &Lua, name: &Value, written: &Value) -> mlua::Result<Value> {
    let name = text("model", name)?;
    let context = context(lua)?;
    if name == timbre::NAME {
        return SpaceValue::load(lua, written)?.into_lua(lua);
    }
    // Nothing is loaded on behalf of a function that runs while planning.
    let (_, key, meter) = context.declared("model")?;
    if context.planning.borrow().is_some() && context.inference.loaded(&name).is_none() {
        drop(context.session("model")?);
    }
    let names = context.inference.names();
    if !names.contains(&name) {
        return Err(unknown(&context, &name, &names)?.into());
    }
    let model = context.load(&name).map_err(|error| Fault::from(error).text(&name))?;
    let known = &model.description().options;
    let mut conditions = Conditions { key, meter, ..Conditions::default() };
    if let Some(table) = table("model", written)? {
        for pair in table.pairs::<Value, Value>() {
            let (option, value) = pair?;
            let option = option.to_string()?;
            let Some(described) = known.iter().find(|known| known.name == option) else {
                let names: Vec<&str> = known.iter().map(|option| option.name.as_str()).collect();
                let fault = Fault::new(format!("`{name}` has no option `{option}`")).name(&option);
                return Err(match lilt_score::nearest(&option, names.iter().copied()) {
                    Some(near) => fault.help(format!("did you mean `{near}`?")),
                    None => fault.help(format!("its options are {}", listed(&names))),
                }
                .into());
            };
            set(&mut conditions, described, &value)?;
        }
    }
    ModelValue::new(model, conditions).into_lua(lua)
}

impl UserData for ModelValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "model");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("sample", |lua, this, written: Value| {
            let own = &this.model.description().call_options;
            let sampling = this.sampling(lua, "sample", &written, own, 0, DEFAULTS)?;
            this.pending(lua, Verb::Sample(sampling))
        });
        methods.add_method("continue", |lua, this, (piece, written): (Value, Value)| {
            this.must("continue", this.model.continues().is_some())?;
            let piece = PieceValue::read(this, "continue", &piece, 0)?;
            let own = &this.model.description().call_options;
            let sampling = this.sampling(lua, "continue", &written, own, piece.print(), DEFAULTS)?;
            let primer = piece.input(&*context(lua)?)?;
            this.pending(lua, Verb::Continue { primer, sampling })
        });
        methods.add_method("stream", |lua, this, written: Value| stream::stream(lua, this, &written));
        methods.add_method("score", |lua, this, piece: Value| this.score(lua, &piece));
        methods.add_method("surprise", |lua, this, piece: Value| this.nats(lua, "surprise", &piece));
        methods.add_method("interpolate", |lua, this, (from, to, written): (Value, Value, Value)| {
            let (_, way) =
                this.way(lua, "interpolate", (&from, &to), &written, Interpolation::DEFAULT_STEPS)?;
            lua.create_sequence_from(way)
        });
        methods.add_method("surprised", |lua, this, clip: Value| this.surprised(lua, &clip));
        methods.add_method("morph", |lua, this, (from, to, written): (Value, Value, Value)| {
            let (take, steps) = this.way(lua, "morph", (&from, &to), &written, morph::STEPS)?;
            Ok(MorphValue::new(this.clone(), take, steps))
        });
        methods.add_method("tilt", |lua, this, (reward, written): (Value, Value)| {
            tilt::tilt(lua, this, &reward, &written)
        });
        methods.add_method("bake", |lua, this, (reward, written): (Value, Value)| {
            bake::bake(lua, this, &reward, &written)
        });
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| Ok(format!("model \"{}\"", this.name)));
        methods.add_meta_method(MetaMethod::Index, |lua, this, key: Value| -> mlua::Result<Value> {
            let transforms = &this.model.description().transforms;
            let name = key.as_string().map(mlua::LuaString::to_string_lossy);
            match transforms.iter().find(|transform| name.as_deref() == Some(transform.name)) {
                Some(transform) => {
                    let name = transform.name;
                    let call = move |lua: &Lua, (this, piece, written): (Value, Value, Value)| {
                        let this: ModelValue =
                            crate::bind::value_of(&this).ok_or_else(|| expected(name, "a model", &this))?;
                        this.transform(lua, name, &piece, &written)
                    };
                    lua.create_function(call).map(Value::Function)
                }
                None => {
                    let own = transforms.iter().map(|transform| transform.name);
                    Err(no_method(
                        "model",
                        &[DOCS, tilt::DOCS, stream::DOCS, morph::DOCS].concat(),
                        own,
                        &key,
                    )
                    .into())
                }
            }
        });
    }
}
