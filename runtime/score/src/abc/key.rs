//! The `K:` field of ABC: a tonic and a mode, and the accidentals they put on each letter.

use crate::{Key, Mode};

use super::AbcErrorKind;

/// Steps along the circle of fifths from the major key on the same tonic (D dorian has two sharps
/// fewer than D major).
fn fifths(mode: Mode) -> i32 {
    match mode {
        Mode::Lydian => 1,
        Mode::Major => 0,
        Mode::Mixolydian => -1,
        Mode::Dorian => -2,
        Mode::Minor => -3,
        Mode::Phrygian => -4,
        Mode::Locrian => -5,
    }
}

/// The mode that `word` spells: nothing is major, `m` is minor, else the first three letters count,
/// in either case (ABC 2.1 §3.1.14).
fn parse_mode(word: &str) -> Option<Mode> {
    if word.is_empty() || word == "M" {
        return Some(Mode::Major);
    }
    if word == "m" {
        return Some(Mode::Minor);
    }
    let start: String = word.chars().take(3).collect::<String>().to_ascii_lowercase();
    match start.as_str() {
        "maj" | "ion" => Some(Mode::Major),
        "min" | "aeo" => Some(Mode::Minor),
        "dor" => Some(Mode::Dorian),
        "mix" => Some(Mode::Mixolydian),
        "phr" => Some(Mode::Phrygian),
        "lyd" => Some(Mode::Lydian),
        "loc" => Some(Mode::Locrian),
        _ => None,
    }
}

/// The alteration in semitones (sharp 1, flat −1) that holds for each letter, A first.
pub(super) type Signature = [i8; 7];

/// Semitones above C of the letters A to G.
const LETTERS: [i32; 7] = [9, 11, 0, 2, 4, 5, 7];

/// Place of the letters A to G on the circle of fifths, C = 0.
const FIFTHS: [i32; 7] = [3, 5, 0, 2, 4, -1, 1];

/// Letters in the order in which a signature sharpens them (F C G D A E B), A = 0.
const SHARPENED: [usize; 7] = [5, 2, 6, 3, 0, 4, 1];

/// Semitones above C of a letter, A = 0.
pub(super) fn letter_semitones(letter: usize) -> i32 {
    LETTERS[letter]
}

/// Reads the value of a `K:` field: `G`, `F#m`, `A Dorian`, `EMin`, `D =c clef=treble`, `HP`.
/// An empty value or `none` is C major, which has no accidentals.
pub(super) fn parse_key(value: &str) -> Result<(Key, Signature), AbcErrorKind> {
    let value = value.trim();
    let unknown = || AbcErrorKind::Key(value.chars().take(40).collect());
    if value.is_empty() || value.eq_ignore_ascii_case("none") {
        return Ok((Key::C_MAJOR, [0; 7]));
    }
    if value.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("hp")) {
        // Highland pipes: F and C sharp, G natural, the drone on A.
        let mut signature = [0; 7];
        signature[5] = 1;
        signature[2] = 1;
        return Ok((Key::new(9, Mode::Mixolydian), signature));
    }
    let mut chars = value.chars().peekable();
    let letter = match chars.next() {
        Some(letter @ 'A'..='G') => letter as usize - 'A' as usize,
        _ => return Err(unknown()),
    };
    let alteration = match chars.peek() {
        Some('#') => 1,
        Some('b') => -1,
        _ => 0,
    };
    if alteration != 0 {
        chars.next();
    }
    let rest: String = chars.collect();
    let mut words = rest.split_whitespace().peekable();
    // The mode stands against the tonic or is the next word.
    let mut mode = Mode::Major;
    if let Some(word) = words.peek() {
        let attached = !rest.starts_with(char::is_whitespace);
        let letters = word.chars().all(|c| c.is_ascii_alphabetic());
        match parse_mode(word).filter(|_| letters) {
            Some(found) => {
                mode = found;
                words.next();
            }
            None if attached || letters => return Err(unknown()),
            None => {}
        }
    }
    let mut signature = signature_of(FIFTHS[letter] + 7 * alteration + fifths(mode)).ok_or_else(unknown)?;
    for word in words {
        if let Some((letter, alteration)) = explicit_accidental(word) {
            signature[letter] = alteration;
        } else if !word.contains('=') && !word.chars().all(|c| c.is_ascii_alphabetic()) {
            return Err(unknown());
        }
    }
    let tonic = (LETTERS[letter] + alteration).rem_euclid(12);
    Ok((Key::new(tonic as u8, mode), signature))
}

/// `^c`, `_B`, `=f`: an accidental that the field adds to the signature.
fn explicit_accidental(word: &str) -> Option<(usize, i8)> {
    let mut chars = word.chars();
    let alteration = match chars.next()? {
        '^' => 1,
        '_' => -1,
        '=' => 0,
        _ => return None,
    };
    let letter = chars.next()?.to_ascii_uppercase();
    if chars.next().is_some() || !('A'..='G').contains(&letter) {
        return None;
    }
    Some((letter as usize - 'A' as usize, alteration))
}

/// The signature with `fifths` sharps (negative: flats); none beyond seven.
fn signature_of(fifths: i32) -> Option<Signature> {
    if fifths.abs() > 7 {
        return None;
    }
    let mut signature = [0; 7];
    for step in 0..fifths.unsigned_abs() as usize {
        if fifths > 0 {
            signature[SHARPENED[step]] = 1;
        } else {
            signature[SHARPENED[6 - step]] = -1;
        }
    }
    Some(signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sharps(value: &str) -> (u8, Mode, i32) {
        let (key, signature) = parse_key(value).unwrap();
        (key.tonic(), key.mode(), signature.iter().map(|&a| i32::from(a)).sum())
    }

    #[test]
    fn spellings_of_keys() {
        let cases = [
            ("G", (7, Mode::Major, 1)),
            (" D Major", (2, Mode::Major, 2)),
            ("Gm", (7, Mode::Minor, -2)),
            ("A Dorian", (9, Mode::Dorian, 1)),
            ("Ador", (9, Mode::Dorian, 1)),
            ("AMix", (9, Mode::Mixolydian, 2)),
            ("EMin", (4, Mode::Minor, 1)),
            ("EM", (4, Mode::Major, 4)),
            ("F# Minor", (6, Mode::Minor, 3)),
            ("F#m", (6, Mode::Minor, 3)),
            ("Bb", (10, Mode::Major, -2)),
            ("Bphr", (11, Mode::Phrygian, 1)),
            ("Glyd", (7, Mode::Lydian, 2)),
            ("D =c", (2, Mode::Major, 1)),
            ("D clef=treble", (2, Mode::Major, 2)),
            ("Hp", (9, Mode::Mixolydian, 2)),
            ("none", (0, Mode::Major, 0)),
        ];
        for (value, expected) in cases {
            assert_eq!(sharps(value), expected, "K:{value}");
        }
    }

    #[test]
    fn what_is_no_key() {
        // G# major would have eight sharps.
        for value in ["Bn", "H", "x", "G foo", "G#", "é", "Dxyz"] {
            assert_eq!(parse_key(value), Err(AbcErrorKind::Key(value.to_owned())), "K:{value}");
        }
    }
}
