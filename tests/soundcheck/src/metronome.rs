//! A JACK client that gives a MIDI clock whose ticks come early and late, and hears one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::{Context, Result};
use crossbeam::queue::ArrayQueue;
use jack::{
    AsyncClient, Client, ClientOptions, Control, MidiIn, MidiOut, Port, ProcessHandler, ProcessScope, RawMidi,
};
use lilt_score::{Seed, TICKS_A_BEAT};

use crate::server::RATE;

/// Name of the client; its ports are `clock`, which gives ticks, and `ticks`, which hears them.
pub const METRONOME: &str = "metronome";

/// A tick and a start, in MIDI.
const TICK: u8 = 0xf8;
const START: u8 = 0xfa;

struct Shared {
    /// Quarter notes a minute, as bits.
    bpm: AtomicU64,
    /// How far ticks lie off at most, in microseconds.
    jitter: AtomicU64,
    starts: AtomicBool,
    /// When beats were meant, in microseconds of the server's clock.
    beats: ArrayQueue<f64>,
    /// When ticks came.
    heard: ArrayQueue<f64>,
}

/// Ticks until dropped.
pub struct Metronome {
    _client: AsyncClient<(), Hand>,
    shared: Arc<Shared>,
}

impl Metronome {
    /// Joins the server, and ticks at 120.
    ///
    /// # Errors
    /// When it does not let it in.
    pub fn start() -> Result<Metronome> {
        let options = ClientOptions::NO_START_SERVER | ClientOptions::USE_EXACT_NAME;
        let (client, _) = Client::new(METRONOME, options).context("the JACK server lets no metronome in")?;
        let shared = Arc::new(Shared {
            bpm: AtomicU64::new(120.0_f64.to_bits()),
            jitter: AtomicU64::new(0),
            starts: AtomicBool::new(false),
            beats: ArrayQueue::new(1 << 12),
            heard: ArrayQueue::new(1 << 16),
        });
        let hand = Hand {
            clock: client.register_port("clock", MidiOut::default())?,
            ticks: client.register_port("ticks", MidiIn::default())?,
            shared: Arc::clone(&shared),
            frame: 0.0,
            meant: RATE as f64,
            next: RATE as f64,
            tick: 0,
            drawn: 0,
        };
        Ok(Metronome { _client: client.activate_async((), hand)?, shared })
    }

    /// From the next tick on the tempo is so many quarter notes a minute.
    pub fn set_tempo(&self, bpm: f64) {
        self.shared.bpm.store(bpm.to_bits(), Ordering::Release);
    }

    /// From the next tick on ticks lie up to so many microseconds early or late, evenly.
    pub fn set_jitter(&self, micros: u64) {
        self.shared.jitter.store(micros, Ordering::Release);
    }

    /// The next tick is beat 0, and a start comes before it.
    pub fn begin(&self) {
        self.shared.starts.store(true, Ordering::Release);
    }

    /// When beats were meant since the last call, in microseconds of the server's clock.
    pub fn beats(&self) -> Vec<f64> {
        std::iter::from_fn(|| self.shared.beats.pop()).collect()
    }

    /// When ticks came since the last call.
    pub fn heard(&self) -> Vec<f64> {
        std::iter::from_fn(|| self.shared.heard.pop()).collect()
    }
}

struct Hand {
    clock: Port<MidiOut>,
    ticks: Port<MidiIn>,
    shared: Arc<Shared>,
    /// Frames since it began, of which none is left over from a cycle.
    frame: f64,
    /// The frame that the next tick is meant for, and the one on which it comes.
    meant: f64,
    next: f64,
    /// Its number in the beat.
    tick: i64,
    drawn: u64,
}

impl ProcessHandler for Hand {
    fn process(&mut self, _: &Client, scope: &ProcessScope) -> Control {
        let Ok(times) = scope.cycle_times() else { return Control::Continue };
        let (begin, micros) = (times.current_usecs as f64, 1e6 / RATE as f64);
        let frames = f64::from(scope.n_frames());
        let mut clock = self.clock.writer(scope);
        while self.next < self.frame + frames {
            let time = (self.next - self.frame).max(0.0) as u32;
            if self.shared.starts.swap(false, Ordering::AcqRel) {
                let _full = clock.write(&RawMidi { time, bytes: &[START] });
                self.tick = 0;
            }
            let _full = clock.write(&RawMidi { time, bytes: &[TICK] });
            if self.tick == 0 {
                let _full = self.shared.beats.push(begin + (self.meant - self.frame) * micros);
            }
            self.tick = (self.tick + 1) % TICKS_A_BEAT;
            let bpm = f64::from_bits(self.shared.bpm.load(Ordering::Acquire));
            self.meant += 60.0 / bpm / TICKS_A_BEAT as f64 * RATE as f64;
            self.drawn += 1;
            let off =
                (Seed(self.drawn).unit() * 2.0 - 1.0) * self.shared.jitter.load(Ordering::Acquire) as f64;
            self.next = self.meant + off / micros;
        }
        for message in self.ticks.iter(scope) {
            if message.bytes == [TICK] {
                let _full = self.shared.heard.push(begin + micros * f64::from(message.time));
            }
        }
        self.frame += frames;
        Control::Continue
    }
}
