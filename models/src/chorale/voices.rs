//! Between clips and the four voices of the network.
//!
//! The notes of a clip are dealt to soprano, alto, tenor and bass so that voices do not cross and
//! move little. Onsets and ends go to the grid of sixteenths. The chorales that the network learnt
//! from do not tell a held note from a repeated one, so neither does it: in what it writes, a pitch
//! that stays is one note. Notes that were given are handed back as they were.
//!
//! The network knows the ranges of a choir. Music outside them is moved for its ears by as few
//! semitones as will do, and its answer is moved back.

use lilt_score::{Beat, Clip, ClipError, Note, Pitch, Tone, Velocity};

use super::features::Known;
use super::vocabulary::{CELLS_PER_BEAT, Frame, LOWEST, RANGES, REST, VOICE_NAMES, VOICES};

/// Longest clip that is read, in beats.
const LONGEST_BEATS: i64 = 1_024;

/// Farthest that music is moved into the ranges of a choir, in semitones.
const FARTHEST: i32 = 24;

/// How hard the voices sing: the soprano carries the melody.
const VELOCITIES: [f64; VOICES] = [0.85, 0.7, 0.7, 0.75];

/// Why a clip is no chorale.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum VoicesError {
    /// A drum in the clip.
    #[error("note {0} is a drum: chorale hears and writes voices; give it pitches")]
    Drum(usize),
    /// A pitch between two keys.
    #[error("note {0} has pitch {1}, between two keys: give whole semitones")]
    Microtone(usize, f64),
    /// More than four at once.
    #[error(
        "more than four notes sound at beat {0}: chorale has a soprano, an alto, a tenor and a bass; take some notes out"
    )]
    Crowd(Beat),
    /// A voice that spans more than a singer's range, or stands too far from the others.
    #[error(
        "no choir sings this: {voice} would go from {lowest} to {highest}; give music in which the {voice} stays within {span} semitones, or transpose part of it"
    )]
    Range {
        /// The voice.
        voice: &'static str,
        /// Its lowest pitch.
        lowest: Pitch,
        /// Its highest pitch.
        highest: Pitch,
        /// How many semitones that voice has.
        span: u8,
    },
    /// More music than is read.
    #[error("a clip of {0} beats: chorale reads at most {LONGEST_BEATS}; take a slice of it")]
    TooLong(Beat),
    /// Nothing to go by.
    #[error("the clip has no notes: give it at least one, or ask for a `sample`")]
    Empty,
    /// The notes make no clip.
    #[error(transparent)]
    Clip(#[from] ClipError),
}

/// A note of a clip in its voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Which note of the clip.
    pub note: usize,
    /// The voice that sings it.
    pub voice: usize,
    /// First sixteenth.
    pub start: usize,
    /// The sixteenth after the last.
    pub end: usize,
    /// MIDI pitch.
    pub pitch: u8,
}

/// A clip as four voices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voices {
    /// The notes, in the clip's order.
    pub parts: Vec<Part>,
    /// Sixteenths in the clip, the last one begun counted.
    pub frames: usize,
    /// By how many semitones the music is moved for the network.
    pub shift: i32,
}

/// Sixteenths in `length`, the last one begun counted.
pub fn frames_in(length: Beat) -> usize {
    usize::try_from((length * Beat::whole(CELLS_PER_BEAT as i64)).ceil()).unwrap_or(0).max(1)
}

impl Voices {
    /// Deals the notes of `clip` to the voices; with `one`, all of them to that voice.
    ///
    /// # Errors
    /// [`VoicesError`] when the clip is no music for four voices.
    pub fn read(clip: &Clip, one: Option<usize>) -> Result<Voices, VoicesError> {
        if clip.length() > Beat::whole(LONGEST_BEATS) {
            return Err(VoicesError::TooLong(clip.length()));
        }
        let frames = frames_in(clip.length());
        let nearest = |time: Beat| {
            let cell = (time * Beat::whole(CELLS_PER_BEAT as i64) + Beat::new(1, 2)).floor();
            usize::try_from(cell).unwrap_or(0)
        };
        let mut parts = Vec::with_capacity(clip.notes().len());
        for (note, played) in clip.notes().iter().enumerate() {
            let Tone::Pitch(pitch) = played.tone else { return Err(VoicesError::Drum(note + 1)) };
            if pitch.midi().fract() != 0.0 {
                return Err(VoicesError::Microtone(note + 1, pitch.midi()));
            }
            let start = nearest(played.start).min(frames - 1);
            let end = nearest(played.end()).max(start + 1).min(frames);
            parts.push(Part { note, voice: one.unwrap_or(0), start, end, pitch: pitch.key() });
        }
        if parts.is_empty() {
            return Err(VoicesError::Empty);
        }
        if one.is_none() {
            deal(&mut parts)?;
        }
        let shift = shift(&parts)?;
        Ok(Voices { parts, frames, shift })
    }

    /// The cells as the network hears them: those that no note fills are not known. Of notes of one
    /// voice that sound together the highest is heard, in the bass the lowest.
    pub fn cells(&self) -> (Vec<Frame>, Vec<Known>) {
        let mut frames = vec![[REST; VOICES]; self.frames];
        let mut known = vec![[false; VOICES]; self.frames];
        for part in &self.parts {
            let class = (i32::from(part.pitch) + self.shift - i32::from(LOWEST)) as u8;
            for frame in part.start..part.end {
                let (cell, known) = (&mut frames[frame][part.voice], &mut known[frame][part.voice]);
                let above = if part.voice == VOICES - 1 { class < *cell } else { class > *cell };
                if !*known || above {
                    *cell = class;
                }
                *known = true;
            }
        }
        (frames, known)
    }
}

/// Gives each part a voice: those that begin together go, from the top, to the free voices whose last
/// pitches are nearest.
fn deal(parts: &mut [Part]) -> Result<(), VoicesError> {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|&part| (parts[part].start, std::cmp::Reverse(parts[part].pitch)));
    // Where each voice is, and until when it is busy.
    let mut last: [i32; VOICES] = RANGES.map(|(low, high)| (i32::from(low) + i32::from(high)) / 2);
    let mut busy = [0usize; VOICES];
    let starts: Vec<usize> = parts.iter().map(|part| part.start).collect();
    for group in order.chunk_by(|&a, &b| starts[a] == starts[b]) {
        let start = parts[group[0]].start;
        let free: Vec<usize> = (0..VOICES).filter(|&voice| busy[voice] <= start).collect();
        let mut best: Option<(i32, Vec<usize>)> = None;
        for set in 0..1usize << free.len() {
            let chosen: Vec<usize> = free
                .iter()
                .enumerate()
                .filter(|(bit, _)| set >> bit & 1 == 1)
                .map(|(_, &voice)| voice)
                .collect();
            if chosen.len() != group.len() {
                continue;
            }
            let mut cost = 0;
            for (&part, &voice) in group.iter().zip(&chosen) {
                let pitch = i32::from(parts[part].pitch);
                cost += (pitch - last[voice]).abs();
                // A voice that goes on holds its place: crossing it costs an octave.
                let crosses = |other: usize| match other.cmp(&voice) {
                    std::cmp::Ordering::Less => last[other] < pitch,
                    std::cmp::Ordering::Equal => false,
                    std::cmp::Ordering::Greater => last[other] > pitch,
                };
                cost +=
                    (0..VOICES).filter(|&other| busy[other] > start && crosses(other)).count() as i32 * 12;
            }
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, chosen));
            }
        }
        let Some((_, chosen)) = best else {
            return Err(VoicesError::Crowd(Beat::new(start as i64, CELLS_PER_BEAT as i64)));
        };
        for (&part, voice) in group.iter().zip(chosen) {
            parts[part].voice = voice;
            last[voice] = i32::from(parts[part].pitch);
            busy[voice] = parts[part].end;
        }
    }
    Ok(())
}

/// The fewest semitones that bring every voice into its range.
fn shift(parts: &[Part]) -> Result<i32, VoicesError> {
    let mut spans: [Option<(u8, u8)>; VOICES] = [None; VOICES];
    for part in parts {
        let span = spans[part.voice].get_or_insert((part.pitch, part.pitch));
        *span = (span.0.min(part.pitch), span.1.max(part.pitch));
    }
    let fits = |shift: i32, voice: usize| {
        let (low, high) = (i32::from(RANGES[voice].0), i32::from(RANGES[voice].1));
        spans[voice]
            .is_none_or(|(least, most)| i32::from(least) + shift >= low && i32::from(most) + shift <= high)
    };
    let mut shifts: Vec<i32> = (-FARTHEST..=FARTHEST).collect();
    shifts.sort_by_key(|shift| (shift.abs(), *shift));
    if let Some(&shift) = shifts.iter().find(|&&shift| (0..VOICES).all(|voice| fits(shift, voice))) {
        return Ok(shift);
    }
    // The voice to name: one that no shift fits, or else one that the others pull away.
    let alone = |voice: &usize| !shifts.iter().any(|&shift| fits(shift, *voice));
    let apart = |voice: &usize| !fits(0, *voice);
    let voice = (0..VOICES).find(alone).or_else(|| (0..VOICES).find(apart)).unwrap_or(0);
    let (lowest, highest) = spans[voice].unwrap_or(RANGES[voice]);
    let (lowest, highest) = (Pitch::from_key(lowest), Pitch::from_key(highest));
    let span = RANGES[voice].1 - RANGES[voice].0;
    Err(VoicesError::Range { voice: VOICE_NAMES[voice], lowest, highest, span })
}

/// The notes that `voices` sing in `frames`, moved back by `shift` and cut at `length`: a pitch that
/// stays is one note.
pub fn sung(frames: &[Frame], written: &[Known], shift: i32, length: Beat) -> Vec<Note> {
    let beat = |frame: usize| Beat::new(frame as i64, CELLS_PER_BEAT as i64);
    let mut notes = Vec::new();
    for voice in 0..VOICES {
        let cell = |at: usize| {
            let class = frames[at][voice];
            (written[at][voice] && class != REST).then_some(class)
        };
        let mut start = 0;
        while start < frames.len() {
            let class = cell(start);
            let mut end = start + 1;
            while end < frames.len() && cell(end) == class {
                end += 1;
            }
            if let Some(class) = class {
                let pitch = i32::from(class) + i32::from(LOWEST) - shift;
                let until = beat(end).min(length);
                if until > beat(start) {
                    notes.push(Note {
                        start: beat(start),
                        duration: until - beat(start),
                        tone: Tone::Pitch(Pitch::from_key(pitch.clamp(0, 127) as u8)),
                        velocity: Velocity::new(VELOCITIES[voice]),
                    });
                }
            }
            start = end;
        }
    }
    notes
}

/// A clip as the card writes it: `start:pitch:length` for each note, times in sixteenths.
pub fn notation(clip: &Clip) -> String {
    let cells = |beats: Beat| beats * Beat::whole(CELLS_PER_BEAT as i64);
    let word = |note: &Note| format!("{}:{}:{}", cells(note.start), note.tone.key(), cells(note.duration));
    clip.notes().iter().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::Drum;
    use proptest::prelude::*;

    fn note(start: i64, length: i64, pitch: f64) -> Note {
        Note {
            start: Beat::new(start, 4),
            duration: Beat::new(length, 4),
            tone: Tone::Pitch(Pitch::new(pitch).unwrap()),
            velocity: Velocity::DEFAULT,
        }
    }

    /// Start and length in sixteenths, and pitch.
    type Written = (i64, i64, f64);

    fn clip(notes: &[Written], cells: i64) -> Clip {
        let notes = notes.iter().map(|&(start, length, pitch)| note(start, length, pitch)).collect();
        Clip::new(notes, Beat::new(cells, 4)).unwrap()
    }

    #[test]
    fn notes_are_dealt_from_the_top() {
        let cases: [(&[Written], &str); 4] = [
            (&[(0, 4, 72.0), (0, 4, 67.0), (0, 4, 64.0), (0, 4, 48.0)], "0123"),
            // Two voices far apart are the outer ones.
            (&[(0, 4, 72.0), (0, 4, 48.0)], "03"),
            // A note that is held keeps its voice; the next goes below it.
            (&[(0, 8, 72.0), (4, 4, 64.0)], "01"),
            // A line stays in its voice.
            (&[(0, 4, 55.0), (4, 4, 57.0), (8, 4, 59.0)], "222"),
        ];
        for (notes, expected) in cases {
            let voices = Voices::read(&clip(notes, 12), None).unwrap();
            // In the clip's order notes that start together go from the bottom up.
            let mut parts = voices.parts.clone();
            parts.sort_by_key(|part| (part.start, std::cmp::Reverse(part.pitch)));
            let found: String = parts.iter().map(|part| part.voice.to_string()).collect();
            assert_eq!(found, expected, "{notes:?}");
        }
    }

    #[test]
    fn what_no_choir_sings_is_refused() {
        let five: Vec<Written> = (0..5).map(|n| (4, 4, 60.0 + f64::from(n))).collect();
        let drum = Note { tone: Tone::Drum(Drum::Bass), ..note(0, 4, 60.0) };
        for (clip, one, message) in [
            (
                clip(&five, 8),
                None,
                "more than four notes sound at beat 1: chorale has a soprano, an alto, a tenor and a bass; take some notes out",
            ),
            (clip(&[(0, 1, 60.5)], 4), None, "note 1 has pitch 60.5, between two keys: give whole semitones"),
            (
                Clip::new(vec![drum], Beat::ONE).unwrap(),
                None,
                "note 1 is a drum: chorale hears and writes voices; give it pitches",
            ),
            (
                clip(&[(0, 1, 40.0), (1, 1, 80.0)], 4),
                Some(0),
                "no choir sings this: soprano would go from e2 to ab5; give music in which the soprano stays within 21 semitones, or transpose part of it",
            ),
            (
                Clip::rest(Beat::ONE).unwrap(),
                None,
                "the clip has no notes: give it at least one, or ask for a `sample`",
            ),
            (
                Clip::rest(Beat::whole(2000)).unwrap(),
                None,
                "a clip of 2000 beats: chorale reads at most 1024; take a slice of it",
            ),
        ] {
            assert_eq!(Voices::read(&clip, one).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_melody_out_of_range_is_moved_for_the_network_alone() {
        let voices = Voices::read(&clip(&[(0, 4, 84.0), (4, 4, 86.0)], 8), Some(0)).unwrap();
        assert_eq!(voices.shift, -5);
        let (frames, known) = voices.cells();
        let notes = sung(&frames, &known, voices.shift, Beat::whole(2));
        let found: Vec<u8> = notes.iter().map(|note| note.tone.key()).collect();
        assert_eq!(found, [84, 86]);
    }

    proptest! {
        /// Music of four voices that do not cross comes back as it was.
        #[test]
        fn voices_survive_a_round_trip(
            cells in prop::collection::vec((0u8..8, 0u8..8, 0u8..8, 0u8..8), 1..40),
        ) {
            let class = |midi: u8| midi - LOWEST;
            let frames: Vec<Frame> = cells
                .iter()
                .map(|&(s, a, t, b)| [class(73 + s), class(64 + a), class(55 + t), class(42 + b)])
                .collect();
            let known = vec![[true; VOICES]; frames.len()];
            let length = Beat::new(frames.len() as i64, 4);
            let clip = Clip::new(sung(&frames, &known, 0, length), length).unwrap();
            let voices = Voices::read(&clip, None).unwrap();
            prop_assert_eq!(voices.shift, 0);
            prop_assert_eq!(voices.cells(), (frames, known));
        }

        /// Any clip is read or refused, never more.
        #[test]
        fn nothing_breaks(
            notes in prop::collection::vec((0i64..300, 1i64..200, 0.0f64..127.0), 0..30),
            length in 1i64..200,
            one in prop::option::of(0usize..4),
        ) {
            let notes: Vec<Note> = notes
                .iter()
                .map(|&(start, duration, midi)| Note {
                    start: Beat::new(start, 13),
                    duration: Beat::new(duration, 17),
                    tone: Tone::Pitch(Pitch::new(midi.round()).unwrap()),
                    velocity: Velocity::DEFAULT,
                })
                .collect();
            let clip = Clip::new(notes, Beat::new(length, 12)).unwrap();
            if let Ok(voices) = Voices::read(&clip, one) {
                let (frames, known) = voices.cells();
                prop_assert_eq!(frames.len(), known.len());
                for (frame, known) in frames.iter().zip(&known) {
                    for voice in 0..VOICES {
                        let (low, high) = RANGES[voice];
                        let pitch = frame[voice] + LOWEST;
                        prop_assert!(!known[voice] || (low..=high).contains(&pitch));
                    }
                }
            }
        }
    }
}
