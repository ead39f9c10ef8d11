//! What the network has to beat: Kneser-Ney n-grams over the same events, split and fields, among the
//! same classes that may come.

use crate::kneser_ney::KneserNey;
use lilt_models::recurrent::batches::Piece;
use lilt_models::recurrent::config::Config;

/// Symbol before the start of a piece; no class has it.
const START: u16 = u16::MAX;

/// How far an n-gram sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The fields that were said before, whatever event they belong to: a 5-gram sees four.
    Fields,
    /// The fields of this event that were said, and those of the events before: a 5-gram sees four.
    Events,
}

/// An n-gram model and what it is called on the card.
#[derive(Debug)]
pub struct Baseline {
    /// Its name.
    pub name: String,
    /// Nats per note on the test set.
    pub nats: f64,
}

/// One prediction: the context, most recent symbol first, the class that followed and those that might
/// have, as bits.
struct Prediction {
    context: Vec<u16>,
    class: u16,
    legal: u128,
}

/// The predictions of one field in a piece. What could not have been otherwise is none, and is seen by
/// no context.
fn predictions(piece: &Piece, config: &Config, field: usize, view: View, order: usize) -> Vec<Prediction> {
    let fields = config.fields.len();
    let mut spoken: Vec<Vec<u16>> = Vec::new();
    let mut found = Vec::new();
    for (event, legal) in piece.events(fields).zip(piece.legal(fields)) {
        let mut said = Vec::new();
        for (at, (&class, &legal)) in event.iter().zip(legal).enumerate() {
            if legal.count_ones() == 1 {
                continue;
            }
            let symbol = 1000 * at as u16 + u16::from(class);
            if at == field {
                let past = spoken.iter().rev().flat_map(|event: &Vec<u16>| event.iter().rev().copied());
                let now = said.iter().rev().copied();
                let context: Vec<u16> = match view {
                    View::Fields => now.chain(past).chain(std::iter::repeat(START)).take(order - 1).collect(),
                    View::Events => {
                        let before = spoken.iter().rev().take(order - 1).map(Vec::len).sum::<usize>();
                        let reach = fields * order;
                        let seen = now.chain(past.take(before)).chain(std::iter::repeat(START));
                        seen.take(reach).collect()
                    }
                };
                found.push(Prediction { context, class: class.into(), legal });
            }
            said.push(symbol);
        }
        spoken.push(said);
        if spoken.len() > order {
            spoken.remove(0);
        }
    }
    found
}

/// Trains an n-gram of `order` on `train` and measures it on `test`.
pub fn measure(view: View, order: usize, config: &Config, train: &[Piece], test: &[Piece]) -> Baseline {
    let reach = match view {
        View::Fields => order - 1,
        View::Events => config.fields.len() * order,
    };
    let mut nats = 0.0;
    for (field, &classes) in config.fields.iter().enumerate() {
        let learnt: Vec<Prediction> =
            train.iter().flat_map(|piece| predictions(piece, config, field, view, order)).collect();
        let events = learnt.iter().map(|prediction| (prediction.context.as_slice(), prediction.class));
        let model = KneserNey::train(events, reach, classes);
        let of_field: f64 = test
            .iter()
            .flat_map(|piece| predictions(piece, config, field, view, order))
            .map(|prediction| surprise(&model, &prediction, classes))
            .sum();
        eprintln!("{view:?}, field {field}: {:.4}", of_field / notes(test) as f64);
        nats += of_field;
    }
    let what = match view {
        View::Fields => "fields (each a symbol)",
        View::Events => "events (each with all its fields)",
    };
    Baseline {
        name: format!("interpolated modified Kneser-Ney {order}-gram over {what}, among what may come"),
        nats: nats / notes(test) as f64,
    }
}

/// −ln of the probability among the classes that may come.
fn surprise(model: &KneserNey, prediction: &Prediction, classes: usize) -> f64 {
    let probability = |class: u16| model.probability(&prediction.context, class);
    let legal: f64 =
        (0..classes as u16).filter(|&class| prediction.legal >> class & 1 == 1).map(probability).sum();
    -(probability(prediction.class) / legal).ln()
}

fn notes(pieces: &[Piece]) -> usize {
    pieces.iter().map(Piece::notes).sum()
}
