//! Sigmoid and hyperbolic tangent of sixteen numbers.
//!
//! Both rest on one `exp`: the argument is split into a power of two and a rest within ±ln2/2, on
//! which the Cephes polynomial of degree 6 (Moshier, `expf`) has a relative error under 2⁻²². The
//! results are within 1e-6 of the exact functions everywhere, which the tests check over the whole
//! range.

use super::vector::Vector;

/// Beyond ±87 `exp` leaves the range of f32, while sigmoid and tanh are constant long before.
const RANGE: f32 = 87.0;

/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn exp<V: Vector>(x: V) -> V {
    // SAFETY: the caller promises the features of `V`.
    unsafe {
        let x = x.clamp(-RANGE, RANGE);
        let n = x.mul(V::splat(std::f32::consts::LOG2_E)).round();
        // ln 2 in two parts, the first with few enough bits that its product with n is exact.
        let rest = n.mul_add(V::splat(-0.693_359_4), x);
        let rest = n.mul_add(V::splat(2.121_944_4e-4), rest);
        let mut p = V::splat(1.987_569_1e-4);
        for coefficient in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5, 1.0, 1.0] {
            p = p.mul_add(rest, V::splat(coefficient));
        }
        p.mul(n.power_of_two())
    }
}

/// 1 / (1 + e⁻ˣ).
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
pub(super) unsafe fn sigmoid<V: Vector>(x: V) -> V {
    // SAFETY: the caller promises the features of `V`.
    unsafe {
        let one = V::splat(1.0);
        one.div(one.add(exp(V::splat(0.0).sub(x))))
    }
}

/// tanh x = 2 · sigmoid(2x) − 1.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
pub(super) unsafe fn tanh<V: Vector>(x: V) -> V {
    // SAFETY: the caller promises the features of `V`.
    unsafe { sigmoid(x.add(x)).mul_add(V::splat(2.0), V::splat(-1.0)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::portable::Plain;
    use crate::step::vector::LANES;

    /// Sixteen numbers through `f`.
    fn through(f: unsafe fn(Plain) -> Plain, x: [f32; LANES]) -> [f32; LANES] {
        let mut y = [0.0; LANES];
        // SAFETY: `Plain` needs no features.
        unsafe { f(Plain::load(&x)).store(&mut y) };
        y
    }

    #[test]
    fn within_a_millionth_everywhere() {
        // Steps of 1/1024 from −96 to 96, and the ends of f32.
        let ends = [f32::MIN, f32::MAX, f32::INFINITY, f32::NEG_INFINITY, f32::MIN_POSITIVE, -0.0];
        let points: Vec<f32> = (-98_304..98_304).map(|i| i as f32 / 1024.0).chain(ends).collect();
        for points in points.chunks(LANES) {
            let mut x = [0.0; LANES];
            x[..points.len()].copy_from_slice(points);
            let (s, t) = (through(sigmoid, x), through(tanh, x));
            for lane in 0..LANES {
                let exact = f64::from(x[lane]);
                assert!((f64::from(s[lane]) - 1.0 / (1.0 + (-exact).exp())).abs() < 1e-6, "σ({exact})");
                assert!((f64::from(t[lane]) - exact.tanh()).abs() < 1e-6, "tanh({exact})");
            }
        }
    }
}
