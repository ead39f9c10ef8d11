//! The particles of a tilt, looked at while it runs. Each boundary is told of to whoever looks; where nobody looks, or
//! not often enough, that is left out, and no model waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam::queue::ArrayQueue;

use crate::Extent;
use crate::log_weights::LogWeights;

/// Populations that may wait to be looked at: some takes' worth.
const MOST_WAITING: usize = 256;

/// The particles of a run at a boundary. A run is one draw from a tilted model, from the beginning to the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// Number of the run, from 0 in the order in which runs began.
    pub run: u64,
    /// Name of the model.
    pub model: Arc<str>,
    /// True for the run of a first draft.
    pub is_draft: bool,
    /// How far the pieces have come.
    pub extent: Extent,
    /// True for the last of the run: the pieces are whole.
    pub is_whole: bool,
    /// The share of each particle in the weight, `0..=1`; they sum to 1, unless none keeps to the rules.
    pub weights: Vec<f64>,
    /// The effective sample size as a share of the particles, `0..=1`.
    pub ess: f64,
    /// Where they were resampled after this: whose copy each place became.
    pub ancestors: Option<Vec<usize>>,
}

/// Looks at the particles of all tilts of a service. Clones look at the same.
#[derive(Debug, Clone)]
pub struct ParticleScope {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    open: AtomicBool,
    runs: AtomicU64,
    waiting: ArrayQueue<Population>,
}

impl ParticleScope {
    /// One that nobody looks through yet.
    pub(crate) fn new() -> ParticleScope {
        let waiting = ArrayQueue::new(MOST_WAITING);
        ParticleScope {
            shared: Arc::new(Shared { open: AtomicBool::new(false), runs: AtomicU64::new(0), waiting }),
        }
    }

    /// From now on runs that begin are told of, or no more.
    pub fn open(&self, open: bool) {
        self.shared.open.store(open, Ordering::Relaxed);
        while !open && self.shared.waiting.pop().is_some() {}
    }

    /// The oldest population that was not looked at yet.
    pub fn take(&self) -> Option<Population> {
        self.shared.waiting.pop()
    }

    /// A run of `model` begins: what tells of it, if somebody looks.
    pub(crate) fn run(&self, model: &Arc<str>, is_draft: bool) -> Option<ParticleRun> {
        self.shared.open.load(Ordering::Relaxed).then(|| ParticleRun {
            scope: self.clone(),
            run: self.shared.runs.fetch_add(1, Ordering::Relaxed),
            model: Arc::clone(model),
            is_draft,
        })
    }
}

/// Tells of one run.
pub(crate) struct ParticleRun {
    scope: ParticleScope,
    run: u64,
    model: Arc<str>,
    is_draft: bool,
}

impl ParticleRun {
    /// The particles at a boundary, before they are resampled.
    pub fn at(&self, extent: Extent, weights: &LogWeights, is_whole: bool) -> Population {
        Population {
            run: self.run,
            model: Arc::clone(&self.model),
            is_draft: self.is_draft,
            extent,
            is_whole,
            weights: weights.shares(),
            ess: weights.ess(),
            ancestors: None,
        }
    }

    /// Tells of them; what nobody looked at in time is left out, the oldest first.
    pub fn tell(&self, population: Population) {
        self.scope.shared.waiting.force_push(population);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_look_costs_nothing_and_who_looks_seldom_sees_the_newest() {
        let scope = ParticleScope::new();
        let model: Arc<str> = "folk".into();
        assert!(scope.run(&model, false).is_none());
        scope.open(true);
        for number in 0..2 {
            let run = scope.run(&model, number == 1).expect("somebody looks");
            for points in 1..=MOST_WAITING {
                run.tell(run.at(Extent::of_points(points), &LogWeights::equal(4), points == MOST_WAITING));
            }
        }
        let seen: Vec<Population> = std::iter::from_fn(|| scope.take()).collect();
        assert_eq!(seen.len(), MOST_WAITING);
        assert!(seen.iter().all(|population| population.run == 1 && population.is_draft));
        let last = seen.last().expect("some");
        assert_eq!((last.is_whole, last.ess), (true, 1.0));
        assert!(last.weights.iter().all(|weight| (weight - 0.25).abs() < 1e-12));
        let run = scope.run(&model, false).expect("somebody looks");
        run.tell(run.at(Extent::NONE, &LogWeights::equal(4), false));
        scope.open(false);
        assert_eq!(scope.take(), None);
    }
}
