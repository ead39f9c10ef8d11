//! What a model says about itself.

use crate::error::nearest;
use crate::{Medium, ModelError, Sampling};

/// What a model is: for `lilt models`, for completion, and for the message about an unknown option.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Description {
    /// The name in a script, `folk`.
    pub name: String,
    /// What makes its answers: the sha256 of its weights, in hex. Two models with the same identity
    /// give the same answer to the same call.
    pub identity: String,
    /// What it makes.
    pub medium: Medium,
    /// One sentence for a musician.
    pub about: String,
    /// The options of `model("name", { … })`: what it can be conditioned on.
    pub options: Vec<OptionDescription>,
    /// Options of `sample` and `continue` beside `bars` (or `points`), `temperature` and `seed`.
    pub call_options: Vec<OptionDescription>,
    /// What else it does with a piece.
    pub transforms: Vec<TransformDescription>,
}

/// A verb of one model's own that makes a piece out of a piece, as `groove` of the drummer.
#[derive(Debug, Clone, PartialEq)]
pub struct TransformDescription {
    /// The verb in a script.
    pub name: &'static str,
    /// One sentence for a musician.
    pub about: String,
    /// What holds where the script says nothing else.
    pub defaults: Defaults,
    /// Its options beside `bars`, `temperature` and `seed`.
    pub options: Vec<OptionDescription>,
}

/// What a verb is asked for where the script says nothing else.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Defaults {
    /// Length of the answer in bars; `None` where the answer is as long as the clip, and for a drawing, which has
    /// none.
    pub bars: Option<u32>,
    /// Temperature; `None` where chance has no part in the answer.
    pub temperature: Option<f64>,
}

impl Defaults {
    /// An answer as long as the clip, from the model as it was trained.
    pub const LIKE_THE_CLIP: Defaults =
        Defaults { bars: None, temperature: Some(Sampling::DEFAULT_TEMPERATURE) };
}

/// One option of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionDescription {
    /// The name in a script, `key`.
    pub name: String,
    /// What it does, and what may be written.
    pub about: String,
    /// What holds when it is left out, in words or as it would be written.
    pub default: String,
    /// What may be written.
    pub kind: OptionKind,
}

/// What may be written for an option.
#[derive(Debug, Clone, PartialEq)]
pub enum OptionKind {
    /// A tonic and a mode.
    Key,
    /// A metre.
    Meter,
    /// A number, both ends of the range included.
    Number {
        /// The smallest.
        least: f64,
        /// The largest.
        most: f64,
    },
    /// One of these words.
    Word(Vec<String>),
    /// A text that the model reads itself.
    Text,
}

impl Description {
    /// The option called `name`.
    ///
    /// # Errors
    /// [`ModelError::UnknownOption`], naming the nearest one, when there is none.
    pub fn option(&self, name: &str) -> Result<&OptionDescription, ModelError> {
        self.options.iter().find(|option| option.name == name).ok_or_else(|| {
            let known: Vec<String> = self.options.iter().map(|option| option.name.clone()).collect();
            ModelError::UnknownOption {
                model: self.name.clone(),
                option: name.to_owned(),
                nearest: nearest(name, &known),
                known,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_option_names_the_nearest() {
        let option = |name: &str| OptionDescription {
            name: name.to_owned(),
            about: String::new(),
            default: String::new(),
            kind: OptionKind::Text,
        };
        let folk = Description {
            name: "folk".to_owned(),
            options: vec![option("key"), option("meter")],
            ..Description::default()
        };
        assert_eq!(folk.option("meter"), Ok(&option("meter")));
        assert_eq!(
            folk.option("metre").unwrap_err().to_string(),
            "`folk` has no option `metre`, did you mean `meter`?; its options are: key, meter"
        );
    }
}
