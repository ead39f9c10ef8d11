//! What the network has to beat: Kneser-Ney n-grams over the same notes, split and factors.

use crate::kneser_ney::KneserNey;
use lilt_models::folk::vocabulary::{DURATION_CLASSES, END, PITCH_CLASSES};

use lilt_models::folk::batches::Steps;
use lilt_models::folk::lesson::Nats;

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
    /// On the test set.
    pub nats: Nats,
}

/// The context of one prediction and the symbol that follows.
type Event = (Vec<u16>, u16);

fn duration(tune: &Steps, at: usize) -> u16 {
    tune.durations()[at].into()
}

fn pitch(tune: &Steps, at: usize) -> u16 {
    FIRST_PITCH + u16::from(tune.pitches()[at])
}

/// A note as one symbol; the end of the tune is one more.
fn joint(tune: &Steps, at: usize) -> u16 {
    let (duration, pitch) = (tune.durations()[at], tune.pitches()[at]);
    if duration == END {
        return (usize::from(END) * PITCH_CLASSES) as u16;
    }
    u16::from(duration) * PITCH_CLASSES as u16 + u16::from(pitch)
}

/// Contexts of joint symbols, `order - 1` notes long.
fn joint_events(tune: &Steps, order: usize) -> impl Iterator<Item = Event> + '_ {
    (0..=tune.notes()).map(move |at| {
        let past = (1..order).map(|back| at.checked_sub(back).map_or(START, |at| joint(tune, at)));
        (past.collect(), joint(tune, at))
    })
}

/// The `order - 1` notes before `at`: pitch and duration of each.
fn past(tune: &Steps, at: usize, order: usize) -> impl Iterator<Item = u16> + '_ {
    (1..order).flat_map(move |back| match at.checked_sub(back) {
        Some(at) => [pitch(tune, at), duration(tune, at)],
        None => [START, START],
    })
}

fn duration_events(tune: &Steps, order: usize) -> impl Iterator<Item = Event> + '_ {
    (0..=tune.notes()).map(move |at| (past(tune, at, order).collect(), duration(tune, at)))
}

fn pitch_events(tune: &Steps, order: usize) -> impl Iterator<Item = Event> + '_ {
    (0..tune.notes()).map(move |at| {
        let context = [duration(tune, at)].into_iter().chain(past(tune, at, order)).collect();
        (context, u16::from(tune.pitches()[at]))
    })
}

fn fit(events: Vec<Event>, reach: usize, symbols: usize) -> KneserNey {
    KneserNey::train(events.iter().map(|(context, symbol)| (context.as_slice(), *symbol)), reach, symbols)
}

/// Trains an n-gram of `order` notes on `train` and measures it on `test`.
pub fn measure(view: View, order: usize, train: &[Steps], test: &[Steps]) -> Baseline {
    let mut sum = Sum::default();
    let name = match view {
        View::Joint => {
            let symbols = usize::from(END) * PITCH_CLASSES + 1;
            let model =
                fit(train.iter().flat_map(|tune| joint_events(tune, order)).collect(), order - 1, symbols);
            for tune in test {
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
            for tune in test {
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
    Baseline { name, nats: sum.nats(test) }
}

#[derive(Debug, Default)]
struct Sum {
    all: f64,
    first: f64,
}

impl Sum {
    fn add(&mut self, tune: &Steps, at: usize, probability: f64) {
        let nats = -probability.ln();
        self.all += nats;
        if tune.first()[at] {
            self.first += nats;
        }
    }

    fn nats(&self, tunes: &[Steps]) -> Nats {
        let notes: usize = tunes.iter().map(Steps::notes).sum();
        let first: usize = tunes.iter().map(Steps::first_notes).sum();
        Nats { all: self.all / notes as f64, first: self.first / first as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_models::folk::example::Example;
    use lilt_models::folk::features::{Conditions, Kind};
    use lilt_models::folk::vocabulary::NoteEvent;
    use lilt_score::{Key, Meter};

    fn tune(seed: u32) -> Steps {
        let event = |at: u32| NoteEvent {
            duration: 6 + ((at / 3 + seed) % 3) as u8,
            pitch: 20 + ((at * at + seed) % 5) as u8,
        };
        let events: Vec<NoteEvent> = (0..40).map(event).collect();
        let first = vec![true; events.len()];
        let conditions = Conditions { key: Key::C_MAJOR, meter: Meter::COMMON, kind: Kind::UNKNOWN };
        Steps::new(&Example { conditions, pickup: 0, events, first, ends: true })
    }

    #[test]
    fn both_views_learn_what_repeats() {
        let train: Vec<Steps> = (0..30).map(|seed| tune(seed % 15)).collect();
        let uniform = ((DURATION_CLASSES * PITCH_CLASSES) as f64).ln();
        for view in [View::Joint, View::Factored] {
            let seen = measure(view, 5, &train, &[tune(3)]).nats;
            assert!(seen.all < 0.5, "{view:?}: {}", seen.all);
            assert_eq!(seen.all, seen.first);
            let unigram = measure(view, 1, &train, &[tune(3)]).nats;
            assert!(seen.all < unigram.all && unigram.all < uniform, "{view:?}: {}", unigram.all);
        }
    }
}
