//! The conductor: owns the script's VM, fills the plan ahead of the playhead,
//! and decides what every edit, save and arrival does to the music.

use std::cell::{RefCell, RefMut};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use lilt_editor::protocol::{ClientMessage, HostMessage};
use lilt_editor::{ClientId, Debounce, HostEvent, HostSocket, Recipient};
use lilt_inference::{BakeState, Baking, Inference, Take};
use lilt_script::{Diagnostic, Engine};
use lilt_sequencer::Generation;

use super::stage::{HORIZON, HORIZON_BEFORE_LUA, Stage, TICK};
use super::view::View;
use super::wake::{Wake, Wakes};
use super::watch::{Concern, Watched};
use crate::diagnosis;
use crate::folder;

/// How often a lost sound card is looked for.
const REOPEN: Duration = Duration::from_secs(1);

/// One save comes as several events within so long: a text that was read already is not read again.
const ONE_SAVE: Duration = Duration::from_millis(200);

/// How long rewards are answered between two looks at everything else.
const REWARDS: Duration = Duration::from_millis(5);

/// Owns the script and the stage, on one thread.
pub struct Conductor {
    file: PathBuf,
    engine: Engine,
    inference: Inference,
    stage: Rc<RefCell<Stage>>,
    socket: Option<HostSocket>,
    view: View,
    debounce: Debounce,
    /// The newest text that was evaluated, from wherever it came.
    text: String,
    /// A generation that waits for the typing to pause.
    waiting: Option<Accepted>,
    /// Takes of the generation that plays: holding them keeps them from being cancelled.
    playing: Vec<Take>,
    /// What is baked for the newest text that was accepted: holding it keeps it from being given up.
    bakings: Vec<Baking>,
    /// Files beside the script that it requires.
    required: Vec<String>,
    last_error: Option<Diagnostic>,
    /// Bakes of which it was said what came of them.
    told: HashSet<String>,
    /// The editor that sent the newest text, and its number for it.
    last_change: Option<(ClientId, i32)>,
    looked: Instant,
    /// When the script was last read from disk.
    read: Option<Instant>,
    /// True while models wait for answers of functions of the script.
    asked: bool,
}

/// An evaluation that gave a whole generation.
struct Accepted {
    generation: Generation,
    takes: Vec<Take>,
}

impl Conductor {
    /// A conductor of the script `file`; nothing plays yet.
    pub fn new(
        file: PathBuf,
        mut engine: Engine,
        inference: Inference,
        stage: Stage,
        socket: Option<HostSocket>,
        view: View,
    ) -> Conductor {
        let stage = Rc::new(RefCell::new(stage));
        let playing_on = Rc::clone(&stage);
        engine.while_waiting(move || playing_on.borrow_mut().fill(HORIZON));
        Conductor {
            file,
            engine,
            inference,
            stage,
            socket,
            view,
            debounce: Debounce::new(),
            text: String::new(),
            waiting: None,
            playing: Vec::new(),
            bakings: Vec::new(),
            required: Vec::new(),
            last_error: None,
            told: HashSet::new(),
            last_change: None,
            looked: Instant::now(),
            read: None,
            asked: false,
        }
    }

    /// The part that plays. Held only for one statement: an evaluation that waits
    /// for a take fills the plan through its own handle.
    fn stage(&self) -> RefMut<'_, Stage> {
        self.stage.borrow_mut()
    }

    /// Plays until it is asked to end.
    pub fn run(mut self, mut wakes: Wakes) {
        self.read_and_commit(false);
        while !self.answer(wakes.next(self.pause())) {
            self.tick();
        }
        self.stage().hush();
        self.stage().loudspeaker.let_ring(Duration::from_millis(80));
        self.view.farewell(&self.stage());
        if let Some(socket) = &self.socket {
            socket.send(Recipient::All, HostMessage::Goodbye { message: "the host has ended".to_string() });
        }
    }

    fn pause(&self) -> Duration {
        if self.asked {
            return Duration::ZERO;
        }
        self.debounce.wait(Instant::now()).map_or(TICK, |wait| wait.min(TICK))
    }

    /// What a wake-up does; true when the host is to end.
    fn answer(&mut self, wake: Wake) -> bool {
        match wake {
            Wake::Saved(path) => self.saved(&path),
            Wake::Arrived => self.stage().sequencer.arrived(),
            Wake::Tick => {}
            Wake::Asked => self.asked = true,
            Wake::Baked => self.baked(),
            Wake::Editor(HostEvent::Message(client, message)) => return self.message(client, message),
            Wake::Editor(HostEvent::Attached(client)) => self.view.greet(client, self.socket.as_ref()),
            Wake::Editor(HostEvent::Detached(_)) => {}
            Wake::Quit => return true,
        }
        false
    }

    fn message(&mut self, client: ClientId, message: ClientMessage) -> bool {
        match message {
            ClientMessage::Change { version, text } => self.change(client, version, text),
            ClientMessage::Commit => self.debounce.commit_now(),
            ClientMessage::Hush => {
                self.debounce.cancel();
                self.stage().hush();
            }
            ClientMessage::Panic => self.stage().hush(),
            ClientMessage::Stop => return true,
            ClientMessage::Hello { .. } | ClientMessage::Detach => {}
        }
        false
    }

    /// A keystroke: evaluated at once, committed when the typing pauses.
    fn change(&mut self, client: ClientId, version: i32, text: String) {
        let began = Instant::now();
        self.last_change = Some((client, version));
        let diagnostics = self.evaluate(text);
        if self.waiting.is_some() {
            self.debounce.changed(Instant::now());
        } else {
            self.debounce.cancel();
        }
        let micros = began.elapsed().as_micros().try_into().unwrap_or(u64::MAX);
        let diagnostics = diagnostics.iter().map(diagnosis::for_editor).collect();
        let evaluated = HostMessage::Evaluated { version: Some(version), diagnostics, micros };
        if let Some(socket) = &self.socket {
            socket.send(Recipient::One(client), evaluated);
        }
    }

    /// A file was saved: the script itself, or one that it requires.
    fn saved(&mut self, path: &Path) {
        let watched = Watched { script: self.file.clone(), required: self.required.clone() };
        if let Some(concern) = watched.concerns(path) {
            self.read_and_commit(concern == Concern::Required);
        }
    }

    /// Reads the script from disk and plays it from the next boundary.
    /// A text that plays already is left alone, unless a file that it requires changed.
    fn read_and_commit(&mut self, required_changed: bool) {
        let read = folder::read_script(&self.file).and_then(|text| match text.trim().is_empty() {
            true => {
                Err(format!("{} is empty: an editor may be in the middle of saving it", self.file.display()))
            }
            false => Ok(text),
        });
        let just_read = self.read.replace(Instant::now()).is_some_and(|read| read.elapsed() < ONE_SAVE);
        match read {
            Ok(text) if text == self.text && !required_changed && (just_read || self.plays_as_written()) => {}
            Ok(text) => {
                self.evaluate(text);
                self.commit();
            }
            Err(message) => {
                let diagnostic = Diagnostic::at_line(&self.name(), 1, message);
                if self.last_error.as_ref() != Some(&diagnostic) {
                    self.view.complain_of_file(&diagnostic, &self.stage());
                    self.last_error = Some(diagnostic);
                }
            }
        }
    }

    /// True when what plays is what the newest text says.
    fn plays_as_written(&self) -> bool {
        self.waiting.is_none() && self.last_error.is_none() && self.stage().sequencer.slots().next().is_some()
    }

    /// A bake is done: says what came of it, and plays it from the next boundary, or, while
    /// somebody types, with what is typed.
    fn baked(&mut self) {
        for baking in &self.bakings {
            if let BakeState::Ready(baked) = baking.poll()
                && !self.told.contains(baking.identity())
            {
                self.told.insert(baking.identity().to_owned());
                self.view.say_baked(baking.model_name(), &baked.comparison, self.socket.as_ref());
            }
        }
        let typing = self.waiting.is_some();
        if self.last_error.is_none() {
            let text = self.text.clone();
            self.evaluate(text);
            if !typing {
                self.commit();
            }
        }
    }

    /// Evaluates a text into a waiting generation, or complains. The plan is filled
    /// far enough ahead that the music outlasts the longest evaluation, and goes on
    /// being filled while the script waits for a take.
    fn evaluate(&mut self, text: String) -> Vec<Diagnostic> {
        self.stage().fill(HORIZON_BEFORE_LUA);
        self.text = text;
        let name = self.name();
        let evaluation = self.engine.evaluate(&self.text, &name);
        self.required = evaluation.required;
        self.view.print(&evaluation.printed, self.socket.as_ref());
        let deadline = self.stage().next_boundary();
        for take in &evaluation.takes {
            self.inference.set_deadline(take, deadline);
        }
        let mut diagnostics = evaluation.notices;
        match evaluation.result {
            Ok(generation) => {
                self.last_error = None;
                self.bakings = evaluation.bakings;
                self.engine.tidy_bakes();
                self.waiting = Some(Accepted { generation, takes: evaluation.takes });
            }
            Err(diagnostic) => {
                self.waiting = None;
                diagnostics.push(diagnostic.clone());
                self.complain(diagnostic);
            }
        }
        diagnostics
    }

    /// Gives the waiting generation to the sequencer.
    fn commit(&mut self) {
        let Some(accepted) = self.waiting.take() else { return };
        let tempo = accepted.generation.tempo;
        let now = self.stage().now();
        let proposed = self.stage().sequencer.propose(accepted.generation, now);
        match proposed {
            Ok(proposal) => {
                self.playing = accepted.takes;
                self.view.accepted(&proposal, tempo);
                self.stage().loudspeaker.tempo(proposal.seconds, tempo.bpm());
            }
            Err(error) => {
                let diagnostic = diagnosis::of_plan(error, &self.name());
                self.complain_later(diagnostic);
            }
        }
    }

    /// The script's name in diagnostics.
    fn name(&self) -> String {
        self.file.display().to_string()
    }

    fn complain(&mut self, diagnostic: Diagnostic) {
        self.view.complain(&diagnostic, &self.text, &self.stage());
        self.last_error = Some(diagnostic);
    }

    /// As [`Conductor::complain`], for a text that its editor thinks was accepted.
    fn complain_later(&mut self, diagnostic: Diagnostic) {
        if let (Some(socket), Some((client, version))) = (&self.socket, self.last_change) {
            let diagnostics = vec![diagnosis::for_editor(&diagnostic)];
            let evaluated = HostMessage::Evaluated { version: Some(version), diagnostics, micros: 0 };
            socket.send(Recipient::One(client), evaluated);
        }
        self.complain(diagnostic);
    }

    /// Patterns that failed while they were planned: said once each.
    fn report_faults(&mut self) {
        let faults = std::mem::take(&mut self.stage().faults);
        for fault in faults {
            let diagnostic = diagnosis::of_query(fault.error, &self.name(), fault.line);
            if self.last_error.as_ref() != Some(&diagnostic) {
                self.complain_later(diagnostic);
            }
        }
    }

    /// What happens whether or not anything woke us.
    fn tick(&mut self) {
        if self.debounce.due(Instant::now()) {
            self.commit();
        }
        if self.asked {
            // The plan reaches past the longest call before Lua runs.
            self.stage().fill(HORIZON_BEFORE_LUA);
            self.asked = self.engine.answer_rewards(REWARDS);
        }
        let stage = Rc::clone(&self.stage);
        self.engine.make_ahead(|beat| Some(stage.borrow().instant_of(beat)));
        self.stage().fill(HORIZON);
        self.report_faults();
        self.view.print(&self.engine.printed(), self.socket.as_ref());
        self.look_after_devices();
        let mut stage = self.stage.borrow_mut();
        self.view.show(&mut stage, self.last_error.as_ref(), &self.bakings, self.socket.as_ref());
    }

    /// Opens a lost sound card again, and passes on what the plan and MIDI ports have to say.
    fn look_after_devices(&mut self) {
        let mut stage = self.stage.borrow_mut();
        if stage.loudspeaker.lost() && self.looked.elapsed() > REOPEN {
            self.looked = Instant::now();
            match stage.loudspeaker.reopen() {
                Ok(()) => self.view.say(stage.loudspeaker.description()),
                Err(error) => {
                    self.view.say(format_args!("the sound card is gone ({error}); the music goes on"))
                }
            }
        }
        for notice in std::mem::take(&mut stage.notices) {
            self.view.say(notice);
        }
        for news in stage.midi.take_news() {
            self.view.say(news);
        }
        let refused = stage.loudspeaker.take_refused();
        if refused > 0 {
            self.view.say(format_args!("the sound card does not keep up: {refused} sounds were left out"));
        }
    }
}
