//! What can be seen of a sequencer: positions, slots, the plan ahead and behind.

use lilt_score::{Beat, Span};

use super::{Sequencer, commit_grid, finite};
use crate::plan::{Item, ItemKind};
use crate::slot::Emitted;
use crate::status::{PlannedNote, Position, SlotStatus, Zone};
use crate::{Generation, GenerationId, Part, SlotId};

impl Sequencer {
    /// The notes of the plan whose time touches `back` beats behind the playhead to
    /// `ahead` beats before it, sorted by start. Tentative notes are those the plan
    /// would play if nothing changed; a pattern that fails there shows nothing, and
    /// the failure is reported when it is filled.
    pub fn plan(&mut self, now: f64, back: Beat, ahead: Beat) -> Vec<PlannedNote> {
        let now = finite(now);
        let playhead = commit_grid(self.beat_at(now));
        let (from, until) = (playhead - back, playhead + ahead);
        let mut notes = Vec::new();
        for slot in &self.slots {
            for note in slot.recent.iter().filter(|note| note.end > from && note.start < until) {
                let seconds = self.map.seconds_at(note.start);
                let zone = if seconds <= now { Zone::Played } else { Zone::Committed };
                let Emitted { start, end, tone, velocity, surprise } = *note;
                notes.push(PlannedNote {
                    slot: slot.id,
                    start,
                    end,
                    seconds,
                    tone,
                    velocity,
                    surprise,
                    zone,
                });
            }
        }
        for (slot, item) in self.tentative(until) {
            if let ItemKind::Note { end, tone, velocity, surprise } = item.kind
                && item.beat < until
                && end > from
            {
                let seconds = self.map.seconds_at(item.beat);
                let (start, zone) = (item.beat, Zone::Tentative);
                notes.push(PlannedNote { slot, start, end, seconds, tone, velocity, surprise, zone });
            }
        }
        notes.sort_by_key(|note| (note.start, note.slot));
        notes
    }

    /// Beat at a moment; 0 before the music begins.
    pub fn beat_at(&self, seconds: f64) -> f64 {
        if self.is_idle() { 0.0 } else { self.map.beat_at(seconds).max(0.0) }
    }

    /// Moment of a beat, in seconds since the performance began.
    pub fn seconds_at(&self, beat: Beat) -> f64 {
        self.map.seconds_at(beat)
    }

    /// Quarter notes a minute at a moment.
    pub fn tempo_at(&self, seconds: f64) -> f64 {
        self.map.bpm_at(Beat::approximate(self.beat_at(seconds)).unwrap_or(Beat::ZERO))
    }

    /// Where the playhead is at a moment.
    pub fn position(&self, now: f64) -> Position {
        let beat = self.beat_at(now);
        let bar_length = self.playing.bar().to_f64();
        let bar = (beat / bar_length).floor();
        Position { beat, bar: bar as i64, beat_in_bar: beat - bar * bar_length, bpm: self.tempo_at(now) }
    }

    /// The next moment at which new music may begin, in beats and in seconds: where
    /// the waiting generation begins if there is one.
    pub fn next_boundary(&self, now: f64) -> (Beat, f64) {
        let boundary = match &self.pending {
            Some(next) => next.boundary,
            None => self.boundary_of(&self.playing, now),
        };
        (boundary, self.map.seconds_at(boundary))
    }

    /// End of what was handed out, in beats.
    pub fn committed(&self) -> Beat {
        self.committed
    }

    /// The generation that plays.
    pub fn playing(&self) -> (GenerationId, &Generation) {
        (self.playing.id, &self.playing.generation)
    }

    /// The generation that waits for its boundary.
    pub fn pending(&self) -> Option<(GenerationId, &Generation)> {
        self.pending.as_ref().map(|next| (next.accepted.id, &next.accepted.generation))
    }

    /// The slots that are filled, in the order in which they were first named.
    pub fn slots(&self) -> impl Iterator<Item = SlotStatus> {
        self.slots.iter().filter_map(|slot| {
            let spec = &slot.content.as_ref()?.spec;
            Some(SlotStatus {
                id: slot.id,
                name: slot.name.clone(),
                rung: slot.rung,
                generation: slot.generation,
                silent: spec.silent,
                audible: slot.audible,
                draws: matches!(spec.part, Part::Drawing { .. }),
                line: spec.line,
                model: spec.model.clone(),
                evidence: spec.evidence.look(),
                sounding: slot.sounding(),
                last_note: slot.recent.back().map(|note| note.start),
                surprise: slot.recent.back().and_then(|note| note.surprise),
                next_note: slot.next_note(),
            })
        })
    }

    /// Name of a slot that was ever named, also after it is gone.
    pub fn slot_name(&self, id: SlotId) -> Option<&str> {
        self.slots.get(usize::from(id.0)).map(|slot| slot.name.as_str())
    }

    /// What would be played from the end of commitment to `until`.
    fn tentative(&mut self, until: Beat) -> Vec<(SlotId, Item)> {
        let committed = self.committed;
        let boundary = self.pending.as_ref().map_or(until, |next| next.boundary.min(until));
        let mut items = Vec::new();
        for slot in &mut self.slots {
            let id = slot.id;
            let changes = self.pending.as_ref().is_some_and(|next| {
                let mut named = next.accepted.specs.iter().zip(&next.contents);
                named.find(|(spec, _)| spec.name == slot.name).is_none_or(|(_, content)| content.is_some())
            });
            let until = if changes { boundary } else { until };
            if slot.audible {
                items.extend(slot.queued().filter(|item| item.beat < until).map(|item| (id, item.clone())));
                let mut at = slot.planned_until.max(committed);
                while at < until && slot.content.is_some() {
                    let span = Span::new(at, self.playing.stretch_end(at));
                    let ahead = slot.tentative(span);
                    items.extend(ahead.into_iter().filter(|item| item.beat < until).map(|item| (id, item)));
                    at = span.end;
                }
            }
        }
        if let Some(next) = &mut self.pending {
            for (spec, content) in next.accepted.specs.iter().zip(&mut next.contents) {
                let slot = self.slots.iter().find(|slot| slot.name == spec.name);
                let (Some(content), Some(slot)) = (content, slot) else { continue };
                let mut at = next.boundary;
                while at < until && next.accepted.is_audible(spec) {
                    let span = Span::new(at, next.accepted.stretch_end(at));
                    let plan = content.part(span).unwrap_or_default();
                    items.extend(plan.items.iter().map(|item| (slot.id, item.clone())));
                    at = span.end;
                }
            }
        }
        items
    }
}
