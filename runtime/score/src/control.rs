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
    /// Of a drawing: a look of it.
    Drawing,
}

/// A named value of an event: how loud it is, how bright, how its sound begins; or of a drawing: where it is, how
/// large, in which colour. See [`Control::all`] and [`Control::looks`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Control(u16);

/// Controllers of MIDI have the numbers from here on.
const CONTROLLERS: u16 = 0x100;

/// Looks of drawings have the numbers from here on.
const LOOKS: u16 = 0x200;

macro_rules! controls {
    ($entries:ident from $base:expr; $($id:ident $name:literal $aliases:tt $low:literal $high:literal $neutral:literal $scope:ident $meaning:literal)*) => {
        const $entries: &[Entry] = &[$(Entry {
            name: $name,
            aliases: &$aliases,
            range: ($low, $high),
            neutral: $neutral,
            scope: Scope::$scope,
            meaning: $meaning,
        }),*];

        const _: () = {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum Index { $($id),* }

            impl Control {
                $(#[doc = $meaning] pub const $id: Control = Control($base + Index::$id as u16);)*
            }
        };
    };
}

controls! { ENTRIES from 0;
    VALUE "value" [] -1e9 1e9 0.0 Event "A plain number, which does not sound by itself."
    DEGREE "degree" [] -1e4 1e4 0.0 Event "The step of a scale, 0 is its first."
    N "n" [] -1e6 1e6 0.0 Event "Which of the sounds of one name, from 0."
    GAIN "gain" [] 0.0 2.0 1.0 Both "How loud: 1 leaves it alone."
    PAN "pan" [] -1.0 1.0 0.0 Both "Where between left (-1) and right (1)."
    LOWPASS "lowpass" ["lpf"] 20.0 20000.0 20000.0 Both "Takes away what is above, in hertz."
    HIGHPASS "highpass" ["hpf", "hcutoff"] 20.0 20000.0 20.0 Both "Takes away what is below, in hertz."
    REVERB "reverb" ["room"] 0.0 1.0 0.0 Both "How much room."
    DELAY "delay" [] 0.0 1.0 0.0 Both "How much echo."
    PROGRAM "program" [] 0.0 127.0 0.0 Event "Which sound a MIDI instrument plays, from 0; of notes that go to a port."
    BEND "bend" [] -2.0 2.0 0.0 Event "How far a note on a MIDI port is bent, in semitones."
    AFTERTOUCH "aftertouch" ["pressure"] 0.0 127.0 0.0 Event "How hard a MIDI instrument's keys are pressed; of notes that go to a port."
    ATTACK "attack" ["att"] 0.0 30.0 0.0 Event "Time from silence to the peak, in seconds."
    DECAY "decay" ["dec"] 0.0 30.0 0.0 Event "Time from the peak to the sustained level; for drums, a factor on how long they ring, in seconds."
    SUSTAIN "sustain" ["sus"] 0.0 1.0 0.0 Event "Level that is held until the note ends."
    RELEASE "release" ["rel"] 0.0 30.0 0.0 Event "Time from the end of the note to silence, in seconds."
    CUTOFF "cutoff" ["ctf"] 20.0 20000.0 20.0 Event "Cutoff of the instrument's own filter, in hertz."
    RESONANCE "resonance" ["res", "lpq"] 0.0 1.0 0.0 Both "How much the instrument's filter rings at its cutoff, and the note's other filters at theirs."
    FENV "fenv" ["lpenv"] -10.0 10.0 0.0 Event "How far the filter's envelope opens the cutoff; below 0 it closes it, in octaves."
    FATTACK "fattack" ["lpattack", "lpa"] 0.0 30.0 0.0 Event "Time in which the filter's envelope rises, in seconds."
    FDECAY "fdecay" ["lpdecay", "lpd"] 0.0 30.0 0.0 Event "Time in which the filter's envelope falls to its sustained level, in seconds."
    FSUSTAIN "fsustain" ["lpsustain", "lps"] 0.0 1.0 0.0 Event "Sustained level of the filter's envelope."
    FRELEASE "frelease" ["lprelease", "lpr"] 0.0 30.0 0.0 Event "Time in which the filter's envelope falls when the note has ended, in seconds."
    DETUNE "detune" [] 0.0 200.0 0.0 Event "How far apart the oscillators of a voice are, in cents."
    UNISON "unison" [] 1.0 8.0 1.0 Event "How many oscillators a voice has."
    SPREAD "spread" [] 0.0 1.0 0.0 Event "How far the oscillators of a voice stand apart in stereo."
    DRIVE "drive" [] 0.0 1.0 0.0 Both "Warm overdrive before the filter."
    FM "fm" ["fmi"] 0.0 32.0 0.0 Event "Index of the frequency modulation: how bright it is."
    FMH "fmh" ["fmratio"] 0.125 32.0 0.125 Event "Ratio of the modulator to the note."
    FMDECAY "fmdecay" [] 0.0 30.0 0.0 Event "Time in which the index of the frequency modulation falls, in seconds."
    PW "pw" [] 0.02 0.98 0.02 Event "Width of the pulse, as a part of its cycle."
    NOISE "noise" [] 0.0 1.0 0.0 Event "White noise mixed in before the filter."
    GLIDE "glide" ["slide", "portamento"] 0.0 10.0 0.0 Event "Time in which the pitch comes from that of the slot's last note, in seconds."
    VIBRATO "vibrato" ["vibmod", "vmod"] 0.0 1200.0 0.0 Event "Depth of the vibrato, in cents."
    VIB "vib" ["vibratorate"] 0.1 40.0 0.1 Event "Swings of the vibrato a second, in hertz."
    ACCENT "accent" [] 0.0 1.0 0.0 Event "Weight of the note: louder, and with a wider sweep of the filter."
    TUNE "tune" [] -48.0 48.0 0.0 Event "Moves the pitch of anything, drums and samples too, in semitones."
    CLICK "click" [] 0.0 1.0 0.0 Event "Click of a drum's beater, or of an organ's keys."
    TONE "tone" [] 0.0 1.0 0.5 Event "Brightness of a drum: 0 is dull, 0.5 as it is, 1 bright."
    BANDPASS "bandpass" ["bpf", "bandf"] 0.0 20000.0 0.0 Both "Middle of a bandpass on the note alone; 0 is off, in hertz."
    CRUSH "crush" [] 1.0 16.0 16.0 Both "Bits that are left of each sample of the note; 16 is off, in bits."
    COARSE "coarse" [] 1.0 64.0 1.0 Both "How many samples each one of the note is held for; 1 is off."
    DISTORT "distort" ["dist"] 0.0 1.0 0.0 Both "Hard distortion of the note, as of a pedal."
    FOLD "fold" [] 0.0 1.0 0.0 Both "Folds the wave of the note back at its peaks."
    SHAPE "shape" [] 0.0 1.0 0.0 Both "Wave shaping that brings up what is quiet in the note."
    VOWEL "vowel" ["formant"] 0.0 5.0 0.0 Both "A vowel, as in \"a o\": 1 is a, 2 e, 3 i, 4 o, 5 u, in between they melt; 0 is off."
    RING "ring" [] 0.0 1.0 0.0 Both "Mix of a ring modulator on the note."
    RINGFREQ "ringfreq" ["ringf"] 1.0 8000.0 220.0 Both "Frequency of the note's ring modulator, in hertz."
    TREMOLO "tremolo" ["tremdp", "tremolodepth"] 0.0 1.0 0.0 Both "Depth of a tremolo on the note."
    TREMOLORATE "tremolorate" ["tremr"] 0.1 40.0 5.0 Both "Swings of the note's tremolo a second, in hertz."
    ACCELERATE "accelerate" [] -16.0 16.0 0.0 Event "Octaves a second by which the sample gets faster, in octaves."
    LOOP "loop" [] 0.0 1.0 0.0 Event "Goes round between begin and end until the note ends."
    CUT "cut" [] 0.0 1000.0 0.0 Event "Number of a choke group: the note silences the others of its slot with that number; 0 is none."
    SIZE "size" ["roomsize", "sz"] 0.0 1.0 0.5 Both "Size of the room of the slot's reverb."
    DAMP "damp" ["roomlp"] 0.0 1.0 0.5 Both "How fast the slot's reverb loses its treble."
    DELAYTIME "delaytime" ["delayt"] 0.01 8.0 0.75 Both "Time from one echo of the slot's delay to the next, in beats."
    DELAYFEEDBACK "delayfeedback" ["delayfb"] 0.0 0.95 0.46 Both "How much of each echo the slot's delay repeats."
    CHORUS "chorus" [] 0.0 1.0 0.0 Both "Mix of the slot's chorus."
    PHASER "phaser" [] 0.0 1.0 0.0 Both "Mix of the slot's phaser."
    FLANGER "flanger" [] 0.0 1.0 0.0 Both "Mix of the slot's flanger."
    WIDTH "width" [] 0.0 2.0 1.0 Slot "Stereo width: 0 is mono, 1 leaves it as it is, 2 doubles the sides."
    PHASERRATE "phaserrate" [] 0.01 10.0 0.5 Slot "Sweeps of the phaser a second, in hertz."
    FLANGERRATE "flangerrate" [] 0.01 10.0 0.25 Slot "Sweeps of the flanger a second, in hertz."
    COMPRESSOR "compressor" [] 0.0 1.0 0.0 Slot "How hard the compressor of the slot works."
    LOW "low" [] -24.0 12.0 0.0 Slot "Gain below 200 Hz, in decibels."
    MID "mid" [] -24.0 12.0 0.0 Slot "Gain around 1 kHz, in decibels."
    HIGH "high" [] -24.0 12.0 0.0 Slot "Gain above 4 kHz, in decibels."
    LEGATO "legato" ["clip"] 0.01 16.0 1.0 Event "How long a note sounds, in parts of its place."
    BEGIN "begin" [] 0.0 1.0 0.0 Event "Where in its sound it begins, 0 to 1."
    END "endAt" ["finish"] 0.0 1.0 1.0 Event "Where in its sound it ends, 0 to 1."
    SPEED "speed" [] -16.0 16.0 1.0 Event "How fast its sound is played, and so how high; a recorded sound is played backwards when negative."
    BARS "fitBars" [] 0.0 1024.0 0.0 Event "How many bars its whole sound lasts, by playing it faster or slower; 0 leaves its speed alone."
    BEATS "fitBeats" [] 0.0 4096.0 0.0 Event "How many beats its whole sound lasts, by playing it faster or slower; 0 leaves its speed alone."
    SECONDS "fitSeconds" [] 0.0 4096.0 0.0 Event "How many seconds its whole sound lasts, by playing it faster or slower; 0 leaves its speed alone."
}

// A drawing's own middle is turned and grows where it lies; copies are made of what comes out.
controls! { LOOK_ENTRIES from LOOKS;
    LOOK_X "x" [] -8.0 8.0 0.5 Drawing "Where the middle of the drawing lies, from left (0) to right (1) over the shorter side of the canvas."
    LOOK_Y "y" [] -8.0 8.0 0.5 Drawing "Where the middle of the drawing lies, from top (0) to bottom (1) over the shorter side of the canvas."
    LOOK_SIZE "size" [] 0.0 16.0 1.0 Drawing "How large: 1 leaves it alone."
    LOOK_ROTATE "rotate" ["turn"] -10000.0 10000.0 0.0 Drawing "How far it is turned clockwise around its middle, in turns."
    LOOK_COLOUR "colour" ["color"] -1.0 16777215.0 -1.0 Drawing "Its colour, by a name or as #rrggbb; the slot's own when left out."
    LOOK_HUE "hue" [] -10000.0 10000.0 0.0 Drawing "How far its colour is turned around the wheel of colours: 1 is once around, and back at its own."
    LOOK_SATURATION "saturation" [] 0.0 2.0 1.0 Drawing "How strong its colour is: 0 is grey, 1 leaves it alone."
    LOOK_LIGHTNESS "lightness" [] 0.0 2.0 1.0 Drawing "How light its colour is: 0 is black, 1 leaves it alone."
    LOOK_OPACITY "opacity" ["alpha"] 0.0 1.0 1.0 Drawing "How much it hides of what lies under it: 0 is not to be seen."
    LOOK_WIDTH "width" [] 0.0 40.0 1.0 Drawing "How wide its pen is: 1 leaves it alone."
    LOOK_GLOW "glow" ["blur"] 0.0 1.0 0.0 Drawing "How much light its lines give off around them."
    LOOK_TRAIL "trail" [] 0.0 16.0 0.0 Drawing "For how long it is still seen, fainter and fainter, where it was before it moved, in beats."
    LOOK_HOLD "hold" [] 0.0 4096.0 4096.0 Drawing "How long a stroke stays once the pen has left it, in beats; until it is drawn anew when left out."
    LOOK_FADE "fade" [] 0.0 64.0 0.0 Drawing "How long a stroke takes to vanish, when its hold is over or another drawing takes its place, in beats."
    LOOK_GRID "grid" [] 1.0 8.0 1.0 Drawing "How many times it is seen across, and as often down, each time as much smaller."
    LOOK_RING "ring" [] 1.0 24.0 1.0 Drawing "How many times it is seen around the middle of the canvas, turned a little further each time."
    LOOK_KALEIDOSCOPE "kaleidoscope" ["kaleid"] 1.0 12.0 1.0 Drawing "In how many mirrors around the middle of the canvas it is seen; 1 is off."
    LOOK_LAYER "layer" [] -99.0 99.0 0.0 Drawing "Which drawings it lies over: those of lower layers, and of its own those that are named before it."
    LOOK_BLEND "blend" [] 0.0 3.0 0.0 Drawing "How it meets what lies under it: \"normal\" hides it, \"add\" lights it up, \"multiply\" darkens it, \"lighten\" keeps the lighter of the two."
}

impl Control {
    /// Every control of sound but those of MIDI, in the order of their documentation.
    pub fn all() -> impl Iterator<Item = Control> {
        (0..ENTRIES.len() as u16).map(Control)
    }

    /// The controls that a slot's whole sound has.
    pub fn of_slots() -> impl Iterator<Item = Control> {
        Control::all().filter(|control| control.scope() != Scope::Event)
    }

    /// The looks of drawings, in the order of their documentation. Their names may be those of other controls.
    pub fn looks() -> impl Iterator<Item = Control> {
        (0..LOOK_ENTRIES.len() as u16).map(|index| Control(LOOKS + index))
    }

    /// The look of this name, or of this other name.
    pub fn look(name: &str) -> Option<Control> {
        Control::looks().find(|look| look.name() == name || look.aliases().contains(&name))
    }

    /// True for a look of drawings.
    pub fn is_look(self) -> bool {
        self.0 >= LOOKS
    }

    /// True for a look that goes from one value to the next at once: what counts, names, or says how long.
    pub fn is_stepped(self) -> bool {
        use Control as C;
        let stepped = [C::LOOK_COLOUR, C::LOOK_HOLD, C::LOOK_FADE, C::LOOK_TRAIL, C::LOOK_GRID, C::LOOK_RING];
        let others = [C::LOOK_KALEIDOSCOPE, C::LOOK_LAYER, C::LOOK_BLEND];
        stepped.contains(&self) || others.contains(&self)
    }

    /// MIDI's controller of this number, `0..=127`.
    pub fn controller(number: u8) -> Option<Control> {
        (number < 128).then(|| Control(CONTROLLERS + u16::from(number)))
    }

    /// Its number, if it is a controller of MIDI.
    pub fn as_controller(self) -> Option<u8> {
        self.0
            .checked_sub(CONTROLLERS)
            .and_then(|number| u8::try_from(number).ok())
            .filter(|number| *number < 128)
    }

    /// The control of this name, or of this other name.
    pub fn named(name: &str) -> Option<Control> {
        Control::all().find(|control| {
            control.entry().is_some_and(|entry| entry.name == name || entry.aliases.contains(&name))
        })
    }

    /// What a word stands for where this control is written in a text, as in `vowel "a o"`; numbers stand for
    /// themselves.
    pub fn word(self, word: &str) -> Option<f64> {
        let vowel = || "aeiou".find(word).filter(|_| word.len() == 1).map(|at| at as f64 + 1.0);
        word.parse().ok().or_else(|| if self == Control::VOWEL { vowel() } else { None })
    }

    fn entry(self) -> Option<&'static Entry> {
        match self.0.checked_sub(LOOKS) {
            Some(look) => LOOK_ENTRIES.get(usize::from(look)),
            None => ENTRIES.get(usize::from(self.0)),
        }
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
    fn looks_are_controls_of_their_own() {
        let mut names: Vec<&str> = Control::looks()
            .flat_map(|look| [look.name()].into_iter().chain(look.aliases().iter().copied()))
            .collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        for look in Control::looks() {
            assert!(look.range().contains(&look.neutral()), "{look}");
            assert_eq!((Control::look(look.name()), look.as_controller()), (Some(look), None));
            assert_eq!((look.scope(), look.is_look()), (Scope::Drawing, true), "{look}");
            assert!(look.meaning().ends_with('.'), "{look}");
        }
        // The size of a room is no size of a drawing.
        assert_ne!(Control::look("size"), Control::named("size"));
        assert!(Control::all().all(|control| !control.is_look()));
    }

    #[test]
    fn controllers_of_midi_have_numbers() {
        let filter = Control::controller(74).expect("a controller");
        assert_eq!((filter.as_controller(), filter.to_string().as_str()), (Some(74), "cc 74"));
        assert_eq!(Control::controller(128), None);
        assert_eq!(Control::GAIN.as_controller(), None);
    }
}
