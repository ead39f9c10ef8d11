//! The file in which a listener's judgements are kept: a line of JSON each, in the order in which they were said.
//!
//! Lines are only added, so that nothing is lost when two write; `undo` takes back what was said last and is not taken
//! back yet, `forget` all of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Judgement;
use crate::features::Features;

/// The judgements of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notebook {
    /// What stands, the newest last.
    pub judgements: Vec<Judgement>,
}

/// Something that is written in the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A judgement.
    Said(Judgement),
    /// What was said last is taken back.
    Undo,
    /// All is taken back.
    Forget,
}

/// A line that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {told}")]
pub struct NotebookError {
    /// Which, from 1.
    pub line: usize,
    /// Why.
    pub told: String,
}

/// An entry as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Line {
    Like(Vec<Heard>),
    Nope(Vec<Heard>),
    Rather(Pair),
    Undo(bool),
    Forget(bool),
}

#[derive(Debug, Serialize, Deserialize)]
struct Heard {
    share: f64,
    #[serde(flatten)]
    features: BTreeMap<String, f64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    chosen: BTreeMap<String, f64>,
    other: BTreeMap<String, f64>,
}

impl Notebook {
    /// Reads a file. An empty one, or none, holds nothing.
    ///
    /// # Errors
    /// When a line of it is none of such a file.
    pub fn read(text: &str) -> Result<Notebook, NotebookError> {
        let mut notebook = Notebook::default();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let told = |told: String| NotebookError { line: at + 1, told };
            let line = serde_json::from_str(line).map_err(|error| told(error.to_string()))?;
            notebook.add(entry(line).map_err(told)?);
        }
        Ok(notebook)
    }

    /// Adds what one more line says.
    pub fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Said(judgement) => self.judgements.push(judgement),
            Entry::Undo => drop(self.judgements.pop()),
            Entry::Forget => self.judgements.clear(),
        }
    }
}

impl Entry {
    /// Its line, with its end. Numbers are rounded to a ten-thousandth.
    pub fn line(&self) -> String {
        let line = match self {
            Entry::Said(Judgement::Press { likes, heard }) => {
                let heard = heard
                    .iter()
                    .map(|(share, features)| Heard { share: rounded(*share), features: named(features) });
                if *likes { Line::Like(heard.collect()) } else { Line::Nope(heard.collect()) }
            }
            Entry::Said(Judgement::Choice { chosen, other }) => {
                Line::Rather(Pair { chosen: named(chosen), other: named(other) })
            }
            Entry::Undo => Line::Undo(true),
            Entry::Forget => Line::Forget(true),
        };
        // Names and finite numbers always make JSON.
        serde_json::to_string(&line).map_or_else(|_| String::new(), |line| line + "\n")
    }
}

fn rounded(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

fn named(features: &Features) -> BTreeMap<String, f64> {
    let named = Features::NAMES.iter().zip(features.values());
    named.map(|(name, value)| ((*name).to_owned(), rounded(*value))).collect()
}

fn features(named: &BTreeMap<String, f64>) -> Result<Features, String> {
    if let Some(unknown) = named.keys().find(|name| !Features::NAMES.contains(&name.as_str())) {
        return Err(format!("there is no feature `{unknown}`: they are {}", Features::NAMES.join(", ")));
    }
    let mut values = [0.0; crate::features::FEATURES];
    for (value, name) in values.iter_mut().zip(Features::NAMES) {
        *value = *named.get(name).ok_or_else(|| format!("`{name}` is missing"))?;
    }
    Features::new(values).ok_or_else(|| "a number is out of range".to_owned())
}

fn entry(line: Line) -> Result<Entry, String> {
    let press = |likes, heard: Vec<Heard>| {
        let heard = heard.iter().map(|Heard { share, features: named }| {
            let fits = (0.0..=1.0).contains(share);
            if fits { Ok((*share, features(named)?)) } else { Err("a share lies between 0 and 1".to_owned()) }
        });
        Ok(Entry::Said(Judgement::Press { likes, heard: heard.collect::<Result<_, String>>()? }))
    };
    match line {
        Line::Like(heard) => press(true, heard),
        Line::Nope(heard) => press(false, heard),
        Line::Rather(Pair { chosen, other }) => {
            Ok(Entry::Said(Judgement::Choice { chosen: features(&chosen)?, other: features(&other)? }))
        }
        Line::Undo(_) => Ok(Entry::Undo),
        Line::Forget(_) => Ok(Entry::Forget),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(value: f64) -> Features {
        Features::new(std::array::from_fn(|at| value + at as f64)).unwrap()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let press = |likes, heard: &[(f64, f64)]| {
            let heard = heard.iter().map(|(share, value)| (*share, features(*value))).collect();
            Judgement::Press { likes, heard }
        };
        let said = [
            press(true, &[(1.0, 0.25)]),
            press(false, &[(0.7, 0.5), (0.3, -0.125)]),
            Judgement::Choice { chosen: features(0.0), other: features(1.0) },
        ];
        let text: String = said.iter().map(|said| Entry::Said(said.clone()).line()).collect();
        assert_eq!(Notebook::read(&text).unwrap().judgements, said);
        let undone = text.clone() + &Entry::Undo.line() + &Entry::Undo.line();
        assert_eq!(Notebook::read(&undone).unwrap().judgements, said[..1]);
        let forgotten = undone + &Entry::Forget.line() + &Entry::Undo.line();
        assert_eq!(Notebook::read(&forgotten).unwrap(), Notebook::default());
        assert_eq!(Notebook::read("\n").unwrap(), Notebook::default());
    }

    #[test]
    fn a_line_can_be_read_by_people() {
        let heard = vec![(1.0, Features::new([0.25, 0.5, 2.0, 0.1, 0.0, -0.5, 0.0, 0.5]).unwrap())];
        assert_eq!(
            Entry::Said(Judgement::Press { likes: true, heard }).line(),
            "{\"like\":[{\"share\":1.0,\"density\":2.0,\"height\":-0.5,\"leaps\":0.25,\"off_beat\":0.5,\"repeats\":0.0,\
             \"returns\":0.0,\"rising\":0.1,\"variety\":0.5}]}\n"
        );
    }

    #[test]
    fn what_is_no_line_of_it_is_told_with_its_number() {
        for (text, says) in [
            ("like", "expected value"),
            ("{\"like\":[{\"share\":1,\"speed\":2}]}", "there is no feature `speed`"),
            ("{\"like\":[{\"share\":1,\"leaps\":2}]}", "`variety` is missing"),
            ("{\"love\":[]}", "unknown variant `love`"),
        ] {
            let error = Notebook::read(&format!("\n{text}\n")).unwrap_err();
            assert_eq!(error.line, 2, "{text}");
            assert!(error.told.contains(says), "{error}");
        }
    }
}
