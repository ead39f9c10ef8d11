//! Pieces of a chain being made, side by side.

use std::collections::HashMap;

use lilt_score::{Beat, Clip, Note, Seed};

use super::NAME;
use super::chain::Chain;
use crate::{ModelError, Particles, Sampling, Watch};

/// Below this temperature the likeliest event is taken outright.
const COLDEST: f64 = 1e-3;

/// Longer than any clip may be, in beats.
const FOREVER: Beat = Beat::whole(1 << 20);

/// Pieces being made.
pub(super) struct Playing<'a> {
    chain: &'a Chain,
    temperature: f64,
    end: End,
    pieces: Vec<Piece>,
    /// The contexts that were met, and what may follow each.
    places: Vec<Place>,
    numbers: HashMap<Vec<u32>, usize>,
}

/// A context of the chain, worked out once.
struct Place {
    context: Vec<u32>,
    /// Running sums of the probabilities of all events.
    sums: Vec<f64>,
    /// The place that each event leads to, once it was gone to.
    next: HashMap<u32, usize>,
}

/// When a piece is whole.
#[derive(Clone, Copy)]
enum End {
    /// When so many beats are filled.
    Beats(Beat),
    /// When it has so many notes.
    Notes(usize),
}

struct Piece {
    seed: Seed,
    /// Events drawn in this place, by whatever ancestor.
    draws: u64,
    made: Made,
}

/// What a copy takes over.
#[derive(Clone)]
struct Made {
    /// Number of the place where it stands.
    place: usize,
    events: Vec<u32>,
    beats: Beat,
    notes: usize,
}

impl<'a> Playing<'a> {
    /// `count` pieces that go on from `context`.
    pub fn new(chain: &'a Chain, context: Vec<u32>, request: &Sampling, count: usize) -> Playing<'a> {
        let end = match request.conditions().settings.number("notes") {
            Some(notes) => End::Notes(notes as usize),
            None => End::Beats(request.beats()),
        };
        let seed = Seed(request.seed()).child(NAME);
        let made = Made { place: 0, events: Vec::new(), beats: Beat::ZERO, notes: 0 };
        let piece = |number| Piece { seed: seed.child_number(number), draws: 0, made: made.clone() };
        let pieces = (0..count as u64).map(piece).collect();
        let (places, numbers) = Default::default();
        let mut playing = Playing { chain, temperature: request.temperature(), end, pieces, places, numbers };
        playing.place(context);
        playing
    }

    /// The number of the place with this context.
    fn place(&mut self, context: Vec<u32>) -> usize {
        if let Some(number) = self.numbers.get(&context) {
            return *number;
        }
        let number = self.places.len();
        let sums = running(self.chain.distribution(&context), self.temperature);
        self.places.push(Place { context: context.clone(), sums, next: HashMap::new() });
        self.numbers.insert(context, number);
        number
    }

    /// Where the event `number` leads to from `place`.
    fn go(&mut self, place: usize, number: u32) -> usize {
        if let Some(next) = self.places[place].next.get(&number) {
            return *next;
        }
        let mut context = self.places[place].context.clone();
        self.chain.follow(&mut context, Some(number));
        let next = self.place(context);
        self.places[place].next.insert(number, next);
        next
    }

    /// Makes all pieces whole.
    pub fn finish(&mut self, watch: &Watch) -> Result<(), ModelError> {
        self.advance(FOREVER, watch)
    }
}

impl End {
    fn reached(self, made: &Made) -> bool {
        match self {
            End::Beats(beats) => made.beats >= beats,
            End::Notes(notes) => made.notes >= notes,
        }
    }
}

/// Running sums of probabilities, sharpened or flattened by a temperature.
fn running(mut chances: Vec<f64>, temperature: f64) -> Vec<f64> {
    let most = chances.iter().copied().fold(0.0, f64::max);
    for chance in &mut chances {
        *chance = if temperature < COLDEST {
            f64::from(*chance == most)
        } else {
            (*chance / most).powf(1.0 / temperature)
        };
    }
    let mut sum = 0.0;
    for chance in &mut chances {
        sum += *chance;
        *chance = sum;
    }
    chances
}

impl Particles for Playing<'_> {
    fn count(&self) -> usize {
        self.pieces.len()
    }

    fn advance(&mut self, until: Beat, watch: &Watch) -> Result<(), ModelError> {
        watch.check()?;
        for number in 0..self.pieces.len() {
            loop {
                let Piece { seed, draws, made } = &mut self.pieces[number];
                if made.beats >= until || self.end.reached(made) {
                    break;
                }
                let sums = &self.places[made.place].sums;
                let chance = seed.child_number(*draws).unit() * sums.last().copied().unwrap_or(0.0);
                *draws += 1;
                let chosen = sums.partition_point(|sum| *sum <= chance).min(sums.len() - 1) as u32;
                let event = self.chain.event(chosen);
                made.events.push(chosen);
                made.beats += event.advance;
                made.notes += event.notes.len();
                let place = made.place;
                self.pieces[number].made.place = self.go(place, chosen);
            }
        }
        Ok(())
    }

    fn whole(&self) -> bool {
        self.pieces.iter().all(|piece| self.end.reached(&piece.made))
    }

    fn clip(&self, particle: usize) -> Result<Clip, ModelError> {
        let made = &self.pieces[particle].made;
        let mut start = Beat::ZERO;
        let mut notes = Vec::with_capacity(made.notes);
        for number in &made.events {
            let event = self.chain.event(*number);
            notes.extend(event.notes.iter().map(|note| Note { start, ..*note }));
            start += event.advance;
        }
        let length = match self.end {
            End::Beats(length) => {
                notes.retain(|note| note.start < length);
                for note in &mut notes {
                    note.duration = note.duration.min(length - note.start);
                }
                length
            }
            End::Notes(most) => {
                notes.truncate(most);
                made.beats
            }
        };
        Clip::new(notes, length)
            .map_err(|error| ModelError::Computation { model: NAME.to_owned(), reason: error.to_string() })
    }

    fn resample(&mut self, ancestors: &[usize]) {
        let made: Vec<Made> = ancestors.iter().map(|ancestor| self.pieces[*ancestor].made.clone()).collect();
        for (piece, made) in self.pieces.iter_mut().zip(made) {
            piece.made = made;
        }
    }
}
