//! The shipped weights of `performance`: they are the card's, fit its network, play its golden output,
//! in key and on the beat.

mod shipped;

use lilt_inference::{Conditions, Model, Sampling, Setting, Settings, Watch};
use lilt_models::melody::vocabulary::Home;
use lilt_models::performance::codec::encode;
use lilt_models::performance::model::PerformanceModel;
use lilt_models::recurrent::card::{Golden, RecurrentCard};
use lilt_score::{Beat, Clip, Key};
use shipped::{checked, folder};

/// Largest weights file that the repository takes, in bytes.
const LARGEST: u64 = 6_000_000;

fn card() -> RecurrentCard {
    RecurrentCard::read(&folder().join("performance.toml")).unwrap()
}

fn sample(key: Key, settings: Settings, bars: u32, temperature: f64) -> Clip {
    let model = PerformanceModel::load(&folder()).unwrap();
    let conditions = Conditions { key: Some(key), settings, ..Conditions::default() };
    let request = Sampling::new(bars, temperature, 1, conditions).unwrap();
    model.sample(&request, &Watch::new()).unwrap().into_clip().unwrap()
}

#[test]
fn the_card_tells_the_truth() {
    let card = card();
    assert_eq!(card.parameters, card.network.parameters());
    checked("performance", &card.weights.sha256, &card.network.tensors(), LARGEST);
    let losses = &card.losses;
    assert!(losses.test <= 0.88 * losses.baseline_test);
    assert!(losses.other_baselines.values().all(|&nats| nats >= losses.baseline_test));
    assert!((losses.test_fields.iter().sum::<f64>() - losses.test).abs() < 1e-3);
}

#[test]
fn the_golden_output_is_played() {
    let golden = card().golden;
    let word = |name: &str| golden.options.get(name).cloned().unwrap_or_default();
    let key: Key = word("key").parse().unwrap();
    let settings = Settings::default().with("timing", Setting::Word(word("timing")));
    let clip = sample(key, settings, golden.bars, 0.0);
    let events = encode(&clip, Home::of(key), 0).unwrap().events;
    assert_eq!(Golden::notation(&events), golden.events);
}

/// What the weights must have learnt, in a pianist's words: the notes are those of the key that was
/// asked for, most of them near sixteenths or triplets and many near a beat, some keys are struck together, and loud and soft differ.
#[test]
fn it_plays_in_key_and_on_the_beat() {
    for name in ["A minor", "C", "F# minor", "Eb"] {
        let key: Key = name.parse().unwrap();
        let clip = sample(key, Settings::default(), 8, 1.0);
        let notes = clip.notes();
        assert!(notes.len() > 50, "{name}: {} notes", notes.len());
        let share = |count: usize| count as f64 / notes.len() as f64;
        let in_key = notes.iter().filter(|note| key.contains(note.tone.key().into())).count();
        assert!(share(in_key) > 0.85, "{name}: {in_key} of {} in key", notes.len());
        let near = |grid: f64| {
            let beside = |start: Beat| (start.to_f64() * grid - (start.to_f64() * grid).round()).abs() / grid;
            notes.iter().filter(|note| beside(note.start) < 0.042).count()
        };
        assert!(share(near(4.0).max(near(3.0))) > 0.8, "{name}: off sixteenths and triplets");
        assert!(share(near(1.0)) > 0.25, "{name}: {} of {} near a beat", near(1.0), notes.len());
        assert!(notes.windows(2).any(|pair| pair[0].start == pair[1].start), "{name}: no chord");
        let loudness = notes.iter().map(|note| note.velocity.midi());
        assert!(loudness.clone().max().unwrap() > loudness.min().unwrap() + 16, "{name}: no dynamics");
    }
}
