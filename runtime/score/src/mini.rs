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
//! | `bd@3`, `bd _ _` | a step three steps long |
//! | `bd?`, `bd?0.3` | left out half of the time, 3 times in 10 |
//! | `[bd \| sd]` | one of them each bar, by chance |
//! | `bd sd . hh hh hh` | feet: the same as `[bd sd] [hh hh hh]` |
//! | `0 .. 3` | the same as `[0 1 2 3]` |
//! | `{a b c}%4` | four of its steps a bar, going round |
//! | `{a b, c d e}` | each row at the pace of the first |
//! | `bd:3` | part of the word, for a sample's number |
//!
//! A word is letters, digits and `# - . ' _`. Modifiers apply from left to right,
//! except `!`, which copies the finished step. Chance depends on the seed, the place in
//! time and which of the pattern's random places it is, so the same text plays the
//! same, and each copy and each bar gets its own throw.
//!
//! # Where it differs from Strudel and Tidal
//!
//! - A text with a mistake is an error, never silence: unknown signs, `*` with a
//!   word or a negative number after it, more hits than steps, two `@`.
//! - An empty text is silence (Strudel: an error).
//! - The third number of `(3,8,2)` moves the rhythm later, as in Strudel; Tidal turns it the other way.
//! - A hit of a Euclidean rhythm holds for its whole step what sounds where it starts,
//!   as in Strudel; Tidal squeezes a whole bar into each hit, so `[a b](3,8)` differs there.
//! - `a@3!2` is two steps of length three, as in Tidal; in Strudel `!` takes the length away.
//! - `a@3 _` and `a!2 _` lengthen the last copy by one step.
//! - Random places fall on other events, for each program has its own generator.
//! - Numbers have at most six digits before and after the point; a pattern plays at
//!   most 4096 events in a bar.

mod bounds;
mod lift;
mod parser;
mod play;
mod token;
mod tree;

use std::ops::Range;
use std::sync::Arc;

pub use lift::{drums, notes, numbers};

use crate::random::Seed;
use crate::{Beat, Context, Event, Pattern, Place, Query, Span};
use play::{Frame, Stage};
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
    /// Its bytes in the text.
    pub at: Range<usize>,
}

/// A pattern's text, read and found right; cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct Mini {
    tree: Arc<Node<usize>>,
    words: Arc<[Word]>,
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
    let (tree, words) = parser::parse(text)?;
    Ok(Mini { tree: Arc::new(tree), words: words.into(), places: None, seed: 0 })
}

impl Mini {
    /// The words of the music, in the order of the text.
    pub fn words(&self) -> &[Word] {
        &self.words
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
        let mut lines = Vec::new();
        for cycle in 0..i64::from(cycles) {
            let span = Span { start: Beat::whole(cycle), end: Beat::whole(cycle + 1) };
            let mut told: Vec<(Span, &str)> = self
                .events(span, self.seed)
                .into_iter()
                .filter(|event| event.onset().is_some())
                .filter_map(|event| Some((event.whole?, self.words.get(event.value)?.text.as_ref())))
                .collect();
            told.sort_unstable();
            lines.extend(
                told.into_iter().map(|(whole, word)| format!("{} {} {word}", whole.start, whole.end)),
            );
        }
        lines
    }

    /// Events whose values are indices of words, in cycles.
    fn events(&self, span: Span, seed: u64) -> Vec<Event<usize>> {
        let mut events = Vec::new();
        if !span.is_empty() {
            play::play(&self.tree, span, Stage { frame: Frame::WHOLE, seed: Seed(seed) }, &mut events);
            events.sort_by(play::by_time);
        }
        events
    }

    /// The pattern in which the `i`th word is `values[i]`.
    fn with_values<T: Clone + 'static>(&self, seed: u64, values: Vec<T>) -> Pattern<T> {
        let mini = self.clone();
        Pattern::new(move |Query { span, bar, .. }| {
            let bars = Span { start: span.start / bar, end: span.end / bar };
            let beats = |span: Span| Span { start: span.start * bar, end: span.end * bar };
            mini.events(bars, seed)
                .into_iter()
                .map(|event| Event { context: mini.context(event.value), ..event })
                .map(|event| event.placed(beats).with(|word| values[word].clone()))
                .collect()
        })
    }
}
