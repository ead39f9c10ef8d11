//! How soon an edit is heard: a table, by one command.
//!
//! `cargo run --release -p lilt-soundcheck --bin edit-latency -- [--lilt PATH] [--edits N] [--load 0.5]`
//!
//! With `--midi` the program must be a build with `--features jack`.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use lilt_score::Seed;
use lilt_soundcheck::grid::{LEAD, judge};
use lilt_soundcheck::load::Load;
use lilt_soundcheck::recorder::Recorder;
use lilt_soundcheck::score::{Quantum, State, TEMPO, script};
use lilt_soundcheck::server::again_under;
use lilt_soundcheck::table::{head, row};
use lilt_soundcheck::trial::{Edit, Outcome, Trial, Way};

/// The pause in the typing after which the host plays what was typed, in microseconds.
const TYPING: f64 = 120e3;

/// Measures how soon an edit of a playing script is heard.
#[derive(Parser)]
struct Words {
    /// The program that is measured.
    #[arg(long, value_name = "PATH", default_value = "target/release/lilt")]
    lilt: PathBuf,
    /// Edits of each kind.
    #[arg(long, value_name = "N", default_value_t = 500)]
    edits: usize,
    /// How busy every core is kept with other work, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    load: f64,
    /// Measure MIDI too: the program must be built with `--features jack`.
    #[arg(long)]
    midi: bool,
    /// Another number, other moments at which edits are made.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Only these kinds of edits.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Kind>,
}

/// The kinds of edits.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    SavedNow,
    TypedNow,
    CommittedNow,
    SavedBeat,
    CommittedBeat,
}

impl Kind {
    fn parts(self) -> (Way, Quantum) {
        match self {
            Kind::SavedNow => (Way::Saved, Quantum::Now),
            Kind::TypedNow => (Way::Typed, Quantum::Now),
            Kind::CommittedNow => (Way::Committed, Quantum::Now),
            Kind::SavedBeat => (Way::Saved, Quantum::Beat),
            Kind::CommittedBeat => (Way::Committed, Quantum::Beat),
        }
    }
}

fn main() -> Result<ExitCode> {
    let words = Words::parse();
    if let Some(code) = again_under("lilt-edit-latency")? {
        return Ok(code);
    }
    let recorder = Arc::new(Recorder::start()?);
    let load = Load::start(words.load)?;
    println!("{}", head());
    let mut code = ExitCode::SUCCESS;
    for kind in Kind::value_variants() {
        if words.only.is_empty() || words.only.contains(kind) {
            // One kind that cannot be measured does not end the table.
            if let Err(error) = measure(&words, *kind, &recorder) {
                let (way, quantum) = kind.parts();
                println!("{quantum}, {way}: NOT MEASURED: {error:#}");
                code = ExitCode::FAILURE;
            }
        }
    }
    drop(load);
    println!("cycles that the JACK server or a client missed: {}", recorder.xruns());
    Ok(code)
}

fn measure(words: &Words, kind: Kind, recorder: &Arc<Recorder>) -> Result<()> {
    let (way, quantum) = kind.parts();
    if let Some(why) = refuses(words, quantum)? {
        println!("quantum \"{quantum}\", {way}: this program does not play it: {why}");
        return Ok(());
    }
    let seed = Seed(words.seed).child_number(kind as u64);
    let trial = Trial { quantum, way, edits: words.edits, seed, midi: words.midi };
    let outcome = trial.run(&words.lilt, recorder, |done| {
        if done % 50 == 0 {
            eprintln!("quantum \"{quantum}\", {way}: {done} of {}", words.edits);
        }
    })?;
    print(way, quantum, &outcome);
    Ok(())
}

/// When something of an edit was heard.
type Heard = fn(&Edit) -> Option<f64>;

fn print(way: Way, quantum: Quantum, outcome: &Outcome) {
    let since = |heard: Heard, less: f64| -> Vec<Option<f64>> {
        outcome.edits.iter().map(|edit| heard(edit).map(|at| at - edit.made - less)).collect()
    };
    let name = |what: &str| format!("{quantum}, {way}: {what}");
    let kinds: [(&str, Heard); 3] =
        [("notes", |edit| edit.stream), ("gain", |edit| edit.tone), ("MIDI", |edit| edit.note)];
    for (what, heard) in kinds.into_iter().take(if outcome.ledger.is_some() { 3 } else { 2 }) {
        println!("{}", row(&name(what), &since(heard, 0.0)));
        if way == Way::Typed {
            println!("{}", row(&format!("    {what}, less the pause in the typing"), &since(heard, TYPING)));
        }
        if quantum == Quantum::Beat && what != "gain" {
            let heard: Vec<(f64, f64)> =
                outcome.edits.iter().filter_map(|edit| Some((edit.made, heard(edit)?))).collect();
            let beats = judge(&heard, 60e6 / TEMPO);
            println!(
                "    {what}: {} of {} edits made {:.0} ms or more before a beat missed it; the longest time before \
                 a beat that was not enough: {:.1} ms; on the beat within {:.1} ms",
                beats.missed,
                heard.len(),
                LEAD / 1e3,
                beats.longest_missed_lead / 1e3,
                beats.scatter / 1e3
            );
        }
    }
    if let Some(ledger) = &outcome.ledger {
        let jitter =
            ledger.jitter_p99().map_or("unknown".to_string(), |jitter| format!("{:.2} ms", jitter / 1e3));
        println!(
            "    MIDI: {} notes, {} doubled, {} hanging, {} that the record does not hold; jitter p99 {jitter}",
            ledger.notes, ledger.doubled, ledger.hanging, ledger.unwritten
        );
    }
    if outcome.lost > 0 {
        println!("    NOT HEARD by this program, which was too slow: {} cycles or notes", outcome.lost);
    }
    for line in &outcome.said {
        println!("    the host said: {line}");
    }
}

/// Why the program does not play scripts of this quantum; nothing where it does.
fn refuses(words: &Words, quantum: Quantum) -> Result<Option<String>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("set.lua");
    std::fs::write(&path, script(quantum, State::Low, 0, words.midi))?;
    let checked = Command::new(&words.lilt)
        .arg("check")
        .arg(&path)
        .output()
        .with_context(|| format!("{} does not start", words.lilt.display()))?;
    if checked.status.success() {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&checked.stderr);
    let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason");
    Ok(Some(first.trim().to_string()))
}
