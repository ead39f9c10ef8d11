//! Values of the options that only some models have: `style`, `bpm`, `chords`.

use std::collections::BTreeMap;
use std::sync::Arc;

/// What an option was set to; its kind is the one that the model declares.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// A number within the declared range.
    Number(f64),
    /// One of the declared words.
    Word(String),
    /// A text that the model reads itself, such as the names of chords.
    Text(String),
}

/// Settings by the name of their option. What is not there was left to the model. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    values: Arc<BTreeMap<String, Setting>>,
}

impl Settings {
    /// These settings and `value` for the option `name`, in place of what it had.
    pub fn with(mut self, name: impl Into<String>, value: Setting) -> Settings {
        Arc::make_mut(&mut self.values).insert(name.into(), value);
        self
    }

    /// The number that `name` was set to.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.values.get(name) {
            Some(Setting::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// The word or text that `name` was set to.
    pub fn word(&self, name: &str) -> Option<&str> {
        match self.values.get(name) {
            Some(Setting::Word(text) | Setting::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Setting)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_as_what_it_is() {
        let settings = Settings::default()
            .with("bpm", Setting::Number(90.0))
            .with("style", Setting::Word("funk".to_owned()))
            .with("bpm", Setting::Number(120.0));
        assert_eq!((settings.number("bpm"), settings.word("style")), (Some(120.0), Some("funk")));
        assert_eq!(
            (settings.word("bpm"), settings.number("style"), settings.number("key")),
            (None, None, None)
        );
        assert_eq!(settings.iter().count(), 2);
    }
}
