//! What can be seen of a playhead: positions, slots, the plan ahead and behind.

use std::sync::Arc;

use lilt_score::Beat;

use crate::ground::{commit_grid, finite};
use crate::history::History;
use crate::outline::Outline;
use crate::plan::ItemKind;
use crate::playhead::Playhead;
use crate::status::{PlannedNote, Position, SlotStatus, Zone};
use crate::stretch::Stretches;
use crate::{Action, GenerationId, SlotId, Timed};

/// A look at what plays.
#[derive(Debug, Clone, Copy)]
pub struct View<'a>(pub(crate) &'a Playhead);

impl<'a> View<'a> {
    /// Beat at a moment; 0 before the music begins.
    pub fn beat_at(&self, seconds: f64) -> f64 {
        if self.0.is_idle() { 0.0 } else { self.0.ground.map.beat_at(seconds).max(0.0) }
    }

    /// Moment of a beat, in seconds since the performance began.
    pub fn seconds_at(&self, beat: Beat) -> f64 {
        self.0.ground.seconds_at(beat)
    }

    /// True where a bar of length `bar` begins at a beat.
    pub fn is_bar_line(&self, beat: Beat, bar: Beat) -> bool {
        self.0.ground.measure.is_multiple(beat, bar)
    }

    /// Quarter notes a minute at a moment.
    pub fn tempo_at(&self, seconds: f64) -> f64 {
        self.0.ground.map.bpm_at(Beat::approximate(self.beat_at(seconds)).unwrap_or(Beat::ZERO))
    }

    /// Quarter notes a minute at a beat.
    pub fn bpm_at(&self, beat: Beat) -> f64 {
        self.0.ground.map.bpm_at(beat)
    }

    /// Where the playhead is at a moment.
    pub fn position(&self, now: f64) -> Position {
        let beat = self.beat_at(now);
        let measure = &self.0.ground.measure;
        let (since, length) = (beat - measure.origin.to_f64(), measure.bar().to_f64());
        let bar = (since / length).floor();
        Position { beat, bar: bar as i64, beat_in_bar: since - bar * length, bpm: self.tempo_at(now) }
    }

    /// The next moment at which new music may begin, in beats and in seconds: where
    /// the waiting generation begins if there is one.
    pub fn next_boundary(&self, now: f64) -> (Beat, f64) {
        let boundary = match self.0.waiting() {
            Some((_, boundary)) => boundary,
            None => {
                let playing = &self.0.playing;
                self.0.ground.entry(playing.quantum, playing.meter, now, Beat::ZERO).boundary
            }
        };
        (boundary, self.seconds_at(boundary))
    }

    /// End of what is certain, in beats.
    pub fn committed(&self) -> Beat {
        self.0.at()
    }

    /// The generation that plays.
    pub fn playing(&self) -> (GenerationId, &'a Outline) {
        (self.0.playing.id, &self.0.playing)
    }

    /// The generation that waits for its boundary.
    pub fn pending(&self) -> Option<(GenerationId, &'a Outline)> {
        self.0.waiting().map(|(outline, _)| (outline.id, outline))
    }

    /// The slots that are filled, in the order in which they were first named.
    pub fn slots(&self) -> impl Iterator<Item = SlotStatus> + use<'a> {
        self.0.slots.iter().filter_map(|slot| {
            let (filling, placed) = slot.filling.as_ref()?;
            Some(SlotStatus {
                id: slot.id,
                name: slot.name.to_string(),
                content: placed.content,
                output: (*filling.output).clone(),
                rung: slot.rung,
                generation: slot.generation,
                silent: filling.silent,
                audible: slot.audible,
                draws: filling.draws,
                line: filling.line,
                model: filling.model.clone(),
                evidence: None,
                sounding: slot.sounding(),
                places: slot.places(),
                last_note: slot.last_note.as_ref().map(|(beat, _)| *beat),
                surprise: slot.last_note.as_ref().and_then(|(_, strike)| strike.context.surprise()),
                next_note: slot.next_note(),
            })
        })
    }

    /// Name of a slot that was ever named, also after it is gone.
    pub fn slot_name(&self, id: SlotId) -> Option<&'a str> {
        self.0.slots.get(usize::from(id.0)).map(|slot| &*slot.name)
    }
}

/// The notes of the plan whose time touches `back` beats behind `now` to `ahead` beats before it, sorted by
/// start: those that were played, those that were sent, and those that would be.
pub(crate) fn notes<'a>(
    playhead: &Playhead,
    history: &History,
    sent: impl Iterator<Item = &'a Timed>,
    stretches: &mut impl Stretches,
    now: f64,
    back: Beat,
    ahead: Beat,
) -> Vec<PlannedNote> {
    let now = finite(now);
    let at = commit_grid(View(playhead).beat_at(now));
    let (from, until) = (at - back, at + ahead);
    let mut notes: Vec<PlannedNote> = history.notes(now, from, until).collect();
    for event in sent {
        if let Action::NoteOn { strike, duration, .. } = &event.action
            && event.beat < until
        {
            let (start, end, seconds) = (event.beat, event.beat + *duration, event.seconds);
            let (slot, zone, strike) = (event.slot, Zone::Committed, Arc::clone(strike));
            notes.push(PlannedNote { slot, start, end, seconds, strike, zone });
        }
    }
    for (slot, item) in playhead.tentative(until, stretches) {
        if let ItemKind::Note { end, strike } = item.kind
            && item.beat < until
            && end > from
        {
            let seconds = playhead.ground.seconds_at(item.beat);
            let (start, zone) = (item.beat, Zone::Tentative);
            notes.push(PlannedNote { slot, start, end, seconds, strike, zone });
        }
    }
    notes.sort_by_key(|note| (note.start, note.slot));
    notes
}
