//! POP909 as it is published: tables beside each song, its beats, bars and keys.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result};
use lilt_models::melody::vocabulary::{Color, Home};
use lilt_score::{Beat, Key, Mode};

/// Share of the notes' time that must lie within the scale of the key that a song is said to be in.
const IN_KEY: f64 = 0.85;

/// The beats of a song, and which of them make bars.
#[derive(Debug)]
pub struct Beats {
    /// Seconds of each beat of the MIDI file.
    pub times: Vec<f64>,
    /// Stretches of beats that hold whole bars of four.
    pub stretches: Vec<Range<usize>>,
}

impl Beats {
    /// Reads the beats of the song in the folder `path`, or says why it is left out.
    pub fn read(path: &Path) -> Result<Result<Beats, &'static str>> {
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
        // Two witnesses of the bar lines: where chords change, and the analysis of the MIDI file.
        let mut evidence = vec![0.0; times.len()];
        for row in table(&path.join("chord_midi.txt"))? {
            let beat = place(&times, number(&row, 0)?).round() as i64;
            if let Some(evidence) = usize::try_from(beat).ok().and_then(|beat| evidence.get_mut(beat)) {
                *evidence += 1.0;
            }
        }
        for (evidence, row) in evidence.iter_mut().zip(&beats) {
            *evidence += 0.5 * number(row, 2)?;
        }
        let stretches = stretches(&downbeats(&evidence), times.len());
        Ok(Ok(Beats { times, stretches }))
    }
}

/// The keys that a song is said to be in: from which second on, and what.
pub fn keys(path: &Path) -> Result<Vec<(f64, Home)>> {
    let said = table(&path.join("key_audio.txt"))?;
    Ok(said.iter().filter_map(|row| Some((row.first()?.parse().ok()?, key(row.get(2)?)?))).collect())
}

/// The home that is said, or the one whose scale holds the most of the music where that is plainly
/// wrong. `time` is how long each pitch class sounds.
pub fn home(time: &[f64; 12], said: Option<Home>) -> Home {
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

/// Lines of numbers and words.
pub fn table(path: &Path) -> Result<Vec<Vec<String>>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("{}: cannot be read", path.display()))?;
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
    Ok(text.lines().map(words).filter(|words: &Vec<String>| !words.is_empty()).collect())
}

/// The number in a column of a line.
pub fn number(row: &[String], column: usize) -> Result<f64> {
    row.get(column).context("a column is missing")?.parse().context("this is no number")
}

/// Seconds of a MIDI file's beats.
#[derive(Debug)]
pub struct Tempos {
    /// Beat, second, seconds a beat.
    changes: Vec<(f64, f64, f64)>,
}

impl Tempos {
    /// Of the tempos that a file tells.
    pub fn new(tempos: &[(Beat, f64)]) -> Tempos {
        let mut changes = vec![(0.0, 0.0, 0.5)];
        for &(beat, bpm) in tempos {
            let beat = beat.to_f64();
            let second = Tempos { changes: changes.clone() }.at(beat);
            changes.push((beat, second, 60.0 / bpm));
        }
        Tempos { changes }
    }

    /// The second of a beat.
    pub fn at(&self, beat: f64) -> f64 {
        let found = self.changes.iter().rev().find(|(start, ..)| *start <= beat);
        let &(start, second, length) = found.unwrap_or(&self.changes[0]);
        second + (beat - start) * length
    }
}

/// The beat, counted from the first of `times`, at a second.
pub fn place(times: &[f64], second: f64) -> f64 {
    let next = times.partition_point(|&time| time <= second).clamp(1, times.len() - 1);
    let (before, after) = (times[next - 1], times[next]);
    (next - 1) as f64 + (second - before) / (after - before)
}

/// Reads a key as POP909 writes it, `Gb:maj`.
fn key(text: &str) -> Option<Home> {
    let (tonic, mode) = text.split_once(':')?;
    let mode = if mode.starts_with("min") { Mode::Minor } else { Mode::Major };
    let key: Key = tonic.parse().ok()?;
    Some(Home::of(Key::new(key.tonic(), mode)))
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
fn stretches(downs: &[usize], beats: usize) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_data_set() {
        assert_eq!(key("Gb:maj"), Some(Home { tonic: 6, color: Color::Major }));
        assert_eq!(key("A:min"), Some(Home { tonic: 0, color: Color::Minor }));
        assert_eq!(key("?"), None);
    }

    #[test]
    fn a_key_that_does_not_fit_is_found_anew() {
        let mut time = [0.0; 12];
        for degree in Mode::Major.degrees() {
            time[usize::from(degree)] = 1.0;
        }
        let said = |tonic| Some(Home { tonic, color: Color::Minor });
        assert_eq!(home(&time, said(7)).tonic, 7);
        assert_eq!(home(&time, said(1)), Home { tonic: 0, color: Color::Minor });
        assert_eq!(home(&time, None), Home { tonic: 0, color: Color::Unknown });
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
        let beat = Beat::whole;
        let tempos = Tempos::new(&[(beat(0), 120.0), (beat(4), 60.0)]);
        assert_eq!((tempos.at(2.0), tempos.at(6.0)), (1.0, 4.0));
        let times = [0.5, 1.0, 1.5, 2.5];
        assert_eq!((place(&times, 1.25), place(&times, 2.0), place(&times, 0.0)), (1.5, 2.5, -1.0));
    }
}
