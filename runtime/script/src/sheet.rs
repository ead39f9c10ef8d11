//! What a tune or a song says beside its notes: title, key, metre, tempo, chords, and what else it can be asked for.

use std::collections::HashMap;

use lilt_score::{
    Beat, Clip, ClipError, Context as EventContext, Controls, Key, Meter, Note, Pattern, Pitch, Place, Span,
    Tone, Velocity, abc, smf,
};

use crate::harmony;
use crate::lift::written_at;

/// What is known of a clip that was read from ABC or MIDI. Nothing of it is applied unless the script does so.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sheet {
    /// The title; none where it has none.
    pub title: Option<String>,
    /// The key at the start.
    pub key: Option<Key>,
    /// The metre at the start.
    pub meter: Option<Meter>,
    /// Quarter notes a minute at the start.
    pub tempo: Option<f64>,
    /// Chord symbols as they are written, each with the beats of the clip over which it holds.
    pub symbols: Vec<(Span, String)>,
    /// What it is divided into, as `read` takes it.
    pub parts: Parts,
    /// Titles of the tunes of its book, in their order.
    pub tunes: Vec<String>,
    /// Where it was written.
    pub places: Places,
}

/// Where the notes of a clip that was read were written in the script.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Places {
    /// All of them: the word that reads a file.
    pub word: Option<Place>,
    /// Single notes by start and key: the line of the tune.
    pub notes: HashMap<(Beat, u8), Place>,
}

impl Places {
    /// All of it, from the first line to the last.
    pub fn whole(&self) -> Option<Place> {
        let lines = || self.notes.values();
        self.word.or_else(|| {
            let from = lines().map(|line| line.from).min()?;
            Some(Place { text: lines().next()?.text, from, to: lines().map(|line| line.to).max()? })
        })
    }

    /// The pattern of a clip of that length, whose events tell where they were written.
    pub fn told(&self, pattern: Pattern<Controls>, length: Beat) -> Pattern<Controls> {
        if let Some(word) = self.word {
            return written_at(&pattern, word);
        }
        if self.notes.is_empty() || length <= Beat::ZERO {
            return pattern;
        }
        let notes = self.notes.clone();
        Pattern::try_new(move |query| {
            let mut events = pattern.query(query)?;
            for event in &mut events {
                let key = event.value.tone.map(Tone::key);
                let start = event.whole.map(|whole| {
                    let round = whole.start.floor_div(length);
                    whole.start - length * Beat::whole(round)
                });
                if let Some(place) = start.zip(key).and_then(|note| notes.get(&note)) {
                    event.context = std::mem::take(&mut event.context).with(&EventContext::at(*place));
                }
            }
            Ok(events)
        })
    }
}

/// What music is divided into.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Parts {
    /// The tracks of a MIDI file.
    Tracks(Vec<String>),
    /// The voices of ABC.
    Voices(Vec<String>),
}

/// The octave in which the roots of chords lie, as `chord` has it.
const OCTAVE: f64 = 3.0;

impl Sheet {
    /// That of a tune from a book.
    pub fn of_tune(tune: &abc::Tune, book: &abc::Book) -> Sheet {
        let titled = |tune: &Result<abc::Tune, abc::AbcError>| match tune {
            Ok(tune) => tune.title.clone(),
            Err(error) => error.title.clone(),
        };
        let symbols = tune.chord_spans().into_iter().map(|(span, symbol)| (span, symbol.to_owned()));
        Sheet {
            title: some(&tune.title),
            key: Some(tune.key),
            meter: Some(tune.meter),
            tempo: tune.tempo,
            symbols: symbols.collect(),
            parts: Parts::Voices(callable(tune.voices.iter().map(|voice| voice.name.as_str()))),
            tunes: book.tunes.iter().map(titled).collect(),
            places: Places::default(),
        }
    }

    /// That of some tracks of a song, or of all.
    pub fn of_song(song: &smf::Song, tracks: &[&smf::Track]) -> Sheet {
        let title = match tracks {
            [one] if song.tracks.len() > 1 => some(&one.name),
            _ => some(&song.title),
        };
        Sheet {
            title,
            key: song.key,
            meter: song.meter,
            tempo: song.tempos.first().map(|(_, bpm)| (bpm * 1e3).round() / 1e3),
            symbols: Vec::new(),
            parts: Parts::Tracks(callable(song.tracks.iter().map(|track| track.name.as_str()))),
            tunes: Vec::new(),
            places: Places::default(),
        }
    }

    /// Its chords as they sound, their roots in octave 3 and their basses below; symbols that name no chord are silent. None where it has
    /// no symbols.
    ///
    /// # Errors
    /// When there are more notes than a clip may have.
    pub fn chords(&self, clip: &Clip) -> Option<Result<Clip, ClipError>> {
        if self.symbols.is_empty() {
            return None;
        }
        let notes = self.symbols.iter().flat_map(|(span, symbol)| {
            let pitches = harmony::symbol(symbol, OCTAVE).unwrap_or_default();
            pitches.into_iter().filter_map(|pitch| Pitch::new(pitch).ok()).map(move |pitch| Note {
                start: span.start,
                duration: span.length(),
                tone: Tone::Pitch(pitch),
                velocity: Velocity::DEFAULT,
            })
        });
        Some(Clip::new(notes.collect(), clip.length()))
    }
}

fn some(title: &str) -> Option<String> {
    Some(title.trim().to_owned()).filter(|title| !title.is_empty())
}

/// What each part is asked for by: its name where no other has it, or else its place from 1.
fn callable<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let names: Vec<&str> = names.map(str::trim).collect();
    let mut count: HashMap<String, usize> = HashMap::new();
    for name in &names {
        *count.entry(name.to_lowercase()).or_default() += 1;
    }
    let called = |(index, name): (usize, &&str)| {
        let alone = count.get(&name.to_lowercase()) == Some(&1);
        if alone && !name.is_empty() { (*name).to_owned() } else { (index + 1).to_string() }
    };
    names.iter().enumerate().map(called).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_called_by_what_finds_them() {
        let called = |names: &[&str]| callable(names.iter().copied());
        assert_eq!(called(&["Lead", " Bass ", "", "Piano", "piano"]), ["Lead", "Bass", "3", "4", "5"]);
        assert_eq!(called(&[]), [""; 0]);
    }
}
