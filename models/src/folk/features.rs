//! What the network is told before each note: small numbers, each the row of an embedding.
//!
//! [`FolkState`] is the musical past in so far as the network needs it in the open. The recipe and
//! the player advance the same type through the same notes, so both feed the network alike. Beside
//! the note before and the place in the bar it gives lookbacks, after Magenta's Lookback RNN
//! (Waite et al. 2016): what sounded exactly 1, 2, 4, 8 and 16 bars ago, and for how many notes
//! the tune has been repeating what it played then. With them a repeat costs the network little.

use std::collections::VecDeque;

use lilt_score::{Key, Meter, Mode};

use super::vocabulary::{DURATION_CLASSES, DURATIONS, NoteEvent, PITCH_CLASSES, TICKS_PER_BEAT};
use crate::recurrent::batches::Hidden;

/// How many bars back each lookback looks.
pub const LAGS: [i64; 5] = [1, 2, 4, 8, 16];

/// Ticks of one class of the place in the bar (1/24 beat).
const PLACE_TICKS: i64 = TICKS_PER_BEAT / 24;
/// Classes of the place in the bar: bars up to 12/8 exactly, the last class for all beyond.
const PLACES: usize = 145;
/// Classes of how many 8-bar parts have passed; the last for all beyond.
const PARTS: usize = 10;
/// Classes of how many notes have repeated a lag: 0, 1, 2, 3–4, 5–8, 9–16, 17–32, more.
const RUNS: usize = 8;
/// Lookback pitch: as a note's, or nothing.
const PAST_PITCHES: usize = PITCH_CLASSES + 1;
/// Lookback duration: as a note's, or nothing, or a note that began earlier.
const PAST_DURATIONS: usize = DURATIONS.len() + 2;
const NO_PITCH: usize = PITCH_CLASSES;
const NO_DURATION: usize = DURATIONS.len();
const HELD: usize = DURATIONS.len() + 1;

/// Metres with a row of their own; all others share one.
const METERS: [(u8, u8); 9] = [(4, 4), (2, 2), (2, 4), (6, 8), (3, 4), (9, 8), (3, 8), (12, 8), (6, 4)];

/// Kinds of tune with a row of their own, by a word in the `R:` field.
pub(super) const KINDS: [&str; 9] =
    ["hornpipe", "slip", "jig", "reel", "strathspey", "clog", "fling", "waltz", "air"];

/// Share of lookbacks that a training step does not see.
const HIDDEN_LOOKBACKS: f64 = 0.1;
/// Share of tunes whose kind is hidden while the network learns, as performers often name none.
const HIDDEN_KINDS: f64 = 0.3;
/// Share of tunes whose tonic is drawn anew, so that keys without tunes are learnt too.
const MOVED_TONICS: f64 = 0.15;
/// Share of tunes whose metre is called unknown.
const HIDDEN_METERS: f64 = 0.03;

/// Sizes of the feature groups, in the order of the embedding's rows.
const GROUPS: [usize; GROUP_COUNT] = {
    let mut groups = [0; GROUP_COUNT];
    let head = [
        PITCH_CLASSES + 1,
        DURATION_CLASSES,
        PLACES,
        4,
        16,
        PARTS,
        METERS.len() + 1,
        Mode::ALL.len(),
        12,
        KINDS.len() + 1,
    ];
    let mut at = 0;
    while at < head.len() {
        groups[at] = head[at];
        at += 1;
    }
    while at < GROUP_COUNT {
        groups[at] = PAST_PITCHES;
        groups[at + 1] = PAST_DURATIONS;
        groups[at + 2] = RUNS;
        at += 3;
    }
    groups
};

/// Features of one step.
pub const GROUP_COUNT: usize = 10 + 3 * LAGS.len();

/// The first of the four groups that hold for the whole tune.
const CONDITION_GROUP: usize = 6;

/// Index of the first row of each group.
const OFFSETS: [usize; GROUP_COUNT] = {
    let mut offsets = [0; GROUP_COUNT];
    let mut at = 1;
    while at < GROUP_COUNT {
        offsets[at] = offsets[at - 1] + GROUPS[at - 1];
        at += 1;
    }
    offsets
};

/// Rows of the embedding: all values of all features.
pub const FEATURES: usize = OFFSETS[GROUP_COUNT - 1] + GROUPS[GROUP_COUNT - 1];

/// Rows of `embed.weight` that one step adds up.
pub type Features = [u16; GROUP_COUNT];

/// Kind of tune, as far as a collection says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Kind(u8);

impl Kind {
    /// What a performer has who names none.
    pub const UNKNOWN: Kind = Kind(KINDS.len() as u8);

    /// The kind that the text of an `R:` field or an option names.
    pub fn named(text: &str) -> Kind {
        let text = text.to_lowercase();
        let found = KINDS.iter().position(|kind| text.contains(kind));
        found.map_or(Kind::UNKNOWN, |kind| Kind(kind as u8))
    }

    /// Its name; none for the unknown kind.
    pub fn name(self) -> Option<&'static str> {
        KINDS.get(usize::from(self.0)).copied()
    }
}

/// What is given for a whole tune.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Conditions {
    /// Tonic and mode.
    pub key: Key,
    /// Metre.
    pub meter: Meter,
    /// Kind of tune.
    pub kind: Kind,
}

impl Conditions {
    /// Length of a bar in ticks.
    pub fn bar_ticks(&self) -> i64 {
        (4 * TICKS_PER_BEAT * i64::from(self.meter.count()) / i64::from(self.meter.unit())).max(1)
    }

    /// Length of the felt beat in ticks: three units where a metre of eighths counts in threes (6/8,
    /// 9/8, 12/8), else one unit.
    pub fn pulse_ticks(&self) -> i64 {
        let unit = 4 * TICKS_PER_BEAT / i64::from(self.meter.unit());
        let threes = self.meter.unit() >= 8 && self.meter.count().is_multiple_of(3);
        if threes { 3 * unit } else { unit }
    }

    /// Classes of metre, mode, tonic and kind.
    fn classes(&self) -> [usize; 4] {
        [self.meter_class(), self.mode_class(), usize::from(self.key.tonic()), usize::from(self.kind.0)]
    }

    fn meter_class(&self) -> usize {
        let meter = (self.meter.count(), self.meter.unit());
        METERS.iter().position(|&known| known == meter).unwrap_or(METERS.len())
    }

    fn mode_class(&self) -> usize {
        Mode::ALL.iter().position(|&mode| mode == self.key.mode()).unwrap_or(0)
    }
}

/// A note that lookbacks may find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Past {
    onset: i64,
    event: NoteEvent,
}

/// What one lag finds at the onset of the next note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lookback {
    Nothing,
    /// A note that sounds there but began before.
    Held(NoteEvent),
    Onset(NoteEvent),
}

/// The past of a tune, bounded to what the longest lag reaches: cloning it copies a few hundred
/// bytes to a few kilobytes, and advancing it costs the same however long the tune is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolkState {
    conditions: Conditions,
    /// Onset of the next note in ticks; 0 is the first full bar.
    now: i64,
    last: Option<NoteEvent>,
    past: VecDeque<Past>,
    /// How many notes have left `past` at its front.
    forgotten: usize,
    /// For each lag the index (since the tune began) of the first note at or after the lagged time.
    cursors: [usize; LAGS.len()],
    runs: [u16; LAGS.len()],
}

impl FolkState {
    /// The start of a tune whose upbeat lasts `pickup` ticks.
    pub fn new(conditions: Conditions, pickup: i64) -> FolkState {
        FolkState {
            conditions,
            now: -pickup,
            last: None,
            past: VecDeque::new(),
            forgotten: 0,
            cursors: [0; LAGS.len()],
            runs: [0; LAGS.len()],
        }
    }

    /// What holds for the whole tune.
    pub fn conditions(&self) -> Conditions {
        self.conditions
    }

    /// Onset of the next note in ticks from the first full bar.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// The note before, if any.
    pub fn last(&self) -> Option<NoteEvent> {
        self.last
    }

    fn lookback(&self, lag: usize) -> Lookback {
        let wanted = self.now - LAGS[lag] * self.conditions.bar_ticks();
        let at = self.cursors[lag].saturating_sub(self.forgotten);
        match self.past.get(at) {
            Some(past) if past.onset == wanted => Lookback::Onset(past.event),
            _ => match at.checked_sub(1).and_then(|before| self.past.get(before)) {
                Some(past) => Lookback::Held(past.event),
                None => Lookback::Nothing,
            },
        }
    }

    /// Plays one note: time goes on by its length.
    pub fn advance(&mut self, event: NoteEvent) {
        for lag in 0..LAGS.len() {
            let repeats = self.lookback(lag) == Lookback::Onset(event);
            self.runs[lag] = if repeats { self.runs[lag].saturating_add(1) } else { 0 };
        }
        self.past.push_back(Past { onset: self.now, event });
        self.last = Some(event);
        self.now += event.ticks();
        let bar = self.conditions.bar_ticks();
        for (cursor, lag) in self.cursors.iter_mut().zip(LAGS) {
            let wanted = self.now - lag * bar;
            while self.past.get(*cursor - self.forgotten).is_some_and(|past| past.onset < wanted) {
                *cursor += 1;
            }
        }
        // The note before the earliest cursor may still sound there: it stays.
        let earliest = self.cursors.iter().copied().min().unwrap_or(0);
        while self.forgotten + 1 < earliest {
            self.past.pop_front();
            self.forgotten += 1;
        }
    }

    /// The rows that the network adds up before the next note.
    pub fn features(&self) -> Features {
        let mut values = [0; GROUP_COUNT];
        let bar = self.conditions.bar_ticks();
        let index = self.now.div_euclid(bar);
        let place = self.now.rem_euclid(bar) / PLACE_TICKS;
        let [meter, mode, tonic, kind] = self.conditions.classes();
        let head = [
            self.last.map_or(PITCH_CLASSES, |event| usize::from(event.pitch)),
            self.last.map_or(DURATIONS.len(), |event| usize::from(event.duration)),
            (place as usize).min(PLACES - 1),
            index.rem_euclid(4) as usize,
            index.rem_euclid(16) as usize,
            usize::try_from(index / 8).unwrap_or(0).min(PARTS - 1),
            meter,
            mode,
            tonic,
            kind,
        ];
        values[..head.len()].copy_from_slice(&head);
        for lag in 0..LAGS.len() {
            let (pitch, duration) = match self.lookback(lag) {
                Lookback::Nothing => (NO_PITCH, NO_DURATION),
                Lookback::Held(event) => (usize::from(event.pitch), HELD),
                Lookback::Onset(event) => (usize::from(event.pitch), usize::from(event.duration)),
            };
            let run = match self.runs[lag] {
                run @ 0..=2 => usize::from(run),
                3..=4 => 3,
                5..=8 => 4,
                9..=16 => 5,
                17..=32 => 6,
                _ => 7,
            };
            let at = head.len() + 3 * lag;
            values[at..at + 3].copy_from_slice(&[pitch, duration, run]);
        }
        std::array::from_fn(|group| (OFFSETS[group] + values[group]) as u16)
    }
}

/// Row `value` of a group.
fn row(group: usize, value: usize) -> (usize, u16) {
    (group, (OFFSETS[group] + value) as u16)
}

/// What training hides, and what it tells instead.
pub fn hidden() -> Vec<Hidden> {
    let [meter, _, tonic, kind] = std::array::from_fn(|condition| CONDITION_GROUP + condition);
    let tonics = (0..12).map(|class| vec![row(tonic, class)]).collect();
    let mut hidden = vec![
        Hidden::untold(row(kind, KINDS.len()), HIDDEN_KINDS),
        Hidden { instead: tonics, share: MOVED_TONICS, each_event: false },
        Hidden::untold(row(meter, METERS.len()), HIDDEN_METERS),
    ];
    let lookback = |lag: usize| {
        let group = GROUP_COUNT - 3 * LAGS.len() + 3 * lag;
        let nothing = vec![row(group, NO_PITCH), row(group + 1, NO_DURATION), row(group + 2, 0)];
        Hidden { instead: vec![nothing], share: HIDDEN_LOOKBACKS, each_event: true }
    };
    hidden.extend((0..LAGS.len()).map(lookback));
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folk::vocabulary::{duration_class, pitch_class};
    use proptest::prelude::*;

    fn conditions(meter: &str) -> Conditions {
        Conditions {
            key: Key::new(2, Mode::Dorian),
            meter: meter.parse().unwrap(),
            kind: Kind::named("Slip Jig"),
        }
    }

    fn note(midi: i32, ticks: i64) -> NoteEvent {
        NoteEvent { duration: duration_class(ticks).unwrap(), pitch: pitch_class(midi, 2).unwrap() }
    }

    /// Value of one feature group.
    fn value(state: &FolkState, group: usize) -> usize {
        usize::from(state.features()[group]) - OFFSETS[group]
    }

    /// Pitch, duration and run of a lag.
    fn lag(state: &FolkState, lag: usize) -> [usize; 3] {
        let at = GROUP_COUNT - 3 * LAGS.len() + 3 * lag;
        [at, at + 1, at + 2].map(|group| value(state, group))
    }

    #[test]
    fn groups_fill_the_table() {
        assert_eq!(FEATURES, 739);
        let state = FolkState::new(conditions("9/8"), 24);
        let features = state.features();
        assert_eq!(value(&state, 0), PITCH_CLASSES, "no note before");
        assert_eq!(value(&state, 2), (4 * 24 * 9 / 8 - 12) as usize, "the upbeat ends the bar");
        assert_eq!(value(&state, 6), 5, "9/8");
        assert_eq!(value(&state, 8), 2, "D");
        assert_eq!(value(&state, 9), 1, "slip jig");
        assert!(features.iter().all(|&row| usize::from(row) < FEATURES));
    }

    #[test]
    fn lookbacks_find_what_was_played_bars_ago() {
        let mut state = FolkState::new(conditions("2/4"), 0);
        let bar = [note(62, 48), note(64, 24), note(65, 24)];
        for event in bar {
            state.advance(event);
        }
        assert_eq!(lag(&state, 0), [usize::from(bar[0].pitch), usize::from(bar[0].duration), 0]);
        assert_eq!(lag(&state, 1), [NO_PITCH, NO_DURATION, 0], "two bars ago there was nothing");
        // In the second bar the first note is half as long: then no note begins a bar ago.
        state.advance(note(62, 24));
        assert_eq!(lag(&state, 0), [usize::from(bar[0].pitch), HELD, 0]);
        state.advance(note(62, 24));
        assert_eq!(lag(&state, 0), [usize::from(bar[1].pitch), usize::from(bar[1].duration), 0]);
        state.advance(bar[1]);
        state.advance(bar[2]);
        assert_eq!(lag(&state, 0)[2], 2, "two notes repeated the bar before");
        assert_eq!(lag(&state, 1)[..2], [usize::from(bar[0].pitch), usize::from(bar[0].duration)]);
    }

    #[test]
    fn the_past_stays_small() {
        let mut state = FolkState::new(conditions("12/8"), 0);
        for _ in 0..10_000 {
            state.advance(note(62, 24));
        }
        // 16 bars of 12 notes, and the note that may still sound before them.
        assert_eq!(state.past.len(), 16 * 12 + 1);
        assert_eq!(lag(&state, 4)[2], RUNS - 1);
    }

    proptest! {
        #[test]
        fn every_feature_is_a_row_of_its_group(
            meter in prop::sample::select(vec!["4/4", "6/8", "9/8", "7/8", "5/4", "32/1", "1/16"]),
            pickup in 0i64..100,
            events in prop::collection::vec((0..DURATIONS.len() as u8, 0..PITCH_CLASSES as u8), 0..300),
        ) {
            let mut state = FolkState::new(conditions(meter), pickup);
            for (duration, pitch) in events {
                for (group, &row) in state.features().iter().enumerate() {
                    let from = OFFSETS[group];
                    prop_assert!((from..from + GROUPS[group]).contains(&usize::from(row)), "group {}", group);
                }
                state.advance(NoteEvent { duration, pitch });
            }
        }

        /// The bounded past with its cursors finds the same as a search through everything.
        #[test]
        fn lookbacks_agree_with_a_plain_search(
            events in prop::collection::vec((0..DURATIONS.len() as u8, 0u8..3), 0..200),
        ) {
            let mut state = FolkState::new(conditions("2/4"), 24);
            let mut all: Vec<Past> = Vec::new();
            for (duration, pitch) in events {
                for (lag, bars) in LAGS.iter().enumerate() {
                    let wanted = state.now - bars * state.conditions.bar_ticks();
                    let expected = match all.iter().rfind(|past| past.onset <= wanted) {
                        Some(past) if past.onset == wanted => Lookback::Onset(past.event),
                        Some(past) => Lookback::Held(past.event),
                        None => Lookback::Nothing,
                    };
                    prop_assert_eq!(state.lookback(lag), expected);
                }
                let event = NoteEvent { duration, pitch };
                all.push(Past { onset: state.now, event });
                state.advance(event);
            }
        }
    }

    #[test]
    fn what_is_hidden_are_rows_of_their_groups() {
        let hidden = hidden();
        for &(group, row) in hidden.iter().flat_map(|hidden| hidden.instead.iter().flatten()) {
            let from = OFFSETS[group];
            assert!((from..from + GROUPS[group]).contains(&usize::from(row)), "group {group}");
        }
        // Kind, tonic and metre of a whole tune; each lookback of a note, as if nothing had been played then.
        let state = FolkState::new(conditions("4/4"), 0);
        let features = state.features();
        let nothing = hidden.iter().filter(|hidden| hidden.each_event);
        assert!(
            nothing.clone().flat_map(|hidden| &hidden.instead[0]).all(|&(group, row)| features[group] == row)
        );
        assert_eq!((nothing.count(), hidden.len()), (LAGS.len(), LAGS.len() + 3));
        assert_eq!(hidden[1].instead.len(), 12);
    }
}
