//! Paths of files as the `file:` addresses that editors use, and back.

use std::ffi::OsString;
use std::fmt::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use lsp_types::Uri;

/// The path that an address names; nothing when it is not a file of this machine (an unsaved buffer, say).
pub fn path_of(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = path.split(['?', '#']).next().filter(|path| path.starts_with('/'))?;
    let mut bytes = Vec::with_capacity(path.len());
    let mut left = path.bytes();
    while let Some(byte) = left.next() {
        if byte == b'%' {
            let mut digit = || Some(char::from(left.next()?).to_digit(16)? as u8);
            bytes.push(digit()? * 16 + digit()?);
        } else {
            bytes.push(byte);
        }
    }
    Some(PathBuf::from(OsString::from_vec(bytes)))
}

/// The address of an absolute path; nothing for a relative one.
pub fn uri_of(path: &Path) -> Option<Uri> {
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
    address.parse().ok()
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
            ("file:///my%20songs/%F0%9F%8E%B9.lua", Some("/my songs/🎹.lua")),
            ("file://elsewhere/a.lua", None),
            ("untitled:Untitled-1", None),
            ("git:/a/song.lua", None),
        ];
        for (address, path) in table {
            assert_eq!(path_of(&address.parse().unwrap()), path.map(PathBuf::from), "{address}");
        }
        assert_eq!(
            uri_of(Path::new("/my songs/é#1.lua")).unwrap().as_str(),
            "file:///my%20songs/%C3%A9%231.lua"
        );
        assert_eq!(uri_of(Path::new("song.lua")), None);
    }

    proptest! {
        #[test]
        fn every_path_comes_back(bytes in proptest::collection::vec(1u8..=255, 0..30)) {
            let path = Path::new("/").join(PathBuf::from(OsString::from_vec([b"x", bytes.as_slice()].concat())));
            prop_assert_eq!(path_of(&uri_of(&path).expect("it is absolute")), Some(path));
        }
    }
}
