//! Where the socket of a script lives: a folder that only this user can enter.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use thiserror::Error;

/// What goes wrong with the folder of the sockets or with a socket in it.
#[derive(Debug, Error)]
pub enum SocketError {
    /// The folder can be entered by others, or is not a folder of this user.
    #[error("{} is not safe for Lilt's sockets: {reason}", directory.display())]
    Unsafe {
        /// The folder.
        directory: PathBuf,
        /// What is wrong with it and what to do.
        reason: String,
    },
    /// None of the places can be used.
    #[error("there is no folder for Lilt's sockets: {0}")]
    NoDirectory(String),
    /// The script's own path does not work.
    #[error("{} cannot be played: {source}", file.display())]
    File {
        /// The script.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another host plays this script.
    #[error(
        "{} is being played already{}; stop that one first, or open the file in an editor to join it",
        file.display(),
        process.as_deref().map(|number| format!(" (process {number})")).unwrap_or_default()
    )]
    AlreadyPlaying {
        /// The script.
        file: PathBuf,
        /// The process that plays it, where it is known.
        process: Option<String>,
    },
    /// The system refused.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
}

impl SocketError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> SocketError {
        let what = what.into();
        move |source| SocketError::Io { what, source }
    }
}

/// The folders that may hold sockets, the best first.
///
/// A host binds in the first one that works. Clients look into all of them, so that an editor started from a
/// desktop finds a host started from a terminal that has another environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketDirectories {
    candidates: Vec<PathBuf>,
}

/// The longest path of a socket in bytes that every system takes: `sun_path` has 104 bytes on macOS and 108
/// on Linux, one of them for the final zero.
const LONGEST_SOCKET_PATH: usize = 103;

/// Bytes of the hash in a socket's name; written with two digits each.
const HASH_BYTES: usize = 12;

impl SocketDirectories {
    /// The folders for these values of `XDG_RUNTIME_DIR` and of the user's number: `lilt` in the runtime
    /// folder, when there is one whose path is absolute and short enough, and `/tmp/lilt-UID`.
    pub fn from_environment(runtime: Option<&OsStr>, user: u32) -> SocketDirectories {
        let runtime =
            runtime.map(PathBuf::from).filter(|path| path.is_absolute()).map(|path| path.join("lilt"));
        let name = HASH_BYTES * 2 + "/.sock".len();
        let runtime = runtime.filter(|path| path.as_os_str().len() + name <= LONGEST_SOCKET_PATH);
        let shared = PathBuf::from(format!("/tmp/lilt-{user}"));
        SocketDirectories { candidates: runtime.into_iter().chain([shared]).collect() }
    }

    /// The folders of the user who runs this process.
    pub fn of_this_user() -> SocketDirectories {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR");
        SocketDirectories::from_environment(runtime.as_deref(), this_user())
    }

    /// These folders and no others.
    pub fn only(candidates: Vec<PathBuf>) -> SocketDirectories {
        SocketDirectories { candidates }
    }

    /// The folders, the best first.
    pub fn candidates(&self) -> &[PathBuf] {
        &self.candidates
    }

    /// Creates the first folder that can be used (mode 0700) and gives it back.
    ///
    /// # Errors
    /// [`SocketError::NoDirectory`] with the reason for each folder when none can be used.
    pub fn prepare(&self) -> Result<PathBuf, SocketError> {
        let mut reasons = Vec::new();
        for directory in &self.candidates {
            match prepare(directory) {
                Ok(()) => return Ok(directory.clone()),
                Err(error) => reasons.push(error.to_string()),
            }
        }
        Err(SocketError::NoDirectory(reasons.join("; ")))
    }

    /// The folders that exist and are safe.
    pub fn existing(&self) -> impl Iterator<Item = &Path> {
        self.candidates.iter().map(PathBuf::as_path).filter(|directory| check(directory).is_ok())
    }
}

/// The number of the user who runs this process.
pub(crate) fn this_user() -> u32 {
    rustix::process::getuid().as_raw()
}

fn prepare(directory: &Path) -> Result<(), SocketError> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(source) => {
            return Err(SocketError::Io { what: format!("cannot create {}", directory.display()), source });
        }
    }
    check(directory)
}

/// Checks that a folder is one (not a link), belongs to this user, and lets nobody else in.
fn check(directory: &Path) -> Result<(), SocketError> {
    let found = fs::symlink_metadata(directory)
        .map_err(SocketError::io(format!("cannot look at {}", directory.display())))?;
    let unsafe_because =
        |reason: String| Err(SocketError::Unsafe { directory: directory.to_path_buf(), reason });
    if !found.is_dir() {
        return unsafe_because("it is not a folder; remove it".into());
    }
    if found.uid() != this_user() {
        return unsafe_because(format!(
            "it belongs to user {}, not to you (user {})",
            found.uid(),
            this_user()
        ));
    }
    let mode = found.mode() & 0o777;
    if mode & 0o077 != 0 {
        return unsafe_because(format!(
            "its mode is {mode:03o}, so others can enter it; `chmod 700 {}` repairs it",
            directory.display()
        ));
    }
    Ok(())
}

/// The path of a script with all links resolved. The script itself need not exist yet, its folder must.
///
/// # Errors
/// [`SocketError::File`] when the folder does not exist or the path has no file name.
pub fn canonical_script(file: &Path) -> Result<PathBuf, SocketError> {
    let wrong = |source| SocketError::File { file: file.to_path_buf(), source };
    match file.canonicalize() {
        Ok(path) => Ok(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let name = file
                .file_name()
                .ok_or_else(|| wrong(io::Error::new(io::ErrorKind::InvalidInput, "it names no file")))?;
            let folder = match file.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            };
            Ok(folder.canonicalize().map_err(wrong)?.join(name))
        }
        Err(error) => Err(wrong(error)),
    }
}

/// The name, without an ending, of the files that belong to the host of a script: 24 hexadecimal digits of
/// the SHA-256 of its canonical path.
pub fn host_name(canonical: &Path) -> String {
    let hash = Sha256::digest(canonical.as_os_str().as_encoded_bytes());
    hash[..HASH_BYTES].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn the_folders_follow_from_the_environment() {
        let long = format!("/run/{}", "x".repeat(80));
        let table: [(Option<&str>, &[&str]); 5] = [
            (Some("/run/user/1000"), &["/run/user/1000/lilt", "/tmp/lilt-1000"]),
            (None, &["/tmp/lilt-1000"]),
            (Some(""), &["/tmp/lilt-1000"]),
            (Some("relative"), &["/tmp/lilt-1000"]),
            (Some(&long), &["/tmp/lilt-1000"]),
        ];
        for (runtime, expected) in table {
            let directories = SocketDirectories::from_environment(runtime.map(OsStr::new), 1000);
            let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(directories.candidates(), expected, "{runtime:?}");
        }
    }

    #[test]
    fn a_folder_is_made_for_this_user_alone_and_others_are_refused() {
        let temp = tempfile::tempdir().unwrap();
        let at = |name: &str| temp.path().join(name);
        fs::create_dir(at("open")).unwrap();
        fs::set_permissions(at("open"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(at("file"), "").unwrap();
        prepare(&at("real")).unwrap();
        symlink(at("real"), at("link")).unwrap();

        assert_eq!(fs::metadata(at("real")).unwrap().mode() & 0o777, 0o700);
        prepare(&at("real")).expect("a second time works too");
        let shown = |name: &str| prepare(&at(name)).unwrap_err().to_string();
        let open = at("open").display().to_string();
        assert_eq!(
            shown("open"),
            format!(
                "{open} is not safe for Lilt's sockets: its mode is 755, so others can enter it; \
                 `chmod 700 {open}` repairs it"
            )
        );
        for name in ["file", "link"] {
            let path = at(name).display().to_string();
            assert_eq!(
                shown(name),
                format!("{path} is not safe for Lilt's sockets: it is not a folder; remove it")
            );
        }
        assert!(
            shown("none/deeper").starts_with(&format!("cannot create {}: ", at("none/deeper").display()))
        );

        let directories = SocketDirectories::only(vec![at("none/deeper"), at("open"), at("second")]);
        assert_eq!(directories.prepare().unwrap(), at("second"));
        assert_eq!(directories.existing().collect::<Vec<_>>(), [at("second")]);
        let error = SocketDirectories::only(vec![at("open"), at("file")]).prepare().unwrap_err();
        assert!(matches!(error, SocketError::NoDirectory(reasons) if reasons.contains("; ")));
    }

    #[test]
    fn all_names_of_a_script_lead_to_one_socket() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("song.lua");
        fs::write(&file, "").unwrap();
        symlink(&file, temp.path().join("alias.lua")).unwrap();
        let name = |path: PathBuf| host_name(&canonical_script(&path).unwrap());
        let expected = name(file.clone());
        assert_eq!(expected.len(), 24);
        assert_eq!(name(temp.path().join("./song.lua")), expected);
        assert_eq!(name(temp.path().join("alias.lua")), expected);
        assert_ne!(name(temp.path().join("new.lua")), expected);
        let error = canonical_script(&temp.path().join("none/song.lua")).unwrap_err();
        assert!(matches!(error, SocketError::File { .. }), "{error}");
        assert!(matches!(canonical_script(Path::new("/")), Ok(path) if path == Path::new("/")));
    }

    #[test]
    fn the_name_is_the_hash_of_the_path() {
        // printf /songs/a.lua | sha256sum
        assert_eq!(host_name(Path::new("/songs/a.lua")), "6daded8259c01358ba3e1927");
    }
}
