//! Chords by name, as semitones above their root.

/// Names and their semitones above the root; the first name of a chord is the usual one.
const CHORDS: [(&str, &[u8]); 31] = [
    ("maj", &[0, 4, 7]),
    ("major", &[0, 4, 7]),
    ("min", &[0, 3, 7]),
    ("minor", &[0, 3, 7]),
    ("m", &[0, 3, 7]),
    ("dim", &[0, 3, 6]),
    ("aug", &[0, 4, 8]),
    ("sus2", &[0, 2, 7]),
    ("sus4", &[0, 5, 7]),
    ("5", &[0, 7]),
    ("6", &[0, 4, 7, 9]),
    ("m6", &[0, 3, 7, 9]),
    ("min6", &[0, 3, 7, 9]),
    ("69", &[0, 4, 7, 9, 14]),
    ("maj7", &[0, 4, 7, 11]),
    ("7", &[0, 4, 7, 10]),
    ("dom7", &[0, 4, 7, 10]),
    ("min7", &[0, 3, 7, 10]),
    ("m7", &[0, 3, 7, 10]),
    ("minmaj7", &[0, 3, 7, 11]),
    ("m7b5", &[0, 3, 6, 10]),
    ("dim7", &[0, 3, 6, 9]),
    ("aug7", &[0, 4, 8, 10]),
    ("7sus4", &[0, 5, 7, 10]),
    ("maj9", &[0, 4, 7, 11, 14]),
    ("9", &[0, 4, 7, 10, 14]),
    ("min9", &[0, 3, 7, 10, 14]),
    ("m9", &[0, 3, 7, 10, 14]),
    ("add9", &[0, 4, 7, 14]),
    ("11", &[0, 4, 7, 10, 14, 17]),
    ("13", &[0, 4, 7, 10, 14, 17, 21]),
];

/// Semitones of the chord's notes above its root, ascending from 0, or `None` for an
/// unknown name.
pub fn intervals(name: &str) -> Option<&'static [u8]> {
    CHORDS.iter().find(|(known, _)| *known == name).map(|(_, steps)| *steps)
}

/// Every name that [`intervals`] knows.
pub fn names() -> impl Iterator<Item = &'static str> {
    CHORDS.iter().map(|(name, _)| *name)
}

/// Root pitch class (0 is C) and semitones of a chord as musicians write it: a capital letter, `#` or
/// `b`, and a name that [`intervals`] knows or nothing for a major triad, as in `F#m7`, `Bb`, `Gsus4`.
/// A bass after a slash, `G/B`, must be a note and changes nothing. `None` when it is no chord.
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
    let name = match name {
        "" => "maj",
        "M7" => "maj7",
        "sus" => "sus4",
        name => name,
    };
    Some((root, intervals(name)?))
}

/// The pitch class at the start of a text and what follows it.
fn root(text: &str) -> Option<(u8, &str)> {
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
            ("Cb", Some((11, "maj"))),
            ("G/B", Some((7, "maj"))),
            ("D6/9", Some((2, "69"))),
            ("Gsus", Some((7, "sus4"))),
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
    fn chords_stand_on_their_root() {
        for name in names() {
            let steps = intervals(name).unwrap_or_default();
            assert_eq!(steps.first(), Some(&0), "{name}");
            assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{name}");
        }
        let unique: std::collections::HashSet<&str> = names().collect();
        assert_eq!(unique.len(), CHORDS.len());
        assert_eq!(intervals("maj7"), Some([0, 4, 7, 11].as_slice()));
        assert_eq!(intervals("nope"), None);
    }
}
