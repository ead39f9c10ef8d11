//! The `K:` field of ABC: a tonic and a mode, and the accidentals they put on each letter.

use crate::{Key, Mode};

use super::AbcErrorKind;
use super::fields::excerpt;

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

/// What a `K:` field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyField {
    /// None where the field names a clef alone.
    pub(super) key: Option<(Key, Signature)>,
    /// Semitones by which what is played lies above what is written; none where it does not say.
    pub(super) shift: Option<i32>,
}

/// Reads the value of a `K:` field: `G`, `F#m`, `A Dorian`, `EMin`, `D =c clef=treble`, `Dm^c`, `D exp ^f`,
/// `G treble-8`, `clef=bass`, `HP`. An empty value or `none` is C major, which has no accidentals.
pub(super) fn parse_key(value: &str) -> Result<KeyField, AbcErrorKind> {
    let value = value.trim();
    let unknown = || AbcErrorKind::Key(excerpt(value));
    if value.is_empty() {
        return Ok(KeyField { key: Some((Key::C_MAJOR, [0; 7])), shift: None });
    }
    let (named, rest) = tonic_and_mode(value).ok_or_else(unknown)?;
    let mut key = named;
    let mut shift = None;
    for word in words(rest) {
        if word.eq_ignore_ascii_case("exp") {
            // The accidentals that follow are all there are.
            key = key.map(|(key, _)| (key, [0; 7]));
        } else if let Some(semitones) = clef(word) {
            shift = semitones.or(shift);
        } else if word.contains('=') && !word.starts_with('=') {
            shift = property(word).or(shift);
        } else if word.starts_with(['^', '_', '=']) {
            let signature = &mut key.get_or_insert((Key::C_MAJOR, [0; 7])).1;
            accidentals(word, signature).ok_or_else(unknown)?;
        } else if !word.chars().all(|c| c.is_ascii_alphabetic()) {
            return Err(unknown());
        }
    }
    Ok(KeyField { key, shift })
}

/// Semitones that the words of a `V:` field, or of a clef alone, shift what is written by.
pub(super) fn parse_shift(value: &str) -> Option<i32> {
    words(value).filter_map(|word| clef(word).unwrap_or_else(|| property(word))).last()
}

/// A tonic and its accidental and mode, with what follows; no tonic where a clef or an accidental begins. None when
/// it is neither.
fn tonic_and_mode(value: &str) -> Option<(Option<(Key, Signature)>, &str)> {
    let first = words(value).next().unwrap_or(value);
    if first.eq_ignore_ascii_case("none") {
        return Some((Some((Key::C_MAJOR, [0; 7])), &value[first.len()..]));
    }
    if first.eq_ignore_ascii_case("hp") {
        // Highland pipes: F and C sharp, G natural, the drone on A.
        let mut signature = [0; 7];
        signature[5] = 1;
        signature[2] = 1;
        return Some((Some((Key::new(9, Mode::Mixolydian), signature)), &value[first.len()..]));
    }
    let attribute = first.contains('=') && first.starts_with(|c: char| c.is_ascii_lowercase());
    if clef(first).is_some() || attribute || first.starts_with(['^', '_', '=']) {
        return Some((None, value));
    }
    let letter = match value.chars().next() {
        Some(letter @ 'A'..='G') => letter as usize - 'A' as usize,
        _ => return None,
    };
    let rest = &value[1..];
    let (alteration, rest) = match rest.chars().next() {
        Some(c @ ('#' | '♯')) => (1, &rest[c.len_utf8()..]),
        Some(c @ ('b' | '♭')) => (-1, &rest[c.len_utf8()..]),
        _ => (0, rest),
    };
    // The mode stands against the tonic or is the next word.
    let attached = rest.starts_with(|c: char| c.is_ascii_alphabetic());
    let trimmed = rest.trim_start();
    let end = trimmed.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(trimmed.len());
    let (word, after) = trimmed.split_at(end);
    let next = words(trimmed).next().unwrap_or("");
    let is_mode_place =
        attached || (next == word && clef(word).is_none() && !word.eq_ignore_ascii_case("exp"));
    let (mode, rest) = match parse_mode(word).filter(|_| is_mode_place) {
        Some(mode) => (mode, after),
        None if is_mode_place => return None,
        None => (Mode::Major, trimmed),
    };
    let signature = signature_of(FIFTHS[letter] + 7 * alteration + fifths(mode))?;
    let tonic = (LETTERS[letter] + alteration).rem_euclid(12);
    Some((Some((Key::new(tonic as u8, mode), signature)), rest))
}

/// The words of a field; spaces between quotation marks belong to theirs (`name="Violin I"`).
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c: char| {
        quoted ^= c == '"';
        c.is_whitespace() && !quoted
    })
    .filter(|word| !word.is_empty())
}

/// Names of clefs (ABC 2.1 §4.6).
const CLEFS: [&str; 10] =
    ["treble", "alto", "tenor", "bass", "soprano", "mezzosoprano", "baritone", "perc", "percussion", "none"];

/// The semitones of a clef, if the word is one and shifts what is played: `treble-8`, `bass3`, `alto+8`, `-8va`. The
/// small 8 of `treble_8` is printed and changes nothing.
fn clef(word: &str) -> Option<Option<i32>> {
    let letters = word.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(word.len());
    let (name, rest) = word.split_at(letters);
    let octave = match rest.trim_start_matches(|c: char| c.is_ascii_digit()) {
        "" => None,
        "-8" | "-8va" | "-8vb" => Some(-12),
        "+8" | "+8va" => Some(12),
        "-15" | "-15ma" => Some(-24),
        "+15" | "+15ma" => Some(24),
        mark if mark.strip_prefix(['^', '_']).is_some_and(|digits| digits == "8" || digits == "15") => None,
        _ => return None,
    };
    let known = CLEFS.iter().any(|clef| name.eq_ignore_ascii_case(clef));
    (known || (name.is_empty() && octave.is_some())).then_some(octave)
}

/// The semitones of `clef=treble-8`, `octave=-1`, `transpose=-2`; other properties change no note.
fn property(word: &str) -> Option<i32> {
    let (name, value) = word.split_once('=')?;
    let value = value.trim_matches('"');
    let number = || value.parse::<i32>().ok().filter(|number| number.abs() <= 96);
    match name {
        "clef" => clef(value).flatten(),
        "octave" => number().map(|octaves| 12 * octaves),
        "transpose" => number(),
        _ => None,
    }
}

/// `^c`, `_B=f`: accidentals that the field adds to the signature.
fn accidentals(word: &str, signature: &mut Signature) -> Option<()> {
    let mut alteration: Option<i8> = None;
    for c in word.chars() {
        match c {
            '^' => alteration = Some(alteration.unwrap_or(0) + 1),
            '_' => alteration = Some(alteration.unwrap_or(0) - 1),
            '=' => alteration = Some(0),
            'A'..='G' | 'a'..='g' => {
                let letter = c.to_ascii_uppercase() as usize - 'A' as usize;
                signature[letter] = alteration.take().filter(|a| a.abs() <= 2)?;
            }
            _ => return None,
        }
        if alteration.is_some_and(|a| a.abs() > 2) {
            return None;
        }
    }
    alteration.is_none().then_some(())
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
        let (key, signature) = parse_key(value).unwrap().key.unwrap();
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
            ("B♭", (10, Mode::Major, -2)),
            ("Bphr", (11, Mode::Phrygian, 1)),
            ("Glyd", (7, Mode::Lydian, 2)),
            ("D =c", (2, Mode::Major, 1)),
            ("D clef=treble", (2, Mode::Major, 2)),
            ("D name=\"Violin I\"", (2, Mode::Major, 2)),
            ("Hp", (9, Mode::Mixolydian, 2)),
            ("none", (0, Mode::Major, 0)),
            ("G treble-8", (7, Mode::Major, 1)),
            ("C treble", (0, Mode::Major, 0)),
            ("F -8va", (5, Mode::Major, -1)),
            ("Am bass3", (9, Mode::Minor, 0)),
            ("Bb alto", (10, Mode::Major, -2)),
            ("D exp ^f", (2, Mode::Major, 1)),
            ("D exp _b_e^f", (2, Mode::Major, -1)),
            ("Dm^c", (2, Mode::Minor, 0)),
            ("Dmix=c", (2, Mode::Mixolydian, 1)),
            ("D mix =c ^g", (2, Mode::Mixolydian, 2)),
            ("^f", (0, Mode::Major, 1)),
        ];
        for (value, expected) in cases {
            assert_eq!(sharps(value), expected, "K:{value}");
        }
    }

    #[test]
    fn clefs_shift_what_is_played() {
        for (value, expected) in [
            ("G treble-8", Some(-12)),
            ("C clef=treble+8", Some(12)),
            ("F -8va", Some(-12)),
            ("C bass", None),
            ("C treble_8", None),
            ("C octave=-1", Some(-12)),
            ("Bb transpose=-2", Some(-2)),
            ("C transpose=x", None),
        ] {
            assert_eq!(parse_key(value).map(|field| field.shift), Ok(expected), "K:{value}");
        }
        for value in ["clef=bass", "bass", "treble-8", "clef=alto middle=B"] {
            assert_eq!(parse_key(value).map(|field| field.key), Ok(None), "K:{value}");
        }
        assert_eq!(parse_shift("T1 clef=treble-8 name=\"The tenor\""), Some(-12));
    }

    #[test]
    fn what_is_no_key() {
        // G# major would have eight sharps.
        for value in ["Bn", "H", "x", "G foo", "G#", "é", "Dxyz", "D ^", "D ^^^f", "D exp ^h"] {
            assert_eq!(parse_key(value), Err(AbcErrorKind::Key(value.to_owned())), "K:{value}");
        }
    }
}
