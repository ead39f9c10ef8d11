//! The shipped weights of `sketch`: they are the card's, fit its network, and draw its golden output.

mod shipped;

use lilt_inference::{
    Conditions, Continues, Interpolates, Interpolation, Model, Piece, Sampling, Scores, Setting, Settings,
    Watch,
};
use lilt_models::card::Card;
use lilt_models::sketch::drawn::drawn;
use lilt_models::sketch::measures::{GOLDEN_POINTS, Golden, Measures, golden_text};
use lilt_models::sketch::model::SketchModel;
use lilt_models::sketch::network::Config;
use shipped::{checked, folder};

/// Largest weights file that the repository takes, in bytes.
const LARGEST: u64 = 15_000_000;

fn card() -> Card<Config, Measures, Golden> {
    Card::read(&folder().join("sketch.toml")).unwrap()
}

fn asked(kind: &str, temperature: f64, seed: u64) -> Sampling {
    let settings = Settings::default().with("kind", Setting::Word(kind.to_owned()));
    Sampling::drawing(200, temperature, seed, Conditions { settings, ..Conditions::default() }).unwrap()
}

#[test]
fn the_card_tells_the_truth() {
    let card = card();
    let tensors = card.network.tensors();
    let parameters: usize = tensors.iter().map(|(_, shape)| shape.iter().product::<usize>()).sum();
    assert_eq!(card.parameters, parameters);
    checked("sketch", &card.weights.sha256, &card.network.stored(), LARGEST);
    assert_eq!(card.network.kinds.len(), 345);
    let losses = &card.losses;
    // A point of the latent space tells something of its drawing.
    assert!(losses.all.test_told < losses.all.test);
    let mean = losses.kinds.values().map(|kind| kind.ours).sum::<f64>() / losses.kinds.len() as f64;
    assert!((mean - losses.mean[0]).abs() < 1e-3);
}

#[test]
fn the_golden_output_is_drawn() {
    let golden = card().golden;
    let model = SketchModel::load(&folder()).unwrap();
    let step = model.step();
    let row = step.config().kinds.iter().position(|kind| *kind == golden.kind).unwrap();
    let told = step.condition(step.kind(row), None);
    let moves = drawn(step, vec![told], GOLDEN_POINTS, 0.0, 0).unwrap();
    assert_eq!(golden_text(&moves[0]), golden.moves);
}

#[test]
fn a_bird_is_likelier_as_a_bird_and_a_way_leads_to_a_bus() {
    let (model, watch) = (SketchModel::load(&folder()).unwrap(), Watch::new());
    let drawn = |kind: &str, seed| model.sample(&asked(kind, 0.4, seed), &watch).unwrap().piece;
    let nats = |piece: &Piece, kind: &str| -> f64 {
        model.score(piece, asked(kind, 1.0, 0).conditions(), &watch).unwrap().iter().sum()
    };
    let pairs = [("bird", "bus"), ("bus", "bird"), ("star", "cat"), ("cat", "star")];
    let likelier = |seed: u64| {
        pairs
            .iter()
            .filter(|(kind, other)| {
                let piece = drawn(kind, seed);
                nats(&piece, kind) < nats(&piece, other)
            })
            .count()
    };
    let all: usize = (0..5).map(likelier).sum();
    assert!(all >= 18, "{all} of 20 are likelier as what they are");
    let (bird, bus) = (drawn("bird", 1), drawn("bus", 2));
    let request = Interpolation::new(6, asked("bird", 0.2, 3)).unwrap();
    let way = model.interpolate(&bird, &bus, &request, &watch).unwrap();
    // The way is an arc of the latent space, which bulges.
    let bulge = way.path()[2][1];
    assert!((0.02..1.0).contains(&bulge), "{:?}", way.path());
    let way = way.pieces();
    assert_eq!((way.len(), &way[0], &way[5]), (6, &bird, &bus));
    let begun = bird.with_parts(bird.parts() / 2).unwrap();
    let whole = model.continue_from(&begun, &asked("bird", 0.4, 4), &watch).unwrap().piece;
    assert_eq!(whole.with_parts(begun.parts()).unwrap(), begun);
}
