//! `lilt record`: tells the host that plays a script to record, or to end that.

use std::time::{Duration, Instant};

use lilt_editor::protocol::{ClientMessage, HostMessage};
use lilt_editor::{DetachedHost, HostLauncher, SocketDirectories};

use crate::command_line::Record;
use crate::failure::Failure;

/// How long the host may take to say that it does.
const ANSWER: Duration = Duration::from_secs(5);

/// Starts or ends a recording, and says which file it is.
pub fn record(words: Record) -> Result<(), Failure> {
    let program = std::env::current_exe().map_err(Failure::of_use)?;
    let directories = SocketDirectories::of_this_user();
    let hosts = DetachedHost { program, arguments: Vec::new(), directories };
    let shown = words.file.display();
    let host = hosts.find(&words.file).map_err(Failure::of_use)?;
    let host = host.ok_or_else(|| {
        Failure::Use(format!("nothing plays {shown}: start it with `lilt live {shown}`, and --record FILE"))
    })?;
    host.to_host.send(if words.stop { ClientMessage::StopRecording } else { ClientMessage::Record });
    let until = Instant::now() + ANSWER;
    loop {
        match host.from_host.recv_deadline(until) {
            Ok(HostMessage::Status(status)) => match (status.recording, words.stop) {
                (Some(file), false) => {
                    println!("recording into {file}");
                    return Ok(());
                }
                (None, true) => {
                    println!("nothing is recorded any more");
                    return Ok(());
                }
                (Some(_), true) | (None, false) => {}
            },
            Ok(HostMessage::Refused { message } | HostMessage::Goodbye { message }) => {
                return Err(Failure::Use(message));
            }
            Ok(_) => {}
            Err(_) => {
                return Err(Failure::Use(format!(
                    "the host of {shown} does not say that it does: look there"
                )));
            }
        }
    }
}
