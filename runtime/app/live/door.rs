//! The door: where editors and signals come in. It passes on what they want to whom it concerns, so
//! that panic, hush and stop are heard whatever the script is doing.

use crossbeam::channel::{Receiver, Sender};
use lilt_editor::protocol::ClientMessage;
use lilt_editor::{ClientId, HostEvent};
use lilt_script::{EDITOR, Press};
use lilt_sequencer::Entrance;

use super::ears::Ears;
use super::mailbox::{Mailbox, Typed};
use super::order::Order;
use super::recorder::Recorder;
use super::sight::Sight;

/// Passes on what comes in.
#[derive(Clone)]
pub struct Door {
    /// Where the author finds what concerns the script.
    pub mailbox: Mailbox,
    /// The way to the conductor.
    pub orders: Sender<Order>,
    /// The way to the view.
    pub view: Sender<Sight>,
    /// Whoever records the sound.
    pub recorder: Recorder,
    /// Where likes come in among all else from outside.
    pub ears: Ears,
}

impl Door {
    /// Lets editors in until the socket ends.
    pub fn keep(&self, events: &Receiver<HostEvent>) {
        for event in events {
            match event {
                HostEvent::Message(client, message) => self.message(client, message),
                HostEvent::Attached(client) => {
                    self.mailbox.attached();
                    // The view is told of everything; when it is not there, the host is ending.
                    let _ending = self.view.send(Sight::Attached(client));
                }
                HostEvent::Detached(_) => self.mailbox.detached(),
            }
        }
    }

    fn message(&self, client: ClientId, message: ClientMessage) {
        match message {
            ClientMessage::Change { version, text } => self.mailbox.typed(Typed { client, version, text }),
            ClientMessage::Commit => self.mailbox.commit(Entrance::Boundary),
            ClientMessage::CommitNow => self.mailbox.commit(Entrance::Now),
            ClientMessage::Hush | ClientMessage::Panic => self.silence(),
            ClientMessage::ClearState => self.mailbox.clear_state(),
            ClientMessage::Like => self.press(Press::Like),
            ClientMessage::Nope => self.press(Press::Nope),
            ClientMessage::UndoTaste => self.press(Press::Undo),
            ClientMessage::ForgetTaste => self.press(Press::Forget),
            ClientMessage::Record => self.recorder.start(),
            ClientMessage::StopRecording => self.recorder.stop(),
            ClientMessage::Stop => self.end(),
            ClientMessage::Follow => {
                // As for one who attaches.
                let _ending = self.view.send(Sight::Followed(client));
            }
            // The socket itself answers these.
            ClientMessage::Hello { .. } | ClientMessage::Release | ClientMessage::Detach => {}
        }
    }

    /// Something is said of what was heard.
    fn press(&self, press: Press) {
        self.ears.hear(&EDITOR.into(), press.gesture());
    }

    /// Everything falls silent, and nothing that was typed before sounds.
    fn silence(&self) {
        let silences = self.mailbox.silence();
        // A conductor that is not there has ended, silently.
        let _ending = self.orders.send(Order::Silence(silences));
    }

    /// The host ends.
    pub fn end(&self) {
        // A conductor that is not there has ended already.
        let _ended = self.orders.send(Order::End);
    }
}
