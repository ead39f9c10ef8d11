//! From timed events to MIDI messages: each slot goes to its port and channel.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_midi::{Channel, Message, MidiError, MidiSender, OpenedAs, Outbox, PortId, Report, Scheduled};
use lilt_score::{Control, Tone, Velocity};
use lilt_sequencer::{Action, Ensemble, Output, Retraction, SlotId, Strike, Timed};

use super::clock::Tick;
use super::shifted;
use crate::live::caught::caught;

/// What stands for the clock among slots, whose numbers do not reach it.
const CLOCK: u16 = u16::MAX;

/// Sends slots to MIDI ports. The sender's threads start with the first port. What a message says
/// depends on its event alone, so that what was taken back leaves no trace.
pub struct MidiRouter {
    sender: Option<Box<dyn Outbox>>,
    ports: HashMap<String, PortId>,
    /// Port that gets every slot's notes too.
    everything: Option<String>,
    complaints: Vec<String>,
    /// What was said last of each port: a port that is tried again and again is
    /// complained about once.
    told: HashMap<PortId, String>,
    /// How much later than it is meant what goes to a port leaves.
    ensemble: Arc<Ensemble>,
}

impl MidiRouter {
    /// A router; `everything` names a port that gets every slot's notes, each slot on
    /// a channel of its own, drums on 10.
    pub fn new(everything: Option<String>) -> MidiRouter {
        MidiRouter {
            sender: None,
            ports: HashMap::new(),
            everything,
            complaints: Vec::new(),
            told: HashMap::new(),
            ensemble: Arc::default(),
        }
    }

    /// A router that leaves its messages in this outbox.
    #[cfg(test)]
    pub fn through(outbox: impl Outbox + 'static) -> MidiRouter {
        MidiRouter { sender: Some(Box::new(outbox)), ..MidiRouter::new(None) }
    }

    /// Schedules what `timed` is for MIDI, at `instant`.
    pub fn send(&mut self, timed: &Timed, instant: Instant) {
        let (slot, seconds) = (timed.slot.0, timed.seconds);
        let scheduled = |port, message| Scheduled { at: instant, port, message, seconds, slot };
        match &timed.action {
            // Opened ahead of the first note.
            Action::Route { output: Output::Midi { port, .. } } => {
                self.port(port);
            }
            Action::NoteOn { strike, output, .. } => {
                for (port, channel) in self.targets(timed.slot, strike.tone, output) {
                    for message in struck(channel, strike) {
                        self.schedule(scheduled(port, message));
                    }
                }
            }
            Action::Control { control, value, output, .. } => {
                let Output::Midi { port, channel } = &**output else { return };
                let to = self.port(port).zip(Channel::new(*channel));
                if let Some((port, message)) =
                    to.and_then(|(port, channel)| Some((port, controller(channel, *control, *value)?)))
                {
                    self.schedule(scheduled(port, message));
                }
            }
            Action::NoteOff { tone, output, .. } => {
                for (port, channel) in self.targets(timed.slot, *tone, output) {
                    self.schedule(scheduled(port, Message::note_off(channel, *tone)));
                }
            }
            Action::Route { .. }
            | Action::Send { .. }
            | Action::Duck { .. }
            | Action::Stroke { .. }
            | Action::Look { .. }
            | Action::FadeOut { .. } => {}
        }
    }

    /// Schedules a message of the clock, at `instant`.
    pub fn tick(&mut self, Tick { seconds, port, message }: Tick, instant: Instant) {
        if let Some(port) = self.port(&port) {
            self.schedule(Scheduled { at: instant, seconds, slot: CLOCK, port, message });
        }
    }

    /// From now on what goes to ports leaves as much later, or earlier, as this says.
    pub fn tune(&mut self, ensemble: &Arc<Ensemble>) {
        self.ensemble = Arc::clone(ensemble);
    }

    /// Takes back what was scheduled of a slot from a moment on.
    pub fn retract(&mut self, retraction: Retraction) {
        let Some(sender) = &self.sender else { return };
        if let Err(error) = sender.retract(retraction.slot.0, retraction.from) {
            self.complaints.push(error.to_string());
        }
    }

    /// Every port and channel that a note of `slot` goes to.
    fn targets(&mut self, slot: SlotId, tone: Tone, output: &Output) -> Vec<(PortId, Channel)> {
        let mut targets = Vec::new();
        if let Output::Midi { port, channel } = output {
            targets.extend(self.port(port).zip(Channel::new(*channel)));
        }
        if let Some(name) = self.everything.clone() {
            let channel = if tone.pitch().is_none() { 10 } else { melodic_channel(slot) };
            targets.extend(self.port(&name).zip(Channel::new(channel)));
        }
        targets
    }

    /// The port of this name, opened when it is named for the first time.
    fn port(&mut self, name: &str) -> Option<PortId> {
        if let Some(port) = self.ports.get(name) {
            return Some(*port);
        }
        match self.open(name) {
            Ok(port) => {
                self.ports.insert(name.to_string(), port);
                Some(port)
            }
            Err(error) => {
                self.complaints.push(error.to_string());
                None
            }
        }
    }

    fn open(&mut self, name: &str) -> Result<PortId, MidiError> {
        let sender = match self.sender.take() {
            Some(sender) => sender,
            None => Box::new(MidiSender::start_guarded(|work| caught(work))?),
        };
        self.sender.insert(sender).open(name)
    }

    fn schedule(&mut self, mut scheduled: Scheduled) {
        let Some(sender) = &self.sender else { return };
        if !self.ensemble.latencies.is_empty() {
            let of = self.ports.iter().find(|(_, id)| **id == scheduled.port);
            scheduled.at = shifted(scheduled.at, of.map_or(0.0, |(name, _)| self.ensemble.latency(name)));
        }
        if let Err(error) = sender.send(scheduled) {
            self.complaints.push(error.to_string());
        }
    }

    /// Ends every note at once, on every channel.
    pub fn panic(&mut self) {
        if let Some(sender) = &self.sender
            && let Err(error) = sender.panic()
        {
            self.complaints.push(error.to_string());
        }
    }

    /// Names of the ports in use.
    pub fn ports(&self) -> Vec<String> {
        let mut names: Vec<String> = self.ports.keys().cloned().collect();
        names.sort();
        names
    }

    /// What there is to tell the performer since the last call.
    pub fn take_news(&mut self) -> Vec<String> {
        let mut news: Vec<String> = std::mem::take(&mut self.complaints);
        let reports: Vec<Report> = self.sender.iter().flat_map(|sender| sender.news()).collect();
        for report in reports {
            match report {
                Report::Opened { port, opened } => {
                    let how = match opened {
                        OpenedAs::Existing(name) => format!("goes to the port {name}"),
                        OpenedAs::Virtual(name) => format!("is the virtual port {name}"),
                    };
                    news.extend(self.tell(port, how));
                }
                Report::Failed { port, error, .. } => news.extend(self.tell(port, error.to_string())),
                Report::Overflow => news.push("too much MIDI at once: every note was released".to_string()),
                Report::Late { sent, left_out, by } => news.push(late(sent, left_out, by)),
                Report::Broke { place } => news.push(format!(
                    "Lilt itself stumbled over MIDI ({place}): what sounded there is ended, and it goes on"
                )),
                Report::Priority(_) => {}
            }
        }
        news.dedup();
        news
    }

    /// A line about a port, unless it was the last one said of it.
    fn tell(&mut self, port: PortId, what: String) -> Option<String> {
        if self.told.get(&port) == Some(&what) {
            return None;
        }
        let name = self.ports.iter().find(|(_, id)| **id == port).map_or("?", |(name, _)| name.as_str());
        let line = format!("MIDI \"{name}\": {what}");
        self.told.insert(port, what);
        Some(line)
    }
}

/// What MIDI says of a control of a slot or of a note: volume 100 is a gain of 1, as General MIDI
/// begins, and it hears the square of the volume, place 64 is the middle, and a controller is itself. The others have no place in MIDI.
fn controller(channel: Channel, control: Control, value: f64) -> Option<Message> {
    let whole = |value: f64| value.round().clamp(0.0, 127.0) as u8;
    let (controller, value) = match control {
        Control::GAIN => (7, 100.0 * value.max(0.0).sqrt()),
        Control::PAN => (10, 64.0 + 63.0 * value),
        Control::PROGRAM => return Some(Message::ProgramChange { channel, program: whole(value) }),
        Control::AFTERTOUCH => return Some(Message::ChannelPressure { channel, pressure: whole(value) }),
        other => (other.as_controller()?, value),
    };
    Some(Message::ControlChange { channel, controller, value: whole(value) })
}

/// A note as MIDI begins it: its controllers first, its gain in how hard it is struck, for a volume would
/// change the notes that sound already.
fn struck(channel: Channel, strike: &Strike) -> impl Iterator<Item = Message> {
    let gain = strike.number(Control::GAIN).unwrap_or(1.0);
    let velocity = Velocity::new(strike.velocity.value() * gain);
    let said = strike.numbers.iter().filter(|(control, _)| *control != Control::GAIN);
    let before: Vec<Message> =
        said.filter_map(|(control, value)| controller(channel, *control, *value)).collect();
    let bend = strike.number(Control::BEND).unwrap_or(0.0);
    let begun = Message::note_on(channel, strike.tone, velocity).map(|message| match message {
        Message::PitchBend { channel, semitones } => {
            Message::PitchBend { channel, semitones: semitones + bend }
        }
        other => other,
    });
    before.into_iter().chain(begun)
}

/// What is said of messages that came late.
fn late(sent: usize, left_out: usize, by: Duration) -> String {
    let by = by.as_millis();
    match left_out {
        0 => format!("{sent} MIDI messages went out up to {by} ms late"),
        _ => format!("MIDI was held up for {by} ms: {left_out} notes were left out"),
    }
}

/// A channel for a slot among all: in order, leaving out the drums' 10.
fn melodic_channel(slot: SlotId) -> u8 {
    let place = (slot.0 % 15) as u8 + 1;
    if place >= 10 { place + 1 } else { place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_note_says_comes_before_it() {
        let channel = Channel::new(1).expect("a channel");
        let filter = Control::controller(74).expect("a controller");
        let mut strike = Strike::new(Tone::Pitch(lilt_score::Pitch::from_key(60)), Velocity::new(1.0));
        strike.numbers = [(Control::GAIN, 0.5), (Control::PAN, -1.0), (filter, 30.4)].into();
        let sent: Vec<Message> = struck(channel, &strike).collect();
        let said = |controller, value| Message::ControlChange { channel, controller, value };
        assert_eq!(sent[..2], [said(10, 1), said(74, 30)]);
        assert!(sent.contains(&Message::NoteOn { channel, key: 60, velocity: 64 }), "{sent:?}");
        assert_eq!(controller(channel, Control::GAIN, 1.0), Some(said(7, 100)));
        assert_eq!(controller(channel, Control::REVERB, 1.0), None);
    }

    #[test]
    fn no_melody_goes_to_the_drums() {
        let channels: Vec<u8> = (0..15).map(|slot| melodic_channel(SlotId(slot))).collect();
        assert_eq!(channels, [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16]);
    }
}
