//! What the pianist is told before each note: small numbers, each the row of an embedding.
//!
//! Beside the note before and the place in the bar it is told how long ago each of the twelve pitch
//! classes was struck, which is the harmony that is in the air; the lowest notes of the half bars
//! before; and what came next one, two and four bars ago (after Magenta's Lookback RNN, Waite et al.
//! 2016), so that a figure that goes on costs little.

use lilt_inference::Certain;
use lilt_score::{Beat, Clip, ClipError, Note};

use super::codec::{decode, places, sounding};
use super::vocabulary::{
    DURATIONS, Event, FIELDS, KEYS, NEXT, OFFSETS, ON_TIME, PLACES, PLACES_PER_BEAT, VELOCITIES, degree,
    is_note, keyboard,
};
use crate::melody::vocabulary::{Color, Home};
use crate::recurrent::walk::Walk;

/// Fewest and most notes a beat that may be asked for.
pub const DENSITIES: [f64; 2] = [0.5, 16.0];

/// Slowest and fastest tempo that may be asked for, in beats a minute; the data's are 50 to 180.
pub const TEMPI: [f64; 2] = [40.0, 240.0];

/// How the pianist keeps time: right on sixteenths and triplets, or early and late, with chords that
/// are rolled.
pub const TIMINGS: [&str; 2] = ["strict", "free"];

/// Classes of density, three a doubling from 1/2 note a beat up.
const DENSITY_CLASSES: usize = 15;

/// Classes of tempo, four an octave from 50 beats a minute up.
const TEMPO_CLASSES: usize = 9;

/// Classes of how long ago a pitch class was struck: now, within a beat, two, four, eight, longer ago or
/// never.
const SINCE: usize = 6;

/// Bars that are looked back.
const LAGS: [usize; 3] = [1, 2, 4];

/// Bars that are remembered: those looked back, and the one that is being played.
const REMEMBERED: usize = 5;

/// Half bars back whose lowest notes are told.
const BASSES: [usize; 5] = [1, 2, 4, 8, 16];

/// Half bars whose lowest notes are remembered.
const HALVES: usize = 17;

/// Classes of how many events in a row were those of a lag: 0, to 1, 3, 7, 15, more.
const RUNS: usize = 6;

/// Groups that are there once: what came before and its fields, place in the bar and in the beat, bar
/// of eight, mode, density, tempo, timing, keys at this place so far, and the lowest of this half bar.
const HEAD: [usize; 14] = [
    3,
    KEYS + 1,
    VELOCITIES + 1,
    DURATIONS.len() + 1,
    OFFSETS + 1,
    PLACES,
    PLACES_PER_BEAT as usize,
    8,
    3,
    DENSITY_CLASSES + 1,
    TEMPO_CLASSES + 1,
    TIMINGS.len() + 1,
    8,
    KEYS + 1,
];

/// Groups of each lag: the place (or the bar line, or nothing yet), key, velocity and duration of what
/// came next, and for how many events that has been right.
const OF_LAG: [usize; 5] = [PLACES + 2, KEYS + 1, VELOCITIES / 2 + 1, DURATIONS.len() + 1, RUNS];

/// Rows that are heard at each step.
pub const GROUPS: usize = HEAD.len() + 12 + BASSES.len() + LAGS.len() * OF_LAG.len();

/// All values of all groups: rows of the embedding.
pub const ROWS: usize =
    sum(&HEAD, HEAD.len()) + 12 * SINCE + BASSES.len() * (KEYS + 1) + LAGS.len() * sum(&OF_LAG, OF_LAG.len());

/// Groups that hold mode, density, tempo and timing, each with the row that means "not told". Training
/// hides them now and then, as performers often name none.
pub const CONDITIONS: [(usize, u16); 4] =
    [(8, hidden(8)), (9, hidden(9)), (10, hidden(10)), (11, hidden(11))];

/// Share of pieces in which each of [`CONDITIONS`] is hidden while the network learns.
pub const HIDDEN: [f64; 4] = [0.1, 0.4, 0.4, 0.1];

const fn sum(sizes: &[usize], count: usize) -> usize {
    let (mut sum, mut at) = (0, 0);
    while at < count {
        sum += sizes[at];
        at += 1;
    }
    sum
}

/// The last row of a group of the head.
const fn hidden(group: usize) -> u16 {
    (sum(&HEAD, group + 1) - 1) as u16
}

/// What holds for all that is played until it is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Conditioning {
    /// The scale, and what is known of the mode.
    pub home: Home,
    /// Class of the density, see [`density_class`].
    pub density: Option<u8>,
    /// Class of the tempo, see [`tempo_class`].
    pub tempo: Option<u8>,
    /// Index into [`TIMINGS`].
    pub timing: Option<u8>,
}

/// Class of a density in notes a beat.
pub fn density_class(density: f64) -> u8 {
    ((density * 2.0).log2() * 3.0).floor().clamp(0.0, (DENSITY_CLASSES - 1) as f64) as u8
}

/// Class of a tempo in beats a minute.
pub fn tempo_class(bpm: f64) -> u8 {
    ((bpm / 50.0).log2() * 4.0).floor().clamp(0.0, (TEMPO_CLASSES - 1) as f64) as u8
}

/// The past of a piece, as the pianist hears it.
#[derive(Debug, Clone, PartialEq)]
pub struct PianoWalk {
    conditioning: Conditioning,
    /// Keys that a piano has over the home note.
    keys: [u8; 2],
    /// Number of the bar.
    bar: i64,
    /// Place in it that was reached.
    place: u8,
    /// The bar and place at which a clip begins: nothing can sound before it.
    edge: (i64, u8),
    /// The first bar that was heard.
    first: i64,
    /// The event before.
    before: Option<Event>,
    /// The key that was struck last at this place, and how many were.
    top: Option<u8>,
    together: usize,
    /// When each pitch class was struck last, in places.
    struck: [Option<i64>; 12],
    /// The notes of the last bars, in a ring.
    bars: [Vec<Event>; REMEMBERED],
    /// The lowest key of each half bar, [`KEYS`] for none, in a ring.
    lowest: [u8; HALVES],
    /// How many events have been those of each lag.
    runs: [u32; LAGS.len()],
    /// Whether notes come on the grid only, see [`PianoWalk::keep_time`].
    keeps_time: bool,
}

impl PianoWalk {
    /// Nothing played yet; the first place is number `first`, which may be below zero for an upbeat.
    pub fn new(conditioning: Conditioning, first: i64) -> PianoWalk {
        let (bar, place) = (first.div_euclid(PLACES as i64), first.rem_euclid(PLACES as i64) as u8);
        PianoWalk {
            conditioning,
            keys: keyboard(conditioning.home),
            bar,
            place,
            edge: (bar, place),
            first: bar,
            before: None,
            top: None,
            together: 0,
            struck: [None; 12],
            bars: Default::default(),
            lowest: [KEYS as u8; HALVES],
            runs: [0; LAGS.len()],
            keeps_time: false,
        }
    }

    /// A clip begins here.
    pub fn begin_clip(&mut self) {
        self.edge = (self.bar, self.place);
    }

    /// From here on notes come at sixteenths and triplets only, with their offsets, and right on them
    /// where the timing is strict. It is for playing: one odd note would draw others after it, until the
    /// beat is lost. What is heard may lie elsewhere.
    pub fn keep_time(&mut self) {
        self.keeps_time = true;
    }

    /// From here on `conditioning` holds; its home must be the same.
    pub fn set(&mut self, conditioning: Conditioning) {
        self.conditioning = conditioning;
    }

    /// What came next `lag` bars ago: the first note there that is later than this moment, or at this
    /// place and above the note before. None when the bar line came next.
    fn ago(&self, lag: usize) -> Option<&Event> {
        let bar = &self.bars[ring(self.bar - lag as i64, REMEMBERED)];
        let reached = |event: &Event| {
            event[0] < self.place || event[0] == self.place && self.top.is_some_and(|top| event[1] <= top)
        };
        bar.get(bar.partition_point(reached))
    }

    /// True when there was a bar `lag` bars ago.
    fn remembers(&self, lag: usize) -> bool {
        self.bar - lag as i64 >= self.first
    }

    /// Number of the half bar.
    fn half(&self) -> i64 {
        2 * self.bar + i64::from(usize::from(self.place) >= PLACES / 2)
    }

    /// Goes to a place of this bar or, beyond its places, of the next; half bars that are entered have
    /// no notes yet.
    fn go_to(&mut self, place: u8) {
        let half = self.half();
        if usize::from(place) < PLACES {
            if place > self.place {
                (self.top, self.together) = (None, 0);
            }
            self.place = place;
        } else {
            self.bar += 1;
            (self.place, self.top, self.together) = (0, None, 0);
            self.bars[ring(self.bar, REMEMBERED)].clear();
        }
        for entered in half + 1..=self.half() {
            self.lowest[ring(entered, HALVES)] = KEYS as u8;
        }
    }
}

fn ring(number: i64, size: usize) -> usize {
    number.rem_euclid(size as i64) as usize
}

impl Walk for PianoWalk {
    const TONE: usize = 1;
    /// Of keys struck at one place a later one may sound first.
    const CERTAIN: Certain = Certain::Step;

    fn rows(&self, rows: &mut Vec<u16>) {
        let mut base = 0;
        let mut put = |size: usize, value: usize| {
            rows.push((base + value.min(size - 1)) as u16);
            base += size;
        };
        let note = self.before.filter(is_note);
        let told = |value: Option<u8>, none: usize| value.map_or(none, usize::from);
        put(HEAD[0], self.before.map_or(0, |event| 1 + usize::from(is_note(&event))));
        put(HEAD[1], told(note.map(|event| event[1]), KEYS));
        put(HEAD[2], told(note.map(|event| event[2]), VELOCITIES));
        put(HEAD[3], told(note.map(|event| event[3]), DURATIONS.len()));
        put(HEAD[4], told(note.map(|event| event[4]), OFFSETS));
        put(HEAD[5], self.place.into());
        put(HEAD[6], usize::from(self.place) % PLACES_PER_BEAT as usize);
        put(HEAD[7], ring(self.bar, 8));
        put(
            HEAD[8],
            match self.conditioning.home.color {
                Color::Major => 0,
                Color::Minor => 1,
                Color::Unknown => 2,
            },
        );
        put(HEAD[9], told(self.conditioning.density, DENSITY_CLASSES));
        put(HEAD[10], told(self.conditioning.tempo, TEMPO_CLASSES));
        put(HEAD[11], told(self.conditioning.timing, TIMINGS.len()));
        put(HEAD[12], self.together);
        put(HEAD[13], self.lowest[ring(self.half(), HALVES)].into());
        for struck in self.struck {
            put(SINCE, struck.map_or(SINCE - 1, |struck| since_class(self.now() - struck)));
        }
        for back in BASSES {
            put(KEYS + 1, self.lowest[ring(self.half() - back as i64, HALVES)].into());
        }
        for (lag, run) in LAGS.into_iter().zip(self.runs) {
            let next = self.ago(lag);
            let line = if self.remembers(lag) { NEXT } else { NEXT + 1 };
            put(OF_LAG[0], next.map_or(line, |event| event[0]).into());
            put(OF_LAG[1], next.map_or(KEYS, |event| event[1].into()));
            put(OF_LAG[2], next.map_or(VELOCITIES, |event| event[2].into()) / 2);
            put(OF_LAG[3], next.map_or(DURATIONS.len(), |event| event[3].into()));
            put(OF_LAG[4], run_class(run));
        }
    }

    fn allowed(&self, said: &[u8], class: usize) -> bool {
        let [lowest, highest] = self.keys;
        match *said {
            // The notes of a place come from below, so that a chord can be said in one way only.
            [] => {
                let place = usize::from(self.place);
                if self.keeps_time && !class.is_multiple_of(3) && !class.is_multiple_of(4) {
                    return false;
                }
                class > place && class < FIELDS[0]
                    || class == place && self.top.is_none_or(|top| top < highest)
            }
            [NEXT, ..] => class == 0,
            [place] => {
                let above = if place == self.place { self.top.map(|top| top + 1) } else { None };
                (usize::from(above.unwrap_or(lowest))..=usize::from(highest)).contains(&class)
            }
            [_, _] => class < VELOCITIES,
            [_, _, _] => class < DURATIONS.len(),
            [place, ..] => {
                if self.keeps_time && self.conditioning.timing == Some(0) {
                    return class == usize::from(ON_TIME);
                }
                let early = class < usize::from(ON_TIME);
                class < OFFSETS && !(early && (self.bar, place) == self.edge)
            }
        }
    }

    fn hear(&mut self, event: &[u8]) {
        let &[place, key, velocity, duration, offset] = event else { return };
        let heard = [place, key, velocity, duration, offset];
        for (at, lag) in LAGS.into_iter().enumerate() {
            let right = match self.ago(lag) {
                Some(next) => is_note(&heard) && next[..2] == heard[..2],
                None => self.remembers(lag) && !is_note(&heard),
            };
            self.runs[at] = if right { self.runs[at] + 1 } else { 0 };
        }
        self.before = Some(heard);
        self.go_to(place);
        if !is_note(&heard) {
            return;
        }
        self.top = Some(key);
        self.together += 1;
        self.struck[degree(key)] = Some(self.now());
        self.bars[ring(self.bar, REMEMBERED)].push(heard);
        let lowest =
            &mut self.lowest[ring(2 * self.bar + i64::from(usize::from(place) >= PLACES / 2), HALVES)];
        *lowest = key.min(*lowest);
    }

    fn steps(length: Beat) -> i64 {
        places(length)
    }

    /// The place that was reached, counted on from bar to bar: what comes next comes here or later.
    fn now(&self) -> i64 {
        self.bar * PLACES as i64 + i64::from(self.place)
    }

    fn clip<'a>(&self, events: impl Iterator<Item = &'a [u8]>, length: Beat) -> Result<Clip, ClipError> {
        let events: Vec<Event> = events.filter_map(|event| event.try_into().ok()).collect();
        decode(&events, self.conditioning.home, length)
    }

    fn sounding(&self, _: &[u8], _: Beat) -> impl Fn(&[u8]) -> Option<Note> {
        |event| sounding(self.bar, event.try_into().ok()?, self.conditioning.home)
    }
}

fn since_class(places: i64) -> usize {
    match places {
        ..=0 => 0,
        1..=12 => 1,
        13..=24 => 2,
        25..=48 => 3,
        49..=96 => 4,
        _ => 5,
    }
}

fn run_class(events: u32) -> usize {
    match events {
        0 => 0,
        1 => 1,
        2..=3 => 2,
        4..=7 => 3,
        8..=15 => 4,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::performance::vocabulary::BAR_LINE;
    use proptest::prelude::*;

    const C: Home = Home { tonic: 0, color: Color::Major };

    fn walk(first: i64) -> PianoWalk {
        PianoWalk::new(Conditioning { home: C, density: None, tempo: None, timing: None }, first)
    }

    fn rows(walk: &PianoWalk) -> Vec<u16> {
        let mut rows = Vec::new();
        walk.rows(&mut rows);
        rows
    }

    fn may(walk: &PianoWalk, said: &[u8]) -> Vec<usize> {
        (0..FIELDS[said.len()]).filter(|&class| walk.allowed(said, class)).collect()
    }

    /// The first row of a group and its size.
    fn groups() -> Vec<(usize, usize)> {
        let sizes = HEAD
            .into_iter()
            .chain([SINCE; 12])
            .chain([KEYS + 1; BASSES.len()])
            .chain(LAGS.iter().flat_map(|_| OF_LAG));
        let mut base = 0;
        let group = |size| {
            base += size;
            (base - size, size)
        };
        sizes.map(group).collect()
    }

    #[test]
    fn a_chord_comes_from_below_and_time_goes_on() {
        let mut walk = walk(0);
        assert_eq!(may(&walk, &[]), (0..=PLACES).collect::<Vec<_>>());
        walk.hear(&[12, 40, 8, 9, 5]);
        assert_eq!(may(&walk, &[]), (12..=PLACES).collect::<Vec<_>>());
        assert_eq!(may(&walk, &[12]), (41..=93).collect::<Vec<_>>());
        assert_eq!(may(&walk, &[13]), (6..=93).collect::<Vec<_>>());
        walk.hear(&[12, 93, 8, 9, 5]);
        assert_eq!(may(&walk, &[])[0], 13);
        for field in 1..FIELDS.len() {
            assert_eq!(may(&walk, &BAR_LINE[..field]), [0]);
        }
        walk.hear(&BAR_LINE);
        assert_eq!((walk.now(), may(&walk, &[])[0]), (48, 0));
    }

    #[test]
    fn nothing_sounds_before_a_clip_begins() {
        let mut walk = walk(-12);
        assert_eq!(may(&walk, &[])[0], 36);
        assert_eq!(may(&walk, &[36, 50, 8, 9]), (5..10).collect::<Vec<_>>());
        assert_eq!(may(&walk, &[37, 50, 8, 9]).len(), OFFSETS);
        walk.hear(&BAR_LINE);
        assert_eq!(may(&walk, &[0, 50, 8, 9]).len(), OFFSETS);
        walk.begin_clip();
        assert_eq!(may(&walk, &[0, 50, 8, 9]).len(), OFFSETS / 2);
    }

    #[test]
    fn who_keeps_time_stays_on_the_grid() {
        let mut walk = walk(0);
        walk.keep_time();
        let places = may(&walk, &[]);
        assert_eq!(places[..7], [0, 3, 4, 6, 8, 9, 12]);
        assert_eq!(places.last(), Some(&PLACES));
        assert_eq!(may(&walk, &[4, 50, 8, 9]).len(), OFFSETS);
        walk.set(Conditioning { timing: Some(0), ..walk.conditioning });
        assert_eq!(may(&walk, &[4, 50, 8, 9]), [usize::from(ON_TIME)]);
    }

    #[test]
    fn what_came_next_a_bar_ago_is_told() {
        let (mut walk, groups) = (walk(0), groups());
        let lag = |walk: &PianoWalk, part: usize| {
            let group = HEAD.len() + 12 + BASSES.len() + part;
            usize::from(rows(walk)[group]) - groups[group].0
        };
        assert_eq!((lag(&walk, 0), lag(&walk, 1)), (49, 99));
        for event in [[0, 40, 8, 9, 5], [0, 52, 8, 9, 5], [24, 47, 10, 4, 5], BAR_LINE] {
            walk.hear(&event);
        }
        // The same bar again: each note is foretold, then the bar line.
        let mut told = Vec::new();
        for event in [[0, 40, 8, 9, 5], [0, 52, 8, 9, 5], [24, 47, 10, 4, 5], BAR_LINE] {
            told.push([0, 1, 2, 3, 4].map(|part| lag(&walk, part)));
            walk.hear(&event);
        }
        assert_eq!(told, [[0, 40, 4, 9, 0], [0, 52, 4, 9, 1], [24, 47, 5, 4, 2], [48, 99, 8, 28, 2]]);
        assert_eq!(lag(&walk, 4), 3);
        // Another note at the same place: what comes after it is told.
        walk.hear(&[0, 45, 8, 9, 5]);
        assert_eq!((lag(&walk, 1), lag(&walk, 4)), (52, 0));
    }

    #[test]
    fn the_bass_of_half_bars_is_remembered() {
        let (mut walk, groups) = (walk(0), groups());
        for event in [[0, 30, 8, 9, 5], [0, 40, 8, 9, 5], [30, 35, 8, 9, 5], BAR_LINE, [0, 33, 8, 9, 5]] {
            walk.hear(&event);
        }
        let told = |group: usize| usize::from(rows(&walk)[group]) - groups[group].0;
        assert_eq!(told(13), 33);
        let basses: Vec<usize> = (0..BASSES.len()).map(|back| told(HEAD.len() + 12 + back)).collect();
        assert_eq!(basses, [35, 30, 99, 99, 99]);
    }

    #[test]
    fn what_is_not_told_is_the_last_row_of_its_group() {
        let mut walk = walk(0);
        walk.conditioning.home.color = Color::Unknown;
        for (group, row) in CONDITIONS {
            assert_eq!(rows(&walk)[group], row);
        }
    }

    proptest! {
        #[test]
        fn every_row_lies_in_its_group(
            events in prop::collection::vec((0u8..49, 0u8..99, 0u8..16, 0u8..28, 0u8..10), 0..200),
            tonic in 0u8..12,
            density in 0.01f64..100.0,
            bpm in 1.0f64..1000.0,
            first in -500i64..500,
        ) {
            let conditioning = Conditioning {
                home: Home { tonic, color: Color::Minor },
                density: Some(density_class(density)),
                tempo: Some(tempo_class(bpm)),
                timing: Some(1),
            };
            let mut walk = PianoWalk::new(conditioning, first);
            for (place, key, velocity, duration, offset) in events {
                let rows = rows(&walk);
                prop_assert_eq!(rows.len(), GROUPS);
                for (&row, (base, size)) in rows.iter().zip(groups()) {
                    prop_assert!((base..base + size).contains(&usize::from(row)));
                }
                prop_assert_eq!(groups().last().map(|(base, size)| base + size), Some(ROWS));
                walk.hear(&[place, key, velocity, duration, offset]);
            }
        }
    }
}
