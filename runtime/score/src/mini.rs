//! Mini-notation: rhythm and melody as a line of text, after TidalCycles (McLean
//! and Wiggins 2010, "Tidal: pattern language for live coding of music") and Strudel.
//!
//! A pattern fills one cycle, which is a bar:
//!
//! | text | plays |
//! |---|---|
//! | `bd sd` | steps share the bar |
//! | `bd [sd sd]` | a step may be a row of its own |
//! | `~` or `-` | a rest |
//! | `bd*2`, `bd*1.5`, `bd*<2 3>` | so many times as fast |
//! | `bd/2` | so many times as slow |
//! | `<bd sd>` | one step a bar, in turn |
//! | `bd, hh hh` | at once |
//! | `bd(3,8)`, `bd(3,8,2)`, `bd(-3,8)` | three hits spread over eight steps; two steps later; where the three are not |
//! | `bd!3`, `bd !` | the step three times, twice |
//! | `bd@3`, `bd _ _`, `bd _3` | a step three steps long |
//! | `bd?`, `bd?0.3` | left out half of the time, 3 times in 10 |
//! | `[bd \| sd]` | one of them each bar, by chance |
//! | `bd sd . hh hh hh` | feet: the same as `[bd sd] [hh hh hh]` |
//! | `0 .. 3`, `0 .. <2 3>` | the same as `[0 1 2 3]`; as far as the number of each bar says |
//! | `{a b c}%4` | four of its steps a bar, going round |
//! | `{a b, c d e}` | each row at the pace of the first |
//! | `bd:3`, `bd:<0 1>` | the word and a sample's number; another one each bar |
//!
//! What words mean, `c4'min7'i1` or `bd`, is said where they are lifted: [`notes`], [`drums`], [`numbers`].
//!
//! A word is letters, digits and `# - . ' _ ~ ^`. Modifiers apply from left to right, `!` last of those before
//! it; it makes a step as long as there are copies, and `@` or `_` after it lengthen all copies together
//! (`a!2 _` is two in the time of three). A number stands right behind its `! @ _ ?`: `a ! 3` is a, a and a step
//! called 3. Chance depends on the seed, the place in time and which of the pattern's random places it is, so
//! the same text plays the same, and each copy and each bar gets its own throw.
//!
//! # Where it differs from Strudel and Tidal
//!
//! It plays the events that Strudel 1.2.6 plays (those with an onset), where chance has no say; `tests/mini`
//! holds a thousand of its answers. Else:
//!
//! - A text with a mistake is an error, never silence or a surprise: unknown signs, `*` with a word or a negative
//!   number after it, more hits than steps, steps without length, `a@.5`. `..` beside what is no number is silent,
//!   as in Strudel, and is told of ([`Mini::doubts`]).
//! - An empty text is silence (Strudel: an error). `< >` and `{ }` may have feet, and feet may be stacked.
//! - Tidal turns `(3,8,2)` the other way, squeezes a whole bar into each hit (`[a b](3,8)`), and keeps the length
//!   of `a@3!2`. As in Strudel, a turn by more steps than there are is none, and modifiers within `( )` do nothing.
//! - Random places fall on other events, for each program has its own generator.
//! - Bounds: numbers up to 1024, 1024 steps in a row, 256 in a Euclidean rhythm, 32 brackets deep, 16384 letters
//!   and words, at most 4096 events in a bar.

mod bounds;
mod cursor;
mod leaf;
mod lift;
mod operator;
mod parser;
mod play;
mod time;
mod tree;

use std::ops::Range;
use std::sync::Arc;

pub use lift::{drums, notes, numbers, numbers_as};

use crate::random::Seed;
use crate::{Beat, Context, Event, Pattern, Place, Query, Span};
use play::{Footing, Sounding};
use time::{Fine, Time, Window};
use tree::Node;

/// What is wrong in a pattern's text, told to a musician.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MiniError {
    /// The bytes of the text that are wrong.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead, if something can be said.
    pub help: Option<String>,
}

impl MiniError {
    fn new(at: Range<usize>, message: impl Into<String>) -> MiniError {
        MiniError { at, message: message.into(), help: None }
    }

    fn help(self, help: impl Into<String>) -> MiniError {
        MiniError { help: Some(help.into()), ..self }
    }
}

/// A word of the music and its place in the text, for highlighting while it sounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word, `bd:3`; a number of `0 .. 3` is a word of its own.
    pub text: Arc<str>,
    /// Its bytes in the text. What `..` counts has the place of the whole `0 .. 3`, what `:` joins that of all
    /// of `bd:<0 1>`.
    pub at: Range<usize>,
}

/// A pattern's text, read and found right; cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct Mini {
    tree: Arc<Node<usize>>,
    words: Arc<[Word]>,
    doubts: Arc<[MiniError]>,
    /// Where each word stands in what whoever lifts the text reads it from.
    places: Option<Arc<[Place]>>,
    seed: u64,
}

/// Reads mini-notation; see [the module](self) for what may be written.
///
/// ```
/// # fn main() -> Result<(), lilt_score::mini::MiniError> {
/// let drums = lilt_score::mini::parse("bd [~ sd]")?;
/// assert_eq!(drums.lines(1), ["0 1/2 bd", "3/4 1 sd"]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// At the first mistake, with its place and what to write instead.
pub fn parse(text: &str) -> Result<Mini, MiniError> {
    let parser::Parsed { tree, words, doubts } = parser::parse(text)?;
    Ok(Mini { tree: Arc::new(tree), words: words.into(), doubts: doubts.into(), places: None, seed: 0 })
}

impl Mini {
    /// The words of the music, in the order of the text.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// What plays nothing though something was written, such as `bd .. 3`: no mistake, and hardly meant.
    pub fn doubts(&self) -> &[MiniError] {
        &self.doubts
    }

    /// The same pattern with the randomness of `seed`, which is 0 when nobody says otherwise.
    pub fn seeded(&self, seed: u64) -> Mini {
        Mini { seed, ..self.clone() }
    }

    /// The same pattern, whose events know where they were written: `place` says of a word's bytes in
    /// this text where they stand.
    pub fn placed(&self, place: impl Fn(&Range<usize>) -> Place) -> Mini {
        let places = self.words.iter().map(|word| place(&word.at)).collect();
        Mini { places: Some(places), ..self.clone() }
    }

    /// What is known of an event of the `i`th word.
    fn context(&self, word: usize) -> Context {
        let place = self.places.as_ref().and_then(|places| places.get(word));
        place.map_or(Context::none(), |place| Context::at(*place))
    }

    /// The words in time, a cycle a bar.
    pub fn pattern(&self) -> Pattern<Word> {
        self.pattern_seeded(self.seed)
    }

    /// The words in time, with the randomness of `seed`.
    pub fn pattern_seeded(&self, seed: u64) -> Pattern<Word> {
        self.with_values(seed, self.words.to_vec())
    }

    /// The events of the first `cycles` cycles that begin there, one a line as
    /// `start end word`, in exact fractions of a cycle, sorted by start, end and word.
    pub fn lines(&self, cycles: u32) -> Vec<String> {
        if self.tree.cost.is_fine() { self.lines_in::<Fine>(cycles) } else { self.lines_in::<Beat>(cycles) }
    }

    fn lines_in<T: Time>(&self, cycles: u32) -> Vec<String> {
        let mut lines = Vec::new();
        for cycle in 0..i64::from(cycles) {
            let span = Span { start: Beat::whole(cycle), end: Beat::whole(cycle + 1) };
            let mut told: Vec<(Window<T>, &str)> = self
                .sounding::<T>(span, self.seed)
                .into_iter()
                .filter(|event| event.whole.start == event.part.start)
                .filter_map(|event| Some((event.whole, self.words.get(event.value)?.text.as_ref())))
                .collect();
            told.sort_unstable();
            lines
                .extend(told.into_iter().map(|(whole, word)| {
                    format!("{} {} {word}", whole.start.written(), whole.end.written())
                }));
        }
        lines
    }

    /// What sounds in a span of cycles; the values are indices of words.
    fn sounding<T: Time>(&self, span: Span, seed: u64) -> Vec<Sounding<usize, T>> {
        let mut events = Vec::new();
        if !span.is_empty() {
            play::play(&self.tree, &Window::of(span), &Footing::new(Seed(seed)), &mut events);
            events.sort_by(play::by_time);
        }
        events
    }

    /// What `make` makes of the whole, the part and the index of the word of each event in a span of cycles.
    fn events<E>(&self, span: Span, seed: u64, make: impl FnMut((Span, Span, usize)) -> E) -> Vec<E> {
        if self.tree.cost.is_fine() {
            told(self.sounding::<Fine>(span, seed), make)
        } else {
            told(self.sounding::<Beat>(span, seed), make)
        }
    }

    /// The pattern in which the `i`th word is `values[i]`.
    fn with_values<T: Clone + 'static>(&self, seed: u64, values: Vec<T>) -> Pattern<T> {
        let mini = self.clone();
        Pattern::new(move |Query { span, bar, .. }| {
            let bars = Span { start: span.start / bar, end: span.end / bar };
            let beats = |span: Span| Span { start: span.start * bar, end: span.end * bar };
            mini.events(bars, seed, |(whole, part, word)| {
                let in_beats = beats(whole);
                Event {
                    whole: Some(in_beats),
                    part: if part == whole { in_beats } else { beats(part) },
                    value: values[word].clone(),
                    context: mini.context(word),
                }
            })
        })
    }
}

/// What `make` makes of them in beats. A time that moved (see [`time`]) takes the events that begin and end there
/// along.
fn told<T: Time, E>(
    sounding: Vec<Sounding<usize, T>>,
    mut make: impl FnMut((Span, Span, usize)) -> E,
) -> Vec<E> {
    let mut events = Vec::with_capacity(sounding.len());
    for Sounding { whole, part, value } in sounding {
        let beats = |window: &Window<T>| Span { start: window.start.beat(), end: window.end.beat() };
        let in_beats = beats(&whole);
        // Most often all of it is asked for.
        let part = if part == whole { in_beats } else { beats(&part) };
        events.extend(in_beats.intersect(part).map(|part| make((in_beats, part, value))));
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where [`bounds`] says that beats are wide enough, they give the very times of unbounded fractions.
    #[test]
    fn both_kinds_of_time_agree() {
        let texts =
            include_str!("../tests/mini/random.txt").lines().filter_map(|line| line.split_once(" cycles: "));
        let mut compared = 0;
        for (_, text) in texts {
            let mini = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            if !mini.tree.cost.is_fine() {
                assert_eq!(mini.lines_in::<Beat>(2), mini.lines_in::<Fine>(2), "{text}");
                compared += 1;
            }
        }
        assert!(compared > 300, "{compared}");
    }

    /// Times that are no beats move later, by less than 2⁻⁴⁸ of a cycle, and keep their order.
    #[test]
    fn fine_times_become_beats_in_order() {
        let mini = parse("[a b c]*1.000001*1.000003*1.000007*1.000009 d").expect("right");
        assert!(mini.tree.cost.is_fine());
        let span = Span { start: Beat::ZERO, end: Beat::ONE };
        let exact = mini.sounding::<Fine>(span, 0);
        assert_eq!(exact.len(), 5);
        let moved = told(exact.clone(), |event| event);
        for (exact, (whole, part, _)) in exact.iter().zip(&moved) {
            let late = Fine::of(whole.start).minus(&exact.whole.start);
            assert!(late >= Fine::of(Beat::ZERO) && late < Fine::of(Beat::new(1, 1 << 48)), "{whole:?}");
            assert_eq!(whole.start == part.start, exact.whole.start == exact.part.start);
        }
        assert!(moved.windows(2).all(|pair| pair[0].0.start < pair[1].0.start));
    }
}
