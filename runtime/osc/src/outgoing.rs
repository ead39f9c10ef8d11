//! One message that goes out, and the moment it is meant for.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType};

/// What stands in a message behind its address.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// A word.
    Text(Arc<str>),
    /// A whole number.
    Whole(i32),
    /// A number.
    Number(f32),
}

/// A message with its moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// The instant it is meant for.
    pub at: Instant,
    /// The performance's own time of that moment, in seconds: by this it is taken back.
    pub seconds: f64,
    /// The slot that plays it.
    pub slot: u16,
    /// The machine, by name or number.
    pub host: Arc<str>,
    /// The port on it.
    pub port: u16,
    /// The address, as in `/dirt/play`.
    pub path: Arc<str>,
    /// What it says.
    pub arguments: Vec<Argument>,
}

impl Outgoing {
    /// Its bytes: a bundle of one message with the time of day at which it is meant, where it is `now` by both clocks.
    /// `None` where the address is none, or the clock stands before 1900.
    pub(crate) fn encoded(&self, now: Instant, today: SystemTime) -> Option<Vec<u8>> {
        let ahead = self.at.saturating_duration_since(now);
        let behind = now.saturating_duration_since(self.at);
        let day = (today + ahead).checked_sub(behind)?;
        let args = self.arguments.iter().map(|argument| match argument {
            Argument::Text(text) => OscType::String(text.to_string()),
            Argument::Whole(number) => OscType::Int(*number),
            Argument::Number(number) => OscType::Float(*number),
        });
        let message = OscMessage { addr: self.path.to_string(), args: args.collect() };
        let timetag = OscTime::try_from(day).ok()?;
        let bundle = OscBundle { timetag, content: vec![OscPacket::Message(message)] };
        rosc::encoder::encode(&OscPacket::Bundle(bundle)).ok()
    }

    /// When it leaves: so long before its moment that whoever gets it can make ready, and no longer, since what has left
    /// cannot be taken back.
    pub(crate) fn leaves(&self, lead: Duration) -> Instant {
        self.at.checked_sub(lead).unwrap_or(self.at)
    }
}
