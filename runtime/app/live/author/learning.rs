//! `learn()`: the number of the next knob that moves, written into the text.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_editor::Recipient;
use lilt_editor::protocol::{HostMessage, text_mark};
use lilt_score::{Dial, Gesture, Input};
use lilt_script::unlearnt;

use super::Author;

/// A knob that was learnt, and is still being turned, is not learnt again until it rested for so long.
const RESTS: Duration = Duration::from_millis(1_000);

/// What has been learnt.
#[derive(Debug, Default)]
pub(super) struct Learning {
    /// The knob that moved last, and when.
    last: Option<(Arc<str>, u8, Instant)>,
    /// The text that a number was written into last: nothing more is until it is another.
    written: Option<String>,
}

impl Author {
    /// A knob that moves gives its number to the text, where that waits for one.
    pub(super) fn learn(&mut self, inputs: &[Input]) {
        for Input { source, gesture, .. } in inputs {
            let Gesture::Turn { dial: Dial::Controller(number), .. } = gesture else { continue };
            let now = Instant::now();
            let moved = self.learning.last.replace((Arc::clone(source), *number, now));
            let turns_on = moved.is_some_and(|(of, known, at)| {
                (of, known) == (Arc::clone(source), *number) && now.duration_since(at) < RESTS
            });
            if !turns_on && self.engine.learns() {
                self.write_in(source, *number);
            }
        }
    }

    fn write_in(&mut self, source: &str, number: u8) {
        let Some(at) = unlearnt(&self.text) else { return };
        let mark = text_mark(&self.text);
        if self.learning.written.as_ref() == Some(&mark) {
            return;
        }
        self.learning.written = Some(mark.clone());
        let text = number.to_string();
        if self.mailbox.has_editors() {
            let (from, to) = (at.start, at.end);
            self.tell(Recipient::All, HostMessage::Rewrite { mark, from, to, text });
        } else if let Err(error) = self.rewrite_file(at, &text) {
            self.say(format!("knob {number} of \"{source}\" cannot be written into the script: {error}"));
            return;
        }
        self.say(format!("knob {number} of \"{source}\" is learnt"));
    }

    /// Nobody edits the script: the file itself is changed, where it is still what is played.
    fn rewrite_file(&self, at: std::ops::Range<usize>, text: &str) -> std::io::Result<()> {
        if std::fs::read_to_string(&self.watched.script)? != self.text {
            return Err(std::io::Error::other("its file says something else by now"));
        }
        let mut changed = self.text.clone();
        changed.replace_range(at, text);
        std::fs::write(&self.watched.script, changed)
    }
}

#[cfg(test)]
mod tests {
    use lilt_score::{Dial, Gesture, Input};

    use super::*;
    use crate::live::sight::Sight;
    use crate::live::stage::{SCRIPT, Stage};

    fn turn(stage: &Stage, number: u8) {
        let gesture = Gesture::Turn { dial: Dial::Controller(number), value: 0.5 };
        stage.mailbox.heard(Input { seconds: 0.0, source: "Knobs".into(), gesture });
    }

    fn said(stage: &mut Stage) -> String {
        let knob = |_: &Stage, sight: &Sight| matches!(sight, Sight::Said(line) if line.starts_with("knob "));
        let Sight::Said(line) = stage.see("what becomes of the knob", knob) else { return String::new() };
        line
    }

    #[test]
    fn knobs_that_move_are_written_into_the_file_from_the_top() {
        let mut stage = Stage::new();
        let before = stage.anchor.expect("it plays");
        let more = "play(\"a\", \"c4\"):gain(cc(learn(), 1))\nplay(\"b\", \"e4\"):pan(cc(learn()))\n";
        stage.write(&format!("{SCRIPT}{more}"));
        assert_eq!(stage.printed(), "n\t2");
        assert_eq!(stage.anchor, Some(before));
        turn(&stage, 74);
        assert_eq!(said(&mut stage), "knob 74 of \"Knobs\" is learnt");
        // It is still being turned, while the changed file is read.
        turn(&stage, 74);
        assert!(stage.read().contains("gain(cc(74, 1))\n") && stage.read().contains("pan(cc(learn()))"));
        stage.save();
        assert_eq!(stage.printed(), "n\t3");
        turn(&stage, 7);
        assert_eq!(said(&mut stage), "knob 7 of \"Knobs\" is learnt");
        assert!(stage.read().ends_with("pan(cc(7))\n"), "{}", stage.read());
    }

    #[test]
    fn an_editor_is_asked_and_its_unsaved_text_is_never_overwritten() {
        let mut stage = Stage::new();
        let text = stage.type_in("play(\"a\", \"c4\"):gain(cc(learn(), 1))");
        assert_eq!(stage.printed(), "n\t2");
        turn(&stage, 20);
        let line = said(&mut stage);
        assert!(line.ends_with("its file says something else by now"), "{line}");
        let text = stage.type_in(&text[SCRIPT.len()..].replace("\"a\"", "\"b\""));
        stage.mailbox.attached();
        assert_eq!(stage.printed(), "n\t3");
        turn(&stage, 21);
        let asked = |_: &Stage, sight: &Sight| matches!(sight, Sight::Tell(Recipient::All, message) if matches!(**message, HostMessage::Rewrite { .. }));
        let Sight::Tell(_, message) = stage.see("an editor that is asked", asked) else { return };
        let from = text.find("learn()").expect("there");
        let mark = text_mark(&text);
        assert_eq!(*message, HostMessage::Rewrite { mark, from, to: from + 7, text: "21".into() });
        assert!(!stage.read().contains("21"));
    }
}
