//! A script without devices: evaluated once, its takes waited for, and played
//! by the same sequencer as live, as fast as the machine can.

mod outside;
mod unheard;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_inference::{Inference, Take, TakeState};
use lilt_models::catalogue::{Processor, catalogue};
use lilt_samples::{Bank, Fonts};
use lilt_score::{Beat, Meter};
use lilt_script::{Bakes, Diagnostic, Engine, Evaluation, Limits, Severity};
use lilt_sequencer::{Generation, Performance, STEPS_A_BEAT, SlotId, SlotStatus, Staging, Tempo, Timed};

use crate::diagnosis;
use crate::failure::Failure;
use crate::folder::{self, Folder};
use crate::journal::Journalled;
use crate::place;
use outside::Outside;

/// How long a script may run Lua that is rendered: 25 times what it may on stage. Whoever renders an endless
/// loop hears of it soon.
pub const RENDERED: Duration = Duration::from_secs(5);

/// How long one take may take where nobody waits on stage.
const TAKE_TIME: Duration = Duration::from_secs(600);

/// Most lines that are kept of what a script prints while it plays.
const MOST_PRINTED: usize = 2_000;

/// A script, and what it is evaluated with.
pub struct Offline {
    engine: Engine,
    file: PathBuf,
    text: String,
    /// What the script printed and was not taken yet.
    printed: Vec<String>,
    /// How many lines it printed while it played.
    heard: usize,
    sounds: Bank,
    fonts: Fonts,
    /// What comes in from outside while it plays, in order.
    journal: Vec<Journalled>,
}

/// A slot whose function failed while it played; it went on with what it had played before.
pub struct Failed {
    /// Which slot.
    pub slot: String,
    /// In which bar, from 1.
    pub bar: u32,
    /// What is wrong.
    pub diagnostic: Diagnostic,
}

/// What a script played.
pub struct Performed {
    /// Every event, in time order.
    pub timed: Vec<Timed>,
    /// The slots as they stood at the end.
    pub slots: Vec<SlotStatus>,
    /// Metre of the script.
    pub meter: Meter,
    /// What it wants to be shown.
    pub staging: Staging,
    /// The script's text, and the number that places of events know it by.
    pub source: Option<(u32, String)>,
    /// Every tempo that was reached: its beat, its second, and quarter notes a minute.
    pub tempos: Vec<(Beat, f64, f64)>,
    /// How many beats were played.
    pub beats: Beat,
    /// How many seconds that took in music.
    pub seconds: f64,
    /// What was clamped or left out.
    pub notices: Vec<Diagnostic>,
    /// The slots that failed, each once.
    pub failed: Vec<Failed>,
    /// The recorded sounds that it may play.
    pub sounds: Bank,
    /// The SoundFonts that it has opened.
    pub fonts: Fonts,
}

/// What there is to say about a script that is not wrong.
pub struct Checked {
    /// What was clamped or left out.
    pub notices: Vec<Diagnostic>,
    /// The model that nobody has trained yet, at which checking ended.
    pub untrained: Option<String>,
    /// Recorded sounds that it plays and that cannot be heard.
    pub unheard: Vec<Diagnostic>,
}

impl Performed {
    /// Quarter notes a minute at a beat.
    pub fn bpm_at(&self, beat: f64) -> f64 {
        let reached = self.tempos.iter().take_while(|(from, ..)| from.to_f64() <= beat).last();
        reached.map_or(Tempo::DEFAULT.bpm(), |(_, _, bpm)| *bpm)
    }

    /// The beat so many seconds after the beginning.
    pub fn beat_at(&self, seconds: f64) -> f64 {
        let at = self.tempos.partition_point(|(_, from, _)| *from <= seconds).saturating_sub(1);
        let Some((beat, from, bpm)) = self.tempos.get(at) else { return 0.0 };
        match self.tempos.get(at + 1) {
            // Where the tempo glides, a step of it ends where the next begins.
            Some((next, until, _)) => {
                let part = (seconds - from) / (until - from).max(f64::MIN_POSITIVE);
                beat.to_f64() + (next.to_f64() - beat.to_f64()) * part
            }
            None => beat.to_f64() + (seconds - from) * bpm / 60.0,
        }
    }

    /// Seconds from the beginning to a beat.
    pub fn seconds_at(&self, beat: f64) -> f64 {
        let at = self.tempos.partition_point(|(from, ..)| from.to_f64() <= beat).saturating_sub(1);
        let Some((from, seconds, bpm)) = self.tempos.get(at) else { return 0.0 };
        let further = beat - from.to_f64();
        match self.tempos.get(at + 1) {
            Some((next, until, _)) => seconds + further / (next.to_f64() - from.to_f64()) * (until - seconds),
            None => seconds + further * 60.0 / bpm,
        }
    }

    /// Name of a slot.
    pub fn name(&self, slot: SlotId) -> Option<&str> {
        self.slots.iter().find(|status| status.id == slot).map(|status| status.name.as_str())
    }
}

impl Offline {
    /// Opens a script that may run Lua for `lua_time`, or for as long as nobody waits; `seed` replaces the
    /// script's own, and `bakes` says what comes of what it bakes.
    ///
    /// # Errors
    /// When the script or the weights cannot be read.
    pub fn open(
        file: &Path,
        lua_time: Option<Duration>,
        seed: Option<u64>,
        bakes: Bakes,
    ) -> Result<Offline, Failure> {
        let text = folder::read_script(file).map_err(Failure::Use)?;
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let folder = Folder::of(file);
        let fonts = folder.fonts().clone();
        let models = catalogue(place::weights()?, Some(folder.path().to_path_buf()), Processor::Cpu);
        let inference = Inference::new(models, workers).map_err(Failure::of_use)?;
        let unhurried = Limits::unhurried();
        let limits = Limits {
            lua_time: lua_time.or(unhurried.lua_time),
            take_time: TAKE_TIME,
            seed,
            bakes,
            // Batch work gets all of what it prints.
            most_printed_lines: None,
            longest_line: None,
            ..unhurried
        };
        let engine = Engine::new(inference, Box::new(folder), limits).map_err(Failure::of_use)?;
        let sounds = place::sounds(file, &[]);
        Ok(Offline {
            engine,
            file: file.to_path_buf(),
            text,
            printed: Vec::new(),
            heard: 0,
            sounds,
            fonts,
            journal: Vec::new(),
        })
    }

    /// With sounds of further folders.
    #[must_use]
    pub fn with_sounds(mut self, further: &[PathBuf]) -> Offline {
        self.sounds = place::sounds(&self.file, further);
        self
    }

    /// With what came in while it was played before.
    #[must_use]
    pub fn with_journal(mut self, journal: Vec<Journalled>) -> Offline {
        self.journal = journal;
        self
    }

    /// What could not be listed of the folders of sounds, in words.
    pub fn sound_warnings(&self) -> &[String] {
        self.sounds.warnings()
    }

    /// What is wrong with recorded sounds and SoundFonts that a performance plays, each once, where the script
    /// plays it: their files are opened.
    pub fn unheard(&self, performed: &Performed) -> Vec<Diagnostic> {
        unheard::unheard(performed, &self.text, &self.name())
    }

    /// The name under which diagnostics know the script.
    fn name(&self) -> String {
        self.file.display().to_string()
    }

    /// Runs the script once.
    pub fn evaluate(&mut self) -> Evaluation {
        let name = self.name();
        self.engine.set_sounds(Some(Arc::new(place::sound_names(&self.sounds))));
        self.engine.evaluate(&self.text, &name)
    }

    /// What the script printed since the last call, while it was read and while it played.
    pub fn take_printed(&mut self) -> Vec<String> {
        self.hear_printed();
        std::mem::take(&mut self.printed)
    }

    /// Takes in what functions printed that run while the music plays: they may do so for ever.
    fn hear_printed(&mut self) {
        let lines = self.engine.printed();
        let room = MOST_PRINTED.saturating_sub(self.heard);
        let had_room = self.heard <= MOST_PRINTED;
        self.heard += lines.len();
        self.printed.extend(lines.into_iter().take(room));
        if had_room && self.heard > MOST_PRINTED {
            self.printed.push(format!("… (more than {MOST_PRINTED} lines: the rest is left out)"));
        }
    }

    /// What is told of slots that failed while they played; empty where none did.
    pub fn drawn_failures(&self, failed: &[Failed]) -> String {
        let told = failed.iter().map(|failed| {
            let (slot, bar) = (&failed.slot, failed.bar);
            let drawn = self.drawn(&failed.diagnostic);
            format!("{drawn}slot `{slot}` failed in bar {bar} and went on with what it had played\n")
        });
        told.collect()
    }

    /// A diagnostic with its line and caret.
    pub fn drawn(&self, diagnostic: &Diagnostic) -> String {
        diagnostic.render(&self.text)
    }

    /// Waits for takes, and gives what went wrong with the first that failed.
    ///
    /// # Errors
    /// When a take failed, or took longer than anybody waits.
    pub fn wait_for(&mut self, takes: &[Take]) -> Result<(), Diagnostic> {
        for take in takes {
            let name = take.model_name();
            match self.engine.wait_for(take, Instant::now() + TAKE_TIME) {
                TakeState::Ready(_) => {}
                TakeState::Pending { .. } => {
                    let seconds = TAKE_TIME.as_secs();
                    return Err(self
                        .whole(format!("the model {name} took longer than {seconds} seconds over a take")));
                }
                TakeState::Failed(error) => {
                    return Err(self.whole(format!("the model {name} failed: {error}")));
                }
            }
        }
        Ok(())
    }

    /// Evaluates the script and plans two bars of it; gives what was clamped. A model that has yet to be
    /// trained is no mistake of the text, which is then checked as far as that.
    ///
    /// # Errors
    /// What is wrong with the script.
    pub fn check(&mut self) -> Result<Checked, Diagnostic> {
        let evaluation = self.evaluate();
        match (evaluation.result, evaluation.untrained) {
            (Err(diagnostic), Some(model)) => {
                let warning = Diagnostic { severity: Severity::Warning, ..diagnostic };
                let notices = evaluation.notices.into_iter().chain([warning]).collect();
                Ok(Checked { notices, untrained: Some(model), unheard: Vec::new() })
            }
            (result, _) => {
                let mut performed =
                    self.perform_evaluated(Evaluation { result, untrained: None, ..evaluation }, 2)?;
                if let Some(failed) = std::mem::take(&mut performed.failed).into_iter().next() {
                    return Err(failed.diagnostic);
                }
                let unheard = self.unheard(&performed);
                Ok(Checked { notices: performed.notices, untrained: None, unheard })
            }
        }
    }

    /// Plays `bars` bars. A slot that fails while it plays goes on with what it played before, as it does on stage.
    ///
    /// # Errors
    /// What is wrong with the script, as far as the first two bars show it.
    pub fn perform(&mut self, bars: u32) -> Result<Performed, Diagnostic> {
        let evaluation = self.evaluate();
        self.perform_evaluated(evaluation, bars)
    }

    fn perform_evaluated(&mut self, evaluation: Evaluation, bars: u32) -> Result<Performed, Diagnostic> {
        self.printed.extend(evaluation.printed);
        let name = self.name();
        let source = evaluation.texts.iter().find(|text| text.name == name);
        let source = source.map(|text| (text.number, text.text.to_string()));
        let generation = evaluation.result?;
        for take in &evaluation.takes {
            // One that failed is told by the slot that plays it.
            if let TakeState::Pending { .. } = self.engine.wait_for(take, Instant::now() + TAKE_TIME) {
                self.wait_for(std::slice::from_ref(take))?;
            }
        }
        let mut performed = self.play(generation, bars)?;
        performed.source = source;
        performed.notices.splice(0..0, evaluation.notices);
        Ok(performed)
    }

    /// Plays so many bars of what a script declared, whose takes are there.
    ///
    /// # Errors
    /// What is wrong with the script, as far as the first two bars show it.
    pub fn play(&mut self, generation: Generation, bars: u32) -> Result<Performed, Diagnostic> {
        let (meter, staging) = (generation.meter, generation.staging);
        let beats = meter.bar() * Beat::whole(i64::from(bars));
        let mut performance = Performance::new();
        let proposed = performance.propose(generation, 0.0);
        let proposal = proposed.map_err(|error| diagnosis::of_plan(error, &self.name()))?;
        let (mut timed, mut failed) = (Vec::new(), Vec::new());
        let mut limits = proposal.notices;
        let mut outside = Outside::new(std::mem::take(&mut self.journal));
        for bar in 1..=bars {
            let filled =
                outside.play_to(self, &mut performance, meter.bar() * Beat::whole(i64::from(bar)))?;
            for fault in filled.faults {
                let diagnostic = diagnosis::of_query(fault.error, &self.name(), fault.line);
                failed.push(Failed { slot: fault.name, bar, diagnostic });
            }
            limits.extend(filled.notices);
            timed.extend(filled.events);
            self.hear_printed();
        }
        timed.extend(outside.end(&performance, beats));
        let end = performance.view().seconds_at(beats);
        let tempos = tempos(&performance, beats);
        let slots: Vec<SlotStatus> = performance.slots().collect();
        timed.extend(performance.hush(end));
        let notices = limits.iter().map(|notice| diagnosis::of_notice(notice, &self.name())).collect();
        Ok(Performed {
            timed,
            slots,
            meter,
            staging,
            source: None,
            tempos,
            beats,
            seconds: end,
            notices,
            failed,
            sounds: self.sounds.clone(),
            fonts: self.fonts.clone(),
        })
    }

    fn whole(&self, message: String) -> Diagnostic {
        Diagnostic::at_line(&self.name(), 1, message)
    }
}

/// The tempos of a performance up to a beat, each where it begins.
fn tempos(performance: &Performance, beats: Beat) -> Vec<(Beat, f64, f64)> {
    let view = performance.view();
    let mut tempos: Vec<(Beat, f64, f64)> = Vec::new();
    for step in 0..(beats * Beat::whole(STEPS_A_BEAT)).ceil().max(1) {
        let beat = Beat::new(step, STEPS_A_BEAT);
        let bpm = view.bpm_at(beat);
        if tempos.last().is_none_or(|(_, _, last)| *last != bpm) {
            tempos.push((beat, view.seconds_at(beat), bpm));
        }
    }
    tempos
}
