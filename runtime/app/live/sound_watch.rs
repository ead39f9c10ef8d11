//! Folders of sounds are watched: what changes while it plays is read again.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crossbeam::channel::{Receiver, bounded};
use notify::{Event, RecursiveMode, Watcher, recommended_watcher};

use super::caught::caught;

/// How long nothing may happen until what has changed is looked at: a copied folder is then whole.
const SETTLE: Duration = Duration::from_millis(300);

/// Calls `changed` some time after something in these folders has, on a thread of its own, for as long as the
/// program runs. A folder that is not there is watched once it is, as long as the one that holds it is. Where
/// the system cannot watch, `say` is told.
///
/// # Errors
/// When the system gives no thread.
pub fn watch(
    folders: Vec<PathBuf>,
    changed: impl Fn() + Send + 'static,
    say: impl Fn(String) + Send + 'static,
) -> io::Result<()> {
    let (tell, told) = bounded(1);
    let run = move || {
        let watcher = recommended_watcher(move |event: notify::Result<Event>| {
            // Looking does not change anything; where it is not known what has happened, something may have.
            if event.is_ok_and(|event| event.kind.is_access()) {
                return;
            }
            // Full: whoever looks is told already.
            let _ = tell.try_send(());
        });
        let followed = caught(|| match watcher {
            Ok(watcher) => follow(watcher, &folders, &told, changed, &say),
            Err(error) => say(unheard(&error)),
        });
        if let Err(place) = followed {
            say(format!(
                "Lilt itself stumbled over the folders of sounds ({place}): their changes are not heard any more"
            ));
        }
    };
    thread::Builder::new().name("lilt sounds watch".to_string()).spawn(run).map(drop)
}

fn follow(
    mut watcher: impl Watcher,
    folders: &[PathBuf],
    told: &Receiver<()>,
    changed: impl Fn(),
    say: &impl Fn(String),
) {
    let mut watched = BTreeSet::new();
    loop {
        for folder in folders {
            let (path, mode) = match folder.parent() {
                _ if folder.is_dir() => (folder.as_path(), RecursiveMode::Recursive),
                Some(parent) => (parent, RecursiveMode::NonRecursive),
                None => continue,
            };
            if !path.is_dir() || watched.contains(path) {
                continue;
            }
            match watcher.watch(path, mode) {
                Ok(()) => {
                    watched.insert(path.to_path_buf());
                }
                Err(error) => return say(unheard(&error)),
            }
        }
        if told.recv().is_err() {
            return;
        }
        while told.recv_timeout(SETTLE).is_ok() {}
        watched.retain(|path| path.is_dir());
        changed();
    }
}

fn unheard(error: &notify::Error) -> String {
    format!("changes of sounds are not heard ({error}): start Lilt anew to hear them")
}
