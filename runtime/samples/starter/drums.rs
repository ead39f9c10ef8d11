//! A kit of skins and metal, played in a small room.

use crate::dsp::*;

/// A bass drum: skin, shell and beater.
pub fn kick(seed: u64, pitch: f64, decay: f64, beater: f64) -> Frames {
    let skin = struck(decay * 4.0, pitch * 3.2, pitch, 0.022, decay);
    let shell = struck(0.2, pitch * 2.6, pitch * 2.3, 0.03, 0.035);
    let thud = low_passed(&burst(0.08, 0.012, seed), 900.0);
    let click = band_passed(&burst(0.03, 0.0035, seed + 1), 3_200.0, 0.9);
    let body = driven(mix([(1.0, skin), (0.3, shell), (0.5, thud)]), 1.5);
    // After the drive: the skin would hide the beater in it.
    let dry = mix([(1.0, body), (beater, click)]);
    in_a_room(&dry, 0.011, 0.12, false)
}

/// A snare: two modes of the skin, and wires that answer with noise.
pub fn snare(seed: u64, pitch: f64, wires: f64, decay: f64) -> Frames {
    let length = decay * 5.0 + 0.1;
    let low = struck(length, pitch * 1.35, pitch, 0.012, decay * 0.7);
    let high = struck(length, pitch * 1.9, pitch * 1.72, 0.01, decay * 0.45);
    let buzz = high_passed(&burst(length, decay, seed), 1_400.0);
    let body = band_passed(&burst(length, decay * 0.6, seed + 1), 900.0, 0.8);
    let crack = high_passed(&burst(0.03, 0.003, seed + 2), 3_000.0);
    let dry = mix([(0.8, low), (0.45, high), (wires, buzz), (0.5, body), (0.8, crack)]);
    in_a_room(&driven(dry, 1.3), 0.013, 0.22, false)
}

/// A ring of partials as a plate of metal has: even over the octaves, each with its own decay.
fn plate(seconds: f64, seed: u64, low: f64, high: f64, partials: usize, decay: f64) -> Frames {
    let mut noise = Noise::new(seed);
    let mut sum = vec![0.0; (seconds * RATE) as usize];
    for i in 0..partials {
        let place = (i as f64 + 0.5 + 0.45 * noise.next()) / partials as f64;
        let frequency = low * (high / low).powf(place);
        let own = decay * (1.3 - place) * (1.0 + 0.4 * noise.next());
        let mut phase = Phase::at(noise.next());
        for (x, sum) in sum.iter_mut().enumerate() {
            *sum += phase.sine(frequency) * fall(x as f64 / RATE, own) / (partials as f64).sqrt();
        }
    }
    sum
}

/// A hi-hat, shut, half open or open.
pub fn hat(seed: u64, decay: f64) -> Frames {
    let length = (decay * 5.0).max(0.06);
    let metal = plate(length, seed, 3_000.0, 14_000.0, 60, decay * 1.2);
    let air = burst(length, decay, seed + 1);
    let tick = burst(0.02, 0.0015, seed + 2);
    high_passed(&mix([(1.0, metal), (0.7, air), (0.4, tick)]), 5_500.0)
}

/// A crash cymbal, whose high partials die first.
pub fn crash(seed: u64, decay: f64) -> Frames {
    let length = decay * 3.6;
    let metal = plate(length, seed, 350.0, 13_000.0, 110, decay);
    let wash = high_passed(&burst(length, decay * 0.55, seed + 1), 3_500.0);
    let stroke = burst(0.05, 0.01, seed + 2);
    high_passed(&mix([(1.0, metal), (0.7, wash), (0.8, stroke)]), 500.0)
}

/// A ride: the stick's ping above a wash.
pub fn ride(seed: u64, decay: f64) -> Frames {
    let length = decay * 3.2;
    let metal = plate(length, seed, 600.0, 12_000.0, 70, decay);
    let ping = mix([
        (1.0, struck(length, 3_150.0, 3_140.0, 0.01, 0.22)),
        (0.7, struck(length, 4_730.0, 4_720.0, 0.01, 0.15)),
        (0.5, struck(length, 1_960.0, 1_950.0, 0.01, 0.3)),
    ]);
    let stick = high_passed(&burst(0.02, 0.002, seed + 1), 4_000.0);
    high_passed(&mix([(0.6, metal), (0.35, ping), (0.8, stick)]), 900.0)
}

/// A tom.
pub fn tom(seed: u64, pitch: f64) -> Frames {
    let skin = struck(0.7, pitch * 1.6, pitch, 0.045, 0.16);
    let second = struck(0.4, pitch * 2.5, pitch * 1.59, 0.03, 0.08);
    let stick = band_passed(&burst(0.05, 0.006, seed), 1_800.0, 0.7);
    let dry = driven(mix([(1.0, skin), (0.35, second), (0.5, stick)]), 1.3);
    in_a_room(&dry, 0.012, 0.2, false)
}

/// Hands that do not quite meet: strikes one after the other, then the room.
pub fn clap(seed: u64, hands: usize, spread: f64) -> Frames {
    let mut sum = vec![0.0; (0.4 * RATE) as usize];
    for hand in 0..hands {
        let start = (hand as f64 * spread * RATE) as usize;
        let decay = if hand + 1 == hands { 0.05 } else { 0.004 };
        for (sum, x) in sum[start..].iter_mut().zip(burst(0.35, decay, seed + hand as u64)) {
            *sum += x;
        }
    }
    let palms = band_passed(&sum, 1_150.0, 1.6);
    let air = high_passed(&sum, 2_500.0);
    in_a_room(&mix([(1.0, palms), (0.25, air)]), 0.017, 0.35, false)
}

/// A stick across the rim.
pub fn rim(seed: u64, pitch: f64) -> Frames {
    let wood = struck(0.15, pitch, pitch, 0.01, 0.013);
    let shell = struck(0.15, pitch * 0.27, pitch * 0.26, 0.01, 0.02);
    let stick = high_passed(&burst(0.01, 0.0012, seed), 2_500.0);
    in_a_room(&mix([(1.0, wood), (0.6, shell), (0.8, stick)]), 0.012, 0.2, false)
}

/// A shaker: beads that gather, then strike.
pub fn shaker(seed: u64, length: f64) -> Frames {
    let mut noise = Noise::new(seed);
    let beads = render(length, |t| {
        noise.next()
            * (t / (length * 0.45)).min(1.0).powi(2)
            * fall(t - length * 0.45, length * 0.12).max(if t < length * 0.45 { 1.0 } else { 0.0 })
    });
    high_passed(&band_passed(&beads, 7_000.0, 0.6), 3_500.0)
}

/// A tambourine: a frame, and jingles in pairs.
pub fn tambourine(seed: u64) -> Frames {
    let jingles = plate(0.45, seed, 4_200.0, 13_000.0, 40, 0.09);
    let frame = band_passed(&burst(0.1, 0.012, seed + 1), 1_500.0, 0.8);
    let rattle = high_passed(&burst(0.45, 0.05, seed + 2), 6_000.0);
    high_passed(&mix([(1.0, jingles), (0.5, frame), (0.5, rattle)]), 900.0)
}

/// Two sticks of hard wood.
pub fn claves(pitch: f64) -> Frames {
    mix([
        (1.0, struck(0.2, pitch, pitch, 0.01, 0.022)),
        (0.25, struck(0.1, pitch * 2.76, pitch * 2.76, 0.01, 0.007)),
    ])
}

/// A hand drum.
pub fn conga(seed: u64, pitch: f64) -> Frames {
    let skin = struck(0.5, pitch * 1.18, pitch, 0.02, 0.11);
    let edge = struck(0.3, pitch * 2.4, pitch * 2.35, 0.02, 0.04);
    let palm = band_passed(&burst(0.03, 0.004, seed), 2_200.0, 0.8);
    in_a_room(&mix([(1.0, skin), (0.35, edge), (0.5, palm)]), 0.012, 0.15, false)
}
