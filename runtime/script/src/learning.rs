//! `learn()`, which stands in a text until a knob is moved: where it is written.

use std::ops::Range;

use crate::tokens::{Kind, tokens};

/// Where the first `learn()` of a text stands, in bytes: what gives way to the number of a knob. One in a comment or
/// in quotes is none.
pub fn unlearnt(text: &str) -> Option<Range<usize>> {
    let tokens = tokens(text);
    let is = |i: usize, sign: &str| tokens.get(i).is_some_and(|token| token.text(text) == sign);
    let call = (0..tokens.len()).find(|&i| {
        let method = i > 0 && (is(i - 1, ".") || is(i - 1, ":"));
        tokens[i].kind == Kind::Word && is(i, "learn") && is(i + 1, "(") && is(i + 2, ")") && !method
    })?;
    Some(tokens[call].at.start..tokens[call + 2].at.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_call_gives_way() {
        for (text, gives_way) in [
            ("play(\"a\", \"c4\"):gain(cc(learn()))", Some("learn()")),
            ("x = 1 -- learn()\nlocal y = \"learn()\" z = cc( learn ( ) , 1) cc(learn())", Some("learn ( )")),
            ("me.learn() bird:learn() unlearn() learn", None),
            ("cc(learn(", None),
            ("", None),
        ] {
            assert_eq!(unlearnt(text).map(|at| &text[at]), gives_way, "{text}");
        }
    }
}
