//! From clips to the drummer's events and back.

use lilt_score::{Beat, Clip, ClipError, Drum, Note, Tone, Velocity};

use super::vocabulary::{
    DRUMS, Event, NEXT, OFFSETS, STEP, STEP_TICKS, TICKS_PER_BEAT, midi_velocity, place, tick,
    velocity_class, voice,
};

/// A clip as the drummer hears it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Encoded {
    /// Hits and steps, from the first sixteenth to the end of the last.
    pub events: Vec<Event>,
    /// For each event the note of the clip that it is; none for a step.
    pub notes: Vec<Option<usize>>,
    /// Sixteenths in it.
    pub steps: i64,
}

/// Longest clip that is read: 1024 bars.
pub const MOST_BEATS: i64 = 1024 * 4;

/// Why a clip cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CodecError {
    /// A pitch, which no drum has.
    #[error("note {note} is the pitch {tone}: the drummer reads drums only, as in drums \"bd sd\"")]
    Pitch {
        /// Which note, from 1.
        note: usize,
        /// The pitch.
        tone: Tone,
    },
    /// Nothing in it.
    #[error("it has no note: give it at least one drum, as in drums \"bd sd\"")]
    Empty,
    /// Longer than is read.
    #[error("it lasts {0} beats: {MOST_BEATS} at most; give it a shorter one")]
    TooLong(Beat),
}

/// One hit on its sixteenth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Number of the sixteenth.
    pub step: i64,
    /// Voice of [`DRUMS`].
    pub voice: u8,
    /// Velocity class.
    pub velocity: u8,
    /// Offset class.
    pub offset: u8,
    /// Index of the note in its clip.
    pub note: usize,
}

/// Every note of a clip on its sixteenth, in the order of the clip. A note that is nearest to the end of
/// the clip counts as a late one of the last sixteenth.
///
/// # Errors
/// When there is no note, one is no drum, or it is too long.
pub fn hits(clip: &Clip) -> Result<Vec<Hit>, CodecError> {
    if clip.notes().is_empty() { Err(CodecError::Empty) } else { placed(clip) }
}

fn placed(clip: &Clip) -> Result<Vec<Hit>, CodecError> {
    if clip.length() > Beat::whole(MOST_BEATS) {
        return Err(CodecError::TooLong(clip.length()));
    }
    let steps = steps(clip.length());
    let hit = |(note, heard): (usize, &Note)| {
        let Tone::Drum(drum) = heard.tone else {
            return Err(CodecError::Pitch { note: note + 1, tone: heard.tone });
        };
        let (mut step, mut offset) = place(ticks(heard.start));
        if step >= steps {
            (step, offset) = (steps - 1, (OFFSETS - 1) as u8);
        }
        Ok(Hit { step, voice: voice(drum), velocity: velocity_class(heard.velocity.midi()), offset, note })
    };
    clip.notes().iter().enumerate().map(hit).collect()
}

/// Reads a clip: of several hits of a voice in one sixteenth the hardest is heard.
///
/// # Errors
/// [`CodecError`].
pub fn encode(clip: &Clip) -> Result<Encoded, CodecError> {
    hits(clip).map(|hits| encoded(clip, hits))
}

/// As [`encode`], a clip that the drummer played: it may be silent.
///
/// # Errors
/// [`CodecError`], except that there is nothing in it.
pub fn encode_own(clip: &Clip) -> Result<Encoded, CodecError> {
    placed(clip).map(|hits| encoded(clip, hits))
}

fn encoded(clip: &Clip, mut hits: Vec<Hit>) -> Encoded {
    hits.sort_by_key(|hit| (hit.step, hit.voice, std::cmp::Reverse(hit.velocity), hit.note));
    hits.dedup_by_key(|hit| (hit.step, hit.voice));
    let mut encoded = Encoded { steps: steps(clip.length()), ..Encoded::default() };
    let mut waiting = hits.into_iter().peekable();
    for step in 0..encoded.steps {
        while let Some(hit) = waiting.next_if(|hit| hit.step == step) {
            encoded.events.push([hit.voice, hit.velocity, hit.offset]);
            encoded.notes.push(Some(hit.note));
        }
        encoded.events.push(STEP);
        encoded.notes.push(None);
    }
    encoded
}

/// The clip of `length` beats that `events` play, the first of them on its first sixteenth. What would
/// sound before the clip begins sounds as it begins.
///
/// # Errors
/// When they make no clip of that length.
pub fn decode(events: &[Event], length: Beat) -> Result<Clip, ClipError> {
    let mut notes = Vec::new();
    let mut step = 0;
    for event in events {
        notes.extend(sounding(step, event));
        step += i64::from(event[0] == NEXT);
    }
    Clip::new(notes, length)
}

/// The hit that `event` is in the sixteenth `step`; none where it ends that.
pub fn sounding(step: i64, &[what, velocity, offset]: &Event) -> Option<Note> {
    Some(note(*DRUMS.get(usize::from(what))?, tick(step, offset), velocity))
}

/// A note of a drum at a tick.
fn note(drum: Drum, tick: i64, velocity: u8) -> Note {
    Note {
        start: Beat::new(tick.max(0), TICKS_PER_BEAT),
        duration: Beat::new(STEP_TICKS, TICKS_PER_BEAT),
        tone: Tone::Drum(drum),
        velocity: Velocity::new(f64::from(midi_velocity(velocity)) / 127.0),
    }
}

/// Sixteenths that begin within `length` beats.
pub fn steps(length: Beat) -> i64 {
    (length * Beat::new(TICKS_PER_BEAT, STEP_TICKS)).ceil()
}

/// The nearest tick.
pub fn ticks(time: Beat) -> i64 {
    (time * Beat::whole(TICKS_PER_BEAT) + Beat::new(1, 2)).floor()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::Pitch;
    use proptest::prelude::*;

    fn clip(notes: &[(i64, i64, Drum, f64)], beats: i64) -> Clip {
        let note = |&(at, of, drum, velocity): &(i64, i64, Drum, f64)| Note {
            start: Beat::new(at, of),
            duration: Beat::new(1, 4),
            tone: Tone::Drum(drum),
            velocity: Velocity::new(velocity),
        };
        Clip::new(notes.iter().map(note).collect(), Beat::whole(beats)).unwrap()
    }

    #[test]
    fn the_hardest_of_a_voice_is_heard() {
        // Snare and clap at once, a roll on the snare, a triplet, and a hit just before the end.
        let clip = clip(
            &[
                (0, 1, Drum::Snare, 0.5),
                (0, 1, Drum::Clap, 0.9),
                (1, 3, Drum::ClosedHat, 0.5),
                (119, 120, Drum::Bass, 0.5),
            ],
            1,
        );
        let encoded = encode(&clip).unwrap();
        // A third of a beat is ten ticks after the sixteenth; the bass is nearest to the end of the clip.
        let heard = [[1, 14, 15], STEP, [2, 8, 25], STEP, STEP, [0, 8, 29], STEP];
        assert_eq!(encoded.events, heard);
        assert_eq!(clip.notes()[encoded.notes[0].unwrap()].tone, Tone::Drum(Drum::Clap));
    }

    #[test]
    fn what_cannot_be_read_says_what_to_write() {
        let pitch = Note {
            start: Beat::ZERO,
            duration: Beat::ONE,
            tone: Tone::Pitch(Pitch::from_key(60)),
            velocity: Velocity::DEFAULT,
        };
        let cases = [
            (
                Clip::new(vec![pitch], Beat::ONE).unwrap(),
                "note 1 is the pitch c4: the drummer reads drums only, as in drums \"bd sd\"",
            ),
            (
                Clip::rest(Beat::ONE).unwrap(),
                "it has no note: give it at least one drum, as in drums \"bd sd\"",
            ),
            (
                clip(&[(0, 1, Drum::Bass, 0.5)], 4097),
                "it lasts 4097 beats: 4096 at most; give it a shorter one",
            ),
        ];
        for (clip, message) in cases {
            assert_eq!(encode(&clip).unwrap_err().to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn what_was_said_is_read_back(
            hits in prop::collection::btree_map((0i64..32, 0u8..9), (0u8..16, 0u8..30), 1..60),
        ) {
            let mut events = Vec::new();
            for step in 0..32 {
                for (&(_, voice), &(velocity, offset)) in hits.range((step, 0)..(step + 1, 0)) {
                    // Nothing sounds before the clip begins.
                    events.push([voice, velocity, if step == 0 { offset.max(15) } else { offset }]);
                }
                events.push(STEP);
            }
            let clip = decode(&events, Beat::whole(8)).unwrap();
            prop_assert_eq!(encode(&clip).unwrap().events, events);
        }
    }
}
