//! One sounding voice: a source, and what every voice has beside it. The way of a sound: source →
//! noise → drive → filter with its envelope → envelope → level.
//!
//! A note needs what [`Onset`] says; a generator then writes frames of both channels until it has
//! finished. All of them are plain structs in enums, so the pool keeps them side by side.

mod acid;
mod additive;
mod bass;
mod bell;
mod bend;
mod fm;
mod keys;
mod lead;
mod organ;
mod pad;
mod patch;
mod player;
mod pluck;
mod simple;
mod source;
mod stack;
mod string;
mod sub;
mod sweep;
mod vowel;

pub(crate) use pluck::line_length;

use crate::drum::Drum;
use crate::drum_sound::DrumSound;
use crate::envelope::Envelope;
use crate::instrument::{Instrument, VoiceKind};
use crate::noise::Noise;
use crate::oscillator::{CONTROL_FRAMES, Frames, frequency_of, saturate};
use crate::param::Param;
use crate::params::Params;
use crate::sample::{Library, SampleId};
use additive::Additive;
use bend::Bend;
use patch::Patch;
use player::Player;
use source::Source;
use sweep::Sweep;

/// What a source starts from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Onset {
    /// Hertz.
    pub(crate) frequency: f32,
    /// Over 0, up to 1.
    pub(crate) velocity: f32,
    /// Hertz.
    pub(crate) sample_rate: f32,
    /// Seeds noise and free phases.
    pub(crate) seed: u32,
    /// What the note says of its own sound.
    pub(crate) params: Params,
}

impl Onset {
    /// Amplitude of a velocity: 24 dB from 0.1 to 1, the span of a played keyboard (Dannenberg,
    /// "The interpretation of MIDI velocity", ICMC 2006, finds such a square law).
    pub(crate) fn amplitude(&self) -> f32 {
        let root = 0.18 + 0.82 * self.velocity;
        root * root
    }
}

/// One frame of a stereo block, by channel.
pub(crate) struct Stereo<'a> {
    pub(crate) left: &'a mut [f32],
    pub(crate) right: &'a mut [f32],
}

impl Stereo<'_> {
    /// Writes a mono generator to both channels.
    #[inline(always)]
    pub(crate) fn fill_mono(&mut self, mut next: impl FnMut() -> f32) {
        for (l, r) in self.left.iter_mut().zip(self.right.iter_mut()) {
            let x = next();
            *l = x;
            *r = x;
        }
    }

    /// The block in pieces of at most [`CONTROL_FRAMES`].
    pub(crate) fn control_blocks(&mut self) -> impl Iterator<Item = Stereo<'_>> {
        self.left
            .chunks_mut(CONTROL_FRAMES)
            .zip(self.right.chunks_mut(CONTROL_FRAMES))
            .map(|(left, right)| Stereo { left, right })
    }
}

/// What a voice may use beside itself.
pub(crate) struct Memory<'a> {
    /// The delay line that goes with its place in the pool, of [`line_length`] frames.
    pub(crate) line: &'a mut [f32],
    pub(crate) samples: &'a Library,
}

/// A note that is about to start: what it is, and what it knows of its surroundings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start<'a> {
    pub(crate) kind: VoiceKind,
    pub(crate) velocity: f32,
    pub(crate) params: &'a Params,
    /// Seeds noise and free phases.
    pub(crate) seed: u32,
    /// Pitch of the slot's last note, in semitones.
    pub(crate) last_pitch: Option<f32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Generator {
    source: Source,
    bend: Bend,
    envelope: Option<Envelope>,
    sweep: Option<Sweep>,
    hiss: [Noise; 2],
    noise: f32,
    drive: f32,
    drive_level: f32,
    level: f32,
}

impl Generator {
    /// Starts what `start` names, or nothing if its pitch or velocity is no sound.
    ///
    /// What `memory` has is what goes with its place in the pool.
    pub(crate) fn start(start: Start<'_>, sample_rate: f32, memory: &mut Memory<'_>) -> Option<Self> {
        let Start { kind, velocity, params, seed, last_pitch } = start;
        if velocity.is_nan() || velocity <= 0.0 {
            return None;
        }
        let tune = params.or(Param::Tune, 0.0) + octaves_of_speed(kind, params)? * 12.0;
        let pitch = pitch_of(kind)?;
        let onset = Onset {
            frequency: frequency_of((pitch + tune).clamp(0.0, 136.0)),
            velocity: velocity.min(1.0),
            sample_rate,
            seed,
            params: *params,
        };
        let (source, patch) = match kind {
            VoiceKind::Drum(sound) => drum(sound, onset),
            VoiceKind::Pitched { instrument, pitch } => match instrument {
                Instrument::Kit => drum(DrumSound::from_general_midi(pitch)?, onset),
                _ => Source::new(instrument, &onset, memory.line),
            },
            VoiceKind::Sample { sample, .. } => {
                let sound = memory.samples.for_note(sample)?;
                if let Some(timbre) = sound.timbre() {
                    (Source::Additive(Additive::new(sample, timbre, &onset)?), Additive::patch())
                } else {
                    let player = Player::new(sample, sound, &onset)?;
                    let patch = player.patch(&onset);
                    (Source::Player(player), patch)
                }
            }
        };
        let patch = patch.with(params, !matches!(source, Source::Drum(_)));
        let from = last_pitch.map(|last| frequency_of(last.clamp(0.0, 136.0) + tune) / onset.frequency);
        let drive = patch.drive;
        Some(Generator {
            source,
            bend: Bend::new(patch.vibrato, params, from, sample_rate),
            envelope: patch.envelope.map(|shape| Envelope::new(shape, sample_rate)),
            sweep: patch.filter.map(|filter| Sweep::new(filter, sample_rate)),
            hiss: [Noise::new(seed ^ 0x3c6e), Noise::new(seed ^ 0xa54f)],
            noise: patch.noise,
            drive,
            // A driven sound stays about as loud as it was.
            drive_level: 1.0 / drive.max(1.0).powf(0.35),
            level: patch.level,
        })
    }

    /// Writes the next frames.
    pub(crate) fn render(&mut self, memory: &mut Memory<'_>, mut out: Stereo<'_>) {
        for block in out.control_blocks() {
            let frames = block.left.len();
            let bend = self.bend.next(frames);
            let (mut left, mut right) = ([0.0; CONTROL_FRAMES], [0.0; CONTROL_FRAMES]);
            let stereo = self.source.is_stereo();
            self.source.add(memory, bend, frames, [&mut left, &mut right]);
            if self.noise > 0.0 {
                self.hiss[0].add(self.noise, &mut left[..frames]);
                if stereo {
                    self.hiss[1].add(self.noise, &mut right[..frames]);
                }
            }
            if self.drive > 0.0 {
                self.saturate(&mut left);
                if stereo {
                    self.saturate(&mut right);
                }
            }
            let more = self.source.brightness();
            if let Some(sweep) = &mut self.sweep {
                sweep.run(frames, more, &mut left, stereo.then_some(&mut right));
            }
            let gains: Frames = match &mut self.envelope {
                Some(envelope) => envelope.block(frames).map(|x| self.level * x),
                None => [self.level; CONTROL_FRAMES],
            };
            for i in 0..frames {
                block.left[i] = gains[i] * left[i];
                block.right[i] = if stereo { gains[i] * right[i] } else { block.left[i] };
            }
        }
    }

    #[inline]
    fn saturate(&self, samples: &mut Frames) {
        for x in samples {
            *x = self.drive_level * saturate(self.drive * *x);
        }
    }

    /// The key is let go.
    pub(crate) fn release(&mut self) {
        if matches!(self.source, Source::Drum(_)) {
            return;
        }
        if let Some(envelope) = &mut self.envelope {
            envelope.release();
        }
        if let Some(sweep) = &mut self.sweep {
            sweep.release();
        }
        self.source.release();
    }

    /// The sample that it plays, if it does.
    pub(crate) fn sample(&self) -> Option<SampleId> {
        match &self.source {
            Source::Player(player) => Some(player.id()),
            Source::Additive(voice) => Some(voice.id()),
            _ => None,
        }
    }

    /// Whether it makes its vowels itself.
    pub(crate) fn sings(&self) -> bool {
        matches!(self.source, Source::Singer(_))
    }

    pub(crate) fn finished(&self) -> bool {
        self.source.finished() || self.envelope.as_ref().is_some_and(Envelope::finished)
    }

    /// Which drum it is, if it is one.
    pub(crate) fn drum(&self) -> Option<DrumSound> {
        match &self.source {
            Source::Drum(drum) => Some(drum.sound()),
            _ => None,
        }
    }
}

fn drum(sound: DrumSound, onset: Onset) -> (Source, Patch) {
    (Source::Drum(Drum::new(sound, onset)), Patch::plain(1.0))
}

/// How far the speed of what is no recording moves it, in octaves: what plays a note twice as fast plays it an
/// octave higher, and backwards there is nothing. Of a recording the player makes its speed. Nothing stands still.
fn octaves_of_speed(kind: VoiceKind, params: &Params) -> Option<f32> {
    match (kind, params.get(Param::Speed)) {
        (VoiceKind::Sample { .. }, _) | (_, None) => Some(0.0),
        (_, Some(speed)) => (speed != 0.0).then(|| speed.abs().log2()),
    }
}

/// The pitch of a voice in semitones, if it is a number; that of a drum does not matter.
pub(crate) fn pitch_of(kind: VoiceKind) -> Option<f32> {
    match kind {
        VoiceKind::Drum(_) => Some(60.0),
        VoiceKind::Pitched { instrument: Instrument::Kit, pitch } => pitch.is_finite().then_some(60.0),
        VoiceKind::Pitched { pitch, .. } | VoiceKind::Sample { pitch, .. } => {
            pitch.is_finite().then_some(pitch)
        }
    }
}
