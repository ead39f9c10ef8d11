//! Reading lines of a bounded length from a peer that may send anything.

use std::io::{self, BufRead};

/// One line that a peer sent, or what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// The text without its line end.
    Text(String),
    /// It was longer than the limit and was skipped.
    TooLong,
    /// It was not UTF-8 and was skipped.
    NotUtf8,
}

/// Reads the next line of at most `limit` bytes; nothing at the end of the stream.
///
/// A longer line is skipped up to its end without being kept, so that a peer cannot fill the memory and the
/// line after it is read as usual. An unfinished last line counts as a line.
pub fn read_line(reader: &mut impl BufRead, limit: usize) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let mut too_long = false;
    let mut any = false;
    loop {
        let buffer = match reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            if !any {
                return Ok(None);
            }
            break;
        }
        any = true;
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        if line.len() + part.len() > limit {
            too_long = true;
            line = Vec::new();
        }
        if !too_long {
            line.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            break;
        }
    }
    if too_long {
        return Ok(Some(Line::TooLong));
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Some(String::from_utf8(line).map_or(Line::NotUtf8, Line::Text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    fn lines(bytes: &[u8], limit: usize, buffer: usize) -> Vec<Line> {
        let mut reader = BufReader::with_capacity(buffer, bytes);
        std::iter::from_fn(|| read_line(&mut reader, limit).expect("memory has no errors")).collect()
    }

    #[test]
    fn lines_are_cut_at_line_ends_and_bounded() {
        let text = |text: &str| Line::Text(text.to_string());
        let table: [(&[u8], Vec<Line>); 7] = [
            (b"", vec![]),
            (b"\n", vec![text("")]),
            (b"one\ntwo\r\nlast", vec![text("one"), text("two"), text("last")]),
            (b"12345678\nok\n", vec![text("12345678"), text("ok")]),
            (b"123456789\nok\n", vec![Line::TooLong, text("ok")]),
            (b"\xff\xfe\nok\n", vec![Line::NotUtf8, text("ok")]),
            (b"123456789123456789", vec![Line::TooLong]),
        ];
        for (bytes, expected) in table {
            for buffer in [1, 3, 64] {
                assert_eq!(lines(bytes, 8, buffer), expected, "{bytes:?} read {buffer} at a time");
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_as_many_lines_as_they_have(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let expected = bytes.split(|&byte| byte == b'\n').count() - usize::from(bytes.is_empty() || bytes.ends_with(b"\n"));
            prop_assert_eq!(lines(&bytes, 16, 7).len(), expected);
        }
    }
}
