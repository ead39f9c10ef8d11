//! The journal: what came in from outside while a set was played, a line of JSON each, so that it can be rendered
//! again with it.

use std::path::Path;

use lilt_score::{Dial, Gesture, Input, Velocity};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Longest journal that is read, in bytes: some hours of a busy set.
const LONGEST: u64 = 256 << 20;

/// An input as it is written.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// Beats since the music began, rounded to a hundred-thousandth.
    beat: f64,
    source: String,
    #[serde(flatten)]
    said: Said,
}

/// What was done.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Said {
    Press { key: u8, velocity: f64, channel: u8 },
    Release { key: u8, channel: u8 },
    All { up: bool },
    Cc { number: u8, value: f64 },
    Bend { value: f64 },
    Pressure { value: f64 },
    Program { value: f64 },
    Osc { address: String, argument: u8, value: f64 },
}

/// An input with where the music was.
#[derive(Debug, Clone, PartialEq)]
pub struct Journalled {
    /// Beats since the music began.
    pub beat: f64,
    /// What came in. Its seconds are those of that performance.
    pub input: Input,
}

/// The line of an input.
pub fn line(Journalled { beat, input }: &Journalled) -> String {
    let said = match &input.gesture {
        Gesture::Press { key, velocity, channel } => {
            Said::Press { key: *key, velocity: velocity.value(), channel: *channel }
        }
        Gesture::Release { key, channel } => Said::Release { key: *key, channel: *channel },
        // The beats of what came in say where the clock was.
        Gesture::Clock(_) => return String::new(),
        Gesture::ReleaseAll => Said::All { up: true },
        Gesture::Turn { dial, value } => match (dial, *value) {
            (Dial::Controller(number), value) => Said::Cc { number: *number, value },
            (Dial::Bend, value) => Said::Bend { value },
            (Dial::Pressure, value) => Said::Pressure { value },
            (Dial::Program, value) => Said::Program { value },
            (Dial::Address(address, argument), value) => {
                Said::Osc { address: address.to_string(), argument: *argument, value }
            }
        },
    };
    let beat = (beat * 1e5).round() / 1e5;
    let line = Line { beat, source: input.source.to_string(), said };
    // Numbers and texts always make JSON; what is not finite makes null.
    serde_json::to_string(&line).map_or_else(|_| String::new(), |line| line + "\n")
}

/// The inputs of a journal, in the order of time.
///
/// # Errors
/// When the file cannot be read, or a line of it is none of a journal.
pub fn read(path: &Path) -> Result<Vec<Journalled>, Failure> {
    let wrong = |told: String| Failure::Use(format!("{}: {told}", path.display()));
    let size = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
    if size > LONGEST {
        return Err(wrong(format!("a journal of {size} bytes: {LONGEST} at most")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let mut inputs = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let told = |why: String| {
            wrong(format!("line {} is none of a journal of `lilt live --journal`: {why}", number + 1))
        };
        let line: Line = serde_json::from_str(line).map_err(|error| told(error.to_string()))?;
        inputs.push(input(line).ok_or_else(|| told("a number is out of range".to_string()))?);
    }
    inputs.sort_by(|one: &Journalled, other| one.beat.total_cmp(&other.beat));
    Ok(inputs)
}

/// The input of a line, if its numbers are what they may be.
fn input(Line { beat, source, said }: Line) -> Option<Journalled> {
    let key = |key: u8, channel: u8| (key < 128 && channel < 16).then_some((key, channel));
    let turn = |dial, value: f64| value.is_finite().then_some(Gesture::Turn { dial, value });
    let gesture = match said {
        Said::Press { key: pressed, velocity, channel } => {
            let (key, channel) = key(pressed, channel)?;
            Gesture::Press { key, velocity: Velocity::new(velocity), channel }
        }
        Said::Release { key: released, channel } => {
            let (key, channel) = key(released, channel)?;
            Gesture::Release { key, channel }
        }
        Said::All { .. } => Gesture::ReleaseAll,
        Said::Cc { number, value } => turn(Dial::Controller(number), value)?,
        Said::Bend { value } => turn(Dial::Bend, value)?,
        Said::Pressure { value } => turn(Dial::Pressure, value)?,
        Said::Program { value } => turn(Dial::Program, value)?,
        Said::Osc { address, argument, value } => turn(Dial::Address(address.into(), argument), value)?,
    };
    let input = Input { seconds: 0.0, source: source.into(), gesture };
    (0.0..=1e9).contains(&beat).then_some(Journalled { beat, input })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let turn = |dial, value| Gesture::Turn { dial, value };
        let gestures = [
            Gesture::Press { key: 60, velocity: Velocity::new(0.5), channel: 3 },
            turn(Dial::Controller(74), 0.25),
            turn(Dial::Bend, -1.0),
            turn(Dial::Pressure, 1.0),
            turn(Dial::Program, 12.0),
            turn(Dial::Address("/fader/1".into(), 2), 440.5),
            Gesture::Release { key: 60, channel: 3 },
            Gesture::ReleaseAll,
        ];
        let input = |gesture| Input { seconds: 0.0, source: "Keys".into(), gesture };
        let inputs: Vec<Journalled> = (0..)
            .zip(gestures)
            .map(|(i, gesture)| Journalled { beat: f64::from(i) * 0.5, input: input(gesture) })
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set.journal");
        std::fs::write(&path, inputs.iter().map(line).collect::<String>()).unwrap();
        assert_eq!(read(&path).unwrap(), inputs);
        assert_eq!(
            line(&inputs[0]),
            "{\"beat\":0.0,\"source\":\"Keys\",\"press\":{\"key\":60,\"velocity\":0.5,\"channel\":3}}\n"
        );
    }

    #[test]
    fn what_is_no_journal_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set.journal");
        for text in [
            "{\"beat\":0,\"source\":\"Keys\",\"press\":{\"key\":200,\"velocity\":0.5,\"channel\":3}}",
            "{\"beat\":-1,\"source\":\"Keys\",\"bend\":{\"value\":0}}",
            "play(\"lead\", \"c4\")",
        ] {
            std::fs::write(&path, format!("\n{text}\n")).unwrap();
            let told = match read(&path) {
                Err(Failure::Use(told)) => told,
                _ => panic!("{text} is read"),
            };
            assert!(told.contains("line 2 is none of a journal"), "{told}");
        }
    }
}
