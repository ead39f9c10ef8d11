//! `bench-step`: times single steps of `folk` and prints one JSON object a line.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use candle_core::{DType, Device};
use clap::Parser;
use lilt_models::card::Weights;
use lilt_models::catalogue::Processor;
use lilt_models::folk::NAME;
use lilt_models::folk::measure::{ROWS_PER_STEP, logits_after, step_times};
use lilt_models::folk::network::Config;
use lilt_models::recurrent::card::Sizes;
use lilt_models::recurrent::network::Network;
use lilt_models::recurrent::step::RecurrentStep;
use lilt_models::step::Kernel;
use lilt_models::training::values;

/// Times single steps of the folk network.
#[derive(Parser)]
struct Arguments {
    /// The weights; sizes are read from the shapes of the tensors.
    #[arg(long, default_value = "models/weights/folk.safetensors")]
    weights: PathBuf,
    /// States that step together.
    #[arg(long, default_value_t = 1)]
    batch: usize,
    /// Steps that are timed.
    #[arg(long, default_value_t = 2000)]
    runs: usize,
    /// Instructions: `AVX-512`, `AVX2`, `NEON` or `portable`; the fastest there are by default.
    #[arg(long)]
    kernel: Option<String>,
    /// What it runs on: `cpu`, or `cuda` or `metal` in a build with that feature.
    #[arg(long, default_value = "cpu", value_parser = processor, conflicts_with = "kernel")]
    device: Processor,
    /// Adds the logits after this many steps, to compare them with another runtime's.
    #[arg(long)]
    logits_after: Option<usize>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let (config, weights) = weights(&arguments.weights)?;
    let (step, kernel) = match arguments.device {
        Processor::Cpu => {
            let kernel = kernel(arguments.kernel.as_deref())?;
            (packed(&config, &weights, kernel)?, kernel.to_string())
        }
        Processor::Cuda | Processor::Metal => {
            let network = Network::from_weights(config.network(), &weights, &arguments.device.open()?)?;
            (RecurrentStep::on_device(NAME, network), arguments.device.name().to_owned())
        }
    };
    let mut times = step_times(&step, arguments.batch.max(1), arguments.runs.max(1))?;
    times.sort();
    let mut line = format!(
        r#"{{"work":"step folk batch {}","kernel":"{kernel}","p50_ms":{},"p99_ms":{},"runs":{}"#,
        arguments.batch,
        quantile(&times, 50),
        quantile(&times, 99),
        times.len()
    );
    if let Some(steps) = arguments.logits_after {
        let (durations, pitches) = logits_after(&step, steps)?;
        line +=
            &format!(r#","rows_per_step":{ROWS_PER_STEP},"durations":{durations:?},"pitches":{pitches:?}"#);
    }
    println!("{line}}}");
    Ok(())
}

/// Milliseconds under which `percent` of the sorted times lie.
fn quantile(times: &[Duration], percent: usize) -> f64 {
    times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3
}

fn processor(name: &str) -> Result<Processor, String> {
    let known = [Processor::Cpu, Processor::Cuda, Processor::Metal];
    known.into_iter().find(|known| known.name() == name).ok_or_else(|| "it is cpu, cuda or metal".to_owned())
}

fn kernel(name: Option<&str>) -> Result<Kernel> {
    let Some(name) = name else { return Ok(Kernel::detect()) };
    let known = Kernel::available();
    match known.iter().find(|kernel| kernel.to_string() == name) {
        Some(kernel) => Ok(*kernel),
        None => {
            let names: Vec<String> = known.iter().map(Kernel::to_string).collect();
            bail!("`{name}` is no kernel of this machine; it has: {}", names.join(", "))
        }
    }
}

fn packed(config: &Config, weights: &BTreeMap<String, Weights>, kernel: Kernel) -> Result<RecurrentStep> {
    RecurrentStep::packed(NAME, config.network(), weights, kernel).map_err(anyhow::Error::msg)
}

/// The numbers of a file, and the sizes that the shapes of its tensors tell.
fn weights(path: &Path) -> Result<(Config, BTreeMap<String, Weights>)> {
    let tensors = candle_core::safetensors::load(path, &Device::Cpu)
        .with_context(|| format!("{}: cannot be read", path.display()))?;
    let tensors = tensors
        .into_iter()
        .map(|(name, tensor)| Ok((name, tensor.to_dtype(DType::F32)?)))
        .collect::<Result<HashMap<_, _>>>()?;
    let shape = |name: &str| match tensors.get(name).map(|tensor| tensor.dims()) {
        Some(&[rows, columns]) => Ok((rows, columns)),
        _ => bail!("{}: there is no matrix `{name}`", path.display()),
    };
    let (features, embed) = shape("embed.weight")?;
    let (durations, hidden) = shape("duration.weight")?;
    let (pitches, gate) = shape("pitch.weight")?;
    let layers = (0..).take_while(|layer| tensors.contains_key(&format!("lstm.{layer}.bias"))).count();
    let config = Config { features, embed, hidden, layers, durations, gate, pitches };
    Ok((config, values(&config.tensors(), &tensors).map_err(anyhow::Error::msg)?))
}
