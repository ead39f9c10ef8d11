//! The times of what a voice plays, its repeats written out.

use std::collections::HashMap;

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedMul};

use super::body::{Element, Sounded};
use super::{AbcErrorKind, TuneNote, VoiceNote, repeats};
use crate::{Beat, Note, Pitch, Tone, Velocity};

/// What a voice plays, in quarter-note beats from its start.
pub(super) struct Timed {
    /// Its top line, rests included, without gap or overlap; ties joined.
    pub(super) line: Vec<TuneNote>,
    /// All that sounds, chords and voices written over it whole.
    pub(super) notes: Vec<VoiceNote>,
    /// Plain bar lines.
    pub(super) bar_lines: Vec<Beat>,
    pub(super) chords: Vec<(Beat, String)>,
    /// Where parts begin: after double bars and repeats.
    pub(super) parts: Vec<Beat>,
    pub(super) end: Beat,
}

/// Gives every element its time; `order` is that of the parts.
pub(super) fn timed(elements: Vec<Element>, order: Option<&[char]>) -> Result<Timed, AbcErrorKind> {
    let mut line: Vec<TuneNote> = Vec::new();
    let mut bar_lines: Vec<Beat> = Vec::new();
    let mut chords: Vec<(Beat, String)> = Vec::new();
    let mut parts: Vec<Beat> = Vec::new();
    let mut notes = Vec::new();
    let mut sounding = Sounding::default();
    let mut now = Ratio::from(0);
    for (element, pass) in repeats::expand(elements, order)? {
        let start = beat(now);
        match element {
            Element::Note(sounded) => {
                let duration = beat(sounded.duration);
                let top = sounded.tones.first();
                let pitch = top.map(|tone| tone.pitch);
                let tied = top.is_some_and(|tone| tone.tied);
                match line.last_mut().filter(|last| tied && last.pitch == pitch) {
                    Some(last) => last.duration += duration,
                    None => line.push(TuneNote { start, duration, pitch, pass }),
                }
                sounding.add(start, &sounded, &mut notes)?;
                now = sum(now, sounded.duration)?;
            }
            Element::Bar(bar) => {
                let plain = !(bar.double || bar.ends_repeat > 0 || bar.starts_repeat > 0);
                let times = if plain { &mut bar_lines } else { &mut parts };
                if times.last() != Some(&start) {
                    times.push(start);
                }
            }
            Element::Symbol(text) => chords.push((start, text)),
            Element::Overlay(voices) => {
                for voice in voices {
                    over(now, voice, &mut notes)?;
                }
            }
            Element::Ending(_) | Element::Part(_) => {}
        }
    }
    Ok(Timed { line, notes, bar_lines, chords, parts, end: beat(now) })
}

/// Adds the notes of a voice written over another.
fn over(from: Ratio<i64>, voice: Vec<Element>, notes: &mut Vec<VoiceNote>) -> Result<(), AbcErrorKind> {
    let mut now = from;
    let mut sounding = Sounding::default();
    for element in voice {
        if let Element::Note(sounded) = element {
            sounding.add(beat(now), &sounded, notes)?;
            now = sum(now, sounded.duration)?;
        }
    }
    Ok(())
}

/// The last note of each pitch, by its place in the list.
#[derive(Default)]
struct Sounding(HashMap<u8, usize>);

impl Sounding {
    fn add(
        &mut self,
        start: Beat,
        sounded: &Sounded,
        notes: &mut Vec<VoiceNote>,
    ) -> Result<(), AbcErrorKind> {
        for tone in &sounded.tones {
            let duration = sounded.duration.checked_mul(&tone.share).ok_or(AbcErrorKind::Number(LATEST))?;
            let before =
                self.0.get(&tone.pitch).and_then(|&at| notes.get_mut(at)).map(|before| &mut before.note);
            match before.filter(|before| tone.tied && before.end() == start) {
                Some(before) => before.duration += beat(duration),
                None => {
                    self.0.insert(tone.pitch, notes.len());
                    let note = Note {
                        start,
                        duration: beat(duration),
                        tone: Tone::Pitch(Pitch::from_key(tone.pitch)),
                        velocity: Velocity::DEFAULT,
                    };
                    notes.push(VoiceNote { note, line: sounded.line });
                }
            }
        }
        Ok(())
    }
}

fn beat(time: Ratio<i64>) -> Beat {
    Beat::new(*time.numer(), *time.denom())
}

/// Latest time of a tune, in beats and in parts of one.
const LATEST: i64 = 1 << 30;

/// Adds two times, within bounds that keep every later sum and product from overflowing.
fn sum(a: Ratio<i64>, b: Ratio<i64>) -> Result<Ratio<i64>, AbcErrorKind> {
    a.checked_add(&b)
        .filter(|total| *total.denom() <= LATEST && *total.numer() <= LATEST)
        .ok_or(AbcErrorKind::Number(LATEST))
}
