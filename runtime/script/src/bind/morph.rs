//! `morph`: the way between two clips as a place that moves.

use std::cell::OnceCell;
use std::rc::Rc;

use lilt_inference::{Piece, Take, TakeState};
use lilt_score::{Beat, Controls, Pattern, Query, QueryError, Sketch, Span};
use lilt_sequencer::{EvidenceSource, Instrument};
use mlua::{IntoLua, Lua, MetaMethod, UserData, UserDataFields, UserDataMethods, Value};

use crate::bind::draw::{Drawings, SketchValue};
use crate::bind::model::ModelValue;
use crate::bind::no_method;
use crate::bind::piece::PieceValue;
use crate::chart::Chart;
use crate::context::{Origin, context};
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::function::within;
use crate::lift;
use crate::music::Music;

pub(super) const DOCS: &[&str] = &[
    "model:morph(from, to, options)
The way from one clip to another as one thing: `:at` says where on it the music is. Both must be equally long. Of a model of drawings, the way from one sketch to another.
@param from the clip, or sketch, at 0
@param to the clip, or sketch, at 1
@param steps how many clips, or sketches, the way has, both ends included, 2 to 64; 8 when left out
@param temperature 0 to 4; 1 when left out
@param seed another number, another way; from the script's seed when left out
@example local way = model(\"folk\"):morph(clip { 62, 64, 65, 69 }, clip { 69, 69, 62, 62 }, { steps = 3 }) play(\"half\", way:at(0.5))",
    "morph:at(place)
The music at a place on the way: for a number the clip that lies there; for a text of numbers or a function of the beat a pattern, which looks at the beginning of each bar where it is. Of sketches, a drawing or a pattern of drawings.
@param place 0 (the first clip) to 1 (the last)
@example local way = model(\"folk\"):morph(clip { 62, 64, 65, 69 }, clip { 69, 69, 62, 62 }, { steps = 3 }) play(\"there and back\", way:at(sine(32)))",
    "morph:chart(place)
The way as a map, to be drawn: the path through the model's latent space (a straight line where it has none), each piece small over its point, and a ring around the one at a place. It takes the lower part of the stage, and a click beside it is what `morph:clicked` answers.
@param place as of at: 0 (the first) to 1 (the last), a text of numbers or a function of the beat
@example local way = model(\"folk\"):morph(clip { 62, 64, 65, 69 }, clip { 69, 69, 62, 62 }, { steps = 3 }) draw(\"map\", way:chart(sine(32)), { over = 0 }) play(\"tune\", way:at(sine(32)))",
    "morph:clicked(otherwise)
The place on the way that a hand clicked last on the canvas, near the path of its map: 0 (the first) to 1 (the last). The script is read again at each click.
@param otherwise the place where nobody has clicked yet; 0 when left out
@example local way = model(\"folk\"):morph(clip { 62, 64, 65, 69 }, clip { 69, 69, 62, 62 }, { steps = 3 }) local here = way:clicked(0.5) draw(\"map\", way:chart(here), { over = 0 }) play(\"tune\", way:at(here))",
    "morph:more(attribute, amount)
The same way with more of something all along, where the model has the verb `more`. Waits for the way.
@param attribute of what, as in \"density\"; `lilt models melody` lists them
@param amount how much more, below 0 is less; 1 when left out
@example local m = model(\"melody\") local way = m:morph(m:sample { bars = 2 }, m:sample { bars = 2 }) play(\"busy\", way:more(\"density\", 0.5):at(0.5))",
];

/// Pieces on the way when the script does not say.
pub(super) const STEPS: u32 = 8;

/// The way between two pieces as a script holds it.
#[derive(Clone)]
pub(crate) struct MorphValue {
    model: ModelValue,
    /// What the model answers: the pieces as they were before anything was changed about them, and their path.
    take: Take,
    /// At least two, all of the model's medium.
    steps: Vec<PieceValue>,
}

impl MorphValue {
    /// A way of these pieces, which `model` made by this take.
    pub fn new(model: ModelValue, take: Take, steps: Vec<PieceValue>) -> MorphValue {
        MorphValue { model, take, steps }
    }

    /// Equal for ways of the same pieces.
    pub fn print(&self) -> u64 {
        self.steps.iter().fold(Fingerprint::of("morph"), |print, piece| print.number(piece.print())).value()
    }

    fn at(&self, lua: &Lua, place: &Value) -> mlua::Result<Value> {
        let place = lift::numbers(lua, "at", place)?;
        let last = (self.steps.len() - 1) as f64;
        if let Some(place) = place.pattern.steady_value() {
            let place = crate::options::number_in("at", &Value::Number(*place), 0.0, 1.0)?;
            return self.steps[(place * last).round() as usize].clone().into_lua(lua);
        }
        let print = Fingerprint::of("at").number(self.print()).number(place.print);
        let origin = context(lua)?.origin(lua, "at")?;
        let step = move |place: f64| (place.clamp(0.0, 1.0) * last).round() as usize;
        match &self.steps[0] {
            PieceValue::Clip(first) => {
                let steps = self.steps.iter().filter_map(PieceValue::clip);
                let steps = steps.map(|clip| clip.pattern(Some(origin.clone())));
                let steps: Vec<Pattern<Controls>> = steps.collect::<Result<_, _>>()?;
                let pattern = moving(place.pattern, steps, step);
                let mut notes = Music::new(pattern, print, Instrument::Pluck);
                notes.model = first.model().cloned();
                let first = first.clone();
                notes.evidence = EvidenceSource::new(move || first.evidence());
                notes.into_lua(lua)
            }
            PieceValue::Sketch(_) => {
                let steps = self.steps.iter().filter_map(PieceValue::sketch);
                let steps: Vec<Pattern<Sketch>> = steps.map(SketchValue::each_bar).collect();
                Drawings::new(moving(place.pattern, steps, step), print).into_lua(lua)
            }
        }
    }

    fn more(&self, lua: &Lua, attribute: &Value, amount: &Value) -> mlua::Result<MorphValue> {
        let transforms = &self.model.model.description().transforms;
        let Some(more) = transforms.iter().find(|transform| transform.name == "more") else {
            let fault = Fault::new(format!("`{}` knows no attributes to have more of", self.model.name));
            return Err(fault.name("more").help("`melody` does: write model \"melody\"").into());
        };
        let options = lua.create_table()?;
        options.raw_set("attribute", attribute)?;
        options.raw_set("amount", amount)?;
        let options = Value::Table(options);
        let moved = |piece: &PieceValue| {
            let piece = piece.clone().into_lua(lua)?;
            self.model.transform(lua, more.name, &piece, &options)
        };
        let steps = self.steps.iter().map(moved).collect::<mlua::Result<_>>()?;
        Ok(MorphValue { steps, ..self.clone() })
    }

    /// The map of the way with a ring around a place, bar by bar.
    fn chart(&self, lua: &Lua, place: &Value) -> mlua::Result<Drawings> {
        let place = lift::numbers(lua, "chart", place)?;
        if let Some(steady) = place.pattern.steady_value() {
            crate::options::number_in("chart", &Value::Number(*steady), 0.0, 1.0)?;
        }
        let print = Fingerprint::of("chart").number(self.print()).number(place.print);
        let last = (self.steps.len() - 1) as f64;
        let map = Rc::new(Map {
            way: self.clone(),
            origin: context(lua)?.origin(lua, "chart")?,
            known: OnceCell::new(),
        });
        let maps = (0..self.steps.len()).map(|here| {
            let map = Rc::clone(&map);
            Drawings::in_each_bar(Rc::new(move |_: &Query| map.sketch(here)))
        });
        let step = move |place: f64| (place.clamp(0.0, 1.0) * last).round() as usize;
        Ok(Drawings::new(moving(place.pattern, maps.collect(), step), print))
    }

    /// The place that was clicked last, among those clicks that are near the path.
    fn clicked(&self, lua: &Lua, otherwise: &Value) -> mlua::Result<f64> {
        let otherwise = match otherwise {
            Value::Nil => 0.0,
            otherwise => crate::options::number_in("clicked", otherwise, 0.0, 1.0)?,
        };
        let context = context(lua)?;
        context.reads_hand.set(true);
        let clicks = context.by_hand.borrow().clicks.clone();
        if clicks.is_empty() {
            return Ok(otherwise);
        }
        let answered = |until| match context.look_at(&self.take, until) {
            TakeState::Pending { .. } => None,
            state => Some(state),
        };
        match context.wait(answered) {
            Some(TakeState::Ready(answer)) => {
                let chart = Chart::new(answer.path());
                Ok(clicks.into_iter().rev().find_map(|click| chart.place(click)).unwrap_or(otherwise))
            }
            // Whoever plays the way is told why it failed, or that it is late.
            Some(TakeState::Failed(_) | TakeState::Pending { .. }) | None => Ok(otherwise),
        }
    }
}

/// The map of a way, drawn when all of its pieces are there.
struct Map {
    way: MorphValue,
    /// Where the script asked for it.
    origin: Origin,
    known: OnceCell<(Chart, Vec<Piece>)>,
}

impl Map {
    /// The map with a ring around a piece; late until all pieces are there.
    fn sketch(&self, here: usize) -> Result<Sketch, QueryError> {
        let (chart, pieces) = match self.known.get() {
            Some(known) => known,
            None => {
                let known = self.look()?;
                self.known.get_or_init(|| known)
            }
        };
        Ok(chart.sketch(pieces, here))
    }

    fn look(&self) -> Result<(Chart, Vec<Piece>), QueryError> {
        let path = match self.way.take.poll() {
            TakeState::Pending { .. } => return Err(QueryError::Late),
            TakeState::Ready(answer) => answer.path().to_vec(),
            TakeState::Failed(error) => {
                return Err(QueryError::Failed(Box::new(self.origin.diagnostic((*error).clone().into()))));
            }
        };
        let piece = |piece: &PieceValue| match piece.poll() {
            None => Err(QueryError::Late),
            Some(piece) => piece.map_err(|error| QueryError::Failed(Box::new(error))),
        };
        Ok((Chart::new(&path), self.way.steps.iter().map(piece).collect::<Result<_, _>>()?))
    }
}

/// The pattern that is, in each bar, the one of `steps` where `place` is when the bar begins.
fn moving<T: 'static>(
    place: Pattern<f64>,
    steps: Vec<Pattern<T>>,
    step: impl Fn(f64) -> usize + 'static,
) -> Pattern<T> {
    Pattern::try_new(move |query: Query| {
        let mut events = Vec::new();
        for part in query.span.cycles(query.bar) {
            let start = query.bar * Beat::whole(part.start.floor_div(query.bar));
            let bar = Span::new(start, start + query.bar);
            let Some(place) = value_at(&place, query.over(bar))? else { continue };
            let step = &steps[step(place)];
            events.extend(step.query(query.over(part))?.into_iter().map(|event| within(event, bar)));
        }
        Ok(events)
    })
}

/// Where the number stands when the bar of the query begins; `None` where there is none.
fn value_at(moving: &Pattern<f64>, bar: Query) -> Result<Option<f64>, QueryError> {
    // A moment is enough: a function of the beat is then called once.
    let moment = Span::new(bar.span.start, bar.span.start + Beat::new(1, 64).min(bar.span.length()));
    Ok(moving.query(bar.over(moment))?.first().map(|event| event.value))
}

impl UserData for MorphValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "morph");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("at", |lua, this, place: Value| this.at(lua, &place));
        methods.add_method("chart", |lua, this, place: Value| this.chart(lua, &place));
        methods.add_method("clicked", |lua, this, otherwise: Value| this.clicked(lua, &otherwise));
        methods.add_method("more", |lua, this, (attribute, amount): (Value, Value)| {
            this.more(lua, &attribute, &amount)
        });
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| {
            Ok(format!("morph of {} {}s", this.steps.len(), this.model.medium().piece()))
        });
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            Err(no_method("morph", DOCS, [], &key).into())
        });
    }
}
