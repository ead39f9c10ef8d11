//! The characters and lines of an ABC file, whatever program wrote it.

/// The text of a file: UTF-8 or UTF-16 with or without a byte order mark; what is neither is read as
/// Latin-1, in which the older collections are written and which any bytes are.
pub fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => narrow(rest),
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => match zeros(bytes) {
            // Most of ABC is ASCII, so that every other byte of UTF-16 is zero.
            (even, odd) if odd * 8 > bytes.len() && odd > even => wide(bytes, u16::from_le_bytes),
            (even, odd) if even * 8 > bytes.len() && even > odd => wide(bytes, u16::from_be_bytes),
            _ => narrow(bytes),
        },
    }
}

fn narrow(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// How many zero bytes stand at even and at odd places.
fn zeros(bytes: &[u8]) -> (usize, usize) {
    let count = |from: usize| bytes.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    (count(0), count(1))
}

/// The lines of a text with their numbers from 1. Lines end as Unix, Windows or the old Macintosh end them; a
/// byte order mark is no part of a line.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.find(['\n', '\r']) else {
            rest = None;
            return Some(text);
        };
        let after = &text[end..];
        rest = Some(after.strip_prefix("\r\n").unwrap_or(&after[1..]));
        Some(&text[..end])
    })
    .map(|line| line.trim_start_matches('\u{feff}'))
    .enumerate()
    .map(|(index, line)| (index + 1, line))
}

/// The text before a comment, without what is left of the web page that it was copied from; `\%` is no comment.
pub(super) fn cleaned(line: &str) -> String {
    let mut escaped = false;
    let mut end = line.len();
    for (at, c) in line.char_indices() {
        if c == '%' && !escaped {
            end = at;
            break;
        }
        escaped = c == '\\';
    }
    without_tags(&line[..end])
}

/// Tags that end lines and paragraphs of web pages. No note begins with these letters, unlike `<b>`, which may be a
/// broken rhythm on both sides of a note.
const TAGS: [&str; 4] = ["br", "p", "hr", "pre"];

fn without_tags(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('<') {
        kept.push_str(&rest[..at]);
        let inner = &rest[at + 1..];
        // The longest is `<br />` with a space to spare: a line of a million marks is not searched for each.
        let tag = inner.bytes().take(8).position(|byte| byte == b'>').filter(|&end| {
            let name = inner[..end].trim_matches(|c: char| c == '/' || c.is_whitespace());
            TAGS.iter().any(|tag| name.eq_ignore_ascii_case(tag))
        });
        match tag {
            Some(end) => rest = &inner[end + 1..],
            None => {
                kept.push('<');
                rest = inner;
            }
        }
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_any_program() {
        let text = "X:1\nT:Été\n";
        let wide = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
        for (name, bytes) in [
            ("UTF-8", text.as_bytes().to_vec()),
            ("UTF-8 with a mark", [b"\xEF\xBB\xBF", text.as_bytes()].concat()),
            ("UTF-16, least first", [vec![0xFF, 0xFE], wide(u16::to_le_bytes)].concat()),
            ("UTF-16, most first", [vec![0xFE, 0xFF], wide(u16::to_be_bytes)].concat()),
            ("UTF-16 without a mark", wide(u16::to_le_bytes)),
            ("the other way round", wide(u16::to_be_bytes)),
            ("Latin-1", latin),
        ] {
            assert_eq!(decode(&bytes), text, "{name}");
        }
    }

    #[test]
    fn lines_of_any_program() {
        for text in ["a\n\nb", "a\r\n\r\nb", "a\r\rb", "\u{feff}a\n\nb"] {
            assert_eq!(lines(text).collect::<Vec<_>>(), [(1, "a"), (2, ""), (3, "b")], "{text:?}");
        }
    }

    #[test]
    fn what_is_no_music_is_cleaned_away() {
        for (line, expected) in [
            ("AB % c", "AB "),
            ("AB \\% c", "AB \\% c"),
            ("AB|<br>", "AB|"),
            ("AB|<BR />cd", "AB|cd"),
            ("A<b>c", "A<b>c"),
            ("A<c", "A<c"),
        ] {
            assert_eq!(cleaned(line), expected, "{line}");
        }
    }
}
