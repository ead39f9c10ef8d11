//! The shipped weights of `recognize`: they are the card's, fit its network, and take a circle for what they should.

mod shipped;

use lilt_inference::Recognizer;
use lilt_models::card::Head;
use lilt_models::recognizer::model::QuickRecognizer;
use lilt_models::recognizer::network::Config;
use lilt_score::{Point, Sketch, Stroke};
use shipped::{checked, folder};

/// Largest weights file that the repository takes, in bytes.
const LARGEST: u64 = 15_000_000;

fn card() -> toml::Table {
    std::fs::read_to_string(folder().join("recognizer.toml")).unwrap().parse().unwrap()
}

/// A polygon as a pen draws it, from its right corner on.
fn polygon(corners: u32) -> Sketch {
    let point = |corner: u32| {
        let (y, x) = (std::f32::consts::TAU * corner as f32 / corners as f32).sin_cos();
        Point { x, y, width: 0.01, time: corner as f32 }
    };
    Sketch::new(vec![Stroke { points: (0..=corners).map(point).collect() }])
}

#[test]
fn the_card_tells_the_truth() {
    let head = Head::<Config>::read(&folder().join("recognizer.toml")).unwrap();
    let weights = checked("recognizer", &head.weights.sha256, &head.network.tensors(), LARGEST);
    let numbers: usize = weights.values().map(|weights| weights.values.len()).sum();
    assert_eq!(card()["parameters"].as_integer(), Some(numbers as i64));
    let mut kinds = head.network.kinds.clone();
    kinds.dedup();
    assert_eq!((kinds.len(), kinds.is_sorted()), (345, true));
    // Guessing would be right once in 345.
    assert!(card()["losses"]["test"]["first"].as_float().unwrap() > 0.5);
}

#[test]
fn the_golden_output_is_what_it_says() {
    let recognizer = QuickRecognizer::load(&folder()).unwrap();
    let told = recognizer.recognize(&[polygon(24), Sketch::default(), polygon(3)]).unwrap();
    for row in &told {
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-4 && row.len() == recognizer.kinds().len());
    }
    let likeliest = |row: &[f32]| -> Vec<String> {
        let mut kinds: Vec<usize> = (0..row.len()).collect();
        kinds.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
        kinds.iter().take(5).map(|&kind| recognizer.kinds()[kind].clone()).collect()
    };
    let golden: Vec<String> = card()["golden"]["circle"].clone().try_into().unwrap();
    assert_eq!(likeliest(&told[0]), golden);
    assert_ne!(likeliest(&told[2]), golden);
    assert!(recognizer.recognize(&[]).unwrap().is_empty());
}
