//! A decoder with more units that says what a smaller one says (Net2Net's wider layers, Chen, Goodfellow and Shlens
//! 2016): nothing listens to the new units yet, and they hear what they will.

use lilt_models::sketch::network::Config;
use lilt_models::training::Start;

/// Gates of an LSTM, whose rows lie one gate after the other.
const GATES: usize = 4;

/// A tensor of a decoder of the sizes `to`, as `fresh` has it, that says what `known` of the sizes `from` says. None
/// where they differ in more than the decoder's units, or the new has fewer.
pub fn grown(from: &Config, to: &Config, fresh: Start, known: &[f32]) -> Option<Start> {
    let (hidden, place) = (from.hidden, from.place);
    if to.hidden < hidden || (Config { hidden, place, ideas: from.ideas, ..to.clone() }) != *from {
        return None;
    }
    if fresh.name == "lstm.weight_place" && !place {
        // It does not listen to where the pen is yet.
        return Some(Start { values: vec![0.0; fresh.values.len()], ..fresh });
    }
    if known.is_empty() {
        return None;
    }
    let (units, new_units) = (from.hidden, to.hidden);
    let blocks = match fresh.name.as_str() {
        "said.weight" => {
            let rows = *fresh.shape.first()?;
            return Some(widened(fresh, known, [rows, rows, units, new_units]));
        }
        "lstm.weight_hh" => [units, new_units, units, new_units],
        "lstm.weight_ih" | "lstm.weight_place" | "condition.weight" => {
            let columns = *fresh.shape.get(1)?;
            [units, new_units, columns, columns]
        }
        "lstm.bias" => [units, new_units, 1, 1],
        _ => return None,
    };
    let (size, known_size) = (fresh.values.len() / GATES, known.len() / GATES);
    let Start { name, shape, values } = fresh;
    let gates = values.chunks_exact(size).zip(known.chunks_exact(known_size)).map(|(fresh, known)| {
        let gate = Start { name: String::new(), shape: Vec::new(), values: fresh.to_vec() };
        widened(gate, known, blocks).values
    });
    Some(Start { values: gates.flatten().collect(), name, shape })
}

/// A matrix whose first `rows` and `columns` are `known`; what stands behind these in the same rows is 0.
fn widened(mut fresh: Start, known: &[f32], [rows, _, columns, new_columns]: [usize; 4]) -> Start {
    for (fresh, known) in
        fresh.values.chunks_exact_mut(new_columns).zip(known.chunks_exact(columns)).take(rows)
    {
        fresh[..columns].copy_from_slice(known);
        fresh[columns..].fill(0.0);
    }
    fresh
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use candle_core::{Device, Tensor};
    use lilt_models::sketch::batches::batch;
    use lilt_models::sketch::drawing::Drawing;
    use lilt_models::sketch::moves::{Move, Pen};
    use lilt_models::sketch::network::Network;
    use lilt_models::training::draw;

    use super::*;

    fn config(hidden: usize) -> Config {
        let kinds = vec!["cat".to_owned()];
        Config {
            hidden,
            components: 2,
            place: true,
            ideas: 0,
            latent: 2,
            encoder: 3,
            kind: 4,
            scale: 35.0,
            kinds,
        }
    }

    fn start(config: &Config, seed: u64) -> Vec<Start> {
        draw(config.tensors(), config.hidden, seed, |_, _| 0.5)
    }

    fn said(config: &Config, starts: &[Start]) -> Vec<f32> {
        let tensor = |start: &Start| {
            let tensor = Tensor::from_slice(&start.values, start.shape.as_slice(), &Device::Cpu).unwrap();
            (start.name.clone(), tensor)
        };
        let tensors: HashMap<String, Tensor> = starts.iter().map(tensor).collect();
        let network = Network::new(Arc::new(config.clone()), tensors).unwrap();
        let step = |dx: f32, pen| Move { dx, dy: 0.5, pen };
        let moves = vec![step(1.0, Pen::Down), step(-0.5, Pen::Up), step(0.2, Pen::Down), Move::END];
        let batch = batch(&[Drawing { kind: 0, moves }], 0);
        let said = network.said(&batch.heard, &batch.kinds, None, None).unwrap();
        said.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn a_grown_decoder_says_what_it_said() {
        let (small, large) = (config(5), config(8));
        let known = start(&small, 1);
        let grown: Vec<Start> = start(&large, 2)
            .into_iter()
            .zip(&known)
            .map(|(fresh, known)| match fresh.shape == known.shape {
                true => known.clone(),
                false => grown(&small, &large, fresh, &known.values).unwrap(),
            })
            .collect();
        let (before, after) = (said(&small, &known), said(&large, &grown));
        assert!(before.iter().zip(&after).all(|(a, b)| (a - b).abs() < 1e-5), "{before:?} {after:?}");
        // The new units hear something.
        assert!(grown.iter().any(|start| start.name == "lstm.weight_hh" && start.values[8 * 7] != 0.0));
    }

    #[test]
    fn other_sizes_do_not_grow() {
        let fresh = || start(&config(8), 1).remove(2);
        let known = &start(&config(5), 1)[2].values;
        assert!(grown(&config(5), &config(8), fresh(), known).is_some());
        assert!(grown(&config(8), &config(5), fresh(), known).is_none());
        assert!(grown(&Config { kind: 3, ..config(5) }, &config(8), fresh(), known).is_none());
    }
}
