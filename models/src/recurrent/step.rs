//! The network of the family as it plays, event by event.
//!
//! On the processor it runs on the packed weights of [`crate::step`]; on another device the same arithmetic is done
//! there by Candle.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use candle_core::{D, Device, Result as CandleResult, Tensor};
use lilt_inference::ModelError;

use super::config::Config;
use super::network::Network;
use crate::card::Weights;
use crate::step::{Kernel, LayerWeights, LstmStack, LstmState, LstmWeights, PackedLinear, Scratch};

/// The network of a model, ready to step.
#[derive(Debug, Clone)]
pub struct RecurrentStep {
    model: String,
    config: Config,
    place: Place,
}

/// Where the numbers are.
#[derive(Debug, Clone)]
enum Place {
    Processor(Box<Packed>),
    Device(Network),
}

/// The network on the processor.
#[derive(Debug, Clone)]
struct Packed {
    stack: LstmStack,
    fields: Vec<Field>,
}

/// The layers of one field.
#[derive(Debug, Clone)]
struct Field {
    /// The hidden layer of every field but the first.
    hidden: Option<Hidden>,
    logits: PackedLinear,
}

/// A hidden layer in front of the logits.
#[derive(Debug, Clone)]
struct Hidden {
    weight: PackedLinear,
    /// For each field before, `[classes, gate]`: what each class adds.
    after: Vec<Vec<f32>>,
}

/// Room for the numbers of a step; one serves any number of steps, one after the other.
#[derive(Debug, Clone, Default)]
pub struct RecurrentScratch {
    stack: Scratch,
    x: Vec<f32>,
    after: Vec<f32>,
    hidden: Vec<f32>,
}

impl RecurrentStep {
    /// The network of `weights`, which hold every tensor of `config`, on `device`; on the processor for its fastest
    /// instructions. `model` is what errors call it.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn new(
        model: &str,
        config: Config,
        weights: &BTreeMap<String, Weights>,
        device: &Device,
    ) -> Result<RecurrentStep, String> {
        if matches!(device, Device::Cpu) {
            return RecurrentStep::packed(model, config, weights, Kernel::detect());
        }
        let network = Network::from_weights(config, weights, device).map_err(|error| error.to_string())?;
        Ok(RecurrentStep::on_device(model, network))
    }

    /// Packs `weights` for the processor, for given instructions; they are rounded, those inside the LSTM layers to
    /// whole numbers and the others to f16.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn packed(
        model: &str,
        config: Config,
        weights: &BTreeMap<String, Weights>,
        kernel: Kernel,
    ) -> Result<RecurrentStep, String> {
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
        let field = |field: usize| Field {
            hidden: (field > 0).then(|| Hidden {
                weight: PackedLinear::new(&numbers(config.hidden_weight(field)), &vec![0.0; config.gate]),
                after: (0..field).map(|before| numbers(config.after_weight(field, before))).collect(),
            }),
            logits: PackedLinear::new(&numbers(config.weight(field)), &numbers(config.bias(field))),
        };
        let fields = (0..config.fields.len()).map(field).collect();
        let stack = LstmStack::new(&stack, kernel).map_err(|error| error.to_string())?;
        let place = Place::Processor(Box::new(Packed { stack, fields }));
        Ok(RecurrentStep { model: model.to_owned(), config, place })
    }

    /// Steps by Candle's operations, on whatever device the tensors of `network` are.
    pub fn on_device(model: &str, network: Network) -> RecurrentStep {
        RecurrentStep {
            model: model.to_owned(),
            config: network.config().clone(),
            place: Place::Device(network),
        }
    }

    /// Sizes of the network.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The state before anything was heard.
    pub fn start(&self) -> LstmState {
        LstmState::zeros(self.config.layers, self.config.hidden)
    }

    /// Moves `states` on by one event each; `rows[i]` are what state `i` hears.
    ///
    /// # Errors
    /// When a row does not exist, there is not one set of rows for each state, or the device fails.
    pub fn step<R: AsRef<[u16]>>(
        &self,
        scratch: &mut RecurrentScratch,
        rows: &[R],
        states: &mut [LstmState],
    ) -> Result<(), ModelError> {
        let beyond = |row: &&u16| usize::from(**row) >= self.config.rows;
        if let Some(row) = rows.iter().flat_map(|rows| rows.as_ref()).find(beyond) {
            return Err(self.stopped(format!("row {row} of {}", self.config.rows)));
        }
        if rows.len() != states.len() {
            return Err(self.stopped(format!("{} sets of rows for {} states", rows.len(), states.len())));
        }
        match &self.place {
            Place::Processor(packed) => packed.stack.step(&mut scratch.stack, rows, states),
            Place::Device(network) => {
                step_on_device(network, rows, states).map_err(|error| self.stopped(error))?
            }
        }
        Ok(())
    }

    /// Logits of field number `field` of the next event of each state, `[states, classes]`; `said(i)` are the fields
    /// before it of the event of state `i`.
    ///
    /// # Errors
    /// When there is no such field or class, or the device fails.
    pub fn logits<'a, S: Borrow<LstmState>>(
        &self,
        scratch: &mut RecurrentScratch,
        states: &[S],
        field: usize,
        said: impl Fn(usize) -> &'a [u8],
        logits: &mut Vec<f32>,
    ) -> Result<(), ModelError> {
        self.check(states.len(), field, &said)?;
        match &self.place {
            Place::Processor(packed) => {
                let RecurrentScratch { x, after, hidden, .. } = scratch;
                let (kernel, batch, field) = (packed.stack.kernel(), states.len(), &packed.fields[field]);
                let top = |state: usize| states[state].borrow().top();
                let (rows, bias) = (&field.logits, field.logits.bias());
                let Some(layer) = &field.hidden else {
                    rows.apply_to_batch(kernel, batch, top, |_| bias, x, logits);
                    return Ok(());
                };
                let gate = self.config.gate;
                layer.add_classes(gate, batch, said, after);
                layer.weight.apply_to_batch(kernel, batch, top, |at| &after[at * gate..][..gate], x, hidden);
                hidden.iter_mut().for_each(|unit| *unit = unit.max(0.0));
                rows.apply_to_batch(kernel, batch, |at| &hidden[at * gate..][..gate], |_| bias, x, logits);
            }
            Place::Device(network) => {
                let of_states: Vec<usize> = (0..states.len()).collect();
                let found = logits_on_device(network, states, &of_states, field, said);
                *logits = found.map_err(|error| self.stopped(error))?;
            }
        }
        Ok(())
    }

    /// As [`RecurrentStep::logits`], of `count` events that may all come next in one state: what the state gives to
    /// the hidden layer is worked out once for all of them, so that a sum may differ from that of a single event in
    /// its last bits.
    ///
    /// # Errors
    /// As [`RecurrentStep::logits`].
    pub fn logits_of_several<'a>(
        &self,
        scratch: &mut RecurrentScratch,
        state: &LstmState,
        count: usize,
        field: usize,
        said: impl Fn(usize) -> &'a [u8],
        logits: &mut Vec<f32>,
    ) -> Result<(), ModelError> {
        self.check(count, field, &said)?;
        match &self.place {
            Place::Processor(packed) => {
                let RecurrentScratch { x, after, hidden, .. } = scratch;
                let (kernel, field) = (packed.stack.kernel(), &packed.fields[field]);
                let (rows, bias) = (&field.logits, field.logits.bias());
                let Some(layer) = &field.hidden else {
                    rows.apply_to_batch(kernel, count, |_| state.top(), |_| bias, x, logits);
                    return Ok(());
                };
                let gate = self.config.gate;
                layer.weight.apply(kernel, state.top(), hidden);
                layer.add_classes(gate, count, said, after);
                for sums in after.chunks_exact_mut(gate) {
                    sums.iter_mut().zip(hidden.iter()).for_each(|(sum, unit)| *sum = (*sum + unit).max(0.0));
                }
                rows.apply_to_batch(kernel, count, |at| &after[at * gate..][..gate], |_| bias, x, logits);
            }
            Place::Device(network) => {
                let found = logits_on_device(network, &[state], &vec![0; count], field, said);
                *logits = found.map_err(|error| self.stopped(error))?;
            }
        }
        Ok(())
    }

    /// Whether every event has the fields before `field`, each of a class that there is.
    fn check<'a>(
        &self,
        count: usize,
        field: usize,
        said: &impl Fn(usize) -> &'a [u8],
    ) -> Result<(), ModelError> {
        let classes = &self.config.fields;
        let known = |said: &[u8]| {
            said.len() == field
                && said.iter().zip(classes).all(|(&class, &classes)| usize::from(class) < classes)
        };
        match (0..count).map(said).find(|said| field >= classes.len() || !known(said)) {
            Some(said) => Err(self.stopped(format!("no field after {said:?}"))),
            None => Ok(()),
        }
    }

    /// The error of this model for what cannot be computed.
    pub(super) fn stopped(&self, reason: impl ToString) -> ModelError {
        ModelError::computation(&self.model, reason)
    }

    /// The error of this model for numbers that are none.
    pub(super) fn no_numbers(&self) -> ModelError {
        ModelError::no_numbers(&self.model)
    }
}

impl Hidden {
    /// What the classes of the fields before add to the layer, `[count, gate]`.
    fn add_classes<'a>(
        &self,
        gate: usize,
        count: usize,
        said: impl Fn(usize) -> &'a [u8],
        sums: &mut Vec<f32>,
    ) {
        sums.clear();
        sums.resize(count * gate, 0.0);
        for (at, sums) in sums.chunks_exact_mut(gate).enumerate() {
            for (&class, rows) in said(at).iter().zip(&self.after) {
                let row = &rows[usize::from(class) * gate..][..gate];
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
        }
    }
}

/// `x · weightᵀ`.
fn linear(network: &Network, x: &Tensor, weight: &str) -> CandleResult<Tensor> {
    x.matmul(&network.tensor(weight)?.t()?)
}

/// Logits of a field, `[of_states, classes]`: event `i` comes next in state number `of_states[i]`.
fn logits_on_device<'a, S: Borrow<LstmState>>(
    network: &Network,
    states: &[S],
    of_states: &[usize],
    field: usize,
    said: impl Fn(usize) -> &'a [u8],
) -> CandleResult<Vec<f32>> {
    let config = network.config();
    let device = network.tensor("embed.weight")?.device();
    let top = |&state: &usize| states[state].borrow().top();
    let numbers: Vec<f32> = of_states.iter().flat_map(top).copied().collect();
    let mut x = Tensor::from_vec(numbers, (of_states.len(), config.hidden), device)?;
    if field > 0 {
        x = linear(network, &x, &config.hidden_weight(field))?;
        for before in 0..field {
            let classes: Vec<u32> = (0..of_states.len()).map(|at| said(at)[before].into()).collect();
            let classes = Tensor::from_vec(classes, of_states.len(), device)?;
            x = (x + network.tensor(&config.after_weight(field, before))?.index_select(&classes, 0)?)?;
        }
        x = x.relu()?;
    }
    let logits =
        linear(network, &x, &config.weight(field))?.broadcast_add(network.tensor(&config.bias(field))?)?;
    logits.flatten_all()?.to_vec1()
}

fn step_on_device<R: AsRef<[u16]>>(
    network: &Network,
    rows: &[R],
    states: &mut [LstmState],
) -> CandleResult<()> {
    let &Config { hidden, layers, embed, .. } = network.config();
    let batch = states.len();
    let table = network.tensor("embed.weight")?;
    let device = table.device();
    let heard: Vec<u32> = rows.iter().flat_map(|rows| rows.as_ref()).map(|&row| u32::from(row)).collect();
    let heard = Tensor::from_vec(heard, batch * rows.first().map_or(0, |rows| rows.as_ref().len()), device)?;
    let mut x = table.index_select(&heard, 0)?.reshape((batch, (), embed))?.sum(1)?;
    for layer in 0..layers {
        let upload = |numbers: Vec<f32>| Tensor::from_vec(numbers, (batch, hidden), device);
        let h = upload(states.iter().flat_map(|state| state.layer(layer).0).copied().collect())?;
        let c = upload(states.iter().flat_map(|state| state.layer(layer).1).copied().collect())?;
        let z = (linear(network, &x, &format!("lstm.{layer}.weight_ih"))?
            + linear(network, &h, &format!("lstm.{layer}.weight_hh"))?)?
        .broadcast_add(network.tensor(&format!("lstm.{layer}.bias"))?)?;
        let gates = z.chunk(4, D::Minus1)?;
        let sigmoid = |gate: &Tensor| candle_nn::ops::sigmoid(gate);
        let c = ((sigmoid(&gates[1])? * c)? + (sigmoid(&gates[0])? * gates[2].tanh()?)?)?;
        let h = (sigmoid(&gates[3])? * c.tanh()?)?;
        let new = h.to_vec2::<f32>()?.into_iter().zip(c.to_vec2::<f32>()?);
        for (state, (new_h, new_c)) in states.iter_mut().zip(new) {
            let (h, c) = state.layer_mut(layer);
            h.copy_from_slice(&new_h);
            c.copy_from_slice(&new_c);
        }
        x = h;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::recurrent::network::Heard;
    use crate::recurrent::tests::{config, weights};

    /// The code that plays gives what the code that trains gives, event after event, on a device and on every set of
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
        // Rounded weights and hidden states lead it that far away at most.
        let mut steps = vec![(RecurrentStep::on_device("test", network), 1e-4)];
        let packed = |kernel| RecurrentStep::packed("test", config.clone(), &weights, kernel).unwrap();
        steps.extend(Kernel::available().into_iter().map(|kernel| (packed(kernel), 2e-3)));
        for (step, within) in steps {
            let (mut scratch, mut states, mut logits) =
                (RecurrentScratch::default(), [step.start(), step.start()], Vec::new());
            for (at, rows) in rows.chunks_exact(config.groups).enumerate() {
                step.step(&mut scratch, &[rows, rows], &mut states).unwrap();
                assert_eq!(states[0], states[1]);
                let said: Vec<u8> = events.iter().map(|classes| classes[at] as u8).collect();
                for field in 0..config.fields.len() {
                    let said = &said[..field];
                    step.logits(&mut scratch, &states, field, |_| said, &mut logits).unwrap();
                    let (one, other) = logits.split_at(config.fields[field]);
                    assert_eq!(one, other);
                    near(one, &trained[field][at], within);
                    step.logits_of_several(&mut scratch, &states[1], 2, field, |_| said, &mut logits)
                        .unwrap();
                    near(&logits[config.fields[field]..], &trained[field][at], within);
                }
            }
        }
    }

    fn near(found: &[f32], expected: &[f32], within: f32) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < within, "{found} and {expected}");
        }
    }

    #[test]
    fn what_does_not_exist_is_an_error() {
        let (config, mut weights) = (config(), weights(1));
        let step = RecurrentStep::new("test", config.clone(), &weights, &Device::Cpu).unwrap();
        let (mut scratch, mut states) = (RecurrentScratch::default(), [step.start()]);
        assert!(step.step(&mut scratch, &[[config.rows as u16]], &mut states).is_err());
        assert!(step.step(&mut scratch, &[[0], [0]], &mut states).is_err());
        for (field, said) in [(1, &[200][..]), (1, &[]), (2, &[0, 0])] {
            let mut logits = Vec::new();
            assert!(step.logits(&mut scratch, &states, field, |_| said, &mut logits).is_err());
            assert!(
                step.logits_of_several(&mut scratch, &states[0], 1, field, |_| said, &mut logits).is_err()
            );
        }
        weights.remove("field.1.bias");
        let error = RecurrentStep::new("test", config, &weights, &Device::Cpu).unwrap_err();
        assert_eq!(error, "tensor `field.1.bias` has shape None, expected [4]");
    }
}
