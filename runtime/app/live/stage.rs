//! The part of the host that plays: sequencer, clock and outputs. It can fill
//! the plan at any moment, also while a script waits for a take.

use std::time::{Duration, Instant};

use lilt_score::Beat;
use lilt_sequencer::{Action, Fault, Notice, Sequencer, Timed};

use super::loudspeaker::Loudspeaker;
use super::record::Record;
use crate::output::midi::MidiRouter;

/// How far ahead of the playhead events are committed, in seconds: above the
/// longest audio buffer in use (4096 frames at 44.1 kHz are 93 ms).
pub const HORIZON: f64 = 0.12;

/// How far ahead the plan is committed before Lua may run: the 200 ms that an
/// evaluation may take, what the watchdog needs to stop it, and the horizon.
pub const HORIZON_BEFORE_LUA: f64 = 0.2 + 0.1 + HORIZON;

/// Strokes of the recent past that the canvas may still show, in seconds.
const REMEMBERED: f64 = 30.0;

/// Sequencer, clock and outputs.
pub struct Stage {
    /// What plays when.
    pub sequencer: Sequencer,
    /// The sound card, or a silent clock.
    pub loudspeaker: Loudspeaker,
    /// MIDI ports.
    pub midi: MidiRouter,
    /// Strokes of the recent past and the near future, for the canvas.
    pub strokes: Vec<Timed>,
    /// Patterns that failed, not yet told.
    pub faults: Vec<Fault>,
    /// What was cut down to fit the plan, not yet told.
    pub notices: Vec<Notice>,
    /// Where every event is written down, if anywhere.
    pub record: Option<Record>,
    /// Events that were committed after their time.
    pub late: u64,
}

impl Stage {
    /// Seconds since the performance began.
    pub fn now(&self) -> f64 {
        self.loudspeaker.now()
    }

    /// Commits everything up to `horizon` seconds from now and sends it on its way.
    /// Patterns that fail while planning are kept in [`Stage::faults`], what was cut
    /// down to fit the plan in [`Stage::notices`].
    pub fn fill(&mut self, horizon: f64) {
        let now = self.now();
        let filled = self.sequencer.fill(now, horizon);
        self.send(filled.events);
        self.strokes.retain(|event| event.seconds > now - REMEMBERED);
        self.faults.extend(filled.faults);
        self.notices.extend(filled.notices);
    }

    /// Everything falls silent, and stays so until the next generation.
    pub fn hush(&mut self) {
        let events = self.sequencer.hush(self.now());
        self.send(events);
        self.loudspeaker.hush();
        self.midi.panic();
    }

    fn send(&mut self, events: Vec<Timed>) {
        let now = self.now();
        if let Some(record) = &mut self.record {
            record.write(&events, &self.sequencer);
        }
        for event in events {
            self.late += u64::from(event.seconds < now);
            self.loudspeaker.send(&event);
            self.midi.send(&event, self.loudspeaker.instant_of(event.seconds));
            if matches!(event.action, Action::Stroke { .. }) {
                self.strokes.push(event);
            }
        }
    }

    /// The instant at which a beat is heard.
    pub fn instant_of(&self, beat: Beat) -> Instant {
        self.loudspeaker.instant_of(self.sequencer.seconds_at(beat))
    }

    /// The instant at which the next music may begin, which is when a take is wanted.
    pub fn next_boundary(&self) -> Instant {
        let (_, seconds) = self.sequencer.next_boundary(self.now());
        self.loudspeaker.instant_of(seconds)
    }
}

/// How long the conductor may sleep between two fills: a fraction of the horizon.
pub const TICK: Duration = Duration::from_millis(10);
