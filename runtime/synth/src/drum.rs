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

use crate::drum_sound::DrumSound;
use crate::param::Param;
use crate::strip::sides;
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

/// Pitch at which a drum is as it was made, in hertz.
const HOME: f32 = 261.625_58;

/// How a note wants its drum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strike {
    /// Factor on all pitches.
    pub(crate) tune: f32,
    /// Factor on the corners of filters: half at a tone of 0, double at 1.
    pub(crate) bright: f32,
    /// Factor on all times.
    pub(crate) decay: f32,
    /// How much is heard of the stick, 0..=1.
    pub(crate) click: f32,
}

impl Strike {
    /// What `onset` says, with the click that the drum has by itself.
    pub(crate) fn of(onset: &Onset, click: f32) -> Self {
        let params = &onset.params;
        Strike {
            tune: onset.frequency / HOME,
            bright: (2.0 * params.or(Param::Tone, 0.5) - 1.0).exp2(),
            decay: params.or(Param::Decay, 1.0).clamp(0.05, 8.0),
            click: params.or(Param::Click, click),
        }
    }
}

/// A struck drum. It rings out by itself.
#[derive(Clone, Debug)]
pub(crate) struct Drum {
    sound: DrumSound,
    body: Body,
    /// Gains that give it its place on the stage.
    sides: [f32; 2],
}

impl Drum {
    /// The frequency of the onset is a tuning: 261.6 Hz leaves the drum as it is.
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
        Drum { sound, body, sides: sides(1.0, place(sound)) }
    }

    pub(crate) fn sound(&self) -> DrumSound {
        self.sound
    }

    pub(crate) fn render(&mut self, out: Stereo<'_>) {
        let Stereo { left, right } = out;
        self.strike(Stereo { left: &mut *left, right: &mut *right });
        if self.sides != [1.0; 2] {
            for (samples, gain) in [left, right].into_iter().zip(self.sides) {
                for x in samples {
                    *x *= gain;
                }
            }
        }
    }

    fn strike(&mut self, out: Stereo<'_>) {
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

/// Where a drum stands, from -1 to 1, as the audience sees a kit.
fn place(sound: DrumSound) -> f32 {
    match sound {
        DrumSound::BassDrum | DrumSound::Snare | DrumSound::Clap => 0.0,
        DrumSound::Rimshot => -0.12,
        DrumSound::ClosedHat | DrumSound::OpenHat => 0.18,
        DrumSound::HighTom => 0.35,
        DrumSound::MidTom => 0.0,
        DrumSound::LowTom => -0.38,
        DrumSound::Crash => 0.25,
        DrumSound::Ride => -0.3,
        DrumSound::Cowbell => -0.2,
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
