//! Parts, slots and generations to try the sequencer with, and what can be read off its events.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use lilt_score::{Beat, Controls, Event, Meter, Pattern, Pitch, QueryError, Span, Tone};
use lilt_sequencer::*;

/// Notes of `length` beats at every multiple of `step`, shifted by `offset`; the pitch counts up.
pub fn steps(step: Beat, offset: Beat, length: Beat, base: u8) -> Pattern<Controls> {
    Pattern::new(move |query| {
        let first = (query.span.start - offset - length).floor_div(step);
        (first..)
            .map(|i| (i, offset + step * Beat::whole(i)))
            .take_while(|(_, start)| *start < query.span.end)
            .filter_map(|(i, start)| {
                let whole = Span::new(start, start + length);
                let pitch = Pitch::from_key(base + i.rem_euclid(5) as u8);
                Some(Event::new(whole, whole.intersect(query.span)?, Controls::tone(Tone::Pitch(pitch))))
            })
            .collect()
    })
}

/// A pattern that is late until its switch is turned on.
pub fn late(inner: Pattern<Controls>) -> (Pattern<Controls>, Rc<RefCell<bool>>) {
    let ready = Rc::new(RefCell::new(false));
    let switch = Rc::clone(&ready);
    let pattern = Pattern::try_new(move |query| match *ready.borrow() {
        true => inner.query(query),
        false => Err(QueryError::Late),
    });
    (pattern, switch)
}

/// A pattern that is late until its switch is turned on, and has `draft` until then.
pub fn drafted(inner: Pattern<Controls>, draft: Pattern<Controls>) -> (Pattern<Controls>, Rc<RefCell<bool>>) {
    let (inner, switch) = late(inner);
    let pattern =
        Pattern::try_new(move |query| if query.drafts { draft.query(query) } else { inner.query(query) });
    (pattern, switch)
}

/// A pattern that fails from a beat on.
pub fn fails_from(inner: Pattern<Controls>, beat: Beat) -> Pattern<Controls> {
    Pattern::try_new(move |query| match query.span.end > beat {
        true => Err(QueryError::Failed("attempt to add nil".into())),
        false => inner.query(query),
    })
}

/// A slot that plays notes; `fingerprint` is its identity.
pub fn slot(name: &str, fingerprint: u64, notes: Pattern<Controls>) -> SlotSpec {
    SlotSpec {
        name: name.into(),
        part: Part::Notes(notes),
        output: Output::Synth(Instrument::Pluck),
        strip: Strip::new(),
        wiring: Wiring::default(),
        silent: false,
        solo: false,
        line: 1,
        model: None,
        evidence: EvidenceSource::default(),
        stream: None,
        form: false,
        quantum: None,
        restart: false,
        hands: None,
        turns: None,
        fingerprint,
    }
}

/// A generation of these slots at 120 bpm in 4/4.
pub fn generation(slots: Vec<SlotSpec>) -> Generation {
    Generation { slots, ..Generation::silence() }
}

/// 4/4 at a tempo.
pub fn at_tempo(bpm: f64, slots: Vec<SlotSpec>) -> Generation {
    let tempo = Tempo::new(bpm).expect("a tempo in range");
    Generation { tempo, meter: Meter::COMMON, ..generation(slots) }
}

/// One line an event, without ids: `3/2 lead on c4`.
pub fn text(events: &[Timed], sequencer: &Performance) -> Vec<String> {
    let mut tones = HashMap::new();
    let line = |event: &Timed| {
        let name = sequencer.view().slot_name(event.slot).unwrap_or("?");
        let what = match &event.action {
            Action::NoteOn { id, strike, .. } => {
                tones.insert(*id, strike.tone);
                format!("on {}", strike.tone)
            }
            Action::NoteOff { id, .. } => match tones.get(id) {
                Some(tone) => format!("off {tone}"),
                None => "off".into(),
            },
            Action::Control { control, value, .. } => format!("{} {value}", control.name()),
            Action::Stroke { first, .. } => format!("stroke{}", if *first { " first" } else { "" }),
            Action::Look { look, value } => format!("{} {value}", look.name()),
            Action::Route { .. } => "route".into(),
            Action::Send { bus, .. } => match bus.and_then(|bus| sequencer.view().slot_name(bus)) {
                Some(bus) => format!("to {bus}"),
                None => "to the master".into(),
            },
            Action::Duck { under, .. } => match under {
                Some(under) => {
                    let name = sequencer.view().slot_name(under.slot).unwrap_or("?");
                    format!("ducks {} under {name}", under.how.depth)
                }
                None => "ducks no longer".into(),
            },
            Action::FadeOut { seconds } => format!("fade {seconds}"),
        };
        format!("{} {name} {what}", event.beat)
    };
    events.iter().map(line).collect()
}

/// Only the lines about notes.
pub fn notes(events: &[Timed], sequencer: &Performance) -> Vec<String> {
    let mut lines = text(events, sequencer);
    lines.retain(|line| line.contains(" on ") || line.contains(" off"));
    lines
}

/// Only the beats at which a slot's notes begin.
pub fn onsets(events: &[Timed], sequencer: &Performance, name: &str) -> Vec<String> {
    let of_slot = |event: &&Timed| sequencer.view().slot_name(event.slot) == Some(name);
    let begins = |event: &&Timed| matches!(event.action, Action::NoteOn { .. });
    events.iter().filter(of_slot).filter(begins).map(|event| event.beat.to_string()).collect()
}
