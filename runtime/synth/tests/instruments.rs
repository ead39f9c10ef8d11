//! What every instrument and drum owes: exact onsets, true pitch, an end, and its place in the mix.

mod listening;

use lilt_synth::{DrumSound, Instrument, VoiceKind};
use listening::*;

#[test]
fn every_sound_begins_on_its_frame() {
    for (name, voice) in all_voices() {
        for frame in [0, 1, 63, 64, 1000, 12_345] {
            for velocity in [0.05, 1.0] {
                let mut mixer = mixer();
                mixer.push(note_on(frame, 3, 7, voice, velocity)).expect("an empty queue has room");
                let heard = render(&mut mixer, 0.03 + frame as f32 / RATE as f32);
                assert_eq!(
                    heard.first_sound(),
                    Some(frame as usize),
                    "{name} at velocity {velocity}, commanded at {frame}"
                );
            }
        }
    }
}

/// How many cents the strongest frequency near the note is off, by the spectrum of the 0.3 s after
/// the attack.
fn cents_off(samples: &[f32], pitch: f32) -> f32 {
    let expected = 440.0 * ((f64::from(pitch) - 69.0) / 12.0).exp2();
    let piece = &samples[2_400..16_800];
    (-100..=100)
        .map(|cents| (cents, magnitude(piece, expected * (f64::from(cents) / 1200.0).exp2())))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(f32::NAN, |(cents, _)| cents as f32)
}

#[test]
fn pitches_are_true() {
    for instrument in PITCHED.into_iter().filter(|i| !BEATING.contains(i) && *i != Instrument::Noise) {
        for pitch in [36.0, 48.0, 60.0, 60.5, 72.0, 84.0, 96.0] {
            let heard = one_note(pitched(instrument, pitch), 0.8, 1.0, 0.4).mono();
            let off = cents_off(&heard, pitch);
            // At 65 Hz a cent is a hundredth of what the window resolves.
            let tolerance = if pitch < 48.0 { 8.0 } else { 5.0 };
            assert!(off.abs() <= tolerance, "{} at {pitch} is {off} cents off", instrument.name());
        }
    }
}

/// Their saws beat with each other, so one moment says little.
const BEATING: [Instrument; 5] =
    [Instrument::Pad, Instrument::Lead, Instrument::Supersaw, Instrument::String, Instrument::Voice];

#[test]
fn beating_saws_are_true_on_the_average() {
    for instrument in BEATING {
        for pitch in [48.0, 67.0, 84.0] {
            let offs: Vec<f32> = (0..8)
                .map(|id| {
                    let voice = pitched(instrument, pitch);
                    cents_off(&one_note_named(id, voice, 0.8, 1.0, 0.4).mono(), pitch)
                })
                .collect();
            let name = instrument.name();
            let mean = offs.iter().sum::<f32>() / 8.0;
            assert!(mean.abs() <= 6.0, "{name} at {pitch} is {mean} cents off: {offs:?}");
        }
    }
}

#[test]
fn notes_that_are_let_go_end() {
    for instrument in PITCHED {
        for pitch in [36.0, 60.0, 84.0] {
            let heard = one_note(pitched(instrument, pitch), 1.0, 0.5, 3.5);
            let end = peak(&heard.left[3 * RATE..]);
            assert!(decibels(end) < -75.0, "{} at {pitch} still has {} dB", instrument.name(), decibels(end));
        }
    }
    for drum in DrumSound::ALL {
        let heard = one_note(VoiceKind::Drum(drum), 1.0, 0.1, 5.0);
        let end = peak(&heard.left[(4.5 * RATE as f32) as usize..]);
        assert!(decibels(end) < -75.0, "{}: {} dB", drum.name(), decibels(end));
    }
}

/// Voices free themselves: nothing sounds for ever, not even plucks and bells that are held.
#[test]
fn struck_and_plucked_notes_end_by_themselves() {
    for instrument in [Instrument::Pluck, Instrument::Keys, Instrument::Bell] {
        let mut mixer = mixer();
        mixer.push(note_on(0, 0, 1, pitched(instrument, 60.0), 1.0)).expect("an empty queue has room");
        render(&mut mixer, 16.0);
        assert_eq!(mixer.meters().active_voices, 0, "{}", instrument.name());
    }
}

#[test]
fn instruments_are_equally_loud() {
    let mut levels = Vec::new();
    for instrument in PITCHED {
        let heard = one_note(pitched(instrument, home(instrument)), 0.8, 1.0, 1.0);
        levels.push((instrument.name(), decibels(rms(&heard.mono()))));
    }
    println!("{levels:?}");
    for (name, level) in &levels {
        assert!((-21.5..=-11.5).contains(level), "{name}: {level} dB of {levels:?}");
    }
}

#[test]
fn drums_have_sensible_peaks() {
    let mut levels = Vec::new();
    for drum in DrumSound::ALL {
        let heard = one_note(VoiceKind::Drum(drum), 0.8, 0.1, 1.0);
        let loudest = peak(&heard.left).max(peak(&heard.right));
        levels.push((drum.name(), decibels(loudest)));
    }
    println!("{levels:?}");
    for (name, level) in &levels {
        assert!((-14.0..=-1.0).contains(level), "{name}: {level} dB of {levels:?}");
    }
}

#[test]
fn harder_is_louder_and_brighter() {
    for (name, voice) in all_voices() {
        let soft = one_note(voice, 0.25, 0.4, 0.4).mono();
        let hard = one_note(voice, 1.0, 0.4, 0.4).mono();
        assert!(
            rms(&hard) > 2.0 * rms(&soft),
            "{name}: {} dB to {} dB",
            decibels(rms(&soft)),
            decibels(rms(&hard))
        );
        // A sine is a sine, and a triangle nearly one. The ring of a rim shot is fixed; what grows with
        // it is overdrive, which is low.
        if ["rs", "sine", "triangle"].contains(&name.as_str()) {
            continue;
        }
        let (soft, hard) = (brightness(&soft), brightness(&hard));
        assert!(hard > 1.03 * soft, "{name}: {soft} Hz to {hard} Hz");
    }
}

#[test]
fn no_sound_carries_a_constant() {
    for (name, voice) in all_voices() {
        let heard = one_note(voice, 1.0, 1.5, 2.0).mono();
        let mean = heard.iter().sum::<f32>() / heard.len() as f32;
        assert!(mean.abs() < 1e-3, "{name}: {mean}");
    }
}

/// Letting go is a fade: around it, no step from sample to sample is larger than the sound made
/// by itself before.
#[test]
fn letting_go_does_not_click() {
    for instrument in PITCHED {
        let heard = one_note(pitched(instrument, 57.0), 1.0, 0.5, 1.0).left;
        let step = |range: std::ops::Range<usize>| {
            heard[range].windows(2).fold(0.0f32, |m, w| m.max((w[1] - w[0]).abs()))
        };
        let off = RATE / 2;
        let before = step(off - 4800..off);
        let after = step(off..off + 2400);
        assert!(after <= 1.1 * before + 1e-4, "{}: {before} before, {after} after", instrument.name());
    }
}

/// The extremes of pitch and velocity stay sound: finite, bounded, and true to their own ids.
#[test]
fn extremes_are_tame() {
    for instrument in Instrument::ALL {
        for pitch in [-1e30, -5.0, 0.0, 0.01, 127.0, 136.0, 1e9, f32::NAN, f32::INFINITY] {
            for velocity in [f32::NAN, -1.0, 0.0, 1e-6, 1.0, f32::INFINITY] {
                let mut mixer = mixer();
                mixer
                    .push(note_on(0, 0, 1, pitched(instrument, pitch), velocity))
                    .expect("an empty queue has room");
                let heard = render(&mut mixer, 0.1);
                assert!(heard.left.iter().all(|x| x.abs() <= lilt_synth::CEILING));
            }
        }
    }
}
