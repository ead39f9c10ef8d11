//! What the weights of `chorale` are worth, and what they write.

use anyhow::Result;
use lilt_inference::{Conditions, Model, Sampling, Watch};
use lilt_models::card::Golden;
use lilt_models::chorale::NAME;
use lilt_models::chorale::features::{Bars, Conditioning, Tonality};
use lilt_models::chorale::filling::{Canvas, Filling};
use lilt_models::chorale::losses::Losses;
use lilt_models::chorale::model::ChoraleModel;
use lilt_models::chorale::network::Config;
use lilt_models::chorale::piece::Piece;
use lilt_models::chorale::step::ChoraleStep;
use lilt_models::chorale::vocabulary::{CELLS_PER_BEAT, Frame, REST, VOICES, midi};
use lilt_models::chorale::voices::notation;
use lilt_score::{Pitch, Seed};

use super::baseline;
use super::corpus::Corpus;
use super::evaluation::{framewise, in_order};
use super::manners::manners;
use crate::recipe::{Written, rounded};

/// Key, metre and bars of the golden output.
const GOLDEN: (&str, &str, u32) = ("G major", "4/4", 4);

/// Chorales that are written to see how they behave, and their bars.
const WRITTEN: (u64, usize) = (48, 8);

/// Loads weights that were written, as a player does.
pub fn load(written: &Written<Config>) -> Result<ChoraleStep> {
    let weights = written.weights(&written.config.tensors())?;
    Ok(ChoraleStep::of_weights(&written.config, &weights)?)
}

/// A chorale of `bars` bars of 4/4 from nothing.
pub fn compose(step: &ChoraleStep, key: Tonality, bars: usize, seed: u64) -> Result<Vec<Frame>> {
    let frames = bars * 4 * CELLS_PER_BEAT;
    let conditioning =
        Conditioning { key: Some(key), bars: Bars::Four { phase: 0 }, starts: true, ends: true };
    let canvas = Canvas {
        frames: vec![[REST; VOICES]; frames],
        known: vec![[false; VOICES]; frames],
        rng: Seed(seed).child(NAME).rng(),
    };
    let mut canvases = [canvas];
    Filling { step, conditioning, temperature: 1.0 }.fill(&mut canvases, &Watch::new())?;
    let [canvas] = canvases;
    Ok(canvas.frames)
}

/// A chorale for the eyes: a line a voice, a sixteenth a cell, a dot where a pitch stays.
pub fn printed(frames: &[Frame]) -> String {
    let bar = 4 * CELLS_PER_BEAT;
    let mut text = String::new();
    for first in (0..frames.len()).step_by(2 * bar) {
        for (voice, name) in ["S", "A", "T", "B"].iter().enumerate() {
            text += name;
            for at in first..(first + 2 * bar).min(frames.len()) {
                if at % bar == 0 {
                    text += " |";
                } else if at % CELLS_PER_BEAT == 0 {
                    text += "  ";
                }
                let cell = frames[at][voice];
                let held = at > first && frames[at - 1][voice] == cell;
                let word = match midi(cell) {
                    _ if held => ".".to_owned(),
                    Some(key) => Pitch::from_key(key).to_string(),
                    None => "-".to_owned(),
                };
                text += &format!(" {word:<3}");
            }
            text = text.trim_end().to_owned() + " |\n";
        }
        text.push('\n');
    }
    text
}

/// The golden output.
pub fn golden(step: ChoraleStep) -> Result<Golden> {
    let (key, meter, bars) = GOLDEN;
    let model = ChoraleModel::new(step, String::new(), String::new());
    let conditions = Conditions { key: Some(key.parse()?), meter: meter.parse()?, ..Conditions::default() };
    let request = Sampling::new(bars, 0.0, 1, conditions)?;
    let clip = model.sample(&request, &Watch::new())?.into_clip()?;
    Ok(Golden { key: key.to_owned(), meter: meter.to_owned(), notes: notation(&clip) })
}

/// Measures `step` and the baseline; of the frames every `stride`th.
pub fn losses(step: &ChoraleStep, corpus: &Corpus, orders: usize, stride: usize) -> Result<Losses> {
    let baseline_test = rounded(baseline::measure(&corpus.train, &corpus.test));
    eprintln!("baseline: {baseline_test} nats per frame in order");
    let valid = framewise(step, &corpus.valid, 1, 4 * stride, 1);
    eprintln!("valid: {valid:?}");
    let ordered = in_order(step, &corpus.test, stride);
    eprintln!("in order: {ordered:.4} nats per frame");
    let test = framewise(step, &corpus.test, orders, stride, 1);
    eprintln!("test: {test:?}");
    let written: Vec<Vec<Frame>> = (0..WRITTEN.0)
        .map(|seed| {
            let key = Tonality { tonic: (seed * 7 % 12) as u8, minor: seed % 3 == 2 };
            compose(step, key, WRITTEN.1, seed)
        })
        .collect::<Result<_>>()?;
    Ok(Losses {
        measure: "Coconet's framewise loss (Huang et al. 2017, Algorithm 1): frames in random order, voices within a frame in random order after the network's own likeliest choices, summed over the four voices, the probabilities of a frame averaged over the orders; silence counts".to_owned(),
        test: [rounded(test.nats), rounded(test.error)],
        test_single_order: rounded(test.single),
        orders,
        frames: test.frames,
        valid_single_order: rounded(valid.single),
        in_order_measure: "frame after frame and from the soprano down, each cell after what Bach wrote before it, summed over the four voices".to_owned(),
        in_order: rounded(ordered),
        baseline: baseline::NAME.to_owned(),
        baseline_test,
        written: manners(written.iter().map(Vec::as_slice)),
        bach: manners(corpus.test.iter().map(|piece| piece.frames.as_slice())),
    })
}

/// Pieces and notes.
pub fn size(pieces: &[Piece]) -> [usize; 2] {
    [pieces.len(), pieces.iter().map(Piece::notes).sum()]
}
