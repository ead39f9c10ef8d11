//! What the network has to beat: Kneser-Ney n-grams over the same steps, and over notes.

use crate::kneser_ney::KneserNey;
use lilt_models::melody::vocabulary::{HOLD, REST, TOKENS, is_onset};

/// Symbol before the start of a passage; nothing else has it.
const START: u16 = u16::MAX;
/// Longest length of a note or rest that is one symbol, in steps; longer ones are cut.
const LONGEST: usize = 64;
/// Pitches are numbered after all lengths, so that a context may mix both.
const FIRST_PITCH: u16 = LONGEST as u16 + 1;

/// A way of seeing a passage as symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// What happens on each 16th, as the network sees it.
    Steps,
    /// Notes and rests: the length after the notes before it, then the pitch after that length and the
    /// notes before.
    Notes,
}

/// The context of one prediction and the symbol that follows.
type Event = (Vec<u16>, u16);

fn step_events(tokens: &[u8], order: usize) -> impl Iterator<Item = Event> + '_ {
    (0..tokens.len()).map(move |at| {
        let past = (1..order).map(|back| at.checked_sub(back).map_or(START, |at| tokens[at].into()));
        (past.collect(), tokens[at].into())
    })
}

/// Notes and rests in order: pitch (or the class of a rest) and length.
fn notes(tokens: &[u8]) -> Vec<(u16, u16)> {
    let mut notes: Vec<(u16, u16)> = Vec::new();
    for &token in tokens {
        match notes.last_mut() {
            Some((_, length)) if token == HOLD && usize::from(*length) < LONGEST => *length += 1,
            Some((pitch, _)) if token == HOLD => {
                let pitch = *pitch;
                notes.push((pitch, 1));
            }
            _ => notes.push((if is_onset(token) { token } else { REST }.into(), 1)),
        }
    }
    notes
}

fn note_past(notes: &[(u16, u16)], at: usize, order: usize) -> impl Iterator<Item = u16> + '_ {
    (1..order).flat_map(move |back| match at.checked_sub(back) {
        Some(at) => [FIRST_PITCH + notes[at].0, notes[at].1],
        None => [START, START],
    })
}

fn length_events(notes: &[(u16, u16)], order: usize) -> impl Iterator<Item = Event> + '_ {
    (0..notes.len()).map(move |at| (note_past(notes, at, order).collect(), notes[at].1))
}

fn pitch_events(notes: &[(u16, u16)], order: usize) -> impl Iterator<Item = Event> + '_ {
    (0..notes.len()).map(move |at| {
        let context = [notes[at].1].into_iter().chain(note_past(notes, at, order)).collect();
        (context, notes[at].0)
    })
}

fn fit(events: Vec<Event>, reach: usize, symbols: usize) -> KneserNey {
    KneserNey::train(events.iter().map(|(context, symbol)| (context.as_slice(), *symbol)), reach, symbols)
}

fn nats(model: &KneserNey, events: impl Iterator<Item = Event>) -> f64 {
    events.map(|(context, symbol)| -model.probability(&context, symbol).ln()).sum()
}

/// Trains an n-gram of `order` symbols or notes on `train` and measures it on `test`: its name and its
/// nats per note.
pub fn measure(view: View, order: usize, train: &[Vec<u8>], test: &[Vec<u8>]) -> (String, f64) {
    let onsets: usize = test.iter().flatten().filter(|&&token| is_onset(token)).count();
    let (name, sum) = match view {
        View::Steps => {
            let events = train.iter().flat_map(|tokens| step_events(tokens, order)).collect();
            let model = fit(events, order - 1, TOKENS);
            let sum = nats(&model, test.iter().flat_map(|tokens| step_events(tokens, order)));
            (format!("interpolated modified Kneser-Ney {order}-gram over 16ths"), sum)
        }
        View::Notes => {
            let train: Vec<_> = train.iter().map(|tokens| notes(tokens)).collect();
            let test: Vec<_> = test.iter().map(|tokens| notes(tokens)).collect();
            let reach = 2 * (order - 1);
            let events = train.iter().flat_map(|notes| length_events(notes, order)).collect();
            let lengths = fit(events, reach, LONGEST + 1);
            let events = train.iter().flat_map(|notes| pitch_events(notes, order)).collect();
            let pitches = fit(events, reach + 1, TOKENS);
            let sum = nats(&lengths, test.iter().flat_map(|notes| length_events(notes, order)))
                + nats(&pitches, test.iter().flat_map(|notes| pitch_events(notes, order)));
            (format!("interpolated modified Kneser-Ney {order}-gram over notes (length, then pitch)"), sum)
        }
    };
    (name, sum / onsets as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_and_rests_have_lengths() {
        assert_eq!(notes(&[HOLD, 20, HOLD, REST, HOLD, 21]), [(1, 1), (20, 2), (1, 2), (21, 1)]);
        let long = [&[20][..], &[HOLD; 70]].concat();
        assert_eq!(notes(&long), [(20, 64), (20, 7)]);
    }

    #[test]
    fn both_views_learn_what_repeats() {
        let tune: Vec<u8> =
            (0..200).map(|step| if step % 4 == 0 { 20 + (step / 4 % 3) as u8 } else { HOLD }).collect();
        let train = vec![tune.clone(); 3];
        for view in [View::Steps, View::Notes] {
            let (_, five) = measure(view, 5, &train, std::slice::from_ref(&tune));
            let (_, one) = measure(view, 1, &train, std::slice::from_ref(&tune));
            assert!(five < one, "{view:?}: {five} and {one}");
        }
        let (_, steps) = measure(View::Steps, 5, &train, std::slice::from_ref(&tune));
        let (_, notes) = measure(View::Notes, 5, &train, std::slice::from_ref(&tune));
        assert!(notes < 0.3 && notes < steps, "{notes} and {steps}");
    }
}
