//! The mixer: carries out commands at their frames and renders everything that sounds.

use crate::command::{Command, CommandKind};
use crate::desk::Desk;
use crate::duck::{Duck, DuckTrigger};
use crate::finish::Finish;
use crate::glide::Glide;
use crate::meters::{Meters, take};
use crate::params::Params;
use crate::pool::{Note, QUICK_FADE, Started, VoicePool};
use crate::queue::CommandQueue;
use crate::sample::{Library, SampleHandle};
use crate::slot_control::SlotControl;

/// Frames of a block. Rendering works in whole blocks from the first frame on, whatever lengths
/// are asked for, so the result does not depend on them.
pub const BLOCK_FRAMES: usize = 64;

/// A note that comes this many seconds after its frame or later is not played: after a pause of the
/// whole machine, all the notes of the pause would sound at once.
const LATEST_NOTE: f32 = 0.05;

/// As many slots and buses as a command can name.
const MOST_SLOTS: usize = 1 << 16;

/// Peak meters fall by 20 dB in this many seconds.
const METER_FALL: f32 = 0.4;

/// How a mixer is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MixerConfig {
    /// Frames a second, kept within 8,000..=384,000.
    pub sample_rate: u32,
    /// How many slots there are: 0..slots are valid in a [`Command`].
    pub slots: usize,
    /// How many buses there are; see [`Mixer::bus_slot`].
    pub buses: usize,
    /// How many voices sound at once, at least 1.
    pub voices: usize,
    /// How many samples can be loaded at once.
    pub samples: usize,
    /// How many commands can wait for their frame.
    pub commands: usize,
    /// The frame of the timeline at which rendering starts.
    pub start_frame: u64,
}

impl Default for MixerConfig {
    /// 48,000 Hz, 64 slots, 16 buses, 64 voices, 4,096 samples and commands, from frame 0.
    fn default() -> Self {
        MixerConfig {
            sample_rate: 48_000,
            slots: 64,
            buses: 16,
            voices: 64,
            samples: 4096,
            commands: 4096,
            start_frame: 0,
        }
    }
}

/// Why a command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// As many commands wait as the mixer was made for.
    #[error("{capacity} sound commands are waiting already: schedule less far ahead")]
    QueueFull {
        /// How many can wait.
        capacity: usize,
    },
    /// The command names a slot that the mixer does not have.
    #[error("there is no slot {slot}: the mixer has {slots}")]
    NoSuchSlot {
        /// The slot named.
        slot: u16,
        /// How many there are.
        slots: usize,
    },
}

/// The whole sound engine. All memory is taken by [`Mixer::new`]; [`Mixer::push`] and
/// [`Mixer::render`] allocate, lock, log and free nothing.
pub struct Mixer {
    config: MixerConfig,
    sample_rate: f32,
    queue: CommandQueue,
    pool: VoicePool,
    samples: Library,
    slots: usize,
    desk: Desk,
    /// Gain of what the effects return: 1, but on its way to 0 after a hush.
    returns: Glide,
    finish: Finish,
    meters: Meters,
    meter_fall: f32,
    /// The next frame to be put together; the output is a block of look-ahead behind it.
    horizon: u64,
    /// The block being given out, interleaved, and how many of its samples are out.
    output: [f32; 2 * BLOCK_FRAMES],
    given: usize,
    /// Whether the block before the first has been rendered, to fill the look-ahead.
    primed: bool,
    /// Whether nothing has been rendered since the last skip.
    at_rest: bool,
    frame: u64,
    /// Whether the left sample of `frame` is out already.
    odd: bool,
}

impl Mixer {
    /// Takes all the memory that playing needs: about 24 MB for the default configuration, most of it
    /// for delays that slots may have for themselves.
    #[must_use]
    pub fn new(config: MixerConfig) -> Self {
        let sample_rate = config.sample_rate.clamp(8_000, 384_000) as f32;
        let slots = config.slots.clamp(1, MOST_SLOTS);
        let buses = config.buses.min(MOST_SLOTS - slots);
        let blocks_a_second = sample_rate / BLOCK_FRAMES as f32;
        Mixer {
            config,
            sample_rate,
            queue: CommandQueue::new(config.commands),
            pool: VoicePool::new(config.voices.max(1), slots + buses, sample_rate),
            samples: Library::new(config.samples),
            slots,
            desk: Desk::new(slots, buses, sample_rate),
            returns: Glide::new(1.0),
            finish: Finish::master(sample_rate),
            meters: Meters::new(slots, buses),
            meter_fall: 0.1f32.powf(1.0 / (METER_FALL * blocks_a_second)),
            horizon: config.start_frame,
            output: [0.0; 2 * BLOCK_FRAMES],
            given: 2 * BLOCK_FRAMES,
            primed: false,
            at_rest: true,
            frame: config.start_frame,
            odd: false,
        }
    }

    /// A mixer that gives out what `strips` alone bring into the mix, before the master: their own sound,
    /// and what the reverbs and delays return of it. All others are worked through too, so that what ducks
    /// ducks and what steals a voice steals it, and nothing of them is heard. The sum of the stems of
    /// all strips is the mix before the master, up to the rounding of a float.
    ///
    /// A slot or bus that goes to a bus which is in `strips` too is heard through that; else it is heard in
    /// front of it. The output is as late as that of [`Mixer::new`], and it is not limited.
    #[must_use]
    pub fn stem(config: MixerConfig, strips: &[u16]) -> Self {
        let mut mixer = Mixer::new(config);
        mixer.desk.isolate(strips);
        mixer.finish = Finish::bare();
        mixer
    }

    /// What it was made with.
    #[must_use]
    pub fn config(&self) -> MixerConfig {
        self.config
    }

    /// The control side of the samples: gives them to the mixer and takes them back, from any thread
    /// but that of the sound.
    #[must_use]
    pub fn samples(&self) -> SampleHandle {
        self.samples.handle()
    }

    /// The slot by which a bus is addressed in a [`Command`]: buses follow the slots. They have all
    /// controls of a slot, take what slots send with [`CommandKind::Route`], and go to the master. Bus
    /// 1 is the first, as in a route.
    #[must_use]
    pub fn bus_slot(&self, bus: u16) -> Option<u16> {
        let at = self.slots + usize::from(bus.checked_sub(1)?);
        (at < self.desk.len()).then(|| u16::try_from(at).ok()).flatten()
    }

    /// The frame that [`Mixer::render`] gives out next.
    #[must_use]
    pub fn frame(&self) -> u64 {
        self.frame
    }

    /// The first frame that a command can still reach exactly: at most two blocks after
    /// [`Mixer::frame`], because the limiter looks one block ahead. A command for an earlier frame
    /// is carried out here, and counted as late.
    #[must_use]
    pub fn horizon(&self) -> u64 {
        self.horizon
    }

    /// Levels and counts.
    #[must_use]
    pub fn meters(&self) -> &Meters {
        &self.meters
    }

    /// Takes a command, to be carried out at its frame. Commands may come in any order. Those of one
    /// frame are carried out slot by slot, and those of one slot in the order in which they came; so
    /// taking back what waits for one slot and sending it again changes nothing for the others. Only
    /// a hush stands between what came before it and what came after. A retraction works at once.
    ///
    /// What comes after its frame is carried out at [`Mixer::horizon`]; but a note that is more than
    /// 50 ms late is dropped.
    ///
    /// # Errors
    ///
    /// [`PushError`] when the queue is full or the slot does not exist; the command is then not
    /// taken.
    pub fn push(&mut self, command: Command) -> Result<(), PushError> {
        if usize::from(command.slot) >= self.desk.len() {
            return Err(PushError::NoSuchSlot { slot: command.slot, slots: self.desk.len() });
        }
        match command.kind {
            CommandKind::Retract => {
                self.queue.retract(command.slot, command.frame);
                let sounding = self.pool.retract(command.slot, command.frame);
                self.meters.late_retractions += sounding as u64;
                return Ok(());
            }
            CommandKind::RetractTempo => {
                self.queue.retract_tempos(command.frame);
                return Ok(());
            }
            CommandKind::NoteOn { .. } if self.is_too_late(command.frame) => {
                self.meters.dropped_late += 1;
                return Ok(());
            }
            _ => {}
        }
        if !self.queue.push(command) {
            return Err(PushError::QueueFull { capacity: self.queue.capacity() });
        }
        if command.frame < self.horizon {
            self.meters.late_commands += 1;
        }
        Ok(())
    }

    fn is_too_late(&self, frame: u64) -> bool {
        self.horizon.saturating_sub(frame) > (LATEST_NOTE * self.sample_rate) as u64
    }

    /// Fills `out` with the next samples, left and right in turn. Any length will do, an odd one
    /// too: the next call goes on with the other channel. No sample is further from 0 than
    /// [`CEILING`](crate::CEILING).
    pub fn render(&mut self, out: &mut [f32]) {
        let mut rest = out;
        while !rest.is_empty() {
            if self.given == self.output.len() {
                if !self.primed {
                    self.render_block();
                    self.primed = true;
                }
                self.render_block();
                self.given = 0;
            }
            let count = rest.len().min(self.output.len() - self.given);
            let (now, later) = rest.split_at_mut(count);
            now.copy_from_slice(&self.output[self.given..self.given + count]);
            self.given += count;
            let samples = count + usize::from(self.odd);
            self.frame += (samples / 2) as u64;
            self.odd = samples % 2 == 1;
            rest = later;
        }
    }

    /// Goes on at a later `frame`, as after a device was away: what sounded is cut off, notes that
    /// were due before `frame` are dropped, and controls and tempos due before it are set. Does
    /// nothing unless `frame` is ahead of [`Mixer::horizon`]. To skip again and again, without
    /// rendering in between, costs next to nothing.
    pub fn skip_to(&mut self, frame: u64) {
        if frame <= self.horizon {
            return;
        }
        while let Some(command) = frame.checked_sub(1).and_then(|last| self.queue.pop_due(last)) {
            match command.kind {
                CommandKind::Control { control, value, .. } => {
                    self.control(command.slot, control, value, 0);
                }
                CommandKind::Tempo { .. }
                | CommandKind::Route { .. }
                | CommandKind::Duck { .. }
                | CommandKind::Reset => self.carry_out(command),
                CommandKind::NoteOn { .. }
                | CommandKind::NoteOff { .. }
                | CommandKind::FadeOut { .. }
                | CommandKind::Hush
                | CommandKind::Retract
                | CommandKind::RetractTempo => {}
            }
        }
        if !self.at_rest {
            self.come_to_rest();
        }
        self.horizon = frame;
        self.frame = frame;
        self.odd = false;
        self.primed = false;
        self.given = self.output.len();
    }

    /// Silence everywhere, in the meters too.
    fn come_to_rest(&mut self) {
        self.pool.clear();
        self.desk.clear();
        self.returns = Glide::new(1.0);
        self.finish.come_to_rest(self.sample_rate);
        self.meters.silence();
        self.at_rest = true;
    }

    /// Puts one block together at the horizon and moves it on; what is ready then goes to
    /// `output`.
    fn render_block(&mut self) {
        self.at_rest = false;
        self.samples.exchange(|place| self.pool.plays(place));
        self.desk.begin_block();
        for meter in self.meters.slots.iter_mut().chain(&mut self.meters.buses) {
            take(meter, 0.0, self.meter_fall);
        }

        let mut returns = [self.returns.value(); BLOCK_FRAMES];
        let mut at = 0;
        while at < BLOCK_FRAMES {
            while let Some(command) = self.queue.pop_due(self.horizon + at as u64) {
                self.carry_out(command);
            }
            // Up to the next command or the end of the block.
            let end = self.queue.next_frame().map_or(BLOCK_FRAMES, |frame| {
                BLOCK_FRAMES.min((frame - self.horizon).min(BLOCK_FRAMES as u64) as usize)
            });
            self.pool.render(at..end, &self.samples, self.desk.strips_mut());
            self.desk.process(at..end, &mut self.meters);
            for gain in &mut returns[at..end] {
                *gain = self.returns.next();
            }
            at = end;
        }
        self.horizon += BLOCK_FRAMES as u64;

        let silenced = self.returns.rests_at(0.0);
        let mix = self.desk.mix(&returns);
        self.meters.limiter_gain = self.finish.process(mix);
        for (channel, samples) in mix.iter().enumerate() {
            let mut peak = 0.0f32;
            for (i, x) in samples.iter().enumerate() {
                self.output[2 * i + channel] = *x;
                peak = peak.max(x.abs());
            }
            take(&mut self.meters.master[channel], peak, self.meter_fall);
        }
        self.meters.active_voices = self.pool.active();
        if silenced {
            self.desk.clear_returns();
            self.returns = Glide::new(1.0);
        }
    }

    fn carry_out(&mut self, command: Command) {
        let Command { frame, slot, kind } = command;
        match kind {
            CommandKind::NoteOn { id, voice, velocity, params } => {
                let note = Note { kind: voice, velocity, params: &params };
                let started = self.pool.start(frame, slot, id, note, &self.samples);
                match started {
                    Started::Free => {}
                    Started::Stolen => self.meters.stolen_voices += 1,
                    Started::Nothing => self.meters.silent_notes += 1,
                }
                if started != Started::Nothing {
                    self.desk.onset(slot);
                    self.controls_of(slot, &params);
                }
            }
            CommandKind::NoteOff { id } => self.pool.release(slot, id),
            CommandKind::Control { control, value, glide_frames } => {
                self.control(slot, control, value, glide_frames)
            }
            CommandKind::FadeOut { frames } => self.pool.fade_slot(slot, frames),
            CommandKind::Route { bus } => {
                let done = self.desk.route(slot, bus);
                self.meters.refused_commands += u64::from(!done);
            }
            CommandKind::Reset => self.desk.reset(slot),
            CommandKind::Duck { key, trigger, depth, attack_frames, release_frames } => {
                self.duck(slot, key, trigger, depth, [attack_frames, release_frames])
            }
            CommandKind::Hush => {
                self.queue.forget_notes();
                let frames = (QUICK_FADE * self.sample_rate) as u32;
                self.pool.fade_all(frames);
                self.returns.to(0.0, frames);
            }
            CommandKind::Tempo { bpm } if bpm.is_nan() => self.meters.refused_commands += 1,
            CommandKind::Tempo { bpm } => self.desk.set_tempo(bpm),
            // Retractions never wait: they worked when they came.
            CommandKind::Retract | CommandKind::RetractTempo => {}
        }
    }

    /// Moves the controls of the slot that a note has parameters for.
    fn controls_of(&mut self, slot: u16, params: &Params) {
        for (param, value) in params.iter() {
            if let Some(control) = param.slot_control() {
                self.control(slot, control, value, 0);
            }
        }
    }

    fn control(&mut self, slot: u16, control: SlotControl, value: f32, frames: u32) {
        let Some(value) = control.keep(value) else {
            self.meters.refused_commands += 1;
            return;
        };
        let done = self.desk.set(slot, control, value, frames);
        self.meters.refused_commands += u64::from(!done);
    }

    fn duck(&mut self, slot: u16, key: Option<u16>, trigger: DuckTrigger, depth: f32, times: [u32; 2]) {
        let there = key.is_none_or(|key| usize::from(key) < self.desk.len() && key != slot);
        if depth.is_nan() || !there {
            self.meters.refused_commands += 1;
            return;
        }
        let [attack, release] = times;
        let duck = key.map(|key| Duck::new(key, trigger, depth.clamp(0.0, 1.0), attack, release));
        self.desk.duck(slot, duck);
    }
}
