//! Drawings that are made side by side.

use lilt_inference::{Extent, ModelError, Particles, Piece, Watch};
use lilt_score::{Seed, Sketch, Stroke};
use rand_chacha::ChaCha8Rng;

use super::mixture::Mixture;
use super::moves::{Line, Move, Pen, drawn_on};
use super::page::Frame;
use super::step::{Condition, Room, SketchState, SketchStep};

/// What a drawing goes on from.
#[derive(Debug, Clone)]
pub(super) struct Begun {
    /// The strokes that were drawn by somebody else, and stay as they are.
    pub before: Vec<Stroke>,
    /// Where the pen begins, in pixels: a point, and behind it an empty stroke where the pen is lifted.
    pub lines: Vec<Line>,
    /// Where pixels lie; none puts what is drawn into the middle.
    pub frame: Option<Frame>,
    /// What the network remembers of all moves but the last.
    pub state: SketchState,
    /// The last move, in units of the network, which it has not heard.
    pub last: Move,
    /// Points of the sketch that it was read from, where that has others.
    pub points: usize,
}

impl Begun {
    /// The beginning of a drawing: a point, wherever it lies.
    pub fn nothing(step: &SketchStep) -> Begun {
        Begun {
            before: Vec::new(),
            lines: vec![vec![[0.0, 0.0]]],
            frame: None,
            state: step.start(),
            last: Move::START,
            points: 1,
        }
    }
}

/// How drawings are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// As in [`Mixture::read`]; 0 takes the likeliest.
    pub temperature: f32,
    /// Most points.
    pub most: usize,
    /// Whether drawings may end: one that may not goes on with its likeliest other pen.
    pub ends: bool,
}

/// Drawings side by side, each with random numbers of its own place.
pub(super) struct Drawings<'a> {
    name: &'a str,
    step: &'a SketchStep,
    told: Vec<Condition>,
    begun: Begun,
    manner: Manner,
    places: Vec<Place>,
    rngs: Vec<ChaCha8Rng>,
    room: Room,
    mixture: Mixture,
}

#[derive(Debug, Clone)]
struct Place {
    /// In units of the network.
    moves: Vec<Move>,
    state: SketchState,
}

impl<'a> Drawings<'a> {
    /// Drawings that go on from `begun`, one for each of `told`.
    pub fn new(
        name: &'a str,
        step: &'a SketchStep,
        told: Vec<Condition>,
        begun: Begun,
        manner: Manner,
        seed: Seed,
    ) -> Drawings<'a> {
        let place = Place { moves: Vec::new(), state: begun.state.clone() };
        let places = vec![place; told.len()];
        let rngs = (0..told.len() as u64).map(|place| seed.child_number(place).rng()).collect();
        let (room, mixture) = (Room::default(), Mixture::default());
        Drawings { name, step, told, begun, manner, places, rngs, room, mixture }
    }

    fn points(&self, place: usize) -> usize {
        let moves = &self.places[place].moves;
        self.begun.points + moves.iter().filter(|step| step.pen != Pen::End).count()
    }

    fn over(&self, place: usize) -> bool {
        let ended = self.places[place].moves.last().is_some_and(|step| step.pen == Pen::End);
        ended || self.points(place) >= self.manner.most
    }

    /// The moves that were drawn so far, in pixels.
    pub fn moves(&self, place: usize) -> Vec<Move> {
        let scale = self.step.config().scale;
        self.places[place].moves.iter().map(|step| step.scaled(scale)).collect()
    }

    /// The strokes of a drawing so far, in pixels.
    fn lines(&self, place: usize) -> Vec<Line> {
        drawn_on(&self.begun.lines, &self.moves(place))
    }

    /// Draws the next move of each of `going`.
    fn next(&mut self, going: &[usize]) -> Result<(), ModelError> {
        let last = |place: usize| self.places[place].moves.last().copied().unwrap_or(self.begun.last);
        let moves: Vec<Move> = going.iter().map(|&place| last(place)).collect();
        let mut states: Vec<SketchState> =
            going.iter().map(|&place| self.places[place].state.clone()).collect();
        let told: Vec<&Condition> = going.iter().map(|&place| &self.told[place]).collect();
        let said = self.step.step(&mut self.room, &moves, &told, &mut states);
        for ((&place, state), said) in going.iter().zip(states).zip(said.chunks_exact(self.step.outputs())) {
            self.mixture.read(said, self.manner.temperature);
            if !self.manner.ends {
                self.mixture.never_end();
            }
            if !self.mixture.is_usable() {
                return Err(ModelError::no_numbers(self.name));
            }
            let next = match self.manner.temperature {
                0.0 => self.mixture.likeliest(),
                _ => self.mixture.draw(&mut self.rngs[place]),
            };
            let place = &mut self.places[place];
            place.state = state;
            place.moves.push(next);
        }
        Ok(())
    }
}

impl Particles for Drawings<'_> {
    fn count(&self) -> usize {
        self.places.len()
    }

    fn advance(&mut self, until: Extent, watch: &Watch) -> Result<(), ModelError> {
        loop {
            watch.check()?;
            let goes_on = |&place: &usize| !self.over(place) && self.points(place) < until.points();
            let going: Vec<usize> = (0..self.places.len()).filter(goes_on).collect();
            if going.is_empty() {
                return Ok(());
            }
            self.next(&going)?;
        }
    }

    fn whole(&self) -> bool {
        (0..self.places.len()).all(|place| self.over(place))
    }

    fn piece(&self, particle: usize) -> Result<Piece, ModelError> {
        let lines = self.lines(particle);
        let Some(frame) = self.begun.frame else { return Ok(Frame::centred(&lines).sketch(&lines).into()) };
        let since =
            self.begun.before.last().and_then(|stroke| stroke.points.last()).map_or(0.0, |last| last.time);
        let mut strokes = self.begun.before.clone();
        // The first is where the pen was.
        strokes.extend(frame.sketch(&lines).strokes().iter().skip(1).cloned());
        for point in strokes[self.begun.before.len()..].iter_mut().flat_map(|stroke| &mut stroke.points) {
            point.time += since;
        }
        Ok(Sketch::new(strokes).into())
    }

    fn resample(&mut self, ancestors: &[usize]) {
        self.places = ancestors.iter().map(|&ancestor| self.places[ancestor].clone()).collect();
    }
}
