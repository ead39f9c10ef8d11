//! The conductor: owns plan and time. It swaps generations at their boundaries and sends what is due.
//! It runs no Lua, reads and writes no file, socket or terminal, and waits for nobody but the clock.

mod hands;
mod outer;
mod stumble;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender};
use lilt_score::{Beat, Gesture};
use lilt_sequencer::{Changes, Ensemble, GenerationId, Hands, Notice, Sequencer, SlotId, Timed};

use super::lines::Lines;
use super::link::OurTime;
use super::loudspeaker::{Loudspeaker, MARGIN, Timekeeper};
use super::mailbox::Silences;
use super::order::{Anew, Order, Report};
use super::record::Record;
use super::sight::{Glimpse, Planned, Sight};
use crate::easel::Easel;
use crate::journal::Journalled;
use crate::output::clock::ClockOut;
use crate::output::midi::MidiRouter;
use crate::output::osc::{OscRouter, Pace};
use crate::picture;
use outer::OuterClock;
use stumble::Stumbles;

/// How far ahead of the playhead events are sent, in seconds: what a busy machine may hold this
/// thread up for before anybody hears it. What was sent can be taken back, so it delays no edit.
pub const HORIZON: f64 = 0.12;

/// How far ahead of the playhead the plan is written, in seconds: how long a script may hang before a
/// slot repeats its last bar. Never less than the bar that is under way.
pub const WRITTEN: f64 = 4.0;

/// How long the conductor sleeps at most: a small part of the horizon.
const TICK: Duration = Duration::from_millis(5);

/// How far ahead of the playhead the delays are told of a tempo that moves, in seconds, at least: more than a tick,
/// so that each step is told before its moment.
const TEMPO_AHEAD: f64 = 0.02;

/// How far ahead of the playhead ticks of a clock are sent, in seconds: more than a busy machine holds this thread up for, most
/// often, and so little that a change of tempo is followed at once.
const CLOCK_AHEAD: f64 = 0.05;

/// Orders that are obeyed between two looks at what is due.
const MOST_ORDERS: usize = 256;

/// Time that passed since the last look, in seconds, after which what was missed is not played: the
/// process was stopped, or the machine slept. Nothing of what was sent reaches further.
const HELD_UP: f64 = 0.25;

/// Time between two reports to the author while nothing changes.
const REPORT: Duration = Duration::from_millis(40);

/// Time between two glimpses for the canvas and the editors.
const FRAME: Duration = Duration::from_millis(33);

/// How long the first generation on a silent stage may wait for its sounds: nobody hears yet that it comes later, and
/// its first notes are not lost.
const OVERTURE: Duration = Duration::from_millis(300);

/// How long the last fade sounds.
const LAST_FADE: Duration = Duration::from_millis(80);

/// Whom the conductor tells what happens. Sending never waits: what does not fit is left out.
pub struct Listeners {
    /// Whoever writes the plan.
    pub author: Sender<Report>,
    /// Whoever shows what plays.
    pub view: Sender<Sight>,
    /// True while notes and strokes are drawn.
    pub draws: Arc<AtomicBool>,
    /// True while somebody wants to be told of each event.
    pub followed: Arc<AtomicBool>,
}

/// Owns plan and time, on a thread of its own.
pub struct Conductor {
    sequencer: Sequencer,
    /// How far ahead of the playhead events are sent, in seconds.
    horizon: f64,
    time: Timekeeper,
    loudspeaker: Loudspeaker,
    midi: MidiRouter,
    osc: OscRouter,
    clock: ClockOut,
    /// The clock of others that is followed.
    outer: OuterClock,
    /// How the music keeps time with others, as the newest generation says.
    ensemble: Arc<Ensemble>,
    /// What hands play on slots.
    hands: Hands,
    /// What came in, as it is written down.
    journal: Option<Lines<Journalled>>,
    record: Option<Record>,
    listeners: Listeners,
    /// What was drawn of late and will be soon, for the canvas.
    easel: Easel,
    silences: Silences,
    /// Seconds since the performance began, at the last look.
    looked: f64,
    /// Generations that took over and were not reported yet.
    began: Vec<GenerationId>,
    /// True when something changed that the author should know at once.
    news: bool,
    reported: Instant,
    /// Time between two reports while nothing changes.
    report_every: Duration,
    glimpsed: Option<Instant>,
    /// Events that were sent after their time.
    late: u64,
    /// Where this broke of late.
    stumbles: Stumbles,
    /// What the author should know of that.
    anew: Option<Anew>,
    /// The first generation on a silent stage, while its sounds are read.
    overture: Option<Order>,
    /// Until when it is held at most.
    opens: Option<Instant>,
}

impl Conductor {
    /// A conductor of silence.
    pub fn new(
        time: Timekeeper,
        loudspeaker: Loudspeaker,
        midi: MidiRouter,
        record: Option<Record>,
        listeners: Listeners,
    ) -> Conductor {
        Conductor {
            sequencer: Sequencer::new(),
            horizon: HORIZON,
            looked: time.now(),
            time,
            loudspeaker,
            midi,
            osc: OscRouter::new(false),
            clock: ClockOut::default(),
            outer: OuterClock::default(),
            ensemble: Arc::default(),
            hands: Hands::default(),
            journal: None,
            record,
            listeners,
            easel: Easel::default(),
            silences: Silences::default(),
            began: Vec::new(),
            news: true,
            reported: Instant::now(),
            report_every: REPORT,
            glimpsed: None,
            late: 0,
            stumbles: Stumbles::default(),
            anew: None,
            overture: None,
            opens: None,
        }
    }

    /// The same, sending by OSC through this, keeping a journal of what comes in, and telling a session of Link what
    /// plays.
    pub fn with(
        self,
        osc: OscRouter,
        journal: Option<Lines<Journalled>>,
        link: Sender<OurTime>,
    ) -> Conductor {
        Conductor { osc, journal, outer: OuterClock::telling(Some(link)), ..self }
    }

    /// The same, sending events so far ahead, in seconds, and reporting at every look.
    #[cfg(test)]
    pub(super) fn looking(self, horizon: f64) -> Conductor {
        Conductor { horizon, report_every: Duration::ZERO, ..self }
    }

    /// Plays until it is told to end.
    fn play(&mut self, orders: &Receiver<Order>) {
        loop {
            let ended = match orders.recv_timeout(TICK) {
                Ok(order) => {
                    self.obey(order) || orders.try_iter().take(MOST_ORDERS).any(|order| self.obey(order))
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => true,
            };
            if ended {
                return;
            }
            self.tick();
        }
    }

    /// True when the host is to end.
    pub(super) fn obey(&mut self, order: Order) -> bool {
        match order {
            Order::Enter { ref silences, .. } if *silences < self.silences => {}
            Order::Enter { .. } => {
                if let Some(order) = self.outer.hold(order) {
                    self.let_in(order);
                }
            }
            Order::Stretch(stretch) => {
                let now = self.look();
                self.loudspeaker.prepare(&stretch);
                self.sequencer.insert(stretch, now);
            }
            Order::Silence(silences) => {
                self.silences = silences;
                (self.overture, self.opens) = (None, None);
                self.outer.forget();
                self.fall_silent();
            }
            Order::Heard(input, _under_way) => match input.gesture {
                Gesture::Clock(message) => self.hear_clock(&input, message),
                _ => self.hear(&input),
            },
            Order::Rescan => self.loudspeaker.sampler().rescan(),
            Order::End => return true,
            #[cfg(test)]
            Order::Break(why) => panic!("{why}"),
        }
        false
    }

    /// Lets a generation enter, or keeps it until its sounds are there, where it is the first.
    fn let_in(&mut self, order: Order) {
        let Order::Enter { outline, stretches, not_before, silences } = order else { return };
        let first = self.sequencer.view().slots().next().is_none();
        if !self.loudspeaker.prepare_generation(&outline, &stretches) && first {
            let until = *self.opens.get_or_insert_with(|| Instant::now() + OVERTURE);
            if Instant::now() < until {
                self.overture = Some(Order::Enter { outline, stretches, not_before, silences });
                return;
            }
        }
        (self.overture, self.opens) = (None, None);
        self.tune_outputs(&outline.ensemble);
        self.outer.tell(&outline);
        let (tempo, moves) = (outline.tempo, outline.tempo_moves.clone());
        let now = self.look();
        let entered = self.sequencer.enter(outline, stretches, now, not_before);
        let tempo = moves.map_or(tempo, |moves| moves.tempo_at(entered.boundary));
        self.tell(Sight::Entered { entered, tempo });
        self.play_on(now);
        self.news = true;
    }

    pub(super) fn tick(&mut self) {
        if let Some(order) = self.overture.take() {
            // It is held once more where its sounds are not there and its time is not over.
            let _goes_on = self.obey(order);
        }
        let now = self.look();
        self.follow_clock(now);
        self.play_on(now);
        let until = now + self.horizon.max(TEMPO_AHEAD);
        self.loudspeaker.follow_tempo(self.sequencer.view_ahead(), now, until);
        self.loudspeaker.flush();
        self.loudspeaker.look_at_the_mixer();
        self.look_after_hands();
        for tick in self.clock.due(self.sequencer.view(), now, now + CLOCK_AHEAD) {
            let instant = self.time.instant_of(tick.seconds);
            self.midi.tick(tick, instant);
        }
        self.look_after_outputs();
        self.report(now);
        self.show();
    }

    /// Seconds since the performance began. Whatever was missed, since nobody looked for long, is jumped
    /// over.
    fn look(&mut self) -> f64 {
        let now = self.time.now();
        let missed = now - self.looked;
        self.looked = now;
        if missed > HELD_UP {
            let changes = self.sequencer.skip(now);
            self.carry_out(changes, now);
            if self.sequencer.view().slots().next().is_some() {
                let line =
                    format!("held up for {missed:.1} s: what was missed is not played, the music goes on");
                self.tell(Sight::Said(line));
            }
        }
        now
    }

    fn play_on(&mut self, now: f64) {
        let changes = self.sequencer.fill(now, self.ahead());
        self.carry_out(changes, now);
    }

    fn carry_out(&mut self, changes: Changes, now: f64) {
        let Changes { retractions, events, certain, began, notices } = changes;
        if self.listeners.followed.load(Ordering::Relaxed)
            && let Some(planned) = Planned::of(&retractions, &events, self.time.heard())
        {
            self.tell(Sight::Planned(Box::new(planned)));
        }
        for retraction in retractions {
            self.loudspeaker.retract(retraction);
            self.midi.retract(retraction);
            self.osc.retract(retraction);
            self.easel.retract(retraction);
        }
        for began in began {
            self.began.push(began.generation);
            self.news = true;
        }
        for event in events {
            self.late += u64::from(event.seconds < now - MARGIN);
            self.loudspeaker.send(&event);
            self.midi.send(&event, self.time.instant_of(event.seconds));
            self.send_by_osc(&event);
            self.easel.take(&event);
        }
        if let Some(record) = &mut self.record {
            let view = self.sequencer.view();
            record.write(&certain, |slot: SlotId| view.slot_name(slot).unwrap_or("?").into());
        }
        self.tell_notices(notices);
    }

    fn send_by_osc(&mut self, event: &Timed) {
        let view = self.sequencer.view_ahead();
        let pace = Pace { bpm: view.tempo_at(event.seconds), bar: view.playing().1.meter.bar() };
        self.osc.send(event, self.time.instant_of(event.seconds), pace, &self.ensemble);
    }

    fn fall_silent(&mut self) {
        let now = self.look();
        let changes = self.sequencer.hush(now);
        self.carry_out(changes, now);
        self.loudspeaker.hush(now);
        self.midi.panic();
        self.osc.hush();
        self.lift_hands();
        self.easel.clear();
        self.news = true;
    }

    fn end(&mut self) {
        self.fall_silent();
        std::thread::sleep(LAST_FADE);
        if self.late > 0 {
            self.tell(Sight::Said(format!("{} events came late: this machine was too busy", self.late)));
        }
    }

    fn tell_notices(&self, notices: Vec<Notice>) {
        for notice in notices {
            self.tell(Sight::Said(notice.to_string()));
        }
    }

    fn look_after_outputs(&mut self) {
        for news in self.midi.take_news() {
            self.tell(Sight::Said(news));
        }
        for news in self.osc.take_news() {
            self.tell(Sight::Said(news));
        }
        for news in self.loudspeaker.sampler().take_news() {
            self.tell(Sight::Said(news));
        }
        let left_out = self.loudspeaker.take_left_out();
        if left_out > 0 {
            let line = format!("the sound does not keep up: {left_out} of its commands were left out");
            self.tell(Sight::Said(line));
        }
        let unwritten = self.record.as_mut().map_or(0, Record::take_left_out);
        if unwritten > 0 {
            let line = format!("{unwritten} events were not written down: the file does not keep up");
            self.tell(Sight::Said(line));
        }
    }

    /// Tells the author how it stands, at once when something changed.
    fn report(&mut self, now: f64) {
        if !self.news && self.reported.elapsed() < self.report_every {
            return;
        }
        let view = self.sequencer.view();
        let report = Report {
            ground: self.sequencer.ground(),
            uses: self.sequencer.in_use(now + WRITTEN),
            boundary: view.next_boundary(now).1,
            began: std::mem::take(&mut self.began),
            plays: view.slots().next().is_some(),
            sounds: self.loudspeaker.sampler().listed(),
            anew: self.anew.take(),
        };
        self.reported = Instant::now();
        self.news = false;
        if let Err(refused) = self.listeners.author.try_send(report) {
            // The author is busy; what it must not miss goes with the next report.
            let refused = refused.into_inner();
            (self.began, self.anew) = (refused.began, refused.anew);
            self.news = !self.began.is_empty() || self.anew.is_some();
        }
    }

    /// Lets others see what plays, as often as is worth it.
    fn show(&mut self) {
        if self.glimpsed.is_some_and(|last| last.elapsed() < FRAME) {
            return;
        }
        self.glimpsed = Some(Instant::now());
        let heard = self.time.heard();
        let view = self.sequencer.view();
        let slots: Vec<_> = view.slots().collect();
        let (id, outline) = view.playing();
        let (notes, easel) = match self.listeners.draws.load(Ordering::Relaxed) {
            true => {
                let (back, ahead) = (Beat::whole(picture::BEFORE as i64), Beat::whole(picture::AFTER as i64));
                (self.sequencer.plan(heard, back, ahead), self.easel.clone())
            }
            false => (Vec::new(), Easel::default()),
        };
        let glimpse = Glimpse {
            position: view.position(heard),
            generation: id,
            meter: outline.meter,
            staging: outline.staging,
            levels: slots.iter().map(|slot| self.loudspeaker.level(slot.id)).collect(),
            slots,
            notes,
            easel,
            midi: self.midi.ports(),
        };
        self.tell(Sight::Glimpse(Box::new(glimpse)));
    }

    fn tell(&self, sight: Sight) {
        // Whoever shows things never waits for long; what does not fit would be old anyway.
        let _left_out = self.listeners.view.try_send(sight);
    }
}
