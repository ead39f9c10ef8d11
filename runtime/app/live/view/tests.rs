//! A view before an editor.

use std::io::{BufRead, BufReader, Write};
use std::thread;

use lilt_editor::protocol::{ClientMessage, PROTOCOL, host_message, to_line};
use lilt_editor::{HostEvent, SocketDirectories, connect};
use lilt_synth::MixerConfig;

use super::*;
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
