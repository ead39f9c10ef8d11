//! A view before an editor.

use std::io::{BufRead, BufReader, Write};
use std::thread;

use lilt_editor::protocol::{ClientMessage, PROTOCOL, host_message, to_line};
use lilt_editor::{HostEvent, SocketDirectories, connect};
use lilt_score::{Beat, Context, Drum, Tone, Velocity};
use lilt_sequencer::{Action, NoteId, Retraction, SlotId, Strike, Timed};
use lilt_synth::MixerConfig;

use super::*;
use crate::live::sight::ReadText;
use crate::live::stage::NoModels;

/// Longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn what_cannot_be_shown_is_left_out_and_the_rest_is_shown() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = folder.path().join("set.lua");
    std::fs::write(&script, "").expect("written");
    let directories = SocketDirectories::only(vec![folder.path().join("sockets")]);
    let (socket, editors) = HostSocket::bind(&directories, &script).expect("a socket");
    let (sights, shown) = crossbeam::channel::unbounded();
    let speaker = Arc::new(Speaker::silent(MixerConfig::default()).expect("a silent clock"));
    let terminal = Terminal::start().expect("threads");
    let inference = lilt_inference::Inference::new(NoModels, 1).expect("threads");
    let tilts = TiltRuns::new(inference.particles());
    let canvas = Canvas { feed: None, draws: Arc::default(), tilts, keys: Arc::default() };
    let view = View::new("set".to_string(), terminal, Some(socket), canvas, speaker, None);
    let viewing = thread::spawn(move || view.run(&shown));

    let stream = connect(&directories, &script).expect("the path works").expect("a host answers");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    let mut lines = BufReader::new(stream);
    let hello = to_line(&ClientMessage::Hello { protocol: PROTOCOL }).expect("messages are JSON");
    lines.get_mut().write_all(hello.as_bytes()).expect("the host reads");
    assert!(matches!(editors.recv_timeout(PATIENCE), Ok(HostEvent::Attached(_))));

    let said = |line: &str| Sight::Printed(vec![line.to_string()]);
    for sight in [said("before"), Sight::Break("a mistake of ours"), said("after"), Sight::End] {
        sights.send(sight).expect("the view shows");
    }
    let mut heard = Vec::new();
    for line in lines.lines() {
        match host_message(&line.expect("a line in time")).expect("a message") {
            HostMessage::Printed { lines } => heard.extend(lines),
            HostMessage::Goodbye { .. } => break,
            _ => {}
        }
    }
    assert_eq!(heard, ["before", "after"]);
    assert!(viewing.join().is_ok());
}

#[test]
fn what_is_planned_is_told_with_the_text_it_was_written_in() {
    let place = |text, from| Place { text, from, to: from + 2 };
    let known = ReadText { file: "set.lua".into(), mark: "9af1".into() };
    let script = ScriptStatus { texts: Arc::new(vec![(7, known)]), ..ScriptStatus::default() };
    let strike = |places: &[Place]| {
        let context =
            places.iter().fold(Context::none(), |context, place| context.with(&Context::at(*place)));
        Arc::new(Strike { context, ..Strike::new(Tone::Drum(Drum::ALL[0]), Velocity::new(0.5)) })
    };
    let output = Arc::new(Output::Synth(lilt_sequencer::Instrument::Pluck));
    let timed = |seconds, action| Timed { seconds, beat: Beat::ZERO, slot: SlotId(3), action };
    let on = |id, places: &[Place]| Action::NoteOn {
        id: NoteId(id),
        strike: strike(places),
        duration: Beat::whole(1),
        output: output.clone(),
    };
    let off = Action::NoteOff { id: NoteId(1), tone: Tone::Drum(Drum::ALL[0]), output: output.clone() };
    let events = [
        timed(1.0, on(1, &[place(7, 10)])),
        // Written in a text that nobody remembers, and nowhere at all.
        timed(1.0, on(2, &[place(6, 10)])),
        timed(1.0, on(3, &[])),
        timed(1.5, off),
    ];
    let back = [Retraction { slot: SlotId(3), from: 0.75 }];
    let planned = Planned::of(&back, &events, 0.5).expect("something is told");
    let written = protocol::Written { file: "set.lua".into(), text: "9af1".into(), from: 10, to: 12 };
    let expected = HostMessage::Planned {
        now: 0.5,
        taken_back: vec![protocol::TakenBack { slot: 3, from: 0.75 }],
        begins: vec![protocol::Begins { note: 1, slot: 3, at: 1.0, written: vec![written] }],
        ends: vec![protocol::Ends { note: 1, slot: 3, at: 1.5 }],
    };
    assert_eq!(planned_message(planned, &script), expected);
    assert_eq!(Planned::of(&[], &events[2..3], 0.5), None);
}
