//! What is heard is what was meant: whole performances on one thread and without a clock, from the script's text
//! to samples and bytes. Author and conductor are those that play live, and so is the way to the mixer and to
//! MIDI; how far ahead events are sent, what is taken back again, and into which pieces the time is cut must make
//! no difference to a single sample.

mod script;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, unbounded};
use lilt_audio::{Clock, SteppedSpeaker};
use lilt_inference::Inference;
use lilt_midi::SteppedOutbox;
use lilt_script::{Engine, Limits};
use lilt_sequencer::{Entrance, Generation, Performance, Quantum};
use lilt_synth::MixerConfig;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::author::{Author, Draft, Outlets, Wakes};
use super::conductor::{Conductor, HORIZON, Listeners};
use super::loudspeaker::{Loudspeaker, SAMPLE_RATE, Timekeeper};
use super::mailbox::Mailbox;
use super::order::Order;
use super::sight::Sight;
use super::stage::{NoModels, starter_loudspeaker};
use crate::output::midi::MidiRouter;
use crate::output::sound::STRIPS;
use script::script;

/// Cases of each kind in the suite, unless `LILT_CASES` says how many.
const CASES: u32 = 10;

/// Frames that are rendered between two looks at most where nothing is sent ahead: what becomes due meanwhile
/// is then still in reach.
const NEAR: usize = 96;

/// What happens, one thing after the other.
#[derive(Debug, Clone)]
enum Step {
    /// The script says something else.
    Edit {
        script: String,
        entrance: Entrance,
    },
    /// So many frames pass between two looks, so many times. What the author wrote is on its way for as many
    /// looks as `late` says, and after the first `written` looks it writes nothing more.
    Pass {
        frames: Vec<usize>,
        written: usize,
        late: usize,
    },
    Hush,
    /// The conductor breaks.
    Break,
}

fn entrance() -> impl Strategy<Value = Entrance> {
    prop_oneof![4 => Just(Entrance::Boundary), 1 => Just(Entrance::Now)]
}

/// Steps in which the author keeps up.
fn punctual() -> impl Strategy<Value = Step> {
    let pass = prop::collection::vec(1..1_200usize, 2..40);
    prop_oneof![
        4 => (script(), entrance()).prop_map(|(script, entrance)| Step::Edit { script, entrance }),
        6 => pass.prop_map(|frames| Step::Pass { written: frames.len(), late: 0, frames }),
        1 => Just(Step::Hush),
    ]
}

/// Steps in which it is held up, and in which the conductor breaks.
fn any() -> impl Strategy<Value = Step> {
    let pass = (prop::collection::vec(1..1_200usize, 2..40), 0..6usize, 0..8usize);
    prop_oneof![
        6 => punctual(),
        4 => pass.prop_map(|(frames, written, late)| Step::Pass { frames, written, late }),
        1 => Just(Step::Break),
    ]
}

fn config() -> MixerConfig {
    MixerConfig { sample_rate: SAMPLE_RATE, slots: STRIPS, voices: 24, ..MixerConfig::default() }
}

fn engine(inference: &Inference) -> Engine {
    // What is heard must not depend on how busy this machine is.
    Engine::new(inference.clone(), Box::new(super::stage::Trap::default()), Limits::patient())
        .expect("an engine")
}

/// A message to a port: when, which port, and its bytes.
type Message = (Duration, String, Vec<u8>);

/// What came out of a performance.
#[derive(Default, PartialEq)]
struct Heard {
    samples: Vec<f32>,
    bytes: Vec<Message>,
}

/// The mixer and the ports, whoever plays them.
struct Outputs {
    speaker: SteppedSpeaker,
    time: Timekeeper,
    outbox: SteppedOutbox,
    origin: Instant,
    samples: Vec<f32>,
}

impl Outputs {
    fn new() -> Outputs {
        let speaker = SteppedSpeaker::new(config());
        let time = Timekeeper::new(speaker.handle());
        let origin = time.instant_of(0.0);
        Outputs { time, outbox: SteppedOutbox::new(origin), origin, samples: Vec::new(), speaker }
    }

    /// Time passes.
    fn render(&mut self, frames: usize) {
        let out = self.samples.len();
        self.samples.resize(out + 2 * frames, 0.0);
        self.speaker.render(&mut self.samples[out..]);
        self.outbox.pass(self.time.instant_of(self.speaker.handle().clock().now()));
    }

    /// What came out. Whoever plays silences whole ports when all falls silent, which ports are open or not.
    fn heard(self) -> Heard {
        let status = self.speaker.handle().status();
        assert_eq!((status.late_commands, status.dropped_late, status.late_retractions), (0, 0, 0));
        assert_eq!(status.refused_commands, 0);
        let sent = self.outbox.sent().into_iter();
        let sent = sent.map(|(at, port, bytes)| (at - self.origin, port, bytes.bytes().to_vec()));
        let silences = |bytes: &[u8]| bytes[0] >> 4 == 0xb && [120, 123].contains(&bytes[1]);
        let mut bytes: Vec<_> = sent.filter(|(_, _, bytes)| !silences(bytes)).collect();
        // What goes to one channel of one port has an order; at one moment others have none.
        bytes.sort_by_key(|(at, port, bytes)| (at.as_micros(), port.clone(), bytes[0] & 15));
        Heard { samples: self.samples, bytes }
    }
}

/// Author and conductor, step by step.
struct Live {
    outputs: Outputs,
    author: Author,
    mailbox: Mailbox,
    conductor: Conductor,
    ordered: Receiver<Order>,
    /// Held, so that the author and the conductor have somebody to tell.
    sights: Receiver<Sight>,
    /// Orders on their way, and at which look they arrive.
    under_way: Vec<(usize, Order)>,
    looks: usize,
    /// Frames between two looks at most.
    most: usize,
    broken: usize,
}

impl Live {
    fn new(inference: &Inference, horizon: f64) -> Live {
        let outputs = Outputs::new();
        let (mailbox, bell) = Mailbox::new();
        let ((orders, ordered), (view, sights), (reports, reported)) =
            (unbounded(), unbounded(), unbounded());
        let wakes = Wakes { bell, reports: reported, arrivals: inference.arrivals() };
        let author = Author::new(
            "set.lua".into(),
            engine(inference),
            inference.clone(),
            outputs.time.clone(),
            mailbox.clone(),
            wakes,
            Outlets { orders, view: view.clone(), sources: unbounded().0 },
        );
        let listeners = Listeners { author: reports, view, draws: Arc::default(), followed: Arc::default() };
        let loudspeaker = starter_loudspeaker(outputs.speaker.handle());
        let midi = MidiRouter::through(outputs.outbox.clone());
        let conductor = Conductor::new(outputs.time.clone(), loudspeaker, midi, None, listeners);
        Live {
            outputs,
            author,
            mailbox,
            conductor: conductor.looking(horizon),
            ordered,
            sights,
            under_way: Vec::new(),
            looks: 0,
            most: if horizon == 0.0 { NEAR } else { usize::MAX },
            broken: 0,
        }
    }

    /// Time passes to the next look.
    fn render(&mut self, frames: usize) {
        let mut left = frames;
        while left > self.most {
            self.outputs.render(self.most);
            self.conductor.tick();
            left -= self.most;
        }
        self.outputs.render(left);
    }

    /// The conductor looks, and hears what has arrived.
    fn look(&mut self) {
        self.looks += 1;
        let (arrived, later) = self.under_way.drain(..).partition(|(look, _)| *look <= self.looks);
        self.under_way = later;
        self.obey(arrived);
        self.conductor.tick();
        for sight in self.sights.try_iter() {
            if let Sight::Complaint(drawn) = sight {
                panic!("{drawn}");
            }
        }
    }

    fn obey(&mut self, orders: Vec<(usize, Order)>) {
        for (_, order) in orders {
            self.conductor.obey(order);
        }
    }

    /// The author hears how it stands, and writes ahead; what it sends takes so many looks.
    fn write(&mut self, late: usize) {
        self.author.take_reports();
        self.author.write_ahead();
        self.send(late);
    }

    fn send(&mut self, late: usize) {
        // Nothing overtakes what was sent before it.
        let before = self.under_way.last().map_or(0, |(look, _)| *look);
        let arrives = (self.looks + late).max(before);
        self.under_way.extend(self.ordered.try_iter().map(|order| (arrives, order)));
        if arrives <= self.looks {
            let arrived = std::mem::take(&mut self.under_way);
            self.obey(arrived);
            self.conductor.tick();
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Edit { script, entrance } => {
                self.author.take_reports();
                self.author.play(Draft { text: script.clone(), typed: None }, *entrance);
                self.send(0);
                self.write(0);
            }
            Step::Pass { frames, written, late } => {
                for (look, frames) in frames.iter().enumerate() {
                    self.render(*frames);
                    self.look();
                    if look < *written {
                        self.write(*late);
                    }
                }
            }
            Step::Hush => {
                let silences = self.mailbox.silence();
                self.conductor.obey(Order::Silence(silences));
                let letters = self.mailbox.take();
                self.author.read_letters(letters);
                self.look();
            }
            Step::Break => {
                self.broken += 1;
                self.conductor.begin_anew(&format!("somewhere.rs:{}: a mistake of ours", self.broken));
                self.look();
                self.write(0);
            }
        }
    }

    fn perform(inference: &Inference, steps: &[Step], horizon: f64) -> Heard {
        let mut live = Live::new(inference, horizon);
        steps.iter().for_each(|step| live.take(step));
        live.take(&Step::Hush);
        live.render(4_000);
        live.outputs.heard()
    }
}

/// The same steps, played by a performance on one thread.
fn rendered(inference: &Inference, steps: &[Step]) -> Heard {
    let (mut engine, mut outputs) = (engine(inference), Outputs::new());
    let mut loudspeaker = starter_loudspeaker(outputs.speaker.handle());
    let mut midi = MidiRouter::through(outputs.outbox.clone());
    let mut performance = Performance::new();
    let mut fill = |performance: &mut Performance, loudspeaker: &mut Loudspeaker, outputs: &Outputs| {
        let filled = performance.fill(outputs.time.now());
        let now = outputs.time.now();
        loudspeaker.follow_tempo(performance.view(), now, now + NEAR as f64 / f64::from(SAMPLE_RATE));
        for event in &filled.events {
            loudspeaker.send(event);
            midi.send(event, outputs.time.instant_of(event.seconds));
        }
        assert!(filled.faults.is_empty(), "{:?}", filled.faults);
    };
    for step in steps.iter().chain([&Step::Hush]) {
        match step {
            Step::Edit { script, entrance } => {
                let generation = engine.evaluate(script, "set.lua").result.expect("no mistake");
                let generation = entering(generation, *entrance);
                let now = outputs.time.now();
                fill(&mut performance, &mut loudspeaker, &outputs);
                performance.propose(generation, now).expect("good");
                fill(&mut performance, &mut loudspeaker, &outputs);
            }
            Step::Pass { frames, .. } => {
                for frames in frames {
                    let mut left = *frames;
                    while left > 0 {
                        let now = left.min(NEAR);
                        outputs.render(now);
                        fill(&mut performance, &mut loudspeaker, &outputs);
                        left -= now;
                    }
                }
            }
            Step::Hush => {
                let now = outputs.time.now();
                for event in performance.hush(now) {
                    loudspeaker.send(&event);
                }
                loudspeaker.hush(now);
                // What sounds on a port ends at once.
                lilt_midi::Outbox::panic(&outputs.outbox).expect("it is open");
            }
            Step::Break => {}
        }
    }
    outputs.render(4_000);
    outputs.heard()
}

/// A generation that enters at once where the performer said so, whatever it says itself.
fn entering(generation: Generation, entrance: Entrance) -> Generation {
    match entrance {
        Entrance::Boundary | Entrance::From(_) => generation,
        Entrance::Now => {
            let mut generation = Generation { quantum: Quantum::Now, ..generation };
            generation.slots.iter_mut().for_each(|slot| slot.quantum = None);
            generation
        }
    }
}

/// Where two performances differ, if they do.
fn difference(heard: &Heard, meant: &Heard) -> Option<String> {
    let pairs = heard.samples.iter().zip(&meant.samples);
    let sample = pairs.clone().position(|(heard, meant)| heard.to_bits() != meant.to_bits());
    if let Some(sample) = sample {
        let at = sample as f64 / 2.0 / f64::from(SAMPLE_RATE);
        return Some(format!("sample {sample}, at {at:.4} s of {}", heard.samples.len()));
    }
    // An instant is reckoned from another moment of the clock: its last digits move.
    let same = |(heard, meant): (&Message, &Message)| {
        heard.0.abs_diff(meant.0) < Duration::from_micros(2) && (&heard.1, &heard.2) == (&meant.1, &meant.2)
    };
    let message = heard.bytes.iter().zip(&meant.bytes).position(|pair| !same(pair));
    let message = message
        .or((heard.bytes.len() != meant.bytes.len()).then(|| heard.bytes.len().min(meant.bytes.len())));
    message.map(|at| {
        let near = |heard: &Heard| {
            format!("{:?}", heard.bytes.iter().skip(at.saturating_sub(3)).take(8).collect::<Vec<_>>())
        };
        format!("message {at}:\n heard {}\n meant {}", near(heard), near(meant))
    })
}

fn check<S: Strategy<Value = Step>>(step: S, test: impl Fn(&Inference, &[Step]) -> Option<String>) {
    let cases = std::env::var("LILT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let inference = Inference::new(NoModels, 1).expect("a thread");
    let steps = prop::collection::vec(step, 2..14);
    let checked = TestRunner::new(config).run(&steps, |steps| match test(&inference, &steps) {
        Some(difference) => Err(TestCaseError::fail(difference)),
        None => Ok(()),
    });
    if let Err(failed) = checked {
        panic!("{failed}");
    }
}

/// Where the author keeps up, what is heard live is what is rendered.
#[test]
fn what_is_heard_live_is_what_is_rendered_to_the_sample() {
    check(punctual(), |inference, steps| {
        let live = Live::perform(inference, steps, HORIZON);
        difference(&live, &rendered(inference, steps))
    });
}

/// Whatever comes late, and whatever breaks: what was sent ahead leaves no trace.
#[test]
fn how_far_ahead_events_are_sent_is_not_heard() {
    check(any(), |inference, steps| {
        let live = Live::perform(inference, steps, HORIZON);
        difference(&live, &Live::perform(inference, steps, 0.0))
    });
}
