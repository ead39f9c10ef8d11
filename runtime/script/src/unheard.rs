//! Music of which nothing is heard: pitches too low for an ear, signals of which no note begins.

use lilt_score::{Beat, Controls, Event, Meter, Query, Span};

use crate::declared::DeclaredSlot;
use crate::diagnostic::{Diagnostic, Severity};
use crate::fault::Fault;
use crate::files::Files;
use crate::lift::LOWEST_HEARD;
use crate::music::Music;

/// Bars of a slot's music that are looked at for pitches that nobody hears.
const LOOKED_AT: i64 = 8;

/// What is told of a slot whose music has pitches below what is heard: they were meant as degrees.
pub(crate) fn unheard(slot: &DeclaredSlot, music: &Music, meter: Meter, files: &Files) -> Option<Diagnostic> {
    let span = Span::new(Beat::ZERO, meter.bar() * Beat::whole(LOOKED_AT));
    let events = music.pattern.query(Query::new(span, meter.bar())).ok()?;
    let midi = |event: &Event<Controls>| Some(event.value.tone?.pitch()?.midi());
    let low = events.iter().filter(|event| event.onset().is_some());
    let (event, midi) =
        low.filter_map(|event| Some((event, midi(event)?))).find(|(_, midi)| *midi < LOWEST_HEARD)?;
    let fault = Fault::new(format!("the pitch {midi} is too low to be heard"));
    let written = event.context.places().first().and_then(|place| files.written(*place));
    let told = match written {
        Some((place, bytes, Some(text))) => {
            let help = format!("write degrees \"{text}\" for steps of the key, or pitches such as 60 or c4");
            files.diagnostic(fault.at(bytes).help(help), &place, Severity::Warning)
        }
        _ => {
            let fault = fault.text(&slot.name).argument("play", 0);
            files.diagnostic(fault.help("write pitches such as 60 or c4"), &slot.place, Severity::Warning)
        }
    };
    Some(told)
}

/// A signal is asked for its value and strikes no note: where it alone is played, nothing is heard.
pub(crate) fn never_begins(
    slot: &DeclaredSlot,
    music: &Music,
    meter: Meter,
    files: &Files,
) -> Option<Diagnostic> {
    let span = Span::new(Beat::ZERO, meter.bar() * Beat::whole(LOOKED_AT));
    let events = music.pattern.query(Query::new(span, meter.bar())).ok()?;
    if events.is_empty() || events.iter().any(|event| event.whole.is_some()) {
        return None;
    }
    let fault = Fault::new(format!("slot `{}` is given a signal, of which no note ever begins", slot.name))
        .text(&slot.name)
        .argument("play", 0)
        .help("write :segment(8) behind it: it is asked eight times a bar then");
    Some(files.diagnostic(fault, &slot.place, Severity::Warning))
}
