//! Reads mini-notation sign by sign. Spaces matter in two places only: a number belongs to the sign right
//! before it (`a!3`, but `a ! 3` is a, a and a step called 3), and words end at them.

use std::ops::Range;

use super::MiniError;
use super::leaf::{Value, decimal};

/// What a row goes on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    /// A word or a number.
    Word,
    /// `~` or `-` by itself.
    Rest,
    /// `_` by itself.
    Hold,
    /// `.` by itself.
    Foot,
    /// One of the signs of [`SIGNS`].
    Sign(char),
}

/// Signs that mean something by themselves.
const SIGNS: &str = "[]<>{}(),|*/!@?%:";

/// True for what words are made of.
fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '#' | '-' | '.' | '\'' | '_' | '~' | '^')
}

/// A place in a text.
pub(super) struct Cursor<'a> {
    text: &'a str,
    next: usize,
    last: Option<Range<usize>>,
}

impl<'a> Cursor<'a> {
    /// # Errors
    /// At the first character that has no meaning.
    pub(super) fn new(text: &'a str) -> Result<Cursor<'a>, MiniError> {
        let strange = |c: &char| !(c.is_whitespace() || in_word(*c) || SIGNS.contains(*c));
        match text.char_indices().find(|(_, c)| strange(c)) {
            None => Ok(Cursor { text, next: 0, last: None }),
            Some((at, c)) => {
                Err(MiniError::new(at..at + c.len_utf8(), format!("`{c}` means nothing in a pattern"))
                    .help("words are made of letters, digits and # - . ' _, and a rest is ~"))
            }
        }
    }

    /// What is written at `at`.
    pub(super) fn text_at(&self, at: &Range<usize>) -> &'a str {
        self.text.get(at.clone()).unwrap_or_default()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.next..).unwrap_or_default()
    }

    /// The place of what was taken last.
    pub(super) fn last(&self) -> Option<&Range<usize>> {
        self.last.as_ref()
    }

    /// Where what was taken last ends.
    pub(super) fn end(&self) -> usize {
        self.last.as_ref().map_or(0, |last| last.end)
    }

    /// Goes on to what is no space; true where there was one.
    pub(super) fn skip_space(&mut self) -> bool {
        let spaces = self.rest().len() - self.rest().trim_start().len();
        self.next += spaces;
        spaces > 0
    }

    /// The word characters from here on. A chord, which begins with a capital letter or has its kind in quotes, may
    /// have a bass behind a slash, and one with a sixth its ninth (`C6/9`).
    fn run(&self) -> &'a str {
        let rest = self.rest();
        let length = |text: &str| text.find(|c| !in_word(c)).unwrap_or(text.len());
        let word = length(rest);
        let is_chord = rest.starts_with(|c: char| ('A'..='G').contains(&c)) || rest[..word].contains('\'');
        let bass = rest[word..].strip_prefix('/').filter(|_| is_chord).unwrap_or("");
        let is_ninth = rest[..word].ends_with('6') && bass.starts_with('9') && length(bass) == 1;
        let is_bass = is_ninth || bass.starts_with(|c: char| c.is_ascii_alphabetic());
        let bass = if is_bass { 1 + length(bass) } else { 0 };
        &rest[..word + bass]
    }

    /// What stands here where a step may begin.
    pub(super) fn symbol(&mut self) -> Option<Symbol> {
        self.skip_space();
        match self.run() {
            "" => self.sign().map(Symbol::Sign),
            "~" | "-" => Some(Symbol::Rest),
            "_" => Some(Symbol::Hold),
            "." => Some(Symbol::Foot),
            _ => Some(Symbol::Word),
        }
    }

    /// The place of [`Cursor::symbol`], or the end of the text.
    pub(super) fn here(&mut self) -> Range<usize> {
        let length = match self.symbol() {
            None => 0,
            Some(Symbol::Sign(c)) => c.len_utf8(),
            Some(_) => self.run().len(),
        };
        self.next..self.next + length
    }

    /// Takes what [`Cursor::here`] shows.
    pub(super) fn advance(&mut self) -> Range<usize> {
        let here = self.here();
        self.took(here)
    }

    fn took(&mut self, at: Range<usize>) -> Range<usize> {
        self.next = at.end;
        self.last = Some(at.clone());
        at
    }

    /// Takes `symbol`, if it stands here.
    pub(super) fn take(&mut self, symbol: Symbol) -> Option<Range<usize>> {
        (self.symbol() == Some(symbol)).then(|| self.advance())
    }

    /// The character here, spaces not skipped.
    pub(super) fn sign(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes `sign`, if it stands here, spaces not skipped: `_` works on what is before it even where
    /// letters follow.
    pub(super) fn take_sign(&mut self, sign: &str) -> Option<Range<usize>> {
        self.rest().starts_with(sign).then(|| self.took(self.next..self.next + sign.len()))
    }

    /// Takes `..` where something that it could count to follows; else it is a word like any other.
    pub(super) fn take_range(&mut self) -> Option<Range<usize>> {
        let before = (self.next, self.last.clone());
        let at = self.take_sign("..")?;
        if matches!(self.symbol(), Some(Symbol::Word | Symbol::Rest | Symbol::Sign('[' | '<' | '{'))) {
            return Some(at);
        }
        (self.next, self.last) = before;
        None
    }

    /// Takes the number right here: a sign, digits, a fraction, an exponent.
    pub(super) fn take_number(&mut self) -> Option<(Value, Range<usize>)> {
        let length = number_length(self.rest());
        let value = decimal(self.rest().get(..length)?)?;
        Some((value, self.took(self.next..self.next + length)))
    }
}

/// How many bytes at the beginning of `text` are a number, 0 for none. After a zero no further digit of the
/// whole part follows.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())
    };
    let starts = |from: usize, c: char| text.get(from..).is_some_and(|rest| rest.starts_with(c));
    let mut length = usize::from(text.starts_with('-'));
    let whole = if starts(length, '0') { 1 } else { digits(length) };
    if whole == 0 {
        // `.5` alone is a number too, for `?.5`.
        let point = starts(length, '.') && digits(length + 1) > 0;
        return if point { length + 1 + digits(length + 1) } else { 0 };
    }
    length += whole;
    if starts(length, '.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if starts(length, 'e') || starts(length, 'E') {
        let sign = usize::from(starts(length + 1, '-') || starts(length + 1, '+'));
        let power = digits(length + 1 + sign);
        if power > 0 {
            length += 1 + sign + power;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_signs() {
        let text = "bd:3*2 c#4' é ~ - _ . 0..3 -1 a~ .. ^";
        let mut cursor = Cursor::new(text).expect("well formed");
        let mut cut = Vec::new();
        while let Some(symbol) = cursor.symbol() {
            let at = cursor.advance();
            cut.push((symbol, &text[at]));
        }
        use Symbol::*;
        assert_eq!(
            cut,
            [
                (Word, "bd"),
                (Sign(':'), ":"),
                (Word, "3"),
                (Sign('*'), "*"),
                (Word, "2"),
                (Word, "c#4'"),
                (Word, "é"),
                (Rest, "~"),
                (Rest, "-"),
                (Hold, "_"),
                (Foot, "."),
                (Word, "0..3"),
                (Word, "-1"),
                (Word, "a~"),
                (Word, ".."),
                (Word, "^"),
            ]
        );
    }

    #[test]
    fn numbers_end_where_they_are_none_any_more() {
        for (text, number) in [
            ("3b", "3"),
            ("0.5..3", "0.5"),
            ("3..5", "3"),
            ("-1.5", "-1.5"),
            ("03", "0"),
            ("1e3", "1e3"),
            ("1e", "1"),
            (".5 ", ".5"),
            ("b", ""),
            ("-", ""),
            ("", ""),
        ] {
            assert_eq!(&text[..number_length(text)], number, "{text}");
        }
    }

    #[test]
    fn what_means_nothing() {
        let error = Cursor::new("bd & sd").err().expect("refused");
        assert_eq!((error.at, error.message.as_str()), (3..4, "`&` means nothing in a pattern"));
    }
}
