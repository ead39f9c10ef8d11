//! `lilt train`: teaches a model the music of a folder.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lilt_models::catalogue::SHIPPED;
use lilt_models::recipe::{Assignment, News, Recipe, train as carry_out};
use lilt_models::training::{Bar, Ended};

use crate::command_line::Train;
use crate::failure::Failure;
use crate::place;

/// Files that are named when much is left out; the rest is counted.
const NAMED: usize = 20;

/// Trains, telling how it goes; Ctrl-C ends it with what was learnt so far.
pub fn train(words: Train) -> Result<(), Failure> {
    let recipe: Recipe = words.recipe.parse().map_err(Failure::Use)?;
    let from = words.from.as_deref().map(|name| base(name, &words.out)).transpose()?;
    let assignment = Assignment {
        recipe,
        data: words.data,
        out: words.out,
        from,
        epochs: f64::from(words.passes),
        seed: words.seed,
    };
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    ctrlc::set_handler(move || asked.store(true, Ordering::Relaxed)).map_err(Failure::of_use)?;
    let bar = Bar::default();
    let trained = carry_out(&assignment, |news| {
        tell(&bar, &news);
        if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .map_err(Failure::of_use)?;
    bar.finish();
    let why = match trained.ended {
        Ended::Whole => "all passes are made",
        Ended::Early => "held-out music did not get likelier any more",
        Ended::Stopped => "stopped; the same command goes on from here",
    };
    let (before, after) = trained.nats;
    let before = before.map(|nats| format!("{nats:.3} before, ")).unwrap_or_default();
    eprintln!("{why}: {before}{after:.3} nats per note on held-out music");
    for file in trained.files {
        eprintln!("  {}", file.display());
    }
    println!("a script in that folder plays it: model \"{}\"", trained.name);
    Ok(())
}

/// The files of the model `name`, without an ending: beside the new one, or of those that come with Lilt.
fn base(name: &str, out: &Path) -> Result<PathBuf, Failure> {
    if SHIPPED.contains(&name) {
        return Ok(place::weights()?.join(name));
    }
    let beside = out.with_file_name(name);
    if beside.with_file_name(format!("{name}.toml")).is_file() {
        return Ok(beside);
    }
    Err(Failure::Use(format!(
        "there is no model `{name}` to start from: there are {}, and those beside {}",
        SHIPPED.join(", "),
        out.display()
    )))
}

fn tell(bar: &Bar, news: &News<'_>) {
    match news {
        News::Data(findings) => {
            for left in findings.left_out.iter().take(NAMED) {
                bar.line(&format!("left out {left}"));
            }
            if let Some(more) = findings.left_out.len().checked_sub(NAMED).filter(|more| *more > 0) {
                bar.line(&format!("and {more} more that are left out"));
            }
            let [pieces, notes] = findings.train;
            let [held, held_notes] = findings.valid;
            bar.line(&format!(
                "learns from {pieces} pieces, {notes} notes; holds out {held}, {held_notes} notes"
            ));
        }
        News::TakenUp(update) => bar.line(&format!("goes on from update {update}")),
        News::Before(measured) => {
            bar.line(&format!("before: held out {:.4} nats per note", measured.nats));
        }
        News::Progress(progress) => bar.show(progress),
        News::Sample(path) => bar.line(&format!("listen: {}", path.display())),
    }
}
