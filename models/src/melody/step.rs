//! `melody` one 16th at a time: the network of [`super::network`] on the packed weights of
//! [`crate::step`].
//!
//! It always runs on the processor: its steps are too small for a graphics card to be quicker.

use std::collections::BTreeMap;

use super::decoder::PlanDecoder;
use super::features::{FEATURES, Features};
use super::network::{ATTRIBUTES, Config, Letter};
use super::vocabulary::{SEGMENT, TOKENS};
use crate::card::Weights;
use crate::step::{Kernel, LayerWeights, LstmStack, LstmState, LstmWeights, PackedLinear, Scratch};

/// Weights that make no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// A tensor is not there, or has another size than the network's.
    #[error("tensor `{0}` is missing or of another size")]
    Tensor(String),
    /// A network of another version of this program.
    #[error("it has {found} {what}, this program has {expected}")]
    Size {
        /// What is counted.
        what: &'static str,
        /// How many the network has.
        found: usize,
        /// How many this program has.
        expected: usize,
    },
    /// Weights that cannot be packed.
    #[error(transparent)]
    Stack(#[from] crate::step::StackError),
}

/// A network, ready to step.
#[derive(Debug, Clone)]
pub struct MelodyStep {
    config: Config,
    stack: LstmStack,
    token: PackedLinear,
    /// From the plan of a step to the gates, and to the logits.
    drive: PackedLinear,
    said: PackedLinear,
    plan_hidden: PackedLinear,
    plan_steps: PackedLinear,
    /// `[letters, letter]`.
    encode_embed: Vec<f32>,
    encode_hidden: [PackedLinear; 2],
    encode_mean: PackedLinear,
    decoder: PlanDecoder,
    attributes: Vec<(&'static str, Vec<f32>)>,
}

/// What a point of the latent space says to each of the 32 steps of its two bars.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// `[32, 4·hidden]`.
    drives: Vec<f32>,
    gates: usize,
    /// `[32, tokens]`.
    said: Vec<f32>,
}

impl Plan {
    /// What a step of the two bars hears, for [`MelodyStep::step`].
    pub fn drive(&self, step: usize) -> &[f32] {
        &self.drives[(step % SEGMENT) * self.gates..][..self.gates]
    }

    /// What a step of the two bars says by itself, for [`MelodyStep::logits`].
    pub fn said(&self, step: usize) -> &[f32] {
        &self.said[(step % SEGMENT) * TOKENS..][..TOKENS]
    }
}

impl MelodyStep {
    /// Packs a network for `kernel`; weights are rounded to f16.
    ///
    /// # Errors
    /// When a tensor is missing or the network has a size that cannot be packed.
    pub fn new(
        config: Config,
        weights: &BTreeMap<String, Weights>,
        kernel: Kernel,
    ) -> Result<MelodyStep, StepError> {
        for (what, found, expected) in
            [("rows of features", config.features, FEATURES), ("tokens", config.tokens, TOKENS)]
        {
            if found != expected {
                return Err(StepError::Size { what, found, expected });
            }
        }
        for (name, shape) in config.stored() {
            if weights.get(&name).is_none_or(|weights| weights.shape != shape) {
                return Err(StepError::Tensor(name));
            }
        }
        let numbers =
            |name: &str| weights.get(name).map(|weights| weights.values.clone()).unwrap_or_default();
        let linear = |name: &str| {
            PackedLinear::new(&numbers(&format!("{name}.weight")), &numbers(&format!("{name}.bias")))
        };
        let layer = |layer: usize| LayerWeights {
            weight_ih: numbers(&format!("lstm.{layer}.weight_ih")),
            weight_hh: numbers(&format!("lstm.{layer}.weight_hh")),
            bias: numbers(&format!("lstm.{layer}.bias")),
        };
        let layers: Vec<LayerWeights> = (0..config.layers).map(layer).collect();
        let lstm = LstmWeights {
            embed: numbers("embed.weight"),
            width: config.embed,
            hidden: config.hidden,
            layers,
        };
        let stack = LstmStack::new(&lstm, kernel)?;
        // The plan enters where the embedding rows do, so its way to the gates is one matrix.
        let out = numbers("plan.heard.weight");
        let mut drive = Vec::with_capacity(4 * config.hidden * config.plan);
        for row in lstm.layers[0].weight_ih.chunks_exact(config.embed) {
            for column in 0..config.plan {
                let products = row.iter().zip(out.iter().skip(column).step_by(config.plan));
                drive.push(products.map(|(w, p)| w * p).sum());
            }
        }
        Ok(MelodyStep {
            config,
            drive: stack.drive(&drive),
            said: PackedLinear::new(&numbers("plan.said.weight"), &[0.0; TOKENS]),
            stack,
            token: linear("token"),
            plan_hidden: linear("plan.hidden"),
            plan_steps: linear("plan.steps"),
            encode_embed: numbers("encode.embed.weight"),
            encode_hidden: [linear("encode.hidden.0"), linear("encode.hidden.1")],
            encode_mean: linear("encode.mean"),
            decoder: PlanDecoder::new(
                [
                    numbers("plan.hidden.weight"),
                    numbers("plan.hidden.bias"),
                    numbers("plan.steps.weight"),
                    numbers("plan.steps.bias"),
                    numbers("plan.said.weight"),
                ],
                config.latent,
                config.plan,
            ),
            attributes: ATTRIBUTES
                .iter()
                .map(|&name| (name, numbers(&format!("attribute.{name}"))))
                .collect(),
        })
    }

    /// Sizes of the network.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The state before anything was heard.
    pub fn start(&self) -> LstmState {
        self.stack.start()
    }

    /// Moves `states` on by one step each: `features[i]` are what state `i` hears, `drives[i]`, if there
    /// are any, what its plan says.
    ///
    /// # Panics
    /// As [`LstmStack::driven_step`].
    pub fn step(
        &self,
        scratch: &mut Scratch,
        features: &[Features],
        drives: &[&[f32]],
        states: &mut [LstmState],
    ) {
        self.stack.driven_step(scratch, features, drives, states);
    }

    /// Logits of what happens next, `[tokens]`, with what a plan says, if there is one.
    pub fn logits(&self, state: &LstmState, said: Option<&[f32]>, logits: &mut Vec<f32>) {
        self.token.apply(self.stack.kernel(), state.top(), logits);
        for (logit, said) in logits.iter_mut().zip(said.unwrap_or_default()) {
            *logit += said;
        }
    }

    /// The point of the latent space that two bars mean, `[latent]`: the mean of the encoder.
    pub fn encode(&self, letters: &[Letter]) -> Vec<f32> {
        let kernel = self.stack.kernel();
        let width = self.config.letter;
        let mut x = vec![0.0; SEGMENT * width];
        for (sum, letter) in x.chunks_exact_mut(width).zip(letters) {
            for &row in letter {
                let row = &self.encode_embed[usize::from(row) * width..][..width];
                sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
        }
        let mut out = Vec::new();
        for layer in &self.encode_hidden {
            layer.apply(kernel, &x, &mut out);
            out.iter_mut().for_each(|unit| *unit = unit.max(0.0));
            std::mem::swap(&mut x, &mut out);
        }
        self.encode_mean.apply(kernel, &x, &mut out);
        out
    }

    /// What the point `z` of the latent space, `[latent]`, says to each step of its two bars.
    pub fn plan(&self, z: &[f32]) -> Plan {
        let kernel = self.stack.kernel();
        let (mut hidden, mut plans, mut row) = (Vec::new(), Vec::new(), Vec::new());
        self.plan_hidden.apply(kernel, z, &mut hidden);
        hidden.iter_mut().for_each(|unit| *unit = unit.max(0.0));
        self.plan_steps.apply(kernel, &hidden, &mut plans);
        let gates = 4 * self.config.hidden;
        let mut drives = Vec::with_capacity(SEGMENT * gates);
        let mut said = Vec::with_capacity(SEGMENT * TOKENS);
        for plan in plans.chunks_exact(self.config.plan) {
            self.drive.apply(kernel, plan, &mut row);
            drives.extend_from_slice(&row);
            self.said.apply(kernel, plan, &mut row);
            said.extend_from_slice(&row);
        }
        Plan { drives, gates, said }
    }

    /// The way from points of the latent space to what their plans say, and back.
    pub fn decoder(&self) -> &PlanDecoder {
        &self.decoder
    }

    /// The direction of the latent space in which an attribute grows, `[latent]`.
    pub fn attribute(&self, name: &str) -> Option<&[f32]> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, direction)| direction.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::lstm::LayerState;
    use crate::melody::chords::Harmony;
    use crate::melody::features::{Density, Guide, MelodyState};
    use crate::melody::network::{Network, letters};
    use crate::melody::untrained::{config, weights};
    use crate::melody::vocabulary::{Color, Home, from_silence};
    use candle_core::Device;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn near(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 2e-3, "{found} and {expected}");
        }
    }

    /// The code that plays gives what the code that trains gives, with and without a plan.
    #[test]
    fn plays_as_it_was_trained() {
        let network = Network::from_weights(config(), &weights(3), &Device::Cpu).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let tokens: Vec<u8> = (0..SEGMENT).map(|_| rng.random_range(0..TOKENS as u8)).collect();
        let tokens = from_silence(&tokens);
        let posterior = network.encode(&letters(&tokens)).unwrap();
        let told = network.told(&posterior.mean).unwrap();
        let mean = posterior.mean.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for planned in [false, true] {
            let guide = Guide {
                home: Home { tonic: 2, color: Color::Minor },
                harmony: Harmony::parse("Am F").unwrap(),
                density: Density::of(3.0),
                planned,
            };
            let mut past = MelodyState::new(0);
            let mut features = Vec::new();
            for &token in &tokens {
                features.push(past.features(&guide));
                past.advance(token);
            }
            let keep = Arc::new(vec![1.0; SEGMENT]);
            let mut states = vec![LayerState::zeros(1, config().hidden)];
            let told = planned.then_some(&told);
            let trained = network.logits(&features, told, &keep, 1, &mut states, &[]).unwrap();
            let trained = trained.to_vec2::<f32>().unwrap();
            for kernel in Kernel::available() {
                let step = MelodyStep::new(config(), &weights(3), kernel).unwrap();
                let z = step.encode(&letters(&tokens));
                near(&z, &mean);
                let plan = step.plan(&z);
                let (mut scratch, mut state, mut logits) = (Scratch::default(), [step.start()], Vec::new());
                for at in 0..SEGMENT {
                    let drives = [plan.drive(at)];
                    let drives = if planned { &drives[..] } else { &[] };
                    step.step(&mut scratch, &features[at..=at], drives, &mut state);
                    step.logits(&state[0], planned.then(|| plan.said(at)), &mut logits);
                    near(&logits, &trained[at]);
                }
                near(&step.decoder().say(&z).logits, &plan.said);
            }
        }
    }

    #[test]
    fn weights_that_do_not_fit_are_named() {
        let mut missing = weights(1);
        missing.remove("plan.said.weight");
        let error = MelodyStep::new(config(), &missing, Kernel::detect()).unwrap_err();
        assert_eq!(error.to_string(), "tensor `plan.said.weight` is missing or of another size");
        let error =
            MelodyStep::new(Config { tokens: 3, ..config() }, &weights(1), Kernel::detect()).unwrap_err();
        assert_eq!(error.to_string(), "it has 3 tokens, this program has 54");
    }
}
