//! The map of controls that an event carries: what sounds, how hard, and whatever else is set.

use smallvec::SmallVec;

use crate::{Control, Note, Pitch, ScaleAt, Sound, Tone, Velocity};

/// What an event says: a tone, a sound by name, and numbers for controls. Any of it may be missing:
/// numbers alone do not sound, they steer or colour what does.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Controls {
    /// What sounds: a pitch, or a drum.
    pub tone: Option<Tone>,
    /// How hard it is struck.
    pub velocity: Option<Velocity>,
    /// What sounds it: an instrument, recorded sounds, or a preset of a SoundFont.
    pub sound: Option<Sound>,
    /// The scale that its degree is a step of.
    pub scale: Option<ScaleAt>,
    /// Sorted by control.
    numbers: SmallVec<[(Control, f64); 2]>,
}

impl Controls {
    /// Nothing is set.
    pub fn new() -> Controls {
        Controls::default()
    }

    /// A plain number.
    pub fn number(value: f64) -> Controls {
        Controls::new().with(Control::VALUE, value)
    }

    /// A tone, as hard as notes are when nobody says otherwise.
    pub fn tone(tone: Tone) -> Controls {
        Controls { tone: Some(tone), ..Controls::default() }
    }

    /// The number of a control.
    pub fn get(&self, control: Control) -> Option<f64> {
        let found = self.numbers.binary_search_by_key(&control, |(known, _)| *known).ok()?;
        Some(self.numbers[found].1)
    }

    /// Sets a control.
    pub fn set(&mut self, control: Control, value: f64) {
        match self.numbers.binary_search_by_key(&control, |(known, _)| *known) {
            Ok(found) => self.numbers[found].1 = value,
            Err(place) => self.numbers.insert(place, (control, value)),
        }
    }

    /// With a control set.
    #[must_use]
    pub fn with(mut self, control: Control, value: f64) -> Controls {
        self.set(control, value);
        self
    }

    /// Every control that is set, in a fixed order.
    pub fn numbers(&self) -> &[(Control, f64)] {
        &self.numbers
    }

    /// The plain number, where this is one.
    pub fn value(&self) -> Option<f64> {
        self.get(Control::VALUE)
    }

    /// The degree `degree` of a scale, and its pitch.
    #[must_use]
    pub fn in_scale(mut self, degree: f64, scale: ScaleAt) -> Controls {
        self.unset(Control::VALUE);
        self.set(Control::DEGREE, degree);
        self.scale = Some(scale);
        self.tone = Pitch::new(scale.pitch(degree).clamp(0.0, 127.0)).ok().map(Tone::Pitch);
        self
    }

    /// Without a control.
    pub fn unset(&mut self, control: Control) {
        self.numbers.retain(|(known, _)| *known != control);
    }

    /// How hard it is struck, said or not.
    pub fn struck(&self) -> Velocity {
        self.velocity.unwrap_or(Velocity::DEFAULT)
    }

    /// With all that `other` sets; what both set is the other's.
    #[must_use]
    pub fn union(mut self, other: &Controls) -> Controls {
        self.tone = other.tone.or(self.tone);
        self.velocity = other.velocity.or(self.velocity);
        self.scale = other.scale.or(self.scale);
        if other.sound.is_some() {
            self.sound.clone_from(&other.sound);
        }
        for (control, value) in &other.numbers {
            self.set(*control, *value);
        }
        self
    }

    /// Both as one number where they are numbers: a plain number counts against the other's plain number, or
    /// else its degree, or else its pitch in semitones; controls that both set count against each other. What
    /// only `other` sets is taken over. Drums have no pitch, and stay.
    #[must_use]
    pub fn combine(mut self, other: &Controls, operation: impl Fn(f64, f64) -> f64) -> Controls {
        for (control, value) in &other.numbers {
            match (self.get(*control), *control) {
                (Some(own), _) => self.set(*control, operation(own, *value)),
                (None, Control::VALUE) => self = self.combine_pitch(*value, &operation),
                (None, _) => self.set(*control, *value),
            }
        }
        match (self.tone, other.tone) {
            (Some(Tone::Pitch(own)), Some(Tone::Pitch(pitch))) => {
                self.tone = Some(Tone::Pitch(bounded(operation(own.midi(), pitch.midi()), own)));
            }
            (None, Some(Tone::Pitch(pitch))) if self.value().is_some() => {
                // A number against a pitch is the pitch against the number, the other way round.
                let value = self.value().unwrap_or(0.0);
                self.numbers.retain(|(control, _)| *control != Control::VALUE);
                self.tone = Some(Tone::Pitch(bounded(operation(value, pitch.midi()), pitch)));
            }
            (own, theirs) => self.tone = own.or(theirs),
        }
        self.velocity = self.velocity.or(other.velocity);
        self.sound = self.sound.or_else(|| other.sound.clone());
        self
    }

    fn combine_pitch(mut self, value: f64, operation: &impl Fn(f64, f64) -> f64) -> Controls {
        if let Some(degree) = self.get(Control::DEGREE) {
            let moved = operation(degree, value);
            self.set(Control::DEGREE, moved);
            if let (Some(scale), Some(Tone::Pitch(pitch))) = (self.scale, self.tone) {
                // What else has moved the pitch stays.
                let by = scale.pitch(moved) - scale.pitch(degree);
                self.tone = Some(Tone::Pitch(bounded(pitch.midi() + by, pitch)));
            }
        } else if let Some(Tone::Pitch(pitch)) = self.tone {
            self.tone = Some(Tone::Pitch(bounded(operation(pitch.midi(), value), pitch)));
        } else if let Some(counted) = self.get(Control::N).filter(|_| self.tone.is_none()) {
            self.set(Control::N, operation(counted, value));
        } else if self.tone.is_none() {
            self.set(Control::VALUE, value);
        }
        self
    }

    /// Every pitch moved by so many semitones, held within 0 to 127; drums stay.
    #[must_use]
    pub fn transposed(mut self, semitones: f64) -> Controls {
        if let Some(Tone::Pitch(pitch)) = self.tone {
            self.tone = Some(Tone::Pitch(bounded(pitch.midi() + semitones, pitch)));
        }
        self
    }
}

/// The pitch nearest to `midi` that there is, or `pitch` when that is no number.
fn bounded(midi: f64, pitch: Pitch) -> Pitch {
    Pitch::new(midi.clamp(0.0, 127.0)).unwrap_or(pitch)
}

impl From<Note> for Controls {
    fn from(note: Note) -> Controls {
        Controls { tone: Some(note.tone), velocity: Some(note.velocity), ..Controls::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Drum;

    fn pitch(midi: f64) -> Controls {
        Controls::tone(Tone::Pitch(Pitch::new(midi).expect("a pitch")))
    }

    #[test]
    fn the_later_setting_counts() {
        let quiet = pitch(60.0).with(Control::PAN, -1.0).with(Control::GAIN, 0.5);
        let both = quiet.union(&Controls::new().with(Control::GAIN, 0.8).with(Control::DELAY, 0.1));
        let told: Vec<_> = both.numbers().iter().map(|(control, value)| (control.name(), *value)).collect();
        assert_eq!(told, [("gain", 0.8), ("pan", -1.0), ("delay", 0.1)]);
        assert_eq!(both.tone, pitch(60.0).tone);
    }

    #[test]
    fn numbers_move_numbers_degrees_and_pitches() {
        let add = |one: Controls, other: Controls| one.combine(&other, |a, b| a + b);
        assert_eq!(add(Controls::number(2.0), Controls::number(3.0)).value(), Some(5.0));
        assert_eq!(add(pitch(60.0), Controls::number(7.0)), pitch(67.0));
        assert_eq!(add(Controls::number(7.0), pitch(60.0)), pitch(67.0));
        assert_eq!(add(pitch(126.0), Controls::number(7.0)), pitch(127.0));
        let degree = pitch(60.0).with(Control::DEGREE, 1.0);
        assert_eq!(add(degree, Controls::number(2.0)).get(Control::DEGREE), Some(3.0));
        let drum = Controls::tone(Tone::Drum(Drum::Bass));
        assert_eq!(add(drum.clone(), Controls::number(2.0)), drum);
        let panned = Controls::new().with(Control::PAN, 0.5);
        assert_eq!(add(panned.clone(), panned).get(Control::PAN), Some(1.0));
    }
}
