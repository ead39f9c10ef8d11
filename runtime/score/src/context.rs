//! What an event carries along beside its value: where it was written, and what else is known of it.

use smallvec::SmallVec;

/// Most places that one event remembers: a word, and what steers and colours it. Beyond that nobody
/// can tell by looking which of them it was.
const MOST_PLACES: usize = 8;

/// A piece of a text: bytes `from..to` of the text that whoever lifted it calls `text`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Number of the text among those that one evaluation read.
    pub text: u32,
    /// Its first byte.
    pub from: u32,
    /// The first byte after it.
    pub to: u32,
}

/// Where an event was written, and how much it surprised a model. Every combinator keeps it; where two
/// patterns make one event, it has the places of both.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Context {
    places: SmallVec<[Place; 2]>,
    surprise: Option<f64>,
}

impl Context {
    /// Nothing is known.
    pub const fn none() -> Context {
        Context { places: SmallVec::new_const(), surprise: None }
    }

    /// Written at this place.
    pub fn at(place: Place) -> Context {
        Context { places: SmallVec::from_iter([place]), surprise: None }
    }

    /// That surprised a model by so many nats (−ln p).
    pub fn surprising(self, nats: f64) -> Context {
        Context { surprise: Some(nats), ..self }
    }

    /// Where it was written, in the order in which that was met; each place once.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// How much it surprised a model, in nats, where that is known.
    pub fn surprise(&self) -> Option<f64> {
        self.surprise
    }

    /// What is known of an event that both this one and `other` made. This one's surprise counts first.
    #[must_use]
    pub fn with(mut self, other: &Context) -> Context {
        for place in &other.places {
            if self.places.len() < MOST_PLACES && !self.places.contains(place) {
                self.places.push(*place);
            }
        }
        self.surprise = self.surprise.or(other.surprise);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(from: u32) -> Place {
        Place { text: 0, from, to: from + 2 }
    }

    #[test]
    fn an_event_of_two_patterns_has_the_places_of_both_once() {
        let one = Context::at(place(0)).surprising(2.0);
        let both = one.clone().with(&Context::at(place(9)).surprising(7.0)).with(&one);
        assert_eq!(both.places(), [place(0), place(9)]);
        assert_eq!(both.surprise(), Some(2.0));
        assert_eq!(Context::none().with(&one), one);
    }

    #[test]
    fn places_are_bounded() {
        let all = (0..100).fold(Context::none(), |all, from| all.with(&Context::at(place(from))));
        assert_eq!(all.places().len(), MOST_PLACES);
    }
}
