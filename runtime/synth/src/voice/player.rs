//! Plays a sample: at any speed and in both directions, a part of it, once or round and round.
//!
//! A slice that begins or ends inside the sample is faded there, and the end of one slice overlaps
//! the beginning of the next by exactly that fade: slices played in a row are the whole again.

use super::Onset;
use super::patch::Patch;
use crate::envelope::Adsr;
use crate::interpolation::cubic;
use crate::oscillator::Frames;
use crate::param::Param;
use crate::sample::{Library, Sample, SampleId};

/// Pitch at which a sample plays as it was recorded, in hertz: middle C.
const HOME: f32 = 261.625_58;
/// Seconds of the fades at cuts.
const FADE: f32 = 0.0004;
/// The envelope of what goes round, where a note gives none.
const ROUND: Adsr = Adsr { attack: 0.0, decay: 0.1, sustain: 1.0, release: 0.02 };

#[derive(Clone, Debug)]
pub(crate) struct Player {
    id: SampleId,
    stereo: bool,
    /// Where it is, in frames of the sample, and how far it goes a frame; below 0 backwards.
    position: f64,
    step: f64,
    /// Octaves a frame by which it gets faster.
    accelerate: f32,
    begin: f64,
    end: f64,
    /// What goes round, where anything does: first frame and end.
    round: Option<(f64, f64)>,
    /// Frames of a fade.
    fade: f32,
    /// Whether the way in and the way out are cuts through the sound.
    fades_in: bool,
    overlaps: bool,
    played: f32,
    finished: bool,
}

impl Player {
    /// Nothing where the note asks for no sound: a speed or a length of 0.
    pub(crate) fn new(id: SampleId, sample: &Sample, onset: &Onset) -> Option<Self> {
        let params = &onset.params;
        let frames = sample.frames() as f64;
        let place = |param: Param, default: f32| (f64::from(params.or(param, default)) * frames).round();
        let (a, b) = (place(Param::Begin, 0.0), place(Param::End, 1.0));
        let (begin, end) = (a.min(b), a.max(b));
        let speed = params.or(Param::Speed, 1.0);
        if begin == end || speed == 0.0 {
            return None;
        }
        let rates = f64::from(sample.sample_rate()) / f64::from(onset.sample_rate);
        // Rounding must not make a sample at its own speed run between its frames.
        let pitch = onset.frequency / HOME;
        let pitch = if (pitch - 1.0).abs() < 1e-5 { 1.0 } else { pitch };
        let step = rates * f64::from(speed) * f64::from(pitch);
        let cut = |place: f64| place > 0.0 && place < frames;
        let (first, last) = if step < 0.0 { (end, begin) } else { (begin, end) };
        // Of an instrument's sound a part goes round, unless the note plays a part of it or plays it backwards.
        let whole = begin == 0.0 && end == frames && step > 0.0;
        let looping = params.or(Param::Loop, 0.0) > 0.0;
        let round = if looping { Some((begin, end)) } else { sample.round().filter(|_| whole) };
        Some(Player {
            round,
            id,
            stereo: sample.is_stereo(),
            position: if step < 0.0 { end - 1.0 } else { begin },
            step,
            accelerate: params.or(Param::Accelerate, 0.0) / onset.sample_rate,
            begin,
            end,
            fade: (FADE * onset.sample_rate).max(2.0).round(),
            fades_in: cut(first),
            overlaps: cut(last),
            played: 0.0,
            finished: false,
        })
    }

    pub(crate) fn patch(&self, onset: &Onset) -> Patch {
        Patch { envelope: self.round.map(|_| ROUND), ..Patch::plain(onset.amplitude()) }
    }

    pub(crate) fn id(&self) -> SampleId {
        self.id
    }

    pub(crate) fn is_stereo(&self) -> bool {
        self.stereo
    }

    pub(crate) fn finished(&self) -> bool {
        self.finished
    }

    #[inline]
    pub(crate) fn add(&mut self, samples: &Library, bend: f32, frames: usize, out: [&mut Frames; 2]) {
        let Some(sample) = samples.playing(self.id) else {
            self.finished = true;
            return;
        };
        let [left, right] = out;
        let step = self.step * f64::from(bend);
        for i in 0..frames {
            let Some(gain) = self.gain(step) else {
                self.finished = true;
                return;
            };
            left[i] += gain * self.read(sample, 0);
            if self.stereo {
                right[i] += gain * self.read(sample, 1);
            }
            self.played += 1.0;
            self.position += step;
            if let Some((first, end)) = self.round {
                let before = step < 0.0 && self.position < first;
                if self.position >= end || before {
                    self.position = first + (self.position - first).rem_euclid(end - first);
                }
            }
        }
        if self.accelerate != 0.0 {
            let faster = f64::from((self.accelerate * frames as f32).exp2());
            self.step = (self.step * faster).clamp(-64.0, 64.0);
        }
    }

    /// The gain at the place where it is; `None` when the sound is over.
    #[inline(always)]
    fn gain(&self, step: f64) -> Option<f32> {
        let mut gain = 1.0f32;
        if self.fades_in && self.played < self.fade {
            gain = (self.played + 1.0) / self.fade;
        }
        if self.round.is_some() {
            return Some(gain);
        }
        // Frames of the output until the end; behind it they are below 0.
        let left = if step < 0.0 { self.position - self.begin + 1.0 } else { self.end - self.position };
        let left = (left / step.abs()) as f32;
        let out = if self.overlaps { 1.0 + (left - 1.0) / self.fade } else { left / self.fade };
        (out > 0.0).then_some(gain * out.min(1.0))
    }

    /// One channel between the frames where it is.
    #[inline(always)]
    fn read(&self, sample: &Sample, channel: usize) -> f32 {
        let whole = self.position.floor();
        let part = (self.position - whole) as f32;
        let at = whole as i64;
        if part == 0.0 {
            return sample.at(at, channel);
        }
        let near = |n: i64| {
            let frame = at + n;
            let Some((first, end)) = self.round.map(|(first, end)| (first as i64, end as i64)) else {
                return sample.at(frame, channel);
            };
            // What comes before the part that goes round sounds once.
            let once = frame < first && self.begin < first as f64;
            let frame = if once { frame } else { first + (frame - first).rem_euclid(end - first) };
            sample.at(frame, channel)
        };
        cubic([near(-1), near(0), near(1), near(2)], part)
    }
}
