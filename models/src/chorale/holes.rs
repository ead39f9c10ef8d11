//! Which cells of a crop are hidden while the network learns.
//!
//! Coconet hides any number of cells anywhere. Music is also asked for in other shapes: a whole
//! voice to a melody, what comes after a past, a frame among frames; so a share of the masks is of
//! those shapes. Within every shape the number of hidden cells is drawn evenly.

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::features::Known;
use super::vocabulary::VOICES;

/// Which cells of `frames` frames are known; at least one is not.
pub fn draw(frames: usize, rng: &mut ChaCha8Rng) -> Vec<Known> {
    let shape: f32 = rng.random();
    match shape {
        _ if shape < 0.40 => cells(frames, rng),
        _ if shape < 0.78 => whole_frames(frames, rng),
        _ if shape < 0.92 => voices(frames, rng),
        _ => span(frames, rng),
    }
}

/// Any cells, evenly many of them.
fn cells(frames: usize, rng: &mut ChaCha8Rng) -> Vec<Known> {
    let all = frames * VOICES;
    let mut order: Vec<usize> = (0..all).collect();
    order.shuffle(rng);
    let hidden = rng.random_range(1..=all);
    let mut known = vec![[true; VOICES]; frames];
    for &cell in &order[..hidden] {
        known[cell / VOICES][cell % VOICES] = false;
    }
    known
}

/// Any frames, evenly many; of some of them a few voices stay known.
fn whole_frames(frames: usize, rng: &mut ChaCha8Rng) -> Vec<Known> {
    let mut order: Vec<usize> = (0..frames).collect();
    order.shuffle(rng);
    let hidden = rng.random_range(1..=frames);
    let partly: f32 = if rng.random::<f32>() < 0.5 { 0.0 } else { 0.5 };
    let mut known = vec![[true; VOICES]; frames];
    for &frame in &order[..hidden] {
        known[frame] = [false; VOICES];
        if rng.random::<f32>() < partly {
            let mut order = [0, 1, 2, 3];
            order.shuffle(rng);
            for &voice in &order[..rng.random_range(1..VOICES)] {
                known[frame][voice] = true;
            }
        }
    }
    known
}

/// Some voices, throughout or evenly many of their cells.
fn voices(frames: usize, rng: &mut ChaCha8Rng) -> Vec<Known> {
    let mut order = [0, 1, 2, 3];
    order.shuffle(rng);
    let chosen = &order[..rng.random_range(1..VOICES)];
    let share: f32 = if rng.random::<f32>() < 0.3 { 1.0 } else { rng.random() };
    let mut known = vec![[true; VOICES]; frames];
    for frame in &mut known {
        for &voice in chosen {
            frame[voice] = rng.random::<f32>() >= share;
        }
    }
    known[rng.random_range(0..frames)][chosen[0]] = false;
    known
}

/// Everything in a span of time, which may reach to either end, or evenly many of its cells.
fn span(frames: usize, rng: &mut ChaCha8Rng) -> Vec<Known> {
    let length = rng.random_range(1..=frames);
    let first = match rng.random_range(0..3) {
        0 => 0,
        1 => frames - length,
        _ => rng.random_range(0..=frames - length),
    };
    let share: f32 = if rng.random::<f32>() < 0.3 { 1.0 } else { rng.random() };
    let mut known = vec![[true; VOICES]; frames];
    for frame in &mut known[first..first + length] {
        for known in frame {
            *known = rng.random::<f32>() >= share;
        }
    }
    known[first][rng.random_range(0..VOICES)] = false;
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;

    proptest! {
        #[test]
        fn something_is_always_hidden(frames in 1usize..40, seed: u64) {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let known = draw(frames, &mut rng);
            prop_assert_eq!(known.len(), frames);
            prop_assert!(known.iter().flatten().any(|known| !known));
        }
    }

    #[test]
    fn every_share_of_cells_is_hidden_about_as_often() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut tenths = [0; 10];
        for _ in 0..2_000 {
            let known = cells(25, &mut rng);
            let hidden = known.iter().flatten().filter(|&&known| !known).count();
            tenths[(hidden - 1) / 10] += 1;
        }
        assert!(tenths.iter().all(|&count| (150..250).contains(&count)), "{tenths:?}");
    }
}
