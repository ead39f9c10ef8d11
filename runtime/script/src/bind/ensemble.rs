//! `clock_out`, `clock_in`, `link`, `jack_transport`, `latency`: keeping time with other machines.

use std::sync::Arc;

use lilt_sequencer::ClockIn;
use mlua::{Lua, Table, Value};

use crate::bind::ears::{InputValue, LONGEST_NAME, named};
use crate::bind::value_of;
use crate::context::context;
use crate::fault::Fault;
use crate::options::{number_in, options, table, text};

pub(super) const DOCS: &[&str] = &[
    "clock_out(port)
Sends a MIDI clock to a port, 24 ticks a beat, so that a drum machine or another program follows Lilt's tempo: it is started at the next bar line, and stopped where nothing plays any more.
@param port a part of the port's name; a port of that name is opened when there is none
@example clock_out \"Drum machine\" play(\"lead\", \"c4 e4\")",
    "clock_in(device, options)
Follows the MIDI clock of a drum machine or another program: its tempo, its beats, its start, stop, continue and song position. Until it comes, and when it is lost, Lilt goes on at the tempo that it has. A clock that was started before Lilt heard it gives the tempo alone: start it once more, and the bars lie on each other.
@param device a part of the name that `lilt devices` lists
@param offset how much later than the clock the music is heard, in milliseconds, -250 to 250; 0 when left out
@example clock_in \"Drum machine\" play(\"lead\", \"c4 e4\")",
    "link(options)
Plays in the session of Ableton Link: in one tempo, with bars on bars, with every other program of the session. Lilt speaks to Carabiner, a small free program that knows Link and that you start beside it. Who changes `tempo` in the script changes it for all.
@param offset how much later than the session the music is heard, in milliseconds, -250 to 250; 0 when left out
@example link() play(\"lead\", \"c4 e4\")",
    "jack_transport(options)
Follows the transport of JACK: its start, its stop, where it is, and its tempo where a program gives it bars and beats. While it stands still nothing plays.
@param offset how much later than the transport the music is heard, in milliseconds, -250 to 250; 0 when left out
@example jack_transport() play(\"lead\", \"c4 e4\")",
    "latency(output, milliseconds)
What goes to an output leaves so much later than it is meant, or earlier where the number is less than 0, whatever the tempo: for a synthesiser that is slow, or one that is quicker than the sound card.
@param output the name of a MIDI port as the script writes it, the host and the port of OSC, as in \"127.0.0.1:57120\", or \"sound\" for the sound card against all others
@param milliseconds -250 to 250
@example latency(\"Synth A\", -20) play(\"lead\", \"c4 e4\"):midi(\"Synth A\", 1)",
];

/// Name of the source that is a session of Ableton Link.
pub const LINK: &str = "Ableton Link";
/// Name of the source that is the transport of JACK.
pub const TRANSPORT: &str = "JACK transport";
/// How far an output or a clock may be moved, in milliseconds.
const FARTHEST: f64 = 250.0;

pub(super) fn install(lua: &Lua, base: &Table) -> mlua::Result<()> {
    base.raw_set("clock_out", lua.create_function(|lua, port: Value| clock_out(lua, &port))?)?;
    base.raw_set(
        "clock_in",
        lua.create_function(|lua, (device, written): (Value, Value)| {
            let input = match value_of::<InputValue>(&device) {
                Some(input) => input,
                None => named(lua, "clock_in", &text("clock_in", &device)?)?,
            };
            follow(lua, "clock_in", input.source, &written)
        })?,
    )?;
    for (what, source) in [("link", LINK), ("jack_transport", TRANSPORT)] {
        let followed = lua.create_function(move |lua, written: Value| {
            let source = named(lua, what, source)?.source;
            follow(lua, what, source, &written)
        })?;
        base.raw_set(what, followed)?;
    }
    base.raw_set(
        "latency",
        lua.create_function(|lua, (output, milliseconds): (Value, Value)| {
            let output = name("latency", "the name of a MIDI port, or a host and a port of OSC", &output)?;
            let seconds = number_in("latency", &milliseconds, -FARTHEST, FARTHEST)? / 1e3;
            let context = context(lua)?;
            let latencies = &mut context.session("latency")?.declared.ensemble.latencies;
            latencies.retain(|(known, _)| *known != output);
            latencies.push((output, seconds));
            Ok(())
        })?,
    )
}

fn clock_out(lua: &Lua, port: &Value) -> mlua::Result<()> {
    let port = name("clock_out", "a part of a port's name", port)?;
    let context = context(lua)?;
    let clocks = &mut context.session("clock_out")?.declared.ensemble.clocks;
    if !clocks.contains(&port) {
        clocks.push(port);
    }
    Ok(())
}

/// The music follows the clock of a source.
fn follow(lua: &Lua, what: &'static str, source: Arc<str>, written: &Value) -> mlua::Result<()> {
    let [offset] = options(what, table(what, written)?, ["offset"])?;
    let offset = if offset.is_nil() { 0.0 } else { number_in("offset", &offset, -FARTHEST, FARTHEST)? };
    let context = context(lua)?;
    let clock_in = &mut context.session(what)?.declared.ensemble.clock_in;
    if let Some(other) = clock_in.as_ref().filter(|other| other.source != source) {
        let told = format!("the music follows \"{}\" already: there is one tempo for all", other.source);
        return Err(Fault::new(told).of(what).help("keep one of the two").into());
    }
    *clock_in = Some(ClockIn { source, offset: offset / 1e3 });
    Ok(())
}

fn name(of: &'static str, expected: &str, written: &Value) -> mlua::Result<Arc<str>> {
    let name = text(of, written)?;
    if !(1..=LONGEST_NAME).contains(&name.trim().chars().count()) {
        return Err(Fault::new(format!("`{of}` expects {expected}")).text(&name).of(of).into());
    }
    Ok(name.into())
}
