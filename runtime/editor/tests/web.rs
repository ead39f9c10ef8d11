//! The page's server before requests of every kind. Each of them is refused, or served no more than it may be; the
//! host's other clients notice nothing.

mod place;

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::Receiver;
use lilt_editor::protocol::{ClientMessage, HostMessage, PROTOCOL, Status, host_message, to_line};
use lilt_editor::{
    DocEntry, HostEvent, HostSocket, Lesson, Page, Recipient, WebError, WebServer, WordKind, Words, connect,
};
use place::{PATIENCE, Place};
use serde_json::{Value, json};
use tungstenite::protocol::{Role, WebSocket, WebSocketConfig};
use tungstenite::{Error, Message};

/// A host with a page, and a client over the Unix socket that is to notice nothing.
struct Stage {
    place: Place,
    socket: HostSocket,
    events: Receiver<HostEvent>,
    web: WebServer,
}

impl Stage {
    fn new() -> Stage {
        let place = Place::new();
        let (socket, events) = HostSocket::bind(&place.directories, &place.script).expect("a host");
        let entry = DocEntry {
            name: "play".into(),
            kind: WordKind::Function,
            signature: "play(name, pattern)".into(),
            summary: "Fills a slot.".into(),
            example: String::new(),
        };
        let words = Words { everywhere: [entry].into(), beside: Arc::new(|_: &Path| Vec::new()) };
        let lesson =
            Lesson { name: "01-a.lua".into(), title: "1. A".into(), text: "play()", needs: Vec::new() };
        let page = Page { clients: socket.clients(), words, lessons: [lesson].into() };
        let web = WebServer::start(page, Some(0)).expect("a page");
        Stage { place, socket, events, web }
    }

    fn port(&self) -> u16 {
        self.web.port()
    }

    fn token(&self) -> &str {
        self.web.address().rsplit_once('#').expect("a fragment").1
    }

    fn stream(&self) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port())).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        stream
    }

    /// The first line of the answer to a request; nothing where it is let go.
    fn status(&self, request: &[u8]) -> Option<String> {
        self.answer(request).and_then(|answer| answer.lines().next().map(str::to_string))
    }

    fn answer(&self, request: &[u8]) -> Option<String> {
        let mut stream = self.stream();
        // It may hang up before all is written.
        let _written = stream.write_all(request).and_then(|()| stream.shutdown(Shutdown::Write));
        let mut answer = Vec::new();
        let _read = stream.read_to_end(&mut answer);
        (!answer.is_empty()).then(|| String::from_utf8_lossy(&answer).into_owned())
    }

    /// A WebSocket of the page, before its first message.
    fn socket(&self, path: &str) -> WebSocket<TcpStream> {
        let mut stream = self.stream();
        stream.write_all(self.handshake(path).as_bytes()).expect("it reads");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("an answer");
            answer.push(byte[0]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&answer));
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        WebSocket::from_raw_socket(stream, Role::Client, Some(config))
    }

    /// A WebSocket of the page, after the token.
    fn known(&self, path: &str) -> WebSocket<TcpStream> {
        let mut socket = self.socket(path);
        socket.send(Message::text(self.token())).expect("it reads");
        socket
    }

    fn handshake(&self, path: &str) -> String {
        let port = self.port();
        format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
    }

    /// Asserts that a client over the Unix socket is served as ever, at once.
    fn is_undisturbed(&self) {
        use std::io::{BufRead, BufReader};
        let began = Instant::now();
        let stream = connect(&self.place.directories, &self.place.script).expect("a path").expect("a host");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        let mut lines = BufReader::new(stream);
        let hello = to_line(&ClientMessage::Hello { protocol: PROTOCOL }).expect("JSON");
        lines.get_mut().write_all(hello.as_bytes()).expect("it reads");
        let mut welcome = String::new();
        lines.read_line(&mut welcome).expect("an answer");
        assert!(welcome.contains("welcome"), "{welcome}");
        self.wait_for(|event| matches!(event, HostEvent::Attached(_)));
        self.socket.send(Recipient::All, HostMessage::Printed { lines: vec!["still here".into()] });
        let mut printed = String::new();
        while !printed.contains("still here") {
            printed.clear();
            assert!(lines.read_line(&mut printed).expect("a line") > 0);
        }
        assert!(began.elapsed() < PATIENCE);
    }

    fn wait_for(&self, wanted: impl Fn(&HostEvent) -> bool) -> HostEvent {
        loop {
            let event = self.events.recv_timeout(PATIENCE).expect("an event");
            if wanted(&event) {
                return event;
            }
        }
    }
}

/// The next text message.
fn hear(socket: &mut WebSocket<TcpStream>) -> String {
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => return text.to_string(),
            Ok(_) => {}
            Err(error) => panic!("nothing was heard: {error}"),
        }
    }
}

/// Reads until the connection ends; gives the code with which it was closed.
fn end(mut socket: WebSocket<TcpStream>) -> Option<u16> {
    let mut code = None;
    loop {
        match socket.read() {
            Ok(Message::Close(frame)) => code = frame.map(|frame| u16::from(frame.code)),
            Ok(_) => {}
            Err(Error::Io(error)) => {
                let waits =
                    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut);
                assert!(!waits, "it is still open");
                return code;
            }
            Err(_) => return code,
        }
    }
}

#[test]
fn the_page_is_served_to_itself_and_to_nobody_else() {
    let stage = Stage::new();
    let port = stage.port();
    let request =
        |lines: &str| format!("{}\r\n\r\n", lines.replace("PORT", &port.to_string()).replace('\n', "\r\n"));
    let upgrade = "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    let long = format!("GET / HTTP/1.1\nHost: 127.0.0.1:PORT\nX: {}", "x".repeat(40_000));
    let many = format!("GET / HTTP/1.1\nHost: 127.0.0.1:PORT{}", "\nX: y".repeat(100));
    let table = [
        ("GET / HTTP/1.1\nHost: 127.0.0.1:PORT", "200 OK"),
        ("GET /page.js HTTP/1.1\nHost: localhost:PORT", "200 OK"),
        ("GET /stage HTTP/1.1\nHost: localhost:PORT", "200 OK"),
        ("GET / HTTP/1.1\nHost: evil.example", "421 Misdirected Request"),
        ("GET / HTTP/1.1\nHost: 127.0.0.1.evil:PORT", "421 Misdirected Request"),
        ("GET / HTTP/1.1\nHost: 127.0.0.1:1", "421 Misdirected Request"),
        ("GET / HTTP/1.0", "421 Misdirected Request"),
        ("GET http://evil.example/ HTTP/1.1\nHost: 127.0.0.1:PORT", "404 Not Found"),
        ("GET / HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: http://evil.example", "403 Forbidden"),
        ("POST / HTTP/1.1\nHost: 127.0.0.1:PORT\nContent-Length: 3", "405 Method Not Allowed"),
        ("DELETE /song.lua HTTP/1.1\nHost: 127.0.0.1:PORT", "405 Method Not Allowed"),
        ("CONNECT evil:443 HTTP/1.1\nHost: 127.0.0.1:PORT", "405 Method Not Allowed"),
        ("GET /song.lua HTTP/1.1\nHost: 127.0.0.1:PORT", "404 Not Found"),
        ("GET /../song.lua HTTP/1.1\nHost: 127.0.0.1:PORT", "404 Not Found"),
        ("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\nHost: 127.0.0.1:PORT", "404 Not Found"),
        ("GET //etc/passwd HTTP/1.1\nHost: 127.0.0.1:PORT", "404 Not Found"),
        ("GET /host HTTP/1.1\nHost: 127.0.0.1:PORT\nUPGRADE", "403 Forbidden"),
        ("GET /host HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: http://evil.example\nUPGRADE", "403 Forbidden"),
        ("GET /host HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: null\nUPGRADE", "403 Forbidden"),
        ("GET /host HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: file://\nUPGRADE", "403 Forbidden"),
        ("GET /folder HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: http://localhost:1\nUPGRADE", "403 Forbidden"),
        ("GET /host HTTP/1.1\nHost: evil\nOrigin: http://127.0.0.1:PORT\nUPGRADE", "421 Misdirected Request"),
        ("GET /host HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: http://127.0.0.1:PORT", "426 Upgrade Required"),
        ("nonsense", "400 Bad Request"),
        ("\u{16}\u{3}\u{1}\u{2}", "400 Bad Request"),
        (&many, "400 Bad Request"),
    ];
    for (lines, status) in table {
        let request = request(&lines.replace("UPGRADE", upgrade));
        let answered = stage.status(request.as_bytes());
        assert_eq!(answered.as_deref(), Some(format!("HTTP/1.1 {status}").as_str()), "{lines}");
    }
    // What is left unread may take the answer with it.
    let answered = stage.status(request(&long).as_bytes());
    assert!(answered.is_none_or(|status| status.contains("431")));

    let page = stage.answer(request("GET / HTTP/1.1\nHost: 127.0.0.1:PORT").as_bytes()).expect("a page");
    let head = page.split("\r\n\r\n").next().expect("a head");
    for said in [
        "default-src 'none'; script-src 'self';",
        "frame-ancestors 'none'",
        "X-Frame-Options: DENY",
        "X-Content-Type-Options: nosniff",
        "Referrer-Policy: no-referrer",
        "Cache-Control: no-store",
    ] {
        assert!(head.contains(said), "{said} is not in {head}");
    }
    assert!(!head.contains("Access-Control"), "no other page may read it");
    assert!(!page.contains(stage.token()), "the token is in the address alone");
    stage.is_undisturbed();
}

#[test]
fn a_socket_is_the_hosts_own_protocol_and_needs_the_token() {
    let stage = Stage::new();
    let mut page = stage.known("/host");
    page.send(Message::text(r#"{"type":"hello","protocol":1}"#)).expect("it reads");
    let welcome = host_message(&hear(&mut page)).expect("a message");
    assert!(matches!(welcome, HostMessage::Welcome { protocol: PROTOCOL, .. }), "{welcome:?}");
    page.send(Message::text(r#"{"type":"change","version":1,"text":"play()"}"#)).expect("it reads");
    let change = stage.wait_for(|event| matches!(event, HostEvent::Message(..)));
    let expected = ClientMessage::Change { version: 1, text: "play()".into() };
    assert!(matches!(&change, HostEvent::Message(_, message) if *message == expected), "{change:?}");
    // Bytes are no message; a follower is told what others are not.
    page.send(Message::binary(vec![1, 2, 3])).expect("it reads");
    assert!(matches!(host_message(&hear(&mut page)), Ok(HostMessage::Refused { .. })));
    let planned = HostMessage::Planned { now: 1.0, taken_back: vec![], begins: vec![], ends: vec![] };
    stage.socket.send(Recipient::Followers, planned.clone());
    page.send(Message::text(r#"{"type":"follow"}"#)).expect("it reads");
    stage.wait_for(|event| matches!(event, HostEvent::Message(_, ClientMessage::Follow)));
    stage.socket.send(Recipient::Followers, planned.clone());
    assert_eq!(host_message(&hear(&mut page)), Ok(planned));

    for path in ["/host", "/language", "/folder"] {
        for first in ["", "wrong", &"0".repeat(32), r#"{"type":"hello","protocol":1}"#] {
            let mut stranger = stage.socket(path);
            stranger.send(Message::text(first)).expect("it reads");
            assert_eq!(end(stranger), Some(1008), "{path} {first}");
        }
        let mut stranger = stage.socket(path);
        stranger.send(Message::binary(stage.token().as_bytes().to_vec())).expect("it reads");
        assert_eq!(end(stranger), Some(1008), "{path}");
        let mut stranger = stage.socket(path);
        // It may hang up in the middle.
        let _sent = stranger.send(Message::text("x".repeat(100_000_000)));
        end(stranger);
    }
    stage.is_undisturbed();
}

#[test]
fn the_folder_is_listed_read_and_saved_and_nothing_outside_of_it() {
    let stage = Stage::new();
    let folder = stage.place.temp.path();
    fs::create_dir(folder.join("deep")).expect("made");
    fs::write(folder.join("deep/secret.lua"), "secret").expect("written");
    symlink("deep/secret.lua", folder.join("link.lua")).expect("linked");
    let mut page = stage.known("/folder");
    let mut ask = |question: Value| -> Value {
        page.send(Message::text(question.to_string())).expect("it reads");
        serde_json::from_str(&hear(&mut page)).expect("JSON")
    };
    let listed = ask(json!({ "id": 1, "type": "list" }));
    assert_eq!(listed["playing"], "song.lua");
    assert_eq!(listed["lessons"][0]["title"], "1. A");
    assert_eq!(listed["scripts"].as_array().expect("a list").len(), 1, "{listed}");
    assert_eq!(ask(json!({ "id": 2, "type": "lesson", "name": "01-a.lua" }))["text"], "play()");
    let saved = ask(json!({ "id": 3, "type": "save", "name": "new.lua", "text": "play()", "over": null }));
    assert_eq!((&saved["id"], &saved["type"]), (&json!(3), &json!("saved")));
    for name in ["link.lua", "deep/secret.lua", "../song.lua", "/etc/passwd", "deep"] {
        for question in [json!({ "type": "open" }), json!({ "type": "save", "text": "mine", "over": null })] {
            let mut question = question;
            (question["id"], question["name"]) = (json!(4), json!(name));
            let answer = ask(question);
            assert_eq!((&answer["id"], &answer["type"]), (&json!(4), &json!("failed")), "{name}: {answer}");
        }
    }
    assert_eq!(ask(json!({ "type": "dance" }))["type"], "failed");
    assert_eq!(fs::read_to_string(folder.join("deep/secret.lua")).expect("it is there"), "secret");
}

#[test]
fn the_language_server_answers_and_leaves_the_text_to_the_page() {
    let stage = Stage::new();
    let mut page = stage.known("/language");
    let uri = format!("file://{}", stage.place.script.display());
    let mut say = |message: Value| page.send(Message::text(message.to_string())).expect("it reads");
    say(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "capabilities": {} } }));
    say(json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    let item = json!({ "uri": uri, "languageId": "lua", "version": 0, "text": "pla" });
    say(json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": item } }));
    let position = json!({ "line": 0, "character": 3 });
    let params = json!({ "textDocument": { "uri": uri }, "position": position });
    say(json!({ "jsonrpc": "2.0", "id": 2, "method": "textDocument/completion", "params": params }));
    say(json!("no message"));
    let answer = loop {
        let heard: Value = serde_json::from_str(&hear(&mut page)).expect("JSON");
        if heard["id"] == 2 {
            break heard;
        }
    };
    assert!(answer["result"].to_string().contains("\"play\""), "{answer}");
    stage.wait_for(|event| matches!(event, HostEvent::Attached(_)));
    page.close(None).expect("it reads");
    // It came and left, and said nothing of the text.
    let left = stage.wait_for(|event| !matches!(event, HostEvent::Attached(_)));
    assert!(matches!(left, HostEvent::Detached(_)), "{left:?}");
}

#[test]
fn whoever_does_not_read_or_says_too_much_holds_nobody_up() {
    let stage = Stage::new();
    let silent: Vec<_> = (0..8)
        .map(|_| {
            let mut page = stage.known("/host");
            page.send(Message::text(r#"{"type":"hello","protocol":1}"#)).expect("it reads");
            stage.wait_for(|event| matches!(event, HostEvent::Attached(_)));
            page
        })
        .collect();
    let began = Instant::now();
    for number in 0..200_000 {
        stage.socket.send(
            Recipient::All,
            HostMessage::Status(Box::new(Status { generation: number, ..Status::default() })),
        );
    }
    assert!(began.elapsed() < PATIENCE, "the host waited for somebody");
    stage.is_undisturbed();
    drop(silent);

    // Each is answered at once, so that only the rate can end it.
    let mut flood = stage.known("/folder");
    let mut ask =
        || flood.send(Message::text("{}")).is_ok() && flood.read().is_ok_and(|answer| answer.is_text());
    let answered = (0..100_000).take_while(|_| ask()).count();
    assert!((2_000..100_000).contains(&answered), "{answered}");
    let mut long = stage.known("/host");
    let _sent = long.send(Message::text("x".repeat(100_000_000)));
    end(long);
    stage.is_undisturbed();
}

#[test]
fn ten_thousand_connections_are_let_go_and_the_page_comes_back() {
    let stage = Stage::new();
    let idle: Vec<_> = (0..400).map(|_| stage.stream()).collect();
    let mut slow = stage.stream();
    for _ in 0..10_000 {
        // Some are reset before they are connected.
        let _stream = TcpStream::connect((Ipv4Addr::LOCALHOST, stage.port()));
    }
    stage.is_undisturbed();
    // One letter at a time is no way to be served for ever.
    let dripping = Instant::now();
    while slow.write_all(b"G").is_ok() && dripping.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(200));
    }
    assert!(dripping.elapsed() < PATIENCE, "it is still read from");
    drop(idle);
    let request = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", stage.port());
    let again = Instant::now();
    while !stage.status(request.as_bytes()).is_some_and(|status| status.contains("200 OK")) {
        assert!(again.elapsed() < PATIENCE, "the page does not come back");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let stage = Stage::new();
    let another = || Page {
        clients: stage.socket.clients(),
        words: Words { everywhere: [].into(), beside: Arc::new(|_: &Path| Vec::new()) },
        lessons: [].into(),
    };
    let taken = WebServer::start(another(), Some(stage.port())).expect_err("it is taken");
    assert!(matches!(taken, WebError::PortTaken(port) if port == stage.port()));
    assert!(taken.to_string().contains("--web-port"), "{taken}");
    assert!(WebServer::start(another(), Some(0)).is_ok_and(|other| other.port() != stage.port()));
}
