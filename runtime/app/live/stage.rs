//! A whole host on a silent clock, without outputs, for tests of what breaks in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, bounded, unbounded};
use lilt_audio::{AudioHandle, Speaker};
use lilt_editor::ClientId;
use lilt_inference::{Catalogue, Inference, Model, ModelError};
use lilt_samples::{Bank, Fonts, Root};
use lilt_script::{Engine, Limits, SourceFile, Sources};
use lilt_sequencer::ContentId;
use lilt_synth::MixerConfig;

use super::author::{Author, Outlets, Wakes};
use super::conductor::{Conductor, Listeners};
use super::loudspeaker::{Loudspeaker, SAMPLE_RATE, Timekeeper};
use super::mailbox::{Mailbox, Typed};
use super::order::Order;
use super::sight::Sight;
use crate::output::midi::MidiRouter;
use crate::output::sound::STRIPS;

/// Longest wait for what must come; nothing is judged by how soon it does.
const PATIENCE: Duration = Duration::from_secs(60);

/// There are no models.
pub struct NoModels;

impl Catalogue for NoModels {
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        Err(ModelError::UnknownModel { name: name.to_string(), nearest: None, known: Vec::new() })
    }
}

/// A folder with the module `trap`, which breaks whoever reads it as often as it is set.
#[derive(Clone, Default)]
pub struct Trap(Arc<AtomicUsize>);

impl Trap {
    /// Breaks whoever reads the folder, so many times.
    pub fn set(&self, times: usize) {
        self.0.store(times, Ordering::SeqCst);
    }
}

impl Sources for Trap {
    fn read(&self, module: &str) -> Option<SourceFile> {
        let left = self.0.load(Ordering::SeqCst);
        if left > 0 {
            self.0.store(left - 1, Ordering::SeqCst);
            panic!("a mistake of ours");
        }
        Some(SourceFile { name: format!("{module}.lua"), text: "return {}".to_string() })
    }
}

/// The way to a mixer that knows the sounds of the starter bank alone.
pub fn starter_loudspeaker(handle: AudioHandle) -> Loudspeaker {
    Loudspeaker::new(handle, Bank::new([Root::Starter]), Fonts::default()).expect("a thread")
}

/// An author and a conductor that play, and what they show.
pub struct Stage {
    pub mailbox: Mailbox,
    sights: Receiver<Sight>,
    pub orders: Sender<Order>,
    pub trap: Trap,
    version: i32,
    /// What fills the anchor, as last seen.
    pub anchor: Option<ContentId>,
    /// The anchor may stop: all is to fall silent.
    pub may_stop: bool,
    /// The playhead, as last seen.
    beat: f64,
    folder: tempfile::TempDir,
}

/// What it plays first: the anchor, and how often the script was evaluated.
pub const SCRIPT: &str = "require \"trap\"\nstate.n = (state.n or 0) + 1\nprint(\"n\", state.n)\n\
                      play(\"anchor\", \"c4 e4\")\n";

impl Stage {
    /// Plays [`SCRIPT`].
    pub fn new() -> Stage {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let script = script_in(folder.path());
        std::fs::write(&script, SCRIPT).expect("written");
        let (mailbox, bell) = Mailbox::new();
        let (view, sights) = unbounded();
        let (orders, ordered) = unbounded();
        let (reports, reported) = bounded(4);
        let config = MixerConfig { sample_rate: SAMPLE_RATE, slots: STRIPS, ..MixerConfig::default() };
        let speaker = Speaker::silent(config).expect("a silent clock");
        let time = Timekeeper::new(speaker.handle());
        let trap = Trap::default();
        let (letters, keeps_time, folder_of_traps) = (mailbox.clone(), time.clone(), trap.clone());
        let outlets = Outlets { orders: orders.clone(), view: view.clone(), sources: unbounded().0 };
        thread::spawn(move || {
            let inference = Inference::new(NoModels, 1).expect("a thread");
            let makes = inference.clone();
            let engine =
                move || Engine::new(makes.clone(), Box::new(folder_of_traps.clone()), Limits::default());
            let wakes = Wakes { bell, reports: reported, arrivals: inference.arrivals() };
            let first = engine().expect("an engine");
            Author::new(script, first, inference, keeps_time, letters, wakes, outlets).run(engine);
        });
        thread::spawn(move || {
            let loudspeaker = starter_loudspeaker(speaker.handle());
            let listeners =
                Listeners { author: reports, view, draws: Arc::default(), followed: Arc::default() };
            Conductor::new(time, loudspeaker, MidiRouter::new(None), None, listeners).run(&ordered);
            drop(speaker);
        });
        let mut stage = Stage {
            mailbox,
            sights,
            orders,
            trap,
            version: 0,
            anchor: None,
            may_stop: false,
            beat: 0.0,
            folder,
        };
        assert_eq!(stage.printed(), "n\t1");
        stage.see("the anchor", |stage, _| stage.anchor.is_some());
        stage
    }

    /// Reads what is to be shown until it is what was wanted; meanwhile the anchor plays on.
    pub fn see(&mut self, what: &str, wanted: impl Fn(&Stage, &Sight) -> bool) -> Sight {
        let until = Instant::now() + PATIENCE;
        loop {
            let sight = self.sights.recv_deadline(until).unwrap_or_else(|_| panic!("never seen: {what}"));
            if let Sight::Glimpse(glimpse) = &sight {
                let anchor = glimpse.slots.iter().find(|slot| slot.name == "anchor").map(|slot| slot.content);
                assert!(anchor.is_some() || self.anchor.is_none() || self.may_stop, "the anchor has stopped");
                self.anchor = anchor;
                assert!(glimpse.position.beat >= self.beat, "the playhead went back");
                self.beat = glimpse.position.beat;
            }
            if wanted(self, &sight) {
                return sight;
            }
        }
    }

    /// The next lines that the script prints.
    pub fn printed(&mut self) -> String {
        match self.see("a printed line", |_, sight| matches!(sight, Sight::Printed(_))) {
            Sight::Printed(lines) => lines.join("\n"),
            _ => String::new(),
        }
    }

    /// The next line that is said of a stumble, without the number of a line of this file.
    pub fn stumble(&mut self) -> String {
        let said = |_: &Stage, sight: &Sight| matches!(sight, Sight::Said(line) if line.contains("stumbled"));
        let Sight::Said(line) = self.see("a stumble", said) else { return String::new() };
        let cut = line.find(".rs:").map_or(0, |at| at + 4);
        let digits = line[cut..].chars().take_while(char::is_ascii_digit).count();
        format!("{}{}", &line[..cut], &line[cut + digits..])
    }

    /// Waits until a generation after `generation` plays the anchor.
    pub fn plays_anew(&mut self, before: ContentId) {
        self.see("the new plan", move |stage, _| stage.anchor.is_some_and(|anchor| anchor.0 > before.0));
    }

    /// Somebody types the script with a line more. Says the whole text.
    pub fn type_in(&mut self, more: &str) -> String {
        self.version += 1;
        let text = format!("{SCRIPT}{more}\n");
        self.mailbox.typed(Typed { client: ClientId(1), version: self.version, text: text.clone() });
        text
    }

    /// Somebody writes the script's file.
    pub fn write(&self, text: &str) {
        std::fs::write(script_in(self.folder.path()), text).expect("written");
        self.save();
    }

    /// What the script's file says.
    pub fn read(&self) -> String {
        std::fs::read_to_string(script_in(self.folder.path())).expect("read")
    }

    /// Tells that the script's file was saved.
    pub fn save(&self) {
        self.mailbox.saved(script_in(self.folder.path()));
    }

    /// Lets the playhead go on for so many beats.
    pub fn pass(&mut self, beats: f64) {
        let until = self.beat + beats;
        self.see("time passing", move |stage, _| stage.beat >= until);
    }
}

fn script_in(folder: &Path) -> PathBuf {
    folder.join("set.lua")
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.mailbox.end();
        let _ended = self.orders.send(Order::End);
    }
}
