//! One tune of a book, its repeats written out.

use crate::{Beat, Clip, ClipError, Key, Meter, Note, Span};

/// A note or a rest of a tune's top line, in playing order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TuneNote {
    /// Where it begins, in quarter-note beats from the start of the tune.
    pub start: Beat,
    /// How long it is, in quarter-note beats.
    pub duration: Beat,
    /// MIDI note number; none is a rest.
    pub pitch: Option<u8>,
    /// How often its part has been played before: 0 is the first time through.
    pub pass: u8,
}

/// A voice of a tune.
#[derive(Debug, Clone, PartialEq)]
pub struct Voice {
    /// The word after `V:`, or nothing where the tune names no voices.
    pub name: String,
    /// All that it plays, chords whole, ties joined, repeats written out; starts are in quarter-note beats from the
    /// start of the tune.
    pub notes: Vec<VoiceNote>,
}

/// A note of a voice, and where it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VoiceNote {
    /// The note; one that ties make of several is that of the first.
    pub note: Note,
    /// The line of the text on which it begins; the first line is 1.
    pub line: usize,
}

/// One tune, its repeats written out.
#[derive(Debug, Clone, PartialEq)]
pub struct Tune {
    /// Line of its `X:` field or, without one, of its first; the first line is 1.
    pub line: usize,
    /// The number of its `X:` field.
    pub number: Option<u32>,
    /// The first `T:` field, or nothing.
    pub title: String,
    /// The titles that follow the first.
    pub other_titles: Vec<String>,
    /// The `R:` field (reel, jig …) as it is written.
    pub rhythm: Option<String>,
    /// The metre at the start.
    pub meter: Meter,
    /// The key at the start.
    pub key: Key,
    /// Quarter-note beats a minute at the start, where a `Q:` field tells them.
    pub tempo: Option<f64>,
    /// Notes and rests of the first voice, the highest of each chord, in order, each beginning where the one before
    /// ends.
    pub notes: Vec<TuneNote>,
    /// What each voice plays; those that never sound are left out.
    pub voices: Vec<Voice>,
    /// Times of the plain bar lines, in quarter-note beats. Double bars and repeats are not among
    /// them, since they may stand within a bar (before an upbeat).
    pub bar_lines: Vec<Beat>,
    /// Chord symbols (`Am`, `G7`), each with the time from which it holds, the repeats written out.
    pub chords: Vec<(Beat, String)>,
    /// Times at which a part begins: after a double bar or a repeat, the repeats written out.
    pub parts: Vec<Beat>,
    /// When the longest voice is over, in quarter-note beats.
    pub end: Beat,
    /// The metre changes within the tune.
    pub meter_changes: bool,
}

impl Tune {
    /// Length of the upbeat in quarter-note beats: what sounds before the first bar line of any kind, when it
    /// is less than a bar.
    pub fn pickup(&self) -> Beat {
        let first = |times: &[Beat]| times.iter().copied().find(|&time| time > Beat::ZERO);
        let line = first(&self.bar_lines).into_iter().chain(first(&self.parts)).min();
        line.filter(|&time| time < self.meter.bar()).unwrap_or(Beat::ZERO)
    }

    /// How much later than in the tune everything is in its clips, so that bar lines fall on bars: an upbeat stands
    /// at the end of a bar of its own.
    pub fn lead_in(&self) -> Beat {
        let pickup = self.pickup();
        if pickup.is_zero() { Beat::ZERO } else { self.meter.bar() - pickup }
    }

    /// All voices together, [`lead_in`](Tune::lead_in) later, as long as whole bars.
    ///
    /// # Errors
    /// When it has more notes, or is longer, than a clip may be.
    pub fn clip(&self) -> Result<Clip, ClipError> {
        self.together(self.voices.iter().flat_map(|voice| &voice.notes))
    }

    /// The voice of that name as a clip, as long as the whole tune; none when there is no such voice.
    ///
    /// # Errors
    /// As [`clip`](Tune::clip).
    pub fn voice(&self, name: &str) -> Option<Result<Clip, ClipError>> {
        Some(self.clip_of(self.voices.iter().find(|voice| voice.name == name)?))
    }

    /// One of its voices as a clip, as long as the whole tune.
    ///
    /// # Errors
    /// As [`clip`](Tune::clip).
    pub fn clip_of(&self, voice: &Voice) -> Result<Clip, ClipError> {
        self.together(&voice.notes)
    }

    /// The chord symbols with the beats of the clip over which each holds: to the next, the last to the end.
    pub fn chord_spans(&self) -> Vec<(Span, &str)> {
        let ends = self.chords.iter().skip(1).map(|(time, _)| *time).chain([self.end]);
        let spans = self.chords.iter().zip(ends).map(|((time, symbol), end)| {
            let span = Span::new(*time, end).shift(self.lead_in());
            (span, symbol.as_str())
        });
        spans.filter(|(span, _)| !span.is_empty()).collect()
    }

    /// All notes of its voices as they stand in its clips, each with the line on which it is written.
    pub fn placed_notes(&self) -> impl Iterator<Item = VoiceNote> {
        let later = self.lead_in();
        let notes = self.voices.iter().flat_map(|voice| &voice.notes);
        notes.map(move |placed| VoiceNote {
            note: Note { start: placed.note.start + later, ..placed.note },
            line: placed.line,
        })
    }

    fn together<'a>(&self, notes: impl IntoIterator<Item = &'a VoiceNote>) -> Result<Clip, ClipError> {
        let later = self.lead_in();
        let notes =
            notes.into_iter().map(|VoiceNote { note, .. }| Note { start: note.start + later, ..*note });
        Clip::new(notes.collect(), (self.end + later).next_multiple(self.meter.bar()))
    }
}
