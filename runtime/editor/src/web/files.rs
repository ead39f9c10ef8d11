//! The files of the page, as they were when Lilt was built, and the answers that carry them.

/// A file of the page.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Its `Content-Type`.
    pub kind: &'static str,
    /// What is in it.
    pub bytes: &'static [u8],
}

macro_rules! built {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../editor-integration/web/dist/", $name))
    };
}

/// What stands in the pages for the word that only this answer's own styles know.
const NONCE: &str = "LILT_NONCE";

/// The file under a path.
pub fn file(path: &str) -> Option<File> {
    let (kind, bytes): (_, &'static [u8]) = match path {
        "/" => ("text/html; charset=utf-8", built!("index.html")),
        "/stage" => ("text/html; charset=utf-8", built!("stage.html")),
        "/page.js" => ("text/javascript; charset=utf-8", built!("page.js")),
        "/page.css" => ("text/css; charset=utf-8", built!("page.css")),
        "/icon.svg" => ("image/svg+xml", built!("icon.svg")),
        "/licences.txt" => ("text/plain; charset=utf-8", built!("licences.txt")),
        _ => return None,
    };
    Some(File { kind, bytes })
}

impl File {
    /// The answer that carries it to a page whose sockets are these (`ws://…`, with blanks between). `nonce` is a word
    /// that was never used before: styles that the editor makes while it runs bear it, and no others are taken.
    pub fn answer(self, sockets: &str, nonce: &str) -> Vec<u8> {
        let is_page = self.kind.starts_with("text/html");
        let body = match std::str::from_utf8(self.bytes).ok().filter(|_| is_page) {
            Some(text) => text.replace(NONCE, nonce).into_bytes(),
            None => self.bytes.to_vec(),
        };
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
             connect-src 'self' {sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\nContent-Security-Policy: {policy}\r\n\
             X-Frame-Options: DENY\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\
             Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n\
             Cache-Control: no-store\r\nConnection: close\r\n\r\n",
            self.kind,
            body.len(),
        )
        .into_bytes();
        answer.extend_from_slice(&body);
        answer
    }
}

/// An answer without a file.
pub fn refusal(status: u16, words: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} {words}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{words}",
        words.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_nonce_and_its_policy_are_the_same() {
        for path in ["/", "/stage"] {
            let answer = file(path).expect("a page").answer("ws://127.0.0.1:1", "fresh");
            let answer = String::from_utf8(answer).expect("text");
            assert!(answer.contains("'nonce-fresh'") && answer.contains("content=\"fresh\""), "{path}");
            assert!(!answer.contains(NONCE) && answer.contains("connect-src 'self' ws://127.0.0.1:1;"));
        }
    }

    #[test]
    fn nothing_else_is_a_file() {
        for path in
            ["", "/index.html", "/../Cargo.toml", "//", "/page.js/", "/set.lua", "/%2e%2e/x", "/PAGE.JS"]
        {
            assert!(file(path).is_none(), "{path}");
        }
    }
}
