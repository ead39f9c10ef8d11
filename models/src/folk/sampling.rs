//! From logits to a choice: temperature, what may come next, and drawing.

use super::vocabulary::{DURATIONS, END};

/// Temperatures below this choose the likeliest class outright.
pub const COLDEST: f64 = 1e-3;

/// Natural logarithms of the probabilities softmax(logits / temperature) over the classes that
/// `allowed` lets through; the others have −∞. Nothing allowed, or logits that are no numbers, give
/// −∞ throughout.
pub fn log_probabilities(logits: &[f32], temperature: f64, allowed: impl Fn(usize) -> bool) -> Vec<f64> {
    let best = (0..logits.len()).filter(|&class| allowed(class) && !logits[class].is_nan());
    let Some(best) = best.reduce(|best, class| if logits[class] > logits[best] { class } else { best })
    else {
        return vec![f64::NEG_INFINITY; logits.len()];
    };
    if temperature < COLDEST {
        return (0..logits.len()).map(|class| if class == best { 0.0 } else { f64::NEG_INFINITY }).collect();
    }
    let top = f64::from(logits[best]);
    let scaled = |class: usize| {
        let legal = allowed(class) && !logits[class].is_nan();
        if legal { (f64::from(logits[class]) - top) / temperature } else { f64::NEG_INFINITY }
    };
    let mut values: Vec<f64> = (0..logits.len()).map(scaled).collect();
    let sum: f64 = values.iter().map(|value| value.exp()).sum();
    let log_sum = sum.ln();
    for value in &mut values {
        *value -= log_sum;
    }
    values
}

/// The class at `chance` (`0..1`) of the cumulative distribution; none when every probability is 0.
pub fn choose(log_probabilities: &[f64], chance: f64) -> Option<usize> {
    let mut left = chance;
    let mut last = None;
    for (class, &value) in log_probabilities.iter().enumerate() {
        if value == f64::NEG_INFINITY {
            continue;
        }
        last = Some(class);
        left -= value.exp();
        if left < 0.0 {
            break;
        }
    }
    // Rounding may leave a sliver beyond the last class: it belongs to that class.
    last
}

/// Whether a duration class may come next in music that must fill `ticks_left`: it must fit, and
/// the tune may not end before. A tune that would end begins its next part instead.
pub fn duration_allowed(class: usize, ticks_left: i64) -> bool {
    class != usize::from(END) && DURATIONS.get(class).is_some_and(|&ticks| i64::from(ticks) <= ticks_left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn temperature_sharpens_and_flattens() {
        let logits = [0.0, 1.0, 2.0];
        let at = |temperature| log_probabilities(&logits, temperature, |_| true);
        assert!((at(1.0)[2].exp() - 0.665_240_955_774_8).abs() < 1e-9);
        assert!(at(0.5)[2] > at(1.0)[2] && at(2.0)[2] < at(1.0)[2]);
        assert_eq!(at(0.0), [f64::NEG_INFINITY, f64::NEG_INFINITY, 0.0]);
    }

    #[test]
    fn what_is_not_allowed_is_never_chosen() {
        let values = log_probabilities(&[5.0, 1.0, f32::NAN], 1.0, |class| class != 0);
        assert_eq!(values, [f64::NEG_INFINITY, 0.0, f64::NEG_INFINITY]);
        assert_eq!(choose(&values, 0.0), Some(1));
        assert_eq!(choose(&log_probabilities(&[1.0], 1.0, |_| false), 0.5), None);
    }

    #[test]
    fn music_fills_its_bars_exactly() {
        let allowed: Vec<usize> =
            (0..=usize::from(END)).filter(|&class| duration_allowed(class, 8)).collect();
        assert_eq!(allowed.iter().map(|&class| DURATIONS[class]).collect::<Vec<_>>(), [2, 3, 4, 6, 8]);
    }

    proptest! {
        #[test]
        fn probabilities_sum_to_one(
            logits in prop::collection::vec(-50.0f32..50.0, 1..60),
            temperature in 0.0f64..5.0,
            chance in 0.0f64..1.0,
        ) {
            let values = log_probabilities(&logits, temperature, |_| true);
            let sum: f64 = values.iter().map(|value| value.exp()).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9);
            let class = choose(&values, chance).unwrap();
            let before: f64 = values[..class].iter().map(|value| value.exp()).sum();
            prop_assert!(before <= chance + 1e-9 && chance <= before + values[class].exp() + 1e-9);
        }
    }
}
