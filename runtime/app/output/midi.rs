//! From timed events to MIDI messages: each slot goes to its port and channel.

use std::collections::HashMap;
use std::time::Instant;

use lilt_midi::{Channel, Message, MidiError, MidiSender, OpenedAs, PortId, Report, Scheduled};
use lilt_score::Tone;
use lilt_sequencer::{Action, NoteId, Output, SlotId, Timed};

/// Sends slots to MIDI ports. The sender's threads start with the first port.
pub struct MidiRouter {
    sender: Option<MidiSender>,
    ports: HashMap<String, PortId>,
    routes: HashMap<SlotId, Route>,
    sounding: HashMap<NoteId, Vec<(PortId, Channel, Tone)>>,
    /// Port that gets every slot's notes too.
    everything: Option<String>,
    complaints: Vec<String>,
    /// What was said last of each port: a port that is tried again and again is
    /// complained about once.
    told: HashMap<PortId, String>,
}

/// Where a slot's notes go.
#[derive(Debug, Clone, PartialEq)]
struct Route {
    port: String,
    channel: u8,
}

impl MidiRouter {
    /// A router; `everything` names a port that gets every slot's notes, each slot on
    /// a channel of its own, drums on 10.
    pub fn new(everything: Option<String>) -> MidiRouter {
        MidiRouter {
            sender: None,
            ports: HashMap::new(),
            routes: HashMap::new(),
            sounding: HashMap::new(),
            everything,
            complaints: Vec::new(),
            told: HashMap::new(),
        }
    }

    /// Schedules what `timed` is for MIDI, at `instant`.
    pub fn send(&mut self, timed: &Timed, instant: Instant) {
        match &timed.action {
            Action::Route { output: Output::Midi { port, channel } } => {
                self.routes.insert(timed.slot, Route { port: port.clone(), channel: *channel });
                self.port(&port.clone());
            }
            Action::Route { output: Output::Synth(_) } => {
                self.routes.remove(&timed.slot);
            }
            Action::NoteOn { id, tone, velocity, .. } => {
                for (port, channel) in self.targets(timed.slot, *tone) {
                    for message in Message::note_on(channel, *tone, *velocity) {
                        self.schedule(Scheduled { at: instant, port, message });
                    }
                    self.sounding.entry(*id).or_default().push((port, channel, *tone));
                }
            }
            Action::NoteOff { id } => {
                for (port, channel, tone) in self.sounding.remove(id).unwrap_or_default() {
                    self.schedule(Scheduled { at: instant, port, message: Message::note_off(channel, tone) });
                }
            }
            Action::Control { .. } | Action::Stroke { .. } | Action::FadeOut { .. } => {}
        }
    }

    /// Every port and channel that a note of `slot` goes to.
    fn targets(&mut self, slot: SlotId, tone: Tone) -> Vec<(PortId, Channel)> {
        let mut targets = Vec::new();
        if let Some(route) = self.routes.get(&slot).cloned() {
            let channel = Channel::new(route.channel);
            targets.extend(self.port(&route.port).zip(channel));
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
        self.sounding.clear();
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
                Report::Late(by) => news.push(format!("MIDI went out {} ms late", by.as_millis())),
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
