//! What a drummer makes of a stiff clip: every hit stays, its velocity and its moment are drawn.

use lilt_inference::{ModelError, Watch};
use lilt_score::{Beat, Clip, Note, Velocity};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::codec::{CodecError, Hit, hits, steps};
use super::vocabulary::{ON_TIME, STEP, TICKS_PER_BEAT, midi_velocity};
use super::walk::DrumWalk;
use crate::recurrent::playing::Playing;

/// How far a hit that was written off the grid may move, in ticks either way: a triplet stays one.
const LEEWAY: u8 = 7;

/// Notes that the drummer plays with one hit: those of a voice in a sixteenth, the hardest first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Struck(Vec<Hit>);

/// The hits of a clip, in the order in which they are said.
///
/// # Errors
/// As [`hits`].
pub(super) fn struck(clip: &Clip) -> Result<Vec<Struck>, CodecError> {
    let mut hits = hits(clip)?;
    hits.sort_by_key(|hit| (hit.step, hit.voice, std::cmp::Reverse(hit.velocity), hit.note));
    let same = |a: &Hit, b: &Hit| (a.step, a.voice) == (b.step, b.voice);
    Ok(hits.chunk_by(same).map(|hits| Struck(hits.to_vec())).collect())
}

/// `clip` with velocities and moments that `piece` draws, given every hit up to the one that is drawn.
///
/// Loud and soft, early and late have an order, so a temperature below 1 does not sharpen the chances, which
/// would favour the edges of the scales: of what the drummer might do, in order, it leaves the middle `temperature`
/// part. At 0 that is the median of each, at 1 everything.
///
/// # Errors
/// When the network gives no usable numbers, or the watch is cancelled.
pub(super) fn groove(
    clip: &Clip,
    struck: &[Struck],
    mut piece: Playing<'_, DrumWalk>,
    temperature: f64,
    rng: &mut ChaCha8Rng,
    watch: &Watch,
) -> Result<Vec<Note>, ModelError> {
    let mut notes = clip.notes().to_vec();
    let mut waiting = struck.iter().peekable();
    let all = steps(clip.length());
    for step in 0..all {
        watch.check()?;
        watch.report(step as f64, all as f64);
        while let Some(Struck(hits)) = waiting.next_if(|struck| struck.0[0].step == step) {
            let hit = hits[0];
            let moves = |class: usize| {
                hit.offset == ON_TIME || class.abs_diff(usize::from(hit.offset)) <= usize::from(LEEWAY)
            };
            let narrow = |said: &[u8], class: usize| match said.len() {
                0 => class == usize::from(hit.voice),
                1 => true,
                _ => moves(class),
            };
            let event = piece.draw(temperature.max(1.0), || middle(rng.random(), temperature), narrow)?;
            if let &[_, velocity, offset] = event.as_slice() {
                play(&mut notes, hits, velocity, offset, clip.length());
            }
        }
        piece.hear(&STEP)?;
    }
    Ok(notes)
}

/// `chance`, `0..1`, drawn toward the middle at temperatures below 1.
fn middle(chance: f64, temperature: f64) -> f64 {
    0.5 + temperature.min(1.0) * (chance - 0.5)
}

/// Plays the first of `hits` as drawn; the others keep their distance from it and their share of its
/// velocity. All stay within the clip.
fn play(notes: &mut [Note], hits: &[Hit], velocity: u8, offset: u8, length: Beat) {
    let hardest = notes[hits[0].note].velocity.value().max(f64::EPSILON);
    let moved = Beat::new(i64::from(offset) - i64::from(hits[0].offset), TICKS_PER_BEAT);
    let last = length - Beat::new(1, TICKS_PER_BEAT);
    for hit in hits {
        let note = &mut notes[hit.note];
        note.start = (note.start + moved).min(last.max(note.start)).max(Beat::ZERO);
        let share = note.velocity.value() / hardest;
        note.velocity = Velocity::new(f64::from(midi_velocity(velocity)) / 127.0 * share);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cold_drummer_keeps_to_the_middle() {
        for (chance, temperature, expected) in
            [(0.1, 0.0, 0.5), (0.0, 0.5, 0.25), (0.9, 0.5, 0.7), (0.9, 1.0, 0.9), (0.9, 2.0, 0.9)]
        {
            assert!((middle(chance, temperature) - expected).abs() < 1e-12, "{chance} at {temperature}");
        }
    }
}
