//! What must hold of any text that is read as mini-notation.

use lilt_score::{Beat, Event, Pattern, Query, Span, mini};

/// Most events of a bar that the notation promises, each of which may be a chord, and be cut at the bar lines.
const MOST_EVENTS: usize = 4 * 4_096;

/// Reads the text and plays what is right of it; true when it is right. Panics where a law does not hold.
pub fn check(text: &str) -> bool {
    let parsed = match mini::parse(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            told(text, &error);
            return false;
        }
    };
    for word in parsed.words() {
        assert!(text.get(word.at.clone()).is_some(), "{text:?}: a word at {:?}", word.at);
    }
    let places = |event: &Event<mini::Word>| format!("{:?} {:?}", event.whole, event.value);
    played(text, &parsed.pattern(), places);
    match mini::notes(&parsed) {
        Ok(notes) => played(text, &notes, |event| format!("{:?} {:?}", event.whole, event.value)),
        Err(error) => told(text, &error),
    }
    for error in [mini::drums(&parsed).err(), mini::numbers(&parsed).err()].into_iter().flatten() {
        told(text, &error);
    }
    true
}

/// A mistake is at a place of the text, and says something.
fn told(text: &str, error: &mini::MiniError) {
    assert!(text.get(error.at.clone()).is_some(), "{text:?}: told at {:?}", error.at);
    assert!(!error.message.is_empty(), "{text:?}");
}

/// Bars are bounded, and a bar in two parts has the events of the whole.
fn played<T: 'static>(text: &str, pattern: &Pattern<T>, places: impl Fn(&Event<T>) -> String) {
    let bar = Beat::whole(4);
    let begun = |from: Beat, to: Beat| {
        let events = pattern.query(Query::new(Span::new(from, to), bar)).expect("a text never fails");
        assert!(events.len() <= MOST_EVENTS, "{text:?}: {} events", events.len());
        let begun = events.iter().filter(|event| event.onset().is_some());
        begun.map(&places).collect::<Vec<String>>()
    };
    for (n, cut) in [(0, Beat::new(1, 3)), (1, Beat::new(7, 4)), (1_000_003, Beat::new(5, 2))] {
        let start = bar * Beat::whole(n);
        let mut whole = begun(start, start + bar);
        let mut halves = begun(start, start + cut);
        halves.extend(begun(start + cut, start + bar));
        whole.sort();
        halves.sort();
        assert_eq!(halves, whole, "{text:?} in bar {n}, cut at {cut}");
    }
}
