//! From a checkpoint to what ships: weights in half precision, and their card.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use candle_core::Device;
use lilt_models::card::{Card, DataSet, Golden, Losses, Split, WeightsFile, read_weights};
use lilt_models::folk::features::{Conditions, FolkState, Kind};
use lilt_models::folk::network::{Config, Dropout, Network};
use lilt_models::folk::sampling::{choose, duration_allowed, log_probabilities};
use lilt_models::folk::vocabulary::{NoteEvent, midi};

use crate::baseline::{View, measure};
use crate::corpus::Corpus;
use lilt_models::folk::batches::Steps;
use lilt_models::folk::lesson::{Nats, evaluate};

/// Key, metre and bars of the golden output.
const GOLDEN: (&str, &str, i64) = ("D major", "6/8", 8);

/// The tunes of each split, made ready.
#[derive(Debug)]
pub struct Splits {
    pub train: Vec<Steps>,
    pub valid: Vec<Steps>,
    pub test: Vec<Steps>,
}

impl Splits {
    /// Walks all tunes of `corpus`.
    pub fn new(corpus: &Corpus) -> Splits {
        let steps =
            |examples: &[lilt_models::folk::example::Example]| examples.iter().map(Steps::new).collect();
        Splits { train: steps(&corpus.train), valid: steps(&corpus.valid), test: steps(&corpus.test) }
    }
}

/// Pieces and notes.
pub fn size(tunes: &[Steps]) -> [usize; 2] {
    [tunes.len(), tunes.iter().map(Steps::notes).sum()]
}

/// Loads weights that were written, as a player does.
pub fn load(out: &Path, config: &Config, file: &WeightsFile) -> Result<Network> {
    let weights = read_weights(&out.with_extension("safetensors"), &file.sha256, &config.tensors())?;
    Ok(Network::from_weights(*config, &weights, &Device::Cpu)?)
}

/// `bars` bars from the start of a tune. `chance` gives a number in `0..1` for each choice; with
/// `temperature` 0 the likeliest is chosen.
pub fn play(
    network: &Network,
    conditions: Conditions,
    bars: i64,
    temperature: f64,
    mut chance: impl FnMut() -> f64,
) -> Result<Vec<NoteEvent>> {
    let mut state = FolkState::new(conditions, 0);
    let mut layers = network.start(1);
    let keep = Arc::new(vec![1.0]);
    let mut events = Vec::new();
    let end = bars * conditions.bar_ticks();
    let one = |logits: candle_core::Tensor| logits.flatten_all()?.to_vec1::<f32>();
    while state.now() < end {
        let hidden = network.hidden(&[state.features()], &keep, 1, &mut layers, &Dropout::default())?;
        let left = end - state.now();
        let durations = one(network.duration_logits(&hidden)?)?;
        let allowed = log_probabilities(&durations, temperature, |class| duration_allowed(class, left));
        let Some(duration) = choose(&allowed, chance()) else { break };
        let pitches = one(network.pitch_logits(&hidden, &[duration as u32])?)?;
        let pitch = choose(&log_probabilities(&pitches, temperature, |_| true), chance())
            .context("the network gives no pitch")?;
        let event = NoteEvent { duration: duration as u8, pitch: pitch as u8 };
        events.push(event);
        state.advance(event);
    }
    Ok(events)
}

/// Events as the card writes them.
pub fn notation(events: &[NoteEvent], tonic: u8) -> String {
    let text = |event: &NoteEvent| match midi(event.pitch, tonic) {
        Some(midi) => format!("{midi}:{}", event.ticks()),
        None => format!("z:{}", event.ticks()),
    };
    events.iter().map(text).collect::<Vec<_>>().join(" ")
}

/// Events as ABC, four bars a line, every accidental written out.
pub fn abc(events: &[NoteEvent], conditions: &Conditions) -> String {
    const NAMES: [&str; 12] = ["=C", "^C", "=D", "_E", "=E", "=F", "^F", "=G", "_A", "=A", "_B", "=B"];
    let (bar, mut now, mut text) = (conditions.bar_ticks(), 0, String::new());
    for event in events {
        match midi(event.pitch, conditions.key.tonic()) {
            Some(midi) => {
                text += NAMES[usize::from(midi % 12)];
                let octave = i32::from(midi) / 12 - 5;
                text += &if octave < 0 {
                    ",".repeat(octave.unsigned_abs() as usize)
                } else {
                    "'".repeat(octave as usize)
                };
            }
            None => text.push('z'),
        }
        let length = lilt_score::Beat::new(event.ticks(), 24);
        if length != lilt_score::Beat::ONE {
            text += &length.to_string();
        }
        let before = now / bar;
        now += event.ticks();
        if now % conditions.pulse_ticks() == 0 {
            text.push(' ');
        }
        if now / bar > before {
            text += if now / bar % 4 == 0 { "|\n" } else { "| " };
        }
    }
    text
}

/// The golden output of `network`.
pub fn golden(network: &Network) -> Result<Golden> {
    let (key, meter, bars) = GOLDEN;
    let conditions = Conditions { key: key.parse()?, meter: meter.parse()?, kind: Kind::UNKNOWN };
    let events = play(network, conditions, bars, 0.0, || 0.0)?;
    Ok(Golden {
        key: key.to_owned(),
        meter: meter.to_owned(),
        notes: notation(&events, conditions.key.tonic()),
    })
}

/// Measures `network` and the baselines; the strongest baseline is the one to beat.
pub fn losses(network: &Network, splits: &Splits) -> Result<Losses> {
    let train = evaluate(network, &splits.train)?;
    let valid = evaluate(network, &splits.valid)?;
    let test = evaluate(network, &splits.test)?;
    let mut baselines = Vec::new();
    for (view, order) in [(View::Joint, 5), (View::Factored, 5)] {
        let baseline = measure(view, order, &splits.train, &splits.test);
        eprintln!(
            "{}: {:.4}, first time through {:.4}",
            baseline.name, baseline.nats.all, baseline.nats.first
        );
        baselines.push(baseline);
    }
    baselines.sort_by(|a, b| a.nats.all.total_cmp(&b.nats.all));
    let mut baselines = baselines.into_iter();
    let best = baselines.next().context("no baseline was measured")?;
    let others = baselines.map(|other| (other.name, [round(other.nats.all), round(other.nats.first)]));
    report("network", test);
    Ok(Losses {
        train: round(train.all),
        valid: round(valid.all),
        test: round(test.all),
        test_first_time: round(test.first),
        baseline: best.name,
        baseline_test: round(best.nats.all),
        baseline_test_first_time: round(best.nats.first),
        other_baselines: others.collect(),
    })
}

fn report(name: &str, nats: Nats) {
    eprintln!("{name}: {:.4}, first time through {:.4}", nats.all, nats.first);
}

fn round(nats: f64) -> f64 {
    (nats * 10_000.0).round() / 10_000.0
}

/// The card of a run.
pub fn card(
    config: Config,
    seed: u64,
    corpus: &Corpus,
    splits: &Splits,
    weights: WeightsFile,
    losses: Losses,
    golden: Golden,
) -> Card<Config> {
    let data = corpus.read.iter().map(|(book, &pieces)| describe(book, pieces)).collect();
    Card {
        name: "folk".to_owned(),
        description: "Dance tunes and airs of Ireland, Scotland and New England, one line, in any key and metre; \
            a recurrent network after Bob Sturm's folk-rnn, one step a note."
            .to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
        parameters: config.parameters(),
        seed,
        train: "cargo run --release -p lilt-models --bin train-folk -- --data FOLDER --out models/weights/folk".to_owned(),
        measure: "cargo run --release -p lilt-models --bin train-folk -- --data FOLDER --out models/weights/folk --evaluate"
            .to_owned(),
        network: config,
        weights,
        data,
        split: Split {
            rule: "tunes related by shared 6-note figures together; by SHA-256 of the first tune's notes, 90/5/5".to_owned(),
            train: size(&splits.train),
            valid: size(&splits.valid),
            test: size(&splits.test),
            left_out: corpus.left_out.clone(),
        },
        losses,
        golden,
    }
}

/// The collections that the shipped weights learnt from; any other book is named by its file.
fn describe(book: &str, pieces: usize) -> DataSet {
    let music21 = "PyPI `music21`, folder `corpus/`";
    let by_permission = "tunes in the public domain; encoding by permission in music21's corpus";
    let (name, licence, from) = match book {
        "airds-airs" => ("Aird's Airs (Glasgow, 1782 and after)", by_permission, music21),
        "oneills-1850" => ("O'Neill's Music of Ireland (Chicago, 1903)", by_permission, music21),
        "ryans-mammoth" => ("Ryan's Mammoth Collection (Boston, 1883)", by_permission, music21),
        "irish-session" => {
            let mit = "tunes in the public domain; encoding under MIT";
            ("Irish session tunes", mit, "PyPI `mitdeeplearning`, `data/irish.abc`")
        }
        other => (other, "not known to the recipe", "a book of your own"),
    };
    DataSet { name: name.to_owned(), licence: licence.to_owned(), from: from.to_owned(), pieces }
}
