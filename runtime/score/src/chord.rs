//! Chords by name, as semitones above their root, and in which order and octave their notes lie.

/// Names and their semitones above the root; the first name of a chord is the usual one. The names are those of
/// TidalCycles' table, of lead sheets (`m7b5`, `7#9`) and of iReal's (`^7`, `-7`, `h7`, `o7`). Where Tidal's own
/// table leaves the seventh out of a ninth, an eleventh or a thirteenth, it is in here.
const CHORDS: [(&[&str], &[u8]); 74] = [
    (&["maj", "major", "M", "^"], &[0, 4, 7]),
    (&["min", "minor", "m", "-"], &[0, 3, 7]),
    (&["aug", "plus", "sharp5", "+"], &[0, 4, 8]),
    (&["dim", "diminished", "o"], &[0, 3, 6]),
    (&["sus2", "2"], &[0, 2, 7]),
    (&["sus4", "sus"], &[0, 5, 7]),
    (&["5", "five"], &[0, 7]),
    (&["1", "one"], &[0]),
    (&["b5", "flat5"], &[0, 4, 6]),
    (&["m#5", "minorSharp5", "msharp5", "mS5", "min#5", "-#5"], &[0, 3, 8]),
    (&["6", "six", "maj6"], &[0, 4, 7, 9]),
    (&["m6", "min6", "minor6", "-6"], &[0, 3, 7, 9]),
    (&["69", "six9", "sixNine", "sixby9", "6by9", "maj69"], &[0, 4, 7, 9, 14]),
    (
        &["m69", "min69", "minor69", "minSixNine", "mSixNine", "m6by9", "minorSixNine", "-69"],
        &[0, 3, 7, 9, 14],
    ),
    (&["maj7", "major7", "M7", "^7"], &[0, 4, 7, 11]),
    (&["7", "dom7", "seven", "dominant7"], &[0, 4, 7, 10]),
    (&["m7", "min7", "minor7", "-7"], &[0, 3, 7, 10]),
    (&["mmaj7", "minmaj7", "minMaj7", "minorMajor7", "mM7", "-^7"], &[0, 3, 7, 11]),
    (
        &[
            "m7b5",
            "m7flat5",
            "m7f5",
            "min7b5",
            "min7flat5",
            "minor7flat5",
            "hdim",
            "hdim7",
            "halfdim",
            "halfdim7",
            "h",
            "h7",
            "ø",
            "ø7",
            "-7b5",
        ],
        &[0, 3, 6, 10],
    ),
    (&["dim7", "diminished7", "o7"], &[0, 3, 6, 9]),
    (&["aug7", "7#5", "7s5", "7sharp5", "sevenSharp5", "+7"], &[0, 4, 8, 10]),
    (&["7b5", "7f5", "7flat5", "sevenFlat5"], &[0, 4, 6, 10]),
    (&["maj7#5", "augmaj7", "^7#5"], &[0, 4, 8, 11]),
    (&["maj7b5"], &[0, 4, 6, 11]),
    (&["m7#5", "m7s5", "m7sharp5", "min7#5", "minor7sharp5"], &[0, 3, 8, 10]),
    (&["7sus4", "7sus", "sevenSus4"], &[0, 5, 7, 10]),
    (&["7sus2", "sevenSus2"], &[0, 2, 7, 10]),
    (&["add9", "add2"], &[0, 4, 7, 14]),
    (&["madd9", "minadd9", "madd2", "-add9"], &[0, 3, 7, 14]),
    (&["add11", "add4"], &[0, 4, 7, 17]),
    (&["madd11"], &[0, 3, 7, 17]),
    (&["add13"], &[0, 4, 7, 21]),
    (&["maj9", "major9", "M9", "^9"], &[0, 4, 7, 11, 14]),
    (&["9", "dom9", "nine"], &[0, 4, 7, 10, 14]),
    (&["m9", "min9", "minor9", "-9"], &[0, 3, 7, 10, 14]),
    (&["mmaj9", "minmaj9", "minorMajor9", "-^9"], &[0, 3, 7, 11, 14]),
    (&["m9b5", "h9", "min9b5"], &[0, 3, 6, 10, 14]),
    (&["7b9", "7f9", "7flat9", "sevenFlat9"], &[0, 4, 7, 10, 13]),
    (&["7#9", "7s9", "7sharp9", "sevenSharp9"], &[0, 4, 7, 10, 15]),
    (&["7b10", "7f10", "7flat10", "sevenFlat10"], &[0, 4, 7, 10, 15]),
    (&["m7b9", "m7f9", "m7flat9", "min7b9", "minor7flat9"], &[0, 3, 7, 10, 13]),
    (&["m7#9", "m7s9", "m7sharp9", "minor7sharp9"], &[0, 3, 7, 10, 15]),
    (&["9sus4", "9sus", "nineSus4", "ninesus4"], &[0, 5, 7, 10, 14]),
    (&["9#5", "9s5", "9sharp5", "nineSharp5"], &[0, 4, 8, 10, 14]),
    (&["9b5", "9f5"], &[0, 4, 6, 10, 14]),
    (&["m9#5", "m9s5", "m9sharp5", "min9s5", "min9sharp5", "minor9s5", "minor9sharp5"], &[0, 3, 8, 10, 14]),
    (&["7#5b9", "7s5f9", "sevenSharp5flat9", "7b9#5"], &[0, 4, 8, 10, 13]),
    (&["7#5#9", "7alt", "alt", "7#9#5"], &[0, 4, 8, 10, 15]),
    (&["7b5b9", "7b9b5"], &[0, 4, 6, 10, 13]),
    (&["7b5#9", "7#9b5"], &[0, 4, 6, 10, 15]),
    (&["7#11", "7s11"], &[0, 4, 7, 10, 18]),
    (&["maj7#11", "^7#11"], &[0, 4, 7, 11, 18]),
    (&["maj11", "major11", "M11"], &[0, 4, 7, 11, 14, 17]),
    (&["11", "dom11", "eleven"], &[0, 4, 7, 10, 14, 17]),
    (&["m11", "min11", "minor11", "-11"], &[0, 3, 7, 10, 14, 17]),
    (&["11#", "11s", "elevenSharp", "9#11"], &[0, 4, 7, 10, 14, 18]),
    (&["m11#", "m11s", "m11sharp", "minor11sharp"], &[0, 3, 7, 10, 14, 18]),
    (&["maj9#11", "^9#11"], &[0, 4, 7, 11, 14, 18]),
    (&["maj13", "major13", "M13", "^13"], &[0, 4, 7, 11, 14, 21]),
    (&["13", "dom13", "thirteen"], &[0, 4, 7, 10, 14, 17, 21]),
    (&["m13", "min13", "minor13", "-13"], &[0, 3, 7, 10, 14, 17, 21]),
    (&["13sus4", "13sus"], &[0, 5, 7, 10, 14, 21]),
    (&["13b9"], &[0, 4, 7, 10, 13, 21]),
    (&["13#9"], &[0, 4, 7, 10, 15, 21]),
    (&["13#11"], &[0, 4, 7, 10, 14, 18, 21]),
    (&["mb6", "-b6", "minb6"], &[0, 3, 7, 8]),
    (&["7b13"], &[0, 4, 7, 10, 20]),
    (&["7b9b13"], &[0, 4, 7, 10, 13, 20]),
    (&["7b9#9"], &[0, 4, 7, 10, 13, 15]),
    (&["7b9#11"], &[0, 4, 7, 10, 13, 18]),
    (&["7#9#11"], &[0, 4, 7, 10, 15, 18]),
    (&["7b9sus", "7b9sus4"], &[0, 5, 7, 10, 13]),
    (&["7b13sus", "7b13sus4"], &[0, 5, 7, 10, 20]),
    (&["7susadd3"], &[0, 4, 5, 7, 10]),
];

/// Semitones of the chord's notes above its root, ascending from 0, or `None` for an
/// unknown name.
pub fn intervals(name: &str) -> Option<&'static [u8]> {
    CHORDS.iter().find(|(names, _)| names.contains(&name)).map(|(_, steps)| *steps)
}

/// The usual name of every chord.
pub fn names() -> impl Iterator<Item = &'static str> {
    CHORDS.iter().filter_map(|(names, _)| names.first().copied())
}

/// Every name that [`intervals`] knows.
pub fn all_names() -> impl Iterator<Item = &'static str> {
    CHORDS.iter().flat_map(|(names, _)| names.iter().copied())
}

/// What is wrong with a chord in quotes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChordError {
    /// No name of a chord.
    #[error("`{0}` is no chord")]
    Name(String),
    /// No way to lay its notes.
    #[error("`{0}` does nothing to a chord")]
    Modifier(String),
}

/// Most notes that `'9` and the like may ask for: more octaves than there are.
const MOST_NOTES: usize = 48;

/// Semitones from the root of a chord in quotes, in the order in which its notes lie: a name that [`intervals`]
/// knows, and after quotes how to lay it, each working on what those before it left.
///
/// | written | does |
/// |---|---|
/// | `min7'5` | five notes: the chord again an octave higher, as far as needed |
/// | `min7'i`, `min7'i2`, `min7'ii` | inversions: the lowest note an octave up, once, twice, twice |
/// | `min7'o` | open: root and third note an octave down |
/// | `min7'd1` | drop: the first note from the top an octave down |
///
/// After TidalCycles (`Sound.Tidal.Chords`). Without a name before the first of them it is a major chord.
///
/// # Errors
/// At the first word that is no chord or no way to lay it.
pub fn tones(text: &str) -> Result<Vec<i16>, ChordError> {
    let mut words = text.split('\'').peekable();
    let first = words.peek().copied().unwrap_or_default();
    let steps = match intervals(first) {
        Some(steps) => {
            words.next();
            steps
        }
        None if Modifier::read(first).is_some() => &[0, 4, 7],
        None => return Err(ChordError::Name(first.to_string())),
    };
    let notes = steps.iter().map(|step| i16::from(*step)).collect();
    words.try_fold(notes, |notes, word| match Modifier::read(word) {
        Some(modifier) => Ok(modifier.lay(notes)),
        None => Err(ChordError::Modifier(word.to_string())),
    })
}

/// A way to lay the notes of a chord.
enum Modifier {
    Notes(usize),
    Invert(usize),
    Open,
    Drop(usize),
}

impl Modifier {
    fn read(word: &str) -> Option<Modifier> {
        let number = |text: &str| text.parse().ok().filter(|n| (1..=MOST_NOTES).contains(n));
        match word.as_bytes() {
            b"o" => Some(Modifier::Open),
            [b'i', rest @ ..] if rest.len() < MOST_NOTES && rest.iter().all(|c| *c == b'i') => {
                Some(Modifier::Invert(word.len()))
            }
            [b'i', ..] => number(&word[1..]).map(Modifier::Invert),
            [b'd', ..] => number(&word[1..]).map(Modifier::Drop),
            _ => number(word).map(Modifier::Notes),
        }
    }

    fn lay(self, mut notes: Vec<i16>) -> Vec<i16> {
        match self {
            Modifier::Notes(count) => {
                let octaves = (0i16..).step_by(12);
                octaves.flat_map(|up| notes.iter().map(move |note| note + up)).take(count).collect()
            }
            Modifier::Invert(times) => {
                for _ in 0..times {
                    if let Some(lowest) = notes.first_mut() {
                        *lowest += 12;
                        notes.rotate_left(1);
                    }
                }
                notes
            }
            Modifier::Open => {
                if let [root, _, third, ..] = notes.as_mut_slice() {
                    *root -= 12;
                    *third -= 12;
                    notes.swap(1, 2);
                }
                notes
            }
            Modifier::Drop(from_top) => {
                if let Some(at) = notes.len().checked_sub(from_top) {
                    let note = notes.remove(at);
                    notes.insert(0, note - 12);
                }
                notes
            }
        }
    }
}

/// Root pitch class (0 is C) and semitones of a chord as musicians write it: a capital letter, `#` or
/// `b`, and a name that [`intervals`] knows or nothing for a major triad, as in `F#m7`, `Bb`, `Gsus4`.
/// A bass after a slash, `G/B`, must be a note and changes nothing here: [`bass`] tells it. `None` when it is no chord.
pub fn named(text: &str) -> Option<(u8, &'static [u8])> {
    let (chord, bass) = match text.split_once('/') {
        // `C6/9` is a chord by itself.
        Some((chord, "9")) if chord.ends_with('6') => return named(&format!("{chord}9")),
        Some((chord, bass)) => (chord, Some(bass)),
        None => (text, None),
    };
    if let Some(bass) = bass
        && !matches!(root(bass), Some((_, "")))
    {
        return None;
    }
    let (root, name) = root(chord)?;
    let name = if name.is_empty() { "maj" } else { name };
    Some((root, intervals(name)?))
}

/// The pitch class (0 is C) of the bass of a chord that [`named`] knows: of `G/B` it is 11. `None` where none is
/// written.
pub fn bass(text: &str) -> Option<u8> {
    let (chord, bass) = text.split_once('/')?;
    root(bass).filter(|(_, rest)| rest.is_empty() && root(chord).is_some()).map(|(class, _)| class)
}

/// How many semitones the nearest note of a pitch class lies below a pitch, 0 to 11: where the bass of a chord goes.
pub fn below(pitch: f64, class: u8) -> f64 {
    (pitch.floor() - f64::from(class)).rem_euclid(12.0)
}

/// The pitch class of the capital letter at the start of a text, with `#` or `b` behind it, and what follows. `None`
/// when it begins otherwise.
pub fn root(text: &str) -> Option<(u8, &str)> {
    let letter = text.chars().next()?;
    let class = match letter {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return None,
    };
    let rest = &text[1..];
    Some(match rest.chars().next() {
        Some('#') => ((class + 1) % 12, &rest[1..]),
        Some('b') => ((class + 11) % 12, &rest[1..]),
        _ => (class, rest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_as_musicians_write_them() {
        for (text, expected) in [
            ("C", Some((0, "maj"))),
            ("F#m7", Some((6, "m7"))),
            ("Bbmaj7", Some((10, "maj7"))),
            ("BbM7", Some((10, "maj7"))),
            ("Cb", Some((11, "maj"))),
            ("G/B", Some((7, "maj"))),
            ("D6/9", Some((2, "69"))),
            ("Gsus", Some((7, "sus4"))),
            ("C-7", Some((0, "m7"))),
            ("F^7", Some((5, "maj7"))),
            ("Bh7", Some((11, "m7b5"))),
            ("E7#9", Some((4, "7#9"))),
            ("H", None),
            ("g", None),
            ("", None),
            ("Cx", None),
            ("C/x", None),
        ] {
            let expected = expected.and_then(|(root, name)| Some((root, intervals(name)?)));
            assert_eq!(named(text), expected, "{text}");
        }
    }

    #[test]
    fn a_bass_stands_behind_a_slash() {
        for (text, class) in [
            ("G/B", Some(11)),
            ("Am7/G", Some(7)),
            ("C/Eb", Some(3)),
            ("C6/9", None),
            ("C", None),
            ("C/x", None),
        ] {
            assert_eq!(bass(text), class, "{text}");
        }
        assert_eq!((below(48.0, 4), below(57.0, 7), below(48.0, 0)), (8.0, 2.0, 0.0));
    }

    #[test]
    fn chords_stand_on_their_root() {
        for name in all_names() {
            let steps = intervals(name).unwrap_or_default();
            assert_eq!(steps.first(), Some(&0), "{name}");
            assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{name}");
        }
        let unique: std::collections::HashSet<&str> = all_names().collect();
        assert_eq!(unique.len(), all_names().count());
        assert_eq!(names().count(), CHORDS.len());
        assert_eq!(intervals("maj7"), Some([0, 4, 7, 11].as_slice()));
        assert_eq!(intervals("nope"), None);
    }

    #[test]
    fn chords_in_quotes() {
        for (text, notes) in [
            ("min7", vec![0, 3, 7, 10]),
            ("maj7'i1", vec![4, 7, 11, 12]),
            ("maj7'i", vec![4, 7, 11, 12]),
            ("maj'ii", vec![7, 12, 16]),
            ("maj'i2", vec![7, 12, 16]),
            ("maj'5", vec![0, 4, 7, 12, 16]),
            ("maj7'2", vec![0, 4]),
            ("5", vec![0, 7]),
            ("5'4", vec![0, 7, 12, 19]),
            ("maj'o", vec![-12, -5, 4]),
            ("min7'o", vec![-12, -5, 3, 10]),
            ("5'o", vec![0, 7]),
            ("maj7'd1", vec![-1, 0, 4, 7]),
            ("maj7'd2", vec![-5, 0, 4, 11]),
            ("maj'd9", vec![0, 4, 7]),
            ("i", vec![4, 7, 12]),
            ("min7'i'd1", vec![0, 3, 7, 10]),
        ] {
            assert_eq!(tones(text), Ok(notes), "{text}");
        }
        assert_eq!(tones("maj'x"), Err(ChordError::Modifier("x".into())));
        assert_eq!(tones("maj'd0"), Err(ChordError::Modifier("d0".into())));
        assert_eq!(tones("maj'"), Err(ChordError::Modifier(String::new())));
        assert_eq!(tones("maja"), Err(ChordError::Name("maja".into())));
    }
}
