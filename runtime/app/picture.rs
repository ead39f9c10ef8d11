//! The canvas' frame, made from what plays: the same for the window and for files.

use std::collections::HashMap;
use std::sync::Arc;

use lilt_canvas::{CodeView, Frame, NoteView, RunView, Rung, Show, SlotView, SoundView, Zone};
use lilt_score::Beat;
use lilt_sequencer::{Action, Output, PlannedNote, SlotId, SlotStatus, Staging, Timed};

use crate::easel::Easel;

/// Beats shown before and after the playhead.
pub const BEFORE: f64 = 8.0;
/// Beats shown after the playhead.
pub const AFTER: f64 = 8.0;

/// Where the playhead stands and what the script is called.
pub struct Moment<'a> {
    /// Name of the script.
    pub title: &'a str,
    /// The playhead in beats.
    pub beat: f64,
    /// Length of a bar in beats.
    pub bar: Beat,
    /// Tempo.
    pub bpm: f64,
    /// Generation that plays.
    pub generation: u64,
    /// What the script wants to be shown.
    pub staging: Staging,
    /// The script, where it is to be shown.
    pub code: Option<CodeView>,
    /// What is heard, where that is to be shown.
    pub sound: Option<SoundView>,
    /// The tilts that ran last, where they are to be shown.
    pub runs: Vec<RunView>,
    /// What is wrong with the newest text.
    pub diagnostic: Option<String>,
}

/// The frame at a moment, from the slots, the notes around the playhead, and what was drawn.
pub fn frame(
    moment: Moment<'_>,
    slots: &[SlotStatus],
    notes: impl IntoIterator<Item = PlannedNote>,
    easel: &Easel,
) -> Frame {
    let mut views: HashMap<SlotId, SlotView> = HashMap::new();
    for note in notes {
        let near = note.start.to_f64() < moment.beat + AFTER && note.end.to_f64() > moment.beat - BEFORE;
        if near {
            let duration = note.end - note.start;
            let (tone, velocity) = (note.strike.tone, note.strike.velocity.value());
            let plain = NoteView::new(note.start, duration, tone, velocity, zone(note.zone));
            let note_view = NoteView { surprise: note.strike.context.surprise(), ..plain };
            views.entry(note.slot).or_default().notes.push(note_view);
        }
    }
    // A bus has nothing to be drawn.
    let shown: Vec<&SlotStatus> = slots.iter().filter(|slot| slot.output != Output::Bus).collect();
    let drawing = shown.iter().enumerate().filter(|(_, slot)| slot.draws && slot.audible);
    let layers = easel.layers(drawing.map(|(colour, slot)| (slot.id, colour)), moment.beat);
    let slots = shown.into_iter().enumerate().map(|(colour, slot)| {
        let view = views.remove(&slot.id).unwrap_or_default();
        SlotView {
            name: slot.name.clone(),
            rung: rung(slot.rung),
            model: slot.model.clone(),
            ess: slot.evidence.map(|evidence| evidence.ess),
            silent: !slot.audible,
            drawing: slot.draws,
            colour,
            ..view
        }
    });
    Frame {
        title: moment.title.to_string(),
        beat: moment.beat,
        beats_per_bar: moment.bar.to_f64(),
        bpm: moment.bpm,
        generation: moment.generation,
        before: BEFORE,
        after: AFTER,
        show: match moment.staging.show {
            lilt_sequencer::Show::Plan => Show::Plan,
            lilt_sequencer::Show::Stage => Show::Stage,
            lilt_sequencer::Show::Code => Show::Code,
            lilt_sequencer::Show::Scope => Show::Scope,
            lilt_sequencer::Show::Spectrum => Show::Spectrum,
            lilt_sequencer::Show::Tilt => Show::Tilt,
        },
        background: moment.staging.background.map(lilt_score::Rgb::number),
        slots: slots.collect(),
        layers,
        code: moment.code,
        sound: moment.sound,
        runs: moment.runs,
        plays_keys: false,
        diagnostic: moment.diagnostic,
    }
}

/// The notes among `events`, for a plan that is known whole: those that begin
/// before `beat` count as played.
pub fn notes<'a>(events: &'a [Timed], beat: f64) -> impl Iterator<Item = PlannedNote> + 'a {
    events.iter().filter_map(move |event| {
        let Action::NoteOn { strike, duration, .. } = &event.action else { return None };
        let played = event.beat.to_f64() <= beat;
        Some(PlannedNote {
            slot: event.slot,
            start: event.beat,
            end: event.beat + *duration,
            seconds: event.seconds,
            strike: Arc::clone(strike),
            zone: if played { lilt_sequencer::Zone::Played } else { lilt_sequencer::Zone::Committed },
        })
    })
}

/// What a view shows of sound: of these samples, both channels together, oldest first.
pub fn sound(show: lilt_sequencer::Show, samples: &[f32], rate: f64) -> Option<SoundView> {
    match show {
        lilt_sequencer::Show::Scope => Some(SoundView::wave(samples)),
        lilt_sequencer::Show::Spectrum => Some(SoundView::spectrum(samples, rate)),
        lilt_sequencer::Show::Plan
        | lilt_sequencer::Show::Stage
        | lilt_sequencer::Show::Code
        | lilt_sequencer::Show::Tilt => None,
    }
}

fn zone(zone: lilt_sequencer::Zone) -> Zone {
    match zone {
        lilt_sequencer::Zone::Played => Zone::Played,
        lilt_sequencer::Zone::Committed => Zone::Committed,
        lilt_sequencer::Zone::Tentative => Zone::Tentative,
    }
}

fn rung(rung: lilt_sequencer::Rung) -> Rung {
    match rung {
        lilt_sequencer::Rung::Fresh => Rung::Fresh,
        lilt_sequencer::Rung::Draft => Rung::Draft,
        lilt_sequencer::Rung::Stale => Rung::Stale,
        lilt_sequencer::Rung::Loop => Rung::Loop,
        lilt_sequencer::Rung::Rest => Rung::Rest,
    }
}
