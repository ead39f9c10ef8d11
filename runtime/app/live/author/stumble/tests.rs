//! An author whose folder breaks it, before a conductor that plays.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender, bounded, unbounded};
use lilt_audio::Speaker;
use lilt_editor::ClientId;
use lilt_inference::{Catalogue, Inference, Model, ModelError};
use lilt_script::{Engine, Limits, SourceFile, Sources};
use lilt_sequencer::ContentId;
use lilt_synth::MixerConfig;

use crate::live::author::{Author, Outlets, Wakes};
use crate::live::conductor::{Conductor, Listeners};
use crate::live::loudspeaker::{Loudspeaker, SAMPLE_RATE, Timekeeper};
use crate::live::mailbox::{Mailbox, Typed};
use crate::live::order::Order;
use crate::live::sight::Sight;
use crate::output::midi::MidiRouter;
use crate::output::sound::STRIPS;

/// Longest wait for what must come; nothing is judged by how soon it does.
const PATIENCE: Duration = Duration::from_secs(60);

struct NoModels;

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
struct Trap(Arc<AtomicUsize>);

impl Trap {
    fn set(&self, times: usize) {
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

struct Stage {
    mailbox: Mailbox,
    sights: Receiver<Sight>,
    orders: Sender<Order>,
    trap: Trap,
    version: i32,
    /// What fills the anchor, as last seen.
    anchor: Option<ContentId>,
    /// The playhead, as last seen.
    beat: f64,
    _folder: tempfile::TempDir,
}

const SCRIPT: &str = "require \"trap\"\nstate.n = (state.n or 0) + 1\nprint(\"n\", state.n)\n\
                      play(\"anchor\", \"c4 e4\")\n";

impl Stage {
    fn new() -> Stage {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let script: PathBuf = folder.path().join("set.lua");
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
        let outlets = Outlets { orders: orders.clone(), view: view.clone(), required: None };
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
            let loudspeaker = Loudspeaker::new(speaker.handle());
            let listeners = Listeners { author: reports, view, draws: Arc::new(AtomicBool::new(false)) };
            Conductor::new(time, loudspeaker, MidiRouter::new(None), None, listeners).run(&ordered);
            drop(speaker);
        });
        let mut stage =
            Stage { mailbox, sights, orders, trap, version: 0, anchor: None, beat: 0.0, _folder: folder };
        assert_eq!(stage.printed(), "n\t1");
        stage.see("the anchor", |stage, _| stage.anchor.is_some());
        stage
    }

    /// Reads what is to be shown until it is what was wanted; meanwhile the anchor plays on.
    fn see(&mut self, what: &str, wanted: impl Fn(&Stage, &Sight) -> bool) -> Sight {
        loop {
            let sight = self.sights.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("never seen: {what}"));
            if let Sight::Glimpse(glimpse) = &sight {
                let anchor = glimpse.slots.iter().find(|slot| slot.name == "anchor").map(|slot| slot.content);
                assert!(anchor.is_some() || self.anchor.is_none(), "the anchor has stopped");
                self.anchor = anchor;
                assert!(glimpse.position.beat >= self.beat, "the playhead went back");
                self.beat = glimpse.position.beat;
            }
            if wanted(self, &sight) {
                return sight;
            }
        }
    }

    fn printed(&mut self) -> String {
        match self.see("a printed line", |_, sight| matches!(sight, Sight::Printed(_))) {
            Sight::Printed(lines) => lines.join("\n"),
            _ => String::new(),
        }
    }

    /// The next line that is said of a stumble, without the number of a line of this file.
    fn stumble(&mut self) -> String {
        let said = |_: &Stage, sight: &Sight| matches!(sight, Sight::Said(line) if line.contains("stumbled"));
        let Sight::Said(line) = self.see("a stumble", said) else { return String::new() };
        let cut = line.find(".rs:").map_or(0, |at| at + 4);
        let digits = line[cut..].chars().take_while(char::is_ascii_digit).count();
        format!("{}{}", &line[..cut], &line[cut + digits..])
    }

    /// Waits until a generation after `generation` plays the anchor.
    fn plays_anew(&mut self, before: ContentId) {
        self.see("the new plan", move |stage, _| stage.anchor.is_some_and(|anchor| anchor.0 > before.0));
    }

    fn type_in(&mut self, more: &str) {
        self.version += 1;
        let text = format!("{SCRIPT}{more}\n");
        self.mailbox.typed(Typed { client: ClientId(1), version: self.version, text });
    }

    /// Lets the playhead go on for so many beats.
    fn pass(&mut self, beats: f64) {
        let until = self.beat + beats;
        self.see("time passing", move |stage, _| stage.beat >= until);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.mailbox.end();
        let _ended = self.orders.send(Order::End);
    }
}

const ONCE_MORE: &str = "Lilt itself stumbled over the script (runtime/app/live/author/stumble/tests.rs:: a mistake \
                         of ours): the music goes on, and the script is read once more";
const WAITS: &str = "Lilt itself stumbled over the script (runtime/app/live/author/stumble/tests.rs:: a mistake of \
                     ours): the music goes on; change the script and save it again";

#[test]
fn an_author_that_breaks_begins_anew_and_the_music_goes_on() {
    let mut stage = Stage::new();
    let before = stage.anchor.expect("it plays");
    stage.trap.set(1);
    stage.type_in("play(\"more\", \"g4\")");
    assert_eq!(stage.stumble(), ONCE_MORE);
    assert_eq!(stage.printed(), "n\t2", "`state` is kept, as it was before the evaluation that broke");
    stage.plays_anew(before);
}

#[test]
fn an_author_that_breaks_twice_over_a_text_waits_for_another() {
    let mut stage = Stage::new();
    let before = stage.anchor.expect("it plays");
    stage.trap.set(usize::MAX);
    stage.type_in("-- breaks");
    assert_eq!(stage.stumble(), ONCE_MORE);
    assert_eq!(stage.stumble(), WAITS);
    stage.see("the status", |_, sight| match sight {
        Sight::Script(status) => status.last_error.as_ref().is_some_and(|error| error.line == 1),
        _ => false,
    });
    // Four seconds of plan lie ahead; after them the last bar repeats.
    stage.pass(12.0);
    assert_eq!(stage.anchor, Some(before), "what plays is what played");
    stage.trap.set(0);
    stage.mailbox.commit(lilt_sequencer::Entrance::Boundary);
    stage.pass(2.0);
    assert_eq!(stage.anchor, Some(before), "a command alone evaluates nothing");
    stage.type_in("-- whole");
    assert_eq!(stage.printed(), "n\t2");
    stage.plays_anew(before);
}
