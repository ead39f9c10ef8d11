//! Between samples.

/// The value at `part` of the way from the second to the third of four samples: the cubic of Catmull
/// & Rom, which goes through both and is exact at `part` 0.
#[inline(always)]
pub(crate) fn cubic([a, b, c, d]: [f32; 4], part: f32) -> f32 {
    let first = 0.5 * (c - a);
    let second = a - 2.5 * b + 2.0 * c - 0.5 * d;
    let third = 0.5 * (d - a) + 1.5 * (b - c);
    ((third * part + second) * part + first) * part + b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_through_its_samples_and_follows_a_sine() {
        assert_eq!(cubic([9.0, 1.0, 2.0, -4.0], 0.0), 1.0);
        assert!((cubic([9.0, 1.0, 2.0, -4.0], 1.0) - 2.0).abs() < 1e-6);
        let at = |x: f32| (0.2 * x).sin();
        for part in [0.1, 0.5, 0.8] {
            let found = cubic([at(-1.0), at(0.0), at(1.0), at(2.0)], part);
            assert!((found - at(part)).abs() < 2e-4, "{part}");
        }
    }
}
