//! What the network has to beat: Kneser-Ney n-grams over the same notes, split and factors.

use lilt_models::folk::vocabulary::{DURATION_CLASSES, END, FIELDS, NoteEvent, PITCH_CLASSES};
use lilt_models::recurrent::batches::Piece;

use crate::kneser_ney::KneserNey;

/// Symbol before the start of a tune; no note has it.
const START: u16 = u16::MAX;
/// Pitches are numbered after all durations, so that a context may mix both.
const FIRST_PITCH: u16 = DURATION_CLASSES as u16;

/// A way of seeing a tune as symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// A note, duration and pitch together, is one symbol.
    Joint,
    /// Duration after the notes before it, then pitch after that duration and the notes before:
    /// the network's own factors.
    Factored,
}

/// An n-gram model and what it is called on the card.
#[derive(Debug)]
pub struct Baseline {
    /// Its name.
    pub name: String,
    /// Nats per note on the test set.
    pub all: f64,
    /// The same over notes of parts played for the first time.
    pub first: f64,
}

/// A tune: its events, the end included where it has one, and which of them are played for the first time.
struct Tune {
    events: Vec<NoteEvent>,
    first: Vec<bool>,
    notes: usize,
}

impl Tune {
    fn of(piece: &Piece) -> Tune {
        let events = piece.events(FIELDS.len()).filter_map(NoteEvent::of_fields).collect();
        Tune { events, first: piece.first().to_vec(), notes: piece.notes() }
    }
}

/// The context of one prediction and the symbol that follows.
type Event = (Vec<u16>, u16);

fn duration(tune: &Tune, at: usize) -> u16 {
    tune.events[at].duration.into()
}

fn pitch(tune: &Tune, at: usize) -> u16 {
    FIRST_PITCH + u16::from(tune.events[at].pitch)
}

/// A note as one symbol; the end of the tune is one more.
fn joint(tune: &Tune, at: usize) -> u16 {
    let NoteEvent { duration, pitch } = tune.events[at];
    if duration == END {
        return (usize::from(END) * PITCH_CLASSES) as u16;
    }
    u16::from(duration) * PITCH_CLASSES as u16 + u16::from(pitch)
}

/// Contexts of joint symbols, `order - 1` notes long.
fn joint_events(tune: &Tune, order: usize) -> impl Iterator<Item = Event> + '_ {
    (0..=tune.notes).map(move |at| {
        let past = (1..order).map(|back| at.checked_sub(back).map_or(START, |at| joint(tune, at)));
        (past.collect(), joint(tune, at))
    })
}

/// The `order - 1` notes before `at`: pitch and duration of each.
fn past(tune: &Tune, at: usize, order: usize) -> impl Iterator<Item = u16> + '_ {
    (1..order).flat_map(move |back| match at.checked_sub(back) {
        Some(at) => [pitch(tune, at), duration(tune, at)],
        None => [START, START],
    })
}

fn duration_events(tune: &Tune, order: usize) -> impl Iterator<Item = Event> + '_ {
    (0..=tune.notes).map(move |at| (past(tune, at, order).collect(), duration(tune, at)))
}

fn pitch_events(tune: &Tune, order: usize) -> impl Iterator<Item = Event> + '_ {
    (0..tune.notes).map(move |at| {
        let context = [duration(tune, at)].into_iter().chain(past(tune, at, order)).collect();
        (context, u16::from(tune.events[at].pitch))
    })
}

fn fit(events: Vec<Event>, reach: usize, symbols: usize) -> KneserNey {
    KneserNey::train(events.iter().map(|(context, symbol)| (context.as_slice(), *symbol)), reach, symbols)
}

/// Trains an n-gram of `order` notes on `train` and measures it on `test`.
pub fn measure(view: View, order: usize, train: &[Piece], test: &[Piece]) -> Baseline {
    let [train, test] = [train, test].map(|pieces| pieces.iter().map(Tune::of).collect::<Vec<Tune>>());
    let mut sum = Sum::default();
    let name = match view {
        View::Joint => {
            let symbols = usize::from(END) * PITCH_CLASSES + 1;
            let model =
                fit(train.iter().flat_map(|tune| joint_events(tune, order)).collect(), order - 1, symbols);
            for tune in &test {
                for (at, (context, symbol)) in joint_events(tune, order).enumerate() {
                    sum.add(tune, at, model.probability(&context, symbol));
                }
            }
            format!(
                "interpolated modified Kneser-Ney {order}-gram over notes (duration and pitch as one symbol)"
            )
        }
        View::Factored => {
            let reach = 2 * (order - 1);
            let events = train.iter().flat_map(|tune| duration_events(tune, order)).collect();
            let durations = fit(events, reach, DURATION_CLASSES);
            let events = train.iter().flat_map(|tune| pitch_events(tune, order)).collect();
            let pitches = fit(events, reach + 1, PITCH_CLASSES);
            for tune in &test {
                for (at, (context, symbol)) in duration_events(tune, order).enumerate() {
                    sum.add(tune, at, durations.probability(&context, symbol));
                }
                for (at, (context, symbol)) in pitch_events(tune, order).enumerate() {
                    sum.add(tune, at, pitches.probability(&context, symbol));
                }
            }
            format!(
                "interpolated modified Kneser-Ney {order}-gram over notes (duration, then pitch given the duration)"
            )
        }
    };
    let notes: usize = test.iter().map(|tune| tune.notes).sum();
    let first: usize =
        test.iter().map(|tune| tune.first[..tune.notes].iter().filter(|first| **first).count()).sum();
    Baseline { name, all: sum.all / notes as f64, first: sum.first / first as f64 }
}

#[derive(Debug, Default)]
struct Sum {
    all: f64,
    first: f64,
}

impl Sum {
    fn add(&mut self, tune: &Tune, at: usize, probability: f64) {
        let nats = -probability.ln();
        self.all += nats;
        if tune.first[at] {
            self.first += nats;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_models::folk::example::Example;
    use lilt_models::folk::features::{Conditions, FEATURES, GROUP_COUNT, Kind};
    use lilt_models::recurrent::config::{Config, FieldNames};
    use lilt_score::{Key, Meter};

    fn tune(seed: u32) -> Piece {
        let event = |at: u32| NoteEvent {
            duration: 6 + ((at / 3 + seed) % 3) as u8,
            pitch: 20 + ((at * at + seed) % 5) as u8,
        };
        let events: Vec<NoteEvent> = (0..40).map(event).collect();
        let first = vec![true; events.len()];
        let config = Config {
            rows: FEATURES,
            groups: GROUP_COUNT,
            embed: 1,
            hidden: 16,
            layers: 1,
            gate: 1,
            fields: FIELDS.to_vec(),
            names: FieldNames::Numbered,
        };
        let conditions = Conditions { key: Key::C_MAJOR, meter: Meter::COMMON, kind: Kind::UNKNOWN };
        Example { conditions, pickup: 0, events, first, ends: true }.piece(&config)
    }

    #[test]
    fn both_views_learn_what_repeats() {
        let train: Vec<Piece> = (0..30).map(|seed| tune(seed % 15)).collect();
        let uniform = ((DURATION_CLASSES * PITCH_CLASSES) as f64).ln();
        for view in [View::Joint, View::Factored] {
            let seen = measure(view, 5, &train, &[tune(3)]);
            assert!(seen.all < 0.5, "{view:?}: {}", seen.all);
            assert_eq!(seen.all, seen.first);
            let unigram = measure(view, 1, &train, &[tune(3)]);
            assert!(seen.all < unigram.all && unigram.all < uniform, "{view:?}: {}", unigram.all);
        }
    }
}
