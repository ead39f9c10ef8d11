//! The names of what sounds: the recorded sounds that a script may name, and how it writes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use lilt_score::mini::{MiniError, Word};
use lilt_score::{Control, Controls, Sound};
use lilt_sequencer::Instrument;
use mlua::{Lua, Value};

use crate::bind::{InstrumentValue, PresetValue, value_of};
use crate::context::{Context, context};
use crate::fault::{Fault, listed};
use crate::options::expected;

/// The names of the recorded sounds that there are, and of which of them the performer has files: those go before
/// instruments of the same name. Plain data, since a script touches no file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SoundNames {
    /// True where the performer has files.
    names: BTreeMap<Arc<str>, bool>,
}

/// Most names that are listed which begin with what was written.
const MOST_LONGER: usize = 6;

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

    /// Whether the performer has files of this name.
    pub(crate) fn is_own(&self, name: &str) -> bool {
        self.names.get(name) == Some(&true)
    }

    /// What to write in place of a name that nothing has: the nearest, or some that there are.
    pub(crate) fn help(&self, name: &str) -> String {
        let instruments = Instrument::ALL.map(Instrument::name);
        let names = self.names.keys().map(|name| &**name);
        // `808` of `808bd`, `808sd` and so on.
        let longer =
            names.clone().filter(|known| known.strip_prefix(name).is_some_and(|rest| !rest.starts_with('_')));
        let longer: Vec<&str> = longer.take(MOST_LONGER).collect();
        if name.len() > 2 && !longer.is_empty() {
            return format!("there is {}", listed(&longer));
        }
        if let Some(ours) = crate::foreign::instrument(name) {
            return format!("write \"{ours}\"");
        }
        if let Some(drum) = crate::foreign::drum(name).filter(|drum| self.has(drum)) {
            return format!("write \"{drum}\"");
        }
        // The file's name has a space, and the notation takes what stands before it.
        if let Some(whole) =
            names.clone().find(|known| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('_')))
        {
            return format!("write `{whole}`: a space in the name of a file is an underscore");
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
        let own = known.is_some_and(|known| known.is_own(text));
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

    /// What one name means that a function wrote while the music is made. Where the folders are still being read
    /// any name may be there; the text is then evaluated again once they have been.
    ///
    /// # Errors
    /// When there is no such sound, with the nearest.
    pub fn named(context: &Context, name: &str) -> Result<NamedSound, Fault> {
        if let Some(fault) = of_file(name) {
            return Err(fault);
        }
        let known = context.sounds.borrow().clone();
        if known.is_none() {
            context.trusted_sounds.set(true);
        }
        let word = Word { text: name.into(), at: 0..name.len() };
        NamedSound::read(&word, known.as_deref()).map_err(|error| {
            let fault = Fault::new(error.message).within(name, error.at);
            match error.help {
                Some(help) => fault.help(help),
                None => fault,
            }
        })
    }

    /// One sound as a script gives it to `what`: an instrument, one of a SoundFont, or a name.
    ///
    /// # Errors
    /// When it is none of these, or there is no such sound.
    pub fn given(lua: &Lua, what: &str, value: &Value) -> Result<NamedSound, Fault> {
        if let Some(PresetValue(preset)) = value_of::<PresetValue>(value) {
            return Ok(NamedSound { sound: Sound::Preset(preset), number: None });
        }
        match value_of::<InstrumentValue>(value) {
            Some(instrument) if instrument.is_told() => {
                let fault = Fault::new("an instrument with options is a slot's").name("synth");
                Err(fault
                    .help("write its options beside the sound, as in { sound = \"acid\", cutoff = 800 }"))
            }
            Some(instrument) => Ok(NamedSound::instrument(instrument.instrument)),
            None => {
                let name = name(what, value)?;
                NamedSound::named(&*context(lua)?, &name).map_err(|fault| fault.of(what))
            }
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

/// The name of what something sounds on, or several in notation.
///
/// # Errors
/// When it is no text: most often a name without quotes.
pub(crate) fn name(what: &str, value: &Value) -> Result<String, Fault> {
    if let Value::String(name) = value {
        return Ok(name.to_string_lossy());
    }
    let fault = expected(what, "the name of a sound in quotes", value);
    let written = if what == "on" { ":on" } else { what };
    Err(match value {
        Value::Nil => fault.help(format!("write one, as in {written} \"saw\"")),
        _ => fault.help(format!("write quotes around the name, as in {written} \"saw\"")),
    })
}

/// Kinds of files that people name in place of a sound.
const KINDS: [&str; 7] = ["wav", "wave", "aif", "aiff", "flac", "ogg", "mp3"];

/// What is told of a name that is that of a file: a sound goes by the name of its folder, or else by the file's
/// without its kind.
pub(crate) fn of_file(text: &str) -> Option<Fault> {
    let of_notation = |c: char| c.is_whitespace() || "[]<>{}(),*!@?".contains(c);
    let path = text.split(of_notation).find(|word| {
        let kind = word.rsplit_once('.').map(|(_, kind)| kind.to_ascii_lowercase());
        kind.is_some_and(|kind| KINDS.contains(&kind.split(':').next().unwrap_or("")))
    })?;
    let from = path.as_ptr() as usize - text.as_ptr() as usize;
    let mut parts = path.rsplit(['/', '\\']);
    let file = parts.next().unwrap_or(path);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let folder = parts.next().filter(|folder| !matches!(*folder, "" | "." | ".." | "samples" | "~"));
    let help = match folder {
        Some(folder) => format!(
            "put the folder `{folder}` into `samples` beside the script, and write \"{folder}\", or \"{folder}:1\" for its second file"
        ),
        None => format!("put it into a folder `samples` beside the script, and write \"{stem}\""),
    };
    let fault = Fault::new(format!("`{path}` is a file, and a sound goes by its name"));
    Some(fault.within(text, from..from + path.len()).help(help))
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
