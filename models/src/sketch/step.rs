//! `sketch` one move at a time: the network of [`super::network`] on plain slices.
//!
//! Weights stay f32 throughout, since a released decoder is to say what it says elsewhere, to the fourth place. A batch
//! reads each weight once for all of its drawings.

use std::collections::BTreeMap;

use rand::{Rng, RngExt};

use super::ideas::Ideas;
use super::mixture::outputs;
use super::moves::Move;
use super::network::{Config, IDEAS};
use super::place::{HEARD, Place, heard};
use crate::card::Weights;
use crate::lstm::gate_rows;
use crate::product::{Matrix, add_row, multiply};

/// Weights that make no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// A tensor is not there, or has another size than the network's.
    #[error("tensor `{0}` is missing or of another size")]
    Tensor(String),
}

/// How much more counts at temperature 0 what sets a kind apart, as a share of that.
const GUIDANCE: f32 = 0.9;

/// A network, ready to step.
#[derive(Debug, Clone)]
pub struct SketchStep {
    config: Config,
    decoder: Lstm,
    /// `[kinds + 1, kind]`.
    kinds: Vec<f32>,
    /// `[condition, 4·hidden]`.
    condition: Vec<f32>,
    said: Linear,
    encoder: Option<Encoder>,
    ideas: Ideas,
}

#[derive(Debug, Clone)]
struct Encoder {
    ends: [Lstm; 2],
    mean: Linear,
}

/// What a decoder remembers of a drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct SketchState {
    /// Hidden state, `[hidden]`.
    pub h: Vec<f32>,
    /// Cell state, `[hidden]`.
    pub c: Vec<f32>,
    /// Where the pen is.
    pub place: Place,
}

/// What a drawing is told once for all of its moves, added to the gates: `[4·hidden]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition(Vec<f32>);

/// Room for the numbers of a step, so that steps allocate little.
#[derive(Debug, Clone, Default)]
pub struct Room {
    gates: Vec<f32>,
    h: Vec<f32>,
    c: Vec<f32>,
    after: Vec<f32>,
    said: Vec<f32>,
}

/// An LSTM with its matrices the other way round, inputs by gates.
#[derive(Debug, Clone)]
struct Lstm {
    hidden: usize,
    /// `[5, 4·hidden]`, and behind it that of places where they are heard.
    input: Vec<f32>,
    /// `[hidden, 4·hidden]`.
    own: Vec<f32>,
    bias: Vec<f32>,
}

#[derive(Debug, Clone)]
struct Linear {
    /// `[inputs, outputs]`.
    weight: Vec<f32>,
    bias: Vec<f32>,
}

/// `[rows, columns]` as `[columns, rows]`.
pub(super) fn transposed(values: &[f32], rows: usize) -> Vec<f32> {
    let columns = values.len() / rows.max(1);
    (0..columns).flat_map(|column| values.iter().skip(column).step_by(columns.max(1)).copied()).collect()
}

impl Lstm {
    fn new(name: &str, hidden: usize, numbers: &impl Fn(&str) -> Vec<f32>) -> Lstm {
        Lstm {
            hidden,
            input: [
                transposed(&numbers(&format!("{name}.weight_ih")), 4 * hidden),
                transposed(&numbers(&format!("{name}.weight_place")), 4 * hidden),
            ]
            .concat(),
            own: transposed(&numbers(&format!("{name}.weight_hh")), 4 * hidden),
            bias: numbers(&format!("{name}.bias")),
        }
    }

    /// One step of a batch whose states are `room.h` and `room.c`, `[batch, hidden]`: `driven(lane)` is what its gates
    /// begin from, `heard(lane)` what it hears, and the new states take the place of the old.
    fn step<'a>(
        &self,
        room: &mut Room,
        batch: usize,
        heard: impl Fn(usize) -> [f32; HEARD],
        driven: impl Fn(usize) -> &'a [f32],
    ) {
        let gates = 4 * self.hidden;
        room.gates.clear();
        for lane in 0..batch {
            let start = room.gates.len();
            room.gates.extend_from_slice(driven(lane));
            // Who hears no places has no rows for them.
            for (weights, input) in self.input.chunks_exact(gates).zip(heard(lane)) {
                if input != 0.0 {
                    let row = &mut room.gates[start..];
                    row.iter_mut().zip(weights).for_each(|(gate, weight)| *gate += weight * input);
                }
            }
        }
        let own = Matrix::new(&self.own, self.hidden, gates, gates);
        add_products(&mut room.gates, &room.h, batch, own, [self.hidden, gates]);
        room.after.resize(room.c.len(), 0.0);
        gate_rows(&mut room.gates, &room.c, &mut room.after, &mut room.h, self.hidden);
        std::mem::swap(&mut room.c, &mut room.after);
    }
}

/// `out += x · weight` for a batch, in the way that is quickest for its size.
fn add_products(out: &mut [f32], x: &[f32], batch: usize, weight: Matrix<'_>, [inputs, outputs]: [usize; 2]) {
    match batch {
        1 => add_row(out, x, weight),
        _ => multiply(out, outputs, Matrix::new(x, batch, inputs, inputs), weight, true),
    }
}

impl Linear {
    fn new(name: &str, numbers: &impl Fn(&str) -> Vec<f32>) -> Linear {
        let bias = numbers(&format!("{name}.bias"));
        Linear { weight: transposed(&numbers(&format!("{name}.weight")), bias.len()), bias }
    }

    /// `weight · x + bias` for a batch, `[batch, outputs]`.
    fn apply(&self, x: &[f32], batch: usize, out: &mut Vec<f32>) {
        let (inputs, outputs) = (self.weight.len() / self.bias.len(), self.bias.len());
        out.clear();
        (0..batch).for_each(|_| out.extend_from_slice(&self.bias));
        let weight = Matrix::new(&self.weight, inputs, outputs, outputs);
        add_products(out, x, batch, weight, [inputs, outputs]);
    }
}

impl SketchStep {
    /// Packs a network.
    ///
    /// # Errors
    /// When a tensor is missing or of another size.
    pub fn new(config: Config, weights: &BTreeMap<String, Weights>) -> Result<SketchStep, StepError> {
        for (name, shape) in config.stored() {
            let fits = |weights: &Weights| {
                weights.shape == shape && weights.values.len() == shape.iter().product::<usize>()
            };
            if !weights.get(&name).is_some_and(fits) {
                return Err(StepError::Tensor(name));
            }
        }
        let numbers =
            |name: &str| weights.get(name).map(|weights| weights.values.clone()).unwrap_or_default();
        let encoder = (config.latent > 0).then(|| Encoder {
            ends: ["encode.forth", "encode.back"].map(|end| Lstm::new(end, config.encoder, &numbers)),
            mean: Linear::new("encode.mean", &numbers),
        });
        Ok(SketchStep {
            decoder: Lstm::new("lstm", config.hidden, &numbers),
            kinds: numbers("kind.weight"),
            condition: transposed(&numbers("condition.weight"), 4 * config.hidden),
            said: Linear::new("said", &numbers),
            encoder,
            ideas: Ideas::new(config.ideas, config.latent, numbers(IDEAS)),
            config,
        })
    }

    /// Sizes of the network.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The state before the first move.
    pub fn start(&self) -> SketchState {
        let zeros = vec![0.0; self.config.hidden];
        SketchState { h: zeros.clone(), c: zeros, place: Place::default() }
    }

    /// What a kind is told by: a row of `[kind]` numbers, which may be mixed. The row behind the last kind is that of
    /// any.
    ///
    /// # Panics
    /// When there is no such row: a defect of the caller.
    pub fn kind(&self, row: usize) -> &[f32] {
        &self.kinds[row * self.config.kind..][..self.config.kind]
    }

    /// What a kind is told by at a temperature: the colder, the more counts what sets it apart from drawings of any
    /// kind (as guidance does for diffusion models, Ho and Salimans 2022); from 1 on it is what was learnt.
    ///
    /// # Panics
    /// As [`SketchStep::kind`].
    pub fn kind_at(&self, row: usize, temperature: f32) -> Vec<f32> {
        let more = GUIDANCE * (1.0 - temperature).max(0.0);
        let any = self.kind(self.config.kinds.len());
        self.kind(row).iter().zip(any).map(|(kind, any)| kind + more * (kind - any)).collect()
    }

    /// What each of `count` drawings of a kind is told that are made at a temperature. Between 0 and 1 the colder, the
    /// more of them begin with an idea; at 0 it is the likeliest drawing that is made, and from 1 on what was learnt.
    ///
    /// # Panics
    /// As [`SketchStep::kind`].
    pub fn told_to_draw(
        &self,
        row: usize,
        temperature: f32,
        count: usize,
        rng: &mut impl Rng,
    ) -> Vec<Condition> {
        let kind = self.kind_at(row, temperature);
        let plain = self.condition(&kind, None);
        let told = |_| {
            let begins = temperature > 0.0 && rng.random::<f32>() > temperature;
            let idea = if begins { self.ideas.draw(row, rng) } else { None };
            idea.map_or_else(|| plain.clone(), |idea| self.condition(&kind, Some(&idea)))
        };
        (0..count).map(told).collect()
    }

    /// What a drawing of a kind, and with a point of the latent space if there is one, is told.
    pub fn condition(&self, kind: &[f32], z: Option<&[f32]>) -> Condition {
        let gates = 4 * self.config.hidden;
        let mut sum = self.decoder.bias.clone();
        // Without a point there is nothing to add for it: its rows stay behind.
        let told = z.unwrap_or_default().iter().chain(z.map(|_| &1.0));
        for (weights, &number) in self.condition.chunks_exact(gates).zip(kind.iter().chain(told)) {
            if number != 0.0 {
                sum.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight * number);
            }
        }
        Condition(sum)
    }

    /// Moves `states` on by a move each, in units of the network, and returns what comes next,
    /// `[batch, 3 + 6·components]` for [`super::mixture::Mixture::read`].
    ///
    /// # Panics
    /// When there is not one move and one condition for each state: a defect of the caller.
    pub fn step<'a>(
        &self,
        room: &'a mut Room,
        moves: &[Move],
        conditions: &[&Condition],
        states: &mut [SketchState],
    ) -> &'a [f32] {
        assert!(moves.len() == states.len() && conditions.len() == states.len(), "one of each for a state");
        room.h.clear();
        room.c.clear();
        for (state, &step) in states.iter_mut().zip(moves) {
            state.place.go(step);
            room.h.extend_from_slice(&state.h);
            room.c.extend_from_slice(&state.c);
        }
        let told = |lane: usize| heard(moves[lane], &states[lane].place);
        self.decoder.step(room, states.len(), told, |lane| &conditions[lane].0);
        let hidden = self.config.hidden;
        for (lane, state) in states.iter_mut().enumerate() {
            state.h.copy_from_slice(&room.h[lane * hidden..][..hidden]);
            state.c.copy_from_slice(&room.c[lane * hidden..][..hidden]);
        }
        let Room { h, said, .. } = room;
        self.said.apply(h, states.len(), said);
        said
    }

    /// Numbers that a step says of each state.
    pub fn outputs(&self) -> usize {
        outputs(self.config.components)
    }

    /// The point of the latent space that a drawing means, the mean of the encoder; none where there is no encoder.
    /// The moves are in units of the network, and end.
    pub fn encode(&self, moves: &[Move]) -> Option<Vec<f32>> {
        let encoder = self.encoder.as_ref()?;
        let mut room = Room::default();
        let mut read = Vec::with_capacity(2 * self.config.encoder);
        for (end, lstm) in encoder.ends.iter().enumerate() {
            room.h = vec![0.0; self.config.encoder];
            room.c = vec![0.0; self.config.encoder];
            for step in 0..moves.len() {
                let step = if end == 0 { step } else { moves.len() - 1 - step };
                lstm.step(&mut room, 1, |_| heard(moves[step], &Place::default()), |_| &lstm.bias);
            }
            read.extend_from_slice(&room.h);
        }
        let mut mean = Vec::new();
        encoder.mean.apply(&read, 1, &mut mean);
        Some(mean)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use candle_core::Tensor;

    use super::*;
    use crate::sketch::batches::{batch, encoded};
    use crate::sketch::drawing::Drawing;
    use crate::sketch::moves::Pen;
    use crate::sketch::network::Network;
    use crate::sketch::untrained::{config, weights};

    fn drawing(kind: u32, length: usize) -> Drawing {
        let step = |at: usize| Move {
            dx: (at as f32 * 0.7 + kind as f32).sin(),
            dy: (at as f32 * 1.3).cos(),
            pen: if at % 4 == 3 { Pen::Up } else { Pen::Down },
        };
        Drawing { kind, moves: (0..length).map(step).chain([Move::END]).collect() }
    }

    /// The code that plays gives what the code that trains gives, with and without points.
    #[test]
    fn plays_as_it_was_trained() {
        let weights = weights(&config(), 3);
        let network = Network::from_weights(Arc::new(config()), &weights).unwrap();
        let step = SketchStep::new(config(), &weights).unwrap();
        let drawings = [drawing(0, 9), drawing(2, 5)];
        let heard = encoded(drawings.iter().map(|drawing| drawing.moves.as_slice()));
        let mean = network.encode(&heard).unwrap().mean;
        let rows = mean.to_vec2::<f32>().unwrap();
        let near = |found: &[f32], expected: &[f32]| {
            assert_eq!(found.len(), expected.len());
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4), "{found:?} {expected:?}");
        };
        for (drawing, expected) in drawings.iter().zip(&rows) {
            near(&step.encode(&drawing.moves).unwrap(), expected);
        }
        let batch = batch(&drawings, 0);
        for z in [None, Some(&mean)] {
            let trained = network.said(&batch.heard, &batch.kinds, z, None).unwrap();
            let trained: Vec<Vec<f32>> = Tensor::to_vec2(&trained).unwrap();
            let conditions: Vec<Condition> = (0..2)
                .map(|lane| {
                    let kind = step.kind(drawings[lane].kind as usize);
                    step.condition(kind, z.map(|_| rows[lane].as_slice()))
                })
                .collect();
            let mut states = vec![step.start(); 2];
            let mut room = Room::default();
            for at in 0..6 {
                let before = |drawing: &Drawing| match at {
                    0 => Move::START,
                    at => drawing.moves[at - 1],
                };
                let moves = [before(&drawings[0]), before(&drawings[1])];
                let said = step.step(&mut room, &moves, &[&conditions[0], &conditions[1]], &mut states);
                for lane in 0..2 {
                    near(&said[lane * step.outputs()..][..step.outputs()], &trained[at * 2 + lane]);
                }
            }
        }
    }

    #[test]
    fn the_colder_the_more_a_kind_is_itself() {
        let step = SketchStep::new(config(), &weights(&config(), 2)).unwrap();
        let apart = |temperature: f32| {
            let any = step.kind(3).to_vec();
            step.kind_at(1, temperature).iter().zip(any).map(|(kind, any)| (kind - any).abs()).sum::<f32>()
        };
        assert!((apart(0.0) / apart(1.0) - 1.0 - GUIDANCE).abs() < 1e-4);
        assert!(apart(0.5) > apart(1.0) && apart(1.0) == apart(2.0));
        assert_eq!(step.kind_at(1, 1.0), step.kind(1));
        // Drawings of any kind are what they are.
        assert_eq!(step.kind_at(3, 0.0), step.kind(3));
    }

    #[test]
    fn weights_that_do_not_fit_are_named() {
        let mut missing = weights(&config(), 1);
        missing.remove("said.bias");
        let error = SketchStep::new(config(), &missing).unwrap_err();
        assert_eq!(error.to_string(), "tensor `said.bias` is missing or of another size");
    }
}
