//! Prints what becomes of simulated listeners.
//!
//!     cargo run --release -p lilt-listeners -- models/weights

use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use lilt_inference::taste::{Judgement, Taste};
use lilt_inference::{Conditions, Features, Sampling, Tilts};
use lilt_listeners::{Chance, Course, Kind, Outcome, Pool, Stage, Summary};
use lilt_models::catalogue::Processor;
use lilt_models::folk::model::FolkModel;
use lilt_score::Seed;

/// Simulated listeners teach a taste to `folk`.
#[derive(Parser)]
struct Words {
    /// The folder of the weights.
    weights: PathBuf,
    /// Seed of the listeners: 1 chose the numbers that are built in, any other reports.
    #[arg(long, default_value_t = 2)]
    seed: u64,
    /// Listeners of each kind.
    #[arg(long, default_value_t = 60)]
    listeners: usize,
    /// Pieces that are played, and as many that are held out.
    #[arg(long, default_value_t = 4_096)]
    pieces: usize,
    /// How far the music may go, in nats.
    #[arg(long, default_value_t = Taste::DEFAULT_NATS)]
    nats: f64,
    /// After how many judgements one counts half.
    #[arg(long, default_value_t = Taste::DEFAULT_HALF_LIFE)]
    half_life: f64,
}

fn main() -> anyhow::Result<()> {
    let words = Words::parse();
    let folk = FolkModel::load(&words.weights, &Processor::Cpu.open()?)?;
    let request = Sampling::new(4, 1.0, 0, Conditions::default())?;
    let (began, seed) = (Instant::now(), Seed(words.seed));
    let pool = |name| Pool::of(&folk as &dyn Tilts, &request, seed.child(name), words.pieces);
    let (played, held_out) = (pool("played")?, pool("held out")?);
    println!(
        "{} pieces of folk, four bars each, in {:.0} s",
        2 * words.pieces,
        began.elapsed().as_secs_f64()
    );
    measure(&played);
    let stage = Stage { played: &played, held_out: &held_out };
    let kinds = [
        (Kind::Within, "in the features"),
        (Kind::Drifting, "in them, drifting"),
        (Kind::Outside, "outside"),
        (Kind::Indifferent, "indifferent"),
    ];
    let plain = Course { nats: words.nats, half_life: words.half_life, ..Course::default() };
    let courses = [
        ("presses, the likeliest taste", plain),
        ("any pairs, the likeliest taste", Course { offered: Some(2), ..plain }),
        ("pairs of four, the likeliest taste", Course { offered: Some(4), ..plain }),
        ("presses, a taste drawn at random", Course { explores: true, ..plain }),
        ("any pairs, a taste drawn at random", Course { offered: Some(2), explores: true, ..plain }),
    ];
    println!(
        "{:34} {:18} {:>5}   {:>9} {:>9}   {:>9} {:>9}   {:>14}   {:>5}   {:>7}",
        "", "listeners", "after", "median", "tenth", "median", "tenth", "gain", "nats", "variety"
    );
    println!("{:58}   {:-^19}   {:-^19}", "", " as far ", " as far as may be ");
    for (course_name, course) in courses {
        for (kind, name) in kinds {
            for summary in Summary::of(&stage, kind, words.listeners, course, seed, &[10, 20, 40, 80]) {
                let (share, most) = (summary.column(Outcome::share), summary.column(Outcome::share_of_most));
                let gain = summary.column(|outcome| outcome.gain);
                let nats = summary.column(|outcome| outcome.nats);
                let variety = summary.column(|outcome| outcome.variety);
                let percent = |share: f64| format!("{:.0} %", 100.0 * share);
                println!(
                    "{course_name:34} {name:18} {:5}   {:>9} {:>9}   {:>9} {:>9}   {:6.3} ± {:5.3}   {:5.2}   {:>7}",
                    summary.after,
                    percent(share.median),
                    percent(share.tenth),
                    percent(most.median),
                    percent(most.tenth),
                    gain.mean,
                    gain.interval,
                    nats.median,
                    percent(variety.median),
                );
            }
        }
    }
    update(&played, seed);
    Ok(())
}

/// What the model is like: the numbers of `Standard::folk`.
fn measure(pool: &Pool) {
    for (at, name) in Features::NAMES.iter().enumerate() {
        let values = || pool.features.iter().map(|features| features.values()[at]);
        let mean = values().sum::<f64>() / pool.features.len() as f64;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / pool.features.len() as f64;
        println!("{name:10} {mean:7.3} ± {:6.3}", variance.sqrt());
    }
}

/// How long it takes to learn from a file of a thousand presses.
fn update(pool: &Pool, seed: Seed) {
    let mut chance = Chance::new(seed.child("update"));
    let standard = pool.standard(128);
    let press = |_| {
        let heard = vec![(1.0, pool.features[chance.below(pool.features.len())])];
        Judgement::Press { likes: chance.unit() < 0.5, heard }
    };
    let judgements: Vec<Judgement> = (0..1_000).map(press).collect();
    let taste = Taste { judgements, half_life: Taste::DEFAULT_HALF_LIFE, nats: Taste::DEFAULT_NATS };
    let mut times: Vec<f64> = (0..200)
        .map(|_| {
            let began = Instant::now();
            std::hint::black_box(taste.lean(&standard));
            1e3 * began.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "an update from 1,000 presses takes {:.2} ms, one of a hundred {:.2} ms",
        times[100], times[197]
    );
}
