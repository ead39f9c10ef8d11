//! `lilt live`: starts the threads in order, and hands over to the conductor.

mod author;
mod carabiner;
pub mod caught;
mod conductor;
mod door;
mod ears;
mod hangup;
#[cfg(test)]
mod heard;
mod keyboard;
mod lines;
mod link;
mod loudspeaker;
mod mailbox;
mod order;
mod page;
mod record;
mod recorder;
mod scope;
mod scribe;
mod sight;
mod sound_watch;
#[cfg(test)]
mod stage;
mod tempo_ahead;
mod terminal;
mod terminal_keys;
mod tilt_runs;
mod transport;
mod view;
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam::channel::{self, Receiver, Sender};
use lilt_audio::{AudioError, Speaker};
use lilt_canvas::{CanvasFeed, Hand, HandSketch};
use lilt_editor::{HostLog, HostSocket, SocketDirectories, SocketError};
use lilt_inference::Inference;
use lilt_models::catalogue::{Processor, catalogue};
use lilt_script::{ByHand, Engine, Limits};
use lilt_synth::MixerConfig;

use crate::command_line::{Device, Live};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::journal;
use crate::output::midi::MidiRouter;
use crate::output::osc::OscRouter;
use crate::output::sound::STRIPS;
use crate::place;

use author::{Author, Outlets, Wakes};
use caught::caught;
use conductor::{Conductor, Listeners};
use door::Door;
use ears::{Ears, OscDoor};
use keyboard::Keyboard;
use lines::Lines;
use loudspeaker::{Loudspeaker, SAMPLE_RATE, Timekeeper};
use mailbox::Mailbox;
use order::Order;
use record::Record;
use recorder::Recorder;
use sight::Sight;
use terminal::Terminal;
use terminal_keys::TerminalKeys;
use tilt_runs::TiltRuns;
use view::View;
use watch::FolderWatch;

/// How long an evaluation may run Lua on stage; waiting for a model does not count.
pub const LUA_TIME: Duration = Duration::from_millis(200);
/// How long an evaluation may wait for one take on stage.
const TAKE_TIME: Duration = Duration::from_secs(10);
/// Things to show that may wait for the view, which never waits long itself.
const MOST_SIGHTS: usize = 1024;
/// Reports that may wait for an author that works: the next tells everything anew.
const MOST_REPORTS: usize = 4;
/// How long the end waits for the author, whatever the script does.
const AUTHOR_ENDS: Duration = Duration::from_millis(500);
/// How long the end waits for the view to say goodbye.
const VIEW_ENDS: Duration = Duration::from_secs(1);

/// Plays a script until interrupted.
pub fn live(words: Live) -> Result<(), Failure> {
    let file = absolute(&words.file)?;
    let terminal = Terminal::start().map_err(no_thread)?;
    let (orders, ordered) = channel::unbounded();
    let end = orders.clone();
    hangup::end_on_signals(move || {
        // A conductor that is not there has ended already.
        let _ended = end.send(Order::End);
    })?;

    let workers = thread::available_parallelism().map_or(1, |n| n.get().saturating_sub(1).max(1));
    let folder = Folder::of(&file);
    let models = catalogue(place::weights()?, Some(folder.path().to_path_buf()), processor(words.device)?);
    let inference = Inference::new(models, workers).map_err(no_thread)?;
    let (mailbox, bell) = Mailbox::new();
    let (view, sights) = channel::bounded(MOST_SIGHTS);
    let saves = mailbox.clone();
    let watch = FolderWatch::start(&file, move |path| saves.saved(path));
    let (socket, editors) = match HostSocket::bind(&SocketDirectories::of_this_user(), &file) {
        Ok((socket, events)) => (Some(socket), Some(events)),
        Err(error @ SocketError::AlreadyPlaying { .. }) => return Err(Failure::of_use(error)),
        Err(error) => {
            terminal.say(format_args!("editors cannot attach: {error}"));
            (None, None)
        }
    };
    let page = match &socket {
        Some(socket) if words.web => Some(page::serve(socket, words.web_port)?),
        None if words.web => {
            terminal.say("there is no page: it needs the same folder as editors do");
            None
        }
        _ => None,
    };
    let followed = socket.as_ref().map(|socket| socket.clients().followed()).unwrap_or_default();
    let watch = match watch {
        Ok(watch) => Some(watch),
        Err(error) => {
            terminal.say(format_args!("saves are not heard: the folder cannot be watched ({error})"));
            None
        }
    };
    if let Some(watch) = &watch {
        mailbox.tell(watch.required());
    }
    if let Some(path) = &words.events {
        place::not_the_script(&file, path)?;
    }
    let record = words.events.as_deref().map(|path| Record::create(path, terminal.clone()));
    let record = record.transpose().map_err(Failure::Use)?;

    HostLog::take_over().map_err(Failure::of_use)?;

    let (bank, fonts) = (place::sounds(&file, &words.samples), folder.fonts().clone());
    let speaker = Arc::new(speaker(words.audio.as_deref()).map_err(Failure::of_use)?);
    let time = Timekeeper::new(speaker.handle());
    let draws = Arc::new(AtomicBool::new(false));
    let recorder = Recorder::start_thread(speaker.handle(), &file, view.clone())?;
    if let Some(path) = &words.record {
        recorder.record(path).map_err(Failure::Use)?;
    }
    let ears = Ears::new(time.clone(), orders.clone(), mailbox.clone(), view.clone());
    let title = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let canvas = view::Canvas {
        feed: canvas(&words, &terminal, mailbox.clone(), ears.clone()),
        keys: ears.plays_keys(),
        draws: Arc::clone(&draws),
        tilts: TiltRuns::new(inference.particles()),
    };
    let shows = View::new(title, terminal.clone(), socket, canvas, Arc::clone(&speaker), watch);
    let last_words = terminal.clone();
    let viewing = start("lilt view", move |line| last_words.say(line), move || shows.run(&sights))?;
    terminal.say(format_args!(
        "edit and save {}: you hear it at the next bar; Ctrl-C ends",
        words.file.display()
    ));

    if let Some(page) = &page {
        page::announce(page, words.web_port, words.open, &terminal);
    }

    let (reports, reported) = channel::bounded(MOST_REPORTS);
    let journal = words.journal.as_deref().map(|path| {
        place::not_the_script(&file, path)?;
        Lines::create(path, "inputs", journal::line, terminal.clone()).map_err(Failure::Use)
    });
    let journal = journal.transpose()?;
    let osc = OscDoor { port: words.osc_port, open: words.network };
    let keys = TerminalKeys::default();
    let (link, ours) = channel::unbounded();
    let sources = ears.clone().listen(osc, keys.clone(), ours).map_err(no_thread)?;
    let outlets = Outlets { orders: orders.clone(), view: view.clone(), sources };
    let orders_for_sounds = orders.clone();
    let (letters, keeps_time) = (mailbox.clone(), time.clone());
    let writing = start("lilt author", said_by(&view), move || {
        let makes = inference.clone();
        let engine = move || make_engine(&makes, folder.clone());
        match engine() {
            Ok(first) => {
                let wakes = Wakes { bell, reports: reported, arrivals: inference.arrivals() };
                Author::new(file, first, inference, keeps_time, letters, wakes, outlets).run(engine);
            }
            Err(error) => {
                let _ending = outlets.view.send(Sight::Said(error.to_string()));
                let _ending = outlets.orders.send(Order::End);
            }
        }
    })?;
    if let Some(editors) = editors {
        let door =
            Door { mailbox: mailbox.clone(), orders, view: view.clone(), recorder: recorder.clone(), ears };
        let say = said_by(&view);
        start("lilt door", said_by(&view), move || {
            while let Err(place) = caught(|| door.keep(&editors)) {
                say(format!("Lilt itself stumbled over what an editor sent ({place}): all goes on"));
            }
        })?;
    }

    let changed = orders_for_sounds;
    sound_watch::watch(
        bank.folders(),
        move || {
            // A conductor that is not there has ended.
            let _ended = changed.send(Order::Rescan);
        },
        said_by(&view),
    )
    .map_err(Failure::of_use)?;
    let listeners = Listeners { author: reports, view: view.clone(), draws, followed };
    let loudspeaker = Loudspeaker::new(speaker.handle(), bank, fonts).map_err(Failure::of_use)?;
    let conductor = Conductor::new(time, loudspeaker, MidiRouter::new(words.midi), record, listeners);
    conductor.with(OscRouter::new(words.network), journal, link).run(&ordered);

    drop(page);
    keys.rest();
    recorder.end();
    mailbox.end();
    // Nothing is ever sent through these: the thread has ended, or the time is over.
    let _ended = writing.recv_timeout(AUTHOR_ENDS);
    let _shown = view.send_timeout(Sight::End, VIEW_ENDS);
    let _ended = viewing.recv_timeout(VIEW_ENDS);
    terminal.farewell();
    Ok(())
}

/// The script's engine; it stays on the thread that makes it.
fn make_engine(inference: &Inference, folder: Folder) -> Result<Engine, lilt_script::ScriptError> {
    let limits = Limits { lua_time: Some(LUA_TIME), take_time: TAKE_TIME, ..Limits::default() };
    Engine::new(inference.clone(), Box::new(folder), limits)
}

/// The sound card of this name, `none` for none, or the default one.
fn speaker(name: Option<&str>) -> Result<Speaker, AudioError> {
    let config = MixerConfig { sample_rate: SAMPLE_RATE, slots: STRIPS, ..MixerConfig::default() };
    match name {
        Some("none") => Speaker::silent(config),
        name => Speaker::new(name, config),
    }
}

/// Starts a thread; what comes back is closed when it has ended. Should it break, which is a mistake of Lilt's
/// own, that is said, and the music goes on without it.
fn start(
    name: &'static str,
    say: impl FnOnce(String) + Send + 'static,
    run: impl FnOnce() + Send + 'static,
) -> Result<Receiver<()>, Failure> {
    let (end, ended) = channel::bounded(0);
    let run = move || {
        if let Err(place) = caught(run) {
            say(format!(
                "Lilt itself stumbled ({name}, {place}): the music goes on without it; start Lilt again when it \
                 may stop"
            ));
        }
        drop(end);
    };
    thread::Builder::new().name(name.to_string()).spawn(run).map_err(no_thread)?;
    Ok(ended)
}

/// The system gives no thread, which has little to do with what it says of that.
fn no_thread(error: std::io::Error) -> Failure {
    Failure::Use(format!(
        "the system gives Lilt no more threads ({error}): close other programs, or raise its limits (`ulimit -v` and \
         `ulimit -u` show them)"
    ))
}

/// Has the view say a line.
fn said_by(view: &Sender<Sight>) -> impl Fn(String) + Send + use<> {
    let view = view.clone();
    move |line| {
        // A view that is not there has ended.
        let _ending = view.send(Sight::Said(line));
    }
}

/// The feed of the canvas, or a line about why there is none.
fn canvas(words: &Live, terminal: &Terminal, mailbox: Mailbox, ears: Ears) -> Option<CanvasFeed> {
    if words.no_canvas {
        return None;
    }
    let Some(program) = words.canvas.clone().or_else(place::canvas) else {
        terminal
            .say("no canvas: `lilt-canvas` is not built (`./run live` builds it where there is a display)");
        return None;
    };
    let told = terminal.clone();
    let drawn = Mutex::new(HandSketch::new());
    let keyboard = Mutex::new(Keyboard::default());
    let hand = move |hand| {
        if let Hand::Key { letter, down } = hand {
            // Whole even if one panicked: at worst a key sounds until it is struck again.
            let mut keyboard = keyboard.lock().unwrap_or_else(PoisonError::into_inner);
            let gestures = if down { keyboard.pressed(letter) } else { keyboard.released(letter) };
            return ears.hear_keys(gestures);
        }
        // Whole even if one panicked: at worst a stroke is missing.
        let mut drawn = drawn.lock().unwrap_or_else(PoisonError::into_inner);
        drawn.take(hand);
        mailbox.by_hand(ByHand { sketch: drawn.sketch(), clicks: drawn.clicks().to_vec() });
    };
    match CanvasFeed::start(program, looks(words), move |notice| told.say(notice), hand) {
        Ok(feed) => Some(feed),
        Err(error) => {
            terminal.say(format_args!("no canvas: {error}"));
            None
        }
    }
}

/// What the canvas is told of how it is to open.
fn looks(words: &Live) -> Vec<OsString> {
    let mut told: Vec<OsString> = Vec::new();
    if words.fullscreen {
        told.push("--fullscreen".into());
    }
    if words.stats {
        told.push("--stats".into());
    }
    if let Some(monitor) = words.monitor {
        told.extend(["--monitor".into(), monitor.to_string().into()]);
    }
    // What is recorded of it lies beside the script, as its sound does.
    if let Some(folder) = words.file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        told.extend(["--folder".into(), folder.into()]);
    }
    told
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
