//! Watches what a script is made of, and says when a file of it was saved.
//!
//! Folders, not files: editors save by renaming a new file over the old one, and that ends a
//! watch on the file itself. The folders are that of the script as it is named, those to which
//! links in it lead, and those of what the script reads. Once a second all is looked at again, so that a folder that was
//! renamed, removed or cloned anew is found, and a save that the system did not tell is heard.

mod listing;
#[cfg(test)]
mod tests;
mod watched;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::caught::caught;
use listing::Listing;
pub use watched::{Concern, Watched};

/// How often all is looked at while the system tells of saves.
const ROUND: Duration = Duration::from_secs(1);
/// How often all is looked at where the system does not tell of saves.
const POLL: Duration = Duration::from_millis(50);
/// How soon a file that was seen changing is looked at again.
const SETTLE: Duration = Duration::from_millis(200);

/// Watches until dropped.
pub struct FolderWatch {
    messages: Sender<Message>,
    notices: Receiver<String>,
}

impl FolderWatch {
    /// Calls `saved` with the path of each Lua file that was written, created, renamed or removed
    /// beside `script` or beside the file that `script` is a link to, and of each file that
    /// [`Required`] names, once for each save. A file
    /// that the script's own folder names, be it by a link, is told by that name; the script
    /// itself always as `script`.
    ///
    /// Where the system cannot watch, the files are looked at instead, and
    /// [`FolderWatch::take_notice`] says so.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(script: &Path, saved: impl Fn(PathBuf) + Send + 'static) -> std::io::Result<FolderWatch> {
        FolderWatch::start_with(script, saved, |sender| {
            notify::recommended_watcher(move |event| {
                // A closed channel means that the watch is being dropped.
                let _ = sender.send(Message::Told(event));
            })
        })
    }

    fn start_with(
        script: &Path,
        saved: impl Fn(PathBuf) + Send + 'static,
        watcher: impl FnOnce(Sender<Message>) -> notify::Result<RecommendedWatcher>,
    ) -> std::io::Result<FolderWatch> {
        let (messages, told) = channel();
        let (say, notices) = channel();
        let mut round = Round {
            listing: Listing::of(script),
            watcher: None,
            watching: BTreeMap::new(),
            look: Instant::now() + ROUND,
            say,
        };
        match watcher(messages.clone()) {
            Ok(watcher) => round.watcher = Some(watcher),
            Err(error) => round.poll(&error),
        }
        // Watched before it is told that the watch has begun, so that no save falls between.
        round.follow();
        round.listing = Listing::of(script);
        thread::Builder::new().name("lilt watch".to_string()).spawn(move || round.run(&told, &saved))?;
        Ok(FolderWatch { messages, notices })
    }

    /// Where it is told what the script requires and reads.
    pub fn required(&self) -> Required {
        Required(self.messages.clone())
    }

    /// What the performer should know of the watching, once.
    pub fn take_notice(&self) -> Option<String> {
        self.notices.try_recv().ok()
    }
}

impl Drop for FolderWatch {
    fn drop(&mut self) {
        // Nobody is there to be told only where the thread has ended.
        let _ = self.messages.send(Message::End);
    }
}

/// Tells a watch what else it is to look at.
#[derive(Clone)]
pub struct Required(Sender<Message>);

impl Required {
    /// The script requires or reads these files, by their names from its folder; they were read after `began`. One
    /// that is newer is told as saved.
    pub fn tell(&self, names: Vec<String>, began: SystemTime) {
        // A watch that has ended looks at nothing.
        let _ = self.0.send(Message::Required(names, began));
    }
}

/// What the thread of the watch is told.
enum Message {
    /// What the script requires and reads, by names from its folder, and since when.
    Required(Vec<String>, SystemTime),
    /// Something happened in a folder.
    Told(notify::Result<Event>),
    /// The watch is dropped.
    End,
}

/// Tells one folder from another of the same path. The time of birth is there since a number of
/// an inode is given again.
#[derive(PartialEq)]
struct Identity {
    device: u64,
    inode: u64,
    born: Option<SystemTime>,
}

impl Identity {
    fn of(folder: &Path) -> Option<Identity> {
        let seen = fs::metadata(folder).ok().filter(fs::Metadata::is_dir)?;
        Some(Identity { device: seen.dev(), inode: seen.ino(), born: seen.created().ok() })
    }
}

/// The thread of the watch.
struct Round {
    listing: Listing,
    /// None where the system cannot watch.
    watcher: Option<RecommendedWatcher>,
    /// The folders that are watched.
    watching: BTreeMap<PathBuf, Identity>,
    /// When all is looked at next.
    look: Instant,
    say: Sender<String>,
}

impl Round {
    /// Watches until the watch is dropped, whatever breaks.
    fn run(mut self, told: &Receiver<Message>, saved: &impl Fn(PathBuf)) {
        while let Err(place) = caught(|| self.work(told, saved)) {
            // What could not be looked at is looked at again, and not at once.
            self.look = Instant::now() + ROUND;
            // Nobody need listen.
            let _ = self.say.send(format!(
                "Lilt itself stumbled over what was saved ({place}): save once more what is not heard"
            ));
        }
    }

    fn work(&mut self, told: &Receiver<Message>, saved: &impl Fn(PathBuf)) {
        loop {
            match told.recv_timeout(self.look.saturating_duration_since(Instant::now())) {
                Ok(Message::Told(Ok(event))) => self.told(&event, saved),
                // What the system could not tell is found by looking.
                Ok(Message::Told(Err(_))) => self.look = Instant::now(),
                Err(RecvTimeoutError::Timeout) => self.look_around(saved),
                Ok(Message::Required(names, began)) => {
                    if self.listing.require(names, began) {
                        self.follow();
                        self.look_soon();
                    }
                }
                Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn told(&mut self, event: &Event, saved: &impl Fn(PathBuf)) {
        if event.need_rescan() {
            self.look = Instant::now();
        }
        for path in &event.paths {
            if self.watching.contains_key(path) {
                if has_gone(event.kind) {
                    self.forget(path);
                    self.look_soon();
                }
                continue;
            }
            if is_whole(event.kind) || created_link(event.kind, path) {
                self.listing.look_at(path).into_iter().for_each(saved);
            }
            if has_gone(event.kind) || matches!(event.kind, EventKind::Create(_)) {
                // A link may lead elsewhere: what lies there by now is seen soon, as is a second
                // name of a file, and what is gone for good.
                self.follow();
                self.look_soon();
            }
        }
    }

    fn look_around(&mut self, saved: &impl Fn(PathBuf)) {
        self.follow();
        let now = Instant::now();
        self.listing.look_around(now).into_iter().for_each(saved);
        self.follow();
        self.look = now
            + match (&self.watcher, self.listing.is_settled()) {
                (None, _) => POLL,
                (Some(_), false) => SETTLE,
                (Some(_), true) => ROUND,
            };
    }

    fn look_soon(&mut self) {
        self.look = self.look.min(Instant::now() + SETTLE);
    }

    /// Watches the folders that matter as they are now, and no others.
    fn follow(&mut self) {
        let wanted = self.listing.folders();
        let gone: Vec<PathBuf> = self
            .watching
            .iter()
            .filter(|(path, was)| !wanted.contains(*path) || Identity::of(path).as_ref() != Some(*was))
            .map(|(path, _)| path.clone())
            .collect();
        for path in gone {
            self.forget(&path);
        }
        for path in wanted {
            if self.watching.contains_key(&path) {
                continue;
            }
            let (Some(watcher), Some(identity)) = (&mut self.watcher, Identity::of(&path)) else { continue };
            match watcher.watch(&path, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watching.insert(path, identity);
                }
                // Gone between the two looks: looked for again.
                Err(_) if !path.is_dir() => {}
                Err(error) => self.poll(&error),
            }
        }
    }

    fn forget(&mut self, path: &Path) {
        self.watching.remove(path);
        if let Some(watcher) = &mut self.watcher {
            // The watch of a folder that was removed has ended by itself.
            let _ = watcher.unwatch(path);
        }
    }

    /// From here on all is looked at, since the system does not tell.
    fn poll(&mut self, error: &notify::Error) {
        self.watcher = None;
        self.watching.clear();
        self.look = Instant::now();
        // Nobody need listen.
        let _ = self.say.send(format!(
            "the system does not tell of saves ({error}): the files are looked at {} times a second instead",
            1000 / POLL.as_millis()
        ));
    }
}

/// True for events after which a file may hold something else, whole: closing after writing and
/// renaming to it on Linux; other systems only know "modified". A file that was moved away is
/// not looked at: the one that takes its place may be half written.
fn is_whole(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Modify(ModifyKind::Name(mode)) => !matches!(mode, RenameMode::From | RenameMode::Both),
        EventKind::Modify(_) | EventKind::Create(_) => !cfg!(target_os = "linux"),
        _ => false,
    }
}

fn has_gone(kind: EventKind) -> bool {
    matches!(kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)))
}

/// A new link is whole when it is there.
fn created_link(kind: EventKind, path: &Path) -> bool {
    matches!(kind, EventKind::Create(_)) && path.is_symlink()
}
