//! The classes in which `drums` hears and speaks: nine voices, how hard, and how early or late.
//!
//! Time is a grid of sixteenths. A hit belongs to the nearest of them and has an offset from it, on a
//! finer grid of 1/120 beat that tiles time without a gap: every hit lies on a tick, and a tick belongs
//! to exactly one sixteenth.

use lilt_score::Drum;

/// The finer grid: this many ticks make a beat.
pub const TICKS_PER_BEAT: i64 = 120;

/// Ticks of a step, a sixteenth note.
pub const STEP_TICKS: i64 = 30;

/// Steps of a bar of 4/4, the only metre that the drummer learnt.
pub const STEPS_PER_BAR: i64 = 16;

/// Voices, in the order in which the hits of a step are said.
pub const VOICES: usize = 9;

/// What is said when the step is over, after the voices.
pub const NEXT: u8 = VOICES as u8;

/// Classes of how hard a drum is struck: MIDI velocity in parts of 8.
pub const VELOCITIES: usize = 16;

/// Classes of when a hit sounds: ticks from half a step before the sixteenth.
pub const OFFSETS: usize = STEP_TICKS as usize;

/// Offset class of a hit right on the sixteenth.
pub const ON_TIME: u8 = (STEP_TICKS / 2) as u8;

/// Classes of the fields of an event: a voice or [`NEXT`], how hard, when.
pub const FIELDS: [usize; 3] = [VOICES + 1, VELOCITIES, OFFSETS];

/// An event: a hit, or the step to the next sixteenth.
pub type Event = [u8; 3];

/// The event that ends a step.
pub const STEP: Event = [NEXT, 0, 0];

/// The drum that each voice sounds.
pub const DRUMS: [Drum; VOICES] = [
    Drum::Bass,
    Drum::Snare,
    Drum::ClosedHat,
    Drum::OpenHat,
    Drum::LowTom,
    Drum::MidTom,
    Drum::HighTom,
    Drum::Crash,
    Drum::Ride,
];

/// The voice that stands for `drum`: its own, or that of the nearest drum in sound and use (rim shot and
/// clap are snares, the cowbell is the bell of the ride).
pub fn voice(drum: Drum) -> u8 {
    match drum {
        Drum::Bass => 0,
        Drum::Snare | Drum::Rim | Drum::Clap => 1,
        Drum::ClosedHat => 2,
        Drum::OpenHat => 3,
        Drum::LowTom => 4,
        Drum::MidTom => 5,
        Drum::HighTom => 6,
        Drum::Crash => 7,
        Drum::Ride | Drum::Cowbell => 8,
    }
}

/// Velocity class of a MIDI velocity, `1..=127`.
pub fn velocity_class(midi: u8) -> u8 {
    midi.min(127) / 8
}

/// MIDI velocity in the middle of a class.
pub fn midi_velocity(class: u8) -> u8 {
    (8 * class + 4).min(127)
}

/// The step to which a tick belongs, and its offset class.
pub fn place(tick: i64) -> (i64, u8) {
    let shifted = tick + STEP_TICKS / 2;
    (shifted.div_euclid(STEP_TICKS), shifted.rem_euclid(STEP_TICKS) as u8)
}

/// The tick of an offset class in a step.
pub fn tick(step: i64, offset: u8) -> i64 {
    step * STEP_TICKS + i64::from(offset) - STEP_TICKS / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tick_belongs_to_one_step() {
        for at in -100..100 {
            let (step, offset) = place(at);
            assert!(usize::from(offset) < OFFSETS);
            assert_eq!(tick(step, offset), at);
        }
        assert_eq!(place(30), (1, ON_TIME));
        assert_eq!(place(14), (0, 29));
        assert_eq!(place(-16), (-1, 29));
    }

    #[test]
    fn every_voice_is_the_drum_that_it_sounds() {
        for (number, drum) in (0..).zip(DRUMS) {
            assert_eq!(voice(drum), number);
        }
        assert!(Drum::ALL.into_iter().all(|drum| usize::from(voice(drum)) < VOICES));
    }

    #[test]
    fn velocities_return_to_their_class() {
        for midi in 1..=127 {
            let class = velocity_class(midi);
            assert!(usize::from(class) < VELOCITIES);
            assert!(midi_velocity(class).abs_diff(midi) <= 4);
            assert_eq!(velocity_class(midi_velocity(class)), class);
        }
    }
}
