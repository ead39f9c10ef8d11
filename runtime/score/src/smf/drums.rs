//! The percussion of General MIDI on the drums of the kit.

use crate::Drum;

/// The drum that stands for a key of the percussion map (General MIDI 1, table 3, with the additions of General
/// MIDI 2): the same drum, or one that is played as it is.
pub fn of_key(key: u8) -> Drum {
    match key {
        // Bass drums.
        0..=26 | 35 | 36 => Drum::Bass,
        // Snares, and the slap and scratch before them in General MIDI 2.
        28..=30 | 38 | 40 => Drum::Snare,
        // Sticks, clicks, claves, wood blocks, castanets.
        27 | 31..=34 | 37 | 67 | 68 | 75..=77 | 85 => Drum::Rim,
        39 => Drum::Clap,
        // Closed and pedal hi-hats, and what is shaken or scraped as they are struck.
        42 | 44 | 54 | 69 | 70 | 73 | 78 | 82 | 83 => Drum::ClosedHat,
        46 | 74 | 79..=81 | 84 => Drum::OpenHat,
        // Floor toms, low conga, surdos.
        41 | 43 | 45 | 64 | 66 | 86 | 87 => Drum::LowTom,
        47 | 48 | 61..=63 => Drum::MidTom,
        50 | 60 | 65 => Drum::HighTom,
        49 | 52 | 55 | 57 => Drum::Crash,
        51 | 53 | 59 => Drum::Ride,
        // Cowbell, and the vibraslap and whistles for which there is nothing nearer.
        56 | 58 | 71 | 72 | 88.. => Drum::Cowbell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kit_stands_for_itself() {
        for drum in Drum::ALL {
            assert_eq!(of_key(drum.key()), drum);
        }
    }
}
