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
        }
    }

    /// The message with the line it is about and a caret under the place, as
    /// plain text. `source` is the text of [`Diagnostic::file`].
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
        if let Some(line) = source.lines().nth(self.line.saturating_sub(1) as usize) {
            let before: String = line
                .chars()
                .take(self.column.saturating_sub(1) as usize)
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .collect();
            let carets = "^".repeat(self.end_column.saturating_sub(self.column).max(1) as usize);
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
        };
        let text = "error: unknown name `tune`\n  set.lua:2:7\n  |\n2 | \tplay(tune)\n  | \t     ^^^^\n  \
                    = did you mean `tunes`?\n";
        assert_eq!(diagnostic.render("-- é\n\tplay(tune)"), text);
        assert_eq!(diagnostic.to_string(), "set.lua:2:7: unknown name `tune` (did you mean `tunes`?)");
    }
}
