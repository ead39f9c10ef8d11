//! `lilt bench`: how fast this machine plays, work by work.

mod asked;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lilt_inference::{Inference, Markov};
use lilt_models::catalogue::{Processor, catalogue};
use lilt_models::folk::measure::step_times;
use lilt_models::folk::model::FolkModel;
use lilt_score::{Beat, Clip, Note, Pitch, Seed, Tone, Velocity};
use lilt_script::{Bakes, Engine, Limits};
use lilt_sequencer::Performance;
use lilt_synth::{Command, CommandKind, Instrument, Mixer, MixerConfig, Params, VoiceKind};
use serde::Serialize;

use asked::{Asked, asked};

use crate::command_line::Bench;
use crate::commands::render;
use crate::failure::Failure;
use crate::offline::Offline;
use crate::place;

/// A line of the result.
#[derive(Serialize)]
struct Row {
    work: String,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    runs: usize,
}

/// Measures each kind of work on one thread, and prints a line as soon as it is known.
pub fn bench(words: Bench) -> Result<(), Failure> {
    words.line("mixer: one second of 64 pad voices", || mixer(20))?;
    step(&words)?;
    words.line("keystroke to new plan, full set", || {
        keystroke(&crate::folder::read_script(&full_set_script()?).map_err(Failure::Use)?)
    })?;
    words.line("keystroke to new plan, 120 lines of forty verbs", || keystroke(FORTY_VERBS))?;
    words.line("markov taught 64 notes, order 2", || chain(200))?;
    takes(&words)?;
    words.line("render: 64 bars of a full set to sound", || full_set(3))
}

impl Bench {
    /// Measures and prints a line, if it is wanted.
    fn line(
        &self,
        work: &str,
        measure: impl FnOnce() -> Result<Vec<Duration>, Failure>,
    ) -> Result<(), Failure> {
        if self.only.as_ref().is_none_or(|only| work.contains(only)) {
            print(&row(work, measure()?), self.json);
        }
        Ok(())
    }
}

/// Times `runs` runs of `work`.
fn times<E>(runs: usize, mut work: impl FnMut() -> Result<(), E>) -> Result<Vec<Duration>, E> {
    (0..runs)
        .map(|_| {
            let began = Instant::now();
            work()?;
            Ok(began.elapsed())
        })
        .collect()
}

fn row(work: &str, mut times: Vec<Duration>) -> Row {
    times.sort();
    let at = |share: f64| {
        let index = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(index).map_or(0.0, |time| (time.as_secs_f64() * 1e6).round() / 1e3)
    };
    Row { work: work.to_string(), p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99), runs: times.len() }
}

fn print(row: &Row, json: bool) {
    if json {
        // Strings and finite numbers always have a JSON form.
        println!("{}", serde_json::to_string(row).expect("a row serialises"));
    } else {
        println!(
            "{:<52} p50 {:>9.3} ms   p95 {:>9.3} ms   p99 {:>9.3} ms   {} runs",
            row.work, row.p50_ms, row.p95_ms, row.p99_ms, row.runs
        );
    }
}

/// A second of sound with every voice of the mixer sounding.
fn mixer(runs: usize) -> Result<Vec<Duration>, Failure> {
    let config = MixerConfig::default();
    let mut mixer = Mixer::new(config);
    for voice in 0..config.voices as u16 {
        let pitch = 40.0 + f32::from(voice) / 2.0;
        let kind = CommandKind::NoteOn {
            id: u64::from(voice),
            voice: VoiceKind::Pitched { instrument: Instrument::Pad, pitch },
            velocity: 0.8,
            params: Params::NONE,
        };
        mixer.push(Command { frame: 0, slot: voice, kind }).map_err(Failure::of_use)?;
    }
    let mut out = vec![0.0; config.sample_rate as usize * 2];
    times(runs, || {
        mixer.render(black_box(&mut out));
        Ok(())
    })
}

/// One step of the folk network, alone and for many particles at once.
fn step(words: &Bench) -> Result<(), Failure> {
    let folk = FolkModel::load(&place::weights()?, &Processor::Cpu.open().map_err(Failure::of_use)?)
        .map_err(Failure::of_use)?;
    for (batch, runs) in [(1, 2_000), (64, 200)] {
        words.line(&format!("step folk batch {batch}"), || {
            step_times(folk.step(), batch, runs).map_err(Failure::of_use)
        })?;
    }
    Ok(())
}

/// A set without models that uses more than forty verbs.
const FORTY_VERBS: &str = include_str!("../../script/benches/forty-verbs.lua");

/// From a keystroke to a new plan, in a set whose takes are known.
fn keystroke(text: &str) -> Result<Vec<Duration>, Failure> {
    let inference =
        Inference::new(catalogue(place::weights()?, None, Processor::Cpu), 1).map_err(Failure::of_use)?;
    let mut engine = Engine::new(inference, Box::new(()), Limits::default()).map_err(Failure::of_use)?;
    let mut performance = Performance::new();
    let mut now = 0.0;
    let mut keys = 0;
    let mut held = Vec::new();
    let measured = times(300, || {
        keys += 1;
        now += 0.05;
        let typed = format!("{text}\nplay(\"typed\", \"c4*{}\")\n", 1 + keys % 8);
        let evaluation = engine.evaluate(&typed, "set.lua");
        held = evaluation.takes;
        let generation = evaluation.result.map_err(Failure::of_use)?;
        performance.propose(generation, now).map_err(Failure::of_use)?;
        performance.fill(now + 0.12);
        Ok::<(), Failure>(())
    })?;
    // The first run loads the model and asks for the takes.
    Ok(measured[10..].to_vec())
}

/// Takes from the script's call to the last note, with one worker.
fn takes(words: &Bench) -> Result<(), Failure> {
    let inference =
        Inference::new(catalogue(place::weights()?, None, Processor::Cpu), 1).map_err(Failure::of_use)?;
    // Unhurried: whoever waits for the whole wants no draft before it.
    let mut engine = Engine::new(inference, Box::new(()), Limits::unhurried()).map_err(Failure::of_use)?;
    for Asked { work, text, runs } in asked() {
        let mut seed = 0;
        words.line(&work, || {
            let measured = times(runs + 1, || {
                seed += 10;
                let evaluation = engine.evaluate(&text.replace("SEED", &seed.to_string()), "bench.lua");
                evaluation.result.map(drop).map_err(Failure::of_use)
            })?;
            // The first run loads the model.
            Ok(measured[1..].to_vec())
        })?;
    }
    Ok(())
}

/// A chain that is taught 64 notes.
fn chain(runs: usize) -> Result<Vec<Duration>, Failure> {
    let note = |place: i64| Note {
        start: Beat::new(place, 2),
        duration: Beat::new(1, 2),
        tone: Tone::Pitch(Pitch::from_key(60 + (Seed(1).child_number(place as u64).unit() * 12.0) as u8)),
        velocity: Velocity::DEFAULT,
    };
    let clip = Clip::new((0..64).map(note).collect(), Beat::whole(32)).map_err(Failure::of_use)?;
    let clips = [clip];
    times(runs, || {
        black_box(Markov::new(black_box(&clips), 2, 0.1).map_err(Failure::of_use)?);
        Ok(())
    })
}

/// The full set, from its text to 64 bars of samples.
fn full_set(runs: usize) -> Result<Vec<Duration>, Failure> {
    let script = full_set_script()?;
    times(runs, || {
        let mut offline = Offline::open(&script, None, None, Bakes::First)?;
        let performed = offline.perform(64).map_err(|error| Failure::Script(offline.drawn(&error)))?;
        black_box(render::sound(&performed)?.0);
        Ok(())
    })
}

/// The example that is a whole set, beside the weights in the repository.
fn full_set_script() -> Result<PathBuf, Failure> {
    let weights = place::weights()?;
    let root = weights.ancestors().nth(2).unwrap_or(Path::new("."));
    Ok(root.join("examples/27-a-full-set.lua"))
}
