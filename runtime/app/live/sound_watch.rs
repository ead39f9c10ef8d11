//! Folders of sounds are watched: what changes while it plays is read again.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, bounded};
use notify::{Event, RecursiveMode, Watcher, recommended_watcher};

use super::caught::caught;

/// How long nothing may happen until what has changed is looked at: a copied folder is then whole.
const SETTLE: Duration = Duration::from_millis(300);

/// How long that is waited for: a file that grows without end is looked at too.
const LONGEST: Duration = Duration::from_secs(5);

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
    let heard: Vec<PathBuf> = folders.iter().flat_map(|folder| names(folder)).collect();
    // As they are reached from the root: a folder beside a script that is named without a folder has none to be watched.
    let folders: Vec<PathBuf> =
        folders.into_iter().map(|folder| std::path::absolute(&folder).unwrap_or(folder)).collect();
    let run = move || {
        let watcher = recommended_watcher(move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| !concerns(&event, &heard)) {
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

/// The names by which the system may tell of a folder: as it is reached from the root, and with all links followed.
fn names(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let whole = std::path::absolute(folder).ok();
    let real =
        whole.as_ref().and_then(|whole| Some(whole.parent()?.canonicalize().ok()?.join(whole.file_name()?)));
    whole.into_iter().chain(real)
}

/// Whether something may have changed in one of the folders. Looking does not change anything, and what lies beside a
/// folder is none of it: a recording that grows there never comes to rest. Where it is not known what has happened,
/// something may have.
fn concerns(event: &Event, folders: &[PathBuf]) -> bool {
    let within = |path: &PathBuf| folders.iter().any(|folder| path.starts_with(folder));
    !event.kind.is_access() && (event.paths.is_empty() || event.paths.iter().any(within))
}

fn follow(
    mut watcher: impl Watcher,
    folders: &[PathBuf],
    told: &Receiver<()>,
    changed: impl Fn(),
    say: &impl Fn(String),
) {
    let mut watched = BTreeSet::new();
    let mut first = true;
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
        // Once it is watched: what comes from now on is told of.
        if !std::mem::take(&mut first) {
            changed();
        }
        if told.recv().is_err() {
            return;
        }
        let longest = Instant::now() + LONGEST;
        while Instant::now() < longest && told.recv_timeout(SETTLE).is_ok() {}
        watched.retain(|path| path.is_dir());
    }
}

fn unheard(error: &notify::Error) -> String {
    format!("changes of sounds are not heard ({error}): start Lilt anew to hear them")
}

#[cfg(test)]
mod tests {
    use notify::event::{AccessKind, CreateKind, EventKind};

    use super::*;

    #[test]
    fn what_lies_beside_a_folder_of_sounds_is_none_of_it() {
        let folders = [PathBuf::from("/set/samples")];
        let event = |kind, path: &str| Event::new(kind).add_path(PathBuf::from(path));
        let created = EventKind::Create(CreateKind::Any);
        for (path, concerned) in [
            ("/set/samples", true),
            ("/set/samples/kick/one.wav", true),
            ("/set/events.jsonl", false),
            ("/set/samples.wav", false),
        ] {
            assert_eq!(concerns(&event(created, path), &folders), concerned, "{path}");
        }
        let told: Vec<PathBuf> = names(Path::new("./samples")).collect();
        assert!(told.len() == 2 && told.iter().all(|name| name.is_absolute() && name.ends_with("samples")));
        assert!(!concerns(&event(EventKind::Access(AccessKind::Any), "/set/samples/a"), &folders));
        assert!(concerns(&Event::new(EventKind::Other), &folders));
    }
}
