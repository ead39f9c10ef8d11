//! The ground on which generations are placed: tempo, metre, and how far the music is certain.

use lilt_score::{Beat, Meter};

use crate::{Quantum, Tempo, TempoMap};

/// Steps in a beat to which the playhead is rounded up: one is half a millisecond at 120 bpm.
pub(crate) const COMMIT_GRID: i64 = 960;

/// Where bars lie. A new metre begins at a bar line of the old one, and bars go on being
/// counted: the bar that would have been the ninth is the ninth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measure {
    pub(crate) meter: Meter,
    /// The beat of the performance on which beat 0 of this metre would fall.
    pub(crate) origin: Beat,
}

impl Measure {
    /// Length of a bar in beats.
    pub(crate) fn bar(&self) -> Beat {
        self.meter.bar()
    }

    /// The bar, from 0, in which `beat` lies.
    pub(crate) fn bar_of(&self, beat: Beat) -> i64 {
        (beat - self.origin).floor_div(self.bar())
    }

    /// The first multiple of `step` at or after `beat`, counted from this metre's beat 0.
    fn next_multiple(&self, beat: Beat, step: Beat) -> Beat {
        self.origin + (beat - self.origin).next_multiple(step)
    }

    /// True when `beat` is a multiple of `step`, counted from this metre's beat 0.
    pub(crate) fn is_multiple(&self, beat: Beat, step: Beat) -> bool {
        ((beat - self.origin) % step).is_zero()
    }

    /// The first multiple of `step` after `beat`.
    pub(crate) fn after(&self, beat: Beat, step: Beat) -> Beat {
        self.origin + step * Beat::whole((beat - self.origin).floor_div(step) + 1)
    }

    /// This metre, or `meter` from `boundary` on, which is a bar line where they differ.
    pub(crate) fn changed(self, meter: Meter, boundary: Beat) -> Measure {
        if meter.bar() == self.bar() {
            return Measure { meter, ..self };
        }
        Measure { meter, origin: boundary - meter.bar() * Beat::whole(self.bar_of(boundary)) }
    }
}

/// Tempo and metre of what plays, and how far it is certain. Small and plain: whoever writes the
/// plan ahead keeps a copy.
#[derive(Debug, Clone)]
pub struct Ground {
    pub(crate) map: TempoMap,
    pub(crate) measure: Measure,
    /// Everything before this beat is certain.
    pub(crate) committed: Beat,
    /// Everything before this second is certain.
    pub(crate) committed_seconds: f64,
    /// True once something was heard: until then the first generation is still placed freely.
    pub(crate) started: bool,
    /// True while no slot is filled and none sounds.
    pub(crate) silent: bool,
}

/// A boundary, and what it is in the metre that holds from there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Entry {
    pub(crate) boundary: Beat,
    pub(crate) measure: Measure,
}

impl Ground {
    /// Silence at beat 0, second 0, in common time.
    pub(crate) fn new() -> Ground {
        Ground {
            map: TempoMap::new(0.0, Tempo::DEFAULT),
            measure: Measure { meter: Meter::COMMON, origin: Beat::ZERO },
            committed: Beat::ZERO,
            committed_seconds: 0.0,
            started: false,
            silent: true,
        }
    }

    /// The first beat that is neither certain nor past at second `now`.
    pub(crate) fn earliest(&self, now: f64) -> Beat {
        self.committed.max(commit_grid(self.map.beat_at(finite(now))))
    }

    /// Where a generation of this quantum and metre enters that comes at second `now`, not
    /// before `not_before`. A silent host takes it at the next beat. A change of metre waits for
    /// a bar line, so that no bar is cut.
    pub(crate) fn entry(&self, quantum: Quantum, meter: Meter, now: f64, not_before: Beat) -> Entry {
        if !self.started {
            return Entry { boundary: Beat::ZERO, measure: Measure { meter, origin: Beat::ZERO } };
        }
        let own = quantum.beats(self.measure.meter);
        let step = match (self.silent, meter.bar() == self.measure.bar()) {
            (true, true) => own.min(Beat::ONE),
            (true, false) => Beat::ONE,
            (false, true) => own,
            (false, false) => own.max(self.measure.bar()),
        };
        let earliest = self.earliest(now).max(not_before);
        let boundary = self.measure.next_multiple(earliest, step);
        let measure = match self.silent && meter.bar() != self.measure.bar() {
            // Nothing sounds whose bar could be cut: a new one begins here.
            true => Measure {
                meter,
                origin: boundary - meter.bar() * Beat::whole(self.measure.bar_of(boundary) + 1),
            },
            false => self.measure.changed(meter, boundary),
        };
        Entry { boundary, measure }
    }

    /// The beat that plays at second `now`, on a grid finer than anybody hears; beat 0 before the performance.
    pub fn beat_at(&self, now: f64) -> Beat {
        commit_grid(self.map.beat_at(finite(now)))
    }

    /// Moment of a beat, in seconds since the performance began.
    pub fn seconds_at(&self, beat: Beat) -> f64 {
        self.map.seconds_at(beat)
    }
}

/// The beat at or just after `beat` on the grid of commitment. A millionth of a step
/// below the next one is rounding of the conversion from seconds, and not crossed.
pub(crate) fn commit_grid(beat: f64) -> Beat {
    Beat::new((beat.max(0.0) * COMMIT_GRID as f64 - 1e-6).ceil() as i64, COMMIT_GRID)
}

pub(crate) fn finite(seconds: f64) -> f64 {
    if seconds.is_finite() { seconds } else { 0.0 }
}
