//! What a voice can be: the instruments, the sounds of the drum kit, and their names.

/// An instrument of the synth. Each is played at a pitch, except [`Instrument::Kit`], where the
/// pitch picks a drum as on a General MIDI percussion channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instrument {
    /// A plucked string: extended Karplus-Strong with pick position and body.
    Pluck,
    /// Two saws and a sine through a 24 dB filter with its own envelope, slightly saturated.
    Bass,
    /// Eight detuned saws in stereo behind a slow lowpass.
    Pad,
    /// An electric piano by frequency modulation, with a tine that grows with velocity.
    Keys,
    /// A bright saw and a moving pulse with a delayed vibrato.
    Lead,
    /// Eight inharmonic partials, each with its own decay.
    Bell,
    /// The drum kit.
    Kit,
}

impl Instrument {
    /// Every instrument, in the order in which they are listed to a user.
    pub const ALL: [Instrument; 7] = [
        Instrument::Pluck,
        Instrument::Bass,
        Instrument::Pad,
        Instrument::Keys,
        Instrument::Lead,
        Instrument::Bell,
        Instrument::Kit,
    ];

    /// The instrument a script calls by this name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|i| i.name() == name)
    }

    /// The name a script uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Instrument::Pluck => "pluck",
            Instrument::Bass => "bass",
            Instrument::Pad => "pad",
            Instrument::Keys => "keys",
            Instrument::Lead => "lead",
            Instrument::Bell => "bell",
            Instrument::Kit => "kit",
        }
    }
}

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

/// What a note sounds as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum VoiceKind {
    /// An instrument at a pitch in semitones, 69 being A at 440 Hz; fractions are in between.
    /// Pitches are kept within 0..=136, a pitch that is not a number plays nothing.
    Pitched {
        /// Which instrument.
        instrument: Instrument,
        /// Semitones as in MIDI, fractions allowed.
        pitch: f32,
    },
    /// A sound of the drum kit.
    Drum(DrumSound),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_what_they_name() {
        for instrument in Instrument::ALL {
            assert_eq!(Instrument::from_name(instrument.name()), Some(instrument));
        }
        for drum in DrumSound::ALL {
            assert_eq!(DrumSound::from_name(drum.name()), Some(drum));
        }
        assert_eq!(Instrument::from_name("Pluck"), None);
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
