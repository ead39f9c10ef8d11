//! The log of a host that belongs to no terminal: a disk that is full stops neither its printing nor its music.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;

use crossbeam::channel::{Receiver, bounded};
use rustix::pipe::{PipeFlags, pipe_with};

use crate::launcher::LOG_VARIABLE;

/// The longest log, in bytes; then it begins anew, so that a script which prints all night fills no disk.
const LONGEST: u64 = 4 << 20;
/// How many pieces may wait for a disk that is slow; what comes besides is left out.
const MOST_WAITING: usize = 64;
/// How much is read at a time.
const PIECE: usize = 16 << 10;

/// Writes down what a program prints. What cannot be written is left out, and nobody waits for it.
#[derive(Debug)]
pub struct HostLog {
    path: PathBuf,
    written: u64,
    file: Option<File>,
}

impl HostLog {
    /// Sends what this process prints from now on, on standard output and standard error, into the log that
    /// `lilt lsp` chose; does nothing in a process that it did not start.
    ///
    /// Called once, as soon as the start has succeeded: a thread writes the log, and what is printed in the last
    /// moment before a process ends may be lost, which must not be the reason why it could not start.
    ///
    /// # Errors
    /// When the system has no pipe or no thread left; then it prints where it printed before.
    pub fn take_over() -> io::Result<()> {
        match std::env::var_os(LOG_VARIABLE) {
            Some(path) => HostLog::take_over_at(Path::new(&path)),
            None => Ok(()),
        }
    }

    fn take_over_at(path: &Path) -> io::Result<()> {
        let (printed, print) = pipe_with(PipeFlags::CLOEXEC)?;
        let (sender, pieces) = bounded::<Vec<u8>>(MOST_WAITING);
        let log = HostLog { path: path.to_path_buf(), written: 0, file: None };
        thread::Builder::new().name("lilt log writer".into()).spawn(move || log.write_all(&pieces))?;
        thread::Builder::new().name("lilt log reader".into()).spawn(move || {
            let mut printed = File::from(printed);
            let mut piece = vec![0; PIECE];
            // Both ends of the pipe are this process's own: it ends with the process.
            while let Ok(count @ 1..) = printed.read(&mut piece) {
                let _left_out_when_full = sender.try_send(piece[..count].to_vec());
            }
        })?;
        rustix::stdio::dup2_stdout(&print)?;
        rustix::stdio::dup2_stderr(&print)?;
        Ok(())
    }

    fn write_all(mut self, pieces: &Receiver<Vec<u8>>) {
        for piece in pieces {
            // A full disk has room again some day.
            if self.write(&piece).is_err() {
                self.file = None;
            }
        }
    }

    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        let begins_anew = self.written + piece.len() as u64 > LONGEST;
        if begins_anew {
            (self.file, self.written) = (None, 0);
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let mut options = OpenOptions::new();
                // What was printed before the log was taken over stays.
                options.create(true).append(true).mode(0o600);
                let file = options.open(&self.path)?;
                if begins_anew {
                    file.set_len(0)?;
                }
                self.file.insert(file)
            }
        };
        file.write_all(piece)?;
        self.written += piece.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(path: &Path) -> HostLog {
        HostLog { path: path.to_path_buf(), written: 0, file: None }
    }

    #[test]
    fn a_log_that_grows_too_long_begins_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("host.log");
        std::fs::write(&path, "before\n").expect("written");
        let mut log = log(&path);
        log.write(b"first\n").expect("written");
        assert_eq!(std::fs::read(&path).expect("the log"), b"before\nfirst\n");
        for _ in 0..LONGEST / PIECE as u64 {
            log.write(&[b'x'; PIECE]).expect("written");
        }
        log.write(b"last\n").expect("written");
        let written = std::fs::read(&path).expect("the log");
        assert!(written.len() <= PIECE + 10, "{}", written.len());
        assert!(written.ends_with(b"last\n"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_borne() {
        // Every write to this device fails as on a full disk.
        let mut full = log(Path::new("/dev/full"));
        assert_eq!(full.write(b"one").expect_err("no room").kind(), io::ErrorKind::StorageFull);
        let (sender, pieces) = bounded(MOST_WAITING);
        for _ in 0..10 {
            sender.send(b"one".to_vec()).expect("room");
        }
        drop(sender);
        full.write_all(&pieces);
        assert!(pieces.is_empty(), "all were taken");
    }
}
