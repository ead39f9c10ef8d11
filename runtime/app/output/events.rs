//! The event list: one JSON object a line, sorted by time, that reads like music.

use std::collections::BTreeMap;

use lilt_score::{Beat, Tone};
use lilt_sequencer::{Action, Output, SlotId, Timed};
use serde::Serialize;

/// One line of the list.
#[derive(Serialize)]
struct Line<'a> {
    slot: &'a str,
    start: Beat,
    duration: Beat,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pitch: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sound: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    velocity: Option<Number>,
    /// What else the event says, by control.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    controls: BTreeMap<String, Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<Vec<[f64; 3]>>,
}

/// A number without a fraction where it has none: `62`, not `62.0`.
#[derive(Serialize)]
#[serde(untagged)]
enum Number {
    Whole(i64),
    Fraction(f64),
}

/// The notes and strokes among `timed`, which is in time order, as lines of JSON.
/// Seconds are rounded to 0.1 ms, velocities and points to a thousandth.
pub fn lines<'a>(
    timed: impl IntoIterator<Item = &'a Timed>,
    name: impl Fn(SlotId) -> Option<&'a str>,
) -> String {
    let mut text = String::new();
    for event in timed {
        let slot = name(event.slot).unwrap_or("?");
        let seconds = rounded(event.seconds, 4);
        let empty = Line {
            slot,
            start: event.beat,
            duration: Beat::ZERO,
            seconds,
            pitch: None,
            sound: None,
            velocity: None,
            controls: BTreeMap::new(),
            points: None,
        };
        let line = match &event.action {
            Action::NoteOn { strike, duration, output, .. } => {
                let velocity = Some(number(strike.velocity.value(), 3));
                let recorded = match &**output {
                    Output::Sample { name, pitched } => Some((&**name, *pitched)),
                    Output::Timbre(place) => Some((&**place.name(), true)),
                    _ => None,
                };
                let (pitch, sound) = match (strike.tone, recorded) {
                    (Tone::Pitch(pitch), Some((name, true))) => (Some(number(pitch.midi(), 4)), Some(name)),
                    (_, Some((name, _))) => (None, Some(name)),
                    (Tone::Pitch(pitch), None) => (Some(number(pitch.midi(), 4)), None),
                    (Tone::Drum(drum), None) => (None, Some(drum.name())),
                };
                let controls = strike.numbers.iter();
                let controls =
                    controls.map(|(control, value)| (control.to_string(), number(*value, 4))).collect();
                Line { duration: *duration, velocity, pitch, sound, controls, ..empty }
            }
            Action::Stroke { stroke, duration, .. } => {
                let point = |p: &lilt_score::Point| [p.x, p.y, p.width].map(|v| rounded(f64::from(v), 3));
                Line { duration: *duration, points: Some(stroke.points.iter().map(point).collect()), ..empty }
            }
            _ => continue,
        };
        // A line holds only strings and finite numbers, which always have a JSON form.
        text.push_str(&serde_json::to_string(&line).expect("plain values serialise"));
        text.push('\n');
    }
    text
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}

fn number(value: f64, digits: i32) -> Number {
    let value = rounded(value, digits);
    if value.fract() == 0.0 { Number::Whole(value as i64) } else { Number::Fraction(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use lilt_score::{Control, Drum, Pitch, Velocity};
    use lilt_sequencer::{NoteId, Strike};

    #[test]
    fn a_note_and_a_drum() {
        let struck = |tone| Strike::new(tone, Velocity::new(0.7));
        let note = |strike, beat, seconds| Timed {
            seconds,
            beat,
            slot: SlotId(0),
            action: Action::NoteOn {
                id: NoteId(1),
                strike: Arc::new(strike),
                duration: Beat::new(1, 4),
                output: Arc::new(lilt_sequencer::Output::Synth(lilt_sequencer::Instrument::Keys)),
            },
        };
        let timed = [
            note(struck(Tone::Pitch(Pitch::from_key(62))), Beat::new(3, 2), 0.803_571),
            note(
                Strike { numbers: [(Control::GAIN, 0.5)].into(), ..struck(Tone::Drum(Drum::Bass)) },
                Beat::whole(2),
                1.0,
            ),
        ];
        assert_eq!(
            lines(&timed, |_| Some("lead")),
            "{\"slot\":\"lead\",\"start\":\"3/2\",\"duration\":\"1/4\",\"seconds\":0.8036,\"pitch\":62,\"velocity\":0.7}\n\
             {\"slot\":\"lead\",\"start\":\"2\",\"duration\":\"1/4\",\"seconds\":1.0,\"sound\":\"bd\",\"velocity\":0.7,\"controls\":{\"gain\":0.5}}\n"
        );
    }
}
