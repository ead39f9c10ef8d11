//! The voices: a fixed number of places, who gets one, and who has to give one up.
//!
//! Twice as many places exist as voices may sound: one that is stolen fades out in its old place
//! while the new one starts in another, so stealing never clicks.

use std::ops::Range;

use crate::drum::chokes;
use crate::insert::Insert;
use crate::instrument::VoiceKind;
use crate::meters::peak_of;
use crate::mixer::BLOCK_FRAMES;
use crate::param::Param;
use crate::params::Params;
use crate::sample::Library;
use crate::strip::Strip;
use crate::voice::{Generator, Memory, Start, Stereo, line_length, pitch_of};

/// Seconds of the fade of a voice that is stolen, choked or hushed.
pub(crate) const QUICK_FADE: f32 = 0.005;

#[derive(Clone, Copy, Debug)]
struct Fade {
    gain: f32,
    step: f32,
}

#[derive(Debug)]
struct Voice {
    generator: Generator,
    insert: Insert,
    /// Its choke group; 0 is none.
    cut: u32,
    slot: u16,
    id: u64,
    /// The frame that its note was meant for.
    onset: u64,
    serial: u64,
    released: bool,
    fade: Option<Fade>,
    /// Peak of the last piece rendered.
    level: f32,
}

impl Voice {
    /// Fades out over `frames`, unless it is on its way to an earlier end. Whether that changed
    /// anything.
    fn fade_out(&mut self, frames: u32) -> bool {
        let gain = self.fade.map_or(1.0, |f| f.gain);
        let step = gain / frames.max(1) as f32;
        let sooner = self.fade.is_none_or(|f| f.step < step);
        if sooner {
            self.fade = Some(Fade { gain, step });
        }
        sooner
    }

    /// Whom to steal from first: the smallest. Released before held, quiet before loud among
    /// those released, old before young among those held.
    fn worth(&self) -> (bool, f32, u64) {
        let level = if self.released { self.level } else { 0.0 };
        (!self.released, level, self.serial)
    }
}

/// A note as it comes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Note<'a> {
    pub(crate) kind: VoiceKind,
    pub(crate) velocity: f32,
    pub(crate) params: &'a Params,
}

/// What became of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Started {
    /// It sounds, in a free place.
    Free,
    /// It sounds, and another voice fades out for it.
    Stolen,
    /// It has no sound: velocity 0, a pitch that is not a number, a key without a drum.
    Nothing,
}

/// All voices, and the delay line that goes with each place.
pub(crate) struct VoicePool {
    places: Vec<Option<Voice>>,
    lines: Vec<f32>,
    line_length: usize,
    limit: usize,
    serial: u64,
    sample_rate: f32,
    quick_fade: u32,
    /// Pitch of the last note of each slot, for the next to glide from.
    last_pitch: Vec<Option<f32>>,
}

impl VoicePool {
    /// Places for `limit` voices of `slots` slots, and as many that fade out.
    pub(crate) fn new(limit: usize, slots: usize, sample_rate: f32) -> Self {
        let places = 2 * limit;
        let line_length = line_length(sample_rate);
        VoicePool {
            places: (0..places).map(|_| None).collect(),
            lines: vec![0.0; places * line_length],
            line_length,
            limit,
            serial: 0,
            sample_rate,
            quick_fade: (QUICK_FADE * sample_rate) as u32,
            last_pitch: vec![None; slots],
        }
    }

    /// Voices that sound and are not fading out to be freed.
    pub(crate) fn active(&self) -> usize {
        self.places.iter().flatten().filter(|v| v.fade.is_none()).count()
    }

    /// Whether a voice plays the sample at a place of the library.
    pub(crate) fn plays(&self, place: usize) -> bool {
        let mut samples = self.places.iter().flatten().filter_map(|voice| voice.generator.sample());
        samples.any(|id| id.place() == place)
    }

    /// Starts a voice for a note that was meant for the frame `onset`.
    pub(crate) fn start(
        &mut self,
        onset: u64,
        slot: u16,
        id: u64,
        note: Note<'_>,
        samples: &Library,
    ) -> Started {
        let place = self.place();
        let line = &mut self.lines[place * self.line_length..][..self.line_length];
        // A Weyl sequence over the golden ratio spreads the ids of neighbouring notes.
        let seed = id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let Note { kind, velocity, params } = note;
        let last = &mut self.last_pitch[usize::from(slot)];
        let start = Start { kind, velocity, params, seed: seed as u32, last_pitch: *last };
        let Some(generator) = Generator::start(start, self.sample_rate, &mut Memory { line, samples }) else {
            return Started::Nothing;
        };
        *last = pitch_of(kind);
        let cut = params.or(Param::Cut, 0.0).round() as u32;
        if cut > 0 {
            let fade = self.quick_fade;
            // The voices of one note, such as left and right, do not silence each other.
            for voice in
                self.of_slot(slot).filter(|voice| voice.cut == cut && (voice.id, voice.onset) != (id, onset))
            {
                voice.fade_out(fade);
            }
        }
        if let Some(new) = generator.drum() {
            let fade = self.quick_fade;
            for voice in self.of_slot(slot) {
                if voice.generator.drum().is_some_and(|old| chokes(new, old)) {
                    voice.fade_out(fade);
                }
            }
        }
        let stolen = self.active() >= self.limit;
        if stolen {
            self.steal();
        }
        self.serial += 1;
        self.places[place] = Some(Voice {
            insert: Insert::new(params, !generator.sings(), self.sample_rate),
            generator,
            cut,
            slot,
            id,
            onset,
            serial: self.serial,
            released: false,
            fade: None,
            level: velocity,
        });
        if stolen { Started::Stolen } else { Started::Free }
    }

    /// Sends the voice of least worth away.
    fn steal(&mut self) {
        let fade = self.quick_fade;
        let victim = self.places.iter_mut().flatten().filter(|v| v.fade.is_none()).min_by(|a, b| {
            let (a, b) = (a.worth(), b.worth());
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2))
        });
        if let Some(voice) = victim {
            voice.fade_out(fade);
        }
    }

    /// A free place; where there is none, that of the voice that has faded furthest.
    fn place(&self) -> usize {
        let gain = |voice: &Option<Voice>| voice.as_ref().map_or(-1.0, |v| v.fade.map_or(2.0, |f| f.gain));
        (0..self.places.len())
            .min_by(|a, b| gain(&self.places[*a]).total_cmp(&gain(&self.places[*b])))
            .unwrap_or(0)
    }

    fn of_slot(&mut self, slot: u16) -> impl Iterator<Item = &mut Voice> {
        self.places.iter_mut().flatten().filter(move |v| v.slot == slot)
    }

    pub(crate) fn release(&mut self, slot: u16, id: u64) {
        for voice in self.of_slot(slot).filter(|v| v.id == id) {
            if !voice.released {
                voice.released = true;
                voice.generator.release();
            }
        }
    }

    pub(crate) fn fade_slot(&mut self, slot: u16, frames: u32) {
        for voice in self.of_slot(slot) {
            voice.fade_out(frames);
        }
    }

    /// Fades the voices of a slot whose notes were meant for `frame` or later; how many there were
    /// that were not on their way to that end.
    pub(crate) fn retract(&mut self, slot: u16, frame: u64) -> usize {
        let fade = self.quick_fade;
        self.of_slot(slot).filter(|v| v.onset >= frame).filter_map(|v| v.fade_out(fade).then_some(())).count()
    }

    /// Frees every voice at once.
    pub(crate) fn clear(&mut self) {
        for place in &mut self.places {
            *place = None;
        }
    }

    pub(crate) fn fade_all(&mut self, frames: u32) {
        for voice in self.places.iter_mut().flatten() {
            voice.fade_out(frames);
        }
    }

    /// Adds the next frames of every voice to its strip, at `range` of the block, and frees the
    /// voices that have ended.
    pub(crate) fn render(&mut self, range: Range<usize>, samples: &Library, strips: &mut [Strip]) {
        let (mut left, mut right) = ([0.0f32; BLOCK_FRAMES], [0.0f32; BLOCK_FRAMES]);
        let frames = range.len();
        let lines = self.lines.chunks_mut(self.line_length);
        for (place, line) in self.places.iter_mut().zip(lines) {
            let Some(voice) = place else { continue };
            let (left, right) = (&mut left[..frames], &mut right[..frames]);
            voice.generator.render(&mut Memory { line, samples }, Stereo { left, right });
            let mut ended = voice.generator.finished();
            voice.insert.process(left, right);
            if let Some(fade) = &mut voice.fade {
                for (l, r) in left.iter_mut().zip(right.iter_mut()) {
                    fade.gain = (fade.gain - fade.step).max(0.0);
                    *l *= fade.gain;
                    *r *= fade.gain;
                }
                ended |= fade.gain == 0.0;
            }
            voice.level = peak_of(left).max(peak_of(right));
            let strip = &mut strips[usize::from(voice.slot)];
            strip.add(range.clone(), left, right);
            if voice.insert.sends() {
                strip.send(range.clone(), [voice.insert.reverb, voice.insert.delay], left, right);
            }
            if ended {
                *place = None;
            }
        }
    }
}
