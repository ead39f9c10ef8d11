//! What the bindings of a VM share: the services they call, and what the
//! evaluation under way declares of a generation.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_inference::{Bakery, Baking, Inference, Take, TakeState};
use lilt_score::{Beat, Key, Meter, QueryError, Seed};
use lilt_sequencer::{Tempo, TempoCurve};
use mlua::{Lua, Table};

use crate::ahead::Ahead;
use crate::by_hand::ByHand;
use crate::declared::Declared;
use crate::diagnostic::{Diagnostic, Severity};
use crate::ears::Ears;
use crate::engine::Limits;
use crate::fault::Fault;
use crate::files::{Files, Place, place};
use crate::lift::{Literal, Numbers};
use crate::looping::Loops;
use crate::meter::Meters;
use crate::music_files::MusicFiles;
use crate::rewards::Rewards;
use crate::said::{Notices, Printed};
use crate::sounds::SoundNames;
use crate::sources::Sources;
use crate::stream::Streams;
use crate::stretches::AllStretches;
use crate::watchdog::{LOOK, Watchdog, Why};
use crate::watching::Watchers;

/// The services of a VM, shared by all its bindings.
pub(crate) struct Context {
    pub inference: Inference,
    pub sources: Box<dyn Sources>,
    /// Files of music that were read.
    pub music_files: RefCell<MusicFiles>,
    pub limits: Limits,
    pub watchdog: Watchdog,
    /// The performer's line at the last error that was raised.
    pub thrown: RefCell<Option<Place>>,
    /// `Some` while an evaluation runs.
    session: RefCell<Option<Session>>,
    /// Where the function was written that runs while planning.
    pub planning: RefCell<Option<Origin>>,
    /// What that function may know and ask, where it makes music ahead of the playhead.
    pub ahead: RefCell<Option<Ahead>>,
    /// What `print` wrote: of the evaluation, then of functions that run while planning.
    printed: RefCell<Printed>,
    pub random: Random,
    /// What functions that run while planning cost.
    pub meters: Meters,
    /// How often an evaluation has changed `state`.
    pub epoch: Cell<u64>,
    /// How many texts were read.
    texts: Cell<u32>,
    /// Functions of the script that models ask.
    pub rewards: Rewards,
    /// Where tilts are learnt.
    pub bakery: Bakery,
    /// Music that is made while it plays.
    pub streams: Streams,
    /// The tempo of the newest script that is right.
    playing: RefCell<(Tempo, Option<Arc<TempoCurve>>)>,
    /// Where the music is while the script is read.
    pub playhead: Cell<Beat>,
    /// The beat for which a function is asked.
    pub asked: Cell<Option<Beat>>,
    /// The last tempo that moved, by what identifies it and its metre, and what of it was outside.
    tempo: RefCell<Option<LastTempo>>,
    /// Functions that are called as the plan comes to a bar.
    pub watchers: Watchers,
    /// Loops in virtual time.
    pub loops: Loops,
    /// Music whose stretches a function gives.
    pub stretches: AllStretches,
    /// The recorded sounds that there are; none while their folders are still being read.
    pub sounds: RefCell<Option<Arc<SoundNames>>>,
    /// True when the evaluation under way, or the last, named sounds while those were not known.
    pub trusted_sounds: Cell<bool>,
    /// What a hand did on the canvas.
    pub by_hand: RefCell<ByHand>,
    /// True when the evaluation under way, or the last, asked for that.
    pub reads_hand: Cell<bool>,
    /// What came in from outside.
    pub ears: Rc<Ears>,
    /// What functions that run while the music is made were told of already.
    told: RefCell<HashSet<String>>,
    /// How long the clock of the evaluation under way has stood still.
    waited: Cell<Duration>,
    /// How long it has waited for takes alone: that may become too long.
    waited_for_takes: Cell<Duration>,
}

/// A tempo that moves, written down.
struct LastTempo {
    print: u64,
    meter: Meter,
    curve: Option<Arc<TempoCurve>>,
    outside: Option<f64>,
}

/// One evaluation under way.
pub(crate) struct Session {
    pub declared: Declared,
    pub files: Rc<RefCell<Files>>,
    /// Name of the file that is evaluated.
    pub main: String,
    pub environment: Table,
    /// Modules that have run, by name.
    pub modules: HashMap<String, mlua::Value>,
    /// Modules that are running: one that appears twice requires itself.
    pub loading: Vec<String>,
    /// Names of the files that were required, also of those that are not there.
    pub required: Vec<String>,
    pub notices: Notices,
    pub bakings: Vec<Baking>,
    /// A model that it names and that is not there, nor any of a like name.
    pub untrained: Option<String>,
    pub takes: Vec<Take>,
    /// How often each call of a model was made, by what identifies it.
    pub calls: HashMap<u64, u64>,
    /// How often a string of a line was read as notation, by line, what it was given to, and text.
    pub literals: HashMap<(u32, String, String), usize>,
}

impl Session {
    /// Notes the name of a file that was looked for, whether it is there or not.
    pub fn watch(&mut self, name: &str) {
        if !self.required.iter().any(|known| known == name) {
            self.required.push(name.to_owned());
        }
    }
}

/// The source of `math.random`: the n-th child of a seed is its n-th number.
#[derive(Default, Clone)]
pub(crate) struct Random {
    seed: Cell<Seed>,
    count: Cell<u64>,
}

impl Random {
    /// Begins again from `seed`.
    pub fn restart(&self, seed: Seed) {
        self.seed.set(seed);
        self.count.set(0);
    }

    /// Goes on as another copy would.
    pub fn go_on_from(&self, other: &Random) {
        self.seed.set(other.seed.get());
        self.count.set(other.count.get());
    }

    /// True once a number was drawn.
    pub fn used(&self) -> bool {
        self.count.get() > 0
    }

    /// The next number, `0..1`.
    pub fn next(&self) -> f64 {
        let count = self.count.get();
        self.count.set(count.wrapping_add(1));
        self.seed.get().child_number(count).unit()
    }
}

/// Where a value came from, for what goes wrong with it later.
#[derive(Clone)]
pub(crate) struct Origin {
    pub files: Rc<RefCell<Files>>,
    pub place: Place,
    /// The key and the metre that the script had declared there.
    pub key: Option<Key>,
    pub meter: Meter,
}

impl Origin {
    /// The fault, at this place.
    pub fn diagnostic(&self, fault: Fault) -> Diagnostic {
        self.files.borrow().diagnostic(fault, &self.place, Severity::Error)
    }
}

impl Context {
    pub fn new(
        inference: Inference,
        sources: Box<dyn Sources>,
        limits: Limits,
        watchdog: Watchdog,
        bakery: Bakery,
    ) -> Context {
        let take_time = limits.take_time;
        Context {
            inference,
            sources,
            music_files: RefCell::default(),
            limits,
            watchdog,
            thrown: RefCell::default(),
            session: RefCell::default(),
            planning: RefCell::default(),
            ahead: RefCell::default(),
            printed: RefCell::default(),
            random: Random::default(),
            meters: Meters::default(),
            epoch: Cell::default(),
            texts: Cell::default(),
            rewards: Rewards::new(take_time),
            bakery,
            streams: Streams::default(),
            playing: RefCell::new((Tempo::DEFAULT, None)),
            playhead: Cell::new(Beat::ZERO),
            asked: Cell::default(),
            tempo: RefCell::default(),
            watchers: Watchers::default(),
            loops: Loops::default(),
            stretches: AllStretches::default(),
            sounds: RefCell::new(Some(Arc::default())),
            trusted_sounds: Cell::default(),
            by_hand: RefCell::default(),
            reads_hand: Cell::default(),
            ears: Rc::default(),
            told: RefCell::default(),
            waited: Cell::default(),
            waited_for_takes: Cell::default(),
        }
    }

    /// The seed to use where the script says `written`.
    pub fn seed(&self, written: Option<u64>) -> Seed {
        Seed(self.limits.seed.or(written).unwrap_or(0))
    }

    /// Begins an evaluation.
    pub fn begin(&self, session: Session) {
        *self.session.borrow_mut() = Some(session);
        *self.thrown.borrow_mut() = None;
        self.take_printed();
        self.trusted_sounds.set(false);
        self.reads_hand.set(false);
        self.ears.begin();
        self.told.borrow_mut().clear();
        self.waited.set(Duration::ZERO);
        self.waited_for_takes.set(Duration::ZERO);
    }

    /// Ends the evaluation; `None` when none is under way.
    pub fn end(&self) -> Option<Session> {
        self.session.borrow_mut().take()
    }

    /// The evaluation under way.
    ///
    /// # Errors
    /// When `what` is called by a function that runs while planning, or by a reward, which may be asked
    /// while an evaluation waits.
    pub fn session(&self, what: &str) -> Result<RefMut<'_, Session>, Fault> {
        let refused = || {
            Fault::new(format!("`{what}` cannot be called while the music plays"))
                .name(what)
                .help("call it in the script itself, outside the function")
        };
        if self.planning.borrow().is_some() {
            return Err(refused());
        }
        RefMut::filter_map(self.session.borrow_mut(), Option::as_mut).map_err(|_| refused())
    }

    /// Seed, key and metre that hold where the script is: in an evaluation, or in a function that makes music
    /// ahead of the playhead.
    ///
    /// # Errors
    /// As [`Context::session`].
    pub fn declared(&self, what: &str) -> Result<(Seed, Option<Key>, Meter), Fault> {
        if let Some(ahead) = &*self.ahead.borrow() {
            return Ok((ahead.seed, ahead.key, ahead.meter));
        }
        let session = self.session(what)?;
        Ok((session.declared.seed, session.declared.key, session.declared.meter))
    }

    /// Key and metre that hold where the script is: in an evaluation, or in any function that is called while the
    /// music plays, for which those count that were declared before it was given away.
    ///
    /// # Errors
    /// As [`Context::session`].
    pub fn key_and_meter(&self, what: &str) -> Result<(Option<Key>, Meter), Fault> {
        if let Some(ahead) = &*self.ahead.borrow() {
            return Ok((ahead.key, ahead.meter));
        }
        if let Some(origin) = &*self.planning.borrow() {
            return Ok((origin.key, origin.meter));
        }
        let session = self.session(what)?;
        Ok((session.declared.key, session.declared.meter))
    }

    /// How often the call of a model that `print` identifies was made before; it is made once more now.
    ///
    /// # Errors
    /// As [`Context::session`].
    pub fn count_call(&self, what: &str, print: u64) -> Result<u64, Fault> {
        let count = |calls: &mut HashMap<u64, u64>| {
            let count = calls.entry(print).or_default();
            *count += 1;
            *count - 1
        };
        if let Some(ahead) = &mut *self.ahead.borrow_mut() {
            return Ok(count(&mut ahead.calls));
        }
        Ok(count(&mut self.session(what)?.calls))
    }

    /// The curve of a tempo that moves. The last one is remembered: another keystroke pays nothing for it.
    ///
    /// # Errors
    /// When its pattern fails.
    pub fn tempo_curve(
        &self,
        numbers: &Numbers,
        meter: Meter,
    ) -> Result<Option<Arc<TempoCurve>>, QueryError> {
        if let Some(last) = &*self.tempo.borrow()
            && (last.print, last.meter) == (numbers.print, meter)
        {
            return Ok(last.curve.clone());
        }
        let (curve, outside) = crate::moving_tempo::curve(numbers, meter)?;
        let curve = curve.map(Arc::new);
        let last = LastTempo { print: numbers.print, meter, curve: curve.clone(), outside };
        *self.tempo.borrow_mut() = Some(last);
        Ok(curve)
    }

    /// The tempo where the script is: of one that moves at the beat that is asked for, or where the music is while
    /// the script is read.
    ///
    /// # Errors
    /// As [`Context::session`], where no function is asked either.
    pub fn tempo_now(&self) -> Result<Tempo, Fault> {
        let at = |curve: &TempoCurve, beat: Beat| curve.tempo_at(beat.max(Beat::ZERO));
        if self.planning.borrow().is_some() {
            let beat = self.loops.now().or(self.asked.get()).unwrap_or(self.playhead.get());
            let (tempo, curve) = &*self.playing.borrow();
            return Ok(curve.as_ref().map_or(*tempo, |curve| at(curve, beat)));
        }
        let session = self.session("tempo")?;
        let Some((numbers, _)) = &session.declared.tempo_moves else { return Ok(session.declared.tempo) };
        let curve = self.tempo_curve(numbers, session.declared.meter);
        let curve = curve.map_err(|error| Fault::new(error.to_string()).name("tempo"))?;
        Ok(curve.map_or(session.declared.tempo, |curve| at(&curve, self.playhead.get())))
    }

    /// A script that is right has this tempo.
    pub fn plays_at(&self, tempo: Tempo, moves: Option<Arc<TempoCurve>>) {
        *self.playing.borrow_mut() = (tempo, moves);
    }

    /// The first number of the last tempo that moved that no tempo may be.
    pub fn tempo_outside(&self) -> Option<f64> {
        self.tempo.borrow().as_ref()?.outside
    }

    /// Keeps a take for as long as whoever asked for it.
    ///
    /// # Errors
    /// As [`Context::session`].
    pub fn keep(&self, what: &str, take: &Take) -> Result<(), Fault> {
        match &mut *self.ahead.borrow_mut() {
            Some(ahead) => ahead.takes.push(take.clone()),
            None => self.session(what)?.takes.push(take.clone()),
        }
        Ok(())
    }

    /// Where the script is, for what may go wrong later.
    ///
    /// # Errors
    /// As [`Context::session`].
    pub fn origin(&self, lua: &Lua, what: &str) -> Result<Origin, Fault> {
        if let Some(origin) = &*self.planning.borrow() {
            return Ok(origin.clone());
        }
        let session = self.session(what)?;
        let start = || Place { file: session.main.clone(), line: 1 };
        let (key, meter) = (session.declared.key, session.declared.meter);
        Ok(Origin { files: Rc::clone(&session.files), place: place(lua).unwrap_or_else(start), key, meter })
    }

    /// The number of a text that is read now.
    pub fn next_text(&self) -> u32 {
        let number = self.texts.get();
        self.texts.set(number.wrapping_add(1));
        number
    }

    /// The string of the script that means `text` and was given to `what`, if that can be found.
    pub fn literal(&self, lua: &Lua, what: &str, text: &str) -> Option<Literal> {
        let origin = self.origin(lua, what).ok()?;
        let turn = match self.session(what) {
            Ok(mut session) => {
                let key = (origin.place.line, what.to_owned(), text.to_owned());
                let turns = session.literals.entry(key).or_default();
                *turns += 1;
                *turns - 1
            }
            Err(_) => 0,
        };
        origin.files.borrow().literal(&origin.place, what, text, turn)
    }

    /// Says that a value is played otherwise than it was written.
    ///
    /// # Errors
    /// As [`Context::session`].
    pub fn notice(&self, lua: &Lua, what: &str, fault: Fault) -> Result<(), Fault> {
        let origin = self.origin(lua, what)?;
        let mut notice = origin.diagnostic(fault);
        notice.severity = Severity::Warning;
        self.session(what)?.notices.add(notice);
        Ok(())
    }

    /// Says in a line that a function which runs while the music is made is played otherwise than it says: once
    /// for each text, since it runs again and again. It was written at `origin`.
    pub fn tell_once(&self, origin: &Origin, fault: Fault) {
        let diagnostic = origin.diagnostic(fault);
        // What it says may change from bar to bar; where it stands does not.
        let place = format!("{}:{}:{}", diagnostic.file, diagnostic.line, diagnostic.column);
        if self.told.borrow_mut().insert(place) {
            self.print(diagnostic.to_string());
        }
    }

    /// Keeps a printed line, as far as the limits go.
    pub fn print(&self, line: String) {
        let (most, longest) = (self.limits.most_printed_lines, self.limits.longest_line);
        self.printed.borrow_mut().add(line, most, longest);
    }

    /// How much was printed since it was taken.
    pub fn printed_so_far(&self) -> (usize, usize) {
        self.printed.borrow().length()
    }

    /// Takes back what was printed since it was so much.
    pub fn unprint(&self, length: (usize, usize)) {
        self.printed.borrow_mut().shorten(length);
    }

    /// What was printed since the last call.
    pub fn take_printed(&self) -> Vec<String> {
        std::mem::take(&mut *self.printed.borrow_mut()).told()
    }

    /// Runs `work` with the clock of the script standing still.
    pub fn paused<T>(&self, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = self.watchdog.waiting(work);
        self.waited.set(self.waited.get() + start.elapsed());
        result
    }

    /// Polls until there is an answer or this evaluation has waited for takes as long as it may. A function
    /// that runs while planning, and a reward, never wait: they end here, and are asked again when the take
    /// may be there.
    pub fn wait<T>(&self, poll: impl FnMut(Instant) -> Option<T>) -> Option<T> {
        if self.planning.borrow().is_some() {
            self.watchdog.end(Why::Late);
            return None;
        }
        let (start, before) = (Instant::now(), self.waited_for_takes.get());
        let answer = self.wait_until(start + self.limits.take_time.saturating_sub(before), poll);
        self.waited_for_takes.set(before + start.elapsed());
        answer
    }

    /// Polls until there is an answer, `deadline` has come, or the evaluation is superseded, which ends it;
    /// `poll` gets the moment until which it may block, and ends sooner when a model asks something
    /// ([`Context::look_at`]). The host's own work is done meanwhile, and the clock of the script stands
    /// still.
    pub fn wait_until<T>(&self, deadline: Instant, mut poll: impl FnMut(Instant) -> Option<T>) -> Option<T> {
        while !self.watchdog.ends() {
            let until = deadline.min(Instant::now() + LOOK);
            let answer = loop {
                let answer = self.paused(|| poll(until));
                let now = Instant::now();
                if answer.is_some() || now >= until {
                    break answer;
                }
                self.answer_rewards(until - now);
                if self.watchdog.ends() {
                    return None;
                }
            };
            if answer.is_some() || Instant::now() >= deadline {
                return answer;
            }
            self.streams.make_ahead(&|_| None);
        }
        None
    }

    /// How far a take is when it is settled, a model asks a function of the script, or `until` has come.
    pub fn look_at(&self, take: &Take, until: Instant) -> TakeState {
        take.wait_or(until, self.rewards.wakes())
    }

    /// How far a take is when it is settled or `deadline` has come. Models that ask functions of the script
    /// are answered meanwhile.
    pub fn wait_for(&self, take: &Take, deadline: Instant) -> TakeState {
        loop {
            match self.look_at(take, deadline) {
                TakeState::Pending { .. } if Instant::now() < deadline => {
                    self.answer_rewards(LOOK);
                }
                state => return state,
            }
        }
    }

    /// Answers models that ask functions of the script, for `time` at least once; true when there is
    /// more to answer. An evaluation that waits does not pay for it.
    pub fn answer_rewards(&self, time: Duration) -> bool {
        self.paused(|| self.watchdog.apart(|| self.rewards.answer(Instant::now() + time)))
    }

    /// How long the clock of the evaluation has stood still.
    pub fn waited(&self) -> Duration {
        self.waited.get()
    }
}

/// The context of a VM.
///
/// # Errors
/// Never in a VM of this crate: each is made with its context.
pub(crate) fn context(lua: &Lua) -> Result<Rc<Context>, Fault> {
    match lua.app_data_ref::<Rc<Context>>() {
        Some(context) => Ok(Rc::clone(&context)),
        None => Err(Fault::new("this Lua was not started by Lilt")),
    }
}
