//! What became of many listeners, in a few numbers.

use lilt_score::Seed;

use crate::listener::{Kind, Listener};
use crate::trial::{Course, Outcome, Stage};

/// A number of some outcomes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// The median.
    pub median: f64,
    /// The tenth percentile.
    pub tenth: f64,
    /// The mean.
    pub mean: f64,
    /// Half the width of its interval of 95 %: 1.96 standard errors.
    pub interval: f64,
}

/// The outcomes of listeners of one kind after so many judgements.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Who.
    pub kind: Kind,
    /// After how many judgements.
    pub after: usize,
    /// One for each listener.
    pub outcomes: Vec<Outcome>,
}

impl Summary {
    /// Lets `count` listeners of a kind judge; one summary for each of `after`.
    pub fn of(
        stage: &Stage<'_>,
        kind: Kind,
        count: usize,
        course: Course,
        seed: Seed,
        after: &[usize],
    ) -> Vec<Summary> {
        let trial = |number: usize| {
            let listener = Listener::new(kind, number, seed, stage.played);
            stage.run(&listener, course, seed.child("run").child_number(number as u64), after)
        };
        let trials: Vec<Vec<Outcome>> = (0..count).map(trial).collect();
        let summary = |(at, after): (usize, &usize)| {
            let outcomes = trials.iter().map(|trial| trial[at]).collect();
            Summary { kind, after: *after, outcomes }
        };
        after.iter().enumerate().map(summary).collect()
    }

    /// A number of each outcome.
    pub fn column(&self, of: impl Fn(&Outcome) -> f64) -> Column {
        let mut values: Vec<f64> = self.outcomes.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        let count = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance =
            values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
        let at = |share: f64| {
            // Between the two values around the place.
            let place = share * (count - 1.0);
            let value = |at: f64| values.get(at as usize).copied().unwrap_or(0.0);
            value(place.floor()) + place.fract() * (value(place.ceil()) - value(place.floor()))
        };
        Column { median: at(0.5), tenth: at(0.1), mean, interval: 1.96 * (variance / count).sqrt() }
    }
}
