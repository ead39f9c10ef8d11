//! Where in the spectrum the power of a sound lies, and how loud it is.
#![allow(dead_code)]

use ebur128::{EbuR128, Mode};

use super::{Heard, RATE, transform};

/// The power of each bin of a transform of all samples, padded with silence to a power of two; and
/// the width of a bin in hertz.
fn powers(samples: &[f32]) -> (Vec<f64>, f64) {
    transform::powers(samples, samples.len().next_power_of_two(), RATE as f64)
}

/// The share of the power of `samples` from `low` to `high` hertz.
pub fn share(samples: &[f32], low: f64, high: f64) -> f64 {
    let (bins, width) = powers(samples);
    let all: f64 = bins.iter().skip(1).sum();
    let inside = |i: usize| (low..high).contains(&(i as f64 * width));
    bins.iter().enumerate().filter(|(i, _)| *i > 0 && inside(*i)).map(|(_, p)| p).sum::<f64>()
        / all.max(1e-30)
}

/// The frequency of the most power.
pub fn strongest(samples: &[f32]) -> f64 {
    let (bins, width) = powers(samples);
    let top = bins.iter().enumerate().skip(1).max_by(|a, b| a.1.total_cmp(b.1));
    top.map_or(0.0, |(i, _)| i as f64 * width)
}

/// How loud a sound is, by ITU-R BS.1770-4 and EBU R 128.
#[derive(Clone, Copy, Debug)]
pub struct Loudness {
    /// Integrated, in LUFS.
    pub integrated: f64,
    /// The loudest 400 ms, in LUFS.
    pub momentary: f64,
    /// Loudness range, in LU.
    pub range: f64,
    /// True peak of both channels, in dBTP.
    pub true_peak: f64,
}

pub fn loudness(heard: &Heard) -> Loudness {
    let modes = Mode::I | Mode::M | Mode::LRA | Mode::TRUE_PEAK;
    let mut meter = EbuR128::new(2, RATE as u32, modes).expect("two channels at 48 kHz are fine");
    let mut momentary = f64::NEG_INFINITY;
    for (left, right) in heard.left.chunks(4_800).zip(heard.right.chunks(4_800)) {
        meter.add_frames_planar_f32(&[left, right]).expect("two channels");
        momentary = momentary.max(meter.loudness_momentary().expect("the mode is on"));
    }
    let peak = |channel| meter.true_peak(channel).expect("the mode is on");
    Loudness {
        integrated: meter.loudness_global().expect("the mode is on"),
        momentary,
        range: meter.loudness_range().expect("the mode is on"),
        true_peak: 20.0 * peak(0).max(peak(1)).log10(),
    }
}
