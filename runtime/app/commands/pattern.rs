//! `lilt pattern`: the events of a mini-notation text.

use lilt_score::mini;

use crate::command_line::Pattern;
use crate::failure::Failure;

/// Prints `start end value` a line, in exact fractions of a cycle, sorted.
pub fn pattern(words: Pattern) -> Result<(), Failure> {
    let parsed = mini::parse(&words.text).map_err(|error| Failure::Script(drawn(&words.text, &error)))?;
    for doubt in parsed.doubts() {
        eprintln!("{}", drawn(&words.text, doubt));
    }
    for line in parsed.lines(words.cycles) {
        println!("{line}");
    }
    Ok(())
}

/// The error under its text, with a caret below the wrong token.
fn drawn(text: &str, error: &mini::MiniError) -> String {
    let before = text[..error.at.start].chars().count();
    let width = text[error.at.clone()].chars().count().max(1);
    let mut drawn = format!("{}\n  {text}\n  {}{}", error.message, " ".repeat(before), "^".repeat(width));
    if let Some(help) = &error.help {
        drawn.push_str(&format!("\n  {help}"));
    }
    drawn
}
