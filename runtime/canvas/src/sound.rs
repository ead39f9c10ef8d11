//! What is heard at a moment, as it is seen: a wave that stands still, and a spectrum.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use crate::frame::within;
use crate::palette::Colour;
use crate::scene::{Area, Sheet};

/// Samples that a wave or a spectrum is made of, at most: a twelfth of a second at 48 kHz.
pub const SOUND_SAMPLES: usize = 4_096;
/// Points of a wave.
const WAVE: usize = 512;
/// Samples from one point of a wave to the next: 21 ms at 48 kHz are seen.
const STRIDE: usize = 2;
/// Bands of a spectrum.
const BANDS: usize = 96;
/// Middle of the lowest and of the highest band, in hertz.
const RANGE: (f64, f64) = (30.0, 16_000.0);
/// How many of its waves a band is measured over: enough to part it from its neighbours.
const WAVES: f64 = 24.0;
/// Loudness that is nothing and that is all, in decibels of a full sine.
const QUIET: f64 = -66.0;
const LOUD: f64 = -6.0;

/// What is heard at the moment of a frame: what its view shows of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SoundView {
    /// A wave, from left to right, `-1..=1`.
    pub wave: Vec<f32>,
    /// How loud each band of the spectrum is, from low to high, `0..=1`; a step is the same musical interval.
    pub spectrum: Vec<f32>,
}

impl SoundView {
    /// The wave of the last of these samples (both channels together, oldest first). It begins where the sound rises
    /// through nothing, so that a tone stands still.
    pub fn wave(samples: &[f32]) -> SoundView {
        let samples = &samples[samples.len().saturating_sub(SOUND_SAMPLES)..];
        let latest = samples.len().saturating_sub(WAVE * STRIDE);
        let from = steepest_rise(&samples[..samples.len().min(latest + 1)]).unwrap_or(latest);
        let wave = samples[from..].iter().step_by(STRIDE).take(WAVE).map(|sample| rounded(*sample));
        SoundView { wave: wave.collect(), spectrum: Vec::new() }
    }

    /// The spectrum of the last of these samples (both channels together, oldest first), `rate` of them a second:
    /// each band by the algorithm of Goertzel (1958) under a Hann window, over as many of its own waves as the
    /// others.
    pub fn spectrum(samples: &[f32], rate: f64) -> SoundView {
        let samples = &samples[samples.len().saturating_sub(SOUND_SAMPLES)..];
        let (low, high) = RANGE;
        let spectrum = (0..BANDS).map(|band| {
            let hertz = low * (high / low).powf(band as f64 / (BANDS - 1) as f64);
            let length = ((WAVES * rate / hertz) as usize).min(samples.len());
            let loudness = 20.0 * amplitude(&samples[samples.len() - length..], hertz / rate).log10();
            rounded(within((loudness - QUIET) / (LOUD - QUIET), 0.0, 1.0, 0.0) as f32)
        });
        SoundView { wave: Vec::new(), spectrum: spectrum.collect() }
    }

    pub(crate) fn bounded(mut self) -> SoundView {
        let bound = |values: &mut Vec<f32>, most: usize, low: f64| {
            values.truncate(most);
            values.iter_mut().for_each(|value| *value = within(f64::from(*value), low, 1.0, 0.0) as f32);
        };
        bound(&mut self.wave, WAVE, -1.0);
        bound(&mut self.spectrum, BANDS, 0.0);
        self
    }
}

/// In thousandths, which are written in few letters.
fn rounded(value: f32) -> f32 {
    (value * 1000.0).round() / 1000.0
}

/// Where the samples rise through nothing most steeply, but for the first; none where they never do.
fn steepest_rise(samples: &[f32]) -> Option<usize> {
    // The loudest of several rises is the wave's own; over eight samples noise counts for little.
    let climb = |at: usize| samples[(at + 8).min(samples.len() - 1)] - samples[at.saturating_sub(8)];
    (1..samples.len())
        .filter(|at| samples[at - 1] < 0.0 && samples[*at] >= 0.0)
        .max_by(|one, other| climb(*one).total_cmp(&climb(*other)))
}

/// Amplitude of the sine of so many waves a sample in some samples.
fn amplitude(samples: &[f32], frequency: f64) -> f64 {
    if samples.is_empty() || frequency >= 0.5 {
        return 0.0;
    }
    let turn = 2.0 * (TAU * frequency).cos();
    let (mut last, mut before, mut weight) = (0.0, 0.0, 0.0);
    for (index, sample) in samples.iter().enumerate() {
        let window = 0.5 - 0.5 * (TAU * (index as f64 + 0.5) / samples.len() as f64).cos();
        weight += window;
        (last, before) = (f64::from(*sample) * window + turn * last - before, last);
    }
    let power = last * last + before * before - turn * last * before;
    2.0 * power.max(0.0).sqrt() / weight
}

/// Draws a wave across an area, and a spectrum from its ground upwards.
pub(crate) fn draw(sheet: &mut Sheet, sound: &SoundView, area: Area, u: f64) {
    let middle = area.y + area.height / 2.0;
    if let [_, _, ..] = sound.wave[..] {
        let last = (sound.wave.len() - 1) as f64;
        let place = |(index, sample): (usize, &f32)| {
            [area.x + area.width * index as f64 / last, middle - f64::from(*sample) * area.height * 0.45]
        };
        let points: Vec<[f64; 2]> = sound.wave.iter().enumerate().map(place).collect();
        let hue = Colour::slot(0);
        for (width, opacity) in [(9.0, 0.12), (5.0, 0.22), (2.0, 1.0)] {
            sheet.line(&points, area, width * u, hue.with_opacity(opacity));
        }
    }
    let step = area.width / sound.spectrum.len().max(1) as f64;
    for (index, level) in sound.spectrum.iter().enumerate() {
        let height = (f64::from(*level) * area.height * 0.8).max(u);
        let bar = Area {
            x: area.x + (index as f64 + 0.15) * step,
            y: area.bottom() - height,
            width: step * 0.7,
            height,
        };
        // From the first hue to the fourth, as the tones rise.
        let hue = Colour::slot(4).mix(Colour::slot(0), index as f64 / sound.spectrum.len() as f64);
        sheet.rect(bar, area, 0.3 * step, hue.with_opacity(0.35 + 0.65 * f64::from(*level)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 48_000.0;

    fn sine(hertz: f64, amplitude: f64, phase: f64) -> Vec<f32> {
        let at = |index: usize| amplitude * (TAU * (hertz * index as f64 / RATE + phase)).sin();
        (0..6_000).map(|index| at(index) as f32).collect()
    }

    #[test]
    fn a_tone_stands_still_wherever_it_is_caught() {
        let first = SoundView::wave(&sine(220.0, 0.5, 0.0));
        assert_eq!(first.wave.len(), WAVE);
        assert!(first.wave[0].abs() < 0.03 && first.wave[5] > first.wave[0], "{:?}", &first.wave[..8]);
        for phase in [0.1, 0.37, 0.81] {
            let other = SoundView::wave(&sine(220.0, 0.5, phase));
            let off = first.wave.iter().zip(&other.wave).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(off < 0.03, "{phase}: {off}");
        }
    }

    #[test]
    fn a_tone_is_a_peak_at_its_band_as_high_as_it_is_loud() {
        let band =
            |hertz: f64| ((hertz / RANGE.0).ln() / (RANGE.1 / RANGE.0).ln() * (BANDS - 1) as f64).round();
        for hertz in [110.0, 440.0, 5_000.0] {
            let view = SoundView::spectrum(&sine(hertz, 0.25, 0.2), RATE);
            let peak = view.spectrum.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).expect("bands").0;
            assert!((peak as f64 - band(hertz)).abs() <= 1.0, "{hertz}: {peak}");
            // A quarter of all is 12 dB below a full sine.
            let want = (-12.04 - QUIET) / (LOUD - QUIET);
            assert!((f64::from(view.spectrum[peak]) - want).abs() < 0.05, "{hertz}: {}", view.spectrum[peak]);
            let far = (peak + BANDS / 3) % BANDS;
            assert!(view.spectrum[far] < 0.25, "{hertz}: {}", view.spectrum[far]);
        }
    }

    #[test]
    fn silence_few_samples_and_what_is_no_number_are_seen_as_nothing() {
        for samples in [vec![], vec![0.0], vec![0.0; 10], vec![0.0; 9_000], vec![f32::NAN; 5_000]] {
            let (wave, spectrum) = (SoundView::wave(&samples), SoundView::spectrum(&samples, RATE));
            assert!(wave.bounded().wave.iter().all(|sample| *sample == 0.0));
            assert!(spectrum.spectrum.iter().all(|level| *level == 0.0), "{:?}", samples.len());
        }
        let wild = SoundView { wave: vec![f32::INFINITY; 9_000], spectrum: vec![-3.0; 9_000] }.bounded();
        assert_eq!((wild.wave, wild.spectrum), (vec![1.0; WAVE], vec![0.0; BANDS]));
    }
}
