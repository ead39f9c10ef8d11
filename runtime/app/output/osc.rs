//! Notes for other programs, by OSC: each a message shortly before its moment.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use lilt_osc::{Argument, OscReport, OscSender, Outgoing};
use lilt_score::{Beat, Control, Tone};
use lilt_sequencer::{Action, Ensemble, OscShape, OscTarget, Output, Retraction, SlotId, Strike, Timed};

use super::shifted;
use crate::live::caught::caught;

/// The key that is 0 where SuperDirt counts notes: its middle octave is the fifth, from C.
const DIRT_ZERO: f64 = 60.0;
/// SuperDirt's orbits: each has effects of its own, and there are twelve where nobody says otherwise.
const ORBITS: u16 = 12;

/// What the music's time is where a message is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Quarter notes a minute.
    pub bpm: f64,
    /// A bar.
    pub bar: Beat,
}

impl Pace {
    /// Bars a second, which Tidal calls cycles.
    fn cycles_a_second(self) -> f64 {
        self.bpm / 60.0 / self.bar.to_f64()
    }

    fn seconds(self, beats: Beat) -> f64 {
        beats.to_f64() * 60.0 / self.bpm
    }
}

/// Sends what slots play that go out by OSC.
pub struct OscRouter {
    sender: Option<OscSender>,
    /// True where messages may go to other machines.
    open: bool,
    /// What each slot's whole sound is told: it goes with every note.
    controls: HashMap<SlotId, BTreeMap<Control, f64>>,
    complaints: Vec<String>,
    left_out: u64,
}

impl OscRouter {
    /// A router that has sent nothing yet; `open` lets messages go to other machines.
    pub fn new(open: bool) -> OscRouter {
        OscRouter { sender: None, open, controls: HashMap::new(), complaints: Vec::new(), left_out: 0 }
    }

    /// Schedules what `timed` is for OSC, at `instant`.
    ///
    /// What goes to a program that `ensemble` says is slow or quick leaves, and is meant, so much later.
    pub fn send(&mut self, timed: &Timed, instant: Instant, pace: Pace, ensemble: &Ensemble) {
        match &timed.action {
            Action::NoteOn { strike, output, duration, .. } => {
                let Output::Osc(target) = &**output else { return };
                let (seconds, slot) = (timed.seconds, timed.slot);
                let of_slot = self.controls.get(&slot);
                let arguments = match target.shape {
                    OscShape::Named => named(strike, of_slot, pace.seconds(*duration)),
                    OscShape::Dirt => dirt(strike, of_slot, target, timed, *duration, pace),
                };
                let OscTarget { host, port, path, .. } = &**target;
                let (host, path) = (Arc::clone(host), Arc::clone(path));
                let at = shifted(instant, ensemble.latency(&format!("{host}:{port}")));
                let outgoing = Outgoing { at, seconds, slot: slot.0, host, port: *port, path, arguments };
                let sent = self.sender().is_none_or(|sender| sender.send(outgoing));
                self.left_out += u64::from(!sent);
            }
            Action::Control { control, value, output, .. } if matches!(&**output, Output::Osc(_)) => {
                self.controls.entry(timed.slot).or_default().insert(*control, *value);
            }
            Action::Route { .. } => {
                self.controls.remove(&timed.slot);
            }
            _ => {}
        }
    }

    /// Takes back what has not left.
    pub fn retract(&self, Retraction { slot, from }: Retraction) {
        if let Some(sender) = &self.sender {
            // Where there is no room the music is denser than anybody hears.
            let _full = sender.retract(slot.0, from);
        }
    }

    /// Forgets what waits.
    pub fn hush(&self) {
        if let Some(sender) = &self.sender {
            let _full = sender.hush();
        }
    }

    fn sender(&mut self) -> Option<&OscSender> {
        if self.sender.is_none() {
            match OscSender::start(self.open, |work| caught(work)) {
                Ok(sender) => self.sender = Some(sender),
                Err(error) => {
                    let told = format!("{error}: notes for other programs are not sent");
                    if !self.complaints.contains(&told) {
                        self.complaints.push(told);
                    }
                }
            }
        }
        self.sender.as_ref()
    }

    /// What there is to say since the last call.
    pub fn take_news(&mut self) -> Vec<String> {
        let mut news = std::mem::take(&mut self.complaints);
        for report in self.sender.iter().flat_map(OscSender::reports) {
            news.push(match report {
                OscReport::Failed(error) => error.to_string(),
                OscReport::Late { left_out } => {
                    format!("{left_out} notes for other programs came late and were left out: this machine was too busy")
                }
            });
        }
        if std::mem::take(&mut self.left_out) > 0 {
            news.push("more notes for other programs than can be sent: some were left out".to_string());
        }
        news
    }
}

fn number(value: f64) -> Argument {
    Argument::Number(value as f32)
}

/// A name and a value, for each thing that is said.
fn pairs(said: impl IntoIterator<Item = (&'static str, Argument)>) -> Vec<Argument> {
    said.into_iter().flat_map(|(name, value)| [Argument::Text(name.into()), value]).collect()
}

/// Every control that a note has, its slot's among them; the note's own come first.
fn controls(strike: &Strike, of_slot: Option<&BTreeMap<Control, f64>>) -> BTreeMap<Control, f64> {
    let mut all = of_slot.cloned().unwrap_or_default();
    for (control, value) in &strike.numbers {
        match (*control, all.get(control)) {
            // A slot's gain is what all of it is turned down by.
            (Control::GAIN, Some(slot)) => all.insert(Control::GAIN, slot * value),
            _ => all.insert(*control, *value),
        };
    }
    all
}

/// A note by Lilt's own words: `note`, `velocity`, `duration` in seconds, and its controls by their names.
fn named(strike: &Strike, of_slot: Option<&BTreeMap<Control, f64>>, seconds: f64) -> Vec<Argument> {
    let tone = match strike.tone {
        Tone::Pitch(pitch) => ("note", number(pitch.midi())),
        Tone::Drum(drum) => ("sound", Argument::Text(drum.name().into())),
    };
    let said = [tone, ("velocity", number(strike.velocity.value())), ("duration", number(seconds))];
    let controls = controls(strike, of_slot);
    pairs(
        said.into_iter().chain(controls.into_iter().map(|(control, value)| (control.name(), number(value)))),
    )
}

/// A note as Tidal tells SuperDirt of it (`/dirt/play`): which bar it is in and how fast bars go, how long it is, which
/// sound, and its controls by Tidal's names.
fn dirt(
    strike: &Strike,
    of_slot: Option<&BTreeMap<Control, f64>>,
    target: &OscTarget,
    timed: &Timed,
    duration: Beat,
    pace: Pace,
) -> Vec<Argument> {
    let recorded = match strike.output.as_deref() {
        Some(Output::Sample { name, pitched }) => Some((Arc::clone(name), *pitched)),
        // Instruments of the same name may be another's: SuperDirt has a supersaw of its own.
        Some(Output::Synth(instrument)) => Some((instrument.name().into(), true)),
        _ => None,
    };
    let (sound, note) = match (&target.sound, &recorded, strike.tone) {
        (Some(sound), _, Tone::Pitch(pitch)) => (Arc::clone(sound), Some(pitch.midi() - DIRT_ZERO)),
        (None, Some((name, true)), Tone::Pitch(pitch)) => (Arc::clone(name), Some(pitch.midi() - DIRT_ZERO)),
        (Some(name), _, _) | (None, Some((name, _)), _) => (Arc::clone(name), None),
        (None, None, Tone::Pitch(pitch)) => ("superpiano".into(), Some(pitch.midi() - DIRT_ZERO)),
        (None, None, Tone::Drum(drum)) => (dirt_drum(drum.name()).into(), None),
    };
    let mut controls = controls(strike, of_slot);
    let amplitude = controls.remove(&Control::GAIN).unwrap_or(1.0);
    // How hard Lilt strikes where nothing is said is as loud as Tidal plays where nothing is.
    let gain = amplitude * strike.velocity.value() / lilt_score::Velocity::DEFAULT.value();
    let said = [
        ("cps", number(pace.cycles_a_second())),
        ("cycle", number((timed.beat / pace.bar).to_f64())),
        ("delta", number(pace.seconds(duration))),
        ("orbit", Argument::Whole(i32::from(timed.slot.0 % ORBITS))),
        ("s", Argument::Text(sound)),
        ("gain", number(gain)),
    ];
    let note = note.map(|note| ("note", number(note)));
    let controls = controls.into_iter().filter_map(|(control, value)| of_dirt(control, value));
    pairs(said.into_iter().chain(note).chain(controls))
}

/// A drum by the name that Dirt-Samples has for it.
fn dirt_drum(name: &'static str) -> &'static str {
    match name {
        "rs" => "rm",
        "oh" => "ho",
        name => name,
    }
}

/// A control as Tidal names it, where it has one.
fn of_dirt(control: Control, value: f64) -> Option<(&'static str, Argument)> {
    let name = match control {
        Control::LOWPASS => "cutoff",
        Control::HIGHPASS => "hcutoff",
        Control::BANDPASS => "bandf",
        Control::REVERB => "room",
        Control::VOWEL => {
            let vowel = ["a", "e", "i", "o", "u"].get((value.round() as usize).checked_sub(1)?)?;
            return Some(("vowel", Argument::Text((*vowel).into())));
        }
        // Tidal's pan goes from 0 to 1, and 1/2 is the middle.
        Control::PAN => return Some(("pan", number(value / 2.0 + 0.5))),
        Control::N => "n",
        Control::LEGATO => "legato",
        Control::BEATS | Control::SECONDS | Control::BARS | Control::VALUE | Control::DEGREE => return None,
        other if other.as_controller().is_some() => return None,
        other => other.name(),
    };
    Some((name, number(value)))
}

#[cfg(test)]
mod tests {
    use lilt_score::{Drum, Pitch, Velocity};

    use super::*;

    fn told(arguments: &[Argument]) -> String {
        let words = arguments.iter().map(|argument| match argument {
            Argument::Text(text) => text.to_string(),
            Argument::Whole(number) => number.to_string(),
            Argument::Number(number) => number.to_string(),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    fn target(sound: Option<&str>) -> OscTarget {
        OscTarget {
            host: "127.0.0.1".into(),
            port: 57120,
            path: "/dirt/play".into(),
            shape: OscShape::Dirt,
            sound: sound.map(Into::into),
        }
    }

    #[test]
    fn superdirt_is_told_as_tidal_tells_it() {
        let pace = Pace { bpm: 120.0, bar: Beat::whole(4) };
        let pitched = Strike::new(Tone::Pitch(Pitch::from_key(67)), Velocity::DEFAULT);
        let numbers = vec![(Control::GAIN, 0.5), (Control::PAN, 0.0), (Control::LOWPASS, 800.0)];
        let mut sorted = numbers;
        sorted.sort_by_key(|(control, _)| *control);
        let shaped = Strike { numbers: sorted.into(), ..pitched.clone() };
        let drum = Strike::new(Tone::Drum(Drum::OpenHat), Velocity::DEFAULT);
        let recorded = Strike {
            output: Some(Arc::new(Output::Sample { name: "breaks".into(), pitched: false })),
            numbers: [(Control::N, 2.0)].into(),
            ..pitched.clone()
        };
        let saw = Strike {
            output: Some(Arc::new(Output::Synth(lilt_sequencer::Instrument::Supersaw))),
            ..pitched.clone()
        };
        let output = Arc::new(Output::Osc(Arc::new(target(None))));
        for (strike, sound, says) in [
            (&pitched, Some("superpiano"), "s superpiano gain 1 note 7"),
            (&shaped, None, "s superpiano gain 0.5 note 7 pan 0.5 cutoff 800"),
            (&drum, None, "s ho gain 1"),
            (&recorded, None, "s breaks gain 1 n 2"),
            (&saw, None, "s supersaw gain 1 note 7"),
        ] {
            let action = Action::NoteOn {
                id: lilt_sequencer::NoteId(1),
                strike: Arc::new(strike.clone()),
                duration: Beat::ONE,
                output: Arc::clone(&output),
            };
            let timed = Timed { seconds: 3.0, beat: Beat::whole(6), slot: SlotId(2), action };
            let arguments = dirt(strike, None, &target(sound), &timed, Beat::ONE, pace);
            assert_eq!(told(&arguments), format!("cps 0.5 cycle 1.5 delta 0.5 orbit 2 {says}"));
        }
    }

    #[test]
    fn other_programs_are_told_by_names() {
        let strike = Strike {
            numbers: [(Control::GAIN, 0.5)].into(),
            ..Strike::new(Tone::Pitch(Pitch::from_key(60)), Velocity::new(0.5))
        };
        let of_slot = BTreeMap::from([(Control::GAIN, 0.5)]);
        assert_eq!(
            told(&named(&strike, Some(&of_slot), 0.25)),
            "note 60 velocity 0.5 duration 0.25 gain 0.25"
        );
    }
}
