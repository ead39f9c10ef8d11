//! What a script asks of a model of the family, in the model's numbers.

use lilt_inference::{Conditions, ModelError};
use lilt_score::Meter;

/// What was asked of `model`.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What errors call the model.
    pub model: &'static str,
    /// What was asked.
    pub conditions: &'a Conditions,
}

impl Asked<'_> {
    fn unknown(&self, condition: &'static str, value: impl ToString, known: String) -> ModelError {
        ModelError::condition(self.model, condition, value, known)
    }

    /// Nothing else than 4/4.
    ///
    /// # Errors
    /// When another metre was asked for.
    pub fn common_time(&self) -> Result<(), ModelError> {
        match self.conditions.meter {
            Meter::COMMON => Ok(()),
            other => Err(self.unknown("meter", other, "it plays 4/4".to_owned())),
        }
    }

    /// Which of the `known` words an option is, where it was told.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn word(&self, name: &'static str, known: &[&str]) -> Result<Option<u8>, ModelError> {
        let Some(word) = self.conditions.settings.word(name) else { return Ok(None) };
        match known.iter().position(|&known| known == word) {
            Some(at) => Ok(Some(at as u8)),
            None => Err(self.unknown(name, word, format!("it knows {}", known.join(", ")))),
        }
    }

    /// The number of an option, where it was told; `of` says what it counts.
    ///
    /// # Errors
    /// When it lies outside.
    pub fn number(
        &self,
        name: &'static str,
        [least, most]: [f64; 2],
        of: &str,
    ) -> Result<Option<f64>, ModelError> {
        let number = self.conditions.settings.number(name);
        match number.filter(|number| !(least..=most).contains(number)) {
            None => Ok(number),
            Some(number) => {
                let known = format!("it plays from {least} to {most} {of}");
                Err(self.unknown(name, number, known))
            }
        }
    }
}
