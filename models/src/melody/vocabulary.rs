//! The classes in which `melody` hears and speaks: what happens on each 16th, pitches relative to
//! the home note.

use lilt_score::{Beat, Key};

/// Steps of a beat: the grid is a 16th.
pub const STEPS_PER_BEAT: usize = 4;
/// Steps of a bar of 4/4, the only metre.
pub const BAR: usize = 16;
/// Steps of the two bars that one point of the latent space holds.
pub const SEGMENT: usize = 2 * BAR;

/// Nothing begins or ends: what sounds goes on, silence goes on.
pub const HOLD: u8 = 0;
/// What sounds ends.
pub const REST: u8 = 1;
/// The first of the classes in which a note begins, the lowest pitch.
pub const FIRST_PITCH: u8 = 2;
/// Number of pitches, chromatic from [`LOWEST`] up.
pub const PITCHES: usize = 52;
/// Semitones from the home note to the lowest pitch.
pub const LOWEST: i32 = -20;
/// Number of classes of a step.
pub const TOKENS: usize = FIRST_PITCH as usize + PITCHES;

/// The scale that pitches are counted from. All modes of a scale share its home note, that of the
/// major mode, so that A minor and C major read a tune alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Home {
    /// Pitch class of the major tonic of the scale.
    pub tonic: u8,
    /// What is known of the mode.
    pub color: Color,
}

/// What is known of the mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Color {
    /// The third of the tonic is major.
    Major,
    /// The third of the tonic is minor.
    Minor,
    /// No key is known: the home note is any.
    Unknown,
}

impl Home {
    /// The home of a key.
    pub fn of(key: Key) -> Home {
        let minor = key.mode().degrees()[2] == 3;
        Home { tonic: key.major_tonic(), color: if minor { Color::Minor } else { Color::Major } }
    }

    /// MIDI number of the home note, 54 to 65: melodies lie around it.
    pub fn midi(self) -> i32 {
        54 + (i32::from(self.tonic) + 6) % 12
    }

    /// The class in which a note of MIDI number `pitch` begins, if it is in range.
    pub fn token(self, pitch: i32) -> Option<u8> {
        let above = pitch - self.midi() - LOWEST;
        (0..PITCHES as i32).contains(&above).then_some(above as u8 + FIRST_PITCH)
    }

    /// MIDI number of the note that begins with `token`; none for a hold or a rest.
    pub fn pitch(self, token: u8) -> Option<u8> {
        let above = token.checked_sub(FIRST_PITCH).filter(|&above| usize::from(above) < PITCHES)?;
        u8::try_from(self.midi() + LOWEST + i32::from(above)).ok().filter(|&midi| midi < 128)
    }
}

/// True when a note begins.
pub fn is_onset(token: u8) -> bool {
    token >= FIRST_PITCH
}

/// The time of a step.
pub fn beats(step: usize) -> Beat {
    Beat::new(step as i64, STEPS_PER_BEAT as i64)
}

/// How many notes begin in `tokens`.
pub fn onsets(tokens: &[u8]) -> usize {
    tokens.iter().filter(|&&token| is_onset(token)).count()
}

/// The same steps as music that begins in silence: a rest where nothing sounds is a hold.
pub fn from_silence(tokens: &[u8]) -> Vec<u8> {
    let mut sounding = false;
    let quiet = |&token: &u8| {
        let token = if token == REST && !sounding { HOLD } else { token };
        sounding = is_onset(token) || (sounding && token == HOLD);
        token
    };
    tokens.iter().map(quiet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_of_a_scale_share_their_home() {
        for (key, tonic, color, midi) in [
            ("C", 0, Color::Major, 60),
            ("A minor", 0, Color::Minor, 60),
            ("D dorian", 0, Color::Minor, 60),
            ("G mixolydian", 0, Color::Major, 60),
            ("F#", 6, Color::Major, 54),
            ("F", 5, Color::Major, 65),
        ] {
            let home = Home::of(key.parse().unwrap());
            assert_eq!((home, home.midi()), (Home { tonic, color }, midi), "{key}");
        }
    }

    #[test]
    fn pitches_go_there_and_back_over_any_home() {
        for tonic in 0..12 {
            let home = Home { tonic, color: Color::Major };
            for token in FIRST_PITCH..TOKENS as u8 {
                let pitch = home.pitch(token).unwrap();
                assert_eq!(home.token(pitch.into()), Some(token));
            }
            assert_eq!((home.pitch(HOLD), home.pitch(REST), home.pitch(TOKENS as u8)), (None, None, None));
        }
    }

    #[test]
    fn a_clip_begins_in_silence() {
        assert_eq!(from_silence(&[HOLD, REST, HOLD, 20, HOLD, REST, REST, 21]), [0, 0, 0, 20, 0, 1, 0, 21]);
    }
}
