//! A tempo that moves, written down for the sequencer.

use lilt_score::{Beat, Meter, Query, QueryError, Span};
use lilt_sequencer::{STEPS_A_BEAT, Tempo, TempoCurve};

use crate::lift::Numbers;

/// Beats that are written down: beyond them the tempo goes on as it came round before.
pub(crate) const BEATS: i64 = 2_048;

/// Beats that are asked for at once.
const BLOCK: i64 = 64;

/// The curve of a tempo, kept within what a tempo may be, and the first number that was outside.
///
/// # Errors
/// When its pattern fails.
pub(crate) fn curve(
    numbers: &Numbers,
    meter: Meter,
) -> Result<(Option<TempoCurve>, Option<f64>), QueryError> {
    let step = Beat::new(1, STEPS_A_BEAT);
    let mut tempos = Vec::with_capacity((BEATS * STEPS_A_BEAT) as usize);
    let (mut last, mut outside) = (Tempo::DEFAULT, None);
    for block in 0..BEATS / BLOCK {
        let start = Beat::whole(block * BLOCK);
        let query = Query::new(Span::new(start, start + Beat::whole(BLOCK)), meter.bar());
        let events = numbers.pattern.query(query)?;
        let flows = events.iter().any(|event| event.whole.is_none());
        for cell in query.span.cycles(step) {
            let bpm = if flows {
                numbers.pattern.query(query.over(cell))?.first().map(|event| event.value)
            } else {
                events.iter().rev().find(|event| event.part.contains(cell.start)).map(|event| event.value)
            };
            if let Some(bpm) = bpm.filter(|bpm| bpm.is_finite()) {
                let near = bpm.clamp(*Tempo::RANGE.start(), *Tempo::RANGE.end());
                if near != bpm && outside.is_none() {
                    outside = Some(bpm);
                }
                last = Tempo::new(near).unwrap_or(last);
            }
            tempos.push(last);
        }
    }
    Ok((TempoCurve::new(&tempos), outside))
}
