//! The key under which a take is remembered, a digest of everything its answer depends on; and the names of
//! models that are made of clips.

use std::fmt;

use lilt_score::{Beat, Clip, Sketch, Tone};
use sha2::{Digest, Sha256};

use crate::{Call, Conditions, Input, Length, Piece, Sampling, Setting, Verb};

/// Names a take: sha256 over the model's identity, the verb, its exact arguments and the seed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TakeKey([u8; 32]);

impl TakeKey {
    /// The key of what `call` answers.
    pub fn of(call: &Call) -> TakeKey {
        let mut canonical = Canonical(Sha256::new());
        canonical.text("lilt take 1");
        canonical.text(&call.model.description().identity);
        canonical.text(call.verb.name());
        match &call.verb {
            Verb::Sample(sampling) => canonical.sampling(sampling),
            Verb::Continue { primer, sampling } => {
                canonical.input(primer);
                canonical.sampling(sampling);
            }
            Verb::Score { piece, conditions } => {
                canonical.input(piece);
                canonical.conditions(conditions);
            }
            Verb::Transform { piece, sampling, .. } => {
                canonical.input(piece);
                canonical.sampling(sampling);
            }
            Verb::Interpolate { from, to, interpolation } => {
                canonical.input(from);
                canonical.input(to);
                canonical.number(interpolation.steps().into());
                canonical.sampling(interpolation.sampling());
            }
        }
        TakeKey(canonical.0.finalize().into())
    }

    /// The 32 bytes of the digest.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The digest in hex.
impl fmt::Display for TakeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for TakeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TakeKey({self})")
    }
}

/// Names a model that was made of `clips`, as `how` tells: sha256 over both, in hex.
pub(crate) fn identity_of(how: &str, clips: &[Clip]) -> String {
    let mut canonical = Canonical(Sha256::new());
    canonical.text(how);
    canonical.number(clips.len() as u64);
    clips.iter().for_each(|clip| canonical.clip(clip));
    hex(&canonical.0.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes values so that different values are different bytes: texts and lists carry their length,
/// alternatives a tag, numbers a fixed width.
struct Canonical(Sha256);

impl Canonical {
    fn tag(&mut self, tag: u8) {
        self.0.update([tag]);
    }

    fn number(&mut self, number: u64) {
        self.0.update(number.to_le_bytes());
    }

    fn float(&mut self, number: f64) {
        self.number(number.to_bits());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    fn beat(&mut self, beat: Beat) {
        self.0.update(beat.numerator().to_le_bytes());
        self.0.update(beat.denominator().to_le_bytes());
    }

    fn sampling(&mut self, sampling: &Sampling) {
        match sampling.length() {
            Length::Bars(bars) => self.number(bars.into()),
            // No music has 0 bars.
            Length::Points(points) => {
                self.number(0);
                self.number(points.into());
            }
        }
        self.float(sampling.temperature());
        self.number(sampling.seed());
        self.conditions(sampling.conditions());
    }

    fn conditions(&mut self, conditions: &Conditions) {
        match conditions.key {
            None => self.tag(0),
            Some(key) => {
                self.tag(1);
                self.tag(key.tonic());
                self.text(key.mode().name());
            }
        }
        self.tag(conditions.meter.count());
        self.tag(conditions.meter.unit());
        self.number(conditions.settings.iter().count() as u64);
        for (name, setting) in conditions.settings.iter() {
            self.text(name);
            match setting {
                Setting::Number(number) => {
                    self.tag(0);
                    self.float(*number);
                }
                Setting::Word(text) | Setting::Text(text) => {
                    self.tag(1);
                    self.text(text);
                }
            }
        }
    }

    fn input(&mut self, input: &Input) {
        match input {
            Input::Piece(Piece::Clip(clip)) => {
                self.tag(0);
                self.clip(clip);
            }
            Input::Take(take) => {
                self.tag(1);
                self.0.update(take.key().0);
            }
            Input::Piece(Piece::Sketch(sketch)) => {
                self.tag(2);
                self.sketch(sketch);
            }
        }
    }

    fn sketch(&mut self, sketch: &Sketch) {
        self.number(sketch.strokes().len() as u64);
        for stroke in sketch.strokes() {
            self.number(stroke.points.len() as u64);
            for point in &stroke.points {
                [point.x, point.y, point.width, point.time]
                    .into_iter()
                    .for_each(|number| self.0.update(number.to_bits().to_le_bytes()));
            }
        }
    }

    fn clip(&mut self, clip: &Clip) {
        self.beat(clip.length());
        self.number(clip.notes().len() as u64);
        for note in clip.notes() {
            self.beat(note.start);
            self.beat(note.duration);
            match note.tone {
                Tone::Pitch(pitch) => {
                    self.tag(0);
                    self.float(pitch.midi());
                }
                Tone::Drum(drum) => {
                    self.tag(1);
                    self.text(drum.name());
                }
            }
            self.float(note.velocity.value());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use lilt_score::{Key, Meter, Note, Pitch, Point, Stroke, Velocity};

    use super::*;
    use crate::{Description, Model, ModelError, Sampled, Settings, Watch};

    struct Named(Description);

    impl Model for Named {
        fn description(&self) -> &Description {
            &self.0
        }

        fn sample(&self, _: &Sampling, _: &Watch) -> Result<Sampled, ModelError> {
            Err(self.unsupported("sample"))
        }
    }

    fn key(identity: &str, verb: Verb) -> TakeKey {
        let identity = identity.to_owned();
        TakeKey::of(&Call {
            model: Arc::new(Named(Description { identity, ..Description::default() })),
            verb,
        })
    }

    fn sampling(bars: u32, temperature: f64, seed: u64, key: Option<&str>, meter: &str) -> Sampling {
        let key = key.map(|key| key.parse::<Key>().expect("a key"));
        let meter = meter.parse::<Meter>().expect("a metre");
        let conditions = Conditions { key, meter, ..Conditions::default() };
        Sampling::new(bars, temperature, seed, conditions).expect("arguments in range")
    }

    fn clip(pitch: u8, length: i64) -> Clip {
        let note = Note {
            start: Beat::ZERO,
            duration: Beat::ONE,
            tone: Tone::Pitch(Pitch::from_key(pitch)),
            velocity: Velocity::DEFAULT,
        };
        Clip::new(vec![note], Beat::whole(length)).expect("a note")
    }

    #[test]
    fn each_argument_makes_another_key() {
        let plain = sampling(4, 1.0, 7, None, "4/4");
        let told = |settings| {
            let conditions = Conditions { settings, ..Conditions::default() };
            Sampling::new(4, 1.0, 7, conditions).expect("arguments in range")
        };
        let samplings = [
            plain.clone(),
            told(Settings::default().with("bpm", Setting::Number(90.0))),
            told(Settings::default().with("bpm", Setting::Number(91.0))),
            told(Settings::default().with("style", Setting::Word("funk".to_owned()))),
            sampling(5, 1.0, 7, None, "4/4"),
            sampling(4, 0.9, 7, None, "4/4"),
            sampling(4, 1.0, 8, None, "4/4"),
            sampling(4, 1.0, 7, Some("C"), "4/4"),
            sampling(4, 1.0, 7, Some("A minor"), "4/4"),
            sampling(4, 1.0, 7, None, "3/4"),
            sampling(4, 1.0, 7, None, "6/8"),
            Sampling::drawing(4, 1.0, 7, Conditions::default()).expect("arguments in range"),
            Sampling::drawing(5, 1.0, 7, Conditions::default()).expect("arguments in range"),
        ];
        let line = |points: &[f32], lifted: bool| {
            let point = |&x: &f32| Point { x, y: 0.5, width: 0.01, time: x };
            let points: Vec<Point> = points.iter().map(point).collect();
            let strokes = points.chunks(if lifted { 1 } else { points.len() });
            Sketch::new(strokes.map(|points| Stroke { points: points.to_vec() }).collect())
        };
        let clips = [clip(60, 1), clip(61, 1), clip(60, 2)].map(Piece::from);
        let sketches =
            [line(&[0.1], false), line(&[0.2], false), line(&[0.1, 0.2], false), line(&[0.1, 0.2], true)];
        let inputs: Vec<Input> =
            clips.into_iter().chain(sketches.map(Piece::from)).map(Input::Piece).collect();
        let mut verbs: Vec<Verb> = samplings.into_iter().map(Verb::Sample).collect();
        for input in &inputs {
            verbs.push(Verb::Continue { primer: input.clone(), sampling: plain.clone() });
            let conditions = plain.conditions().clone();
            verbs.push(Verb::Score { piece: input.clone(), conditions });
            let (piece, sampling) = (input.clone(), plain.clone());
            verbs.push(Verb::Transform { name: "groove", piece, sampling });
        }
        let mut keys = HashSet::new();
        for verb in verbs {
            assert!(keys.insert(key("one", verb.clone())), "{verb:?}");
            assert!(keys.insert(key("two", verb.clone())), "{verb:?}");
            assert!(!keys.insert(key("one", verb)));
        }
    }
}
