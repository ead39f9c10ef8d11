//! Patterns of numbers turned into control values: sampled, bounded, in order.

use lilt_score::{Beat, Control, Pattern, Query, QueryError, Span};

use crate::plan::{Item, ItemKind, Limit};
use crate::{Output, Strip};

/// How long a control takes to reach a new value, in seconds: short enough to feel
/// immediate, long enough that a step of the gain does not click.
pub const GLIDE: f64 = 0.02;

/// Distance in beats at which a flowing control is sampled: 31 ms at 120 bpm.
fn grid() -> Beat {
    Beat::new(1, 16)
}

/// A change this small, relative to the value, is not sent.
const HAIR: f64 = 1e-4;

/// True when a control that stands at `last` need not be told `value`.
pub(crate) fn is_same(last: Option<f64>, value: f64) -> bool {
    last.is_some_and(|last| (last - value).abs() <= HAIR * last.abs().max(value.abs()).max(1.0))
}

/// What the controls of a slot do over a span.
#[derive(Debug, Default)]
pub(crate) struct ControlPlan {
    /// Values, sorted by beat.
    pub(crate) items: Vec<Item>,
    /// Limits that they met.
    pub(crate) limits: Vec<Limit>,
    /// True when a part of it was late.
    pub(crate) late: bool,
}

/// Controls that every slot is told of; the others only where they are said, or were.
pub(crate) const TOLD: [Control; 6] =
    [Control::GAIN, Control::PAN, Control::LOWPASS, Control::HIGHPASS, Control::REVERB, Control::DELAY];

/// Whose values are planned.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose<'a> {
    /// A slot's sound, which goes there.
    Sound(&'a Output),
    /// A drawing's looks.
    Drawing,
}

impl Whose<'_> {
    /// The controls that are planned, with where each stands when nothing is said of it.
    fn controls(self, strip: &Strip) -> Vec<(Control, f64)> {
        match self {
            Whose::Sound(output) => {
                let all = Control::of_slots().chain(strip.own());
                all.map(|control| (control, output.unsaid(control))).collect()
            }
            Whose::Drawing => Control::looks().map(|look| (look, look.neutral())).collect(),
        }
    }
}

/// The values of all controls of a slot over the span of `query`.
///
/// A control whose take is late, or whose function has used up its time, keeps the last value it gave.
///
/// # Errors
/// When a control's pattern failed.
pub(crate) fn plan(strip: &Strip, whose: Whose, query: Query) -> Result<ControlPlan, QueryError> {
    let mut told = ControlPlan::default();
    for (control, unsaid) in whose.controls(strip) {
        let mut points = Vec::new();
        match strip.pattern(control) {
            None => points.push((query.span.start, unsaid)),
            Some(pattern) => match sample(pattern, query, &mut points) {
                Ok(()) => {}
                Err(QueryError::Late) => told.late = true,
                Err(failed) => return Err(failed),
            },
        }
        points.sort_by_key(|(beat, _)| *beat);
        let (low, high) = control.range().into_inner();
        for (beat, value) in points {
            if !value.is_finite() {
                told.limits.push(Limit::NotANumber { control });
                continue;
            }
            if !(low..=high).contains(&value) {
                told.limits.push(Limit::Range { control, value });
            }
            let kind = ItemKind::Control { control, value: value.clamp(low, high) };
            told.items.push(Item { beat, kind });
        }
    }
    told.items.sort_by_key(|item| item.beat);
    Ok(told)
}

/// What of a bar's control values holds in `span` of the performance, where the bar's beat 0 falls on
/// `origin`: those that stand at its beginning, and those that come after.
pub(crate) fn within(items: &[Item], span: Span, origin: Beat) -> Vec<Item> {
    let mut standing: Vec<(Control, Item)> = Vec::new();
    let mut coming = Vec::new();
    for item in items {
        let ItemKind::Control { control, .. } = item.kind else { continue };
        let item = item.shift(origin);
        if item.beat <= span.start {
            let item = Item { beat: span.start, ..item };
            match standing.iter_mut().find(|(known, _)| *known == control) {
                Some((_, known)) => *known = item,
                None => standing.push((control, item)),
            }
        } else if item.beat < span.end {
            coming.push(item);
        }
    }
    standing.into_iter().map(|(_, item)| item).chain(coming).collect()
}

/// Values where they begin; a flowing value is asked for once in each cell of the grid. What is
/// known goes to `points`, also when the rest is late.
fn sample(pattern: &Pattern<f64>, query: Query, points: &mut Vec<(Beat, f64)>) -> Result<(), QueryError> {
    if let Some(value) = pattern.steady_value() {
        points.push((query.span.start, *value));
        return Ok(());
    }
    let events = match pattern.query(query) {
        Ok(events) => events,
        // What was answered before it came to be late is worth having.
        Err(QueryError::Late) => {
            for cell in query.span.cycles(grid()) {
                let values = pattern.query(query.over(cell))?;
                points.extend(values.first().map(|value| (cell.start, value.value)));
            }
            return Ok(());
        }
        Err(failed) => return Err(failed),
    };
    for event in &events {
        if event.whole.is_some() {
            points.push((event.part.start, event.value));
            continue;
        }
        for cell in event.part.cycles(grid()) {
            let values = pattern.query(query.over(cell))?;
            let flowing = values.iter().find(|value| value.whole.is_none());
            points.extend(flowing.map(|value| (cell.start, value.value)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use lilt_score::Event;

    use crate::Instrument;

    use super::*;

    fn told(strip: &Strip) -> (Vec<(String, f64)>, Vec<Limit>) {
        let bar = Beat::whole(4);
        let ControlPlan { items, limits, .. } = plan(
            strip,
            Whose::Sound(&Output::Synth(Instrument::Keys)),
            Query::new(Span::new(Beat::ZERO, Beat::ONE), bar),
        )
        .expect("answers");
        let mut last = None;
        let mut rows = Vec::new();
        for item in items {
            if let ItemKind::Control { control: Control::GAIN, value } = item.kind
                && !is_same(last, value)
            {
                last = Some(value);
                rows.push((item.beat.to_string(), value));
            }
        }
        (rows, limits)
    }

    fn flow(value: impl Fn(f64) -> f64 + 'static) -> Strip {
        let gain =
            Pattern::new(move |query| vec![Event::flowing(query.span, value(query.span.start.to_f64()))]);
        Strip::new().with(Control::GAIN, gain)
    }

    #[test]
    fn a_steady_control_is_told_once() {
        assert_eq!(told(&Strip::new()), (vec![("0".into(), 1.0)], vec![]));
    }

    #[test]
    fn a_flowing_control_is_sampled_on_the_grid() {
        let (rows, limits) = told(&flow(|beat| beat));
        assert_eq!(rows.len(), 16);
        assert_eq!(rows[5], ("5/16".into(), 0.3125));
        assert_eq!(limits, []);
    }

    #[test]
    fn bad_values_are_skipped_or_held_in_range() {
        let (rows, limits) = told(&flow(|beat| if beat < 0.5 { f64::NAN } else { 7.0 }));
        assert_eq!(rows, [("1/2".to_string(), 2.0)]);
        assert_eq!(limits[0], Limit::NotANumber { control: Control::GAIN });
        assert_eq!(limits.last(), Some(&Limit::Range { control: Control::GAIN, value: 7.0 }));
    }

    #[test]
    fn a_late_control_says_nothing() {
        let gain = Pattern::try_new(|_| Err(QueryError::Late));
        assert_eq!(told(&Strip::new().with(Control::GAIN, gain)), (vec![], vec![]));
    }
}
