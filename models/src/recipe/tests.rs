//! Runs that are stopped and go on.

use std::path::Path;

use lilt_inference::Catalogue;
use lilt_score::{Beat, Note, Pitch, Tone, Velocity};

use super::*;
use crate::catalogue::{Processor, catalogue};

/// A scale up and down as ABC, on another degree for each number.
fn tune(number: usize) -> String {
    let scale = ["C", "D", "E", "F", "G", "A", "B", "c"];
    let note = |at: usize| scale[(at * (number + 1) + number / 4) % 8];
    let bars: Vec<String> = (0..4).map(|bar| (0..4).map(|at| note(4 * bar + at)).collect()).collect();
    format!("X:{number}\nM:4/4\nL:1/4\nK:C\n{}|\n", bars.join("|"))
}

fn assignment(folder: &Path) -> Assignment {
    let data = folder.join("music");
    std::fs::create_dir_all(&data).unwrap();
    for number in 0..4 {
        std::fs::write(data.join(format!("{number}.abc")), tune(number)).unwrap();
    }
    Assignment { recipe: Recipe::Folk, data, out: folder.join("mine"), from: None, epochs: 25.0, seed: 1 }
}

/// Stops at the first measurement.
fn stopped(assignment: &Assignment) -> Trained {
    train(assignment, |news| match news {
        News::Progress(progress) if progress.measured.is_some() => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .unwrap()
}

#[test]
fn a_run_that_was_stopped_goes_on_and_leaves_only_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let assignment = assignment(folder.path());
    let first = stopped(&assignment);
    assert_eq!(first.ended, training::Ended::Stopped);
    assert!(first.files.iter().all(|file| file.is_file()), "{:?}", first.files);
    assert!(assignment.checkpoints().join("last.safetensors").is_file());

    let mut taken_up = None;
    let second = train(&assignment, |news| {
        if let News::TakenUp(update) = news {
            taken_up = Some(update);
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(taken_up, Some(20));
    assert_ne!(second.ended, training::Ended::Stopped);
    assert!(second.nats.1 <= first.nats.1, "{} then {}", first.nats.1, second.nats.1);
    assert!(!assignment.checkpoints().exists());
}

#[test]
fn a_run_goes_on_only_with_the_music_it_began_with() {
    let folder = tempfile::tempdir().unwrap();
    let assignment = assignment(folder.path());
    stopped(&assignment);
    std::fs::write(assignment.data.join("new.abc"), tune(9)).unwrap();
    let error = train(&assignment, |_| ControlFlow::Continue(())).unwrap_err().to_string();
    assert_eq!(
        error.replace(&format!("{}/", folder.path().display()), ""),
        "mine.training: a run on other music, from another model or with another seed was stopped here; \
         remove that folder to begin anew"
    );
}

#[test]
fn a_run_that_is_stopped_at_once_says_that_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let assignment = assignment(folder.path());
    let stop = |news: News<'_>| match news {
        News::Progress(_) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let error = train(&assignment, stop).unwrap_err();
    assert_eq!(error.to_string(), "stopped before anything was measured; nothing was written");
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["music"]);
}

#[test]
fn a_run_goes_on_from_the_same_model_however_its_path_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let base = assignment(folder.path());
    stopped(&base);
    let finer =
        |from: PathBuf| Assignment { out: folder.path().join("finer"), from: Some(from), ..base.clone() };
    stopped(&finer(folder.path().join("mine")));
    let mut taken_up = None;
    let elsewhere = finer(folder.path().join("music").join("..").join("mine"));
    let stop = |news: News<'_>| {
        if let News::TakenUp(update) = news {
            taken_up = Some(update);
        }
        match news {
            News::Progress(_) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    };
    train(&elsewhere, stop).unwrap();
    assert_eq!(taken_up, Some(20));

    // Another model under the same path is another model.
    std::fs::remove_dir_all(base.checkpoints()).unwrap();
    stopped(&Assignment { seed: 2, ..base.clone() });
    let error = train(&elsewhere, |_| ControlFlow::Continue(())).unwrap_err();
    assert!(
        matches!(&error, RecipeError::OtherRun { folder } if *folder == elsewhere.checkpoints()),
        "{error}"
    );
}

/// Eighths over a bass, other ones for each number, as MIDI.
fn playing(number: u8, channel: u8, meter: &str) -> Vec<u8> {
    let note = |at: u8| Note {
        start: Beat::new(at.into(), 2),
        duration: Beat::new(1, 2),
        tone: Tone::Pitch(Pitch::from_key(if at.is_multiple_of(4) {
            40
        } else {
            60 + at % 12 * number % 12
        })),
        velocity: Velocity::DEFAULT,
    };
    let notes = (0..48).map(note).collect();
    let track = smf::Track { notes, channel, ..smf::Track::default() };
    smf::write(&[track], &[(Beat::ZERO, 90.0)], meter.parse().unwrap())
}

#[test]
fn a_folder_of_piano_playing_gives_a_pianist() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("music");
    std::fs::create_dir_all(&data).unwrap();
    for (name, bytes) in [
        ("a.mid", playing(1, 1, "4/4")),
        ("b.mid", playing(5, 1, "2/4")),
        ("beats.mid", playing(1, 10, "4/4")),
        ("c.mid", playing(7, 2, "4/4")),
        ("d.abc", tune(1).into_bytes()),
        ("waltz.mid", playing(1, 1, "3/4")),
    ] {
        std::fs::write(data.join(name), bytes).unwrap();
    }
    let out = folder.path().join("mine");
    let assignment = Assignment { recipe: Recipe::Performance, data, out, from: None, epochs: 2.0, seed: 1 };
    let mut found = Findings::default();
    let trained = train(&assignment, |news| {
        if let News::Data(findings) = news {
            found = findings.clone();
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    let told: Vec<String> = found
        .left_out
        .iter()
        .map(|left| left.to_string().replace(&format!("{}/", folder.path().display()), ""))
        .collect();
    assert_eq!(
        told,
        [
            "music/beats.mid, 1: fewer than 32 notes of a piano",
            "music/d.abc, 1: ABC has no piano playing",
            "music/waltz.mid, 1: in 3/4, not in 4/4",
        ]
    );
    assert_eq!((found.train, found.valid), ([2, 96], [1, 48]));
    assert!(trained.files.iter().all(|file| file.is_file()), "{:?}", trained.files);
    let own = Some(folder.path().to_path_buf());
    let model = catalogue(std::path::PathBuf::new(), own, Processor::Cpu).load("mine").unwrap();
    assert!(model.learns().is_some() && model.description().name == "mine");
    let request = Sampling::new(2, 1.0, 1, Conditions::default()).unwrap();
    assert_eq!(model.sample(&request, &Watch::new()).unwrap().into_clip().unwrap().length(), Beat::whole(8));
}

/// A zigzag as a line of Quick, Draw!, another one for each number.
fn zigzag(number: usize) -> String {
    let x: Vec<usize> = (0..7).map(|at| at * (20 + number)).collect();
    let y: Vec<usize> = (0..7).map(|at| at % 2 * (40 + 3 * number)).collect();
    format!("{{\"word\":\"zigzag\",\"drawing\":[[{x:?},{y:?}]]}}\n")
}

#[test]
fn a_folder_of_drawings_gives_a_model_that_draws() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("drawn");
    std::fs::create_dir_all(&data).unwrap();
    // One line is cut off.
    let lines: String = (0..6).map(zigzag).collect();
    std::fs::write(data.join("zigzag.ndjson"), format!("{lines}{{\"word\":\"zig\n")).unwrap();
    std::fs::write(data.join("tune.abc"), tune(1)).unwrap();
    // What a run draws itself lies here as well, and is nothing to learn from.
    let out = data.join("hand");
    let assignment = Assignment { recipe: Recipe::Sketch, data, out, from: None, epochs: 2.0, seed: 1 };
    let mut left_out = Vec::new();
    let trained = train(&assignment, |news| {
        if let News::Data(findings) = news {
            left_out = findings.left_out.iter().map(|left| left.reason.clone()).collect();
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(left_out[0], "this is music, and no drawing");
    assert!(left_out[1].starts_with("not readable as a drawing: EOF while parsing a string"), "{left_out:?}");
    assert_eq!(left_out.len(), 2);
    let names: Vec<_> = trained.files.iter().filter_map(|file| file.file_name()).collect();
    assert_eq!(names, ["hand.toml", "hand.safetensors", "hand.svg", "hand.drawn.svg"]);
    assert!(trained.files.iter().all(|file| file.is_file()), "{:?}", trained.files);
    let drawn = Music::read(&folder.path().join("drawn")).unwrap().left_out;
    let drawn: Vec<_> = drawn.iter().filter(|left| left.reason.ends_with("trained here")).collect();
    assert_eq!(drawn.len(), 2, "{drawn:?}");
    let own = Some(folder.path().join("drawn"));
    let model = catalogue(std::path::PathBuf::new(), own, Processor::Cpu).load("hand").unwrap();
    let request = Sampling::drawing(40, 0.5, 1, Conditions::default()).unwrap();
    let piece = model.sample(&request, &Watch::new()).unwrap().piece;
    assert!(piece.sketch().unwrap().points() > 0);
    assert!(model.interpolates().is_some() && model.learns().is_some());
}

/// A hand's drawings from the characters that `kanji` knows; a model of music is refused.
#[test]
fn a_hand_is_learnt_from_kanji() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("drawn");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("zigzag.ndjson"), (0..6).map(zigzag).collect::<String>()).unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("weights");
    let from = |name: &str| Assignment {
        recipe: Recipe::Sketch,
        data: data.clone(),
        out: data.join("hand"),
        from: Some(shipped.join(name)),
        epochs: 10.0,
        seed: 1,
    };
    let trained = train(&from("kanji"), |_| ControlFlow::Continue(())).unwrap();
    assert!(trained.nats.0.unwrap() > trained.nats.1, "{:?}", trained.nats);
    let model = catalogue(PathBuf::new(), Some(data.clone()), Processor::Cpu).load("hand").unwrap();
    let request = Sampling::drawing(40, 0.5, 1, Conditions::default()).unwrap();
    assert!(model.sample(&request, &Watch::new()).unwrap().piece.sketch().unwrap().points() > 0);
    let error = train(&from("folk"), |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(error.to_string(), "`folk` cannot learn by the recipe `sketch`: it was made by `folk`");
}
