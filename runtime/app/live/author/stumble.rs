//! What comes of a mistake of Lilt's own on the author's thread: it is told, and the author begins anew, with
//! a fresh VM and a fresh planner. The music goes on meanwhile: slots repeat their last bar until a new plan
//! comes.

use std::time::{Instant, SystemTime};

use lilt_editor::Debounce;
use lilt_script::{Diagnostic, Engine, ScriptError};
use lilt_sequencer::{Entrance, Planner};

use super::{Ahead, Author, TICK, TRIAL};
use crate::live::caught::caught;
use crate::live::sight::Sight;

/// With what an author begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beginning {
    /// It reads the script.
    Script,
    /// It evaluates once more the text over which it stumbled.
    SameText,
    /// It waits: for a newer text, or for what else somebody wants.
    Silence,
}

impl Author {
    /// Works until the host ends, whatever happens; `engine` makes a new VM in the place of one that broke.
    pub fn run(mut self, engine: impl Fn() -> Result<Engine, ScriptError>) {
        let mut beginning = Beginning::Script;
        // The text over which the author stumbled last, and none where it had read none.
        let mut stumbled_over = None;
        loop {
            let worked = caught(|| {
                self.begin(beginning);
                self.work();
            });
            let Err(place) = worked else { return };
            let over = self.newest.as_ref().map(|draft| draft.text.clone());
            let again = stumbled_over.as_ref() == Some(&over);
            beginning = if again || self.hushed { Beginning::Silence } else { Beginning::SameText };
            stumbled_over = Some(over);
            let name = self.name();
            let complaint = Diagnostic::at_line(&name, 1, stumbled(&place, beginning));
            self.show(Sight::Said(complaint.message.clone()));
            self.tell_mistake(&complaint);
            match engine() {
                Ok(engine) => self.begin_anew(engine, complaint),
                Err(error) => {
                    self.say(format!(
                        "{error}: the music goes on as it is; start Lilt again when it may stop"
                    ));
                    return;
                }
            }
        }
    }

    /// The conductor broke: the newest generation may have been lost on its way in.
    pub(super) fn enter_again(&mut self) {
        let now = self.time.now();
        let (planner, ground) = (&mut self.planner, &self.ground);
        let (prepared, _) = self.engine.metered("", TRIAL, &|| false, || planner.again(ground, now));
        if let Some(prepared) = prepared {
            self.enter(prepared, self.silences);
        }
    }

    /// What was played broke the conductor again and again: the same text is played again only when
    /// somebody says so.
    pub(super) fn fell_silent(&mut self) {
        self.planner.hush();
        self.ahead = Ahead::default();
        // A save of the same text counts, however soon it comes.
        self.evaluated = false;
        let message = "Lilt itself stumbled while it played this, twice: all is silent; change the script and \
                       save it, and it plays again";
        let complaint = Diagnostic::at_line(&self.name(), 1, message.to_string());
        self.tell_mistake(&complaint);
        self.last_error = Some(complaint);
    }

    fn begin(&mut self, beginning: Beginning) {
        match (beginning, self.newest.clone()) {
            (Beginning::Silence, _) => {
                // Whatever broke twice is not tried again unless somebody asks for something.
                while !self.mailbox.is_urgent() {
                    let _rung = self.wakes.bell.recv_timeout(TICK);
                }
            }
            (Beginning::SameText, Some(draft)) if draft.typed.is_some() => self.change(draft),
            (Beginning::SameText, Some(draft)) => self.play(draft, Entrance::Boundary),
            (Beginning::Script | Beginning::SameText, _) => {
                self.mailbox.watch(self.watched.clone(), SystemTime::now());
                self.wait_for_sounds();
                self.read_and_commit(false);
            }
        }
    }

    /// Puts a new VM and a new planner in the place of those that may be broken. What only says how it stands
    /// outside is kept.
    fn begin_anew(&mut self, engine: Engine, complaint: Diagnostic) {
        let broken = std::mem::replace(&mut self.engine, engine);
        if !caught(|| self.engine.inherit(&broken)).is_ok_and(|kept| kept) {
            self.say("what `state` held is lost".to_string());
        }
        // Where even that cannot be read, knobs rest until they are moved.
        let _read = caught(|| self.engine.hear_as(&broken));
        let planner = Planner::after(&self.planner);
        let planner = std::mem::replace(&mut self.planner, planner);
        let waiting = self.waiting.take();
        // What belongs to the VM goes before it; should that break too, it was to be given up anyway.
        let _given_up = caught(|| drop((waiting, planner)));
        let _given_up = caught(|| drop(broken));
        self.attend();
        self.ahead = Ahead::default();
        self.debounce = Debounce::new();
        self.bakings.clear();
        self.dropped = None;
        self.evaluated = false;
        self.asked = false;
        self.last_error = Some(complaint);
        // Told at once by the next look, and not with the next change.
        self.status.0 = Instant::now() - super::telling::STATUS;
        let told = super::ScriptStatus { last_error: self.last_error.clone(), ..self.status.1.clone() };
        self.status.1 = told.clone();
        self.show(Sight::Script(Box::new(told)));
    }
}

/// What a performer is told.
fn stumbled(place: &str, next: Beginning) -> String {
    let what = match next {
        Beginning::Script | Beginning::SameText => "the music goes on, and the script is read once more",
        Beginning::Silence => "the music goes on; change the script and save it again",
    };
    format!("Lilt itself stumbled over the script ({place}): {what}")
}

#[cfg(test)]
mod tests;
