//! The tour as a listener walks it: a lesson is heard, changed, broken and mended, and the next one comes.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// Longest wait for a line that must come; nothing is judged by how soon it does.
const PATIENCE: Duration = Duration::from_secs(60);

/// A tour that is under way, in a folder of its own.
struct Tour {
    child: Child,
    typed: ChildStdin,
    lines: Receiver<String>,
    folder: tempfile::TempDir,
}

impl Tour {
    fn start() -> Tour {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut child = Command::new(env!("CARGO_BIN_EXE_lilt"))
            .args(["tour", "--audio", "none", "--no-canvas", "--folder"])
            .arg(folder.path().join("mine"))
            .env("XDG_RUNTIME_DIR", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("lilt starts");
        let typed = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Tour { child, typed, lines, folder }
    }

    /// The listener's own script of a lesson.
    fn script(&self, name: &str) -> PathBuf {
        self.folder.path().join("mine").join(name)
    }

    fn types(&mut self, line: &str) {
        writeln!(self.typed, "{line}").expect("the tour listens");
    }

    /// Reads until a line begins with `words`, which the tour says, or the host, set in by four places.
    fn hears(&self, words: &str) {
        let mut read = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("nobody said `{words}`, but {read:#?}"));
            if line.starts_with(words) {
                return;
            }
            read.push(line);
        }
    }
}

impl Drop for Tour {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    fs::read_to_string(path).expect("an example")
}

#[test]
fn a_lesson_is_heard_changed_broken_and_mended_and_the_next_one_comes() {
    let mut tour = Tour::start();
    let (first, text) = (tour.script("01-first-note.lua"), example("01-first-note.lua"));
    tour.hears("1 of ");
    tour.hears("You hear: one note");
    tour.hears("    lilt: generation 1 ");
    let save = |text: &str| fs::write(&first, text).expect("saved");

    save(&text.replace("play(\"hello\", \"c4\")", "play(\"hello\", \"c4 e4 g4\")"));
    tour.hears("That is the change, and you hear it from the next bar on.");
    tour.hears("When you like, break it: ");
    save(&text.replace("play(\"hello\", \"c4\")", "play(\"hello\", \"h4\")"));
    tour.hears("Broken, as promised. The music goes on: hello.");
    save(&text.replace("play(\"hello\", \"c4\")", "play(\"hello\", \"c4*2\")"));
    tour.hears("Whole again, and nobody missed a beat. Enter goes on to 2, A beat.");

    tour.types("");
    tour.hears("2 of ");
    tour.hears("    lilt: generation 1 ");
    tour.types("nowhere");
    tour.hears("Enter goes on, ");
    tour.types("b");
    tour.hears("1 of ");
    tour.hears("    lilt: generation 1 ");
    assert!(fs::read_to_string(&first).expect("a script").contains("c4*2"), "one's own script stays");
    tour.types("q");
    tour.hears("The scripts are yours: ");
    assert!(tour.child.wait().expect("it ends").success());
}
