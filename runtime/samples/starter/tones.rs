//! Sounds with a pitch, and noises. Basses play C2, plucks, bells, stabs and pads C4, voices C3.

use std::f64::consts::TAU;

use crate::dsp::*;

/// C2, C3 and C4 in equal temperament at A4 = 440 Hz.
pub const C2: f64 = 65.406_391;
pub const C3: f64 = 2.0 * C2;
pub const C4: f64 = 4.0 * C2;

fn semitones(n: f64) -> f64 {
    2f64.powf(n / 12.0)
}

/// A bass of `voices` saws around one pitch, through a filter that shuts from `open` to `shut`.
pub fn saw_bass(seconds: f64, detune: f64, open: f64, shut: f64, quality: f64) -> Frames {
    let mut voices: Vec<(Phase, f64)> =
        [-1.0, 0.0, 1.0].iter().map(|side| (Phase::at(0.3 * side), semitones(side * detune))).collect();
    let mut sub = Phase::default();
    let (mut one, mut two) = (Filter::default(), Filter::default());
    let tone = render(seconds, |t| {
        let saws: f64 = voices.iter_mut().map(|(phase, ratio)| phase.saw(C2 * *ratio)).sum();
        let cutoff = shut + (open - shut) * fall(t, 0.16);
        let low = one.next(saws / 3.0, cutoff, quality).low;
        let low = two.next(low, cutoff * 1.5, 0.6).low;
        (low + 0.35 * sub.sine(C2)) * swell(t, seconds, 0.002, 0.12)
    });
    driven(tone, 1.6)
}

/// A plain sine with a knock at its start.
pub fn sub_bass(seconds: f64) -> Frames {
    let mut phase = Phase::default();
    let tone =
        render(seconds, |t| phase.sine(C2 * (1.0 + 1.5 * fall(t, 0.008))) * swell(t, seconds, 0.002, 0.2));
    driven(tone, 1.3)
}

/// Two sines, the second bending the first: FM after Chowning (1973).
pub fn fm(seconds: f64, pitch: f64, ratio: f64, index: f64, bend: f64, decay: f64) -> Frames {
    let (mut carrier, mut modulator) = (Phase::default(), Phase::default());
    render(seconds, |t| {
        let turn = modulator.sine(pitch * ratio) * index * fall(t, bend);
        (TAU * carrier.next(pitch) + turn).sin() * fall(t, decay) * (t / 0.002).min(1.0)
    })
}

/// A chord of pairs of saws, struck short: the filter falls with it.
pub fn stab(intervals: &[f64], seconds: f64, open: f64, decay: f64, quality: f64) -> Frames {
    let mut voices: Vec<(Phase, f64)> = intervals
        .iter()
        .enumerate()
        .flat_map(|(i, interval)| {
            [-0.09, 0.08]
                .map(|detune| (Phase::at(0.21 * i as f64 + detune), C4 * semitones(interval + detune)))
        })
        .collect();
    let mut filter = Filter::default();
    let count = voices.len() as f64;
    render(seconds, |t| {
        let saws: f64 = voices.iter_mut().map(|(phase, pitch)| phase.saw(*pitch)).sum();
        filter.next(saws / count.sqrt(), 250.0 + open * fall(t, decay * 0.7), quality).low
            * fall(t, decay)
            * (t / 0.002).min(1.0)
    })
}

/// A chord of organ pipes: sines of the drawbars 8', 4', 2⅔' and 2'.
pub fn organ_stab(intervals: &[f64], seconds: f64) -> Frames {
    let drawbars = [(1.0, 1.0), (2.0, 0.7), (3.0, 0.5), (4.0, 0.3)];
    let mut pipes: Vec<(Phase, f64, f64)> = intervals
        .iter()
        .flat_map(|interval| {
            drawbars.map(|(n, gain)| (Phase::default(), C4 * 0.5 * n * semitones(*interval), gain))
        })
        .collect();
    let tone = render(seconds, |t| {
        let sum: f64 = pipes.iter_mut().map(|(phase, pitch, gain)| *gain * phase.sine(*pitch)).sum();
        sum * swell(t, seconds, 0.003, 0.08) * (0.4 + 0.6 * fall(t, 0.12))
    });
    mix([(1.0, tone), (1.5, high_passed(&burst(0.01, 0.0015, 51), 2_000.0))])
}

/// A chord that comes and goes, many voices wide.
pub fn pad(intervals: &[f64], seconds: f64, cutoff: f64) -> Frames {
    let mut noise = Noise::new(52);
    let mut voices: Vec<(Phase, f64, f64)> = intervals
        .iter()
        .flat_map(|interval| [-0.1, -0.03, 0.05, 0.11].map(|detune| C4 * semitones(interval - 12.0 + detune)))
        .map(|pitch| (Phase::at(noise.next()), pitch, noise.next()))
        .collect();
    let mut filter = Filter::default();
    let dry = render(seconds, |t| {
        let saws: f64 = voices
            .iter_mut()
            .map(|(phase, pitch, turn)| phase.saw(*pitch * (1.0 + 0.0015 * (TAU * (0.7 * t + *turn)).sin())))
            .sum();
        let open = cutoff * (0.6 + 0.4 * swell(t, seconds, seconds * 0.5, seconds * 0.5));
        filter.next(saws, open, 0.8).low * swell(t, seconds, seconds * 0.25, seconds * 0.4)
    });
    in_a_room(&dry, 0.041, 0.5, false)
}

/// A plucked string after Karplus and Strong (1983): noise that runs round a delay and loses its edge.
pub fn string(seconds: f64, pitch: f64, bright: f64, damping: f64, seed: u64) -> Frames {
    let period = RATE / pitch;
    // The mean of two neighbours delays by half a frame; what is left of a whole frame is an all-pass.
    let delay = (period - 0.6).floor();
    let part = period - 0.5 - delay;
    let coefficient = (1.0 - part) / (1.0 + part);
    let mut noise = Noise::new(seed);
    let pick: Frames = (0..delay as usize).map(|_| noise.next()).collect();
    let mut line = low_passed(&pick, bright);
    let (mut last, mut passed_in, mut passed_out) = (0.0, 0.0, 0.0);
    let mut place = 0;
    render(seconds, |_| {
        let out = line[place];
        let mean = damping * 0.5 * (out + last);
        last = out;
        let through = coefficient * (mean - passed_out) + passed_in;
        (passed_in, passed_out) = (mean, through);
        line[place] = through;
        place = (place + 1) % line.len();
        out
    })
}

/// Bars, tines and bells: modes with their ratios, gains and decays.
pub fn modes(seconds: f64, pitch: f64, modes: &[(f64, f64, f64)]) -> Frames {
    let mut phases: Vec<Phase> = modes.iter().map(|_| Phase::default()).collect();
    render(seconds, |t| {
        let sum: f64 = phases
            .iter_mut()
            .zip(modes)
            .map(|(phase, (ratio, gain, decay))| gain * phase.sine(pitch * ratio) * fall(t, *decay))
            .sum();
        sum * (t / 0.001).min(1.0)
    })
}

/// A sung vowel at C3: pulses of the glottis after Rosenberg (1971) through three formants, and breath.
/// `formants` in Hz, of men's vowels: Peterson and Barney (1952), table II.
pub fn vowel(formants: [f64; 3], seed: u64) -> Frames {
    let seconds = 0.75;
    let mut phase = Phase::default();
    let mut noise = Noise::new(seed);
    let mut filters: [Filter; 3] = Default::default();
    let mut last = 0.0;
    let dry = render(seconds, |t| {
        let vibrato = 1.0 + 0.008 * (TAU * 5.4 * t).sin() * (t / 0.3).min(1.0) - 0.03 * fall(t, 0.03);
        let turn = phase.next(C3 * vibrato);
        // Open for 60 % of a turn: rising to 40 %, falling to 60 %.
        let flow = if turn < 0.4 {
            0.5 - 0.5 * (TAU * turn / 0.8).cos()
        } else if turn < 0.6 {
            (TAU * (turn - 0.4) / 0.8).cos()
        } else {
            0.0
        };
        // Lips radiate the change of the flow.
        let source = 12.0 * (flow - last) + 0.015 * noise.next();
        last = flow;
        let gains = [1.0, 0.55, 0.3];
        let sum: f64 = (0..3)
            .map(|i| {
                gains[i]
                    * filters[i].next(source, formants[i], formants[i] / (60.0 + 0.03 * formants[i])).band
            })
            .sum();
        sum * swell(t, seconds, 0.03, 0.2)
    });
    in_a_room(&dry, 0.019, 0.2, false)
}

/// White noise, or with the spectrum of a filter that wanders between two frequencies.
pub fn wind(seconds: f64, low: f64, high: f64, quality: f64, seed: u64) -> Frames {
    let mut noise = Noise::new(seed);
    let mut filter = Filter::default();
    render(seconds, |t| {
        let place = 0.5 - 0.5 * (TAU * t / seconds).cos();
        filter.next(noise.next(), low * (high / low).powf(place), quality).band * swell(t, seconds, 0.1, 0.2)
    })
}

/// Plain white noise.
pub fn white(seconds: f64) -> Frames {
    let mut noise = Noise::new(61);
    render(seconds, |t| noise.next() * swell(t, seconds, 0.002, 0.05))
}

/// Pink noise: 3 dB less an octave, by the filter of Kellet (1999).
pub fn pink(seconds: f64) -> Frames {
    let mut noise = Noise::new(62);
    let mut poles = [0.0; 3];
    render(seconds, |t| {
        let white = noise.next();
        poles[0] = 0.997_65 * poles[0] + white * 0.099_046;
        poles[1] = 0.963 * poles[1] + white * 0.296_516_4;
        poles[2] = 0.57 * poles[2] + white * 1.052_691_3;
        (poles.iter().sum::<f64>() + white * 0.184_8) * swell(t, seconds, 0.002, 0.05)
    })
}

/// The dust of a record: rare clicks over a faint hiss.
pub fn crackle(seconds: f64) -> Frames {
    let mut noise = Noise::new(63);
    let clicks = render(seconds, |_| {
        let dice = noise.next();
        if dice.abs() > 0.9992 { dice.signum() * (0.3 + 0.7 * noise.next().abs()) } else { 0.0 }
    });
    mix([(1.0, band_passed(&clicks, 2_800.0, 0.7)), (0.006, pink(seconds))])
}

/// A sine that glides from one pitch to another along an exponential.
pub fn zap(seconds: f64, from: f64, to: f64, drive: f64) -> Frames {
    let mut phase = Phase::default();
    let tone = render(seconds, |t| {
        phase.sine(from * (to / from).powf(t / seconds)) * swell(t, seconds, 0.002, 0.06)
    });
    driven(tone, drive)
}

/// Noise and saws that rise over the whole length.
pub fn riser(seconds: f64) -> Frames {
    let mut noise = Noise::new(64);
    let (mut one, mut two) = (Phase::default(), Phase::default());
    let mut filter = Filter::default();
    render(seconds, |t| {
        let place = t / seconds;
        let pitch = C3 * 4f64.powf(place);
        let source = 0.6 * noise.next() + 0.4 * (one.saw(pitch) + two.saw(pitch * 1.007));
        filter.next(source, 300.0 * 30f64.powf(place), 2.0).band
            * place.powf(1.5)
            * swell(t, seconds, 0.02, 0.03)
    })
}
