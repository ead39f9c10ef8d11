//! What the network is told of a moment, and how it says controls.

use lilt_synth::{MOMENTS_A_SECOND, NOISE_BANDS, PARTIALS};

/// Amplitudes of a moment: partials, then bands of noise.
pub const AMPLITUDES: usize = PARTIALS + NOISE_BANDS;

/// What the network says: amplitudes, inharmonicity, seconds in which the sound falls by 60 dB after its end.
pub const SAID: usize = AMPLITUDES + 2;

/// What the network is told beside a place.
pub const TOLD: usize = 1 + OCTAVES + 1 + TIMES + 2;

/// No amplitude is lower, in decibels under full scale.
pub const SILENT: f32 = -100.0;

/// Bumps over the pitch, from MIDI 24 on, an octave apart.
const OCTAVES: usize = 7;

/// Bumps over the logarithm of the time since the onset.
const TIMES: usize = 14;

/// Seconds since the onset that are learnt.
pub const LEARNT: f32 = 4.0;

/// Moments at which a note is learnt, in seconds since its onset: every 4 ms at first, then ever farther apart.
pub fn moments(seconds: f32) -> Vec<f32> {
    let step = 1.0 / MOMENTS_A_SECOND as f32;
    let mut at = 0.0;
    let mut moments = Vec::new();
    while at < seconds {
        moments.push((at / step).round() * step);
        at += step.max(0.09 * at);
    }
    moments
}

/// Tells the network a moment: pitch as a MIDI number, velocity 0..=1, seconds since the onset.
pub fn tell(pitch: f32, velocity: f32, seconds: f32, out: &mut [f32]) {
    let bump = |distance: f32| (-0.5 * distance * distance).exp();
    out[0] = (pitch - 60.0) / 24.0;
    for (octave, out) in out[1..].iter_mut().take(OCTAVES).enumerate() {
        *out = bump((pitch - 24.0 - 12.0 * octave as f32) / 12.0);
    }
    let out = &mut out[1 + OCTAVES..];
    out[0] = 2.0 * velocity - 1.0;
    // 0 at the onset, 1 after [`LEARNT`]: each bump is 1.6 times later than the one before it.
    let late = |seconds: f32| (1.0 + seconds.clamp(0.0, LEARNT) / 0.006).ln();
    let place = late(seconds) / late(LEARNT) * (TIMES - 1) as f32;
    for (time, out) in out[1..].iter_mut().take(TIMES).enumerate() {
        *out = bump(place - time as f32);
    }
    // Decays are lines in decibels over the time.
    out[1 + TIMES] = seconds.min(LEARNT) / 2.0;
    out[2 + TIMES] = f32::from(seconds < 0.002);
}

/// An amplitude as the network says it: about -1 to 1.
pub fn said(amplitude: f32) -> f32 {
    let decibels = if amplitude > 0.0 { (20.0 * amplitude.log10()).max(SILENT) } else { SILENT };
    (decibels + 60.0) / 30.0
}

/// The amplitude that the network says. What is next to silent is silent.
pub fn heard(said: f32) -> f32 {
    let decibels = 30.0 * said - 60.0;
    if decibels > SILENT + 4.0 { 10f32.powf(decibels.min(20.0) / 20.0) } else { 0.0 }
}

/// An inharmonicity as the network says it.
pub fn said_inharmonicity(inharmonicity: f32) -> f32 {
    (inharmonicity.max(1e-6).log10() + 4.0) / 2.0
}

/// The inharmonicity that the network says. What bends the twentieth partial by less than a cent is none.
pub fn heard_inharmonicity(said: f32) -> f32 {
    let inharmonicity = 10f32.powf((2.0 * said - 4.0).clamp(-6.0, -2.0));
    if inharmonicity < 3e-6 { 0.0 } else { inharmonicity }
}

/// Seconds of a release as the network says them.
pub fn said_release(seconds: f32) -> f32 {
    seconds.clamp(0.02, 10.0).ln() / 2.0
}

/// The seconds of a release that the network says.
pub fn heard_release(said: f32) -> f32 {
    (2.0 * said).exp().clamp(0.02, 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_heard() {
        for amplitude in [1e-4f32, 0.01, 0.5, 2.0] {
            assert!((heard(said(amplitude)) / amplitude - 1.0).abs() < 1e-3, "{amplitude}");
        }
        assert_eq!((heard(said(0.0)), heard(said(1e-7))), (0.0, 0.0));
        for inharmonicity in [1e-5f32, 4e-4] {
            let heard = heard_inharmonicity(said_inharmonicity(inharmonicity));
            assert!((heard / inharmonicity - 1.0).abs() < 1e-3);
        }
        assert_eq!(heard_inharmonicity(said_inharmonicity(0.0)), 0.0);
        assert!((heard_release(said_release(0.4)) - 0.4).abs() < 1e-3);
    }

    #[test]
    fn moments_of_a_note_begin_dense_and_are_told_apart() {
        let times = moments(2.0);
        assert_eq!(times[..3], [0.0, 0.004, 0.008]);
        assert!(times.len() < 80 && times.windows(2).all(|two| two[1] > two[0]));
        let tell = |pitch, velocity, seconds| {
            let mut told = vec![0.0; TOLD];
            tell(pitch, velocity, seconds, &mut told);
            told
        };
        let apart = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f32>();
        for two in times.windows(2) {
            assert!(apart(&tell(60.0, 0.5, two[0]), &tell(60.0, 0.5, two[1])) > 0.05, "{two:?}");
        }
        assert!(tell(60.0, 0.5, 1e9).iter().all(|x| x.abs() < 10.0));
    }
}
