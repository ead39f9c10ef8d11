//! `lilt models`: the models there are, and what each takes.

use lilt_inference::Inference;
use lilt_models::catalogue::{Processor, catalogue};

use crate::command_line::Models;
use crate::failure::Failure;
use crate::place;

/// Lists every model, or describes one with its options.
pub fn models(words: Models) -> Result<(), Failure> {
    let inference =
        Inference::new(catalogue(place::weights()?, Processor::Cpu), 1).map_err(Failure::of_use)?;
    match words.name {
        Some(name) => describe(&inference, &name),
        None => {
            for name in inference.names() {
                let model = inference.model(&name).map_err(Failure::of_use)?;
                println!("{name:<12} {}", model.description().about);
            }
            Ok(())
        }
    }
}

fn describe(inference: &Inference, name: &str) -> Result<(), Failure> {
    let model = inference.model(name).map_err(Failure::of_use)?;
    let description = model.description();
    println!("{}\n{}\nweights {}", description.name, description.about, description.identity);
    for option in &description.options {
        println!("  {:<12} {} (default {})", option.name, option.about, option.default);
    }
    Ok(())
}
