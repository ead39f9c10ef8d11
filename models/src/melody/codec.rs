//! Between clips and the steps of the network.
//!
//! The network hears one line on a grid of 16ths. Of a clip it takes the top voice: of notes that
//! begin on the same 16th the highest, and a note that begins under a higher one that outlasts it is
//! passed over. Onsets and ends go to the nearest 16th, pitches to the nearest semitone.

use lilt_score::{Beat, Clip, ClipError, Note, Pitch, Tone, Velocity};

use super::vocabulary::{BAR, FIRST_PITCH, HOLD, Home, PITCHES, REST, STEPS_PER_BEAT, TOKENS, beats};

/// Longest clip that is read, in beats.
const LONGEST_BEATS: i64 = 4_096;

/// Why a clip cannot be heard or written by `melody`.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CodecError {
    /// A pitch that the network has no class for.
    #[error(
        "note {note} has pitch {pitch}: here melody knows {lowest} to {highest}; transpose the clip, for example by an octave"
    )]
    PitchRange {
        /// Number of the note in the clip, from 1.
        note: usize,
        /// Its pitch.
        pitch: Pitch,
        /// Lowest pitch that the network knows in the key.
        lowest: Pitch,
        /// Highest pitch.
        highest: Pitch,
    },
    /// A drum in the clip.
    #[error("note {0} is a drum: melody hears and plays melodies")]
    Drum(usize),
    /// More music than is read.
    #[error("a clip of {0} beats: melody reads at most {LONGEST_BEATS}")]
    TooLong(Beat),
    /// The steps make no clip.
    #[error(transparent)]
    Clip(#[from] ClipError),
}

/// A clip as the network hears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// What happens on each 16th, from beat 0 to the clip's end.
    pub tokens: Vec<u8>,
    /// For each step the index of the clip's note that begins there.
    pub notes: Vec<Option<usize>>,
}

/// A note of the top voice, times in steps.
#[derive(Debug, Clone, Copy)]
struct Sounding {
    index: usize,
    token: u8,
    start: usize,
    end: usize,
}

/// The nearest step, halves up.
fn nearest(time: Beat) -> usize {
    let step = (time * Beat::whole(STEPS_PER_BEAT as i64) + Beat::new(1, 2)).floor();
    usize::try_from(step).unwrap_or(0)
}

/// Reads the top voice of `clip` as steps over `home`.
///
/// # Errors
/// When the clip has a drum, a pitch outside the network's range, or is too long.
pub fn encode(clip: &Clip, home: Home) -> Result<Encoded, CodecError> {
    if clip.length() > Beat::whole(LONGEST_BEATS) {
        return Err(CodecError::TooLong(clip.length()));
    }
    let length = nearest(clip.length()).max(1);
    let voice = top_voice(clip, home, length)?;
    let mut encoded = Encoded { tokens: vec![HOLD; length], notes: vec![None; length] };
    for (at, sounding) in voice.iter().enumerate() {
        encoded.tokens[sounding.start] = sounding.token;
        encoded.notes[sounding.start] = Some(sounding.index);
        if sounding.end < voice.get(at + 1).map_or(length, |next| next.start) {
            encoded.tokens[sounding.end] = REST;
        }
    }
    Ok(encoded)
}

/// The notes of the top voice, at most one a step, in order.
fn top_voice(clip: &Clip, home: Home, length: usize) -> Result<Vec<Sounding>, CodecError> {
    let mut voice: Vec<Sounding> = Vec::new();
    for (index, note) in clip.notes().iter().enumerate() {
        let Tone::Pitch(pitch) = note.tone else { return Err(CodecError::Drum(index + 1)) };
        let token =
            home.token(pitch.midi().round() as i32).ok_or_else(|| out_of_range(index, pitch, home))?;
        let start = nearest(note.start);
        if start >= length {
            continue;
        }
        let next = Sounding { index, token, start, end: nearest(note.end()).max(start + 1) };
        match voice.last_mut() {
            Some(last) if last.start == start => {
                if token > last.token {
                    *last = next;
                }
            }
            Some(last) if last.token > token && last.end > start && last.end >= next.end => {}
            _ => voice.push(next),
        }
    }
    Ok(voice)
}

fn out_of_range(index: usize, pitch: Pitch, home: Home) -> CodecError {
    let end = |token: usize| Pitch::from_key(home.pitch(token as u8).unwrap_or(0));
    let (lowest, highest) = (end(FIRST_PITCH.into()), end(TOKENS - 1));
    debug_assert_eq!(highest.midi() - lowest.midi(), (PITCHES - 1) as f64);
    CodecError::PitchRange { note: index + 1, pitch, lowest, highest }
}

/// How hard a note sounds that begins on a step of a clip: the beginnings of bars and beats are louder.
pub(super) fn velocity(step: usize) -> Velocity {
    Velocity::new(match step {
        step if step.is_multiple_of(BAR) => 0.9,
        step if step.is_multiple_of(STEPS_PER_BEAT) => 0.8,
        _ => 0.7,
    })
}

/// Writes steps as a clip of exactly `length` beats: a note that rings over the end is cut there, and
/// what is missing is silence. Notes on the bar and on the beat are struck a little harder.
///
/// # Errors
/// When `length` is no length for a clip.
pub fn decode(tokens: &[u8], home: Home, length: Beat) -> Result<Clip, CodecError> {
    let mut notes: Vec<Note> = Vec::new();
    let mut sounding = false;
    for (step, &token) in tokens.iter().enumerate() {
        let now = beats(step);
        if now >= length {
            break;
        }
        if token == HOLD {
            continue;
        }
        if let Some(last) = notes.last_mut().filter(|_| sounding) {
            last.duration = now - last.start;
        }
        sounding = false;
        let Some(key) = home.pitch(token) else { continue };
        sounding = true;
        notes.push(Note {
            start: now,
            duration: length - now,
            tone: Tone::Pitch(Pitch::from_key(key)),
            velocity: velocity(step),
        });
    }
    if let Some(last) = notes.last_mut().filter(|_| sounding) {
        last.duration = beats(tokens.len()).min(length) - last.start;
    }
    Ok(Clip::new(notes, length)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::vocabulary::{Color, from_silence};
    use lilt_score::Drum;
    use proptest::prelude::*;

    const C: Home = Home { tonic: 0, color: Color::Major };

    fn note(start: (i64, i64), duration: (i64, i64), midi: f64) -> Note {
        Note {
            start: Beat::new(start.0, start.1),
            duration: Beat::new(duration.0, duration.1),
            tone: Tone::Pitch(Pitch::new(midi).unwrap()),
            velocity: Velocity::DEFAULT,
        }
    }

    /// Steps as pitches, `-` for a hold and `z` for a rest.
    fn heard(notes: Vec<Note>, length: Beat) -> String {
        let tokens = encode(&Clip::new(notes, length).unwrap(), C).unwrap().tokens;
        let text = |&token: &u8| match (token, C.pitch(token)) {
            (_, Some(pitch)) => pitch.to_string(),
            (HOLD, _) => "-".to_owned(),
            _ => "z".to_owned(),
        };
        tokens.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_the_network_hears() {
        let cases = [
            (vec![note((0, 1), (1, 2), 60.0), note((1, 2), (1, 2), 64.0)], "60 - 64 -"),
            (vec![note((1, 4), (1, 4), 60.0)], "- 60 z -"),
            // The highest of a chord, and no lower voice beneath it.
            (
                vec![note((0, 1), (1, 1), 72.0), note((0, 1), (1, 1), 60.0), note((1, 2), (1, 2), 62.0)],
                "72 - - -",
            ),
            // A note is cut where the next begins.
            (vec![note((0, 1), (1, 1), 60.0), note((1, 2), (1, 2), 67.0)], "60 - 67 -"),
            // A triplet and a microtone go to what is nearest.
            (
                vec![note((0, 1), (1, 3), 60.4), note((1, 3), (1, 3), 62.0), note((2, 3), (1, 3), 64.0)],
                "60 62 - 64",
            ),
            (Vec::new(), "- - - -"),
        ];
        for (notes, expected) in cases {
            assert_eq!(heard(notes.clone(), Beat::ONE), expected, "{notes:?}");
        }
    }

    #[test]
    fn what_it_refuses() {
        let clip = Clip::new(vec![note((0, 1), (1, 1), 30.0)], Beat::ONE).unwrap();
        assert_eq!(
            encode(&clip, C).unwrap_err().to_string(),
            "note 1 has pitch f#1: here melody knows e2 to g6; transpose the clip, for example by an octave"
        );
        let drum = Note { tone: Tone::Drum(Drum::Bass), ..note((0, 1), (1, 1), 60.0) };
        let clip = Clip::new(vec![drum], Beat::ONE).unwrap();
        assert_eq!(
            encode(&clip, C).unwrap_err().to_string(),
            "note 1 is a drum: melody hears and plays melodies"
        );
        let clip = Clip::rest(Beat::whole(5_000)).unwrap();
        assert_eq!(
            encode(&clip, C).unwrap_err().to_string(),
            "a clip of 5000 beats: melody reads at most 4096"
        );
    }

    proptest! {
        #[test]
        fn steps_survive_a_round_trip(tokens in prop::collection::vec(0u8..TOKENS as u8, 1..120)) {
            let tokens = from_silence(&tokens);
            let clip = decode(&tokens, C, beats(tokens.len())).unwrap();
            prop_assert_eq!(encode(&clip, C).unwrap().tokens, tokens);
        }

        #[test]
        fn any_clip_is_heard_in_its_length(
            notes in prop::collection::vec((0i64..500, 1i64..300, 42.0f64..90.0), 0..40),
            length in 1i64..600,
        ) {
            let notes = notes.iter().map(|&(start, duration, midi)| note((start, 53), (duration, 71), midi)).collect();
            let clip = Clip::new(notes, Beat::new(length, 24)).unwrap();
            let encoded = encode(&clip, C).unwrap();
            prop_assert_eq!(encoded.tokens.len(), nearest(clip.length()).max(1));
            prop_assert_eq!(from_silence(&encoded.tokens), encoded.tokens);
        }
    }
}
