//! Opening real ALSA devices: a missing one gives a typed error, and a file device receives the
//! sound. Each case runs in a process of its own, because ALSA reads its configuration once.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Command as Process, Output};
use std::time::{Duration, Instant};

use lilt_audio::{AudioError, Clock, Speaker, SpeakerState, devices};
use lilt_synth::{Command, CommandKind, DrumSound, MixerConfig, Params, VoiceKind};

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
    let why = |name| {
        let speaker = Speaker::new(name, MixerConfig::default()).expect("there are threads");
        let clock = speaker.clock();
        let mut state = SpeakerState::Opening;
        wait_for("the device to fail", || {
            state = speaker.state();
            state != SpeakerState::Opening
        });
        let now = clock.now();
        wait_for("time to go on", || clock.now() > now);
        match state {
            SpeakerState::Silent { why } => why,
            state => panic!("{state:?}"),
        }
    };
    let default = why(None);
    assert!(matches!(default, AudioError::Unavailable { .. } | AudioError::NoDevice), "{default:?}");
    let named = why(Some("no such card"));
    assert!(matches!(&named, AudioError::NoSuchDevice { name, .. } if name == "no such card"), "{named:?}");
    let silent = MixerConfig { sample_rate: 0, ..MixerConfig::default() };
    assert_eq!(Speaker::new(None, silent).err(), Some(AudioError::NoSampleRate));
}

/// ALSA's file device writes what it is given. The null device behind it takes sound as fast as it
/// is made, so nothing is said here about time; only that what is sent is heard.
#[test]
fn a_device_receives_the_sound() {
    const TEST: &str = "a_device_receives_the_sound";
    if part().as_deref() == Some(TEST) {
        play();
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

fn play() {
    assert_eq!(devices(), Ok(vec!["sound into a file".to_owned()]));
    let speaker = Speaker::new(Some("INTO A FILE"), MixerConfig::default()).expect("there are threads");
    let handle = speaker.handle();
    let clock = handle.clock();
    wait_for("the device", || matches!(speaker.state(), SpeakerState::Playing { .. }));
    let before = clock.now();
    // Sent until it is heard: this device's time runs away from every clock. Then a second more of
    // sound, so that the device gets what was heard.
    let mut id = 0;
    wait_for("the snare", || {
        id += 1;
        let kind = CommandKind::NoteOn {
            id,
            voice: VoiceKind::Drum(DrumSound::Snare),
            velocity: 1.0,
            params: Params::NONE,
        };
        let frame = handle.reachable_frame();
        let sent = handle.send(Command { frame, slot: 0, kind });
        sent == Ok(()) && handle.slot_peak(0) > 0.1
    });
    let heard = handle.status().frame;
    wait_for("the device", || handle.status().frame > heard + 48_000);
    assert!(clock.now() >= before);
    assert!(matches!(speaker.state(), SpeakerState::Playing { .. }), "{:?}", speaker.state());
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < patience, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
