//! What must be taken back of what was sent, and what must be sent instead.

use std::collections::BTreeMap;

use crate::{SlotId, Timed};

/// Everything of a slot from a moment on is taken back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retraction {
    /// Whose.
    pub slot: SlotId,
    /// From when on, in seconds since the performance began: events at that moment are taken back too.
    pub from: f64,
}

/// Two events of a slot nearer than this, in seconds, may fall on one frame of the synthesiser (at
/// 44.1 kHz a frame is 22.7 µs): they are taken back together or not at all.
pub(crate) const ONE_FRAME: f64 = 5e-5;

/// What leads from `sent` to `meant`, both in time order: what to take back, and what to send.
/// Slots of which nothing differs are left alone.
pub(crate) fn difference(sent: &[Timed], meant: &[Timed]) -> (Vec<Retraction>, Vec<Timed>) {
    let mut slots: BTreeMap<SlotId, [Vec<&Timed>; 2]> = BTreeMap::new();
    for (side, events) in [sent, meant].into_iter().enumerate() {
        for event in events {
            slots.entry(event.slot).or_default()[side].push(event);
        }
    }
    let mut retractions = Vec::new();
    let mut kept: BTreeMap<SlotId, usize> = BTreeMap::new();
    for (slot, [sent, meant]) in &slots {
        let mut same = sent.iter().zip(meant).take_while(|(sent, meant)| sent == meant).count();
        if same < sent.len() {
            let differing = [sent.get(same), meant.get(same)].into_iter().flatten();
            let mut from = differing.map(|event| event.seconds).fold(f64::INFINITY, f64::min);
            while let Some(before) = same.checked_sub(1).map(|i| sent[i].seconds)
                && before > from - ONE_FRAME
            {
                same -= 1;
                from = from.min(before);
            }
            retractions.push(Retraction { slot: *slot, from });
        }
        kept.insert(*slot, same);
    }
    let anew = meant.iter().filter(|event| match kept.get_mut(&event.slot) {
        Some(0) | None => true,
        Some(left) => {
            *left -= 1;
            false
        }
    });
    (retractions, anew.cloned().collect())
}

#[cfg(test)]
mod tests {
    use lilt_score::Beat;

    use super::*;
    use lilt_score::Control;

    use std::sync::Arc;

    use crate::{Action, Instrument, Output};

    fn gain(slot: u16, seconds: f64, value: f64) -> Timed {
        let output = Arc::new(Output::Synth(Instrument::Keys));
        let action = Action::Control { control: Control::GAIN, value, glide: 0.0, output };
        Timed { seconds, beat: Beat::ZERO, slot: SlotId(slot), action }
    }

    #[test]
    fn only_what_differs_is_taken_back() {
        let sent = [gain(0, 1.0, 0.1), gain(1, 1.0, 0.1), gain(0, 2.0, 0.2), gain(1, 2.0, 0.2)];
        let meant =
            [gain(0, 1.0, 0.1), gain(1, 1.0, 0.1), gain(0, 1.5, 0.3), gain(1, 2.0, 0.2), gain(1, 3.0, 0.4)];
        let (retractions, events) = difference(&sent, &meant);
        assert_eq!(retractions, [Retraction { slot: SlotId(0), from: 1.5 }]);
        assert_eq!(events, [gain(0, 1.5, 0.3), gain(1, 3.0, 0.4)]);
        assert_eq!(difference(&meant, &meant), (vec![], vec![]));
    }

    #[test]
    fn what_may_fall_on_one_frame_is_taken_back_together() {
        let sent = [gain(0, 1.0, 0.1), gain(0, 1.000_02, 0.2)];
        let (retractions, events) = difference(&sent, &[gain(0, 1.0, 0.1)]);
        assert_eq!(retractions, [Retraction { slot: SlotId(0), from: 1.0 }]);
        assert_eq!(events, [gain(0, 1.0, 0.1)]);
    }
}
