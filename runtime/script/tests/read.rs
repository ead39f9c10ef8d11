//! `abc` and `read`: music from texts and from files beside the script.

mod parrot;

use std::cell::RefCell;
use std::rc::Rc;

use lilt_script::{Engine, Limits, SourceFile, Sources, Unread};
use parrot::{engine, engine_with, evaluate, generation, played};

/// A beat as a number.
fn at(beat: &str) -> f64 {
    let (over, under) = beat.split_once('/').unwrap_or((beat, "1"));
    over.parse::<f64>().expect("a number") / under.parse::<f64>().expect("a number")
}

/// What a script's first slot plays before a beat, as `beat+duration:tone`.
#[test]
fn what_is_read_plays() {
    for (music, until, events) in [
        // Without fields, and with them.
        ("abc \"C E G z\"", 2, "0+1/2:c4 1/2+1/2:e4 1+1/2:g4"),
        ("abc [[\nM:3/4\nL:1/4\nK:G\nG F G|]]", 3, "0+1:g4 1+1:f#4 2+1:g4"),
        // An upbeat stands at the end of a bar of its own.
        ("read \"tune.abc\"", 9, "2+1:d4 3+2:g4 5+1:b4 6+3:a4"),
        ("read(\"tune.abc\", { tune = 9 })", 4, "0+4:a3 0+1:a4 1+1:b4 2+2:c5"),
        ("read(\"tune.abc\", { tune = \"second\" })", 4, "0+4:a3 0+1:a4 1+1:b4 2+2:c5"),
        ("read(\"tune.abc\", { tune = 9, voice = \"low\" })", 4, "0+4:a3"),
        ("read(\"tune.abc\", { tune = 9, voice = 1 })", 4, "0+1:a4 1+1:b4 2+2:c5"),
        ("abc([[X:1\nK:C\nC8|\n\nX:2\nT:Two\nK:C\nD8|]], { tune = 2 })", 4, "0+4:d4"),
        ("abc([[X:1\nK:C\nC8|\n\nX:2\nT:Two\nK:C\nD8|]], { tune = \"Two\" })", 4, "0+4:d4"),
        // All tracks together, keys on channel 10 by the drums that stand for them.
        ("read \"song.mid\"", 4, "0+1:bd 0+1:c2 0+1:c4 1+1:oh 1+1:e4 2+1:g2 3+1:c5"),
        ("read(\"song.mid\", { track = \"bass\" })", 4, "0+1:c2 2+1:g2"),
        ("read(\"song.mid\", { track = 4 })", 4, "3+1:c5"),
        ("read(\"song.mid\", { track = \"piano\" })", 4, "0+1:c4 1+1:e4"),
        ("read(\"song.mid\", { channel = 10 })", 4, "0+1:bd 1+1:oh"),
        ("read(\"song.mid\", { track = \"drums\" })", 4, "0+1:bd 1+1:oh"),
        // Chords as they sound, over the bars in which they hold.
        ("read(\"tune.abc\"):chords()", 9, "3+3:g3 3+3:b3 3+3:d4 6+3:d3 6+3:f#3 6+3:a3 6+3:c4"),
        ("read(\"tune.abc\"):transpose(12):slice(3, 6)", 3, "0+2:g5 2+1:b5"),
    ] {
        let generation = generation(&format!("play(\"a\", {music})"));
        let told = played(&generation.slots[0], 4).expect("it plays");
        let early = |event: &&str| event.split_once('+').is_some_and(|(beat, _)| at(beat) < f64::from(until));
        let mut found: Vec<&str> = told.split(' ').filter(early).collect();
        let mut wanted: Vec<&str> = events.split(' ').collect();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{music}");
    }
}

#[test]
fn what_stands_beside_the_notes_is_kept_and_asked_for() {
    for (asked, told) in [
        ("read(\"tune.abc\"):title()", "The Little Hill"),
        ("read(\"tune.abc\"):key()", "G major"),
        ("read(\"tune.abc\"):meter()", "3/4"),
        ("read(\"tune.abc\"):tempo()", "96"),
        ("read(\"tune.abc\", { tune = 9 }):tempo()", "nil"),
        ("read(\"tune.abc\", { tune = 9 }):key()", "A minor"),
        ("table.concat(read(\"tune.abc\"):tunes(), \", \")", "The Little Hill, Second Best"),
        ("table.concat(read(\"tune.abc\", { tune = 9 }):voices(), \", \")", "Top, Low"),
        ("#read(\"tune.abc\"):symbols()", "2"),
        ("read(\"tune.abc\"):symbols()[2].chord", "D7"),
        ("read(\"tune.abc\"):symbols()[2].start", "6"),
        ("read(\"tune.abc\"):symbols()[2].duration", "3"),
        ("read(\"tune.abc\"):length()", "9"),
        ("abc(\"CDE\"):chords()", "nil"),
        ("abc(\"CDE\"):title()", "nil"),
        ("abc(\"CDE\"):meter()", "4/4"),
        ("read(\"song.mid\"):tempo()", "90"),
        ("read(\"song.mid\"):meter()", "4/4"),
        ("read(\"song.mid\"):key()", "nil"),
        ("table.concat(read(\"song.mid\"):tracks(), \", \")", "Bass, 2, 3, 4, Kit"),
        ("read(\"song.mid\", { track = 1 }):title()", "Bass"),
        ("read(\"song.mid\") == read(\"song.mid\")", "true"),
    ] {
        let evaluation = evaluate(&format!("print({asked})"));
        assert!(evaluation.result.is_ok(), "{asked}: {:?}", evaluation.result);
        assert_eq!(evaluation.printed, [told], "{asked}");
    }
}

#[test]
fn what_is_asked_for_fits_what_takes_it() {
    let text = "local tune = read \"tune.abc\" tempo(tune:tempo()) meter(tune:meter()) key(tune:key()) play(\"a\", tune)";
    let generation = generation(text);
    assert_eq!((generation.tempo.bpm(), generation.meter.to_string().as_str()), (96.0, "3/4"));
    // Each name finds its track again.
    let text = "local song = read \"song.mid\"\n\
                for i, name in song:tracks() do play(name, read(\"song.mid\", { track = name })) end";
    let generation = parrot::generation(text);
    let names: Vec<&str> = generation.slots.iter().map(|slot| slot.name.as_str()).collect();
    assert_eq!(names, ["Bass", "2", "3", "4", "Kit"]);
    assert_eq!(played(&generation.slots[2], 1).expect("it plays"), "1+1:e4");
}

#[test]
fn files_are_watched_whether_they_are_there_or_not() {
    let text = "pcall(read, \"more/none.abc\") play(\"a\", read \"tune.abc\") pcall(read, \"../no.abc\") pcall(read, \"tune.abc\")";
    let evaluation = engine().evaluate(text, "set.lua");
    assert!(evaluation.result.is_ok(), "{:?}", evaluation.result);
    assert_eq!(evaluation.required, ["more/none.abc", "tune.abc"]);
}

/// One file, whatever it is called.
struct Changing(Rc<RefCell<String>>);

impl Sources for Changing {
    fn read(&self, _: &str) -> Option<SourceFile> {
        None
    }

    fn music(&self, _: &str) -> Result<Vec<u8>, Unread> {
        Ok(self.0.borrow().as_bytes().to_vec())
    }
}

#[test]
fn a_file_that_changes_is_read_anew_and_one_that_stays_is_the_same_music() {
    let text = Rc::new(RefCell::new("K:C\nC8|\n".to_owned()));
    let sources = Box::new(Changing(Rc::clone(&text)));
    let mut engine = Engine::new(parrot::inference(), sources, Limits::default()).expect("an engine");
    let mut slot = || {
        let generation = engine.evaluate("play(\"a\", read \"a.abc\")", "set.lua").result.expect("a script");
        (played(&generation.slots[0], 1).expect("it plays"), generation.slots[0].fingerprint)
    };
    let first = slot();
    assert_eq!(first.0, "0+4:c4");
    assert_eq!(slot(), first);
    *text.borrow_mut() = "K:C\nD8|\n".to_owned();
    let second = slot();
    assert_eq!(second.0, "0+4:d4");
    assert_ne!(second.1, first.1);
}

#[test]
fn files_are_read_by_the_script_alone_and_not_without_end() {
    let generation = generation("play(\"a\", function(beat) return read \"tune.abc\" end)");
    let error = played(&generation.slots[0], 1).expect_err("it is refused");
    assert_eq!(error.message, "`read` cannot be called while the music plays");
    let text = "for i = 1, 300 do pcall(read, i .. \".abc\") end read \"301.abc\"";
    let told = engine_with(&[], Limits::default()).evaluate(text, "set.lua").result.expect_err("too many");
    assert_eq!(told.message, "a script reads 256 files of music at most");
}
