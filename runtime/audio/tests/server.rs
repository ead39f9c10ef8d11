//! A sound server that hangs, or comes late: JACK's dummy device behind ALSA's `jack` plugin. Needs
//! `jackd` and the plugin; without them the tests say so and pass. Each runs in a process of its
//! own, because the server's name and ALSA's configuration come from the environment.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Child, Command as Process, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use lilt_audio::{Clock, Speaker, SpeakerState};
use lilt_synth::{Command, CommandKind, DrumSound, MixerConfig, Params, VoiceKind};

const CONFIGURATION: &str = "pcm.!default { type plug slave.pcm { type jack\n\
     playback_ports { 0 system:playback_1 1 system:playback_2 } }\n\
     hint { show on description \"JACK Audio Connection Kit\" } }\n";

/// A server's name, which also says to the copy of a test that it is one.
const NAME: &str = "JACK_DEFAULT_SERVER";
/// The process of the server, where it is there before the copy begins.
const SERVER: &str = "LILT_AUDIO_TEST_SERVER";

/// Frames of the server's periods.
const PERIOD: u32 = 128;

/// A process that ends with its owner.
struct Running(Child);

impl Running {
    fn server(test: &str) -> Option<Running> {
        let child = Process::new("jackd")
            .args(["-n", &name(test), "-r", "-d", "dummy", "-r", "48000", "-p", &PERIOD.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        child.inspect_err(|error| println!("not tested: jackd does not start ({error})")).ok().map(Running)
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().expect("it is a child of this process")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing is left to be done for a process that does not die.
        let _killed = self.0.kill().and_then(|()| self.0.wait().map(drop));
    }
}

fn name(test: &str) -> String {
    format!("lilt-{test}")
}

fn is_the_copy(test: &str) -> bool {
    std::env::var(NAME).as_deref() == Ok(&name(test))
}

/// Runs the copy of `test`, with a server or before one, and sees it pass before long: one that
/// hangs is killed, and fails. The server ends after the copy has.
fn run_the_copy(test: &str, with_server: bool) {
    let plugins = ["/usr/lib", "/usr/lib64"].map(Path::new);
    let plugin = "alsa-lib/libasound_module_pcm_jack.so";
    let there = plugins.iter().any(|folder| {
        let below = std::fs::read_dir(folder).into_iter().flatten().flatten();
        folder.join(plugin).exists() || below.into_iter().any(|entry| entry.path().join(plugin).exists())
    });
    if !there {
        println!("not tested: ALSA has no plugin for JACK");
        return;
    }
    let server = if with_server {
        let Some(server) = Running::server(test) else { return };
        Some(server)
    } else {
        None
    };
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let file = folder.path().join("asound.conf");
    std::fs::write(&file, CONFIGURATION).expect("the folder can be written to");
    let this = std::env::current_exe().expect("a running test has a path");
    let mut copy = Process::new(this);
    copy.args(["--exact", test, "--nocapture"])
        .env(NAME, name(test))
        .env("JACK_NO_START_SERVER", "1")
        .env("ALSA_CONFIG_PATH", file);
    if let Some(Running(child)) = &server {
        copy.env(SERVER, child.id().to_string());
    }
    let mut copy = Running(copy.spawn().expect("the test starts itself again"));
    let patience = Instant::now() + Duration::from_secs(100);
    let mut status = None;
    while status.is_none() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(20));
        status = copy.ended();
    }
    assert!(status.is_some_and(|status| status.success()), "{test}: {status:?}");
}

/// Sends a signal to the server that was there before the copy began.
fn signal_server(signal: &str) {
    let server = std::env::var(SERVER).expect("there is a server");
    let sent = Process::new("kill").args([signal, &server]).status();
    assert!(sent.is_ok_and(|status| status.success()), "{signal} reaches the server");
}

fn speaker() -> Speaker {
    Speaker::new(Some("jack audio"), MixerConfig::default()).expect("there are threads")
}

fn wait_for(what: &str, speaker: &Speaker, mut done: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(30);
    while !done() {
        assert!(Instant::now() < patience, "waited in vain for {what}: {:?}", speaker.state());
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn plays(speaker: &Speaker) -> bool {
    matches!(speaker.state(), SpeakerState::Playing { .. })
}

/// Plays a snare until it is heard.
fn play(speaker: &Speaker) {
    let handle = speaker.handle();
    wait_for("the snare", speaker, || {
        let frame = handle.reachable_frame() + 240;
        let kind = CommandKind::NoteOn {
            id: frame,
            voice: VoiceKind::Drum(DrumSound::Snare),
            velocity: 1.0,
            params: Params::NONE,
        };
        handle.send(Command { frame, slot: 0, kind }) == Ok(()) && handle.slot_peak(0) > 0.1
    });
}

/// Does `work` on a thread of its own and waits for it for as long as nobody would.
fn watched(what: &str, work: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel();
    std::thread::spawn(move || {
        work();
        // Where nobody waits any more the test has failed already.
        let _told = done.send(());
    });
    let finished = finished.recv_timeout(Duration::from_secs(30));
    assert_eq!(finished, Ok(()), "{what} hangs");
}

/// While the server is stopped commands are sent, the state is read and time goes on; when it goes
/// on, so does the sound.
#[test]
fn a_server_that_hangs_holds_up_nobody() {
    const TEST: &str = "a_server_that_hangs_holds_up_nobody";
    if !is_the_copy(TEST) {
        run_the_copy(TEST, true);
        return;
    }
    let speaker = speaker();
    wait_for("the server", &speaker, || plays(&speaker));
    play(&speaker);
    let clock = speaker.clock();
    let (handle, stopped) = (speaker.handle(), clock.now());

    signal_server("-STOP");
    let time = clock.clone();
    watched("sending", move || {
        // Past the time after which a device counts as lost, far more than the queue takes.
        let mut id = 0;
        while time.now() < stopped + 5.0 {
            for _ in 0..50 {
                id += 1;
                let kind = CommandKind::NoteOff { id };
                let frame = handle.reachable_frame();
                handle.send(Command { frame, slot: 0, kind }).expect("the queue is emptied");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    assert!(matches!(speaker.state(), SpeakerState::Lost { .. }), "{:?}", speaker.state());
    let lost = clock.now();

    signal_server("-CONT");
    wait_for("the server to be back", &speaker, || plays(&speaker));
    assert!(clock.now() >= lost);
    play(&speaker);
}

/// The end of a speaker, and that of the process after it, do not wait for a stopped server. That
/// the process ends is seen by the one that started it.
#[test]
fn an_end_does_not_wait_for_a_server_that_hangs() {
    const TEST: &str = "an_end_does_not_wait_for_a_server_that_hangs";
    if !is_the_copy(TEST) {
        run_the_copy(TEST, true);
        return;
    }
    let speaker = speaker();
    wait_for("the server", &speaker, || plays(&speaker));
    signal_server("-STOP");
    watched("the end", move || drop(speaker));
}

/// A server that was not there at the beginning is taken up when it comes, and the clock does not
/// notice.
#[test]
fn a_server_that_comes_late_is_taken_up() {
    const TEST: &str = "a_server_that_comes_late_is_taken_up";
    if !is_the_copy(TEST) {
        run_the_copy(TEST, false);
        return;
    }
    let speaker = speaker();
    let clock = speaker.clock();
    let mut last = clock.now();
    let mut never_back = || {
        let now = clock.now();
        assert!(now >= last, "{last} to {now}");
        last = now;
    };
    wait_for("silence", &speaker, || {
        never_back();
        matches!(speaker.state(), SpeakerState::Silent { .. })
    });
    let Some(_server) = Running::server(TEST) else { return };
    wait_for("the server", &speaker, || {
        never_back();
        plays(&speaker)
    });
    let SpeakerState::Playing { rate, buffer_seconds, name } = speaker.state() else { unreachable!() };
    assert_eq!((rate, name.as_str()), (48_000, "JACK Audio Connection Kit"));
    assert!(buffer_seconds > 0.0, "the buffer is known from the first moment");
    play(&speaker);
    assert_eq!(speaker.handle().status().refused_commands, 0);
}
