//! What the host shows: lines in the terminal, status to editors, frames to the canvas. On a thread of
//! its own, so that nobody who plays waits for anybody who looks.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError};
use lilt_audio::{Speaker, SpeakerState};
use lilt_canvas::{CanvasFeed, CodeView};
use lilt_editor::protocol::{self, HostMessage, SlotStatus, Status};
use lilt_editor::{HostSocket, Recipient};
use lilt_score::Place;
use lilt_script::Diagnostic;
use lilt_sequencer::{Entered, Output, Show, Tempo};

use super::caught::caught;
use super::scope::Scope;
use super::sight::{Glimpse, Planned, ScriptStatus, Sight};
use super::terminal::Terminal;
use super::tilt_runs::TiltRuns;
use super::watch::FolderWatch;
use crate::diagnosis;
use crate::picture::{self, Moment};

/// How often devices and the watch are looked at.
const LOOK: Duration = Duration::from_millis(100);
/// Time between two lines about what could not be shown.
const TOLD: Duration = Duration::from_secs(10);
/// Time between two statuses that differ only in the playhead.
const STATUS: Duration = Duration::from_millis(100);

/// Shows what plays, to whoever looks.
pub struct View {
    title: String,
    terminal: Terminal,
    socket: Option<HostSocket>,
    canvas: Canvas,
    /// What plays is heard through it.
    speaker: Arc<Speaker>,
    /// What is heard, for the canvas.
    scope: Scope,
    watch: Option<FolderWatch>,
    glimpse: Option<Box<Glimpse>>,
    /// Names of the slots of the generation that was accepted last.
    entered: Vec<String>,
    script: ScriptStatus,
    audio: String,
    /// The file into which the sound is being recorded.
    recording: Option<String>,
    looked: Instant,
    last_status: Option<(Instant, Status)>,
}

/// The canvas, and what is made for it alone.
pub struct Canvas {
    /// Takes frames, where there is a canvas.
    pub feed: Option<CanvasFeed>,
    /// Told to whoever makes notes and strokes to be drawn.
    pub draws: Arc<AtomicBool>,
    /// The tilts that run.
    pub tilts: TiltRuns,
    /// True while the script listens to the letters of the keyboard.
    pub keys: Arc<AtomicBool>,
}

impl Canvas {
    /// The feed while somebody sees its frames.
    fn alive(&self) -> Option<&CanvasFeed> {
        self.feed.as_ref().filter(|feed| feed.is_alive())
    }
}

impl View {
    /// A view titled with the script's name, with a canvas or without.
    pub fn new(
        title: String,
        terminal: Terminal,
        socket: Option<HostSocket>,
        canvas: Canvas,
        speaker: Arc<Speaker>,
        watch: Option<FolderWatch>,
    ) -> View {
        let scope = Scope::new(speaker.handle());
        View {
            title,
            terminal,
            socket,
            canvas,
            speaker,
            scope,
            watch,
            glimpse: None,
            entered: Vec::new(),
            script: ScriptStatus::default(),
            audio: String::new(),
            recording: None,
            looked: Instant::now() - LOOK,
            last_status: None,
        }
    }

    /// Shows what it is told, until the host ends: what breaks it is left out. With it would go the sockets of
    /// the editors and the watch of the files, and nobody could tell the host anything.
    pub fn run(mut self, sights: &Receiver<Sight>) {
        let mut told: Option<Instant> = None;
        while let Err(place) = caught(|| self.work(sights)) {
            // What breaks at every glimpse is told less often.
            if told.is_none_or(|told| told.elapsed() >= TOLD) {
                self.terminal.say(format_args!(
                    "Lilt itself stumbled over what there was to show ({place}): it is left out, and all goes on"
                ));
                told = Some(Instant::now());
            }
        }
        self.tell(Recipient::All, HostMessage::Goodbye { message: "the host has ended".to_string() });
    }

    fn work(&mut self, sights: &Receiver<Sight>) {
        loop {
            match sights.recv_timeout(LOOK) {
                Ok(Sight::End) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(sight) => self.show(sight),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.looked.elapsed() >= LOOK {
                self.looked = Instant::now();
                self.look_around();
            }
        }
    }

    fn show(&mut self, sight: Sight) {
        match sight {
            Sight::Glimpse(glimpse) => {
                self.glimpse = Some(glimpse);
                self.feed_canvas();
                self.tell_status();
            }
            Sight::Planned(planned) => {
                self.tell(Recipient::Followers, planned_message(*planned, &self.script))
            }
            Sight::Entered { entered, tempo } => {
                self.say_entered(&entered, tempo);
                self.entered = [entered.changed, entered.kept].concat();
            }
            Sight::Said(line) => self.terminal.say(line),
            Sight::Printed(lines) => {
                lines.iter().for_each(|line| self.terminal.print(line));
                self.tell(Recipient::All, HostMessage::Printed { lines });
            }
            Sight::Complaint(drawn) => {
                let still = self.what_plays();
                self.terminal.tell(drawn);
                self.terminal.tell(still);
            }
            Sight::Script(status) => {
                let another = status.text != self.script.text;
                self.script = *status;
                if another {
                    self.tell_text(Recipient::Followers);
                }
            }
            Sight::Followed(client) => self.tell_text(Recipient::One(client)),
            Sight::Recording(file) => self.recording = file.map(|file| file.display().to_string()),
            Sight::Tell(whom, message) => self.tell(whom, *message),
            Sight::Attached(client) => {
                if let Some((_, status)) = &self.last_status {
                    self.tell(Recipient::One(client), HostMessage::Status(status.clone().into()));
                }
            }
            Sight::End => {}
            #[cfg(test)]
            Sight::Break(why) => panic!("{why}"),
        }
    }

    /// A generation was accepted: what it changes at the next boundary.
    fn say_entered(&self, entered: &Entered, tempo: Tempo) {
        let mut parts = Vec::new();
        for (what, names) in [("changed", &entered.changed), ("stopped", &entered.stopped)] {
            if !names.is_empty() {
                parts.push(format!("{what} {}", names.join(", ")));
            }
        }
        if parts.is_empty() {
            parts.push("the same slots".to_string());
        }
        parts.push(format!("{} bpm", tempo.bpm()));
        let (number, boundary) = (entered.generation.0, entered.boundary);
        self.terminal.say(format_args!("generation {number} at beat {boundary}: {}", parts.join("; ")));
    }

    fn what_plays(&self) -> String {
        let slots = self.glimpse.iter().flat_map(|glimpse| &glimpse.slots);
        let mut playing: Vec<&str> = slots.map(|slot| slot.name.as_str()).collect();
        if playing.is_empty() && self.glimpse.as_ref().is_none_or(|glimpse| glimpse.generation.0 == 0) {
            // The first generation is on its way.
            playing.extend(self.entered.iter().map(String::as_str));
        }
        match playing.is_empty() {
            true => "  nothing plays yet\n".to_string(),
            false => format!("  still playing: {}\n", playing.join(", ")),
        }
    }

    fn tell(&self, whom: Recipient, message: HostMessage) {
        if let Some(socket) = &self.socket {
            socket.send(whom, message);
        }
    }

    /// Says what the newest text is.
    fn tell_text(&self, whom: Recipient) {
        if let Some(mark) = self.script.text.clone() {
            self.tell(whom, HostMessage::Text { mark, text: self.script.source.to_string() });
        }
    }

    /// Says what is new of the sound card and the watch.
    fn look_around(&mut self) {
        self.canvas.draws.store(self.canvas.alive().is_some(), Ordering::Relaxed);
        if let Some(audio) = description(&self.speaker.state()).filter(|audio| *audio != self.audio) {
            self.terminal.say(&audio);
            self.audio = audio;
        }
        while let Some(notice) = self.watch.as_ref().and_then(FolderWatch::take_notice) {
            self.terminal.say(notice);
        }
    }

    fn feed_canvas(&mut self) {
        if self.canvas.alive().is_none() {
            self.canvas.tilts.look(false);
            return self.scope.listen(false);
        }
        let Some(glimpse) = &self.glimpse else { return };
        let moment = Moment {
            title: &self.title,
            beat: glimpse.position.beat,
            bar: glimpse.meter.bar(),
            bpm: glimpse.position.bpm,
            generation: glimpse.generation.0,
            staging: glimpse.staging,
            code: (glimpse.staging.show == Show::Code).then(|| code(glimpse, &self.script)),
            sound: self.scope.see(glimpse.staging.show),
            runs: self.canvas.tilts.see(glimpse.staging.show),
            diagnostic: self.script.last_error.as_ref().map(briefly),
        };
        let slots: Vec<_> = glimpse
            .slots
            .iter()
            .map(|slot| lilt_sequencer::SlotStatus {
                evidence: self.script.evidence.get(&slot.content).copied(),
                ..slot.clone()
            })
            .collect();
        let mut frame = picture::frame(moment, &slots, glimpse.notes.iter().cloned(), &glimpse.easel);
        frame.plays_keys = self.canvas.keys.load(Ordering::Acquire);
        if let Some(feed) = &self.canvas.feed {
            feed.show(frame);
        }
    }

    fn tell_status(&mut self) {
        let (Some(_), Some(glimpse)) = (&self.socket, &self.glimpse) else { return };
        let dropouts = self.speaker.handle().status().dropouts;
        let recording = self.recording.clone();
        let status =
            Status { dropouts: Some(dropouts), recording, ..status(glimpse, &self.script, &self.audio) };
        let news = self
            .last_status
            .as_ref()
            .is_none_or(|(sent, last)| sent.elapsed() >= STATUS || last.differs_in_substance(&status));
        if news {
            self.tell(Recipient::All, HostMessage::Status(status.clone().into()));
            self.last_status = Some((Instant::now(), status));
        }
    }
}

/// A diagnostic in a line, with the script's name and not its path.
fn briefly(diagnostic: &Diagnostic) -> String {
    let Diagnostic { file, line, message, help, .. } = diagnostic;
    let name = Path::new(file).file_name().map_or(file.into(), |name| name.to_string_lossy());
    let help = help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    format!("{name}:{line}: {message}{help}")
}

/// The newest text, with what of it sounds now.
fn code(glimpse: &Glimpse, script: &ScriptStatus) -> CodeView {
    let newest = |number: u32| {
        let (_, text) = script.texts.iter().rev().find(|(known, _)| *known == number)?;
        (Some(&text.mark) == script.text.as_ref()).then_some(())
    };
    let places = glimpse.slots.iter().flat_map(|slot| &slot.places);
    let lit =
        places.filter(|place| newest(place.text).is_some()).map(|place| [place.from, place.to]).collect();
    let wrong = script.last_error.as_ref().map(|error| error.line);
    CodeView { text: script.source.to_string(), lit, wrong }
}

/// Where the sound goes, in a line; `None` while that is not known.
fn description(state: &SpeakerState) -> Option<String> {
    Some(match state {
        SpeakerState::Opening => return None,
        SpeakerState::Playing { name, rate, .. } => {
            format!("playing through the sound card {name} at {rate} Hz")
        }
        SpeakerState::Silent { why } => format!("playing on a silent clock ({why})"),
        SpeakerState::Lost { why } => format!("the sound card is gone ({why}); the music goes on"),
    })
}

/// Where an event was written, for editors; nothing where its text is older than what is remembered.
fn written(script: &ScriptStatus, place: Place) -> Option<protocol::Written> {
    let (_, text) = script.texts.iter().rev().find(|(number, _)| *number == place.text)?;
    let (file, text) = (text.file.clone(), text.mark.clone());
    Some(protocol::Written { file, text, from: place.from, to: place.to })
}

/// What will sound in a moment, in the words of the editors' protocol.
fn planned_message(planned: Planned, script: &ScriptStatus) -> HostMessage {
    let Planned { now, taken_back, begins, ends } = planned;
    let taken_back =
        taken_back.into_iter().map(|back| protocol::TakenBack { slot: back.slot.0, from: back.from });
    let begins = begins.into_iter().map(|(note, slot, at, places)| protocol::Begins {
        note: note.0,
        slot: slot.0,
        at,
        written: places.into_iter().filter_map(|place| written(script, place)).collect(),
    });
    let ends = ends.into_iter().map(|(note, slot, at)| protocol::Ends { note: note.0, slot: slot.0, at });
    HostMessage::Planned {
        now,
        taken_back: taken_back.collect(),
        begins: begins.filter(|begins| !begins.written.is_empty()).collect(),
        ends: ends.collect(),
    }
}

/// What plays, in the words of the editors' protocol.
fn status(glimpse: &Glimpse, script: &ScriptStatus, audio: &str) -> Status {
    let slots = glimpse.slots.iter().zip(&glimpse.levels).map(|(slot, level)| {
        let through = match &slot.output {
            _ if slot.draws => "drawing".to_string(),
            Output::Synth(instrument) => instrument.name().to_string(),
            Output::Bus => "bus".to_string(),
            Output::Sample { name, .. } => name.to_string(),
            Output::Preset(preset) => preset.name.to_string(),
            Output::Timbre(place) => place.name().to_string(),
            Output::Midi { port, channel } => format!("{port} channel {channel}"),
            Output::Osc(target) => format!("OSC {}:{}{}", target.host, target.port, target.path),
        };
        let evidence = script.evidence.get(&slot.content);
        SlotStatus {
            name: slot.name.clone(),
            line: Some(slot.line),
            // Whatever is late, be it a model or the script, is shown.
            rung: (slot.model.is_some() || slot.rung != lilt_sequencer::Rung::Fresh).then(|| rung(slot.rung)),
            playing: match &slot.model {
                Some(model) => format!("{model} · {through}"),
                None => through,
            },
            model: slot.model.clone(),
            ess: evidence.map(|evidence| evidence.ess),
            log_z: evidence.map(|evidence| evidence.log_z),
            surprise: slot.surprise,
            sounding: slot.places.iter().filter_map(|place| written(script, *place)).collect(),
            silent: !slot.audible,
            level: f64::from(*level),
            cost: script.costs.get(&slot.name).map(|cost| protocol::SlotCost {
                what: cost.what.clone(),
                line: cost.line,
                milliseconds_per_call: cost.milliseconds_per_call,
                share: cost.share,
                over: cost.over,
            }),
        }
    });
    let position = &glimpse.position;
    Status {
        generation: glimpse.generation.0,
        beat: position.beat,
        bar: position.bar + 1,
        beat_in_bar: position.beat_in_bar + 1.0,
        tempo: position.bpm,
        meter: glimpse.meter.to_string(),
        playing: !glimpse.slots.is_empty(),
        slots: slots.collect(),
        baking: script.baking.clone(),
        last_error: script.last_error.as_ref().map(diagnosis::for_editor),
        text: script.text.clone(),
        dropouts: None,
        recording: None,
        audio: audio.to_string(),
        midi: glimpse.midi.clone(),
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

#[cfg(test)]
mod tests;
