//! Watches the script's folder, and says when a file in it was saved.
//!
//! The folder, not the file: editors save by renaming a new file over the old
//! one, and that ends a watch on the file itself.

use std::path::Path;

use crossbeam::channel::Sender;
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::wake::Wake;

/// Watches until dropped.
pub struct FolderWatch {
    _watcher: RecommendedWatcher,
}

impl FolderWatch {
    /// Sends [`Wake::Saved`] with the path of each Lua file that was written,
    /// created, renamed or removed in `folder`.
    ///
    /// # Errors
    /// When the system cannot watch the folder.
    pub fn start(folder: &Path, wakes: Sender<Wake>) -> Result<FolderWatch, notify::Error> {
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            if !changes_content(event.kind) {
                return;
            }
            for path in event.paths.into_iter().filter(|path| is_lua(path)) {
                // A closed channel means that the host is ending.
                let _ = wakes.send(Wake::Saved(path));
            }
        })?;
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
        Ok(FolderWatch { _watcher: watcher })
    }
}

/// True for events after which a file may hold something else, whole: closing
/// after writing and renaming on Linux; other systems only know "modified".
fn changes_content(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Remove(_) => true,
        EventKind::Modify(_) | EventKind::Create(_) => !cfg!(target_os = "linux"),
        _ => false,
    }
}

fn is_lua(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "lua" || extension == "luau")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_atomic_save_is_seen() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let script = folder.path().join("set.lua");
        std::fs::write(&script, "tempo(100)").expect("written");
        let (sender, receiver) = crossbeam::channel::unbounded();
        let _watch = FolderWatch::start(folder.path(), sender).expect("watched");
        let draft = folder.path().join("draft.tmp");
        std::fs::write(&draft, "tempo(120)").expect("written");
        std::fs::rename(&draft, &script).expect("renamed");
        let seen = receiver.recv_timeout(Duration::from_secs(10)).expect("the save is seen");
        let Wake::Saved(path) = seen else { panic!("only saves come from the watch") };
        assert_eq!(path.file_name(), script.file_name());
    }
}
