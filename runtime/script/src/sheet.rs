//! What a tune or a song says beside its notes: title, key, metre, tempo, chords, and what else it can be asked for.

use std::collections::HashMap;

use lilt_score::{Clip, ClipError, Key, Meter, Note, Pitch, Span, Tone, Velocity, abc, chord, smf};

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
}

/// What music is divided into.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Parts {
    /// The tracks of a MIDI file.
    Tracks(Vec<String>),
    /// The voices of ABC.
    Voices(Vec<String>),
}

/// MIDI number of the octave in which the roots of chords lie: octave 3, as `chord` has it.
const ROOTS: u8 = 48;

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
        }
    }

    /// Its chords as they sound, their roots in octave 3; symbols that name no chord are silent. None where it has
    /// no symbols.
    ///
    /// # Errors
    /// When there are more notes than a clip may have.
    pub fn chords(&self, clip: &Clip) -> Option<Result<Clip, ClipError>> {
        if self.symbols.is_empty() {
            return None;
        }
        let notes = self.symbols.iter().flat_map(|(span, symbol)| {
            let (root, steps) = chord::named(symbol).unwrap_or((0, &[]));
            steps.iter().map(move |step| Note {
                start: span.start,
                duration: span.length(),
                tone: Tone::Pitch(Pitch::from_key(ROOTS + root + step)),
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
