//! What may stand where a value may: a word of the music, or a number that steers.

use std::ops::Range;

use super::tree::{Bound, Number};
use super::{MiniError, Word};
use crate::Beat;

/// Most words of a text, those counted by `..` and joined by `:` among them.
const MOST_WORDS: usize = 16_384;

/// A number as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// Exact.
    Is(Beat),
    /// One with more digits than anything here can need.
    Huge,
}

/// The words that were read so far.
#[derive(Debug, Default)]
pub(super) struct Words(Vec<Word>);

impl Words {
    fn add(&mut self, text: &str, at: &Range<usize>) -> Result<usize, MiniError> {
        if self.0.len() == MOST_WORDS {
            return Err(MiniError::new(at.clone(), format!("this makes more than {MOST_WORDS} words"))
                .help("use smaller numbers around `..`, and fewer words around `:`"));
        }
        self.0.push(Word { text: text.into(), at: at.clone() });
        Ok(self.0.len() - 1)
    }

    fn text(&self, word: usize) -> &str {
        self.0.get(word).map_or("", |word| &word.text)
    }

    /// All words.
    pub(super) fn all(self) -> Vec<Word> {
        self.0
    }
}

/// A value of a pattern while it is read.
pub(super) trait Leaf: Copy + Ord {
    /// The value that `text` at `at` is.
    fn read(words: &mut Words, text: &str, at: &Range<usize>) -> Result<Self, MiniError>;

    /// The number that it is, if it is one.
    fn number(self, words: &Words) -> Option<Beat>;

    /// `first:second`, written at `at`.
    fn joined(words: &mut Words, first: Self, second: Self, at: &Range<usize>) -> Result<Self, MiniError>;
}

impl Leaf for usize {
    fn read(words: &mut Words, text: &str, at: &Range<usize>) -> Result<usize, MiniError> {
        words.add(text, at)
    }

    fn number(self, words: &Words) -> Option<Beat> {
        match decimal(words.text(self)) {
            Some(Value::Is(value)) => Some(value),
            _ => None,
        }
    }

    fn joined(words: &mut Words, first: usize, second: usize, at: &Range<usize>) -> Result<usize, MiniError> {
        let text = format!("{}:{}", words.text(first), words.text(second));
        words.add(&text, at)
    }
}

impl Leaf for Number {
    fn read(_: &mut Words, text: &str, at: &Range<usize>) -> Result<Number, MiniError> {
        let error = |message| Err(MiniError::new(at.clone(), message).help("write one such as 3 or 1.5"));
        match decimal(text) {
            Some(Value::Is(value)) => Ok(Number(value)),
            Some(Value::Huge) => error(format!("`{text}` is too long a number")),
            None => error(format!("`{text}` is no number")),
        }
    }

    fn number(self, _: &Words) -> Option<Beat> {
        Some(self.0)
    }

    fn joined(_: &mut Words, _: Number, _: Number, at: &Range<usize>) -> Result<Number, MiniError> {
        Err(MiniError::new(at.clone(), "a number that steers has no `:`").help("write one such as 3 or 1.5"))
    }
}

impl Leaf for Bound {
    fn read(_: &mut Words, text: &str, at: &Range<usize>) -> Result<Bound, MiniError> {
        match decimal(text) {
            Some(Value::Is(value)) => Ok(Bound(Some(value))),
            Some(Value::Huge) => {
                let error = MiniError::new(at.clone(), format!("`{text}` is too long a number"));
                Err(error.help("write one such as 3 or 1.5"))
            }
            None => Ok(Bound(None)),
        }
    }

    fn number(self, _: &Words) -> Option<Beat> {
        self.0
    }

    fn joined(_: &mut Words, _: Bound, _: Bound, _: &Range<usize>) -> Result<Bound, MiniError> {
        Ok(Bound(None))
    }
}

/// A number as it is written: `3`, `-0.5`, `.5`, `1e3`.
pub(super) fn decimal(text: &str) -> Option<Value> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (digits, power) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let unsigned = power.strip_prefix(['-', '+']).unwrap_or(power);
    if unsigned.is_empty() || !are_digits(unsigned) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let Ok(power) = power.parse::<i32>() else { return Some(Value::Huge) };
    // Twelve digits on each side of the point, so that 10^24 is never reached.
    if whole.len() > 12 || fraction.len() > 12 || power.abs() > 12 {
        return Some(Value::Huge);
    }
    let part = |part: &str| if part.is_empty() { Some(0) } else { part.parse::<i64>().ok() };
    let (Some(whole), Some(parts)) = (part(whole), part(fraction)) else { return Some(Value::Huge) };
    let tens = |n: u32| Beat::whole(10i64.pow(n));
    let value = Beat::whole(whole) + Beat::whole(parts) / tens(fraction.len() as u32);
    let scale = tens(power.unsigned_abs());
    let value = if power < 0 { value / scale } else { value * scale };
    if value.numerator() > 1_000_000_000_000_000 || value.denominator() > 1_000_000_000_000 {
        return Some(Value::Huge);
    }
    Some(Value::Is(value * Beat::whole(sign)))
}

/// How a number that [`decimal`] read is written.
pub(super) fn written(value: Beat) -> String {
    let whole = value.abs().floor();
    let mut rest = value.abs() - Beat::whole(whole);
    let mut text = if value < Beat::ZERO { format!("-{whole}") } else { whole.to_string() };
    if !rest.is_zero() {
        text.push('.');
    }
    for _ in 0..24 {
        if rest.is_zero() {
            break;
        }
        rest = rest * Beat::whole(10);
        let digit = rest.floor();
        text.push_str(&digit.to_string());
        rest -= Beat::whole(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_they_are_written() {
        for (text, value) in [
            ("3", Some((3, 1))),
            ("-0.50", Some((-1, 2))),
            (".5", Some((1, 2))),
            ("2.", Some((2, 1))),
            ("1e3", Some((1000, 1))),
            ("25e-1", Some((5, 2))),
            ("007", Some((7, 1))),
            ("1.000001", Some((1_000_001, 1_000_000))),
            ("", None),
            (".", None),
            ("-", None),
            ("1e", None),
            ("1.2.3", None),
            ("c4", None),
        ] {
            assert_eq!(decimal(text), value.map(|(n, d)| Value::Is(Beat::new(n, d))), "{text}");
        }
        for text in ["1e30", "123456789012345", "0.1234567890123", "1e99999999999"] {
            assert_eq!(decimal(text), Some(Value::Huge), "{text}");
        }
        for text in ["3", "-0.5", "1.000001", "0", "120.25"] {
            let Some(Value::Is(value)) = decimal(text) else { panic!("{text}") };
            assert_eq!(written(value), text);
        }
    }
}
