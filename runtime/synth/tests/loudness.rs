//! How loud it is, and where in the spectrum: a club's kit, and a master that keeps its word.

mod listening;

use lilt_synth::{DrumSound, VoiceKind};
use listening::spectrum::{loudness, share, strongest};
use listening::*;

fn drum(sound: DrumSound) -> Vec<f32> {
    one_note(VoiceKind::Drum(sound), 0.9, 0.1, 1.0).mono()
}

#[test]
fn a_techno_loop_is_as_loud_as_a_club_wants_it() {
    let (heard, least) = techno::heard();
    let loud = loudness(&heard);
    assert!((-11.0..=-8.0).contains(&loud.integrated), "{loud:?}");
    assert!(loud.true_peak <= -1.0, "{loud:?}");
    assert!(loud.range < 3.0, "it does not pump: {loud:?}");
    assert!(least > 0.6, "the limiter takes {} dB", -decibels(least));
    let above = share(&heard.mono(), 1_000.0, 24_000.0);
    assert!(above > 0.03, "{above} of the power is above 1 kHz");
}

#[test]
fn the_kick_has_a_click_and_a_sub() {
    let kick = drum(DrumSound::BassDrum);
    let click = share(&kick[..480], 1_000.0, 24_000.0);
    assert!((0.05..0.4).contains(&click), "{click} of the first 10 ms");
    let floor = strongest(&kick[9_600..28_800]);
    assert!((45.0..=55.0).contains(&floor), "it rests at {floor} Hz");
    assert!(share(&kick, 20.0, 100.0) > 0.5);
}

#[test]
fn hats_are_crisp_the_snare_has_body_and_wires_and_the_clap_is_wide() {
    for hat in [DrumSound::ClosedHat, DrumSound::OpenHat] {
        let above = share(&drum(hat), 6_000.0, 24_000.0);
        assert!(above > 0.6, "{}: {above} above 6 kHz", hat.name());
    }
    let snare = drum(DrumSound::Snare);
    assert!(share(&snare, 100.0, 400.0) > 0.2 && share(&snare, 2_000.0, 24_000.0) > 0.1);
    for wide in [DrumSound::Clap, DrumSound::OpenHat, DrumSound::Crash] {
        let heard = one_note(VoiceKind::Drum(wide), 0.9, 0.1, 1.0);
        let side: Vec<f32> = heard.left.iter().zip(&heard.right).map(|(l, r)| 0.5 * (l - r)).collect();
        assert!(rms(&side) > 0.3 * rms(&heard.mono()), "{} is narrow", wide.name());
    }
}

/// Whatever is thrown at the master, peaks between the samples stay under -1 dBTP.
#[test]
fn true_peaks_stay_under_one_decibel() {
    let mut mixer = mixer();
    for (n, (_, voice)) in all_voices().into_iter().enumerate() {
        mixer.push(control(0, (n % 8) as u16, lilt_synth::SlotControl::Gain, 3.0, 0)).expect("there is room");
        for hit in 0..3 {
            let frame = 2_000 * (n as u64 % 7) + 24_000 * hit;
            mixer
                .push(note_on(frame, (n % 8) as u16, n as u64 + 100 * hit, voice, 1.0))
                .expect("there is room");
        }
    }
    let loud = loudness(&render(&mut mixer, 2.0));
    assert!(loud.true_peak <= -1.0, "{loud:?}");
}
