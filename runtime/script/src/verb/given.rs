//! What a verb was given: its arguments, read.

use std::sync::Arc;

use lilt_score::{Beat, Controls, Pattern, ScaleAt, Seed, Structure};
use mlua::Value;

use crate::each_note::EachNote;
use crate::fault::Fault;
use crate::options::{options, table};
use crate::sounds::NamedSound;
use crate::state::opened;

/// What a verb was given, in the order of its parameters.
#[derive(Clone)]
pub(crate) struct Given(pub(super) Vec<Argument>);

/// One argument, read.
#[derive(Clone)]
pub(super) enum Argument {
    Number(f64),
    Numbers(Pattern<f64>),
    Music(Pattern<Controls>),
    Musics(Vec<Pattern<Controls>>),
    /// What a function made of the music for each of the values that the number of parameter `of` was seen
    /// to have.
    Variants {
        of: usize,
        each: Vec<(f64, Pattern<Controls>)>,
    },
    Text(String),
    Sounds(Pattern<NamedSound>),
    /// Words, and which of them holds.
    Words(Vec<Arc<str>>, Pattern<f64>),
    Truths(Pattern<bool>),
    /// Scales, and which of them holds.
    Scales(Vec<ScaleAt>, Pattern<f64>),
    Structure(Structure),
    Seed(Seed),
    Each(Box<EachNote>),
    /// Numbers that were left out.
    None,
}

impl Given {
    /// The number of parameter `i`.
    pub fn number(&self, i: usize) -> f64 {
        match self.0.get(i) {
            Some(Argument::Number(number)) => *number,
            _ => 0.0,
        }
    }

    /// The number of parameter `i` as an exact time or factor.
    pub fn beat(&self, i: usize) -> Beat {
        Beat::approximate(self.number(i)).unwrap_or(Beat::ZERO)
    }

    /// The whole number of parameter `i`.
    pub fn whole(&self, i: usize) -> i64 {
        self.number(i) as i64
    }

    /// The numbers over time of parameter `i`.
    pub fn numbers(&self, i: usize) -> Pattern<f64> {
        match self.0.get(i) {
            Some(Argument::Numbers(numbers)) => numbers.clone(),
            _ => Pattern::silence(),
        }
    }

    /// The numbers over time of parameter `i`, where it was given.
    pub fn numbers_if_any(&self, i: usize) -> Option<Pattern<f64>> {
        match self.0.get(i) {
            Some(Argument::Numbers(numbers)) => Some(numbers.clone()),
            _ => None,
        }
    }

    /// The music with each note changed by the function of parameter `i`.
    pub fn each(&self, i: usize, music: &Pattern<Controls>) -> Pattern<Controls> {
        match self.0.get(i) {
            Some(Argument::Each(each)) => each.change(music),
            _ => music.clone(),
        }
    }

    /// The music of parameter `i`, or what its function made of the music.
    pub fn music(&self, i: usize) -> Pattern<Controls> {
        match self.0.get(i) {
            Some(Argument::Music(music)) => music.clone(),
            Some(Argument::Variants { of, each }) => {
                let value = self.number(*of);
                let far = |known: f64| (known - value).abs();
                let near = each.iter().min_by(|one, other| far(one.0).total_cmp(&far(other.0)));
                near.map_or_else(Pattern::silence, |(_, music)| music.clone())
            }
            _ => Pattern::silence(),
        }
    }

    /// The pieces of music of parameter `i`.
    pub fn musics(&self, i: usize) -> &[Pattern<Controls>] {
        match self.0.get(i) {
            Some(Argument::Musics(musics)) => musics,
            _ => &[],
        }
    }

    /// The names of parameter `i`.
    pub fn sounds(&self, i: usize) -> Pattern<NamedSound> {
        match self.0.get(i) {
            Some(Argument::Sounds(sounds)) => sounds.clone(),
            _ => Pattern::silence(),
        }
    }

    /// The text of parameter `i`.
    pub fn text(&self, i: usize) -> &str {
        match self.0.get(i) {
            Some(Argument::Text(text)) => text,
            _ => "",
        }
    }

    /// The words of parameter `i`, and which of them holds.
    pub fn words(&self, i: usize) -> (&[Arc<str>], Pattern<f64>) {
        match self.0.get(i) {
            Some(Argument::Words(words, which)) => (words, which.clone()),
            _ => (&[], Pattern::silence()),
        }
    }

    /// The truths of parameter `i`.
    pub fn truths(&self, i: usize) -> Pattern<bool> {
        match self.0.get(i) {
            Some(Argument::Truths(truths)) => truths.clone(),
            _ => Pattern::silence(),
        }
    }

    /// What `make` makes of the scale of parameter `i` that holds.
    pub fn in_scale(
        &self,
        i: usize,
        make: impl Fn(ScaleAt) -> Pattern<Controls> + 'static,
    ) -> Pattern<Controls> {
        match self.0.get(i) {
            Some(Argument::Scales(scales, which)) => {
                let scales = scales.clone();
                Pattern::steered(which, move |which| {
                    scales.get(which as usize).map_or_else(Pattern::silence, |scale| make(*scale))
                })
            }
            _ => Pattern::silence(),
        }
    }

    /// Who says when, of parameter `i`.
    pub fn structure(&self, i: usize) -> Structure {
        match self.0.get(i) {
            Some(Argument::Structure(structure)) => *structure,
            _ => Structure::Left,
        }
    }

    /// The seed of parameter `i`.
    pub fn seed(&self, i: usize) -> Seed {
        match self.0.get(i) {
            Some(Argument::Seed(seed)) => *seed,
            _ => Seed(0),
        }
    }

    /// The same with another argument in the place of parameter `i`.
    pub(super) fn with(&self, i: usize, argument: Argument) -> Given {
        let mut given = self.clone();
        given.0[i] = argument;
        given
    }
}

/// Who says when, as a script writes it: { from = "left" }.
///
/// # Errors
/// When it is something else.
pub(super) fn structure(name: &str, value: &Value) -> mlua::Result<Structure> {
    let [from] = options(name, table(name, value)?.map(|table| opened(&table)), ["from"])?;
    let known = [
        ("left", Structure::Left),
        ("right", Structure::Right),
        ("both", Structure::Both),
        ("squeeze", Structure::Squeeze),
    ];
    match from {
        Value::Nil => Ok(Structure::Left),
        value => {
            let text = crate::options::text("from", &value)?;
            let found = known.iter().find(|(name, _)| *name == text);
            let fault = || Fault::new(format!("`from` does not know \"{text}\"")).text(&text).of("from");
            let names = known.iter().map(|(name, _)| *name);
            Ok(found.map(|(_, structure)| *structure).ok_or_else(|| fault().nearest(&text, names))?)
        }
    }
}
