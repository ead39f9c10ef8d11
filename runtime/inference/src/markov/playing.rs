//! Pieces of a chain being made, side by side.

use std::collections::HashMap;

use lilt_score::{Beat, Clip, Note, Seed};

use super::NAME;
use super::chain::Chain;
use super::event::Event;
use crate::categorical::COLDEST;
use crate::{
    Candidate, Certain, Choice, Extent, ModelError, Particles, Piece, Sampling, Step, StepProposal, Watch,
};

/// Longer than any clip may be, in beats.
const FOREVER: Beat = Beat::whole(1 << 20);

/// Pieces being made.
pub(super) struct Playing<'a> {
    chain: &'a Chain,
    temperature: f64,
    end: End,
    pieces: Vec<Particle>,
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

struct Particle {
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
    /// The last note.
    before: Option<Note>,
    /// See [`Particles::log_ratio`].
    log_ratio: f64,
}

impl<'a> Playing<'a> {
    /// `count` pieces that go on from `context`.
    pub fn new(chain: &'a Chain, context: Vec<u32>, request: &Sampling, count: usize) -> Playing<'a> {
        let end = match request.conditions().settings.number("notes") {
            Some(notes) => End::Notes(notes as usize),
            None => End::Beats(request.beats()),
        };
        let seed = Seed(request.seed()).child(NAME);
        let (events, beats) = (Vec::new(), Beat::ZERO);
        let made = Made { place: 0, events, beats, notes: 0, before: None, log_ratio: 0.0 };
        let piece = |number| Particle { seed: seed.child_number(number), draws: 0, made: made.clone() };
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

    /// True when a piece has not come to `until` and goes on.
    fn short(&self, number: usize, until: Beat) -> bool {
        let made = &self.pieces[number].made;
        made.beats < until && !self.end.reached(made)
    }

    /// The next random number of a place.
    fn chance(&mut self, number: usize) -> f64 {
        let piece = &mut self.pieces[number];
        piece.draws += 1;
        piece.seed.child_number(piece.draws - 1).unit()
    }

    /// The piece goes on with the event `chosen`.
    fn hear(&mut self, number: usize, chosen: u32) {
        let event = self.chain.event(chosen);
        let made = &mut self.pieces[number].made;
        if let Some(last) = self.end.heard(event, made).last() {
            made.before = Some(last);
        }
        made.events.push(chosen);
        made.beats += event.advance;
        made.notes += event.notes.len();
        let place = made.place;
        self.pieces[number].made.place = self.go(place, chosen);
    }

    /// What may come next in a piece, without any random number yet.
    fn choice(&self, number: usize) -> Choice {
        let made = &self.pieces[number].made;
        let sums = &self.places[made.place].sums;
        let below = std::iter::once(0.0).chain(sums.iter().copied());
        let candidate = |(number, (sum, below)): (u32, (&f64, f64))| {
            let mut before = made.before;
            let step = |note| Step { note, before: before.replace(note) };
            let steps = self.end.heard(self.chain.event(number), made).map(step).collect();
            Candidate { log_probability: (sum - below).ln(), steps }
        };
        Choice {
            candidates: (0..).zip(sums.iter().zip(below)).map(candidate).collect(),
            chances: Vec::new(),
            certain: Certain::StepAndBefore,
        }
    }

    /// Makes all pieces whole.
    pub fn finish(&mut self, watch: &Watch) -> Result<(), ModelError> {
        self.advance(FOREVER.into(), watch)
    }
}

impl Made {
    /// All that counts for what may come next, and what it earns.
    fn point(&self) -> (usize, Beat, usize, Option<Note>) {
        (self.place, self.beats, self.notes, self.before)
    }
}

impl End {
    fn reached(self, made: &Made) -> bool {
        match self {
            End::Beats(beats) => made.beats >= beats,
            End::Notes(notes) => made.notes >= notes,
        }
    }

    /// The notes of `event` as the answer has them when it follows `made`.
    fn heard<'a>(self, event: &'a Event, made: &Made) -> impl Iterator<Item = Note> + use<'a> {
        let start = made.beats;
        let (length, most) = match self {
            End::Beats(length) => (length, usize::MAX),
            End::Notes(notes) => (FOREVER, notes.saturating_sub(made.notes)),
        };
        let note = move |note: &Note| Note { start, duration: note.duration.min(length - start), ..*note };
        event.notes.iter().take(most).map(note)
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

    fn advance(&mut self, until: Extent, watch: &Watch) -> Result<(), ModelError> {
        watch.check()?;
        let until = until.beats();
        for number in 0..self.pieces.len() {
            while self.short(number, until) {
                let chance = self.chance(number);
                let sums = &self.places[self.pieces[number].made.place].sums;
                let chance = chance * sums.last().copied().unwrap_or(0.0);
                let chosen = sums.partition_point(|sum| *sum <= chance).min(sums.len() - 1);
                self.hear(number, chosen as u32);
            }
        }
        Ok(())
    }

    /// Whole events lean.
    fn advance_adapted(
        &mut self,
        until: Extent,
        proposal: &mut StepProposal<'_>,
        watch: &Watch,
    ) -> Result<(), ModelError> {
        let until = until.beats();
        loop {
            watch.check()?;
            // Pieces that have come to the same point have the same to choose from.
            let mut alike: Vec<Vec<usize>> = Vec::new();
            for number in (0..self.pieces.len()).filter(|number| self.short(*number, until)) {
                let point = |number: usize| self.pieces[number].made.point();
                match alike.iter_mut().find(|group| point(group[0]) == point(number)) {
                    Some(group) => group.push(number),
                    None => alike.push(vec![number]),
                }
            }
            if alike.is_empty() {
                return Ok(());
            }
            let mut choices: Vec<Choice> = alike.iter().map(|group| self.choice(group[0])).collect();
            for (choice, group) in choices.iter_mut().zip(&alike) {
                choice.chances.extend(group.iter().map(|number| self.chance(*number)));
            }
            for (number, drawn) in alike.into_iter().flatten().zip(proposal.draw(&choices, watch)?) {
                let Some(drawn) = drawn else {
                    return Err(ModelError::computation(NAME, "nothing may come next"));
                };
                self.pieces[number].made.log_ratio += drawn.log_ratio;
                self.hear(number, drawn.candidate as u32);
            }
        }
    }

    fn log_ratio(&self, particle: usize) -> f64 {
        self.pieces[particle].made.log_ratio
    }

    fn whole(&self) -> bool {
        self.pieces.iter().all(|piece| self.end.reached(&piece.made))
    }

    fn piece(&self, particle: usize) -> Result<Piece, ModelError> {
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
        let clip = Clip::new(notes, length).map_err(|error| ModelError::computation(NAME, error))?;
        Ok(clip.into())
    }

    fn resample(&mut self, ancestors: &[usize]) {
        let made: Vec<Made> = ancestors.iter().map(|ancestor| self.pieces[*ancestor].made.clone()).collect();
        for (piece, made) in self.pieces.iter_mut().zip(made) {
            piece.made = made;
        }
    }
}
