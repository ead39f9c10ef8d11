//! Cuts mini-notation into tokens, each with its place in the text.

use std::ops::Range;

use super::MiniError;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    /// A word or a number: its text is the token's.
    Word,
    /// `~`, or `-` by itself.
    Rest,
    /// `_` by itself.
    Hold,
    /// `.` by itself.
    Foot,
    /// `..`
    Range,
    /// One of the signs of [`SIGNS`].
    Sign(char),
}

/// A token and its bytes in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) symbol: Symbol,
    pub(super) at: Range<usize>,
}

/// Signs that are tokens by themselves.
const SIGNS: &str = "[]<>{}(),|*/!@?%";

/// True for what words are made of.
fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '#' | '-' | '.' | '\'' | '_')
}

/// All tokens of `text`, spaces and line ends left out.
///
/// # Errors
/// At the first character that has no meaning.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, MiniError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (symbol, length) = match c {
            _ if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '~' => (Symbol::Rest, 1),
            _ if SIGNS.contains(c) => (Symbol::Sign(c), 1),
            _ if rest.starts_with("..") => (Symbol::Range, 2),
            _ if in_word(c) => word(rest),
            ':' => {
                return Err(MiniError::new(at..at + 1, "`:` needs a word before it and a number after it")
                    .help("write it without spaces, as in bd:3"));
            }
            _ => {
                return Err(MiniError::new(
                    at..at + c.len_utf8(),
                    format!("`{c}` means nothing in a pattern"),
                )
                .help("words are made of letters, digits and # - . ' _, and a rest is ~"));
            }
        };
        tokens.push(Token { symbol, at: at..at + length });
        at += length;
    }
    Ok(tokens)
}

/// The word that `text` begins with, and its length in bytes: `..` ends it, and `:`
/// belongs to it when a word follows.
fn word(text: &str) -> (Symbol, usize) {
    let mut length = 0;
    while let Some(c) = text[length..].chars().next() {
        let rest = &text[length..];
        let joins = c == ':' && rest[1..].starts_with(in_word) && !rest[1..].starts_with("..");
        if rest.starts_with("..") || !(in_word(c) || joins) {
            break;
        }
        length += c.len_utf8();
    }
    let symbol = match &text[..length] {
        "-" => Symbol::Rest,
        "_" => Symbol::Hold,
        "." => Symbol::Foot,
        _ => Symbol::Word,
    };
    (symbol, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_signs() {
        let text = "bd:3*2 c#4' é ~ - _ . 0..3 -1";
        let cut: Vec<(Symbol, &str)> =
            tokens(text).expect("well formed").into_iter().map(|t| (t.symbol, &text[t.at])).collect();
        use Symbol::*;
        assert_eq!(
            cut,
            [
                (Word, "bd:3"),
                (Sign('*'), "*"),
                (Word, "2"),
                (Word, "c#4'"),
                (Word, "é"),
                (Rest, "~"),
                (Rest, "-"),
                (Hold, "_"),
                (Foot, "."),
                (Word, "0"),
                (Range, ".."),
                (Word, "3"),
                (Word, "-1"),
            ]
        );
    }

    #[test]
    fn what_means_nothing() {
        let error = tokens("bd & sd").unwrap_err();
        assert_eq!((error.at, error.message.as_str()), (3..4, "`&` means nothing in a pattern"));
        let error = tokens("bd: 3").unwrap_err();
        assert_eq!(error.at, 2..3);
    }
}
