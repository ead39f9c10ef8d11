//! Powers of frequencies over a window of sound.

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};

/// A transform of windows of one length.
pub struct Spectrum {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// Half of the sum of the window's squares: a sine of amplitude A has the power A² · gain · length in its lobe.
    gain: f32,
}

impl Spectrum {
    /// For windows of `length` samples, which a Hann window weighs.
    pub fn new(length: usize) -> Spectrum {
        let turn = std::f32::consts::TAU / length as f32;
        let window: Vec<f32> = (0..length).map(|i| 0.5 - 0.5 * (turn * i as f32).cos()).collect();
        let gain = window.iter().map(|w| w * w).sum::<f32>() / 4.0;
        Spectrum { transform: RealFftPlanner::new().plan_fft_forward(length), window, gain }
    }

    /// Samples of a window.
    pub fn length(&self) -> usize {
        self.window.len()
    }

    /// The powers of bins 0 to half of the length, scaled so that those of the bins of a sine's lobe add up to the
    /// square of its amplitude, of the window that begins at `from`; outside of `sound` it is silent.
    pub fn powers(&self, sound: &[f32], from: isize) -> Vec<f32> {
        let at = |i: usize| usize::try_from(from + i as isize).ok().and_then(|at| sound.get(at)).copied();
        let mut weighed: Vec<f32> =
            self.window.iter().enumerate().map(|(i, w)| w * at(i).unwrap_or(0.0)).collect();
        let mut bins = self.transform.make_output_vec();
        // The lengths are those of the plan, which is all that can be wrong.
        if self.transform.process(&mut weighed, &mut bins).is_err() {
            return vec![0.0; self.length() / 2 + 1];
        }
        let scale = 1.0 / (self.gain * self.length() as f32);
        bins.iter().map(|bin| bin.norm_sqr() * scale).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lobe_of_a_sine_has_the_square_of_its_amplitude() {
        let spectrum = Spectrum::new(2_048);
        for bin in [40.0f32, 40.5, 400.3] {
            let turn = std::f32::consts::TAU * bin / 2_048.0;
            let sound: Vec<f32> = (0..2_048).map(|i| 0.3 * (turn * i as f32).sin()).collect();
            let powers = spectrum.powers(&sound, 0);
            let lobe: f32 = powers[bin as usize - 3..bin as usize + 5].iter().sum();
            assert!((lobe - 0.09).abs() < 0.001, "{bin}: {lobe}");
        }
    }
}
