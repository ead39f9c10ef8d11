//! What the host shows: lines in the terminal, status to editors, frames to the canvas.

use std::time::{Duration, Instant};

use lilt_canvas::CanvasFeed;
use lilt_editor::protocol::{self, BakeStatus, HostMessage, SlotStatus, Status};
use lilt_editor::{ClientId, HostSocket, Recipient};
use lilt_inference::{BakeState, Baking, Comparison};
use lilt_score::Beat;
use lilt_script::Diagnostic;
use lilt_sequencer::{Output, Proposal, Tempo};

use super::stage::Stage;
use crate::diagnosis;
use crate::picture::{self, Moment};

/// Time between two frames of the canvas, and between two looks at the status.
const FRAME: Duration = Duration::from_millis(33);
/// Time between two statuses that differ only in the playhead.
const STATUS: Duration = Duration::from_millis(100);

/// Shows what plays, to whoever looks.
pub struct View {
    title: String,
    canvas: Option<CanvasFeed>,
    last_frame: Option<Instant>,
    last_status: Option<(Instant, Status)>,
}

impl View {
    /// A view titled with the script's name, with a canvas or without.
    pub fn new(title: String, canvas: Option<CanvasFeed>) -> View {
        View { title, canvas, last_frame: None, last_status: None }
    }

    /// A line for the performer.
    pub fn say(&self, line: impl std::fmt::Display) {
        eprintln!("lilt: {line}");
    }

    /// What the script printed, for the terminal and the editors.
    pub fn print(&self, lines: &[String], socket: Option<&HostSocket>) {
        for line in lines {
            println!("{line}");
        }
        if let Some(socket) = socket.filter(|_| !lines.is_empty()) {
            socket.send(Recipient::All, HostMessage::Printed { lines: lines.to_vec() });
        }
    }

    /// A generation was accepted: what it changes at the next boundary.
    pub fn accepted(&self, proposal: &Proposal, tempo: Tempo) {
        let mut parts = Vec::new();
        for (what, names) in [("changed", &proposal.changed), ("stopped", &proposal.stopped)] {
            if !names.is_empty() {
                parts.push(format!("{what} {}", names.join(", ")));
            }
        }
        if parts.is_empty() {
            parts.push("the same slots".to_string());
        }
        parts.push(format!("{} bpm", tempo.bpm()));
        let (number, boundary) = (proposal.generation.0, proposal.boundary);
        self.say(format_args!("generation {number} at beat {boundary}: {}", parts.join("; ")));
        for notice in &proposal.notices {
            self.say(notice);
        }
    }

    /// A tilt has been learnt: what was gained, and what it cost, for the terminal and the editors.
    pub fn say_baked(&self, model: &str, comparison: &Comparison, socket: Option<&HostSocket>) {
        let Comparison { reward: [plain, tilted, baked], broken, nats: [own, cost] } = comparison;
        let mut lines = vec![format!(
            "{model} is baked: reward {plain:.2} before, {baked:.2} now, {tilted:.2} by the exact tilt (in nats)"
        )];
        if broken.iter().any(|share| *share > 0.0) {
            let [plain, tilted, baked] = broken.map(|share| 100.0 * share);
            lines.push(format!(
                "  breaks a rule: {plain:.0}% before, {baked:.0}% now, {tilted:.0}% by the exact tilt"
            ));
        }
        lines.push(format!("  its own music of before costs {cost:.2} nats a note, {own:.2} before"));
        for line in &lines {
            self.say(line);
        }
        if let Some(socket) = socket {
            socket.send(Recipient::All, HostMessage::Printed { lines });
        }
    }

    /// The last words, with what went wrong unheard.
    pub fn farewell(&self, stage: &Stage) {
        if stage.late > 0 {
            self.say(format_args!("{} events came late: this machine was too busy", stage.late));
        }
    }

    /// Something is wrong with the newest text; says what still plays.
    pub fn complain(&self, diagnostic: &Diagnostic, text: &str, stage: &Stage) {
        eprint!("{}", diagnostic.render(text));
        self.say_what_plays(stage);
    }

    /// The script's file cannot be read; says what still plays.
    pub fn complain_of_file(&self, diagnostic: &Diagnostic, stage: &Stage) {
        self.say(&diagnostic.message);
        self.say_what_plays(stage);
    }

    fn say_what_plays(&self, stage: &Stage) {
        let playing: Vec<String> = stage.sequencer.slots().map(|slot| slot.name).collect();
        match playing.is_empty() {
            true => eprintln!("  nothing plays yet"),
            false => eprintln!("  still playing: {}", playing.join(", ")),
        }
    }

    /// A new editor learns at once what plays.
    pub fn greet(&self, client: ClientId, socket: Option<&HostSocket>) {
        if let (Some(socket), Some((_, status))) = (socket, &self.last_status) {
            socket.send(Recipient::One(client), HostMessage::Status(status.clone().into()));
        }
    }

    /// Shows the stage, as often as is worth it.
    pub fn show(
        &mut self,
        stage: &mut Stage,
        error: Option<&Diagnostic>,
        bakings: &[Baking],
        socket: Option<&HostSocket>,
    ) {
        let now = Instant::now();
        if self.last_frame.is_some_and(|last| now - last < FRAME) {
            return;
        }
        self.last_frame = Some(now);
        self.feed_canvas(stage, error);
        let Some(socket) = socket else { return };
        let status = status(stage, error, bakings);
        let news = self
            .last_status
            .as_ref()
            .is_none_or(|(sent, last)| sent.elapsed() >= STATUS || last.differs_in_substance(&status));
        if news {
            socket.send(Recipient::All, HostMessage::Status(status.clone().into()));
            self.last_status = Some((now, status));
        }
    }

    fn feed_canvas(&mut self, stage: &mut Stage, error: Option<&Diagnostic>) {
        let Some(canvas) = self.canvas.as_ref().filter(|canvas| canvas.is_alive()) else { return };
        let now = stage.loudspeaker.heard();
        let position = stage.sequencer.position(now);
        let (generation, meter) = {
            let (id, generation) = stage.sequencer.playing();
            (id.0, generation.meter)
        };
        let slots: Vec<_> = stage.sequencer.slots().collect();
        let (back, ahead) = (Beat::whole(picture::BEFORE as i64), Beat::whole(picture::AFTER as i64));
        let notes = stage.sequencer.plan(now, back, ahead);
        let moment = Moment {
            title: &self.title,
            beat: position.beat,
            bar: meter.bar(),
            bpm: position.bpm,
            generation,
            diagnostic: error.map(ToString::to_string),
        };
        canvas.show(picture::frame(moment, &slots, notes, &stage.strokes));
    }
}

/// What plays, in the words of the editors' protocol.
fn status(stage: &Stage, error: Option<&Diagnostic>, bakings: &[Baking]) -> Status {
    let now = stage.loudspeaker.heard();
    let position = stage.sequencer.position(now);
    let (id, generation) = stage.sequencer.playing();
    let slots = stage.sequencer.slots().map(|slot| {
        let spec = generation.slots.iter().find(|spec| spec.name == slot.name);
        let through = match spec.map(|spec| &spec.output) {
            _ if slot.draws => "drawing".to_string(),
            Some(Output::Synth(instrument)) => instrument.name().to_string(),
            Some(Output::Midi { port, channel }) => format!("{port} channel {channel}"),
            None => "fading".to_string(),
        };
        SlotStatus {
            line: Some(slot.line),
            rung: slot.model.is_some().then(|| rung(slot.rung)),
            playing: match &slot.model {
                Some(model) => format!("{model} · {through}"),
                None => through,
            },
            model: slot.model,
            ess: slot.evidence.map(|evidence| evidence.ess),
            log_z: slot.evidence.map(|evidence| evidence.log_z),
            surprise: slot.surprise,
            silent: !slot.audible,
            level: f64::from(stage.loudspeaker.level(slot.id)),
            name: slot.name,
        }
    });
    Status {
        generation: id.0,
        beat: position.beat,
        bar: position.bar + 1,
        beat_in_bar: position.beat_in_bar + 1.0,
        tempo: position.bpm,
        meter: generation.meter.to_string(),
        playing: !generation.slots.is_empty(),
        slots: slots.collect(),
        baking: bakings.iter().filter_map(bake_status).collect(),
        last_error: error.map(diagnosis::for_editor),
        audio: stage.loudspeaker.description(),
        midi: stage.midi.ports(),
    }
}

/// A bake that is not done yet.
fn bake_status(baking: &Baking) -> Option<BakeStatus> {
    match baking.poll() {
        BakeState::Pending(progress) => Some(BakeStatus { model: baking.model_name().to_owned(), progress }),
        BakeState::Ready(_) | BakeState::Failed(_) => None,
    }
}

fn rung(rung: lilt_sequencer::Rung) -> protocol::Rung {
    match rung {
        lilt_sequencer::Rung::Fresh => protocol::Rung::Fresh,
        lilt_sequencer::Rung::Draft => protocol::Rung::Draft,
        lilt_sequencer::Rung::Stale => protocol::Rung::Stale,
        lilt_sequencer::Rung::Loop => protocol::Rung::Loop,
        lilt_sequencer::Rung::Rest => protocol::Rung::Rest,
    }
}
