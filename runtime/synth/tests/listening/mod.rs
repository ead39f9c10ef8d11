//! Renders short performances and measures them.
#![allow(dead_code)]

pub mod spectrum;
pub mod techno;
pub mod transform;

use lilt_synth::{
    Command, CommandKind, DrumSound, Instrument, Mixer, MixerConfig, Params, SlotControl, VoiceKind,
};

pub const RATE: usize = 48_000;

/// The instruments that have a pitch.
pub const PITCHED: [Instrument; 18] = [
    Instrument::Pluck,
    Instrument::Bass,
    Instrument::Pad,
    Instrument::Keys,
    Instrument::Lead,
    Instrument::Bell,
    Instrument::Saw,
    Instrument::Square,
    Instrument::Triangle,
    Instrument::Sine,
    Instrument::Supersaw,
    Instrument::Fm,
    Instrument::Sub,
    Instrument::Organ,
    Instrument::String,
    Instrument::Voice,
    Instrument::Acid,
    Instrument::Noise,
];

/// A pitch that suits an instrument.
pub fn home(instrument: Instrument) -> f32 {
    match instrument {
        Instrument::Bass | Instrument::Acid | Instrument::Sub => 36.0,
        _ => 60.0,
    }
}

pub fn mixer() -> Mixer {
    Mixer::new(MixerConfig::default())
}

pub fn note_on(frame: u64, slot: u16, id: u64, voice: VoiceKind, velocity: f32) -> Command {
    Command { frame, slot, kind: CommandKind::NoteOn { id, voice, velocity, params: Params::NONE } }
}

pub fn note_with(frame: u64, slot: u16, id: u64, voice: VoiceKind, params: Params) -> Command {
    Command { frame, slot, kind: CommandKind::NoteOn { id, voice, velocity: 0.8, params } }
}

pub fn note_off(frame: u64, slot: u16, id: u64) -> Command {
    Command { frame, slot, kind: CommandKind::NoteOff { id } }
}

pub fn control(frame: u64, slot: u16, control: SlotControl, value: f32, glide_frames: u32) -> Command {
    Command { frame, slot, kind: CommandKind::Control { control, value, glide_frames } }
}

pub fn pitched(instrument: Instrument, pitch: f32) -> VoiceKind {
    VoiceKind::Pitched { instrument, pitch }
}

/// Every pitched instrument at a pitch that suits it, and every drum.
pub fn all_voices() -> Vec<(String, VoiceKind)> {
    let instruments = PITCHED.into_iter().map(|i| (i.name().to_owned(), pitched(i, home(i))));
    let drums = DrumSound::ALL.into_iter().map(|d| (d.name().to_owned(), VoiceKind::Drum(d)));
    instruments.chain(drums).collect()
}

/// Left and right of a performance without reverb.
pub struct Heard {
    pub left: Vec<f32>,
    pub right: Vec<f32>,
}

impl Heard {
    pub fn mono(&self) -> Vec<f32> {
        self.left.iter().zip(&self.right).map(|(l, r)| 0.5 * (l + r)).collect()
    }

    pub fn first_sound(&self) -> Option<usize> {
        (0..self.left.len()).find(|&i| self.left[i] != 0.0 || self.right[i] != 0.0)
    }
}

/// Renders `seconds` of `mixer` in calls of 500 frames.
pub fn render(mixer: &mut Mixer, seconds: f32) -> Heard {
    let mut samples = vec![0.0; 2 * (seconds * RATE as f32) as usize];
    for piece in samples.chunks_mut(1000) {
        mixer.render(piece);
    }
    Heard {
        left: samples.iter().step_by(2).copied().collect(),
        right: samples.iter().skip(1).step_by(2).copied().collect(),
    }
}

/// One dry note, held for `held` seconds of `seconds`.
pub fn one_note(voice: VoiceKind, velocity: f32, held: f32, seconds: f32) -> Heard {
    one_note_named(1, voice, velocity, held, seconds)
}

/// As [`one_note`], with an id of one's choice: it seeds the voice.
pub fn one_note_named(id: u64, voice: VoiceKind, velocity: f32, held: f32, seconds: f32) -> Heard {
    let mut mixer = mixer();
    for command in [
        control(0, 0, SlotControl::Reverb, 0.0, 0),
        note_on(0, 0, id, voice, velocity),
        note_off((held * RATE as f32) as u64, 0, id),
    ] {
        mixer.push(command).expect("an empty queue has room");
    }
    render(&mut mixer, seconds)
}

pub fn decibels(x: f32) -> f32 {
    20.0 * x.max(1e-9).log10()
}

pub fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|x| x * x).sum::<f32>() / samples.len().max(1) as f32).sqrt()
}

pub fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |m, x| x.abs().max(m))
}

/// Magnitude of a Hann-windowed transform at one frequency; a sine of amplitude 1 gives 1.
pub fn magnitude(samples: &[f32], hertz: f64) -> f64 {
    let n = samples.len() as f64;
    let (mut re, mut im) = (0.0, 0.0);
    for (i, x) in samples.iter().enumerate() {
        let window = 0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / n).cos();
        let angle = std::f64::consts::TAU * hertz * i as f64 / RATE as f64;
        re += f64::from(*x) * window * angle.cos();
        im += f64::from(*x) * window * angle.sin();
    }
    4.0 * re.hypot(im) / n
}

/// The root mean square frequency of a sound in hertz: that of its slope over that of itself.
pub fn brightness(samples: &[f32]) -> f32 {
    let slope: Vec<f32> = samples.windows(2).map(|w| w[1] - w[0]).collect();
    rms(&slope) / rms(samples) * RATE as f32 / std::f32::consts::TAU
}
