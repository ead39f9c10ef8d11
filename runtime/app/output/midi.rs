//! From timed events to MIDI messages: each slot goes to its port and channel.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use lilt_midi::{Channel, Message, MidiError, MidiSender, OpenedAs, PortId, Report, Scheduled};
use lilt_score::Tone;
use lilt_sequencer::{Action, Output, Retraction, SlotId, Timed};

/// Sends slots to MIDI ports. The sender's threads start with the first port. What a message says
/// depends on its event alone, so that what was taken back leaves no trace.
pub struct MidiRouter {
    sender: Option<MidiSender>,
    ports: HashMap<String, PortId>,
    /// Port that gets every slot's notes too.
    everything: Option<String>,
    complaints: Vec<String>,
    /// What was said last of each port: a port that is tried again and again is
    /// complained about once.
    told: HashMap<PortId, String>,
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
        }
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
            Action::NoteOn { tone, velocity, output, .. } => {
                for (port, channel) in self.targets(timed.slot, *tone, output) {
                    for message in Message::note_on(channel, *tone, *velocity) {
                        self.schedule(scheduled(port, message));
                    }
                }
            }
            Action::NoteOff { tone, output, .. } => {
                for (port, channel) in self.targets(timed.slot, *tone, output) {
                    self.schedule(scheduled(port, Message::note_off(channel, *tone)));
                }
            }
            Action::Route { output: Output::Synth(_) }
            | Action::Control { .. }
            | Action::Stroke { .. }
            | Action::FadeOut { .. } => {}
        }
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
            None => MidiSender::start()?,
        };
        self.sender.insert(sender).open(name)
    }

    fn schedule(&mut self, scheduled: Scheduled) {
        let Some(sender) = &self.sender else { return };
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
        let reports: Vec<Report> = self.sender.iter().flat_map(MidiSender::reports).collect();
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
    fn no_melody_goes_to_the_drums() {
        let channels: Vec<u8> = (0..15).map(|slot| melodic_channel(SlotId(slot))).collect();
        assert_eq!(channels, [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16]);
    }
}
