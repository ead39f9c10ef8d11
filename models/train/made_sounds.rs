//! Sounds of our own, as controls: a cow, voices on vowels, an engine, wind, metal and glass.

use lilt_models::timbre::controls::{AMPLITUDES, LEARNT, moments};
use lilt_models::timbre::lesson::Note;
use lilt_synth::{NOISE_BANDS, PARTIALS, noise_band};

/// What a sound is at a moment: hertz of the pitch, how hard it is played, seconds.
type Moment = fn(f32, f32, f32) -> [f32; AMPLITUDES];

/// A sound: its name, the seconds of its release, and what it is.
pub struct Made {
    /// As scripts write it.
    pub name: &'static str,
    release: f32,
    pitched: bool,
    /// How many times the pitch its first partials are, where they are not those of a string.
    pub ratios: &'static [f32],
    moment: Moment,
}

/// All of them.
pub const MADE: [Made; 9] = [
    Made { name: "moo", release: 0.12, pitched: true, ratios: &[], moment: moo },
    Made { name: "vowel a", release: 0.1, pitched: true, ratios: &[], moment: |f, v, t| vowel(AH, f, v, t) },
    Made { name: "vowel e", release: 0.1, pitched: true, ratios: &[], moment: |f, v, t| vowel(EH, f, v, t) },
    Made { name: "vowel i", release: 0.1, pitched: true, ratios: &[], moment: |f, v, t| vowel(EE, f, v, t) },
    Made { name: "vowel o", release: 0.1, pitched: true, ratios: &[], moment: |f, v, t| vowel(OH, f, v, t) },
    Made { name: "engine", release: 0.2, pitched: true, ratios: &[], moment: engine },
    Made { name: "wind", release: 0.6, pitched: false, ratios: &[], moment: wind },
    // A free bar (Fletcher and Rossing, "The Physics of Musical Instruments", 1998, chapter 2).
    Made {
        name: "metal bar",
        release: 1.5,
        pitched: true,
        ratios: &[1.0, 2.756, 5.404, 8.933, 13.34, 18.64],
        moment: bar,
    },
    // Modes of a wine glass lie as the squares of 2, 3, 4 and so on.
    Made { name: "glass", release: 1.0, pitched: true, ratios: &[1.0, 2.25, 4.0, 6.25, 9.0], moment: glass },
];

impl Made {
    /// A note of it, as sound number `sound`.
    pub fn note(&self, sound: u32, pitch: f32, velocity: f32) -> Note {
        let hertz = 440.0 * ((pitch - 69.0) / 12.0).exp2();
        let times = moments(LEARNT);
        let amplitudes = times.iter().flat_map(|seconds| (self.moment)(hertz, velocity, *seconds)).collect();
        let inharmonicity = self.pitched.then_some(0.0);
        Note { sound, pitch, velocity, inharmonicity, release: self.release, times, amplitudes }
    }
}

/// Centres of three formants, in hertz (Peterson and Barney, "Control methods used in a study of the vowels", 1952).
type Formants = [f32; 3];
const AH: Formants = [730.0, 1_090.0, 2_440.0];
const EH: Formants = [530.0, 1_840.0, 2_480.0];
const EE: Formants = [270.0, 2_290.0, 3_010.0];
const OH: Formants = [500.0, 850.0, 2_410.0];
const OO: Formants = [300.0, 870.0, 2_240.0];
/// Closed lips.
const MM: Formants = [250.0, 1_000.0, 2_200.0];

/// From 0 to 1 over so many seconds.
fn rise(seconds: f32, over: f32) -> f32 {
    let x = (seconds / over).clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

/// How loud a frequency is in a mouth, each formant so wide in hertz.
fn mouth(formants: Formants, width: f32, hertz: f32) -> f32 {
    let near = |centre: f32, level: f32, width: f32| {
        let apart = (hertz - centre) / width;
        level / (1.0 + apart * apart)
    };
    near(formants[0], 1.0, width)
        + near(formants[1], 0.5, 1.3 * width)
        + near(formants[2], 0.22, 2.0 * width)
        + 0.004
}

/// A glottis of so steep a fall, in powers of the number of the partial, behind a mouth.
fn sung(
    formants: Formants,
    width: f32,
    hertz: f32,
    steep: f32,
    level: f32,
    breath: f32,
) -> [f32; AMPLITUDES] {
    let mut amplitudes = [0.0; AMPLITUDES];
    for number in 1..=PARTIALS {
        let k = number as f32;
        amplitudes[number - 1] = level * k.powf(-steep) * mouth(formants, width, k * hertz);
    }
    for band in 0..NOISE_BANDS {
        let [centre, across] = noise_band(band);
        let high = (centre / 1_500.0).min(1.0) / (1.0 + (centre / 6_000.0).powi(2));
        amplitudes[PARTIALS + band] =
            level * breath * high * mouth(formants, width, centre) * (across / 100.0).sqrt();
    }
    amplitudes
}

fn vowel(formants: Formants, hertz: f32, velocity: f32, seconds: f32) -> [f32; AMPLITUDES] {
    let level = 0.5 * velocity * rise(seconds, 0.09);
    sung(formants, 90.0, hertz, 1.4 - 0.5 * velocity, level, 0.03)
}

/// Closed lips that open to a long vowel and close again.
fn moo(hertz: f32, velocity: f32, seconds: f32) -> [f32; AMPLITUDES] {
    let open = rise(seconds - 0.08, 0.25) * (1.0 - 0.7 * rise(seconds - 0.9, 0.8));
    let formants: Formants = std::array::from_fn(|i| MM[i] + open * (OO[i] - MM[i]) * (1.0 + 0.4 * velocity));
    let level = velocity * (0.25 + 0.55 * open) * rise(seconds, 0.06);
    sung(formants, 70.0 + 40.0 * open, hertz, 1.1 - 0.4 * velocity, level, 0.02 + 0.03 * open)
}

/// Strokes of four cylinders, the second harmonic of each pair the strongest, and the hiss of the intake.
fn engine(hertz: f32, velocity: f32, seconds: f32) -> [f32; AMPLITUDES] {
    let mut amplitudes = [0.0; AMPLITUDES];
    let level = 0.25 * velocity * rise(seconds, 0.3);
    for number in 1..=PARTIALS {
        let k = number as f32;
        let stroke = [0.35, 1.0, 0.3, 0.8][(number - 1) % 4];
        amplitudes[number - 1] =
            level * stroke * k.powf(-0.8) / (1.0 + (k * hertz / (900.0 + 1_500.0 * velocity)).powi(2));
    }
    for band in 0..NOISE_BANDS {
        let [centre, across] = noise_band(band);
        amplitudes[PARTIALS + band] =
            0.12 * level * (across / 100.0).sqrt() / (1.0 + (centre / 2_500.0).powi(2));
    }
    amplitudes
}

/// Noise around the pitch, twice and four times it, that swells.
fn wind(hertz: f32, velocity: f32, seconds: f32) -> [f32; AMPLITUDES] {
    let mut amplitudes = [0.0; AMPLITUDES];
    let level = 0.1 * velocity * rise(seconds, 0.8);
    for band in 0..NOISE_BANDS {
        let [centre, across] = noise_band(band);
        let near = |times: f32| 1.0 / (1.0 + ((centre - times * hertz) / (0.18 * times * hertz)).powi(2));
        amplitudes[PARTIALS + band] = level * (near(2.0) + 0.4 * near(4.0) + 0.05) * (across / 100.0).sqrt()
            / (1.0 + (centre / 4_000.0).powi(2));
    }
    amplitudes
}

/// Modes that ring the shorter the higher they are, and the blow that wakes them.
fn struck(modes: &[(f32, f32)], hertz: f32, velocity: f32, seconds: f32) -> [f32; AMPLITUDES] {
    let mut amplitudes = [0.0; AMPLITUDES];
    let ringing = (262.0 / hertz).sqrt();
    for (mode, (level, ring)) in modes.iter().enumerate() {
        let soft = (-(1.0 - velocity) * mode as f32 * 0.6).exp();
        amplitudes[mode] = 0.4 * velocity * level * soft * 10f32.powf(-3.0 * seconds / (ring * ringing));
    }
    for band in 0..NOISE_BANDS {
        let [centre, across] = noise_band(band);
        let blow = (centre / 3_000.0).min(1.0) / (1.0 + (centre / 5_000.0).powi(2));
        amplitudes[PARTIALS + band] =
            0.02 * velocity * velocity * blow * (across / 100.0).sqrt() * 10f32.powf(-3.0 * seconds / 0.05);
    }
    amplitudes
}

fn bar(hertz: f32, velocity: f32, seconds: f32) -> [f32; AMPLITUDES] {
    struck(
        &[(1.0, 7.0), (0.6, 4.0), (0.4, 2.2), (0.25, 1.2), (0.12, 0.7), (0.06, 0.4)],
        hertz,
        velocity,
        seconds,
    )
}

fn glass(hertz: f32, velocity: f32, seconds: f32) -> [f32; AMPLITUDES] {
    struck(&[(1.0, 4.0), (0.3, 2.5), (0.22, 1.2), (0.1, 0.6), (0.05, 0.4)], hertz, velocity, seconds)
}
