//! The synthesiser and the time of the performance, as those hold them who must not wait.

use std::collections::VecDeque;
use std::io;
use std::time::Instant;

use lilt_audio::{AudioClock, AudioHandle, Clock};
use lilt_samples::{Bank, Fonts};
use lilt_sequencer::{MOST_BUSES, Outline, Output, Retraction, SlotId, Stretch, Strike, Timed, View};
use lilt_synth::{Command, CommandKind};

use super::tempo_ahead::TempoAhead;
use crate::output::sampler::{Patience, Sampler};
use crate::output::sound::{STRIPS, SoundRouter};

/// Frames a second of the mixer; a device with another rate is resampled for.
pub const SAMPLE_RATE: u32 = 48_000;

/// Added to the first moment that a command still reaches: what a busy machine may need between
/// looking at the clock and sending, in seconds. The rest of what an edit takes, from the key to here, is
/// some 2 ms.
pub const MARGIN: f64 = 0.004;

/// Commands that may wait for a queue that is full. Beyond that they are left out, and counted.
const MOST_WAITING: usize = 16_384;

/// The time of the performance. Cheap to clone; nothing in it waits.
#[derive(Clone)]
pub struct Timekeeper {
    handle: AudioHandle,
    clock: AudioClock,
}

impl Timekeeper {
    /// The time that this sound keeps.
    pub fn new(handle: AudioHandle) -> Timekeeper {
        let clock = handle.clock();
        Timekeeper { handle, clock }
    }

    /// Seconds since the performance began, at the first moment that can still be changed.
    pub fn now(&self) -> f64 {
        self.clock.seconds_of(self.handle.reachable_frame()) + MARGIN
    }

    /// Seconds since the performance began, at the first moment that the card has not taken: for what is to be heard as
    /// soon as it can be, and may come a block later.
    pub fn soonest(&self) -> f64 {
        self.clock.seconds_of(self.handle.reachable_frame())
    }

    /// Seconds since the performance began, as they are heard: for pictures.
    pub fn heard(&self) -> f64 {
        self.clock.now()
    }

    /// The instant of a moment of the performance.
    pub fn instant_of(&self, seconds: f64) -> Instant {
        self.clock.instant_of(seconds)
    }
}

/// Sends what concerns the mixer on its way.
pub struct Loudspeaker {
    handle: AudioHandle,
    router: SoundRouter,
    /// Commands that found the queue full, in order.
    waiting: VecDeque<Command>,
    /// Commands that were left out since the last look.
    left_out: u64,
    /// The tempo that was told last.
    tempo: TempoAhead,
}

impl Loudspeaker {
    /// The way to this mixer, which plays the sounds of `bank` and instruments of `fonts` too.
    ///
    /// # Errors
    /// When the system gives no thread to read sounds on.
    pub fn new(handle: AudioHandle, bank: Bank, fonts: Fonts) -> io::Result<Loudspeaker> {
        let sampler = Sampler::new(bank, fonts, handle.samples(), Patience::Live)?;
        let router = SoundRouter::new(SAMPLE_RATE, sampler);
        Ok(Loudspeaker {
            handle,
            router,
            waiting: VecDeque::new(),
            left_out: 0,
            tempo: TempoAhead::default(),
        })
    }

    /// A stretch of the plan will be played: its sounds are read until then.
    pub fn prepare(&mut self, stretch: &Stretch) {
        stretch.strikes().for_each(|strike| self.router.sampler().want(strike));
    }

    /// A generation will be played: the instruments of its slots and the sounds of its first bars are read until
    /// then. True when all are there, or cannot be had.
    pub fn prepare_generation(&mut self, outline: &Outline, stretches: &[Stretch]) -> bool {
        let recorded = |strike: &Strike| {
            matches!(
                strike.output.as_deref(),
                Some(Output::Sample { .. } | Output::Preset(_) | Output::Timbre(_))
            )
        };
        let of_slots = outline.slots.iter().any(|filling| matches!(&*filling.output, Output::Preset(_)));
        if !of_slots && !stretches.iter().flat_map(Stretch::strikes).any(recorded) {
            return true;
        }
        stretches.iter().for_each(|stretch| self.prepare(stretch));
        for filling in &outline.slots {
            if let Output::Preset(preset) = &*filling.output {
                self.router.sampler().want_instrument(preset);
            }
        }
        self.router.sampler().is_settled()
    }

    /// The recorded sounds. Nothing in them waits.
    pub fn sampler(&mut self) -> &mut Sampler {
        self.router.sampler()
    }

    /// Sends an event.
    pub fn send(&mut self, timed: &Timed) {
        for command in self.router.commands(timed) {
            self.push(command);
        }
    }

    /// Takes back what was sent of a slot.
    pub fn retract(&mut self, retraction: Retraction) {
        // These concern all slots, or a slot that changed hands.
        let stays = |waiting: &Command| {
            let kind = waiting.kind;
            matches!(
                kind,
                CommandKind::Hush
                    | CommandKind::Tempo { .. }
                    | CommandKind::RetractTempo
                    | CommandKind::Reset
            )
        };
        let commands: Vec<Command> = self.router.retract(retraction).collect();
        for command in commands {
            self.waiting.retain(|waiting| {
                waiting.slot != command.slot || waiting.frame < command.frame || stays(waiting)
            });
            self.push(command);
        }
    }

    /// Takes back the tempos of second `from` and later.
    fn retract_tempos(&mut self, from: f64) {
        let frame = self.router.frame(from);
        let tempo = |waiting: &Command| matches!(waiting.kind, CommandKind::Tempo { .. });
        self.waiting.retain(|waiting| !tempo(waiting) || waiting.frame < frame);
        self.push(Command { frame, slot: 0, kind: CommandKind::RetractTempo });
    }

    /// Every voice and every tail ends, within 5 ms of second `now`.
    pub fn hush(&mut self, now: f64) {
        self.waiting.clear();
        self.router.hush(now);
        let frame = self.router.frame(now);
        self.push(Command { frame, slot: 0, kind: CommandKind::Hush });
    }

    /// Takes back all that lies at second `now` or after, whoever sent it, and ends what sounds.
    pub fn begin_anew(&mut self, now: f64) {
        self.waiting.clear();
        let frame = self.router.frame(now);
        for slot in 0..(STRIPS + MOST_BUSES) as u16 {
            self.push(Command { frame, slot, kind: CommandKind::Retract });
        }
        self.retract_tempos(now);
        self.tempo = TempoAhead::default();
        self.hush(now);
    }

    /// Tells the delays how the tempo moves until second `until`; it is `now`.
    pub fn follow_tempo(&mut self, view: View<'_>, now: f64, until: f64) {
        let tells = self.tempo.follow(view, now, until);
        if tells.back {
            self.retract_tempos(now);
        }
        for (seconds, bpm) in tells.moves {
            let frame = self.router.frame(seconds);
            self.push(Command { frame, slot: 0, kind: CommandKind::Tempo { bpm: bpm as f32 } });
        }
    }

    /// Another mixer may have come in the place of one that was lost: it is given the sounds again.
    pub fn look_at_the_mixer(&mut self) {
        self.router.sampler().play_through(self.handle.samples());
    }

    /// Sends what found the queue full before.
    pub fn flush(&mut self) {
        while let Some(command) = self.waiting.front() {
            if self.handle.send(*command).is_err() {
                return;
            }
            self.waiting.pop_front();
        }
    }

    fn push(&mut self, command: Command) {
        self.flush();
        if self.waiting.is_empty() && self.handle.send(command).is_ok() {
            return;
        }
        match self.waiting.len() < MOST_WAITING {
            true => self.waiting.push_back(command),
            false => self.left_out += 1,
        }
    }

    /// Commands that were left out since the last call: the sound does not keep up.
    pub fn take_left_out(&mut self) -> u64 {
        std::mem::take(&mut self.left_out)
    }

    /// How loud a slot or bus is, `0..=1`.
    pub fn level(&self, slot: SlotId) -> f32 {
        self.router.strip(slot).map_or(0.0, |strip| self.handle.slot_peak(strip))
    }
}
