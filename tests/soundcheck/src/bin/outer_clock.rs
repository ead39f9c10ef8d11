//! How well Lilt follows a MIDI clock and gives one: a table, by one command.
//!
//! `cargo run --release -p lilt-soundcheck --bin outer-clock -- [--lilt PATH] [--beats N] [--jitter 3] [--load 0.5]`
//!
//! The program must be a build with `--features jack`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Parser;
use lilt_soundcheck::host::Host;
use lilt_soundcheck::load::Load;
use lilt_soundcheck::metronome::{METRONOME, Metronome};
use lilt_soundcheck::recorder::{CLIENT, MidiEvent, Recorder};
use lilt_soundcheck::server::{PERIOD, RATE, again_under};
use lilt_soundcheck::table::part;

/// Measures how well a clock is followed and given.
#[derive(Parser)]
struct Words {
    /// The program that is measured: a build with `--features jack`.
    #[arg(long, value_name = "PATH", default_value = "target/release/lilt")]
    lilt: PathBuf,
    /// How many beats each part of it lasts.
    #[arg(long, value_name = "N", default_value_t = 120)]
    beats: u32,
    /// How far ticks come early and late, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 3.0)]
    jitter: f64,
    /// How busy every core is kept with other work, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    load: f64,
}

fn main() -> Result<ExitCode> {
    let words = Words::parse();
    if let Some(code) = again_under("lilt-outer-clock")? {
        return Ok(code);
    }
    let (recorder, metronome) = (Recorder::start()?, Metronome::start()?);
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("set.lua");
    std::fs::write(
        &script,
        format!(
            "clock_in \"{METRONOME}\"\nclock_out \"{METRONOME}\"\nplay(\"notes\", \"c4*4\"):midi(\"{CLIENT}\", 1)\n"
        ),
    )?;
    let mut host = Host::start(&words.lilt, &script, folder.path(), None)?;
    host.wait_for("gives the tempo")?;
    let load = Load::start(words.load)?;
    let pass = |bpm: f64, beats: u32| sleep(Duration::from_secs_f64(f64::from(beats) * 60.0 / bpm));
    let take = || (beats_of(&recorder.midi()), metronome.beats(), metronome.heard());
    metronome.set_jitter((words.jitter * 1e3) as u64);
    metronome.begin();
    pass(120.0, 8);
    let _settling = take();
    pass(120.0, words.beats);
    let (notes, beats, ticks) = take();
    println!("a period is {:.2} ms", 1e3 * PERIOD as f64 / RATE as f64);
    say(&format!("notes beside a clock at 120 with ticks {} ms off", words.jitter), &off(&notes, &beats));
    println!("  {} notes on {} beats", notes.len(), beats.len());
    say("ticks that are given beside a straight line", &straightness(&ticks));
    println!("  {} ticks in the time of {} beats", ticks.len(), beats.len());
    metronome.set_tempo(140.0);
    pass(140.0, 2);
    let (notes, beats, _) = take();
    say("the two beats after a jump to 140", &off(&notes, &beats));
    pass(140.0, words.beats);
    let (notes, beats, _) = take();
    say("notes after them", &off(&notes, &beats));
    println!("  {} notes on {} beats", notes.len(), beats.len());
    metronome.begin();
    pass(140.0, 8);
    let (notes, beats, _) = take();
    say("notes after it was started once more", &off(&notes, &beats));
    drop(load);
    if !host.runs()? {
        bail!("the host has ended:\n{}", host.said().join("\n"));
    }
    println!("cycles that the JACK server or a client missed: {}", recorder.xruns());
    for line in host.stop()? {
        println!("  {line}");
    }
    Ok(ExitCode::SUCCESS)
}

/// When notes began, in microseconds.
fn beats_of(events: &[MidiEvent]) -> Vec<f64> {
    events
        .iter()
        .filter(|event| event.bytes[0] >> 4 == 9 && event.bytes[2] > 0)
        .map(|event| event.at)
        .collect()
}

/// How far each moment is from the nearest of the beats, in milliseconds; those beyond the first and the last are left.
fn off(moments: &[f64], beats: &[f64]) -> Vec<f64> {
    let (Some(first), Some(last)) = (beats.first(), beats.last()) else { return Vec::new() };
    let near = |at: &&f64| (first - 100e3..=last + 100e3).contains(*at);
    let nearest = |at: &f64| beats.iter().map(|beat| at - beat).min_by(|a, b| a.abs().total_cmp(&b.abs()));
    moments.iter().filter(near).filter_map(nearest).map(|off| off / 1e3).collect()
}

/// How far moments lie off the line through them, in milliseconds.
fn straightness(moments: &[f64]) -> Vec<f64> {
    let count = moments.len() as f64;
    let middle = (count - 1.0) / 2.0;
    let mean = moments.iter().sum::<f64>() / count;
    let places = || moments.iter().zip(0..).map(|(at, i)| (f64::from(i) - middle, at - mean));
    let slope = places().map(|(x, y)| x * y).sum::<f64>() / places().map(|(x, _)| x * x).sum::<f64>();
    places().map(|(x, y)| (y - slope * x) / 1e3).collect()
}

/// A row: where the middle lies, and how far half of all, 99 of 100 and all are from it at most.
fn say(name: &str, off: &[f64]) {
    let mut sorted = off.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(median) = part(&sorted, 0.5) else { return println!("{name}: nothing was heard") };
    let mut apart: Vec<f64> = off.iter().map(|off| (off - median).abs()).collect();
    apart.sort_by(f64::total_cmp);
    let at = |share| part(&apart, share).unwrap_or(f64::NAN);
    println!(
        "{name}: {median:+.2} ms; from there p50 {:.2}, p99 {:.2}, max {:.2} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}
