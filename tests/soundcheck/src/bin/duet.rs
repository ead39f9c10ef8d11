//! Whether phrases are answered on time: a table, by one command.
//!
//! `cargo run --release -p lilt-soundcheck --bin duet -- [--lilt PATH] [--phrases 500] [--model 'model "folk"'] [--load 0.5]`
//!
//! The program must be a build with `--features jack`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Parser;
use lilt_score::Seed;
use lilt_soundcheck::host::Host;
use lilt_soundcheck::load::Load;
use lilt_soundcheck::pianist::{PIANIST, Pianist};
use lilt_soundcheck::recorder::{CLIENT, MidiEvent, Recorder};
use lilt_soundcheck::server::again_under;
use lilt_soundcheck::table::part;

/// The tempos that phrases are played at, in quarter notes a minute.
const TEMPOS: [f64; 5] = [60.0, 90.0, 120.0, 150.0, 180.0];
/// How many beats without a note end a phrase.
const REST: f64 = 1.0;
/// How many beats an answer lasts.
const ANSWER: f64 = 4.0;
/// Notes of the beat and of the answer, by their channels as MIDI writes them.
const BEAT: u8 = 0x91;
const ANSWERS: u8 = 0x90;

/// Plays phrases, and looks when they are answered.
#[derive(Parser)]
struct Words {
    /// The program that is measured: a build with `--features jack`.
    #[arg(long, value_name = "PATH", default_value = "target/release/lilt")]
    lilt: PathBuf,
    /// How many phrases are played, at all tempos together.
    #[arg(long, value_name = "N", default_value_t = 500)]
    phrases: usize,
    /// Who answers, in Lua.
    #[arg(long, value_name = "LUA", default_value = "model \"folk\"")]
    model: String,
    /// How busy every core is kept with other work, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    load: f64,
}

/// What became of a phrase.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Answered {
    /// It begins with so many beats after the first on which it could; 0 is on time. And how long before that beat the
    /// phrase was over, in milliseconds.
    Beats(i64, f64),
    /// Nothing was heard.
    Never,
}

fn main() -> Result<ExitCode> {
    let words = Words::parse();
    if let Some(code) = again_under("lilt-duet")? {
        return Ok(code);
    }
    let (recorder, pianist) = (Recorder::start()?, Pianist::start()?);
    let mut all = Vec::new();
    for (at, bpm) in TEMPOS.into_iter().enumerate() {
        let folder = tempfile::tempdir()?;
        let script = folder.path().join("set.lua");
        let text = format!(
            "tempo({bpm})\nplay(\"beat\", \"c2*4\"):midi(\"{CLIENT}\", 2)\n\
             duet({}, {{ listen = midi_in \"{PIANIST}\", rest = {REST}, bars = 1 }}):midi(\"{CLIENT}\", 1)\n",
            words.model
        );
        std::fs::write(&script, text)?;
        let mut host = Host::start(&words.lilt, &script, folder.path(), None)?;
        host.wait_for("listening to")?;
        let load = Load::start(words.load)?;
        let beats = |beats: f64| sleep(Duration::from_secs_f64(beats * 60.0 / bpm));
        beats(8.0);
        let mut answered = Vec::new();
        for phrase in 0..words.phrases / TEMPOS.len() {
            recorder.forget();
            let seed = Seed((at * words.phrases + phrase) as u64);
            let over = play(&pianist, seed, beats)?;
            beats(REST + 1.0 + ANSWER);
            answered.push(judge(&recorder.midi(), over, bpm));
            beats(seed.child_number(9).unit());
        }
        drop(load);
        if !host.runs()? {
            bail!("the host has ended:\n{}", host.said().join("\n"));
        }
        host.stop()?;
        say(&format!("{bpm} quarter notes a minute"), &answered);
        all.extend(answered);
    }
    say("all", &all);
    Ok(ExitCode::SUCCESS)
}

/// Plays a phrase of three to seven notes. Says when its last key came up, in microseconds.
///
/// # Errors
/// When the server takes no keys.
fn play(pianist: &Pianist, seed: Seed, beats: impl Fn(f64)) -> Result<f64> {
    let notes = 3 + (seed.child_number(0).unit() * 5.0) as u64;
    for note in 1..=notes {
        let chance = seed.child_number(note);
        let key = 60 + [0, 2, 4, 5, 7, 9, 11, 12][(chance.child_number(0).unit() * 8.0) as usize];
        pianist.send([0x90, key, 90]);
        beats(0.25 + 0.4 * chance.child_number(1).unit());
        pianist.send([0x80, key, 0]);
    }
    for _ in 0..1_000 {
        if let Some(left) = pianist.left() {
            return Ok(left);
        }
        sleep(Duration::from_millis(1));
    }
    bail!("the JACK server has taken no key for a second")
}

/// What became of a phrase that was over at `over`, from what was heard since it began.
fn judge(heard: &[MidiEvent], over: f64, bpm: f64) -> Answered {
    let beat = 60e6 / bpm;
    let struck =
        |channel: u8| heard.iter().filter(move |event| event.bytes[0] == channel && event.bytes[2] > 0);
    let Some(line) = struck(BEAT).next_back() else { return Answered::Never };
    let due = over + REST * beat;
    // The first beat after the rest.
    let first = line.at + ((due - line.at) / beat).ceil() * beat;
    match struck(ANSWERS).find(|event| event.at > over) {
        Some(event) => Answered::Beats(((event.at - first) / beat).round() as i64, (first - due) / 1e3),
        None => Answered::Never,
    }
}

fn say(name: &str, answered: &[Answered]) {
    let count = |late: i64| {
        answered.iter().filter(|one| matches!(one, Answered::Beats(by, _) if *by == late)).count()
    };
    let never = answered.iter().filter(|one| **one == Answered::Never).count();
    let mut near: Vec<f64> = answered
        .iter()
        .filter_map(|one| match one {
            Answered::Beats(by, left) if *by > 0 => Some(*left),
            _ => None,
        })
        .collect();
    near.sort_by(f64::total_cmp);
    let left =
        part(&near, 1.0).map_or(String::new(), |left| format!("; those had at most {left:.0} ms left"));
    println!(
        "{name}: {} phrases, {} with the first beat after the rest, {} one later{left}, {never} never",
        answered.len(),
        count(0) + count(-1),
        count(1),
    );
}
