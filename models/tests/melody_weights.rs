//! The shipped weights of `melody`: they are the card's, fit its network, play its golden output, and
//! give back what they are to turn into something else.

mod shipped;

use std::sync::Arc;

use candle_core::Device;
use lilt_inference::{
    Conditions, Interpolates, Interpolation, Model, ModelError, Piece, Reward, Sampled, Sampling, Setting,
    Settings, Step, StepReward, Tilt, Tilts, Transforms, Watch,
};
use lilt_models::melody::measures::{Card, Golden};
use lilt_models::melody::model::MelodyModel;
use lilt_score::{Beat, Clip, Note, Pitch, Span, Tone, Velocity};
use shipped::{checked, folder};

/// Largest weights file that the repository takes, in bytes.
const LARGEST: u64 = 8_000_000;

fn card() -> Card {
    Card::read(&folder().join("melody.toml")).unwrap()
}

fn model() -> MelodyModel {
    MelodyModel::load(&folder(), &Device::Cpu).unwrap()
}

fn conditions(golden: &Golden) -> Conditions {
    let settings = Settings::default()
        .with("chords", Setting::Text(golden.chords.clone()))
        .with("density", Setting::Number(golden.density));
    Conditions { key: Some(golden.key.parse().unwrap()), settings, ..Conditions::default() }
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

fn bars(clip: &Clip, from: i64, to: i64) -> Clip {
    clip.slice(Span::new(Beat::whole(4 * from), Beat::whole(4 * to))).unwrap()
}

/// Notes by onset and pitch.
fn notes(clip: &Clip) -> Vec<(Beat, u8)> {
    clip.notes().iter().map(|note| (note.start, note.tone.key())).collect()
}

#[test]
fn the_card_tells_the_truth() {
    let card = card();
    assert_eq!(card.parameters, card.network.parameters());
    checked("melody", &card.weights.sha256, &card.network.stored(), LARGEST);
    let losses = &card.losses;
    assert!(losses.test <= 0.88 * losses.baseline_test);
    assert!(losses.other_baselines.values().all(|nats| *nats >= losses.baseline_test));
    for latent in [&losses.two_bars, &losses.four_bars] {
        assert!(latent.ends >= 0.95);
        assert!(latent.between.iter().all(|ratio| (0.85..=1.15).contains(ratio)));
    }
}

#[test]
fn the_golden_output_is_played() {
    let (golden, model, watch) = (card().golden, model(), Watch::new());
    let request = Sampling::new(8, 0.0, 1, conditions(&golden)).unwrap();
    assert_eq!(notation(&model.sample(&request, &watch).unwrap().into_clip().unwrap()), golden.notes);
    let request = Sampling::new(4, 1.0, 1, conditions(&golden)).unwrap();
    let drawn = model.sample(&request, &watch).unwrap().into_clip().unwrap();
    assert_eq!(notation(&drawn), golden.drawn);
    let between = model.between(&bars(&drawn, 0, 2), &bars(&drawn, 2, 4), &[0.5], &request, &watch).unwrap();
    assert_eq!(notation(&between[0]), golden.between);
}

/// Eighths in a clip of two bars.
fn clip(pitches: &[u8]) -> Clip {
    let note = |(i, pitch): (usize, &u8)| Note {
        start: Beat::new(i as i64, 2),
        duration: Beat::new(1, 2),
        tone: Tone::Pitch(Pitch::from_key(*pitch)),
        velocity: Velocity::DEFAULT,
    };
    Clip::new(pitches.iter().enumerate().map(note).collect(), Beat::whole(8)).unwrap()
}

#[test]
fn the_ends_of_a_way_are_given_back() {
    let from = clip(&[64, 64, 65, 67, 67, 65, 64, 62, 60, 60, 62, 64, 64, 62, 62]);
    let to = clip(&[67, 69, 71, 72, 71, 69, 67, 64, 62, 64, 67, 69, 67]);
    let sampling = Sampling::new(2, 1.0, 1, Conditions::default()).unwrap();
    let way = model()
        .interpolate(
            &Piece::from(&from),
            &Piece::from(&to),
            &Interpolation::new(5, sampling).unwrap(),
            &Watch::new(),
        )
        .unwrap();
    let way: Vec<Clip> = way.pieces().iter().map(|piece| piece.clip().unwrap().clone()).collect();
    assert_eq!((notes(&way[0]), notes(&way[4])), (notes(&from), notes(&to)));
    assert!(way[1..4].iter().all(|step| notes(step) != notes(&from) && notes(step) != notes(&to)));
}

/// An amount of 1 is what it is said to be, and who asks for more gets no less.
#[test]
fn more_lands_where_it_was_asked_to() {
    let tune = clip(&[64, 64, 65, 67, 67, 65, 64, 62, 60, 60, 62]);
    let model = model();
    let moved = |attribute: &str, amount: f64| {
        let settings = Settings::default()
            .with("attribute", Setting::Word(attribute.to_owned()))
            .with("amount", Setting::Number(amount));
        let asked = Conditions { settings, key: Some("C".parse().unwrap()), ..Conditions::default() };
        let request = Sampling::new(2, 1.0, 1, asked).unwrap();
        let clip = model
            .transform("more", &Piece::from(&tune), &request, &Watch::new())
            .unwrap()
            .into_clip()
            .unwrap();
        assert_eq!(clip.length(), tune.length());
        let notes = clip.notes();
        let count = notes.len() as f64;
        let keys: f64 = notes.iter().map(|note| f64::from(note.tone.key())).sum();
        if attribute == "density" { count / 2.0 } else { keys / count }
    };
    for (attribute, unit) in [("density", 2.0), ("pitch", 6.6)] {
        let amounts = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0];
        let got = amounts.map(|amount| moved(attribute, amount));
        assert!(got.is_sorted(), "{attribute}: {got:?}");
        for (amount, got_now) in amounts.into_iter().zip(got).filter(|(amount, _)| amount.abs() <= 1.0) {
            let change = got_now - got[3];
            assert!((change - amount * unit).abs() <= unit / 2.0, "{attribute} {amount}: {change}");
        }
    }
}

/// Low notes on the beat are liked; the steps know it, or the whole alone.
struct Low(bool);

fn liked(note: &Note) -> f64 {
    let on_the_beat = note.start == Beat::whole(note.start.floor());
    if on_the_beat { f64::from(72 - i32::from(note.tone.key())) / 6.0 } else { 0.0 }
}

impl Reward for Low {
    fn identity(&self) -> &str {
        "low on the beat"
    }

    fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
        let worth = |clip: &Clip| clip.notes().iter().map(liked).sum();
        Ok(Piece::clips(pieces)?.into_iter().map(worth).collect())
    }

    fn steps(&self) -> Option<&dyn StepReward> {
        self.0.then_some(self)
    }
}

impl StepReward for Low {
    fn score(&self, steps: &[Step], _: &Watch) -> Result<Vec<f64>, ModelError> {
        Ok(steps.iter().map(|step| liked(&step.note)).collect())
    }
}

/// The share of the particles that stays in play, and Z with its standard error, over some draws.
fn tilted(model: &MelodyModel, leaning: bool) -> (f64, [f64; 2]) {
    const DRAWS: u64 = 40;
    let tilt = Tilt::new(Arc::new(Low(leaning)), 1.0, 32, Beat::ONE).unwrap();
    let draw = |seed| {
        let request = Sampling::new(1, 1.0, seed, Conditions::default()).unwrap();
        model.tilted(None, &request, &tilt, &Watch::new()).unwrap()
    };
    let drawn: Vec<Sampled> = (0..DRAWS).map(draw).collect();
    let mean = |of: &dyn Fn(&Sampled) -> f64| drawn.iter().map(of).sum::<f64>() / DRAWS as f64;
    let z = mean(&|drawn| drawn.log_z.unwrap().exp());
    let variance = mean(&|drawn| (drawn.log_z.unwrap().exp() - z).powi(2));
    (mean(&|drawn| drawn.ess.unwrap()), [z, (variance / DRAWS as f64).sqrt()])
}

/// Steps that are rewarded lean note by note, and the tilt stays what it is.
#[test]
fn rewarded_steps_leave_less_to_chance() {
    let model = model();
    let (leaning, [z, error]) = tilted(&model, true);
    let (plain, [plain_z, plain_error]) = tilted(&model, false);
    println!(
        "in play {leaning:.3} and {plain:.3}, Z {z:.3} ± {error:.3} and {plain_z:.3} ± {plain_error:.3}"
    );
    assert!(error < 0.8 * plain_error, "{error} and {plain_error}");
    assert!((z - plain_z).abs() < 4.0 * (error + plain_error), "{z} ± {error}, {plain_z} ± {plain_error}");
}
