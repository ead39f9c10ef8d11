//! Clips: finite lists of notes with a length in beats.

use std::sync::Arc;

use crate::{Beat, Controls, Event, Note, Pattern, Pitch, PitchError, Span, Tone};

/// Most notes a clip may hold: a plan of it still fits the playhead's budget.
const MOST_NOTES: usize = 16_384;

/// A finite list of notes with a length in beats; a value, never changed in
/// place, cheap to clone. Notes are sorted by start, then by tone.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    notes: Arc<[Note]>,
    length: Beat,
}

/// Why notes make no clip.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ClipError {
    /// A note without time.
    #[error("note {0} lasts {1} beats: a duration must be above 0")]
    NoDuration(usize, Beat),
    /// A note before the clip begins.
    #[error("note {0} starts at beat {1}: a clip begins at beat 0")]
    BeforeStart(usize, Beat),
    /// A clip without time.
    #[error("a clip of length {0}: a length must be above 0 and at most 65536 beats")]
    Length(Beat),
    /// More than the plan can hold.
    #[error("a clip of {0} notes: {MOST_NOTES} at most")]
    TooMany(usize),
    /// A transposition out of range.
    #[error(transparent)]
    Pitch(#[from] PitchError),
}

impl Clip {
    /// A clip of `notes` that lasts `length` beats. Notes are sorted; one that
    /// begins at or after the end is left out, one that rings over it is kept.
    ///
    /// # Errors
    /// See [`ClipError`]; note numbers count from 1 as the performer does.
    pub fn new(mut notes: Vec<Note>, length: Beat) -> Result<Clip, ClipError> {
        if length <= Beat::ZERO || length > Beat::whole(65_536) {
            return Err(ClipError::Length(length));
        }
        if notes.len() > MOST_NOTES {
            return Err(ClipError::TooMany(notes.len()));
        }
        for (i, note) in notes.iter().enumerate() {
            if note.duration <= Beat::ZERO {
                return Err(ClipError::NoDuration(i + 1, note.duration));
            }
            if note.start < Beat::ZERO {
                return Err(ClipError::BeforeStart(i + 1, note.start));
            }
        }
        notes.retain(|note| note.start < length);
        Ok(Clip::sorted(notes, length))
    }

    fn sorted(mut notes: Vec<Note>, length: Beat) -> Clip {
        let order = |n: &Note| match n.tone {
            Tone::Pitch(pitch) => pitch.midi(),
            Tone::Drum(drum) => f64::from(drum.key()),
        };
        notes.sort_by(|a, b| a.start.cmp(&b.start).then(order(a).total_cmp(&order(b))));
        Clip { notes: notes.into(), length }
    }

    /// Silence for `length` beats.
    ///
    /// # Errors
    /// When the length is not above zero.
    pub fn rest(length: Beat) -> Result<Clip, ClipError> {
        Clip::new(Vec::new(), length)
    }

    /// The notes, sorted by start, then tone.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Length in beats.
    pub fn length(&self) -> Beat {
        self.length
    }

    /// Every pitch higher by `semitones`; drums stay.
    ///
    /// # Errors
    /// When a pitch would leave 0 to 127.
    pub fn transpose(&self, semitones: f64) -> Result<Clip, ClipError> {
        let notes = self.notes.iter().map(|note| {
            let tone = match note.tone {
                Tone::Pitch(pitch) => Tone::Pitch(pitch.transpose(semitones)?),
                drum => drum,
            };
            Ok(Note { tone, ..*note })
        });
        Ok(Clip::sorted(notes.collect::<Result<_, PitchError>>()?, self.length))
    }

    /// Played backwards: a note that ended `x` before the end starts at `x`.
    pub fn reverse(&self) -> Clip {
        let notes = self.notes.iter().map(|note| {
            let start = (self.length - note.end()).max(Beat::ZERO);
            Note { start, ..*note }
        });
        Clip::sorted(notes.collect(), self.length)
    }

    /// `factor` times as long.
    ///
    /// # Errors
    /// When `factor` is not above zero, or the result too long.
    pub fn stretch(&self, factor: Beat) -> Result<Clip, ClipError> {
        let notes = self.notes.iter().map(|note| Note {
            start: note.start * factor,
            duration: note.duration * factor,
            ..*note
        });
        Clip::new(notes.collect(), self.length * factor)
    }

    /// What begins between `span.start` and `span.end`, moved to begin at 0;
    /// notes are cut at the end.
    ///
    /// # Errors
    /// When the span is empty.
    pub fn slice(&self, span: Span) -> Result<Clip, ClipError> {
        let notes = self.notes.iter().filter(|note| span.contains(note.start)).map(|note| Note {
            start: note.start - span.start,
            duration: note.end().min(span.end) - note.start,
            ..*note
        });
        Clip::new(notes.collect(), span.length())
    }

    /// This clip, then `next`.
    ///
    /// # Errors
    /// When the result is too long or has too many notes.
    pub fn concat(&self, next: &Clip) -> Result<Clip, ClipError> {
        let later = next.notes.iter().map(|note| Note { start: note.start + self.length, ..*note });
        Clip::new(self.notes.iter().copied().chain(later).collect(), self.length + next.length)
    }

    /// Both at once, as long as the longer.
    ///
    /// # Errors
    /// When the result has too many notes.
    pub fn stack(&self, other: &Clip) -> Result<Clip, ClipError> {
        let notes = self.notes.iter().chain(other.notes.iter()).copied().collect();
        Clip::new(notes, self.length.max(other.length))
    }

    /// The top voice: pitches in order of start, the highest of each chord.
    pub fn melody(&self) -> Vec<Pitch> {
        let mut melody: Vec<(Beat, Pitch)> = Vec::new();
        for note in self.notes.iter() {
            let Some(pitch) = note.tone.pitch() else { continue };
            match melody.last_mut() {
                Some((start, top)) if *start == note.start => *top = pitch,
                _ => melody.push((note.start, pitch)),
            }
        }
        melody.into_iter().map(|(_, pitch)| pitch).collect()
    }

    /// Semitones from each melody note to the next, signed.
    pub fn intervals(&self) -> Vec<f64> {
        self.melody().windows(2).map(|pair| pair[1].midi() - pair[0].midi()).collect()
    }

    /// How many intervals are leaps: more than a whole tone (two semitones).
    pub fn leaps(&self) -> usize {
        self.intervals().iter().filter(|interval| interval.abs() > 2.0).count()
    }

    /// The shape of the melody: −1, 0 or 1 for each step down, level or up.
    pub fn contour(&self) -> Vec<i8> {
        let sign = |interval: &f64| if *interval == 0.0 { 0 } else { interval.signum() as i8 };
        self.intervals().iter().map(sign).collect()
    }

    /// How like the two are, `0..=1`: each note looks in the other clip for its best match among those
    /// that start when it does, worth 1 for the same tone and half of 2^(−d/4) for another pitch d
    /// semitones away; the result is the mean over the notes of both. Two rests are alike.
    pub fn likeness(&self, other: &Clip) -> f64 {
        let notes = self.notes.len() + other.notes.len();
        if notes == 0 {
            return 1.0;
        }
        (matched(&self.notes, &other.notes) + matched(&other.notes, &self.notes)) / notes as f64
    }

    /// The clip as a pattern that repeats for ever, on beats (not bars).
    pub fn pattern(&self) -> Pattern<Controls> {
        let clip = self.clone();
        Pattern::new(move |query| {
            clip.events(query.span).into_iter().map(|event| event.with(Controls::from)).collect()
        })
    }

    /// Events of the endlessly repeated clip that touch `span`. Each event's note
    /// has its start as in the clip.
    pub fn events(&self, span: Span) -> Vec<Event<Note>> {
        let longest = self.notes.iter().map(|note| note.duration).max().unwrap_or(Beat::ZERO);
        let mut events = Vec::new();
        let first = (span.start - longest).floor_div(self.length);
        for turn in first..=span.end.floor_div(self.length) {
            let offset = self.length * Beat::whole(turn);
            for note in self.notes.iter() {
                let whole = Span::new(note.start + offset, note.end() + offset);
                if let Some(part) = whole.intersect(span) {
                    events.push(Event::new(whole, part, *note));
                }
            }
        }
        events
    }
}

/// The sum over `notes` of what the best match of each among `others` is worth; both are sorted.
fn matched(notes: &[Note], others: &[Note]) -> f64 {
    let best = |note: &Note| {
        let first = others.partition_point(|other| other.start < note.start);
        let together = others[first..].iter().take_while(|other| other.start == note.start);
        let worth = together.map(|other| match (note.tone, other.tone) {
            (one, another) if one == another => 1.0,
            (Tone::Pitch(one), Tone::Pitch(another)) => {
                0.5 * (-(one.midi() - another.midi()).abs() / 4.0).exp2()
            }
            _ => 0.0,
        });
        worth.fold(0.0, f64::max)
    };
    notes.iter().map(best).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Velocity;
    use proptest::prelude::*;

    fn note(start: (i64, i64), duration: (i64, i64), midi: u8) -> Note {
        Note {
            start: Beat::new(start.0, start.1),
            duration: Beat::new(duration.0, duration.1),
            tone: Tone::Pitch(Pitch::from_key(midi)),
            velocity: Velocity::DEFAULT,
        }
    }

    fn scale() -> Clip {
        let notes = (0..4).map(|i| note((i, 1), (1, 1), 60 + 2 * i as u8)).collect();
        Clip::new(notes, Beat::whole(4)).expect("four notes fit four beats")
    }

    #[test]
    fn a_performer_hears_what_is_wrong() {
        let error = Clip::new(vec![note((0, 1), (0, 1), 60)], Beat::ONE).unwrap_err();
        assert_eq!(error.to_string(), "note 1 lasts 0 beats: a duration must be above 0");
        let error = scale().transpose(100.0).unwrap_err();
        assert_eq!(error.to_string(), "pitch 160 is outside 0 to 127 (60 is middle C)");
    }

    #[test]
    fn reversing_twice_is_the_clip() {
        assert_eq!(scale().reverse().reverse(), scale());
        assert_eq!(scale().reverse().intervals(), vec![-2.0; 3]);
    }

    #[test]
    fn measures_of_the_melody() {
        let clip = Clip::new(
            vec![
                note((0, 1), (1, 1), 60),
                note((1, 1), (1, 1), 67),
                note((2, 1), (1, 1), 67),
                note((3, 1), (1, 1), 65),
            ],
            Beat::whole(4),
        )
        .expect("a clip");
        assert_eq!(clip.contour(), [1, 0, -1]);
        assert_eq!(clip.leaps(), 1);
    }

    #[test]
    fn likeness_goes_from_nothing_in_common_to_the_same() {
        let clip = scale();
        assert_eq!(clip.likeness(&clip), 1.0);
        assert_eq!(clip.likeness(&clip.transpose(4.0).expect("in range")), 0.25);
        let late: Vec<Note> =
            clip.notes().iter().map(|note| Note { start: note.start + Beat::new(1, 2), ..*note }).collect();
        let late = Clip::new(late, clip.length()).expect("the same length");
        assert_eq!(clip.likeness(&late), 0.0);
        let half = clip.slice(Span::new(Beat::ZERO, Beat::whole(2))).expect("two beats");
        assert_eq!((clip.likeness(&half), half.likeness(&clip)), (4.0 / 6.0, 4.0 / 6.0));
        let rest = Clip::rest(Beat::ONE).expect("a beat");
        assert_eq!((rest.likeness(&rest), rest.likeness(&clip)), (1.0, 0.0));
    }

    #[test]
    fn slices_and_joins() {
        let clip = scale();
        let first = clip.slice(Span::new(Beat::ZERO, Beat::whole(2))).expect("two beats");
        let last = clip.slice(Span::new(Beat::whole(2), Beat::whole(4))).expect("two beats");
        assert_eq!(first.concat(&last).expect("four beats"), clip);
        assert_eq!(clip.stretch(Beat::new(1, 2)).expect("half").length(), Beat::whole(2));
    }

    proptest! {
        #[test]
        fn a_span_cut_anywhere_has_the_same_onsets(start in -20i64..20, cut in 0i64..30, rest in 0i64..30) {
            let clip = scale();
            let at = |i: i64| Beat::new(i, 3);
            let onsets = |span: Span| clip.events(span).iter().filter_map(Event::onset).collect::<Vec<_>>();
            let (a, b, c) = (at(start), at(start + cut), at(start + cut + rest));
            let mut halves = onsets(Span::new(a, b));
            halves.extend(onsets(Span::new(b, c)));
            prop_assert_eq!(halves, onsets(Span::new(a, c)));
        }
    }
}
