//! `lilt train` as a user meets it: a folder as folders are, and a model that a script plays.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs `lilt` in a folder.
fn lilt(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lilt"));
    command.current_dir(folder).args(words).output().expect("lilt starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Puts `count` of the tunes that come with the examples into `folder`.
fn tunes(folder: &Path, count: usize) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tunes");
    let mut paths: Vec<_> =
        fs::read_dir(shipped).expect("tunes").map(|tune| tune.expect("a tune").path()).collect();
    paths.sort();
    fs::create_dir_all(folder).expect("a folder");
    for path in &paths[..count] {
        fs::copy(path, folder.join(path.file_name().expect("a name"))).expect("copied");
    }
}

#[test]
fn a_folder_as_folders_are_gives_a_model_that_plays() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    let music = at.join("music");
    tunes(&music, 4);
    fs::copy(music.join("nine-lamps.abc"), music.join("nine-lamps-again.abc")).expect("copied");
    for (name, content) in [
        ("book.abc", "X:1\nT:Torn\nM:4/4\nL:1/8\nK:C\n[CEG c|\n\nX:2\nT:Short\nM:4/4\nL:1/4\nK:C\nCDEF|\n"),
        ("broken.mid", "MThd no, not really"),
        ("empty.abc", ""),
        ("strings.txt", "buy strings"),
    ] {
        fs::write(music.join(name), content).expect("written");
    }
    let output = lilt(at, &["train", "folk", "--data", "music", "--out", "mine", "--passes", "1"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let first: Vec<&str> = told.lines().take(7).collect();
    assert_eq!(
        first,
        [
            "left out music/broken.mid: this is no MIDI file that can be read: it has no track",
            "left out music/empty.abc: it is empty",
            "left out music/strings.txt: neither MIDI (.mid) nor ABC (.abc)",
            "left out music/book.abc, 1: not readable as ABC: tune 1 `Torn`, line 6, bar 1: `|` means nothing in ABC music",
            "left out music/book.abc, 2: fewer than 16 notes",
            "left out music/nine-lamps.abc, 1: the same as another piece",
            "learns from 3 pieces, 540 notes; holds out 1, 194 notes",
        ],
        "{told}"
    );
    assert_eq!(text(&output.stdout), "a script in that folder plays it: model \"mine\"\n");
    for ending in ["toml", "safetensors", "svg", "mid"] {
        let file = at.join(format!("mine.{ending}"));
        assert!(fs::metadata(&file).is_ok_and(|file| file.len() > 100), "{}", file.display());
    }
    assert!(!at.join("mine.training").exists());

    fs::write(
        at.join("set.lua"),
        "local mine = model \"mine\"\nplay(\"a\", mine:sample { bars = 2, seed = 1 })\n",
    )
    .expect("written");
    let output = lilt(at, &["render", "set.lua", "--bars", "2", "--events", "-"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).lines().all(|line| line.contains("\"slot\":\"a\"")));
    let output = lilt(at, &["models"]);
    let listed = text(&output.stdout);
    assert!(listed.contains("mine         A model of 3 pieces by the recipe `folk`."), "{listed}");

    // Damaged, it is named with the reason, and the others are listed as before.
    let weights = at.canonicalize().expect("a path").join("mine.safetensors");
    let mut bytes = fs::read(&weights).expect("weights");
    *bytes.last_mut().expect("a byte") ^= 1;
    fs::write(&weights, bytes).expect("written");
    let output = lilt(at, &["models"]);
    let after = text(&output.stdout);
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
    let (others, mine): (Vec<&str>, Vec<&str>) = after.lines().partition(|line| !line.starts_with("mine"));
    let before: Vec<&str> = listed.lines().filter(|line| !line.starts_with("mine")).collect();
    assert_eq!(others, before);
    let reason = "the weights are not those of their card: SHA-256 is ";
    let told = format!("mine         cannot be used: {}: {reason}", weights.display());
    assert!(mine.len() == 1 && mine[0].starts_with(&told), "{mine:?}");
}

#[test]
fn wrong_words_say_what_to_write() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = folder.path();
    tunes(&at.join("music"), 2);
    tunes(&at.join("one"), 1);
    fs::create_dir(at.join("nothing")).expect("made");
    for (words, told) in [
        (
            "flok --data music --out mine",
            "there is no recipe `flok` for a folder; there are folk, drums, melody, performance, chorale, sketch",
        ),
        (
            "folk --data nothing --out mine",
            "nothing: nothing here that `folk` can learn from; it needs two or more \
             (tunes of 16 notes and more, as .abc or .mid)",
        ),
        (
            "folk --data one --out mine",
            "one: only one piece here that `folk` can learn from; it needs two or more \
             (tunes of 16 notes and more, as .abc or .mid)",
        ),
        ("folk --data absent --out mine", "absent: No such file or directory (os error 2)"),
        (
            "folk --data music --out folk",
            "a model cannot be called `folk`: that is a model that comes with Lilt",
        ),
        (
            "folk --data music --out my.tune",
            "a model cannot be called `my.tune`: write letters, digits, `-` and `_`",
        ),
        (
            "folk --data music --out mine --from drums",
            "`drums` cannot learn by the recipe `folk`: it was made by `drums`",
        ),
        (
            "folk --data music --out mine --from flok",
            "there is no model `flok` to start from: there are chorale, drums, folk, kanji, melody, performance, \
             sketch, and those beside mine",
        ),
    ] {
        let words: Vec<&str> = std::iter::once("train").chain(words.split(' ')).collect();
        let output = lilt(at, &words);
        assert_eq!(text(&output.stderr), format!("lilt: {told}\n"), "{words:?}");
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(!at.join("mine.training").exists(), "{words:?} leaves nothing behind");
    }
}
