//! What a text must be before Luau sees it: Luau takes one that begins with a byte below 9 for bytecode, which
//! it does not check, and ends one at its first zero byte.

use crate::fault::Fault;

/// The text without the byte order mark that some editors put first.
pub(crate) fn stripped(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// What is wrong with a text that is none; `None` for one that may be compiled.
pub(crate) fn unreadable(text: &str) -> Option<Fault> {
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        let fault = Fault::new("there is a zero byte in this text").at(at..at + 1);
        return Some(fault.help("a script is plain text: delete it, or save the file anew"));
    }
    let first =
        text.bytes().next().filter(|first| first.is_ascii_control() && !first.is_ascii_whitespace())?;
    let fault = Fault::new(format!("this is no text: it begins with byte {first}")).at(0..1);
    Some(fault.help("a script is plain text, never a compiled one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_text_is_readable() {
        for text in ["", "play", "\tplay", "\r\nplay", "\u{c}play", "é", "-- a bell \u{7}"] {
            assert_eq!(unreadable(text), None, "{text:?}");
        }
        for text in ["\u{1}", "\u{3}play", "\u{8}", "\u{1f}", "\u{7f}", "\0", "play\0", "-- \0"] {
            assert!(unreadable(text).is_some(), "{text:?}");
        }
        assert_eq!(stripped("\u{feff}play"), "play");
        assert_eq!(stripped("play\u{feff}"), "play\u{feff}");
    }
}
