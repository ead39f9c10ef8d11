//! `sketch` and `draw`: drawings by hand, in time with the music.

use lilt_score::{Beat, Event, Pattern, Point, Query, Sketch, Span, Stroke};
use mlua::{Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value};

use crate::bind::slot::{SlotValue, declare, slot_name};
use crate::bind::{no_method, value_of};
use crate::draft::PartDraft;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::function::{self, Called};
use crate::options::{beats, expected, number, number_in, options, table};
use crate::state::opened;

pub(super) const DOCS: &[&str] = &[
    "sketch { stroke, … }
Makes a drawing by hand: a list of strokes, each a list of points { x, y } or { x, y, width }. x goes right and y goes down, from 0 to 1 over the shorter side of the canvas.
@param width of the pen where a point does not say; 0.006 when left out
@example draw(\"cross\", sketch { { { 0.2, 0.2 }, { 0.8, 0.8 } }, { { 0.8, 0.2 }, { 0.2, 0.8 } } })",
    "draw(name, sketch, options)
Fills a slot with a drawing whose strokes appear in time, again and again.
@param name of the slot, 1 to 64 letters; each slot once
@param sketch a sketch, or a function that takes the first beat of each round and gives one
@param beats how long one round takes; a bar when left out
@example draw(\"ring\", circle { x = 0.5, y = 0.5, radius = 0.3 }, { beats = 8 })",
    "sketch:strokes()
The strokes as lists of points { x, y, width }.
@example print(#circle({ radius = 0.3 }):strokes())",
];

/// Most points of a sketch: more than anybody sees in a bar.
const MOST_POINTS: usize = 20_000;

/// Width of the pen when the script does not say, in units of the canvas' shorter side.
const WIDTH: f64 = 0.006;

/// How far outside the canvas a point may lie, in the same unit.
const FARTHEST: f64 = 100.0;

/// A sketch as a script holds it.
#[derive(Clone)]
pub(crate) struct SketchValue {
    sketch: Sketch,
    /// Equal for sketches with the same points.
    pub print: u64,
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

fn draw(lua: &Lua, name: &Value, drawing: &Value, written: &Value) -> mlua::Result<SlotValue> {
    let name = slot_name("draw", name)?;
    let [length] = options("draw", table("draw", written)?, ["beats"])?;
    let length = match &length {
        Value::Nil => None,
        value => {
            let length = beats("beats", value)?;
            if length < Beat::new(1, 4) || length > Beat::whole(4_096) {
                let fault = Fault::new(format!("`beats` is {length}: write a number from 1/4 to 4096"));
                return Err(fault.name("beats").into());
            }
            Some(length)
        }
    };
    let print = Fingerprint::of("draw").text(&length.map_or_else(String::new, |length| length.to_string()));
    let (sketches, print) = match drawing {
        Value::Function(function) => {
            let print = print.number(function::fingerprint(lua, function).unwrap_or(0));
            let called = Called::new(lua, "draw", function.clone())?;
            (called.rounds(length, |value| Ok(read("draw", value)?.sketch)), print)
        }
        value => {
            let value = read("draw", value)?;
            (again(value.sketch, length), print.number(value.print))
        }
    };
    let part = PartDraft::Drawing { sketches, print: print.value() };
    Ok(declare(lua, "draw", name, part)?)
}

fn read(what: &str, value: &Value) -> Result<SketchValue, Fault> {
    value_of(value).ok_or_else(|| expected(what, "a sketch, as in circle { radius = 0.3 }", value))
}

/// The sketch in every round of `length` beats, or of a bar.
fn again(sketch: Sketch, length: Option<Beat>) -> Pattern<Sketch> {
    Pattern::new(move |query: Query| {
        let length = length.unwrap_or(query.bar);
        let rounds = query.span.cycles(length).into_iter();
        let event = |part: Span| {
            let start = length * Beat::whole(part.start.floor_div(length));
            Event::new(Span::new(start, start + length), part, sketch.clone())
        };
        rounds.map(event).collect()
    })
}

impl SketchValue {
    /// A sketch, with its identity.
    pub(crate) fn new(sketch: Sketch) -> SketchValue {
        let print = fingerprint(&sketch);
        SketchValue { sketch, print }
    }
}

impl UserData for SketchValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "sketch");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("strokes", |lua, this, ()| {
            let strokes = lua.create_table()?;
            for stroke in this.sketch.strokes() {
                let points = lua.create_table_with_capacity(stroke.points.len(), 0)?;
                for point in &stroke.points {
                    points.raw_push(lua.create_sequence_from([point.x, point.y, point.width])?)?;
                }
                strokes.raw_push(points)?;
            }
            Ok(strokes)
        });
        methods.add_meta_method(MetaMethod::Len, |_, this, ()| Ok(this.sketch.strokes().len()));
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| {
            let (strokes, points) = (this.sketch.strokes().len(), this.sketch.points());
            Ok(format!("sketch of {strokes} strokes, {points} points"))
        });
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            Err(no_method("sketch", DOCS, [], &key).into())
        });
    }
}
