//! Who may have what: decided from a request's head alone, before anything is read or sent.
//!
//! Any page that a browser shows can send requests to the loopback address, and a name of its own can be made to
//! point there. So the names under which this page is known are a closed list with the port; a socket is opened for
//! this page's own scripts alone, and serves nobody who does not know the token.

use super::head::Head;

/// Bytes of the token: 128 bits.
const TOKEN_BYTES: usize = 16;

/// What is known of a page that is served.
#[derive(Debug, Clone)]
pub struct Access {
    /// What `Host` may say.
    hosts: [String; 2],
    /// What `Origin` may say.
    origins: [String; 2],
    token: String,
}

/// The sockets of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Socket {
    /// The host's own protocol.
    Host,
    /// The language server.
    Language,
    /// The script's folder and the lessons.
    Folder,
}

/// What a request is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// The file of the page under this path.
    File(String),
    /// A socket; `key` is what the answer is made from.
    Socket {
        /// Which.
        socket: Socket,
        /// The request's `Sec-WebSocket-Key`.
        key: String,
    },
}

/// Why a request is given nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It names another host, or none.
    Host,
    /// It comes from another page, or a socket is wanted and it does not say from where.
    Origin,
    /// It does something else than read.
    Method,
    /// It wants a socket and does not say so in the way of WebSockets.
    Upgrade,
}

impl Refusal {
    /// The status of the answer, and its words.
    pub fn status(self) -> (u16, &'static str) {
        match self {
            Refusal::Host => (421, "Misdirected Request"),
            Refusal::Origin => (403, "Forbidden"),
            Refusal::Method => (405, "Method Not Allowed"),
            Refusal::Upgrade => (426, "Upgrade Required"),
        }
    }
}

impl Access {
    /// To a page at this port of the loopback address, with this token.
    pub fn new(port: u16, token: [u8; TOKEN_BYTES]) -> Access {
        let names = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        Access {
            origins: names.clone().map(|name| format!("http://{name}")),
            hosts: names,
            token: token.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }

    /// Where a browser finds the page. The token stands in the fragment, which browsers send to nobody.
    pub fn address(&self) -> String {
        format!("{}/#{}", self.origins[0], self.token)
    }

    /// The origins, for the page's own policy.
    pub fn sockets(&self) -> String {
        self.hosts.each_ref().map(|host| format!("ws://{host}")).join(" ")
    }

    /// What a request is given.
    ///
    /// # Errors
    /// Why it is given nothing.
    pub fn grant(&self, head: &Head) -> Result<Grant, Refusal> {
        let known = |names: &[String; 2], found: &[&[u8]]| match found {
            [one] => names.iter().any(|name| name.as_bytes() == *one),
            _ => false,
        };
        if !known(&self.hosts, &head.all("host")) {
            return Err(Refusal::Host);
        }
        let from = head.all("origin");
        if !from.is_empty() && !known(&self.origins, &from) {
            return Err(Refusal::Origin);
        }
        if head.method != "GET" {
            return Err(Refusal::Method);
        }
        let socket = match head.path.as_str() {
            "/host" => Socket::Host,
            "/language" => Socket::Language,
            "/folder" => Socket::Folder,
            path => return Ok(Grant::File(path.to_string())),
        };
        if from.is_empty() {
            return Err(Refusal::Origin);
        }
        let says = |name: &str, word: &str| {
            let said = head.all(name);
            said.iter().any(|value| {
                let mut words = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
                words.any(|said| said.eq_ignore_ascii_case(word.as_bytes()))
            })
        };
        let key = match head.all("sec-websocket-key").as_slice() {
            [key] => std::str::from_utf8(key).ok().filter(|key| key.len() == 24).map(str::to_string),
            _ => None,
        };
        let version = head.all("sec-websocket-version") == [b"13".as_slice()];
        match key {
            Some(key) if version && says("connection", "upgrade") && says("upgrade", "websocket") => {
                Ok(Grant::Socket { socket, key })
            }
            _ => Err(Refusal::Upgrade),
        }
    }

    /// Whether this is the token. Takes as long for a wrong one as for the right one.
    pub fn knows(&self, said: &str) -> bool {
        let (said, token) = (said.as_bytes(), self.token.as_bytes());
        let differs = |(one, other): (&u8, &u8)| one ^ other;
        said.len() == token.len() && said.iter().zip(token).map(differs).fold(0, |all, one| all | one) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        Access::new(7700, [0xab; 16])
    }

    fn head(text: &str) -> Head {
        Head::parse(format!("{}\r\n\r\n", text.replace('\n', "\r\n")).as_bytes())
            .expect("a head")
            .expect("a whole one")
            .0
    }

    const SOCKET: &str = "Connection: keep-alive, Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\n\
                          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

    #[test]
    fn only_the_page_itself_is_served() {
        use Refusal::{Host, Method, Origin, Upgrade};
        let file = |path: &str| Ok(Grant::File(path.to_string()));
        let key = "dGhlIHNhbXBsZSBub25jZQ==".to_string();
        let table = [
            ("GET / HTTP/1.1\nHost: 127.0.0.1:7700", file("/")),
            ("GET / HTTP/1.1\nHost: localhost:7700", file("/")),
            ("GET /stage HTTP/1.1\nHost: localhost:7700\nOrigin: http://localhost:7700", file("/stage")),
            // A name of somebody else that was made to point here.
            ("GET / HTTP/1.1\nHost: evil.example:7700", Err(Host)),
            ("GET / HTTP/1.1\nHost: 127.0.0.1.evil:7700", Err(Host)),
            ("GET / HTTP/1.1\nHost: localhost.evil:7700", Err(Host)),
            ("GET / HTTP/1.1\nHost: 127.0.0.1", Err(Host)),
            ("GET / HTTP/1.1\nHost: 127.0.0.1:7701", Err(Host)),
            ("GET / HTTP/1.1\nHost: 127.0.0.1:77000", Err(Host)),
            ("GET / HTTP/1.1\nHost: 0.0.0.0:7700", Err(Host)),
            ("GET / HTTP/1.1\nHost: [::1]:7700", Err(Host)),
            ("GET / HTTP/1.1\nHost: LOCALHOST:7700", Err(Host)),
            ("GET / HTTP/1.1\nHost: 127.0.0.1:7700\nHost: evil.example", Err(Host)),
            ("GET / HTTP/1.1\nAccept: */*", Err(Host)),
            ("GET / HTTP/1.1\nHost: 127.0.0.1:7700\nOrigin: http://evil.example", Err(Origin)),
            ("GET / HTTP/1.1\nHost: 127.0.0.1:7700\nOrigin: null", Err(Origin)),
            ("GET / HTTP/1.1\nHost: 127.0.0.1:7700\nOrigin: http://127.0.0.1:8080", Err(Origin)),
            ("GET / HTTP/1.1\nHost: 127.0.0.1:7700\nOrigin: https://127.0.0.1:7700", Err(Origin)),
            ("POST / HTTP/1.1\nHost: 127.0.0.1:7700", Err(Method)),
            ("OPTIONS /host HTTP/1.1\nHost: 127.0.0.1:7700", Err(Method)),
            ("GET /host HTTP/1.1\nHost: 127.0.0.1:7700\nSOCKET", Err(Origin)),
            ("GET /host HTTP/1.1\nHost: 127.0.0.1:7700\nOrigin: http://evil.example\nSOCKET", Err(Origin)),
            ("GET /host HTTP/1.1\nHost: 127.0.0.1:7700\nOrigin: http://127.0.0.1:7700", Err(Upgrade)),
            (
                "GET /host HTTP/1.1\nHost: 127.0.0.1:7700\nOrigin: http://127.0.0.1:7700\nSOCKET",
                Ok(Grant::Socket { socket: Socket::Host, key: key.clone() }),
            ),
            (
                "GET /language HTTP/1.1\nHost: localhost:7700\nOrigin: http://localhost:7700\nSOCKET",
                Ok(Grant::Socket { socket: Socket::Language, key: key.clone() }),
            ),
            (
                "GET /folder HTTP/1.1\nHost: localhost:7700\nOrigin: http://localhost:7700\nSOCKET",
                Ok(Grant::Socket { socket: Socket::Folder, key }),
            ),
        ];
        for (text, expected) in table {
            assert_eq!(access().grant(&head(&text.replace("SOCKET", SOCKET))), expected, "{text}");
        }
    }

    #[test]
    fn only_the_token_is_the_token() {
        let token = "ab".repeat(16);
        assert_eq!(access().address(), format!("http://127.0.0.1:7700/#{token}"));
        assert!(access().knows(&token));
        for wrong in ["", "ab", &token[..31], &format!("{token}a"), &"ac".repeat(16), &token.to_uppercase()] {
            assert!(!access().knows(wrong), "{wrong}");
        }
    }
}
