//! Bounds on what is said to the performer: what is cut says how much was cut.

use crate::diagnostic::{Diagnostic, Severity};

/// Most notices of one evaluation.
const MOST_NOTICES: usize = 100;

/// The text, or its first `longest` bytes and how many were left out.
pub(crate) fn cut(mut text: String, longest: usize) -> String {
    if text.len() > longest {
        let end = text.floor_char_boundary(longest);
        let left_out = text.len() - end;
        text.truncate(end);
        text.shrink_to_fit();
        text += &format!("… ({left_out} bytes more)");
    }
    text
}

/// Lines that a script printed.
#[derive(Default)]
pub(crate) struct Printed {
    lines: Vec<String>,
    left_out: usize,
}

impl Printed {
    /// One more line; beyond `most` they are only counted.
    pub fn add(&mut self, line: String, most: Option<usize>, longest: Option<usize>) {
        match most {
            Some(most) if self.lines.len() >= most => self.left_out += 1,
            _ => self.lines.push(match longest {
                Some(longest) => cut(line, longest),
                None => line,
            }),
        }
    }

    /// How many lines are kept, and how many are left out.
    pub fn length(&self) -> (usize, usize) {
        (self.lines.len(), self.left_out)
    }

    /// As it was when it had this length.
    pub fn shorten(&mut self, (lines, left_out): (usize, usize)) {
        self.lines.truncate(lines);
        self.left_out = left_out;
    }

    /// The lines, and how many are left out.
    pub fn told(mut self) -> Vec<String> {
        if self.left_out > 0 {
            self.lines.push(format!("… ({} lines more)", self.left_out));
        }
        self.lines
    }
}

/// What an evaluation plays otherwise than it is written, each said once.
#[derive(Default)]
pub(crate) struct Notices {
    notices: Vec<Diagnostic>,
    left_out: usize,
}

impl Notices {
    /// One more notice, unless it was said before; beyond a hundred they are only counted.
    pub fn add(&mut self, notice: Diagnostic) {
        if self.notices.contains(&notice) {
            return;
        }
        match self.notices.len() < MOST_NOTICES {
            true => self.notices.push(notice),
            false => self.left_out += 1,
        }
    }

    /// The notices, and how many are left out.
    pub fn told(mut self) -> Vec<Diagnostic> {
        if let Some(last) = self.notices.last().filter(|_| self.left_out > 0) {
            let message = format!("… ({} notices more)", self.left_out);
            let more = Diagnostic::at_line(&last.file, last.line, message);
            self.notices.push(Diagnostic { severity: Severity::Warning, ..more });
        }
        self.notices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_says_how_much() {
        assert_eq!(cut("short".to_owned(), 5), "short");
        assert_eq!(cut("longer".to_owned(), 5), "longe… (1 bytes more)");
        assert_eq!(cut("éé".to_owned(), 3), "é… (2 bytes more)");
    }
}
