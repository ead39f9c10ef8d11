//! `sketch` as a model: sample, continue, score, interpolate, tilt, bake.

use std::path::Path;
use std::sync::Arc;

use lilt_inference::{
    Conditions, Continues, Description, Examples, Extent, Grows, Interpolated, Interpolates, Interpolation,
    Learns, Medium, Model, ModelError, OptionDescription, OptionKind, Particles, Piece, Sampled, Sampling,
    Scores, Watch, capabilities,
};
use lilt_score::{Seed, Sketch};

use super::NAME;
use super::drawing::Drawing;
use super::learner::Learner;
use super::mixture::Mixture;
use super::moves::Move;
use super::network::Config;
use super::page::{self, Read};
use super::particles::{Begun, Drawings, Manner};
use super::step::{Condition, Room, SketchState, SketchStep};
use crate::card::{Head, read_weights};
use crate::melody::latent::slerp;
use crate::source::Source;

/// The option that says what is drawn.
const KIND: &str = "kind";
/// The option that keeps the pen going.
const ENDS: &str = "ends";

/// The trained network with its name and options; without an encoder, a decoder that was imported.
pub struct SketchModel {
    description: Description,
    step: SketchStep,
    learner: Option<Learner>,
}

impl SketchModel {
    /// Loads `sketch.safetensors` and its card `sketch.toml` from `folder`.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when one is missing or damaged, or the weights are not
    /// the card's.
    pub fn load(folder: &Path) -> Result<SketchModel, ModelError> {
        SketchModel::load_as(NAME, folder)
    }

    /// As [`SketchModel::load`], a model of this kind that is called `name`.
    ///
    /// # Errors
    /// As [`SketchModel::load`].
    pub fn load_as(name: &str, folder: &Path) -> Result<SketchModel, ModelError> {
        let card = Head::<Config>::read(&folder.join(format!("{name}.toml")))?;
        let path = folder.join(format!("{name}.safetensors"));
        let weights = read_weights(&path, &card.weights.sha256, &card.network.stored())?;
        let step = SketchStep::new(card.network.clone(), &weights).map_err(|error| {
            let reason = format!("the network cannot be built from it: {error}");
            ModelError::Weights { path: path.clone(), reason }
        })?;
        let source = Source::File { path, sha256: card.weights.sha256.clone() };
        let model = SketchModel::new(step, name, card.weights.sha256, card.description);
        // Drawings that learn on are made without the ideas of those before.
        let network = Config { ideas: 0, ..card.network };
        Ok(model.learning(Learner::new(network, source)))
    }

    /// A model of a network in hand. `identity` names its weights: models of the same identity must
    /// answer alike. It learns nothing more: where its numbers lie is not told.
    pub fn new(step: SketchStep, name: &str, identity: String, about: String) -> SketchModel {
        let mut options = Vec::new();
        if step.config().kind > 0 {
            options.push(OptionDescription {
                name: KIND.to_owned(),
                about: "What is drawn, as \"cat\" or \"school bus\".".to_owned(),
                default: "anything".to_owned(),
                kind: OptionKind::Word(step.config().kinds.clone()),
            });
        }
        let ends = OptionDescription {
            name: ENDS.to_owned(),
            about: "\"never\" keeps the pen going until there are as many points as were asked for."
                .to_owned(),
            default: "\"when done\"".to_owned(),
            kind: OptionKind::Word(vec!["when done".to_owned(), "never".to_owned()]),
        };
        let description = Description {
            name: name.to_owned(),
            identity,
            medium: Medium::Drawing,
            about,
            options,
            call_options: vec![ends],
            ..Description::default()
        };
        SketchModel { description, step, learner: None }
    }

    /// The same, which can learn more.
    #[must_use]
    pub(super) fn learning(self, learner: Learner) -> SketchModel {
        SketchModel { learner: Some(learner), ..self }
    }

    /// The network, for those who measure it.
    pub fn step(&self) -> &SketchStep {
        &self.step
    }

    fn name(&self) -> &str {
        &self.description.name
    }

    /// The row of the kind that is asked for; the one of any where none is.
    fn row(&self, conditions: &Conditions) -> Result<usize, ModelError> {
        let config = self.step.config();
        let Some(word) = conditions.settings.word(KIND) else { return Ok(config.kinds.len()) };
        if config.kind == 0 {
            return Ok(config.kinds.len());
        }
        config.kinds.iter().position(|kind| kind == word).ok_or_else(|| {
            let known = match lilt_score::nearest(word, config.kinds.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`? It knows {} kinds", config.kinds.len()),
                None => format!("it knows {} kinds, as `bird`, `cat` or `school bus`", config.kinds.len()),
            };
            ModelError::condition(self.name(), KIND, format!("`{word}`"), known)
        })
    }

    fn told(&self, conditions: &Conditions) -> Result<Condition, ModelError> {
        Ok(self.step.condition(self.step.kind(self.row(conditions)?), None))
    }

    fn manner(&self, request: &Sampling) -> Manner {
        let settings = &request.conditions().settings;
        Manner {
            temperature: request.temperature() as f32,
            most: request.points() as usize,
            ends: settings.word(ENDS) != Some("never"),
        }
    }

    /// A sketch that is gone on from. Whoever draws has laid the pen down after its last stroke.
    fn begun(&self, sketch: &Sketch, told: &Condition, watch: &Watch) -> Result<Begun, ModelError> {
        let read = page::read(sketch);
        let mut moves = self.units(&read);
        if moves.len() < 2 {
            return Err(ModelError::sketch(
                self.name(),
                "continue",
                "it has fewer than two points: draw a stroke first",
            ));
        }
        moves.pop();
        let mut state = [self.step.start()];
        let mut room = Room::default();
        let mut last = Move::START;
        for next in moves {
            watch.check()?;
            self.step.step(&mut room, &[last], &[told], &mut state);
            last = next;
        }
        let [state] = state;
        let frame = read.frame;
        let lifted = sketch.strokes().last().and_then(|stroke| stroke.points.last());
        let at = lifted.map_or([0.0; 2], |point| {
            [(point.x - frame.origin[0]) / frame.unit, (point.y - frame.origin[1]) / frame.unit]
        });
        // The pen goes on from where it was lifted, and the next move begins another stroke.
        let lines = vec![vec![at], Vec::new()];
        Ok(Begun {
            before: sketch.strokes().to_vec(),
            lines,
            frame: Some(frame),
            state,
            last,
            points: sketch.points(),
        })
    }

    /// The moves of a sketch, in units of the network.
    fn units(&self, read: &Read) -> Vec<Move> {
        let unit = 1.0 / self.step.config().scale;
        read.moves().into_iter().map(|step| step.scaled(unit)).collect()
    }

    /// Nats of each move, the end among them.
    fn nats(&self, moves: &[Move], told: &Condition, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let (mut room, mut mixture) = (Room::default(), Mixture::default());
        let mut state = [self.step.start()];
        let mut last = Move::START;
        let nats = moves.iter().map(|&next| {
            watch.check()?;
            mixture.read(self.step.step(&mut room, &[last], &[told], &mut state), 1.0);
            last = next;
            let nats = -f64::from(mixture.log_probability(next));
            if nats.is_finite() { Ok(nats) } else { Err(ModelError::no_numbers(self.name())) }
        });
        nats.collect()
    }

    /// The row of the kind that makes a drawing likeliest; that of any where the network knows no kinds. After each few
    /// moves the unlikelier half of the kinds is given up.
    fn likeliest_kind(&self, moves: &[Move], watch: &Watch) -> Result<usize, ModelError> {
        let count = self.step.config().kinds.len();
        if self.step.config().kind == 0 {
            return Ok(count);
        }
        let told: Vec<Condition> =
            (0..count).map(|row| self.step.condition(self.step.kind(row), None)).collect();
        let mut kinds: Vec<Candidate> =
            (0..count).map(|row| Candidate::new(row, self.step.start())).collect();
        let (mut room, mut mixture) = (Room::default(), Mixture::default());
        let mut last = Move::START;
        for (number, &next) in moves.iter().enumerate() {
            watch.check()?;
            let told: Vec<&Condition> = kinds.iter().map(|kind| &told[kind.row]).collect();
            let mut states: Vec<SketchState> = kinds.iter().map(|kind| kind.state.clone()).collect();
            let said = self.step.step(&mut room, &vec![last; kinds.len()], &told, &mut states);
            let said = said.chunks_exact(self.step.outputs());
            for ((kind, state), said) in kinds.iter_mut().zip(states).zip(said) {
                mixture.read(said, 1.0);
                kind.nats -= f64::from(mixture.log_probability(next));
                kind.state = state;
            }
            last = next;
            if (number + 1).is_multiple_of(MOVES_HEARD) && kinds.len() > FEWEST_KINDS {
                kinds.sort_by(|a, b| a.nats.total_cmp(&b.nats));
                kinds.truncate((kinds.len() / 2).max(FEWEST_KINDS));
            }
        }
        let least = kinds.iter().min_by(|a, b| a.nats.total_cmp(&b.nats));
        Ok(least.map_or(count, |kind| kind.row))
    }
}

/// Moves after which half of the kinds is given up, and how few are heard to the end.
const MOVES_HEARD: usize = 4;
const FEWEST_KINDS: usize = 8;

/// A kind that a drawing may be of.
struct Candidate {
    row: usize,
    state: SketchState,
    nats: f64,
}

impl Candidate {
    fn new(row: usize, state: SketchState) -> Candidate {
        Candidate { row, state, nats: 0.0 }
    }
}

impl Model for SketchModel {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        let mut one = self.particles(None, request, 1, watch)?;
        one.advance(request.extent(), watch)?;
        one.piece(0).map(Sampled::plain)
    }

    capabilities!(Continues, Scores, Tilts);

    /// Without an encoder there is no latent space to go through.
    fn interpolates(&self) -> Option<&dyn Interpolates> {
        (self.step.config().latent > 0).then_some(self)
    }

    fn learns(&self) -> Option<&dyn Learns> {
        self.learner.as_ref().map(|_| self as &dyn Learns)
    }
}

impl Continues for SketchModel {
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

impl Grows for SketchModel {
    fn particles<'a>(
        &'a self,
        primer: Option<&Piece>,
        request: &Sampling,
        count: usize,
        watch: &Watch,
    ) -> Result<Box<dyn Particles + 'a>, ModelError> {
        watch.check()?;
        let row = self.row(request.conditions())?;
        let temperature = request.temperature() as f32;
        let seed = Seed(request.seed()).child("sketch");
        let (begun, told) = match primer {
            Some(primer) => {
                // Somebody else had the idea.
                let told = self.step.condition(&self.step.kind_at(row, temperature), None);
                (self.begun(primer.sketch()?, &told, watch)?, vec![told; count])
            }
            None => {
                let mut rng = seed.child("ideas").rng();
                (Begun::nothing(&self.step), self.step.told_to_draw(row, temperature, count, &mut rng))
            }
        };
        Ok(Box::new(Drawings::new(self.name(), &self.step, told, begun, self.manner(request), seed)))
    }
}

impl Scores for SketchModel {
    /// The first point is certain. What a network hears as one move is shared by the points that a hand drew on the
    /// way.
    fn score(&self, piece: &Piece, conditions: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let read = page::read(piece.sketch()?);
        let moves = self.units(&read);
        if moves.len() < 2 {
            return Err(ModelError::sketch(
                self.name(),
                "score",
                "it has fewer than two points: there is nothing to compare",
            ));
        }
        let mut nats = self.nats(&moves, &self.told(conditions)?, watch)?;
        if let Some(end) = nats.pop()
            && let Some(last) = nats.last_mut()
        {
            *last += end;
        }
        Ok(shared(&read, &nats))
    }
}

/// The nats of each point of a sketch, from those of the moves between the points that a network heard.
fn shared(read: &Read, nats: &[f64]) -> Vec<f64> {
    // A stroke of one point is heard as two, of which the second goes nowhere.
    let mut of_heard = vec![0.0; read.lines.iter().map(Vec::len).sum()];
    let (mut heard, mut moves) = (0, nats.iter());
    for (number, line) in read.lines.iter().enumerate() {
        for at in 0..line.len() {
            if number + at > 0 {
                of_heard[heard] += moves.next().copied().unwrap_or_default();
            }
            if line.len() == 1 {
                of_heard[heard] += moves.next().copied().unwrap_or_default();
            }
            heard += 1;
        }
    }
    let mut sharing = vec![0usize; of_heard.len()];
    read.heard.iter().for_each(|&heard| sharing[heard] += 1);
    read.heard.iter().map(|&heard| of_heard[heard] / sharing[heard] as f64).collect()
}

impl Interpolates for SketchModel {
    /// On the great circle between the points of the latent space that both mean, and between the kinds that make
    /// them likeliest.
    fn interpolate(
        &self,
        from: &Piece,
        to: &Piece,
        request: &Interpolation,
        watch: &Watch,
    ) -> Result<Interpolated, ModelError> {
        let mut ends = Vec::new();
        for piece in [from, to] {
            let moves = self.units(&page::read(piece.sketch()?));
            if moves.len() < 2 {
                let reason = "it has fewer than two points: there is nothing to go from, or to";
                return Err(ModelError::sketch(self.name(), "interpolate", reason));
            }
            let row = self.likeliest_kind(&moves, watch)?;
            ends.push((self.step.kind(row).to_vec(), self.step.encode(&moves).unwrap_or_default()));
        }
        let steps = request.steps() as usize;
        let share = |step: usize| step as f64 / (steps - 1) as f64;
        let points: Vec<Vec<f32>> =
            (0..steps).map(|step| slerp(&ends[0].1, &ends[1].1, share(step))).collect();
        let told = |step: usize| {
            let t = share(step);
            let mixed = |(from, to): (&f32, &f32)| from + t as f32 * (to - from);
            let kind: Vec<f32> = ends[0].0.iter().zip(&ends[1].0).map(mixed).collect();
            self.step.condition(&kind, Some(&points[step]))
        };
        let between: Vec<Condition> = (1..steps - 1).map(told).collect();
        let sampling = request.sampling();
        let seed = Seed(sampling.seed()).child("sketch");
        let manner = self.manner(sampling);
        let mut drawings =
            Drawings::new(self.name(), &self.step, between, Begun::nothing(&self.step), manner, seed);
        drawings.advance(Extent::of_points(manner.most), watch)?;
        let mut pieces = vec![from.clone()];
        for place in 0..steps - 2 {
            pieces.push(drawings.piece(place)?);
        }
        pieces.push(to.clone());
        Ok(Interpolated::through(pieces, &points))
    }
}

impl Learns for SketchModel {
    fn learn(
        &self,
        examples: &Examples,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<Arc<dyn Learns>, ModelError> {
        let Some(learner) = &self.learner else { return Err(self.unsupported("bake")) };
        let kind = self.row(&examples.conditions)? as u32;
        let drawings = |pieces: &[Piece]| -> Result<Vec<Drawing>, ModelError> {
            let mut drawings = Vec::with_capacity(pieces.len());
            for piece in pieces {
                let moves = self.units(&page::read(piece.sketch()?));
                // A rule may leave a single point, of which nothing is to be learnt.
                if !moves.is_empty() {
                    drawings.push(Drawing { kind, moves });
                }
            }
            Ok(drawings)
        };
        let learnt = [drawings(&examples.learnt)?, drawings(&examples.held_out)?];
        let (step, learner) = learner.learn(self.name(), learnt, examples, tell, watch)?;
        let identity = format!("{} learnt {}", self.description.identity, examples.identity);
        let description = Description { identity, ..self.description.clone() };
        Ok(Arc::new(SketchModel { description, step, learner: Some(learner) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::untrained::{config, weights};
    use lilt_inference::{Setting, Settings};
    use lilt_score::{Point, Stroke};

    fn model() -> SketchModel {
        let step = SketchStep::new(config(), &weights(&config(), 5)).unwrap();
        SketchModel::new(step, "sketch", String::new(), String::new())
    }

    fn asked(points: u32, temperature: f64, seed: u64, settings: &[(&str, &str)]) -> Sampling {
        let set =
            |all: Settings, &(name, word): &(&str, &str)| all.with(name, Setting::Word(word.to_owned()));
        let settings = settings.iter().fold(Settings::default(), set);
        let conditions = Conditions { settings, ..Conditions::default() };
        Sampling::drawing(points, temperature, seed, conditions).unwrap()
    }

    fn sketch(strokes: &[&[[f32; 2]]]) -> Piece {
        let point = |at: &[f32; 2]| Point { x: at[0], y: at[1], width: 0.02, time: at[0] };
        let stroke = |points: &&[[f32; 2]]| Stroke { points: points.iter().map(point).collect() };
        Sketch::new(strokes.iter().map(stroke).collect()).into()
    }

    fn half_drawn() -> Piece {
        sketch(&[&[[0.2, 0.3], [0.4, 0.3], [0.4, 0.5]], &[[0.6, 0.6], [0.7, 0.7]]])
    }

    #[test]
    fn drawings_are_the_same_for_the_same_seed_and_lie_on_the_canvas() {
        let (model, watch) = (model(), Watch::new());
        let drawn = |seed| model.sample(&asked(40, 1.0, seed, &[("kind", "cat")]), &watch).unwrap().piece;
        assert_eq!(drawn(1), drawn(1));
        assert!(drawn(1) != drawn(2));
        for seed in 0..20 {
            let piece = drawn(seed);
            assert!((1..=40).contains(&piece.parts()));
            let strokes = piece.sketch().unwrap().strokes().to_vec();
            let inside = |point: &Point| (0.0..=1.0).contains(&point.x) && (0.0..=1.0).contains(&point.y);
            assert!(strokes.iter().flat_map(|stroke| &stroke.points).all(inside));
        }
        // A pen that never ends draws as many points as it may, and the coldest draws always the same.
        let never = model.sample(&asked(60, 1.0, 3, &[("ends", "never")]), &watch).unwrap().piece;
        assert_eq!(never.parts(), 60);
        let cold = |seed| model.sample(&asked(30, 0.0, seed, &[]), &watch).unwrap().piece;
        assert_eq!(cold(1), cold(2));
    }

    #[test]
    fn what_a_hand_began_stays_and_is_gone_on_from() {
        let (model, watch) = (model(), Watch::new());
        let begun = half_drawn();
        let whole =
            model.continue_from(&begun, &asked(30, 1.0, 4, &[("ends", "never")]), &watch).unwrap().piece;
        let strokes = whole.sketch().unwrap().strokes();
        assert_eq!(whole.parts(), 30);
        assert_eq!(strokes[..2], *begun.sketch().unwrap().strokes());
        // Time goes on from there.
        let times: Vec<f32> = strokes[2..].iter().flat_map(|s| &s.points).map(|point| point.time).collect();
        assert!(times[0] > 0.7 && times.is_sorted(), "{times:?}");
        let enough = model.continue_from(&begun, &asked(5, 1.0, 4, &[]), &watch).unwrap().piece;
        assert_eq!(&enough, &begun);
        let error = model.continue_from(&sketch(&[&[[0.5, 0.5]]]), &asked(30, 1.0, 4, &[]), &watch);
        assert!(error.is_ok(), "a dot is a beginning");
        let error = model.continue_from(&sketch(&[]), &asked(30, 1.0, 4, &[]), &watch).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`sketch` cannot continue this sketch: it has fewer than two points: draw a stroke first"
        );
    }

    #[test]
    fn every_point_has_its_surprise() {
        let (model, watch) = (model(), Watch::new());
        let conditions = Conditions::default();
        let nats = model.score(&half_drawn(), &conditions, &watch).unwrap();
        assert_eq!((nats.len(), nats[0]), (5, 0.0));
        let moves = model.units(&page::read(half_drawn().sketch().unwrap()));
        let told = model.told(&conditions).unwrap();
        let whole: f64 = model.nats(&moves, &told, &watch).unwrap().iter().sum();
        assert!((nats.iter().sum::<f64>() - whole).abs() < 1e-9);
        // A hand draws the same with many points: they share what it costs.
        let along: Vec<[f32; 2]> = (0..60).map(|n| [0.2 + 0.002 * n as f32, 0.3]).collect();
        let dense = model.score(&sketch(&[&along]), &conditions, &watch).unwrap();
        let plain =
            model.score(&sketch(&[&[[0.2, 0.3], [0.2 + 0.002 * 59.0, 0.3]]]), &conditions, &watch).unwrap();
        assert_eq!(dense.len(), 60);
        assert!((dense.iter().sum::<f64>() - plain.iter().sum::<f64>()).abs() < 1e-3);
        let dots = model.score(&sketch(&[&[[0.2, 0.3]], &[[0.5, 0.5]]]), &conditions, &watch).unwrap();
        assert_eq!(dots.len(), 2);
    }

    #[test]
    fn a_way_keeps_its_ends() {
        let (model, watch) = (model(), Watch::new());
        let (from, to) = (half_drawn(), sketch(&[&[[0.1, 0.1], [0.9, 0.9], [0.1, 0.9]]]));
        let request = Interpolation::new(5, asked(30, 0.3, 1, &[])).unwrap();
        let way = model.interpolate(&from, &to, &request, &watch).unwrap();
        let path = way.path();
        assert!(path[2][1] >= 0.0 && (path[4][0] - 1.0).abs() < 1e-6, "{path:?}");
        let way = way.pieces();
        assert_eq!((way.len(), &way[0], &way[4]), (5, &from, &to));
        assert!(way[1..4].iter().all(|piece| piece.parts() > 1));
        let dot = sketch(&[]);
        let error = model.interpolate(&dot, &to, &request, &watch).unwrap_err().to_string();
        assert_eq!(
            error,
            "`sketch` cannot interpolate this sketch: it has fewer than two points: there is nothing to go from, or to"
        );
    }

    #[test]
    fn an_unknown_kind_names_the_nearest() {
        let (model, watch) = (model(), Watch::new());
        let refused =
            |kind: &str| model.sample(&asked(9, 1.0, 1, &[("kind", kind)]), &watch).unwrap_err().to_string();
        assert_eq!(
            refused("brid"),
            "`sketch` does not know the kind `brid`: did you mean `bird`? It knows 3 kinds"
        );
        assert_eq!(
            refused("democracy"),
            "`sketch` does not know the kind `democracy`: it knows 3 kinds, as `bird`, `cat` or `school bus`"
        );
        watch.cancel();
        assert_eq!(model.sample(&asked(9, 1.0, 1, &[]), &watch), Err(ModelError::Cancelled));
    }

    /// Particles of a tilt of strength 0 are the model's own drawings, and copies part again.
    #[test]
    fn particles_are_drawings() {
        let (model, watch) = (model(), Watch::new());
        let request = asked(30, 1.0, 6, &[("kind", "bus"), ("ends", "never")]);
        let mut particles = model.particles(None, &request, 4, &watch).unwrap();
        particles.advance(Extent::of_points(12), &watch).unwrap();
        assert!((0..4).all(|place| particles.piece(place).unwrap().parts() == 12));
        particles.resample(&[2, 2, 2, 2]);
        assert_eq!(particles.piece(0).unwrap(), particles.piece(3).unwrap());
        particles.advance(request.extent(), &watch).unwrap();
        assert!(particles.whole());
        assert!(particles.piece(0).unwrap() != particles.piece(3).unwrap());
        let one = model.sample(&request, &watch).unwrap().piece;
        let mut again = model.particles(None, &request, 3, &watch).unwrap();
        again.advance(request.extent(), &watch).unwrap();
        // A batch adds in another order: what is drawn lies as near as f32 has it.
        let points = |piece: Piece| -> Vec<Point> {
            piece.sketch().unwrap().strokes().iter().flat_map(|stroke| stroke.points.clone()).collect()
        };
        let pairs = points(again.piece(0).unwrap()).into_iter().zip(points(one));
        assert!(pairs.into_iter().all(|(a, b)| (a.x - b.x).hypot(a.y - b.y) < 1e-4));
    }
}
