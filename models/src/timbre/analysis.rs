//! From the sound of a note to its controls: where its partials are, how loud they are at each moment, and the noise
//! beside them.

use lilt_synth::{NOISE_BANDS, PARTIALS, noise_band, stiff};

use super::controls::AMPLITUDES;
use super::spectrum::Spectrum;

/// Samples a second of what is analysed.
pub const RATE: u32 = 48_000;

/// Periods in a window: between partials there are then bins that show the noise.
const PERIODS: f32 = 8.0;
/// Samples of the shortest and of the longest window.
const WINDOWS: [usize; 2] = [2_048, 8_192];
/// Bins on either side of a partial that its lobe covers.
const LOBE: usize = 2;
/// Share of the power around it that a partial of its own place has; else it lies elsewhere, as in a bell.
const ITS_OWN: f32 = 0.5;

/// What a note is, beside its amplitudes.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Hertz of its first partial.
    pub pitch: f32,
    /// How far it is stretched, as a stiff string is.
    pub inharmonicity: f32,
    /// How many times the pitch each partial is.
    pub ratios: [f32; PARTIALS],
    /// Whether a partial lies elsewhere than a string would have it.
    pub elsewhere: [bool; PARTIALS],
}

/// Analyses notes about a pitch.
pub struct Analysis {
    spectrum: Spectrum,
    hertz: f32,
}

impl Analysis {
    /// For notes of about `hertz`, within 20 to 5,000; of what has no pitch, any.
    pub fn new(hertz: f32) -> Analysis {
        let hertz = hertz.clamp(20.0, 5_000.0);
        let length = (PERIODS * RATE as f32 / hertz) as usize;
        let length = length.next_power_of_two().clamp(WINDOWS[0], WINDOWS[1]);
        Analysis { spectrum: Spectrum::new(length), hertz }
    }

    fn width(&self) -> f32 {
        RATE as f32 / self.spectrum.length() as f32
    }

    /// Where the partials of a note are, by its loudest part.
    pub fn shape(&self, sound: &[f32]) -> Shape {
        let length = self.spectrum.length();
        let power =
            |from: usize| sound[from..sound.len().min(from + length)].iter().map(|x| x * x).sum::<f32>();
        // What is struck is noisy at first.
        let later = (RATE as usize / 20).min(sound.len());
        let loudest = (later..sound.len().max(later + 1).min(RATE as usize)).step_by(length / 2);
        let loudest =
            loudest.filter(|from| *from < sound.len()).max_by(|a, b| power(*a).total_cmp(&power(*b)));
        let mut powers = vec![0.0; length / 2 + 1];
        let from = loudest.unwrap_or(0) as isize;
        for part in 0..3 {
            let more = self.spectrum.powers(sound, from + part * length as isize / 2);
            powers.iter_mut().zip(more).for_each(|(sum, more)| *sum += more / 3.0);
        }
        self.fit(&powers)
    }

    /// Follows the partials upwards, each where those below it say that it lies, and fits a stiff string.
    fn fit(&self, powers: &[f32]) -> Shape {
        let width = self.width();
        let loudest = powers.iter().fold(0.0f32, |most, power| most.max(*power));
        let (mut pitch, mut inharmonicity) = (self.hertz, 0.0f32);
        // Of f²/k² = pitch² + pitch²·B·k², weighted sums.
        let [mut w, mut x, mut y, mut xx, mut xy] = [0.0f64; 5];
        for number in 1..=40usize {
            let k = number as f32;
            let near = k * pitch * (1.0 + inharmonicity * k * k).sqrt() / width;
            let within = (0.03 * near).min(0.3 * self.hertz / width).max(1.5);
            let Some((bin, power)) = peak(powers, near - within, near + within) else { break };
            // What is no peak of its own, or nearly silent, tells nothing.
            if power < 1e-6 * loudest {
                continue;
            }
            let per = f64::from(bin * width / k).powi(2);
            let weight = f64::from(power).sqrt();
            let square = f64::from(k * k);
            w += weight;
            x += weight * square;
            y += weight * per;
            xx += weight * square * square;
            xy += weight * square * per;
            let spread = w * xx - x * x;
            let slope = if number < 4 || spread < 1e-9 { 0.0 } else { ((w * xy - x * y) / spread).max(0.0) };
            let start = (y - slope * x) / w;
            if start > 0.0 {
                let found = (start.sqrt() as f32).clamp(0.94 * self.hertz, 1.06 * self.hertz);
                (pitch, inharmonicity) = (found, ((slope / start) as f32).min(0.01));
            }
        }
        // A tenth of a bin at the twentieth partial is no stretch.
        if inharmonicity < 1e-5 {
            inharmonicity = 0.0;
        }
        let mut shape =
            Shape { pitch, inharmonicity, ratios: stiff(inharmonicity), elsewhere: [false; PARTIALS] };
        for number in 2..=12usize {
            let own = shape.ratios[number - 1] * pitch / width;
            let [low, high] = [own - 0.5 * pitch / width, own + 0.5 * pitch / width];
            let of = |low: f32, high: f32| sum(powers, low, high);
            let around = of(low, high);
            let Some((bin, _)) = peak(powers, low, high) else { break };
            let lobe = LOBE as f32 + 0.5;
            let there = of(bin - lobe, bin + lobe);
            if around > 1e-5 * loudest
                && (bin - own).abs() > 2.0 * lobe
                && there > 0.7 * around
                && of(own - lobe, own + lobe) < ITS_OWN * there
            {
                shape.ratios[number - 1] = bin * width / pitch;
                shape.elsewhere[number - 1] = true;
            }
        }
        shape
    }

    /// The amplitudes of a note at `seconds` since its beginning: partials, then the root mean squares of the bands of
    /// noise. Without a `shape` all of it is noise.
    pub fn amplitudes(&self, sound: &[f32], shape: Option<&Shape>, seconds: f32) -> [f32; AMPLITUDES] {
        let length = self.spectrum.length();
        let at = (seconds * RATE as f32) as usize;
        // At the beginning the window does not reach before it, and how loud it is there a shorter one says.
        let from = at.saturating_sub(length / 2);
        let powers = self.spectrum.powers(sound, from as isize);
        let gain = if at < length { self.gain(sound, at, from) } else { 1.0 };
        let width = self.width();
        let mut amplitudes = [0.0; AMPLITUDES];
        let (partials, bands) = amplitudes.split_at_mut(PARTIALS);
        let lobe = LOBE as f32 + 0.5;
        // Powers with the lobes of partials cut out, and how many bins are left.
        let mut noise: Vec<Option<f32>> = powers.iter().copied().map(Some).collect();
        if let Some(shape) = shape {
            let places: Vec<f32> = shape.ratios.iter().map(|ratio| ratio * shape.pitch / width).collect();
            for &place in places.iter().filter(|place| **place < powers.len() as f32) {
                let [low, high] = bins(&powers, place - lobe, place + lobe);
                noise[low..high].fill(None);
            }
            for (partial, &place) in partials.iter_mut().zip(&places) {
                if place + lobe >= 0.98 * powers.len() as f32 {
                    break;
                }
                let lobe_power = sum(&powers, place - lobe, place + lobe);
                let half = 0.5 * shape.pitch / width;
                let beside = mean(&noise, place - half, place + half).unwrap_or(0.0);
                // The noise goes on below the partial.
                let own = lobe_power - 1.2 * beside * (2.0 * lobe);
                *partial = if own > 0.15 * lobe_power { gain * own.sqrt() } else { 0.0 };
            }
        }
        for (number, band) in bands.iter_mut().enumerate() {
            let [centre, across] = noise_band(number).map(|hertz| hertz / width);
            if centre >= 0.98 * powers.len() as f32 {
                break;
            }
            let widest = shape.map_or(0.0, |shape| 0.6 * shape.pitch / width);
            let half = 0.5 * f32::max(across, 1.0);
            let density = mean(&noise, centre - half, centre + half)
                .or_else(|| mean(&noise, centre - f32::max(half, widest), centre + f32::max(half, widest)));
            // The power of a sine is half of its amplitude's square, and that of noise is scaled likewise.
            *band = gain * (0.5 * density.unwrap_or(0.0) * across).sqrt();
        }
        amplitudes
    }

    /// How much louder it is at a sample than over the window around it.
    fn gain(&self, sound: &[f32], at: usize, from: usize) -> f32 {
        let length = self.spectrum.length();
        let mean = |from: usize, count: usize| {
            let turn = std::f32::consts::TAU / count as f32;
            let weighed = (0..count).map(|i| {
                let w = 0.5 - 0.5 * (turn * i as f32).cos();
                let x = w * sound.get(from + i).copied().unwrap_or(0.0);
                (x * x, w * w)
            });
            let (power, weight) = weighed.fold((0.0f32, 0.0f32), |sum, x| (sum.0 + x.0, sum.1 + x.1));
            power / weight
        };
        // Two periods, and at least 6 ms.
        let short = ((2.0 * RATE as f32 / self.hertz) as usize).max(288).min(length);
        // At the onset itself it is what comes just behind it.
        let near = mean(at.saturating_sub(short / 2), short);
        let over = mean(from, length);
        // What is steady needs no correction: it fades out where the window does not touch the beginning.
        let part = (2.0 * (length as f32 - at as f32) / length as f32).clamp(0.0, 1.0);
        if over > 0.0 { (near / over).sqrt().clamp(0.0, 4.0).powf(part) } else { 1.0 }
    }
}

/// Seconds in which a sound falls by 60 dB once its note has ended at the sample `end`.
pub fn release(sound: &[f32], end: usize) -> f32 {
    let block = RATE as usize / 100;
    let power = |n: usize| {
        let from = (end + n * block).min(sound.len());
        sound[from..sound.len().min(from + block)].iter().map(|x| x * x).sum::<f32>()
    };
    let first = power(0).max(1e-12);
    let blocks = sound.len().saturating_sub(end) / block;
    // Until it has fallen by 30 dB, or as far as is heard.
    for n in 1..blocks {
        let fallen = 10.0 * (first / power(n).max(1e-12)).log10();
        if fallen > 30.0 || n + 1 == blocks {
            return (0.01 * n as f32 * 60.0 / fallen.max(1.0)).clamp(0.02, 10.0);
        }
    }
    0.1
}

fn bins(powers: &[f32], low: f32, high: f32) -> [usize; 2] {
    let inside = |at: f32| (at.max(0.0).round() as usize).min(powers.len());
    [inside(low), inside(high + 1.0)]
}

fn sum(powers: &[f32], low: f32, high: f32) -> f32 {
    let [low, high] = bins(powers, low, high);
    powers[low..high.max(low)].iter().sum()
}

fn mean(noise: &[Option<f32>], low: f32, high: f32) -> Option<f32> {
    let low = (low.max(0.0).ceil() as usize).min(noise.len());
    let high = ((high.max(0.0).floor() as usize) + 1).clamp(low, noise.len());
    let left: Vec<f32> = noise[low..high].iter().flatten().copied().collect();
    (!left.is_empty()).then(|| left.iter().sum::<f32>() / left.len() as f32)
}

/// The bin of the most power between two, fractions by a parabola through the logarithms, and its power.
fn peak(powers: &[f32], low: f32, high: f32) -> Option<(f32, f32)> {
    let low = low.max(1.0).ceil() as usize;
    let high = (high.max(0.0).floor() as usize).min(powers.len().checked_sub(2)?);
    let top = (low..=high).max_by(|a, b| powers[*a].total_cmp(&powers[*b]))?;
    let [before, here, after] = [-1isize, 0, 1].map(|n| powers[(top as isize + n) as usize].max(1e-20).ln());
    let bend = before - 2.0 * here + after;
    let shift = if bend < 0.0 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 };
    Some((top as f32 + shift, powers[top]))
}

/// Whether the sound has a pitch near the one asked for: partials stand out of the noise.
pub fn is_pitched(amplitudes: &[f32; AMPLITUDES]) -> bool {
    let partials: f32 = amplitudes[..PARTIALS].iter().map(|a| 0.5 * a * a).sum();
    let noise: f32 = amplitudes[PARTIALS..PARTIALS + NOISE_BANDS].iter().map(|a| a * a).sum();
    partials > 0.5 * noise
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Partials of a stiff string, each with its amplitude.
    fn string(hertz: f32, inharmonicity: f32, amplitudes: &[f32]) -> Vec<f32> {
        let ratios = stiff(inharmonicity);
        let turn = |i: usize| std::f32::consts::TAU * hertz * ratios[i] / RATE as f32;
        let at = |n: usize| amplitudes.iter().enumerate().map(|(i, a)| a * (turn(i) * n as f32).sin()).sum();
        (0..48_000).map(at).collect()
    }

    #[test]
    fn a_string_is_found_again() {
        for (hertz, inharmonicity) in [(65.4f32, 3e-4f32), (261.6, 0.0), (220.0, 8e-4), (1_046.5, 0.0)] {
            let amplitudes: Vec<f32> = (0..12).map(|i| 0.2 / (i + 1) as f32).collect();
            let sound = string(1.003 * hertz, inharmonicity, &amplitudes);
            let analysis = Analysis::new(hertz);
            let shape = analysis.shape(&sound);
            let cents = 1_200.0 * (shape.pitch / (1.003 * hertz)).log2();
            assert!(cents.abs() < 3.0, "{hertz}: {cents} cents off");
            assert!((shape.inharmonicity - inharmonicity).abs() < 0.1 * inharmonicity + 2e-5, "{shape:?}");
            let found = analysis.amplitudes(&sound, Some(&shape), 0.5);
            for (i, (found, amplitude)) in found.iter().zip(&amplitudes).enumerate() {
                assert!((found / amplitude - 1.0).abs() < 0.06, "{hertz}, partial {}: {found}", i + 1);
            }
            assert!(is_pitched(&found));
        }
    }

    #[test]
    fn noise_is_as_loud_as_it_is() {
        let mut state = 1u32;
        let mut white = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        let sound: Vec<f32> = (0..96_000).map(|_| 0.3 * white()).collect();
        let analysis = Analysis::new(200.0);
        let mut power = [0.0f32; 2];
        for n in 0..20 {
            let found = analysis.amplitudes(&sound, None, 0.3 + 0.05 * n as f32);
            assert!(!is_pitched(&found));
            for band in 40..60 {
                power[0] += found[PARTIALS + band].powi(2) / 20.0;
                // White noise has the same power in each hertz.
                power[1] += 0.03 * noise_band(band)[1] / 24_000.0 / 20.0;
            }
        }
        assert!((power[0] / power[1] - 1.0).abs() < 0.15, "{power:?}");
    }

    #[test]
    fn a_beginning_is_where_it_is() {
        let mut sound = string(220.0, 0.0, &[0.3, 0.2]);
        // Loud in 10 ms.
        (0..480).for_each(|n| sound[n] *= n as f32 / 480.0);
        let analysis = Analysis::new(220.0);
        let shape = analysis.shape(&sound);
        let at = |seconds| analysis.amplitudes(&sound, Some(&shape), seconds)[0];
        assert!(
            at(0.0) < 0.2 && at(0.02) > 0.25 && (at(0.4) - 0.3).abs() < 0.02,
            "{} {} {}",
            at(0.0),
            at(0.02),
            at(0.4)
        );
    }

    #[test]
    fn a_release_is_measured() {
        for seconds in [0.1f32, 0.8] {
            let fall = |n: usize| {
                if n < 9_600 { 1.0 } else { 10f32.powf(-3.0 * (n - 9_600) as f32 / 48_000.0 / seconds) }
            };
            let sound: Vec<f32> =
                string(440.0, 0.0, &[0.3]).iter().enumerate().map(|(n, x)| x * fall(n)).collect();
            let found = release(&sound, 9_600);
            assert!((found / seconds - 1.0).abs() < 0.15, "{found} for {seconds}");
        }
    }
}
