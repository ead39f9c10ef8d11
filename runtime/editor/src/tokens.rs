//! The words and strings of a Lua text: as much of the grammar as hover and completion need. Every text has
//! tokens, half-written ones too.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or keyword.
    Word,
    /// A string; the span holds its content without the quotes.
    Text,
    /// A comment.
    Comment,
    /// One other character that is no white space.
    Mark(char),
}

/// A token and the bytes that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last one.
    pub end: usize,
}

impl Token {
    /// The token's own text.
    pub fn of<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start..self.end]
    }

    /// Whether a cursor at `byte` touches the token: inside, or just before or behind it.
    pub fn touches(&self, byte: usize) -> bool {
        self.start <= byte && byte <= self.end
    }
}

/// The tokens of `text` in order.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, start, end, next) = if let Some(comment) = rest.strip_prefix("--") {
            let long = long_bracket(comment).map(|(_, _, next)| 2 + next);
            let end = at + long.unwrap_or_else(|| rest.find('\n').unwrap_or(rest.len()));
            (TokenKind::Comment, at, end, end)
        } else if let Some((open, close, next)) = long_bracket(rest) {
            (TokenKind::Text, at + open, at + close, at + next)
        } else if matches!(character, '"' | '\'' | '`') {
            let (close, next) = quoted(rest, character);
            (TokenKind::Text, at + 1, at + close, at + next)
        } else if is_word(character) {
            let end = at + rest.find(|other: char| !is_word(other)).unwrap_or(rest.len());
            (TokenKind::Word, at, end, end)
        } else {
            let end = at + character.len_utf8();
            (TokenKind::Mark(character), at, end, end)
        };
        if !character.is_whitespace() {
            tokens.push(Token { kind, start, end });
        }
        at = next;
    }
    tokens
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Where the content of the quoted string that `rest` begins with ends, and where the string does. One
/// without an end stops at the end of its line, so that a half-typed string does not swallow the script.
fn quoted(rest: &str, quote: char) -> (usize, usize) {
    let mut escaped = false;
    for (byte, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' => return (byte, byte),
            _ if character == quote => return (byte, byte + 1),
            _ => {}
        }
    }
    (rest.len(), rest.len())
}

/// The start and end of the content and the end of the whole of the long string (`[[…]]`, `[=[…]=]`) that
/// `rest` begins with, if it does.
fn long_bracket(rest: &str) -> Option<(usize, usize, usize)> {
    let inner = rest.strip_prefix('[')?;
    let level = inner.len() - inner.trim_start_matches('=').len();
    if !inner[level..].starts_with('[') {
        return None;
    }
    let open = level + 2;
    let closing = format!("]{}]", "=".repeat(level));
    Some(match rest[open..].find(&closing) {
        Some(length) => (open, open + length, open + length + closing.len()),
        None => (open, rest.len(), rest.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |token: &Token| match token.kind {
            TokenKind::Word => token.of(text).to_string(),
            TokenKind::Text => format!("“{}”", token.of(text)),
            TokenKind::Comment => format!("({})", token.of(text)),
            TokenKind::Mark(mark) => mark.to_string(),
        };
        tokens(text).iter().map(show).collect()
    }

    #[test]
    fn lua_falls_into_words_strings_and_marks() {
        let table: [(&str, &[&str]); 9] = [
            ("", &[]),
            ("play(\"a\", b_2)", &["play", "(", "“a”", ",", "b_2", ")"]),
            ("x = 'it\\'s' -- no \"string\"\ny", &["x", "=", "“it\\'s”", "(-- no \"string\")", "y"]),
            ("--[[ two\nlines ]] x", &["(--[[ two\nlines ]])", "x"]),
            ("[==[ ]] ]==] y", &["“ ]] ”", "y"]),
            ("t[1] = é🎹", &["t", "[", "1", "]", "=", "é", "🎹"]),
            ("drums \"bd*2 [~ sd]\nplay", &["drums", "“bd*2 [~ sd]”", "play"]),
            ("[[ open", &["“ open”"]),
            ("\"", &["“”"]),
        ];
        for (text, expected) in table {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_tokens_in_order(text in "[a\"'\\[\\]=\\-\n\\\\ 🎹]{0,60}") {
            let tokens = tokens(&text);
            prop_assert!(tokens.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(tokens.iter().all(|token| text.get(token.start..token.end).is_some()));
        }
    }
}
