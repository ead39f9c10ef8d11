//! A MIDI file of piano playing, brought onto beats and bars.
//!
//! Many such files count beats that have little to do with the music: the music begins somewhere between
//! two of them, or bars are told that hold one beat. What a file says is believed where the notes bear it
//! out. Else the beats are moved to where the notes lie on sixteenths and triplets, and bars begin where
//! the longest notes do. A file that was played freely, over beats that nobody followed, cannot be read.

use lilt_score::{Beat, Clip, Meter, Note, smf};

use super::passage::beside_grid;
use super::vocabulary::{PLACE_TICKS, PLACES, TICKS_PER_BEAT};

/// Programs of General MIDI that are pianos, counted from 0.
const PIANOS: std::ops::RangeInclusive<u8> = 0..=7;
/// Fewest notes.
const FEWEST: usize = 32;
/// Ticks of a bar.
const BAR: i64 = PLACES as i64 * PLACE_TICKS;
/// How far from a sixteenth or triplet a note still lies on it, in ticks.
const NEAR: i64 = 5;
/// Least share of notes that lie on sixteenths or triplets; were they anywhere, about half of them would.
const ON_GRID: f64 = 0.8;
/// By how many ticks a note may lie farther from sixteenths and triplets over other beats that might be
/// meant as well.
const AS_GOOD: f64 = 0.5;

/// Playing on its beats.
#[derive(Debug, Clone, PartialEq)]
pub struct Playing {
    /// Whole bars of 4/4, from the first that has a note to the last.
    pub clip: Clip,
    /// Beats a minute on average, where the file tells.
    pub bpm: Option<f64>,
}

/// The piano of a MIDI file, or why it cannot be read.
///
/// # Errors
/// When there is too little of it, bars are of another length, or it does not follow any beats.
pub fn playing(song: &smf::Song) -> Result<Playing, String> {
    let meter = song.meter.unwrap_or(Meter::COMMON);
    if (Meter::COMMON.bar() / meter.bar()).denominator() != 1 {
        return Err(format!("in {meter}; the pianist plays 4/4"));
    }
    let piano = |track: &&smf::Track| {
        track.channel != smf::DRUM_CHANNEL && track.program.is_none_or(|program| PIANOS.contains(&program))
    };
    let notes: Vec<&Note> = song.tracks.iter().filter(piano).flat_map(|track| &track.notes).collect();
    if notes.len() < FEWEST {
        return Err(format!("fewer than {FEWEST} notes of a piano"));
    }
    let placed: Vec<Placed> = notes.into_iter().map(Placed::new).collect();
    let line = bar_line(&placed, song.meter).ok_or("played freely, over beats that it does not follow")?;
    // A note that is a little early belongs to the bar after it.
    let bar = |note: &Placed| (note.start - line + PLACE_TICKS / 2).div_euclid(BAR);
    let first = placed.iter().map(bar).min().unwrap_or(0);
    let last = placed.iter().map(bar).max().unwrap_or(0);
    let begin = line + first * BAR;
    let notes = placed.iter().map(|note| Note {
        start: Beat::new((note.start - begin).max(0), TICKS_PER_BEAT),
        duration: Beat::new(note.duration, TICKS_PER_BEAT),
        ..note.note
    });
    let length = Meter::COMMON.bar() * Beat::whole(last + 1 - first);
    let clip = Clip::new(notes.collect(), length).map_err(|error| error.to_string())?;
    let end = placed.iter().map(|note| note.note.start).max().unwrap_or(Beat::ZERO);
    Ok(Playing { clip, bpm: mean_tempo(&song.tempos, end) })
}

/// A note in ticks of the file's beats.
struct Placed {
    start: i64,
    duration: i64,
    note: Note,
}

impl Placed {
    fn new(note: &Note) -> Placed {
        let ticks = |beat: Beat| (beat * Beat::whole(TICKS_PER_BEAT) + Beat::new(1, 2)).floor();
        let start = ticks(note.start);
        Placed { start, duration: (ticks(note.end()) - start).max(1), note: *note }
    }
}

/// The tick of a bar line, or none when the notes lie on no beats.
fn bar_line(notes: &[Placed], told: Option<Meter>) -> Option<i64> {
    let on_grid = |shift: i64| {
        let on = notes.iter().filter(|note| beside_grid(note.start - shift) <= NEAR).count();
        on as f64 >= ON_GRID * notes.len() as f64
    };
    let lines: Vec<i64> = if on_grid(0) {
        match told {
            Some(Meter::COMMON) => return Some(0),
            _ => (0..BAR).step_by(TICKS_PER_BEAT as usize).collect(),
        }
    } else {
        let beside = |shift: i64| -> f64 {
            let sum: i64 = notes.iter().map(|note| beside_grid(note.start - shift)).sum();
            sum as f64 / notes.len() as f64
        };
        let fits: Vec<f64> = (0..TICKS_PER_BEAT).map(beside).collect();
        let best = fits.iter().copied().fold(f64::INFINITY, f64::min);
        let as_good = |line: &i64| {
            let shift = line.rem_euclid(TICKS_PER_BEAT);
            fits[shift as usize] <= best + AS_GOOD && on_grid(shift)
        };
        (0..BAR).filter(as_good).collect()
    };
    let sounds = |line: i64| -> i64 {
        let on_it = |note: &&Placed| (note.start - line + NEAR).rem_euclid(BAR) <= 2 * NEAR;
        notes.iter().filter(on_it).map(|note| note.duration.min(BAR)).sum()
    };
    lines
        .into_iter()
        .map(|line| (sounds(line), line))
        .max_by_key(|&(sounds, line)| (sounds, -line))
        .map(|(_, line)| line)
}

/// Beats a minute on average up to `end`; none when the file tells no tempo.
fn mean_tempo(tempos: &[(Beat, f64)], end: Beat) -> Option<f64> {
    let ends = tempos.iter().skip(1).map(|(beat, _)| *beat).chain([end]);
    let (mut beats, mut minutes) = (0.0, 0.0);
    for (&(from, bpm), until) in tempos.iter().zip(ends) {
        let stretch = (until.min(end) - from).to_f64().max(0.0);
        beats += stretch;
        minutes += stretch / bpm;
    }
    if minutes > 0.0 { Some(beats / minutes) } else { tempos.first().map(|(_, bpm)| *bpm) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::{Pitch, Tone, Velocity};

    /// Eight bars of eighths over a long bass note each, `after` beats from the start of the file.
    fn song(after: Beat, meter: Option<Meter>) -> smf::Song {
        let note = |start: Beat, duration: Beat, key: u8| Note {
            start: start + after,
            duration,
            tone: Tone::Pitch(Pitch::from_key(key)),
            velocity: Velocity::DEFAULT,
        };
        let bass = (0..8).map(|bar| note(Beat::whole(4 * bar), Beat::whole(4), 36));
        let tune = (0..64).map(|at| note(Beat::new(at, 2), Beat::new(1, 2), 60 + (at % 8) as u8));
        let track = smf::Track {
            name: "piano".to_owned(),
            notes: bass.chain(tune).collect(),
            channel: 1,
            program: Some(0),
        };
        smf::Song { tracks: vec![track], tempos: vec![(Beat::ZERO, 60.0), (Beat::whole(8), 120.0)], meter }
    }

    #[test]
    fn bars_are_found_wherever_the_file_puts_them() {
        let as_written = playing(&song(Beat::ZERO, Some(Meter::COMMON))).unwrap();
        assert_eq!(as_written.clip.length(), Beat::whole(32));
        for (after, meter) in [
            // On its beats, and in bars of 4/4 that begin later.
            (Beat::whole(8), Some(Meter::COMMON)),
            // A beat late, where the file tells bars of one beat, or none.
            (Beat::ONE, Meter::new(1, 4)),
            (Beat::whole(3), None),
            // Between two beats of the file.
            (Beat::new(17, 120), Some(Meter::COMMON)),
            (Beat::new(259, 120), Meter::new(2, 4)),
        ] {
            assert_eq!(playing(&song(after, meter)).unwrap().clip, as_written.clip, "{after} {meter:?}");
        }
        // A file that tells of 4/4, and whose notes lie on its beats, is believed.
        let upbeat = playing(&song(Beat::whole(3), Some(Meter::COMMON))).unwrap().clip;
        assert_eq!((upbeat.length(), upbeat.notes()[0].start), (Beat::whole(36), Beat::whole(3)));
    }

    #[test]
    fn the_tempo_is_the_mean_of_what_is_told() {
        // 8 beats in 8 seconds, then 23.5 in 11.75.
        let bpm = playing(&song(Beat::ZERO, None)).unwrap().bpm.unwrap();
        assert!((bpm - 31.5 / 19.75 * 60.0).abs() < 1e-9, "{bpm}");
        let untold = smf::Song { tempos: Vec::new(), ..song(Beat::ZERO, None) };
        assert_eq!(playing(&untold).unwrap().bpm, None);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let waltz = song(Beat::ZERO, Meter::new(3, 4));
        assert_eq!(playing(&waltz).unwrap_err(), "in 3/4; the pianist plays 4/4");
        let mut strings = song(Beat::ZERO, None);
        strings.tracks[0].program = Some(48);
        assert_eq!(playing(&strings).unwrap_err(), "fewer than 32 notes of a piano");
        let mut free = song(Beat::ZERO, None);
        for (at, note) in (0i64..).zip(&mut free.tracks[0].notes) {
            note.start += Beat::new(at * at * 7 % 121, 121);
        }
        assert_eq!(playing(&free).unwrap_err(), "played freely, over beats that it does not follow");
    }
}
