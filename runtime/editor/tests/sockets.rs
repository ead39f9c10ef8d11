//! Hosts and clients over real Unix sockets. Nothing here starts a program: between fork and exec it would
//! hold copies of the sockets of the other tests.

mod place;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use crossbeam::channel::Receiver;
use lilt_editor::protocol::{ClientMessage, HostMessage, MAX_LINE, PROTOCOL, Status, host_message, to_line};
use lilt_editor::{ClientId, HostEvent, HostSocket, Recipient, SocketError, connect};
use place::{PATIENCE, Place};

fn open_host(place: &Place) -> (HostSocket, Receiver<HostEvent>) {
    HostSocket::bind(&place.directories, &place.script).expect("a host")
}

fn join(place: &Place) -> Client {
    let stream = connect(&place.directories, &place.script).expect("the path works").expect("a host answers");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    Client { lines: BufReader::new(stream) }
}

/// A client that sends what it likes.
struct Client {
    lines: BufReader<UnixStream>,
}

impl Client {
    fn send(&mut self, bytes: &[u8]) {
        self.lines.get_mut().write_all(bytes).expect("the host reads");
    }

    fn say(&mut self, message: &ClientMessage) {
        self.send(to_line(message).expect("messages are JSON").as_bytes());
    }

    fn hello(mut self) -> Client {
        self.say(&ClientMessage::Hello { protocol: PROTOCOL });
        let welcome = self.hear();
        assert!(matches!(welcome, Some(HostMessage::Welcome { protocol: PROTOCOL, .. })), "{welcome:?}");
        self
    }

    fn hear(&mut self) -> Option<HostMessage> {
        let mut line = String::new();
        match self.lines.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(host_message(&line).expect("a message")),
            Err(error) => panic!("nothing was heard: {error}"),
        }
    }
}

fn next(events: &Receiver<HostEvent>) -> HostEvent {
    events.recv_timeout(PATIENCE).expect("an event")
}

fn attached(events: &Receiver<HostEvent>) -> ClientId {
    match next(events) {
        HostEvent::Attached(client) => client,
        other => panic!("{other:?} instead of a new client"),
    }
}

fn printed(text: &str) -> HostMessage {
    HostMessage::Printed { lines: vec![text.to_string()] }
}

#[test]
fn only_this_user_can_open_the_socket() {
    let place = Place::new();
    let (socket, _events) = open_host(&place);
    let mode = |path: &Path| fs::metadata(path).expect("it exists").mode() & 0o777;
    assert_eq!(mode(socket.path()), 0o600);
    assert_eq!(mode(socket.path().parent().expect("its folder")), 0o700);
    assert_eq!(mode(&socket.path().with_extension("lock")), 0o600);
}

#[test]
fn clients_come_and_go() {
    let place = Place::new();
    let (socket, events) = open_host(&place);
    let mut first = join(&place).hello();
    let one = attached(&events);
    let mut second = join(&place).hello();
    let two = attached(&events);
    assert_ne!(one, two);

    let change = ClientMessage::Change { version: 3, text: "play(\"🎹\")\n".into() };
    first.say(&change);
    assert_eq!(next(&events), HostEvent::Message(one, change));
    second.say(&ClientMessage::Hush);
    assert_eq!(next(&events), HostEvent::Message(two, ClientMessage::Hush));

    socket.send(Recipient::One(two), printed("for the second"));
    socket.send(Recipient::All, printed("for all"));
    socket.send(Recipient::One(ClientId(99)), printed("for nobody"));
    assert_eq!(second.hear(), Some(printed("for the second")));
    assert_eq!(second.hear(), Some(printed("for all")));
    assert_eq!(first.hear(), Some(printed("for all")));

    first.say(&ClientMessage::Detach);
    assert_eq!(next(&events), HostEvent::Detached(one));
    assert_eq!(first.hear(), None);
    drop(second);
    assert_eq!(next(&events), HostEvent::Detached(two));
}

#[test]
fn a_host_says_its_last_words_and_takes_its_socket_away() {
    let place = Place::new();
    let (socket, events) = open_host(&place);
    let mut client = join(&place).hello();
    attached(&events);
    let path = socket.path().to_path_buf();
    socket.send(Recipient::All, HostMessage::Goodbye { message: "enough".into() });
    drop(socket);
    assert_eq!(client.hear(), Some(HostMessage::Goodbye { message: "enough".into() }));
    assert_eq!(client.hear(), None);
    assert!(!path.exists());
    assert!(connect(&place.directories, &place.script).expect("the path works").is_none());
    open_host(&place);
}

#[test]
fn a_second_host_is_refused_and_a_dead_ones_socket_replaced() {
    let place = Place::new();
    let (socket, events) = open_host(&place);
    let error = HostSocket::bind(&place.directories, &place.script).expect_err("it is played already");
    let file = place.script.canonicalize().expect("the script");
    let expected = format!(
        "{} is being played already (process {}); stop that one first, or open the file in an editor to join it",
        file.display(),
        std::process::id()
    );
    assert_eq!(error.to_string(), expected);
    let mut client = join(&place).hello();
    attached(&events);
    socket.send(Recipient::All, printed("undisturbed"));
    assert_eq!(client.hear(), Some(printed("undisturbed")));

    let path = socket.path().to_path_buf();
    drop((socket, client));
    drop(UnixListener::bind(&path).expect("what a killed host leaves behind"));
    assert!(path.exists());
    let (_socket, events) = open_host(&place);
    join(&place).hello();
    attached(&events);

    let elsewhere = place.temp.path().join("none/song.lua");
    let error = HostSocket::bind(&place.directories, &elsewhere).expect_err("its folder does not exist");
    assert!(matches!(error, SocketError::File { .. }), "{error}");
}

#[test]
fn a_host_whose_socket_was_deleted_still_counts() {
    let place = Place::new();
    let (socket, _events) = open_host(&place);
    fs::remove_file(socket.path()).expect("what a cleaner of /tmp may do");
    let error = HostSocket::bind(&place.directories, &place.script).expect_err("the lock is held");
    assert!(matches!(error, SocketError::AlreadyPlaying { process: Some(_), .. }), "{error}");
}

#[test]
fn lines_that_are_no_messages_are_answered_and_not_fatal() {
    let place = Place::new();
    let (_socket, events) = open_host(&place);
    let refused = |message: &str| Some(HostMessage::Refused { message: message.to_string() });
    let mut client = join(&place);
    client.say(&ClientMessage::Hush);
    assert_eq!(client.hear(), refused("say hello first"));
    client.send(b"GET / HTTP/1.1\n");
    assert_eq!(
        client.hear(),
        refused("this is not a message of Lilt's protocol: expected value at line 1 column 1")
    );
    let mut client = client.hello();
    let id = attached(&events);
    client.send(b"\xff\xfe\n");
    assert_eq!(client.hear(), refused("a line that is not UTF-8 was skipped"));
    client.send(&vec![b'x'; MAX_LINE + 1]);
    client.send(b"\n");
    assert_eq!(client.hear(), refused("a line of more than 8 MiB was skipped"));
    client.send(b"\n{\"type\":\"hush\",\"unknown\":1}\n");
    assert_eq!(next(&events), HostEvent::Message(id, ClientMessage::Hush));

    let mut old = join(&place);
    old.say(&ClientMessage::Hello { protocol: 7 });
    assert_eq!(
        old.hear(),
        refused(
            "the host speaks protocol 1 and the editor 7: they are of different versions of Lilt; \
             stop the host and start it again"
        )
    );
    assert_eq!(old.hear(), None);
}

#[test]
fn a_client_that_does_not_read_keeps_its_connection_and_is_told_what_it_missed() {
    let place = Place::new();
    let (socket, events) = open_host(&place);
    let mut sleeper = join(&place).hello();
    let asleep = attached(&events);
    let mut reader = join(&place).hello();
    attached(&events);

    let status =
        |beat: u32| HostMessage::Status(Status { beat: f64::from(beat), ..Status::default() }.into());
    let evaluated =
        |version| HostMessage::Evaluated { version: Some(version), diagnostics: vec![], micros: 1 };
    // Far more than a socket holds.
    for beat in 0..20_000 {
        socket.send(Recipient::All, status(beat));
        socket.send(Recipient::One(asleep), evaluated(beat as i32));
    }
    socket.send(Recipient::All, printed("after the statuses"));
    let mut last = -1.0;
    loop {
        match reader.hear().expect("the reader stays") {
            HostMessage::Status(status) => {
                assert!(status.beat > last, "statuses come in order");
                last = status.beat;
            }
            other => {
                assert_eq!(other, printed("after the statuses"));
                break;
            }
        }
    }
    assert_eq!(last, 19_999.0, "the newest status is never left out");

    // Every kind that waits without being replaced, and texts without end.
    let long = "x".repeat(1 << 20);
    for _ in 0..1000 {
        socket.send(Recipient::One(asleep), printed(&long));
        socket.send(Recipient::One(asleep), HostMessage::Refused { message: "no".into() });
    }
    socket.send(Recipient::One(asleep), evaluated(20_000));
    socket.send(Recipient::All, printed("the others go on"));
    assert_eq!(reader.hear(), Some(printed("the others go on")));
    assert!(events.try_recv().is_err(), "both clients are still there");

    let mut missed = 0;
    let mut newest = None;
    loop {
        match sleeper.hear().expect("the sleeper stays") {
            HostMessage::Printed { lines } if lines[0].contains("messages were left out") => missed += 1,
            HostMessage::Printed { lines } if lines[0] == "the others go on" => break,
            HostMessage::Printed { lines } => assert!(lines[0].len() < 66_000, "{}", lines[0].len()),
            HostMessage::Evaluated { version, .. } => newest = version,
            _ => {}
        }
    }
    assert_eq!(newest, Some(20_000), "the newest evaluation is never left out");
    assert!(missed > 0, "what was left out is told");
}

#[test]
fn nobody_is_hung_up_on_for_typing_quickly() {
    let place = Place::new();
    let (socket, events) = open_host(&place);
    let mut client = join(&place).hello();
    let id = attached(&events);
    for version in 0..10_000 {
        client.say(&ClientMessage::Change { version, text: format!("play({version})") });
        if version == 5_000 {
            client.say(&ClientMessage::Hush);
        }
    }
    let mut read = 0;
    let mut hushed = None;
    loop {
        match next(&events) {
            HostEvent::Message(client, ClientMessage::Change { version, text }) => {
                assert_eq!((client, text), (id, format!("play({version})")));
                read += 1;
                if version == 9_999 {
                    break;
                }
                let diagnostics = vec![];
                socket.send(
                    Recipient::One(client),
                    HostMessage::Evaluated { version: Some(version), diagnostics, micros: 1 },
                );
            }
            HostEvent::Message(_, ClientMessage::Hush) => hushed = Some(read),
            other => panic!("{other:?}"),
        }
    }
    assert!(hushed.is_some(), "commands are never left out");
    client.say(&ClientMessage::Commit);
    assert_eq!(next(&events), HostEvent::Message(id, ClientMessage::Commit), "it is still attached");
}

#[test]
fn a_client_that_is_done_ends_the_host_unless_another_is_attached() {
    let place = Place::new();
    let (_socket, events) = open_host(&place);
    let mut first = join(&place).hello();
    let one = attached(&events);
    let mut second = join(&place).hello();
    let two = attached(&events);
    first.say(&ClientMessage::Release);
    assert_eq!(next(&events), HostEvent::Detached(one));
    second.say(&ClientMessage::Release);
    assert_eq!(next(&events), HostEvent::Message(two, ClientMessage::Stop));
    assert_eq!(next(&events), HostEvent::Detached(two));
}

#[test]
fn forty_silent_clients_hold_nobody_up() {
    let place = Place::new();
    let (socket, events) = open_host(&place);
    let mut talker = join(&place).hello();
    let id = attached(&events);
    let silent: Vec<Client> = (0..40).map(|_| join(&place)).collect();
    let long = "x".repeat(64 << 10);
    for _ in 0..2_000 {
        socket.send(Recipient::All, printed(&long));
    }
    socket.send(Recipient::One(id), printed("still here"));
    while talker.hear().expect("the talker stays") != printed("still here") {}
    drop(silent);
    talker.say(&ClientMessage::Hush);
    assert_eq!(next(&events), HostEvent::Message(id, ClientMessage::Hush));
}
