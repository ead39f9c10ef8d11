//! The author: owns the script's VM. It evaluates what was typed and saved, and writes the plan ahead of
//! the playhead. However long the script takes, the conductor plays on.

mod ahead;
mod hearing;
mod learning;
mod nudge;
mod reading;
mod sounds;
mod stumble;
mod tasting;
mod telling;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crossbeam::channel::{Receiver, Sender, select};
use lilt_editor::protocol::{HostMessage, text_mark};
use lilt_editor::{ClientId, Debounce, Recipient};
use lilt_inference::{BakeState, Baking, Inference, Take, TakeKey};
use lilt_score::Beat;
use lilt_script::{ByHand, Diagnostic, Engine, SoundNames};
use lilt_sequencer::{Entrance, Generation, Ground, Planner, Prepared, Sequencer, Use};

use super::loudspeaker::Timekeeper;
use super::mailbox::{Letters, Mailbox, Silences, Typed};
use super::order::{Anew, Order, Report};
use super::sight::{ReadText, ScriptStatus, Sight};
use super::watch::Watched;
use crate::diagnosis;
use ahead::Ahead;
use hearing::{Foreseen, Hearing};
use learning::Learning;
use tasting::Tasting;

/// How long the author sleeps at most: bars of streams are asked for, and takes looked for, this often.
const TICK: Duration = Duration::from_millis(20);
/// How long rewards are answered between two looks at everything else.
const REWARDS: Duration = Duration::from_millis(5);
/// How long functions of the script may take while a new generation is tried: the first bars that they do
/// not come to are written when it plays.
const TRIAL: Duration = Duration::from_millis(40);
/// Texts whose names are remembered: what sounds was most often written in one of the last few.
const MOST_TEXTS: usize = 256;

/// What wakes the author, besides its mailbox.
pub struct Wakes {
    /// The mailbox's bell.
    pub bell: Receiver<()>,
    /// How it stands with the plan.
    pub reports: Receiver<Report>,
    /// Takes that have arrived.
    pub arrivals: Receiver<TakeKey>,
}

/// Whom the author tells what it made.
pub struct Outlets {
    /// The conductor.
    pub orders: Sender<Order>,
    /// Whoever shows things. It never waits for long.
    pub view: Sender<Sight>,
    /// Whoever listens to devices: the names of those that the script wants.
    pub sources: Sender<Vec<Arc<str>>>,
}

/// An evaluation that gave a whole generation, not played yet.
struct Accepted {
    generation: Generation,
    takes: Vec<Take>,
    silences: Silences,
}

/// A text to be evaluated, and where it came from.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) typed: Option<(ClientId, i32)>,
}

/// Owns the script, on a thread of its own.
pub struct Author {
    watched: Watched,
    engine: Engine,
    inference: Inference,
    planner: Planner,
    ahead: Ahead,
    time: Timekeeper,
    mailbox: Mailbox,
    wakes: Wakes,
    outlets: Outlets,
    /// Models that ask functions of the script.
    questions: Receiver<()>,
    /// Bakes that are done.
    bakes: Receiver<()>,
    debounce: Debounce,
    /// The newest text that came, from wherever: what is evaluated again when the author had to begin anew.
    newest: Option<Draft>,
    /// True when everything was silenced and nothing was evaluated since.
    hushed: bool,
    /// The newest text that was evaluated, from wherever it came.
    text: String,
    /// False when its evaluation was dropped: whoever saves it wants it read.
    evaluated: bool,
    /// How often everything had been silenced when the last letters were read.
    silences: Silences,
    /// What stands for that text in the status.
    mark: Option<String>,
    /// A text whose evaluation was dropped for something that came, and may still be wanted.
    dropped: Option<Draft>,
    /// A generation that waits for the typing to pause.
    waiting: Option<Accepted>,
    /// Takes of the generation that plays, or is about to, and of the one before, which plays until the
    /// boundary: holding them keeps them from being cancelled.
    playing: [Vec<Take>; 2],
    /// What is baked for the newest text that was accepted: holding it keeps it from being given up.
    bakings: Vec<Baking>,
    last_error: Option<Diagnostic>,
    /// Bakes of which it was said what came of them.
    told: HashSet<String>,
    /// The editor that sent the newest text, and its number for it.
    last_change: Option<(ClientId, i32)>,
    ground: Ground,
    uses: Vec<Use>,
    boundary: f64,
    plays: bool,
    /// When the script was last read from disk.
    read: Option<Instant>,
    /// True while models wait for answers of functions of the script.
    asked: bool,
    status: (Instant, ScriptStatus),
    /// The texts that were evaluated last, by number.
    texts: Arc<Vec<(u32, ReadText)>>,
    /// What a hand did on the canvas.
    by_hand: ByHand,
    /// Who follows what comes in from outside.
    hearing: Hearing,
    /// The generation that was entered before its time, until that has come.
    foreseen: Option<Foreseen>,
    learning: Learning,
    /// What is judged by like and nope.
    tasting: Tasting,
    /// The recorded sounds that there are; none while they are still being listed.
    sounds: Option<Arc<SoundNames>>,
    /// How often they were listed.
    listings: u64,
}

impl Author {
    /// An author of the script `file`; nothing plays yet.
    pub fn new(
        file: PathBuf,
        engine: Engine,
        inference: Inference,
        time: Timekeeper,
        mailbox: Mailbox,
        wakes: Wakes,
        outlets: Outlets,
    ) -> Author {
        let (questions, bakes) = (engine.reward_calls(), engine.bakes_done());
        let mut author = Author {
            watched: Watched { script: file, required: Vec::new() },
            engine,
            inference,
            planner: Planner::new(),
            ahead: Ahead::default(),
            time,
            mailbox,
            wakes,
            outlets,
            questions,
            bakes,
            debounce: Debounce::new(),
            newest: None,
            hushed: false,
            text: String::new(),
            evaluated: false,
            silences: Silences::default(),
            mark: None,
            dropped: None,
            waiting: None,
            playing: Default::default(),
            bakings: Vec::new(),
            last_error: None,
            told: HashSet::new(),
            last_change: None,
            ground: Sequencer::new().ground(),
            uses: Vec::new(),
            boundary: 0.0,
            plays: false,
            read: None,
            asked: false,
            status: (Instant::now(), ScriptStatus::default()),
            texts: Arc::default(),
            by_hand: ByHand::default(),
            hearing: Hearing::default(),
            foreseen: None,
            learning: Learning::default(),
            tasting: Tasting::default(),
            sounds: None,
            listings: 0,
        };
        author.attend();
        author
    }

    /// Listens to the engine, and lets it hear of newer texts.
    fn attend(&mut self) {
        let superseding = self.mailbox.clone();
        self.engine.set_superseded(move || superseding.supersedes());
        (self.questions, self.bakes) = (self.engine.reward_calls(), self.engine.bakes_done());
        self.engine.set_sounds(self.sounds.clone());
        self.engine.set_by_hand(self.by_hand.clone());
    }

    fn work(&mut self) {
        while !self.mailbox.is_ending() {
            let letters = self.mailbox.take();
            self.read_letters(letters);
            self.take_reports();
            if self.debounce.due(Instant::now()) {
                self.commit(Entrance::Boundary);
            }
            if self.asked {
                self.asked = self.engine.answer_rewards(REWARDS);
            }
            let (ground, time) = (&self.ground, &self.time);
            self.engine.make_ahead(|beat| Some(time.instant_of(ground.seconds_at(beat))));
            self.hear_out();
            self.taste();
            let wrote = self.write_ahead();
            let printed = self.engine.printed();
            self.print(printed);
            self.tell_status();
            if !wrote && !self.asked && !self.mailbox.is_urgent() && !self.mailbox.has_inputs() {
                self.sleep();
            }
        }
    }

    fn sleep(&mut self) {
        let pause = self.debounce.wait(Instant::now()).map_or(TICK, |wait| wait.min(TICK));
        select! {
            recv(self.wakes.bell) -> _ => {}
            recv(self.wakes.reports) -> report => {
                if let Ok(report) = report {
                    self.take_in(report);
                }
            }
            recv(self.wakes.arrivals) -> _ => self.arrived(),
            recv(self.questions) -> _ => self.asked = true,
            recv(self.bakes) -> _ => self.baked(),
            default(pause) => {}
        }
    }

    pub(super) fn read_letters(&mut self, letters: Letters) {
        let Letters { typed, saved, commit, silenced, clear_state, by_hand, inputs, silences } = letters;
        self.silences = silences;
        let newer =
            typed.map(|Typed { client, version, text }| Draft { text, typed: Some((client, version)) });
        if let Some(draft) = &newer {
            self.newest = Some(draft.clone());
        }
        if silenced {
            self.hushed = true;
            self.foreseen = None;
            self.debounce.cancel();
            self.waiting = None;
            self.dropped = None;
            self.planner.hush();
            self.plays = false;
        }
        if clear_state {
            self.engine.clear_state();
            self.say("the table `state` is empty".to_string());
        }
        self.hear(&inputs);
        if let Some(done) = by_hand {
            self.by_hand = done;
            self.engine.set_by_hand(self.by_hand.clone());
            // A text that comes with it reads it anyway.
            if newer.is_none() && self.plays && self.engine.reads_hand() {
                self.evaluate_again();
            }
        }
        let concerned = saved.iter().filter_map(|path| self.watched.concerns(path)).collect::<Vec<_>>();
        match newer.or(self.dropped.take_if(|_| concerned.is_empty())) {
            Some(draft) if draft.typed.is_some() => self.change(draft),
            Some(draft) => self.play(draft, Entrance::Boundary),
            None => {}
        }
        if !concerned.is_empty() {
            self.read_and_commit(concerned.contains(&super::watch::Concern::Required));
        }
        match commit {
            Some(Entrance::Boundary | Entrance::From(_)) => self.debounce.commit_now(),
            Some(Entrance::Now) => self.commit_now(),
            None => {}
        }
    }

    pub(super) fn take_reports(&mut self) {
        while let Ok(report) = self.wakes.reports.try_recv() {
            self.take_in(report);
        }
        let (mut arrived, mut asked, mut baked) = (false, false, false);
        while self.wakes.arrivals.try_recv().is_ok() {
            arrived = true;
        }
        while self.questions.try_recv().is_ok() {
            asked = true;
        }
        while self.bakes.try_recv().is_ok() {
            baked = true;
        }
        if arrived {
            self.arrived();
        }
        self.asked |= asked;
        if baked {
            self.baked();
        }
    }

    fn take_in(&mut self, report: Report) {
        let Report { ground, uses, boundary, began, plays, sounds, anew } = report;
        if let Some((listings, bank)) = sounds {
            self.learn_sounds(listings, &bank);
        }
        for generation in began {
            self.planner.began(generation);
        }
        (self.ground, self.uses, self.boundary, self.plays) = (ground, uses, boundary, plays);
        for (content, at) in self.planner.take_begun_failures() {
            let back = self.planner.come_back(content, &self.ground, self.time.now(), at);
            if let Some(good) = back {
                self.enter(good, self.silences);
            }
        }
        self.planner.retain(&self.uses.iter().map(|used| (used.content, used.from)).collect::<Vec<_>>());
        let planner = &self.planner;
        self.hearing.retain(|content| planner.slot_of(content).is_some());
        self.ahead.want(&self.uses);
        match anew {
            Some(Anew::Again) => self.enter_again(),
            Some(Anew::Silence) => self.fell_silent(),
            None => {}
        }
    }

    /// Evaluates the newest text once more: it comes in like any other edit, or, while somebody types, with what
    /// is typed.
    fn evaluate_again(&mut self) {
        if self.last_error.is_none() {
            self.evaluate_newest();
        }
    }

    /// The same of a text that was refused, too: what it named may be there by now.
    fn evaluate_newest(&mut self) {
        let typing = self.waiting.is_some();
        if self.evaluated {
            let text = self.text.clone();
            self.evaluate(Draft { text, typed: None });
            if !typing {
                self.commit(Entrance::Boundary);
            }
        }
    }

    fn arrived(&mut self) {
        self.planner.arrived();
        self.ahead.arrived();
    }

    /// A keystroke: evaluated at once, committed when the typing pauses.
    fn change(&mut self, draft: Draft) {
        let began = Instant::now();
        self.last_change = draft.typed;
        let typed = draft.typed;
        let nudged = nudge::is_nudge(&self.text, &draft.text);
        let Some(diagnostics) = self.evaluate(draft) else { return };
        if self.waiting.is_some() {
            self.debounce.changed(Instant::now());
            if nudged {
                self.debounce.commit_now();
            }
        } else {
            self.debounce.cancel();
        }
        let micros = began.elapsed().as_micros().try_into().unwrap_or(u64::MAX);
        let diagnostics = diagnostics.iter().map(diagnosis::for_editor).collect();
        if let Some((client, version)) = typed {
            let evaluated = HostMessage::Evaluated { version: Some(version), diagnostics, micros };
            self.tell(Recipient::One(client), evaluated);
        }
    }

    /// A bake is done: says what came of it, and plays it from the next boundary, or, while
    /// somebody types, with what is typed.
    fn baked(&mut self) {
        let mut lines = Vec::new();
        for baking in &self.bakings {
            if let BakeState::Ready(baked) = baking.poll()
                && !self.told.contains(baking.identity())
            {
                self.told.insert(baking.identity().to_owned());
                lines.extend(reading::of_bake(baking.model_name(), &baked));
            }
        }
        if !lines.is_empty() {
            lines.iter().for_each(|line| self.say(line.clone()));
            self.tell(Recipient::All, HostMessage::Printed { lines });
        }
        if self.plays {
            self.evaluate_again();
        }
    }

    /// Evaluates a text into a waiting generation, or complains. `None` when something newer dropped it.
    fn evaluate(&mut self, draft: Draft) -> Option<Vec<Diagnostic>> {
        self.evaluate_at(draft, self.ground.beat_at(self.time.now()))
    }

    /// The same, as if the music were at a beat.
    fn evaluate_at(&mut self, draft: Draft, beat: Beat) -> Option<Vec<Diagnostic>> {
        let silences = self.silences;
        // Whatever was dropped before is older.
        self.dropped = None;
        self.newest = Some(draft.clone());
        self.hushed = false;
        self.evaluated = true;
        self.text.clone_from(&draft.text);
        let name = self.name();
        self.engine.set_playhead(beat);
        let began = SystemTime::now();
        let evaluation = self.engine.evaluate(&self.text, &name);
        if evaluation.superseded {
            self.dropped = Some(draft);
            self.waiting = None;
            self.evaluated = false;
            return None;
        }
        self.mark = Some(text_mark(&self.text));
        self.remember_texts(evaluation.texts);
        self.watch(evaluation.required, began);
        self.print(evaluation.printed);
        let heard = self.boundary.max(self.ground.seconds_at(beat)).max(self.time.now());
        let deadline = self.time.instant_of(heard);
        for take in &evaluation.takes {
            self.inference.set_deadline(take, deadline);
        }
        let mut diagnostics = evaluation.notices;
        match evaluation.result {
            Ok(generation) => {
                self.want_sources();
                self.last_error = None;
                self.bakings = evaluation.bakings;
                self.engine.tidy_bakes();
                self.waiting = Some(Accepted { generation, takes: evaluation.takes, silences });
            }
            Err(diagnostic) => {
                self.waiting = None;
                diagnostics.push(diagnostic.clone());
                self.complain(diagnostic);
            }
        }
        Some(diagnostics)
    }

    /// Keeps what the texts were called that events may still name.
    fn remember_texts(&mut self, read: Vec<lilt_script::ReadText>) {
        let mut texts = Vec::clone(&self.texts);
        texts.extend(read.into_iter().map(|text| {
            let mark = text_mark(&text.text);
            (text.number, ReadText { file: text.name, mark })
        }));
        let surplus = texts.len().saturating_sub(MOST_TEXTS);
        texts.drain(..surplus);
        self.texts = Arc::new(texts);
    }

    /// Lets the newest text in at once, whatever its quantum says: what was typed and waits, or what was
    /// committed and waits for its boundary.
    fn commit_now(&mut self) {
        self.debounce.cancel();
        if self.waiting.is_none() && self.evaluated && self.last_error.is_none() {
            let text = self.text.clone();
            self.evaluate(Draft { text, typed: None });
        }
        self.commit(Entrance::Now);
    }

    /// Evaluates a text, and lets it in.
    pub(super) fn play(&mut self, draft: Draft, entrance: Entrance) {
        self.evaluate(draft);
        self.commit(entrance);
    }

    /// Gives the waiting generation to the conductor, once its first bars are known to be good.
    fn commit(&mut self, entrance: Entrance) {
        let Some(Accepted { generation, takes, silences }) = self.waiting.take() else { return };
        // The newest word on where the music is.
        while let Ok(report) = self.wakes.reports.try_recv() {
            self.take_in(report);
        }
        let now = self.time.now();
        let (planner, ground) = (&mut self.planner, &self.ground);
        let trial = || planner.prepare(generation, entrance, ground, now);
        let engine = &self.engine;
        let ((prepared, _), heeded) = engine.heeding(|| engine.metered("", TRIAL, &|| false, trial));
        // Whatever waited for its time is replaced.
        self.foreseen = None;
        match prepared {
            Ok(prepared) => {
                if let Entrance::From(beat) = entrance {
                    self.foreseen = Some(Foreseen { beat, generation: prepared.outline.id });
                }
                self.hearing.tried(&prepared.outline, heeded);
                self.playing.rotate_right(1);
                self.playing[0] = takes;
                self.ahead.forget_costs();
                self.enter(prepared, silences);
            }
            Err(error) => {
                let diagnostic = diagnosis::of_plan(error, &self.name());
                self.complain_later(diagnostic);
            }
        }
    }

    fn enter(&mut self, prepared: Prepared, silences: Silences) {
        if self.mailbox.silences() > silences {
            // It is not wanted any more.
            return;
        }
        let Prepared { outline, stretches, not_before, notices, .. } = prepared;
        // The conductor may have forgotten the bars of what it did not play for a while.
        outline.slots.iter().for_each(|filling| self.ahead.forget(filling.content));
        notices.iter().for_each(|notice| self.say(notice.to_string()));
        // A conductor that is not there has ended.
        let _ending = self.outlets.orders.send(Order::Enter { outline, stretches, not_before, silences });
    }

    /// Writes the next bars of the plan, until something more urgent waits or nothing is left to write.
    /// True when something was written.
    pub(super) fn write_ahead(&mut self) -> bool {
        let mut wrote = false;
        while !self.mailbox.is_urgent()
            && !self.is_called()
            && let Some(task) = self.ahead.next(&self.ground)
        {
            wrote = true;
            let slot = self.planner.slot_of(task.used.content).unwrap_or_default().to_owned();
            let (planner, mailbox) = (&mut self.planner, &self.mailbox);
            let write = || planner.write(task.used.content, task.bar, task.used.drafts);
            let hurry = || mailbox.is_urgent();
            let engine = &self.engine;
            let ((stretch, usage), heeded) =
                engine.heeding(|| engine.metered(&slot, task.budget, &hurry, write));
            self.hearing.wrote(task.used.content, heeded);
            let whole = self.planner.knows(task.used.content, task.bar);
            if let Some(news) = self.ahead.wrote(task, whole, &usage, &self.ground) {
                self.say(news);
            }
            if let Some(stretch) = stretch {
                let _ending = self.outlets.orders.send(Order::Stretch(stretch));
            }
            for notice in self.planner.take_notices() {
                self.say(notice.to_string());
            }
            for (content, fault) in self.planner.take_faults() {
                let at = task.used.start_of(task.bar);
                let back = self.planner.come_back(content, &self.ground, self.time.now(), at);
                if let Some(good) = back {
                    self.enter(good, self.silences);
                }
                self.report_fault(fault);
            }
        }
        wrote
    }
}
