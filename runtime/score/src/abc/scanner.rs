//! The characters of one line of music, and a place among them.

use num_rational::Ratio;

use super::AbcErrorKind;

/// The largest numerator or denominator of a written length, and of a tuplet's number.
pub(super) const LARGEST: i64 = 1 << 12;

pub(super) struct Scanner<'a> {
    pub(super) chars: &'a [char],
    pub(super) at: usize,
}

impl Scanner<'_> {
    pub(super) fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Characters up to `end`, which is passed over; none if it is not on this line.
    pub(super) fn until(&mut self, end: char) -> Option<String> {
        let length = self.chars[self.at..].iter().position(|&c| c == end)?;
        let text = self.chars[self.at..self.at + length].iter().collect();
        self.at += length + 1;
        Some(text)
    }

    pub(super) fn number(&mut self) -> Result<Option<i64>, AbcErrorKind> {
        let mut value: Option<i64> = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            self.at += 1;
            let next = value.unwrap_or(0) * 10 + i64::from(digit);
            if next > LARGEST {
                return Err(AbcErrorKind::Number(LARGEST));
            }
            value = Some(next);
        }
        Ok(value)
    }

    /// A length after a note: `3`, `/`, `//`, `3/2`, `/4`.
    pub(super) fn length(&mut self) -> Result<Ratio<i64>, AbcErrorKind> {
        let numerator = self.number()?.unwrap_or(1);
        let mut denominator = 1;
        while self.eat('/') {
            denominator *= self.number()?.unwrap_or(2);
            if denominator == 0 || denominator > LARGEST {
                return Err(AbcErrorKind::Number(LARGEST));
            }
        }
        if numerator == 0 {
            return Err(AbcErrorKind::Number(LARGEST));
        }
        Ok(Ratio::new(numerator, denominator))
    }

    /// Passes over a decoration (`!trill!`, `+slide+`) whose first mark has been passed. A mark that opens none is an
    /// old line end.
    pub(super) fn decoration(&mut self, mark: char) {
        let rest = &self.chars[self.at..];
        let Some(length) = rest.iter().position(|&c| c == mark).filter(|&length| length > 0) else { return };
        let word = &rest[..length];
        let name = |c: &char| c.is_ascii_alphanumeric() || "()<>.^/-_~".contains(*c);
        // `!D.C. al fine!` is the only kind with spaces.
        let spaced = matches!(word, ['D' | 'd', '.', ..]);
        if word.iter().all(|c| name(c) || (spaced && *c == ' ')) {
            self.at += length + 1;
        }
    }

    /// Whether an old chord stands here, `CEG+` behind its first mark: notes alone, at least two of them.
    pub(super) fn old_chord(&self) -> bool {
        let rest = &self.chars[self.at..];
        let Some(length) = rest.iter().position(|&c| c == '+') else { return false };
        let text = &rest[..length];
        let letters = text.iter().filter(|c| matches!(c, 'A'..='G' | 'a'..='g')).count();
        let loud = text.iter().all(|&c| c == 'f');
        letters >= 2
            && !loud
            && text.iter().all(|c| matches!(c, 'A'..='G' | 'a'..='g') || "^_=,'/ -0123456789".contains(*c))
    }
}
