//! What the drummer is told before each hit: small numbers, each the row of an embedding.
//!
//! Beside the hit before and the place in the bar it is told of every voice: how long ago it sounded
//! last, how hard and how early, and what it did at this very place one and two bars ago (after
//! Magenta's Lookback RNN, Waite et al. 2016). With them a groove that goes on costs the network little.

use lilt_inference::Certain;
use lilt_score::{Beat, Clip, ClipError, Note};

use super::codec::{decode, sounding, steps};
use super::vocabulary::{Event, NEXT, OFFSETS, ON_TIME, STEPS_PER_BAR, VELOCITIES, VOICES};
use crate::recurrent::walk::Walk;

/// Styles that the drummer knows: the first word of the data's own, the commonest first.
pub const STYLES: [&str; 18] = [
    "rock",
    "funk",
    "jazz",
    "latin",
    "hiphop",
    "soul",
    "afrocuban",
    "punk",
    "neworleans",
    "country",
    "pop",
    "reggae",
    "gospel",
    "afrobeat",
    "dance",
    "blues",
    "highlife",
    "middleeastern",
];

/// Kinds of playing: time that goes on, or the fill that leads out of it.
pub const KINDS: [&str; 2] = ["beat", "fill"];

/// Slowest and fastest tempo that may be asked for, in beats a minute; the data's are 50 to 290.
pub const TEMPI: [f64; 2] = [40.0, 300.0];

/// Classes of tempo, five an octave from 50 beats a minute up.
const TEMPO_CLASSES: usize = 13;

/// Steps that are looked back: one bar and two.
const LAGS: [usize; 2] = [STEPS_PER_BAR as usize, 2 * STEPS_PER_BAR as usize];

/// Steps that are remembered: those looked back, and the one that is being played.
const REMEMBERED: usize = LAGS[1] + 1;

/// Classes of the steps since a voice sounded: 0 to 4, then to 6, 8, 12, 16, 24, 32, more, and never.
const SINCE: usize = 13;

/// Classes of how many steps have repeated a lag: 0, to 3, 7, 15, 31, more.
const RUNS: usize = 6;

/// Groups that are there once.
const HEAD: [usize; 10] = [
    VOICES + 2,
    VELOCITIES + 1,
    OFFSETS + 1,
    STEPS_PER_BAR as usize,
    4,
    STYLES.len() + 1,
    KINDS.len() + 1,
    TEMPO_CLASSES + 1,
    RUNS,
    RUNS,
];

/// Groups of each voice: since when, how hard and when it sounded last, and how hard one and two bars ago.
const OF_VOICE: [usize; 5] =
    [SINCE, VELOCITIES / 2 + 1, OFFSETS / 3 + 1, VELOCITIES / 4 + 1, VELOCITIES / 4 + 1];

/// Rows that are heard at each step.
pub const GROUPS: usize = HEAD.len() + VOICES * OF_VOICE.len();

/// All values of all groups: rows of the embedding.
pub const ROWS: usize = sum(&HEAD) + VOICES * sum(&OF_VOICE);

/// Groups that hold style, kind and tempo, each with the row that means "not told". Training hides them
/// now and then, as performers often name none.
pub const CONDITIONS: [(usize, u16); 3] = [(5, hidden(5)), (6, hidden(6)), (7, hidden(7))];

const fn sum(sizes: &[usize]) -> usize {
    let (mut sum, mut at) = (0, 0);
    while at < sizes.len() {
        sum += sizes[at];
        at += 1;
    }
    sum
}

/// The last row of a group of the head.
const fn hidden(group: usize) -> u16 {
    let (mut row, mut at) = (0, 0);
    while at <= group {
        row += HEAD[at];
        at += 1;
    }
    (row - 1) as u16
}

/// What holds for all that is played until it is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Conditioning {
    /// Index into [`STYLES`].
    pub style: Option<u8>,
    /// Index into [`KINDS`].
    pub kind: Option<u8>,
    /// Class of the tempo, see [`tempo_class`].
    pub tempo: Option<u8>,
}

/// Class of a tempo in beats a minute.
pub fn tempo_class(bpm: f64) -> u8 {
    let class = ((bpm / 50.0).log2() * 5.0).floor();
    class.clamp(0.0, (TEMPO_CLASSES - 1) as f64) as u8
}

/// The past of a piece, as the drummer hears it.
#[derive(Debug, Clone, PartialEq)]
pub struct DrumWalk {
    conditioning: Conditioning,
    /// Number of the step that is played; bars begin at multiples of [`STEPS_PER_BAR`].
    step: i64,
    /// The step on which a clip begins: nothing can sound before it.
    edge: i64,
    /// The event before.
    before: Option<Event>,
    /// Velocity class and one, by step and voice; 0 is silence. Steps lie in a ring.
    past: [[u8; VOICES]; REMEMBERED],
    /// The last hit of each voice: its step, velocity and offset.
    last: [Option<(i64, u8, u8)>; VOICES],
    /// How many whole steps have repeated each lag.
    runs: [u32; 2],
}

impl DrumWalk {
    /// Nothing played yet; the first step is number `step`, which may be below zero for an upbeat.
    pub fn new(conditioning: Conditioning, step: i64) -> DrumWalk {
        DrumWalk {
            conditioning,
            step,
            edge: step,
            before: None,
            past: [[0; VOICES]; REMEMBERED],
            last: [None; VOICES],
            runs: [0; 2],
        }
    }

    /// A clip begins here.
    pub fn begin_clip(&mut self) {
        self.edge = self.step;
    }

    /// From here on `conditioning` holds.
    pub fn set(&mut self, conditioning: Conditioning) {
        self.conditioning = conditioning;
    }

    /// The hits of the step `lag` steps ago, by voice.
    fn ago(&self, lag: usize) -> &[u8; VOICES] {
        &self.past[(self.step - lag as i64).rem_euclid(REMEMBERED as i64) as usize]
    }

    /// Goes on to the next step.
    fn next_step(&mut self) {
        let now = *self.ago(0);
        for (run, lag) in self.runs.iter_mut().zip(LAGS) {
            let then = &self.past[(self.step - lag as i64).rem_euclid(REMEMBERED as i64) as usize];
            let same = now.iter().zip(then).all(|(now, then)| (*now > 0) == (*then > 0));
            *run = if same { *run + 1 } else { 0 };
        }
        self.step += 1;
        self.past[self.step.rem_euclid(REMEMBERED as i64) as usize] = [0; VOICES];
    }
}

impl Walk for DrumWalk {
    const TONE: usize = 0;
    /// Of voices struck within one sixteenth a later one may sound first.
    const CERTAIN: Certain = Certain::Step;

    fn rows(&self, rows: &mut Vec<u16>) {
        let mut base = 0;
        let mut put = |size: usize, value: usize| {
            rows.push((base + value.min(size - 1)) as u16);
            base += size;
        };
        let hit = self.before.filter(|event| event[0] != NEXT);
        let told = |value: Option<u8>, none: usize| value.map_or(none, usize::from);
        put(HEAD[0], told(self.before.map(|event| event[0]), VOICES + 1));
        put(HEAD[1], told(hit.map(|event| event[1]), VELOCITIES));
        put(HEAD[2], told(hit.map(|event| event[2]), OFFSETS));
        put(HEAD[3], self.step.rem_euclid(STEPS_PER_BAR) as usize);
        put(HEAD[4], self.step.div_euclid(STEPS_PER_BAR).rem_euclid(4) as usize);
        put(HEAD[5], told(self.conditioning.style, STYLES.len()));
        put(HEAD[6], told(self.conditioning.kind, KINDS.len()));
        put(HEAD[7], told(self.conditioning.tempo, TEMPO_CLASSES));
        put(HEAD[8], run_class(self.runs[0]));
        put(HEAD[9], run_class(self.runs[1]));
        let (one_bar, two_bars) = (self.ago(LAGS[0]), self.ago(LAGS[1]));
        let quarter = |hit: u8| usize::from(hit.div_ceil(4));
        for voice in 0..VOICES {
            let last = self.last[voice];
            put(OF_VOICE[0], last.map_or(SINCE - 1, |(step, ..)| since_class(self.step - step)));
            put(OF_VOICE[1], last.map_or(0, |(_, velocity, _)| 1 + usize::from(velocity) / 2));
            put(OF_VOICE[2], last.map_or(0, |(.., offset)| 1 + usize::from(offset) / 3));
            put(OF_VOICE[3], quarter(one_bar[voice]));
            put(OF_VOICE[4], quarter(two_bars[voice]));
        }
    }

    fn allowed(&self, said: &[u8], class: usize) -> bool {
        match said {
            // The voices of a step come in order, so that a step can be said in one way only.
            [] => {
                let before = self.before.map_or(NEXT, |event| event[0]);
                class == usize::from(NEXT)
                    || (class < VOICES && (before == NEXT || class > usize::from(before)))
            }
            [NEXT, ..] => class == 0,
            [_] => class < VELOCITIES,
            _ => class < OFFSETS && (self.step > self.edge || class >= usize::from(ON_TIME)),
        }
    }

    fn hear(&mut self, event: &[u8]) {
        let &[what, velocity, offset] = event else { return };
        self.before = Some([what, velocity, offset]);
        match usize::from(what) {
            voice if voice < VOICES => {
                self.past[self.step.rem_euclid(REMEMBERED as i64) as usize][voice] = velocity + 1;
                self.last[voice] = Some((self.step, velocity, offset));
            }
            _ => self.next_step(),
        }
    }

    fn steps(length: Beat) -> i64 {
        steps(length)
    }

    fn now(&self) -> i64 {
        self.step
    }

    fn clip<'a>(&self, events: impl Iterator<Item = &'a [u8]>, length: Beat) -> Result<Clip, ClipError> {
        let events: Vec<Event> = events.filter_map(|event| event.try_into().ok()).collect();
        decode(&events, length)
    }

    fn sounding(&self, _: &[u8], _: Beat) -> impl Fn(&[u8]) -> Option<Note> {
        |event| sounding(self.step, event.try_into().ok()?)
    }
}

fn since_class(steps: i64) -> usize {
    match steps {
        ..=4 => steps.max(0) as usize,
        5..=6 => 5,
        7..=8 => 6,
        9..=12 => 7,
        13..=16 => 8,
        17..=24 => 9,
        25..=32 => 10,
        _ => 11,
    }
}

fn run_class(steps: u32) -> usize {
    match steps {
        0 => 0,
        1..=3 => 1,
        4..=7 => 2,
        8..=15 => 3,
        16..=31 => 4,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drums::vocabulary::STEP;
    use proptest::prelude::*;

    fn rows(walk: &DrumWalk) -> Vec<u16> {
        let mut rows = Vec::new();
        walk.rows(&mut rows);
        rows
    }

    #[test]
    fn a_hit_returns_as_a_lookback_one_and_two_bars_later() {
        let mut walk = DrumWalk::new(Conditioning::default(), 0);
        let silent = rows(&walk);
        walk.hear(&[1, 12, 15]);
        for _ in 0..STEPS_PER_BAR {
            walk.hear(&STEP);
        }
        let group = |voice: usize, part: usize| HEAD.len() + voice * OF_VOICE.len() + part;
        let later = rows(&walk);
        // Velocity class 12 is in the fourth quarter; the rows of silence come first.
        assert_eq!(later[group(1, 3)], silent[group(1, 3)] + 4);
        assert_eq!(later[group(1, 4)], silent[group(1, 4)]);
        for _ in 0..STEPS_PER_BAR {
            walk.hear(&STEP);
        }
        let later = rows(&walk);
        assert_eq!(later[group(1, 3)], silent[group(1, 3)]);
        assert_eq!(later[group(1, 4)], silent[group(1, 4)] + 4);
        walk.hear(&STEP);
        assert_eq!(rows(&walk)[group(1, 4)], silent[group(1, 4)]);
    }

    #[test]
    fn voices_of_a_step_come_in_order() {
        let mut walk = DrumWalk::new(Conditioning::default(), 0);
        assert!((0..FIELD).all(|class| walk.allowed(&[], class)));
        walk.hear(&[3, 8, 15]);
        let allowed: Vec<usize> = (0..FIELD).filter(|&class| walk.allowed(&[], class)).collect();
        assert_eq!(allowed, [4, 5, 6, 7, 8, 9]);
        walk.hear(&STEP);
        assert!((0..FIELD).all(|class| walk.allowed(&[], class)));
        assert_eq!((0..VELOCITIES).filter(|&class| walk.allowed(&[NEXT], class)).count(), 1);
        let offsets = |walk: &DrumWalk| (0..OFFSETS).filter(|&class| walk.allowed(&[2, 5], class)).count();
        assert_eq!(offsets(&walk), OFFSETS);
        walk.begin_clip();
        assert_eq!(offsets(&walk), OFFSETS / 2);
    }

    const FIELD: usize = VOICES + 1;

    #[test]
    fn what_is_not_told_is_the_last_row_of_its_group() {
        let rows = rows(&DrumWalk::new(Conditioning::default(), 0));
        for (group, row) in CONDITIONS {
            assert_eq!(rows[group], row);
        }
    }

    proptest! {
        #[test]
        fn every_row_lies_in_its_group(
            events in prop::collection::vec((0u8..10, 0u8..16, 0u8..30), 0..200),
            style in prop::option::of(0u8..18),
            bpm in 1.0f64..1000.0,
            step in -40i64..40,
        ) {
            let mut walk = DrumWalk::new(Conditioning { style, kind: None, tempo: Some(tempo_class(bpm)) }, step);
            let sizes: Vec<usize> =
                HEAD.into_iter().chain(std::iter::repeat_n(OF_VOICE, VOICES).flatten()).collect();
            for (what, velocity, offset) in events {
                let rows = rows(&walk);
                prop_assert_eq!(rows.len(), GROUPS);
                let mut base = 0;
                for (row, size) in rows.into_iter().zip(&sizes) {
                    prop_assert!((base..base + size).contains(&usize::from(row)));
                    base += size;
                }
                prop_assert_eq!(base, ROWS);
                walk.hear(&[what, velocity, offset]);
            }
        }
    }
}
