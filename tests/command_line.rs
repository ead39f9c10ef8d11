//! The command line as a user meets it: what is printed, and the exit status.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn lilt(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lilt")).args(words).output().expect("lilt starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Writes a script into a folder of its own.
fn script(lua: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("set.lua");
    std::fs::write(&path, lua).expect("written");
    (folder, path)
}

/// Runs a command on a script and returns status, output and errors, with the
/// script's folder left out of the text.
fn on(lua: &str, words: &[&str]) -> (Option<i32>, String, String) {
    let (folder, path) = script(lua);
    let mut all = words.to_vec();
    let shown = path.display().to_string();
    all.insert(1.min(words.len()), &shown);
    let output = lilt(&all);
    let prefix = format!("{}/", folder.path().display());
    let clean = |bytes: &[u8]| text(bytes).replace(&prefix, "");
    (output.status.code(), clean(&output.stdout), clean(&output.stderr))
}

#[test]
fn a_pattern_prints_exact_fractions() {
    let output = lilt(&["pattern", "bd*2 [~ sd] hh"]);
    assert_eq!(text(&output.stdout), "0 1/6 bd\n1/6 1/3 bd\n1/2 2/3 sd\n2/3 1 hh\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_wrong_pattern_shows_where() {
    let output = lilt(&["pattern", "bd [sd hh"]);
    assert_eq!(output.status.code(), Some(1));
    let complaint = text(&output.stderr);
    assert!(complaint.contains("\n  bd [sd hh\n     ^"), "{complaint}");
}

#[test]
fn wrong_use_is_status_2() {
    for words in [
        &["paly"][..],
        &["live"],
        &["render", "no-such-file.lua"],
        &["doc", "no-such-name"],
        &["models", "flok"],
    ] {
        let output = lilt(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", text(&output.stderr));
        assert!(!output.stderr.is_empty(), "{words:?} says why");
    }
}

#[test]
fn run_prints_what_the_script_prints() {
    let (status, printed, complaint) = on("print('hello', 1 + 1)", &["run"]);
    assert_eq!((status, printed.as_str(), complaint.as_str()), (Some(0), "hello\t2\n", ""));
}

#[test]
fn what_functions_print_while_the_music_plays_is_printed() {
    let lua = "print 'read' on('bar', function(n) print('bar ' .. n) end) play('a', 'c4')";
    let told = |words| on(lua, words);
    assert_eq!(told(&["run"]), (Some(0), "read\nbar 1\nbar 2\n".to_owned(), String::new()));
    let (status, printed, beside) = told(&["check"]);
    assert_eq!(
        (status, printed.as_str(), beside.as_str()),
        (Some(0), "set.lua is right\n", "read\nbar 1\nbar 2\n")
    );
    let (status, printed, beside) = told(&["render", "--events", "/dev/null", "--bars", "3"]);
    assert_eq!((status, printed.as_str(), beside.as_str()), (Some(0), "", "read\nbar 1\nbar 2\nbar 3\n"));
    let endless = "play('a', function(beat) for i = 1, 1000 do print(i) end return 'c4' end)";
    let (status, _, beside) = on(endless, &["render", "--events", "/dev/null", "--bars", "4"]);
    assert_eq!((status, beside.lines().count()), (Some(0), 2_001));
    assert_eq!(beside.lines().last(), Some("… (more than 2000 lines: the rest is left out)"));
}

#[test]
fn a_function_that_fails_while_the_music_plays_is_named_with_its_slot() {
    let lua = "play('b', 'e4')\nplay('a', function(beat)\n  if beat >= 8 then return beat.x end\n  return 'c4'\nend)";
    let (status, printed, told) = on(lua, &["render", "--events", "-", "--bars", "4"]);
    assert_eq!(status, Some(1));
    assert_eq!(
        told,
        "error: `x` is asked of a number\n  set.lua:3:33\n  |\n3 |   if beat >= 8 then return beat.x end\n  \
         |                                 ^\n  = what stands before it is a number\n\
         slot `a` failed in bar 3 and went on with what it had played\n"
    );
    // All of it is written: the other slot, and what the first had played.
    let begun = |slot: &str| {
        let of_slot = format!("\"slot\":\"{slot}\"");
        printed.lines().filter(|line| line.contains(&of_slot) && line.contains("\"pitch\"")).count()
    };
    assert_eq!((begun("a"), begun("b")), (4, 4), "{printed}");
    let early = "play('a', function(beat) return beat.x end)";
    for words in [&["run"][..], &["check"]] {
        let (status, _, told) = on(early, words);
        assert_eq!(status, Some(1), "{words:?}");
        assert!(told.starts_with("error: `x` is asked of a number\n  set.lua:1:"), "{told}");
    }
}

#[test]
fn check_names_the_line_and_the_nearest_name() {
    let (status, _, complaint) = on("tempo(100)\ntempoo(120)\n", &["check"]);
    assert_eq!(status, Some(1));
    assert!(complaint.contains("set.lua:2:1"), "{complaint}");
    assert!(complaint.contains("2 | tempoo(120)\n  | ^^^^^^"), "{complaint}");
    assert!(complaint.contains("`tempo`"), "{complaint}");
}

#[test]
fn check_tells_how_to_train_a_model_that_is_not_there() {
    let (_folder, path) = script("local mine = model \"island\"\nplay(\"a\", mine:sample())\n");
    let (other, wrong) = script("playy('a', 'c4')\n");
    let output = lilt(&["check", &path.display().to_string()]);
    let (set, island) = (path.display(), path.with_file_name("island"));
    let told = format!(
        "warning: there is no model `island`\n  {set}:1:20\n  |\n1 | local mine = model \"island\"\n  \
         |                    ^^^^^^^^\n  = there is chorale, drums, folk, kanji, melody, performance and sketch; to train one \
         of this name on a folder of tunes: lilt train folk --data FOLDER --out {}\n\n\
         {set} is right as far as `island`, which it needs\n",
        island.display()
    );
    assert_eq!((text(&output.stdout), text(&output.stderr)), (told.clone(), String::new()));
    assert_eq!(output.status.code(), Some(0));

    // Several are all looked at, and one that is wrong is told of.
    let output = lilt(&["check", &wrong.display().to_string(), &set.to_string()]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), told));
    assert!(text(&output.stderr).contains("set.lua:1:1"), "{}", text(&output.stderr));
    drop(other);
}

#[test]
fn check_speaks_json_to_programs() {
    let (status, printed, _) = on("play('a', 'c4'\n", &["check", "--json"]);
    assert_eq!(status, Some(1));
    let diagnostic: serde_json::Value = serde_json::from_str(printed.trim()).expect("one JSON object");
    assert_eq!(diagnostic["severity"], "error");
    assert!(diagnostic["line"].as_u64().is_some_and(|line| line >= 1));
}

#[test]
fn events_are_exact_and_sorted() {
    let lua = "tempo(112)\nplay('lead', 'c4 [d4 e4]')\nplay('drums', drums 'bd sd')\n";
    let (status, printed, complaint) = on(lua, &["render", "--events", "-", "--bars", "1"]);
    assert_eq!(status, Some(0), "{complaint}");
    let lines: Vec<serde_json::Value> =
        printed.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect();
    let found: Vec<String> = lines
        .iter()
        .map(|line| {
            let what = if line["pitch"].is_null() { &line["sound"] } else { &line["pitch"] };
            format!("{} {} {} {what}", line["slot"], line["start"], line["duration"]).replace('"', "")
        })
        .collect();
    assert_eq!(found, ["lead 0 2 60", "drums 0 2 bd", "lead 2 1 62", "drums 2 2 sd", "lead 3 1 64"]);
    assert_eq!(lines[2]["seconds"], 1.0714);
}

#[test]
fn damaged_and_missing_weights_are_named() {
    let (folder, path) = script("local folk = model 'folk'\nplay('a', folk:sample { bars = 1 })");
    let complain = |weights: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_lilt"))
            .env("LILT_WEIGHTS", weights)
            .args(["check"])
            .arg(&path)
            .output()
            .expect("lilt starts");
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).expect("made");
    assert!(complain(&empty).contains("folk.toml"), "{}", complain(&empty));

    let damaged = folder.path().join("damaged");
    std::fs::create_dir(&damaged).expect("made");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/weights");
    std::fs::copy(shipped.join("folk.toml"), damaged.join("folk.toml")).expect("copied");
    let mut bytes = std::fs::read(shipped.join("folk.safetensors")).expect("the shipped weights");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(damaged.join("folk.safetensors"), bytes).expect("written");
    let complaint = complain(&damaged);
    assert!(
        complaint.contains("folk.safetensors") && complaint.to_lowercase().contains("sha-256"),
        "{complaint}"
    );
}

#[test]
fn a_word_is_explained_however_it_is_asked_for() {
    for asked in [":fast", "fast(2)", "tempo()"] {
        let output = lilt(&["doc", asked]);
        assert_eq!(output.status.code(), Some(0), "{asked}: {}", text(&output.stderr));
    }
    for (asked, told) in [
        (
            "fastt",
            "lilt: no name `fastt` in the language: did you mean `fast`? (`lilt doc` lists them all)\n",
        ),
        (
            "hush",
            "lilt: `hush` is a word of Tidal and Strudel: write silence(\"lead\") for the slot `lead`, or put -- before its line\n",
        ),
    ] {
        let output = lilt(&["doc", asked]);
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(2), told));
    }
}

#[test]
fn every_name_of_the_language_is_documented() {
    let listed = text(&lilt(&["doc"]).stdout);
    for name in
        "tempo meter key seed quantum model clip play draw drums notes synth silence solo state".split(' ')
    {
        assert!(listed.lines().any(|line| line.starts_with(name)), "{name} is not in the list:\n{listed}");
        let explained = lilt(&["doc", name]);
        assert!(explained.status.success(), "{name}: {}", text(&explained.stderr));
    }
}

#[test]
fn a_pipe_is_read_while_somebody_writes_and_not_waited_for_otherwise() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ask = |verb: &str, written: bool| {
        let pipe = folder.path().join(verb);
        let path = std::ffi::CString::new(pipe.to_str().expect("text")).expect("no NUL in a path");
        // SAFETY: `path` is a NUL-terminated string that outlives the call.
        assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0, "a pipe can be made");
        let writer = pipe.clone();
        let writing =
            written.then(|| std::thread::spawn(move || std::fs::write(writer, "play('a', 'c4')\n")));
        let output = lilt(&[verb, pipe.to_str().expect("text")]);
        if let Some(writing) = writing {
            writing.join().expect("no panic").expect("somebody read it");
        }
        std::fs::remove_file(&pipe).expect("it was there");
        output
    };
    for verb in ["check", "run", "render"] {
        let output = ask(verb, false);
        let expected = format!(
            "lilt: {}/{verb} is a pipe, and nobody writes to it: give the file of a script\n",
            folder.path().display()
        );
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(2), expected), "{verb}");
    }
    let output = ask("check", true);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn what_would_run_for_ever_is_stopped() {
    // `run` waits longer than a stage does, so this asks the live host; it must say the line and go on.
    let (status, _, complaint) =
        on("play('a', 'c4')\nlocal t = {}\nwhile true do t[#t + 1] = ('x'):rep(1e6) .. #t end\n", &["check"]);
    assert_eq!(status, Some(1), "{complaint}");
    assert!(complaint.contains("set.lua:3"), "{complaint}");
}

#[test]
fn the_script_is_never_written_over() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = folder.path().join("set.lua");
    std::fs::write(&script, "play(\"a\", \"c4\")\n").expect("written");
    let link = folder.path().join("link.jsonl");
    std::os::unix::fs::symlink(&script, &link).expect("a link");
    for output in [&script, &link] {
        let words = ["render", script.to_str().expect("text"), "--events", output.to_str().expect("text")];
        let done =
            std::process::Command::new(env!("CARGO_BIN_EXE_lilt")).args(words).output().expect("lilt starts");
        assert_eq!(done.status.code(), Some(2));
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(said.contains("is the script itself: write to another file"), "{said}");
    }
    assert_eq!(std::fs::read_to_string(&script).expect("it is there"), "play(\"a\", \"c4\")\n");
}
