//! The notes that were played, for pictures of the near past.

use std::collections::VecDeque;
use std::sync::Arc;

use lilt_score::Beat;

use crate::{Action, NoteId, PlannedNote, SlotId, Strike, Timed, Zone};

/// Notes that are remembered.
const MOST: usize = 4096;

#[derive(Debug, Clone)]
struct Played {
    id: NoteId,
    slot: SlotId,
    start: Beat,
    end: Beat,
    seconds: f64,
    strike: Arc<Strike>,
}

/// Notes that were played, oldest first.
#[derive(Debug, Default)]
pub(crate) struct History {
    notes: VecDeque<Played>,
}

impl History {
    /// Takes in what is certain.
    pub(crate) fn record(&mut self, event: &Timed) {
        match &event.action {
            Action::NoteOn { id, strike, duration, .. } => {
                if self.notes.len() == MOST {
                    self.notes.pop_front();
                }
                self.notes.push_back(Played {
                    id: *id,
                    slot: event.slot,
                    start: event.beat,
                    end: event.beat + *duration,
                    seconds: event.seconds,
                    strike: Arc::clone(strike),
                });
            }
            Action::NoteOff { id, .. } => {
                if let Some(note) = self.notes.iter_mut().rev().find(|note| note.id == *id) {
                    note.end = event.beat;
                }
            }
            Action::Control { .. }
            | Action::Stroke { .. }
            | Action::Look { .. }
            | Action::Route { .. }
            | Action::Send { .. }
            | Action::Duck { .. }
            | Action::FadeOut { .. } => {}
        }
    }

    /// The notes whose time touches the beats from `from` to `until`; those that began by second `now`
    /// count as played.
    pub(crate) fn notes(&self, now: f64, from: Beat, until: Beat) -> impl Iterator<Item = PlannedNote> + '_ {
        let near = move |note: &&Played| note.end > from && note.start < until;
        self.notes.iter().filter(near).map(move |note| PlannedNote {
            slot: note.slot,
            start: note.start,
            end: note.end,
            seconds: note.seconds,
            strike: Arc::clone(&note.strike),
            zone: if note.seconds <= now { Zone::Played } else { Zone::Committed },
        })
    }
}
