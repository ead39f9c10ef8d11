//! Reading the script from disk, and what is said of bakes.

use std::time::{Duration, Instant, SystemTime};

use lilt_inference::{Baked, Comparison, Medium};
use lilt_script::Diagnostic;
use lilt_sequencer::Entrance;

use super::{Author, Draft};
use crate::folder;
use crate::live::sight::Sight;

/// One save comes as several events within so long: a text that was read already is not read again.
const ONE_SAVE: Duration = Duration::from_millis(200);

impl Author {
    /// The script requires and reads these files, by their names from its folder; they were read after `began`.
    pub(super) fn watch(&mut self, required: Vec<String>, began: SystemTime) {
        self.watched.required = required;
        self.mailbox.watch(self.watched.clone(), began);
    }

    /// Reads the script from disk and plays it from the next boundary.
    /// A text that plays already is left alone, unless a file that it requires changed.
    pub(super) fn read_and_commit(&mut self, required_changed: bool) {
        let file = &self.watched.script;
        let read = folder::read_saved(file).and_then(|text| match text.trim().is_empty() {
            true => Err(format!(
                "{} is empty, and what played plays on: an editor may be in the middle of saving it. \
                 To stop, save a text without slots, such as `-- nothing`, or hush in your editor; Ctrl-C ends",
                file.display()
            )),
            false => Ok(text),
        });
        let just_read = self.read.is_some_and(|read| read.elapsed() < ONE_SAVE);
        match read {
            Ok(text)
                if text == self.text
                    && !required_changed
                    && (just_read && self.evaluated || self.plays_as_written()) =>
            {
                // Saving what is typed does not wait for a pause.
                self.debounce.commit_now();
            }
            Ok(text) => {
                if self.evaluate(Draft { text, typed: None }).is_some() {
                    self.debounce.cancel();
                    self.commit(Entrance::Boundary);
                }
            }
            Err(message) => {
                let diagnostic = Diagnostic::at_line(&self.name(), 1, message);
                if self.last_error.as_ref() != Some(&diagnostic) {
                    self.show(Sight::Complaint(format!("lilt: {}\n", diagnostic.message)));
                    self.last_error = Some(diagnostic);
                }
            }
        }
        // An evaluation may take as long as the events of a save are apart.
        self.read = Some(Instant::now());
    }

    /// True when what plays, or is about to, is what the newest text says.
    fn plays_as_written(&self) -> bool {
        self.evaluated && self.last_error.is_none() && (self.plays || self.waiting.is_some())
    }
}

/// What was gained by a bake, and what it cost.
pub(super) fn of_bake(model: &str, learnt: &Baked) -> Vec<String> {
    let Comparison { reward: [plain, tilted, baked], broken, nats: [own, cost] } = &learnt.comparison;
    let medium = learnt.model.description().medium;
    let mut lines = vec![format!(
        "{model} is baked: reward {plain:.2} before, {baked:.2} now, {tilted:.2} by the exact tilt (in nats)"
    )];
    if broken.iter().any(|share| *share > 0.0) {
        let [plain, tilted, baked] = broken.map(|share| 100.0 * share);
        lines.push(format!(
            "  breaks a rule: {plain:.0}% before, {baked:.0}% now, {tilted:.0}% by the exact tilt"
        ));
    }
    // "music", or "drawings".
    let costs = if medium == Medium::Music { "costs" } else { "cost" };
    let part = medium.part();
    lines.push(format!("  its own {medium} of before {costs} {cost:.2} nats a {part}, {own:.2} before"));
    lines
}
