use proptest::prelude::*;

use super::*;

/// Gives a few bytes at a time, as a pipe may.
struct Drops {
    bytes: Vec<u8>,
    at: usize,
    size: usize,
}

impl Read for Drops {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.size.min(to.len()).min(self.bytes.len() - self.at);
        to[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

fn frame(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

fn said(number: i32) -> String {
    frame(&format!(r#"{{"jsonrpc":"2.0","id":{number},"method":"m","params":{{"text":"é"}}}}"#))
}

/// What is read: the numbers of the messages, and of what is wrong the code and the words.
fn read(bytes: &[u8], size: usize, limit: usize) -> Vec<String> {
    let mut frames = Frames::new(Drops { bytes: bytes.to_vec(), at: 0, size }, limit);
    let mut all = Vec::new();
    while let Some(frame) = frames.next().expect("memory has no errors") {
        all.push(match frame {
            Frame::Message(Message::Request(request)) => request.id.to_string(),
            Frame::Message(message) => format!("{message:?}"),
            Frame::Wrong(answer) => {
                assert_eq!(answer["jsonrpc"], "2.0");
                let (id, error) = (&answer["id"], &answer["error"]);
                format!("{id} {} {}", error["code"], error["message"].as_str().expect("words"))
            }
        });
    }
    all
}

#[test]
fn what_is_wrong_is_told_and_the_next_message_is_read() {
    let short = r#"{"id":3,"method":"m"}"#;
    let table: Vec<(String, Vec<&str>)> = vec![
        (said(1) + &said(2), vec!["1", "2"]),
        (format!("content-length:{}\nContent-Type: x\n\n{short}", short.len()), vec!["3"]),
        (
            "Content-Length: 99999999999999\r\n\r\n{}".to_string() + &said(1),
            vec!["null -32600 a message of 99999999999999 bytes is too long: Lilt reads 0 MiB at most", "1"],
        ),
        (
            "Content-Length: 99999999999999999999999\r\n\r\n{}".to_string() + &said(1),
            vec!["null -32600 `Content-Length: 99999999999999999999999` holds no number of bytes", "1"],
        ),
        (
            "Content-Length: -1\r\n\r\n".to_string() + &said(1),
            vec!["null -32600 `Content-Length: -1` holds no number of bytes", "1"],
        ),
        (
            "hello\r\nhow are you\r\n\r\n".to_string() + &said(1),
            vec!["null -32600 `hello` is no header: write `Content-Length: ` and a number", "1"],
        ),
        ("X: y\r\n\r\n{}".to_string() + &said(1), vec!["null -32600 a message has no `Content-Length`", "1"]),
        (
            frame("{\"id\":") + &said(1),
            vec!["null -32700 this is not JSON: EOF while parsing a value at line 1 column 6", "1"],
        ),
        (
            frame("") + &said(1),
            vec!["null -32700 this is not JSON: EOF while parsing a value at line 1 column 0", "1"],
        ),
        // A length that is too short, and one that is too long.
        (
            format!("Content-Length: 5\r\n\r\n{short}") + &said(1),
            vec!["null -32700 this is not JSON: EOF while parsing an object at line 1 column 5", "1"],
        ),
        (
            format!("Content-Length: 40\r\n\r\n{short}") + &said(1) + &said(2),
            vec!["null -32700 this is not JSON: trailing characters at line 1 column 22", "1", "2"],
        ),
        (
            format!("Content-Length: 900\r\n\r\n{short}") + &said(1) + &said(2),
            vec!["null -32600 a message was shorter than the 900 bytes that it announced", "1", "2"],
        ),
        // JSON that is no message.
        (
            frame("[]") + &frame(r#"{"id":7}"#) + &frame(r#"{"id":"a","method":5}"#) + &said(1),
            vec![
                "null -32600 this is no message of JSON-RPC: it needs `method`, and `id` where it wants an answer",
                "7 -32600 this is no message of JSON-RPC: it needs `method`, and `id` where it wants an answer",
                "\"a\" -32600 this is no message of JSON-RPC: it needs `method`, and `id` where it wants an answer",
                "1",
            ],
        ),
        (frame(r#"{"id":null,"error":{"code":1,"message":"no"}}"#) + &said(1), vec!["1"]),
        (
            frame(&("[".repeat(900) + &"]".repeat(100))) + &said(1),
            vec!["null -32700 this is not JSON: recursion limit exceeded at line 1 column 128", "1"],
        ),
        ("Content-Length: 10\r\n\r\n{".to_string(), vec![]),
        (String::new(), vec![]),
    ];
    for (bytes, expected) in table {
        for size in [1, 7, 100_000] {
            let read = read(bytes.as_bytes(), size, 1000);
            // Fewer bytes at a time: a message that is too long is recognised by the next one's header.
            let interrupted = |line: &String| line.contains("was shorter than the 40 bytes");
            let read: Vec<&str> = read
                .iter()
                .map(|line| match interrupted(line) {
                    true => "null -32700 this is not JSON: trailing characters at line 1 column 22",
                    false => line.as_str(),
                })
                .collect();
            assert_eq!(read, expected, "{bytes:?}, {size} bytes at a time");
        }
    }
}

#[test]
fn half_a_surrogate_pair_becomes_the_replacement_character() {
    let text = |json: &str| {
        let frame = frame(&format!(r#"{{"method":"m","params":"{json}"}}"#));
        let mut frames = Frames::new(frame.as_bytes(), 1000);
        match frames.next().expect("memory has no errors") {
            Some(Frame::Message(Message::Notification(told))) => told.params.as_str().map(String::from),
            other => panic!("{other:?}"),
        }
    };
    let table = [
        (r"\ud800", "\u{fffd}"),
        (r"a\udfffb", "a\u{fffd}b"),
        (r"\ud83c\ud83c\udfb9\udfb9", "\u{fffd}🎹\u{fffd}"),
        (r"\\ud800\ud800", "\\ud800\u{fffd}"),
        (r"\u00e9\ud800\\", "é\u{fffd}\\"),
        (r"\ud83c\udfb9", "🎹"),
    ];
    for (json, expected) in table {
        assert_eq!(text(json).as_deref(), Some(expected), "{json}");
    }
}

#[test]
fn bytes_that_are_no_text_are_told() {
    let bytes = [b"Content-Length: 8\r\n\r\n\"\xff\xfe\xff\xfe\xff\xfe\"", said(1).as_bytes()].concat();
    let read = read(&bytes, 3, 1000);
    assert!(read[0].starts_with("null -32700 this is not JSON: "), "{read:?}");
    assert_eq!(read[1..], ["1"]);
}

proptest! {
    /// Whatever comes between, every message that is whole is read.
    #[test]
    fn garbage_between_messages_loses_none(garbage in proptest::collection::vec("[^C]{0,40}", 1..6), size in 1usize..50) {
        let mut bytes = String::new();
        for (number, garbage) in garbage.iter().enumerate() {
            bytes += garbage;
            bytes += &said(number as i32);
        }
        let read = read(bytes.as_bytes(), size, 1000);
        let numbers: Vec<&String> = read.iter().filter(|line| !line.starts_with("null")).collect();
        let expected: Vec<String> = (0..garbage.len()).map(|number| number.to_string()).collect();
        prop_assert_eq!(numbers, expected.iter().collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_come_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..300), size in 1usize..50) {
        read(&bytes, size, 100);
    }
}
