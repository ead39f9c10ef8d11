//! What verbs said of a slot's events that nothing which plays them heeds: it would be silent, or sound as if
//! nothing had been said, without a word.

use std::rc::Rc;

use lilt_score::{Beat, Control, Controls, Query, Span, Tone};
use lilt_sequencer::{Instrument, Output};

use crate::context::Origin;
use crate::declared::{DeclaredPart, DeclaredSlot};
use crate::diagnostic::{Diagnostic, Severity};
use crate::fault::{Fault, listed};
use crate::music::Music;

/// Bars of a slot's music that are looked at.
const LOOKED_AT: i64 = 8;

/// Bars that are looked at where a function of the script gives the music: those that are tried before it plays.
const ASKED: i64 = 2;

/// Most instruments that are named as those on which something is heard.
const MOST_NAMED: usize = 5;

/// What a verb said, and where it is written.
pub(crate) struct Said {
    pub verb: &'static str,
    pub what: What,
    pub origin: Origin,
}

/// What a verb said of events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum What {
    /// It set a control; always to the number that leaves nothing to be heard, where it silences.
    Sets { control: Control, silences: bool },
    /// It reckoned with numbers.
    Reckons,
}

/// The number of a control that leaves nothing to be heard, where it has one.
pub(crate) fn silence_of(control: Control) -> Option<f64> {
    match control {
        Control::GAIN | Control::SPEED | Control::END => Some(0.0),
        Control::BEGIN => Some(1.0),
        _ => None,
    }
}

/// An event, and what plays it.
type Played = (Controls, Option<Output>);

/// What is told of verbs behind a slot's music that come to nothing, in bars of this length.
pub(crate) fn unheeded(slot: &DeclaredSlot, bar: Beat) -> Vec<Diagnostic> {
    let DeclaredPart::Music(music) = &slot.part else { return Vec::new() };
    let output = slot.output.clone().unwrap_or(Output::Synth(music.instrument));
    // What is made as it is played is not asked before it plays.
    if music.stream.is_some() || !music.said.iter().any(|said| is_doubtful(said, &output)) {
        return Vec::new();
    }
    let bars = if music.asked { ASKED } else { LOOKED_AT };
    let span = Span::new(Beat::ZERO, bar * Beat::whole(bars));
    let Ok(events) = music.pattern.query(Query::new(span, bar)) else { return Vec::new() };
    let begun = events.into_iter().filter(|event| event.onset().is_some());
    let played: Vec<Played> = begun
        .map(|event| (output.playing(&event.value), event.value))
        .map(|(by, event)| (event, by))
        .collect();
    let told = |said: &Rc<Said>| {
        let fault = match said.what {
            What::Sets { control, silences } => silenced(control, silences, &played)
                .or_else(|| ignored(said.verb, control, slot, music, &played)),
            What::Reckons => reckoned(said.verb, slot, &played),
        };
        fault.map(|fault| Diagnostic { severity: Severity::Warning, ..said.origin.diagnostic(fault) })
    };
    music.said.iter().filter_map(told).collect()
}

/// Whether what was said may come to nothing, as far as is known without a look at the events.
fn is_doubtful(said: &Said, output: &Output) -> bool {
    let What::Sets { control, silences } = said.what else { return true };
    let everywhere = || Instrument::ALL.into_iter().all(|known| known.understands(control));
    silences || matches!(output, Output::Midi { .. }) || !everywhere()
}

/// What is told of a control that leaves nothing of any event that has it.
fn silenced(control: Control, silences: bool, played: &[Played]) -> Option<Fault> {
    let least = silence_of(control).filter(|_| silences)?;
    let mut with = played.iter().filter(|(_, by)| by.is_some()).filter_map(|(event, _)| event.get(control));
    // Something behind it may have said another number.
    if with.next()? != least || with.any(|number| number != least) {
        return None;
    }
    Some(silence(control).name(control.name()))
}

/// What is told of a control at the number that leaves nothing to be heard.
pub(crate) fn silence(control: Control) -> Fault {
    let name = control.name();
    let (told, help) = match control {
        Control::GAIN => {
            (format!("{name} 0 is silence"), "write a number above 0, 1 for as loud as it is; or :silent()")
        }
        Control::SPEED => (
            format!("{name} 0 stands still: nothing sounds"),
            "write 1 for its own speed, 2 for twice as fast, -1 for backwards",
        ),
        Control::BEGIN => {
            (format!("{name} 1 is the end of the sound: nothing is left"), "write a number from 0 to below 1")
        }
        _ => (
            format!("{name} 0 is the beginning of the sound: nothing is left"),
            "write a number above 0, up to 1",
        ),
    };
    Fault::new(told).help(help)
}

/// What is told of a control that nothing understands of all that plays events with it.
fn ignored(
    verb: &str,
    control: Control,
    slot: &DeclaredSlot,
    music: &Music,
    played: &[Played],
) -> Option<Fault> {
    let with = played.iter().filter(|(event, _)| event.get(control).is_some());
    let mut by = with.filter_map(|(_, by)| by.as_ref());
    let first = by.next()?;
    if first.understands(control) || by.any(|by| by.understands(control)) {
        return None;
    }
    let name = &slot.name;
    let of = |wanted: &str| format!("`{verb}` is for {wanted}, and slot `{name}` plays on {}", shown(first));
    let to_port = Output::Midi { port: String::new(), channel: 1 };
    let recorded = Output::Sample { name: "bd".into(), pitched: false };
    let known: Vec<&str> = Instrument::ALL
        .into_iter()
        .filter(|instrument| instrument.understands(control))
        .map(Instrument::name)
        .collect();
    let (told, help) = match first {
        Output::Midi { .. } => (
            format!("`{verb}` changes nothing on a MIDI port"),
            "write cc(74, …) for what the instrument there calls controller 74".to_owned(),
        ),
        _ if to_port.understands(control) => {
            (of("notes that go to a MIDI port"), "write :midi \"Synth A\" behind the slot".to_owned())
        }
        _ if known.is_empty() && recorded.understands(control) => (
            of("recorded sounds"),
            match music.instrument {
                Instrument::Kit => "write sound \"bd sd\" in place of drums \"bd sd\"".to_owned(),
                _ => "write :sound \"breaks\" behind the music, or sound \"breaks\" in its place".to_owned(),
            },
        ),
        _ => {
            let told = format!("`{verb}` changes nothing on {}", shown(first));
            let heard = match known.len() {
                0 => "recorded sounds".to_owned(),
                1..=MOST_NAMED => listed(&known),
                _ => format!("{} and others", known[..MOST_NAMED].join(", ")),
            };
            (told, format!("it is heard on {heard}: see lilt doc {}", control.name()))
        }
    };
    Some(Fault::new(told).name(verb).help(help))
}

/// What is told of numbers that were reckoned with where nothing has one.
fn reckoned(verb: &str, slot: &DeclaredSlot, played: &[Played]) -> Option<Fault> {
    let marks: &'static [&'static str] = match verb {
        "add" => &["+", "add"],
        "sub" => &["-", "sub"],
        "mul" => &["*", "mul"],
        "div" => &["/", "div"],
        "mod" => &["%", "mod"],
        _ => return None,
    };
    let sign = marks[0];
    let name = &slot.name;
    let wordy =
        |(event, _): &Played| event.sound.is_some() && event.tone.is_none() && event.value().is_some();
    let drum = |(event, _): &Played| matches!(event.tone, Some(Tone::Drum(_)));
    let reckons =
        |(event, _): &Played| event.get(Control::N).is_some() || event.get(Control::DEGREE).is_some();
    let (told, help) = if played.iter().any(wordy) {
        (
            format!("slot `{name}` is silent: a sound that has no pitch cannot be reckoned with by `{sign}`"),
            "write :tune(12) for semitones up, or n(\"0 1\"):sound \"breaks\" to reckon with which of them",
        )
    } else if !played.is_empty() && played.iter().all(drum) && !played.iter().any(reckons) {
        (
            format!("`{sign}` changes nothing of drums, which have no pitch"),
            "write :tune(12) for semitones up, :fast(2) for twice as fast, :gain(0.5) for half as loud",
        )
    } else {
        return None;
    };
    Some(Fault::new(told).among(marks).help(help))
}

/// What plays something, as it is told.
fn shown(output: &Output) -> String {
    match output {
        Output::Synth(instrument) => format!("`{}`", instrument.name()),
        Output::Sample { .. } => "recorded sounds".to_owned(),
        Output::Preset(_) => "a SoundFont".to_owned(),
        Output::Timbre(_) => "a place in a space of sounds".to_owned(),
        Output::Midi { .. } => "a MIDI port".to_owned(),
        Output::Osc(_) => "another program".to_owned(),
        Output::Bus => "a bus".to_owned(),
    }
}
