//! The sounds of the drum kit and their names.

/// A sound of the drum kit, named as in mini-notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DrumSound {
    /// `bd`: bass drum.
    BassDrum,
    /// `sd`: snare drum.
    Snare,
    /// `rs`: rim shot.
    Rimshot,
    /// `cp`: hand clap.
    Clap,
    /// `hh`: closed hi-hat; it chokes the open one of its slot.
    ClosedHat,
    /// `oh`: open hi-hat.
    OpenHat,
    /// `lt`: low tom.
    LowTom,
    /// `mt`: middle tom.
    MidTom,
    /// `ht`: high tom.
    HighTom,
    /// `cr`: crash cymbal.
    Crash,
    /// `rd`: ride cymbal.
    Ride,
    /// `cb`: cowbell.
    Cowbell,
}

impl DrumSound {
    /// Every drum sound, in the order in which they are listed to a user.
    pub const ALL: [DrumSound; 12] = [
        DrumSound::BassDrum,
        DrumSound::Snare,
        DrumSound::Rimshot,
        DrumSound::Clap,
        DrumSound::ClosedHat,
        DrumSound::OpenHat,
        DrumSound::LowTom,
        DrumSound::MidTom,
        DrumSound::HighTom,
        DrumSound::Crash,
        DrumSound::Ride,
        DrumSound::Cowbell,
    ];

    /// The drum that mini-notation calls by this name (`"bd"`, `"hh"`, …), if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.name() == name)
    }

    /// The name in mini-notation.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DrumSound::BassDrum => "bd",
            DrumSound::Snare => "sd",
            DrumSound::Rimshot => "rs",
            DrumSound::Clap => "cp",
            DrumSound::ClosedHat => "hh",
            DrumSound::OpenHat => "oh",
            DrumSound::LowTom => "lt",
            DrumSound::MidTom => "mt",
            DrumSound::HighTom => "ht",
            DrumSound::Crash => "cr",
            DrumSound::Ride => "rd",
            DrumSound::Cowbell => "cb",
        }
    }

    /// The drum of a key of the General MIDI level 1 percussion map, rounded to a semitone; keys
    /// that the kit has no sound of its own for go to the nearest in kind, and keys outside 35..=59
    /// to none.
    #[must_use]
    pub fn from_general_midi(key: f32) -> Option<Self> {
        Some(match key.round() as i32 {
            35 | 36 => DrumSound::BassDrum,
            37 => DrumSound::Rimshot,
            38 | 40 => DrumSound::Snare,
            39 => DrumSound::Clap,
            41 | 43 => DrumSound::LowTom,
            42 | 44 => DrumSound::ClosedHat,
            45 | 47 => DrumSound::MidTom,
            46 => DrumSound::OpenHat,
            48 | 50 => DrumSound::HighTom,
            49 | 52 | 55 | 57 => DrumSound::Crash,
            51 | 53 | 59 => DrumSound::Ride,
            54 | 56 | 58 => DrumSound::Cowbell,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_what_they_name() {
        for drum in DrumSound::ALL {
            assert_eq!(DrumSound::from_name(drum.name()), Some(drum));
        }
        assert_eq!(DrumSound::from_name("bdd"), None);
    }

    #[test]
    fn general_midi_keys_pick_drums() {
        let table = [
            (34.0, None),
            (36.0, Some("bd")),
            (37.6, Some("sd")),
            (42.0, Some("hh")),
            (46.0, Some("oh")),
            (50.0, Some("ht")),
            (60.0, None),
            (f32::NAN, None),
        ];
        for (key, expected) in table {
            let found = DrumSound::from_general_midi(key).map(DrumSound::name);
            assert_eq!(found, expected, "key {key}");
        }
    }
}
