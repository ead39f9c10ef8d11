//! Scales: the steps of a key above its tonic.

use crate::Mode;
use crate::nearest::nearest;

/// A scale by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scale(usize);

/// Name, semitones above the tonic, and the mode that is taken for it where only modes are known: the one that
/// shares the most steps with it, of equals one with its third.
const SCALES: [(&str, &[u8], Mode); 38] = [
    ("major", &[0, 2, 4, 5, 7, 9, 11], Mode::Major),
    ("dorian", &[0, 2, 3, 5, 7, 9, 10], Mode::Dorian),
    ("phrygian", &[0, 1, 3, 5, 7, 8, 10], Mode::Phrygian),
    ("lydian", &[0, 2, 4, 6, 7, 9, 11], Mode::Lydian),
    ("mixolydian", &[0, 2, 4, 5, 7, 9, 10], Mode::Mixolydian),
    ("minor", &[0, 2, 3, 5, 7, 8, 10], Mode::Minor),
    ("locrian", &[0, 1, 3, 5, 6, 8, 10], Mode::Locrian),
    ("harmonic minor", &[0, 2, 3, 5, 7, 8, 11], Mode::Minor),
    ("melodic minor", &[0, 2, 3, 5, 7, 9, 11], Mode::Dorian),
    ("pentatonic", &[0, 2, 4, 7, 9], Mode::Major),
    ("minor pentatonic", &[0, 3, 5, 7, 10], Mode::Minor),
    ("blues", &[0, 3, 5, 6, 7, 10], Mode::Minor),
    ("whole tone", &[0, 2, 4, 6, 8, 10], Mode::Lydian),
    ("chromatic", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], Mode::Major),
    ("harmonic major", &[0, 2, 4, 5, 7, 8, 11], Mode::Major),
    ("double harmonic", &[0, 1, 4, 5, 7, 8, 11], Mode::Major),
    ("hungarian minor", &[0, 2, 3, 6, 7, 8, 11], Mode::Minor),
    ("ukrainian dorian", &[0, 2, 3, 6, 7, 9, 10], Mode::Dorian),
    ("neapolitan minor", &[0, 1, 3, 5, 7, 8, 11], Mode::Phrygian),
    ("neapolitan major", &[0, 1, 3, 5, 7, 9, 11], Mode::Dorian),
    ("phrygian dominant", &[0, 1, 4, 5, 7, 8, 10], Mode::Phrygian),
    ("lydian dominant", &[0, 2, 4, 6, 7, 9, 10], Mode::Mixolydian),
    ("lydian augmented", &[0, 2, 4, 6, 8, 9, 11], Mode::Lydian),
    ("super locrian", &[0, 1, 3, 4, 6, 8, 10], Mode::Locrian),
    ("enigmatic", &[0, 1, 4, 6, 8, 10, 11], Mode::Locrian),
    ("persian", &[0, 1, 4, 5, 6, 8, 11], Mode::Locrian),
    ("egyptian", &[0, 2, 5, 7, 10], Mode::Minor),
    ("hirajoshi", &[0, 2, 3, 7, 8], Mode::Minor),
    ("iwato", &[0, 1, 5, 6, 10], Mode::Locrian),
    ("in sen", &[0, 1, 5, 7, 10], Mode::Phrygian),
    ("kumoi", &[0, 2, 3, 7, 9], Mode::Dorian),
    ("pelog", &[0, 1, 3, 7, 8], Mode::Phrygian),
    ("major blues", &[0, 2, 3, 4, 7, 9], Mode::Major),
    ("prometheus", &[0, 2, 4, 6, 9, 10], Mode::Mixolydian),
    ("augmented", &[0, 3, 4, 7, 8, 11], Mode::Major),
    ("diminished", &[0, 2, 3, 5, 6, 8, 9, 11], Mode::Minor),
    ("bebop", &[0, 2, 4, 5, 7, 9, 10, 11], Mode::Major),
    ("bebop major", &[0, 2, 4, 5, 7, 8, 9, 11], Mode::Major),
];

/// Other names, and the scale that each means.
const OTHER_NAMES: [(&str, &str); 11] = [
    ("", "major"),
    ("m", "minor"),
    ("min", "minor"),
    ("maj", "major"),
    ("ionian", "major"),
    ("aeolian", "minor"),
    ("major pentatonic", "pentatonic"),
    ("wholetone", "whole tone"),
    ("spanish", "phrygian dominant"),
    ("altered", "super locrian"),
    ("minor blues", "blues"),
];

impl Scale {
    /// Every scale.
    pub fn all() -> impl Iterator<Item = Scale> {
        (0..SCALES.len()).map(Scale)
    }

    /// The scale of this name, in any case; the first three letters of a mode are enough. An empty name is
    /// major.
    pub fn named(name: &str) -> Option<Scale> {
        if name.trim() == "M" {
            return Some(Mode::Major.scale());
        }
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let name = OTHER_NAMES.iter().find(|(other, _)| *other == name).map_or(&*name, |(_, scale)| scale);
        let modes = Mode::ALL.len();
        let short = |i: usize| i < modes && SCALES[i].0.get(..3) == Some(name);
        let other = match name {
            "ion" => Some(0),
            "aeo" => Some(5),
            _ => None,
        };
        other.or((0..SCALES.len()).find(|i| SCALES[*i].0 == name || short(*i))).map(Scale)
    }

    /// Every name, the usual ones first.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SCALES
            .iter()
            .map(|(name, ..)| *name)
            .chain(OTHER_NAMES.iter().map(|(other, _)| *other))
            .filter(|name| name.len() > 3)
    }

    /// The name of a scale that is like `name`, if one is.
    pub fn nearest(name: &str) -> Option<&'static str> {
        nearest(name.trim(), Scale::names())
    }

    /// Its name, as it is written after a tonic.
    pub fn name(self) -> &'static str {
        SCALES[self.0].0
    }

    /// Semitones above the tonic, ascending from 0.
    pub fn steps(self) -> &'static [u8] {
        SCALES[self.0].1
    }

    /// The mode nearest to it.
    pub fn mode(self) -> Mode {
        SCALES[self.0].2
    }
}

impl Mode {
    /// The scale of the mode. The scales begin with the modes, in their order.
    pub const fn scale(self) -> Scale {
        Scale(self as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scales_begin_with_the_modes() {
        for mode in Mode::ALL {
            let scale = mode.scale();
            assert_eq!((scale.name(), scale.mode()), (mode.name(), mode));
            assert_eq!(scale.steps(), mode.degrees());
        }
    }

    #[test]
    fn the_mode_of_a_scale_shares_the_most_steps() {
        for scale in Scale::all() {
            let shared =
                |mode: Mode| mode.degrees().iter().filter(|step| scale.steps().contains(step)).count();
            let most = Mode::ALL.into_iter().map(shared).max();
            assert_eq!(Some(shared(scale.mode())), most, "{}", scale.name());
        }
    }

    #[test]
    fn scales_as_people_write_them() {
        for (text, name) in [
            ("minor pentatonic", "minor pentatonic"),
            ("Minor  Pentatonic", "minor pentatonic"),
            ("major pentatonic", "pentatonic"),
            ("Dor", "dorian"),
            ("aeolian", "minor"),
            ("", "major"),
        ] {
            assert_eq!(Scale::named(text).map(Scale::name), Some(name), "{text}");
        }
        assert_eq!(Scale::named("mayor"), None);
        assert_eq!(Scale::nearest("mayor"), Some("major"));
        assert_eq!(Scale::nearest("bagpipe"), None);
    }
}
