//! What the weights of `folk` are worth, and what they play.

use std::sync::Arc;

use anyhow::{Context, Result};
use candle_core::Device;
use lilt_inference::categorical::{choose, log_softmax};
use lilt_models::card::{Golden, Losses};
use lilt_models::folk::features::{Conditions, FolkState, Kind};
use lilt_models::folk::network::{Config, Dropout, Network};
use lilt_models::folk::vocabulary::{NoteEvent, duration_allowed, midi};

use super::baseline::{View, measure};
use super::corpus::Corpus;
use crate::recipe::{Written, rounded};
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
pub fn load(written: &Written<Config>) -> Result<Network> {
    let weights = written.weights(&written.config.tensors())?;
    Ok(Network::from_weights(written.config, &weights, &Device::Cpu)?)
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
        let allowed = log_softmax(&durations, temperature, |class| duration_allowed(class, left));
        let Some(duration) = choose(&allowed, 0.0, chance()) else { break };
        let pitches = one(network.pitch_logits(&hidden, &[duration as u32])?)?;
        let pitch = choose(&log_softmax(&pitches, temperature, |_| true), 0.0, chance())
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
    let others = baselines.map(|other| (other.name, [rounded(other.nats.all), rounded(other.nats.first)]));
    report("network", test);
    Ok(Losses {
        train: rounded(train.all),
        valid: rounded(valid.all),
        test: rounded(test.all),
        test_first_time: rounded(test.first),
        baseline: best.name,
        baseline_test: rounded(best.nats.all),
        baseline_test_first_time: rounded(best.nats.first),
        other_baselines: others.collect(),
    })
}

fn report(name: &str, nats: Nats) {
    eprintln!("{name}: {:.4}, first time through {:.4}", nats.all, nats.first);
}
