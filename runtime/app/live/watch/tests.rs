//! Saves of every kind, in folders of every kind, on the real file system.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::mpsc::{Receiver, channel};

use super::*;

/// Longest wait for a save that must be told.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder with the folders `here`, from which the script is played, and `there`.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["here", "there", "between"] {
            fs::create_dir(folder.path().join(name)).expect("made");
        }
        Place(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    /// Saves as most editors do: a new file, renamed over the old one.
    fn replace(&self, name: &str, text: &str) {
        self.write("here/draft.tmp", text);
        self.rename("here/draft.tmp", name);
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).expect("renamed");
    }

    fn link(&self, to: &str, name: &str) {
        symlink(to, self.path(name)).expect("linked");
    }

    /// Points an existing link elsewhere, in one step, as `ln -sfn` does.
    fn relink(&self, to: &str, name: &str) {
        self.link(to, "here/draft.tmp");
        self.rename("here/draft.tmp", name);
    }
}

struct Watching {
    watch: FolderWatch,
    saves: Receiver<PathBuf>,
}

impl Watching {
    fn of(script: &Path) -> Watching {
        let (sender, saves) = channel();
        let watch = FolderWatch::start(script, move |path| {
            let _ended = sender.send(path);
        });
        Watching { watch: watch.expect("a thread"), saves }
    }

    fn next(&self, about: &str) -> PathBuf {
        self.saves.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("nothing was told: {about}"))
    }
}

/// What is done to the files, and the name under which it is told.
type Row = (&'static str, fn(&Place), fn(&Place), &'static str);

/// First what is there, then what happens.
const SAVES: [Row; 17] = [
    ("written in place", |p| p.write("here/set.lua", "1"), |p| p.write("here/set.lua", "2"), "here/set.lua"),
    (
        "written in place, as long as before",
        |p| p.write("here/set.lua", "tempo(1)"),
        |p| p.write("here/set.lua", "tempo(2)"),
        "here/set.lua",
    ),
    ("replaced", |p| p.write("here/set.lua", "1"), |p| p.replace("here/set.lua", "2"), "here/set.lua"),
    (
        "moved away and written anew",
        |p| p.write("here/set.lua", "1"),
        |p| {
            p.rename("here/set.lua", "here/set.lua~");
            p.write("here/set.lua", "2");
        },
        "here/set.lua",
    ),
    (
        "saved again as it was",
        |p| p.write("here/set.lua", "1"),
        |p| p.write("here/set.lua", "1"),
        "here/set.lua",
    ),
    ("made after the start", |_| {}, |p| p.write("here/set.lua", "1"), "here/set.lua"),
    (
        "removed",
        |p| p.write("here/set.lua", "1"),
        |p| fs::remove_file(p.path("here/set.lua")).expect("removed"),
        "here/set.lua",
    ),
    ("a required file that was missing", |_| {}, |p| p.write("here/mine.lua", "1"), "here/mine.lua"),
    (
        "a link into the same folder, its target written in place",
        |p| {
            p.write("here/v1.txt", "1");
            p.link("v1.txt", "here/set.lua");
        },
        |p| p.write("here/v1.txt", "2"),
        "here/set.lua",
    ),
    (
        "a link into another folder, its target written in place",
        |p| {
            p.write("there/other.lua", "1");
            p.link("../there/other.lua", "here/set.lua");
        },
        |p| p.write("there/other.lua", "2"),
        "here/set.lua",
    ),
    (
        "a link into another folder, its target replaced",
        |p| {
            p.write("there/set.lua", "1");
            p.link("../there/set.lua", "here/set.lua");
        },
        |p| p.replace("there/set.lua", "2"),
        "here/set.lua",
    ),
    (
        "a link over a link, the one between pointed elsewhere",
        |p| {
            p.write("there/v1.lua", "1");
            p.write("there/v2.lua", "2");
            p.link("../there/v1.lua", "between/current");
            p.link("../between/current", "here/set.lua");
        },
        |p| p.relink("../there/v2.lua", "between/current"),
        "here/set.lua",
    ),
    (
        "a link pointed elsewhere",
        |p| {
            p.write("there/v1.lua", "1");
            p.write("between/v2.lua", "2");
            p.link("../there/v1.lua", "here/set.lua");
        },
        |p| p.relink("../between/v2.lua", "here/set.lua"),
        "here/set.lua",
    ),
    (
        "a link replaced by a file",
        |p| {
            p.write("there/v1.lua", "1");
            p.link("../there/v1.lua", "here/set.lua");
        },
        |p| p.replace("here/set.lua", "2"),
        "here/set.lua",
    ),
    (
        "a link that led nowhere",
        |p| p.link("../there/later.lua", "here/set.lua"),
        |p| p.write("there/later.lua", "1"),
        "here/set.lua",
    ),
    (
        "a required file that is a link into another folder",
        |p| {
            p.write("there/shared.lua", "1");
            p.link("../there/shared.lua", "here/mine.lua");
        },
        |p| p.replace("there/shared.lua", "2"),
        "here/mine.lua",
    ),
    (
        "a required file beside the target of a link",
        |p| {
            p.write("there/set.lua", "1");
            p.link("../there/set.lua", "here/set.lua");
        },
        |p| p.write("there/mine.lua", "1"),
        "there/mine.lua",
    ),
];

#[test]
fn every_save_is_told_once_by_the_name_that_the_performer_gave() {
    for (about, before, after, told) in SAVES {
        let place = Place::new();
        before(&place);
        let watching = Watching::of(&place.path("here/set.lua"));
        after(&place);
        let path = watching.next(about);
        // The folder that the script does not name is told without links in its path.
        assert_eq!(path.canonicalize().ok(), place.path(told).canonicalize().ok(), "{about}");
        assert!(path == place.path(told) || told.starts_with("there"), "{about}: {}", path.display());
        // What is told next is the next save.
        place.replace("here/last.lua", "last");
        assert_eq!(watching.next(about), place.path("here/last.lua"), "{about}: told twice");
        assert_eq!(watching.watch.take_notice(), None, "{about}");
    }
}

#[test]
fn where_the_system_cannot_watch_the_files_are_looked_at() {
    for (about, before, after, told) in SAVES {
        // Seen from outside and not as it happens, this is no change.
        if about == "saved again as it was" {
            continue;
        }
        let place = Place::new();
        before(&place);
        let (sender, saves) = channel();
        let refused = |_| Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch));
        let saved = move |path| {
            let _ended = sender.send(path);
        };
        let watch = FolderWatch::start_with(&place.path("here/set.lua"), saved, refused).expect("a thread");
        assert_eq!(
            watch.take_notice().as_deref(),
            Some(
                "the system does not tell of saves (OS file watch limit reached.): the files are looked at 20 \
                 times a second instead"
            )
        );
        let watching = Watching { watch, saves };
        after(&place);
        let path = watching.next(about);
        assert_eq!(path.canonicalize().ok(), place.path(told).canonicalize().ok(), "{about}");
        place.replace("here/last.lua", "last");
        assert_eq!(watching.next(about), place.path("here/last.lua"), "{about}: told twice");
    }
}

#[test]
fn what_the_script_reads_is_told_from_when_it_is_named() {
    let place = Place::new();
    place.write("here/set.lua", "1");
    fs::create_dir(place.path("here/tunes")).expect("made");
    place.write("here/tunes/reel.abc", "0");
    let watching = Watching::of(&place.path("here/set.lua"));
    let names = ["tunes/reel.abc", "song.mid", "later/more.abc"].map(str::to_owned).to_vec();
    let required = watching.watch.required();
    required.tell(names, SystemTime::now());
    // Written again and again, since the watch may still be on its way there.
    let told = |name: &str| {
        (1..600).find_map(|round| {
            place.write(name, &"x".repeat(round));
            watching.saves.recv_timeout(Duration::from_millis(50)).ok()
        })
    };
    assert_eq!(told("here/tunes/reel.abc"), Some(place.path("here/tunes/reel.abc")));
    assert_eq!(told("here/song.mid"), Some(place.path("here/song.mid")), "a file that was missing");
    fs::create_dir(place.path("here/later")).expect("made");
    assert_eq!(told("here/later/more.abc"), Some(place.path("here/later/more.abc")), "and its folder");
    while watching.saves.recv_timeout(Duration::from_millis(500)).is_ok() {}
    // Written since the script was read, though nobody saw it.
    let names = ["song.mid", "tunes/reel.abc"].map(str::to_owned).to_vec();
    required.tell(Vec::new(), SystemTime::UNIX_EPOCH);
    required.tell(names, SystemTime::UNIX_EPOCH);
    let found = ["one", "the other"].map(|about| watching.next(about));
    assert!(found.contains(&place.path("here/song.mid")), "{found:?}");
    assert!(found.contains(&place.path("here/tunes/reel.abc")), "{found:?}");
    place.write("here/tunes/other.abc", "1");
    place.replace("here/set.lua", "2");
    assert_eq!(watching.next("what nobody reads is not told"), place.path("here/set.lua"));
}

#[test]
fn a_file_of_the_scripts_name_in_another_folder_is_not_the_script() {
    let place = Place::new();
    place.write("there/other.lua", "1");
    place.write("there/set.lua", "1");
    place.link("../there/other.lua", "here/set.lua");
    let watching = Watching::of(&place.path("here/set.lua"));
    place.write("there/set.lua", "2");
    let watched = Watched { script: place.path("here/set.lua"), required: Vec::new() };
    assert_eq!(watched.concerns(&watching.next("another file")), None);
    place.write("there/other.lua", "2");
    assert_eq!(watched.concerns(&watching.next("the script")), Some(Concern::Script));
}

#[test]
fn a_read_only_folder_is_watched() {
    let place = Place::new();
    place.write("here/set.lua", "1");
    let mode = |mode| fs::set_permissions(place.path("here"), fs::Permissions::from_mode(mode));
    mode(0o555).expect("made read-only");
    let watching = Watching::of(&place.path("here/set.lua"));
    place.write("here/set.lua", "2");
    assert_eq!(watching.next("in a read-only folder"), place.path("here/set.lua"));
    mode(0o755).expect("made writable, so that it can be removed");
}

/// How a folder goes away and comes back with another text in it.
type Return = (&'static str, fn(&Place));

const RETURNS: [Return; 3] = [
    ("renamed, and renamed back", |p| {
        p.rename("here", "away");
        p.write("away/set.lua", "2");
        p.rename("away", "here");
    }),
    ("renamed, and another put in its place", |p| {
        p.rename("here", "away");
        fs::create_dir(p.path("here")).expect("made");
        p.write("here/set.lua", "2");
    }),
    ("removed, and cloned again", |p| {
        fs::remove_dir_all(p.path("here")).expect("removed");
        fs::create_dir(p.path("here")).expect("made");
        p.write("here/set.lua", "2");
    }),
];

#[test]
fn a_folder_that_comes_back_is_found_at_once_or_later() {
    for (about, back) in RETURNS {
        let place = Place::new();
        place.write("here/set.lua", "1");
        let watching = Watching::of(&place.path("here/set.lua"));
        back(&place);
        assert_eq!(watching.next(about), place.path("here/set.lua"), "{about}");
        place.replace("here/set.lua", "3");
        assert_eq!(watching.next(about), place.path("here/set.lua"), "{about}: saved after that");
        place.write("here/set.lua", "4");
        assert_eq!(watching.next(about), place.path("here/set.lua"), "{about}: saved once more");
    }
}

#[test]
fn a_folder_that_is_gone_is_missed_and_looked_for_again() {
    let place = Place::new();
    place.write("here/set.lua", "1");
    let watching = Watching::of(&place.path("here/set.lua"));
    place.rename("here", "away");
    assert_eq!(watching.next("the script is missing"), place.path("here/set.lua"));
    place.rename("away", "here");
    assert_eq!(watching.next("it is back, as it was"), place.path("here/set.lua"));
    place.write("here/set.lua", "2");
    assert_eq!(watching.next("saved after that"), place.path("here/set.lua"));
}

#[test]
fn a_folder_that_is_a_link_may_be_pointed_elsewhere() {
    let place = Place::new();
    place.write("there/set.lua", "1");
    place.write("between/set.lua", "2");
    place.link("there", "current");
    let script = place.path("current/set.lua");
    let watching = Watching::of(&script);
    place.relink("between", "current");
    assert_eq!(watching.next("pointed elsewhere"), script);
    place.write("between/set.lua", "3");
    assert_eq!(watching.next("written there"), script);
}

#[test]
fn whoever_breaks_over_a_save_hears_of_the_next() {
    let place = Place::new();
    place.write("here/set.lua", "1");
    let (sender, saves) = channel();
    let breaks = std::sync::atomic::AtomicBool::new(true);
    let watch = FolderWatch::start(&place.path("here/set.lua"), move |path| {
        assert!(!breaks.swap(false, std::sync::atomic::Ordering::SeqCst), "a mistake of ours");
        let _ended = sender.send(path);
    });
    let watch = watch.expect("a thread");
    place.write("here/set.lua", "2");
    let notice = loop {
        if let Some(notice) = watch.take_notice() {
            break notice;
        }
        thread::sleep(Duration::from_millis(5));
    };
    assert!(
        notice.starts_with("Lilt itself stumbled over what was saved (runtime/app/live/watch/tests.rs:"),
        "{notice}"
    );
    assert!(notice.ends_with("a mistake of ours): save once more what is not heard"), "{notice}");
    place.write("here/set.lua", "3");
    assert_eq!(saves.recv_timeout(PATIENCE), Ok(place.path("here/set.lua")));
}
