//! Timbres: in tune at every rate, nothing above Nyquist, the same however it is cut up, and as loud as they say.

mod listening;

use lilt_synth::{
    MOMENT, Mixer, MixerConfig, NOISE_BANDS, PARTIALS, Param, Params, Sample, SlotControl, Timbre, VoiceKind,
    noise_band, stiff,
};
use listening::*;
use proptest::prelude::*;

/// Moments that are all alike.
fn steady(partials: &[(usize, f32)], bands: &[(usize, f32)], moments: usize) -> Vec<f32> {
    let mut moment = vec![0.0; MOMENT];
    partials.iter().for_each(|(number, amplitude)| moment[number - 1] = *amplitude);
    bands.iter().for_each(|(band, rms)| moment[PARTIALS + band] = *rms);
    moment[MOMENT - 1] = 1.0;
    moment.repeat(moments)
}

fn mixer_with(rate: u32, timbre: Timbre, pitch: f32, params: Params) -> Mixer {
    let mut mixer = Mixer::new(MixerConfig { sample_rate: rate, ..MixerConfig::default() });
    mixer.push(control(0, 0, SlotControl::Reverb, 0.0, 0)).expect("there is room");
    let sample = mixer.samples().insert(Sample::of(timbre)).expect("there is room");
    mixer.push(note_with(0, 0, 1, VoiceKind::Sample { sample, pitch }, params)).expect("there is room");
    mixer
}

/// The left channel of so many frames.
fn left(mixer: &mut Mixer, frames: usize) -> Vec<f32> {
    let mut out = vec![0.0; 2 * frames];
    mixer.render(&mut out);
    out.into_iter().step_by(2).collect()
}

fn held(moments: Vec<f32>, inharmonicity: f32) -> Timbre {
    let timbre = Timbre::new(moments, stiff(inharmonicity), 0.2).expect("whole moments");
    let len = timbre.len();
    timbre.going_round(0..len)
}

/// The share of the power of `samples` within `hertz`.
fn share(samples: &[f32], rate: u32, hertz: std::ops::Range<f64>) -> f64 {
    let (bins, width) = transform::powers(samples, samples.len().next_power_of_two(), f64::from(rate));
    let inside = |i: usize| hertz.contains(&(i as f64 * width));
    bins.iter().enumerate().filter(|(i, _)| inside(*i)).map(|(_, power)| power).sum::<f64>()
        / bins.iter().sum::<f64>()
}

/// A window that falls to nothing at both ends.
fn windowed(samples: &[f32]) -> Vec<f32> {
    let turn = std::f32::consts::TAU / samples.len() as f32;
    samples.iter().enumerate().map(|(i, x)| x * 0.5 * (1.0 - (turn * i as f32).cos())).collect()
}

#[test]
fn partials_lie_where_a_stiff_string_has_them_at_any_rate() {
    let b = 0.0004f64;
    for rate in [44_100, 48_000, 96_000] {
        let timbre = held(steady(&[(1, 0.1), (7, 0.05)], &[], 50), b as f32);
        let sound = left(&mut mixer_with(rate, timbre, 69.0, Params::NONE), rate as usize + 4_096);
        let sound = windowed(&sound[4_096..4_096 + 32_768]);
        for number in [1.0f64, 7.0] {
            let hertz = 440.0 * number * (1.0 + b * number * number).sqrt();
            let near = share(&sound, rate, hertz - 6.0..hertz + 6.0);
            let power = if number == 1.0 { 0.8 } else { 0.2 };
            assert!((near - power).abs() < 0.01, "partial {number} at {rate}: {near}");
        }
    }
}

#[test]
fn nothing_lies_above_nyquist_and_nothing_folds_back() {
    for (rate, pitch) in [(44_100, 108.0), (48_000, 96.0), (48_000, 60.0), (96_000, 120.0)] {
        let loud: Vec<(usize, f32)> = (1..=PARTIALS).map(|number| (number, 0.02)).collect();
        let sound =
            left(&mut mixer_with(rate, held(steady(&loud, &[], 50), 0.0), pitch, Params::NONE), 40_000);
        let sound = windowed(&sound[4_096..4_096 + 32_768]);
        let pitch = 440.0 * 2f64.powf((f64::from(pitch) - 69.0) / 12.0);
        // Between the partials there is nothing; a fold would fall there.
        let of = (f64::from(rate) * 0.49 / pitch) as usize;
        let on: f64 = (1..=of.min(PARTIALS))
            .map(|number| number as f64 * pitch)
            .map(|hertz| share(&sound, rate, hertz - 25.0..hertz + 25.0))
            .sum();
        assert!(on > 0.99999, "{rate}, {pitch}: {on}");
    }
}

#[test]
fn bands_of_noise_are_as_loud_as_they_say_and_where() {
    for rate in [44_100, 48_000, 96_000] {
        let sine = held(steady(&[(1, 0.1 * 2f32.sqrt())], &[], 50), 0.0);
        let sine =
            rms(&left(&mut mixer_with(rate, sine, 60.0, Params::NONE), rate as usize)[rate as usize / 4..]);
        for band in [4, 20, 40, 60] {
            let timbre = held(steady(&[], &[(band, 0.1)], 50), 0.0);
            let sound = left(&mut mixer_with(rate, timbre, 60.0, Params::NONE), 4 * rate as usize);
            let sound = &sound[rate as usize / 4..];
            // As loud as a sine of the same root mean square, whatever the master does to both.
            let level = rms(sound) / sine;
            assert!((level - 1.0).abs() < 0.12, "band {band} at {rate}: {level}");
            let [centre, width] = noise_band(band).map(f64::from);
            let near = share(sound, rate, centre - 2.0 * width..centre + 2.0 * width);
            assert!(near > 0.93, "band {band} at {rate}: {near}");
        }
    }
}

#[test]
fn bands_without_a_gap_are_even() {
    let all: Vec<(usize, f32)> =
        (0..NOISE_BANDS).map(|band| (band, noise_band(band)[1].sqrt() * 0.001)).collect();
    let sound = left(&mut mixer_with(48_000, held(steady(&[], &all, 50), 0.0), 60.0, Params::NONE), 480_000);
    let density =
        |hertz: std::ops::Range<f64>| share(&sound, 48_000, hertz.clone()) / (hertz.end - hertz.start);
    let densities: Vec<f64> =
        (0..12).map(|i| density(500.0 + 1_000.0 * f64::from(i)..1_500.0 + 1_000.0 * f64::from(i))).collect();
    let mean = densities.iter().sum::<f64>() / 12.0;
    assert!(densities.iter().all(|x| (x / mean - 1.0).abs() < 0.2), "{densities:?}");
}

#[test]
fn it_is_held_goes_backwards_stands_still_and_ends() {
    // The partial moves up from one to the next.
    let mut moments = steady(&[(1, 0.1)], &[], 250);
    moments.extend(steady(&[(2, 0.1)], &[], 250));
    let once = Timbre::new(moments.clone(), stiff(0.0), 0.2).expect("whole moments");
    let whole = left(&mut mixer_with(48_000, once.clone(), 69.0, Params::NONE), 110_000);
    let at = |sound: &[f32], from: usize| share(&windowed(&sound[from..from + 16_384]), 48_000, 400.0..480.0);
    assert!(at(&whole, 8_000) > 0.99 && at(&whole, 60_000) < 0.01);
    assert!(peak(&whole[96_500..]) < 1e-4, "its last moment is its end");
    let back =
        left(&mut mixer_with(48_000, once.clone(), 69.0, Params::NONE.with(Param::Speed, -1.0)), 110_000);
    assert!(at(&back, 8_000) < 0.01 && at(&back, 60_000) > 0.99);
    let still = Params::NONE.with(Param::Speed, 0.0).with(Param::Begin, 0.75);
    let still = left(&mut mixer_with(48_000, once.clone(), 69.0, still), 200_000);
    assert!(at(&still, 8_000) < 0.01 && at(&still, 180_000) < 0.01 && rms(&still[180_000..]) > 0.05);
    let round = left(&mut mixer_with(48_000, once.going_round(300..500), 69.0, Params::NONE), 300_000);
    assert!(at(&round, 270_000) < 0.01 && rms(&round[270_000..]) > 0.05);
}

#[test]
fn a_note_that_ends_falls_as_its_timbre_says() {
    let timbre = held(steady(&[(1, 0.1)], &[], 50), 0.0);
    let mut mixer = mixer_with(48_000, timbre, 69.0, Params::NONE);
    mixer.push(note_off(24_000, 0, 1)).expect("there is room");
    let sound = left(&mut mixer, 48_000);
    let level = |from: usize| rms(&sound[from..from + 960]);
    let fallen = 20.0 * (level(24_000 + 4_800) / level(20_000)).log10();
    assert!((fallen + 33.0).abs() < 2.0, "{fallen} dB after half of 0.2 s, and half of a window");
    assert!(peak(&sound[24_000 + 16_000..]) < 1e-4);
}

#[test]
fn controls_of_a_note_work_on_it() {
    let all: Vec<(usize, f32)> = (1..=40).map(|number| (number, 0.02)).collect();
    let sound = |params: Params| {
        left(&mut mixer_with(48_000, held(steady(&all, &[], 50), 0.0), 57.0, params), 48_000)
    };
    let high = |sound: &[f32]| share(&windowed(&sound[8_192..8_192 + 32_768]), 48_000, 3_000.0..20_000.0);
    let plain = sound(Params::NONE);
    assert!(high(&sound(Params::NONE.with(Param::Cutoff, 500.0))) < 0.05 * high(&plain));
    let slow = sound(Params::NONE.with(Param::Attack, 0.5));
    assert!(rms(&slow[1_000..2_000]) < 0.3 * rms(&plain[1_000..2_000]));
    let higher = sound(Params::NONE.with(Param::Tune, 12.0));
    let low = |sound: &[f32]| share(&windowed(&sound[8_192..8_192 + 32_768]), 48_000, 200.0..240.0);
    assert!(low(&plain) > 0.01 && low(&higher) < 1e-4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_same_bytes_however_it_is_cut_up(cuts in prop::collection::vec(1usize..700, 1..40), pitch in 20.0f32..110.0) {
        let moments: Vec<f32> = (0..40 * MOMENT).map(|i| ((i * 7_919) % 101) as f32 * 0.0002).collect();
        let timbre = held(moments, 0.0002);
        let whole = left(&mut mixer_with(44_100, timbre.clone(), pitch, Params::NONE), 12_000);
        let mut mixer = mixer_with(44_100, timbre, pitch, Params::NONE);
        let mut parts = Vec::new();
        for cut in cuts.iter().cycle() {
            if parts.len() >= 12_000 { break; }
            parts.extend(left(&mut mixer, *cut));
        }
        prop_assert!(whole.iter().zip(&parts).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}
