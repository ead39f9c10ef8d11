//! The controls that an event or a slot may have: their names, ranges and what they do.

use std::fmt;
use std::ops::RangeInclusive;

/// What is known of a control.
struct Entry {
    name: &'static str,
    /// Other names that live coders know it by.
    aliases: &'static [&'static str],
    range: (f64, f64),
    /// Where it changes nothing.
    neutral: f64,
    scope: Scope,
    /// What it does, and its unit; the first sentence of its documentation.
    meaning: &'static str,
}

/// Whose a control can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Of events, and of a slot's whole sound, where it glides.
    Both,
    /// Of single events.
    Event,
    /// Of a slot's whole sound.
    Slot,
}

/// A named value of an event: how loud it is, how bright, how its sound begins. See [`Control::all`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Control(u16);

/// Controllers of MIDI have the numbers from here on.
const CONTROLLERS: u16 = 0x100;

macro_rules! controls {
    ($($id:ident $name:literal $aliases:tt $low:literal $high:literal $neutral:literal $scope:ident $meaning:literal)*) => {
        const ENTRIES: &[Entry] = &[$(Entry {
            name: $name,
            aliases: &$aliases,
            range: ($low, $high),
            neutral: $neutral,
            scope: Scope::$scope,
            meaning: $meaning,
        }),*];

        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Index { $($id),* }

        impl Control {
            $(#[doc = $meaning] pub const $id: Control = Control(Index::$id as u16);)*
        }
    };
}

controls! {
    VALUE "value" [] -1e9 1e9 0.0 Event "A plain number, which does not sound by itself."
    DEGREE "degree" [] -1e4 1e4 0.0 Event "The step of a scale, 0 is its first."
    N "n" [] -1e6 1e6 0.0 Event "Which of the sounds of one name, from 0."
    GAIN "gain" [] 0.0 2.0 1.0 Both "How loud: 1 leaves it alone."
    PAN "pan" [] -1.0 1.0 0.0 Both "Where between left (-1) and right (1)."
    LOWPASS "lowpass" ["lpf", "cutoff"] 20.0 20000.0 20000.0 Both "Takes away what is above, in hertz."
    HIGHPASS "highpass" ["hpf", "hcutoff"] 20.0 20000.0 20.0 Both "Takes away what is below, in hertz."
    REVERB "reverb" ["room"] 0.0 1.0 0.0 Both "How much room."
    DELAY "delay" [] 0.0 1.0 0.0 Both "How much echo."
    LEGATO "legato" ["clip"] 0.0 16.0 1.0 Event "How long a note sounds, in parts of its place."
    BEGIN "begin" [] 0.0 1.0 0.0 Event "Where in its sound it begins, 0 to 1."
    END "endAt" [] 0.0 1.0 1.0 Event "Where in its sound it ends, 0 to 1."
    SPEED "speed" [] -16.0 16.0 1.0 Event "How fast its sound is played; backwards when negative."
    BARS "fitBars" [] 0.0 1024.0 0.0 Event "How many bars its whole sound lasts, by playing it faster or slower; 0 leaves its speed alone."
}

impl Control {
    /// Every control but those of MIDI, in the order of their documentation.
    pub fn all() -> impl Iterator<Item = Control> {
        (0..ENTRIES.len() as u16).map(Control)
    }

    /// The controls that a slot's whole sound has.
    pub fn of_slots() -> impl Iterator<Item = Control> {
        Control::all().filter(|control| control.scope() != Scope::Event)
    }

    /// MIDI's controller of this number, `0..=127`.
    pub fn controller(number: u8) -> Option<Control> {
        (number < 128).then(|| Control(CONTROLLERS + u16::from(number)))
    }

    /// Its number, if it is a controller of MIDI.
    pub fn as_controller(self) -> Option<u8> {
        self.0.checked_sub(CONTROLLERS).and_then(|number| u8::try_from(number).ok())
    }

    /// The control of this name, or of this other name.
    pub fn named(name: &str) -> Option<Control> {
        Control::all().find(|control| {
            control.entry().is_some_and(|entry| entry.name == name || entry.aliases.contains(&name))
        })
    }

    fn entry(self) -> Option<&'static Entry> {
        ENTRIES.get(usize::from(self.0))
    }

    /// Name in scripts; `cc` for a controller of MIDI.
    pub fn name(self) -> &'static str {
        self.entry().map_or("cc", |entry| entry.name)
    }

    /// Other names that it answers to.
    pub fn aliases(self) -> &'static [&'static str] {
        self.entry().map_or(&[], |entry| entry.aliases)
    }

    /// The values it may take; a controller's go from 0 to 127.
    pub fn range(self) -> RangeInclusive<f64> {
        let (low, high) = self.entry().map_or((0.0, 127.0), |entry| entry.range);
        low..=high
    }

    /// Where it changes nothing.
    pub fn neutral(self) -> f64 {
        self.entry().map_or(0.0, |entry| entry.neutral)
    }

    /// Whose it can be.
    pub fn scope(self) -> Scope {
        self.entry().map_or(Scope::Both, |entry| entry.scope)
    }

    /// What it does.
    pub fn meaning(self) -> &'static str {
        self.entry().map_or("A controller of MIDI, 0 to 127.", |entry| entry.meaning)
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_controller() {
            Some(number) => write!(f, "cc {number}"),
            None => f.write_str(self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_neutral_values_allowed() {
        let mut names: Vec<&str> = Control::all()
            .flat_map(|control| [control.name()].into_iter().chain(control.aliases().iter().copied()))
            .collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        for control in Control::all() {
            assert!(control.range().contains(&control.neutral()), "{control}");
            assert_eq!(Control::named(control.name()), Some(control));
            assert!(control.meaning().ends_with('.'), "{control}");
        }
    }

    #[test]
    fn controllers_of_midi_have_numbers() {
        let filter = Control::controller(74).expect("a controller");
        assert_eq!((filter.as_controller(), filter.to_string().as_str()), (Some(74), "cc 74"));
        assert_eq!(Control::controller(128), None);
        assert_eq!(Control::GAIN.as_controller(), None);
    }
}
