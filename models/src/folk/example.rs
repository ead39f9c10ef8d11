//! A tune as `folk` learns it: notes and rests with what holds for the whole of it.

use lilt_score::abc::Tune;
use lilt_score::{Beat, Clip};

use super::codec::encode;
use super::features::{Conditions, Kind};
use super::vocabulary::{END, NoteEvent, REST, duration_class, pitch_class, ticks};
use super::walk::FolkWalk;
use crate::recurrent::batches::Piece;
use crate::recurrent::config::Config;

/// Fewest notes of a tune.
const SHORTEST: usize = 16;

/// A tune as the network hears it.
#[derive(Debug, Clone)]
pub struct Example {
    /// What holds for the whole tune.
    pub conditions: Conditions,
    /// Length of the upbeat in ticks.
    pub pickup: i64,
    /// Notes and rests, repeats written out.
    pub events: Vec<NoteEvent>,
    /// For each event: its part is played for the first time.
    pub first: Vec<bool>,
    /// Whether the tune ends after its last event; a part cut out of music does not.
    pub ends: bool,
}

impl Example {
    /// A tune of a book in the network's classes.
    ///
    /// # Errors
    /// Why it does not fit.
    pub fn of_tune(tune: &Tune) -> Result<Example, &'static str> {
        if tune.meter_changes {
            return Err("the metre changes within the tune");
        }
        let kind = tune.rhythm.as_deref().map_or(Kind::UNKNOWN, Kind::named);
        let conditions = Conditions { key: tune.key, meter: tune.meter, kind };
        let durations = steady(tune).ok_or("bar lines do not fit the metre")?;
        let mut events = Vec::with_capacity(tune.notes.len());
        for (note, duration) in tune.notes.iter().zip(durations) {
            let duration =
                ticks(duration).and_then(duration_class).ok_or("a duration outside the vocabulary")?;
            let pitch = match note.pitch {
                Some(midi) => {
                    pitch_class(i32::from(midi), tune.key.tonic()).ok_or("a pitch outside the vocabulary")?
                }
                None => REST,
            };
            events.push(NoteEvent { duration, pitch });
        }
        if events.len() < SHORTEST {
            return Err("fewer than 16 notes");
        }
        let pickup = ticks(tune.pickup()).ok_or("an upbeat off the grid")?;
        let first = tune.notes.iter().map(|note| note.pass == 0).collect();
        Ok(Example { conditions, pickup, events, first, ends: true })
    }

    /// The top voice of a clip that begins with a bar; `ends` says whether the tune is over with it.
    ///
    /// # Errors
    /// Why it does not fit.
    pub fn of_clip(clip: &Clip, conditions: Conditions, ends: bool) -> Result<Example, String> {
        let encoded = encode(clip, conditions.key).map_err(|error| error.to_string())?;
        if ends && encoded.notes.iter().flatten().count() < SHORTEST {
            return Err("fewer than 16 notes".to_owned());
        }
        let first = vec![true; encoded.events.len()];
        Ok(Example { conditions, pickup: 0, events: encoded.events, first, ends })
    }
}

impl Example {
    /// The tune made ready for a network of the sizes `config`: one step a note, and, where it ends, the step that
    /// ends it, which is no note.
    pub fn piece(&self, config: &Config) -> Piece {
        let mut walk = FolkWalk::new(self.conditions, self.pickup);
        let mut piece = Piece::default();
        for event in &self.events {
            piece.add(&mut walk, config, &event.fields(), true);
        }
        if self.ends {
            piece.add(&mut walk, config, &[END, 0], false);
        }
        piece.repeating(&self.first)
    }
}

/// Durations that put every plain bar line on a whole bar after the upbeat. Books often write an
/// upbeat to a part without taking it from the bar before; there the last note of the part gives
/// up (or takes) the difference, as a player does. A bar that is wrong in itself has no remedy.
pub fn steady(tune: &Tune) -> Option<Vec<Beat>> {
    let bar = tune.meter.bar();
    let pickup = tune.pickup();
    let mut durations: Vec<Beat> = tune.notes.iter().map(|note| note.duration).collect();
    let mut shift = Beat::ZERO;
    let mut last_line = Beat::ZERO;
    for &line in &tune.bar_lines {
        let off = (line + shift - pickup) % bar;
        if !off.is_zero() {
            let part = tune.parts.iter().copied().rfind(|&part| part > last_line && part < line)?;
            let last = tune.notes.iter().rposition(|note| note.start < part)?;
            let half = bar / Beat::whole(2);
            let change = if off <= half { -off } else { bar - off };
            let changed = durations[last] + change;
            if changed <= Beat::ZERO {
                return None;
            }
            durations[last] = changed;
            shift += change;
        }
        last_line = line;
    }
    Some(durations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::abc::read_book;

    fn read(abc: &str) -> Tune {
        read_book(abc).remove(0).unwrap()
    }

    fn ticks_of(abc: &str) -> Option<Vec<i64>> {
        steady(&read(abc)).map(|durations| durations.into_iter().filter_map(ticks).collect())
    }

    #[test]
    fn parts_are_brought_onto_the_grid() {
        let header = "X:1\nM:2/4\nL:1/4\nK:C\n";
        let cases = [
            ("CD|EF|GA|", Some(vec![48; 6])),
            // The upbeat of the second part is taken from the last note of the first.
            ("CD|E2||G/|AB|cd|", Some(vec![48, 48, 72, 24, 48, 48, 48, 48])),
            // A part that ends early, for an upbeat that is not there, is filled up.
            ("C/|DE|F3/2||AB|cd|", Some(vec![24, 48, 48, 96, 48, 48, 48, 48])),
            // A bar that is wrong in itself.
            ("CD|EFG|AB|cd|", None),
        ];
        for (body, expected) in cases {
            assert_eq!(ticks_of(&format!("{header}{body}\n")), expected, "{body}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_reason() {
        let long = "CDEF GABc|".repeat(3);
        let cases = [
            (format!("X:1\nM:4/4\nL:1/8\nK:C\n{long}[M:3/4]CDE FGA|\n"), "the metre changes within the tune"),
            (format!("X:1\nM:4/4\nL:1/8\nK:C\n{long}(5CDEFG C6|\n"), "a duration outside the vocabulary"),
            (format!("X:1\nM:4/4\nL:1/8\nK:C\n{long}C,,,8|\n"), "a pitch outside the vocabulary"),
            ("X:1\nM:4/4\nL:1/8\nK:C\nCDEF GABc|\n".to_owned(), "fewer than 16 notes"),
        ];
        for (abc, reason) in cases {
            assert_eq!(Example::of_tune(&read(&abc)).unwrap_err(), reason);
        }
    }
}
