//! The way from where the music is to where the clock is that it follows: a little faster or slower for a while, so that
//! no note is left out and none comes twice.

use lilt_score::Beat;

use crate::ground::{COMMIT_GRID, Ground};
use crate::{OuterTempo, Tempo, TempoMap};

/// How much faster the music goes at most while it catches up, and how much slower while it waits, as parts of the
/// clock's tempo.
const FASTER: f64 = 1.25;
/// As above.
const SLOWER: f64 = 0.75;

/// What lies nearer to the clock is left there, in seconds: less than anybody hears, and more than ticks that tremble
/// move the line through them.
const NEAR: f64 = 0.001;

/// Beat 0 falls on a bar line of the clock that is followed: the first at or after second `from`, or the one that has
/// just passed.
pub(crate) fn beginning(outer: OuterTempo, bar: Beat, from: f64) -> TempoMap {
    let bar = bar.to_f64();
    // A tenth of a beat: who comes so little late still comes in.
    let line = ((outer.beat_at(from) - 0.1) / bar).ceil() * bar;
    TempoMap::new(outer.seconds_at(line).max(from), tempo(outer.bpm))
}

/// Beat `beat` falls on that beat of the clock itself, not on one a bar apart.
pub(crate) fn at_position(outer: OuterTempo, beat: Beat) -> TempoMap {
    TempoMap::new(outer.seconds_at(beat.to_f64()) - beat.to_f64() * 60.0 / outer.bpm, tempo(outer.bpm))
}

/// Leads the tempo of `ground` to the clock, from what is certain on; `laid` is where the way that was laid last comes
/// to its end. Says where the new one does, or nothing where it is near enough.
pub(crate) fn steered(ground: &mut Ground, outer: OuterTempo, laid: Beat) -> Option<Beat> {
    let (at, origin) = (ground.committed, ground.measure.origin);
    let bar = ground.measure.bar().to_f64();
    let ahead = |beat: Beat| outer.ahead_of((beat - origin).to_f64(), ground.map.seconds_at(beat), bar);
    let near = |beat: Beat| ahead(beat).abs() * 60.0 / outer.bpm < NEAR;
    let end = laid.max(at);
    if near(end) && near(end + Beat::ONE) {
        return None;
    }
    // In `length` beats at v the clock goes on by length · bpm / v; that it is `ahead` no more then,
    // length = ahead + length · bpm / v, gives v = bpm / (1 - ahead / length).
    let ahead = ahead(at);
    let shortest = if ahead > 0.0 { ahead / (1.0 - 1.0 / FASTER) } else { -ahead / (1.0 / SLOWER - 1.0) };
    let length = Beat::new((shortest.max(1.0) * COMMIT_GRID as f64).ceil() as i64, COMMIT_GRID);
    let way = tempo(outer.bpm / (1.0 - ahead / length.to_f64()));
    ground.map.change(at, way, Beat::ZERO);
    ground.map.change(at + length, tempo(outer.bpm), Beat::ZERO);
    Some(at + length)
}

/// The nearest tempo that can be played.
fn tempo(bpm: f64) -> Tempo {
    let (slowest, fastest) = (*Tempo::RANGE.start(), *Tempo::RANGE.end());
    Tempo::new(bpm.clamp(slowest, fastest)).unwrap_or(Tempo::DEFAULT)
}
