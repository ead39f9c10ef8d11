//! The engine: a script's text in, a generation or a diagnostic out.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam::channel::Receiver;
use lilt_inference::{Bakery, Baking, Inference, Take, TakeState};
use lilt_score::{Beat, Input};
use lilt_sequencer::Generation;
use mlua::chunk::ChunkMode;

use crate::bind::no_model;
use crate::by_hand::ByHand;
use crate::context::{Context, Session};
use crate::declared::Declared;
use crate::diagnostic::{Diagnostic, Severity};
use crate::ears::Heeded;
use crate::fault::Fault;
use crate::files::{Files, Place};
use crate::meter::Usage;
use crate::rounds;
use crate::said::Notices;
use crate::sounds::SoundNames;
use crate::source_text;
use crate::sources::Sources;
use crate::surplus::surplus;
use crate::tastes::Taught;
use crate::translate;
use crate::unmoved::unmoved;
use crate::unplayed::unplayed;
use crate::vm::{Ended, Vm};
use crate::watchdog::{Leash, Watchdog, Why};

/// Longest script, in bytes: reading it must stay short beside a bar of music.
const LONGEST_TEXT: usize = 1 << 20;

/// What a script may use.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// How long an evaluation may run Lua; waiting for takes does not count.
    /// `None` is for ever.
    pub lua_time: Option<Duration>,
    /// How long one call of a function may run while planning.
    pub call_time: Duration,
    /// How long an evaluation may wait for takes whose notes it reads.
    pub take_time: Duration,
    /// Bytes of memory for all values of the script.
    pub memory: usize,
    /// Stands in for the script's own seed.
    pub seed: Option<u64>,
    /// True where nobody listens: nothing is drafted, and a bar of a stream that is not made yet is waited
    /// for, up to `take_time`, instead of being late.
    pub unhurried: bool,
    /// When what the script bakes is baked.
    pub bakes: Bakes,
    /// Most lines that are kept of what the script prints between two looks at it; the rest is counted.
    /// `None` is all.
    pub most_printed_lines: Option<usize>,
    /// Most bytes of a printed line; the rest is counted. `None` is all.
    pub longest_line: Option<usize>,
}

/// When bakes are made; until one is ready the exact tilt stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bakes {
    /// While the exact tilt plays.
    Meanwhile,
    /// Before the script goes on.
    First,
    /// Not at all: whoever looks at the text alone hears nothing of them.
    Never,
}

impl Limits {
    /// As on a stage, with drafts and bars that are late, but with time for any machine: what comes out does not
    /// depend on how busy it is. A virtual machine counts what it is held up as time of its processor.
    pub fn patient() -> Limits {
        Limits {
            lua_time: Some(Duration::from_secs(30)),
            call_time: Duration::from_secs(20),
            ..Limits::default()
        }
    }

    /// Where nobody listens: what is rendered does not depend on how busy the machine is, and nothing is late.
    pub fn unhurried() -> Limits {
        Limits {
            lua_time: Some(Duration::from_secs(30)),
            call_time: Duration::from_secs(2),
            take_time: Duration::from_secs(600),
            unhurried: true,
            ..Limits::default()
        }
    }
}

impl Default for Limits {
    /// What suits a stage.
    fn default() -> Limits {
        Limits {
            lua_time: Some(Duration::from_millis(200)),
            call_time: Duration::from_millis(10),
            take_time: Duration::from_secs(10),
            memory: 64 << 20,
            seed: None,
            unhurried: false,
            bakes: Bakes::Meanwhile,
            most_printed_lines: Some(1_000),
            longest_line: Some(2_000),
        }
    }
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// The system gave no thread for the watchdog.
    #[error("the script's watchdog cannot start: {0}")]
    Watchdog(std::io::Error),
    /// The system gave no thread for baking.
    #[error("the thread that bakes cannot start: {0}")]
    Bakery(std::io::Error),
    /// The standard library or the bindings could not be loaded.
    #[error("the language cannot start: {0}")]
    Language(mlua::Error),
}

/// What came of one evaluation.
#[derive(Debug)]
pub struct Evaluation {
    /// A whole generation, or what is wrong.
    pub result: Result<Generation, Diagnostic>,
    /// True when a newer text ended it ([`Engine::set_superseded`]): nobody is to be shown what is wrong.
    pub superseded: bool,
    /// What the script printed, line by line.
    pub printed: Vec<String>,
    /// Names of the files that were required or read, from the script's folder, to be watched; also when it failed, and also of those that are
    /// not there: they may come.
    pub required: Vec<String>,
    /// What is played otherwise than it was written.
    pub notices: Vec<Diagnostic>,
    /// Every take that was asked for, in order. Hold them: a take that nobody holds
    /// is cancelled.
    pub takes: Vec<Take>,
    /// What the script wants baked, ready or not, in order. Hold them: a bake that nobody holds is given
    /// up.
    pub bakings: Vec<Baking>,
    /// The model for the lack of which it failed, where none of a like name is there either: nobody has
    /// trained it yet.
    pub untrained: Option<String>,
    /// How long Lua ran.
    pub lua_time: Duration,
    /// Each text that was read: places of events are told by its number.
    pub texts: Vec<ReadText>,
}

/// A text that was read for an evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadText {
    /// Which it is of all that this engine read.
    pub number: u32,
    /// The file's name in messages.
    pub name: String,
    /// What it says.
    pub text: Rc<str>,
}

/// Evaluates scripts, one after the other, in one VM. It stays on its thread, and
/// so do the generations it makes.
pub struct Engine {
    vm: Rc<Vm>,
}

impl Engine {
    /// An engine that asks `inference` for takes and reads modules from `sources`.
    ///
    /// # Errors
    /// When the watchdog gets no thread, or the memory limit is too small for the
    /// language itself.
    pub fn new(
        inference: Inference,
        sources: Box<dyn Sources>,
        limits: Limits,
    ) -> Result<Engine, ScriptError> {
        let watchdog = Watchdog::new().map_err(ScriptError::Watchdog)?;
        let bakery = Bakery::new().map_err(ScriptError::Bakery)?;
        let context = Rc::new(Context::new(inference, sources, limits, watchdog, bakery));
        let vm = Vm::new(context).map_err(ScriptError::Language)?;
        Ok(Engine { vm })
    }

    /// Evaluates `text`, which messages call `name`. The table `state` is as it was
    /// before when the evaluation fails.
    pub fn evaluate(&mut self, text: &str, name: &str) -> Evaluation {
        let started = Instant::now();
        let (result, session) = self.attempt(text, name);
        let superseded = result.as_ref().is_err_and(|ended| ended.why == Some(Why::Superseded));
        let result = result.map_err(|ended| ended.diagnostic);
        let context = &self.vm.context;
        let lua_time = started.elapsed().saturating_sub(context.waited());
        let printed = context.take_printed();
        let texts = session.as_ref().map_or_else(Vec::new, |session| session.files.borrow().read());
        let (required, notices, takes, bakings, untrained) = match session {
            Some(session) => {
                (session.required, session.notices.told(), session.takes, session.bakings, session.untrained)
            }
            None => Default::default(),
        };
        if !bakings.is_empty() {
            // Models that were baked are heavy, and Lua takes what holds them for a few bytes: left to itself
            // it keeps those of all texts before. A full memory shows at the next evaluation.
            let _ = self.vm.unlimited(|| self.vm.collect());
        }
        // A script may have got over that, with pcall, and be wrong in another place.
        let failed_for = |model: &String| matches!(&result, Err(error) if error.message == no_model(model));
        let untrained = untrained.filter(failed_for);
        Evaluation {
            result,
            superseded,
            printed,
            required,
            notices,
            takes,
            bakings,
            untrained,
            lua_time,
            texts,
        }
    }

    /// Says where the music is, in beats of the performance: what `tempo()` gives in a script whose tempo moves
    /// is the tempo there. Beat 0 until it is said.
    pub fn set_playhead(&mut self, beat: Beat) {
        self.vm.context.playhead.set(beat);
    }

    /// Says how to find out that the text under evaluation is no longer wanted: a newer one has come, or the
    /// host is to stop. `superseded` is asked every 5 ms while an evaluation runs or waits for a take; once
    /// it is true, that evaluation ends with [`Evaluation::superseded`], whatever the script catches with
    /// `pcall`. It must not use this engine.
    pub fn set_superseded(&mut self, superseded: impl Fn() -> bool + 'static) {
        self.vm.context.watchdog.set_superseded(Box::new(superseded));
    }

    /// Says which recorded sounds a script may name from its next evaluation on; none while their folders are still
    /// being read, so that no name is refused. Until this is called there are none.
    pub fn set_sounds(&self, sounds: Option<Arc<SoundNames>>) {
        *self.vm.context.sounds.borrow_mut() = sounds;
    }

    /// True when the last evaluation named sounds while it was not known which there are.
    pub fn trusted_sounds(&self) -> bool {
        self.vm.context.trusted_sounds.get()
    }

    /// Says what a hand did on the canvas, for `drawn` and `clicked` from the next evaluation on.
    pub fn set_by_hand(&self, by_hand: ByHand) {
        *self.vm.context.by_hand.borrow_mut() = by_hand;
    }

    /// True when the last evaluation asked what a hand did.
    pub fn reads_hand(&self) -> bool {
        self.vm.context.reads_hand.get()
    }

    /// Something came in from outside, while the music was at `beat`, in beats of the performance: patterns that ask
    /// for it answer otherwise from now on, and what was played is remembered for `played` and `phrase`.
    pub fn hear(&self, input: &Input, beat: f64) {
        self.vm.context.ears.hear(input, beat);
    }

    /// The sources that the last evaluation named: devices of MIDI by a part of their name, [`KEYS`] and [`OSC`].
    ///
    /// [`KEYS`]: crate::KEYS
    /// [`OSC`]: crate::OSC
    pub fn sources(&self) -> Vec<Arc<str>> {
        self.vm.context.ears.named()
    }

    /// The tastes that the last evaluation named, each once.
    pub fn tastes(&self) -> Vec<Taught> {
        self.vm.context.ears.taught()
    }

    /// Does `work`, in which patterns are queried, and says what of what comes in from outside they asked for.
    pub fn heeding<T>(&self, work: impl FnOnce() -> T) -> (T, Heeded) {
        self.vm.context.ears.heeding(work)
    }

    /// True when what came in moves something that a pattern has asked for, outside of [`Engine::heeding`].
    pub fn heeds(&self, input: &Input) -> bool {
        self.vm.context.ears.heeds(input)
    }

    /// The beat at which the script is to be evaluated again, since what was played for `played` or `phrase` is over
    /// by then; `None` while nothing new was played, or somebody still plays.
    pub fn phrase_due(&self) -> Option<Beat> {
        self.vm.context.ears.due()
    }

    /// True where the text that was evaluated last waits for the number of the knob that is moved next, for
    /// [`unlearnt`](crate::unlearnt) to say where.
    pub fn learns(&self) -> bool {
        self.vm.context.ears.learns()
    }

    /// What was heard by an engine that broke, and is given up, goes on in this one.
    pub fn hear_as(&mut self, broken: &Engine) {
        self.vm.context.ears.go_on_from(&broken.vm.context.ears);
    }

    /// Becomes readable when a model asks a reward that is a function of the script: then
    /// [`Engine::answer_rewards`] is to be called.
    pub fn reward_calls(&self) -> Receiver<()> {
        self.vm.context.rewards.wakes().clone()
    }

    /// Becomes readable when a bake is done: evaluating the same text again then plays what was baked.
    pub fn bakes_done(&self) -> Receiver<()> {
        self.vm.context.bakery.done()
    }

    /// Gives up bakes that no [`Baking`] is held of.
    pub fn tidy_bakes(&mut self) {
        self.vm.context.bakery.tidy();
    }

    /// Answers models that ask functions of the script, for about `time`; true when there is more to
    /// answer. Until then their takes wait.
    pub fn answer_rewards(&mut self, time: Duration) -> bool {
        self.vm.context.answer_rewards(time)
    }

    /// How far a take is when it is settled or `deadline` has come. Models that ask functions of the script
    /// are answered meanwhile.
    pub fn wait_for(&mut self, take: &Take, deadline: Instant) -> TakeState {
        self.vm.context.wait_for(take, deadline)
    }

    /// Asks for the bars of streams that will soon be played, and takes in those that have arrived.
    /// `due` tells when a beat of the performance is heard: until then its take is wanted.
    pub fn make_ahead(&mut self, due: impl Fn(Beat) -> Option<Instant>) {
        self.vm.context.streams.make_ahead(&due);
        self.vm.context.stretches.set_deadlines(&due);
        self.vm.context.loops.set_deadlines(&due);
    }

    /// Does `work`, in which patterns of a generation are queried for the slot `slot_name`, and tells what the
    /// functions of the script cost in it. Their calls may take `budget` together; once that is used up, or
    /// `hurry` is true before a call, no more are made and their patterns answer
    /// [`QueryError::Late`](lilt_score::QueryError::Late). What a function has answered for a beat is
    /// remembered, so that the same stretch asked again goes on where it was left.
    pub fn metered<T>(
        &self,
        slot_name: &str,
        budget: Duration,
        hurry: &dyn Fn() -> bool,
        work: impl FnOnce() -> T,
    ) -> (T, Usage) {
        self.vm.context.meters.metered(slot_name, budget, hurry, work)
    }

    /// What functions of the script printed while planning, since the last call of
    /// this or of [`Engine::evaluate`].
    pub fn printed(&mut self) -> Vec<String> {
        self.vm.context.take_printed()
    }

    /// Empties the table `state` of the script.
    pub fn clear_state(&mut self) {
        let vm = &self.vm;
        let cleared = vm.unlimited(|| vm.state.forget());
        vm.context.epoch.set(vm.context.epoch.get() + 1);
        if cleared.is_err()
            && let Ok(fresh) = Vm::new(Rc::clone(&vm.context))
        {
            self.vm = fresh;
        }
    }

    /// Takes over what the table `state` of an engine holds that broke, and is given up: as it was before
    /// the evaluation that was under way. False when it is lost.
    pub fn inherit(&mut self, broken: &Engine) -> bool {
        let (old, new) = (&broken.vm, &self.vm);
        let carried = old.unlimited(|| {
            old.state.rollback()?;
            old.state.carry(&new.lua, &new.state)
        });
        carried.is_ok()
    }

    /// Bytes that the values of the script take.
    pub fn used_memory(&self) -> usize {
        self.vm.lua.used_memory()
    }

    fn attempt(&mut self, text: &str, name: &str) -> (Result<Generation, Ended>, Option<Session>) {
        let mut files = Files::default();
        let short = if text.len() > LONGEST_TEXT { "" } else { text };
        let text = source_text::stripped(text);
        files.add(self.vm.context.next_text(), name, source_text::stripped(short));
        let start = Place { file: name.to_owned(), line: 1 };
        let fail =
            |files: &Files, fault: Fault| files.diagnostic(fault, &start, crate::diagnostic::Severity::Error);
        if text.len() > LONGEST_TEXT {
            let fault = Fault::new(format!("a script of {} bytes: {LONGEST_TEXT} at most", text.len()));
            return (Err(fail(&files, fault).into()), None);
        }
        if let Some(fault) = source_text::unreadable(text) {
            return (Err(fail(&files, fault).into()), None);
        }
        let state = &self.vm.state;
        let prepared = state.begin().and_then(|()| Ok((state.changes()?, self.vm.environment()?)));
        let (changes, environment) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return (Err(translate::error_diagnostic(&error, None, &files, name).into()), None),
        };
        let in_rounds = environment.clone();
        let vm = Rc::clone(&self.vm);
        let context = &vm.context;
        let seed = context.seed(None);
        context.random.restart(seed);
        let files = Rc::new(RefCell::new(files));
        context.begin(Session {
            declared: Declared::new(seed),
            files: Rc::clone(&files),
            main: name.to_owned(),
            environment: environment.clone(),
            modules: HashMap::new(),
            loading: Vec::new(),
            required: Vec::new(),
            notices: Notices::default(),
            takes: Vec::new(),
            bakings: Vec::new(),
            untrained: None,
            calls: HashMap::new(),
            literals: HashMap::new(),
        });
        let chunk = vm.lua.load(text).set_mode(ChunkMode::Text).set_name(format!("={name}"));
        let chunk = chunk.set_environment(environment);
        let ran = match chunk.into_function() {
            Ok(function) => {
                let leash = Leash { time: context.limits.lua_time, droppable: true };
                vm.call(&function, (), leash, &files, name)
            }
            Err(error) => Err(translate::error_diagnostic(&error, None, &files.borrow(), name).into()),
        };
        let ran = ran.and_then(|ran| {
            let wrong = {
                let files = files.borrow();
                let (text, tokens) = files.get(name).unwrap_or_default();
                rounds::mistake(&vm, &in_rounds, text, tokens)
            };
            let Some((line, fault)) = wrong else { return Ok(ran) };
            let place = Place { file: name.to_owned(), line };
            Err(files.borrow().diagnostic(fault, &place, Severity::Error).into())
        });
        let mut session = context.end();
        if let Some(session) = &mut session {
            let warnings = session.declared.warnings(&files.borrow());
            warnings.into_iter().for_each(|warning| session.notices.add(warning));
        }
        let declared =
            session.as_mut().map(|session| std::mem::replace(&mut session.declared, Declared::new(seed)));
        let result = ran.and_then(|_| match declared {
            Some(declared) => declared.finish(&vm, &files.borrow()).map_err(Ended::from),
            None => Err(fail(&files.borrow(), Fault::new("the evaluation ended before its script")).into()),
        });
        if let (Ok(generation), Some(session)) = (&result, &mut session) {
            let files = &*files.borrow();
            let told = files.get(name).map_or_else(Vec::new, |(text, tokens)| {
                [unplayed(text, tokens), surplus(text, tokens), unmoved(generation, text, tokens)].concat()
            });
            for (line, fault) in told {
                let place = Place { file: name.to_owned(), line };
                session.notices.add(files.diagnostic(fault, &place, Severity::Warning));
            }
        }
        if result.is_ok() {
            if let Some(session) = &session {
                context.music_files.borrow_mut().keep_only(&session.required);
            }
            let now = vm.unlimited(|| vm.state.commit().and_then(|()| vm.state.changes()));
            if !now.is_ok_and(|now| now == changes) {
                context.epoch.set(context.epoch.get() + 1);
            }
        } else if let (Some(lost), Some(session)) = (self.recover(), &mut session) {
            session.notices.add(files.borrow().diagnostic(lost, &start, Severity::Warning));
        }
        (result, session)
    }

    /// Puts `state` back and frees what the failed script left; a VM whose memory stays full is replaced,
    /// and its `state` moves. Tells when that is lost.
    fn recover(&mut self) -> Option<Fault> {
        let vm = &self.vm;
        let much = vm.lua.used_memory() > vm.context.limits.memory / 2;
        let repaired = vm.unlimited(|| {
            vm.state.rollback()?;
            if much { vm.collect() } else { Ok(false) }
        });
        if matches!(repaired, Ok(false)) {
            return None;
        }
        // Should even that fail, the old VM stays: the next evaluation says why.
        let fresh = Vm::new(Rc::clone(&vm.context)).ok()?;
        let carried = vm.unlimited(|| vm.state.carry(&fresh.lua, &fresh.state));
        self.vm = fresh;
        let lost = Fault::new("what `state` held is lost: the script's memory was full");
        carried.is_err().then(|| lost.help("keep less in it"))
    }
}
