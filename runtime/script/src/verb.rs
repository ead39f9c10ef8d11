//! Verbs: what can be done with music. Each is registered once, in `verbs/`; from that entry come the method
//! on music and on a slot, the plain function, arguments that move, the identity, and the documentation.

mod given;
mod param;
mod range;

pub(crate) use given::Given;
pub(crate) use param::{Kind, Param};
pub(crate) use range::{clamped, tell_of_range};

use std::rc::Rc;

use std::sync::Arc;

use lilt_score::{Control, Controls, Pattern, Seed};
use lilt_sequencer::Instrument;
use mlua::{Lua, Value};

use given::{Argument, structure};
use range::{bounded, first_values, sampled, tell_of_bounds};

use crate::bind::{call, change_of};
use crate::context::context;
use crate::doc::Doc;
use crate::each_note::EachNote;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::lift::{self, Numbers};
use crate::music::Music;
use crate::options::{described, expected};
use crate::state::opened;
use crate::unheeded::{Said, What, silence_of};
use crate::verbs;

/// One verb.
pub(crate) struct Verb {
    /// Its name, as live coders know it.
    pub name: &'static str,
    /// Other names that it answers to.
    pub aliases: &'static [&'static str],
    /// What it takes, in order.
    pub params: &'static [Param],
    /// What it does, for a musician.
    pub summary: &'static str,
    /// A script that works as it stands.
    pub example: &'static str,
    /// What it makes of the music.
    pub make: Make,
    /// What it does to time, and so to what a bar costs.
    pub time: Time,
}

/// What a verb makes of music.
pub(crate) enum Make {
    /// A pattern out of the pattern and what was given.
    Pattern(fn(&Pattern<Controls>, &Given) -> Pattern<Controls>),
    /// As `Pattern`, where what is given may be wrong in a way that only the verb knows.
    Checked(fn(&Pattern<Controls>, &Given) -> Result<Pattern<Controls>, Fault>),
    /// An event out of each event; it stays when and as long as it is.
    Event(fn(Controls, &Given) -> Controls),
    /// As `Pattern`, where the functions among what is given change not the music but what the first makes
    /// of it and of the rest of what is given.
    Around(Before, fn(&Pattern<Controls>, &Given) -> Pattern<Controls>),
    /// Each event with the number of this control.
    Control(Control),
}

/// What of the music a function changes.
pub(crate) type Before = fn(&Pattern<Controls>, &Given) -> Pattern<Controls>;

/// What a verb does to time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Time {
    /// Nothing: it changes what events say, or when exactly they come.
    Kept,
    /// It makes the music as many times as fast as its first number says.
    Faster,
    /// As many times as slow.
    Slower,
    /// A bar of the result holds up to so many bars of the music.
    Times(f64),
    /// A bar holds the music as often as its first number says.
    Often,
}

/// What was read of the arguments of one call.
struct Read {
    given: Given,
    /// Parameters whose number moves.
    steering: Vec<(usize, Pattern<f64>)>,
    print: Fingerprint,
    /// Music that came in, for what is known of it.
    others: Vec<Music>,
    /// Slots that numbers which came in follow.
    follows: Vec<Arc<str>>,
    /// The largest first number that is met in the first bars.
    factor: f64,
}

/// Most values of a moving argument for which a function is called.
const MOST_VARIANTS: usize = 16;

impl Verb {
    /// Called so.
    pub fn answers_to(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// What the verb makes of `music` with what a script wrote behind it.
    ///
    /// # Errors
    /// When an argument is wrong, a function fails, or the result would cost too much.
    pub fn run(&'static self, lua: &Lua, music: &Music, written: &[Value]) -> mlua::Result<Music> {
        if music.stream.is_some() && !matches!(self.time, Time::Kept) {
            let name = self.name;
            let fault = Fault::new(format!("`{name}` cannot change a stream, which is made as it is played"));
            return Err(fault.name(name).help("change the tempo, or sample a clip and play that").into());
        }
        let read = self.read(lua, music, written)?;
        let pattern = self.pattern(&music.pattern, &read).map_err(|fault| fault.of(self.name))?;
        let weight = match self.time {
            Time::Kept => music.weight,
            Time::Faster | Time::Often => music.weight * read.factor.max(1.0),
            Time::Slower => music.weight * (1.0 / read.factor).max(1.0),
            Time::Times(times) => music.weight * times,
        };
        let weight = weight + read.others.iter().map(|other| other.weight).sum::<f64>();
        let mut changed =
            music.changed(pattern, read.print, weight).map_err(|fault| fault.or_word(self.name))?;
        // A scale makes pitches of numbers, and a name of sounds makes sounds of those that count them.
        let makes_sound = |param: &Param| match param.kind {
            Kind::Scale => true,
            Kind::Sounds => music.counts,
            _ => false,
        };
        changed.numeric &= !self.params.iter().any(makes_sound);
        changed.follow(&read.follows);
        if self.name == "velocity" && is_always(written, 0.0) {
            let fault = Fault::new("velocity 0 is silence").name("velocity");
            let help = "write a number above 0, up to 1; or ~ in the text for a rest";
            context(lua)?.notice(lua, "velocity", fault.help(help))?;
        }
        if let Some(what) = self.says(music, &read, written) {
            let origin = context(lua)?.origin(lua, self.name)?;
            changed.say(Rc::new(Said { verb: self.name, what, origin }));
        }
        Ok(read.others.iter().fold(changed, |changed, other| changed.with(other)))
    }

    /// What it says of events that not all that plays events heeds.
    fn says(&self, music: &Music, read: &Read, written: &[Value]) -> Option<What> {
        if arithmetic(self.name) {
            let numbers = !read.others.is_empty() && read.others.iter().all(|other| other.numeric);
            return (numbers && !music.numeric).then_some(What::Reckons);
        }
        let control = match self.make {
            Make::Control(control) => control,
            _ if self.name == "cc" => Control::controller(u8::try_from(read.given.whole(0)).ok()?)?,
            _ => verbs::recorded(self.name)?,
        };
        let own = matches!(self.make, Make::Control(_));
        let silent = own.then(|| silence_of(control)).flatten();
        Some(What::Sets { control, silences: silent.is_some_and(|silent| is_always(written, silent)) })
    }

    fn pattern(&'static self, music: &Pattern<Controls>, read: &Read) -> Result<Pattern<Controls>, Fault> {
        let Some(((at, steering), rest)) = read.steering.split_first() else {
            return self.made(music, &read.given);
        };
        // Whether what is given is wrong does not depend on where a number moves to.
        self.made(music, &read.given)?;
        let (music, given, rest) = (music.clone(), read.given.clone(), rest.to_vec());
        Ok(self.steered(music, given, *at, steering, rest))
    }

    fn steered(
        &'static self,
        music: Pattern<Controls>,
        given: Given,
        at: usize,
        steering: &Pattern<f64>,
        rest: Vec<(usize, Pattern<f64>)>,
    ) -> Pattern<Controls> {
        Pattern::steered(steering, move |value| {
            let given = given.with(at, Argument::Number(value));
            match rest.split_first() {
                Some(((next, steering), rest)) => {
                    self.steered(music.clone(), given, *next, steering, rest.to_vec())
                }
                None => self.made(&music, &given).unwrap_or_else(|_| Pattern::silence()),
            }
        })
    }

    fn made(&self, music: &Pattern<Controls>, given: &Given) -> Result<Pattern<Controls>, Fault> {
        match self.make {
            Make::Pattern(make) => Ok(make(music, given)),
            Make::Checked(make) => make(music, given),
            Make::Around(_, make) => Ok(make(music, given)),
            Make::Event(make) => {
                let given = given.clone();
                Ok(music.map(move |controls| make(controls, &given)))
            }
            Make::Control(control) => {
                let (low, high) = control.range().into_inner();
                let set =
                    move |own: &Controls, value: &f64| own.clone().with(control, value.clamp(low, high));
                Ok(music.apply(&given.numbers(0), given.structure(1), set))
            }
        }
    }

    fn read(&'static self, lua: &Lua, music: &Music, written: &[Value]) -> mlua::Result<Read> {
        let mut read = Read {
            given: Given(Vec::with_capacity(self.params.len())),
            steering: Vec::new(),
            print: Fingerprint::of(self.name),
            others: Vec::new(),
            follows: Vec::new(),
            factor: 1.0,
        };
        let mut values = written.iter();
        let mut changes = Vec::new();
        for (i, param) in self.params.iter().enumerate() {
            let nil = Value::Nil;
            let argument = match param.kind {
                // Functions are called when all else is known.
                Kind::Change => {
                    let value = values.next().unwrap_or(&nil).clone();
                    changes.push((i, value));
                    Argument::Musics(Vec::new())
                }
                Kind::Musics | Kind::Changes => {
                    let rest: Vec<&Value> = values.by_ref().filter(|value| !value.is_nil()).collect();
                    self.many(lua, music, param, &rest, &mut read)?
                }
                _ => {
                    let read = self.one(lua, music, i, values.next().unwrap_or(&nil), &mut read);
                    read.map_err(|error| self.of_argument(error, i))?
                }
            };
            read.given.0.push(argument);
        }
        if let Some(surplus) = values.find(|value| !value.is_nil()) {
            let (name, many) = (self.name, self.params.len());
            let takes = match many {
                0 => "takes nothing".to_owned(),
                _ => format!("takes {}", self.params.iter().map(|p| p.name).collect::<Vec<_>>().join(", ")),
            };
            let fault = Fault::new(format!("`{name}` {takes}, and got {} too", described(surplus)));
            let fault = match crate::options::written_as(surplus) {
                Some(word) => fault.word(word),
                None => fault.given(""),
            };
            return Err(fault.of_verb(name, many).into());
        }
        if matches!(self.name, "choose" | "wchoose" | "randcat" | "wrandcat") {
            // All that they are given is music: their seed is the script's, behind the last parameter.
            let seed = self.one_seed(lua)?;
            read.print = read.print.number(seed.0);
            read.given.0.push(Argument::Seed(seed));
        }
        for (i, value) in changes {
            let changed = self.changed(lua, music, &value, &mut read);
            read.given.0[i] = changed.map_err(|error| self.of_argument(error, i))?;
        }
        Ok(read)
    }

    /// The error, about the argument of parameter `i`.
    fn of_argument(&self, error: mlua::Error, i: usize) -> mlua::Error {
        match &error {
            mlua::Error::ExternalError(inner) => match inner.downcast_ref::<Fault>() {
                Some(fault) => fault.clone().of_verb(self.name, i).into(),
                None => error,
            },
            _ => error,
        }
    }

    /// The script's seed for this verb; the verb's own while the music plays.
    fn one_seed(&self, lua: &Lua) -> mlua::Result<Seed> {
        let script = context(lua)?.session(self.name).map_or(Seed(0), |session| session.declared.seed);
        Ok(script.child(self.name))
    }

    /// What a function makes of the music.
    fn changed(
        &'static self,
        lua: &Lua,
        music: &Music,
        value: &Value,
        read: &mut Read,
    ) -> mlua::Result<Argument> {
        let mut call = |given: &Given| {
            let before = match self.make {
                Make::Around(before, _) => {
                    let print = Fingerprint::of("before").text(self.name);
                    music.changed(before(&music.pattern, given), print, music.weight)?
                }
                _ => music.clone(),
            };
            let other = self.change(lua, &before, value)?;
            read.print = read.print.number(other.print);
            let pattern = other.pattern.clone();
            read.others.push(other);
            mlua::Result::Ok(pattern)
        };
        let around = matches!(self.make, Make::Around(..));
        let Some((of, steering)) = read.steering.first().filter(|_| around) else {
            return Ok(Argument::Music(call(&read.given)?));
        };
        let mut seen: Vec<f64> = first_values(steering);
        seen.sort_by(f64::total_cmp);
        seen.dedup();
        seen.truncate(MOST_VARIANTS);
        let mut each = Vec::with_capacity(seen.len());
        for value in seen {
            each.push((value, call(&read.given.with(*of, Argument::Number(value)))?));
        }
        Ok(Argument::Variants { of: *of, each })
    }

    fn one(
        &'static self,
        lua: &Lua,
        music: &Music,
        i: usize,
        value: &Value,
        read: &mut Read,
    ) -> mlua::Result<Argument> {
        let (param, name) = (&self.params[i], self.name);
        let left_out = matches!(
            param.kind,
            Kind::Number { .. }
                | Kind::Whole { .. }
                | Kind::Numbers
                | Kind::Bounded { .. }
                | Kind::Truths
                | Kind::Music
                | Kind::Text
                | Kind::Sounds
                | Kind::Words
        );
        if value.is_nil() && param.default.is_none() && left_out {
            let given: Vec<&str> = self.params.iter().map(|param| param.name).collect();
            let fault = Fault::new(format!("`{name}` needs `{}`: {}", param.name, param.meaning)).name(name);
            return Err(fault.help(format!("write {name}({})", given.join(", "))).into());
        }
        let add = |read: &mut Read, print: u64| read.print = read.print.number(print);
        Ok(match param.kind {
            Kind::Number { least, most } | Kind::Whole { least, most } => {
                let whole = matches!(param.kind, Kind::Whole { .. });
                let numbers = match (value, param.default) {
                    (Value::Nil, Some(default)) => Numbers::steady(default),
                    _ => lift::numbers(lua, name, value)?,
                };
                add(read, numbers.print);
                read.follows.extend(numbers.follows.iter().cloned());
                let kept = move |number: f64| {
                    let number = if whole { number.floor() } else { number };
                    if number.is_nan() { least } else { number.clamp(least, most) }
                };
                if let Value::String(text) = value {
                    let text = text.to_string_lossy();
                    for (number, at) in lift::written_numbers(&text) {
                        bounded(name, number, param.kind, |fault| fault.within(&*text, at))?;
                    }
                }
                let first = match numbers.pattern.steady_value() {
                    Some(number) => {
                        bounded(name, *number, param.kind, |fault| fault.word(number.to_string()))?
                    }
                    None => {
                        let mut first = first_values(&numbers.pattern);
                        if value.is_userdata() {
                            first.extend(sampled(&numbers.pattern));
                        }
                        if let Some(far) = first.iter().find(|number| **number != kept(**number)) {
                            let mark = |fault: Fault| fault.given("").of_verb(name, i);
                            tell_of_bounds(lua, name, (*far, kept(*far)), param.kind, mark)?;
                        }
                        read.steering.push((i, numbers.pattern.map(kept)));
                        let largest = first.into_iter().map(kept).reduce(f64::max);
                        largest.unwrap_or_else(|| kept(param.default.unwrap_or(1.0)))
                    }
                };
                if i == 0 {
                    read.factor = first;
                }
                Argument::Number(first)
            }
            Kind::Numbers | Kind::Bounded { .. } => {
                let numbers = match (value, param.default) {
                    (Value::Nil, Some(default)) => Numbers::steady(default),
                    _ => lift::numbers(lua, name, value)?,
                };
                add(read, numbers.print);
                read.follows.extend(numbers.follows.iter().cloned());
                let range = match (&self.make, param.kind) {
                    (_, Kind::Bounded { least, most }) => Some((least, most)),
                    (Make::Control(control), _) => Some(control.range().into_inner()),
                    _ => None,
                };
                if let Some(range) = range {
                    tell_of_range(lua, name, range, value, &numbers, |fault| fault.of_verb(name, i))?;
                }
                Argument::Numbers(numbers.pattern)
            }
            Kind::Music => {
                let other = operand(lua, name, value, music.instrument)?;
                add(read, other.print);
                let pattern = other.pattern.clone();
                read.others.push(other);
                Argument::Music(pattern)
            }
            Kind::Text => {
                let text = crate::options::text(name, value)?;
                read.print = read.print.text(&text);
                Argument::Text(text)
            }
            Kind::Sounds => {
                let (sounds, print) = lift::sounds(lua, name, value)?;
                add(read, print);
                Argument::Sounds(sounds)
            }
            Kind::Words => {
                let text = crate::options::text(name, value)?;
                let (words, which, print) = lift::words(lua, name, &text)?;
                add(read, print);
                Argument::Words(words, which)
            }
            Kind::Truths => {
                let (truths, print) = lift::truths(lua, name, value)?;
                add(read, print);
                Argument::Truths(truths)
            }
            Kind::Scale => {
                let (scales, which, print) = lift::scales(lua, name, value)?;
                add(read, print);
                Argument::Scales(scales, which)
            }
            Kind::Structure => {
                let structure = structure(name, value)?;
                read.print = read.print.number(structure as u64);
                Argument::Structure(structure)
            }
            Kind::Seed => {
                let number = match value {
                    Value::Nil => 0,
                    value => crate::options::whole_in(name, value, 0, 1 << 53)? as u64,
                };
                // While the music plays chance is the verb's own.
                let script = context(lua)?.session(name).map_or(Seed(0), |session| session.declared.seed);
                let seed = script.child(name).child_number(number);
                add(read, seed.0);
                Argument::Seed(seed)
            }
            Kind::Note => {
                let Value::Function(function) = value else {
                    let wanted = "a function, as in function(note) note.velocity = 0.3 return note end";
                    return Err(expected(name, wanted, value).into());
                };
                let each = EachNote::new(lua, name, function.clone())?;
                add(read, each.print);
                Argument::Each(Box::new(each))
            }
            Kind::Pitches if value.is_nil() => Argument::None,
            Kind::Pitches => {
                let pitches = lift::music(lua, name, value, Instrument::Keys)?;
                add(read, pitches.print);
                Argument::Numbers(lift::numbers_of(&pitches.pattern))
            }
            Kind::Musics | Kind::Change | Kind::Changes => Argument::Musics(Vec::new()),
        })
    }

    fn many(
        &'static self,
        lua: &Lua,
        music: &Music,
        param: &Param,
        values: &[&Value],
        read: &mut Read,
    ) -> mlua::Result<Argument> {
        let listed: Vec<Value> = match values {
            // A scale is a change too.
            [list] if param.kind == Kind::Changes && change_of(lua, list).is_some() => vec![(*list).clone()],
            // A list of pieces of music may stand for them.
            [Value::Table(list)] => opened(list).sequence_values().collect::<mlua::Result<_>>()?,
            _ => values.iter().map(|value| (*value).clone()).collect(),
        };
        let values = &listed;
        if values.is_empty() {
            let what =
                if param.kind == Kind::Changes { "a function that changes the music" } else { "music" };
            return Err(expected(self.name, what, &Value::Nil).into());
        }
        let mut patterns = Vec::with_capacity(values.len());
        for value in values {
            let other = match param.kind {
                Kind::Changes => {
                    let at = self.params.len() - 1 + patterns.len();
                    self.change(lua, music, value).map_err(|error| self.of_argument(error, at))?
                }
                _ => operand(lua, self.name, value, music.instrument)?,
            };
            read.print = read.print.number(other.print);
            patterns.push(other.pattern.clone());
            read.others.push(other);
        }
        Ok(Argument::Musics(patterns))
    }

    /// What a function of the script makes of the music.
    fn change(&self, lua: &Lua, music: &Music, value: &Value) -> mlua::Result<Music> {
        if let Some(change) = change_of(lua, value) {
            return change.run(lua, music);
        }
        let Value::Function(function) = value else {
            let wanted = "a change, as in fast(2) or function(p) return p:rev() end";
            return Err(expected(self.name, wanted, value).into());
        };
        let changed = call(function, music.clone())?;
        if changed.is_nil() {
            let fault = Fault::new(format!("the function of `{}` gives nothing back", self.name));
            return Err(fault
                .name(self.name)
                .help("write return before what it makes, as in return p:rev()")
                .into());
        }
        Ok(lift::music(lua, self.name, &changed, music.instrument)?)
    }

    /// Its documentation, as a method of `owner`.
    pub fn doc(&self, owner: &str) -> Doc {
        let names: Vec<&str> = self.params.iter().map(|param| param.name).collect();
        let params = self.params.iter().map(|param| (param.name.to_owned(), param.told()));
        let mut summary = self.summary.to_owned();
        if !self.aliases.is_empty() {
            summary += &format!(" Also called {}.", self.aliases.join(", "));
        }
        Doc {
            name: format!("{owner}:{}", self.name),
            aliases: self.aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            signature: format!("{owner}:{}({})", self.name, names.join(", ")),
            summary,
            params: params.collect(),
            example: self.example.to_owned(),
        }
    }
}

/// Whether what is written first is this number and no other.
pub(crate) fn is_always(written: &[Value], number: f64) -> bool {
    match written.first() {
        Some(Value::Integer(written)) => *written as f64 == number,
        Some(Value::Number(written)) => *written == number,
        Some(Value::String(text)) => {
            let numbers = lift::written_numbers(&text.to_string_lossy());
            !numbers.is_empty() && numbers.iter().all(|(written, _)| *written == number)
        }
        _ => false,
    }
}

/// What stands against music in arithmetic: a number or a text of numbers as plain numbers, or else music.
fn operand(lua: &Lua, what: &str, value: &Value, instrument: Instrument) -> Result<Music, Fault> {
    match value {
        Value::Integer(_) | Value::Number(_) if arithmetic(what) => {
            let number = crate::options::number(what, value)?;
            let print = Fingerprint::of("number").real(number);
            let mut number = Music::new(Pattern::steady(Controls::number(number)), print, instrument);
            number.numeric = true;
            Ok(number)
        }
        Value::String(text) if arithmetic(what) => {
            let text = text.to_string_lossy();
            lift::values(lua, what, &text).or_else(|_| lift::music(lua, what, value, instrument))
        }
        _ => lift::music(lua, what, value, instrument),
    }
}

/// Verbs whose music is numbers: a text before them in a plain function is read as such.
pub(crate) fn takes_numbers(name: &str) -> bool {
    matches!(name, "pick" | "squeeze" | "range" | "run" | "scan" | "smooth" | "round")
}

/// Verbs that reckon with numbers.
fn arithmetic(name: &str) -> bool {
    matches!(name, "add" | "sub" | "mul" | "div" | "mod" | "set")
}
