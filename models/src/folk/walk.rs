//! What `folk` is told before each note, and what it may play then.

use lilt_inference::Certain;
use lilt_score::{Beat, Clip, ClipError, Note};

use super::codec::{decode, soundings};
use super::features::{Conditions, FolkState};
use super::vocabulary::{DURATIONS, END, NoteEvent, REST, TICKS_PER_BEAT, duration_allowed, midi};
use crate::recurrent::walk::Walk;

/// A tune on its way. What is heard may be anything that the network knows; what is played fills a length
/// ([`FolkWalk::fill`]).
#[derive(Debug, Clone, PartialEq)]
pub struct FolkWalk {
    past: FolkState,
    /// Ticks since it began, or since what is filled did.
    made: i64,
    /// Ticks that are filled.
    ticks: Option<i64>,
}

impl FolkWalk {
    /// A tune whose upbeat lasts `pickup` ticks.
    pub fn new(conditions: Conditions, pickup: i64) -> FolkWalk {
        FolkWalk { past: FolkState::new(conditions, pickup), made: 0, ticks: None }
    }

    /// From here on exactly `ticks` are filled, with notes that MIDI has. The tune does not end before: where it
    /// would, its next part begins.
    pub fn fill(&mut self, ticks: i64) {
        (self.made, self.ticks) = (0, Some(ticks));
    }

    /// What holds for the whole tune.
    pub fn conditions(&self) -> Conditions {
        self.past.conditions()
    }
}

impl Walk for FolkWalk {
    const TONE: usize = 1;
    const CERTAIN: Certain = Certain::StepAndBefore;

    fn rows(&self, rows: &mut Vec<u16>) {
        rows.extend(self.past.features());
    }

    fn allowed(&self, said: &[u8], class: usize) -> bool {
        match (said, self.ticks) {
            ([], None) => true,
            ([], Some(ticks)) => duration_allowed(class, ticks - self.made),
            ([END], _) => class == 0,
            (_, None) => true,
            (_, Some(_)) => {
                let tonic = self.conditions().key.tonic();
                u8::try_from(class).is_ok_and(|class| class == REST || midi(class, tonic).is_some())
            }
        }
    }

    fn hear(&mut self, event: &[u8]) {
        let Some(event) = NoteEvent::of_fields(event) else { return };
        self.past.advance(event);
        self.made += event.ticks();
    }

    fn steps(length: Beat) -> i64 {
        (length * Beat::whole(TICKS_PER_BEAT)).ceil()
    }

    fn now(&self) -> i64 {
        self.made
    }

    /// What is left is shorter than the shortest note: it stays silent.
    fn over(&self) -> bool {
        self.ticks.is_some_and(|ticks| ticks - self.made < i64::from(DURATIONS[0]))
    }

    fn clip<'a>(&self, events: impl Iterator<Item = &'a [u8]>, length: Beat) -> Result<Clip, ClipError> {
        let events: Vec<NoteEvent> = events.filter_map(NoteEvent::of_fields).collect();
        decode(&events, &self.conditions(), length)
    }

    fn sounding(&self, said: &[u8], length: Beat) -> impl Fn(&[u8]) -> Option<Note> {
        let ticks = said.first().map_or(0, |&duration| NoteEvent { duration, pitch: REST }.ticks());
        let sounding = soundings(ticks, self.made, &self.conditions(), length);
        move |event| sounding(NoteEvent::of_fields(event)?.pitch)
    }
}
