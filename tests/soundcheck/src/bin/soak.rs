//! A long performance by one command: whether the host holds out, minute by minute.
//!
//! `cargo run --release -p lilt-soundcheck --bin soak -- [--lilt PATH] [--minutes 120] [--csv FILE]`

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;
use lilt_soundcheck::bars::Bars;
use lilt_soundcheck::course::{Minute, memory, processor};
use lilt_soundcheck::editor::Editor;
use lilt_soundcheck::hearing::Hearing;
use lilt_soundcheck::host::Host;
use lilt_soundcheck::load::Load;
use lilt_soundcheck::recorder::Recorder;
use lilt_soundcheck::server::again_under;
use lilt_soundcheck::set::Set;
use lilt_soundcheck::usage::Usage;

const MINUTE: Duration = Duration::from_secs(60);

/// Plays the examples with an edit every few seconds, and watches what that takes.
#[derive(Parser)]
struct Words {
    /// The program that is measured.
    #[arg(long, value_name = "PATH", default_value = "target/release/lilt")]
    lilt: PathBuf,
    /// How long it plays.
    #[arg(long, value_name = "N", default_value_t = 120)]
    minutes: u64,
    /// Seconds between two edits.
    #[arg(long, value_name = "N", default_value_t = 8)]
    every: u64,
    /// The folder of the scripts.
    #[arg(long, value_name = "FOLDER", default_value = "examples")]
    examples: PathBuf,
    /// How busy every core is kept with other work, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    load: f64,
    /// Where a line for each minute goes.
    #[arg(long, value_name = "FILE", default_value = "target/soak.csv")]
    csv: PathBuf,
}

fn main() -> Result<ExitCode> {
    let words = Words::parse();
    if let Some(code) = again_under("lilt-soak")? {
        return Ok(code);
    }
    let recorder = Recorder::start()?;
    let folder = tempfile::tempdir()?;
    let script = folder.path().join("set.lua");
    let set = Set::of(&words.lilt, &words.examples, &script)?;
    fs::write(&script, set.text(0).1)?;
    let mut csv = File::create(&words.csv).with_context(|| words.csv.display().to_string())?;
    writeln!(csv, "{}", Minute::HEAD)?;
    println!("{}", Minute::HEAD);
    let _load = Load::start(words.load)?;
    let host = Host::start(&words.lilt, &script, folder.path(), None)?;
    let editor = Editor::attach(&host)?;
    let mut watch = Watch { host, editor, recorder, set, said: Vec::new(), edits: 0 };

    watch.recorder.forget();
    let mut minutes = Vec::new();
    for number in 1..=words.minutes {
        let minute = watch.minute(number, Duration::from_secs(words.every.max(1)))?;
        writeln!(csv, "{}", minute.line())?;
        println!("{}", minute.line());
        minutes.push(minute);
    }
    let last = watch.host.stop()?;
    watch.said.extend(last.into_iter().filter(|line| !line.contains("generation")));

    let sum = |of: fn(&Minute) -> u64| minutes.iter().map(of).sum::<u64>();
    println!("memory, MiB: {}", memory(&minutes));
    println!("processor, per cent of a core: {}", processor(&minutes));
    println!("cycles that the JACK server or a client missed: {}", sum(|minute| minute.xruns));
    match minutes.iter().all(|minute| minute.dropouts.is_none()) {
        true => println!("gaps that the host counted: it does not tell"),
        false => println!("gaps that the host counted: {}", sum(|minute| minute.dropouts.unwrap_or(0))),
    }
    println!("bars: {}, silent: {}", sum(|minute| minute.bars as u64), sum(|minute| minute.silent as u64));
    println!("edits: {}, played: {}", sum(|minute| minute.edits as u64), sum(|minute| minute.played as u64));
    if watch.recorder.lost() > 0 {
        println!("NOT HEARD by this program, which was too slow: {} cycles", watch.recorder.lost());
    }
    for line in &watch.said {
        println!("the host said: {line}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The performance, as it is watched.
struct Watch {
    host: Host,
    editor: Editor,
    recorder: Recorder,
    set: Set,
    /// What the host said beside the generations.
    said: Vec<String>,
    edits: usize,
}

impl Watch {
    /// Plays for a minute.
    fn minute(&mut self, number: u64, every: Duration) -> Result<Minute> {
        let begin = Instant::now();
        let before = Usage::of(self.host.process()).context("the host has ended")?;
        let xruns = self.recorder.xruns();
        let dropouts = self.dropouts();
        let mut hearing = Hearing::new();
        let mut bars = Bars::default();
        let mut minute = Minute { number, ..Minute::default() };
        let mut next = begin + every;
        while begin.elapsed() < MINUTE {
            let mut moments = Vec::new();
            while let Some(chunk) = self.recorder.chunk() {
                hearing.hear(&chunk, |moment| moments.push(moment));
            }
            bars.hear(&moments, &self.editor.told().status);
            for line in self.host.said() {
                match line.contains("generation") {
                    true => minute.played += 1,
                    false => self.said.push(line),
                }
            }
            if Instant::now() >= next {
                next += every;
                self.edits += 1;
                let (_, text) = self.set.text(self.edits);
                fs::write(self.host.script(), text)?;
                minute.edits += 1;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let after = Usage::of(self.host.process()).context("the host has ended")?;
        minute.processor = 100.0 * (after.seconds - before.seconds) / begin.elapsed().as_secs_f64();
        minute.mebibytes = after.mebibytes;
        minute.xruns = self.recorder.xruns() - xruns;
        minute.dropouts = self.dropouts().map(|now| now - dropouts.unwrap_or(0).min(now));
        (minute.bars, minute.silent) = (bars.whole, bars.silent);
        Ok(minute)
    }

    /// Gaps that the host has counted so far, where its status tells them.
    fn dropouts(&self) -> Option<u64> {
        self.editor.told().status["dropouts"].as_u64()
    }
}
