//! `lilt live`: starts the threads in order, and hands over to the conductor.

mod conductor;
mod loudspeaker;
mod record;
mod stage;
mod view;
mod wake;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use crossbeam::channel;
use lilt_canvas::CanvasFeed;
use lilt_editor::{HostSocket, SocketDirectories, SocketError};
use lilt_inference::Inference;
use lilt_models::catalogue::{Processor, catalogue};
use lilt_script::{Engine, Limits};
use lilt_sequencer::Sequencer;

use crate::command_line::{Device, Live};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::output::midi::MidiRouter;
use crate::place;

use conductor::Conductor;
use loudspeaker::Loudspeaker;
use record::Record;
use stage::Stage;
use view::View;
use wake::{Wake, Wakes};
use watch::FolderWatch;

/// How long an evaluation may run Lua on stage; waiting for a model does not count.
pub const LUA_TIME: Duration = Duration::from_millis(200);
/// How long an evaluation may wait for one take on stage.
const TAKE_TIME: Duration = Duration::from_secs(10);

/// Plays a script until interrupted.
pub fn live(words: Live) -> Result<(), Failure> {
    let file = absolute(&words.file)?;
    let (sender, sent) = channel::unbounded();
    let quit = sender.clone();
    ctrlc::set_handler(move || {
        // A closed channel means that the host is ending already.
        let _ = quit.send(Wake::Quit);
    })
    .map_err(Failure::of_use)?;

    let workers = std::thread::available_parallelism().map_or(1, |n| n.get().saturating_sub(1).max(1));
    let folder = Folder::of(&file);
    let models = catalogue(place::weights()?, Some(folder.path().to_path_buf()), processor(words.device)?);
    let inference = Inference::new(models, workers).map_err(Failure::of_use)?;
    let arrivals = inference.arrivals();
    let watch = FolderWatch::start(&file, move |path| {
        // A closed channel means that the host is ending.
        let _ = sender.send(Wake::Saved(path));
    });
    let limits = Limits { lua_time: Some(LUA_TIME), take_time: TAKE_TIME, ..Limits::default() };
    let engine = Engine::new(inference.clone(), Box::new(folder), limits).map_err(Failure::of_use)?;
    let (socket, editor) = match HostSocket::bind(&SocketDirectories::of_this_user(), &file) {
        Ok((socket, events)) => (Some(socket), Some(events)),
        Err(error @ SocketError::AlreadyPlaying { .. }) => return Err(Failure::of_use(error)),
        Err(error) => {
            eprintln!("lilt: editors cannot attach: {error}");
            (None, None)
        }
    };

    let title = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let view = View::new(title, canvas(&words));
    let loudspeaker = Loudspeaker::open(words.audio.as_deref());
    view.say(loudspeaker.description());
    match &watch {
        Ok(watch) => watch.take_notice().into_iter().for_each(|notice| view.say(notice)),
        Err(error) => view.say(format_args!("saves are not heard: the folder cannot be watched ({error})")),
    }
    let stage = Stage {
        sequencer: Sequencer::new(),
        loudspeaker,
        midi: MidiRouter::new(words.midi),
        strokes: Vec::new(),
        faults: Vec::new(),
        notices: Vec::new(),
        record: words.events.as_deref().map(Record::create).transpose().map_err(Failure::Use)?,
        late: 0,
    };
    view.say(format_args!(
        "edit and save {}: you hear it at the next bar; Ctrl-C ends",
        words.file.display()
    ));
    let wakes =
        Wakes { sent, editor, arrivals, questions: engine.reward_calls(), bakes: engine.bakes_done() };
    Conductor::new(file, engine, inference, stage, socket, view).run(wakes);
    Ok(())
}

/// The feed of the canvas, or a line about why there is none.
fn canvas(words: &Live) -> Option<CanvasFeed> {
    if words.no_canvas {
        return None;
    }
    let Some(program) = words.canvas.clone().or_else(place::canvas) else {
        eprintln!(
            "lilt: no canvas: `lilt-canvas` is not built (`./run live` builds it where there is a display)"
        );
        return None;
    };
    match CanvasFeed::start(program, |notice| eprintln!("lilt: {notice}")) {
        Ok(feed) => Some(feed),
        Err(error) => {
            eprintln!("lilt: no canvas: {error}");
            None
        }
    }
}

/// What the networks run on. A device that this build has no code for is wrong use,
/// not a silent fallback.
fn processor(device: Device) -> Result<Processor, Failure> {
    let (processor, built) = match device {
        Device::Cpu => (Processor::Cpu, true),
        Device::Cuda => (Processor::Cuda, cfg!(feature = "cuda")),
        Device::Metal => (Processor::Metal, cfg!(feature = "metal")),
    };
    let name = processor.name();
    built.then_some(processor).ok_or_else(|| {
        Failure::Use(format!(
            "this build has no {name}: build with `cargo build --release --features {name}`, or leave --device out"
        ))
    })
}

/// The script's path from the root, so that nothing depends on the current folder.
fn absolute(file: &std::path::Path) -> Result<PathBuf, Failure> {
    std::path::absolute(file).map_err(|error| Failure::Use(format!("{}: {error}", file.display())))
}
