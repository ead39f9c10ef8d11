//! A running `lilt live` whose sound goes into the JACK server.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use lilt_editor::SocketDirectories;
use rustix::process::{Pid, Signal, kill_process};

use crate::recorder::CLIENT;

/// Longest wait for a line that must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running host.
pub struct Host {
    child: Child,
    script: PathBuf,
    directories: SocketDirectories,
    lines: Receiver<String>,
}

impl Host {
    /// Starts `lilt` on `script`, and waits until it plays. Its socket and its ALSA configuration
    /// lie in `folder`, which is its own.
    ///
    /// # Errors
    /// When it does not start, does not play, or plays into nothing.
    pub fn start(lilt: &Path, script: &Path, folder: &Path, events: Option<&Path>) -> Result<Host> {
        let config = folder.join("asound.conf");
        fs::write(&config, alsa_config())?;
        let mut command = Command::new(lilt);
        command.args(["live", "--no-canvas"]);
        if let Some(events) = events {
            command.arg("--events").arg(events);
        }
        let mut child = command
            .arg(script)
            .env("ALSA_CONFIG_PATH", &config)
            .env("XDG_RUNTIME_DIR", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} does not start", lilt.display()))?;
        let errors = BufReader::new(child.stderr.take().context("standard error is piped")?);
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let directories = SocketDirectories::only(vec![folder.join("lilt")]);
        let host = Host { child, script: script.to_path_buf(), directories, lines };
        let said = host.wait_for("generation 1")?;
        if let Some(line) = said.iter().find(|line| line.contains("silent clock")) {
            bail!("{line}: is libasound2-plugins installed?");
        }
        Ok(host)
    }

    /// The script that it plays.
    pub fn script(&self) -> &Path {
        &self.script
    }

    /// Where its socket lies.
    pub fn directories(&self) -> &SocketDirectories {
        &self.directories
    }

    /// Its number as a process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Reads what it says until a line holds `words`; every line read.
    ///
    /// # Errors
    /// When it does not say so within a minute.
    pub fn wait_for(&self, words: &str) -> Result<Vec<String>> {
        let end = Instant::now() + PATIENCE;
        let mut read = Vec::new();
        loop {
            let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) else {
                bail!("the host never said `{words}`, but:\n{}", read.join("\n"));
            };
            let found = line.contains(words);
            read.push(line);
            if found {
                return Ok(read);
            }
        }
    }

    /// Every line that it has said since the last look.
    pub fn said(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    /// True while it runs.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn runs(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Ends it as Ctrl-C does; its last lines.
    ///
    /// # Errors
    /// When it does not end within a minute.
    pub fn stop(mut self) -> Result<Vec<String>> {
        let process = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("a process")?;
        // It may have ended by itself, which `runs` tells.
        let _ended = kill_process(process, Signal::INT);
        let end = Instant::now() + PATIENCE;
        while self.runs()? {
            if Instant::now() > end {
                bail!("the host does not end");
            }
            thread::sleep(Duration::from_millis(20));
        }
        // What it said is read to the end: its pipe is closed.
        Ok(self.lines.iter().collect())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Where it has ended there is nothing to end.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// Sends what is played on the default device into the recorder. It includes nothing of the
/// system, where another default device may be set.
fn alsa_config() -> String {
    format!(
        "pcm.!default {{\n    type plug\n    slave.pcm {{\n        type jack\n        playback_ports {{\n            \
         0 \"{CLIENT}:left\"\n            1 \"{CLIENT}:right\"\n        }}\n    }}\n}}\n"
    )
}
