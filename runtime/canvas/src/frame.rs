//! What the canvas shows at one moment: plain data, one JSON object a line.

use lilt_score::{Beat, Tone};
use serde::{Deserialize, Serialize};

use crate::code::CodeView;
use crate::layer::{self, LayerView};
use crate::particles::{self, RunView};
use crate::sound::SoundView;

/// What the canvas shows at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Frame {
    /// Name of the script.
    pub title: String,
    /// The playhead, in beats since the performance began.
    pub beat: f64,
    /// Length of a bar in beats; bars begin at its multiples.
    pub beats_per_bar: f64,
    /// Tempo, in beats a minute.
    pub bpm: f64,
    /// Number of the generation that plays.
    pub generation: u64,
    /// Beats shown before the playhead.
    pub before: f64,
    /// Beats shown after the playhead.
    pub after: f64,
    /// What is shown.
    pub show: Show,
    /// The ground of the drawings, `0xRRGGBB`, where the script says one.
    pub background: Option<u32>,
    /// The slots in the order of the script.
    pub slots: Vec<SlotView>,
    /// The drawings, back to front.
    pub layers: Vec<LayerView>,
    /// The script, where it is shown.
    pub code: Option<CodeView>,
    /// What is heard, where that is shown.
    pub sound: Option<SoundView>,
    /// The tilts that ran last, the newest last, where they are shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunView>,
    /// True while the script listens to the letters of the keyboard.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub plays_keys: bool,
    /// The last diagnostic, while the script is wrong.
    pub diagnostic: Option<String>,
}

/// What is shown of a [`Frame`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Show {
    /// A lane of notes a slot, and the drawings beside them.
    #[default]
    Plan,
    /// The drawings alone.
    Stage,
    /// The script over the drawings.
    Code,
    /// The wave of what is heard, under the drawings.
    Scope,
    /// Its spectrum, under the drawings.
    Spectrum,
    /// The particles of the tilts that run, under the drawings.
    Tilt,
}

/// One slot of a [`Frame`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SlotView {
    /// Its name in the script.
    pub name: String,
    /// Where it stands on the ladder.
    pub rung: Rung,
    /// Name of the model behind it.
    pub model: Option<String>,
    /// Effective sample size of a tilted take, as a share of its particles, `0..=1`.
    pub ess: Option<f64>,
    /// True while it is held silent.
    pub silent: bool,
    /// True for a slot that draws: it has a name on the stage, and a lane only if it has notes.
    pub drawing: bool,
    /// Index of its colour; see [`crate::Colour::slot`].
    pub colour: usize,
    /// The notes within the time window.
    pub notes: Vec<NoteView>,
}

/// The ladder a slot falls down when a model is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rung {
    /// The take that the script asks for.
    #[default]
    Fresh,
    /// A first draft of that take.
    Draft,
    /// An older take of the same slot.
    Stale,
    /// The last bar again and again.
    Loop,
    /// Nothing.
    Rest,
}

impl Rung {
    /// As it is written on the canvas.
    pub fn name(self) -> &'static str {
        match self {
            Rung::Fresh => "fresh",
            Rung::Draft => "draft",
            Rung::Stale => "stale",
            Rung::Loop => "loop",
            Rung::Rest => "rest",
        }
    }
}

/// One note of a [`SlotView`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoteView {
    /// When it starts, in beats since the performance began.
    pub start: f64,
    /// How long it lasts, in beats.
    pub duration: f64,
    /// What it sounds.
    pub tone: ToneView,
    /// How hard it is struck, `0..=1`.
    pub velocity: f64,
    /// Where it lies in the plan.
    pub zone: Zone,
    /// How much it surprised a model, in nats, where the script asked for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surprise: Option<f64>,
}

impl NoteView {
    /// A note as the sequencer knows it; `start` counts from the beginning of the
    /// performance.
    pub fn new(start: Beat, duration: Beat, tone: Tone, velocity: f64, zone: Zone) -> NoteView {
        let tone = match tone {
            Tone::Pitch(pitch) => ToneView::Pitch(pitch.midi()),
            Tone::Drum(drum) => ToneView::Drum(drum.name().to_owned()),
        };
        NoteView { start: start.to_f64(), duration: duration.to_f64(), tone, velocity, zone, surprise: None }
    }
}

/// What a [`NoteView`] sounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ToneView {
    /// A MIDI pitch, fractions allowed.
    Pitch(f64),
    /// A drum, by its short name.
    Drum(String),
}

/// The three zones of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Zone {
    /// Sounded already, or sounding.
    Played,
    /// Will sound, whatever is typed.
    Committed,
    /// May still change.
    Tentative,
}

impl Default for Frame {
    fn default() -> Frame {
        Frame {
            title: String::new(),
            beat: 0.0,
            beats_per_bar: 4.0,
            bpm: 120.0,
            generation: 0,
            before: 4.0,
            after: 8.0,
            show: Show::Plan,
            background: None,
            slots: Vec::new(),
            layers: Vec::new(),
            code: None,
            sound: None,
            runs: Vec::new(),
            plays_keys: false,
            diagnostic: None,
        }
    }
}

/// Most slots a frame carries.
pub const MAX_SLOTS: usize = 32;
/// Most notes a slot carries; those nearest to the front of the list are kept.
pub const MAX_NOTES: usize = 512;
/// Most characters of a name or title.
pub const MAX_NAME: usize = 64;
/// Most characters of a diagnostic.
pub const MAX_DIAGNOSTIC: usize = 400;
/// Longest line that [`Frame::from_line`] reads, in bytes. The bounds above keep a
/// frame below it: 32 slots of 512 notes of at most 200 bytes, 65,536 points and 32 times 256 copies of at most
/// 80 and 300 bytes, the script and some names are 11 MB.
pub const MAX_LINE: usize = 16 << 20;

/// Most nats that a note carries: what a model holds impossible has infinitely many.
const MOST_NATS: f64 = 99.0;

/// Beats that a frame can reach: a year at 999 beats a minute.
const FURTHEST_BEAT: f64 = 5.3e8;

/// Why a line is no frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Longer than [`MAX_LINE`].
    #[error("a frame of {0} bytes is longer than the {MAX_LINE} that the canvas reads")]
    TooLong(usize),
    /// Not the JSON of a frame.
    #[error("this line is no frame: {0}")]
    Malformed(#[from] serde_json::Error),
}

impl Frame {
    /// The frame as one line of JSON without the line's end, [`Frame::bounded`] first.
    pub fn to_line(&self) -> String {
        serde_json::to_string(&self.clone().bounded())
            .expect("a frame is lists of numbers and texts, which JSON can always write")
    }

    /// Reads one line of JSON, and bounds what it says.
    ///
    /// # Errors
    /// [`FrameError`] says whether it was too long or malformed.
    pub fn from_line(line: &str) -> Result<Frame, FrameError> {
        if line.len() > MAX_LINE {
            return Err(FrameError::TooLong(line.len()));
        }
        Ok(serde_json::from_str::<Frame>(line)?.bounded())
    }

    /// The frame with every number finite and in its range, every list and text cut
    /// to its bound. What cannot be shown (a note at no time) is left out.
    pub fn bounded(mut self) -> Frame {
        self.title = clipped(self.title, MAX_NAME);
        self.beat = within(self.beat, -FURTHEST_BEAT, FURTHEST_BEAT, 0.0);
        self.beats_per_bar = within(self.beats_per_bar, 0.25, 64.0, 4.0);
        self.bpm = within(self.bpm, 0.0, 9999.0, 0.0);
        self.before = within(self.before, 0.0, 64.0, 4.0);
        self.after = within(self.after, 0.5, 64.0, 8.0);
        self.diagnostic = self.diagnostic.map(|text| clipped(text, MAX_DIAGNOSTIC));
        self.slots.truncate(MAX_SLOTS);
        self.slots = self.slots.into_iter().map(SlotView::bounded).collect();
        self.background = self.background.map(|rgb| rgb & 0xff_ffff);
        self.layers = layer::bounded(self.layers);
        self.code = self.code.map(CodeView::bounded);
        self.sound = self.sound.map(SoundView::bounded);
        self.runs = particles::bounded(self.runs);
        self
    }

    /// Number of the bar under the playhead, from 1.
    pub fn bar(&self) -> i64 {
        (self.beat / self.beats_per_bar).floor() as i64 + 1
    }

    /// Beats since that bar began.
    pub fn beat_in_bar(&self) -> f64 {
        self.beat.rem_euclid(self.beats_per_bar)
    }
}

impl SlotView {
    fn bounded(mut self) -> SlotView {
        self.name = clipped(self.name, MAX_NAME);
        self.model = self.model.map(|name| clipped(name, MAX_NAME));
        self.ess = self.ess.filter(|ess| ess.is_finite()).map(|ess| ess.clamp(0.0, 1.0));
        self.notes.retain(|note| {
            note.start.is_finite()
                && note.start.abs() <= FURTHEST_BEAT
                && match note.tone {
                    ToneView::Pitch(pitch) => pitch.is_finite(),
                    ToneView::Drum(_) => true,
                }
        });
        self.notes.truncate(MAX_NOTES);
        for note in &mut self.notes {
            note.duration = within(note.duration, 0.0, 1024.0, 0.0);
            note.velocity = within(note.velocity, 0.0, 1.0, 0.8);
            note.surprise = note.surprise.map(|nats| within(nats, 0.0, MOST_NATS, 0.0));
            match &mut note.tone {
                ToneView::Pitch(pitch) => *pitch = pitch.clamp(0.0, 127.0),
                ToneView::Drum(name) => *name = clipped(std::mem::take(name), 8),
            }
        }
        self
    }
}

/// `value` between the bounds, or `otherwise` if it is no number.
pub(crate) fn within(value: f64, low: f64, high: f64, otherwise: f64) -> f64 {
    if value.is_nan() { otherwise } else { value.clamp(low, high) }
}

/// The text's first characters, in one line.
pub(crate) fn clipped(text: String, characters: usize) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(characters).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::{CopyView, StrokeView};
    use lilt_score::Drum;

    #[test]
    fn a_line_comes_back_as_the_same_frame() {
        let frame = Frame {
            title: "set.lua".to_owned(),
            beat: 17.5,
            slots: vec![SlotView {
                name: "lead".to_owned(),
                rung: Rung::Loop,
                ess: Some(0.5),
                notes: vec![NoteView::new(
                    Beat::whole(17),
                    Beat::whole(1),
                    Tone::Drum(Drum::Snare),
                    0.7,
                    Zone::Played,
                )],
                ..SlotView::default()
            }],
            layers: vec![LayerView {
                strokes: vec![StrokeView { points: vec![[0.25, 0.5, 0.01]], opacity: 0.5, wet: true }],
                copies: vec![CopyView::default()],
                ..LayerView::default()
            }],
            ..Frame::default()
        };
        let line = frame.to_line();
        assert!(line.contains(r#""tone":{"drum":"sd"},"velocity":0.7,"zone":"played""#), "{line}");
        assert_eq!(Frame::from_line(&line).expect("it was written above"), frame);
    }

    #[test]
    fn numbers_that_are_none_are_replaced_and_lists_are_cut() {
        let note = NoteView {
            start: 1.0,
            duration: f64::INFINITY,
            tone: ToneView::Pitch(-1e9),
            velocity: f64::NAN,
            zone: Zone::Tentative,
            surprise: Some(f64::INFINITY),
        };
        let nowhere = NoteView { start: f64::NAN, ..note.clone() };
        let mut notes = vec![nowhere];
        notes.extend(std::iter::repeat_n(note, 2 * MAX_NOTES));
        let slot = SlotView { name: "ab\ncd".repeat(40), ess: Some(f64::NAN), notes, ..SlotView::default() };
        let frame = Frame {
            beat: f64::NAN,
            bpm: f64::INFINITY,
            beats_per_bar: 0.0,
            slots: vec![slot; 2 * MAX_SLOTS],
            ..Frame::default()
        }
        .bounded();
        assert_eq!((frame.beat, frame.bpm, frame.beats_per_bar), (0.0, 9999.0, 0.25));
        assert_eq!(frame.slots.len(), MAX_SLOTS);
        let slot = &frame.slots[0];
        assert_eq!((slot.name.len(), slot.ess), (MAX_NAME, None));
        assert!(slot.name.starts_with("ab cd"));
        assert_eq!(slot.notes.len(), MAX_NOTES);
        let note = &slot.notes[0];
        assert_eq!((note.duration, note.velocity, note.surprise), (1024.0, 0.8, Some(MOST_NATS)));
        assert_eq!(note.tone, ToneView::Pitch(0.0));
    }

    #[test]
    fn a_wrong_line_says_what_is_wrong() {
        for (line, want) in [
            ("", "this line is no frame: EOF while parsing a value at line 1 column 0"),
            (
                r#"{"slots":[{"rung":"fast"}]}"#,
                "this line is no frame: unknown variant `fast`, expected one of `fresh`, `draft`, \
                 `stale`, `loop`, `rest` at line 1 column 24",
            ),
        ] {
            let error = Frame::from_line(line).expect_err(line);
            assert_eq!(error.to_string(), want);
        }
        let long = " ".repeat(MAX_LINE + 1);
        let want = "a frame of 16777217 bytes is longer than the 16777216 that the canvas reads";
        assert_eq!(Frame::from_line(&long).expect_err("too long").to_string(), want);
    }

    #[test]
    fn bars_are_counted_from_one() {
        for (beat, bar, within) in [(0.0, 1, 0.0), (3.5, 1, 3.5), (4.0, 2, 0.0), (-1.0, 0, 3.0)] {
            let frame = Frame { beat, ..Frame::default() };
            assert_eq!((frame.bar(), frame.beat_in_bar()), (bar, within), "{beat}");
        }
    }
}
