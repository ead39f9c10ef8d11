//! What ends a phrase that somebody plays on keys.

use std::sync::Arc;

/// What ends a phrase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum PhraseEnd {
    /// So many beats without a note.
    Rest(f64),
    /// The first bar line at which no key is down; a bar has so many beats.
    Bar(f64),
    /// The pedal that comes up, whatever keys are still down.
    Pedal,
}

/// A pedal that came up: of which source, and at which beat.
pub(crate) type Lift = (Arc<str>, f64);

/// What is known of a phrase when it is asked whether it is over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Played {
    /// The beat at which its last note began.
    pub last: f64,
    /// The beat at which its last key came up; none while one is down.
    pub end: Option<f64>,
}

impl PhraseEnd {
    /// The beat at which a phrase is over if no other note begins before; none while that is not known. `lifts` are those
    /// of its source, in order.
    pub fn over_at<'a>(self, phrase: Played, lifts: impl IntoIterator<Item = &'a Lift>) -> Option<f64> {
        match self {
            PhraseEnd::Rest(rest) => phrase.end.map(|end| end + rest),
            PhraseEnd::Bar(bar) => phrase.end.map(|end| (end / bar).ceil() * bar),
            PhraseEnd::Pedal => lifts.into_iter().map(|lift| lift.1).find(|lift| *lift > phrase.last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_ends_with_a_rest_a_bar_or_the_pedal() {
        let lifts: Vec<Lift> = [1.0, 3.5, 7.0].map(|beat| ("Keys".into(), beat)).to_vec();
        for (ends, last, end, over) in [
            (PhraseEnd::Rest(1.0), 2.0, Some(2.5), Some(3.5)),
            (PhraseEnd::Rest(1.0), 2.0, None, None),
            (PhraseEnd::Bar(4.0), 2.0, Some(2.5), Some(4.0)),
            (PhraseEnd::Bar(4.0), 2.0, Some(4.0), Some(4.0)),
            (PhraseEnd::Bar(3.0), 2.0, Some(4.1), Some(6.0)),
            (PhraseEnd::Bar(4.0), 2.0, None, None),
            (PhraseEnd::Pedal, 2.0, Some(2.5), Some(3.5)),
            (PhraseEnd::Pedal, 2.0, None, Some(3.5)),
            (PhraseEnd::Pedal, 3.5, Some(3.9), Some(7.0)),
            (PhraseEnd::Pedal, 7.0, Some(7.5), None),
        ] {
            assert_eq!(ends.over_at(Played { last, end }, &lifts), over, "{ends:?} {last} {end:?}");
        }
    }
}
