//! Ports of the system: listing them, and opening one by a part of its name.
//!
//! ALSA, CoreMIDI and WinMM send a message when they are given it. JACK does not: midir
//! puts it in a ring buffer, and the next process cycle sends all that waits, at the
//! first frame of the cycle. A message so leaves up to one period after it was given,
//! and the period bounds how evenly it can be timed: 64 frames at 48 kHz are 1.33 ms.

use std::panic::{AssertUnwindSafe, catch_unwind};

use midir::{MidiInput, MidiOutput, MidiOutputConnection};

use crate::Sink;

/// Name under which other programs see Lilt.
pub(crate) const CLIENT: &str = "lilt";

/// What can go wrong with a port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MidiError {
    /// The system offers no MIDI at all.
    #[error("MIDI is not available here: {0}; notes for MIDI ports are not heard")]
    Unavailable(String),
    /// The name cannot name a port.
    #[error("`{0}` is no name of a MIDI port: write a part of a name that `lilt devices` lists")]
    BadName(String),
    /// A port of that name is there, or would be made, and cannot be opened.
    #[error("MIDI port \"{name}\" cannot be opened: {reason}")]
    Open {
        /// The name as the script wrote it.
        name: String,
        /// What the system said.
        reason: String,
    },
    /// No port has the name, and this system has no virtual ports.
    #[error("no MIDI port has \"{0}\" in its name; `lilt devices` lists them")]
    NotFound(String),
    /// A port that was open has gone.
    #[error("MIDI port \"{name}\" is lost: {reason}")]
    Lost {
        /// The name as the script wrote it.
        name: String,
        /// What the system said.
        reason: String,
    },
    /// More was scheduled than the sender holds; sounding notes are released.
    #[error("too many MIDI messages at once: some were left out, and sounding notes were released")]
    Overflow,
    /// The sender's thread has ended.
    #[error("the MIDI sender has ended")]
    Ended,
}

/// Names of the output ports there are.
///
/// # Errors
/// When the system offers no MIDI.
pub fn ports() -> Result<Vec<String>, MidiError> {
    Directory::new().map(|directory| directory.outputs().into_iter().map(|(_, name)| name).collect())
}

/// Names of the input ports there are.
///
/// # Errors
/// When the system offers no MIDI.
pub fn input_ports() -> Result<Vec<String>, MidiError> {
    Directory::new().map(|directory| directory.inputs().into_iter().map(|(_, name)| name).collect())
}

/// How a port was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenedAs {
    /// Connected to a port that was there, by its full name.
    Existing(String),
    /// A virtual port of this name, to which other programs connect.
    Virtual(String),
}

/// Clients of the MIDI system that only look.
pub(crate) struct Directory {
    input: MidiInput,
    output: MidiOutput,
}

impl Directory {
    pub(crate) fn new() -> Result<Directory, MidiError> {
        // What ALSA would print on the terminal comes back as an error. Where no handler
        // can be had it prints on: ugly, and harmless.
        #[cfg(target_os = "linux")]
        let _ = alsa::Output::local_error_handler();
        let unavailable = |error: midir::InitError| MidiError::Unavailable(reason(&error));
        Ok(Directory {
            input: MidiInput::new(CLIENT).map_err(unavailable)?,
            output: MidiOutput::new(CLIENT).map_err(unavailable)?,
        })
    }

    /// Ports to send to. One whose name cannot be read has just gone.
    fn outputs(&self) -> Vec<(midir::MidiOutputPort, String)> {
        let named = |port: midir::MidiOutputPort| Some((port.clone(), self.output.port_name(&port).ok()?));
        self.output.ports().into_iter().filter_map(named).collect()
    }

    /// Ports to listen to, but for Lilt's own.
    pub(crate) fn inputs(&self) -> Vec<(midir::MidiInputPort, String)> {
        let named = |port: midir::MidiInputPort| Some((port.clone(), self.input.port_name(&port).ok()?));
        let own = format!("{CLIENT}:");
        self.input.ports().into_iter().filter_map(named).filter(|(_, name)| !name.starts_with(&own)).collect()
    }

    /// True while a port that was opened is still known to the system. A virtual port
    /// is seen from the other side: as something to listen to.
    pub(crate) fn knows(&self, opened: &OpenedAs) -> bool {
        match opened {
            OpenedAs::Existing(name) => self.outputs().iter().any(|(_, other)| other == name),
            OpenedAs::Virtual(name) => {
                let named = |port| self.input.port_name(&port).is_ok_and(|other| other.contains(name));
                self.input.ports().into_iter().any(named)
            }
        }
    }
}

fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    if cfg!(feature = "jack") {
        text.push_str(" (is a JACK server running?)");
    }
    text
}

/// An open output port.
pub struct MidiOut {
    name: String,
    opened: OpenedAs,
    connection: MidiOutputConnection,
}

impl MidiOut {
    /// Opens the first output port whose name contains `name`, in upper or lower case;
    /// where there is none, makes a virtual port of that name (not on Windows).
    ///
    /// # Errors
    /// When there is no MIDI, or the port cannot be opened.
    pub fn open(name: &str) -> Result<MidiOut, MidiError> {
        if name.trim().is_empty() || name.contains('\0') {
            return Err(MidiError::BadName(name.escape_debug().to_string()));
        }
        let directory = Directory::new()?;
        let wanted = name.to_lowercase();
        let existing =
            directory.outputs().into_iter().find(|(_, other)| other.to_lowercase().contains(&wanted));
        let failed = |reason: String| MidiError::Open { name: name.to_string(), reason };
        match existing {
            Some((port, full_name)) => {
                let connection =
                    directory.output.connect(&port, name).map_err(|error| failed(error.to_string()))?;
                let opened = OpenedAs::Existing(full_name);
                Ok(MidiOut { name: name.to_string(), opened, connection })
            }
            None => {
                let connection = make_virtual(directory.output, name)?;
                let opened = OpenedAs::Virtual(name.to_string());
                Ok(MidiOut { name: name.to_string(), opened, connection })
            }
        }
    }

    /// How it was opened.
    pub fn opened(&self) -> &OpenedAs {
        &self.opened
    }
}

#[cfg(unix)]
fn make_virtual(output: MidiOutput, name: &str) -> Result<MidiOutputConnection, MidiError> {
    use midir::os::unix::VirtualOutput;
    output
        .create_virtual(name)
        .map_err(|error| MidiError::Open { name: name.to_string(), reason: error.to_string() })
}

#[cfg(not(unix))]
fn make_virtual(_output: MidiOutput, name: &str) -> Result<MidiOutputConnection, MidiError> {
    Err(MidiError::NotFound(name.to_string()))
}

/// A JACK client that closes takes what still waits in its ring buffer with it, ends of
/// notes among it. Two periods of 2048 frames at 44.1 kHz pass in 93 ms.
#[cfg(feature = "jack")]
impl Drop for MidiOut {
    fn drop(&mut self) {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

impl Sink for MidiOut {
    fn send(&mut self, bytes: &[u8]) -> Result<(), MidiError> {
        let connection = &mut self.connection;
        // Built with debug assertions, midir panics when the ring buffer of a JACK server
        // that died is full. That is a lost port like any other, and ends no thread.
        let sent = catch_unwind(AssertUnwindSafe(|| connection.send(bytes)));
        let reason = match sent {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the MIDI server no longer takes messages".to_string(),
        };
        Err(MidiError::Lost { name: self.name.clone(), reason })
    }
}
