//! Euclidean rhythms: hits spread as evenly as can be over steps.

use std::collections::VecDeque;

/// `hits` spread over `steps` by Bjorklund's algorithm (Toussaint 2005, "The Euclidean
/// algorithm generates traditional musical rhythms"), the first step a hit,
/// then `rotation` steps later (what falls off the end comes in at the start). A negative `hits` gives the steps that the
/// positive one leaves free. More hits than steps fill every step.
///
/// ```
/// let tresillo: String =
///     lilt_score::euclid(3, 8, 0).iter().map(|hit| if *hit { 'x' } else { '.' }).collect();
/// assert_eq!(tresillo, "x..x..x.");
/// ```
pub fn euclid(hits: i32, steps: u32, rotation: i32) -> Vec<bool> {
    let count = hits.unsigned_abs().min(steps) as usize;
    let mut heads: VecDeque<Vec<bool>> = vec![vec![true]; count].into();
    let mut tails: VecDeque<Vec<bool>> = vec![vec![false]; steps as usize - count].into();
    // Euclid's algorithm on the two kinds: append a tail to each head until at most one is left.
    while !heads.is_empty() && tails.len() > 1 {
        let pairs = heads.len().min(tails.len());
        let joined: VecDeque<Vec<bool>> = heads
            .drain(..pairs)
            .zip(tails.drain(..pairs))
            .map(|(head, tail)| [head, tail].concat())
            .collect();
        // Whichever kind has some left over is the new tail.
        tails.append(&mut heads);
        heads = joined;
    }
    let mut pattern: Vec<bool> =
        heads.into_iter().chain(tails).flatten().map(|hit| hit == (hits >= 0)).collect();
    if !pattern.is_empty() {
        let later = i64::from(rotation).rem_euclid(pattern.len() as i64) as usize;
        pattern.rotate_right(later);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(hits: i32, steps: u32, rotation: i32) -> String {
        euclid(hits, steps, rotation).iter().map(|hit| if *hit { 'x' } else { '.' }).collect()
    }

    /// The rhythms that Toussaint names, begun where the algorithm begins them, as
    /// TidalCycles and Strudel do: he begins three of them elsewhere (3,4 as `x.xx`).
    #[test]
    fn traditional_rhythms() {
        for (hits, steps, rhythm) in [
            (1, 2, "x."),
            (1, 3, "x.."),
            (1, 4, "x..."),
            (4, 12, "x..x..x..x.."),
            (2, 5, "x.x.."),
            (3, 4, "xxx."),
            (3, 5, "x.x.x"),
            (3, 7, "x.x.x.."),
            (3, 8, "x..x..x."),
            (4, 7, "x.x.x.x"),
            (4, 9, "x.x.x.x.."),
            (4, 11, "x..x..x..x."),
            (5, 6, "xxxxx."),
            (5, 7, "x.xx.xx"),
            (5, 8, "x.xx.xx."),
            (5, 9, "x.x.x.x.x"),
            (5, 11, "x.x.x.x.x.."),
            (5, 12, "x..x.x..x.x."),
            (5, 16, "x..x..x..x..x..."),
            (7, 8, "xxxxxxx."),
            (7, 12, "x.xx.x.xx.x."),
            (7, 16, "x..x.x.x..x.x.x."),
            (9, 16, "x.xx.x.x.xx.x.x."),
            (11, 24, "x..x.x.x.x.x..x.x.x.x.x."),
            (13, 24, "x.xx.x.x.x.x.xx.x.x.x.x."),
        ] {
            assert_eq!(text(hits, steps, 0), rhythm, "({hits},{steps})");
        }
    }

    #[test]
    fn turned_and_inverted() {
        assert_eq!(text(3, 8, 2), "x.x..x..");
        assert_eq!(text(3, 8, -1), "..x..x.x");
        assert_eq!(text(-3, 8, 0), ".xx.xx.x");
        assert_eq!(text(0, 4, 0), "....");
        assert_eq!(text(4, 4, 0), "xxxx");
        assert_eq!(text(9, 4, 0), "xxxx");
        assert_eq!(text(3, 0, 1), "");
    }

    proptest! {
        #[test]
        fn hits_are_kept_and_even(hits in 0i32..64, steps in 1u32..64) {
            prop_assume!(hits as u32 <= steps);
            let pattern = euclid(hits, steps, 0);
            prop_assert_eq!(pattern.len(), steps as usize);
            let at: Vec<usize> = (0..pattern.len()).filter(|i| pattern[*i]).collect();
            prop_assert_eq!(at.len(), hits as usize);
            // The gaps between hits, around the end, differ by at most one step.
            let gaps: Vec<usize> = (0..at.len())
                .map(|i| (at[(i + 1) % at.len()] + pattern.len() - at[i] - 1) % pattern.len() + 1)
                .collect();
            if let (Some(least), Some(most)) = (gaps.iter().min(), gaps.iter().max()) {
                prop_assert!(most - least <= 1, "{:?}", gaps);
            }
        }
    }
}
