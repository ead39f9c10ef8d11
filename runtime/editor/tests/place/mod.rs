//! A script, and a folder for its sockets, of one test alone.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use lilt_editor::SocketDirectories;

/// How long an answer may take before the test calls it missing.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Place {
    pub temp: tempfile::TempDir,
    pub directories: SocketDirectories,
    pub script: PathBuf,
}

impl Place {
    pub fn new() -> Place {
        let temp = tempfile::tempdir().expect("a folder for the test");
        let directories = SocketDirectories::only(vec![temp.path().join("sockets")]);
        let script = temp.path().join("song.lua");
        fs::write(&script, "play(\"lead\")\n").expect("a script");
        Place { temp, directories, script }
    }
}
