//! `midi_in`, `keys_in`, `osc_in`, `cc`, `played`, `phrase`: what comes in from outside.

use std::rc::Rc;
use std::sync::Arc;

use lilt_score::{Beat, Clip, Controls, Dial, Event, Pattern};
use lilt_sequencer::Instrument;
use mlua::{
    Function, IntoLua, Lua, MetaMethod, Table, UserData, UserDataFields, UserDataMethods, Value, Variadic,
};

use crate::bind::{no_method, value_of};
use crate::clip_value::ClipValue;
use crate::context::context;
use crate::ears::{Cutting, LONGEST};
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::music::Music;
use crate::options::{beats, expected, number, number_in, options, table, text, whole_in};
use crate::phrase_end::PhraseEnd;

pub(super) const DOCS: &[&str] = &[
    "midi_in(device)
A keyboard, a box of knobs or another program that sends MIDI. As music it is what is played on it, heard at once: play(\"keys\", midi_in \"Keys\"):on \"pad\". One that is not there is taken up when it comes.
@param device a part of the name that `lilt devices` lists
@example play(\"keys\", midi_in \"Keys\"):on \"pad\"",
    "keys_in()
The computer's keyboard as a piano, typed in the canvas or in the terminal of `lilt live`: A to L are white keys, the row above has the black ones, Z and X move by an octave. In the canvas a key sounds while it is down; a terminal does not tell when it comes up: there it sounds for half a second, or for as long as it repeats.
@example play(\"keys\", keys_in()):on \"pluck\"",
    "osc_in(address, options)
A value that another program or a phone sends by OSC to port 57130, as a signal: a number as it was sent, from 0 to 1 with most faders.
@param address as in \"/fader/1\"
@param argument which of the message's arguments, from 1; the first when left out
@param unsaid its value before anything was sent; 0 when left out
@example play(\"pad\", \"c4\"):on(\"pad\"):gain(osc_in(\"/fader/1\", { unsaid = 0.8 }))",
    "cc(number, unsaid)
Where a knob, a fader or a pedal stands that sends this controller by MIDI, from whichever device: a signal from 0 to 1, heard as it is turned.
@param number of the controller, 0 to 127
@param unsaid where it stands before it was touched, 0 to 1; 0 when left out
@example play(\"pad\", \"c4*4\"):on(\"saw\"):lowpass(cc(74, 0.5):range(200, 4000))",
    "learn()
Stands for the number of the knob that you move next: write cc(learn()), turn the knob, and Lilt writes its number into your text in the place of learn(). Several are learnt one after the other, from the top.
@example midi_in \"Knobs\" play(\"pad\", \"c4*4\"):on(\"saw\"):lowpass(cc(learn(), 0.5):range(200, 4000))",
    "input:cc(number, unsaid)
The same of one device alone.
@param number of the controller, 0 to 127
@param unsaid where it stands before it was touched, 0 to 1; 0 when left out
@example play(\"pad\", \"c4*4\"):on(\"saw\"):lowpass(midi_in(\"Knobs\"):cc(74, 0.5):range(200, 4000))",
    "input:bend()
Its pitch wheel as a signal, -1 to 1.
@example play(\"pad\", \"c4*4\"):on(\"saw\"):tune(midi_in(\"Keys\"):bend() * 2)",
    "input:pressure()
How hard its keys are pressed after they were struck, as a signal from 0 to 1.
@example play(\"pad\", \"c4*4\"):on(\"pad\"):gain(midi_in(\"Keys\"):pressure() + 0.5)",
    "input:program()
The program that was chosen on it, as a signal of numbers from 0.
@example play(\"pad\", n(midi_in(\"Keys\"):program()):sound \"breaks\")",
    "played(options)
What was played on keys, as a clip: the last bars, the newest as the last of them. The script is read again when what is played comes to a rest of half a beat. A clip without notes while nothing was played.
@param bars how many, 1 to 64; 2 when left out
@param from a device, as midi_in gives it, or its name; all together when left out
@param grid the part of a beat that beginnings are moved to, or false for as played; 1/4 when left out
@example play(\"loop\", played { bars = 2 }):on \"keys\"",
    "phrase(options)
The last phrase that was played on keys, as a clip: what lies between two rests, bar lines or pedals. The script is read again when one ends. A clip without notes while there is none.
@param ends what ends it: \"rest\", \"bar\" (the first bar line at which no key is down) or \"pedal\" (the sustain pedal that comes up); \"rest\" when left out
@param rest how many beats without a note end it, 1/4 to 16; 1 when left out
@param bars how long it is at most, 1 to 64; 8 when left out
@param from a device, as midi_in gives it, or its name; all together when left out
@param grid the part of a beat that beginnings are moved to, or false for as played; 1/4 when left out
@example local said = phrase() if #said > 0 then play(\"answer\", model(\"folk\"):continue(said, { bars = 2 })) end",
    "slot:through(source)
What is played on a device sounds on this slot at once, beside what the slot plays: with its instrument and its effects.
@param source a device, as midi_in gives it, or its name
@example play(\"lead\", \"c4 e4\"):on(\"pluck\"):through(midi_in \"Keys\")",
];

/// Name of the source that is the computer's keyboard.
pub const KEYS: &str = "computer keys";
/// Name of the source that is OSC, from wherever it comes.
pub const OSC: &str = "OSC";
/// Longest name of a device, and longest address, in letters.
pub(super) const LONGEST_NAME: usize = 128;

/// A device that a script listens to.
#[derive(Clone)]
pub(crate) struct InputValue {
    /// Its name.
    pub source: Arc<str>,
}

impl InputValue {
    /// Identity of it.
    pub(crate) fn print(&self) -> u64 {
        Fingerprint::of("input").text(&self.source).value()
    }

    /// As music: silence in the plan, and what hands play at once.
    pub(crate) fn music(&self) -> Music {
        let print = Fingerprint::of("hands").text(&self.source);
        let mut music = Music::new(Pattern::silence(), print, Instrument::Keys);
        music.hands = Some(Arc::clone(&self.source));
        music
    }
}

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set(
        "midi_in",
        lua.create_function(|lua, name: Value| {
            let name = text("midi_in", &name)?;
            named(lua, "midi_in", &name)
        })?,
    )?;
    base.raw_set(
        "learn",
        lua.create_function(|lua, ()| {
            context(lua)?.ears.learn();
            Ok(Unlearnt)
        })?,
    )?;
    base.raw_set("keys_in", lua.create_function(|lua, ()| named(lua, "keys_in", KEYS))?)?;
    base.raw_set(
        "osc_in",
        lua.create_function(|lua, (address, written): (Value, Value)| osc(lua, &address, &written))?,
    )?;
    base.raw_set("played", lua.create_function(|lua, written: Value| played(lua, None, &written))?)?;
    base.raw_set("phrase", lua.create_function(|lua, written: Value| phrase(lua, None, &written))?)
}

/// `cc` with one number or two is a knob; with music before them it is the verb.
pub(super) fn install_over(lua: &Lua, base: &Table) -> mlua::Result<()> {
    let verb: Function = base.raw_get("cc")?;
    let cc = lua.create_function(move |lua, written: Variadic<Value>| {
        let numbers = |value: &Value| {
            matches!(value, Value::Integer(_) | Value::Number(_)) || value_of::<Unlearnt>(value).is_some()
        };
        if matches!(&written[..], [number] | [number, _] if numbers(number)) {
            let unsaid = written.get(1).unwrap_or(&Value::Nil);
            return knob(lua, None, &written[0], unsaid)?.into_lua(lua);
        }
        verb.call::<Value>(written)
    })?;
    base.raw_set("cc", cc)
}

/// A source of this name, which the script wants to be listened to.
pub(super) fn named(lua: &Lua, what: &str, name: &str) -> mlua::Result<InputValue> {
    let length = name.trim().chars().count();
    if !(1..=LONGEST_NAME).contains(&length) {
        let fault = Fault::new(format!("`{what}` expects a part of a device's name")).text(name).of(what);
        return Err(fault.help("`lilt devices` lists them").into());
    }
    let source: Arc<str> = name.into();
    context(lua)?.ears.name(&source);
    Ok(InputValue { source })
}

fn played(lua: &Lua, of: Option<&InputValue>, written: &Value) -> mlua::Result<ClipValue> {
    let [bars, from, grid] = options("played", table("played", written)?, ["bars", "from", "grid"])?;
    let (bar, now) = here(lua)?;
    let (cutting, source) = (cutting(&bars, &grid, 2, bar)?, source(lua, of, &from)?);
    given(context(lua)?.ears.played(source.as_ref(), cutting, bar, now), bar)
}

fn phrase(lua: &Lua, of: Option<&InputValue>, written: &Value) -> mlua::Result<ClipValue> {
    let names = ["ends", "rest", "bars", "from", "grid"];
    let [ends, rest, bars, from, grid] = options("phrase", table("phrase", written)?, names)?;
    let (bar, now) = here(lua)?;
    let ends = phrase_end(&ends, &rest, bar)?;
    let (cutting, source) = (cutting(&bars, &grid, 8, bar)?, source(lua, of, &from)?);
    given(context(lua)?.ears.phrase(source.as_ref(), cutting, ends, now), bar)
}

/// What ends a phrase, as the options `ends` and `rest` have it.
fn phrase_end(ends: &Value, rest: &Value, bar: Beat) -> mlua::Result<PhraseEnd> {
    let word = if ends.is_nil() { "rest".to_owned() } else { text("ends", ends)? };
    let end = match word.as_str() {
        "rest" if rest.is_nil() => return Ok(PhraseEnd::Rest(1.0)),
        "rest" => return Ok(PhraseEnd::Rest(number_in("rest", rest, 0.25, 16.0)?)),
        "bar" => PhraseEnd::Bar(bar.to_f64()),
        "pedal" => PhraseEnd::Pedal,
        other => {
            let fault =
                Fault::new(format!("`ends` is \"rest\", \"bar\" or \"pedal\", not \"{other}\"")).name(other);
            return Err(fault.nearest(other, ["rest", "bar", "pedal"]).into());
        }
    };
    if !rest.is_nil() {
        let fault =
            Fault::new(format!("a phrase that ends with the {word} waits for no `rest`")).name("rest");
        return Err(fault.help("leave `rest` out, or write ends = \"rest\"").into());
    }
    Ok(end)
}

/// Length of a bar where the script is, and the beat at which the music is.
fn here(lua: &Lua) -> mlua::Result<(Beat, Beat)> {
    let context = context(lua)?;
    let bar = context.session("played")?.declared.meter.bar();
    Ok((bar, context.playhead.get()))
}

fn cutting(bars: &Value, grid: &Value, unsaid: i64, bar: Beat) -> Result<Cutting, Fault> {
    let bars = if bars.is_nil() { unsaid } else { whole_in("bars", bars, 1, 64)? };
    let grid = match grid {
        Value::Nil => Some(Beat::new(1, 4)),
        Value::Boolean(false) => None,
        written => {
            let grid = beats("grid", written)?;
            if grid < Beat::new(1, 32) || grid > Beat::whole(4) {
                return Err(expected("grid", "a part of a beat from 1/32 to 4, or false", written));
            }
            Some(grid)
        }
    };
    Ok(Cutting { beats: (bar * Beat::whole(bars)).min(Beat::whole(LONGEST)), grid })
}

/// The source whose keys are meant: the one that is asked, or the one that the option names; none for all.
pub(super) fn source(lua: &Lua, of: Option<&InputValue>, written: &Value) -> mlua::Result<Option<Arc<str>>> {
    if let Some(input) = of.cloned().or_else(|| value_of::<InputValue>(written)) {
        return Ok(Some(input.source));
    }
    if written.is_nil() {
        return Ok(None);
    }
    Ok(Some(named(lua, "from", &text("from", written)?)?.source))
}

/// A clip for a script: without notes, and a bar long, where there is none.
fn given(clip: Result<Option<Clip>, lilt_score::ClipError>, bar: Beat) -> mlua::Result<ClipValue> {
    let clip = clip.and_then(|clip| clip.map_or_else(|| Clip::rest(bar), Ok));
    Ok(ClipValue::ready(clip.map_err(|error| Fault::new(error.to_string()))?))
}

fn knob(lua: &Lua, source: Option<&Arc<str>>, number: &Value, unsaid: &Value) -> mlua::Result<Music> {
    let unsaid = if unsaid.is_nil() { 0.0 } else { number_in("unsaid", unsaid, 0.0, 1.0)? };
    if value_of::<Unlearnt>(number).is_some() {
        return Ok(Music::signal(steady(unsaid), Fingerprint::of("unlearnt").real(unsaid)));
    }
    let number = u8::try_from(whole_in("cc", number, 0, 127)?).unwrap_or(0);
    dial(lua, source, Dial::Controller(number), unsaid)
}

fn osc(lua: &Lua, address: &Value, written: &Value) -> mlua::Result<Music> {
    let address = text("osc_in", address)?;
    let fault = |told: &str| Fault::new(told.to_owned()).text(&address).of("osc_in");
    if !address.starts_with('/') {
        let help = format!("write osc_in \"/{}\"", address.trim());
        return Err(fault("an address of OSC begins with /").help(help).into());
    }
    if address.chars().count() > LONGEST_NAME || address.contains(char::is_whitespace) {
        return Err(fault("an address of OSC is a word of at most 128 letters").into());
    }
    let [argument, unsaid] = options("osc_in", table("osc_in", written)?, ["argument", "unsaid"])?;
    let argument = if argument.is_nil() { 1 } else { whole_in("argument", &argument, 1, 32)? };
    let unsaid = if unsaid.is_nil() { 0.0 } else { number("unsaid", &unsaid)? };
    let source: Arc<str> = OSC.into();
    context(lua)?.ears.name(&source);
    let at = u8::try_from(argument - 1).unwrap_or(0);
    dial(lua, Some(&source), Dial::Address(address.as_str().into(), at), unsaid)
}

/// The number of a knob that is still to be moved: see [`crate::learning`].
#[derive(Clone)]
struct Unlearnt;

impl UserData for Unlearnt {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "learn()");
    }
}

fn steady(value: f64) -> Pattern<Controls> {
    Pattern::new(move |query| vec![Event::flowing(query.span, Controls::number(value))])
}

/// A signal of where a dial stands. It is steady until the dial moves; then the bars that asked are written anew.
fn dial(lua: &Lua, source: Option<&Arc<str>>, dial: Dial, unsaid: f64) -> mlua::Result<Music> {
    let ears = Rc::clone(&context(lua)?.ears);
    let print = Fingerprint::of("dial").text(source.map_or("", |source| source)).text(&format!("{dial:?}"));
    let source = source.cloned();
    let pattern = Pattern::new(move |query| {
        let value = ears.stands(source.as_ref(), &dial).unwrap_or(unsaid);
        vec![Event::flowing(query.span, Controls::number(value))]
    });
    Ok(Music::signal(pattern, print.real(unsaid)))
}

/// The source that a slot is told to be played from.
pub(super) fn through(lua: &Lua, written: &Value) -> mlua::Result<Arc<str>> {
    let source = match value_of::<InputValue>(written) {
        Some(input) => input.source,
        None => {
            let help = "write :through(midi_in \"Keys\"), or :through(keys_in())";
            named(lua, "through", &text("through", written).map_err(|fault| fault.help(help))?)?.source
        }
    };
    Ok(source)
}

impl UserData for InputValue {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_meta_field(MetaMethod::Type, "input");
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("cc", |lua, this, (number, unsaid): (Value, Value)| {
            knob(lua, Some(&this.source), &number, &unsaid)
        });
        for (name, of) in [("bend", Dial::Bend), ("pressure", Dial::Pressure), ("program", Dial::Program)] {
            methods.add_method(name, move |lua, this, ()| dial(lua, Some(&this.source), of.clone(), 0.0));
        }
        methods.add_method("aftertouch", |lua, this, ()| dial(lua, Some(&this.source), Dial::Pressure, 0.0));
        methods.add_method("through", |_, this, ()| Ok(this.music()));
        methods.add_method("played", |lua, this, written: Value| played(lua, Some(this), &written));
        methods.add_method("phrase", |lua, this, written: Value| phrase(lua, Some(this), &written));
        methods.add_meta_method(MetaMethod::Index, |_, _, key: Value| -> mlua::Result<Value> {
            Err(no_method("input", DOCS, ["through", "played", "phrase"], &key).into())
        });
    }
}
