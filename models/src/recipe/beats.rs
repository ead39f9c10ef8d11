//! The beats and bars of a MIDI file, as the notes bear them out.
//!
//! Many files count beats that have little to do with the music: it begins somewhere between two of them,
//! or bars are told that hold one beat. Beats are put where the notes lie on sixteenths and triplets, and
//! bars begin where the longest notes do; what the file says itself counts more, but not alone. A file that
//! was played freely, over beats that nobody followed, has none.

use lilt_score::{Beat, Clip, Meter, Note};

use crate::performance::passage::beside_grid;
use crate::performance::vocabulary::{PLACE_TICKS, PLACES, TICKS_PER_BEAT};

/// Ticks of a bar.
const BAR: i64 = PLACES as i64 * PLACE_TICKS;
/// How far from a sixteenth or triplet a note still lies on it, in ticks.
const NEAR: i64 = 5;
/// Least share of notes that lie on sixteenths or triplets; were they anywhere, about half of them would.
const ON_GRID: f64 = 0.8;
/// How much the file's own beats, and its own bars of 4/4, are believed, in halves of what other lines are:
/// half as much again, three times as much. Tried on every third song of POP909: trusted blindly, they are wrong in a
/// quarter of the files whose notes lie on them.
const OWN_BEAT: i64 = 3;
const OWN_BAR: i64 = 6;
/// By how many ticks, on average, notes may lie farther from sixteenths and triplets over beats that might
/// be meant as well as the best.
const AS_GOOD: f64 = 0.5;

/// Where the bars of a file begin, in 4/4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bars {
    /// The tick of a bar line.
    line: i64,
}

impl Bars {
    /// The bars of some notes, of which the file tells that they are in the metre `told`.
    ///
    /// # Errors
    /// When so many bars of it do not make one of 4/4, or the notes do not follow any beats.
    pub(super) fn find(notes: &[&Note], told: Option<Meter>) -> Result<Bars, String> {
        fits(told.unwrap_or(Meter::COMMON))?;
        let placed: Vec<Placed> = notes.iter().map(|note| Placed::new(note)).collect();
        let line = bar_line(&placed, told).ok_or("played freely, over beats that it does not follow")?;
        Ok(Bars { line })
    }

    /// The clip of some notes: whole bars, from the first that has a note to the last.
    ///
    /// # Errors
    /// When they make no clip.
    pub(super) fn clip(self, notes: &[&Note]) -> Result<Clip, String> {
        let placed: Vec<Placed> = notes.iter().map(|note| Placed::new(note)).collect();
        // A note that is a little early belongs to the bar after it.
        let bar = |note: &Placed| (note.start - self.line + PLACE_TICKS / 2).div_euclid(BAR);
        let first = placed.iter().map(bar).min().unwrap_or(0);
        let last = placed.iter().map(bar).max().unwrap_or(0);
        let begin = self.line + first * BAR;
        let notes = placed.iter().map(|note| Note {
            start: Beat::new((note.start - begin).max(0), TICKS_PER_BEAT),
            duration: Beat::new(note.duration, TICKS_PER_BEAT),
            ..note.note
        });
        let length = Meter::COMMON.bar() * Beat::whole(last + 1 - first);
        Clip::new(notes.collect(), length).map_err(|error| error.to_string())
    }
}

/// Refuses a metre of which no whole number of bars makes one of 4/4.
///
/// # Errors
/// In words.
pub(super) fn fits(meter: Meter) -> Result<(), String> {
    match (Meter::COMMON.bar() / meter.bar()).denominator() {
        1 => Ok(()),
        _ => Err(format!("in {meter}, not in 4/4")),
    }
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
    let beside = |shift: i64| -> f64 {
        let sum: i64 = notes.iter().map(|note| beside_grid(note.start - shift)).sum();
        sum as f64 / notes.len().max(1) as f64
    };
    let fits: Vec<f64> = (0..TICKS_PER_BEAT).map(beside).collect();
    let fit = |line: i64| fits[line.rem_euclid(TICKS_PER_BEAT) as usize];
    // Playing that is a little early or late throughout is so on any beats.
    let near = |line: i64| {
        (line - NEAR..=line + NEAR).min_by(|&a, &b| fit(a).total_cmp(&fit(b)).then(a.abs().cmp(&b.abs())))
    };
    let best = fits.iter().copied().fold(f64::INFINITY, f64::min);
    let as_good = |line: &i64| fit(*line) <= best + AS_GOOD;
    let own = near(0).filter(as_good);
    // How far a line is believed because the file says so, in halves.
    let said = |line: i64| {
        let apart = |length: i64| own.is_some_and(|own| (line - own + 1).rem_euclid(length) <= 2);
        match (apart(TICKS_PER_BEAT), apart(BAR) && told == Some(Meter::COMMON)) {
            (_, true) => OWN_BAR,
            (true, false) => OWN_BEAT,
            (false, false) => 2,
        }
    };
    let sounds = |line: i64| -> i64 {
        let on_it = |note: &&Placed| (note.start - line + NEAR).rem_euclid(BAR) <= 2 * NEAR;
        notes.iter().filter(on_it).map(|note| note.duration.min(BAR)).sum()
    };
    let found = (0..BAR).filter(as_good).max_by_key(|&line| (said(line) * sounds(line), -line));
    let found = found.and_then(near)?;
    let on = notes.iter().filter(|note| beside_grid(note.start - found) <= NEAR).count();
    (on as f64 >= ON_GRID * notes.len() as f64).then_some(found)
}

/// Beats a minute on average up to `end`; none when the file tells no tempo.
pub(super) fn mean_tempo(tempos: &[(Beat, f64)], end: Beat) -> Option<f64> {
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
    use lilt_score::{Pitch, Tone, Velocity, smf};

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
            ..smf::Track::default()
        };
        let tempos = vec![(Beat::ZERO, 60.0), (Beat::whole(8), 120.0)];
        smf::Song { tracks: vec![track], tempos, meter, ..smf::Song::default() }
    }

    /// The clip of a song's only track.
    fn clip(song: &smf::Song) -> Result<Clip, String> {
        let notes: Vec<&Note> = song.tracks[0].notes.iter().collect();
        Bars::find(&notes, song.meter)?.clip(&notes)
    }

    #[test]
    fn bars_are_found_wherever_the_file_puts_them() {
        let as_written = clip(&song(Beat::ZERO, Some(Meter::COMMON))).unwrap();
        assert_eq!(as_written.length(), Beat::whole(32));
        for (after, meter) in [
            // On its beats, and in bars of 4/4 that begin later.
            (Beat::whole(8), Some(Meter::COMMON)),
            (Beat::whole(3), Some(Meter::COMMON)),
            // A beat late, where the file tells bars of one beat, or none.
            (Beat::ONE, Meter::new(1, 4)),
            (Beat::whole(3), None),
            // Between two beats of the file.
            (Beat::new(17, 120), Some(Meter::COMMON)),
            (Beat::new(259, 120), Meter::new(2, 4)),
        ] {
            assert_eq!(clip(&song(after, meter)).unwrap(), as_written, "{after} {meter:?}");
        }
        // A little late throughout is on the beat.
        let late = clip(&song(Beat::new(4, 120), Some(Meter::COMMON))).unwrap();
        assert_eq!(late, as_written);
        // Where no note is longer than others, the file is believed.
        let mut even = song(Beat::whole(3), Some(Meter::COMMON));
        even.tracks[0].notes.drain(..8);
        let upbeat = clip(&even).unwrap();
        assert_eq!((upbeat.length(), upbeat.notes()[0].start), (Beat::whole(36), Beat::whole(3)));
    }

    #[test]
    fn the_tempo_is_the_mean_of_what_is_told() {
        // 8 beats in 8 seconds, then 23.5 in 11.75.
        let tempos = song(Beat::ZERO, None).tempos;
        let bpm = mean_tempo(&tempos, Beat::new(63, 2)).unwrap();
        assert!((bpm - 31.5 / 19.75 * 60.0).abs() < 1e-9, "{bpm}");
        assert_eq!(mean_tempo(&[], Beat::whole(8)), None);
    }

    #[test]
    fn what_has_no_bars_says_why() {
        assert_eq!(clip(&song(Beat::ZERO, Meter::new(3, 4))).unwrap_err(), "in 3/4, not in 4/4");
        let mut free = song(Beat::ZERO, None);
        for (at, note) in (0i64..).zip(&mut free.tracks[0].notes) {
            note.start += Beat::new(at * at * 7 % 121, 121);
        }
        assert_eq!(clip(&free).unwrap_err(), "played freely, over beats that it does not follow");
    }
}
