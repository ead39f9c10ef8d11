//! What the examples sound like, in numbers, by one command.
//!
//! `cargo run --release -p lilt-soundcheck --bin listen -- [--lilt PATH] [--bars 32] [FILE…]`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::Parser;
use lilt_score::{Beat, Meter};
use lilt_soundcheck::portrait::{Material, Sound, amiss};

/// Renders scripts and prints how loud, bright, dense and varied each is, and what is amiss.
#[derive(Parser)]
struct Words {
    /// The program that renders.
    #[arg(long, value_name = "PATH", default_value = "target/release/lilt")]
    lilt: PathBuf,
    /// How many bars of each.
    #[arg(long, value_name = "N", default_value_t = 32)]
    bars: u32,
    /// The scripts; those in `examples` when left out.
    files: Vec<PathBuf>,
}

fn main() -> Result<ExitCode> {
    let words = Words::parse();
    let files = if words.files.is_empty() { examples()? } else { words.files };
    println!(
        "{:<36} {:>6} {:>5} {:>6} {:>6} {:>6} {:>7} {:>9} {:>7}",
        "", "LUFS", "LU", "dBTP", ">1kHz", "side", "a bar", "different", "silent"
    );
    let mut all_well = true;
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (sound, material) = match portrait(&words.lilt, &file, words.bars) {
            Ok(portrait) => portrait,
            Err(error) => {
                println!("{name:<36} is left out: {error}");
                continue;
            }
        };
        let amiss = amiss(&sound, &material);
        println!(
            "{name:<36} {:>6.1} {:>5.1} {:>6.1} {:>5.1}% {:>5.1}% {:>7.1} {:>9} {:>5.1} s  {}",
            sound.loudness,
            sound.range,
            sound.peak,
            sound.bright,
            sound.wide,
            material.density,
            format!("{} of {}", material.different, words.bars),
            sound.silence,
            amiss.join("; ")
        );
        all_well &= amiss.is_empty();
    }
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The scripts in `examples`, in their order.
fn examples() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir("examples").context("there is no folder `examples` here")?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "lua"));
    files.sort();
    Ok(files)
}

/// Renders a script into a folder of its own, and measures what came out.
fn portrait(lilt: &Path, file: &Path, bars: u32) -> Result<(Sound, Material)> {
    let folder = tempfile::tempdir()?;
    let (wav, events) = (folder.path().join("sound.wav"), folder.path().join("events.jsonl"));
    let rendered = Command::new(lilt)
        .arg("render")
        .arg(file)
        .args(["--bars", &bars.to_string()])
        .arg("--wav")
        .arg(&wav)
        .arg("--events")
        .arg(&events)
        .output()
        .with_context(|| lilt.display().to_string())?;
    if !rendered.status.success() {
        let said = String::from_utf8_lossy(&rendered.stderr).into_owned();
        bail!("{}", said.lines().next().unwrap_or("lilt failed without a word"));
    }
    let mut reader = hound::WavReader::open(&wav)?;
    let spec = reader.spec();
    let full = f64::from(1u32 << (spec.bits_per_sample - 1)) as f32;
    let samples: Vec<f32> = match spec.sample_format {
        hound::SampleFormat::Float => reader.samples::<f32>().collect::<Result<_, _>>()?,
        hound::SampleFormat::Int => {
            reader.samples::<i32>().map(|sample| Ok(sample? as f32 / full)).collect::<Result<_>>()?
        }
    };
    let text = fs::read_to_string(file)?;
    let material = Material::of(&fs::read_to_string(&events)?, &text, bars, bar(&text)?)?;
    Ok((Sound::of(&samples, spec.sample_rate)?, material))
}

/// The length of a bar in beats, as a script says it word for word.
fn bar(text: &str) -> Result<Beat> {
    let mut lines = text.lines();
    let written =
        lines.find_map(|line| line.strip_prefix("meter \"")?.split_once('"').map(|(meter, _)| meter));
    let meter: Meter = written.unwrap_or("4/4").parse()?;
    Ok(meter.bar())
}
