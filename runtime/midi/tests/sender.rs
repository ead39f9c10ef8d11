//! The sender, heard by a memory instead of a port.

use std::time::{Duration, Instant};

use lilt_midi::*;

fn channel() -> Channel {
    Channel::new(1).expect("a channel")
}

fn on(key: u8) -> Message {
    Message::NoteOn { channel: channel(), key, velocity: 90 }
}

fn off(key: u8) -> Message {
    Message::NoteOff { channel: channel(), key }
}

fn started() -> (MidiSender, MemorySink, PortId) {
    let sender = MidiSender::start().expect("threads start");
    let sink = MemorySink::new();
    let port = sender.open_sink(Box::new(sink.clone())).expect("attached");
    (sender, sink, port)
}

/// A message of slot 0 whose performance began at `start`.
fn scheduled(start: Instant, at: Instant, port: PortId, message: Message) -> Scheduled {
    let seconds = at.saturating_duration_since(start).as_secs_f64();
    Scheduled { at, seconds, slot: 0, port, message }
}

fn bytes(sink: &MemorySink) -> Vec<Vec<u8>> {
    sink.sent().into_iter().map(|(_, bytes)| bytes).collect()
}

/// Waits until so many messages came; a minute means they never will.
fn wait_for(sink: &MemorySink, count: usize) {
    let patience = Instant::now() + Duration::from_secs(60);
    while sink.sent().len() < count && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(sink.sent().len() >= count, "{:?}", sink.sent());
}

#[test]
fn messages_leave_in_the_order_of_their_moments_and_never_early() {
    let (sender, sink, port) = started();
    let now = Instant::now();
    let at = |ms| now + Duration::from_millis(ms);
    for (ms, message) in
        [(60, off(60)), (30, on(61)), (20, on(60)), (60, off(61)), (60, on(62)), (70, off(62))]
    {
        sender.send(scheduled(now, at(ms), port, message)).expect("room");
    }
    wait_for(&sink, 6);
    let sent = sink.sent();
    let wanted = [(20, on(60)), (30, on(61)), (60, off(60)), (60, off(61)), (60, on(62)), (70, off(62))];
    for ((when, bytes), (ms, message)) in sent.iter().zip(wanted) {
        assert_eq!(bytes, message.encode().bytes());
        assert!(*when >= at(ms), "{message:?} is early");
    }
}

#[test]
fn dropping_the_sender_ends_what_sounds_and_sends_nothing_more() {
    let (sender, sink, port) = started();
    let now = Instant::now();
    for (seconds, message) in [(0, on(60)), (0, on(64)), (3600, off(60)), (3600, on(70))] {
        sender.send(scheduled(now, now + Duration::from_secs(seconds), port, message)).expect("room");
    }
    wait_for(&sink, 2);
    drop(sender);
    let ends = [off(60), off(64)].map(|message| message.encode().bytes().to_vec());
    assert_eq!(bytes(&sink)[2..], ends);
}

#[test]
fn hush_ends_notes_and_forgets_what_was_scheduled() {
    let (sender, sink, port) = started();
    let now = Instant::now();
    sender.send(scheduled(now, now, port, on(60))).expect("room");
    sender.send(scheduled(now, now + Duration::from_secs(3600), port, on(61))).expect("room");
    wait_for(&sink, 1);
    sender.hush().expect("running");
    wait_for(&sink, 2);
    assert_eq!(bytes(&sink)[1], off(60).encode().bytes());
    // Now, and not when the test began: what is late by more than a little is left out.
    sender.send(scheduled(now, Instant::now(), port, on(62))).expect("room");
    wait_for(&sink, 3);
    assert_eq!(bytes(&sink)[2], on(62).encode().bytes());
}

#[test]
fn hush_forgets_what_was_said_before_it_and_nothing_after() {
    let (sender, sink, port) = started();
    let now = Instant::now();
    for key in 0..100 {
        sender.send(scheduled(now, now, port, on(60))).expect("room");
        sender.hush().expect("running");
        sender.send(scheduled(now, Instant::now(), port, on(key))).expect("room");
        sender.send(scheduled(now, Instant::now(), port, off(key))).expect("room");
    }
    let heard = |key| bytes(&sink).contains(&on(key).encode().bytes().to_vec());
    let patience = Instant::now() + Duration::from_secs(60);
    while !heard(99) && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(heard(99), "what came after the last hush is played");
}

#[test]
fn what_was_scheduled_can_be_taken_back() {
    let (sender, sink, port) = started();
    let now = Instant::now();
    let soon = now + Duration::from_secs(3600);
    let plan = |slot, seconds, at, message| {
        sender.send(Scheduled { at, seconds, slot, port, message }).expect("room");
    };
    plan(1, 0.0, now, on(60));
    plan(1, 1.0, now, on(62));
    plan(2, 1.0, now, on(70));
    wait_for(&sink, 3);
    plan(1, 2.0, soon, off(60));
    plan(1, 2.0, soon, off(62));
    sender.retract(1, 1.0).expect("room");
    wait_for(&sink, 4);
    assert_eq!(bytes(&sink)[3], off(62).encode().bytes(), "it had been sent, and its end was taken back");
    plan(1, 1.5, Instant::now(), off(60));
    plan(2, 2.0, Instant::now(), off(70));
    wait_for(&sink, 6);
    drop(sender);
    let ends = [off(60), off(70)].map(|message| message.encode().bytes().to_vec());
    assert_eq!(bytes(&sink)[4..], ends);
}

#[test]
fn a_port_that_hangs_does_not_hold_up_the_end() {
    struct Hanging(std::sync::mpsc::Receiver<()>);
    impl Sink for Hanging {
        fn send(&mut self, _: &[u8]) -> Result<(), MidiError> {
            // Until the test lets go.
            let _gone = self.0.recv();
            Ok(())
        }
    }
    let (sender, sink, port) = started();
    let (let_go, held) = std::sync::mpsc::channel();
    let hanging = sender.open_sink(Box::new(Hanging(held))).expect("attached");
    let now = Instant::now();
    sender.send(scheduled(now, now, port, on(60))).expect("room");
    wait_for(&sink, 1);
    sender.send(scheduled(now, Instant::now(), hanging, on(60))).expect("room");
    drop(sender);
    drop(let_go);
    wait_for(&sink, 2);
    assert_eq!(bytes(&sink)[1], off(60).encode().bytes(), "what can still be ended is");
}

#[test]
fn panic_silences_every_channel() {
    let (sender, sink, port) = started();
    let now = Instant::now();
    sender.send(scheduled(now, now, port, on(60))).expect("room");
    wait_for(&sink, 1);
    sender.panic().expect("running");
    wait_for(&sink, 2 + 2 * 16);
    let sent = bytes(&sink);
    assert_eq!(sent[1], off(60).encode().bytes());
    for number in 1..=16 {
        let channel = Channel::new(number).expect("a channel");
        for message in [Message::all_notes_off(channel), Message::all_sound_off(channel)] {
            assert!(sent.contains(&message.encode().bytes().to_vec()), "{message:?}");
        }
    }
}

#[test]
fn too_many_messages_release_what_sounds_and_say_so() {
    let (sender, sink, port) = started();
    let now = Instant::now();
    sender.send(scheduled(now, now, port, on(60))).expect("room");
    wait_for(&sink, 1);
    // A sink that takes its time holds the thread up, so that the channel fills.
    struct Slow(Vec<u8>);
    impl Sink for Slow {
        fn send(&mut self, bytes: &[u8]) -> Result<(), MidiError> {
            self.0 = bytes.to_vec();
            std::thread::sleep(Duration::from_millis(500));
            Ok(())
        }
    }
    let slow = sender.open_sink(Box::new(Slow(Vec::new()))).expect("attached");
    let mut refused = None;
    for _ in 0..1_000_000 {
        if let Err(error) = sender.send(scheduled(now, Instant::now(), slow, Message::Clock)) {
            refused = Some(error);
            break;
        }
    }
    assert_eq!(refused, Some(MidiError::Overflow));
    wait_for(&sink, 2);
    assert_eq!(bytes(&sink)[1], off(60).encode().bytes());
    let reports: Vec<Report> = sender.reports().collect();
    assert!(reports.contains(&Report::Overflow), "{reports:?}");
}

#[test]
fn a_lost_port_is_told_and_its_notes_are_forgotten() {
    struct Broken;
    impl Sink for Broken {
        fn send(&mut self, _: &[u8]) -> Result<(), MidiError> {
            Err(MidiError::Lost { name: "Synth A".into(), reason: "unplugged".into() })
        }
    }
    let (sender, sink, port) = started();
    let broken = sender.open_sink(Box::new(Broken)).expect("attached");
    let now = Instant::now();
    for (port, message) in [(broken, on(50)), (broken, on(51)), (port, on(60))] {
        sender.send(scheduled(now, now, port, message)).expect("room");
    }
    wait_for(&sink, 1);
    let mut failures = Vec::new();
    while failures.is_empty() {
        failures.extend(sender.reports().filter(|report| matches!(report, Report::Failed { .. })));
        std::thread::sleep(Duration::from_millis(1));
    }
    let error = MidiError::Lost { name: "Synth A".into(), reason: "unplugged".into() };
    assert_eq!(error.to_string(), "MIDI port \"Synth A\" is lost: unplugged");
    assert_eq!(failures, [Report::Failed { port: broken, error, retry: None }]);
}

#[test]
fn a_sender_that_breaks_ends_what_sounds_and_goes_on() {
    struct Breaking;
    impl Sink for Breaking {
        fn send(&mut self, bytes: &[u8]) -> Result<(), MidiError> {
            match bytes[1] {
                50 => panic!("a mistake of ours"),
                _ => Ok(()),
            }
        }
    }
    let (sender, sink, port) = started();
    let breaking = sender.open_sink(Box::new(Breaking)).expect("attached");
    let now = Instant::now();
    sender.send(scheduled(now, now, port, on(60))).expect("room");
    wait_for(&sink, 1);
    for round in 1..=2 {
        sender.send(scheduled(now, Instant::now(), breaking, on(50))).expect("room");
        let patience = Instant::now() + Duration::from_secs(60);
        let report = loop {
            if let Some(report) = sender.reports().find(|report| matches!(report, Report::Broke { .. })) {
                break report;
            }
            assert!(Instant::now() < patience, "nothing was told");
            std::thread::sleep(Duration::from_millis(1));
        };
        assert_eq!(report, Report::Broke { place: "a mistake of ours".into() });
        wait_for(&sink, 2 * round);
        assert_eq!(bytes(&sink).last().map(Vec::as_slice), Some(off(60).encode().bytes()), "it is ended");
        sender.send(scheduled(now, Instant::now(), port, on(60))).expect("room");
        wait_for(&sink, 2 * round + 1);
    }
}

#[test]
fn a_port_without_a_name_is_refused_for_good() {
    let (sender, _, _) = started();
    let port = sender.open(" ").expect("running");
    let failed = loop {
        if let Some(report) = sender.reports().find(|report| matches!(report, Report::Failed { .. })) {
            break report;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    assert_eq!(failed, Report::Failed { port, error: MidiError::BadName(" ".into()), retry: None });
}
