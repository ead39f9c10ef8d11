//! The shipped weights of `folk`: they are the card's, fit its network, and play its golden output.

mod shipped;

use candle_core::Device;
use lilt_inference::{Conditions, Model, Sampling, Watch};
use lilt_models::card::Card;
use lilt_models::folk::model::FolkModel;
use lilt_models::folk::network::Config;
use lilt_score::{Beat, Clip};
use shipped::{checked, folder};

/// Largest weights file that the repository takes, in bytes.
const LARGEST: u64 = 15_000_000;

fn card() -> Card<Config> {
    Card::read(&folder().join("folk.toml")).unwrap()
}

/// A clip as the card writes music: `pitch:ticks`, `z:ticks` for a rest.
fn notation(clip: &Clip) -> String {
    let ticks = |beats: Beat| beats * Beat::whole(48);
    let mut words = Vec::new();
    let mut now = Beat::ZERO;
    for note in clip.notes() {
        if note.start > now {
            words.push(format!("z:{}", ticks(note.start - now)));
        }
        words.push(format!("{}:{}", note.tone.key(), ticks(note.duration)));
        now = note.end();
    }
    words.join(" ")
}

#[test]
fn the_card_tells_the_truth() {
    let card = card();
    assert_eq!(card.parameters, card.network.parameters());
    checked("folk", &card.weights.sha256, &card.network.tensors(), LARGEST);
    // Nothing is left to guess: at least a tenth under the baseline, on all notes and on first times.
    let losses = &card.losses;
    assert!(losses.test <= 0.9 * losses.baseline_test);
    assert!(losses.test_first_time <= 0.9 * losses.baseline_test_first_time);
    assert!(losses.other_baselines.values().all(|[nats, _]| *nats >= losses.baseline_test));
}

#[test]
fn the_golden_output_is_played() {
    let golden = card().golden;
    let model = FolkModel::load(&folder(), &Device::Cpu).unwrap();
    let conditions = Conditions {
        key: Some(golden.key.parse().unwrap()),
        meter: golden.meter.parse().unwrap(),
        ..Conditions::default()
    };
    let request = Sampling::new(8, 0.0, 1, conditions).unwrap();
    let sampled = model.sample(&request, &Watch::new()).unwrap();
    assert_eq!(notation(sampled.piece.clip().unwrap()), golden.notes);
}
