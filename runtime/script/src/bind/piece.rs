//! Pieces as scripts give them to models and get them back: clips and sketches, there or to come.

use lilt_inference::{Input, Medium, Piece, Take};
use mlua::{IntoLua, Lua, Value};

use crate::bind::draw::SketchValue;
use crate::bind::model::ModelValue;
use crate::bind::value_of;
use crate::clip_value::ClipValue;
use crate::context::{Context, Origin};
use crate::diagnostic::Diagnostic;
use crate::fault::Fault;
use crate::options::expected;
use crate::promise::Promise;

/// A piece in the hand of a script.
#[derive(Clone)]
pub(crate) enum PieceValue {
    Clip(ClipValue),
    Sketch(SketchValue),
}

impl PieceValue {
    /// A piece of the medium of `model`, where a script must give one to `verb` as its argument `index`, from 0.
    ///
    /// # Errors
    /// When it gives something else.
    pub fn read(model: &ModelValue, verb: &str, value: &Value, index: usize) -> Result<PieceValue, Fault> {
        let medium = model.medium();
        let read = match medium {
            Medium::Music => value_of(value).map(PieceValue::Clip),
            Medium::Drawing => value_of(value).map(PieceValue::Sketch),
        };
        read.ok_or_else(|| {
            let fault = expected(verb, &format!("a {}", medium.piece()), value);
            let other = value_of::<ClipValue>(value).is_some() || value_of::<SketchValue>(value).is_some();
            match other {
                true => fault.argument(verb, index).help(format!("`{}` makes {medium}", model.name)),
                false => fault,
            }
        })
    }

    /// The piece at `index` of those that a take will yield.
    pub fn nth(take: Take, index: usize, origin: Origin) -> PieceValue {
        match take.medium() {
            Medium::Music => PieceValue::Clip(ClipValue::promised(Promise::nth(take, index, origin))),
            Medium::Drawing => PieceValue::Sketch(SketchValue::promised(Promise::nth(take, index, origin))),
        }
    }

    /// The clip, if it is one.
    pub fn clip(&self) -> Option<&ClipValue> {
        match self {
            PieceValue::Clip(clip) => Some(clip),
            PieceValue::Sketch(_) => None,
        }
    }

    /// The sketch, if it is one.
    pub fn sketch(&self) -> Option<&SketchValue> {
        match self {
            PieceValue::Sketch(sketch) => Some(sketch),
            PieceValue::Clip(_) => None,
        }
    }

    /// The piece, if it is there; an error, if it never will be.
    pub fn poll(&self) -> Option<Result<Piece, Diagnostic>> {
        match self {
            PieceValue::Clip(clip) => Some(clip.poll()?.map(Piece::from)),
            PieceValue::Sketch(sketch) => Some(sketch.poll()?.map(Piece::from)),
        }
    }

    /// Equal for pieces that were made the same way from the same values.
    pub fn print(&self) -> u64 {
        match self {
            PieceValue::Clip(clip) => clip.print(),
            PieceValue::Sketch(sketch) => sketch.print(),
        }
    }

    /// It as a model takes it: one that is still being made goes on by itself.
    ///
    /// # Errors
    /// As [`Promise::wait`].
    pub fn input(&self, context: &Context) -> mlua::Result<Input> {
        match self {
            PieceValue::Clip(clip) => clip.input(context),
            PieceValue::Sketch(sketch) => sketch.input(context),
        }
    }
}

impl IntoLua for PieceValue {
    fn into_lua(self, lua: &Lua) -> mlua::Result<Value> {
        match self {
            PieceValue::Clip(clip) => clip.into_lua(lua),
            PieceValue::Sketch(sketch) => sketch.into_lua(lua),
        }
    }
}
