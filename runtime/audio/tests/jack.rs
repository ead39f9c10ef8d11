//! Playing through a JACK server, where JACK is built in: the timeline follows the server's clock.
//! Needs `jackd`; without it the test says so and passes.
#![cfg(all(feature = "jack", target_os = "linux"))]

use std::process::{Child, Command as Process, Stdio};
use std::time::{Duration, Instant};

use lilt_audio::{Clock, Speaker, SpeakerState, devices};
use lilt_synth::MixerConfig;

const SERVER: &str = "lilt-audio-test";

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is left to be done for a server that does not die.
        let _killed = self.0.kill().and_then(|()| self.0.wait().map(drop));
    }
}

#[test]
fn the_clock_follows_a_jack_server() {
    if std::env::var("JACK_DEFAULT_SERVER").as_deref() != Ok(SERVER) {
        // The server's name can only be given by the environment: this test starts itself again.
        let this = std::env::current_exe().expect("a running test has a path");
        let status = Process::new(this)
            .args(["--exact", "the_clock_follows_a_jack_server", "--nocapture"])
            .env("JACK_DEFAULT_SERVER", SERVER)
            .env("JACK_NO_START_SERVER", "1")
            .status()
            .expect("the test starts itself again");
        assert!(status.success());
        return;
    }
    let server = Process::new("jackd")
        .args(["-n", SERVER, "-r", "-d", "dummy", "-r", "48000", "-p", "1024"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _server = match server {
        Ok(child) => Server(child),
        Err(error) => {
            println!("not tested: jackd does not start ({error})");
            return;
        }
    };
    let patience = Instant::now() + Duration::from_secs(20);
    // A part of the name, and the case of one's choice.
    let out = Speaker::new(Some("jack out"), MixerConfig::default()).expect("there are threads");
    while !matches!(out.state(), SpeakerState::Playing { .. }) {
        assert!(Instant::now() < patience, "{:?}; {:?}", out.state(), devices());
        std::thread::sleep(Duration::from_millis(20));
    }
    let handle = out.handle();
    let clock = handle.clock();
    while handle.status().frame < 48_000 {
        assert!(Instant::now() < patience, "{:?}", handle.status());
        std::thread::sleep(Duration::from_millis(10));
    }
    // An instant and the time then agree. A busy machine makes the dummy server skip periods, by
    // which the timeline then slips; three of them are allowed for.
    let ahead = clock.now() + 0.25;
    let instant = clock.instant_of(ahead);
    let left = instant.saturating_duration_since(Instant::now());
    assert!(left <= Duration::from_millis(260), "{left:?}");
    std::thread::sleep(left);
    let now = clock.now();
    assert!(now >= ahead - 0.065, "{now} instead of {ahead}");
    assert!(matches!(out.state(), SpeakerState::Playing { .. }), "{:?}", out.state());
}
