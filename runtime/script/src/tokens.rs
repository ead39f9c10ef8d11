//! The words of a Lua text with their places: what a diagnostic points at, and
//! what the identity of a function is read from. The compiler itself is Luau's.

use std::ops::Range;

/// What kind of word a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or a keyword.
    Word,
    /// A number.
    Number,
    /// A string in quotes or long brackets.
    Text,
    /// An operator or a bracket.
    Sign,
}

/// One word of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// Which kind.
    pub kind: Kind,
    /// Byte range in the text, quotes included.
    pub at: Range<usize>,
    /// Line from 1 on which it begins.
    pub line: u32,
}

impl Token {
    /// The token as it is written.
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        &source[self.at.clone()]
    }

    /// True for a string in quotes that does not end.
    pub fn is_open(&self, source: &str) -> bool {
        let raw = self.text(source).as_bytes();
        let quoted = self.kind == Kind::Text && raw.first().is_some_and(|quote| *quote != b'[');
        quoted && (raw.len() < 2 || raw.last() != raw.first())
    }

    /// True for a string in long brackets that does not end.
    pub fn is_open_long(&self, source: &str) -> bool {
        let raw = self.text(source);
        let opener = &raw[..self.long_opener(source)];
        !opener.is_empty() && (raw.len() < 2 * opener.len() || !raw.ends_with(&opener.replace('[', "]")))
    }

    /// How long the bracket is with which a string in long brackets begins; 0 for another token.
    pub fn long_opener(&self, source: &str) -> usize {
        let raw = self.text(source).as_bytes();
        long_bracket(raw).filter(|_| self.kind == Kind::Text).map_or(0, |level| level + 2)
    }

    /// What a string token means, and for each byte of the meaning the byte of
    /// the source it was written at (one more for the end). `None` for another
    /// kind of token.
    pub fn meaning(&self, source: &str) -> Option<(Vec<u8>, Vec<usize>)> {
        if self.kind != Kind::Text {
            return None;
        }
        let raw = self.text(source).as_bytes();
        let quote = *raw.first()?;
        let (mut value, mut places) = (Vec::new(), Vec::new());
        if quote == b'[' {
            let level = long_bracket(raw)?;
            let mut start = level + 2;
            let end = raw.len().saturating_sub(level + 2).max(start);
            if raw.get(start) == Some(&b'\n') {
                start += 1;
            }
            let inside = start..end.max(start);
            value.extend(&raw[inside.clone()]);
            places.extend(inside.map(|i| self.at.start + i));
            places.push(self.at.start + end.max(start));
            return Some((value, places));
        }
        let closed = raw.len() > 1 && raw[raw.len() - 1] == quote;
        let end = if closed { raw.len() - 1 } else { raw.len() };
        let mut i = 1;
        while i < end {
            let from = i;
            let bytes = if raw[i] == b'\\' { escape(&raw[..end], &mut i) } else { plain(raw, &mut i) };
            places.extend(std::iter::repeat_n(self.at.start + from, bytes.len()));
            value.extend(bytes);
        }
        places.push(self.at.start + end);
        Some((value, places))
    }
}

fn plain(raw: &[u8], i: &mut usize) -> Vec<u8> {
    *i += 1;
    vec![raw[*i - 1]]
}

/// Reads one escape sequence that begins at `*i`.
fn escape(raw: &[u8], i: &mut usize) -> Vec<u8> {
    let Some(letter) = raw.get(*i + 1).copied() else {
        *i += 1;
        return vec![b'\\'];
    };
    *i += 2;
    let digits = |from: usize, most: usize, ok: fn(&u8) -> bool| {
        let count = raw[from..].iter().take(most).take_while(|byte| ok(byte)).count();
        (std::str::from_utf8(&raw[from..from + count]).unwrap_or(""), from + count)
    };
    match letter {
        b'n' => vec![b'\n'],
        b't' => vec![b'\t'],
        b'r' => vec![b'\r'],
        b'a' => vec![7],
        b'b' => vec![8],
        b'f' => vec![12],
        b'v' => vec![11],
        b'z' => {
            while raw.get(*i).is_some_and(u8::is_ascii_whitespace) {
                *i += 1;
            }
            Vec::new()
        }
        b'x' => {
            let (text, next) = digits(*i, 2, u8::is_ascii_hexdigit);
            *i = next;
            vec![u8::from_str_radix(text, 16).unwrap_or(0)]
        }
        b'u' => {
            let close = raw[*i..].iter().position(|byte| *byte == b'}').map_or(raw.len(), |n| *i + n);
            let text = std::str::from_utf8(&raw[(*i + 1).min(close)..close]).unwrap_or("");
            *i = (close + 1).min(raw.len());
            let letter = u32::from_str_radix(text, 16).ok().and_then(char::from_u32).unwrap_or('?');
            letter.to_string().into_bytes()
        }
        b'0'..=b'9' => {
            let (text, next) = digits(*i - 1, 3, u8::is_ascii_digit);
            *i = next;
            vec![text.parse::<u32>().unwrap_or(0) as u8]
        }
        other => vec![other],
    }
}

/// The number of `=` in a long bracket that opens at the start of `raw`.
fn long_bracket(raw: &[u8]) -> Option<usize> {
    let level = raw.get(1..)?.iter().take_while(|byte| **byte == b'=').count();
    (raw.first() == Some(&b'[') && raw.get(level + 1) == Some(&b'[')).then_some(level)
}

/// Where the long bracket that opens at the start of `raw` ends: its length.
fn long_length(raw: &[u8], level: usize) -> usize {
    let mut close = vec![b']'];
    close.extend(std::iter::repeat_n(b'=', level));
    close.push(b']');
    raw.windows(close.len()).position(|window| window == close).map_or(raw.len(), |n| n + close.len())
}

/// The tokens of a text, comments left out. Never fails: what is no Lua
/// becomes signs.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let bytes = source.as_bytes();
    let mut tokens = Vec::new();
    let (mut i, mut line) = (0, 1u32);
    let lines = |range: Range<usize>| bytes[range].iter().filter(|byte| **byte == b'\n').count() as u32;
    while i < bytes.len() {
        let byte = bytes[i];
        if byte.is_ascii_whitespace() {
            line += u32::from(byte == b'\n');
            i += 1;
            continue;
        }
        if bytes[i..].starts_with(b"--") {
            let length = match long_bracket(&bytes[i + 2..]) {
                Some(level) => 2 + long_length(&bytes[i + 2..], level),
                None => bytes[i..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - i),
            };
            line += lines(i..i + length);
            i += length;
            continue;
        }
        let (kind, length) = token_at(source, i);
        tokens.push(Token { kind, at: i..i + length, line });
        line += lines(i..i + length);
        i += length;
    }
    tokens
}

/// Kind and length of the token that begins at byte `i`.
fn token_at(source: &str, i: usize) -> (Kind, usize) {
    let rest = &source.as_bytes()[i..];
    let run = |ok: fn(&u8) -> bool| rest.iter().take_while(|byte| ok(byte)).count();
    let first = rest[0];
    if first.is_ascii_alphabetic() || first == b'_' {
        return (Kind::Word, run(|b| b.is_ascii_alphanumeric() || *b == b'_'));
    }
    let dotted = first == b'.' && rest.get(1).is_some_and(u8::is_ascii_digit);
    if first.is_ascii_digit() || dotted {
        let mut length = 0;
        while let Some(byte) = rest.get(length) {
            let exponent = length > 0 && matches!(rest[length - 1], b'e' | b'E') && !rest.starts_with(b"0x");
            let inside = byte.is_ascii_alphanumeric()
                || *byte == b'_'
                || (*byte == b'.' && rest.get(length + 1) != Some(&b'.'))
                || (exponent && matches!(byte, b'+' | b'-'));
            if !inside {
                break;
            }
            length += 1;
        }
        return (Kind::Number, length.max(1));
    }
    if matches!(first, b'"' | b'\'' | b'`') {
        return (Kind::Text, quoted_length(rest));
    }
    if let Some(level) = long_bracket(rest) {
        return (Kind::Text, long_length(rest, level));
    }
    const SIGNS: [&[u8]; 14] =
        [b"...", b"..=", b"//=", b"==", b"~=", b"<=", b">=", b"..", b"::", b"+=", b"-=", b"*=", b"/=", b"//"];
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(sign)) {
        return (Kind::Sign, sign.len());
    }
    (Kind::Sign, source[i..].chars().next().map_or(1, char::len_utf8))
}

/// Length of a string in quotes; one that is not closed ends with its line.
fn quoted_length(rest: &[u8]) -> usize {
    let mut i = 1;
    while i < rest.len() {
        match rest[i] {
            b'\\' => i += 2,
            b'\n' if rest[0] != b'`' => return i,
            byte if byte == rest[0] => return i + 1,
            _ => i += 1,
        }
    }
    // An escape at the very end steps over it, and so may a cut letter.
    rest.len()
}

/// What Lua keeps for itself.
const KEYWORDS: [&str; 21] = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while",
];

/// Whether a word is no name.
pub(crate) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// The tokens from a `function` to its `end`, given the index of `function`.
pub(crate) fn function_body(tokens: &[Token], source: &str, function: usize) -> Range<usize> {
    let mut depth = 0i32;
    for (i, token) in tokens.iter().enumerate().skip(function) {
        if token.kind != Kind::Word {
            continue;
        }
        // `while` and `for` count by their `do`.
        match token.text(source) {
            "function" | "do" | "repeat" => depth += 1,
            "if" if !begins_expression(tokens, source, i) => depth += 1,
            "end" | "until" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return function..i + 1;
        }
    }
    function..tokens.len()
}

/// True where the script has declared the name of token `i` by then: it is its own.
pub(crate) fn is_declared(tokens: &[Token], source: &str, i: usize) -> bool {
    let (declares, name) = (|word: &str| matches!(word, "function" | "local"), tokens[i].text(source));
    tokens[..i].windows(2).any(|pair| declares(pair[0].text(source)) && pair[1].text(source) == name)
}

/// True for the `if` of Luau's `if … then … else …` expression, which has no `end`:
/// it follows what must be followed by a value.
pub(crate) fn begins_expression(tokens: &[Token], source: &str, i: usize) -> bool {
    let Some(before) = i.checked_sub(1).map(|i| &tokens[i]) else { return false };
    match before.kind {
        Kind::Sign => !matches!(before.text(source), ")" | "]" | "}" | ";"),
        Kind::Word => matches!(before.text(source), "return" | "and" | "or" | "not" | "in"),
        Kind::Number | Kind::Text => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(source: &str) -> Vec<&str> {
        tokens(source).iter().map(|token| &source[token.at.clone()]).collect()
    }

    #[test]
    fn splits_lua_into_words() {
        for (source, expected) in [
            ("play(\"a b\", x) -- no", vec!["play", "(", "\"a b\"", ",", "x", ")"]),
            ("a..b 1..2 1.5e-3 .5", vec!["a", "..", "b", "1", "..", "2", "1.5e-3", ".5"]),
            ("[[long]] --[[ gone\n]] [==[ ]] ]==]", vec!["[[long]]", "[==[ ]] ]==]"]),
            ("'it\\'s' \"open\nnext", vec!["'it\\'s'", "\"open", "next"]),
            ("é = 1", vec!["é", "=", "1"]),
        ] {
            assert_eq!(words(source), expected, "{source}");
        }
    }

    #[test]
    fn a_string_knows_where_each_byte_was_written() {
        let source = r#"x = "a\tb\65\x42\u{e9}""#;
        let token = &tokens(source)[2];
        let (value, places) = token.meaning(source).expect("a string");
        assert_eq!(value, "a\tbABé".as_bytes());
        assert_eq!(&source[places[2]..=places[2]], "b");
        assert_eq!(places.len(), value.len() + 1);
    }

    #[test]
    fn a_function_ends_with_its_own_end() {
        let source = "f(function(x) if x then for i = 1, 2 do g() end end return x end, 3)";
        let tokens = tokens(source);
        let body = function_body(&tokens, source, 2);
        assert_eq!(tokens[body.end - 1].text(source), "end");
        assert_eq!(tokens[body.end].text(source), ",");
        let source = "f = function(x) return if x then 1 else 2 end g()";
        let tokens = super::tokens(source);
        assert_eq!(tokens[function_body(&tokens, source, 2).end].text(source), "g");
    }

    proptest! {
        #[test]
        fn any_text_is_cut_without_panic(source in "[a-z0-9\"'\\[\\]=\\-\\\\\n .é{}]{0,60}") {
            let tokens = tokens(&source);
            prop_assert!(tokens.windows(2).all(|pair| pair[0].at.end <= pair[1].at.start));
            for (i, token) in tokens.iter().enumerate() {
                let meant = token.meaning(&source);
                prop_assert!(meant.is_none_or(|(value, places)| places.len() == value.len() + 1));
                function_body(&tokens, &source, i);
            }
        }
    }
}
