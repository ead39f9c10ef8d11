//! Drum machines: bridged oscillators, squares of metal, noise and gates.

use crate::dsp::*;

/// The long sine of the eighties: a click, a bend of a few milliseconds, and a tail as long as one likes.
pub fn long_kick(pitch: f64, decay: f64, drive: f64) -> Frames {
    let body = struck(decay * 3.2, pitch * 2.4, pitch, 0.012, decay);
    let click = high_passed(&burst(0.01, 0.001, 41), 1_500.0);
    let driven_body = driven(mix([(1.0, body), (0.5, click)]), drive);
    driven_body.into_iter().map(|x| x / drive.tanh()).collect()
}

/// Two sines and noise above them.
pub fn sine_snare(tone: f64, snap: f64, decay: f64) -> Frames {
    let low = struck(0.4, 190.0 * tone, 178.0 * tone, 0.01, 0.07);
    let high = struck(0.4, 345.0 * tone, 331.0 * tone, 0.01, 0.045);
    let noise = high_passed(&burst(0.45, decay, 42), 1_900.0);
    mix([(0.8, low), (0.5, high), (snap, noise)])
}

/// Six squares that do not agree, the source of hats, cymbals and the cowbell of the eighties.
fn squares(seconds: f64, tune: f64) -> Frames {
    let mut phases: Vec<Phase> = (0..6).map(|i| Phase::at(f64::from(i) * 0.37)).collect();
    render(seconds, |_| {
        let frequencies = [205.3, 304.4, 369.6, 522.7, 540.0, 800.0];
        phases.iter_mut().zip(frequencies).map(|(phase, f)| phase.pulse(f * tune, 0.5)).sum::<f64>() / 6.0
    })
}

fn shaped(frames: Frames, decay: f64) -> Frames {
    frames.into_iter().enumerate().map(|(i, x)| x * fall(i as f64 / RATE, decay)).collect()
}

/// A hat of squares.
pub fn square_hat(decay: f64) -> Frames {
    let metal = high_passed(&band_passed(&squares((decay * 5.0).max(0.08), 2.1), 9_500.0, 1.2), 6_000.0);
    shaped(metal, decay)
}

/// Two squares a false fifth apart, through a narrow filter.
pub fn cowbell() -> Frames {
    let (mut one, mut two) = (Phase::default(), Phase::default());
    let tone = render(0.45, |t| {
        (one.pulse(540.0, 0.5) + two.pulse(800.0, 0.5)) * (0.6 * fall(t, 0.012) + 0.4 * fall(t, 0.11))
    });
    band_passed(&tone, 1_400.0, 1.1)
}

/// Four gates of noise, then a tail.
pub fn gated_clap(spread: f64, tail: f64) -> Frames {
    let mut noise = Noise::new(43);
    let hands = render(0.4, |t| {
        let strikes = if t < 3.0 * spread { fall(t % spread, 0.005) } else { 0.0 };
        noise.next() * (strikes + fall(t - 3.0 * spread, tail))
    });
    mix([(1.0, band_passed(&hands, 1_050.0, 2.0)), (0.15, high_passed(&hands, 1_800.0))])
}

/// The kick of warehouses: a deep bend, a click of noise, and drive.
pub fn hard_kick(pitch: f64, decay: f64, drive: f64) -> Frames {
    let body = struck(decay * 4.0, pitch * 5.0, pitch, 0.02, decay);
    let knock = struck(0.06, 420.0, 180.0, 0.01, 0.012);
    let click = band_passed(&burst(0.02, 0.0025, 44), 4_500.0, 0.7);
    mix([(1.0, driven(mix([(1.0, body), (0.4, knock)]), drive)), (1.9, click)])
}

/// Two bent triangles, as good as sines here, and two noises.
pub fn hard_snare(tone: f64, snap: f64) -> Frames {
    let low = struck(0.35, 300.0 * tone, 165.0 * tone, 0.012, 0.05);
    let high = struck(0.35, 480.0 * tone, 286.0 * tone, 0.01, 0.035);
    let bright = high_passed(&burst(0.4, 0.085, 45), 2_400.0);
    let wide = low_passed(&burst(0.2, 0.03, 46), 6_500.0);
    driven(mix([(0.9, low), (0.5, high), (snap, bright), (0.4, wide)]), 1.4)
}

/// A hat of short noise bits, as a sampled cymbal of six bits is.
pub fn bit_hat(decay: f64) -> Frames {
    let air = burst((decay * 5.0).max(0.07), decay, 47);
    let metal = shaped(squares((decay * 5.0).max(0.07), 3.4), decay * 1.1);
    let bits =
        mix([(0.8, air), (0.9, metal)]).into_iter().map(|x| (x * 24.0).round() / 24.0).collect::<Frames>();
    high_passed(&bits, 6_500.0)
}
