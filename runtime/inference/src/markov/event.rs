//! What a chain counts: what starts together, and the time until the next start.

use lilt_score::{Beat, Clip, Note, Tone};

/// Notes that start together, and how long until the next ones.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// Sorted by tone, starting at 0; none for a rest.
    pub notes: Vec<Note>,
    /// Beats until the next event, above 0.
    pub advance: Beat,
}

/// What makes two events the same: all but how hard the notes are struck.
pub(super) type Identity = (Beat, Vec<(bool, u64, Beat)>);

impl Event {
    /// Equal for events that count as the same.
    pub fn identity(&self) -> Identity {
        let note = |note: &Note| match note.tone {
            Tone::Pitch(pitch) => (false, pitch.midi().to_bits(), note.duration),
            Tone::Drum(drum) => (true, u64::from(drum.key()), note.duration),
        };
        (self.advance, self.notes.iter().map(note).collect())
    }
}

/// The events of a clip, from its start to its end; a rest at the start is one of them.
pub(super) fn events(clip: &Clip) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    let mut start = Beat::ZERO;
    let mut together: Vec<Note> = Vec::new();
    for note in clip.notes() {
        if note.start > start {
            let advance = note.start - start;
            events.push(Event { notes: std::mem::take(&mut together), advance });
            start = note.start;
        }
        together.push(Note { start: Beat::ZERO, ..*note });
    }
    events.push(Event { notes: together, advance: clip.length() - start });
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::{Pitch, Velocity};

    #[test]
    fn a_clip_is_what_starts_together_and_when() {
        let note = |start: i64, duration: i64, key: u8| Note {
            start: Beat::whole(start),
            duration: Beat::whole(duration),
            tone: Tone::Pitch(Pitch::from_key(key)),
            velocity: Velocity::DEFAULT,
        };
        let clip = Clip::new(vec![note(1, 1, 60), note(2, 3, 64), note(2, 1, 67)], Beat::whole(8)).unwrap();
        let told: Vec<(usize, i64)> =
            events(&clip).iter().map(|event| (event.notes.len(), event.advance.floor())).collect();
        assert_eq!(told, [(0, 1), (1, 1), (2, 6)]);
        let rest = Clip::rest(Beat::whole(2)).unwrap();
        assert_eq!(events(&rest).len(), 1);
    }
}
