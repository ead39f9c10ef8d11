//! POP909: read, brought onto the bars' grid, cut into passages and split by song.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use lilt_models::melody::chords::{Chord, Quality};
use lilt_models::melody::passage::{Happening, Passage, Song, passages};
use lilt_models::melody::vocabulary::Home;
use lilt_score::smf;
use sha2::{Digest, Sha256};

use crate::pop909::{self, Beats, Tempos, keys, number, place, table};

/// Largest share of notes that share a 16th with another, or lie far from every 16th, in a song that
/// is read.
const OFF_GRID: f64 = 0.12;
/// Farthest a note may lie from its 16th, in 16ths.
const FAR: f64 = 0.36;

/// The songs, split.
#[derive(Debug, Default)]
pub struct Corpus {
    pub train: Vec<Song>,
    pub valid: Vec<Song>,
    pub test: Vec<Song>,
    /// Songs read.
    pub read: usize,
    /// Songs left out, by reason.
    pub left_out: BTreeMap<String, usize>,
}

impl Corpus {
    /// Reads a folder `POP909` of numbered songs; a song's other versions are passed over.
    pub fn read(folder: &Path) -> Result<Corpus> {
        let list = std::fs::read_dir(folder).with_context(|| format!("{}: no folder", folder.display()))?;
        let mut songs: Vec<PathBuf> = list.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        songs.retain(|path| path.is_dir());
        songs.sort();
        let mut corpus = Corpus::default();
        for path in songs {
            let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
                continue;
            };
            match song(&path, &name) {
                Ok(Ok(passages)) => {
                    corpus.read += 1;
                    let song = Song { passages };
                    corpus.split(&song).push(song);
                }
                Ok(Err(reason)) => *corpus.left_out.entry(reason.to_owned()).or_default() += 1,
                Err(error) => {
                    eprintln!("{}: left out: {error:#}", path.display());
                    *corpus.left_out.entry("not readable".to_owned()).or_default() += 1;
                }
            }
        }
        ensure!(
            !corpus.train.is_empty() && !corpus.valid.is_empty() && !corpus.test.is_empty(),
            "{}: {} songs were read, too few to split; name the folder POP909 with its 909 numbered folders",
            folder.display(),
            corpus.read
        );
        Ok(corpus)
    }

    /// By the SHA-256 of its melody, a song goes to one split whatever else is in the folder.
    fn split(&mut self, song: &Song) -> &mut Vec<Song> {
        let mut hash = Sha256::new();
        for step in song.passages.iter().flat_map(|passage| &passage.steps) {
            hash.update(match *step {
                Happening::Hold => [128],
                Happening::Rest => [129],
                Happening::Note(pitch) => [pitch],
            });
        }
        match u32::from(hash.finalize()[0]) * 100 / 256 {
            0..90 => &mut self.train,
            90..95 => &mut self.valid,
            _ => &mut self.test,
        }
    }
}

/// A note in 16ths from the first beat of the file.
#[derive(Debug, Clone, Copy)]
struct Placed {
    start: f64,
    end: f64,
    pitch: u8,
}

/// Reads a song, or says why it is left out.
fn song(path: &Path, name: &str) -> Result<Result<Vec<Passage>, &'static str>> {
    let bytes = std::fs::read(path.join(format!("{name}.mid")))?;
    let file = smf::read(&bytes)?;
    let Some(track) = file.tracks.iter().find(|track| track.name.trim() == "MELODY") else {
        return Ok(Err("no melody track"));
    };
    let Beats { times, stretches } = match Beats::read(path)? {
        Ok(beats) => beats,
        Err(reason) => return Ok(Err(reason)),
    };
    let seconds = Tempos::new(&file.tempos);
    let sixteenth = |beat: f64| 4.0 * place(&times, seconds.at(beat));
    let notes: Vec<Placed> = track
        .notes
        .iter()
        .map(|note| Placed {
            start: sixteenth(note.start.to_f64()),
            end: sixteenth(note.end().to_f64()),
            pitch: note.tone.key(),
        })
        .collect();
    let chords = table(&path.join("chord_midi.txt"))?;
    let chords = chords
        .iter()
        .map(|row| {
            let name = row.get(2).context("a chord is missing")?;
            Ok((place(&times, number(row, 0)?).round() as i64, chord(name)))
        })
        .collect::<Result<Vec<_>>>()?;
    let line = match grid(&notes, 4 * times.len()) {
        Some(line) => line,
        None => return Ok(Err("the notes do not lie on 16ths")),
    };
    let said = keys(path)?;
    let mut found = Vec::new();
    for stretch in stretches {
        let steps = &line[4 * stretch.start..4 * stretch.end];
        let chords = chords_of(&chords, stretch.clone());
        found.extend(passages(steps, &chords, |steps, bars| {
            let middle = times[(stretch.start + 2 * (bars.start + bars.end)).min(times.len() - 1)];
            let said = said.iter().rev().find(|(start, _)| *start <= middle).or(said.first());
            home(steps, said.map(|(_, home)| *home))
        }));
    }
    Ok(if found.is_empty() { Err("no passage of four bars") } else { Ok(found) })
}

/// Reads a chord as POP909 writes it, `Bb:min7/5`.
fn chord(text: &str) -> Chord {
    let named = || {
        let (root, rest) = text.split_once(':')?;
        let Chord::Named { root, .. } = Chord::named(root)? else { return None };
        let shape = rest.split('/').next().unwrap_or(rest);
        let quality = match shape.split('(').next().unwrap_or(shape) {
            "maj" if shape.contains("(7") => Quality::MajorSeventh,
            "maj" | "maj6" | "maj9" | "" | "1" | "5" => Quality::Major,
            "min" | "min6" => Quality::Minor,
            "maj7" => Quality::MajorSeventh,
            "7" | "9" | "11" | "13" => Quality::Seventh,
            "min7" | "min9" | "min11" | "minmaj7" => Quality::MinorSeventh,
            "dim" | "dim7" | "hdim7" => Quality::Diminished,
            "aug" => Quality::Augmented,
            "sus2" => Quality::Second,
            "sus4" => Quality::Fourth,
            _ => return None,
        };
        Some(Chord::Named { root, quality })
    };
    if text == "N" { Chord::None } else { named().unwrap_or(Chord::Unknown) }
}

/// The melody on the grid: of two notes on one 16th the longer; none when too many lie elsewhere.
fn grid(notes: &[Placed], steps: usize) -> Option<Vec<Happening>> {
    let mut kept: Vec<(usize, Placed)> = Vec::new();
    let mut off = 0;
    for &note in notes {
        let nearest = note.start.round();
        if (note.start - nearest).abs() > FAR {
            off += 1;
        }
        let Some(step) = (nearest >= 0.0 && (nearest as usize) < steps).then_some(nearest as usize) else {
            continue;
        };
        match kept.last_mut() {
            Some((last, other)) if *last >= step => {
                off += 1;
                if note.end - note.start > other.end - other.start {
                    *other = note;
                }
            }
            _ => kept.push((step, note)),
        }
    }
    if notes.is_empty() || off as f64 > OFF_GRID * notes.len() as f64 {
        return None;
    }
    let mut line = vec![Happening::Hold; steps];
    for (at, &(step, note)) in kept.iter().enumerate() {
        line[step] = Happening::Note(note.pitch);
        let end = (note.end.round() as usize).max(step + 1);
        if end < kept.get(at + 1).map_or(steps, |next| next.0) {
            line[end] = Happening::Rest;
        }
    }
    Some(line)
}

/// The chord of each 16th of a stretch of beats.
fn chords_of(chords: &[(i64, Chord)], stretch: std::ops::Range<usize>) -> Vec<Chord> {
    let at = |beat: usize| {
        let index = chords.partition_point(|&(start, _)| start <= beat as i64);
        index.checked_sub(1).map_or(Chord::None, |index| chords[index].1)
    };
    stretch.flat_map(|beat| std::iter::repeat_n(at(beat), 4)).collect()
}

/// The home of some bars.
fn home(steps: &[Happening], said: Option<Home>) -> Home {
    let mut time = [0.0; 12];
    let mut sounding = None;
    for step in steps {
        match *step {
            Happening::Note(pitch) => sounding = Some(pitch),
            Happening::Rest => sounding = None,
            Happening::Hold => {}
        }
        if let Some(pitch) = sounding {
            time[usize::from(pitch % 12)] += 1.0;
        }
    }
    pop909::home(&time, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(root: u8, quality: Quality) -> Chord {
        Chord::Named { root, quality }
    }

    #[test]
    fn chords_of_the_data_set() {
        for (text, expected) in [
            ("B:maj7", named(11, Quality::MajorSeventh)),
            ("Bb:min7/5", named(10, Quality::MinorSeventh)),
            ("C:maj(9)", named(0, Quality::Major)),
            ("Gb:sus4(b7)", named(6, Quality::Fourth)),
            ("A:hdim7", named(9, Quality::Diminished)),
            ("N", Chord::None),
            ("what", Chord::Unknown),
        ] {
            assert_eq!(chord(text), expected, "{text}");
        }
    }

    #[test]
    fn the_melody_lies_on_the_grid() {
        let note = |start, end, pitch| Placed { start, end, pitch };
        let (hold, rest, begins) = (Happening::Hold, Happening::Rest, Happening::Note);
        let line = grid(&[note(0.1, 1.9, 60), note(3.9, 6.0, 62)], 6);
        assert_eq!(line.unwrap(), [begins(60), hold, rest, hold, begins(62), hold]);
        // Notes that share a 16th, or lie between two.
        assert_eq!(grid(&[note(0.0, 1.0, 60), note(0.2, 1.0, 62)], 6), None);
        assert_eq!(grid(&[note(0.5, 1.0, 60)], 6), None);
    }
}
