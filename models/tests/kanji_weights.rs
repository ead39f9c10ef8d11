//! The shipped weights of `kanji`: they are the card's, fit its network, and draw its golden output.

mod shipped;

use lilt_inference::{Conditions, Model, Sampling, Watch};
use lilt_models::card::Card;
use lilt_models::sketch::KANJI;
use lilt_models::sketch::drawn::drawn;
use lilt_models::sketch::measures::{GOLDEN_POINTS, Golden, NatsPerPoint, golden_text};
use lilt_models::sketch::model::SketchModel;
use lilt_models::sketch::network::Config;
use shipped::{checked, folder};

/// Largest weights file that the repository takes, in bytes.
const LARGEST: u64 = 15_000_000;

fn card() -> Card<Config, NatsPerPoint, Golden> {
    Card::read(&folder().join("kanji.toml")).unwrap()
}

#[test]
fn the_card_tells_the_truth() {
    let card = card();
    let tensors = card.network.tensors();
    let parameters: usize = tensors.iter().map(|(_, shape)| shape.iter().product::<usize>()).sum();
    assert_eq!(card.parameters, parameters);
    checked("kanji", &card.weights.sha256, &tensors, LARGEST);
    assert!(card.network.kinds.is_empty() && card.licence.contains("BY-SA"));
    // A point of the latent space tells something of its character.
    assert!(card.losses.test_told < card.losses.test);
}

#[test]
fn the_golden_output_is_drawn() {
    let model = SketchModel::load_as(KANJI, &folder()).unwrap();
    let step = model.step();
    let moves = drawn(step, vec![step.condition(&[], None)], GOLDEN_POINTS, 0.0, 0).unwrap();
    assert_eq!(golden_text(&moves[0]), card().golden.moves);
}

#[test]
fn characters_have_strokes_and_end() {
    let (model, watch) = (SketchModel::load_as(KANJI, &folder()).unwrap(), Watch::new());
    let strokes = |seed: u64| {
        let request = Sampling::drawing(200, 0.4, seed, Conditions::default()).unwrap();
        let sketch = model.sample(&request, &watch).unwrap().piece.into_sketch().unwrap();
        (sketch.strokes().len(), sketch.points())
    };
    let drawn: Vec<(usize, usize)> = (0..20).map(strokes).collect();
    let whole = drawn.iter().filter(|(strokes, points)| (2..=30).contains(strokes) && *points < 200).count();
    assert!(whole >= 18, "{drawn:?}");
}
