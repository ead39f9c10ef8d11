//! The head of a request, read from a stream that may send anything.

use std::io::{self, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The longest head that is read, in bytes. Browsers send some hundreds.
pub const LONGEST_HEAD: usize = 16 << 10;
/// The most fields that a head may have.
const MOST_FIELDS: usize = 64;

/// What a request says before its body. Names of fields are as they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Such as `GET`.
    pub method: String,
    /// The path, without what stands after `?`.
    pub path: String,
    fields: Vec<(String, Vec<u8>)>,
}

/// Why there is no head.
#[derive(Debug)]
pub enum NoHead {
    /// It is none of HTTP.
    Malformed,
    /// It is longer than [`LONGEST_HEAD`].
    TooLong,
    /// It did not come in time, or not at all.
    Gone,
}

impl Head {
    /// Every value of a field, by its name in lower case.
    pub fn all(&self, name: &str) -> Vec<&[u8]> {
        let named = self.fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_slice()).collect()
    }

    /// The head at the beginning of `bytes`, and how many bytes it takes; nothing while more has to come.
    ///
    /// # Errors
    /// [`NoHead::Malformed`] when it is none.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Head, usize)>, NoHead> {
        let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
        let mut request = httparse::Request::new(&mut fields);
        let taken = match request.parse(bytes) {
            Ok(httparse::Status::Complete(taken)) => taken,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(NoHead::Malformed),
        };
        let (Some(method), Some(target)) = (request.method, request.path) else {
            return Err(NoHead::Malformed);
        };
        let path = target.split('?').next().unwrap_or_default().to_string();
        let fields =
            request.headers.iter().map(|field| (field.name.to_string(), field.value.to_vec())).collect();
        Ok(Some((Head { method: method.to_string(), path, fields }, taken)))
    }

    /// Reads a head, and gives what came after it too. Takes no longer than `limit`, however slowly bytes come.
    ///
    /// # Errors
    /// Why there is none.
    pub fn read(stream: &mut TcpStream, limit: Duration) -> Result<(Head, Vec<u8>), NoHead> {
        let deadline = Instant::now() + limit;
        let mut bytes = Vec::with_capacity(1024);
        let mut chunk = [0; 2048];
        loop {
            if let Some((head, taken)) = Head::parse(&bytes)? {
                return Ok((head, bytes.split_off(taken)));
            }
            if bytes.len() >= LONGEST_HEAD {
                return Err(NoHead::TooLong);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
                return Err(NoHead::Gone);
            }
            match stream.read(&mut chunk) {
                Ok(0) => return Err(NoHead::Gone),
                Ok(read) => bytes.extend_from_slice(&chunk[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(NoHead::Gone),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_head_is_read_and_what_is_none_is_told() {
        let head = Head::parse(b"GET /stage?x=1 HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\nrest");
        let (head, taken) = head.expect("a head").expect("a whole one");
        assert_eq!((head.method.as_str(), head.path.as_str(), taken), ("GET", "/stage", 45));
        assert_eq!(head.all("host"), [b"a", b"b"]);
        for (bytes, whole) in
            [(b"".as_slice(), None), (b"GET / HT", None), (b"\x16\x03\x01\x02\x00", Some(()))]
        {
            assert_eq!(Head::parse(bytes).err().map(|_| ()), whole, "{bytes:?}");
        }
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(MOST_FIELDS + 1));
        assert!(matches!(Head::parse(many.as_bytes()), Err(NoHead::Malformed)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(Some((_, taken))) = Head::parse(&bytes) {
                prop_assert!(taken <= bytes.len());
            }
        }
    }
}
