//! How many drawings `recognize` knows, kind by kind, beside real ones and those of released decoders.

use std::path::Path;

use anyhow::Result;
use lilt_models::sketch::moves::{Line, lines};
use lilt_models::sketch::step::SketchStep;

use super::Options;
use super::corpus::Corpus;
use crate::arguments::Arguments;
use crate::drawings::recognised::{DRAWINGS, Judge};
use crate::drawings::shown::told;

/// Prints a row for each kind: shares of drawings whose kind is the likeliest and among the five likeliest.
pub fn print(
    step: &SketchStep,
    corpus: &Corpus,
    recognizer: &Path,
    arguments: &Arguments<Options>,
) -> Result<()> {
    let judge = Judge::read(recognizer)?;
    let Options { kinds, drawings, .. } = &arguments.own;
    let text = |[first, five]: [f64; 2]| format!("{first:.2} {five:.2}");
    for kind in kinds {
        let row = corpus.kind(kind);
        let held_out = corpus.test.iter().filter(|drawing| Some(drawing.kind) == row);
        let held_out: Vec<Vec<Line>> = held_out.map(|drawing| lines(&drawing.moves)).collect();
        let mut columns = vec![format!("real {}", text(judge.shares(kind, held_out)?))];
        for &temperature in &drawings.temperatures {
            let own = told(step, Some(kind), temperature, DRAWINGS, arguments.seed)?;
            let shares = judge.of_network(step, own, kind, temperature, arguments.seed)?;
            columns.push(format!("at {temperature}: {}", text(shares)));
            if let Some(decoder) = corpus.decoders.get(kind) {
                let told = vec![decoder.condition(&[], None); DRAWINGS];
                let shares = judge.of_network(decoder, told, kind, temperature, arguments.seed)?;
                columns.push(format!("decoder {}", text(shares)));
            }
        }
        println!("{kind} | {}", columns.join(" | "));
    }
    Ok(())
}
