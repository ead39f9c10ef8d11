//! What holds for the whole script: tempo, metre, key, seed, quantum, chance, `print`.

use lilt_score::{Beat, Key, Meter, Seed};
use lilt_sequencer::{Quantum, Tempo};
use mlua::{Lua, MultiValue, Table, Value};

use crate::context::context;
use crate::fault::Fault;
use crate::options::{described, expected, number, text, whole_in, written_as};

pub(super) const DOCS: &[&str] = &[
    "tempo(bpm)
Sets the tempo; the music glides to it. Without a number, gives the tempo; of one that moves, the tempo at the beat that a function is asked for, or where the music is while the script is read. A tempo that moves is followed by the quarter of a beat, counted from where the performance began, as in tempo(line(90, 140, 32)), tempo \"<120 60>\" or tempo(sine(64):range(100, 140)).
@param bpm quarter notes a minute, 20 to 999; 120 when a script says nothing; or a text or a signal of such numbers
@example tempo(112)",
    "meter(signature)
Sets the metre: a bar is one cycle of a pattern. Without a text, gives the metre.
@param signature a count and a unit, 4/4 when a script says nothing
@example meter \"6/8\"",
    "key(name)
Sets the key that models and scales take when nothing else is said. Without a text, gives the key.
@param name a tonic and a scale, as in \"D dorian\" or \"E minor pentatonic\"; models that know modes alone take the nearest
@example key \"D dorian\"",
    "seed(number)
Sets where chance comes from: another number, another performance, and the same number always the same one.
@param number a whole number, 0 when a script says nothing
@example seed(7)",
    "quantum(length)
Sets where a change of the script may begin to sound. A slot may have its own: `slot:quantum`.
@param length \"now\", \"beat\", \"bar\" (the default), \"phrase\" (four bars), a part of a beat such as \"1/2 beat\", or a number of bars from 1 to 64
@example quantum \"beat\"",
    "state
A table that outlives each evaluation: what is written into it is there at the next keystroke. A script that fails leaves it as it was. It holds numbers, texts, true, false and tables of these: 20000 values at most, and 4 MiB of texts.
@example state.count = (state.count or 0) + 1",
    "forget()
Empties `state`.
@example state.count = (state.count or 0) + 1 if state.count > 8 then forget() end",
    "print(...)
Writes values to the performer.
@example print(\"notes:\", #clip { 60, 62 })",
];

/// Most that `seed` takes: every whole number up to it is exact in Lua.
const MOST_SEED: i64 = 1 << 53;

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set(
        "tempo",
        lua.create_function(|lua, written: MultiValue| tempo(lua, only("tempo", &written)?))?,
    )?;
    base.raw_set(
        "meter",
        lua.create_function(|lua, written: MultiValue| meter(lua, only("meter", &written)?))?,
    )?;
    base.raw_set("key", lua.create_function(|lua, written: MultiValue| key(lua, only("key", &written)?))?)?;
    base.raw_set("seed", lua.create_function(|lua, number| seed(lua, &number))?)?;
    base.raw_set("quantum", lua.create_function(|lua, length| quantum(lua, &length))?)?;
    base.raw_set("print", lua.create_function(print)?)?;
    let math: Table = base.raw_get("math")?;
    math.raw_set("random", lua.create_function(|lua, (low, high)| random(lua, &low, &high))?)?;
    math.raw_set(
        "randomseed",
        lua.create_function(|lua, number: Value| {
            let number = whole_in("math.randomseed", &number, -MOST_SEED, MOST_SEED)?;
            context(lua)?.random.restart(Seed(number as u64));
            Ok(())
        })?,
    )
}

/// What a function was given that takes one value at most.
fn only<'a>(what: &str, written: &'a MultiValue) -> Result<Option<&'a Value>, Fault> {
    match written.iter().skip(1).find(|value| !value.is_nil()) {
        Some(surplus) => {
            let fault = Fault::new(format!("`{what}` takes one value, and got {} too", described(surplus)));
            let fault = fault.here(written_as(surplus).unwrap_or_else(|| what.to_owned())).argument(what, 1);
            match (what, written.front().and_then(written_as), written_as(surplus)) {
                ("meter", Some(count), Some(unit)) => {
                    Err(fault.help(format!("write meter \"{count}/{unit}\"")))
                }
                _ => Err(fault),
            }
        }
        None => Ok(written.front()),
    }
}

fn tempo(lua: &Lua, bpm: Option<&Value>) -> mlua::Result<Option<f64>> {
    let context = context(lua)?;
    let Some(bpm) = bpm else { return Ok(Some(context.tempo_now()?.bpm())) };
    if !matches!(bpm, Value::Integer(_) | Value::Number(_)) {
        return moving(lua, bpm).map(|()| None);
    }
    let bpm = number("tempo", bpm)?;
    let (least, most) = (*Tempo::RANGE.start(), *Tempo::RANGE.end());
    let near = bpm.clamp(least, most);
    if near != bpm {
        let fault = Fault::new(format!("tempo {bpm} is outside {least} to {most}: played at {near}"));
        context.notice(lua, "tempo", fault.word(bpm.to_string()).argument("tempo", 0))?;
    }
    // Clamped to the range that the tempo accepts.
    if let Some(tempo) = Tempo::new(near) {
        let mut session = context.session("tempo")?;
        (session.declared.tempo, session.declared.tempo_moves) = (tempo, None);
    }
    Ok(None)
}

/// A tempo that moves.
fn moving(lua: &Lua, written: &Value) -> mlua::Result<()> {
    if written.is_function() {
        let fault = Fault::new("a function cannot set the tempo: all of it is known before it is played");
        let help = "write a signal or a text, as in tempo(line(90, 140, 32)), tempo(sine(64):range(100, 140)) or tempo \"<120 60>\"";
        return Err(fault.name("tempo").help(help).into());
    }
    let numbers = match written {
        Value::String(text) => text.as_bytes().iter().any(u8::is_ascii_digit),
        other => crate::bind::value_of::<crate::music::Music>(other).is_some(),
    };
    if !numbers {
        return Err(expected("tempo", "a number", written).into());
    }
    let numbers = crate::lift::numbers(lua, "tempo", written)?;
    let context = context(lua)?;
    let meter = context.session("tempo")?.declared.meter;
    context.tempo_curve(&numbers, meter).map_err(|error| Fault::new(error.to_string()).name("tempo"))?;
    if let Some(outside) = context.tempo_outside() {
        let (least, most) = (*Tempo::RANGE.start(), *Tempo::RANGE.end());
        let near = outside.clamp(least, most);
        let fault = Fault::new(format!("tempo {outside} is outside {least} to {most}: played at {near}"));
        context.notice(lua, "tempo", fault.name("tempo"))?;
    }
    let place = context.origin(lua, "tempo")?.place;
    context.session("tempo")?.declared.tempo_moves = Some((numbers, place));
    Ok(())
}

fn meter(lua: &Lua, signature: Option<&Value>) -> mlua::Result<Option<String>> {
    let context = context(lua)?;
    let Some(signature) = signature else {
        return Ok(Some(context.key_and_meter("meter")?.1.to_string()));
    };
    let meter = read_meter("meter", signature)?;
    context.session("meter")?.declared.meter = meter;
    Ok(None)
}

/// A metre as a script writes it.
///
/// # Errors
/// When it is none.
pub(super) fn read_meter(what: &str, value: &Value) -> Result<Meter, Fault> {
    let signature = text(what, value)
        .map_err(|fault| fault.help(format!("write a count and a unit in quotes, as in {what} \"3/4\"")))?;
    signature
        .parse()
        .map_err(|error: lilt_score::MeterParseError| Fault::new(error.to_string()).text(&signature).of(what))
}

fn key(lua: &Lua, name: Option<&Value>) -> mlua::Result<Option<String>> {
    let context = context(lua)?;
    let Some(name) = name else {
        return Ok(context.key_and_meter("key")?.0.map(|key| key.to_string()));
    };
    let key = read_key("key", name)?;
    context.session("key")?.declared.key = Some(key);
    Ok(None)
}

/// A key as a script writes it.
///
/// # Errors
/// When it is none.
pub(crate) fn read_key(what: &str, value: &Value) -> Result<Key, Fault> {
    let name = text(what, value)?;
    name.parse().map_err(|error: lilt_score::KeyParseError| {
        let kind = if matches!(what, "scale" | "degree" | "snap") { "scale" } else { "key" };
        Fault::new(format!("`{name}` is no {kind}")).within(&name, error.at).of(what).help(error.help)
    })
}

fn seed(lua: &Lua, number: &Value) -> mlua::Result<()> {
    let seed = whole_in("seed", number, -MOST_SEED, MOST_SEED)?;
    let context = context(lua)?;
    let seed = context.seed(Some(seed as u64));
    context.random.restart(seed);
    context.session("seed")?.declared.seed = seed;
    Ok(())
}

fn quantum(lua: &Lua, length: &Value) -> mlua::Result<()> {
    let quantum = read_quantum("quantum", length)?;
    context(lua)?.session("quantum")?.declared.quantum = quantum;
    Ok(())
}

/// Bars of a phrase.
const PHRASE: u8 = 4;

/// Where a change may begin, as a script writes it.
///
/// # Errors
/// When it is nowhere.
pub(super) fn read_quantum(what: &str, value: &Value) -> Result<Quantum, Fault> {
    const KNOWN: &str =
        "\"now\", \"beat\", \"bar\", \"phrase\", a part of a beat such as \"1/2 beat\", or a number of bars";
    let name = match value {
        Value::String(name) => name.to_string_lossy(),
        Value::Integer(_) | Value::Number(_) => {
            return Ok(Quantum::Bars(whole_in(what, value, 1, 64)? as u8));
        }
        other => return Err(expected(what, KNOWN, other)),
    };
    // Finer than anybody hears, even at the slowest tempo.
    let finest = Beat::new(1, 64);
    let part = || name.strip_suffix("beat").map(str::trim_end)?.parse::<Beat>().ok();
    match (&*name, part()) {
        ("now", _) => Ok(Quantum::Now),
        ("beat", _) => Ok(Quantum::Beat),
        ("bar", _) => Ok(Quantum::Bar),
        ("phrase", _) => Ok(Quantum::Bars(PHRASE)),
        (_, Some(beats)) if beats == Beat::ONE => Ok(Quantum::Beat),
        (_, Some(beats)) if beats >= finest && beats < Beat::ONE => Ok(Quantum::Fraction(beats)),
        (_, Some(beats)) => {
            let fault =
                Fault::new(format!("`{what}` is {beats} beat: write a part of one from {finest} to 1"))
                    .text(&name)
                    .of(what);
            Err(fault.help("or a number of bars"))
        }
        _ => {
            let fault = Fault::new(format!("`{what}` does not know \"{name}\"")).text(&name).of(what);
            let bars = name.strip_suffix("bars").or(name.strip_suffix("bar")).map(str::trim);
            if let Some(bars) = bars.filter(|bars| bars.parse::<u8>().is_ok()) {
                return Err(fault.help(format!("write {what}({bars}) for so many bars")));
            }
            Err(match lilt_score::nearest(&name, ["now", "beat", "bar", "phrase"]) {
                Some(near) => fault.help(format!("did you mean \"{near}\"?")),
                None => fault.help(format!("write {KNOWN}")),
            })
        }
    }
}

fn print(lua: &Lua, values: MultiValue) -> mlua::Result<()> {
    let words: Vec<String> = values.iter().map(Value::to_string).collect::<mlua::Result<_>>()?;
    context(lua)?.print(words.join("\t"));
    Ok(())
}

/// As Lua's: nothing gives 0 to 1, one number 1 to it, two numbers the range; but
/// from the script's seed.
fn random(lua: &Lua, low: &Value, high: &Value) -> mlua::Result<f64> {
    let context = context(lua)?;
    let (least, most) = match (low, high) {
        (Value::Nil, _) => return Ok(context.random.next()),
        (most, Value::Nil) => (1, whole_in("math.random", most, 1, MOST_SEED)?),
        (least, most) => {
            let least = whole_in("math.random", least, -MOST_SEED, MOST_SEED)?;
            (least, whole_in("math.random", most, least, MOST_SEED)?)
        }
    };
    let range = (most - least) as f64 + 1.0;
    Ok((least as f64 + (context.random.next() * range).floor()).min(most as f64))
}
