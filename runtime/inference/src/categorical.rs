//! Distributions over a handful of classes, as natural logarithms: from logits to probabilities, and from
//! those to a choice.

/// Temperatures below this choose the likeliest class outright.
pub const COLDEST: f64 = 1e-3;

/// Natural logarithms of the probabilities softmax(logits / temperature) over the classes that
/// `allowed` lets through; the others have −∞. Nothing allowed, or logits that are no numbers, give
/// −∞ throughout.
pub fn log_softmax(logits: &[f32], temperature: f64, allowed: impl Fn(usize) -> bool) -> Vec<f64> {
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

/// ln Σ exp.
pub fn log_sum(logs: impl IntoIterator<Item = f64, IntoIter: Clone>) -> f64 {
    let logs = logs.into_iter();
    let most = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    most + logs.map(|log| (log - most).exp()).sum::<f64>().ln()
}

/// The class at `chance` (`0..1`) of the cumulative distribution of weights whose logarithms are `logs`; `sum`
/// is the logarithm of their sum, 0 for probabilities. None when nothing has weight.
pub fn choose(logs: &[f64], sum: f64, chance: f64) -> Option<usize> {
    let mut left = chance;
    let mut last = None;
    for (class, log) in logs.iter().enumerate() {
        if *log == f64::NEG_INFINITY {
            continue;
        }
        // Rounding may leave a sliver beyond the last class: it belongs to that class.
        last = Some(class);
        left -= (log - sum).exp();
        if left < 0.0 {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn temperature_sharpens_and_flattens() {
        let logits = [0.0, 1.0, 2.0];
        let at = |temperature| log_softmax(&logits, temperature, |_| true);
        assert!((at(1.0)[2].exp() - 0.665_240_955_774_8).abs() < 1e-9);
        assert!(at(0.5)[2] > at(1.0)[2] && at(2.0)[2] < at(1.0)[2]);
        assert_eq!(at(0.0), [f64::NEG_INFINITY, f64::NEG_INFINITY, 0.0]);
    }

    #[test]
    fn what_is_not_allowed_is_never_chosen() {
        let values = log_softmax(&[5.0, 1.0, f32::NAN], 1.0, |class| class != 0);
        assert_eq!(values, [f64::NEG_INFINITY, 0.0, f64::NEG_INFINITY]);
        assert_eq!(choose(&values, 0.0, 0.0), Some(1));
        assert_eq!(choose(&log_softmax(&[1.0], 1.0, |_| false), 0.0, 0.5), None);
    }

    proptest! {
        #[test]
        fn probabilities_sum_to_one(
            logits in prop::collection::vec(-50.0f32..50.0, 1..60),
            temperature in 0.0f64..5.0,
            chance in 0.0f64..1.0,
        ) {
            let values = log_softmax(&logits, temperature, |_| true);
            let sum: f64 = values.iter().map(|value| value.exp()).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9);
            let class = choose(&values, 0.0, chance).unwrap();
            let before: f64 = values[..class].iter().map(|value| value.exp()).sum();
            prop_assert!(before <= chance + 1e-9 && chance <= before + values[class].exp() + 1e-9);
        }
    }
}
