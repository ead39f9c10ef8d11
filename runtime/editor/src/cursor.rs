//! What stands at a place of a script: the name or the string that a cursor touches.

use crate::tokens::{Token, TokenKind, tokens};

/// What a cursor touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// A name, perhaps an empty one that is about to be typed.
    Name {
        /// The bytes of the name.
        span: (usize, usize),
        /// The whole name.
        word: &'a str,
        /// `.` or `:` when the name follows one.
        after: Option<char>,
        /// The name before that dot or colon.
        owner: Option<&'a str>,
    },
    /// The inside of a string.
    Text {
        /// The bytes of its content.
        span: (usize, usize),
        /// Its content.
        content: &'a str,
        /// The function whose first argument it is, as in `drums "bd"` and `play("lead", …)`.
        function: Option<&'a str>,
    },
    /// A comment, where nothing is known.
    Comment,
}

/// What the cursor at `byte` of `text` touches.
pub fn place_at(text: &str, byte: usize) -> Place<'_> {
    let tokens = tokens(text);
    let before = |index: usize, back: usize| index.checked_sub(back).map(|index| tokens[index]);
    let word = |token: Option<Token>| {
        token.filter(|token| token.kind == TokenKind::Word).map(|token| token.of(text))
    };
    let mark = |token: Option<Token>| match token?.kind {
        TokenKind::Mark(mark) => Some(mark),
        _ => None,
    };
    let name = |span: (usize, usize), index: usize| {
        let after = mark(before(index, 1)).filter(|mark| matches!(mark, '.' | ':'));
        let owner = after.and_then(|_| word(before(index, 2)));
        Place::Name { span, word: &text[span.0..span.1], after, owner }
    };
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| token.touches(byte)) {
        match token.kind {
            TokenKind::Text => {
                let function = match mark(before(index, 1)) {
                    Some('(') => word(before(index, 2)),
                    _ => word(before(index, 1)),
                };
                return Place::Text { span: (token.start, token.end), content: token.of(text), function };
            }
            TokenKind::Comment if token.start < byte => return Place::Comment,
            TokenKind::Word => return name((token.start, token.end), index),
            TokenKind::Comment | TokenKind::Mark(_) => {}
        }
    }
    let next = tokens.iter().take_while(|token| token.end <= byte).count();
    name((byte, byte), next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(marked: &str) -> String {
        let byte = marked.find('|').expect("the cursor");
        let text = marked.replacen('|', "", 1);
        match place_at(&text, byte) {
            Place::Name { word, after, owner, .. } => {
                format!("{}{}{word}", owner.unwrap_or(""), after.map(String::from).unwrap_or_default())
            }
            Place::Text { content, function, .. } => format!("{} “{content}”", function.unwrap_or("?")),
            Place::Comment => "comment".into(),
        }
    }

    #[test]
    fn the_cursor_knows_where_it_is() {
        let table = [
            ("pl|ay(x)", "play"),
            ("play|(x)", "play"),
            ("|", ""),
            ("play(|)", ""),
            ("folk:sam|ple { bars = 4 }", "folk:sample"),
            ("folk:|", "folk:"),
            ("reward.|\nplay()", "reward."),
            ("model \"fo|lk\"", "model “folk”"),
            ("model(\"|\")", "model “”"),
            ("drums \"bd |", "drums “bd ”"),
            ("play(\"lead\", model 'f|')", "model “f”"),
            ("x = { \"a|\" }", "? “a”"),
            ("-- play |", "comment"),
            ("x --[[ | ]] y", "comment"),
            ("|-- play", ""),
        ];
        for (marked, expected) in table {
            assert_eq!(shown(marked), expected, "{marked}");
        }
    }
}
