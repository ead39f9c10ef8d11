//! The classes in which `folk` hears and speaks: durations and pitches relative to the tonic.

use lilt_score::Beat;

/// Grid of all times inside the model: this many ticks make a beat. 48 holds 64th notes' triplets
/// down to 1/48 beat exactly.
pub const TICKS_PER_BEAT: i64 = 48;

/// The durations that the network knows, in ticks, ascending: what is left of the collections'
/// durations after those that occur in fewer than a handful of tunes.
pub const DURATIONS: [u16; 25] =
    [2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 32, 36, 42, 48, 60, 64, 72, 84, 96, 120, 132, 144, 168, 192, 288];

/// Duration class of "the tune ends here"; it follows the real ones.
pub const END: u8 = DURATIONS.len() as u8;

/// Number of duration classes, the end included.
pub const DURATION_CLASSES: usize = DURATIONS.len() + 1;

/// Semitones from the tonic of pitch class 0.
pub const LOWEST: i32 = -20;

/// Number of pitches, chromatic from [`LOWEST`] up.
pub const PITCHES: usize = 52;

/// Pitch class of a rest.
pub const REST: u8 = PITCHES as u8;

/// Number of pitch classes, the rest included.
pub const PITCH_CLASSES: usize = PITCHES + 1;

/// Classes of the fields of an event: a duration, then a pitch given that.
pub const FIELDS: [usize; 2] = [DURATION_CLASSES, PITCH_CLASSES];

/// One step of the network: a note or a rest, as classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NoteEvent {
    /// Index into [`DURATIONS`].
    pub duration: u8,
    /// Semitones above [`LOWEST`] from the tonic, or [`REST`].
    pub pitch: u8,
}

impl NoteEvent {
    /// Length in ticks.
    pub fn ticks(self) -> i64 {
        DURATIONS.get(usize::from(self.duration)).map_or(0, |&ticks| i64::from(ticks))
    }

    /// The event of two fields of the network; none of any other number.
    pub fn of_fields(fields: &[u8]) -> Option<NoteEvent> {
        let &[duration, pitch] = fields else { return None };
        Some(NoteEvent { duration, pitch })
    }

    /// The fields of the network.
    pub fn fields(self) -> [u8; 2] {
        [self.duration, self.pitch]
    }

    /// True for a rest.
    pub fn is_rest(self) -> bool {
        self.pitch == REST
    }
}

/// MIDI number of the tonic to which pitches are relative: in the octave from middle C up.
pub fn tonic_midi(tonic: u8) -> i32 {
    60 + i32::from(tonic % 12)
}

/// Ticks of an exact length, if it lies on the grid.
pub fn ticks(length: Beat) -> Option<i64> {
    let ticks = length * Beat::whole(TICKS_PER_BEAT);
    (ticks.denominator() == 1).then(|| ticks.numerator()).and_then(|ticks| i64::try_from(ticks).ok())
}

/// An exact length from ticks.
pub fn beats(ticks: i64) -> Beat {
    Beat::new(ticks, TICKS_PER_BEAT)
}

/// Class of a duration that the network knows.
pub fn duration_class(ticks: i64) -> Option<u8> {
    let ticks = u16::try_from(ticks).ok()?;
    DURATIONS.binary_search(&ticks).ok().map(|class| class as u8)
}

/// Whether a duration class may come next in music that must fill `ticks_left`: it must fit, and
/// the tune may not end before. A tune that would end begins its next part instead.
pub fn duration_allowed(class: usize, ticks_left: i64) -> bool {
    class != usize::from(END) && DURATIONS.get(class).is_some_and(|&ticks| i64::from(ticks) <= ticks_left)
}

/// Class of a MIDI pitch over a tonic, if it is in range.
pub fn pitch_class(midi: i32, tonic: u8) -> Option<u8> {
    let class = midi - tonic_midi(tonic) - LOWEST;
    (0..PITCHES as i32).contains(&class).then_some(class as u8)
}

/// MIDI pitch of a class over a tonic; none for a rest or what is off MIDI's range.
pub fn midi(pitch: u8, tonic: u8) -> Option<u8> {
    if pitch >= REST {
        return None;
    }
    u8::try_from(tonic_midi(tonic) + LOWEST + i32::from(pitch)).ok().filter(|&midi| midi < 128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact_and_ascending() {
        assert!(DURATIONS.is_sorted_by(|a, b| a < b));
        for (length, class) in
            [((1, 3), Some(7)), ((1, 2), Some(9)), ((3, 2), Some(16)), ((1, 5), None), ((5, 1), None)]
        {
            let length = Beat::new(length.0, length.1);
            assert_eq!(ticks(length).and_then(duration_class), class, "{length}");
        }
    }

    #[test]
    fn pitches_go_there_and_back_over_any_tonic() {
        for tonic in 0..12 {
            for class in 0..PITCHES as u8 {
                let midi = midi(class, tonic).unwrap();
                assert_eq!(pitch_class(midi.into(), tonic), Some(class));
            }
            assert_eq!(midi(REST, tonic), None);
        }
        assert_eq!(pitch_class(39, 0), None);
        assert_eq!(pitch_class(92, 0), None);
    }

    #[test]
    fn music_fills_its_bars_exactly() {
        let allowed: Vec<usize> =
            (0..=usize::from(END)).filter(|&class| duration_allowed(class, 8)).collect();
        assert_eq!(allowed.iter().map(|&class| DURATIONS[class]).collect::<Vec<_>>(), [2, 3, 4, 6, 8]);
    }
}
