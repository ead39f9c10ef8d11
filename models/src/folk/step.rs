//! `folk` one note at a time: the network of [`super::network`], made to step.
//!
//! On the processor it runs on the packed weights of [`crate::step`]; for a network on another
//! device the same arithmetic is done there by Candle.

use candle_core::{D, Device, Result, Tensor, bail};

use super::features::Features;
use super::network::{Config, Network};
use crate::step::{Kernel, LayerWeights, LstmStack, LstmState, LstmWeights, PackedLinear, Scratch};

/// A network, ready to step.
#[derive(Debug, Clone)]
pub struct FolkStep {
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
    duration: PackedLinear,
    pitch_hidden: PackedLinear,
    /// `[durations, gate]`.
    pitch_duration: Vec<f32>,
    pitch: PackedLinear,
}

/// Room for the numbers of a step; one serves any number of steps, one after the other.
#[derive(Debug, Clone, Default)]
pub struct FolkScratch {
    stack: Scratch,
    x: Vec<f32>,
    hidden: Vec<f32>,
}

impl FolkStep {
    /// Makes `network` step where its tensors are.
    ///
    /// # Errors
    /// When the network has a size that cannot be packed.
    pub fn new(network: &Network) -> Result<FolkStep> {
        if matches!(network.tensor("embed.weight")?.device(), Device::Cpu) {
            FolkStep::packed(network, Kernel::detect())
        } else {
            Ok(FolkStep::on_device(network))
        }
    }

    /// Packs `network` for the processor; weights are rounded, those inside the LSTM layers to whole numbers
    /// and the others to f16.
    ///
    /// # Errors
    /// When the network has a size that cannot be packed.
    pub fn packed(network: &Network, kernel: Kernel) -> Result<FolkStep> {
        let config = *network.config();
        let numbers = |name: &str| network.tensor(name)?.flatten_all()?.to_vec1::<f32>();
        let layer = |layer: usize| -> Result<LayerWeights> {
            Ok(LayerWeights {
                weight_ih: numbers(&format!("lstm.{layer}.weight_ih"))?,
                weight_hh: numbers(&format!("lstm.{layer}.weight_hh"))?,
                bias: numbers(&format!("lstm.{layer}.bias"))?,
            })
        };
        let weights = LstmWeights {
            embed: numbers("embed.weight")?,
            width: config.embed,
            hidden: config.hidden,
            layers: (0..config.layers).map(layer).collect::<Result<_>>()?,
        };
        let stack = LstmStack::new(&weights, kernel).map_err(candle_core::Error::wrap)?;
        let packed = Packed {
            stack,
            duration: PackedLinear::new(&numbers("duration.weight")?, &numbers("duration.bias")?),
            pitch_hidden: PackedLinear::new(&numbers("pitch.hidden.weight")?, &vec![0.0; config.gate]),
            pitch_duration: numbers("pitch.duration.weight")?,
            pitch: PackedLinear::new(&numbers("pitch.weight")?, &numbers("pitch.bias")?),
        };
        Ok(FolkStep { config, place: Place::Processor(Box::new(packed)) })
    }

    /// Steps by Candle's operations, on whatever device the tensors of `network` are.
    pub fn on_device(network: &Network) -> FolkStep {
        FolkStep { config: *network.config(), place: Place::Device(network.clone()) }
    }

    /// The state before anything was heard.
    pub fn start(&self) -> LstmState {
        LstmState::zeros(self.config.layers, self.config.hidden)
    }

    /// Sizes of the network.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Moves `states` on by one note each; `features[i]` are what state `i` hears.
    ///
    /// # Errors
    /// When the device fails, or there is not one set of features for each state.
    pub fn step(
        &self,
        scratch: &mut FolkScratch,
        features: &[Features],
        states: &mut [LstmState],
    ) -> Result<()> {
        if features.len() != states.len() {
            bail!("{} sets of features for {} states", features.len(), states.len());
        }
        if let Some(row) = features.iter().flatten().find(|&&row| usize::from(row) >= self.config.features) {
            bail!("feature {row} of {}", self.config.features);
        }
        match &self.place {
            Place::Processor(packed) => packed.stack.step(&mut scratch.stack, features, states),
            Place::Device(network) => step_on_device(network, features, states)?,
        }
        Ok(())
    }

    /// Logits of the next note's duration class, the end included, `[states, durations]`.
    ///
    /// # Errors
    /// When the device fails.
    pub fn duration_logits(
        &self,
        scratch: &mut FolkScratch,
        states: &[LstmState],
        logits: &mut Vec<f32>,
    ) -> Result<()> {
        match &self.place {
            Place::Processor(packed) => {
                let (kernel, bias, batch) = (packed.stack.kernel(), packed.duration.bias(), states.len());
                let h = |state: usize| states[state].top();
                packed.duration.apply_to_batch(kernel, batch, h, |_| bias, &mut scratch.x, logits);
            }
            Place::Device(network) => {
                let found = linear(network, &top(network, states)?, "duration.weight")?
                    .broadcast_add(network.tensor("duration.bias")?)?;
                *logits = found.flatten_all()?.to_vec1()?;
            }
        }
        Ok(())
    }

    /// Logits of the next note's pitch class, `[states, pitches]`, given its duration class in each state.
    ///
    /// # Errors
    /// When there is not one duration class for each state, it does not exist, or the device fails.
    pub fn pitch_logits(
        &self,
        scratch: &mut FolkScratch,
        states: &[LstmState],
        durations: &[u8],
        logits: &mut Vec<f32>,
    ) -> Result<()> {
        if durations.len() != states.len() {
            bail!("{} durations for {} states", durations.len(), states.len());
        }
        if let Some(duration) = durations.iter().find(|&&class| usize::from(class) >= self.config.durations) {
            bail!("duration class {duration} of {}", self.config.durations);
        }
        match &self.place {
            Place::Processor(packed) => {
                let (kernel, gate, batch) = (packed.stack.kernel(), self.config.gate, states.len());
                let FolkScratch { x, hidden, .. } = scratch;
                let chosen =
                    |state: usize| &packed.pitch_duration[usize::from(durations[state]) * gate..][..gate];
                let h = |state: usize| states[state].top();
                packed.pitch_hidden.apply_to_batch(kernel, batch, h, chosen, x, hidden);
                hidden.iter_mut().for_each(|unit| *unit = unit.max(0.0));
                let (bias, u) = (packed.pitch.bias(), |state: usize| &hidden[state * gate..][..gate]);
                packed.pitch.apply_to_batch(kernel, batch, u, |_| bias, x, logits);
            }
            Place::Device(network) => {
                let h = top(network, states)?;
                let chosen: Vec<u32> = durations.iter().map(|&class| class.into()).collect();
                let chosen = Tensor::from_vec(chosen, durations.len(), h.device())?;
                let chosen = network.tensor("pitch.duration.weight")?.index_select(&chosen, 0)?;
                let u = (linear(network, &h, "pitch.hidden.weight")? + chosen)?.relu()?;
                let found =
                    linear(network, &u, "pitch.weight")?.broadcast_add(network.tensor("pitch.bias")?)?;
                *logits = found.flatten_all()?.to_vec1()?;
            }
        }
        Ok(())
    }
}

/// `x · weightᵀ`.
fn linear(network: &Network, x: &Tensor, weight: &str) -> Result<Tensor> {
    x.matmul(&network.tensor(weight)?.t()?)
}

/// Hidden states of the top layer, `[states, hidden]`, on the device.
fn top(network: &Network, states: &[LstmState]) -> Result<Tensor> {
    let numbers: Vec<f32> = states.iter().flat_map(|state| state.top()).copied().collect();
    let shape = (states.len(), network.config().hidden);
    Tensor::from_vec(numbers, shape, network.tensor("duration.weight")?.device())
}

fn step_on_device(network: &Network, features: &[Features], states: &mut [LstmState]) -> Result<()> {
    let Config { hidden, layers, embed, .. } = *network.config();
    let batch = states.len();
    let table = network.tensor("embed.weight")?;
    let device = table.device();
    let rows: Vec<u32> = features.iter().flatten().map(|&row| u32::from(row)).collect();
    let rows = Tensor::from_vec(rows, batch * features.first().map_or(0, |features| features.len()), device)?;
    let mut x = table.index_select(&rows, 0)?.reshape((batch, (), embed))?.sum(1)?;
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
    use std::collections::HashMap;
    use std::sync::Arc;

    use super::*;
    use crate::folk::features::{Conditions, FEATURES, FolkState, Kind};
    use crate::folk::network::Dropout;
    use crate::folk::vocabulary::{DURATION_CLASSES, NoteEvent, PITCH_CLASSES};
    use crate::lstm::LayerState;
    use half::f16;
    use lilt_score::{Key, Meter};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn network(seed: u64) -> Network {
        let config = Config {
            features: FEATURES,
            embed: 24,
            hidden: 48,
            layers: 2,
            durations: DURATION_CLASSES,
            gate: 40,
            pitches: PITCH_CLASSES,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut tensors = HashMap::new();
        for (name, shape) in config.tensors() {
            let count = shape.iter().product();
            let numbers: Vec<f32> =
                (0..count).map(|_| f16::from_f32(rng.random_range(-0.3..0.3)).to_f32()).collect();
            tensors.insert(name, Tensor::from_vec(numbers, shape, &Device::Cpu).unwrap());
        }
        Network::new(config, tensors).unwrap()
    }

    /// The code that plays gives what the code that trains gives, note after note.
    #[test]
    fn plays_as_it_was_trained() {
        let network = network(3);
        let conditions = Conditions { key: Key::C_MAJOR, meter: Meter::COMMON, kind: Kind::UNKNOWN };
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let events: Vec<NoteEvent> = (0..40)
            .map(|_| NoteEvent { duration: rng.random_range(0..25), pitch: rng.random_range(0..53) })
            .collect();
        let mut past = FolkState::new(conditions, 0);
        let mut features = Vec::new();
        for event in &events {
            features.push(past.features());
            past.advance(*event);
        }
        let played: Vec<u32> = events.iter().map(|event| u32::from(event.duration)).collect();
        let keep = Arc::new(vec![1.0; events.len()]);
        let mut states = vec![LayerState::zeros(1, 48); 2];
        let trained =
            network.forward(&features, &played, &keep, 1, &mut states, &Dropout::default()).unwrap();
        let durations = trained.durations.to_vec2::<f32>().unwrap();
        let pitches = trained.pitches.to_vec2::<f32>().unwrap();

        let mut steps = vec![(FolkStep::on_device(&network), 1e-4)];
        let packed = |kernel| (FolkStep::packed(&network, kernel).unwrap(), ROUNDED);
        steps.extend(Kernel::available().into_iter().map(packed));
        for (step, within) in steps {
            let (mut scratch, mut state, mut logits) = (FolkScratch::default(), [step.start()], Vec::new());
            for (note, event) in events.iter().enumerate() {
                step.step(&mut scratch, &features[note..=note], &mut state).unwrap();
                step.duration_logits(&mut scratch, &state, &mut logits).unwrap();
                near(&logits, &durations[note], within);
                step.pitch_logits(&mut scratch, &state, &[event.duration], &mut logits).unwrap();
                near(&logits, &pitches[note], within);
            }
        }
    }

    /// How far rounded weights and hidden states may lead a logit away.
    const ROUNDED: f32 = 2e-3;

    fn near(found: &[f32], expected: &[f32], within: f32) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < within, "{found} and {expected}");
        }
    }

    #[test]
    fn what_does_not_exist_is_an_error() {
        let step = FolkStep::new(&network(1)).unwrap();
        let (mut scratch, mut state) = (FolkScratch::default(), [step.start()]);
        let mut features =
            FolkState::new(Conditions { key: Key::C_MAJOR, meter: Meter::COMMON, kind: Kind::UNKNOWN }, 0)
                .features();
        features[0] = FEATURES as u16;
        assert!(step.step(&mut scratch, &[features], &mut state).is_err());
        assert!(step.step(&mut scratch, &[], &mut state).is_err());
        let end = DURATION_CLASSES as u8;
        assert!(step.pitch_logits(&mut scratch, &state, &[end], &mut Vec::new()).is_err());
    }
}
