//! What is asked of `chorale`, as cells: which are known, which are to be written, and what music they
//! make when they are.

use lilt_inference::categorical::COLDEST;
use lilt_inference::{ModelError, Sampling};
use lilt_score::{Beat, Clip, Key, Meter, Mode, Note, Seed};

use super::NAME;
use super::features::{Bars, Conditioning, Known, Tonality};
use super::filling::Canvas;
use super::vocabulary::{REST, VOICE_NAMES, VOICES};
use super::voices::{Voices, frames_in, sung};

/// The key of a chorale from nothing when none is asked for.
pub(super) const HOME: Key = Key::new(7, Mode::Major);

/// Beats of a primer that are heard.
const HEARD_BEATS: i64 = 32;

/// A piece before it is filled, and what is handed back with what the network writes.
pub(super) struct Task {
    pub(super) canvas: Canvas,
    pub(super) conditioning: Conditioning,
    /// Frames before the answer begins.
    skip: usize,
    shift: i32,
    /// Cells whose music is the network's to write.
    written: Vec<Known>,
    /// Notes handed back as they were given.
    given: Vec<Note>,
    length: Beat,
}

impl Task {
    /// What is to be written: from nothing, or after `primer`.
    pub(super) fn begin(model: &str, primer: Option<&Clip>, request: &Sampling) -> Result<Task, ModelError> {
        let conditions = request.conditions();
        let (length, bar) = (request.beats(), bar_frames(conditions.meter));
        let new = bar * request.bars() as usize;
        let Some(primer) = primer else {
            let key = conditions.key.unwrap_or(HOME);
            return Ok(Task {
                canvas: canvas(vec![[REST; VOICES]; new], vec![[false; VOICES]; new], request, "sample"),
                conditioning: conditioning(Some(key), 0, conditions.meter, 0, (true, true)),
                skip: 0,
                shift: 0,
                written: vec![[true; VOICES]; new],
                given: Vec::new(),
                length,
            });
        };
        let read = Voices::read(&last_beats(primer)?, None);
        let voices = read.map_err(|error| ModelError::clip(model, "continue", error))?;
        let (mut frames, mut known) = voices.cells();
        let skip = frames.len();
        frames.resize(skip + new, [REST; VOICES]);
        known.resize(skip + new, [false; VOICES]);
        let mut written = vec![[false; VOICES]; skip];
        written.resize(skip + new, [true; VOICES]);
        // The past ends with a full bar.
        let phase = (bar - skip % bar) % bar;
        Ok(Task {
            canvas: canvas(frames, known, request, "continue"),
            conditioning: conditioning(conditions.key, voices.shift, conditions.meter, phase, (false, true)),
            skip,
            shift: voices.shift,
            written,
            given: Vec::new(),
            length,
        })
    }

    /// What is to be written to `clip`.
    pub(super) fn arrange(
        model: &str,
        name: &'static str,
        clip: &Clip,
        request: &Sampling,
    ) -> Result<Task, ModelError> {
        let conditions = request.conditions();
        let word = conditions.settings.word("voice");
        let voice = |default: usize| match word {
            None => Ok(default),
            Some(word) => VOICE_NAMES.iter().position(|&name| name == word).ok_or_else(|| {
                let known = format!("the voices are {}", VOICE_NAMES.join(", "));
                ModelError::condition(model, "voice", word, known)
            }),
        };
        let one = if name == "harmonise" { Some(voice(0)?) } else { None };
        let anew = if name == "rewrite" { Some(voice(VOICES - 1)?) } else { None };
        let voices = Voices::read(clip, one).map_err(|error| ModelError::clip(model, name, error))?;
        let (frames, mut known) = voices.cells();
        for known in &mut known {
            if let Some(anew) = anew {
                known[anew] = false;
            }
        }
        let write = |known: &Known| -> Known {
            std::array::from_fn(|voice| match (one, anew) {
                (Some(one), _) => voice != one,
                (_, Some(anew)) => voice == anew,
                _ => !known[voice],
            })
        };
        let written = known.iter().map(write).collect();
        let kept = voices.parts.iter().filter(|part| anew != Some(part.voice));
        Ok(Task {
            canvas: canvas(frames, known, request, name),
            conditioning: conditioning(conditions.key, voices.shift, conditions.meter, 0, (true, true)),
            skip: 0,
            shift: voices.shift,
            written,
            given: kept.map(|part| clip.notes()[part.note]).collect(),
            length: clip.length(),
        })
    }

    /// The answer that `canvas` holds.
    pub(super) fn clip(&self, canvas: &Canvas) -> Result<Clip, ModelError> {
        let (frames, written) = (&canvas.frames[self.skip..], &self.written[self.skip..]);
        let mut notes = sung(frames, written, self.shift, self.length);
        notes.extend_from_slice(&self.given);
        Clip::new(notes, self.length).map_err(|error| ModelError::computation(NAME, error))
    }
}

/// An unfilled canvas with the random numbers of the request; the likeliest needs none.
fn canvas(frames: Vec<[u8; VOICES]>, known: Vec<Known>, request: &Sampling, verb: &str) -> Canvas {
    let seed = if request.temperature() < COLDEST { 0 } else { request.seed() };
    Canvas { frames, known, rng: Seed(seed).child(NAME).child(verb).rng() }
}

/// Cells in a bar; the beats of every metre are whole sixteenths.
fn bar_frames(meter: Meter) -> usize {
    frames_in(meter.bar())
}

/// What the network is told of music that is moved by `shift` and begins `phase` cells into a bar.
pub(super) fn conditioning(
    key: Option<Key>,
    shift: i32,
    meter: Meter,
    phase: usize,
    ends: (bool, bool),
) -> Conditioning {
    let key = key.map(|key| Tonality::of(key, shift));
    let bars = match Bars::of(meter) {
        Bars::Four { .. } => Bars::Four { phase },
        Bars::Three { .. } => Bars::Three { phase },
        Bars::Unknown { .. } => Bars::Unknown { phase },
    };
    Conditioning { key, bars, starts: ends.0, ends: ends.1 }
}

/// The end of a long primer.
fn last_beats(primer: &Clip) -> Result<Clip, ModelError> {
    let heard = Beat::whole(HEARD_BEATS);
    if primer.length() <= heard {
        return Ok(primer.clone());
    }
    let span = lilt_score::Span::new(primer.length() - heard, primer.length());
    primer.slice(span).map_err(|error| ModelError::computation(NAME, error))
}
