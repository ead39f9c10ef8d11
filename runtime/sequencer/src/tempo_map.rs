//! Beats to seconds and back, through every change of tempo.

use std::sync::Arc;

use lilt_score::Beat;

use crate::{Tempo, TempoCurve};

/// Tempo changes whose beginning lies behind the playhead and that are still
/// remembered: enough for any question about what sounds now or just sounded.
const REMEMBERED: usize = 64;

/// From a beat on, the tempo runs linearly in beats from one value to another,
/// and then holds; or it follows a curve.
#[derive(Debug, Clone)]
struct Change {
    beat: Beat,
    seconds: f64,
    from: f64,
    to: f64,
    length: Beat,
    /// The curve that it follows, and the beat of that at its beginning.
    curve: Option<(Arc<TempoCurve>, Beat)>,
}

impl Change {
    /// Seconds from the beginning of the change to `beats` after it.
    ///
    /// With tempo v(x) = v₀ + k·x at x beats, dt/dx = 60 / v(x), hence
    /// t(x) = 60/k · ln(1 + k·x/v₀): the tempo curve integrated in closed form
    /// (Dannenberg 1997, "Abstract time warping of compound events and signals",
    /// Computer Music Journal 21(3)).
    fn seconds_after(&self, beats: f64) -> f64 {
        if let (Some((curve, from)), true) = (&self.curve, beats > 0.0) {
            let from = from.to_f64();
            return curve.seconds_at(from + beats) - curve.seconds_at(from);
        }
        let length = self.length.to_f64();
        if beats <= 0.0 || length == 0.0 || self.from == self.to {
            return beats * 60.0 / if beats < 0.0 { self.from } else { self.to };
        }
        let slope = (self.to - self.from) / length;
        let inside = beats.min(length);
        60.0 / slope * (slope * inside / self.from).ln_1p() + (beats - inside) * 60.0 / self.to
    }

    /// Inverse of [`Change::seconds_after`].
    fn beats_after(&self, seconds: f64) -> f64 {
        if let (Some((curve, from)), true) = (&self.curve, seconds > 0.0) {
            let from = from.to_f64();
            return curve.beat_at(curve.seconds_at(from) + seconds) - from;
        }
        let length = self.length.to_f64();
        if seconds <= 0.0 || length == 0.0 || self.from == self.to {
            return seconds * if seconds < 0.0 { self.from } else { self.to } / 60.0;
        }
        let whole = self.seconds_after(length);
        if seconds >= whole {
            return length + (seconds - whole) * self.to / 60.0;
        }
        let slope = (self.to - self.from) / length;
        self.from / slope * (slope * seconds / 60.0).exp_m1()
    }

    fn bpm_after(&self, beats: Beat) -> f64 {
        if let (Some((curve, from)), true) = (&self.curve, beats >= Beat::ZERO) {
            return curve.bpm_at(*from + beats);
        }
        let (beats, length) = (beats.to_f64(), self.length.to_f64());
        if beats >= length { self.to } else { self.from + (self.to - self.from) * (beats / length).max(0.0) }
    }
}

/// Beats to seconds and back.
///
/// Every change is anchored at an exact beat, and the seconds of an event are
/// measured from the last anchor, so no error grows with the length of a set.
#[derive(Debug, Clone)]
pub struct TempoMap {
    /// Never empty; strictly increasing in beats.
    changes: Vec<Change>,
}

impl TempoMap {
    /// Beat 0 falls on second `origin`, and `tempo` holds from there.
    pub fn new(origin: f64, tempo: Tempo) -> TempoMap {
        let bpm = tempo.bpm();
        TempoMap {
            changes: vec![Change {
                beat: Beat::ZERO,
                seconds: origin,
                from: bpm,
                to: bpm,
                length: Beat::ZERO,
                curve: None,
            }],
        }
    }

    /// Seconds at which an exact beat falls.
    pub fn seconds_at(&self, beat: Beat) -> f64 {
        let change = self.at(beat);
        change.seconds + change.seconds_after((beat - change.beat).to_f64())
    }

    /// Beat that falls on `seconds`; negative before the origin.
    pub fn beat_at(&self, seconds: f64) -> f64 {
        let next = self.changes.partition_point(|change| change.seconds <= seconds);
        let change = &self.changes[next.saturating_sub(1)];
        change.beat.to_f64() + change.beats_after(seconds - change.seconds)
    }

    /// Quarter notes a minute at a beat.
    pub fn bpm_at(&self, beat: Beat) -> f64 {
        let change = self.at(beat);
        change.bpm_after(beat - change.beat)
    }

    /// From beat `at` the tempo glides over `length` beats to `tempo`. Changes
    /// that would have begun at or after `at` are forgotten; a glide under way
    /// there is left at the tempo it has reached.
    pub fn change(&mut self, at: Beat, tempo: Tempo, length: Beat) {
        let from = self.bpm_at(at);
        let seconds = self.seconds_at(at);
        let length = length.max(Beat::ZERO);
        let change = Change { beat: at, seconds, from, to: tempo.bpm(), length, curve: None };
        self.changes.retain(|other| other.beat < at);
        let last = self.changes.last();
        if last
            .is_none_or(|last| last.curve.is_some() || last.beat + last.length > at || last.to != tempo.bpm())
        {
            self.changes.push(change);
        }
    }

    /// From beat `at` on the tempo is that of a curve, whose beat 0 falls on `origin`. Changes that would have
    /// begun at or after `at` are forgotten; a curve that is followed already goes on.
    pub fn follow(&mut self, at: Beat, curve: &Arc<TempoCurve>, origin: Beat) {
        let seconds = self.seconds_at(at);
        let bpm = curve.bpm_at(at - origin);
        let follows = Some((Arc::clone(curve), at - origin));
        let change = Change { beat: at, seconds, from: bpm, to: bpm, length: Beat::ZERO, curve: follows };
        self.changes.retain(|other| other.beat < at);
        let same = |last: &Change| {
            let follows = last.curve.as_ref();
            follows.is_some_and(|(known, from)| last.beat - *from == origin && **known == **curve)
        };
        if !self.changes.last().is_some_and(same) {
            self.changes.push(change);
        }
    }

    /// Forgets changes that would begin at or after `from`, except the first of all.
    pub fn forget_after(&mut self, from: Beat) {
        let keep = self.changes.partition_point(|change| change.beat < from).max(1);
        self.changes.truncate(keep);
    }

    /// Forgets changes long before `beat`.
    pub fn forget_before(&mut self, beat: Beat) {
        let past = self.changes.partition_point(|change| change.beat <= beat);
        self.changes.drain(..past.saturating_sub(REMEMBERED));
    }

    fn at(&self, beat: Beat) -> &Change {
        let next = self.changes.partition_point(|change| change.beat <= beat);
        &self.changes[next.saturating_sub(1)]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tempo(bpm: f64) -> Tempo {
        Tempo::new(bpm).expect("in range")
    }

    #[test]
    fn ten_thousand_bars_do_not_drift() {
        let map = TempoMap::new(0.0, tempo(113.0));
        for bar in 0..10_000 {
            let beat = Beat::whole(4 * bar) + Beat::new(1, 3);
            let exact = beat.to_f64() * 60.0 / 113.0;
            assert!((map.seconds_at(beat) - exact).abs() < 1e-9, "bar {bar}");
        }
    }

    #[test]
    fn a_glide_takes_the_time_of_its_tempo_curve() {
        let mut map = TempoMap::new(0.0, tempo(60.0));
        map.change(Beat::whole(4), tempo(120.0), Beat::ONE);
        let glide = map.seconds_at(Beat::whole(5)) - map.seconds_at(Beat::whole(4));
        assert!((glide - std::f64::consts::LN_2).abs() < 1e-12);
        let steps = 100_000;
        let sum: f64 = (0..steps)
            .map(|i| 60.0 / (60.0 + 60.0 * (f64::from(i) + 0.5) / f64::from(steps)) / f64::from(steps))
            .sum();
        assert!((glide - sum).abs() < 1e-9, "{glide} against the midpoint sum {sum}");
        assert!((map.seconds_at(Beat::whole(7)) - (4.0 + glide + 1.0)).abs() < 1e-12);
        assert_eq!(map.bpm_at(Beat::new(9, 2)), 90.0);
    }

    #[test]
    fn history_is_bounded() {
        let mut map = TempoMap::new(0.0, tempo(60.0));
        for i in 0..1000 {
            map.change(Beat::whole(i), tempo(60.0 + i as f64 % 7.0), Beat::ZERO);
            map.forget_before(Beat::whole(i));
        }
        assert!(map.changes.len() <= REMEMBERED);
    }

    proptest! {
        #[test]
        fn seconds_and_beats_are_inverse_and_increase(
            origin in 0.0..100.0f64,
            changes in prop::collection::vec((1..64i64, 20.0..999.0f64, 0..3i64), 0..12),
            asked in prop::collection::vec((0..2000i64, 1..97i64), 2..40),
        ) {
            let mut map = TempoMap::new(origin, tempo(120.0));
            let mut at = Beat::ZERO;
            for (step, bpm, length) in changes {
                at += Beat::new(step, 4);
                map.change(at, tempo(bpm), Beat::whole(length));
            }
            let mut beats: Vec<Beat> = asked.into_iter().map(|(n, d)| Beat::new(n, d)).collect();
            beats.sort();
            beats.dedup();
            let seconds: Vec<f64> = beats.iter().map(|beat| map.seconds_at(*beat)).collect();
            prop_assert!(seconds.windows(2).all(|pair| pair[0] < pair[1]));
            for (beat, seconds) in beats.iter().zip(seconds) {
                prop_assert!((map.beat_at(seconds) - beat.to_f64()).abs() < 1e-7);
            }
        }

        #[test]
        fn a_change_leaves_what_came_before(
            bpm in 20.0..999.0f64, at in 1..400i64, before in 0..400i64,
        ) {
            let mut map = TempoMap::new(0.0, tempo(97.0));
            let beat = Beat::new(before.min(at), 4);
            let told = map.seconds_at(beat);
            map.change(Beat::new(at, 4), tempo(bpm), Beat::ONE);
            prop_assert_eq!(map.seconds_at(beat), told);
        }
    }
}
