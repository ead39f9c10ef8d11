//! `loop` and what is called in it: `note`, `hit`, `sleep`, `cue`, `sync`, `choose`, `tick`.

use lilt_score::{Beat, Context as EventContext, Control, Controls, Drum, Scope, Span, Tone, Velocity};
use lilt_sequencer::Instrument;
use mlua::{Function, Lua, Table, Value};

use crate::bind::slot::{SlotValue, declare, slot_name};
use crate::context::{Context, context};
use crate::declared::DeclaredPart;
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::looping::{LONGEST, MOST_OF_A_ROUND, looping};
use crate::music::Music;
use crate::options::{beats, described, expected, number, number_in, pitch, table, text};
use crate::sounds::NamedSound;
use crate::state::opened;
use crate::verb::clamped;

pub(super) const DOCS: &[&str] = &[
    "loop(name, round)
Plays a function round after round in the slot of that name: note and hit play where it is in time, and sleep moves it on. It is run ahead of what you hear, so nothing waits. An edit of its own text takes over with its next round; any other edit leaves it going. Chance in a round follows the script's seed and the round's number.
@param name of the slot, and of the cue that each round gives as it begins
@param round a function that takes the number of the round, from 1; it must sleep, or sync with another loop
@example loop(\"bell\", function() note(choose { \"c5\", \"e5\", \"g5\" }, { length = 2 }) sleep(3/2) end):on \"bell\"",
    "note(pitch, options)
In a loop: a note where the loop is in time.
@param pitch \"c4\", 60, or a list of them, which sound together
@param length in beats; 1 when left out
@param velocity how hard, 0 to 1
@param sound what it sounds on, when not what the slot does: an instrument, or a recorded sound such as \"breaks:1\"; and any control by its name, such as pan or lowpass
@example loop(\"tune\", function(n) note(60 + n % 5, { length = 1/2, pan = -0.5 }) sleep(1/2) end)",
    "hit(sound, options)
In a loop: a drum of the kit or a recorded sound where the loop is in time.
@param sound bd sd rs cp hh oh lt mt ht cr rd cb for the kit, or the name of a recorded sound, as `lilt doc sounds` lists them: \"breaks\", \"breaks:2\"; \"bd:0\" is the recorded one. The options are those of note
@example loop(\"beat\", function() hit \"bd\" hit(\"breaks:1\", { speed = 1.5, endAt = 1/4 }) sleep(1) end)",
    "sleep(beats)
In a loop: moves on by so many beats. What is played then sounds so much later.
@param beats 0 or more
@example loop(\"beat\", function() hit \"bd\" sleep(1) end)",
    "cue(name)
In a loop: tells loops that sync with this name where it is in time.
@param name any text
@example loop(\"one\", function() note \"c3\" sleep(3) cue \"turn\" sleep(1) end) loop(\"two\", function() sync \"turn\" note \"g4\" end)",
    "sync(name)
In a loop: moves on to the next cue of this name from another loop; a loop's own name is cued where each of its rounds begins. Cues of one name at one moment are one.
@param name of a cue, or of a loop
@example loop(\"beat\", function() hit \"bd\" sleep(2) end) loop(\"bass\", function() sync \"beat\" note \"c2\" sleep(1) note \"g2\" end)",
    "choose(values)
In a loop: one of several values, by chance.
@param values a list
@example loop(\"tune\", function() note(choose { 60, 63, 67 }) sleep(choose { 1/2, 1 }) end)",
    "tick(values)
In a loop: of several values the next in each round, round and round. All ticks of one round are at the same place.
@param values a list
@example loop(\"tune\", function() note(tick { 60, 63, 67 }) sleep(tick { 1, 1/2 }) end)",
];

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set(
        "loop",
        lua.create_function(|lua, (name, round): (Value, Value)| make(lua, &name, &round))?,
    )?;
    base.raw_set(
        "note",
        lua.create_function(|lua, (pitches, written): (Value, Value)| note(lua, &pitches, &written))?,
    )?;
    base.raw_set(
        "hit",
        lua.create_function(|lua, (drum, written): (Value, Value)| hit(lua, &drum, &written))?,
    )?;
    base.raw_set("sleep", lua.create_function(|lua, length: Value| sleep(lua, &length))?)?;
    base.raw_set("cue", lua.create_function(|lua, name: Value| cue(lua, &name))?)?;
    let follow = lua.create_function(|lua, name: Value| {
        let context = context(lua)?;
        Ok(context.loops.follow(&context, &text("sync", &name)?)?)
    })?;
    // Only a function of Lua can stand still in a call.
    let waiting = lua.load(include_str!("../looping.lua")).set_name("=stdlib/looping.lua");
    let waiting: Function = waiting.set_mode(mlua::chunk::ChunkMode::Text).eval()?;
    base.raw_set("sync", waiting.call::<Function>(follow)?)?;
    base.raw_set("choose", lua.create_function(|lua, values: Value| choose(lua, &values))?)?;
    base.raw_set("tick", lua.create_function(|lua, values: Value| tick(lua, &values))?)
}

fn make(lua: &Lua, name: &Value, round: &Value) -> mlua::Result<SlotValue> {
    let name = slot_name("loop", name)?;
    let Value::Function(round) = round else {
        let what = "a function behind the name, as in loop(\"beat\", function() hit \"bd\" sleep(1) end)";
        return Err(expected("loop", what, round).into());
    };
    let (pattern, print) = looping(lua, &name, round.clone())?;
    let mut music = Music::new(pattern, print, Instrument::Keys);
    music.stream = Some(Fingerprint::of("loop").text(&name).value());
    Ok(declare(lua, "loop", name, DeclaredPart::Music(music))?)
}

fn note(lua: &Lua, pitches: &Value, written: &Value) -> mlua::Result<()> {
    if let Value::String(name) = pitches {
        let name = name.to_string_lossy();
        if name.contains(char::is_whitespace) {
            let fault = Fault::new("`note` plays one note of a loop").text(&name).of("note");
            return Err(fault.help(format!("write notes \"{name}\" for a pattern of them")).into());
        }
    }
    let mut tones = Vec::new();
    match pitches {
        Value::Table(listed) => {
            for value in opened(listed).sequence_values::<Value>() {
                tones.push(Tone::Pitch(pitch("note", &value?)?));
            }
        }
        one => tones.push(Tone::Pitch(pitch("note", one)?)),
    }
    let struck = tones.into_iter().map(Controls::tone);
    play(lua, "note", struck.collect(), written)
}

fn hit(lua: &Lua, drum: &Value, written: &Value) -> mlua::Result<()> {
    let name = text("hit", drum)?;
    let struck = struck(&*context(lua)?, &name)?;
    play(lua, "hit", vec![struck], written)
}

/// What a name given to `hit` strikes.
///
/// # Errors
/// When nothing has that name.
pub(crate) fn struck(context: &Context, name: &str) -> Result<Controls, Fault> {
    let mut struck = Controls::new();
    if let Ok(drum) = name.parse::<Drum>() {
        struck.tone = Some(Tone::Drum(drum));
        struck.sound = Some(Instrument::Kit.name().into());
        return Ok(struck);
    }
    if name.contains(char::is_whitespace) {
        let fault = Fault::new("`hit` plays one sound of a loop").text(name).of("hit");
        return Err(fault.help("write a hit for each, with sleep between them, or play a pattern"));
    }
    let fault = match NamedSound::named(context, name) {
        Ok(sound) => {
            sound.set(&mut struck);
            return Ok(struck);
        }
        Err(fault) => fault.of("hit"),
    };
    Err(match crate::foreign::drum(name) {
        Some(drum) => fault.help(format!("write {drum}")),
        None => match lilt_score::nearest(name, Drum::ALL.map(Drum::name)) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault,
        },
    })
}

/// Plays what is struck where the round is, each with the options that are written.
fn play(lua: &Lua, what: &'static str, struck: Vec<Controls>, written: &Value) -> mlua::Result<()> {
    let mut controls = Controls::new();
    let mut length = if what == "hit" { Beat::new(1, 4) } else { Beat::ONE };
    let options = table(what, written).map_err(|fault| {
        let given = described(written);
        let fault = Fault {
            message: format!("`{what}` is given one thing and its options, got {given} too"),
            ..fault
        };
        fault.help(match written {
            Value::Integer(_) | Value::Number(_) => {
                format!("write {{ length = {given} }} for how long, {{ velocity = {given} }} for how loud")
            }
            _ => {
                format!("write {what} once more for what sounds at the same time, sleep between what follows")
            }
        })
    })?;
    if let Some(options) = options {
        for pair in options.pairs::<Value, Value>() {
            let (name, value) = pair?;
            let name = text(what, &name)?;
            match &*name {
                "length" => {
                    length = beats("length", &value)?;
                    if length <= Beat::ZERO || length > Beat::whole(LONGEST) {
                        return Err(expected("length", "beats above 0", &value).into());
                    }
                }
                "velocity" | "vel" => {
                    controls.velocity = Some(Velocity::new(number_in("velocity", &value, 0.0, 1.0)?))
                }
                "sound" => NamedSound::given(lua, "sound", &value)?.set(&mut controls),
                _ => {
                    let control = control(what, &name)?;
                    let number = number(&name, &value)?;
                    if let Some(fault) = clamped(what, &name, control, number) {
                        let context = context(lua)?;
                        context.tell_once(&context.origin(lua, what)?, fault);
                    }
                    controls.set(control, number);
                }
            }
        }
    }
    let context = context(lua)?;
    let origin = context.origin(lua, what)?;
    let line = crate::files::place(lua).unwrap_or(origin.place);
    let place = origin.files.borrow().word(&line, what);
    let written = place.map_or_else(EventContext::none, EventContext::at);
    Ok(context.loops.change(what, |round| {
        if round.notes.len() + round.cues.len() + struck.len() > MOST_OF_A_ROUND {
            let fault = Fault::new(format!("a round of more than {MOST_OF_A_ROUND} notes")).name(what);
            return Err(fault.help("play fewer before it ends"));
        }
        if !round.is_over() {
            let whole = Span::new(round.now, round.now + length);
            let one = |struck: Controls| (whole, struck.union(&controls), written.clone());
            round.notes.extend(struck.into_iter().map(one));
        }
        Ok(())
    })?)
}

/// A control of events by its name.
fn control(what: &str, name: &str) -> Result<Control, Fault> {
    if let Some(control) = Control::named(name) {
        return Ok(control);
    }
    if matches!(name, "dur" | "duration" | "len" | "beats") {
        let fault = Fault::new(format!("`{what}` has no option `{name}`")).name(name);
        return Err(fault.help("write length = 1/2, in beats"));
    }
    // What others call it; they are told of a method, and this is an option.
    if let Some(foreign) = crate::foreign::method(name) {
        let word: Option<String> = foreign.help.as_deref().and_then(|help| {
            let word: String =
                help.strip_prefix("write :")?.chars().take_while(char::is_ascii_alphabetic).collect();
            Control::named(&word).map(|_| word)
        });
        if let Some(word) = word {
            return Err(Fault { message: format!("`{what}` has no option `{name}`"), ..foreign }
                .help(format!("write {word} = …")));
        }
    }
    let controls = Control::all().filter(|control| control.scope() != Scope::Slot).map(Control::name);
    let known: Vec<&str> = ["length", "velocity", "sound"].into_iter().chain(controls).collect();
    if lilt_score::nearest(name, known.iter().copied()).is_none() {
        let fault = Fault::new(format!("`{what}` has no option `{name}`")).name(name);
        return Err(fault.help("there is length, velocity, sound, and every control: see lilt doc controls"));
    }
    let fault = Fault::new(format!("`{what}` has no option `{name}`")).name(name);
    Err(fault.nearest(name, known))
}

fn sleep(lua: &Lua, length: &Value) -> mlua::Result<()> {
    let beats = beats("sleep", length)?;
    if beats < Beat::ZERO {
        return Err(expected("sleep", "a number of beats, 0 or more", length).into());
    }
    Ok(context(lua)?.loops.change("sleep", |round| {
        if round.length() + beats > Beat::whole(LONGEST) {
            let fault = Fault::new(format!("a round of more than {LONGEST} beats")).name("sleep");
            return Err(fault.help("let the function end: a loop begins again by itself"));
        }
        round.now += beats;
        Ok(())
    })?)
}

fn cue(lua: &Lua, name: &Value) -> mlua::Result<()> {
    let name = text("cue", name)?;
    Ok(context(lua)?.loops.change("cue", |round| {
        if round.notes.len() + round.cues.len() >= MOST_OF_A_ROUND {
            return Err(Fault::new(format!("a round of more than {MOST_OF_A_ROUND} cues")).name("cue"));
        }
        if !round.is_over() {
            round.cues.push((name, round.now));
        }
        Ok(())
    })?)
}

fn choose(lua: &Lua, values: &Value) -> mlua::Result<Value> {
    let (values, count) = listed("choose", values)?;
    let at = (context(lua)?.random.next() * count as f64) as usize;
    values.raw_get(at.min(count - 1) + 1)
}

fn tick(lua: &Lua, values: &Value) -> mlua::Result<Value> {
    let (values, count) = listed("tick", values)?;
    let round = context(lua)?.loops.change("tick", |round| Ok(round.number()))?;
    values.raw_get(round % count as u64 + 1)
}

/// Values to choose from, and how many they are: at least one.
fn listed(what: &str, values: &Value) -> mlua::Result<(Table, usize)> {
    let Value::Table(values) = values else {
        let fault = expected(what, &format!("a list, as in {what} {{ 60, 64, 67 }}"), values);
        let help = match what {
            "choose" => "write braces around what it chooses from; randcat(…) is music that chooses each bar",
            _ => "write braces around what it goes through",
        };
        return Err(fault.help(help).into());
    };
    let values = opened(values);
    match values.raw_len() {
        0 => Err(Fault::new(format!("`{what}` has nothing to choose from")).name(what).into()),
        count => Ok((values, count)),
    }
}
