//! Drawings that a network draws from the start, side by side.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::mixture::Mixture;
use super::moves::{Move, Pen};
use super::step::{Condition, Room, SketchState, SketchStep};

/// `count` drawings, in pixels, all told the same, with at most so many points, the same for the same seed. One that
/// does not end by then has no end.
pub fn drawn(
    step: &SketchStep,
    told: &Condition,
    count: usize,
    most_points: usize,
    temperature: f32,
    seed: u64,
) -> Vec<Vec<Move>> {
    let (mut room, mut mixture) = (Room::default(), Mixture::default());
    let mut drawn: Vec<Vec<Move>> = vec![Vec::new(); count];
    let mut lanes: Vec<usize> = (0..count).collect();
    let mut states: Vec<SketchState> = vec![step.start(); count];
    let mut rngs: Vec<ChaCha8Rng> =
        (0..count as u64).map(|number| ChaCha8Rng::seed_from_u64(seed ^ number << 32)).collect();
    while !lanes.is_empty() {
        let before: Vec<Move> =
            lanes.iter().map(|&lane| drawn[lane].last().copied().unwrap_or(Move::START)).collect();
        let said = step.step(&mut room, &before, &vec![told; lanes.len()], &mut states);
        for (&lane, said) in lanes.iter().zip(said.chunks_exact(step.outputs())) {
            mixture.read(said, temperature);
            drawn[lane].push(mixture.draw(&mut rngs[lane]));
        }
        let goes_on = |lane: usize| {
            let moves = &drawn[lane];
            moves.len() <= most_points && moves.last().is_some_and(|step| step.pen != Pen::End)
        };
        let mut going = lanes.iter().map(|&lane| goes_on(lane));
        states.retain(|_| going.next().unwrap_or(false));
        lanes.retain(|&lane| goes_on(lane));
    }
    let scale = step.config().scale;
    drawn.iter().map(|moves| moves.iter().map(|step| step.scaled(scale)).collect()).collect()
}
