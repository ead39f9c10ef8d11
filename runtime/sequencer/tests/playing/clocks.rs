//! Music that follows the clock of others.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::live::quarter;
use crate::outside::Live;
use crate::stage::*;
use lilt_score::{Beat, ClockMessage, TICKS_A_BEAT};
use lilt_sequencer::*;
use proptest::prelude::*;

/// A note on each beat, in the time of a clock.
fn following(bpm: f64) -> Generation {
    let clock_in = Some(ClockIn { source: "Drum machine".into(), offset: 0.0 });
    let ensemble = Arc::new(Ensemble { clock_in, ..Ensemble::default() });
    Generation { ensemble, ..at_tempo(bpm, vec![slot("lead", 1, quarter(60))]) }
}

/// A host that follows a clock of which each tick comes a little early or late.
struct Stage {
    live: Live,
    follower: ClockFollower,
    /// When each tick of the clock was meant.
    meant: Vec<f64>,
    /// Which of a beat's ticks the first one was: Lilt decides, by where it was itself.
    first: usize,
    seconds: f64,
    now: f64,
    random: u64,
    news: Vec<ClockNews>,
    /// What a stopped clock has it keep for its start.
    waits: Option<Generation>,
}

impl Stage {
    fn new(own: f64, random: u64) -> Stage {
        let (follower, news) = (ClockFollower::default(), Vec::new());
        let live = Live::new(0.12, following(own));
        Stage {
            live,
            follower,
            meant: Vec::new(),
            first: 0,
            seconds: 0.3,
            now: 0.0,
            random,
            news,
            waits: None,
        }
    }

    /// From -1 to 1.
    fn chance(&mut self) -> f64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// Time passes in looks of 5 ms, as the conductor's.
    fn look_until(&mut self, until: f64) {
        while self.now < until {
            self.now = (self.now + 0.005).min(until);
            if let Some(line) = self.follower.line().filter(|_| self.waits.is_none()) {
                self.live.sequencer.follow(line, self.now);
            }
            self.live.pass(self.now);
        }
    }

    fn say(&mut self, message: ClockMessage, at: f64) {
        let beat = self.live.sequencer.view().beat_at(at);
        let Some(news) = self.follower.hear(&message, at, beat) else { return };
        self.news.push(news);
        match news {
            ClockNews::Stop => {
                let changes = self.live.sequencer.begin_at(Beat::ZERO, self.now);
                self.live.carry_out(changes, self.now);
                self.waits = Some(following(100.0));
            }
            ClockNews::Begin(beat) => {
                if let Some(line) = self.follower.line() {
                    self.live.sequencer.follow(line, self.now);
                }
                let changes = self.live.sequencer.begin_at(beat, self.now);
                self.live.carry_out(changes, self.now);
                self.waits = None;
                self.live.enter(following(100.0), self.now);
            }
            ClockNews::Found(_) | ClockNews::Lost(_) => {}
        }
    }

    /// So many ticks at a tempo, each up to `jitter` seconds off.
    fn tick(&mut self, bpm: f64, ticks: usize, jitter: f64) {
        for _ in 0..ticks {
            let at = self.seconds + self.chance() * jitter;
            self.look_until(at.max(self.now));
            if self.meant.is_empty() {
                let beat = self.live.sequencer.view().beat_at(at);
                self.first = (beat * TICKS_A_BEAT as f64).round() as usize % TICKS_A_BEAT as usize;
            }
            self.say(ClockMessage::Tick, at);
            self.meant.push(self.seconds);
            self.seconds += 60.0 / bpm / TICKS_A_BEAT as f64;
        }
    }

    /// How far each note between two moments is from the nearest tick that is a beat, in seconds. As many notes as beats
    /// are heard then.
    fn off(&self, from: f64, to: f64) -> Vec<f64> {
        let beat = TICKS_A_BEAT as usize;
        let beats: Vec<f64> =
            self.meant.iter().copied().skip((beat - self.first) % beat).step_by(beat).collect();
        let struck = self.live.heard.iter().filter(|event| matches!(event.action, Action::NoteOn { .. }));
        let struck = struck.map(|event| event.seconds).filter(|at| (from..to).contains(at));
        let nearest = |at: f64| beats.iter().map(|beat| (at - beat).abs()).fold(f64::INFINITY, f64::min);
        let off: Vec<f64> = struck.map(nearest).collect();
        let within = beats.iter().filter(|beat| (from..to).contains(*beat)).count();
        assert!(off.len().abs_diff(within) <= 1, "{} notes on {within} beats", off.len());
        off
    }
}

fn quantile(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * part) as usize]
}

#[test]
fn notes_lie_on_the_beats_of_a_clock_whose_ticks_tremble() {
    let mut off = Vec::new();
    for seed in 0..12 {
        let mut stage = Stage::new(90.0, seed);
        stage.tick(120.0, 24 * 40, 0.003);
        let (from, to) = (stage.meant[24 * 8], stage.meant[24 * 39]);
        off.extend(stage.off(from, to));
    }
    let off = quantile(off, 0.99);
    assert!(off < 0.003, "{off} s off");
}

#[test]
fn a_jump_of_the_clock_is_followed_within_two_beats_and_no_beat_is_left_out() {
    let mut off = Vec::new();
    for seed in 0..12 {
        let mut stage = Stage::new(120.0, seed);
        stage.tick(120.0, 24 * 12, 0.003);
        stage.tick(140.0, 24 * 12, 0.003);
        let to = stage.meant[24 * 23];
        off.extend(stage.off(stage.meant[24 * 14], to));
        // While it leads over, no beat is left out and none comes twice.
        let _off = stage.off(stage.meant[24 * 8], to);
    }
    let off = quantile(off, 0.99);
    assert!(off < 0.005, "{off} s off");
}

#[test]
fn the_first_note_falls_on_the_tick_after_the_start() {
    let mut stage = Stage::new(120.0, 1);
    stage.tick(96.0, 100, 0.0);
    stage.say(ClockMessage::Stop, stage.now);
    let before = stage.live.heard.len();
    stage.tick(96.0, 50, 0.0);
    assert!(
        !stage.live.heard[before..].iter().any(|event| matches!(event.action, Action::NoteOn { .. })),
        "it plays while the clock is stopped"
    );
    let start = stage.seconds;
    stage.say(ClockMessage::Start, start - 0.01);
    stage.tick(96.0, 24 * 4, 0.0);
    let first: Vec<(f64, Beat)> = stage.live.heard[before..]
        .iter()
        .filter(|event| matches!(event.action, Action::NoteOn { .. }))
        .map(|event| (event.seconds - start, event.beat))
        .collect();
    assert!(first[0].0.abs() < 1e-3 && first[0].1 == Beat::ZERO, "{first:?}");
    assert!((first[1].0 - 60.0 / 96.0).abs() < 1e-3, "{first:?}");
    stage.say(ClockMessage::Stop, stage.now);
    stage.say(ClockMessage::Position(Beat::whole(7)), stage.now);
    let before = stage.live.heard.len();
    let goes_on = stage.seconds;
    stage.say(ClockMessage::Continue, stage.now);
    stage.tick(96.0, 24 * 3, 0.0);
    let first = stage.live.heard[before..].iter().find(|event| matches!(event.action, Action::NoteOn { .. }));
    let first = first.map(|event| ((event.seconds - goes_on).abs() < 1e-3, event.beat));
    assert_eq!(first, Some((true, Beat::whole(7))));
}

proptest! {
    /// Whatever a clock does, every note that began ends once, and none begins where nothing should play.
    #[test]
    fn no_note_hangs(
        random in any::<u64>(),
        steps in prop::collection::vec((0..6_u8, 40.0..240.0_f64, 1..120_usize), 1..12),
    ) {
        let mut stage = Stage::new(120.0, random);
        for (step, bpm, ticks) in steps {
            match step {
                0 => stage.say(ClockMessage::Stop, stage.now),
                1 => stage.say(ClockMessage::Start, stage.now),
                2 => stage.say(ClockMessage::Continue, stage.now),
                3 => {
                    let until = stage.now + 1.0;
                    stage.look_until(until);
                    stage.seconds = stage.seconds.max(until);
                }
                _ => stage.tick(bpm, ticks, 0.004),
            }
        }
        let changes = stage.live.sequencer.hush(stage.now);
        stage.live.carry_out(changes, stage.now);
        stage.live.pass(stage.now + 5.0);
        let mut held: BTreeMap<NoteId, i32> = BTreeMap::new();
        for event in &stage.live.heard {
            match &event.action {
                Action::NoteOn { id, .. } => {
                    prop_assert_eq!(held.insert(*id, 1), None, "struck twice");
                }
                Action::NoteOff { id, .. } => {
                    prop_assert_eq!(held.insert(*id, 0), Some(1), "ended without a beginning, or twice");
                }
                _ => {}
            }
        }
        prop_assert!(held.values().all(|held| *held == 0), "a note hangs");
    }
}
