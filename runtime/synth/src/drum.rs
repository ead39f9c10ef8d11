//! The drum kit: twelve sounds after the analogue drum machines of the eighties.

mod clap;
mod cowbell;
mod cymbal;
mod hat;
mod kick;
mod metal;
mod rimshot;
mod snare;
mod tom;

use crate::instrument::DrumSound;
use crate::voice::{Onset, Stereo};
use clap::Clap;
use cowbell::Cowbell;
use cymbal::Cymbal;
use hat::Hat;
use kick::Kick;
use rimshot::Rimshot;
use snare::Snare;
use tom::Tom;

#[derive(Clone, Debug)]
enum Body {
    Kick(Kick),
    Snare(Snare),
    Rimshot(Rimshot),
    Clap(Clap),
    Hat(Hat),
    Tom(Tom),
    Cymbal(Cymbal),
    Cowbell(Cowbell),
}

/// A struck drum. It rings out by itself.
#[derive(Clone, Debug)]
pub(crate) struct Drum {
    sound: DrumSound,
    body: Body,
}

impl Drum {
    /// The frequency of the onset is not looked at.
    pub(crate) fn new(sound: DrumSound, onset: Onset) -> Self {
        let body = match sound {
            DrumSound::BassDrum => Body::Kick(Kick::new(onset)),
            DrumSound::Snare => Body::Snare(Snare::new(onset)),
            DrumSound::Rimshot => Body::Rimshot(Rimshot::new(onset)),
            DrumSound::Clap => Body::Clap(Clap::new(onset)),
            DrumSound::ClosedHat => Body::Hat(Hat::closed(onset)),
            DrumSound::OpenHat => Body::Hat(Hat::open(onset)),
            DrumSound::LowTom => Body::Tom(Tom::new(onset, 82.0)),
            DrumSound::MidTom => Body::Tom(Tom::new(onset, 123.0)),
            DrumSound::HighTom => Body::Tom(Tom::new(onset, 175.0)),
            DrumSound::Crash => Body::Cymbal(Cymbal::crash(onset)),
            DrumSound::Ride => Body::Cymbal(Cymbal::ride(onset)),
            DrumSound::Cowbell => Body::Cowbell(Cowbell::new(onset)),
        };
        Drum { sound, body }
    }

    pub(crate) fn sound(&self) -> DrumSound {
        self.sound
    }

    pub(crate) fn render(&mut self, out: Stereo<'_>) {
        match &mut self.body {
            Body::Kick(d) => d.render(out),
            Body::Snare(d) => d.render(out),
            Body::Rimshot(d) => d.render(out),
            Body::Clap(d) => d.render(out),
            Body::Hat(d) => d.render(out),
            Body::Tom(d) => d.render(out),
            Body::Cymbal(d) => d.render(out),
            Body::Cowbell(d) => d.render(out),
        }
    }

    pub(crate) fn finished(&self) -> bool {
        match &self.body {
            Body::Kick(d) => d.finished(),
            Body::Snare(d) => d.finished(),
            Body::Rimshot(d) => d.finished(),
            Body::Clap(d) => d.finished(),
            Body::Hat(d) => d.finished(),
            Body::Tom(d) => d.finished(),
            Body::Cymbal(d) => d.finished(),
            Body::Cowbell(d) => d.finished(),
        }
    }
}

/// Whether striking `new` silences a ringing `old` of the same slot: the pedal closes the open
/// hi-hat, and a bass drum is one skin, whose two low tails would cancel at random.
pub(crate) fn chokes(new: DrumSound, old: DrumSound) -> bool {
    matches!(
        (new, old),
        (DrumSound::ClosedHat | DrumSound::OpenHat, DrumSound::OpenHat)
            | (DrumSound::BassDrum, DrumSound::BassDrum)
    )
}
