//! Recorded sounds: exact, at any rate, in slices that add up, and given back when they are done.

mod listening;

use std::sync::Arc;

use lilt_synth::{Mixer, MixerConfig, Param, Params, Sample, SampleId, SlotControl, VoiceKind};
use listening::*;

/// A second of a tone with overtones at 48 kHz.
fn tone(hertz: f64, rate: u32) -> Vec<f32> {
    let wave = |i: u32, k: f64| (std::f64::consts::TAU * k * hertz * f64::from(i) / f64::from(rate)).sin();
    (0..rate).map(|i| (0.1 * wave(i, 1.0) + 0.04 * wave(i, 3.0)) as f32).collect()
}

fn loaded(mixer: &Mixer, data: Vec<f32>, channels: u16, rate: u32) -> SampleId {
    let sample = Sample::new(Arc::from(data), channels, rate).expect("it is one");
    mixer.samples().insert(sample).expect("there is room")
}

/// A mixer whose first slots are dry.
fn dry() -> Mixer {
    let mut mixer = Mixer::new(MixerConfig::default());
    for slot in 0..8 {
        mixer.push(control(0, slot, SlotControl::Reverb, 0.0, 0)).expect("there is room");
    }
    mixer
}

fn play(mixer: &mut Mixer, frame: u64, slot: u16, sample: SampleId, params: Params) {
    let voice = VoiceKind::Sample { sample, pitch: 60.0 };
    mixer.push(note_with(frame, slot, frame, voice, params)).expect("there is room");
}

fn alone(data: Vec<f32>, channels: u16, rate: u32, params: Params, seconds: f32) -> Heard {
    let mut mixer = dry();
    let sample = loaded(&mixer, data, channels, rate);
    play(&mut mixer, 0, 0, sample, params);
    render(&mut mixer, seconds)
}

/// How much of the power of `a` is not in `b`.
fn difference(a: &[f32], b: &[f32]) -> f32 {
    let apart: Vec<f32> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    rms(&apart) / rms(a)
}

#[test]
fn a_sample_sounds_on_its_frame_at_its_pitch_at_any_rate() {
    for rate in [22_050, 44_100, 48_000, 96_000] {
        for channels in [1, 2] {
            let mono = tone(441.0, rate);
            let data = if channels == 2 { mono.iter().flat_map(|x| [*x, 0.0]).collect() } else { mono };
            let mut mixer = dry();
            let sample = loaded(&mixer, data, channels, rate);
            play(&mut mixer, 1_234, 0, sample, Params::NONE.with(Param::Begin, 0.25));
            let heard = render(&mut mixer, 1.0);
            let first = heard.first_sound().expect("it sounds");
            assert!((1_234..=1_236).contains(&first), "{rate}: {first}");
            let level = |hertz| magnitude(&heard.left[4_800..28_800], hertz);
            assert!(level(441.0) > 30.0 * level(466.0), "{rate} Hz, {channels} channels");
            let right = peak(&heard.right);
            assert_eq!(right < 1e-6, channels == 2, "the right side is silent: {right}");
            let end = 1_234 + 36_000;
            assert!(peak(&heard.left[end + 1_500..]) < 1e-3, "three quarters of a second, no more");
        }
    }
}

#[test]
fn slices_in_a_row_are_the_whole() {
    let whole = alone(tone(330.0, 48_000), 1, 48_000, Params::NONE, 1.1).left;
    let mut mixer = dry();
    let sample = loaded(&mixer, tone(330.0, 48_000), 1, 48_000);
    for slice in 0..8u16 {
        let params = Params::NONE
            .with(Param::Begin, f32::from(slice) / 8.0)
            .with(Param::End, f32::from(slice + 1) / 8.0);
        play(&mut mixer, 6_000 * u64::from(slice), slice, sample, params);
    }
    let sliced = render(&mut mixer, 1.1).left;
    assert!(difference(&whole, &sliced) < 1e-4, "{}", difference(&whole, &sliced));
}

#[test]
fn speed_pitch_and_direction() {
    let level = |heard: &[f32], hertz| magnitude(&heard[2_400..16_800], hertz);
    let data = || tone(440.0, 48_000);
    let fast = alone(data(), 1, 48_000, Params::NONE.with(Param::Speed, 2.0), 1.0).left;
    assert!(level(&fast, 880.0) > 20.0 * level(&fast, 440.0));
    assert!(peak(&fast[26_000..]) < 1e-3, "over after half a second");
    let tuned = alone(data(), 1, 48_000, Params::NONE.with(Param::Tune, 7.0), 1.0).left;
    assert!(level(&tuned, 659.26) > 20.0 * level(&tuned, 440.0));
    let rising = Params::NONE.with(Param::Accelerate, 1.0);
    let risen = alone(data(), 1, 48_000, rising, 1.0).left;
    assert!(magnitude(&risen[23_000..25_000], 622.0) > 3.0 * magnitude(&risen[23_000..25_000], 440.0));
    // A sample that is loud at its end is loud at once when it runs backwards.
    let ramp: Vec<f32> = data().iter().enumerate().map(|(i, x)| x * i as f32 / 48_000.0).collect();
    let back = alone(ramp, 1, 48_000, Params::NONE.with(Param::Speed, -1.0), 1.2).left;
    assert!(rms(&back[..4_800]) > 5.0 * rms(&back[40_000..44_800]));
    assert!(peak(&back[49_000..]) < 2e-3);
}

#[test]
fn a_loop_goes_round_until_its_note_ends() {
    let mut mixer = dry();
    let sample = loaded(&mixer, tone(480.0, 48_000), 1, 48_000);
    // A hundred periods exactly.
    let params = Params::NONE.with(Param::Loop, 1.0).with(Param::End, 0.208_333_33);
    play(&mut mixer, 0, 0, sample, params);
    mixer.push(note_off(96_000, 0, 0)).expect("there is room");
    let heard = render(&mut mixer, 2.5).left;
    assert!(rms(&heard[80_000..95_000]) > 0.9 * rms(&heard[10_000..25_000]));
    assert!(peak(&heard[100_000..]) < 2e-3, "it ends soon after the note");
    assert_eq!(mixer.meters().active_voices, 0);
}

#[test]
fn an_instruments_sound_goes_round_while_its_note_is_held() {
    let mut mixer = dry();
    // A tenth of a second, the last period of which goes round.
    let data: Arc<[f32]> = tone(480.0, 48_000)[..4_800].into();
    let sample = Sample::new(data, 1, 48_000).expect("it is one").going_round(4_700..4_800);
    let sample = mixer.samples().insert(sample).expect("there is room");
    play(&mut mixer, 0, 0, sample, Params::NONE);
    mixer.push(note_off(48_000, 0, 0)).expect("there is room");
    let heard = render(&mut mixer, 1.5).left;
    let level = |hertz| magnitude(&heard[24_000..47_000], hertz);
    assert!(level(480.0) > 30.0 * level(510.0));
    assert!(
        (rms(&heard[30_000..40_000]) / rms(&heard[1_000..4_000]) - 1.0).abs() < 0.05,
        "as loud as before"
    );
    assert!(peak(&heard[52_000..]) < 2e-3, "it ends with its note");
}

#[test]
fn voices_of_one_note_do_not_choke_each_other() {
    let heard = |ids: [u64; 2]| {
        let mut mixer = dry();
        let sample = loaded(&mixer, tone(480.0, 48_000), 1, 48_000);
        let voice = VoiceKind::Sample { sample, pitch: 60.0 };
        for id in ids {
            let params = Params::NONE.with(Param::Cut, 3.0);
            mixer.push(note_with(0, 0, id, voice, params)).expect("there is room");
        }
        rms(&render(&mut mixer, 0.5).left[12_000..])
    };
    assert!((heard([7, 7]) / heard([7, 8]) - 2.0).abs() < 0.05);
}

#[test]
fn a_sample_that_is_gone_plays_nothing_and_one_that_plays_goes_on() {
    let mut mixer = dry();
    let handle = mixer.samples();
    let data: Arc<[f32]> = Arc::from(tone(300.0, 48_000));
    let memory = Arc::downgrade(&data);
    let sample = handle.insert(Sample::new(data, 1, 48_000).expect("it is one")).expect("there is room");
    play(&mut mixer, 0, 0, sample, Params::NONE);
    render(&mut mixer, 0.2);
    assert!(handle.remove(sample));
    play(&mut mixer, 12_000, 0, sample, Params::NONE);
    assert!(rms(&render(&mut mixer, 0.4).left) > 0.01, "it goes on");
    assert_eq!(mixer.meters().silent_notes, 1);
    assert_eq!(handle.collect(), 0);
    render(&mut mixer, 1.0);
    assert_eq!(handle.collect(), 1);
    assert!(memory.upgrade().is_none(), "its memory is free");
}

/// Begins, ends, speeds and pitches of all sorts: finite and bounded.
#[test]
fn extremes_are_tame() {
    for (begin, end, speed, accelerate, pitch) in [
        (0.0, 0.0, 1.0, 0.0, 60.0),
        (1.0, 0.0, -1.0, 0.0, 60.0),
        (0.5, 0.500_01, 16.0, 16.0, 136.0),
        (0.0, 1.0, -16.0, -16.0, 0.0),
        (0.9, 0.1, 1.0, 0.0, f32::NAN),
        (0.0, 1.0, 0.0, 0.0, 60.0),
    ] {
        for round in [0.0, 1.0] {
            let mut mixer = dry();
            let sample = loaded(&mixer, tone(440.0, 8_000), 2, 8_000);
            let params = Params::NONE
                .with(Param::Begin, begin)
                .with(Param::End, end)
                .with(Param::Speed, speed)
                .with(Param::Accelerate, accelerate)
                .with(Param::Loop, round);
            let voice = VoiceKind::Sample { sample, pitch };
            mixer.push(note_with(0, 0, 1, voice, params)).expect("there is room");
            let heard = render(&mut mixer, 0.3);
            assert!(heard.left.iter().all(|x| x.abs() <= lilt_synth::CEILING));
        }
    }
}
