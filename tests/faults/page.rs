//! The page, and whoever else finds its port.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use super::{ANCHOR, plays_on, reword};
use crate::stage::Host;

/// A host with a page on a silent clock, and the page's port.
fn host() -> (Host, u16) {
    let host = Host::start_with(ANCHOR, |command| {
        reword(command, |words| words.extend(["--web".into(), "--web-port".into(), "0".into()]));
    });
    let said = host.wait_for("open http://127.0.0.1:");
    let address = said.last().expect("a line").split("127.0.0.1:").nth(1).expect("an address");
    let (port, token) = address.split_once("/#").expect("a port and a token");
    let token = token.split_whitespace().next().expect("a token");
    assert_eq!(token.len(), 32, "{token}");
    (host, port.parse().expect("a port"))
}

#[test]
fn a_page_that_is_flooded_does_not_stop_the_music() {
    let (mut host, port) = host();
    let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok();
    let idle: Vec<_> = (0..200).filter_map(|_| connect()).collect();
    for _ in 0..2_000 {
        drop(connect());
    }
    // Megabytes that are no request: it hangs up long before their end.
    if let Some(mut stream) = connect() {
        let chunk = vec![b'x'; 1 << 20];
        let _written = (0..100).try_for_each(|_| stream.write_all(&chunk));
    }
    plays_on(&mut host);
    drop(idle);
    let mut page = String::new();
    for _ in 0..600 {
        page.clear();
        if let Some(mut stream) = connect() {
            let request = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
            let _said = stream.write_all(request.as_bytes());
            let _heard = stream.read_to_string(&mut page);
        }
        if page.starts_with("HTTP/1.1 200 OK") {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(page.starts_with("HTTP/1.1 200 OK"), "the page does not come back");
    plays_on(&mut host);
}

#[test]
fn a_port_that_is_taken_is_told_before_anything_plays() {
    let (mut host, port) = host();
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("other.lua");
    std::fs::write(&script, ANCHOR).expect("written");
    let mut command = host.another();
    command.env("XDG_RUNTIME_DIR", folder.path());
    reword(&mut command, |words| {
        *words = ["live", "--no-canvas", "--audio", "none", "--web", "--web-port"].map(Into::into).to_vec();
        words.extend([port.to_string().into(), script.into_os_string()]);
    });
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(&format!("port {port} is taken")), "{said}");
    plays_on(&mut host);
}
