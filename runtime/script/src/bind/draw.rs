//! `sketch` and `draw`: drawings by hand, in time with the music.

use std::rc::Rc;

use lilt_inference::{Input, Medium, Piece};
use lilt_score::{Beat, Event, Pattern, Point, Query, QueryError, Sketch, Span, Stroke};
use lilt_sequencer::Evidence;
use mlua::{Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value};

use crate::bind::slot::{SlotValue, declare, slot_name};
use crate::bind::{looks, no_method, value_of};
use crate::context::{Context, context};
use crate::declared::DeclaredPart;
use crate::diagnostic::Diagnostic;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::function::{self, Called};
use crate::lift;
use crate::options::{beats, expected, number, number_in, options_among, table};
use crate::promise::{Face, Promise};
use crate::state::opened;

pub(super) const DOCS: &[&str] = &[
    "sketch { stroke, … }
Makes a drawing by hand: a list of strokes, each a list of points { x, y } or { x, y, width }. x goes right and y goes down, from 0 to 1 over the shorter side of the canvas.
@param width of the pen where a point does not say; 0.006 when left out
@example draw(\"cross\", sketch { { { 0.2, 0.2 }, { 0.8, 0.8 } }, { { 0.8, 0.2 }, { 0.2, 0.8 } } })",
    "draw(name, drawing, options)
Fills a slot with a drawing whose strokes appear in time, again and again. All drawings lie on one stage, those of higher layers over the others. What it gives can be told how to look, and every look is an option too: draw(…):size(\"1 .5\"):hue(sine); `lilt doc looks` lists them.
@param name of the slot, 1 to 64 letters; each slot once
@param drawing a sketch; a list of sketches, one a round; a text or numbers that pick one of several; or a function that takes the first beat of each round and gives a sketch
@param beats how long one round takes; a bar when left out, or as many bars as over takes
@param over in how many beats its strokes are drawn, one after the other; a whole round when left out, and at once for 0
@param of the sketches that a text picks from: a list, counted from 0, or names, as in draw(\"zoo\", \"star <ring star>\", { of = { star = polygon {}, ring = circle {} } })
@example draw(\"ring\", circle { x = 0.5, y = 0.5, radius = 0.3 }, { beats = 8, over = 2, hue = sine / 4 })",
    "sketch:strokes()
The strokes as lists of points { x, y, width }. Waits for a sketch that is still being made.
@example print(#circle({ radius = 0.3 }):strokes())",
    "sketch:likeness(other)
How like two sketches are, from 0 to 1: how near the points of each lie to the strokes of the other, on average.
@param other a sketch
@example print(circle({ radius = 0.3 }):likeness(circle { radius = 0.2 }))",
    "sketch:ess()
Of a sketch that a tilted model made: how much of its particles the reward left in play, from 1 (the model agrees) down to 0 (it fights the model). Waits for the sketch.
@example print(model(\"sketch\"):tilt(function(sketch) return -#sketch end):sample():ess())",
    "sketch:log_z()
Of a sketch that a tilted model made: the logarithm of the mean of e to the strength times reward over the model's drawings. Waits for the sketch.
@example print(model(\"sketch\"):tilt(function(sketch) return -#sketch end):sample():log_z())",
];

/// Most points of a sketch: more than anybody sees in a bar.
const MOST_POINTS: usize = 20_000;

/// Width of the pen when the script does not say, in units of the canvas' shorter side.
const WIDTH: f64 = 0.006;

/// How far outside the canvas a point may lie, in the same unit.
const FARTHEST: f64 = 100.0;

/// A sketch as a script holds it: there, or still being made by a model.
#[derive(Clone)]
pub(crate) struct SketchValue {
    sketch: Promise<Sketch>,
    staged: Staged,
}

/// What the stage shows of a sketch when it asks.
pub(crate) type Staged = Rc<dyn Fn(&Query) -> Result<Sketch, QueryError>>;

/// Drawings that follow each other.
#[derive(Clone)]
pub(crate) struct Drawings {
    pattern: Pattern<Sketch>,
    print: Fingerprint,
}

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set("sketch", lua.create_function(|_, strokes: Value| sketch(&strokes))?)?;
    base.raw_set(
        "draw",
        lua.create_function(|lua, (name, sketch, written): (Value, Value, Value)| {
            draw(lua, &name, &sketch, &written)
        })?,
    )
}

fn sketch(strokes: &Value) -> mlua::Result<SketchValue> {
    let Value::Table(table) = strokes else {
        return Err(expected(
            "sketch",
            "a list of strokes, as in sketch { { { 0, 0 }, { 1, 1 } } }",
            strokes,
        )
        .into());
    };
    let table = opened(table);
    let width = match table.raw_get::<Value>("width")? {
        Value::Nil => WIDTH,
        value => number_in("width", &value, 0.0, 1.0)?,
    };
    for pair in table.pairs::<Value, Value>() {
        if let (Value::String(name), _) = pair?
            && name.as_bytes() != b"width"
        {
            let name = name.to_string_lossy();
            let fault = Fault::new(format!("`sketch` has no option `{name}`")).name(&name);
            return Err(fault.nearest(&name, ["width"]).into());
        }
    }
    let mut read = Vec::new();
    let mut points = 0;
    // The pen moves one unit a second.
    let mut time = 0.0;
    for i in 1..=table.raw_len() {
        let stroke = match table.raw_get::<Value>(i)? {
            Value::Table(stroke) => opened(&stroke),
            other => return Err(expected("sketch", "strokes that are lists of points", &other).into()),
        };
        points += stroke.raw_len();
        if points > MOST_POINTS {
            return Err(Fault::new(format!("a sketch of more than {MOST_POINTS} points"))
                .name("sketch")
                .into());
        }
        let mut line: Vec<Point> = Vec::with_capacity(stroke.raw_len());
        for j in 1..=stroke.raw_len() {
            let (x, y, width) = point(&stroke.raw_get(j)?, width)?;
            if let Some(last) = line.last() {
                time += f64::from(last.x - x as f32).hypot(f64::from(last.y - y as f32));
            }
            line.push(Point { x: x as f32, y: y as f32, width: width as f32, time: time as f32 });
        }
        read.push(Stroke { points: line });
    }
    Ok(SketchValue::new(Sketch::new(read)))
}

fn point(value: &Value, width: f64) -> mlua::Result<(f64, f64, f64)> {
    let Value::Table(point) = value else {
        return Err(expected("sketch", "points such as { 0.5, 0.5 }", value).into());
    };
    let point = opened(point);
    let (x, y) = (number("x", &point.raw_get(1)?)?, number("y", &point.raw_get(2)?)?);
    for (name, place) in [("x", x), ("y", y)] {
        if place.abs() > FARTHEST {
            return Err(Fault::new(format!("{name} is {place}: the canvas goes from 0 to 1"))
                .name("sketch")
                .into());
        }
    }
    let width = match point.raw_get::<Value>(3)? {
        Value::Nil => width,
        value => number_in("width", &value, 0.0, 1.0)?,
    };
    Ok((x, y, width))
}

fn fingerprint(sketch: &Sketch) -> u64 {
    let add = |print: Fingerprint, stroke: &Stroke| {
        let points = stroke.points.iter();
        points.fold(print.number(stroke.points.len() as u64), |print, point| {
            print.real(point.x.into()).real(point.y.into()).real(point.width.into())
        })
    };
    sketch.strokes().iter().fold(Fingerprint::of("sketch"), add).value()
}

/// Options of `draw` beside the looks.
const OPTIONS: [&str; 3] = ["beats", "over", "of"];

/// Most sketches of a list.
const MOST_SKETCHES: usize = 1_000;

fn draw(lua: &Lua, name: &Value, drawing: &Value, written: &Value) -> mlua::Result<SlotValue> {
    let name = slot_name("draw", name)?;
    let known: Vec<&'static str> = OPTIONS.into_iter().chain(looks::names()).collect();
    let values = options_among("draw", table("draw", written)?, &known)?;
    let length = |name: &str, value: &Value, least: Beat| match value {
        Value::Nil => Ok(None),
        value => {
            let length = beats(name, value)?;
            if length >= least && length <= Beat::whole(4_096) {
                return Ok(Some(length));
            }
            let told = format!("`{name}` is {length}: write a number from {least} to 4096");
            Err(Fault::new(told).name(name))
        }
    };
    let paces = Paces {
        round: length("beats", &values[0], Beat::new(1, 4))?,
        // Drawn at once is drawn in less time than anybody sees.
        over: length("over", &values[1], Beat::ZERO)?.map(|over| over.max(Beat::new(1, 256))),
    };
    let (sketches, print) = thing(lua, drawing, &values[2], paces)?;
    let print = paces.print(print);
    let part = DeclaredPart::Drawing { sketches: paces.drawn(sketches), print: print.value() };
    let mut slot = declare(lua, "draw", name, part)?;
    for (name, value) in known.iter().zip(&values).skip(OPTIONS.len()).filter(|(_, value)| !value.is_nil()) {
        slot = looks::set(lua, &slot, name, value)?;
    }
    Ok(slot)
}

/// How long a round takes, and how much of it its strokes.
#[derive(Clone, Copy)]
struct Paces {
    round: Option<Beat>,
    over: Option<Beat>,
}

impl Paces {
    /// Beats of a round where a bar has `bar`: as many bars as the strokes take where nothing is said.
    fn round(self, bar: Beat) -> Beat {
        let bars = |over: Beat| bar * Beat::whole((over / bar).ceil().max(1));
        self.round.unwrap_or_else(|| self.over.map_or(bar, bars))
    }

    fn print(self, print: Fingerprint) -> Fingerprint {
        let shown = |beats: Option<Beat>| beats.map_or_else(String::new, |beats| beats.to_string());
        print.text(&shown(self.round)).text(&shown(self.over))
    }

    /// The drawings, whose strokes take no longer than they are to.
    fn drawn(self, sketches: Pattern<Sketch>) -> Pattern<Sketch> {
        let Some(over) = self.over else { return sketches };
        Pattern::try_new(move |query: Query| {
            let mut events = sketches.query(query)?;
            for whole in events.iter_mut().filter_map(|event| event.whole.as_mut()) {
                whole.end = whole.end.min(whole.start + over);
            }
            Ok(events)
        })
    }
}

/// What is to be drawn, round by round.
fn thing(
    lua: &Lua,
    drawing: &Value,
    of: &Value,
    paces: Paces,
) -> mlua::Result<(Pattern<Sketch>, Fingerprint)> {
    let print = Fingerprint::of("draw");
    if !of.is_nil() {
        return picked(lua, drawing, of, paces);
    }
    match drawing {
        Value::Function(function) => {
            let print = print.number(function::fingerprint(lua, function).unwrap_or(0));
            let called = Called::new(lua, "draw", function.clone())?;
            Ok((shown(called.rounds(move |bar| paces.round(bar), |value| read("draw", value))), print))
        }
        Value::Table(list) => {
            let sketches = listed("draw", list)?;
            let print =
                sketches.iter().fold(print.text("list"), |print, sketch| print.number(sketch.print()));
            let sketch = move |round: i64| sketches[round.rem_euclid(sketches.len() as i64) as usize].clone();
            Ok((shown(rounds(paces, sketch)), print))
        }
        Value::String(_) => {
            let fault = Fault::new("a text picks one of several sketches, and there are none").name("draw");
            let help = "write them as an option, as in draw(\"zoo\", \"0 <1 2>\", { of = { circle {}, polygon {}, spiral {} } })";
            Err(fault.help(help).into())
        }
        value => {
            if let Some(drawings) = value_of::<Drawings>(value) {
                if paces.round.is_some() {
                    let told = "`beats` is of a single sketch: drawings that follow each other say when";
                    return Err(Fault::new(told).name("beats").into());
                }
                return Ok((drawings.pattern, print.number(drawings.print.value())));
            }
            let sketch = read("draw", value)?;
            let print = print.number(sketch.print());
            Ok((shown(rounds(paces, move |_| sketch.clone())), print))
        }
    }
}

/// The sketches of a list, one at least.
fn listed(what: &str, list: &Table) -> mlua::Result<Vec<SketchValue>> {
    let list = opened(list);
    let count = list.raw_len();
    if count == 0 || count > MOST_SKETCHES {
        let fault = Fault::new(format!("`{what}` expects 1 to {MOST_SKETCHES} sketches, got {count}"));
        return Err(fault
            .name(what)
            .help("write a list of sketches, as in { circle {}, polygon {} }")
            .into());
    }
    (1..=count).map(|i| Ok(read(what, &list.raw_get(i)?)?)).collect()
}

/// Sketches that a text or numbers pick, each for as long as its step.
fn picked(
    lua: &Lua,
    which: &Value,
    of: &Value,
    paces: Paces,
) -> mlua::Result<(Pattern<Sketch>, Fingerprint)> {
    if paces.round.is_some() {
        let fault = Fault::new("`beats` is of one sketch: what picks sketches says how long each takes");
        return Err(fault.name("beats").help("leave it out").into());
    }
    let Value::Table(of) = of else {
        return Err(expected("of", "a list of sketches, or a table of names and sketches", of).into());
    };
    let of = opened(of);
    let print = Fingerprint::of("picked");
    if of.raw_len() > 0 || !matches!(which, Value::String(_)) {
        let sketches = listed("of", &of)?;
        let numbers = lift::numbers(lua, "draw", which)?;
        let print = sketches.iter().fold(print.number(numbers.print), |print, one| print.number(one.print()));
        let count = sketches.len() as f64;
        let pick = move |which: f64| sketches[which.floor().rem_euclid(count) as usize].clone();
        return Ok((shown(numbers.pattern.map(pick)), print));
    }
    let text = crate::options::text("draw", which)?;
    let (words, holds, words_print) = lift::words(lua, "draw", &text)?;
    let mut print = print.number(words_print);
    let mut sketches = Vec::with_capacity(words.len());
    for word in &words {
        let value: Value = of.raw_get(&**word)?;
        if value.is_nil() {
            let mut names: Vec<String> =
                of.pairs::<String, Value>().filter_map(|pair| Some(pair.ok()?.0)).collect();
            names.sort();
            let fault = Fault::new(format!("no sketch is called `{word}`")).text(&**word).of("draw");
            return Err(fault.nearest(word, names.iter().map(String::as_str)).into());
        }
        let value = read("of", &value)?;
        print = print.number(value.print());
        sketches.push(value);
    }
    let blank = SketchValue::new(Sketch::default());
    let pick = move |which: f64| sketches.get(which as usize).unwrap_or(&blank).clone();
    Ok((shown(holds.map(pick)), print))
}

fn read(what: &str, value: &Value) -> Result<SketchValue, Fault> {
    value_of(value).ok_or_else(|| expected(what, "a sketch, as in circle { radius = 0.3 }", value))
}

/// The sketch of each round.
fn rounds<T: 'static>(paces: Paces, sketch: impl Fn(i64) -> T + 'static) -> Pattern<T> {
    Pattern::new(move |query: Query| {
        let length = paces.round(query.bar);
        let event = |part: Span| {
            let number = part.start.floor_div(length);
            let start = length * Beat::whole(number);
            Event::new(Span::new(start, start + length), part, sketch(number))
        };
        query.span.cycles(length).into_iter().map(event).collect()
    })
}

/// The sketches as they are seen: it answers [`QueryError::Late`] while one is still being made.
fn shown(sketches: Pattern<SketchValue>) -> Pattern<Sketch> {
    Pattern::try_new(move |query: Query| {
        let seen = |event: Event<SketchValue>| {
            let sketch = (event.value.staged)(&query)?;
            Ok(event.with(|_| sketch))
        };
        sketches.query(query)?.into_iter().map(seen).collect()
    })
}

impl SketchValue {
    /// A sketch, with its identity.
    pub(crate) fn new(sketch: Sketch) -> SketchValue {
        SketchValue::promised(Promise::ready(sketch))
    }

    /// A sketch that is there or to come.
    pub(crate) fn promised(sketch: Promise<Sketch>) -> SketchValue {
        let staged = Rc::new(sketch.clone().staged(|sketch, _| Ok(sketch.clone())));
        SketchValue { sketch, staged }
    }

    /// Equal for sketches that were made the same way from the same values.
    pub(crate) fn print(&self) -> u64 {
        self.sketch.print()
    }

    /// It as a model takes it: one that is still being made goes on by itself.
    pub(crate) fn input(&self, context: &Context) -> mlua::Result<Input> {
        self.sketch.input(context)
    }

    /// It in every bar.
    pub(crate) fn each_bar(&self) -> Pattern<Sketch> {
        Drawings::in_each_bar(Rc::clone(&self.staged))
    }

    /// The sketch, if it is there; an error, if it never will be.
    pub(crate) fn poll(&self) -> Option<Result<Sketch, Diagnostic>> {
        self.sketch.poll()
    }

    /// The sketch, waiting for it if it is still being made.
    pub(crate) fn wait(&self, lua: &Lua) -> mlua::Result<Sketch> {
        self.sketch.wait(&*context(lua)?)
    }

    /// What a tilted model tells of a sketch that it made.
    fn evidence(&self, lua: &Lua, what: &str) -> mlua::Result<Evidence> {
        self.wait(lua)?;
        self.sketch.evidence().ok_or_else(|| {
            let fault = Fault::new(format!("`{what}` is of sketches that a tilted model made")).name(what);
            fault.help("ask it of what sample or continue of a tilted model gave").into()
        })
    }

    fn described(&self) -> String {
        match self.sketch.poll() {
            Some(Ok(sketch)) => {
                let (strokes, points) = (sketch.strokes().len(), sketch.points());
                format!("sketch of {strokes} strokes, {points} points")
            }
            Some(Err(error)) => format!("sketch that failed: {}", error.message),
            None => format!("sketch that `{}` is making", self.sketch.model.as_deref().unwrap_or("a model")),
        }
    }
}

impl Face for Sketch {
    const MEDIUM: Medium = Medium::Drawing;

    fn of(piece: &Piece) -> Option<Sketch> {
        piece.sketch().ok().cloned()
    }

    fn print(&self) -> u64 {
        fingerprint(self)
    }
}

impl Drawings {
    /// Drawings with their identity.
    pub(crate) fn new(pattern: Pattern<Sketch>, print: Fingerprint) -> Drawings {
        Drawings { pattern, print }
    }

    /// What `staged` shows, in every bar.
    pub(crate) fn in_each_bar(staged: Staged) -> Pattern<Sketch> {
        Pattern::try_new(move |query: Query| {
            let sketch = staged(&query)?;
            rounds(Paces { round: None, over: None }, move |_| sketch.clone()).query(query)
        })
    }

    /// Equal for the same drawings at the same times.
    pub(crate) fn print(&self) -> u64 {
        self.print.value()
    }
}

impl UserData for Drawings {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "drawings");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_meta_method(MetaMethod::ToString, |_, _, ()| Ok("drawings that follow each other"));
    }
}

impl UserData for SketchValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "sketch");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("strokes", |lua, this, ()| {
            let strokes = lua.create_table()?;
            for stroke in this.wait(lua)?.strokes() {
                let points = lua.create_table_with_capacity(stroke.points.len(), 0)?;
                for point in &stroke.points {
                    points.raw_push(lua.create_sequence_from([point.x, point.y, point.width])?)?;
                }
                strokes.raw_push(points)?;
            }
            Ok(strokes)
        });
        methods.add_method("likeness", |lua, this, other: Value| {
            let other = read("likeness", &other)?;
            Ok(this.wait(lua)?.likeness(&other.wait(lua)?))
        });
        methods.add_method("ess", |lua, this, ()| Ok(this.evidence(lua, "ess")?.ess));
        methods.add_method("log_z", |lua, this, ()| Ok(this.evidence(lua, "log_z")?.log_z));
        methods.add_meta_method(MetaMethod::Len, |lua, this, ()| Ok(this.wait(lua)?.strokes().len()));
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| Ok(this.described()));
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            Err(no_method("sketch", DOCS, [], &key).into())
        });
    }
}
