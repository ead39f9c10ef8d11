//! Which file a name is.

use std::fs;
use std::path::Path;

use lilt_samples::{Bank, MAX_SOUNDS, Root, SoundName, Source};

fn write(folder: &Path, files: &[&str]) {
    for file in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, "").expect("a file");
    }
}

fn folder(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), files);
    folder
}

fn bank(folder: &Path) -> Bank {
    Bank::new([Root::Folder(folder.to_owned())])
}

/// The path below `folder` of what is written `bd:2`.
fn found(bank: &Bank, folder: &Path, written: &str) -> String {
    match &bank.find(written).unwrap_or_else(|error| panic!("{error}")).source {
        Source::File(path) => {
            path.strip_prefix(folder).expect("below the folder").to_string_lossy().replace('\\', "/")
        }
        Source::Starter(path) => panic!("{path} is no file"),
    }
}

#[test]
fn folders_are_names_and_files_their_numbers() {
    let folder = folder(&[
        "bd/BT0A0A7.wav",
        "bd/BT0A0D0.WAV",
        "bd/notes.txt",
        "bd/._BT0A0A7.wav",
        "breaks/c.flac",
        "breaks/a.aif",
        "breaks/b.mp3",
        "empty/readme.md",
        ".git/hit.wav",
        "thud.ogg",
    ]);
    let bank = bank(folder.path());
    let names: Vec<_> = bank.names().collect();
    assert_eq!(names, [("bd", 2), ("breaks", 3), ("thud", 1)]);
    for (written, file) in [
        ("bd", "bd/BT0A0A7.wav"),
        ("bd:1", "bd/BT0A0D0.WAV"),
        ("bd:2", "bd/BT0A0A7.wav"),
        ("bd:-1", "bd/BT0A0D0.WAV"),
        ("breaks", "breaks/a.aif"),
        ("breaks:5", "breaks/c.flac"),
        ("breaks:9223372036854775807", "breaks/b.mp3"),
        ("thud:7", "thud.ogg"),
    ] {
        assert_eq!(found(&bank, folder.path(), written), file, "{written}");
    }
    assert_eq!(bank.warnings(), [""; 0]);
}

#[test]
fn a_cloned_library_within_the_folder_is_looked_into() {
    let folder = folder(&["Dirt-Samples/bd/a.wav", "Dirt-Samples/sd/a.wav", "own/x.wav"]);
    let bank = bank(folder.path());
    let names: Vec<_> = bank.names().map(|(name, _)| name).collect();
    assert_eq!(names, ["bd", "own", "sd"]);
}

#[test]
fn an_earlier_root_hides_names_of_a_later_one() {
    let (first, second) = (folder(&["bd/own.wav"]), folder(&["bd/a.wav", "bd/b.wav", "sd/a.wav"]));
    let bank = Bank::new([first.path(), second.path()].map(|folder| Root::Folder(folder.to_owned())));
    assert_eq!(bank.names().collect::<Vec<_>>(), [("bd", 1), ("sd", 1)]);
    assert_eq!(found(&bank, first.path(), "bd:3"), "bd/own.wav");
}

#[test]
fn unknown_names_are_answered_with_the_nearest() {
    let folder = folder(&["breaks/a.wav", "bass/a.wav"]);
    let said = |bank: &Bank, written: &str| bank.find(written).expect_err("unknown").to_string();
    let full = bank(folder.path());
    assert_eq!(said(&full, "braeks:2"), "there is no sound `braeks`: did you mean `breaks`?");
    assert_eq!(said(&full, "Breaks"), "there is no sound `Breaks`: did you mean `breaks`?");
    assert_eq!(said(&full, "theremin"), "there is no sound `theremin`: there is bass, breaks");
    assert_eq!(
        said(&Bank::default(), "bd"),
        "there is no sound `bd`: there are none yet: put WAV, AIFF, FLAC, OGG or MP3 files into a folder \
         `samples` beside the script"
    );
}

#[test]
fn maps_of_strudel() {
    let folder = folder(&["kit/a.wav", "kit/b.wav", "other/c.wav"]);
    let map = r#"{ "_base": "kit", "drum": ["a.wav", "b.wav"], "far": "https://example.org/x.wav" }"#;
    fs::write(folder.path().join("strudel.json"), map).expect("a map");
    let bank = bank(folder.path());
    assert_eq!(bank.names().collect::<Vec<_>>(), [("drum", 2), ("kit", 2), ("other", 1)]);
    assert_eq!(found(&bank, folder.path(), "drum:1"), "kit/b.wav");
    let warning = format!(
        "{}: `far`: `https://example.org/x.wav` is on the web: download it into this folder, and write its path",
        folder.path().join("strudel.json").display()
    );
    assert_eq!(bank.warnings(), [warning]);
}

#[test]
fn the_sound_nearest_to_a_pitch() {
    let folder = folder(&[]);
    let map = r#"{ "piano": { "c3": "c3.wav", "c4": "c4.wav" }, "hit": "hit.wav" }"#;
    fs::write(folder.path().join("strudel.json"), map).expect("a map");
    let bank = bank(folder.path());
    for (pitch, expected) in [(0.0, 48.0), (54.0, 48.0), (54.5, 60.0), (100.0, 60.0)] {
        assert_eq!(bank.pitched("piano", pitch).expect("a sound").pitch, Some(expected), "{pitch}");
    }
    assert_eq!(bank.pitched("hit", 60.0).expect("a sound").pitch, None);
}

#[test]
fn a_folder_that_is_not_there_is_a_warning() {
    let bank = bank("/nowhere/samples".as_ref());
    assert_eq!(bank.names().count(), 0);
    assert_eq!(bank.warnings().len(), 1);
    assert_eq!(bank.warnings(), ["/nowhere/samples: there is no such folder of sounds"]);
}

#[test]
fn more_files_than_are_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    for i in 0..MAX_SOUNDS + 10 {
        fs::write(folder.path().join(format!("{i:05}.wav")), "").expect("a file");
    }
    let bank = bank(folder.path());
    assert_eq!(bank.names().count(), MAX_SOUNDS);
    assert!(bank.find("00000").is_ok() && bank.find("20009").is_err());
    let warning =
        format!("{}: more than 20000 sounds: what comes after is not listed", folder.path().display());
    assert_eq!(bank.warnings(), [warning]);
}

#[cfg(unix)]
#[test]
fn links_that_go_round_end() {
    let folder = folder(&["bd/a.wav"]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).expect("a link");
    let bank = bank(folder.path());
    assert_eq!(bank.names().collect::<Vec<_>>(), [("bd", 1)]);
}

#[test]
fn listing_anew_finds_what_is_new() {
    let folder = folder(&["bd/a.wav"]);
    let mut bank = bank(folder.path());
    assert_eq!(bank.names().count(), 1);
    write(folder.path(), &["sd/a.wav"]);
    assert_eq!(bank.names().count(), 1);
    bank.rescan();
    assert_eq!(bank.names().count(), 2);
}

#[test]
fn sounds_beside_a_script_come_before_those_of_lilt() {
    let folder = folder(&["samples/bd/own.wav"]);
    let bank = Bank::beside(folder.path(), []);
    assert_eq!(found(&bank, folder.path(), "bd:3"), "samples/bd/own.wav");
    let sd = SoundName { name: "sd".to_owned(), number: 0 };
    assert!(matches!(bank.sound(&sd).expect("a sound").source, Source::Starter(_)));
    let without = Bank::beside(&folder.path().join("samples"), []);
    assert_eq!(without.warnings(), [""; 0]);
}

/// What the notation takes for something else is written as an underscore; the name of the file finds it too.
#[test]
fn names_with_spaces_and_brackets_can_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("My Kicks")).expect("made");
    for name in ["loop (1).wav", "My Kicks/a.wav", "[x].wav", "<>.wav"] {
        fs::write(folder.path().join(name), "").expect("written");
    }
    let bank = Bank::new([Root::Folder(folder.path().to_owned())]);
    let names: Vec<&str> = bank.names().map(|(name, _)| name).collect();
    assert_eq!(names, ["My_Kicks", "loop_1", "x"]);
    assert_eq!(bank.sounds("loop (1)"), bank.sounds("loop_1"));
}
