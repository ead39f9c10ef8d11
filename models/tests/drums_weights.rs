//! The shipped weights of `drums`: they are the card's, fit its network, and play its golden output.

mod shipped;

use lilt_inference::{Conditions, Model, Piece, Sampling, Setting, Settings, Transforms, Watch};
use lilt_models::drums::codec::encode;
use lilt_models::drums::model::{DrumModel, GROOVE};
use lilt_models::recurrent::card::{Golden, RecurrentCard};
use lilt_score::{Beat, Clip, Drum, Note, Tone, Velocity};
use shipped::{checked, folder};

/// Largest weights file that the repository takes, in bytes.
const LARGEST: u64 = 15_000_000;

fn card() -> RecurrentCard {
    RecurrentCard::read(&folder().join("drums.toml")).unwrap()
}

#[test]
fn the_card_tells_the_truth() {
    let card = card();
    assert_eq!(card.parameters, card.network.parameters());
    checked("drums", &card.weights.sha256, &card.network.tensors(), LARGEST);
    let losses = &card.losses;
    assert!(losses.test <= 0.88 * losses.baseline_test);
    assert!(losses.other_baselines.values().all(|&nats| nats >= losses.baseline_test));
    assert!((losses.test_fields.iter().sum::<f64>() - losses.test).abs() < 1e-3);
}

#[test]
fn the_golden_output_is_played() {
    let golden = card().golden;
    let model = DrumModel::load(&folder()).unwrap();
    let settings = golden
        .options
        .into_iter()
        .fold(Settings::default(), |settings, (name, word)| settings.with(name, Setting::Word(word)));
    let conditions = Conditions { settings, ..Conditions::default() };
    let request = Sampling::new(golden.bars, 0.0, 1, conditions).unwrap();
    let clip = model.sample(&request, &Watch::new()).unwrap().into_clip().unwrap();
    assert_eq!(Golden::notation(&encode(&clip).unwrap().events), golden.events);
}

/// What the weights must have learnt, in a drummer's words: hats between the beats are softer than
/// backbeats on the snare.
#[test]
fn a_groove_has_loud_backbeats() {
    let model = DrumModel::load(&folder()).unwrap();
    let note = |eighth: i64, drum| Note {
        start: Beat::new(eighth, 2),
        duration: Beat::new(1, 4),
        tone: Tone::Drum(drum),
        velocity: Velocity::DEFAULT,
    };
    let mut notes: Vec<Note> = (0..16).map(|eighth| note(eighth, Drum::ClosedHat)).collect();
    notes.extend([0, 4, 8, 12].map(|eighth| note(eighth, Drum::Bass)));
    notes.extend([2, 6, 10, 14].map(|eighth| note(eighth, Drum::Snare)));
    let stiff = Clip::new(notes, Beat::whole(8)).unwrap();
    let request = Sampling::new(2, 0.0, 1, Conditions::default()).unwrap();
    let played =
        model.transform(GROOVE, &Piece::from(&stiff), &request, &Watch::new()).unwrap().into_clip().unwrap();
    assert_eq!(played.notes().len(), stiff.notes().len());
    let loudness = |drum| {
        let notes = played.notes().iter().filter(|note| note.tone == Tone::Drum(drum));
        let velocities: Vec<f64> = notes.map(|note| note.velocity.value()).collect();
        velocities.iter().sum::<f64>() / velocities.len() as f64
    };
    assert!(loudness(Drum::Snare) > loudness(Drum::ClosedHat));
}
