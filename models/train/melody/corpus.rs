//! POP909: read, brought onto the bars' grid, cut into passages and split by song.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use lilt_models::melody::chords::{Chord, Harmony, Quality};
use lilt_models::melody::vocabulary::{BAR, Color, HOLD, Home, REST, onsets};
use lilt_score::{Mode, smf};
use sha2::{Digest, Sha256};

/// Silent bars from which the music falls into two passages.
const GAP: usize = 2;
/// Fewest bars and notes of a passage.
const SHORTEST: (usize, usize) = (4, 8);
/// Largest share of notes that share a 16th with another, or lie far from every 16th, in a song that
/// is read.
const OFF_GRID: f64 = 0.12;
/// Farthest a note may lie from its 16th, in 16ths.
const FAR: f64 = 0.36;
/// Share of the notes' time that must lie within the scale of the key that a song is said to be in.
const IN_KEY: f64 = 0.85;

/// What happens on a 16th, before a home note is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    Hold,
    Rest,
    /// A note of this MIDI number begins.
    Note(u8),
}

/// Some bars of a song without long silences, from a bar line on.
#[derive(Debug, Clone)]
pub struct Passage {
    pub home: Home,
    /// Whole bars.
    pub steps: Vec<Happening>,
    /// The chord of each step.
    pub chords: Vec<Chord>,
}

impl Passage {
    /// The steps as the network knows them, moved up by `shift` semitones; none when a pitch is out of
    /// range.
    pub fn tokens(&self, home: Home, shift: i32) -> Option<Vec<u8>> {
        let token = |happening: &Happening| match *happening {
            Happening::Hold => Some(HOLD),
            Happening::Rest => Some(REST),
            Happening::Note(pitch) => home.token(i32::from(pitch) + shift),
        };
        self.steps.iter().map(token).collect()
    }

    /// The chords, moved up by `shift` semitones.
    pub fn harmony(&self, shift: i32) -> Harmony {
        let moved = |chord: &Chord| match *chord {
            Chord::Named { root, quality } => {
                Chord::Named { root: (i32::from(root) + shift).rem_euclid(12) as u8, quality }
            }
            other => other,
        };
        Harmony::new(self.chords.iter().map(moved).collect())
    }
}

/// A song's passages.
#[derive(Debug, Clone)]
pub struct Song {
    pub passages: Vec<Passage>,
}

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

/// Lines of numbers and words.
fn table(path: &Path) -> Result<Vec<Vec<String>>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("{}: cannot be read", path.display()))?;
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
    Ok(text.lines().map(words).filter(|words: &Vec<String>| !words.is_empty()).collect())
}

fn number(row: &[String], column: usize) -> Result<f64> {
    row.get(column).context("a column is missing")?.parse().context("this is no number")
}

/// Reads a song, or says why it is left out.
fn song(path: &Path, name: &str) -> Result<Result<Vec<Passage>, &'static str>> {
    let bytes = std::fs::read(path.join(format!("{name}.mid")))?;
    let file = smf::read(&bytes)?;
    let Some(track) = file.tracks.iter().find(|track| track.name.trim() == "MELODY") else {
        return Ok(Err("no melody track"));
    };
    let beats = table(&path.join("beat_midi.txt"))?;
    let times = beats.iter().map(|row| number(row, 0)).collect::<Result<Vec<f64>>>()?;
    if times.len() < 16 || times.windows(2).any(|pair| pair[1] <= pair[0]) {
        return Ok(Err("too few beats"));
    }
    let audio = table(&path.join("beat_audio.txt"))?;
    let counts = audio.iter().map(|row| number(row, 1)).collect::<Result<Vec<f64>>>()?;
    let counted = |beat: f64| counts.iter().filter(|&&count| count == beat).count();
    if 2 * counted(4.0) < counted(1.0) {
        return Ok(Err("the metre is not 4/4"));
    }
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
    // Two witnesses of the bar lines: where chords change, and the analysis of the MIDI file.
    let mut evidence = vec![0.0; times.len()];
    for &(beat, _) in &chords {
        if let Some(evidence) = usize::try_from(beat).ok().and_then(|beat| evidence.get_mut(beat)) {
            *evidence += 1.0;
        }
    }
    for (evidence, row) in evidence.iter_mut().zip(&beats) {
        *evidence += 0.5 * number(row, 2)?;
    }
    let downs = downbeats(&evidence);
    let line = match grid(&notes, 4 * times.len()) {
        Some(line) => line,
        None => return Ok(Err("the notes do not lie on 16ths")),
    };
    let said = table(&path.join("key_audio.txt"))?;
    let said: Vec<(f64, Home)> =
        said.iter().filter_map(|row| Some((row.first()?.parse().ok()?, key(row.get(2)?)?))).collect();
    let mut passages = Vec::new();
    for stretch in stretches(&downs, times.len()) {
        let steps = &line[4 * stretch.start..4 * stretch.end];
        let chords = chords_of(&chords, stretch.clone());
        for bars in sounding_bars(steps) {
            let span = bars.start * BAR..bars.end * BAR;
            let steps = from_silence(&steps[span.clone()]);
            let count = steps.iter().filter(|step| matches!(step, Happening::Note(_))).count();
            if bars.len() < SHORTEST.0 || count < SHORTEST.1 {
                continue;
            }
            let middle = times[(stretch.start + 2 * (bars.start + bars.end)).min(times.len() - 1)];
            let said = said.iter().rev().find(|(start, _)| *start <= middle).or(said.first());
            let home = home(&steps, said.map(|(_, home)| *home));
            let passage = Passage { home, steps, chords: chords[span].to_vec() };
            if passage.tokens(home, 0).is_some() {
                passages.push(passage);
            }
        }
    }
    Ok(if passages.is_empty() { Err("no passage of four bars") } else { Ok(passages) })
}

/// Seconds of a MIDI file's beats.
struct Tempos {
    /// Beat, second, seconds a beat.
    changes: Vec<(f64, f64, f64)>,
}

impl Tempos {
    fn new(tempos: &[(lilt_score::Beat, f64)]) -> Tempos {
        let mut changes = vec![(0.0, 0.0, 0.5)];
        for &(beat, bpm) in tempos {
            let beat = beat.to_f64();
            let second = Tempos { changes: changes.clone() }.at(beat);
            changes.push((beat, second, 60.0 / bpm));
        }
        Tempos { changes }
    }

    fn at(&self, beat: f64) -> f64 {
        let found = self.changes.iter().rev().find(|(start, ..)| *start <= beat);
        let &(start, second, length) = found.unwrap_or(&self.changes[0]);
        second + (beat - start) * length
    }
}

/// The beat, counted from the first of `times`, at a second.
fn place(times: &[f64], second: f64) -> f64 {
    let next = times.partition_point(|&time| time <= second).clamp(1, times.len() - 1);
    let (before, after) = (times[next - 1], times[next]);
    (next - 1) as f64 + (second - before) / (after - before)
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

/// Reads a key as POP909 writes it, `Gb:maj`.
fn key(text: &str) -> Option<Home> {
    let (tonic, mode) = text.split_once(':')?;
    let mode = if mode.starts_with("min") { Mode::Minor } else { Mode::Major };
    let key: lilt_score::Key = tonic.parse().ok()?;
    Some(Home::of(lilt_score::Key::new(key.tonic(), mode)))
}

/// The beats on which bars begin: the path through bars of four beats that the most evidence lies on.
/// A bar of another length costs as much as six changes of chord off the bar line.
fn downbeats(evidence: &[f64]) -> Vec<usize> {
    const IRREGULAR: f64 = 6.0;
    let mut scores = [0.0; 4];
    let mut ways: Vec<[usize; 4]> = Vec::new();
    for &seen in evidence {
        let mut next = [0.0; 4];
        let mut way = [0; 4];
        for place in 0..4 {
            let usual = (place + 3) % 4;
            let gain = |from: usize| scores[from] - if from == usual { 0.0 } else { IRREGULAR };
            let best = (0..4).fold(usual, |best, from| if gain(from) > gain(best) { from } else { best });
            next[place] = gain(best) + if place == 0 { seen } else { 0.0 };
            way[place] = best;
        }
        scores = next;
        ways.push(way);
    }
    let mut place = (0..4).fold(0, |best, at| if scores[at] > scores[best] { at } else { best });
    let mut downs = Vec::new();
    for beat in (0..evidence.len()).rev() {
        if place == 0 {
            downs.push(beat);
        }
        place = ways[beat][place];
    }
    downs.reverse();
    downs
}

/// Stretches of beats that hold whole bars of four.
fn stretches(downs: &[usize], beats: usize) -> Vec<std::ops::Range<usize>> {
    let mut stretches: Vec<std::ops::Range<usize>> = Vec::new();
    for &down in downs {
        if down + 4 > beats {
            break;
        }
        match stretches.last_mut() {
            Some(last) if last.end == down => last.end = down + 4,
            // A bar that was begun is cut short by this one.
            Some(last) if last.end > down => {
                last.end -= 4;
                stretches.push(down..down + 4);
            }
            _ => stretches.push(down..down + 4),
        }
    }
    stretches.retain(|stretch| !stretch.is_empty());
    stretches
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

/// Runs of bars without a gap, from a bar with a note to a bar with a note.
fn sounding_bars(steps: &[Happening]) -> Vec<std::ops::Range<usize>> {
    let sounds = |bar: &[Happening]| bar.iter().any(|step| matches!(step, Happening::Note(_)));
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (bar, steps) in steps.chunks_exact(BAR).enumerate() {
        if !sounds(steps) {
            continue;
        }
        match runs.last_mut() {
            Some(run) if bar < run.end + GAP => run.end = bar + 1,
            _ => runs.push(bar..bar + 1),
        }
    }
    runs
}

/// A rest where nothing sounds is a hold.
fn from_silence(steps: &[Happening]) -> Vec<Happening> {
    let mut sounding = false;
    let quiet = |&step: &Happening| {
        let step = if step == Happening::Rest && !sounding { Happening::Hold } else { step };
        sounding = matches!(step, Happening::Note(_)) || (sounding && step == Happening::Hold);
        step
    };
    steps.iter().map(quiet).collect()
}

/// The home that is said, or the one whose scale holds the most of the melody where that is plainly
/// wrong.
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
    let all: f64 = time.iter().sum();
    let within = |tonic: u8| -> f64 {
        let degrees = Mode::Major.degrees();
        degrees.iter().map(|degree| time[usize::from((tonic + degree) % 12)]).sum::<f64>() / all.max(1.0)
    };
    let best = (0..12).fold(0, |best, tonic| if within(tonic) > within(best) { tonic } else { best });
    match said {
        Some(home) if within(home.tonic) >= IN_KEY.min(within(best)) => home,
        Some(home) => Home { tonic: best, color: home.color },
        None => Home { tonic: best, color: Color::Unknown },
    }
}

/// Songs, and notes in them.
pub fn size(songs: &[Song]) -> [usize; 2] {
    let notes = |passage: &Passage| onsets(&passage.tokens(passage.home, 0).unwrap_or_default());
    [songs.len(), songs.iter().flat_map(|song| &song.passages).map(notes).sum()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(root: u8, quality: Quality) -> Chord {
        Chord::Named { root, quality }
    }

    #[test]
    fn chords_and_keys_of_the_data_set() {
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
        assert_eq!(key("Gb:maj"), Some(Home { tonic: 6, color: Color::Major }));
        assert_eq!(key("A:min"), Some(Home { tonic: 0, color: Color::Minor }));
        assert_eq!(key("?"), None);
    }

    #[test]
    fn bars_are_found_and_a_short_one_begins_another_stretch() {
        // Chords change each fourth beat from the second on; after beat 17 a bar has two beats.
        let mut evidence = vec![0.0; 50];
        for beat in (1..18).step_by(4).chain((19..50).step_by(4)) {
            evidence[beat] = 1.5;
        }
        let downs = downbeats(&evidence);
        assert_eq!(stretches(&downs, 50), [1..17, 19..47]);
        assert_eq!(stretches(&[1, 5, 9, 11, 15], 30), [1..9, 11..19]);
    }

    #[test]
    fn time_goes_from_beats_to_seconds_and_back() {
        let beat = lilt_score::Beat::whole;
        let tempos = Tempos::new(&[(beat(0), 120.0), (beat(4), 60.0)]);
        assert_eq!((tempos.at(2.0), tempos.at(6.0)), (1.0, 4.0));
        let times = [0.5, 1.0, 1.5, 2.5];
        assert_eq!((place(&times, 1.25), place(&times, 2.0), place(&times, 0.0)), (1.5, 2.5, -1.0));
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

    #[test]
    fn silence_cuts_a_song_into_passages() {
        let mut steps = vec![Happening::Hold; 10 * BAR];
        for bar in [1, 2, 4, 8] {
            steps[bar * BAR + 3] = Happening::Note(60);
        }
        assert_eq!(sounding_bars(&steps), [1..5, 8..9]);
    }

    #[test]
    fn a_key_that_does_not_fit_is_found_anew() {
        let steps: Vec<Happening> = [60, 62, 64, 65, 67, 69, 71].into_iter().map(Happening::Note).collect();
        let said = |tonic| Some(Home { tonic, color: Color::Minor });
        assert_eq!(home(&steps, said(7)).tonic, 7);
        assert_eq!(home(&steps, said(1)), Home { tonic: 0, color: Color::Minor });
        assert_eq!(home(&steps, None), Home { tonic: 0, color: Color::Unknown });
    }
}
