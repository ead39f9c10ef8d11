//! The recipe of `melody`: POP909 in, trained weights and their card out.

mod abc;
mod baseline;
mod corpus;
mod export;
mod measure;
#[path = "../pop909.rs"]
mod pop909;

use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Parser;
use corpus::Corpus;
use lilt_inference::{Model, Sampling, Watch};
use lilt_models::melody::attributes::directions;
use lilt_models::melody::batches::{Telling, clips};
use lilt_models::melody::features::FEATURES;
use lilt_models::melody::lesson::{Layout, MelodyLesson};
use lilt_models::melody::measures::Card;
use lilt_models::melody::network::{Config, Network};
use lilt_models::melody::passage::size;
use lilt_models::melody::vocabulary::TOKENS;
use lilt_models::training::{Bar, Course, Lesson, Run, Settings, averaged, tensors, write, write_whole};
use lilt_score::{Beat, Span};

/// Trains `melody` on the songs of POP909: weights go to OUT.safetensors, their card to OUT.toml. Set
/// RAYON_NUM_THREADS=1: the matrices are too small to share between threads.
#[derive(Debug, Parser)]
struct Arguments {
    /// The folder POP909 of the data set, with its 909 numbered folders.
    #[arg(long, required_unless_present = "play")]
    data: Option<PathBuf>,
    /// Where the weights and the card are, without extension.
    #[arg(long)]
    out: PathBuf,
    /// Folder of checkpoints; a run continues from what lies there.
    #[arg(long, default_value = "target/melody-checkpoints")]
    checkpoints: PathBuf,
    /// Updates of the weights.
    #[arg(long, default_value_t = 2_600)]
    updates: usize,
    /// Songs played side by side.
    #[arg(long, default_value_t = 16)]
    batch: usize,
    /// Clips beside them.
    #[arg(long, default_value_t = 24)]
    clips: usize,
    /// Clips that are only encoded and planned.
    #[arg(long, default_value_t = 192)]
    sketches: usize,
    /// Units of the LSTM.
    #[arg(long, default_value_t = 512)]
    hidden: usize,
    /// Highest learning rate.
    #[arg(long, default_value_t = 0.003)]
    rate: f64,
    /// Weight of the divergence of the latent space from its prior.
    #[arg(long, default_value_t = 0.03)]
    beta: f64,
    /// Seed of weights, order, noise and dropout.
    #[arg(long, default_value_t = 20)]
    seed: u64,
    /// Trains nothing: measures the weights and the baselines on the held-out songs.
    #[arg(long, conflicts_with = "export")]
    evaluate: bool,
    /// Trains nothing: writes weights and card from the best checkpoint.
    #[arg(long)]
    export: bool,
    /// Trains nothing: prints what `more` makes of the held-out songs.
    #[arg(long, conflicts_with_all = ["evaluate", "export"])]
    more: bool,
    /// Trains nothing: prints this many melodies that the weights play.
    #[arg(long, conflicts_with_all = ["evaluate", "export"], value_name = "MELODIES")]
    play: Option<usize>,
}

impl Arguments {
    /// Sizes of a new network; a card keeps its own.
    fn config(&self) -> Config {
        Config {
            features: FEATURES,
            embed: 160,
            hidden: self.hidden,
            layers: 1,
            tokens: TOKENS,
            latent: 128,
            conductor: 512,
            plan: 32,
            letter: 24,
            encoder: 512,
        }
    }

    fn layout(&self) -> Layout {
        Layout {
            songs: self.batch,
            clips: self.clips,
            sketches: self.sketches,
            beta: self.beta,
            dropout: 0.3,
            telling: Telling::Varied,
        }
    }

    /// Of a run with so many updates in an epoch.
    fn settings(&self, epoch: usize) -> Settings {
        Settings {
            seed: self.seed,
            epochs: self.updates as f64 / epoch.max(1) as f64,
            rate: self.rate,
            warm_up: 100,
            course: Course::Falling,
            weight_decay: 0.02,
            every: Some(50),
            patience: None,
            checkpoints: Some(self.checkpoints.clone()),
        }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let data = match (arguments.play, &arguments.data) {
        (Some(melodies), _) => return play(&arguments, melodies),
        (None, Some(data)) => data,
        (None, None) => bail!("--data is missing: name the folder of songs"),
    };
    let corpus = Corpus::read(data)?;
    eprintln!("read {} songs, left out {:?}", corpus.read, corpus.left_out);
    for (name, songs) in [("train", &corpus.train), ("valid", &corpus.valid), ("test", &corpus.test)] {
        let [pieces, notes] = size(songs);
        eprintln!("{name}: {pieces} songs, {notes} notes, {} clips", clips(songs).len());
    }
    if arguments.evaluate {
        let card = Card::read(&arguments.out.with_extension("toml"))?;
        let (network, model) = export::load(&arguments.out, &card.network, &card.weights)?;
        println!("{}", toml::to_string(&measure::measures(&network, &model, &corpus)?)?);
        return Ok(());
    }
    if arguments.more {
        let card = Card::read(&arguments.out.with_extension("toml"))?;
        let (_, model) = export::load(&arguments.out, &card.network, &card.weights)?;
        return measure::print_more(&model, &corpus);
    }
    let config = arguments.config();
    if !arguments.export {
        eprintln!("{} parameters", config.parameters());
        let lesson = MelodyLesson::new(config, arguments.layout(), &corpus.train, &corpus.valid);
        let settings = arguments.settings(lesson.epoch());
        let bar = Bar::default();
        Run::new(lesson, settings)?.train(|progress| {
            bar.show(progress);
            ControlFlow::Continue(())
        })?;
        bar.finish();
    }
    let mut weights = averaged(&arguments.checkpoints.join("best.safetensors"), &config.tensors())?;
    let network = Network::new(config, tensors(&weights)?)?;
    weights.extend(directions(&network, &corpus.train)?);
    let file = write(&arguments.out, &config.stored(), &weights)?;
    let (network, model) = export::load(&arguments.out, &config, &file)?;
    let golden = export::golden(&model)?;
    let measures = measure::measures(&network, &model, &corpus)?;
    let card = export::card(config, arguments.seed, &corpus, file, measures, golden);
    Ok(write_whole(&arguments.out.with_extension("toml"), toml::to_string(&card)?.as_bytes())?)
}

/// Prints melodies for eyes and ears, eight bars each, as ABC over a few progressions, and the ways
/// between their first two bars and the next.
fn play(arguments: &Arguments, melodies: usize) -> Result<()> {
    let card = Card::read(&arguments.out.with_extension("toml"))?;
    let (_, model) = export::load(&arguments.out, &card.network, &card.weights)?;
    let settings = [
        ("C major", "C G Am F"),
        ("A minor", "Am F C G"),
        ("G major", "G Em C D"),
        ("D major", "D A Bm F#m G D G A"),
        ("E minor", "Em Bm C G Am Em F#m7b5 B7"),
    ];
    for (number, (key, chords)) in (1..=melodies as u64).zip(settings.iter().cycle()) {
        let seed = arguments.seed + number;
        let request = Sampling::new(8, 1.0, seed, export::conditions(key, chords)?)?;
        let clip = model.sample(&request, &Watch::new())?.clip;
        println!("X:{number}\nT:{chords}\nM:4/4\nL:1/16\nK:{key}\n{}\n", abc::line(&clip));
        let bars = |from: i64| clip.slice(Span::new(Beat::whole(4 * from), Beat::whole(4 * from + 8)));
        let way = model.between(&bars(0)?, &bars(4)?, &[0.0, 0.25, 0.5, 0.75, 1.0], &request, &Watch::new());
        for step in way.unwrap_or_default() {
            println!("% {}", abc::line(&step).replace('\n', " "));
        }
        println!();
    }
    Ok(())
}
