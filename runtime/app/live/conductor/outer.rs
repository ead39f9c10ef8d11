//! The clock of others that the music follows, and how far its outputs are apart.

use std::sync::Arc;

use crossbeam::channel::Sender;
use lilt_score::{Beat, ClockMessage, Input};
use lilt_script::LINK;
use lilt_sequencer::{ClockFollower, ClockIn, ClockNews, Ensemble, Outline};

use super::Conductor;
use crate::live::link::OurTime;
use crate::live::order::{Anew, Order};
use crate::live::sight::Sight;

/// The clock that is followed, and what waits for it.
#[derive(Default)]
pub(super) struct OuterClock {
    follows: Option<ClockIn>,
    follower: ClockFollower,
    /// True while it is stopped: nothing plays.
    stopped: bool,
    /// The newest generation, where it is stopped.
    waits: Option<Order>,
    /// What plays here, as a session of Link is to know it, and whom to tell.
    ours: Option<OurTime>,
    link: Option<Sender<OurTime>>,
}

impl OuterClock {
    /// A clock that tells a session of Link what plays here.
    pub fn telling(link: Option<Sender<OurTime>>) -> OuterClock {
        OuterClock { link, ..OuterClock::default() }
    }

    /// A generation wants this clock.
    fn want(&mut self, clock_in: Option<&ClockIn>) {
        let source = |clock: &ClockIn| Arc::clone(&clock.source);
        if self.follows.as_ref().map(source) != clock_in.map(source) {
            (self.follower, self.stopped, self.waits) = (ClockFollower::default(), false, None);
        }
        self.follows = clock_in.cloned();
    }

    /// A generation comes in. It is given back where it may enter, and kept where the clock is stopped.
    pub fn hold(&mut self, order: Order) -> Option<Order> {
        if let Order::Enter { outline, .. } = &order {
            self.want(outline.ensemble.clock_in.as_ref());
        }
        if self.stopped {
            self.waits = Some(order);
            return None;
        }
        Some(order)
    }

    /// All falls silent: what waited for the clock's start does so no longer.
    pub fn forget(&mut self) {
        self.waits = None;
    }

    /// A session of Link is to know the tempo that a generation asks for. One that the performer has changed is to hold
    /// for all; the first is not.
    pub fn tell(&mut self, outline: &Outline) {
        let in_session = self.follows.as_ref().is_some_and(|clock| *clock.source == *LINK);
        let (bpm, bar) = (outline.tempo.bpm(), outline.meter.bar().to_f64());
        let before = if in_session { self.ours } else { None };
        let ours = OurTime { bpm, changed: before.is_some_and(|ours| ours.bpm != bpm), bar };
        if in_session && before.is_none_or(|ours| (ours.bpm, ours.bar) != (bpm, bar)) {
            // Where nobody listens there is no session.
            let _gone = self.link.as_ref().map(|link| link.send(ours));
        }
        self.ours = in_session.then_some(ours);
    }
}

impl Conductor {
    /// The clock of a source says something.
    pub(super) fn hear_clock(&mut self, input: &Input, message: ClockMessage) {
        let Some(clock) = self.outer.follows.clone().filter(|clock| clock.source == input.source) else {
            return;
        };
        let seconds = input.seconds + clock.offset;
        let position = self.sequencer.view().position(seconds);
        let bar = self.sequencer.view().playing().1.meter.bar().to_f64();
        let here = position.bar as f64 * bar + position.beat_in_bar;
        if let Some(news) = self.outer.follower.hear(&message, seconds, here) {
            self.take_clock_news(news, &clock.source);
        }
    }

    /// Goes along with the clock, from second `now` on.
    pub(super) fn follow_clock(&mut self, now: f64) {
        let Some(clock) = &self.outer.follows else { return };
        let source = Arc::clone(&clock.source);
        if let Some(news) = self.outer.follower.look(self.time.heard() + clock.offset) {
            self.take_clock_news(news, &source);
        }
        if let Some(line) = self.outer.follower.line() {
            self.sequencer.follow(line, now);
        }
    }

    fn take_clock_news(&mut self, news: ClockNews, source: &str) {
        let now = self.look();
        match news {
            ClockNews::Found(bpm) => {
                self.tell(Sight::Said(format!(
                    "\"{source}\" gives the tempo: {bpm:.1} quarter notes a minute"
                )));
            }
            // Many clocks are silent while they stand still: the music waits for them all the same.
            ClockNews::Lost(_) if self.outer.stopped => {}
            ClockNews::Lost(bpm) => self.tell(Sight::Said(format!(
                "\"{source}\" gives no time any more: the music goes on at {bpm:.1} quarter notes a minute"
            ))),
            ClockNews::Stop => {
                if !std::mem::replace(&mut self.outer.stopped, true) {
                    self.begin_at(Beat::ZERO, now);
                    self.tell(Sight::Said(format!(
                        "\"{source}\" has stopped: the music waits for its start"
                    )));
                }
            }
            ClockNews::Begin(beat) => {
                let stopped = std::mem::take(&mut self.outer.stopped);
                if let Some(line) = self.outer.follower.line() {
                    self.sequencer.follow(line, now);
                }
                let waits = self.outer.waits.take();
                if stopped && beat <= Beat::ZERO {
                    self.begin_at(beat, now);
                    // What was written for its beginning is there already.
                    self.anew = None;
                    if let Some(order) = waits {
                        let _goes_on = self.obey(order);
                    }
                } else {
                    let plays = waits.is_some() || self.sequencer.view().slots().next().is_some();
                    self.begin_at(beat, now);
                    self.anew = plays.then_some(Anew::Again);
                }
                self.news = true;
            }
        }
    }

    /// What sounds ends, and the music is to begin at a beat; the author is asked for what played.
    fn begin_at(&mut self, beat: Beat, now: f64) {
        if self.sequencer.view().slots().next().is_some() {
            self.anew = Some(Anew::Again);
        }
        let changes = self.sequencer.begin_at(beat, now);
        self.carry_out(changes, now);
        self.lift_hands();
        self.easel.clear();
        self.news = true;
    }

    /// How far ahead of the playhead events are sent, in seconds, so that what is to leave earlier than it is meant can.
    pub(super) fn ahead(&self) -> f64 {
        self.horizon + self.ensemble.earliest()
    }

    /// A generation says how far outputs are apart.
    pub(super) fn tune_outputs(&mut self, ensemble: &Arc<Ensemble>) {
        if self.ensemble.latencies != ensemble.latencies {
            self.midi.tune(ensemble);
        }
        self.ensemble = Arc::clone(ensemble);
    }
}
