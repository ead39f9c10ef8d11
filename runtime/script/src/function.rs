//! Functions of the script as patterns: called while planning, under the
//! watchdog, on the thread that owns the VM.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::{Rc, Weak};

use lilt_inference::{ModelError, Piece, Step, Take};
use lilt_score::{Beat, Controls, Event, Pattern, Query, QueryError, Seed, Span};
use mlua::{Function, IntoLuaMulti, Lua, MultiValue, Table, Thread, Value};

use crate::ahead::Ahead;
use crate::bind::SketchValue;
use crate::clip_value::ClipValue;
use crate::context::{Origin, Random, context};
use crate::fault::Fault;
use crate::files::STDLIB;
use crate::fingerprint::Fingerprint;
use crate::meter::Metered;
use crate::options::described;
use crate::reading;
use crate::remembered::Remembered;
use crate::state::opened;
use crate::tokens::{Kind, function_body};
use crate::vm::{Ended, Vm};
use crate::watchdog::{Leash, Why};
use crate::worth::looks_back;

/// How often in a beat a function of time is called: eight times, often enough
/// for a filter to move smoothly with the glide between the values.
const CALLS_A_BEAT: i64 = 8;

/// What answers by the script's key or metre, where a function uses it.
const OF_KEY: [&str; 8] = ["key", "meter", "scale", "degree", "degrees", "snap", "chords", "progression"];

/// How deep the identity of a function follows what it uses.
const DEEPEST: u32 = 6;

/// Most values that the identity of a function follows.
const MOST_FOLLOWED: usize = 4_000;

/// What a function is told of whose VM is gone.
const ENDED: &str = "the script that this function belongs to has ended";

/// Why a reward gave no answer.
pub(crate) enum Unanswered {
    /// It reads a take that is still being made: it is to be asked again, and should that take too long,
    /// this is what was wrong.
    Late(ModelError),
    /// It failed.
    Failed(ModelError),
}

impl From<ModelError> for Unanswered {
    fn from(error: ModelError) -> Unanswered {
        Unanswered::Failed(error)
    }
}

/// A function of the script that is called while planning.
#[derive(Clone)]
pub(crate) struct Called {
    function: Function,
    /// What it was given to: a verb or a control.
    what: Rc<str>,
    /// What it answered, for all clones of it.
    remembered: Rc<RefCell<Remembered>>,
    origin: Origin,
    main: Rc<str>,
    seed: Seed,
    /// Weak, for the VM holds patterns that hold this; the generation keeps it alive.
    vm: Weak<Vm>,
}

/// A function that waits for something, and is to go on from there.
pub(crate) struct Waiting {
    coroutine: Thread,
    /// How far its chance has come.
    random: Random,
    /// What it may know, and what it has asked for.
    ahead: Ahead,
}

impl Called {
    /// A function as it was given to `what`.
    ///
    /// # Errors
    /// When no evaluation is under way.
    pub fn new(lua: &Lua, what: &str, function: Function) -> Result<Called, Fault> {
        let context = context(lua)?;
        let origin = context.origin(lua, what)?;
        let session = context.session(what)?;
        let vm = lua
            .app_data_ref::<Weak<Vm>>()
            .map(|vm| Weak::clone(&vm))
            .ok_or_else(|| Fault::new("this Lua was not started by Lilt"))?;
        let main = session.main.as_str().into();
        let (seed, remembered) = (session.declared.seed, Rc::default());
        Ok(Called { function, what: what.into(), remembered, origin, main, seed, vm })
    }

    /// What the function gives at `beat`; chance inside it is a function of time too. Late when it reads a
    /// take that is still being made, or when the meter has no more time for it.
    fn at(&self, beat: Beat) -> Result<Value, QueryError> {
        let vm = self.vm.upgrade().ok_or_else(|| self.failed(Fault::new(ENDED)))?;
        let context = &vm.context;
        if let Some(known) = self.remembered.borrow_mut().recall(&vm.lua, context.epoch.get(), beat) {
            return Ok(known);
        }
        let place = &self.origin.place;
        let metered = Metered { what: &self.what, file: &place.file, line: place.line };
        let outer = context.asked.replace(Some(beat));
        let called = context.meters.call(metered, || self.call(beat.to_f64(), self.seed.at(beat)));
        context.asked.set(outer);
        let value = called.ok_or(QueryError::Late)?.map_err(|ended| match ended.why {
            Some(Why::Late) => QueryError::Late,
            _ => QueryError::Failed(Box::new(ended.diagnostic)),
        })?;
        self.remembered.borrow_mut().remember(beat, &value);
        Ok(value)
    }

    /// What `state` is now: what was answered with another one is forgotten.
    pub fn epoch(&self) -> u64 {
        self.vm.upgrade().map_or(0, |vm| vm.context.epoch.get())
    }

    /// What `convert` makes of what the function gives for a note that begins at `beat`; `number` tells it from the
    /// others that begin there, for chance. Late as when it is asked for a beat.
    pub fn of_note<T>(
        &self,
        beat: Beat,
        number: u64,
        note: impl FnOnce(&Lua) -> mlua::Result<Table>,
        convert: impl FnOnce(&Value) -> Result<T, Fault>,
    ) -> Result<T, QueryError> {
        let vm = self.vm.upgrade().ok_or_else(|| self.failed(Fault::new(ENDED)))?;
        let place = &self.origin.place;
        let metered = Metered { what: &self.what, file: &place.file, line: place.line };
        let note = note(&vm.lua).map_err(|error| self.failed(Fault::new(error.to_string())))?;
        let seed = self.seed.at(beat).child_number(number);
        let called = vm.context.meters.call(metered, || self.call(note, seed));
        let value = called.ok_or(QueryError::Late)?.map_err(|ended| match ended.why {
            Some(Why::Late) => QueryError::Late,
            _ => QueryError::Failed(Box::new(ended.diagnostic)),
        })?;
        convert(&value).map_err(|fault| self.failed(fault))
    }

    /// What `convert` makes of what the function gives where it makes music ahead of the playhead, and the takes
    /// that it asked for. Late as when it is asked for a beat.
    pub fn ahead<T>(
        &self,
        arguments: impl IntoLuaMulti,
        ahead: Ahead,
        convert: impl FnOnce(&Lua, &Value) -> Result<T, Fault>,
    ) -> (Result<T, QueryError>, Vec<Take>) {
        let Some(vm) = self.vm.upgrade() else { return (Err(self.failed(Fault::new(ENDED))), Vec::new()) };
        let context = &vm.context;
        let place = &self.origin.place;
        let metered = Metered { what: &self.what, file: &place.file, line: place.line };
        let seed = ahead.seed;
        let asked = context.asked.replace(Some(ahead.beat));
        let outer = context.ahead.replace(Some(ahead));
        let called = context.meters.call(metered, || self.run_in(&self.function, arguments, seed));
        let planning = context.planning.replace(Some(self.origin.clone()));
        let answer = match called {
            None => Err(QueryError::Late),
            Some(Err(ended)) if ended.why == Some(Why::Late) => Err(QueryError::Late),
            Some(Err(ended)) => Err(QueryError::Failed(Box::new(ended.diagnostic))),
            Some(Ok((mut values, _))) => {
                let value = values.pop_front().unwrap_or(Value::Nil);
                convert(&vm.lua, &value).map_err(|fault| self.failed(fault))
            }
        };
        context.planning.replace(planning);
        context.asked.set(asked);
        let takes = context.ahead.replace(outer).map_or_else(Vec::new, |ahead| ahead.takes);
        (answer, takes)
    }

    /// Lets the function run where it makes music ahead of the playhead, and may wait: begins it, or lets it go on
    /// where it waits. Where it waits again, `waiting` holds it. Gives the takes that it has asked for too; late as
    /// when it is asked for a beat, and then it is to begin again.
    pub fn begin_or_go_on(
        &self,
        waiting: &mut Option<Waiting>,
        argument: u64,
        ahead: impl FnOnce() -> Ahead,
    ) -> (Result<(), QueryError>, Vec<Take>) {
        let Some(vm) = self.vm.upgrade() else { return (Err(self.failed(Fault::new(ENDED))), Vec::new()) };
        let context = &vm.context;
        let place = &self.origin.place;
        let metered = Metered { what: &self.what, file: &place.file, line: place.line };
        let outer = context.ahead.take();
        let called = context.meters.call(metered, || {
            let numbers = context.random.clone();
            let (coroutine, begins, ahead) = match waiting.take() {
                Some(Waiting { coroutine, random, ahead }) => {
                    context.random.go_on_from(&random);
                    (coroutine, None, ahead)
                }
                None => {
                    let ahead = ahead();
                    context.random.restart(ahead.seed);
                    let coroutine = vm.coroutine().map_err(|error| self.full(&error))?;
                    let argument = Value::Number(argument as f64);
                    (coroutine, Some((&self.function, MultiValue::from_vec(vec![argument]))), ahead)
                }
            };
            context.ahead.replace(Some(ahead));
            let before = context.planning.replace(Some(self.origin.clone()));
            let printed = context.printed_so_far();
            let leash = Leash { time: Some(context.limits.call_time), droppable: false };
            let result = vm.resume(&coroutine, begins, leash, &self.origin.files, &self.main);
            context.planning.replace(before);
            if result.as_ref().is_err_and(|ended| ended.why == Some(Why::Late)) {
                context.unprint(printed);
            }
            if let (Ok(false), Some(ahead)) = (&result, &*context.ahead.borrow()) {
                *waiting = Some(Waiting { coroutine, random: context.random.clone(), ahead: ahead.clone() });
            }
            context.random.go_on_from(&numbers);
            result
        });
        let takes = context.ahead.replace(outer).map_or_else(Vec::new, |ahead| ahead.takes);
        let answer = match called {
            None => Err(QueryError::Late),
            Some(Err(ended)) if ended.why == Some(Why::Late) => Err(QueryError::Late),
            Some(Err(ended)) => Err(QueryError::Failed(Box::new(ended.diagnostic))),
            Some(Ok(_)) => Ok(()),
        };
        (answer, takes)
    }

    fn full(&self, error: &mlua::Error) -> Ended {
        self.origin.diagnostic(Fault::new(error.to_string())).into()
    }

    /// What the function, a reward, gives for a piece.
    ///
    /// # Errors
    /// When it reads a take that is still being made; [`ModelError::Reward`] when it fails or gives no
    /// number.
    pub fn score(&self, piece: &Piece) -> Result<f64, Unanswered> {
        let given = match piece {
            Piece::Clip(clip) => self.call(ClipValue::ready(clip.clone()), self.seed),
            Piece::Sketch(sketch) => self.call(SketchValue::new(sketch.clone()), self.seed),
        };
        Ok(number(&given.map_err(broken)?)?)
    }

    /// What the function, the worth of a note, gives for notes and the ones before them: for the first of
    /// `steps` at least, and for as many more as that could be found out together.
    ///
    /// # Errors
    /// As [`Called::score`].
    pub fn score_steps(&self, steps: &[Step]) -> Result<Vec<f64>, Unanswered> {
        let vm = self.vm.upgrade().ok_or(ModelError::Stopped)?;
        let full = |error: mlua::Error| failed(format!("failed: {error}"));
        let (worths, numbers) = reading::worths(&vm.lua, steps).map_err(full)?;
        let (mut values, chance) = match self.run(&worths, (&self.function, &numbers, steps.len()), self.seed)
        {
            Ok(answered) => answered,
            // Which of them it was, and whether alone it is stopped too, shows when it is the first.
            Err(ended) if steps.len() > 1 && ended.why != Some(Why::Late) => {
                return self.score_steps(&steps[..1]);
            }
            Err(error) => return Err(broken(error)),
        };
        match values.pop_front().and_then(|count| count.as_usize()) {
            // Chance begins anew at each note.
            Some(1..) if chance => Ok(reading::answers(&numbers, 1)),
            Some(count @ 1..) => Ok(reading::answers(&numbers, count)),
            Some(0) | None => Ok(vec![number(&values.pop_front().unwrap_or(Value::Nil))?]),
        }
    }

    /// Whether the function, the worth of a note, looks at the one before.
    pub fn looks_back(&self) -> bool {
        looks_back(&self.function)
    }

    fn call(&self, argument: impl IntoLuaMulti, seed: Seed) -> Result<Value, Ended> {
        let (mut values, _) = self.run(&self.function, argument, seed)?;
        Ok(values.pop_front().unwrap_or(Value::Nil))
    }

    /// What `function` gives, and whether it used chance.
    fn run(
        &self,
        function: &Function,
        arguments: impl IntoLuaMulti,
        seed: Seed,
    ) -> Result<(MultiValue, bool), Ended> {
        let vm = self.vm.upgrade().ok_or_else(|| self.origin.diagnostic(Fault::new(ENDED)))?;
        // A reward may be asked while a function waits that makes music ahead.
        let ahead = vm.context.ahead.take();
        let result = self.run_in(function, arguments, seed);
        vm.context.ahead.replace(ahead);
        result
    }

    fn run_in(
        &self,
        function: &Function,
        arguments: impl IntoLuaMulti,
        seed: Seed,
    ) -> Result<(MultiValue, bool), Ended> {
        let vm = self.vm.upgrade().ok_or_else(|| self.origin.diagnostic(Fault::new(ENDED)))?;
        let context = &vm.context;
        // It may be called while an evaluation waits: that goes on with its own numbers.
        let numbers = context.random.clone();
        context.random.restart(seed);
        let before = context.planning.replace(Some(self.origin.clone()));
        let printed = context.printed_so_far();
        let leash = Leash { time: Some(context.limits.call_time), droppable: false };
        let result = vm.call(function, arguments, leash, &self.origin.files, &self.main);
        context.planning.replace(before);
        if result.as_ref().is_err_and(|ended| ended.why == Some(Why::Late)) {
            // It is called again, and says it then.
            context.unprint(printed);
        }
        let chance = context.random.used();
        context.random.go_on_from(&numbers);
        Ok((result?, chance))
    }

    /// The fault, where the function was given away.
    pub fn failed(&self, fault: Fault) -> QueryError {
        QueryError::Failed(Box::new(self.origin.diagnostic(fault)))
    }

    /// The function's numbers over time, sampled eight times a beat; `convert` says
    /// what is no good.
    pub fn numbers(self, convert: impl Fn(&Value) -> Result<f64, Fault> + 'static) -> Pattern<f64> {
        let step = Beat::new(1, CALLS_A_BEAT);
        Pattern::try_new(move |query| {
            query
                .span
                .cycles(step)
                .into_iter()
                .map(|part| {
                    let value = self.at(step * Beat::whole(part.start.floor_div(step)))?;
                    let value = convert(&value).map_err(|fault| self.failed(fault))?;
                    Ok(Event::flowing(part, value))
                })
                .collect()
        })
    }

    /// What the function gives for each round, by the round's first beat; `length` says how many beats a round
    /// has where a bar has so many.
    pub fn rounds<T: 'static>(
        self,
        length: impl Fn(Beat) -> Beat + 'static,
        convert: impl Fn(&Value) -> Result<T, Fault> + 'static,
    ) -> Pattern<T> {
        Pattern::try_new(move |query: Query| {
            let length = length(query.bar);
            let rounds = query.span.cycles(length).into_iter();
            let event = |part: Span| {
                let start = length * Beat::whole(part.start.floor_div(length));
                let value = convert(&self.at(start)?).map_err(|fault| self.failed(fault))?;
                Ok(Event::new(Span::new(start, start + length), part, value))
            };
            rounds.map(event).collect()
        })
    }

    /// The patterns that the function gives, one for each bar, by the bar's first beat.
    pub fn music(
        self,
        convert: impl Fn(&Value) -> Result<Pattern<Controls>, Fault> + 'static,
    ) -> Pattern<Controls> {
        Pattern::try_new(move |query: Query| {
            let mut events = Vec::new();
            for part in query.span.cycles(query.bar) {
                let bar = query.bar * Beat::whole(part.start.floor_div(query.bar));
                let value = self.at(bar)?;
                let pattern = convert(&value).map_err(|fault| self.failed(fault))?;
                let bar = Span::new(bar, bar + query.bar);
                events.extend(pattern.query(query.over(part))?.into_iter().map(|event| within(event, bar)));
            }
            Ok(events)
        })
    }
}

/// What a reward gave, as a number.
fn number(value: &Value) -> Result<f64, ModelError> {
    match value {
        Value::Integer(number) => Ok(*number as f64),
        Value::Number(number) => Ok(*number),
        other => {
            let given = described(other);
            Err(failed(format!("gave {given}: it must return a number, larger for what you like better")))
        }
    }
}

/// A reward that raised an error or was stopped.
fn broken(ended: Ended) -> Unanswered {
    let error = ended.diagnostic;
    let help = error.help.map(|help| format!(" ({help})")).unwrap_or_default();
    let failed = failed(format!("failed on line {}: {}{help}", error.line, error.message));
    match ended.why {
        Some(Why::Late) => Unanswered::Late(failed),
        _ => Unanswered::Failed(failed),
    }
}

fn failed(reason: String) -> ModelError {
    ModelError::Reward { reason }
}

/// The event where each bar has a pattern of its own: what begins in a bar belongs to that bar's pattern,
/// and ends with it.
pub(crate) fn within<T>(mut event: Event<T>, bar: Span) -> Event<T> {
    event.whole = event.whole.map(|whole| Span::new(whole.start.max(bar.start), whole.end.min(bar.end)));
    event
}

/// Identity of a function: its text, and the values it uses. Where it stands in
/// the file does not count. `None` when no evaluation is under way.
pub(crate) fn fingerprint(lua: &Lua, function: &Function) -> Option<u64> {
    let mut follow = Follow { lua, seen: HashSet::new(), followed: 0 };
    Some(follow.function(function, DEEPEST)?.value())
}

/// Identity of a value as a script holds it: equal values, equal numbers.
pub(crate) fn identity(lua: &Lua, value: &Value) -> u64 {
    Follow { lua, seen: HashSet::new(), followed: 0 }.value(value, DEEPEST)
}

struct Follow<'a> {
    lua: &'a Lua,
    seen: HashSet<usize>,
    followed: usize,
}

impl Follow<'_> {
    fn function(&mut self, function: &Function, depth: u32) -> Option<Fingerprint> {
        let info = function.info();
        let file =
            info.source.as_deref().and_then(|source| source.strip_prefix('=')).unwrap_or("").to_owned();
        let print = Fingerprint::of("function").text(info.name.as_deref().unwrap_or(""));
        let context = context(self.lua).ok()?;
        let (texts, words, environment) = {
            let session = context.session("").ok()?;
            let files = session.files.borrow();
            let Some((text, tokens)) = files.get(&file) else {
                // A function of the library: its name says which. One that the standard library made
                // for this script is told from its sisters by what it was made of.
                let print = print.text(&file).number(info.line_defined.unwrap_or(0) as u64);
                drop(files);
                drop(session);
                return Some(if file.starts_with(STDLIB) {
                    self.upvalues(print, function, depth)
                } else {
                    print
                });
            };
            let line = info.line_defined.unwrap_or(0) as u32;
            // Two functions that begin on one line count together: either may be meant.
            let starts =
                (0..tokens.len()).filter(|i| tokens[*i].line == line && tokens[*i].text(text) == "function");
            let (mut texts, mut words) = (Vec::new(), Vec::new());
            for start in starts {
                for token in &tokens[function_body(tokens, text, start)] {
                    texts.push(token.text(text).to_owned());
                    if token.kind == Kind::Word {
                        words.push(token.text(text).to_owned());
                    }
                }
            }
            words.sort();
            words.dedup();
            (texts, words, session.environment.clone())
        };
        let mut print = texts.iter().fold(print, |print, text| print.text(text));
        if depth == 0 || !self.seen.insert(function.to_pointer() as usize) {
            return Some(print);
        }
        if words.iter().any(|word| OF_KEY.contains(&word.as_str())) {
            print = print.text(&format!("{:?}", context.key_and_meter("").ok()?));
        }
        print = self.upvalues(print, function, depth);
        for word in words {
            match environment.raw_get::<Value>(word.as_str()) {
                Ok(Value::Nil) | Err(_) => {}
                Ok(value) => print = print.text(&word).number(self.value(&value, depth - 1)),
            }
        }
        Some(print)
    }

    /// With what the function has closed over.
    fn upvalues(&mut self, print: Fingerprint, function: &Function, depth: u32) -> Fingerprint {
        if depth == 0 {
            return print;
        }
        let values = upvalues(self.lua, function);
        values.iter().fold(print, |print, value| print.number(self.value(value, depth - 1)))
    }

    fn value(&mut self, value: &Value, depth: u32) -> u64 {
        self.followed += 1;
        let print = Fingerprint::of(value.type_name());
        if self.followed > MOST_FOLLOWED {
            return print.value();
        }
        match value {
            Value::Boolean(flag) => print.number(u64::from(*flag)),
            Value::Integer(number) => print.real(*number as f64),
            Value::Number(number) => print.real(*number),
            Value::String(text) => print.bytes(&text.as_bytes()),
            Value::Function(function) => self.function(function, depth).unwrap_or(print),
            Value::Table(table) => self.table(table, depth),
            Value::UserData(data) => print.number(crate::bind::identity(data)),
            _ => print,
        }
        .value()
    }

    /// Independent of the order of the keys, which depends on addresses.
    fn table(&mut self, table: &Table, depth: u32) -> Fingerprint {
        let print = Fingerprint::of("table");
        if depth == 0 || !self.seen.insert(table.to_pointer() as usize) {
            return print;
        }
        let pairs: Vec<(Value, Value)> =
            opened(table).pairs().take(MOST_FOLLOWED).filter_map(Result::ok).collect();
        let mut prints: Vec<(u64, u64)> = Vec::new();
        for (key, value) in pairs {
            prints.push((self.value(&key, depth - 1), self.value(&value, depth - 1)));
        }
        prints.sort_unstable();
        prints.into_iter().fold(print, |print, (key, value)| print.number(key).number(value))
    }
}

/// The values that a function has closed over.
fn upvalues(lua: &Lua, function: &Function) -> Vec<Value> {
    // SAFETY: the function is on the stack at index 1. `lua_getupvalue` pushes one value
    // and returns a name, or pushes nothing and returns null; the stack is grown first,
    // and the function is taken off before the rest is returned.
    let values = unsafe {
        lua.exec_raw::<mlua::MultiValue>(function, |state| {
            let mut n = 1;
            while mlua::ffi::lua_checkstack(state, 2) != 0
                && !mlua::ffi::lua_getupvalue(state, 1, n).is_null()
            {
                n += 1;
            }
            mlua::ffi::lua_remove(state, 1);
        })
    };
    // An error here is a full memory, which the script hears of at its next allocation.
    values.map_or_else(|_| Vec::new(), |values| values.into_iter().collect())
}
