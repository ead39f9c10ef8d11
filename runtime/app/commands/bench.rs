//! `lilt bench`: how fast this machine plays, work by work.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lilt_inference::Inference;
use lilt_models::catalogue::{Processor, catalogue};
use lilt_models::folk::measure::step_times;
use lilt_models::folk::model::FolkModel;
use lilt_script::{Bakes, Engine, Limits};
use lilt_sequencer::Sequencer;
use lilt_synth::{Command, CommandKind, Instrument, Mixer, MixerConfig, VoiceKind};
use serde::Serialize;

use crate::command_line::Bench;
use crate::commands::render;
use crate::failure::Failure;
use crate::offline::{Offline, UNHURRIED};
use crate::place;

/// A line of the result.
#[derive(Serialize)]
struct Row {
    work: String,
    p50_ms: f64,
    p99_ms: f64,
    runs: usize,
}

/// Measures each kind of work on one thread, and prints a line as soon as it is known.
pub fn bench(words: Bench) -> Result<(), Failure> {
    let report = |work: &str, times: Vec<Duration>| print(&row(work, times), words.json);
    report("mixer: one second of 64 pad voices", mixer(20)?);
    step(&report)?;
    keystroke(&report)?;
    takes(&report)?;
    report("render: 64 bars of a full set to sound", full_set(3)?);
    Ok(())
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
    Row { work: work.to_string(), p50_ms: at(0.5), p99_ms: at(0.99), runs: times.len() }
}

fn print(row: &Row, json: bool) {
    if json {
        // Strings and finite numbers always have a JSON form.
        println!("{}", serde_json::to_string(row).expect("a row serialises"));
    } else {
        println!(
            "{:<44} p50 {:>9.3} ms   p99 {:>9.3} ms   {} runs",
            row.work, row.p50_ms, row.p99_ms, row.runs
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
fn step(report: &impl Fn(&str, Vec<Duration>)) -> Result<(), Failure> {
    let folk = FolkModel::load(&place::weights()?, &Processor::Cpu.open().map_err(Failure::of_use)?)
        .map_err(Failure::of_use)?;
    for (batch, runs) in [(1, 2_000), (64, 200)] {
        let measured = step_times(folk.step(), batch, runs).map_err(Failure::of_use)?;
        report(&format!("step folk batch {batch}"), measured);
    }
    Ok(())
}

/// From a keystroke to a new plan, in a full set whose takes are known.
fn keystroke(report: &impl Fn(&str, Vec<Duration>)) -> Result<(), Failure> {
    let inference =
        Inference::new(catalogue(place::weights()?, None, Processor::Cpu), 1).map_err(Failure::of_use)?;
    let mut engine = Engine::new(inference, Box::new(()), Limits::default()).map_err(Failure::of_use)?;
    let text = crate::folder::read_script(&full_set_script()?).map_err(Failure::Use)?;
    let mut sequencer = Sequencer::new();
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
        sequencer.propose(generation, now).map_err(Failure::of_use)?;
        sequencer.fill(now, 0.12);
        Ok::<(), Failure>(())
    })?;
    // The first run loads the model and asks for the takes.
    report("keystroke to new plan, full set", measured[10..].to_vec());
    Ok(())
}

/// What models are asked while a performer waits, `SEED` standing for a number that changes, so that
/// nothing is remembered. The reward is a function in Lua.
const ASKED: [(&str, &str, usize); 9] = [
    ("sample folk 4 bars", "model('folk'):sample { bars = 4, seed = SEED }:notes()", 50),
    (
        "continue folk 8 + some 32 notes",
        "local heard = clip({ 60, 62, 64, 65, 67, 65, 64, 62 }):stretch(1/2)
        model('folk', { key = 'C major', meter = '4/4' }):continue(heard, { bars = 4, seed = SEED }):notes()",
        50,
    ),
    ("sample melody 2 bars", "model('melody'):sample { bars = 2, seed = SEED }:notes()", 50),
    (
        "interpolate melody, 2 bars, 8 steps",
        "local m = model 'melody' local a, b = m:sample { bars = 2, seed = SEED }, m:sample { bars = 2, seed = SEED + 1 }
        m:interpolate(a, b, { steps = 8 })[2]:notes()",
        20,
    ),
    (
        "tilt folk 2 bars, 64 particles, Lua reward",
        "model('folk'):tilt(reward.calm):sample { bars = 2, seed = SEED }:notes()",
        30,
    ),
    (
        "first draft of that, 8 particles",
        "model('folk'):tilt(reward.calm, { particles = 8 }):sample { bars = 2, seed = SEED }:notes()",
        30,
    ),
    (
        "tilt folk 2 bars, 64 particles, steps in Lua",
        "local step = reward.step(function(note, before) return before and -math.abs(note.pitch - before.pitch) / 4 or 0 end)
        model('folk'):tilt(step):sample { bars = 2, seed = SEED }:notes()",
        30,
    ),
    (
        "tilt markov 32 notes, 256 particles, Lua reward",
        "markov(clip { 60, 62, 64, 67, 64, 62, 60, 67 }):tilt(reward.calm, { particles = 256 })
        :sample { notes = 32, seed = SEED }:notes()",
        30,
    ),
    (
        "harmonise 4 bars",
        "local tune = model('folk', { meter = '4/4' }):sample { bars = 4, seed = 1 }
        model('chorale'):harmonise(tune, { seed = SEED }):notes()",
        5,
    ),
];

/// Takes from the script's call to the last note, with one worker.
fn takes(report: &impl Fn(&str, Vec<Duration>)) -> Result<(), Failure> {
    let inference =
        Inference::new(catalogue(place::weights()?, None, Processor::Cpu), 1).map_err(Failure::of_use)?;
    // Unhurried: whoever waits for the whole wants no draft before it.
    let limits = Limits { lua_time: Some(UNHURRIED), unhurried: true, ..Limits::default() };
    let mut engine = Engine::new(inference, Box::new(()), limits).map_err(Failure::of_use)?;
    for (work, text, runs) in ASKED {
        let mut seed = 0;
        let measured = times(runs + 1, || {
            seed += 10;
            let evaluation = engine.evaluate(&text.replace("SEED", &seed.to_string()), "bench.lua");
            evaluation.result.map(drop).map_err(Failure::of_use)
        })?;
        // The first run loads the model.
        report(work, measured[1..].to_vec());
    }
    Ok(())
}

/// The full set, from its text to 64 bars of samples.
fn full_set(runs: usize) -> Result<Vec<Duration>, Failure> {
    let script = full_set_script()?;
    times(runs, || {
        let mut offline = Offline::open(&script, UNHURRIED, None, Bakes::First)?;
        let performed = offline.perform(64).map_err(|error| Failure::Script(offline.drawn(&error)))?;
        black_box(render::sound(&performed)?);
        Ok(())
    })
}

/// The example that is a whole set, beside the weights in the repository.
fn full_set_script() -> Result<PathBuf, Failure> {
    let weights = place::weights()?;
    let root = weights.ancestors().nth(2).unwrap_or(Path::new("."));
    Ok(root.join("examples/07-a-full-set.lua"))
}
