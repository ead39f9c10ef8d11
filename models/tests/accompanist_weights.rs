//! The shipped weights of `accompany`: they are the card's, and foresee what they should.

mod shipped;

use lilt_inference::{Accompanist, Foreseeing, HeardNote};
use lilt_models::accompanist::filter::{Tables, Weighing};
use lilt_models::accompanist::model::{HmmAccompanist, tensors};
use lilt_models::card::Head;
use shipped::{checked, folder};

/// Largest weights file that the repository takes, in bytes.
const LARGEST: u64 = 100_000;

fn card() -> toml::Table {
    std::fs::read_to_string(folder().join("accompanist.toml")).unwrap().parse().unwrap()
}

/// One note a beat.
fn tune(keys: &[u8]) -> Vec<HeardNote> {
    let note = |(at, &key): (usize, &u8)| HeardNote { start: at as f64, end: at as f64 + 1.0, key };
    keys.iter().enumerate().map(note).collect()
}

/// The chords of half bars, each foreseen a beat before it sounds.
fn foreseen(notes: &[HeardNote], halves: std::ops::Range<u64>) -> Vec<String> {
    let roots = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];
    let accompanist = HmmAccompanist::load(&folder()).unwrap();
    let chord = |at: u64| {
        let of = Foreseeing { half: 2.0, at, lasts: 1, until: 2.0 * at as f64 - 1.0, home: None };
        let told = accompanist.foresee(notes, of)?;
        assert!(told.probability > 0.0 && told.probability <= 1.0);
        Some(format!("{}{}", roots[usize::from(told.root)], told.kind))
    };
    halves.map(|at| chord(at).unwrap_or_else(|| "none".to_owned())).collect()
}

#[test]
fn the_card_tells_the_truth() {
    let head = Head::<Weighing>::read(&folder().join("accompanist.toml")).unwrap();
    let weights = checked("accompanist", &head.weights.sha256, &tensors(), LARGEST);
    let numbers: usize = weights.values().map(|weights| weights.values.len()).sum();
    assert_eq!(numbers, Tables::SIZES.iter().sum::<usize>());
    assert_eq!(card()["parameters"].as_integer(), Some(numbers as i64));
    for row in
        weights["transitions"].values.chunks_exact(60).chain(weights["emissions"].values.chunks_exact(12))
    {
        // As exact as half precision.
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 2e-3);
    }
    let test = |of: &str| card()["losses"]["test"][of].as_float().unwrap();
    assert!(test("foreseen") > test("fixed") + 0.1 && test("foreseen") < test("own"));
}

#[test]
fn the_golden_output_is_what_it_says() {
    let notes = tune(&[60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60]);
    let golden: Vec<String> = card()["golden"]["chords"].clone().try_into().unwrap();
    assert_eq!(foreseen(&notes, 2..10), golden);
    assert_eq!(foreseen(&notes, 0..1), ["none"], "nothing was heard");
}

#[test]
fn all_keys_are_alike_and_a_chord_knows_nothing_later() {
    let keys = [60, 62, 64, 65, 67, 67, 69, 67, 65, 64, 62, 60, 62, 67, 60, 60];
    let roots = |notes: &[HeardNote], at: u64| {
        let accompanist = HmmAccompanist::load(&folder()).unwrap();
        let of = Foreseeing { half: 2.0, at, lasts: 2, until: 2.0 * at as f64 - 1.0, home: None };
        accompanist.foresee(notes, of).map(|told| (told.root, told.kind)).unwrap()
    };
    for at in [2, 4, 6, 8] {
        let (root, kind) = roots(&tune(&keys), at);
        for up in [1_u8, 5, 7] {
            let moved: Vec<u8> = keys.iter().map(|key| key + up).collect();
            assert_eq!(roots(&tune(&moved), at), ((root + up) % 12, kind));
        }
        let known = 2 * at as usize - 1;
        let mut other = keys;
        other[known..].fill(61);
        assert_eq!(roots(&tune(&other), at), (root, kind));
    }
}
