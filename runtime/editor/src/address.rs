//! Addresses of documents as editors write them, and the paths that they name.

use std::ffi::OsString;
use std::fmt::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The address of a document, kept as the editor wrote it, since the editor looks for it by these letters. It
/// need not be a well-formed URI.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// The address of an absolute path; nothing for a relative one.
    pub fn of(path: &Path) -> Option<Address> {
        if !path.is_absolute() {
            return None;
        }
        let mut address = "file://".to_string();
        for &byte in path.as_os_str().as_bytes() {
            // The characters that RFC 3986 calls unreserved, and the separator.
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                address.push(char::from(byte));
            } else {
                write!(address, "%{byte:02X}").ok()?;
            }
        }
        Some(Address(address))
    }

    /// The path that it names; nothing when it is not a file of this machine (an unsaved buffer, say).
    ///
    /// `file:///path`, `file:/path`, `FILE://localhost/path` and paths with characters that should have been
    /// escaped are all understood; `%` without two digits stands for itself.
    pub fn path(&self) -> Option<PathBuf> {
        let (scheme, rest) = self.0.split_once(':')?;
        if !scheme.eq_ignore_ascii_case("file") {
            return None;
        }
        let path = match rest.strip_prefix("//") {
            Some(rest) => {
                let (host, path) = rest.split_at(rest.find('/')?);
                (host.is_empty() || host.eq_ignore_ascii_case("localhost")).then_some(path)?
            }
            None => rest,
        };
        let path = path.split(['?', '#']).next().filter(|path| path.starts_with('/'))?;
        Some(PathBuf::from(OsString::from_vec(unescaped(path.as_bytes()))))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl From<&str> for Address {
    fn from(address: &str) -> Address {
        Address(address.to_string())
    }
}

fn unescaped(escaped: &[u8]) -> Vec<u8> {
    let digit = |byte: &u8| Some(char::from(*byte).to_digit(16)? as u8);
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut left = escaped;
    while let [first, rest @ ..] = left {
        let escape = match rest {
            [high, low, ..] if *first == b'%' => digit(high).zip(digit(low)),
            _ => None,
        };
        bytes.push(escape.map_or(*first, |(high, low)| high * 16 + low));
        left = if escape.is_some() { &rest[2..] } else { rest };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_name_paths() {
        let table = [
            ("file:///a/song.lua", Some("/a/song.lua")),
            ("file://localhost/a.lua", Some("/a.lua")),
            ("FILE://LocalHost/a.lua", Some("/a.lua")),
            ("FILE:///a.lua", Some("/a.lua")),
            ("file:/a.lua", Some("/a.lua")),
            ("file:///my%20songs/%F0%9F%8E%B9.lua", Some("/my songs/🎹.lua")),
            ("file:///my songs/🎹 [1].lua", Some("/my songs/🎹 [1].lua")),
            ("file:///100%.lua", Some("/100%.lua")),
            ("file:///100%2", Some("/100%2")),
            ("file:///a%zz%2f.lua", Some("/a%zz/.lua")),
            ("file:///a.lua?x#y", Some("/a.lua")),
            ("file://elsewhere/a.lua", None),
            ("file://localhost", None),
            ("file:a.lua", None),
            ("untitled:Untitled-1", None),
            ("git:/a/song.lua", None),
            ("", None),
        ];
        for (address, path) in table {
            assert_eq!(Address::from(address).path(), path.map(PathBuf::from), "{address}");
        }
        assert_eq!(
            Address::of(Path::new("/my songs/é#1.lua")),
            Some(Address::from("file:///my%20songs/%C3%A9%231.lua"))
        );
        assert_eq!(Address::of(Path::new("song.lua")), None);
    }

    #[test]
    fn bytes_that_are_no_text_name_a_file_too() {
        let path = PathBuf::from(OsString::from_vec(b"/\xff\xfe.lua".to_vec()));
        assert_eq!(Address::from("file:///%FF%fe.lua").path(), Some(path));
    }

    proptest! {
        #[test]
        fn every_path_comes_back(bytes in proptest::collection::vec(1u8..=255, 0..30)) {
            let path = Path::new("/").join(PathBuf::from(OsString::from_vec([b"x", bytes.as_slice()].concat())));
            prop_assert_eq!(Address::of(&path).expect("it is absolute").path(), Some(path));
        }

        #[test]
        fn any_text_is_an_address_or_none(address in "file:/{0,3}\\PC{0,20}") {
            let path = Address::from(address.as_str()).path();
            prop_assert!(path.is_none_or(|path| path.is_absolute()));
        }
    }
}
