//! The shipped weights of `chorale`: they are the card's, fit its network, and write its golden output.

mod shipped;

use lilt_inference::{Conditions, Model, Piece, Sampling, Transforms, Watch};
use lilt_models::chorale::model::{ChoraleCard, ChoraleModel};
use lilt_models::chorale::voices::notation;
use lilt_score::{Beat, Clip, Note, Pitch, Tone, Velocity};
use shipped::{checked, folder};

/// Largest weights file that the repository takes, in bytes.
const LARGEST: u64 = 15_000_000;

fn card() -> ChoraleCard {
    ChoraleCard::read(&folder().join("chorale.toml")).unwrap()
}

#[test]
fn the_card_tells_the_truth() {
    let card = card();
    assert_eq!(card.parameters, card.network.parameters());
    checked("chorale", &card.weights.sha256, &card.network.tensors(), LARGEST);
    // From left to right, where the baseline is at home, the network knows more than it.
    assert!(card.losses.in_order < card.losses.baseline_test);
}

#[test]
fn the_golden_output_is_written() {
    let golden = card().golden;
    let model = ChoraleModel::load(&folder()).unwrap();
    let conditions = Conditions {
        key: Some(golden.key.parse().unwrap()),
        meter: golden.meter.parse().unwrap(),
        ..Conditions::default()
    };
    let request = Sampling::new(4, 0.0, 1, conditions).unwrap();
    let sampled = model.sample(&request, &Watch::new()).unwrap();
    assert_eq!(notation(sampled.piece.clip().unwrap()), golden.notes);
}

/// The first line of "Old Hundredth", four bars.
fn melody() -> Clip {
    let pitches = [67, 67, 66, 64, 62, 67, 69, 71, 71, 71, 71, 69, 67, 72, 71, 69];
    let note = |(at, pitch): (usize, &u8)| Note {
        start: Beat::whole(at as i64),
        duration: Beat::ONE,
        tone: Tone::Pitch(Pitch::from_key(*pitch)),
        velocity: Velocity::DEFAULT,
    };
    Clip::new(pitches.iter().enumerate().map(note).collect(), Beat::whole(16)).unwrap()
}

/// The harmonies of a hymn are chords: thirds and fifths, for two beats in three at least.
#[test]
fn a_melody_is_harmonised_in_chords() {
    let model = ChoraleModel::load(&folder()).unwrap();
    let conditions = Conditions { key: Some("G".parse().unwrap()), ..Conditions::default() };
    let harmonised = |seed| {
        let request = Sampling::new(4, 1.0, seed, conditions.clone()).unwrap();
        model
            .transform("harmonise", &Piece::from(melody()), &request, &Watch::new())
            .unwrap()
            .into_clip()
            .unwrap()
    };
    let clips: Vec<Clip> = (1..=6).map(harmonised).collect();
    let (mut chords, mut triads) = (0, 0);
    for (clip, beat) in clips.iter().flat_map(|clip| (0..16).map(move |beat| (clip, beat))) {
        let at = Beat::whole(beat);
        let sounding = clip.notes().iter().filter(|note| note.start <= at && at < note.end());
        let mut keys: Vec<u8> = sounding.map(|note| note.tone.key()).collect();
        keys.sort_unstable();
        assert_eq!(keys.len(), 4);
        let mut classes: Vec<u8> = keys.iter().map(|key| key % 12).collect();
        classes.sort_unstable();
        classes.dedup();
        chords += 1;
        // Some root has its third and fifth among the pitches, whichever is in the bass.
        triads += usize::from((0..12).any(|root| {
            let has = |step: u8| classes.contains(&((root + step) % 12));
            has(0) && has(7) && (has(3) || has(4)) || has(0) && has(3) && has(6)
        }));
    }
    assert!(triads * 3 >= chords * 2, "{triads} triads in {chords} chords");
}

/// `cargo test --release -p lilt-models --test chorale_weights -- --ignored --nocapture` on one thread.
#[test]
#[ignore = "a measurement"]
fn how_long_four_bars_take() {
    let model = ChoraleModel::load(&folder()).unwrap();
    let request = Sampling::new(4, 1.0, 3, Conditions::default()).unwrap();
    let mut times: Vec<f64> = (0..9)
        .map(|_| {
            let start = std::time::Instant::now();
            model.transform("harmonise", &Piece::from(melody()), &request, &Watch::new()).unwrap();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("harmonise, 4 bars: median {:.3} s, fastest {:.3} s", times[4], times[0]);
}
