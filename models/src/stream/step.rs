//! The network of the family as it plays: single steps on packed half-precision weights.

use std::collections::BTreeMap;

use lilt_inference::ModelError;

use super::network::Config;
use crate::card::Weights;
use crate::step::{Kernel, LayerWeights, LstmStack, LstmState, LstmWeights, PackedLinear, Scratch};

/// The network of a model, ready to step. It runs on the processor, whatever else there is: at these
/// sizes and a step at a time nothing is faster.
#[derive(Debug, Clone)]
pub struct StreamStep {
    model: String,
    config: Config,
    stack: LstmStack,
    fields: Vec<Head>,
}

/// The layers of one field.
#[derive(Debug, Clone)]
struct Head {
    /// For every field but the first: the hidden layer, and a row for each class of each field before.
    gate: Option<(PackedLinear, Vec<Vec<f32>>)>,
    logits: PackedLinear,
}

/// Room for the numbers of a step, so that steps allocate nothing.
#[derive(Debug, Clone, Default)]
pub struct StreamScratch {
    stack: Scratch,
    hidden: Vec<f32>,
}

impl StreamStep {
    /// Packs `weights`, which hold every tensor of `config`, for the fastest instructions of this
    /// processor. `model` is what errors call it.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn new(
        model: &str,
        config: Config,
        weights: &BTreeMap<String, Weights>,
    ) -> Result<StreamStep, String> {
        StreamStep::packed(model, config, weights, Kernel::detect())
    }

    /// As [`StreamStep::new`], for given instructions.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn packed(
        model: &str,
        config: Config,
        weights: &BTreeMap<String, Weights>,
        kernel: Kernel,
    ) -> Result<StreamStep, String> {
        for (name, shape) in config.tensors() {
            let found = weights.get(&name).map(|weights| weights.shape.as_slice());
            if found != Some(shape.as_slice()) {
                return Err(format!("tensor `{name}` has shape {found:?}, expected {shape:?}"));
            }
        }
        let numbers =
            |name: String| weights.get(&name).map(|weights| weights.values.clone()).unwrap_or_default();
        let layer = |layer: usize| LayerWeights {
            weight_ih: numbers(format!("lstm.{layer}.weight_ih")),
            weight_hh: numbers(format!("lstm.{layer}.weight_hh")),
            bias: numbers(format!("lstm.{layer}.bias")),
        };
        let stack = LstmWeights {
            embed: numbers("embed.weight".to_owned()),
            width: config.embed,
            hidden: config.hidden,
            layers: (0..config.layers).map(layer).collect(),
        };
        let head = |field: usize| {
            let hidden = numbers(format!("field.{field}.hidden.weight"));
            let after = |before| numbers(format!("field.{field}.after.{before}.weight"));
            Head {
                gate: (field > 0).then(|| {
                    let layer = PackedLinear::new(&hidden, &vec![0.0; config.gate]);
                    (layer, (0..field).map(after).collect())
                }),
                logits: PackedLinear::new(
                    &numbers(format!("field.{field}.weight")),
                    &numbers(format!("field.{field}.bias")),
                ),
            }
        };
        let fields = (0..config.fields.len()).map(head).collect();
        let stack = LstmStack::new(&stack, kernel).map_err(|error| error.to_string())?;
        Ok(StreamStep { model: model.to_owned(), config, stack, fields })
    }

    /// Sizes of the network.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The state before anything was heard.
    pub fn start(&self) -> LstmState {
        self.stack.start()
    }

    /// Moves `states` on by one event each; `rows[i]` are what state `i` hears.
    ///
    /// # Errors
    /// When a row does not exist, or there is not one set of rows for each state.
    pub fn step<R: AsRef<[u16]>>(
        &self,
        scratch: &mut StreamScratch,
        rows: &[R],
        states: &mut [LstmState],
    ) -> Result<(), ModelError> {
        let beyond = |row: &&u16| usize::from(**row) >= self.config.rows;
        if let Some(row) = rows.iter().flat_map(|rows| rows.as_ref()).find(beyond) {
            return Err(self.stopped(&format!("row {row} of {}", self.config.rows)));
        }
        if rows.len() != states.len() {
            return Err(self.stopped(&format!("{} sets of rows for {} states", rows.len(), states.len())));
        }
        self.stack.step(&mut scratch.stack, rows, states);
        Ok(())
    }

    /// Logits of field number `said.len()` of the next event, the fields before it being `said`.
    ///
    /// # Errors
    /// When there is no such field or class.
    pub fn logits(
        &self,
        scratch: &mut StreamScratch,
        state: &LstmState,
        said: &[u8],
        logits: &mut Vec<f32>,
    ) -> Result<(), ModelError> {
        let missing = || self.stopped(&format!("no field after {said:?}"));
        let head = self.fields.get(said.len()).ok_or_else(missing)?;
        let kernel = self.stack.kernel();
        let Some((layer, after)) = &head.gate else {
            head.logits.apply(kernel, state.top(), logits);
            return Ok(());
        };
        let gate = self.config.gate;
        scratch.hidden.clear();
        scratch.hidden.resize(gate, 0.0);
        for (&class, rows) in said.iter().zip(after) {
            let row = rows.chunks_exact(gate).nth(class.into()).ok_or_else(missing)?;
            scratch.hidden.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        layer.add_to(kernel, state.top(), &mut scratch.hidden);
        scratch.hidden.iter_mut().for_each(|unit| *unit = unit.max(0.0));
        head.logits.apply(kernel, &scratch.hidden, logits);
        Ok(())
    }

    /// The error of this model for numbers that cannot be used.
    pub(super) fn stopped(&self, reason: &str) -> ModelError {
        ModelError::computation(&self.model, reason)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::stream::network::{Heard, Network};
    use crate::stream::tests::{config, weights};
    use candle_core::Device;

    /// The code that plays gives what the code that trains gives, event after event, on every set of
    /// instructions, alone and side by side.
    #[test]
    fn plays_as_it_was_trained() {
        let (config, weights) = (config(), weights(7));
        let network = Network::from_weights(config.clone(), &weights, &Device::Cpu).unwrap();
        let count = 30;
        let rows: Vec<u16> = (0..count * config.groups).map(|at| (at * 31 % config.rows) as u16).collect();
        let events: Vec<Vec<u32>> = config
            .fields
            .iter()
            .map(|&classes| (0..count).map(|at| (at * 7 % classes) as u32).collect())
            .collect();
        let heard =
            Heard { rows: Arc::new(rows.clone()), events: events.clone(), keep: Arc::new(vec![1.0; count]) };
        let trained: Vec<Vec<Vec<f32>>> = network
            .forward(&heard, 1, &mut network.start(1), &[])
            .unwrap()
            .iter()
            .map(|logits| logits.to_vec2().unwrap())
            .collect();
        for kernel in Kernel::available() {
            let step = StreamStep::packed("test", config.clone(), &weights, kernel).unwrap();
            let (mut scratch, mut states, mut logits) =
                (StreamScratch::default(), [step.start(), step.start()], Vec::new());
            for (at, rows) in rows.chunks_exact(config.groups).enumerate() {
                step.step(&mut scratch, &[rows, rows], &mut states).unwrap();
                assert_eq!(states[0], states[1]);
                let said: Vec<u8> = events.iter().map(|classes| classes[at] as u8).collect();
                for field in 0..config.fields.len() {
                    step.logits(&mut scratch, &states[1], &said[..field], &mut logits).unwrap();
                    assert_eq!(logits.len(), config.fields[field]);
                    for (found, expected) in logits.iter().zip(&trained[field][at]) {
                        // Rounded weights and hidden states lead it that far away at most.
                        assert!((found - expected).abs() < 2e-3, "{kernel}: {found} and {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_does_not_exist_is_an_error() {
        let (config, mut weights) = (config(), weights(1));
        let step = StreamStep::new("test", config.clone(), &weights).unwrap();
        let (mut scratch, mut states) = (StreamScratch::default(), [step.start()]);
        assert!(step.step(&mut scratch, &[[config.rows as u16]], &mut states).is_err());
        assert!(step.step(&mut scratch, &[[0], [0]], &mut states).is_err());
        for said in [vec![200], vec![0; config.fields.len()]] {
            assert!(step.logits(&mut scratch, &states[0], &said, &mut Vec::new()).is_err());
        }
        weights.remove("field.1.bias");
        let error = StreamStep::new("test", config, &weights).unwrap_err();
        assert_eq!(error, "tensor `field.1.bias` has shape None, expected [4]");
    }
}
