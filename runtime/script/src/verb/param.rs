//! What may be written behind a verb.

use super::range::shown;

/// One parameter of a verb.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Param {
    pub name: &'static str,
    pub kind: Kind,
    pub meaning: &'static str,
    /// What a number is when it is left out; without it, it must be given.
    pub default: Option<f64>,
}

/// What a parameter is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// A number that may move: it steers the verb while it holds.
    Number { least: f64, most: f64 },
    /// A whole number that may move.
    Whole { least: f64, most: f64 },
    /// Numbers over time that the verb looks at itself.
    Numbers,
    /// Such numbers, played at the ends of this range where they leave it.
    Bounded { least: f64, most: f64 },
    /// Music.
    Music,
    /// One or more pieces of music; the rest of the arguments.
    Musics,
    /// A function that changes music, or verbs without theirs: it is called once, with this music.
    Change,
    /// One or more such functions; the rest of the arguments.
    Changes,
    /// A text that the verb reads itself.
    Text,
    /// Names of what sounds: an instrument, or a text of names in mini-notation.
    Sounds,
    /// Mini-notation whose words the verb reads itself.
    Words,
    /// Truths over time: a text of x and ~, of 1 and 0, or numbers.
    Truths,
    /// A scale, or mini-notation of scales; the script's key when left out.
    Scale,
    /// Who says when: "left", "right", "both" or "squeeze", in a table of options.
    Structure,
    /// A function of the script that takes a note and gives one, several or none.
    Note,
    /// A pitch, or a text of pitches, that may be left out.
    Pitches,
    /// A number that tells one throw of chance from another; the script's seed when left out.
    Seed,
}

impl Param {
    /// A number that may move.
    pub const fn number(name: &'static str, least: f64, most: f64, meaning: &'static str) -> Param {
        Param { name, kind: Kind::Number { least, most }, meaning, default: None }
    }

    /// A whole number that may move.
    pub const fn whole(name: &'static str, least: f64, most: f64, meaning: &'static str) -> Param {
        Param { name, kind: Kind::Whole { least, most }, meaning, default: None }
    }

    /// A parameter of another kind.
    pub const fn of(name: &'static str, kind: Kind, meaning: &'static str) -> Param {
        Param { name, kind, meaning, default: None }
    }

    /// Whether it must be given.
    pub fn is_needed(&self) -> bool {
        let optional = matches!(self.kind, Kind::Scale | Kind::Structure | Kind::Seed | Kind::Pitches);
        self.default.is_none() && !optional
    }

    /// With what it is when it is left out.
    pub const fn or(self, default: f64) -> Param {
        Param { default: Some(default), ..self }
    }

    /// What it is, its range, and whether it may move.
    pub(super) fn told(&self) -> String {
        let range = match self.kind {
            Kind::Number { least, most } | Kind::Whole { least, most } => {
                format!("; {} to {}, and it may move", shown(least), shown(most))
            }
            Kind::Change | Kind::Changes => {
                "; verbs without their music do too, as in fast(2):rev()".to_owned()
            }
            _ => String::new(),
        };
        let default = match self.default {
            Some(default) => format!("; {} when left out", shown(default)),
            None => String::new(),
        };
        format!("{}{range}{default}", self.meaning)
    }
}
