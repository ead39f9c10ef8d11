//! What the weights of `folk` are worth, and what they play.

use anyhow::{Context, Result};
use lilt_inference::{Conditions, Model, Sampling, Settings, Watch};
use lilt_models::card::{Golden, Losses};
use lilt_models::folk::NAME;
use lilt_models::folk::codec::encode;
use lilt_models::folk::features::{Conditions as TuneConditions, Kind};
use lilt_models::folk::model::FolkModel;
use lilt_models::folk::network::Config;
use lilt_models::folk::vocabulary::{NoteEvent, midi};
use lilt_models::recurrent::lesson::{Nats, evaluate};
use lilt_models::recurrent::network::Network;
use lilt_score::{Clip, Key, Meter};

use super::baseline::{View, measure};
use crate::recipe::{Written, rounded};
use crate::recurrent::{self, Splits};

/// Key, metre and bars of the golden output.
const GOLDEN: (&str, &str, u32) = ("D major", "6/8", 8);

/// The player of tunes of weights that were written.
pub fn model(written: &Written<Config>) -> Result<FolkModel> {
    Ok(FolkModel::new(recurrent::step(NAME, written)?, written.file.sha256.clone(), String::new()))
}

/// `bars` bars from the start of a tune.
pub fn sample(
    model: &FolkModel,
    key: Key,
    meter: Meter,
    bars: u32,
    temperature: f64,
    seed: u64,
) -> Result<Clip> {
    let conditions = Conditions { key: Some(key), meter, settings: Settings::default() };
    Ok(model.sample(&Sampling::new(bars, temperature, seed, conditions)?, &Watch::new())?.into_clip()?)
}

/// Events as the card writes them.
pub fn notation(events: &[NoteEvent], tonic: u8) -> String {
    let text = |event: &NoteEvent| match midi(event.pitch, tonic) {
        Some(midi) => format!("{midi}:{}", event.ticks()),
        None => format!("z:{}", event.ticks()),
    };
    events.iter().map(text).collect::<Vec<_>>().join(" ")
}

/// A tune as ABC, four bars a line, every accidental written out.
pub fn abc(clip: &Clip, key: Key, meter: Meter) -> Result<String> {
    let (events, conditions) =
        (encode(clip, key)?.events, TuneConditions { key, meter, kind: Kind::UNKNOWN });
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
    Ok(text)
}

/// The golden output of `model`.
pub fn golden(model: &FolkModel) -> Result<Golden> {
    let (key, meter, bars) = GOLDEN;
    let clip = sample(model, key.parse()?, meter.parse()?, bars, 0.0, 1)?;
    let events = encode(&clip, key.parse()?)?.events;
    let tonic = key.parse::<Key>()?.tonic();
    Ok(Golden { key: key.to_owned(), meter: meter.to_owned(), notes: notation(&events, tonic) })
}

/// Measures `network` and the baselines; the strongest baseline is the one to beat.
pub fn losses(network: &Network, splits: &Splits) -> Result<Losses> {
    let train = evaluate(network, splits.train())?;
    let valid = evaluate(network, &splits.valid)?;
    let test = evaluate(network, &splits.test)?;
    let mut baselines = Vec::new();
    for (view, order) in [(View::Joint, 5), (View::Factored, 5)] {
        let baseline = measure(view, order, splits.train(), &splits.test);
        eprintln!("{}: {:.4}, first time through {:.4}", baseline.name, baseline.all, baseline.first);
        baselines.push(baseline);
    }
    baselines.sort_by(|a, b| a.all.total_cmp(&b.all));
    let mut baselines = baselines.into_iter();
    let best = baselines.next().context("no baseline was measured")?;
    let others = baselines.map(|other| (other.name, [rounded(other.all), rounded(other.first)]));
    report("network", &test);
    Ok(Losses {
        train: rounded(train.all()),
        valid: rounded(valid.all()),
        test: rounded(test.all()),
        test_first_time: rounded(test.first),
        baseline: best.name,
        baseline_test: rounded(best.all),
        baseline_test_first_time: rounded(best.first),
        other_baselines: others.collect(),
    })
}

fn report(name: &str, nats: &Nats) {
    eprintln!("{name}: {:.4}, first time through {:.4}", nats.all(), nats.first);
}
