//! What is claimed of a learnt taste, by listeners of other seeds than those that chose its numbers.

use std::path::Path;

use lilt_inference::{Conditions, Sampling, Tilts};
use lilt_listeners::{Course, Kind, Outcome, Pool, Stage, Summary};
use lilt_models::catalogue::Processor;
use lilt_models::folk::model::FolkModel;
use lilt_score::Seed;

/// Pieces of each pool: of a tilt of one nat a few hundred of them count.
const PIECES: usize = 768;
/// Listeners of each kind.
const LISTENERS: usize = 40;

#[test]
fn forty_presses_and_forty_pairs_teach_a_simulated_taste() {
    let weights = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/weights");
    let folk = FolkModel::load(&weights, &Processor::Cpu.open().unwrap()).unwrap();
    let request = Sampling::new(4, 1.0, 0, Conditions::default()).unwrap();
    let seed = Seed(3);
    let pool = |name| Pool::of(&folk as &dyn Tilts, &request, seed.child(name), PIECES).unwrap();
    let (played, held_out) = (pool("played"), pool("held out"));
    let stage = Stage { played: &played, held_out: &held_out };
    let after = |kind, course| Summary::of(&stage, kind, LISTENERS, course, seed, &[40]).remove(0);
    let presses = Course::default();
    let pairs = Course { offered: Some(4), ..presses };

    let within = after(Kind::Within, presses);
    let share = within.column(Outcome::share);
    assert!(share.median >= 0.7 && share.tenth >= 0.4, "of the exact tilt's gain as far: {share:?}");
    let chosen = after(Kind::Within, pairs).column(Outcome::share);
    assert!(chosen.median >= 0.8, "by pairs of four: {chosen:?}");

    let outside = after(Kind::Outside, presses).column(|outcome| outcome.gain);
    assert!(outside.mean > outside.interval, "tastes that no feature says gain: {outside:?}");

    let indifferent = after(Kind::Indifferent, presses).column(|outcome| outcome.gain);
    assert!(
        indifferent.mean.abs() <= indifferent.interval * 1.5,
        "presses at random teach nothing: {indifferent:?}"
    );

    let drifting = Summary::of(&stage, Kind::Drifting, LISTENERS, presses, seed, &[80]).remove(0);
    let share = drifting.column(Outcome::share);
    assert!(share.median >= 0.7, "a taste that has turned: {share:?}");

    for summary in [&within, &drifting] {
        let variety = summary.column(|outcome| outcome.variety);
        assert!(variety.tenth > 0.8, "variety: {variety:?}");
        let nats = summary.column(|outcome| outcome.nats);
        assert!(nats.median <= 1.2 && nats.mean > 0.2, "distance: {nats:?}");
    }
}
