//! How much of a message is sent: a script can make texts of any length, an editor cannot show them.

use crate::protocol::{Diagnostic, HostMessage, SlotStatus, Status};

/// The longest text that is shown whole, in bytes.
pub const LONGEST_TEXT: usize = 64 << 10;
/// The longest text of a status, which is sent again and again, in bytes.
const LONGEST_WORDS: usize = 1 << 10;
/// How much text one message holds, in bytes. Where JSON writes each of them as `\u0000`, that is six of the
/// eight MiB that a line may have.
const LONGEST_MESSAGE: usize = 1 << 20;
/// How many slots, ports or bakes a status tells of.
const MOST_ENTRIES: usize = 256;

/// How many notes one message tells of: more than can be told apart.
const MOST_EVENTS: usize = 1024;

/// The message with every text cut to a length that can be sent, and what is left out told.
pub fn bounded(message: HostMessage) -> HostMessage {
    match message {
        HostMessage::Evaluated { version, diagnostics, micros } => {
            HostMessage::Evaluated { version, diagnostics: bounded_diagnostics(diagnostics), micros }
        }
        HostMessage::Status(mut status) => {
            bound_status(&mut status);
            HostMessage::Status(status)
        }
        HostMessage::Printed { lines } => HostMessage::Printed { lines: bounded_lines(lines) },
        HostMessage::Text { mark, mut text } => {
            cut(&mut text, LONGEST_MESSAGE);
            HostMessage::Text { mark, text }
        }
        HostMessage::Refused { mut message } => {
            cut(&mut message, LONGEST_TEXT);
            HostMessage::Refused { message }
        }
        HostMessage::Goodbye { mut message } => {
            cut(&mut message, LONGEST_TEXT);
            HostMessage::Goodbye { message }
        }
        HostMessage::Planned { now, taken_back, mut begins, mut ends } => {
            begins.truncate(MOST_EVENTS);
            ends.truncate(MOST_EVENTS);
            HostMessage::Planned { now, taken_back, begins, ends }
        }
        HostMessage::Welcome { .. } | HostMessage::Rewrite { .. } => message,
    }
}

/// Roughly how many bytes of memory a message takes.
pub fn size(message: &HostMessage) -> usize {
    let diagnostic = |one: &Diagnostic| {
        100 + one.file.len() + one.message.len() + one.help.as_ref().map_or(0, String::len)
    };
    100 + match message {
        HostMessage::Welcome { file, .. } => file.len(),
        HostMessage::Evaluated { diagnostics, .. } => diagnostics.iter().map(diagnostic).sum(),
        HostMessage::Status(status) => status.slots.len() * 200,
        HostMessage::Text { mark, text } => mark.len() + text.len(),
        HostMessage::Printed { lines } => lines.iter().map(|line| 24 + line.len()).sum(),
        HostMessage::Planned { begins, ends, .. } => {
            begins.iter().map(|begins| 40 + 100 * begins.written.len()).sum::<usize>() + 40 * ends.len()
        }
        HostMessage::Rewrite { mark, text, .. } => mark.len() + text.len(),
        HostMessage::Refused { message } | HostMessage::Goodbye { message } => message.len(),
    }
}

fn bounded_lines(mut lines: Vec<String>) -> Vec<String> {
    let mut left = LONGEST_MESSAGE;
    let mut kept = 0;
    for line in &mut lines {
        cut(line, LONGEST_TEXT);
        // An empty line takes room in the message too.
        let taken = line.len() + 8;
        if taken > left {
            break;
        }
        left -= taken;
        kept += 1;
    }
    let more = lines.len() - kept;
    if more > 0 {
        lines.truncate(kept);
        lines.push(format!("… and {more} more lines"));
    }
    lines
}

fn bounded_diagnostics(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut left = LONGEST_MESSAGE;
    let mut kept = 0;
    for diagnostic in &mut diagnostics {
        bound_diagnostic(diagnostic);
        let taken = 200
            + diagnostic.file.len()
            + diagnostic.message.len()
            + diagnostic.help.as_ref().map_or(0, String::len);
        if taken > left {
            break;
        }
        left -= taken;
        kept += 1;
    }
    let more = diagnostics.len() - kept;
    if more > 0
        && let Some(last) = diagnostics.get(kept.saturating_sub(1)).cloned()
    {
        diagnostics.truncate(kept);
        diagnostics.push(Diagnostic { message: format!("… and {more} more"), help: None, ..last });
    }
    diagnostics
}

fn bound_diagnostic(diagnostic: &mut Diagnostic) {
    cut(&mut diagnostic.file, LONGEST_WORDS * 4);
    cut(&mut diagnostic.message, LONGEST_TEXT);
    if let Some(help) = &mut diagnostic.help {
        cut(help, LONGEST_TEXT);
    }
}

fn bound_status(status: &mut Status) {
    status.slots.truncate(MOST_ENTRIES);
    status.baking.truncate(MOST_ENTRIES);
    status.midi.truncate(MOST_ENTRIES);
    for slot in &mut status.slots {
        let SlotStatus { name, playing, model, cost, .. } = slot;
        let words = [Some(name), Some(playing), model.as_mut(), cost.as_mut().map(|cost| &mut cost.what)];
        words.into_iter().flatten().for_each(|words| cut(words, LONGEST_WORDS));
    }
    let models = status.baking.iter_mut().map(|bake| &mut bake.model);
    let words = models.chain(&mut status.midi).chain([&mut status.meter, &mut status.audio]);
    words.for_each(|words| cut(words, LONGEST_WORDS));
    if let Some(error) = &mut status.last_error {
        bound_diagnostic(error);
    }
}

/// Cuts a text to `longest` bytes and says how much is missing.
fn cut(text: &mut String, longest: usize) {
    if text.len() <= longest {
        return;
    }
    let end = text.floor_char_boundary(longest);
    let more = text.len() - end;
    text.truncate(end);
    text.shrink_to_fit();
    text.push_str(&format!("… and {} more", amount(more)));
}

/// A number of bytes for a person.
fn amount(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{MAX_LINE, Severity, to_line};

    fn diagnostic(message: &str) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            file: "/s/a.lua".into(),
            line: 1,
            column: 1,
            end_column: 2,
            message: message.into(),
            help: None,
        }
    }

    #[test]
    fn a_text_is_cut_between_characters_and_says_what_is_missing() {
        for (text, longest, expected) in [
            ("short", 5, "short".to_string()),
            ("longer", 5, "longe… and 1 bytes more".to_string()),
            ("🎹🎹", 5, "🎹… and 4 bytes more".to_string()),
        ] {
            let mut text = text.to_string();
            cut(&mut text, longest);
            assert_eq!(text, expected);
        }
        assert_eq!([amount(999), amount(1_000), amount(19_934_464)], ["999 bytes", "1.0 kB", "19.9 MB"]);
    }

    #[test]
    fn a_diagnostic_of_twenty_megabytes_is_cut() {
        let long = "x".repeat(20_000_000);
        let message =
            HostMessage::Evaluated { version: Some(1), diagnostics: vec![diagnostic(&long)], micros: 1 };
        let HostMessage::Evaluated { diagnostics, .. } = bounded(message) else { panic!("an evaluation") };
        assert_eq!(diagnostics, [diagnostic(&format!("{}… and 19.9 MB more", "x".repeat(LONGEST_TEXT)))]);
    }

    #[test]
    fn no_message_is_longer_than_a_line() {
        let long = "\0".repeat(3_000_000);
        let slot = SlotStatus { name: long.clone(), playing: long.clone(), ..SlotStatus::default() };
        let status = Status {
            slots: vec![slot; 3],
            last_error: Some(diagnostic(&long)),
            midi: vec![long.clone(); 3],
            ..Status::default()
        };
        for message in [
            HostMessage::Printed { lines: vec![long.clone(); 40] },
            HostMessage::Printed { lines: vec![String::new(); 1_000_000] },
            HostMessage::Evaluated { version: None, diagnostics: vec![diagnostic(&long); 40], micros: 1 },
            HostMessage::Status(status.into()),
            HostMessage::Refused { message: long.clone() },
            HostMessage::Goodbye { message: long.clone() },
        ] {
            let line = to_line(&bounded(message)).expect("messages are JSON");
            assert!(line.len() < MAX_LINE, "{} bytes", line.len());
        }
    }

    #[test]
    fn lines_that_do_not_fit_are_counted() {
        let lines = vec!["x".repeat(LONGEST_TEXT); 20];
        let HostMessage::Printed { lines } = bounded(HostMessage::Printed { lines }) else { panic!("lines") };
        assert_eq!((lines.len(), lines.last().map(String::as_str)), (16, Some("… and 5 more lines")));
    }
}
