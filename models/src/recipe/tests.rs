//! Runs that are stopped and go on.

use std::path::Path;

use super::*;

/// A scale up and down as ABC, on another degree for each number.
fn tune(number: usize) -> String {
    let scale = ["C", "D", "E", "F", "G", "A", "B", "c"];
    let note = |at: usize| scale[(at * (number + 1) + number / 4) % 8];
    let bars: Vec<String> = (0..4).map(|bar| (0..4).map(|at| note(4 * bar + at)).collect()).collect();
    format!("X:{number}\nM:4/4\nL:1/4\nK:C\n{}|\n", bars.join("|"))
}

fn order(folder: &Path) -> Order {
    let data = folder.join("music");
    std::fs::create_dir_all(&data).unwrap();
    for number in 0..4 {
        std::fs::write(data.join(format!("{number}.abc")), tune(number)).unwrap();
    }
    Order { recipe: Recipe::Folk, data, out: folder.join("mine"), from: None, epochs: 25.0, seed: 1 }
}

/// Stops at the first measurement.
fn stopped(order: &Order) -> Trained {
    train(order, |news| match news {
        News::Progress(progress) if progress.measured.is_some() => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .unwrap()
}

#[test]
fn a_run_that_was_stopped_goes_on_and_leaves_only_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let order = order(folder.path());
    let first = stopped(&order);
    assert_eq!(first.ended, training::Ended::Stopped);
    assert!(first.files.iter().all(|file| file.is_file()), "{:?}", first.files);
    assert!(order.checkpoints().join("last.safetensors").is_file());

    let mut taken_up = None;
    let second = train(&order, |news| {
        if let News::TakenUp(update) = news {
            taken_up = Some(update);
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(taken_up, Some(20));
    assert_ne!(second.ended, training::Ended::Stopped);
    assert!(second.nats.1 <= first.nats.1, "{} then {}", first.nats.1, second.nats.1);
    assert!(!order.checkpoints().exists());
}

#[test]
fn a_run_goes_on_only_with_the_music_it_began_with() {
    let folder = tempfile::tempdir().unwrap();
    let order = order(folder.path());
    stopped(&order);
    std::fs::write(order.data.join("new.abc"), tune(9)).unwrap();
    let error = train(&order, |_| ControlFlow::Continue(())).unwrap_err().to_string();
    assert_eq!(
        error.replace(&format!("{}/", folder.path().display()), ""),
        "mine.training: a run on other music, from another model or with another seed was stopped here; \
         remove that folder to begin anew"
    );
}

#[test]
fn a_run_that_is_stopped_at_once_says_that_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let order = order(folder.path());
    let stop = |news: News<'_>| match news {
        News::Progress(_) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let error = train(&order, stop).unwrap_err();
    assert_eq!(error.to_string(), "stopped before anything was measured; nothing was written");
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["music"]);
}

#[test]
fn a_run_goes_on_from_the_same_model_however_its_path_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let base = order(folder.path());
    stopped(&base);
    let finer = |from: PathBuf| Order { out: folder.path().join("finer"), from: Some(from), ..base.clone() };
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
    stopped(&Order { seed: 2, ..base.clone() });
    let error = train(&elsewhere, |_| ControlFlow::Continue(())).unwrap_err();
    assert!(
        matches!(&error, RecipeError::OtherRun { folder } if *folder == elsewhere.checkpoints()),
        "{error}"
    );
}
