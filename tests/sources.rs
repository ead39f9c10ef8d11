//! What comes in from outside, through whole hosts: heard at once, written down, and rendered again.

mod stage;

use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use stage::Host;

/// Eighths whose cutoff is a fader.
const SCRIPT: &str =
    "play(\"lead\", notes(\"c4*8\"):cutoff(osc_in(\"/fader/1\", { unsaid = 500 }))):on \"saw\"\n";
/// Longest wait for what must come; nothing is judged by how soon it does.
const PATIENCE: Duration = Duration::from_secs(60);

/// A message of OSC with one number (Open Sound Control 1.0: words end in zeros, to a multiple of four bytes).
fn message(address: &str, value: f32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [address, ",f"] {
        bytes.extend(word.as_bytes());
        bytes.extend(vec![0; 4 - word.len() % 4]);
    }
    bytes.extend(value.to_be_bytes());
    bytes
}

/// A port that is free now.
fn free_port() -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    socket.local_addr().expect("an address").port()
}

/// The events of so many bars of `text` with what the journal says came in.
fn rendered(folder: &Path, text: &str, journal: &Path, bars: u32) -> Vec<Value> {
    let (script, events) = (folder.join("set.lua"), folder.join("set.jsonl"));
    fs::write(&script, text).expect("written");
    let status = Command::new(env!("CARGO_BIN_EXE_lilt"))
        .args(["render", "--bars", &bars.to_string(), "--with"])
        .arg(journal)
        .arg("--events")
        .arg(&events)
        .arg(&script)
        .status()
        .expect("lilt starts");
    assert!(status.success());
    let events = fs::read_to_string(&events).expect("rendered");
    events.lines().map(|line| serde_json::from_str(line).expect("an event")).collect()
}

/// Start of each event and its cutoff.
fn cutoffs(events: &[Value]) -> Vec<(String, f64)> {
    let told =
        |event: &Value| Some((event["start"].as_str()?.to_owned(), event["controls"]["cutoff"].as_f64()?));
    events.iter().filter_map(told).collect()
}

#[test]
fn a_fader_is_heard_written_down_and_rendered_again() {
    let port = free_port();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let journal = folder.path().join("set.journal");
    let mut host = Host::start_with(SCRIPT, |command| {
        command.args(["--osc-port", &port.to_string(), "--journal"]).arg(&journal);
    });
    host.wait_for(&format!("OSC is heard at 127.0.0.1:{port}"));
    let sender = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    for value in [1_000.0, 2_000.0, 3_000.0] {
        sender.send_to(b"\0\xff no OSC", (Ipv4Addr::LOCALHOST, port)).expect("sent");
        sender.send_to(&message("/fader/1", value), (Ipv4Addr::LOCALHOST, port)).expect("sent");
        let until = Instant::now() + PATIENCE;
        while !cutoffs(&host.played()).iter().any(|(_, cutoff)| *cutoff == f64::from(value)) {
            assert!(Instant::now() < until, "{value} is not heard");
            sleep(Duration::from_millis(20));
        }
        let played = host.played().len();
        host.wait_for_events(played + 2);
    }
    let played = host.played().len();
    host.wait_for_events(played + 6);
    host.signal(libc::SIGINT);
    host.wait_for_end();
    let live = cutoffs(&host.played());

    let rendered = rendered(folder.path(), SCRIPT, &journal, 8);
    let rendered = cutoffs(&rendered);
    // A note that was about to leave when the fader moved may have had its number live, and another rendered.
    let alike = rendered.iter().zip(&live).filter(|(rendered, live)| rendered == live).count();
    let compared = rendered.len().min(live.len());
    assert!(compared >= 6, "{live:?}");
    assert!(alike + 3 >= compared, "rendered {rendered:?}\nlive {live:?}");
    assert_eq!(rendered.last().map(|(_, cutoff)| *cutoff), Some(3_000.0));
}

#[test]
fn a_phrase_of_the_journal_is_answered_where_it_was_over() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let journal = folder.path().join("set.journal");
    let text = "play(\"beat\", drums \"bd*4\")\nduet(markov(clip { 60, 62, 64, 62, 60, 67 }), { listen = midi_in \"Keys\" })\n";
    // Two notes: the first was there before the music, the second ends at a beat that no grid has.
    let keys = [(0.0, "press", 60), (1.9, "release", 60), (2.0, "press", 64), (3.30101, "release", 64)];
    let lines = keys.map(|(beat, what, key)| {
        let velocity = if what == "press" { "\"velocity\":0.8," } else { "" };
        format!(
            "{{\"beat\":{beat},\"source\":\"Keys\",\"{what}\":{{\"key\":{key},{velocity}\"channel\":0}}}}\n"
        )
    });
    fs::write(&journal, lines.concat()).expect("written");
    let events = rendered(folder.path(), text, &journal, 4);
    let starts = |slot: &str| -> Vec<f64> {
        let of = events.iter().filter(|event| event["slot"] == slot);
        of.filter_map(|event| event["seconds"].as_f64()).map(|seconds| seconds * 2.0).collect()
    };
    // The first step of the music, to a tenth of a millisecond.
    assert_eq!(starts("answer to"), [0.001, 2.0]);
    // The phrase is over at beat 4.3, and an answer of two bars begins with the next.
    assert_eq!(starts("answer"), (5..13).map(f64::from).collect::<Vec<_>>());
}

#[test]
fn a_device_that_is_not_there_is_told_once_and_the_music_goes_on() {
    let text = "play(\"lead\", notes(\"c4*8\"):gain(midi_in(\"no such device\"):cc(1, 0.7)))\n";
    let mut host = Host::start_with(text, |_| {});
    host.wait_for("\"no such device\" is not there");
    host.wait_for_events(8);
    assert!(host.runs());
    host.save(&format!("{text}-- again\n"));
    host.wait_for_events(24);
    let told = host.said().into_iter().filter(|line| line.contains("is not there")).count();
    assert_eq!(told, 0, "it was told once already");
}
