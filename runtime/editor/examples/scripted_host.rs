//! A host without music, to write and test editor integrations against: it speaks the real protocols over the
//! real socket, but reads a script only for its `play("name"` and `print("…")` calls and for the misspelt
//! name `paly`.
//!
//! `scripted_host lsp` is the language server on stdio; `scripted_host live FILE` is the host that it starts.
//! A line `-- host: end` makes the host break down, `-- host: flood` makes it report a hundred statuses,
//! `-- host: slow` makes an evaluation take 20 ms, and `-- host: cost` makes the slots costly.

use std::error::Error;
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, tick};
use crossbeam::select;
use lilt_editor::protocol::{
    ClientMessage, Diagnostic, HostMessage, Rung, Severity, SlotCost, SlotStatus, Status, text_mark,
};
use lilt_editor::{
    ClientId, Debounce, DetachedHost, DocEntry, HostEvent, HostLog, HostSocket, Recipient, SocketDirectories,
    WordKind, serve_stdio,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    // Tests put the sockets into a folder of their own.
    let directories = match std::env::var_os("LILT_SOCKETS") {
        Some(folder) => SocketDirectories::only(vec![folder.into()]),
        None => SocketDirectories::of_this_user(),
    };
    match arguments.iter().map(|argument| argument.to_str()).collect::<Vec<_>>().as_slice() {
        [Some("lsp")] => {
            let program = std::env::current_exe()?;
            let host = DetachedHost { program, arguments: vec!["live".into()], directories };
            serve_stdio(host, &docs(), |_| Vec::new())?;
            Ok(())
        }
        [Some("live"), _] => {
            // The path need not be text.
            let (socket, events) = HostSocket::bind(&directories, Path::new(&arguments[1]))?;
            HostLog::take_over()?;
            Host::new(socket).play(&events);
            Ok(())
        }
        _ => Err("say `scripted_host lsp` or `scripted_host live FILE`".into()),
    }
}

fn docs() -> Vec<DocEntry> {
    let entry = |name: &str, kind, signature: &str, summary: &str| DocEntry {
        name: name.into(),
        kind,
        signature: signature.into(),
        summary: summary.into(),
        example: String::new(),
    };
    vec![
        entry("play", WordKind::Function, "play(name, pattern)", "Fills a slot with a pattern."),
        entry("drums", WordKind::Function, "drums(text)", "A drum pattern in mini-notation."),
        entry("model", WordKind::Function, "model(name, options)", "A trained model."),
        entry("folk", WordKind::Model, "model \"folk\"", "Folk tunes."),
        entry("model:sample", WordKind::Method, "model:sample { bars = 4 }", "A new clip."),
        entry("bd", WordKind::Drum, "bd", "The bass drum."),
    ]
}

struct Host {
    socket: HostSocket,
    file: String,
    debounce: Debounce,
    pending: Vec<SlotStatus>,
    status: Status,
    started: Instant,
}

impl Host {
    fn new(socket: HostSocket) -> Host {
        let file = socket.file().to_string_lossy().into_owned();
        let status = Status { tempo: 120.0, meter: "4/4".into(), audio: "none".into(), ..Status::default() };
        Host { socket, file, debounce: Debounce::new(), pending: Vec::new(), status, started: Instant::now() }
    }

    fn play(mut self, events: &Receiver<HostEvent>) {
        let ticks = tick(Duration::from_millis(20));
        loop {
            select! {
                recv(events) -> event => match event {
                    Ok(HostEvent::Message(_, ClientMessage::Stop)) => {
                        let message = "an editor stopped it".to_string();
                        return self.socket.send(Recipient::All, HostMessage::Goodbye { message });
                    }
                    Ok(HostEvent::Message(client, message)) => self.hear(client, message),
                    Ok(HostEvent::Attached(_) | HostEvent::Detached(_)) => {}
                    Err(_) => return,
                },
                recv(ticks) -> _ => {}
            }
            let now = Instant::now();
            if self.debounce.due(now) {
                self.status.slots = std::mem::take(&mut self.pending);
                self.status.generation += 1;
                self.status.playing = true;
            }
            // At 120 beats per minute two beats pass in a second.
            self.status.beat = (now - self.started).as_secs_f64() * 2.0;
            self.status.bar = (self.status.beat / 4.0) as i64 + 1;
            self.status.beat_in_bar = self.status.beat % 4.0 + 1.0;
            self.socket.send(Recipient::All, HostMessage::Status(self.status.clone().into()));
        }
    }

    fn hear(&mut self, client: ClientId, message: ClientMessage) {
        match message {
            ClientMessage::Change { version, text } => {
                let since = Instant::now();
                self.status.text = Some(text_mark(&text));
                if text.contains("-- host: slow") {
                    std::thread::sleep(Duration::from_millis(20));
                }
                if text.contains("-- host: end") {
                    // A breakdown: no farewell, no cleaning up.
                    std::process::abort();
                }
                let diagnostics = wrong_names(&self.file, &text);
                self.status.last_error = diagnostics.first().cloned();
                if diagnostics.is_empty() {
                    self.pending = slots(&text);
                    self.debounce.changed(since);
                }
                if text.contains("-- host: flood") {
                    for beat in 0..100 {
                        let status = Status { beat: f64::from(beat), ..self.status.clone() };
                        self.socket.send(Recipient::All, HostMessage::Status(status.into()));
                    }
                }
                let lines: Vec<String> = text
                    .lines()
                    .filter_map(|line| argument(line, "print("))
                    .map(|(said, _)| said.into())
                    .collect();
                let micros = since.elapsed().as_micros() as u64;
                let evaluated = HostMessage::Evaluated { version: Some(version), diagnostics, micros };
                self.socket.send(Recipient::One(client), evaluated);
                for line in &lines {
                    println!("{line}");
                }
                if !lines.is_empty() {
                    self.socket.send(Recipient::All, HostMessage::Printed { lines });
                }
            }
            ClientMessage::Commit | ClientMessage::CommitNow => self.debounce.commit_now(),
            ClientMessage::Hush | ClientMessage::Panic => {
                self.status.playing = false;
                for slot in &mut self.status.slots {
                    slot.silent = true;
                }
            }
            ClientMessage::ClearState => {
                let lines = vec!["the state is cleared".to_string()];
                self.socket.send(Recipient::All, HostMessage::Printed { lines });
            }
            ClientMessage::Like
            | ClientMessage::Nope
            | ClientMessage::UndoTaste
            | ClientMessage::ForgetTaste => {}
            ClientMessage::Record => self.status.recording = Some("/s/a-1.wav".to_string()),
            ClientMessage::StopRecording => self.status.recording = None,
            // The socket answers these.
            ClientMessage::Hello { .. }
            | ClientMessage::Stop
            | ClientMessage::Release
            | ClientMessage::Follow
            | ClientMessage::Detach => {}
        }
    }
}

/// The first string after `call` in a line, and the byte at which the call begins.
fn argument<'a>(line: &'a str, call: &str) -> Option<(&'a str, usize)> {
    let start = line.find(call)?;
    let rest = line[start + call.len()..].strip_prefix('"')?;
    Some((&rest[..rest.find('"')?], start))
}

fn slots(text: &str) -> Vec<SlotStatus> {
    let cost =
        SlotCost { what: "gain".into(), line: 1, milliseconds_per_call: 4.0, share: 0.31, over: false };
    let cost = text.contains("-- host: cost").then_some(cost);
    let lines = (1..).zip(text.lines());
    let named = lines.filter_map(|(number, line)| Some((number, argument(line, "play(")?.0)));
    named
        .map(|(number, name)| SlotStatus {
            name: name.to_string(),
            line: Some(number),
            rung: Some(Rung::Fresh),
            playing: "folk take 3f2a · pluck".into(),
            model: Some("folk".into()),
            level: 0.5,
            cost: cost.clone(),
            ..SlotStatus::default()
        })
        .collect()
}

fn wrong_names(file: &str, text: &str) -> Vec<Diagnostic> {
    let lines = (1..).zip(text.lines());
    let found = lines.filter_map(|(number, line)| Some((number, line, line.find("paly(")?)));
    found
        .map(|(line, content, byte)| {
            let column = content[..byte].chars().count() as u32 + 1;
            Diagnostic {
                severity: Severity::Error,
                file: file.to_string(),
                line,
                column,
                end_column: column + 4,
                message: "unknown name \"paly\"".into(),
                help: Some("did you mean \"play\"?".into()),
            }
        })
        .collect()
}
