//! Models that speak one event after the other: a stack of LSTM layers hears a handful of embedding
//! rows a step and says the fields of the next event in order, each given those before it, among the
//! classes that may come.
//!
//! A model of this family is a vocabulary of events, a [`walk::Walk`] that says what is heard and what
//! may come, and a codec between events and clips. The family gives the rest: the forward pass that
//! trains ([`network`], taught by [`lesson`]), the packed one that plays ([`step`]), drawing and scoring
//! ([`playing`], [`particles`]), and learning more while the music plays ([`learner`]).

pub mod asked;
pub mod batches;
pub mod card;
pub mod learner;
pub mod lesson;
pub mod network;
pub mod particles;
pub mod playing;
pub mod step;
pub mod walk;

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use lilt_inference::{ModelError, Watch};
    use lilt_score::Seed;
    use rand::RngExt;

    use super::network::Config;
    use super::playing::{Ensemble, Piece};
    use super::step::StreamStep;
    use super::walk::Walk;
    use crate::card::Weights;

    /// Random weights that f16 holds exactly, of any sizes.
    pub(crate) fn random_weights(config: &Config, seed: u64) -> BTreeMap<String, Weights> {
        let mut rng = Seed(seed).rng();
        let mut tensor = |(name, shape): (String, Vec<usize>)| {
            let count = shape.iter().product();
            let values =
                (0..count).map(|_| half::f16::from_f32(rng.random_range(-0.5..0.5)).to_f32()).collect();
            (name, Weights { shape, values })
        };
        config.tensors().into_iter().map(&mut tensor).collect()
    }

    pub(crate) fn config() -> Config {
        Config { rows: 12, groups: 2, embed: 8, hidden: 32, layers: 2, gate: 16, fields: vec![3, 4] }
    }

    pub(crate) fn weights(seed: u64) -> BTreeMap<String, Weights> {
        random_weights(&config(), seed)
    }

    /// Counts its events; the second field may not be less than the first.
    #[derive(Clone)]
    pub(crate) struct Counting {
        count: usize,
        before: [u8; 2],
    }

    const START: Counting = Counting { count: 0, before: [0; 2] };

    impl Counting {
        pub(crate) fn start() -> Counting {
            START
        }
    }

    impl Walk for Counting {
        fn rows(&self, rows: &mut Vec<u16>) {
            rows.extend([u16::from(self.before[0]), 3 + u16::from(self.before[1])]);
        }

        fn allowed(&self, said: &[u8], class: usize) -> bool {
            said.first().is_none_or(|&first| class >= usize::from(first))
        }

        fn hear(&mut self, event: &[u8]) {
            self.before = [event[0], event[1]];
            self.count += 1;
        }
    }

    fn step() -> StreamStep {
        StreamStep::new("test", config(), &weights(5)).unwrap()
    }

    fn ensemble(step: &StreamStep, count: u64) -> Ensemble<'_, Counting> {
        let rngs = (0..count).map(|place| Seed(1).child_number(place).rng());
        Ensemble::new(&Piece::new(step, START), 1.0, rngs)
    }

    fn all(ensemble: &Ensemble<'_, Counting>) -> Vec<Vec<Vec<u8>>> {
        (0..ensemble.count()).map(|piece| ensemble.events(piece).map(<[u8]>::to_vec).collect()).collect()
    }

    #[test]
    fn pieces_side_by_side_are_what_they_are_alone() {
        let step = step();
        let mut together = ensemble(&step, 5);
        // It does not matter where they stop for a look.
        together.advance(|walk| walk.count >= 3, &Watch::new()).unwrap();
        together.advance(|walk| walk.count >= 20, &Watch::new()).unwrap();
        for (place, events) in (0..).zip(all(&together)) {
            let mut rng = Seed(1).child_number(place).rng();
            let mut alone = Piece::new(&step, START);
            let drawn: Vec<Vec<u8>> =
                (0..20).map(|_| alone.draw(1.0, || rng.random(), |_, _| true).unwrap()).collect();
            assert_eq!(events, drawn);
            assert!(events.iter().all(|event| event[1] >= event[0]));
        }
    }

    #[test]
    fn copies_part_again() {
        let step = step();
        let mut pieces = ensemble(&step, 3);
        pieces.advance(|walk| walk.count >= 8, &Watch::new()).unwrap();
        let before = all(&pieces);
        pieces.resample(&[2, 2, 0]);
        assert_eq!(all(&pieces), [before[2].clone(), before[2].clone(), before[0].clone()]);
        pieces.advance(|walk| walk.count >= 40, &Watch::new()).unwrap();
        let after = all(&pieces);
        assert_eq!(after[0][..8], after[1][..8]);
        assert_ne!(after[0], after[1]);
    }

    #[test]
    fn scores_are_the_chances_that_drawing_follows() {
        let step = step();
        let mut sum = 0.0;
        for first in 0..3u8 {
            for second in first..4 {
                sum += (-Piece::new(&step, START).score(&[first, second]).unwrap()).exp();
            }
        }
        assert!((sum - 1.0).abs() < 1e-6, "{sum}");
        assert!(Piece::new(&step, START).score(&[2, 1]).is_err());
        let drawn = Piece::new(&step, START).draw(1.0, || 0.5, |_, _| false);
        assert!(matches!(drawn, Err(ModelError::Computation { .. })));
    }

    #[test]
    fn a_cancelled_watch_stops_it() {
        let step = step();
        let watch = Watch::new();
        watch.cancel();
        assert_eq!(ensemble(&step, 2).advance(|_| false, &watch), Err(ModelError::Cancelled));
    }
}
