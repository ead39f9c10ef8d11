//! Sounds come into memory without anybody waiting, and leave it when it is full.

use std::cell::Cell;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lilt_samples::{Arrival, Bank, DEFAULT_BUDGET, Fonts, Library, Root, Sample, SoundName, State};

/// Writes a mono WAV file of `frames` frames, all of the same `value`.
fn write(path: &Path, frames: u32, value: i16) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 1_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).expect("a writer");
    (0..frames).for_each(|_| writer.write_sample(value).expect("a sample"));
    writer.finalize().expect("a file");
}

fn library(folder: &Path, budget: usize) -> Library {
    Library::new(Bank::new([Root::Folder(folder.to_owned())]), budget).expect("a thread")
}

fn name(written: &str) -> SoundName {
    SoundName::parse(written).expect("a name")
}

/// Asks after every wake until `look` is content.
fn until<T>(library: &mut Library, mut look: impl FnMut(&mut Library) -> Option<T>) -> T {
    let wakes = library.wakes();
    loop {
        if let Some(found) = look(library) {
            return found;
        }
        wakes.recv_timeout(Duration::from_secs(60)).expect("a wake");
    }
}

fn loaded(library: &mut Library, written: &str) -> Arc<Sample> {
    until(library, |library| match library.get(&name(written)) {
        State::Loaded(sample) => Some(sample),
        State::Loading => None,
        State::Failed(error) => panic!("{error}"),
    })
}

/// A loader that breaks over a file, which is a mistake of Lilt's own, says so and reads the next.
#[test]
fn a_loader_that_breaks_over_a_file_reads_the_next() {
    fn breaks_over_second(work: &mut dyn FnMut()) -> Result<(), String> {
        // Each library has a thread of its own: listing is its first work.
        thread_local!(static DONE: Cell<u32> = const { Cell::new(0) });
        let done = DONE.replace(DONE.get() + 1);
        let broken = catch_unwind(AssertUnwindSafe(|| match done {
            1 => resume_unwind(Box::new("a mistake")),
            _ => work(),
        }));
        broken.map_err(|_| "here: a mistake".to_owned())
    }
    let folder = tempfile::tempdir().expect("a folder");
    for n in 0..2 {
        write(&folder.path().join(format!("bd/{n}.wav")), 100, 16_384);
    }
    let bank = Bank::new([Root::Folder(folder.path().to_owned())]);
    let mut library =
        Library::start_guarded(bank, DEFAULT_BUDGET, Fonts::default(), breaks_over_second).expect("a thread");
    let error = library.wait(&name("bd:0")).expect_err("it breaks");
    let told = format!(
        "{}: Lilt itself stumbled over it (here: a mistake): it is silent, and the others are read",
        folder.path().join("bd/0.wav").display()
    );
    assert_eq!(error.to_string(), told);
    assert_eq!(library.wait(&name("bd:1")).expect("it goes on").frames(), 100);
    library.rescan();
    until(&mut library, |library| library.is_settled().then_some(()));
    let again = until(&mut library, |library| match library.get(&name("bd:0")) {
        State::Loaded(sample) => Some(sample),
        _ => None,
    });
    assert_eq!(again.frames(), 100, "it is tried again once the folders are looked at");
}

#[test]
fn a_sound_is_loading_and_then_there() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("bd/0.wav"), 100, 16_384);
    let mut library = library(folder.path(), DEFAULT_BUDGET);
    let sample = loaded(&mut library, "bd:8");
    assert_eq!((sample.frames(), sample.frame(0)), (100, [0.5, 0.5]));
    assert_eq!(library.bytes(), 400);
    let arrived = library.arrived();
    assert!(matches!(&arrived[..], [Arrival::Listed, Arrival::Loaded(one)] if Arc::ptr_eq(one, &sample)));
    assert!(Arc::ptr_eq(&loaded(&mut library, "bd"), &sample), "one file, one reading");
    assert!(library.arrived().is_empty());
}

#[test]
fn what_fails_says_why_and_is_tried_again_when_listed_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bd/0.wav");
    fs::create_dir_all(folder.path().join("bd")).expect("a folder");
    fs::write(&path, "").expect("a file");
    let mut library = library(folder.path(), DEFAULT_BUDGET);
    let said = library.wait(&name("bd")).expect_err("empty").to_string();
    assert_eq!(said, format!("{}: the file is empty", path.display()));
    let said = library.wait(&name("bdd")).expect_err("unknown").to_string();
    assert_eq!(said, "there is no sound `bdd`: did you mean `bd`?");
    write(&path, 10, 1);
    assert!(library.wait(&name("bd")).is_err(), "not before it is listed anew");
    library.arrived();
    library.rescan();
    until(&mut library, |library| {
        library.arrived().iter().any(|a| matches!(a, Arrival::Listed)).then_some(())
    });
    assert_eq!(library.wait(&name("bd")).expect("a sample").frames(), 10);
}

#[test]
fn a_file_that_changes_is_read_anew_and_the_old_plays_on_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bd/0.wav");
    write(&path, 10, 1_000);
    let mut library = library(folder.path(), DEFAULT_BUDGET);
    let old = loaded(&mut library, "bd");

    // Broken in the middle of saving: what is in memory plays on, and the trouble is told.
    fs::write(&path, "").expect("a file");
    library.rescan();
    let told = until(&mut library, |library| {
        assert!(matches!(library.get(&name("bd")), State::Loaded(sample) if Arc::ptr_eq(&sample, &old)));
        library.arrived().into_iter().find_map(|arrival| match arrival {
            Arrival::Failed(error) => Some(error.to_string()),
            _ => None,
        })
    });
    assert_eq!(told, format!("{}: the file is empty", path.display()));

    write(&path, 20, 1_000);
    library.rescan();
    let new = until(&mut library, |library| match library.get(&name("bd")) {
        State::Loaded(sample) if !Arc::ptr_eq(&sample, &old) => Some(sample),
        State::Loaded(_) => None,
        other => panic!("{other:?}"),
    });
    assert_eq!((old.frames(), new.frames()), (10, 20));
    assert_eq!(library.bytes(), 80, "the old one is let go");

    // Of the same length, at another time.
    write(&path, 20, 2_000);
    let file = fs::File::options().write(true).open(&path).expect("a file");
    file.set_modified(SystemTime::now() + Duration::from_secs(60)).expect("a time");
    library.rescan();
    until(&mut library, |library| match library.get(&name("bd")) {
        State::Loaded(sample) => (sample.frame(0)[0] > 0.05).then_some(()),
        other => panic!("{other:?}"),
    });
}

#[test]
fn what_was_not_asked_for_longest_leaves_when_memory_is_full() {
    let folder = tempfile::tempdir().expect("a folder");
    for sound in ["a", "b", "c"] {
        write(&folder.path().join(sound).join("0.wav"), 100, 1);
    }
    write(&folder.path().join("large/0.wav"), 1_000, 1);
    let mut library = library(folder.path(), 800);
    let a = loaded(&mut library, "a");
    loaded(&mut library, "b");
    loaded(&mut library, "a");
    loaded(&mut library, "c");
    assert_eq!(library.bytes(), 800);
    assert!(matches!(library.get(&name("b")), State::Loading), "b was asked for longest ago");
    loaded(&mut library, "large");
    assert_eq!(library.bytes(), 4_000, "the last one stays, however large");
    assert_eq!(a.frames(), 100, "who plays it keeps it");
}

#[test]
fn more_requests_than_the_queue_holds_come_in_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = 3 * lilt_samples::QUEUE;
    for i in 0..count {
        write(&folder.path().join(format!("many/{i:04}.wav")), 1 + i as u32, 1);
    }
    let mut library = library(folder.path(), DEFAULT_BUDGET);
    until(&mut library, |library| {
        let states: Vec<State> =
            (0..count).map(|i| library.get(&SoundName { name: "many".into(), number: i as i64 })).collect();
        states.iter().all(|state| matches!(state, State::Loaded(_))).then_some(())
    });
    assert_eq!(library.wait(&name("many:700")).expect("a sample").frames(), 701);
}

#[test]
fn names_are_known_when_they_were_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("bd/0.wav"), 1, 1);
    let mut library = library(folder.path(), DEFAULT_BUDGET);
    let names: Vec<String> =
        library.bank().expect("a bank").names().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["bd"]);
    assert!(library.listed().is_some());
}
