//! What the author tells: mistakes, its standing, and what the script prints.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_editor::Recipient;
use lilt_editor::protocol::{BakeStatus, HostMessage};
use lilt_inference::{BakeState, Baking};
use lilt_script::Diagnostic;
use lilt_sequencer::{Fault, Use};

use super::Author;
use crate::diagnosis;
use crate::live::sight::{ScriptStatus, Sight};

/// Time between two statuses of the script.
pub(super) const STATUS: Duration = Duration::from_millis(100);

impl Author {
    /// A pattern failed in a bar to come: said once.
    pub(super) fn report_fault(&mut self, fault: Fault) {
        let diagnostic = diagnosis::of_query(fault.error, &self.name(), fault.line);
        if self.last_error.as_ref() != Some(&diagnostic) {
            self.complain_later(diagnostic);
        }
    }

    /// The script's name in diagnostics.
    pub(super) fn name(&self) -> String {
        self.watched.script.display().to_string()
    }

    pub(super) fn complain(&mut self, diagnostic: Diagnostic) {
        self.show(Sight::Complaint(diagnostic.render(&self.text)));
        self.last_error = Some(diagnostic);
    }

    /// As [`Author::complain`], for a text that its editor thinks was accepted.
    pub(super) fn complain_later(&mut self, diagnostic: Diagnostic) {
        self.tell_mistake(&diagnostic);
        self.complain(diagnostic);
    }

    /// Tells the editor that sent the newest text what is wrong with it.
    pub(super) fn tell_mistake(&self, diagnostic: &Diagnostic) {
        if let Some((client, version)) = self.last_change {
            let diagnostics = vec![diagnosis::for_editor(diagnostic)];
            let evaluated = HostMessage::Evaluated { version: Some(version), diagnostics, micros: 0 };
            self.tell(Recipient::One(client), evaluated);
        }
    }

    pub(super) fn tell_status(&mut self) {
        // What the newest text is called is told before its events sound.
        let known = Arc::ptr_eq(&self.texts, &self.status.1.texts);
        if known && self.status.0.elapsed() < STATUS {
            return;
        }
        let evidence = |used: &Use| Some((used.content, self.planner.evidence(used.content)?));
        let baking = |baking: &Baking| match baking.poll() {
            BakeState::Pending(progress) => {
                Some(BakeStatus { model: baking.model_name().to_owned(), progress })
            }
            BakeState::Ready(_) | BakeState::Failed(_) => None,
        };
        let status = ScriptStatus {
            text: self.mark.clone(),
            source: self.source(),
            last_error: self.last_error.clone(),
            evidence: self.uses.iter().filter_map(evidence).collect(),
            costs: self.ahead.costs().clone(),
            baking: self.bakings.iter().filter_map(baking).collect(),
            texts: Arc::clone(&self.texts),
        };
        if status != self.status.1 {
            self.show(Sight::Script(Box::new(status.clone())));
            self.status.1 = status;
        }
        self.status.0 = Instant::now();
    }

    /// The newest text, shared with the last status where it is the same.
    fn source(&self) -> Arc<str> {
        let last = &self.status.1.source;
        if **last == *self.text { Arc::clone(last) } else { Arc::from(self.text.as_str()) }
    }

    pub(super) fn print(&self, lines: Vec<String>) {
        if !lines.is_empty() {
            self.show(Sight::Printed(lines));
        }
    }

    pub(super) fn say(&self, line: String) {
        self.show(Sight::Said(line));
    }

    pub(super) fn tell(&self, whom: Recipient, message: HostMessage) {
        self.show(Sight::Tell(whom, Box::new(message)));
    }

    pub(super) fn show(&self, sight: Sight) {
        // A view that is not there has ended, and the host with it.
        let _ending = self.outlets.view.send(sight);
    }
}
