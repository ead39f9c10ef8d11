//! The tilts that run, for the canvas, where the script wants them to be seen.

use lilt_canvas::{BoundaryView, MAX_BOUNDARIES, MAX_PARTICLES, MAX_RUNS, RunView};
use lilt_inference::{ParticleScope, Population};
use lilt_sequencer::Show;

/// Populations that are taken in at a look: a model that tells more is not waited for.
const MOST_AT_ONCE: usize = 256;

/// Looks at the particles of tilts while they are shown. First drafts are left out: the take itself follows.
pub struct TiltRuns {
    scope: ParticleScope,
    open: bool,
    /// The newest runs by their numbers, in the order in which they began to be seen.
    runs: Vec<(u64, RunView)>,
}

impl TiltRuns {
    /// Looks through `scope`, when it is asked to.
    pub fn new(scope: ParticleScope) -> TiltRuns {
        TiltRuns { scope, open: false, runs: Vec::new() }
    }

    /// The tilts that ran last, where a view shows them.
    pub fn see(&mut self, show: Show) -> Vec<RunView> {
        self.look(show == Show::Tilt);
        if !self.open {
            return Vec::new();
        }
        for _ in 0..MOST_AT_ONCE {
            let Some(population) = self.scope.take() else { break };
            if !population.is_draft {
                self.take(population);
            }
        }
        self.runs.iter().map(|(_, run)| run.clone()).collect()
    }

    /// Looks from now on, or no longer.
    pub fn look(&mut self, open: bool) {
        if open != self.open {
            self.open = open;
            self.scope.open(open);
            self.runs.clear();
        }
    }

    fn take(&mut self, population: Population) {
        let number = population.run;
        if !self.runs.iter().any(|(known, _)| *known == number) {
            let particles = population.weights.len();
            let view = RunView { name: population.model.to_string(), particles, ..RunView::default() };
            self.runs.push((number, view));
            self.runs.drain(..self.runs.len().saturating_sub(MAX_RUNS));
        }
        let Some((_, run)) = self.runs.iter_mut().find(|(known, _)| *known == number) else { return };
        run.is_whole = population.is_whole;
        run.boundaries.push(boundary(&population));
        run.boundaries.drain(..run.boundaries.len().saturating_sub(MAX_BOUNDARIES));
    }
}

/// The particles at a boundary, neighbours together where they are more than are seen.
fn boundary(population: &Population) -> BoundaryView {
    let count = population.weights.len();
    let seen = count.min(MAX_PARTICLES);
    let place = |particle: usize| particle * seen / count;
    let mut weights = vec![0.0; seen];
    for (particle, weight) in population.weights.iter().enumerate() {
        weights[place(particle)] += weight;
    }
    // Of neighbours that are seen as one, the first says whose copy it is.
    let first = |place: usize| (place * count).div_ceil(seen);
    let ancestors = population.ancestors.as_ref().map(|ancestors| {
        (0..seen).map(|at| ancestors.get(first(at)).map_or(0, |ancestor| place(*ancestor) as u16)).collect()
    });
    let weights = weights.into_iter().map(|weight| (weight * 1e4).round() as f32 / 1e4).collect();
    BoundaryView { weights, ess: population.ess, ancestors }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_inference::Extent;

    fn population(count: usize) -> Population {
        Population {
            run: 3,
            model: "folk".into(),
            is_draft: false,
            extent: Extent::NONE,
            is_whole: false,
            weights: (0..count).map(|particle| if particle == count - 1 { 1.0 } else { 0.0 }).collect(),
            ess: 1.0 / count as f64,
            ancestors: Some(vec![count - 1; count]),
        }
    }

    #[test]
    fn many_particles_are_seen_together() {
        for count in [1, 2, MAX_PARTICLES, MAX_PARTICLES + 1, 1000, 4096] {
            let seen = boundary(&population(count));
            let last = count.min(MAX_PARTICLES) - 1;
            assert_eq!((seen.weights.len(), seen.weights[last]), (last + 1, 1.0), "{count}");
            assert_eq!(seen.ancestors, Some(vec![last as u16; last + 1]), "{count}");
        }
    }

    #[test]
    fn neighbours_keep_their_places() {
        let own = Population { ancestors: Some((0..1000).collect()), ..population(1000) };
        let seen: Vec<u16> = (0..MAX_PARTICLES as u16).collect();
        assert_eq!(boundary(&own).ancestors, Some(seen));
    }
}
