//! From timed events to the mixer's commands: seconds become frames, slots strips.

use std::collections::HashMap;

use lilt_score::{Drum, Tone};
use lilt_sequencer::{Action, Control, Instrument, Output, SlotId, Timed};
use lilt_synth::{Command, CommandKind, DrumSound, SlotControl, VoiceKind};

/// Strips of the mixer: as many as slots that a script may have.
pub const STRIPS: usize = 64;

/// How long a strip rings on after its slot faded: reverb and delay tails, in seconds.
const TAIL: f64 = 4.0;

/// Gives each sounding slot a strip of the mixer and writes the commands for it.
#[derive(Debug)]
pub struct SoundRouter {
    sample_rate: f64,
    strips: Vec<Strip>,
    slots: HashMap<SlotId, Placed>,
}

/// A slot that has a strip.
#[derive(Debug, Clone, Copy)]
struct Placed {
    strip: u16,
    instrument: Instrument,
}

/// Who holds a strip, and until when.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Strip {
    Free,
    Held,
    RingsUntil(f64),
}

impl SoundRouter {
    /// A router for a mixer that runs at `sample_rate` frames a second.
    pub fn new(sample_rate: u32) -> SoundRouter {
        SoundRouter {
            sample_rate: f64::from(sample_rate),
            strips: vec![Strip::Free; STRIPS],
            slots: HashMap::new(),
        }
    }

    /// The frame nearest to `seconds`.
    pub fn frame(&self, seconds: f64) -> u64 {
        (seconds * self.sample_rate).round().max(0.0) as u64
    }

    /// Frames in `seconds`.
    fn frames(&self, seconds: f64) -> u32 {
        (seconds * self.sample_rate).round().clamp(0.0, f64::from(u32::MAX)) as u32
    }

    /// The strip of a slot that sounds here, for meters.
    pub fn strip(&self, slot: SlotId) -> Option<usize> {
        self.slots.get(&slot).map(|placed| usize::from(placed.strip))
    }

    /// The command that `timed` is for the mixer, or `None` where it concerns
    /// another output.
    pub fn command(&mut self, timed: &Timed) -> Option<Command> {
        if let Action::Route { output } = &timed.action {
            return self.route(timed, output);
        }
        let placed = *self.slots.get(&timed.slot)?;
        let kind = match &timed.action {
            Action::NoteOn { id, tone, velocity, .. } => CommandKind::NoteOn {
                id: id.0,
                voice: voice(placed.instrument, *tone),
                velocity: velocity.value() as f32,
            },
            Action::NoteOff { id } => CommandKind::NoteOff { id: id.0 },
            Action::Control { control, value, glide } => CommandKind::Control {
                control: strip_control(*control),
                value: *value as f32,
                glide_frames: self.frames(*glide),
            },
            Action::FadeOut { seconds } => {
                self.slots.remove(&timed.slot);
                self.strips[usize::from(placed.strip)] = Strip::RingsUntil(timed.seconds + seconds + TAIL);
                CommandKind::FadeOut { frames: self.frames(*seconds) }
            }
            Action::Stroke { .. } | Action::Route { .. } => return None,
        };
        Some(Command { frame: self.frame(timed.seconds), slot: placed.strip, kind })
    }

    /// A slot comes to the mixer, changes its instrument, or leaves for MIDI.
    fn route(&mut self, timed: &Timed, output: &Output) -> Option<Command> {
        match (output.instrument(), self.slots.get_mut(&timed.slot)) {
            (Some(instrument), Some(placed)) => placed.instrument = instrument,
            (Some(instrument), None) => {
                let strip = self.free_strip(timed.seconds)?;
                self.strips[usize::from(strip)] = Strip::Held;
                self.slots.insert(timed.slot, Placed { strip, instrument });
            }
            (None, Some(placed)) => {
                let strip = placed.strip;
                self.slots.remove(&timed.slot);
                self.strips[usize::from(strip)] = Strip::RingsUntil(timed.seconds + TAIL);
                let kind = CommandKind::FadeOut { frames: self.frames(0.05) };
                return Some(Command { frame: self.frame(timed.seconds), slot: strip, kind });
            }
            (None, None) => {}
        }
        None
    }

    /// A free strip; when none is free, the one that has rung longest.
    fn free_strip(&self, now: f64) -> Option<u16> {
        let silent_since = |strip: &Strip| match strip {
            Strip::Free => f64::NEG_INFINITY,
            Strip::RingsUntil(end) => *end - now,
            Strip::Held => f64::INFINITY,
        };
        let (strip, since) =
            self.strips.iter().map(silent_since).enumerate().min_by(|a, b| a.1.total_cmp(&b.1))?;
        (since < f64::INFINITY).then_some(strip as u16)
    }
}

/// What a tone is on an instrument: a drum is a drum everywhere.
fn voice(instrument: Instrument, tone: Tone) -> VoiceKind {
    match tone {
        Tone::Drum(drum) => VoiceKind::Drum(drum_sound(drum)),
        Tone::Pitch(pitch) => {
            VoiceKind::Pitched { instrument: synth_instrument(instrument), pitch: pitch.midi() as f32 }
        }
    }
}

fn synth_instrument(instrument: Instrument) -> lilt_synth::Instrument {
    match instrument {
        Instrument::Pluck => lilt_synth::Instrument::Pluck,
        Instrument::Bass => lilt_synth::Instrument::Bass,
        Instrument::Pad => lilt_synth::Instrument::Pad,
        Instrument::Keys => lilt_synth::Instrument::Keys,
        Instrument::Lead => lilt_synth::Instrument::Lead,
        Instrument::Bell => lilt_synth::Instrument::Bell,
        Instrument::Kit => lilt_synth::Instrument::Kit,
    }
}

fn drum_sound(drum: Drum) -> DrumSound {
    match drum {
        Drum::Bass => DrumSound::BassDrum,
        Drum::Snare => DrumSound::Snare,
        Drum::Rim => DrumSound::Rimshot,
        Drum::Clap => DrumSound::Clap,
        Drum::ClosedHat => DrumSound::ClosedHat,
        Drum::OpenHat => DrumSound::OpenHat,
        Drum::LowTom => DrumSound::LowTom,
        Drum::MidTom => DrumSound::MidTom,
        Drum::HighTom => DrumSound::HighTom,
        Drum::Crash => DrumSound::Crash,
        Drum::Ride => DrumSound::Ride,
        Drum::Cowbell => DrumSound::Cowbell,
    }
}

fn strip_control(control: Control) -> SlotControl {
    match control {
        Control::Gain => SlotControl::Gain,
        Control::Pan => SlotControl::Pan,
        Control::Lowpass => SlotControl::Lowpass,
        Control::Highpass => SlotControl::Highpass,
        Control::Reverb => SlotControl::Reverb,
        Control::Delay => SlotControl::Delay,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::{Beat, Pitch, Velocity};
    use lilt_sequencer::NoteId;

    fn timed(slot: u16, seconds: f64, action: Action) -> Timed {
        Timed { seconds, beat: Beat::ZERO, slot: SlotId(slot), action }
    }

    fn to(instrument: Instrument) -> Action {
        Action::Route { output: Output::Synth(instrument) }
    }

    #[test]
    fn a_note_lands_on_its_frame_and_strip() {
        let mut router = SoundRouter::new(48_000);
        assert!(router.command(&timed(9, 0.0, to(Instrument::Bell))).is_none());
        let on = Action::NoteOn {
            id: NoteId(5),
            tone: Tone::Pitch(Pitch::from_key(69)),
            velocity: Velocity::new(0.5),
            duration: Beat::ONE,
            surprise: None,
        };
        let command = router.command(&timed(9, 0.5, on)).expect("a synth slot sounds");
        assert_eq!((command.frame, command.slot), (24_000, 0));
    }

    #[test]
    fn names_of_drums_and_instruments_agree() {
        for drum in Drum::ALL {
            assert_eq!(drum.name(), drum_sound(drum).name());
        }
        for instrument in Instrument::ALL {
            assert_eq!(instrument.name(), synth_instrument(instrument).name());
        }
    }

    #[test]
    fn strips_come_back_after_their_tail() {
        let mut router = SoundRouter::new(48_000);
        for slot in 0..STRIPS as u16 {
            router.command(&timed(slot, 0.0, to(Instrument::Keys)));
        }
        router.command(&timed(100, 1.0, to(Instrument::Keys)));
        assert!(router.strip(SlotId(100)).is_none(), "all strips are held");
        router.command(&timed(3, 2.0, Action::FadeOut { seconds: 1.0 }));
        router.command(&timed(100, 9.0, to(Instrument::Keys)));
        assert_eq!(router.strip(SlotId(100)), Some(3));
    }
}
