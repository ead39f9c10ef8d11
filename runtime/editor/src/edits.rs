//! The changes of a text that an editor reports.

use lsp_types::TextDocumentContentChangeEvent;

use crate::position::byte_of_position;

/// The text after an editor's changes, each of which counts on the ones before it: a replaced range, or
/// without a range the whole new text.
///
/// Ranges that do not fit into the text mean the nearest place in it, as the protocol asks.
pub fn edited(mut text: String, changes: Vec<TextDocumentContentChangeEvent>) -> String {
    for change in changes {
        match change.range {
            None => text = change.text,
            Some(range) => {
                let start = byte_of_position(&text, range.start);
                let end = byte_of_position(&text, range.end).max(start);
                text.replace_range(start..end, &change.text);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::position_of_byte;
    use lsp_types::{Position, Range};
    use proptest::prelude::*;

    fn replace(range: Option<((u32, u32), (u32, u32))>, text: &str) -> TextDocumentContentChangeEvent {
        let position = |(line, character)| Position { line, character };
        let range = range.map(|(start, end)| Range { start: position(start), end: position(end) });
        TextDocumentContentChangeEvent { range, range_length: None, text: text.into() }
    }

    #[test]
    fn changes_follow_one_another() {
        let table = [
            ("a\nb", vec![], "a\nb"),
            ("a\nb", vec![replace(None, "new")], "new"),
            (
                "play()",
                vec![replace(Some(((0, 5), (0, 5))), "\"🎹\""), replace(Some(((0, 9), (0, 9))), ",")],
                "play(\"🎹\",)",
            ),
            ("🎹x\r\ny", vec![replace(Some(((0, 2), (0, 3))), "é")], "🎹é\r\ny"),
            ("one\ntwo\nthree", vec![replace(Some(((0, 3), (2, 0))), " ")], "one three"),
            ("one\n", vec![replace(Some(((1, 0), (1, 0))), "two\n")], "one\ntwo\n"),
            ("one", vec![replace(Some(((9, 9), (9, 9))), "!")], "one!"),
            ("one", vec![replace(Some(((0, 2), (0, 1))), "!")], "on!e"),
        ];
        for (text, changes, expected) in table {
            assert_eq!(edited(text.to_string(), changes), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_replaced_range_is_the_replaced_bytes(text in "[a🎹é\n]{0,30}", new in "[b🎹\n]{0,5}", one in 0usize..31, other in 0usize..31) {
            let byte = |index: usize| text.char_indices().map(|(byte, _)| byte).nth(index).unwrap_or(text.len());
            let (start, end) = (byte(one.min(other)), byte(one.max(other)));
            let range = Range { start: position_of_byte(&text, start), end: position_of_byte(&text, end) };
            let change = TextDocumentContentChangeEvent { range: Some(range), range_length: None, text: new.clone() };
            let expected = format!("{}{new}{}", &text[..start], &text[end..]);
            prop_assert_eq!(edited(text, vec![change]), expected);
        }

        /// An editor that holds its text in UTF-16 reports one edit after the other, wherever its cursor may
        /// stand; one that points into the middle of a character means its start.
        #[test]
        fn a_row_of_edits_of_utf16_keeps_the_text(
            text in "[a🎹é\n]{0,20}",
            edits in proptest::collection::vec((0usize..40, 0usize..6, "[b🎹ü\n]{0,4}", any::<bool>()), 1..40),
        ) {
            let mut units: Vec<u16> = text.encode_utf16().collect();
            let mut ours = text;
            for (at, length, new, inside) in edits {
                let whole = |units: &[u16], at: usize| {
                    let low = units.get(at).is_some_and(|unit| (0xdc00..0xe000).contains(unit));
                    if low { at - 1 } else { at }
                };
                let (start, end) = (at.min(units.len()), (at + length).min(units.len()));
                let (from, to) = (whole(&units, start), whole(&units, end));
                let position = |at: usize| {
                    let line = units[..at].iter().filter(|unit| **unit == 10).count() as u32;
                    let begin = units[..at].iter().rposition(|unit| *unit == 10).map_or(0, |end| end + 1);
                    Position { line, character: (at - begin) as u32 }
                };
                let told = if inside { (start, end) } else { (from, to) };
                let range = Range { start: position(told.0), end: position(told.1) };
                let change = TextDocumentContentChangeEvent { range: Some(range), range_length: None, text: new.clone() };
                ours = edited(ours, vec![change]);
                units.splice(from..to, new.encode_utf16());
                prop_assert_eq!(&ours, &String::from_utf16(&units).expect("whole characters"));
            }
        }
    }
}
