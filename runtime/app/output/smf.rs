//! The performance as a standard MIDI file that another program opens.

use std::collections::BTreeSet;
use std::sync::Arc;

use lilt_score::smf::{self, Controller, Track, Wish};
use lilt_score::{Beat, Control, Drum, Note, Tone, Velocity};
use lilt_sequencer::{Action, Instrument, Output};

use crate::offline::Performed;

/// What a slot plays, before it has a channel.
struct Part {
    name: String,
    output: Option<Output>,
    notes: Vec<Note>,
    /// Gain and pan from a beat on, in time order.
    gains: Vec<(Beat, f64)>,
    pans: Vec<(Beat, f64)>,
    /// Controllers by number, in time order.
    controllers: Vec<Controller>,
}

/// One track a slot, named after it, to the bar in which the performance ends: a slot sent to a port on that port's
/// channel and without a program, drums on channel 10, every other slot on a channel of its own as long as there are
/// any. Says which slots had to share, and which recorded sounds have no note.
pub fn bytes(performed: &Performed) -> (Vec<u8>, Vec<String>) {
    let (parts, toneless) = parts(performed);
    let allotment = smf::allot(parts.iter().map(|part| (part.name.as_str(), part.wish())));
    let alone = |channel: u8| allotment.channels.iter().filter(|other| **other == channel).count() == 1;
    let tracks: Vec<Track> = parts
        .into_iter()
        .zip(&allotment.channels)
        .map(|(part, channel)| part.track(*channel, alone(*channel)))
        .collect();
    let tempos: Vec<(Beat, f64)> = performed.tempos.iter().map(|(beat, _, bpm)| (*beat, *bpm)).collect();
    let toneless = (!toneless.is_empty()).then(|| {
        let names: Vec<&str> = toneless.iter().map(|name| &**name).collect();
        format!("recorded sounds without a note are written as c4: {}", names.join(", "))
    });
    let said = allotment.shared.map(|shared| shared.to_string()).into_iter().chain(toneless);
    (smf::write_through(&tracks, &tempos, performed.meter, performed.beats), said.collect())
}

/// The slots that have notes, and the recorded sounds of which it is not known what note they are.
fn parts(performed: &Performed) -> (Vec<Part>, BTreeSet<Arc<str>>) {
    let (mut parts, mut toneless) = (Vec::new(), BTreeSet::new());
    for slot in &performed.slots {
        let name = slot.name.clone();
        let mut part =
            Part { name, output: None, notes: vec![], gains: vec![], pans: vec![], controllers: vec![] };
        for timed in performed.timed.iter().filter(|timed| timed.slot == slot.id) {
            match &timed.action {
                Action::Route { output } => part.output = Some(output.clone()),
                Action::NoteOn { strike, duration, output: sounds, .. } => {
                    let left = performed.beats - timed.beat;
                    let duration = (*duration).min(left).max(Beat::new(1, 480));
                    // What a note says of its own loudness goes into how hard it is struck.
                    let gain = strike.number(Control::GAIN).unwrap_or(1.0);
                    let velocity = Velocity::new(strike.velocity.value() * gain);
                    let mut tone = strike.tone;
                    if let Output::Sample { name, pitched: false } = &**sounds {
                        match (drum_of(name), tone) {
                            (Some(drum), _) => tone = Tone::Drum(drum),
                            (None, Tone::Pitch(_)) => drop(toneless.insert(Arc::clone(name))),
                            (None, Tone::Drum(_)) => {}
                        }
                    }
                    part.notes.push(Note { start: timed.beat, duration, tone, velocity });
                    let said = strike.numbers.iter();
                    part.controllers.extend(said.filter_map(|said| controller(timed.beat, *said)));
                }
                Action::Control { control: Control::GAIN, value, .. } => {
                    part.gains.push((timed.beat, *value))
                }
                Action::Control { control: Control::PAN, value, .. } => part.pans.push((timed.beat, *value)),
                Action::Control { control, value, .. } => {
                    part.controllers.extend(controller(timed.beat, (*control, *value)));
                }
                _ => {}
            }
        }
        if !part.notes.is_empty() {
            parts.push(part);
        }
    }
    (parts, toneless)
}

/// The drum that the name of a recorded sound says: `808bd`, `kick2` and `my_snare` are drums, `breaks` is none.
fn drum_of(name: &str) -> Option<Drum> {
    let name = name.to_lowercase();
    let words = name.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.into_iter().find_map(|word| word.parse().ok().or_else(|| named_so(word)))
}

/// Drums by the names that collections of sounds give them.
fn named_so(word: &str) -> Option<Drum> {
    Some(match word {
        "kick" | "kik" | "bassdrum" => Drum::Bass,
        "snare" | "sn" => Drum::Snare,
        "rim" | "rimshot" | "stick" => Drum::Rim,
        "clap" | "claps" => Drum::Clap,
        "hat" | "hats" | "hihat" | "ch" | "hc" | "closedhat" => Drum::ClosedHat,
        "openhat" | "ho" => Drum::OpenHat,
        "tom" | "toms" => Drum::MidTom,
        "lowtom" => Drum::LowTom,
        "midtom" => Drum::MidTom,
        "hightom" => Drum::HighTom,
        "crash" => Drum::Crash,
        "ride" => Drum::Ride,
        "cowbell" => Drum::Cowbell,
        _ => return None,
    })
}

impl Part {
    fn drums(&self) -> bool {
        self.notes.iter().all(|note| note.tone.pitch().is_none())
    }

    fn wish(&self) -> Wish {
        match &self.output {
            Some(Output::Midi { channel, .. }) => Wish::Port(*channel),
            _ if self.drums() => Wish::Drums,
            _ => Wish::Own,
        }
    }

    /// Gain and pan are controllers of a channel that the slot has alone; on one that it shares they would be the
    /// others' too, and its gain goes into how hard its notes are struck.
    fn track(mut self, channel: u8, alone: bool) -> Track {
        let mut controls = std::mem::take(&mut self.controllers);
        if alone {
            controls.extend(given(&self.gains, Controller::gain, 1.0));
            controls.extend(given(&self.pans, Controller::pan, 0.0));
        } else {
            for note in &mut self.notes {
                let before = self.gains.partition_point(|(at, _)| *at <= note.start);
                let gain = before.checked_sub(1).map_or(1.0, |last| self.gains[last].1);
                note.velocity = Velocity::new(note.velocity.value() * gain);
            }
        }
        controls.sort_by_key(|control: &Controller| control.at);
        let program = match &self.output {
            Some(Output::Midi { .. }) => None,
            Some(Output::Preset(preset)) => Some(preset.program),
            output => Some(output.as_ref().and_then(Output::instrument).map_or(0, general_midi)),
        };
        Track { name: self.name, notes: self.notes, channel, program, controls }
    }
}

/// A control that is a controller of MIDI.
fn controller(at: Beat, (control, value): (Control, f64)) -> Option<Controller> {
    let value = value.round().clamp(0.0, 127.0) as u8;
    Some(Controller { at, number: control.as_controller()?, value })
}

/// The controllers of values, each change once; none where they never leave the usual value.
fn given(values: &[(Beat, f64)], controller: fn(Beat, f64) -> Controller, usual: f64) -> Vec<Controller> {
    let mut controls: Vec<Controller> = values.iter().map(|(at, value)| controller(*at, *value)).collect();
    controls.dedup_by_key(|control| control.value);
    let usual = controller(Beat::ZERO, usual).value;
    if controls.iter().all(|control| control.value == usual) { Vec::new() } else { controls }
}

/// The nearest instrument of General MIDI level 1, counted from 0.
fn general_midi(instrument: Instrument) -> u8 {
    match instrument {
        Instrument::Pluck => 24,
        Instrument::Bass => 38,
        Instrument::Pad => 89,
        Instrument::Keys => 4,
        Instrument::Lead => 81,
        Instrument::Bell => 14,
        Instrument::Kit => 0,
        Instrument::Saw => 81,
        Instrument::Square => 80,
        Instrument::Triangle => 80,
        Instrument::Sine => 79,
        Instrument::Supersaw => 90,
        Instrument::Fm => 5,
        Instrument::Sub => 38,
        Instrument::Organ => 16,
        Instrument::String => 48,
        Instrument::Voice => 52,
        Instrument::Acid => 38,
        Instrument::Noise => 122,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::Pitch;

    #[test]
    fn names_of_sounds_that_say_a_drum_are_drums() {
        for (name, drum) in [
            ("bd", Some(Drum::Bass)),
            ("808bd", Some(Drum::Bass)),
            ("kick2", Some(Drum::Bass)),
            ("my_Snare", Some(Drum::Snare)),
            ("909oh", Some(Drum::OpenHat)),
            ("breaks", None),
            ("bass", None),
            ("noise", None),
        ] {
            assert_eq!(drum_of(name), drum, "{name}");
        }
    }

    fn part(output: Option<Output>, tone: Tone) -> Part {
        let note = Note { start: Beat::ONE, duration: Beat::ONE, tone, velocity: Velocity::new(0.8) };
        Part { name: "x".into(), output, notes: vec![note], gains: vec![], pans: vec![], controllers: vec![] }
    }

    #[test]
    fn ports_keep_their_channel_and_have_no_program() {
        let (pitch, drum) = (Tone::Pitch(Pitch::from_key(60)), Tone::Drum(Drum::Bass));
        let port = |channel| Some(Output::Midi { port: "p".into(), channel });
        for (output, tone, wish, program) in [
            (port(3), pitch, Wish::Port(3), None),
            (port(3), drum, Wish::Port(3), None),
            (Some(Output::Synth(Instrument::Bass)), pitch, Wish::Own, Some(38)),
            (Some(Output::Synth(Instrument::Kit)), drum, Wish::Drums, Some(0)),
            (None, pitch, Wish::Own, Some(0)),
        ] {
            let part = part(output, tone);
            assert_eq!(part.wish(), wish);
            assert_eq!(part.track(1, true).program, program);
        }
    }

    #[test]
    fn gain_and_pan_are_written_where_they_are_given() {
        let with = |gains: &[(i64, f64)], pans: &[(i64, f64)], alone| {
            let timed =
                |values: &[(i64, f64)]| values.iter().map(|(at, value)| (Beat::whole(*at), *value)).collect();
            let part = part(None, Tone::Pitch(Pitch::from_key(60)));
            let track = Part { gains: timed(gains), pans: timed(pans), ..part }.track(1, alone);
            let controls = track
                .controls
                .iter()
                .map(|control| format!("{}: {}={}", control.at, control.number, control.value));
            (controls.collect::<Vec<_>>().join(" "), track.notes[0].velocity.value())
        };
        assert_eq!(with(&[(0, 1.0)], &[(0, 0.0)], true), (String::new(), 0.8));
        assert_eq!(with(&[(0, 0.25)], &[(0, 1.0)], true), ("0: 7=50 0: 10=127".into(), 0.8));
        assert_eq!(with(&[(0, 1.0), (1, 1.0), (2, 0.25)], &[], true), ("0: 7=100 2: 7=50".into(), 0.8));
        assert_eq!(with(&[(0, 1.0), (1, 0.5), (2, 0.0)], &[(0, 1.0)], false), (String::new(), 0.4));
    }
}
