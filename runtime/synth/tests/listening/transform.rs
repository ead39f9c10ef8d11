//! The powers of a sound's frequencies.

/// The power of each bin of a transform of all samples, padded with silence to `length`, a power of two; and the
/// width of a bin in hertz.
pub fn powers(samples: &[f32], length: usize, rate: f64) -> (Vec<f64>, f64) {
    let mut re: Vec<f64> = samples.iter().map(|x| f64::from(*x)).collect();
    re.resize(length, 0.0);
    let mut im = vec![0.0; length];
    transform(&mut re, &mut im);
    let bins = (0..length / 2).map(|i| re[i] * re[i] + im[i] * im[i]).collect();
    (bins, rate / length as f64)
}

/// Cooley and Tukey's transform in place; the length is a power of two.
fn transform(re: &mut [f64], im: &mut [f64]) {
    let n = re.len();
    let mut j = 0;
    for i in 1..n {
        let mut bit = n >> 1;
        while j & bit != 0 {
            j ^= bit;
            bit >>= 1;
        }
        j |= bit;
        if i < j {
            re.swap(i, j);
            im.swap(i, j);
        }
    }
    let mut length = 2;
    while length <= n {
        let angle = -std::f64::consts::TAU / length as f64;
        for start in (0..n).step_by(length) {
            for k in 0..length / 2 {
                let (sin, cos) = (angle * k as f64).sin_cos();
                let (a, b) = (start + k, start + k + length / 2);
                let (x, y) = (re[b] * cos - im[b] * sin, re[b] * sin + im[b] * cos);
                (re[b], im[b]) = (re[a] - x, im[a] - y);
                (re[a], im[a]) = (re[a] + x, im[a] + y);
            }
        }
        length *= 2;
    }
}
