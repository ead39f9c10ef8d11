//! Opening real ALSA devices: a missing one gives a typed error, and a file device receives the
//! sound. Each case runs in a process of its own, because ALSA reads its configuration once.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Command as Process, Output};
use std::time::{Duration, Instant};

use lilt_audio::{AudioError, AudioOut, Clock, devices};
use lilt_synth::{Command, CommandKind, DrumSound, MixerConfig, VoiceKind};

/// Says to the copy of this test which part it plays.
const PART: &str = "LILT_AUDIO_TEST_PART";

fn part() -> Option<String> {
    std::env::var(PART).ok()
}

/// Runs `test` of this file again, with ALSA configured by `configuration` alone.
fn with_alsa(test: &str, folder: &Path, configuration: &str) -> Output {
    let file = folder.join("asound.conf");
    std::fs::write(&file, configuration).expect("the folder can be written to");
    let this = std::env::current_exe().expect("a running test has a path");
    Process::new(this)
        .args(["--exact", test, "--nocapture"])
        .env(PART, test)
        .env("ALSA_CONFIG_PATH", file)
        .output()
        .expect("the test starts itself again")
}

fn assert_passed(output: &Output) {
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_missing_device_is_an_error_that_says_so() {
    const TEST: &str = "a_missing_device_is_an_error_that_says_so";
    if part().as_deref() != Some(TEST) {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        assert_passed(&with_alsa(TEST, folder.path(), "pcm.!default { type hw card 31 }\n"));
        return;
    }
    let default = AudioOut::open(None, MixerConfig::default()).err();
    assert!(matches!(default, Some(AudioError::Unavailable { .. } | AudioError::NoDevice)), "{default:?}");
    let named = AudioOut::open(Some("no such card"), MixerConfig::default()).err();
    assert!(
        matches!(&named, Some(AudioError::NoSuchDevice { name, .. }) if name == "no such card"),
        "{named:?}"
    );
    let silent = MixerConfig { sample_rate: 0, ..MixerConfig::default() };
    let rate = AudioOut::open(None, silent).err();
    assert_eq!(rate, Some(AudioError::NoSampleRate));
}

/// ALSA's file device writes what it is given. The null device behind it takes sound as fast as it
/// is made, so nothing is said here about time; only that what is sent is heard.
#[test]
fn a_device_receives_the_sound() {
    const TEST: &str = "a_device_receives_the_sound";
    if part().as_deref() == Some(TEST) {
        play_and_reopen();
        return;
    }
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let raw = folder.path().join("sound.raw");
    let configuration = format!(
        "pcm.!default {{ type file slave.pcm silence file \"{}\" format raw\n\
         hint {{ show on description \"sound into a file\" }} }}\n\
         pcm.silence {{ type null }}\n",
        raw.display()
    );
    assert_passed(&with_alsa(TEST, folder.path(), &configuration));
    let bytes = std::fs::read(&raw).expect("the device has written its file");
    let loudest = bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b).abs())
        .filter(|x| x.is_finite())
        .fold(0.0, f32::max);
    assert!(loudest > 0.05, "the file of the device is silent: {loudest}");
}

fn play_and_reopen() {
    assert_eq!(devices(), Ok(vec!["sound into a file".to_owned()]));
    let mut out = AudioOut::open(None, MixerConfig::default()).expect("the file device opens");
    let handle = out.handle();
    let clock = handle.clock();
    // Late on purpose: played at once, and again until it is seen; then a second more of sound, so
    // that the device gets what was seen.
    let mut id = 0;
    let mut play = || {
        wait_for("the snare", || {
            id += 1;
            let kind = CommandKind::NoteOn { id, voice: VoiceKind::Drum(DrumSound::Snare), velocity: 1.0 };
            let frame = handle.status().frame;
            let sent = handle.send(Command { frame, slot: 0, kind });
            sent == Ok(()) && handle.slot_peak(0) > 0.1
        });
        let seen = handle.status().frame;
        wait_for("the device", || handle.status().frame > seen + 48_000);
    };
    wait_for("the first callback", || clock.now() > 0.0);
    play();
    assert!(!out.lost());
    let before = clock.now();
    let frame = handle.status().frame;
    out.reopen().expect("the file device opens again");
    wait_for("the mixer to go on", || handle.status().frame > frame);
    assert!(clock.now() >= before);
    play();
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < patience, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
