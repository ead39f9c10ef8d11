//! `taste`: what a listener likes, as a reward.

use std::sync::Arc;

use lilt_inference::taste::{Notebook, Taste, TasteReward};
use lilt_score::{Beat, Dial, Pattern, Span};
use lilt_sequencer::Instrument;
use mlua::{Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value};

use crate::bind::{InputValue, KEYS, OSC, no_method, value_of};
use crate::clip_value::ClipValue;
use crate::context::{Context, context};
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::lift;
use crate::music::Music;
use crate::options::{expected, number_in, options, table, text, whole_in};
use crate::sources::Unread;
use crate::tastes::{Press, Taught, Trigger};

pub(super) const DOCS: &[&str] = &[
    "taste(name, options)
What you like, as a reward that you teach while you listen: model(\"folk\"):tilt(taste \"mine\") leans toward it. Press like or nope a moment after you heard something (what models played 0.3 to 2.5 seconds before is meant), by a key that you name here or by a command of your editor; what you said is kept in the file NAME.taste beside the script, a line each, and heard in the next take. The same text and the same file sound the same. It learns eight things: leaps, different pitches, how many notes, rising lines, returning bars, height, repeated notes and notes off the beat. So far it was shown to learn simulated tastes.
@param name its name, and its file's
@param like what says that you like it: a MIDI key, 0 to 127; a letter of the terminal, as in \"n\"; an address of OSC, as in \"/like\"; or { from = midi_in \"Pads\", key = 36 }, or cc = 20 there
@param nope the same, for what you do not like
@param undo the same, to take back what you said last
@param nats how far the music may go from the model, in nats, 0 to 4; 1 when left out. It holds where the tilt has strength 1
@param half_life after how many newer presses one counts half, 1 to 10000; 60 when left out
@example play(\"lead\", model(\"folk\"):tilt(taste(\"mine\", { like = \"n\", nope = \"m\" })):sample { bars = 4 })",
    "either(a, b, options)
Two takes by turns, of which you choose one: a like while one of them sounds, or a nope while the other does, says that you would rather hear the first, and taste learns from both.
@param a a clip
@param b another
@param bars how long each is before the other begins, 1 to 64; 4 when left out
@example local m = model(\"folk\"):tilt(taste \"mine\") play(\"lead\", either(m:sample { seed = 1 }, m:sample { seed = 2 }))",
    "taste:words()
What was learnt, in words, as in \"likes: returning bars; dislikes: many leaps, high notes\". Nothing is said of what may be chance.
@example print(taste(\"mine\"):words())",
];

/// Letters of a name at most.
const LONGEST: usize = 64;

/// A taste that a script names.
#[derive(Clone)]
pub(crate) struct TasteValue {
    /// What it is worth to music.
    pub reward: Arc<TasteReward>,
}

impl TasteValue {
    /// Identity of it.
    pub(crate) fn print(&self) -> u64 {
        Fingerprint::of("taste").text(lilt_inference::Reward::identity(&*self.reward)).value()
    }
}

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set(
        "either",
        lua.create_function(|lua, (a, b, options): (Value, Value, Value)| either(lua, [&a, &b], &options))?,
    )?;
    base.raw_set(
        "taste",
        lua.create_function(|lua, (name, options): (Value, Value)| taste(lua, &name, &options))?,
    )
}

fn taste(lua: &Lua, name: &Value, written: &Value) -> mlua::Result<TasteValue> {
    let file = file(&text("taste", name)?)?;
    let names = ["like", "nope", "undo", "nats", "half_life"];
    let [like, nope, undo, nats, half_life] = options("taste", table("taste", written)?, names)?;
    let nats = if nats.is_nil() { Taste::DEFAULT_NATS } else { number_in("nats", &nats, 0.0, 4.0)? };
    let half_life = match half_life {
        Value::Nil => Taste::DEFAULT_HALF_LIFE,
        value => number_in("half_life", &value, 1.0, 10_000.0)?,
    };
    let context = context(lua)?;
    let mut triggers = Vec::new();
    for (press, what, given) in
        [(Press::Like, "like", like), (Press::Nope, "nope", nope), (Press::Undo, "undo", undo)]
    {
        if !given.is_nil() {
            triggers.push((press, trigger(&context, what, &given)?));
        }
    }
    let bar = {
        let mut session = context.session("taste")?;
        session.watch(&file);
        session.declared.meter.bar()
    };
    let text = context.paused(|| context.sources.taste(&file)).map_err(|unread| match unread {
        Unread::Refused(reason) => Fault::new(format!("{file}: {reason}")).name("taste"),
        Unread::Missing { .. } => Fault::new(format!("{file} cannot be read")).name("taste"),
    })?;
    let notebook = Notebook::read(&text.unwrap_or_default()).map_err(|error| {
        let fault = Fault::new(format!("{file} holds something that no press wrote: {error}")).name("taste");
        fault.help("take that line out, or begin anew without the file")
    })?;
    context.ears.teach(Taught { file, triggers });
    let taste = Taste { judgements: notebook.judgements, half_life, nats };
    Ok(TasteValue { reward: Arc::new(TasteReward::new(taste, context.rewards.standards.clone(), bar)) })
}

/// Two takes by turns, each for as many bars.
fn either(lua: &Lua, takes: [&Value; 2], written: &Value) -> mlua::Result<Music> {
    let [bars] = options("either", table("either", written)?, ["bars"])?;
    let bars = if bars.is_nil() { 4 } else { whole_in("bars", &bars, 1, 64)? };
    let [a, b] = takes.map(|take| lift::music(lua, "either", take, Instrument::Keys));
    let (a, b) = (a?, b?);
    let (first, second) = (a.pattern.clone(), b.pattern.clone());
    let pattern = Pattern::try_new(move |query| {
        let turn = query.bar * Beat::whole(bars);
        let mut events = Vec::new();
        let last = (query.span.end / turn).ceil();
        for number in query.span.start.floor_div(turn)..last {
            let of = Span::new(turn * Beat::whole(number), turn * Beat::whole(number + 1));
            let span = Span::new(of.start.max(query.span.start), of.end.min(query.span.end));
            let playing = if number.rem_euclid(2) == 0 { &first } else { &second };
            events.extend(playing.query(query.over(span))?);
        }
        Ok(events)
    });
    let print = Fingerprint::of("either").number(a.print).number(b.print).number(bars as u64);
    let mut music = Music::new(pattern, print, a.instrument);
    music.turns = Some(bars);
    Ok(music.with(&a).with(&b))
}

/// The file of a taste of this name: beside the script, and nowhere else.
fn file(name: &str) -> Result<String, Fault> {
    let bare = name.strip_suffix(".taste").unwrap_or(name);
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if bare.is_empty() || bare.chars().count() > LONGEST || !bare.chars().all(plain) {
        let fault = Fault::new(format!("`{name}` is no name of a taste")).text(name).of("taste");
        return Err(
            fault.help("write a name, as in taste \"mine\": its file is mine.taste beside the script")
        );
    }
    Ok(format!("{bare}.taste"))
}

/// What is pressed, as the script says it.
fn trigger(context: &Context, what: &'static str, given: &Value) -> mlua::Result<Trigger> {
    let wanted = || {
        expected(
            what,
            "a MIDI key, a letter, an address of OSC, or { from = midi_in \"Pads\", key = 36 }",
            given,
        )
    };
    match given {
        Value::Integer(_) | Value::Number(_) => Ok(Trigger::Key(None, key(what, given)?)),
        Value::String(_) => {
            let told = text(what, given)?;
            if told.starts_with('/') {
                let source: Arc<str> = OSC.into();
                context.ears.name(&source);
                return Ok(Trigger::Dial(Some(source), Dial::Address(told.as_str().into(), 0)));
            }
            let source: Arc<str> = KEYS.into();
            let mut letters = told.chars();
            let (Some(letter), None) = (letters.next(), letters.next()) else { return Err(wanted().into()) };
            let Some(dial) = letter_dial(letter) else {
                let fault = Fault::new(format!("\"{letter}\" plays the piano of the terminal")).text(&told);
                return Err(fault
                    .of(what)
                    .help("take a letter beside it: b, c, i, m, n, q, r, v or a digit")
                    .into());
            };
            context.ears.name(&source);
            Ok(Trigger::Dial(Some(source), dial))
        }
        Value::Table(_) => {
            let [from, pressed, cc] = options(what, table(what, given)?, ["from", "key", "cc"])?;
            let source = match value_of::<InputValue>(&from) {
                Some(input) => Some(input.source),
                None if from.is_nil() => None,
                None => return Err(expected("from", "a device, as in midi_in \"Pads\"", &from).into()),
            };
            match (pressed.is_nil(), cc.is_nil()) {
                (false, true) => Ok(Trigger::Key(source, key("key", &pressed)?)),
                (true, false) => Ok(Trigger::Dial(source, Dial::Controller(key("cc", &cc)?))),
                _ => Err(Fault::new(format!("`{what}` expects a key or a cc")).name(what).into()),
            }
        }
        _ => Err(wanted().into()),
    }
}

fn key(what: &'static str, given: &Value) -> Result<u8, Fault> {
    Ok(u8::try_from(whole_in(what, given, 0, 127)?).unwrap_or(0))
}

/// How a letter comes in that is none of the terminal's piano; `None` for one that is.
pub fn letter_dial(letter: char) -> Option<Dial> {
    let letter = letter.to_ascii_lowercase();
    let plays = lilt_score::piano_key(letter).is_some() || matches!(letter, 'z' | 'x');
    let free = letter.is_ascii_alphanumeric() && !plays;
    free.then(|| Dial::Address(format!("/letter/{letter}").into(), 0))
}

impl UserData for TasteValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "taste");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("words", |_, this, ()| Ok(this.reward.words()));
        methods.add_meta_method(MetaMethod::Call, |lua, this, clip: Value| {
            let clip = value_of::<ClipValue>(&clip).ok_or_else(|| expected("taste", "a clip", &clip))?;
            Ok(this.reward.worth(&clip.wait(&*context(lua)?)?))
        });
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            Err(no_method("taste", DOCS, [], &key).into())
        });
    }
}
