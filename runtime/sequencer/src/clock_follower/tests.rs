use proptest::prelude::*;

use super::*;

/// Ticks that come up to `jitter` seconds early or late, by chance.
struct Clock {
    follower: ClockFollower,
    random: u64,
    jitter: f64,
    /// Second and number of the tick that comes next, as it is meant.
    seconds: f64,
    number: i64,
}

impl Clock {
    fn new(random: u64, jitter: f64) -> Clock {
        Clock { follower: ClockFollower::default(), random, jitter, seconds: 1.0, number: 0 }
    }

    /// From -1 to 1.
    fn chance(&mut self) -> f64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// So many ticks at a tempo. Says how far the line is off after each, in seconds.
    fn pass(&mut self, bpm: f64, ticks: usize) -> Vec<f64> {
        let tick = 60.0 / bpm / TICKS_A_BEAT as f64;
        (0..ticks)
            .map(|_| {
                let late = self.chance() * self.jitter;
                self.follower.hear(&ClockMessage::Tick, self.seconds + late, 0.0);
                let off = self.follower.line().map_or(f64::NAN, |line| {
                    line.seconds_at(self.number as f64 / TICKS_A_BEAT as f64) - self.seconds
                });
                self.seconds += tick;
                self.number += 1;
                off
            })
            .collect()
    }

    fn bpm(&self) -> f64 {
        self.follower.line().map_or(0.0, |line| line.bpm)
    }
}

/// The value that so great a part of them does not exceed.
fn quantile(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * part) as usize]
}

#[test]
fn four_beats_of_ticks_that_lie_3_ms_off_tell_the_tempo_to_a_tenth() {
    let mut off = Vec::new();
    let mut phase = Vec::new();
    for seed in 0..400 {
        let mut clock = Clock::new(seed, 0.003);
        clock.pass(120.0, 96);
        off.push((clock.bpm() - 120.0).abs());
        phase.extend(clock.pass(120.0, 192).into_iter().map(f64::abs));
    }
    let (tempo, phase) = (quantile(off, 0.99), quantile(phase, 0.99));
    assert!(tempo < 0.1, "{tempo} bpm off");
    assert!(phase < 0.001, "{phase} s off");
}

#[test]
fn a_jump_of_20_bpm_is_followed_within_two_beats() {
    let mut off = Vec::new();
    let mut phase = Vec::new();
    for seed in 0..400 {
        let mut clock = Clock::new(seed, 0.003);
        clock.pass(120.0, 240);
        clock.pass(140.0, 48);
        off.push((clock.bpm() - 140.0).abs());
        phase.extend(clock.pass(140.0, 96).into_iter().map(f64::abs));
    }
    let (tempo, phase) = (quantile(off, 0.99), quantile(phase, 0.99));
    assert!(tempo < 0.6, "{tempo} bpm off");
    assert!(phase < 0.0025, "{phase} s off");
}

#[test]
fn a_tempo_that_glides_is_followed() {
    let mut clock = Clock::new(7, 0.001);
    clock.pass(100.0, 240);
    let off: Vec<f64> =
        (0..240).flat_map(|step| clock.pass(100.0 + f64::from(step) / 6.0, 4)).map(f64::abs).collect();
    assert!(off.iter().all(|off| *off < 0.008), "{:?}", quantile(off, 1.0));
}

#[test]
fn ticks_that_are_lost_leave_the_beat_where_it_is() {
    let mut clock = Clock::new(3, 0.001);
    clock.pass(120.0, 200);
    clock.seconds += 3.0 * 60.0 / 120.0 / 24.0;
    clock.number += 3;
    let off = clock.pass(120.0, 60);
    assert!(off[5..].iter().all(|off| off.abs() < 0.001), "{off:?}");
}

#[test]
fn a_heap_of_ticks_is_no_tempo() {
    let mut clock = Clock::new(3, 0.001);
    clock.pass(120.0, 200);
    for _ in 0..30 {
        clock.follower.hear(&ClockMessage::Tick, clock.seconds, 0.0);
    }
    assert!(Tempo::RANGE.contains(&clock.bpm()));
    let told = clock.bpm();
    assert!((told - 120.0).abs() < 1.0, "{told}");
}

#[test]
fn what_a_clock_says_is_told_once() {
    let mut follower = ClockFollower::default();
    let tick = 0.5 / 24.0;
    let mut told = Vec::new();
    let mut hear =
        |follower: &mut ClockFollower, message, at: f64| told.extend(follower.hear(&message, at, 5.0));
    for number in 0..48 {
        hear(&mut follower, ClockMessage::Tick, f64::from(number) * tick);
    }
    let line = follower.line().unwrap();
    assert!((line.beat_at(0.0) - 5.0).abs() < 1e-9, "a clock that does not say where it is is where Lilt is");
    hear(&mut follower, ClockMessage::Start, 47.5 * tick);
    let line = follower.line().unwrap();
    assert!((line.beat_at(48.0 * tick)).abs() < 1e-9, "{line:?}");
    for number in 48..78 {
        hear(&mut follower, ClockMessage::Tick, f64::from(number) * tick);
    }
    hear(&mut follower, ClockMessage::Stop, 77.5 * tick);
    hear(&mut follower, ClockMessage::Continue, 77.8 * tick);
    hear(&mut follower, ClockMessage::Position(Beat::whole(16)), 77.9 * tick);
    hear(&mut follower, ClockMessage::Continue, 77.95 * tick);
    assert_eq!(follower.look(78.0 * tick), None);
    assert_eq!(follower.look(100.0 * tick), Some(ClockNews::Lost(follower.line().unwrap().bpm)));
    assert_eq!(follower.look(101.0 * tick), None);
    let rounded = |news: &ClockNews| match news {
        ClockNews::Found(bpm) => ClockNews::Found(bpm.round()),
        other => *other,
    };
    let told: Vec<ClockNews> = told.iter().map(rounded).collect();
    assert_eq!(
        told,
        [
            ClockNews::Found(120.0),
            ClockNews::Begin(Beat::ZERO),
            ClockNews::Stop,
            // Stopped after 30 ticks: five sixteenths.
            ClockNews::Begin(Beat::new(5, 4)),
            ClockNews::Begin(Beat::whole(16)),
        ]
    );
}

proptest! {
    /// Whatever comes, a tempo is one that Lilt can play.
    #[test]
    fn no_clock_breaks_it(
        words in prop::collection::vec((0..7_u8, -0.1..2.0_f64, -10.0..1e6_f64), 0..200),
    ) {
        let mut follower = ClockFollower::default();
        let mut now = 0.0;
        for (word, step, number) in words {
            now += step;
            let message = match word {
                0 => ClockMessage::Start,
                1 => ClockMessage::Stop,
                2 => ClockMessage::Continue,
                3 => ClockMessage::Gone,
                4 => ClockMessage::Position(Beat::whole(number as i64)),
                5 => ClockMessage::Now { beat: number, bpm: number },
                _ => ClockMessage::Tick,
            };
            follower.hear(&message, now, number);
            follower.look(now);
            if let Some(line) = follower.line() {
                prop_assert!(Tempo::RANGE.contains(&line.bpm));
                prop_assert!(line.beat_at(now).is_finite());
            }
        }
    }
}
