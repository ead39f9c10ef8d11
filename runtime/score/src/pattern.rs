//! Patterns: pure functions from a span of beats to events.
//!
//! After TidalCycles (McLean 2014, "Making programming languages to dance to"):
//! asking any span gives the events that touch it, each with the *part* that
//! falls inside and, for discrete events, the *whole* they belong to. Asking two
//! halves gives the same events as asking the whole, cut at the seam.

mod apply;
mod bars;
mod chance;
mod chords;
mod degrade;
mod masked;
mod moved;
mod record;
mod region;
mod repeated;
mod signal;
mod steered;
mod structure;
mod time;
mod together;
mod transpose;

use std::error::Error;
use std::fmt;
use std::rc::Rc;

pub use apply::Structure;
pub use record::RecordError;

use crate::{Beat, Context, Span};

/// What a pattern is asked: a span of time, the length of a bar there, since when it plays, and whether
/// drafts will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    /// The beats asked for.
    pub span: Span,
    /// Length of a bar in beats; a bar is one cycle of a pattern.
    pub bar: Beat,
    /// The beat at which whoever asks began to play the pattern. Only a pattern that never comes round
    /// again counts from there; all others count from beat 0.
    pub origin: Beat,
    /// Length of a bar of the performance, in the pattern's own beats: other than `bar` where the pattern is played
    /// faster or has bars of its own. Only the parts of a form are counted in those.
    pub measure: Beat,
    /// True where the first draft of a take that is still being made may stand in for it.
    pub drafts: bool,
}

impl Query {
    /// A question about a pattern that plays since beat 0, for what is meant and no draft.
    pub fn new(span: Span, bar: Beat) -> Query {
        Query { span, bar, origin: Beat::ZERO, measure: bar, drafts: false }
    }

    /// The same question about another span.
    pub fn over(self, span: Span) -> Query {
        Query { span, ..self }
    }

    /// The beat at which bar `number` begins.
    pub(crate) fn bar_line(self, number: i64) -> Beat {
        self.bar * Beat::whole(number)
    }

    /// What `answer` says of each bar that the span touches, in turn: it gets the bar's number and the same
    /// question about what of the span lies in it.
    pub(crate) fn in_bars<T>(self, mut answer: impl FnMut(i64, Query) -> Answer<T>) -> Answer<T> {
        let parts = self.span.cycles(self.bar);
        let mut told = |part: Span| answer(part.start.floor_div(self.bar), self.over(part));
        // Whoever plays asks a bar at a time: what is answered need not move again.
        if let [only] = parts[..] {
            return told(only);
        }
        let mut events = Vec::new();
        for part in parts {
            events.extend(told(part)?);
        }
        Ok(events)
    }
}

/// A value that holds for some time.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<T> {
    /// The whole of a discrete event, or `None` where a value flows without onsets.
    pub whole: Option<Span>,
    /// What of it lies in the span asked for.
    pub part: Span,
    /// The value.
    pub value: T,
    /// Where it was written, and what else is known of it.
    pub context: Context,
}

impl<T> Event<T> {
    /// An event with an onset, of which nothing else is known.
    pub fn new(whole: Span, part: Span, value: T) -> Event<T> {
        Event { whole: Some(whole), part, value, context: Context::none() }
    }

    /// A value that flows over `part`.
    pub fn flowing(part: Span, value: T) -> Event<T> {
        Event { whole: None, part, value, context: Context::none() }
    }

    /// When the event begins, if its beginning lies in the span asked for:
    /// only then is it played.
    pub fn onset(&self) -> Option<Beat> {
        self.whole.filter(|whole| whole.start == self.part.start).map(|whole| whole.start)
    }

    /// The same times, another value.
    pub fn with<U>(self, value: impl FnOnce(T) -> U) -> Event<U> {
        Event { whole: self.whole, part: self.part, value: value(self.value), context: self.context }
    }

    /// The same event where every span lies elsewhere.
    pub fn placed(self, place: impl Fn(Span) -> Span) -> Event<T> {
        let whole = self.whole.map(&place);
        // Most events are asked for as wholes.
        let part = whole.filter(|_| self.whole == Some(self.part)).unwrap_or_else(|| place(self.part));
        Event { whole, part, ..self }
    }
}

/// Why a pattern could not answer.
#[derive(Debug)]
pub enum QueryError {
    /// A take that the pattern needs is still being made: the sequencer plays
    /// the next rung of its ladder instead.
    Late,
    /// A performer's function, or the model behind a take, failed. The source
    /// keeps what the script layer needs to name the line.
    Failed(Box<dyn Error>),
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueryError::Late => f.write_str("a take is still being made"),
            QueryError::Failed(error) => error.fmt(f),
        }
    }
}

impl Error for QueryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            QueryError::Late => None,
            QueryError::Failed(error) => Some(error.as_ref()),
        }
    }
}

type Answer<T> = Result<Vec<Event<T>>, QueryError>;

/// A pure function from a span of beats to events; cheap to clone.
///
/// Not `Send`: a pattern may hold a function of the script's VM, and both stay
/// with the planner, on the thread that owns the script.
pub struct Pattern<T> {
    answer: Rc<dyn Fn(Query) -> Answer<T>>,
    steady: Option<Rc<T>>,
}

impl<T> Clone for Pattern<T> {
    fn clone(&self) -> Pattern<T> {
        Pattern { answer: Rc::clone(&self.answer), steady: self.steady.clone() }
    }
}

impl<T> fmt::Debug for Pattern<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pattern")
    }
}

impl<T: 'static> Pattern<T> {
    /// A pattern from a function that may fail. The function must be pure, and
    /// must answer two halves of a span with the events of the whole.
    pub fn try_new(answer: impl Fn(Query) -> Answer<T> + 'static) -> Pattern<T> {
        Pattern { answer: Rc::new(answer), steady: None }
    }

    /// A pattern from a function that cannot fail.
    pub fn new(answer: impl Fn(Query) -> Vec<Event<T>> + 'static) -> Pattern<T> {
        Pattern::try_new(move |query| Ok(answer(query)))
    }

    /// Nothing, ever.
    pub fn silence() -> Pattern<T> {
        Pattern::new(|_| Vec::new())
    }

    /// The events that touch the span asked for.
    ///
    /// # Errors
    /// When a take inside the pattern is late or failed, or a performer's function
    /// inside it fails.
    pub fn query(&self, query: Query) -> Answer<T> {
        if query.span.is_empty() { Ok(Vec::new()) } else { (self.answer)(query) }
    }

    /// The same times with other values.
    pub fn map<U: 'static>(&self, value: impl Fn(T) -> U + 'static) -> Pattern<U> {
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let events = inner.query(query)?;
            Ok(events.into_iter().map(|event| event.with(&value)).collect())
        })
    }
}

impl<T: Clone + 'static> Pattern<T> {
    /// One value a bar, for ever.
    pub fn pure(value: T) -> Pattern<T> {
        Pattern::new(move |query| {
            let bars = query.span.cycles(query.bar);
            let whole = |part: Span| {
                let start = query.bar * Beat::whole(part.start.floor_div(query.bar));
                Span::new(start, start + query.bar)
            };
            bars.into_iter().map(|part| Event::new(whole(part), part, value.clone())).collect()
        })
    }

    /// One value that flows without onsets: a control that never changes.
    pub fn steady(value: T) -> Pattern<T> {
        let steady = Some(Rc::new(value.clone()));
        let answer = Pattern::new(move |query| vec![Event::flowing(query.span, value.clone())]);
        Pattern { steady, ..answer }
    }

    /// The one value of a [`Pattern::steady`], which need not be sampled over time.
    /// `None` says nothing: other patterns may hold still too.
    pub fn steady_value(&self) -> Option<&T> {
        self.steady.as_deref()
    }
}
