//! `lilt models`: the models there are, and what each takes.

use lilt_inference::{Inference, OptionDescription, OptionKind};
use lilt_models::catalogue::{Processor, catalogue};

use crate::command_line::Models;
use crate::failure::Failure;
use crate::place;

/// What is said of the model that has no weights: a script makes it.
const MARKOV: &str =
    "Counts which note follows which in clips of your own: write markov(clip { 60, 62, 64 }) in the script.";

/// Lists every model, or describes one with its options. One that cannot be used does not hide the others.
pub fn models(words: Models) -> Result<(), Failure> {
    let inference =
        Inference::new(catalogue(place::weights()?, std::env::current_dir().ok(), Processor::Cpu), 1)
            .map_err(Failure::of_use)?;
    match words.name {
        Some(name) if name == "markov" => {
            println!("markov\n{MARKOV}\n\nlilt doc markov says what it takes.");
            Ok(())
        }
        Some(name) => describe(&inference, &name),
        None => {
            let markov = "markov";
            println!("{markov:<12} {MARKOV}");
            for name in inference.names() {
                match inference.model(&name) {
                    Ok(model) => println!("{name:<12} {}", model.description().about),
                    Err(error) => println!("{name:<12} cannot be used: {error}"),
                }
            }
            Ok(())
        }
    }
}

fn describe(inference: &Inference, name: &str) -> Result<(), Failure> {
    let model = inference.model(name).map_err(Failure::of_use)?;
    let description = model.description();
    println!("{}\n{}\nweights {}", description.name, description.about, description.identity);
    println!("makes {}, and can {}", description.medium, model.verbs().join(", "));
    println!("\nmodel(\"{name}\", {{ … }}) takes");
    list(&description.options);
    if !description.call_options.is_empty() {
        println!("\n:sample and :continue also take");
        list(&description.call_options);
    }
    for transform in &description.transforms {
        let piece = description.medium.piece();
        println!("\n:{}({piece}, {{ … }})  {}", transform.name, transform.about);
        if let Some(bars) = transform.defaults.bars {
            println!("  {:<12} How long the answer is, in bars. Default: {bars}.", "bars");
        }
        if let Some(temperature) = transform.defaults.temperature {
            println!(
                "  {:<12} How much is left to chance, from 0 to 4. Default: {temperature}.",
                "temperature"
            );
        }
        list(&transform.options);
    }
    Ok(())
}

fn list(options: &[OptionDescription]) {
    for option in options {
        let words = match &option.kind {
            OptionKind::Word(words) => format!(" One of {}.", words.join(", ")),
            OptionKind::Number { least, most } => format!(" From {least} to {most}."),
            OptionKind::Key | OptionKind::Meter | OptionKind::Text => String::new(),
        };
        println!("  {:<12} {}{words} Default: {}.", option.name, option.about, option.default);
    }
}
