//! The messages of the language server protocol out of a stream of bytes that may hold anything.
//!
//! A message whose length, header or JSON is wrong is reported, and reading goes on at the next header. JSON
//! allows no line break inside a text, so that `Content-Length: 17` with its line end cannot stand inside a
//! message: where it does, the message's own length was wrong.

use std::io::{self, Read};

use lsp_server::{ErrorCode, Message};
use serde_json::{Value, json};

/// The longest message that is read, in bytes: a document of 50 MB fits.
pub const LONGEST_FRAME: usize = 64 << 20;
/// The longest header of a message, in bytes; it has two short lines at most.
const LONGEST_HEADER: usize = 4 << 10;
/// The longest number in a header, with the blanks and the line end around it.
const LONGEST_NUMBER: usize = 32;
/// How much is read at a time.
const CHUNK: usize = 64 << 10;
/// What a header is recognised by.
const LENGTH: &[u8] = b"content-length:";

/// What was read.
#[derive(Debug)]
pub enum Frame {
    /// A message.
    Message(Message),
    /// Something else: the answer that the protocol has for it.
    Wrong(Value),
}

/// Reads messages from `source`.
#[derive(Debug)]
pub struct Frames<R> {
    source: R,
    limit: usize,
    /// What was read and not used yet.
    buffer: Vec<u8>,
    /// Whether the last message was as long as it said: then the next one begins right after it.
    in_step: bool,
}

/// What the bytes at the beginning of a header say.
#[derive(Debug, PartialEq)]
enum Header {
    /// It takes so many bytes, and the message after it so many.
    Whole { bytes: usize, length: u64 },
    /// More has to come.
    Unfinished,
    /// It is none.
    Wrong(String),
}

impl<R: Read> Frames<R> {
    /// Messages of at most `limit` bytes, usually [`LONGEST_FRAME`].
    pub fn new(source: R, limit: usize) -> Frames<R> {
        Frames { source, limit, buffer: Vec::new(), in_step: true }
    }

    /// The next message or mistake; nothing at the end of the stream.
    ///
    /// # Errors
    /// When the stream breaks.
    pub fn next(&mut self) -> io::Result<Option<Frame>> {
        loop {
            match header(&self.buffer) {
                Header::Unfinished => {
                    if !self.fill()? {
                        return Ok(None);
                    }
                }
                Header::Wrong(why) => {
                    let told = std::mem::replace(&mut self.in_step, false);
                    if !self.seek_header(1)? {
                        return Ok(told.then(|| wrong(Value::Null, ErrorCode::InvalidRequest, why)));
                    }
                    if told {
                        return Ok(Some(wrong(Value::Null, ErrorCode::InvalidRequest, why)));
                    }
                }
                Header::Whole { bytes, length } if length > self.limit as u64 => {
                    let why = format!(
                        "a message of {length} bytes is too long: Lilt reads {} MiB at most",
                        self.limit >> 20
                    );
                    self.in_step = false;
                    self.seek_header(bytes)?;
                    return Ok(Some(wrong(Value::Null, ErrorCode::InvalidRequest, why)));
                }
                Header::Whole { bytes, length } => match self.body(bytes, bytes + length as usize)? {
                    Body::Whole(end) => {
                        let read = message(&self.buffer[bytes..end]);
                        let lost = matches!(read, Some(Frame::Wrong(_)));
                        self.in_step = !lost;
                        // A message that is no JSON may have eaten the beginning of the next one.
                        let body = &self.buffer[bytes..end];
                        let eaten = lost.then(|| find_header(body).or_else(|| begun_header(body))).flatten();
                        self.buffer.drain(..eaten.map_or(end, |at| bytes + at));
                        self.buffer.shrink_to(self.buffer.len() + 2 * CHUNK);
                        if read.is_some() {
                            return Ok(read);
                        }
                    }
                    Body::Interrupted(at) => {
                        self.buffer.drain(..at);
                        self.in_step = true;
                        let why = format!("a message was shorter than the {length} bytes that it announced");
                        return Ok(Some(wrong(Value::Null, ErrorCode::InvalidRequest, why)));
                    }
                    Body::Missing => return Ok(None),
                },
            }
        }
    }

    /// Reads until `end` bytes are there, or another message begins before.
    fn body(&mut self, start: usize, end: usize) -> io::Result<Body> {
        let mut looked = start;
        while self.buffer.len() < end {
            if let Some(at) = find_header(&self.buffer[looked..]) {
                return Ok(Body::Interrupted(looked + at));
            }
            // A header that has come in part begins in the last bytes.
            looked = self.buffer.len().saturating_sub(LENGTH.len() + LONGEST_NUMBER).max(start);
            if !self.fill()? {
                return Ok(Body::Missing);
            }
        }
        Ok(Body::Whole(end))
    }

    /// Leaves out what stands before the next header that begins after `from` bytes; false where there is none.
    fn seek_header(&mut self, from: usize) -> io::Result<bool> {
        self.buffer.drain(..from.min(self.buffer.len()));
        loop {
            if let Some(at) = find_header(&self.buffer) {
                self.buffer.drain(..at);
                return Ok(true);
            }
            let kept = self.buffer.len().min(LENGTH.len() + LONGEST_NUMBER);
            self.buffer.drain(..self.buffer.len() - kept);
            if !self.fill()? {
                return Ok(false);
            }
        }
    }

    /// Reads some more; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        let before = self.buffer.len();
        self.buffer.resize(before + CHUNK, 0);
        let read = loop {
            match self.source.read(&mut self.buffer[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.buffer.truncate(before + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }
}

enum Body {
    /// It ends there.
    Whole(usize),
    /// Another message begins there, before its end.
    Interrupted(usize),
    /// The stream ended.
    Missing,
}

/// Reads the header at the beginning of `bytes`.
fn header(bytes: &[u8]) -> Header {
    let mut length = None;
    let mut start = 0;
    loop {
        let Some(end) = bytes[start..].iter().position(|byte| *byte == b'\n') else {
            return match bytes.len() {
                0..LONGEST_HEADER => Header::Unfinished,
                _ => Header::Wrong("a message has to begin with `Content-Length: `".to_string()),
            };
        };
        let line = bytes[start..start + end].trim_ascii_end();
        start += end + 1;
        if line.is_empty() {
            return match length {
                Some(length) => Header::Whole { bytes: start, length },
                None => Header::Wrong("a message has no `Content-Length`".to_string()),
            };
        }
        let shown = || String::from_utf8_lossy(&line[..line.len().min(60)]).into_owned();
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return Header::Wrong(format!(
                "`{}` is no header: write `Content-Length: ` and a number",
                shown()
            ));
        };
        if line[..=colon].eq_ignore_ascii_case(LENGTH) {
            let number =
                std::str::from_utf8(&line[colon + 1..]).ok().and_then(|text| text.trim().parse().ok());
            let Some(number) = number else {
                return Header::Wrong(format!("`{}` holds no number of bytes", shown()));
            };
            length = Some(number);
        }
    }
}

/// Where the next `Content-Length: NUMBER` with its line end stands.
fn find_header(bytes: &[u8]) -> Option<usize> {
    let begins = |at: &usize| {
        let (name, rest) = bytes[*at..].split_at(LENGTH.len());
        if !name.eq_ignore_ascii_case(LENGTH) {
            return false;
        }
        let rest = &rest[..rest.len().min(LONGEST_NUMBER)];
        let end = rest.iter().position(|byte| *byte == b'\n');
        let number = end.map(|end| rest[..end].trim_ascii());
        number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
    };
    // Few bytes are a C: looked at first, the rest costs nothing.
    let last = (bytes.len() + 1).checked_sub(LENGTH.len())?;
    (0..last).filter(|at| matches!(bytes[*at], b'C' | b'c')).find(begins)
}

/// Where, at the end of `bytes`, a header stands of which the rest is still to come.
fn begun_header(bytes: &[u8]) -> Option<usize> {
    let first = bytes.len().saturating_sub(LENGTH.len() + LONGEST_NUMBER);
    (first..bytes.len()).find(|at| {
        let begun = &bytes[*at..];
        let name = begun.len().min(LENGTH.len());
        begun[..name].eq_ignore_ascii_case(&LENGTH[..name]) && !begun.contains(&b'\n')
    })
}

/// The message in a text of JSON. Nothing for an answer that is not one: to answer it could go on for ever.
pub fn message(bytes: &[u8]) -> Option<Frame> {
    let parsed = serde_json::from_slice::<Value>(bytes).or_else(|error| {
        let mended = without_lone_surrogates(bytes).ok_or(error)?;
        serde_json::from_slice(&mended)
    });
    let value = match parsed {
        Ok(value) => value,
        Err(error) => {
            let why = format!("this is not JSON: {error}");
            return Some(wrong(Value::Null, ErrorCode::ParseError, why));
        }
    };
    let is_answer =
        value.get("method").is_none() && (value.get("result").is_some() || value.get("error").is_some());
    let id = value.get("id").filter(|id| id.is_i64() || id.is_string()).cloned().unwrap_or(Value::Null);
    match serde_json::from_value(value) {
        Ok(message) => Some(Frame::Message(message)),
        Err(_) if is_answer => None,
        Err(_) => {
            let why = "this is no message of JSON-RPC: it needs `method`, and `id` where it wants an answer";
            Some(wrong(id, ErrorCode::InvalidRequest, why.to_string()))
        }
    }
}

fn wrong(id: Value, code: ErrorCode, message: String) -> Frame {
    Frame::Wrong(json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code as i32, "message": message } }))
}

/// JSON in which each half of a surrogate pair that stands alone is the replacement character, which takes as
/// many UTF-16 units, so that the editor's positions stay right; nothing when there is none. An editor whose
/// texts are UTF-16 can hold such a half, and to drop its change would lose the text from then on.
fn without_lone_surrogates(json: &[u8]) -> Option<Vec<u8>> {
    /// The UTF-16 unit of an escape `\uXXXX` at the beginning of `bytes`.
    fn unit(bytes: &[u8]) -> Option<u16> {
        let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    }
    let mut mended = Vec::with_capacity(json.len());
    let mut found = false;
    let mut left = json;
    while let [first, second, ..] = left {
        let is_high = |unit: u16| (0xD800..0xDC00).contains(&unit);
        let is_low = |unit: u16| (0xDC00..0xE000).contains(&unit);
        let taken = match unit(left) {
            Some(high) if is_high(high) && unit(&left[6..]).is_some_and(is_low) => 12,
            Some(lone) if is_high(lone) || is_low(lone) => {
                found = true;
                mended.extend_from_slice(b"\\ufffd");
                left = &left[6..];
                continue;
            }
            Some(_) => 6,
            // A backslash takes the character after it along: `\\u` is no escape of a unit.
            None if *first == b'\\' && *second != b'u' => 2,
            None => 1,
        };
        mended.extend_from_slice(&left[..taken]);
        left = &left[taken..];
    }
    mended.extend_from_slice(left);
    found.then_some(mended)
}

#[cfg(test)]
mod tests;
