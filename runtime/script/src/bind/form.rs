//! `form` and `parts`: a whole piece as one text.

use lilt_score::{Beat, Control, Controls};
use lilt_sequencer::Instrument;
use mlua::{Function, Lua, MultiValue, Table, Value, Variadic};

use crate::bind::value_of;
use crate::clip_value::ClipValue;
use crate::context::context;
use crate::declared::DeclaredGate;
use crate::fault::Fault;
use crate::files::Place;
use crate::form::{Ending, Form, FormPart, PartMusic};
use crate::lift;
use crate::music::Music;
use crate::options::{beats, described, expected, options, table, text, whole_in};
use crate::state::opened;
use crate::tokens::Kind;

pub(super) const DOCS: &[&str] = &[
    "parts(music)
Music that is another in each part of the form, each from its own first bar. Parts that it does not name are silent. It keeps to the bars of the piece whatever rate and metre its slot has; where a part fades, what was before goes on into it, softer and softer.
@param music a table of music by the names of parts
@example form \"verse@4 chorus@4\" play(\"lead\", parts { verse = \"c4 e4\", chorus = \"g4 <a4 b4>\" })",
    "slot:only(parts)
Lets the slot be heard in these parts of the form alone; it keeps its place in the music. Of a bus it is what goes to it.
@param parts names of parts, as in slot:only(\"verse\", \"chorus\") or slot:only \"verse chorus\"
@example form \"intro@4 verse@8\" play(\"lead\", \"c4 e4 g4\"):only \"verse\"",
    "slot:except(parts)
Lets the slot be heard in all parts of the form but these.
@param parts names of parts
@example form \"intro@4 verse@8\" play(\"drums\", drums \"bd sd\"):except \"intro\"",
];

/// Most parts of a form.
const MOST_PARTS: usize = 256;

/// Longest part, in bars.
const LONGEST: i64 = 1_024;

/// Bars of a part that does not say: a phrase.
const PHRASE: i64 = 4;

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set("parts", lua.create_function(|lua, written: Value| parts(lua, &written))?)
}

/// Makes `form` of the standard library, which puts clips one after the other, take parts too.
pub(super) fn install_over(lua: &Lua, base: &Table) -> mlua::Result<()> {
    let of_clips: Function = base.raw_get("form")?;
    let form = lua.create_function(move |lua, written: MultiValue| {
        let nil = Value::Nil;
        let (parts, more) = (written.front().unwrap_or(&nil), written.get(1).unwrap_or(&nil));
        let first = parts.as_table().map(|table| opened(table).raw_get::<Value>(1)).transpose()?;
        let empty = parts.as_table().is_some_and(|table| opened(table).is_empty());
        if empty || first.is_some_and(|first| value_of::<ClipValue>(&first).is_some()) {
            return of_clips.call::<MultiValue>(written);
        }
        form(lua, parts, more).map(|()| MultiValue::new())
    })?;
    base.raw_set("form", form)
}

fn form(lua: &Lua, written: &Value, more: &Value) -> mlua::Result<()> {
    let (mut parts, own) = match written {
        Value::String(written) => (from_text(&written.to_string_lossy())?, None),
        Value::Table(listed) => {
            let listed = opened(listed);
            let own = lua.create_table()?;
            for name in ["fade", "ending"] {
                own.raw_set(name, listed.raw_get::<Value>(name)?)?;
            }
            let parts = match listed.raw_len() {
                0 => from_names(lua, &listed)?,
                _ => from_list(&listed)?,
            };
            (parts, Some(own))
        }
        other => {
            let what = "parts and how many bars each lasts, as in \"intro@4 verse@8\"";
            return Err(expected("form", what, other).into());
        }
    };
    let more = if more.is_nil() { own } else { table("form", more)? };
    let [all, ending] = options("form", more, ["fade", "ending"])?;
    let all = if all.is_nil() { Beat::ZERO } else { fade(&all)? };
    for (part, fade) in &mut parts {
        part.fade = fade.unwrap_or(all);
    }
    let parts: Vec<FormPart> = parts.into_iter().map(|(part, _)| part).collect();
    if parts.is_empty() || parts.len() > MOST_PARTS {
        let fault = Fault::new(format!("a form of {} parts: write 1 to {MOST_PARTS}", parts.len()));
        return Err(fault.name("form").into());
    }
    let ending = match &ending {
        Value::Nil => Ending::Repeat,
        Value::String(name) => match &*name.to_string_lossy() {
            "repeat" => Ending::Repeat,
            "stop" => Ending::Stop,
            "hold" => Ending::Hold,
            other => {
                let fault =
                    Fault::new(format!("`ending` does not know \"{other}\"")).text(other).of("ending");
                return Err(fault.nearest(other, ["repeat", "hold", "stop"]).into());
            }
        },
        other => return Err(expected("ending", "\"repeat\", \"hold\" or \"stop\"", other).into()),
    };
    let context = context(lua)?;
    let place = context.origin(lua, "form")?.place;
    let mut session = context.session("form")?;
    if session.declared.form.is_some() {
        let fault = Fault::new("a script has one form").name("form");
        return Err(fault.help("write all its parts in one form").into());
    }
    (session.declared.form, session.declared.form_place) = (Some(Form { parts, ending }), Some(place));
    Ok(())
}

type Parts = Vec<(FormPart, Option<Beat>)>;

fn part(name: &str, bars: i64, fade: Option<Beat>) -> (FormPart, Option<Beat>) {
    (FormPart { name: name.to_owned(), bars, fade: Beat::ZERO }, fade)
}

fn fade(value: &Value) -> Result<Beat, Fault> {
    let bars = beats("fade", value)?;
    match bars >= Beat::ZERO && bars <= Beat::whole(64) {
        true => Ok(bars),
        false => Err(expected("fade", "a number of bars from 0 to 64", value)),
    }
}

/// True for what can name a part: one word, of which mini-notation makes nothing.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '\''))
}

fn no_name(name: &str) -> Fault {
    let fault = Fault::new(format!("`{name}` is no name of a part"));
    fault.help("write one word, as in form \"intro@4 verse@8\"; music by part is written parts { verse = \"c4 e4\" }")
}

/// The name of a part.
fn named(name: &str) -> Result<String, Fault> {
    if is_name(name) { Ok(name.to_owned()) } else { Err(no_name(name).text(name).of("form")) }
}

/// `intro@4 verse@8`.
fn from_text(written: &str) -> Result<Parts, Fault> {
    let mut parts: Parts = Vec::new();
    for word in written.split_whitespace() {
        let (name, bars) = match word.split_once('@') {
            None => (word, Some(PHRASE)),
            Some((name, bars)) => (name, bars.parse().ok().filter(|bars| (1..=LONGEST).contains(bars))),
        };
        let at = name.as_ptr() as usize - written.as_ptr() as usize;
        if let (Ok(bars), Some((before, _))) = (name.parse::<u32>(), parts.last()) {
            let fault = Fault::new(format!("`{name}` is no name of a part"));
            let help = format!("write {}@{bars} where it lasts {bars} bars", before.name);
            return Err(fault.within(written, at..at + name.len()).of("form").help(help));
        }
        if !is_name(name) && !name.is_empty() {
            return Err(no_name(name).within(written, at..at + name.len()).of("form"));
        }
        let Some(bars) = bars.filter(|_| !name.is_empty()) else {
            let at = word.as_ptr() as usize - written.as_ptr() as usize;
            let fault = Fault::new(format!("`{word}` is no part of a form"));
            let help = format!("write its name and 1 to {LONGEST} bars, as in verse@8");
            return Err(fault.within(written, at..at + word.len()).of("form").help(help));
        };
        parts.push(part(name, bars, None));
    }
    Ok(parts)
}

/// `{ { "intro", 4 }, "verse", { "chorus", 8, fade = 1 } }`.
fn from_list(listed: &Table) -> mlua::Result<Parts> {
    let mut parts = Vec::new();
    for entry in listed.sequence_values::<Value>() {
        match entry? {
            Value::String(name) => parts.push(part(&named(&name.to_string_lossy())?, PHRASE, None)),
            Value::Table(entry) => {
                let entry = opened(&entry);
                let name = named(&text("form", &entry.raw_get(1)?)?)?;
                let bars = match entry.raw_get(2)? {
                    Value::Nil => PHRASE,
                    bars => whole_in(&name, &bars, 1, LONGEST)?,
                };
                let own: Value = entry.raw_get("fade")?;
                let own = if own.is_nil() { None } else { Some(fade(&own)?) };
                parts.push(part(&name, bars, own));
            }
            other => {
                let fault = expected("form", "a part, as in { \"verse\", 8 }", &other);
                return Err(fault
                    .help("write form \"intro@4 verse@8\", or { { \"intro\", 4 }, { \"verse\", 8 } }")
                    .into());
            }
        }
    }
    Ok(parts)
}

/// `{ intro = 4, verse = 8 }`: a table has no order, so that of the text counts.
fn from_names(lua: &Lua, listed: &Table) -> mlua::Result<Parts> {
    let mut listed_parts = Vec::new();
    for pair in listed.pairs::<Value, Value>() {
        let (key, bars) = pair?;
        let Value::String(name) = &key else {
            let fault = Fault::new(format!("a part of a form has a name, not {}", described(&key)));
            return Err(fault.name("form").into());
        };
        let name = name.to_string_lossy();
        if !matches!(&*name, "fade" | "ending") {
            if bars.is_string() {
                let fault = expected(&name, "how many bars it lasts", &bars);
                let help = format!("write its music as play(\"lead\", parts {{ {name} = \"c4 e4\" }})");
                return Err(fault.help(help).into());
            }
            let bars = whole_in(&name, &bars, 1, LONGEST)?;
            listed_parts.push((name, bars));
        }
    }
    let context = context(lua)?;
    let origin = context.origin(lua, "form")?;
    let order = written_order(&origin.files.borrow(), &origin.place);
    let mut placed = Vec::new();
    for (name, bars) in listed_parts {
        let Some(at) = order.iter().position(|word| *word == name) else {
            let fault = Fault::new(format!("in which order does `{name}` come?")).name("form");
            let help = "write the parts as a text, as in form \"intro@4 verse@8\"";
            return Err(fault.help(help).into());
        };
        placed.push((at, part(&name, bars, None)));
    }
    placed.sort_by_key(|(at, _)| *at);
    Ok(placed.into_iter().map(|(_, part)| part).collect())
}

/// The names that the table behind the nearest `form` sets, in their order.
fn written_order(files: &crate::files::Files, place: &Place) -> Vec<String> {
    let Some((source, tokens)) = files.get(&place.file) else { return Vec::new() };
    let opens = |i: usize| {
        let brace = tokens.get(i + 1).filter(|next| next.text(source) != "(").or(tokens.get(i + 2));
        tokens[i].text(source) == "form" && brace.is_some_and(|brace| brace.text(source) == "{")
    };
    let found = (0..tokens.len()).filter(|i| opens(*i));
    let Some(start) = found.min_by_key(|i| tokens[*i].line.abs_diff(place.line)) else { return Vec::new() };
    let (mut depth, mut names) = (0, Vec::new());
    for pair in tokens[start + 1..].windows(2) {
        match pair[0].text(source) {
            "{" => depth += 1,
            "}" => depth -= 1,
            word if pair[0].kind == Kind::Word && depth == 1 && pair[1].text(source) == "=" => {
                names.push(word.to_owned());
            }
            _ => {}
        }
        if depth == 0 && pair[0].text(source) == "}" {
            break;
        }
    }
    names
}

fn parts(lua: &Lua, written: &Value) -> mlua::Result<Music> {
    let Value::Table(written) = written else {
        let what = "a table of music by the names of parts, as in parts { verse = \"c4 e4\" }";
        return Err(expected("parts", what, written).into());
    };
    let context = context(lua)?;
    let form = context.session("parts")?.declared.form.clone();
    let form = form.ok_or_else(|| {
        Fault::new("there is no form yet")
            .name("parts")
            .help("write it above, as in form \"intro@4 verse@8\"")
    })?;
    let mut music: Vec<Option<Music>> = vec![None; form.parts.len()];
    for pair in opened(written).pairs::<Value, Value>() {
        let (name, value) = pair?;
        let name = text("parts", &name)?;
        let lifted = lift::music(lua, "parts", &value, Instrument::Keys)?;
        let mut known = false;
        for (part, place) in form.parts.iter().zip(&mut music) {
            if part.name == name {
                (*place, known) = (Some(lifted.clone()), true);
            }
        }
        if !known {
            return Err(no_part(&form, &name).name(&name).into());
        }
    }
    let mut print = form.print();
    for part in &music {
        print = print.number(part.as_ref().map_or(0, |part| part.print));
    }
    let instrument = music.iter().flatten().next().map_or(Instrument::Keys, |part| part.instrument);
    let weight = music.iter().flatten().map(|part| part.weight).fold(1.0, f64::max);
    let of_part = |part: &Music| PartMusic { print: part.print, pattern: part.pattern.clone() };
    let by_part = music.iter().map(|part| part.as_ref().map(of_part)).collect();
    let mut made = Music::new(form.by_part(by_part, soften), print, instrument);
    made = music.iter().flatten().fold(made, Music::with);
    (made.weight, made.form) = (weight, true);
    Ok(made)
}

/// An event so many times as loud.
fn soften(controls: &mut Controls, loud: f64) {
    if loud < 1.0 {
        controls.set(Control::GAIN, controls.get(Control::GAIN).unwrap_or(1.0) * loud);
    }
}

/// What is said of a part that a form does not have.
pub(crate) fn no_part(form: &Form, name: &str) -> Fault {
    let mut names: Vec<&str> = Vec::new();
    for part in &form.parts {
        if !names.contains(&part.name.as_str()) {
            names.push(&part.name);
        }
    }
    Fault::new(format!("the form has no part `{name}`")).nearest(name, names)
}

/// What `slot:only` and `slot:except` were given.
pub(super) fn gate(lua: &Lua, what: &str, written: &Variadic<Value>) -> mlua::Result<DeclaredGate> {
    let mut names = Vec::new();
    for value in written.iter() {
        names.extend(text(what, value)?.split_whitespace().map(str::to_owned));
    }
    if names.is_empty() {
        return Err(expected(what, "names of parts, as in \"verse chorus\"", &Value::Nil).into());
    }
    let place = context(lua)?.origin(lua, what)?.place;
    Ok(DeclaredGate { names, except: what == "except", place })
}
