//! A model of drawings that is small enough to be enumerated: from the middle of the canvas its pen goes right or
//! down, is lifted, or is laid down.
#![allow(dead_code, reason = "each test uses a part of it")]

use lilt_inference::{
    Conditions, Continues, Description, Extent, Grows, Medium, Model, ModelError, Particles, Piece, Sampled,
    Sampling, Scores, Tilts, Watch, capabilities,
};
use lilt_score::{Point, Seed, Sketch, Stroke};

/// What the pen does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    Right,
    Down,
    /// A new stroke begins, to the right and below.
    Lift,
    /// Nothing more.
    End,
}

pub const MOVES: [Move; 4] = [Move::Right, Move::Down, Move::Lift, Move::End];

/// How likely each move is after each, in percent.
const PERCENT: [[f64; 4]; 3] = [[50.0, 20.0, 10.0, 20.0], [30.0, 35.0, 15.0, 20.0], [45.0, 45.0, 5.0, 5.0]];

/// How far the pen goes.
const STRIDE: f32 = 0.05;

/// The model.
pub struct Doodler {
    description: Description,
    /// Whether it can be tilted, and goes on.
    gifted: bool,
}

impl Doodler {
    pub fn new(name: &str) -> Doodler {
        let description = Description {
            name: name.to_owned(),
            identity: format!("identity of {name}"),
            medium: Medium::Drawing,
            about: "Doodles.".to_owned(),
            ..Description::default()
        };
        Doodler { description, gifted: true }
    }

    /// One that is told what to draw, and draws what it will.
    pub fn of_kinds(name: &str) -> Doodler {
        let mut doodler = Doodler::new(name);
        doodler.description.options.push(lilt_inference::OptionDescription {
            name: "kind".to_owned(),
            about: "What is drawn.".to_owned(),
            default: "anything".to_owned(),
            kind: lilt_inference::OptionKind::Text,
        });
        doodler
    }

    /// One that only samples.
    pub fn plain(name: &str) -> Doodler {
        Doodler { gifted: false, ..Doodler::new(name) }
    }
}

/// Probabilities of the moves after one of them, or of the first.
pub fn chances(before: Option<Move>, temperature: f64) -> [f64; 4] {
    let percent = PERCENT[before.map_or(0, |before| before as usize % 3)];
    let most = percent.iter().copied().fold(0.0, f64::max);
    let sharpened = percent.map(|percent| match temperature {
        t if t < 1e-3 => f64::from(u8::from(percent == most)),
        t => (percent / most).powf(1.0 / t),
    });
    let sum: f64 = sharpened.iter().sum();
    sharpened.map(|chance| chance / sum)
}

/// The drawing that begins in the middle and goes on by `moves`.
pub fn drawn(moves: &[Move]) -> Sketch {
    moved(&Sketch::default(), moves)
}

/// What a pen makes of a drawing by going on from its end.
pub fn moved(from: &Sketch, moves: &[Move]) -> Sketch {
    let mut strokes = from.strokes().to_vec();
    if strokes.is_empty() {
        strokes.push(Stroke { points: vec![Point { x: 0.5, y: 0.5, width: 0.01, time: 0.0 }] });
    }
    for step in moves {
        let Some(&last) = strokes.last().and_then(|stroke| stroke.points.last()) else { break };
        let (right, down) = match step {
            Move::Right => (STRIDE, 0.0),
            Move::Down => (0.0, STRIDE),
            Move::Lift => (STRIDE, STRIDE),
            Move::End => break,
        };
        let point = Point { x: last.x + right, y: last.y + down, time: last.time + 0.1, ..last };
        match strokes.last_mut() {
            Some(stroke) if *step != Move::Lift => stroke.points.push(point),
            _ => strokes.push(Stroke { points: vec![point] }),
        }
    }
    Sketch::new(strokes)
}

/// The moves by which a drawing of this kind was made, without its end.
pub fn moves(sketch: &Sketch) -> Vec<Move> {
    let mut moves = Vec::new();
    for (number, stroke) in sketch.strokes().iter().enumerate() {
        moves.extend((number > 0).then_some(Move::Lift));
        let along = |pair: &[Point]| if pair[1].x > pair[0].x { Move::Right } else { Move::Down };
        moves.extend(stroke.points.windows(2).map(along));
    }
    moves
}

/// Doodles side by side.
pub struct Doodles {
    primer: Sketch,
    most: usize,
    temperature: f64,
    seed: Seed,
    /// Moves so far, the end among them, and how many numbers were drawn in the place.
    places: Vec<(Vec<Move>, u64)>,
}

impl Doodles {
    fn points(&self, place: usize) -> usize {
        let moves = &self.places[place].0;
        self.primer.points().max(1) + moves.iter().filter(|step| **step != Move::End).count()
    }

    fn ended(&self, place: usize) -> bool {
        self.places[place].0.last() == Some(&Move::End) || self.points(place) >= self.most
    }
}

impl Particles for Doodles {
    fn count(&self) -> usize {
        self.places.len()
    }

    fn advance(&mut self, until: Extent, watch: &Watch) -> Result<(), ModelError> {
        for place in 0..self.places.len() {
            while !self.ended(place) && self.points(place) < until.points() {
                watch.check()?;
                let chances = chances(self.places[place].0.last().copied(), self.temperature);
                let (moves, draws) = &mut self.places[place];
                let mut chance = self.seed.child_number(place as u64).child_number(*draws).unit();
                *draws += 1;
                let under = |share: &f64| {
                    chance -= share;
                    chance < 0.0
                };
                moves.push(MOVES[chances.iter().position(under).unwrap_or(3)]);
            }
        }
        Ok(())
    }

    fn whole(&self) -> bool {
        (0..self.places.len()).all(|place| self.ended(place))
    }

    fn piece(&self, particle: usize) -> Result<Piece, ModelError> {
        Ok(moved(&self.primer, &self.places[particle].0).into())
    }

    fn resample(&mut self, ancestors: &[usize]) {
        let moves: Vec<Vec<Move>> = ancestors.iter().map(|&from| self.places[from].0.clone()).collect();
        self.places.iter_mut().zip(moves).for_each(|(place, moves)| place.0 = moves);
    }
}

impl Model for Doodler {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        let mut one = self.particles(None, request, 1, watch)?;
        one.advance(request.extent(), watch)?;
        one.piece(0).map(Sampled::plain)
    }

    fn continues(&self) -> Option<&dyn Continues> {
        self.gifted.then_some(self)
    }

    capabilities!(Scores);

    fn tilts(&self) -> Option<&dyn Tilts> {
        self.gifted.then_some(self)
    }
}

impl Continues for Doodler {
    fn continue_from(
        &self,
        primer: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        let mut one = self.particles(Some(primer), request, 1, watch)?;
        one.advance(request.extent(), watch)?;
        one.piece(0).map(Sampled::plain)
    }
}

impl Scores for Doodler {
    /// The first point is certain; the end counts toward the last one.
    fn score(&self, piece: &Piece, _: &Conditions, _: &Watch) -> Result<Vec<f64>, ModelError> {
        let (mut nats, mut before) = (vec![0.0], None);
        for step in moves(piece.sketch()?) {
            nats.push(-chances(before, 1.0)[step as usize].ln());
            before = Some(step);
        }
        nats.iter_mut().last().into_iter().for_each(|last| *last -= chances(before, 1.0)[3].ln());
        Ok(nats)
    }
}

impl Grows for Doodler {
    fn particles<'a>(
        &'a self,
        primer: Option<&Piece>,
        request: &Sampling,
        count: usize,
        watch: &Watch,
    ) -> Result<Box<dyn Particles + 'a>, ModelError> {
        watch.check()?;
        let primer = primer.map(Piece::sketch).transpose()?.cloned().unwrap_or_default();
        let seed = Seed(request.seed()).child("doodler");
        let most = request.points() as usize;
        let places = vec![(Vec::new(), 0); count];
        Ok(Box::new(Doodles { primer, most, temperature: request.temperature(), seed, places }))
    }
}
