//! From timed events to the mixer's commands: seconds become frames, slots strips.

use std::collections::HashMap;

use lilt_samples::Region;
use lilt_score::{Control, Drum, Tone};
use lilt_sequencer::{
    Action, DuckBy, Instrument, MOST_BUSES, Output, Retraction, SlotId, Strike, Timed, Under,
};
use lilt_synth::{Command, CommandKind, DrumSound, DuckTrigger, Param, Params, SlotControl, VoiceKind};

use super::sampler::{Playable, Sampler};

/// Strips of the mixer: as many as slots that a script may have. Behind them lie those of the buses.
pub const STRIPS: usize = 64;

/// How long a strip rings on after its slot faded: reverb and delay tails, in seconds.
const TAIL: f64 = 4.0;

/// Gives each slot a strip of the mixer, each bus one of its buses, and writes the commands for it. What a
/// command says depends on its event alone, so that what was taken back leaves no trace: a slot keeps its
/// strip until another needs it.
pub struct SoundRouter {
    sampler: Sampler,
    sample_rate: f64,
    strips: Vec<Strip>,
    /// Where slots are heard, and, with true, buses: a name may have been both in turn.
    places: HashMap<(SlotId, bool), u16>,
}

/// Who holds a strip, and until when it sounds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Strip {
    slot: Option<SlotId>,
    /// In seconds since the performance began.
    until: f64,
}

impl SoundRouter {
    /// A router for a mixer that runs at `sample_rate` frames a second, and that plays the sounds of `sampler`.
    pub fn new(sample_rate: u32, sampler: Sampler) -> SoundRouter {
        SoundRouter {
            sampler,
            sample_rate: f64::from(sample_rate),
            strips: vec![Strip { slot: None, until: f64::NEG_INFINITY }; STRIPS + MOST_BUSES],
            places: HashMap::new(),
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

    /// The strip of a slot or bus that sounds here, for meters.
    pub fn strip(&self, slot: SlotId) -> Option<u16> {
        self.places(slot).next()
    }

    /// Where a slot is heard, and where the bus of its number is.
    fn places(&self, slot: SlotId) -> impl Iterator<Item = u16> {
        [false, true].into_iter().filter_map(move |is_bus| self.places.get(&(slot, is_bus)).copied())
    }

    /// The commands that `timed` is for the mixer: none where it concerns another output, or where its sound is
    /// not there.
    pub fn commands(&mut self, timed: &Timed) -> Vec<Command> {
        let mut commands = Vec::new();
        // Where all strips are held, nothing is heard.
        let _heard = self.write(timed, &mut commands);
        commands
    }

    /// Adds the commands of an event; `None` where it needs a strip that is not to be had.
    fn write(&mut self, timed: &Timed, commands: &mut Vec<Command>) -> Option<()> {
        match &timed.action {
            Action::NoteOn { id, strike, output, .. } => {
                let voices = self.voices(strike, output);
                if !voices.is_empty() {
                    let slot = self.held(timed.slot, timed.seconds, false, commands)?;
                    let (frame, velocity) = (self.frame(timed.seconds), strike.velocity.value() as f32);
                    commands.extend(voices.into_iter().map(|(voice, params)| {
                        let kind = CommandKind::NoteOn { id: id.0, voice, velocity, params };
                        Command { frame, slot, kind }
                    }));
                }
            }
            Action::NoteOff { id, output, .. } if output.sounds_here() => {
                // The end of a note in a slot that has faded brings nothing back.
                let known = self.places.get(&(timed.slot, false)).copied();
                let fading = known.filter(|strip| self.strips[usize::from(*strip)].until.is_finite());
                let slot = match fading {
                    Some(slot) => slot,
                    None => self.held(timed.slot, timed.seconds, false, commands)?,
                };
                if fading.is_some() {
                    let until = &mut self.strips[usize::from(slot)].until;
                    *until = until.max(timed.seconds + TAIL);
                }
                let frame = self.frame(timed.seconds);
                commands.push(Command { frame, slot, kind: CommandKind::NoteOff { id: id.0 } });
            }
            Action::Control { control, value, glide, output } => {
                let Some(control) = strip_control(*control) else { return Some(()) };
                let (value, glide_frames) = (*value as f32, self.frames(*glide));
                let kind = CommandKind::Control { control, value, glide_frames };
                self.tell(timed, is_bus(output), kind, commands)?;
            }
            Action::Send { bus, output } if output.sounds_here() => {
                let bus = match bus {
                    None => 0,
                    // Bus 1 is the first.
                    Some(bus) => self.held(*bus, timed.seconds, true, commands)? + 1 - STRIPS as u16,
                };
                self.tell(timed, is_bus(output), CommandKind::Route { bus }, commands)?;
            }
            Action::Duck { under, output } if output.sounds_here() => {
                let kind = self.duck(*under, timed.seconds, commands)?;
                self.tell(timed, is_bus(output), kind, commands)?;
            }
            // What sounds here when the slot leaves for MIDI fades quickly.
            Action::Route { output: Output::Midi { .. } | Output::Osc(_) } => {
                let kind = CommandKind::FadeOut { frames: self.frames(0.05) };
                self.tell(timed, false, kind, commands)?;
            }
            Action::FadeOut { seconds } => {
                let (frame, frames) = (self.frame(timed.seconds), self.frames(*seconds));
                let places: Vec<u16> = self.places(timed.slot).collect();
                for slot in places {
                    self.strips[usize::from(slot)].until = timed.seconds + seconds + TAIL;
                    commands.push(Command { frame, slot, kind: CommandKind::FadeOut { frames } });
                }
            }
            Action::NoteOff { .. }
            | Action::Stroke { .. }
            | Action::Look { .. }
            | Action::Route { .. }
            | Action::Send { .. }
            | Action::Duck { .. } => {}
        }
        Some(())
    }

    /// A command for the strip of the event's slot, or bus.
    fn tell(
        &mut self,
        timed: &Timed,
        is_bus: bool,
        kind: CommandKind,
        commands: &mut Vec<Command>,
    ) -> Option<()> {
        let slot = self.held(timed.slot, timed.seconds, is_bus, commands)?;
        commands.push(Command { frame: self.frame(timed.seconds), slot, kind });
        Some(())
    }

    /// What lets a strip duck under another from second `now` on, or no longer.
    fn duck(&mut self, under: Option<Under>, now: f64, commands: &mut Vec<Command>) -> Option<CommandKind> {
        let key = match under {
            None => None,
            Some(under) => Some(self.held(under.slot, now, under.is_bus, commands)?),
        };
        let trigger = match under.map(|under| under.how.by) {
            Some(DuckBy::Level) => DuckTrigger::Level,
            Some(DuckBy::Notes) | None => DuckTrigger::Onsets,
        };
        let [depth, attack, release] =
            under.map_or([0.0; 3], |Under { how, .. }| [how.depth, how.attack, how.release]);
        let (attack_frames, release_frames) = (self.frames(attack), self.frames(release));
        Some(CommandKind::Duck { key, trigger, depth: depth as f32, attack_frames, release_frames })
    }

    /// The strip of a slot or bus, which holds it from second `now` on. One that was another's is as in the
    /// beginning.
    fn held(&mut self, slot: SlotId, now: f64, is_bus: bool, commands: &mut Vec<Command>) -> Option<u16> {
        let (strip, anew) = self.strip_of(slot, now, is_bus)?;
        self.strips[usize::from(strip)].until = f64::INFINITY;
        if anew {
            commands.push(Command { frame: self.frame(now), slot: strip, kind: CommandKind::Reset });
        }
        Some(strip)
    }

    /// What a note sounds: more than one voice where an instrument of a SoundFont has several for a key.
    fn voices(&mut self, strike: &Strike, output: &Output) -> Vec<(VoiceKind, Params)> {
        match output {
            Output::Synth(instrument) => vec![(voice(*instrument, strike.tone), params(strike))],
            Output::Sample { .. } => {
                let playable = self.sampler.playable(strike, output).into_iter();
                playable.map(|playable| (sample_voice(playable), sample_params(strike, playable))).collect()
            }
            Output::Timbre(place) => {
                let playable = self.sampler.at_place(strike, place).into_iter();
                playable.map(|playable| (sample_voice(playable), params(strike))).collect()
            }
            Output::Preset(preset) => {
                let keyed = self.sampler.keyed(strike, preset);
                let regions = keyed.iter().flat_map(|keyed| keyed.regions());
                regions
                    .map(|(region, playable)| (sample_voice(playable), region_params(strike, region)))
                    .collect()
            }
            Output::Midi { .. } | Output::Osc(_) | Output::Bus => Vec::new(),
        }
    }

    /// The recorded sounds.
    pub fn sampler(&mut self) -> &mut Sampler {
        &mut self.sampler
    }

    /// Everything falls silent at second `now`: no slot holds its strip longer than its tail.
    pub fn hush(&mut self, now: f64) {
        for strip in &mut self.strips {
            strip.until = strip.until.min(now + TAIL);
        }
    }

    /// The commands that take back what was sent of a slot, if anything was.
    pub fn retract(&self, retraction: Retraction) -> impl Iterator<Item = Command> {
        let frame = self.frame(retraction.from);
        self.places(retraction.slot).map(move |slot| Command { frame, slot, kind: CommandKind::Retract })
    }

    /// The strip of a slot or bus: the one it has, else that of its own number, else the one that has been
    /// silent longest; and whether that was another's. `None` when all sound.
    fn strip_of(&mut self, slot: SlotId, now: f64, is_bus: bool) -> Option<(u16, bool)> {
        if let Some(strip) = self.places.get(&(slot, is_bus)) {
            return Some((*strip, false));
        }
        let (first, count) = if is_bus { (STRIPS, MOST_BUSES) } else { (0, STRIPS) };
        let own = first + usize::from(slot.0) % count;
        let silent = |strip: &Strip| strip.until <= now;
        let place = match silent(&self.strips[own]) {
            true => own,
            false => {
                let ends = self.strips.iter().map(|strip| strip.until).enumerate().skip(first).take(count);
                ends.filter(|(_, until)| *until < f64::INFINITY).min_by(|a, b| a.1.total_cmp(&b.1))?.0
            }
        };
        let before = self.strips[place].slot.replace(slot);
        if let Some(before) = before {
            self.places.remove(&(before, is_bus));
        }
        self.places.insert((slot, is_bus), place as u16);
        Some((place as u16, before.is_some()))
    }
}

fn is_bus(output: &Output) -> bool {
    *output == Output::Bus
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

/// A recorded sound at its pitch.
fn sample_voice(playable: Playable) -> VoiceKind {
    VoiceKind::Sample { sample: playable.id, pitch: playable.pitch as f32 }
}

/// What a note says of a recorded sound. One that is to last so many seconds is played as fast as that takes; one
/// that says how long it sounds ends there, and all others ring to their end.
fn sample_params(strike: &Strike, playable: Playable) -> Params {
    let mut said = params(strike);
    if let Some(seconds) = strike.number(Control::SECONDS).filter(|seconds| *seconds > 0.0) {
        let speed = strike.number(Control::SPEED).unwrap_or(1.0) * playable.seconds / seconds;
        said = said.with(Param::Speed, speed as f32);
    }
    if strike.number(Control::LEGATO).is_some() {
        for (param, value) in ENDS_WITH_ITS_NOTE {
            if said.get(param).is_none() {
                said = said.with(param, value);
            }
        }
    }
    said
}

/// What a note says of a region of an instrument of a SoundFont, and what the region says where the note says
/// nothing.
fn region_params(strike: &Strike, region: &Region) -> Params {
    let said = params(strike);
    let times = region.envelope;
    let filter = region.filter.as_ref();
    let moves = filter.filter(|filter| filter.octaves != 0.0);
    let vibrato = region.vibrato.as_ref();
    let own = [
        (Param::Attack, Some(times.attack)),
        (Param::Decay, Some(times.decay)),
        (Param::Sustain, Some(times.sustain)),
        (Param::Release, Some(times.release)),
        (Param::Cutoff, filter.map(|filter| filter.cutoff)),
        (Param::Resonance, filter.map(|filter| (filter.resonance / FULL_RESONANCE).min(1.0))),
        (Param::FilterEnvelope, moves.map(|filter| filter.octaves)),
        (Param::FilterAttack, moves.map(|filter| filter.envelope.attack)),
        (Param::FilterDecay, moves.map(|filter| filter.envelope.decay)),
        (Param::FilterSustain, moves.map(|filter| filter.envelope.sustain)),
        (Param::FilterRelease, moves.map(|filter| filter.envelope.release)),
        (Param::VibratoDepth, vibrato.map(|vibrato| vibrato.cents)),
        (Param::VibratoRate, vibrato.map(|vibrato| vibrato.hertz)),
        // Choke groups of the file stand apart from those that a script counts from 1.
        (Param::Cut, (region.choke > 0).then_some(1_000.0 - (region.choke % 500) as f32)),
    ];
    let unsaid = own.into_iter().filter_map(|(param, value)| Some((param, value?)));
    let all = unsaid.filter(|(param, _)| said.get(*param).is_none());
    let all = all.fold(said, |params, (param, value)| params.with(param, value));
    let gain = region.gain * said.get(Param::Gain).unwrap_or(1.0);
    let pan = region.pan + said.get(Param::Pan).unwrap_or(0.0);
    all.with(Param::Gain, gain).with(Param::Pan, pan)
}

/// Decibels over what is flat of a filter of the synthesiser at its full resonance: five octaves of quality.
const FULL_RESONANCE: f32 = 30.1;

/// The envelope of a recorded sound that ends where its note does, in seconds: as it is, and without a click.
const ENDS_WITH_ITS_NOTE: [(Param, f32); 3] =
    [(Param::Attack, 0.0), (Param::Sustain, 1.0), (Param::Release, 0.01)];

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
    use crate::output::sampler::Patience;
    use lilt_samples::{Bank, Fonts, Root};
    use lilt_score::{Beat, Pitch, Scope, Velocity};
    use lilt_sequencer::{Ducking, NoteId};
    use lilt_synth::{Mixer, MixerConfig};

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

    fn router() -> SoundRouter {
        let mixer = Mixer::new(MixerConfig::default());
        let bank = Bank::new([Root::Starter]);
        let sampler =
            Sampler::new(bank, Fonts::default(), mixer.samples(), Patience::Rendering).expect("a thread");
        SoundRouter::new(48_000, sampler)
    }

    fn keys() -> Output {
        Output::Synth(Instrument::Keys)
    }

    #[test]
    fn a_note_lands_on_its_frame_and_strip() {
        let mut router = router();
        let command = router.commands(&timed(9, 0.5, on(keys())))[0];
        assert_eq!((command.frame, command.slot), (24_000, 9));
        let port = Output::Midi { port: "A".to_string(), channel: 1 };
        assert!(router.commands(&timed(9, 0.5, on(port))).is_empty());
    }

    #[test]
    fn what_is_taken_back_is_taken_back_from_its_strip() {
        let mut router = router();
        let retraction = Retraction { slot: SlotId(70), from: 1.0 };
        assert_eq!(router.retract(retraction).next(), None, "nothing was sent");
        router.commands(&timed(6, 0.5, on(keys())));
        router.commands(&timed(70, 0.5, on(keys())));
        let command = router.retract(retraction).next().expect("something was sent");
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
        let lengths = [Control::LEGATO, Control::BARS, Control::BEATS, Control::SECONDS];
        let own = [[Control::VALUE, Control::DEGREE, Control::N].as_slice(), &lengths].concat();
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
        let mut router = router();
        for slot in 0..STRIPS as u16 {
            router.commands(&timed(slot, 0.0, on(keys())));
        }
        assert!(router.commands(&timed(100, 1.0, on(keys()))).is_empty(), "all strips are held");
        router.commands(&timed(3, 2.0, Action::FadeOut { seconds: 1.0 }));
        router.commands(&timed(100, 9.0, on(keys())));
        assert_eq!((router.strip(SlotId(100)), router.strip(SlotId(3))), (Some(3), None));
    }

    #[test]
    fn a_strip_that_changes_hands_begins_anew() {
        let mut router = router();
        router.commands(&timed(3, 0.0, on(keys())));
        router.commands(&timed(3, 1.0, Action::FadeOut { seconds: 1.0 }));
        let kinds: Vec<CommandKind> =
            router.commands(&timed(67, 9.0, on(keys()))).into_iter().map(|command| command.kind).collect();
        assert!(matches!(kinds[..], [CommandKind::Reset, CommandKind::NoteOn { .. }]), "{kinds:?}");
    }

    #[test]
    fn a_slot_goes_to_a_bus_and_ducks_under_another_slot() {
        let mut router = router();
        let output = Arc::new(keys());
        let send = Action::Send { bus: Some(SlotId(2)), output: Arc::clone(&output) };
        let sent = router.commands(&timed(0, 0.5, send));
        // Bus 2 of the mixer is the third, since its number is the slot's.
        assert_eq!(sent, [Command { frame: 24_000, slot: 0, kind: CommandKind::Route { bus: 3 } }]);
        let how = Ducking { by: DuckBy::Level, depth: 0.5, attack: 0.01, release: 0.25 };
        let under = Some(Under { slot: SlotId(2), is_bus: true, how });
        let ducks = router.commands(&timed(0, 0.5, Action::Duck { under, output: Arc::clone(&output) }));
        let kind = CommandKind::Duck {
            key: Some(STRIPS as u16 + 2),
            trigger: DuckTrigger::Level,
            depth: 0.5,
            attack_frames: 480,
            release_frames: 12_000,
        };
        assert_eq!(ducks, [Command { frame: 24_000, slot: 0, kind }]);
        let gain = |output: Output| Action::Control {
            control: Control::GAIN,
            value: 0.5,
            glide: 0.0,
            output: Arc::new(output),
        };
        let strips = |router: &mut SoundRouter, output: Output| -> Vec<u16> {
            router.commands(&timed(2, 1.0, gain(output))).into_iter().map(|command| command.slot).collect()
        };
        assert_eq!(strips(&mut router, Output::Bus), [STRIPS as u16 + 2]);
        assert_eq!(strips(&mut router, keys()), [2], "the same name was a bus before");
        let master = Action::Send { bus: None, output };
        let sent: Vec<CommandKind> =
            router.commands(&timed(0, 2.0, master)).into_iter().map(|c| c.kind).collect();
        assert_eq!(sent, [CommandKind::Route { bus: 0 }]);
        assert_eq!(router.retract(Retraction { slot: SlotId(2), from: 1.0 }).count(), 2);
    }

    #[test]
    fn names_without_end_do_not_use_up_the_strips() {
        let mut router = router();
        let off = || Action::NoteOff {
            id: NoteId(5),
            tone: Tone::Pitch(Pitch::from_key(69)),
            output: Arc::new(keys()),
        };
        for n in 0..300u16 {
            let now = 10.0 * f64::from(n);
            assert!(!router.commands(&timed(n, now, on(keys()))).is_empty(), "slot {n}");
            match n % 2 {
                // A note that still sounds when its slot fades ends after that.
                0 => {
                    router.commands(&timed(n, now + 1.0, Action::FadeOut { seconds: 1.0 }));
                    router.commands(&timed(n, now + 2.0, off()));
                }
                _ => router.hush(now + 1.0),
            }
        }
    }
}
