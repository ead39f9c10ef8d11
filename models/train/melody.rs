//! The recipe of `melody`: POP909 in, trained weights and their card out.

mod abc;
mod baseline;
pub mod corpus;
mod export;
mod measure;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use corpus::Corpus;
use lilt_inference::{Model, Sampling, Watch};
use lilt_models::card::{DataSet, Split, Weights};
use lilt_models::melody::NAME;
use lilt_models::melody::attributes::directions;
use lilt_models::melody::batches::{Telling, clips};
use lilt_models::melody::features::FEATURES;
use lilt_models::melody::lesson::{Layout, MelodyLesson};
use lilt_models::melody::measures::{Golden, Measures};
use lilt_models::melody::network::{Config, Network};
use lilt_models::melody::passage::size;
use lilt_models::melody::vocabulary::TOKENS;
use lilt_models::training::{Lesson, Tensors, tensors};
use lilt_score::{Beat, Span};

use crate::arguments::{Arguments, Defaults, Length};
use crate::recipe::{About, Recipe, Written};

/// The recipe.
pub struct Melody;

/// What only this recipe takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Clips beside the songs.
    #[arg(long, default_value_t = 24)]
    clips: usize,
    /// Clips that are only encoded and planned.
    #[arg(long, default_value_t = 192)]
    reconstructions: usize,
    /// Units of the LSTM.
    #[arg(long, default_value_t = 512)]
    hidden: usize,
    /// Weight of the divergence of the latent space from its prior.
    #[arg(long, default_value_t = 0.03)]
    beta: f64,
    /// Trains nothing: prints what `more` makes of the held-out songs.
    #[arg(long, conflicts_with_all = ["evaluate", "export"])]
    more: bool,
}

impl Recipe for Melody {
    const NAME: &'static str = NAME;
    const ABOUT: &'static str = "Trains `melody` on the songs of POP909, its folder of 909 numbered folders";
    const FOLDER: &'static str = "FOLDER/POP909";
    const DEFAULTS: Defaults = Defaults {
        length: Length::Updates(2_600),
        batch: "16",
        rate: "0.003",
        seed: "20",
        warm_up: 100,
        weight_decay: 0.02,
        every: Some(50),
    };
    type Options = Options;
    type Config = Config;
    type Corpus = Corpus;
    type Losses = Measures;
    type Golden = Golden;

    fn corpus(data: &Path, _: &Arguments<Options>) -> Result<Corpus> {
        let corpus = Corpus::read(data)?;
        eprintln!("read {} songs, left out {:?}", corpus.read, corpus.left_out);
        for (name, songs) in [("train", &corpus.train), ("valid", &corpus.valid), ("test", &corpus.test)] {
            let [pieces, notes] = size(songs);
            eprintln!("{name}: {pieces} songs, {notes} notes, {} clips", clips(songs).len());
        }
        Ok(corpus)
    }

    fn config(arguments: &Arguments<Options>) -> Config {
        Config {
            features: FEATURES,
            embed: 160,
            hidden: arguments.own.hidden,
            layers: 1,
            tokens: TOKENS,
            latent: 128,
            upper: 512,
            plan: 32,
            letter: 24,
            encoder: 512,
        }
    }

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn stored(config: &Config) -> Tensors {
        config.stored()
    }

    fn whole(
        config: &Config,
        mut weights: BTreeMap<String, Weights>,
        corpus: &Corpus,
    ) -> Result<BTreeMap<String, Weights>> {
        let network = Network::new(*config, tensors(&weights)?)?;
        weights.extend(directions(&network, &corpus.train)?);
        Ok(weights)
    }

    fn lesson<'a>(arguments: &Arguments<Options>, config: &Config, corpus: &'a Corpus) -> impl Lesson + 'a {
        let Options { clips, reconstructions, beta, .. } = arguments.own;
        let layout = Layout {
            songs: arguments.batch,
            clips,
            reconstructions,
            beta,
            dropout: 0.3,
            telling: Telling::Varied,
        };
        MelodyLesson::new(*config, layout, &corpus.train, &corpus.valid)
    }

    fn losses(written: &Written<Config>, _: &Arguments<Options>, corpus: &Corpus) -> Result<Measures> {
        let (network, model) = export::load(written)?;
        measure::measures(&network, &model, corpus)
    }

    fn golden(written: &Written<Config>) -> Result<Golden> {
        export::golden(&export::load(written)?.1)
    }

    fn about(corpus: &Corpus) -> About {
        About {
            description: "Pop melodies that follow chords, in 4/4 on a grid of 16ths, with a latent space in which clips \
                of two bars turn into each other; a recurrent network after Improv RNN and MusicVAE.",
            licence: "MIT OR Apache-2.0",
            data: data_sets(corpus),
            split: split(corpus),
        }
    }

    /// Melodies for eyes and ears, eight bars each, as ABC over a few progressions, and the ways between their
    /// first two bars and the next.
    fn play(written: &Written<Config>, arguments: &Arguments<Options>, melodies: u32) -> Result<()> {
        let (_, model) = export::load(written)?;
        let settings = [
            ("C major", "C G Am F"),
            ("A minor", "Am F C G"),
            ("G major", "G Em C D"),
            ("D major", "D A Bm F#m G D G A"),
            ("E minor", "Em Bm C G Am Em F#m7b5 B7"),
        ];
        for (number, (key, chords)) in (1..=u64::from(melodies)).zip(settings.iter().cycle()) {
            let seed = arguments.seed + number;
            let request = Sampling::new(8, 1.0, seed, export::conditions(key, chords)?)?;
            let clip = model.sample(&request, &Watch::new())?.into_clip()?;
            println!("X:{number}\nT:{chords}\nM:4/4\nL:1/16\nK:{key}\n{}\n", abc::line(&clip));
            let bars = |from: i64| clip.slice(Span::new(Beat::whole(4 * from), Beat::whole(4 * from + 8)));
            let at = [0.0, 0.25, 0.5, 0.75, 1.0];
            let way = model.between(&bars(0)?, &bars(4)?, &at, &request, &Watch::new());
            for step in way.unwrap_or_default() {
                println!("% {}", abc::line(&step).replace('\n', " "));
            }
            println!();
        }
        Ok(())
    }

    fn measured_else(
        written: impl Fn() -> Result<Written<Config>>,
        arguments: &Arguments<Options>,
        corpus: &Corpus,
    ) -> Result<bool> {
        if arguments.own.more {
            measure::print_more(&export::load(&written()?)?.1, corpus)?;
        }
        Ok(arguments.own.more)
    }
}

/// POP909, as a card names it.
pub fn data_sets(corpus: &Corpus) -> Vec<DataSet> {
    vec![DataSet {
        name: "POP909 (Wang, Chen and others, ISMIR 2020)".to_owned(),
        licence:
            "MIT, by its authors; the songs are under copyright: only what was learnt from their melodies \
        and chords is here"
                .to_owned(),
        from: "GitHub `music-x-lab/POP909-Dataset`, folder `POP909/`".to_owned(),
        pieces: corpus.read,
    }]
}

/// How its songs were dealt.
pub fn split(corpus: &Corpus) -> Split {
    Split {
        rule: "by song, by SHA-256 of the melody, 90/5/5; other versions of a song are not read".to_owned(),
        train: size(&corpus.train),
        valid: size(&corpus.valid),
        test: size(&corpus.test),
        left_out: corpus.left_out.clone(),
    }
}
