//! What a performer reads when something is wrong: a place, what is wrong, what
//! to write instead.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing of this evaluation is played.
    Error,
    /// It is played, but not quite as written: a value was clamped, say.
    Warning,
}

/// One message about one place of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file, by the name it was evaluated or required under.
    pub file: String,
    /// Line from 1.
    pub line: u32,
    /// First column of the place, in characters from 1.
    pub column: u32,
    /// First column after the place; above `column`.
    pub end_column: u32,
    /// What is wrong, in a line.
    pub message: String,
    /// What to write instead, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The line as it was evaluated, whichever file it is of, where whoever made the diagnostic had it. In a
    /// box, for diagnostics travel in results.
    #[serde(skip)]
    pub excerpt: Option<Box<Excerpt>>,
}

/// A line of a file, or as much of it as is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// What is shown of it; what is left out at an end is an ellipsis there.
    pub text: String,
    /// The column at which that begins, in characters from 1.
    pub first_column: u32,
}

/// Most characters of a line that are shown.
const WIDEST: usize = 200;

impl Excerpt {
    /// What is shown of `line` around a column, in characters from 1. What a terminal would take for a
    /// command is shown as a replacement character.
    pub fn of(line: &str, column: u32) -> Excerpt {
        let shown = |c: char| if c.is_control() && c != '\t' { char::REPLACEMENT_CHARACTER } else { c };
        let length = line.chars().count();
        if length <= WIDEST {
            return Excerpt { text: line.chars().map(shown).collect(), first_column: 1 };
        }
        let before = (column.saturating_sub(1) as usize).saturating_sub(WIDEST / 4).min(length - WIDEST);
        let mut shown: Vec<char> = line.chars().skip(before).take(WIDEST).map(shown).collect();
        if before > 0 {
            shown[0] = '…';
        }
        if before + WIDEST < length {
            shown[WIDEST - 1] = '…';
        }
        Excerpt { text: shown.into_iter().collect(), first_column: before as u32 + 1 }
    }
}

impl Diagnostic {
    /// An error about a whole line of a file.
    pub fn at_line(file: &str, line: u32, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            file: file.to_owned(),
            line,
            column: 1,
            end_column: 2,
            message: message.into(),
            help: None,
            excerpt: None,
        }
    }

    /// The message with the line it is about and a caret under the place, as
    /// plain text. `source` is the text of the script: the line is taken from there where
    /// [`Diagnostic::excerpt`] has none.
    ///
    /// ```text
    /// error: unknown name `tempoo`
    ///   set.lua:3:1
    ///   |
    /// 3 | tempoo(120)
    ///   | ^^^^^^
    ///   = did you mean `tempo`?
    /// ```
    pub fn render(&self, source: &str) -> String {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let mut text = format!("{severity}: {}\n", self.message);
        text += &format!("{margin} {}:{}:{}\n", self.file, self.line, self.column);
        let line = || source.lines().nth(self.line.saturating_sub(1) as usize);
        let excerpt = self.excerpt.as_deref().cloned().or_else(|| Some(Excerpt::of(line()?, self.column)));
        if let Some(Excerpt { text: line, first_column }) = excerpt {
            let before: String = line
                .chars()
                .take(self.column.saturating_sub(first_column) as usize)
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .collect();
            let end = self.end_column.min(first_column + WIDEST as u32);
            let carets = "^".repeat(end.saturating_sub(self.column).max(1) as usize);
            text += &format!("{margin} |\n{number} | {line}\n{margin} | {before}{carets}\n");
        }
        if let Some(help) = &self.help {
            text += &format!("{margin} = {help}\n");
        }
        text
    }
}

/// `set.lua:3:1: unknown name …`, on one line.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostic {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_place() {
        let diagnostic = Diagnostic {
            severity: Severity::Error,
            file: "set.lua".to_owned(),
            line: 2,
            column: 7,
            end_column: 11,
            message: "unknown name `tune`".to_owned(),
            help: Some("did you mean `tunes`?".to_owned()),
            excerpt: None,
        };
        let text = "error: unknown name `tune`\n  set.lua:2:7\n  |\n2 | \tplay(tune)\n  | \t     ^^^^\n  \
                    = did you mean `tunes`?\n";
        assert_eq!(diagnostic.render("-- é\n\tplay(tune)"), text);
        assert_eq!(diagnostic.to_string(), "set.lua:2:7: unknown name `tune` (did you mean `tunes`?)");
        let own = Diagnostic { excerpt: Some(Box::new(Excerpt::of("\tplay(tune)", 7))), ..diagnostic };
        assert_eq!(own.render("another file\naltogether"), text);
    }

    #[test]
    fn a_long_line_is_shown_around_the_place() {
        let line = format!("{}wrong{}", "a".repeat(1_000), "b".repeat(1_000));
        let at = Diagnostic { column: 1_001, end_column: 1_006, ..Diagnostic::at_line("set.lua", 1, "no") };
        let (before, after) = ("a".repeat(49), "b".repeat(144));
        let shown = format!("…{before}wrong{after}…");
        assert_eq!(shown.chars().count(), WIDEST);
        let text = format!("error: no\n  set.lua:1:1001\n  |\n1 | {shown}\n  | {}^^^^^\n", " ".repeat(50));
        assert_eq!(at.render(&line), text);
        for column in [1, 2, 199, 200, 201, 1_999, 2_000, 2_005, 2_006] {
            let Excerpt { text, first_column } = Excerpt::of(&line, column);
            assert_eq!(text.chars().count(), WIDEST, "{column}");
            assert!((first_column..=first_column + WIDEST as u32).contains(&column), "{column}");
        }
    }
}
