//! All that can wake the conductor, as one closed list.

use std::path::PathBuf;
use std::time::Duration;

use crossbeam::channel::{Receiver, never, select};
use lilt_editor::HostEvent;
use lilt_inference::TakeKey;

/// A reason for the conductor to look up from its plan.
pub enum Wake {
    /// A file in the script's folder was saved, renamed or removed.
    Saved(PathBuf),
    /// An editor attached, spoke or left.
    Editor(HostEvent),
    /// A take has arrived.
    Arrived,
    /// A model asks a reward that is a function of the script.
    Asked,
    /// A bake is done.
    Baked,
    /// The plan wants to be filled.
    Tick,
    /// The performer asked the host to end.
    Quit,
}

/// Where wake-ups come from.
pub struct Wakes {
    /// The folder watch and the signal handler.
    pub sent: Receiver<Wake>,
    /// The editors' socket, where there is one.
    pub editor: Option<Receiver<HostEvent>>,
    /// Takes that have arrived.
    pub arrivals: Receiver<TakeKey>,
    /// Models that ask functions of the script.
    pub questions: Receiver<()>,
    /// Bakes that are done.
    pub bakes: Receiver<()>,
}

impl Wakes {
    /// The next reason to wake up, or [`Wake::Tick`] after `pause`.
    pub fn next(&mut self, pause: Duration) -> Wake {
        let nobody = never();
        let editor = self.editor.as_ref().unwrap_or(&nobody);
        select! {
            recv(self.sent) -> wake => wake.unwrap_or(Wake::Quit),
            recv(editor) -> event => match event {
                Ok(event) => Wake::Editor(event),
                Err(_) => {
                    // The socket's thread has ended: nothing more comes from it.
                    self.editor = None;
                    Wake::Tick
                }
            },
            recv(self.arrivals) -> _ => Wake::Arrived,
            recv(self.questions) -> _ => Wake::Asked,
            recv(self.bakes) -> _ => Wake::Baked,
            default(pause) => Wake::Tick,
        }
    }
}
