//! POP909: its piano arrangements with all three of their tracks, brought onto the beat, cut into
//! passages of one key and split by song.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use lilt_models::melody::vocabulary::Home;
use lilt_models::performance::codec::encode;
use lilt_models::performance::passage::{Passage, beside_grid, share_in_scale, timing};
use lilt_models::performance::vocabulary::{PLACE_TICKS, PLACES, TICKS_PER_BEAT, place as place_of};
use lilt_models::performance::walk::{Conditioning, tempo_class};
use lilt_score::{Beat, Clip, Note, smf};
use sha2::{Digest, Sha256};

use crate::pop909::{Beats, Tempos, home, keys, place};

/// The tracks that make the arrangement: what is sung, what answers it, and what accompanies both.
const TRACKS: [&str; 3] = ["MELODY", "BRIDGE", "PIANO"];
/// Fewest bars and notes of a passage.
const SHORTEST: (i64, usize) = (4, 32);
/// Ticks of a bar.
const BAR_TICKS: i64 = PLACES as i64 * PLACE_TICKS;
/// Least share of notes within 1/24 beat of a sixteenth or a triplet, in a song that is read; were they
/// anywhere, more than half of them would be.
const ON_GRID: f64 = 0.8;
/// Least share of the notes that lie within the scale of a passage.
const IN_SCALE: f64 = 0.85;

/// The passages, split by song.
#[derive(Debug, Default)]
pub struct Corpus {
    /// To learn from.
    pub train: Vec<Passage>,
    /// To choose the checkpoint.
    pub valid: Vec<Passage>,
    /// For the figures on the card.
    pub test: Vec<Passage>,
    /// Songs read.
    pub songs: usize,
    /// Songs and passages left out, by reason.
    pub left_out: BTreeMap<String, usize>,
}

impl Corpus {
    /// Reads a folder `POP909` of numbered songs; a song's other versions are passed over.
    ///
    /// # Errors
    /// When there is no such folder, or too few songs in it.
    pub fn read(folder: &Path) -> Result<Corpus> {
        let list = std::fs::read_dir(folder).with_context(|| format!("{}: no folder", folder.display()))?;
        let mut songs: Vec<PathBuf> = list.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        songs.retain(|path| path.is_dir());
        songs.sort();
        let mut corpus = Corpus::default();
        for path in songs {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            match song(&path, name, &mut corpus.left_out) {
                Ok(Ok(passages)) => {
                    corpus.songs += 1;
                    match Sha256::digest(name.as_bytes())[0] % 20 {
                        0 => &mut corpus.test,
                        1 => &mut corpus.valid,
                        _ => &mut corpus.train,
                    }
                    .extend(passages);
                }
                Ok(Err(reason)) => *corpus.left_out.entry(format!("songs: {reason}")).or_default() += 1,
                Err(error) => {
                    eprintln!("{}: left out: {error:#}", path.display());
                    *corpus.left_out.entry("songs: not readable".to_owned()).or_default() += 1;
                }
            }
        }
        ensure!(
            !corpus.train.is_empty() && !corpus.valid.is_empty() && !corpus.test.is_empty(),
            "{}: {} songs were read, too few to split; name the folder POP909 with its 909 numbered folders",
            folder.display(),
            corpus.songs
        );
        Ok(corpus)
    }
}

/// A note in ticks from the first beat of the file.
#[derive(Debug, Clone, Copy)]
struct Placed {
    start: i64,
    duration: i64,
    note: Note,
}

/// Reads a song, or says why it is left out; passages that are left out are counted.
fn song(
    path: &Path,
    name: &str,
    left_out: &mut BTreeMap<String, usize>,
) -> Result<Result<Vec<Passage>, &'static str>> {
    let file = smf::read(&std::fs::read(path.join(format!("{name}.mid")))?)?;
    let Beats { times, stretches } = match Beats::read(path)? {
        Ok(beats) => beats,
        Err(reason) => return Ok(Err(reason)),
    };
    let seconds = Tempos::new(&file.tempos);
    let ticks =
        |beat: Beat| (TICKS_PER_BEAT as f64 * place(&times, seconds.at(beat.to_f64()))).round() as i64;
    let tracks = file.tracks.iter().filter(|track| TRACKS.contains(&track.name.trim()));
    let notes: Vec<Placed> = tracks
        .flat_map(|track| &track.notes)
        .map(|&note| {
            let start = ticks(note.start);
            Placed { start, duration: (ticks(note.end()) - start).max(1), note }
        })
        .collect();
    let near = notes.iter().filter(|note| beside_grid(note.start) <= 5).count();
    if (near as f64) < ON_GRID * notes.len() as f64 {
        return Ok(Err("the notes do not lie on the beats"));
    }
    let said = keys(path)?;
    let changes: Vec<usize> =
        said.iter().map(|&(second, _)| place(&times, second).round().max(0.0) as usize).collect();
    let mut passages = Vec::new();
    for beats in one_key(&stretches, &changes) {
        let middle = times[(beats.start + beats.end) / 2];
        let said = said.iter().rev().find(|(start, _)| *start <= middle).or(said.first());
        match passage(&notes, &times, beats, said.map(|&(_, home)| home)) {
            Ok(passage) => passages.push(passage),
            Err(reason) => *left_out.entry(format!("passages: {reason}")).or_default() += 1,
        }
    }
    Ok(if passages.is_empty() { Err("no passage of four bars") } else { Ok(passages) })
}

/// Stretches of bars cut at the bar line nearest to each change of key.
fn one_key(stretches: &[Range<usize>], changes: &[usize]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    for stretch in stretches {
        let mut start = stretch.start;
        for change in changes.iter().filter(|&&change| change > stretch.start && change < stretch.end) {
            let line = stretch.start + (change - stretch.start + 2) / 4 * 4;
            if line > start {
                parts.push(start..line);
                start = line;
            }
        }
        parts.push(start..stretch.end);
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The bars of some beats, from the first that has a note to the last, or why they are left out.
fn passage(
    notes: &[Placed],
    times: &[f64],
    beats: Range<usize>,
    said: Option<Home>,
) -> Result<Passage, &'static str> {
    let (from, to) = (beats.start as i64 * TICKS_PER_BEAT, beats.end as i64 * TICKS_PER_BEAT);
    // An early note belongs to the bar after it.
    let bar = |note: &Placed| (place_of(note.start - from).0).div_euclid(PLACES as i64);
    let bars = (to - from) / BAR_TICKS;
    let within: Vec<&Placed> = notes.iter().filter(|note| (0..bars).contains(&bar(note))).collect();
    let first = within.iter().map(|note| bar(note)).min().unwrap_or(0);
    let last = within.iter().map(|note| bar(note)).max().unwrap_or(0);
    if last + 1 - first < SHORTEST.0 || within.len() < SHORTEST.1 {
        return Err("short");
    }
    let mut time = [0.0; 12];
    for note in &within {
        time[usize::from(note.note.tone.key() % 12)] += note.duration as f64;
    }
    let home = home(&time, said);
    let begin = from + first * BAR_TICKS;
    let moved = |note: &&Placed| Note {
        start: Beat::new((note.start - begin).max(0), TICKS_PER_BEAT),
        duration: Beat::new(note.duration, TICKS_PER_BEAT),
        ..note.note
    };
    let length = Beat::whole(4 * (last + 1 - first));
    let clip = Clip::new(within.iter().map(moved).collect(), length).map_err(|_| "no clip")?;
    let events = encode(&clip, home, 0).map_err(|_| "not for two hands on a piano")?.events;
    if share_in_scale(&events) < IN_SCALE {
        return Err("in no one key");
    }
    let mut lengths: Vec<f64> = times[beats].windows(2).map(|pair| pair[1] - pair[0]).collect();
    lengths.sort_by(f64::total_cmp);
    let bpm = 60.0 / lengths[lengths.len() / 2];
    let conditioning =
        Conditioning { home, density: None, tempo: Some(tempo_class(bpm)), timing: Some(timing(&events)) };
    Ok(Passage { conditioning, events })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_are_cut_where_the_key_changes() {
        let stretches = [3..43, 50..90];
        assert_eq!(one_key(&stretches, &[0]), stretches);
        // The bar line nearest to beat 17 is 19, to 20 too.
        let parts = [3..19, 19..43, 50..82, 82..90];
        assert_eq!(one_key(&stretches, &[17, 20, 45, 49, 80]), parts);
    }
}
