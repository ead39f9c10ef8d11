//! What the weights of `melody` play.

use anyhow::{Context, Result};
use candle_core::Device;
use lilt_inference::{Conditions, Model, Sampling, Setting, Settings, Watch};
use lilt_models::melody::measures::Golden;
use lilt_models::melody::model::MelodyModel;
use lilt_models::melody::network::{Config, Network};
use lilt_models::melody::step::MelodyStep;
use lilt_models::step::Kernel;
use lilt_score::{Beat, Clip, Span};

use crate::recipe::Written;

/// Key, chords and density of the golden output.
const GOLDEN: (&str, &str, f64) = ("C major", "C G Am F", 4.0);

/// Loads weights that were written: as the trainer has it, and as a player has it.
pub fn load(written: &Written<Config>) -> Result<(Network, MelodyModel)> {
    let weights = written.weights(&written.config.stored())?;
    let network = Network::from_weights(written.config, &weights, &Device::Cpu)?;
    let step = MelodyStep::new(written.config, &weights, Kernel::detect())?;
    Ok((network, MelodyModel::new(step, written.file.sha256.clone(), String::new())))
}

/// What scripts ask for.
pub fn conditions(key: &str, chords: &str) -> Result<Conditions> {
    let settings = Settings::default().with("chords", Setting::Text(chords.to_owned()));
    Ok(Conditions { key: Some(key.parse()?), settings, ..Conditions::default() })
}

/// A clip as the card writes music: `pitch:ticks`, `z:ticks` for a rest.
pub fn notation(clip: &Clip) -> String {
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

/// The golden output of `model`.
pub fn golden(model: &MelodyModel) -> Result<Golden> {
    let (key, chords, density) = GOLDEN;
    let mut asked = conditions(key, chords)?;
    asked.settings = asked.settings.with("density", Setting::Number(density));
    let watch = Watch::new();
    let notes = model.sample(&Sampling::new(8, 0.0, 1, asked.clone())?, &watch)?.into_clip()?;
    let request = Sampling::new(4, 1.0, 1, asked)?;
    let drawn = model.sample(&request, &watch)?.into_clip()?;
    let bars = |from: i64, to: i64| drawn.slice(Span::new(Beat::whole(4 * from), Beat::whole(4 * to)));
    let between = model.between(&bars(0, 2)?, &bars(2, 4)?, &[0.5], &request, &watch)?;
    let between = between.first().context("there is nothing between")?;
    Ok(Golden {
        key: key.to_owned(),
        chords: chords.to_owned(),
        density,
        notes: notation(&notes),
        drawn: notation(&drawn),
        between: notation(between),
    })
}
