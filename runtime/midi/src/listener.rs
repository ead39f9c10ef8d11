//! Ports that are listened to: a thread opens those that are wanted, watches them, and takes them up again.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use lilt_score::{ClockMessage, Gesture};
use midir::{Ignore, MidiInput, MidiInputConnection};

use crate::gestures::gesture;
use crate::ports::{CLIENT, Directory};
use crate::{Guard, MidiError};

/// How often ports are looked for: what comes back is heard within three seconds. A look takes a client of the system.
const EVERY: Duration = Duration::from_millis(1_500);

/// What a listener hears of a port.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Somebody does something on it.
    Gesture(Gesture),
    /// It is listened to; its whole name.
    Opened(String),
    /// It is not there, or has gone: it is taken up when it comes.
    Missing,
    /// It is there and cannot be listened to.
    Refused(MidiError),
}

/// Who is told what is heard of which port, by its name as it was wanted. It is called on threads of the system's and
/// must not wait.
pub type Tell = Arc<dyn Fn(&Arc<str>, Heard) + Send + Sync>;

/// Listens to ports that are wanted, on a thread of its own, until it is dropped.
pub struct Listener {
    wants: Sender<Vec<Arc<str>>>,
}

impl Listener {
    /// A listener to nothing yet. `guard` runs what may break.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(tell: Tell, guard: Guard) -> io::Result<Listener> {
        let (wants, wanted) = unbounded();
        let mut ports = Ports { tell, ports: BTreeMap::new() };
        let run = move || while guard(&mut || ports.keep(&wanted)).is_err() {};
        thread::Builder::new().name("lilt midi in".to_string()).spawn(run)?;
        Ok(Listener { wants })
    }

    /// From now on listens to the first port of each of these names, or of which each is a part, and to no other.
    pub fn want(&self, names: Vec<Arc<str>>) {
        // A thread that is not there could not be had again either.
        let _ended = self.wants.send(names);
    }
}

/// How it stands with a port that is wanted.
enum State {
    Unknown,
    Missing,
    Refused,
    Open { name: String, _connection: MidiInputConnection<()> },
}

struct Ports {
    tell: Tell,
    ports: BTreeMap<Arc<str>, State>,
}

impl Ports {
    fn keep(&mut self, wanted: &Receiver<Vec<Arc<str>>>) {
        let mut look = Instant::now();
        loop {
            // Nothing is looked for while nothing is wanted.
            let wait = match self.ports.is_empty() {
                true => Duration::from_secs(3_600),
                false => look.saturating_duration_since(Instant::now()),
            };
            match wanted.recv_timeout(wait) {
                Ok(names) => self.want(wanted.try_iter().last().unwrap_or(names)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.look();
            look = Instant::now() + EVERY;
        }
    }

    fn want(&mut self, names: Vec<Arc<str>>) {
        let gone: Vec<Arc<str>> = self.ports.keys().filter(|name| !names.contains(name)).cloned().collect();
        for name in gone {
            self.ports.remove(&name);
            (self.tell)(&name, Heard::Gesture(Gesture::ReleaseAll));
        }
        for name in names {
            self.ports.entry(name).or_insert(State::Unknown);
        }
    }

    fn look(&mut self) {
        let there = match self.ports.is_empty() {
            true => return,
            // Where there is no MIDI at all no port is there.
            false => Directory::new().map(|directory| directory.inputs()).unwrap_or_default(),
        };
        for (wanted, state) in &mut self.ports {
            let part = wanted.to_lowercase();
            let found = there.iter().find(|(_, name)| name.to_lowercase().contains(&part));
            match (&state, found) {
                (State::Open { name, .. }, _) if there.iter().any(|(_, known)| known == name) => {}
                (State::Open { .. }, None) => {
                    *state = State::Missing;
                    (self.tell)(wanted, Heard::Gesture(Gesture::ReleaseAll));
                    (self.tell)(wanted, Heard::Gesture(Gesture::Clock(ClockMessage::Gone)));
                    (self.tell)(wanted, Heard::Missing);
                }
                (_, Some((port, name))) => {
                    if matches!(state, State::Open { .. }) {
                        (self.tell)(wanted, Heard::Gesture(Gesture::ReleaseAll));
                    }
                    match open(port, wanted, &self.tell) {
                        Ok(connection) => {
                            (self.tell)(wanted, Heard::Opened(name.clone()));
                            *state = State::Open { name: name.clone(), _connection: connection };
                        }
                        Err(error) => {
                            // Told once, and tried again.
                            if !matches!(state, State::Refused) {
                                (self.tell)(wanted, Heard::Refused(error));
                            }
                            *state = State::Refused;
                        }
                    }
                }
                (State::Unknown, None) => {
                    *state = State::Missing;
                    (self.tell)(wanted, Heard::Missing);
                }
                (State::Missing | State::Refused, None) => *state = State::Missing,
            }
        }
    }
}

fn open(
    port: &midir::MidiInputPort,
    wanted: &Arc<str>,
    tell: &Tell,
) -> Result<MidiInputConnection<()>, MidiError> {
    let failed = |reason: String| MidiError::Open { name: wanted.to_string(), reason };
    let mut input = MidiInput::new(CLIENT).map_err(|error| MidiError::Unavailable(error.to_string()))?;
    // Sensing comes often and says nothing; exclusive messages say nothing of keys and time.
    input.ignore(Ignore::SysexAndActiveSense);
    let (name, tell) = (Arc::clone(wanted), Arc::clone(tell));
    let hear = move |_stamp: u64, bytes: &[u8], (): &mut ()| {
        if let Some(gesture) = gesture(bytes) {
            tell(&name, Heard::Gesture(gesture));
        }
    };
    input.connect(port, wanted, hear, ()).map_err(|error| failed(error.to_string()))
}
