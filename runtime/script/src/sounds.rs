//! The names of what sounds: the recorded sounds that a script may name, and how it writes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use lilt_score::mini::{MiniError, Word};
use lilt_score::{Control, Controls, Sound};
use lilt_sequencer::Instrument;

use crate::fault::listed;

/// The names of the recorded sounds that there are, and of which of them the performer has files: those go before
/// instruments of the same name. Plain data, since a script touches no file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SoundNames {
    /// True where the performer has files.
    names: BTreeMap<Arc<str>, bool>,
}

impl FromIterator<(String, bool)> for SoundNames {
    fn from_iter<I: IntoIterator<Item = (String, bool)>>(names: I) -> SoundNames {
        SoundNames { names: names.into_iter().map(|(name, own)| (name.into(), own)).collect() }
    }
}

impl SoundNames {
    /// Whether there is a sound of this name.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// What to write in place of a name that nothing has: the nearest, or some that there are.
    pub(crate) fn help(&self, name: &str) -> String {
        let instruments = Instrument::ALL.map(Instrument::name);
        let names = self.names.keys().map(|name| &**name);
        if let Some(ours) = crate::foreign::instrument(name) {
            return format!("write \"{ours}\"");
        }
        if let Some(drum) = crate::foreign::drum(name).filter(|drum| self.has(drum)) {
            return format!("write \"{drum}\"");
        }
        match lilt_score::nearest(name, names.clone().chain(instruments)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.names.is_empty() => format!("there is {}", listed(&instruments)),
            None => {
                let some: Vec<&str> = names.take(8).collect();
                format!("there is {} and more: see lilt doc sounds", some.join(", "))
            }
        }
    }
}

/// A sound as a script writes it: `pluck`, `bd`, `breaks:2`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NamedSound {
    pub sound: Sound,
    /// Which of the sounds of its name, where that is said.
    pub number: Option<f64>,
}

impl NamedSound {
    /// An instrument.
    pub fn instrument(instrument: Instrument) -> NamedSound {
        NamedSound { sound: instrument.name().into(), number: None }
    }

    /// What a word means. Where an instrument and recorded sounds have one name, the name alone is the
    /// instrument, unless the sounds are the performer's own; one with a number, such as `pad:0`, is a recorded
    /// sound. `known` is none while the folders
    /// of sounds are still being read: then any name may be there.
    ///
    /// # Errors
    /// When there is no such sound, with the nearest.
    pub fn read(word: &Word, known: Option<&SoundNames>) -> Result<NamedSound, MiniError> {
        let text = &*word.text;
        let own = known.is_some_and(|known| known.names.get(text) == Some(&true));
        let instrument = Instrument::ALL.into_iter().find(|instrument| instrument.name() == text);
        if let Some(instrument) = instrument.filter(|_| !own) {
            return Ok(NamedSound::instrument(instrument));
        }
        let wrong =
            |message: String, help: String| MiniError { at: word.at.clone(), message, help: Some(help) };
        let (name, number) = match text.split_once(':') {
            None => (text, None),
            Some((name, number)) => match number.parse::<i64>() {
                Ok(number) => (name, Some(number as f64)),
                Err(_) => {
                    let message = format!("`{text}`: after the colon stands a whole number");
                    return Err(wrong(message, format!("write one, as in {name}:2")));
                }
            },
        };
        match known.filter(|known| !known.has(name)) {
            None => Ok(NamedSound { sound: Sound::Sample(name.into()), number }),
            Some(known) => Err(wrong(format!("there is no sound `{name}`"), known.help(name))),
        }
    }

    /// Has an event sound so.
    pub fn set(&self, controls: &mut Controls) {
        controls.sound = Some(self.sound.clone());
        if let Some(number) = self.number {
            controls.set(Control::N, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_word_means() {
        let known = [("bd", false), ("breaks", false), ("pad", false), ("kit", true)];
        let known: SoundNames = known.map(|(name, own)| (name.to_owned(), own)).into_iter().collect();
        let read = |text: &str, known: Option<&SoundNames>| {
            NamedSound::read(&Word { text: text.into(), at: 0..text.len() }, known)
        };
        let sample = |name: &str, number| NamedSound { sound: Sound::Sample(name.into()), number };
        assert_eq!(read("bd", Some(&known)), Ok(sample("bd", None)));
        assert_eq!(read("breaks:-2", Some(&known)), Ok(sample("breaks", Some(-2.0))));
        assert_eq!(read("pad", Some(&known)), Ok(NamedSound::instrument(Instrument::Pad)));
        assert_eq!(read("kit", Some(&known)), Ok(sample("kit", None)));
        assert_eq!(read("pad:1", Some(&known)), Ok(sample("pad", Some(1.0))));
        assert_eq!(read("anything", None), Ok(sample("anything", None)));
        for (text, message, help) in [
            ("brakes:1", "there is no sound `brakes`", "did you mean `breaks`?"),
            ("pluk", "there is no sound `pluk`", "did you mean `pluck`?"),
            (
                "xyzzy",
                "there is no sound `xyzzy`",
                "there is bd, breaks, kit, pad and more: see lilt doc sounds",
            ),
            ("bd:x", "`bd:x`: after the colon stands a whole number", "write one, as in bd:2"),
        ] {
            let error = read(text, Some(&known)).expect_err("none");
            assert_eq!((error.message.as_str(), error.help.as_deref()), (message, Some(help)));
        }
    }
}
