//! Columns: the language server protocol counts UTF-16 units from 0, Lilt counts characters from 1.

use lsp_types::{Position, Range};

use crate::protocol::Diagnostic;

/// The line `number` (counted from 0) without its line end; empty after the last one.
pub fn line_of(text: &str, number: u32) -> &str {
    let line = text.split('\n').nth(number as usize).unwrap_or("");
    line.strip_suffix('\r').unwrap_or(line)
}

/// The UTF-16 units before the character column `column` (counted from 1) of a line; a column behind the
/// line's end means its end.
pub fn utf16_of_column(line: &str, column: u32) -> u32 {
    let before = column.saturating_sub(1) as usize;
    line.chars().take(before).map(|character| character.len_utf16() as u32).sum()
}

/// The byte of `text` at which a position of the editor stands. A position inside a character means its
/// start, one behind a line's end that end.
pub fn byte_of_position(text: &str, position: Position) -> usize {
    let start: usize = text.split_inclusive('\n').take(position.line as usize).map(str::len).sum();
    let mut units = 0;
    for (byte, character) in line_of(text, position.line).char_indices() {
        units += character.len_utf16() as u32;
        if units > position.character {
            return start + byte;
        }
    }
    start + line_of(text, position.line).len()
}

/// The position of the editor at a byte of `text`.
///
/// # Panics
/// Never: a byte inside a character or behind the end means the character's or the text's own.
pub fn position_of_byte(text: &str, byte: usize) -> Position {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    let before = &text[..byte];
    let line = before.matches('\n').count() as u32;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    Position { line, character: before[start..].encode_utf16().count() as u32 }
}

/// The range that a diagnostic marks in `text`: at least one character, except at a line's end.
pub fn range_of(diagnostic: &Diagnostic, text: &str) -> Range {
    let number = diagnostic.line.saturating_sub(1);
    let line = line_of(text, number);
    let end = diagnostic.end_column.max(diagnostic.column.saturating_add(1));
    Range {
        start: Position { line: number, character: utf16_of_column(line, diagnostic.column) },
        end: Position { line: number, character: utf16_of_column(line, end) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Severity;
    use proptest::prelude::*;

    fn marked(text: &str, line: u32, column: u32, end_column: u32) -> (u32, u32, u32) {
        let diagnostic = Diagnostic {
            severity: Severity::Error,
            file: String::new(),
            line,
            column,
            end_column,
            message: String::new(),
            help: None,
        };
        let range = range_of(&diagnostic, text);
        assert_eq!(range.start.line, range.end.line);
        (range.start.line, range.start.character, range.end.character)
    }

    #[test]
    fn a_column_behind_an_emoji_is_two_units_further() {
        let text = "play(\"🎹\", é, x)\r\n🎹🎹\n";
        // (line, column, end column) as Lilt counts, (line, first, after the last) as the editor does
        let table = [
            ((1, 1, 5), (0, 0, 4)),
            ((1, 7, 8), (0, 6, 8)),
            ((1, 11, 12), (0, 11, 12)),
            ((1, 14, 15), (0, 14, 15)),
            ((1, 14, 14), (0, 14, 15)),
            ((1, 99, 100), (0, 16, 16)),
            ((2, 2, 3), (1, 2, 4)),
            ((3, 1, 2), (2, 0, 0)),
            ((9, 1, 2), (8, 0, 0)),
            ((0, 0, 0), (0, 0, 0)),
        ];
        for ((line, column, end), expected) in table {
            assert_eq!(marked(text, line, column, end), expected, "{line}:{column}-{end}");
        }
    }

    #[test]
    fn a_position_finds_its_byte() {
        let text = "a🎹b\r\né\n";
        let table = [
            ((0, 0), 0),
            ((0, 1), 1),
            ((0, 2), 1),
            ((0, 3), 5),
            ((0, 4), 6),
            ((0, 50), 6),
            ((1, 1), 10),
            ((2, 0), 11),
            ((7, 7), 11),
        ];
        for ((line, character), byte) in table {
            assert_eq!(byte_of_position(text, Position { line, character }), byte, "{line}:{character}");
        }
    }

    proptest! {
        #[test]
        fn bytes_and_positions_agree(text in "[a🎹é\n\"]{0,40}", index in 0usize..41) {
            let byte = text.char_indices().map(|(byte, _)| byte).nth(index).unwrap_or(text.len());
            prop_assert_eq!(byte_of_position(&text, position_of_byte(&text, byte)), byte);
        }

        #[test]
        fn any_column_is_in_its_line(line in "\\PC{0,20}", column in any::<u32>()) {
            prop_assert!(utf16_of_column(&line, column) as usize <= line.encode_utf16().count());
        }
    }
}
