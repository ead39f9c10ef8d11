//! `slot:osc` and `slot:dirt`: notes for other programs.

use std::sync::Arc;

use lilt_sequencer::{OscShape, OscTarget, Output};
use mlua::Value;

use crate::bind::slot::no_music;
use crate::declared::{DeclaredPart, DeclaredSlot};
use crate::fault::Fault;
use crate::options::{options, table, text, whole_in};

pub(super) const DOCS: &[&str] = &[
    "slot:osc(host, port, path)
Sends each note to another program by OSC in place of an instrument, as a bundle with its moment: note, velocity, duration in seconds, and every control by its name, each followed by its number.
@param host the machine: \"127.0.0.1\" is this one; others need `lilt live --network`
@param port at which the program listens, 1 to 65535
@param path the address of the messages, as in \"/play\"
@example play(\"out\", notes(\"c4 e4\"):cutoff(\"400 900\")):osc(\"127.0.0.1\", 9000, \"/play\")",
    "slot:dirt(sound, options)
Sends the notes to SuperDirt, as Tidal does: its sounds and its effects, on Lilt's beat. Each slot has an orbit of its own. Controls are given by the names that Lilt has for them.
@param sound what plays them there, as in \"superpiano\"; the names of the notes' own sounds and drums when left out
@param host the machine SuperDirt runs on; this one when left out
@param port at which it listens; 57120 when left out
@example play(\"dirt\", drums \"bd [~ hh] sd hh\"):dirt()",
];

/// Longest name of a machine, a sound or an address, in letters.
const LONGEST: usize = 128;

fn word(what: &str, value: &Value) -> Result<Arc<str>, Fault> {
    let word = text(what, value)?;
    if !(1..=LONGEST).contains(&word.chars().count()) || word.contains(char::is_whitespace) {
        let fault = Fault::new(format!("`{what}` expects one word of at most {LONGEST} letters"));
        return Err(fault.text(&word).of(what));
    }
    Ok(word.into())
}

fn port(what: &str, value: &Value) -> Result<u16, Fault> {
    // Within the range of a port.
    Ok(whole_in(what, value, 1, 65_535)? as u16)
}

/// Where notes go by Lilt's own words.
///
/// # Errors
/// When something is none of what is wanted.
pub(super) fn named(host: &Value, at: &Value, path: &Value) -> Result<OscTarget, Fault> {
    let path = word("osc", path)?;
    if !path.starts_with('/') {
        let fault = Fault::new("an address of OSC begins with /").text(&*path).of("osc");
        return Err(fault.help(format!("write \"/{path}\"")));
    }
    let (host, port) = (word("osc", host)?, port("osc", at)?);
    Ok(OscTarget { host, port, path, shape: OscShape::Named, sound: None })
}

/// Where SuperDirt is.
///
/// # Errors
/// When something is none of what is wanted.
pub(super) fn dirt(sound: &Value, written: &Value) -> mlua::Result<OscTarget> {
    // Options alone stand where the sound would.
    let (sound, written) = match sound {
        Value::Table(_) if written.is_nil() => (&Value::Nil, sound),
        _ => (sound, written),
    };
    let [host, at] = options("dirt", table("dirt", written)?, ["host", "port"])?;
    Ok(OscTarget {
        host: if host.is_nil() { "127.0.0.1".into() } else { word("host", &host)? },
        port: if at.is_nil() { 57_120 } else { port("port", &at)? },
        path: "/dirt/play".into(),
        shape: OscShape::Dirt,
        sound: if sound.is_nil() { None } else { Some(word("dirt", sound)?) },
    })
}

/// The slot's notes go there.
///
/// # Errors
/// When it has none.
pub(super) fn go(slot: &mut DeclaredSlot, what: &'static str, target: OscTarget) -> Result<(), Fault> {
    match slot.part {
        DeclaredPart::Music(_) => {
            slot.output = Some(Output::Osc(Arc::new(target)));
            Ok(())
        }
        DeclaredPart::Drawing { .. } => Err(Fault::new("a drawing has no notes to send").name(what)),
        DeclaredPart::Bus => Err(no_music(what)),
    }
}
