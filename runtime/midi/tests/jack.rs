//! Real ports, under a JACK dummy server that the test starts itself (package jackd2).

use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use lilt_midi::*;
use midir::os::unix::{VirtualInput, VirtualOutput};
use midir::{Ignore, MidiInput};

const SERVED: &str = "LILT_TEST_SERVED";
const TEST: &str = "ports_are_found_made_lost_and_found_again";

fn serve(name: &str) -> Child {
    let jack = Command::new("jackd")
        .args(["-n", name, "-r", "-d", "dummy", "-r", "48000", "-p", "64"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("jackd starts: install jackd2");
    let patience = Instant::now() + Duration::from_secs(60);
    while ports().is_err() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(100));
    }
    jack
}

fn end(mut server: Child) {
    // Asked to, the server frees its shared memory; killed, it would not.
    let asked = Command::new("kill").arg(server.id().to_string()).status().expect("kill runs");
    assert!(asked.success());
    server.wait().expect("the server ends");
}

/// The name of the server is read from the environment, which a test cannot change for
/// itself safely: so it runs itself again.
#[test]
fn ports_are_found_made_lost_and_found_again() {
    if let Ok(name) = std::env::var(SERVED) {
        return under_the_server(&name);
    }
    // A name of its own for each run would fill the table of servers, which holds eight,
    // whenever a run is killed.
    let name = "lilt-test";
    let status = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", TEST, "--nocapture"])
        .env("JACK_DEFAULT_SERVER", name)
        .env(SERVED, name)
        .status()
        .expect("runs again");
    assert!(status.success());
}

fn report(sender: &MidiSender, wanted: impl Fn(&Report) -> bool) -> Report {
    let patience = Instant::now() + Duration::from_secs(60);
    while Instant::now() < patience {
        if let Some(report) = sender.reports().find(&wanted) {
            return report;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("nothing like it was reported within a minute");
}

fn under_the_server(name: &str) {
    let server = serve(name);
    let (heard, hears) = mpsc::channel();
    let mut input = MidiInput::new("synthesiser").expect("a client");
    input.ignore(Ignore::None);
    let hear = move |_: u64, bytes: &[u8], _: &mut ()| {
        // Heard after the test ended: nobody asks any more.
        let _gone = heard.send(bytes.to_vec());
    };
    let listening = input.create_virtual("Synth A", hear, ()).expect("a virtual input");
    let next = || hears.recv_timeout(Duration::from_secs(10)).expect("a message");

    assert_eq!(ports(), Ok(vec!["synthesiser:Synth A".to_string()]));
    let sender = MidiSender::start().expect("threads start");
    let opened = |report: &Report| matches!(report, Report::Opened { .. });
    let port = sender.open("synth a").expect("running");
    let existing = OpenedAs::Existing("synthesiser:Synth A".into());
    assert_eq!(report(&sender, opened), Report::Opened { port, opened: existing });
    let made = sender.open("Nobody's").expect("running");
    let virtual_port = OpenedAs::Virtual("Nobody's".into());
    assert_eq!(report(&sender, opened), Report::Opened { port: made, opened: virtual_port });

    let channel = Channel::new(3).expect("a channel");
    let now = Instant::now();
    for (key, at) in [(60, now), (62, now + Duration::from_millis(50)), (64, now + Duration::from_secs(3600))]
    {
        let message = Message::NoteOn { channel, key, velocity: 100 };
        let seconds = (at - now).as_secs_f64();
        sender.send(Scheduled { at, seconds, slot: 0, port, message }).expect("room");
    }
    assert_eq!([next(), next()], [[0x92, 60, 100], [0x92, 62, 100]]);
    drop(sender);
    assert_eq!([next(), next()], [[0x82, 60, 64], [0x82, 62, 64]], "every note ends with its sender");

    let sender = MidiSender::start().expect("threads start");
    let port = sender.open("Nobody's").expect("running");
    report(&sender, opened);
    drop(listening);
    end(server);
    let lost = report(&sender, |report| matches!(report, Report::Failed { .. }));
    assert!(
        matches!(&lost, Report::Failed { port: lost, error: MidiError::Lost { .. }, .. } if *lost == port)
    );
    let server = serve(name);
    let again = report(&sender, opened);
    assert_eq!(again, Report::Opened { port, opened: OpenedAs::Virtual("Nobody's".into()) });
    drop(sender);
    listens();
    end(server);
}

/// What is played on a port is heard; one that goes lets its keys go, and is taken up when it comes back.
fn listens() {
    use lilt_score::{ClockMessage, Gesture, Velocity};
    let (tell, heard) = mpsc::channel();
    let tell: Tell = std::sync::Arc::new(move |name: &std::sync::Arc<str>, what| {
        // Heard after the test ended: nobody asks any more.
        let _gone = tell.send((name.to_string(), what));
    });
    let listener = Listener::start(tell, |work| {
        work();
        Ok(())
    });
    let listener = listener.expect("a thread");
    let next = || {
        let (name, what) = heard.recv_timeout(Duration::from_secs(30)).expect("something is told");
        assert_eq!(name, "keys");
        what
    };
    let pianist = || {
        let output = midir::MidiOutput::new("pianist").expect("a client");
        output.create_virtual("Keys").expect("a virtual output")
    };
    listener.want(vec!["keys".into()]);
    assert_eq!(next(), Heard::Missing);
    for round in 0..2 {
        let mut keys = pianist();
        assert_eq!(next(), Heard::Opened("pianist:Keys".to_string()), "round {round}");
        keys.send(&[0x90, 60, 127]).expect("sent");
        let press = Gesture::Press { key: 60, velocity: Velocity::new(1.0), channel: 0 };
        assert_eq!(next(), Heard::Gesture(press));
        keys.send(&[0xf8]).expect("sent");
        assert_eq!(next(), Heard::Gesture(Gesture::Clock(ClockMessage::Tick)));
        // The ring buffer of a client that closes is emptied.
        std::thread::sleep(Duration::from_millis(100));
        drop(keys);
        assert_eq!(next(), Heard::Gesture(Gesture::ReleaseAll));
        assert_eq!(next(), Heard::Gesture(Gesture::Clock(ClockMessage::Gone)));
        assert_eq!(next(), Heard::Missing);
    }
    listener.want(Vec::new());
    assert_eq!(next(), Heard::Gesture(Gesture::ReleaseAll));
}
