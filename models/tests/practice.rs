//! Practice with the shipped weights: every model that practises makes what was worth something likelier,
//! and what was worth less than nothing less likely, span by span.

use std::path::{Path, PathBuf};

use candle_core::Device;
use lilt_inference::{Advantages, Conditions, Cost, Examples, Learns, Model, Piece, Sampling, Watch};
use lilt_models::chorale::model::ChoraleModel;
use lilt_models::drums::model::DrumModel;
use lilt_models::folk::model::FolkModel;
use lilt_models::melody::model::MelodyModel;
use lilt_models::performance::model::PerformanceModel;
use lilt_score::{Beat, Clip, Note};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("weights")
}

/// Nats of what begins before `bar`, and from it on, over all pieces whose number fits `of`.
fn nats(model: &dyn Learns, examples: &Examples, bar: Beat, of: impl Fn(usize) -> bool) -> [f64; 2] {
    let mut sums = [0.0; 2];
    for (_, piece) in examples.learnt.iter().enumerate().filter(|(number, _)| of(*number)) {
        let scored = model.score(piece, &examples.conditions, &Watch::new()).unwrap();
        for (note, nats) in piece.clip().unwrap().notes().iter().zip(scored) {
            sums[usize::from(note.start >= bar)] += nats;
        }
    }
    sums
}

/// Of sixteen pieces of two bars every other one is worth much in its first bar and little in its second,
/// the others the other way round.
fn hears_what_it_is_worth(model: &dyn Learns) {
    let name = &model.description().name;
    let conditions = Conditions { key: Some("C".parse().unwrap()), ..Conditions::default() };
    let request = Sampling::new(2, 1.0, 5, conditions.clone()).unwrap();
    let bar = Beat::whole(4);
    let earned: Vec<Vec<f64>> =
        (0..16).map(|number| if number % 2 == 0 { vec![1.0, -1.0] } else { vec![-1.0, 1.0] }).collect();
    let examples = Examples {
        learnt: model.several(&request, 16, &Watch::new()).unwrap(),
        held_out: Vec::new(),
        advantages: Some(Advantages::new(bar, &earned)),
        conditions,
        seed: 1,
        identity: "by practice".to_owned(),
    };
    let learnt = model.learn(&examples, &|_| (), &Watch::new()).unwrap();
    for number in [0, 1] {
        let of = |other: usize| other % 2 == number;
        let [first, second] = nats(model, &examples, bar, of);
        let [first_after, second_after] = nats(&*learnt, &examples, bar, of);
        let likelier = [first - first_after, second - second_after];
        assert!(likelier[number] > 0.0 && likelier[1 - number] < 0.0, "{name}: {likelier:?}");
    }
}

#[test]
fn models_hear_what_their_pieces_are_worth() {
    hears_what_it_is_worth(&FolkModel::load(&folder(), &Device::Cpu).unwrap());
    hears_what_it_is_worth(&DrumModel::load(&folder()).unwrap());
    hears_what_it_is_worth(&MelodyModel::load(&folder(), &Device::Cpu).unwrap());
    hears_what_it_is_worth(&PerformanceModel::load(&folder()).unwrap());
    // It cannot say how likely a note of its own is when any others may be given.
    assert!(!ChoraleModel::load(&folder()).unwrap().learns().unwrap().practises());
}

/// What pieces cost is known step by step where it comes about, silence included.
fn knows_what_its_own_pieces_cost(model: &dyn Learns) {
    let name = &model.description().name;
    let conditions = Conditions { key: Some("C".parse().unwrap()), ..Conditions::default() };
    let request = Sampling::new(2, 1.0, 8, conditions).unwrap();
    let bar = Beat::whole(4);
    let whole = model.several(&request, 4, &Watch::new()).unwrap();
    let first: Vec<Piece> = whole
        .iter()
        .map(|piece| {
            let clip = piece.clip().unwrap();
            let notes = clip
                .notes()
                .iter()
                .filter(|note| note.start < bar)
                .map(|note| Note { duration: note.duration.min(bar - note.start), ..*note });
            Clip::new(notes.collect(), clip.length()).unwrap().into()
        })
        .collect();
    let silent = vec![Piece::from(Clip::rest(request.beats()).unwrap())];
    let costs = |pieces: &[Piece], request: &Sampling| model.costs(pieces, request, &Watch::new()).unwrap();
    let in_bar = |costs: &[Cost], number: i64| -> f64 {
        let span = (bar * Beat::whole(number)).into()..(bar * Beat::whole(number + 1)).into();
        costs.iter().filter(|cost| span.contains(&cost.at)).map(|cost| cost.nats).sum()
    };
    for (whole, first) in costs(&whole, &request).iter().zip(&costs(&first, &request)) {
        assert!(whole.iter().all(|cost| cost.nats >= 0.0 && cost.at < request.extent()), "{name}");
        assert!(in_bar(first, 1) > 0.0, "{name}: the silent bar costs nothing");
    }
    // Side by side as alone, and colder draws find the unlikely unlikelier.
    let alone: Vec<Vec<Cost>> =
        whole.iter().flat_map(|clip| costs(std::slice::from_ref(clip), &request)).collect();
    assert_eq!(costs(&whole, &request), alone, "{name}");
    let silence = in_bar(&costs(&silent, &request)[0], 0);
    assert!(silence > 0.0 && silence.is_finite(), "{name}: {silence}");
    let cold = Sampling::new(2, 0.5, 8, request.conditions().clone()).unwrap();
    assert_ne!(costs(&whole, &cold), costs(&whole, &request), "{name}");
}

#[test]
fn models_know_what_their_own_pieces_cost() {
    knows_what_its_own_pieces_cost(&FolkModel::load(&folder(), &Device::Cpu).unwrap());
    knows_what_its_own_pieces_cost(&DrumModel::load(&folder()).unwrap());
    knows_what_its_own_pieces_cost(&MelodyModel::load(&folder(), &Device::Cpu).unwrap());
    knows_what_its_own_pieces_cost(&PerformanceModel::load(&folder()).unwrap());
}
