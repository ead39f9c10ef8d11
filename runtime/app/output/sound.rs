//! From timed events to the mixer's commands: seconds become frames, slots strips.

use std::collections::HashMap;

use lilt_score::{Control, Drum, Tone};
use lilt_sequencer::{Action, Instrument, Output, Retraction, SlotId, Strike, Timed};
use lilt_synth::{Command, CommandKind, DrumSound, Param, Params, SlotControl, VoiceKind};

/// Strips of the mixer: as many as slots that a script may have.
pub const STRIPS: usize = 64;

/// How long a strip rings on after its slot faded: reverb and delay tails, in seconds.
const TAIL: f64 = 4.0;

/// Gives each slot a strip of the mixer and writes the commands for it. What a command says depends on
/// its event alone, so that what was taken back leaves no trace: a slot keeps its strip until
/// another needs it.
#[derive(Debug)]
pub struct SoundRouter {
    sample_rate: f64,
    strips: Vec<Strip>,
    slots: HashMap<SlotId, u16>,
}

/// Who holds a strip, and until when it sounds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Strip {
    slot: Option<SlotId>,
    /// In seconds since the performance began.
    until: f64,
}

impl SoundRouter {
    /// A router for a mixer that runs at `sample_rate` frames a second.
    pub fn new(sample_rate: u32) -> SoundRouter {
        SoundRouter {
            sample_rate: f64::from(sample_rate),
            strips: vec![Strip { slot: None, until: f64::NEG_INFINITY }; STRIPS],
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
    pub fn strip(&self, slot: SlotId) -> Option<u16> {
        self.slots.get(&slot).copied()
    }

    /// The command that `timed` is for the mixer, or `None` where it concerns
    /// another output.
    pub fn command(&mut self, timed: &Timed) -> Option<Command> {
        let kind = match &timed.action {
            Action::NoteOn { id, strike, output, .. } => CommandKind::NoteOn {
                id: id.0,
                voice: voice(output.instrument()?, strike.tone),
                velocity: strike.velocity.value() as f32,
                params: params(strike),
            },
            Action::NoteOff { id, output, .. } => {
                output.instrument()?;
                CommandKind::NoteOff { id: id.0 }
            }
            Action::Control { control, value, glide, .. } => CommandKind::Control {
                control: strip_control(*control)?,
                value: *value as f32,
                glide_frames: self.frames(*glide),
            },
            Action::FadeOut { seconds } => CommandKind::FadeOut { frames: self.frames(*seconds) },
            // What sounds here when the slot leaves for MIDI fades quickly.
            Action::Route { output: Output::Midi { .. } } => {
                CommandKind::FadeOut { frames: self.frames(0.05) }
            }
            Action::Stroke { .. } | Action::Route { .. } => return None,
        };
        let slot = self.strip_of(timed.slot, timed.seconds)?;
        let until = &mut self.strips[usize::from(slot)].until;
        *until = match &timed.action {
            Action::FadeOut { seconds } => timed.seconds + seconds + TAIL,
            // The end of a note in a slot that has faded brings nothing back.
            Action::NoteOff { .. } if until.is_finite() => until.max(timed.seconds + TAIL),
            _ => f64::INFINITY,
        };
        Some(Command { frame: self.frame(timed.seconds), slot, kind })
    }

    /// Everything falls silent at second `now`: no slot holds its strip longer than its tail.
    pub fn hush(&mut self, now: f64) {
        for strip in &mut self.strips {
            strip.until = strip.until.min(now + TAIL);
        }
    }

    /// The command that takes back what was sent of a slot, if anything was.
    pub fn retract(&self, retraction: Retraction) -> Option<Command> {
        let slot = self.strip(retraction.slot)?;
        Some(Command { frame: self.frame(retraction.from), slot, kind: CommandKind::Retract })
    }

    /// The strip of a slot: the one it has, else that of its own number, else the one that has been
    /// silent longest. `None` when all sound.
    fn strip_of(&mut self, slot: SlotId, now: f64) -> Option<u16> {
        if let Some(strip) = self.slots.get(&slot) {
            return Some(*strip);
        }
        let own = usize::from(slot.0) % STRIPS;
        let silent = |strip: &Strip| strip.until <= now;
        let place = match silent(&self.strips[own]) {
            true => own,
            false => {
                let ends = self.strips.iter().map(|strip| strip.until).enumerate();
                ends.filter(|(_, until)| *until < f64::INFINITY).min_by(|a, b| a.1.total_cmp(&b.1))?.0
            }
        };
        if let Some(before) = self.strips[place].slot.replace(slot) {
            self.slots.remove(&before);
        }
        self.slots.insert(slot, place as u16);
        Some(place as u16)
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

/// The synthesiser's instrument of the same name: a test holds the two lists together.
fn synth_instrument(instrument: Instrument) -> lilt_synth::Instrument {
    lilt_synth::Instrument::from_name(instrument.name()).unwrap_or(lilt_synth::Instrument::Keys)
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

/// What the synthesiser calls a control: where its own word cannot be said in a script, another one is.
fn synth_name(control: Control) -> &'static str {
    match control {
        // `end` is a word of Lua, `compress` a verb of time.
        Control::END => "end",
        Control::COMPRESSOR => "compress",
        other => other.name(),
    }
}

/// The control of a strip that a slot's control is, if the mixer has it.
fn strip_control(control: Control) -> Option<SlotControl> {
    SlotControl::from_name(synth_name(control))
}

/// What a note says of its own sound, as far as the synthesiser knows it; what finds no room in a note of
/// more than [`Params::CAPACITY`] is left out.
fn params(strike: &Strike) -> Params {
    let said = strike
        .numbers
        .iter()
        .filter_map(|(control, value)| Some((Param::from_name(synth_name(*control))?, *value as f32)));
    said.fold(Params::NONE, |params, (param, value)| params.with(param, value))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use lilt_score::{Beat, Pitch, Scope, Velocity};
    use lilt_sequencer::NoteId;

    fn timed(slot: u16, seconds: f64, action: Action) -> Timed {
        Timed { seconds, beat: Beat::ZERO, slot: SlotId(slot), action }
    }

    fn on(output: Output) -> Action {
        Action::NoteOn {
            id: NoteId(5),
            strike: Arc::new(Strike::new(Tone::Pitch(Pitch::from_key(69)), Velocity::new(0.5))),
            duration: Beat::ONE,
            output: Arc::new(output),
        }
    }

    fn keys() -> Output {
        Output::Synth(Instrument::Keys)
    }

    #[test]
    fn a_note_lands_on_its_frame_and_strip() {
        let mut router = SoundRouter::new(48_000);
        let command = router.command(&timed(9, 0.5, on(keys()))).expect("a synth slot sounds");
        assert_eq!((command.frame, command.slot), (24_000, 9));
        let port = Output::Midi { port: "A".to_string(), channel: 1 };
        assert!(router.command(&timed(9, 0.5, on(port))).is_none());
    }

    #[test]
    fn what_is_taken_back_is_taken_back_from_its_strip() {
        let mut router = SoundRouter::new(48_000);
        let retraction = Retraction { slot: SlotId(70), from: 1.0 };
        assert!(router.retract(retraction).is_none(), "nothing was sent");
        router.command(&timed(6, 0.5, on(keys())));
        router.command(&timed(70, 0.5, on(keys())));
        let command = router.retract(retraction).expect("something was sent");
        assert_eq!((command.frame, command.slot, command.kind), (48_000, 0, CommandKind::Retract));
    }

    #[test]
    fn names_of_drums_and_instruments_agree() {
        for drum in Drum::ALL {
            assert_eq!(drum.name(), drum_sound(drum).name());
        }
        for instrument in Instrument::ALL {
            assert_eq!(instrument.name(), synth_instrument(instrument).name());
        }
        assert_eq!(Instrument::ALL.len(), lilt_synth::Instrument::ALL.len());
    }

    #[test]
    fn every_control_of_the_synthesiser_can_be_said() {
        let own = [Control::VALUE, Control::DEGREE, Control::N, Control::LEGATO, Control::BARS];
        let of_ports = [Control::PROGRAM, Control::BEND, Control::AFTERTOUCH];
        for control in Control::all().filter(|control| !own.contains(control) && !of_ports.contains(control))
        {
            let (param, strip) = (Param::from_name(synth_name(control)), strip_control(control));
            let scope = match (param, strip) {
                (Some(_), Some(_)) => Scope::Both,
                (Some(_), None) => Scope::Event,
                (None, Some(_)) => Scope::Slot,
                (None, None) => panic!("the synthesiser knows no {control}"),
            };
            assert_eq!(control.scope(), scope, "{control}");
            let (low, high) = control.range().into_inner();
            for spec in param.map(Param::spec).into_iter().chain(strip.map(SlotControl::spec)) {
                let wide = spec.least..=spec.greatest;
                let inside = wide.contains(&(low as f32)) && wide.contains(&(high as f32));
                assert!(inside, "{control} is wider than {wide:?}");
            }
        }
        for instrument in Instrument::ALL {
            for control in
                Control::all().filter(|control| !own.contains(control) && !of_ports.contains(control))
            {
                let param = Param::from_name(synth_name(control));
                let heard = param.is_some_and(|param| synth_instrument(instrument).understands(param));
                assert_eq!(instrument.understands(control), heard, "{control} of {}", instrument.name());
            }
        }
        let said = |name: &str| Control::all().any(|control| synth_name(control) == name);
        assert!(Param::ALL.iter().all(|param| said(param.name())));
        assert!(SlotControl::ALL.iter().all(|control| said(control.name())));
    }

    #[test]
    fn strips_come_back_after_their_tail() {
        let mut router = SoundRouter::new(48_000);
        for slot in 0..STRIPS as u16 {
            router.command(&timed(slot, 0.0, on(keys())));
        }
        assert!(router.command(&timed(100, 1.0, on(keys()))).is_none(), "all strips are held");
        router.command(&timed(3, 2.0, Action::FadeOut { seconds: 1.0 }));
        router.command(&timed(100, 9.0, on(keys())));
        assert_eq!((router.strip(SlotId(100)), router.strip(SlotId(3))), (Some(3), None));
    }

    #[test]
    fn names_without_end_do_not_use_up_the_strips() {
        let mut router = SoundRouter::new(48_000);
        let off = || Action::NoteOff {
            id: NoteId(5),
            tone: Tone::Pitch(Pitch::from_key(69)),
            output: Arc::new(keys()),
        };
        for n in 0..300u16 {
            let now = 10.0 * f64::from(n);
            assert!(router.command(&timed(n, now, on(keys()))).is_some(), "slot {n}");
            match n % 2 {
                // A note that still sounds when its slot fades ends after that.
                0 => {
                    router.command(&timed(n, now + 1.0, Action::FadeOut { seconds: 1.0 }));
                    router.command(&timed(n, now + 2.0, off()));
                }
                _ => router.hush(now + 1.0),
            }
        }
    }
}
