//! How soon a key is heard that a hand plays: a row of a table, by one command.
//!
//! `cargo run --release -p lilt-soundcheck --bin hand-latency -- [--lilt PATH] [--keys N] [--load 0.5]`
//!
//! The program must be a build with `--features jack`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Parser;
use lilt_score::Seed;
use lilt_soundcheck::host::Host;
use lilt_soundcheck::load::Load;
use lilt_soundcheck::pianist::{PIANIST, Pianist};
use lilt_soundcheck::recorder::Recorder;
use lilt_soundcheck::server::{PERIOD, RATE, again_under};
use lilt_soundcheck::table::{head, row};

/// What counts as the beginning of a sound, and as silence before it; 1 is full scale.
const LOUD: f32 = 0.01;
const QUIET: f32 = 0.002;
/// How long a key is down, and how long it is up at least.
const DOWN: Duration = Duration::from_millis(60);
const UP: Duration = Duration::from_millis(120);

/// Measures how soon a key is heard.
#[derive(Parser)]
struct Words {
    /// The program that is measured: a build with `--features jack`.
    #[arg(long, value_name = "PATH", default_value = "target/release/lilt")]
    lilt: PathBuf,
    /// How many keys are played.
    #[arg(long, value_name = "N", default_value_t = 500)]
    keys: usize,
    /// How busy every core is kept with other work, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    load: f64,
}

fn main() -> Result<ExitCode> {
    let words = Words::parse();
    if let Some(code) = again_under("lilt-hand-latency")? {
        return Ok(code);
    }
    let (recorder, pianist) = (Recorder::start()?, Pianist::start()?);
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("set.lua");
    // An attack of no time, and no room behind it.
    std::fs::write(
        &script,
        format!(
            "play(\"keys\", midi_in \"{PIANIST}\"):on(synth(\"square\", {{ attack = 0, release = 0.005 }})):reverb(0)\n"
        ),
    )?;
    let mut host = Host::start(&words.lilt, &script, folder.path(), None)?;
    host.wait_for("listening to")?;
    let load = Load::start(words.load)?;
    sleep(Duration::from_secs(1));
    let mut heard = Vec::new();
    for key in 0..words.keys {
        sleep(UP + Duration::from_micros((Seed(key as u64).unit() * 90e3) as u64));
        recorder.forget();
        pianist.send([0x90, 60, 127]);
        heard.push(onset(&recorder, &pianist));
        sleep(DOWN);
        pianist.send([0x80, 60, 0]);
        if !host.runs()? {
            bail!("the host has ended:\n{}", host.said().join("\n"));
        }
    }
    drop(load);
    println!("{}", head());
    println!("{}", row("a key, to the card", &heard));
    println!(
        "a period is {:.2} ms; cycles that the JACK server or a client missed: {}",
        1e3 * PERIOD as f64 / RATE as f64,
        recorder.xruns()
    );
    host.stop()?;
    Ok(ExitCode::SUCCESS)
}

/// Microseconds from the cycle with which a key left to the first sample of its sound at the card; none when nothing was
/// heard within half a second.
fn onset(recorder: &Recorder, pianist: &Pianist) -> Option<f64> {
    let patience = Instant::now() + Duration::from_millis(500);
    let mut was_quiet = false;
    while Instant::now() < patience {
        let Some(chunk) = recorder.chunk() else {
            sleep(Duration::from_micros(500));
            continue;
        };
        let loud = |frame: &[f32; 2], most: f32| frame.iter().any(|sample| sample.abs() > most);
        if let Some(at) = chunk.frames.iter().position(|frame| loud(frame, LOUD))
            && was_quiet
        {
            let heard = chunk.at + at as f64 * 1e6 / RATE as f64;
            return pianist.left().map(|left| heard - left);
        }
        was_quiet |= !chunk.frames.iter().any(|frame| loud(frame, QUIET));
    }
    None
}
