//! Lilt's kick, snare and hat beside those of others, in numbers, by one command.
//!
//! `cargo run --release -p lilt-soundcheck --bin kit -- [--lilt PATH] [FOLDER…]`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Parser;
use lilt_samples::{Bank, Root, decode};
use lilt_soundcheck::hit::Hit;

/// Prints of Lilt's kit, of the sounds that come with it and of folders of samples how kick, snare and hat begin, how
/// bright they are, how long they ring and how loud they are: of several sounds of one name the middle.
#[derive(Parser)]
struct Words {
    /// The program that renders.
    #[arg(long, value_name = "PATH", default_value = "target/release/lilt")]
    lilt: PathBuf,
    /// Names that are kicks in the folders.
    #[arg(long, value_delimiter = ',', default_value = "bd,808bd,clubkick")]
    kick: Vec<String>,
    /// Names that are snares.
    #[arg(long, value_delimiter = ',', default_value = "sd,sn,808sd")]
    snare: Vec<String>,
    /// Names that are closed hats.
    #[arg(long, value_delimiter = ',', default_value = "hh,hc,808hc")]
    hat: Vec<String>,
    /// Folders of folders of samples, as Dirt-Samples is.
    folders: Vec<PathBuf>,
}

fn main() -> Result<()> {
    let words = Words::parse();
    println!(
        "{:<8} {:<28} {:>6} {:>16} {:>10} {:>10} {:>10}",
        "", "", "sounds", ">1 kHz in 10 ms", "centroid", "to -40 dB", "peak"
    );
    let drums = [("kick", "bd", &words.kick), ("snare", "sd", &words.snare), ("hat", "hh", &words.hat)];
    let ours = ours(&words.lilt, drums.map(|(_, drum, _)| drum))?;
    let banks: Vec<Bank> =
        words.folders.iter().map(|folder| Bank::new([Root::Folder(folder.clone())])).collect();
    for bank in &banks {
        bank.warnings().iter().for_each(|warning| eprintln!("{warning}"));
    }
    for ((role, drum, names), hit) in drums.into_iter().zip(ours) {
        row(role, &format!("Lilt's kit, {drum}"), &[hit]);
        row("", &format!("Lilt's sounds, {drum}"), &hits(&Bank::new([Root::Starter]), drum)?);
        for (bank, folder) in banks.iter().zip(&words.folders) {
            let shown = folder.file_name().unwrap_or_default().to_string_lossy();
            for name in names.iter().filter(|name| bank.names().any(|(known, _)| known == **name)) {
                row("", &format!("{shown}, {name}"), &hits(bank, name)?);
            }
        }
    }
    Ok(())
}

fn row(role: &str, what: &str, hits: &[Hit]) {
    if let Some(Hit { click, centroid, decay, peak }) = Hit::middle(hits) {
        println!(
            "{role:<8} {what:<28} {:>6} {click:>15.1}% {centroid:>7.0} Hz {decay:>7.0} ms {peak:>5.1} dBFS",
            hits.len()
        );
    }
}

/// What can be measured of the sounds of a name; the others are named.
fn hits(bank: &Bank, name: &str) -> Result<Vec<Hit>> {
    let mut hits = Vec::new();
    for sound in bank.sounds(name)? {
        let hit = sound.source.read().map_err(anyhow::Error::from).and_then(|sample| {
            Hit::of(sample.interleaved(), sample.channels(), sample.rate())
                .with_context(|| sample.name().to_owned())
        });
        match hit {
            Ok(hit) => hits.push(hit),
            Err(error) => eprintln!("left out: {error:#}"),
        }
    }
    Ok(hits)
}

/// What the kit makes of these drums, struck as notes are when nobody says otherwise: dry, and before the master.
fn ours<const N: usize>(lilt: &Path, drums: [&str; N]) -> Result<Vec<Hit>> {
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("kit.lua");
    let slots = drums.map(|drum| format!("play(\"{drum}\", drums \"{drum}\"):reverb(0)\n"));
    fs::write(&script, format!("tempo(60)\n{}", slots.concat()))?;
    let stems = folder.path().join("stems");
    let mut command = Command::new(lilt);
    command.arg("render").arg(&script).args(["--bars", "1", "--stems"]).arg(&stems);
    let rendered = command.output().with_context(|| lilt.display().to_string())?;
    if !rendered.status.success() {
        bail!("{}", String::from_utf8_lossy(&rendered.stderr));
    }
    let hit = |drum: &str| {
        let sample = decode::read(&stems.join(format!("{drum}.wav")))?;
        Hit::of(sample.interleaved(), sample.channels(), sample.rate())
    };
    drums.into_iter().map(hit).collect()
}
