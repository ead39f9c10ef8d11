//! A model for tests, and an engine around it.
#![allow(dead_code, reason = "each test program uses a part of it")]

#[path = "../../../inference/tests/doodler/mod.rs"]
pub mod doodler;
mod judge;
mod palette;

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use lilt_inference::{
    Accompanist, Bake, Baked, Catalogue, Comparison, Conditions, Continues, Defaults, Description, Examples,
    Inference, Learns, Model, ModelError, OptionDescription, OptionKind, Piece, Recognizer, Sampled,
    Sampling, Scores, Tilt, Tilts, TimbreSpace, TransformDescription, Transforms, Watch, capabilities,
};
use lilt_score::{Beat, Clip, Control, Note, Pattern, Pitch, Preset, Query, Span, Tone, Velocity, smf};
use lilt_script::{
    Diagnostic, Engine, Evaluation, FontFile, Limits, Refusal, SoundNames, SourceFile, Sources, Unread,
    WantedPreset,
};
use lilt_sequencer::{Generation, Part, SlotSpec, Strip};

use doodler::Doodler;
use judge::{Busker, Judge};
use palette::Palette;

/// A model that plays one pitch a beat, which its seed chooses; `slow` takes a
/// while, and `broken` fails.
pub struct Parrot {
    description: Description,
    slow: Duration,
    /// Plays no sooner than it opens.
    gate: Option<Door>,
}

type Door = Arc<(Mutex<bool>, Condvar)>;

fn pass(door: &Door) {
    let open = door.0.lock().expect("nobody panics with it");
    drop(door.1.wait_while(open, |open| !*open).expect("nobody panics with it"));
}

/// Holds back what the model `gated` plays, and the weights of the model `heavy`, until it is opened; at its
/// end it opens, so that no thread stays behind.
pub struct Gate(Door);

impl Gate {
    /// Lets everybody through, for good.
    pub fn open(&self) {
        *self.0.0.lock().expect("nobody panics with it") = true;
        self.0.1.notify_all();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open();
    }
}

/// An engine whose models wait for the gate; `workers` make takes.
pub fn gated_engine(limits: Limits, workers: usize) -> (Engine, Gate) {
    let door = Door::default();
    let inference = Inference::new(Gated(Arc::clone(&door)), workers).expect("a thread");
    (Engine::new(inference, Box::new(()), limits).expect("an engine"), Gate(door))
}

struct Gated(Door);

impl Catalogue for Gated {
    fn names(&self) -> Vec<String> {
        ["gated", "heavy", "parrot"].map(str::to_owned).to_vec()
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        if name == "heavy" {
            pass(&self.0);
        }
        let mut parrot = Parrot::new(name, Duration::ZERO);
        parrot.gate = (name == "gated").then(|| Arc::clone(&self.0));
        Ok(Arc::new(parrot))
    }
}

impl Parrot {
    fn new(name: &str, slow: Duration) -> Parrot {
        let option = |name: &str, kind| OptionDescription {
            name: name.to_owned(),
            about: format!("the {name}"),
            default: "the script's".to_owned(),
            kind,
        };
        let verb = |name, bars, options| TransformDescription {
            name,
            about: "The same.".to_owned(),
            defaults: Defaults { bars, ..Defaults::LIKE_THE_CLIP },
            options,
        };
        let attributes = ["density", "pitch", "syncopation"].map(str::to_owned).to_vec();
        let attribute = option("attribute", OptionKind::Word(attributes));
        let amount = option("amount", OptionKind::Number { least: -3.0, most: 3.0 });
        let voice = option("voice", OptionKind::Text);
        let description = Description {
            name: name.to_owned(),
            identity: format!("identity of {name}"),
            about: "Repeats itself.".to_owned(),
            options: vec![option("key", OptionKind::Key), option("meter", OptionKind::Meter)],
            transforms: vec![
                verb("more", None, vec![attribute, amount]),
                verb("fill", Some(1), Vec::new()),
                verb("groove", None, Vec::new()),
                verb("harmonise", None, vec![voice.clone()]),
                verb("complete", None, Vec::new()),
                verb("rewrite", None, vec![voice]),
            ],
            ..Description::default()
        };
        Parrot { description, slow, gate: None }
    }

    fn play(&self, pitch: u64, request: &Sampling) -> Sampled {
        std::thread::sleep(self.slow);
        if let Some(gate) = &self.gate {
            pass(gate);
        }
        let length = request.conditions().meter.bar() * Beat::whole(request.bars().into());
        let note = |start: i64| Note {
            start: Beat::whole(start),
            duration: Beat::ONE,
            tone: Tone::Pitch(Pitch::from_key((48 + pitch % 24) as u8)),
            velocity: Velocity::DEFAULT,
        };
        Sampled::plain(Clip::new((0..length.ceil()).map(note).collect(), length).expect("a clip"))
    }
}

impl Model for Parrot {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, request: &Sampling, _: &Watch) -> Result<Sampled, ModelError> {
        if self.description.name == "broken" {
            let reason = "it has lost its voice".to_owned();
            return Err(ModelError::Computation { model: "broken".to_owned(), reason });
        }
        Ok(self.play(request.seed(), request))
    }

    capabilities!(Continues, Scores, Tilts, Transforms, Learns);
}

impl Continues for Parrot {
    fn continue_from(&self, primer: &Piece, request: &Sampling, _: &Watch) -> Result<Sampled, ModelError> {
        Ok(self.play(primer.parts() as u64, request))
    }
}

impl Scores for Parrot {
    fn score(&self, piece: &Piece, _: &Conditions, _: &Watch) -> Result<Vec<f64>, ModelError> {
        Ok(vec![0.5; piece.parts()])
    }
}

impl Transforms for Parrot {
    fn transform(
        &self,
        name: &'static str,
        piece: &Piece,
        request: &Sampling,
        _: &Watch,
    ) -> Result<Sampled, ModelError> {
        match name {
            "fill" => Ok(self.play(piece.parts() as u64, request)),
            _ => Ok(Sampled::plain(piece.clone())),
        }
    }
}

/// It knows one piece, whatever the reward says of it.
impl Tilts for Parrot {
    fn tilted(
        &self,
        _: Option<&Piece>,
        request: &Sampling,
        tilt: &Tilt,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        let piece = self.play(request.seed(), request).piece;
        let log_z = tilt.score(std::slice::from_ref(&piece), watch)?[0];
        Ok(Sampled { piece, ess: Some(1.0), log_z: Some(log_z) })
    }

    fn several(&self, request: &Sampling, count: usize, _: &Watch) -> Result<Vec<Piece>, ModelError> {
        Ok(vec![self.play(request.seed(), request).piece; count])
    }

    fn gather(
        &self,
        request: &Sampling,
        tilt: &Tilt,
        _: usize,
        watch: &Watch,
    ) -> Result<Vec<Piece>, ModelError> {
        Ok(vec![self.tilted(None, request, tilt, watch)?.piece])
    }
}

/// A parrot learns, as everybody knows, and says the same afterwards; real models have tests of their own.
impl Learns for Parrot {
    fn learn(&self, _: &Examples, _: &dyn Fn(f64), _: &Watch) -> Result<Arc<dyn Learns>, ModelError> {
        Ok(Arc::new(Parrot::new(&self.description.name, self.slow)))
    }

    fn bake(&self, _: &Bake, _: &Watch) -> Result<Baked, ModelError> {
        let model = Arc::new(Parrot::new(&self.description.name, self.slow));
        Ok(Baked { model, comparison: Comparison { reward: [0.0; 3], broken: [0.0; 3], nats: [0.5; 2] } })
    }
}

/// The catalogue of the tests' models.
pub struct Parrots;

/// Parrots under the names of the models that the examples ask, with their options and verbs.
struct Understudies;

impl Catalogue for Understudies {
    fn names(&self) -> Vec<String> {
        ["chorale", "drums", "folk", "hand", "island", "kanji", "melody", "performance", "sketch"]
            .map(str::to_owned)
            .to_vec()
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        match name {
            "sketch" => return Ok(Arc::new(Doodler::of_kinds(name))),
            "hand" | "kanji" => return Ok(Arc::new(Doodler::new(name))),
            _ => {}
        }
        let mut parrot = Parrot::new(name, Duration::ZERO);
        let option = |name: &str| OptionDescription {
            name: name.to_owned(),
            about: String::new(),
            default: String::new(),
            kind: if ["bpm", "density"].contains(&name) {
                OptionKind::Number { least: 1.0, most: 999.0 }
            } else {
                OptionKind::Text
            },
        };
        parrot.description.options.extend(["kind", "style", "bpm", "density", "chords"].map(option));
        Ok(Arc::new(parrot))
    }

    fn recognizer(&self) -> Result<Arc<dyn Recognizer>, ModelError> {
        Ok(Arc::new(Judge::new()))
    }

    fn accompanist(&self) -> Result<Arc<dyn Accompanist>, ModelError> {
        Ok(Arc::new(Busker))
    }

    fn timbres(&self) -> Result<Arc<dyn TimbreSpace>, ModelError> {
        Ok(Arc::new(Palette::new()))
    }
}

impl Catalogue for Parrots {
    fn names(&self) -> Vec<String> {
        ["broken", "parrot", "sketch", "slow"].map(str::to_owned).to_vec()
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        if name == "sketch" {
            return Ok(Arc::new(Doodler::new(name)));
        }
        let slow = if name == "slow" { Duration::from_millis(300) } else { Duration::ZERO };
        Ok(Arc::new(Parrot::new(name, slow)))
    }

    fn recognizer(&self) -> Result<Arc<dyn Recognizer>, ModelError> {
        Ok(Arc::new(Judge::new()))
    }

    fn accompanist(&self) -> Result<Arc<dyn Accompanist>, ModelError> {
        Ok(Arc::new(Busker))
    }

    fn timbres(&self) -> Result<Arc<dyn TimbreSpace>, ModelError> {
        Ok(Arc::new(Palette::new()))
    }
}

/// Files in memory.
pub struct Beside(pub BTreeMap<&'static str, &'static str>);

impl Sources for Beside {
    fn read(&self, module: &str) -> Option<SourceFile> {
        let text = self.0.get(module)?;
        Some(SourceFile { name: format!("{module}.lua"), text: (*text).to_owned() })
    }

    /// A file of these texts, or else `tune.abc` and `song.mid`, which lie beside every script.
    fn music(&self, file: &str) -> Result<Vec<u8>, Unread> {
        match (self.0.get(file), file) {
            (Some(text), _) => Ok(text.as_bytes().to_vec()),
            (None, "tune.abc") => Ok(TUNE.as_bytes().to_vec()),
            (None, "song.mid") => Ok(song()),
            // What is cut off in the middle.
            (None, "damaged.mid") => Ok(song()[..120].to_vec()),
            (None, "pipe.mid") => Err(Unread::Refused("it is a pipe or a device, no file".to_owned())),
            _ => Err(Unread::Missing {
                others: ["song.mid", "tune.abc", "more/reel.abc"].map(str::to_owned).to_vec(),
            }),
        }
    }

    fn taste(&self, file: &str) -> Result<Option<String>, Unread> {
        Ok(self.0.get(file).map(|text| (*text).to_owned()))
    }

    fn soundfont(&self, file: &str) -> Result<Box<dyn FontFile>, Refusal> {
        match file {
            "gm.sf2" => Ok(Box::new(Brass)),
            _ => Err(Refusal {
                message: format!("there is no file {file} beside the script"),
                help: "put an .sf2 file there, and write its name".to_owned(),
            }),
        }
    }
}

/// A book of two tunes.
pub const TUNE: &str = "\
X:7
T:The Little Hill
M:3/4
L:1/4
Q:1/4=96
K:G
D|\"G\"G2 B|\"D7\"A3|

X:9
T:Second Best
M:4/4
L:1/4
K:Am
V:Top
\"Am\"A B c2|
V:Low
A,4|
";

/// A song of a bass, two tracks of one name, a track without a name, and drums.
pub fn song() -> Vec<u8> {
    let note = |start: i64, tone| Note {
        start: Beat::whole(start),
        duration: Beat::ONE,
        tone,
        velocity: Velocity::new(100.0 / 127.0),
    };
    let track = |name: &str, channel, notes| smf::Track {
        name: name.to_owned(),
        notes,
        channel,
        ..smf::Track::default()
    };
    let pitch = |key| Tone::Pitch(Pitch::from_key(key));
    let tracks = [
        track("Bass", 1, vec![note(0, pitch(36)), note(2, pitch(43))]),
        track("Piano", 2, vec![note(0, pitch(60))]),
        track("piano", 3, vec![note(1, pitch(64))]),
        track("", 4, vec![note(3, pitch(72))]),
        track("Kit", 10, vec![note(0, Tone::Drum(lilt_score::Drum::Bass)), note(1, pitch(81))]),
    ];
    smf::write(&tracks, &[(Beat::ZERO, 90.0)], lilt_score::Meter::COMMON)
}

/// A SoundFont of one trumpet and one kit.
struct Brass;

impl FontFile for Brass {
    fn find(&self, wanted: &WantedPreset) -> Result<Preset, Refusal> {
        let (bank, program, name) = match wanted {
            WantedPreset::Name(name) if name == "Trumpet" => (0, 56, "Trumpet"),
            WantedPreset::Number { bank: 0, program: 56 } => (0, 56, "Trumpet"),
            WantedPreset::Number { bank: 128, program: 0 } => (128, 0, "Standard"),
            WantedPreset::Name(name) => {
                let message = format!("the SoundFont has no instrument `{name}`");
                return Err(Refusal { message, help: "did you mean `Trumpet`?".to_owned() });
            }
            WantedPreset::Number { bank, program } => {
                let message = format!("the SoundFont has no instrument `{bank}:{program}`");
                return Err(Refusal { message, help: "there is Trumpet (56)".to_owned() });
            }
        };
        Ok(Preset { file: "gm.sf2".into(), bank, program, name: name.into() })
    }
}

/// The models.
pub fn inference() -> Inference {
    Inference::new(Parrots, 1).expect("a thread")
}

/// An engine with these files beside the script. Its time is long enough for a busy machine.
pub fn engine_with(files: &[(&'static str, &'static str)], limits: Limits) -> Engine {
    let files = Beside(files.iter().copied().collect());
    with_sounds(Engine::new(inference(), Box::new(files), limits).expect("an engine"))
}

/// An engine for the examples, with models that answer at once.
pub fn engine_for_examples() -> Engine {
    let inference = Inference::new(Understudies, 1).expect("a thread");
    let limits = Limits::patient();
    let engine = Engine::new(inference, Box::new(()), limits).expect("an engine");
    // Which of their sounds there are, the program's own tests know.
    engine.set_sounds(None);
    engine
}

/// The engine, whose scripts may name some recorded sounds.
fn with_sounds(engine: Engine) -> Engine {
    let names = ["bd", "sd", "hh", "oh", "cp", "lt", "mt", "ht", "breaks", "bass", "pad", "pluck", "808bd"];
    let names = names.map(|name| (name.to_owned(), false)).into_iter().collect::<SoundNames>();
    engine.set_sounds(Some(Arc::new(names)));
    engine
}

/// An engine with no files beside the script. What runs for ever is stopped soon enough to wait for.
pub fn engine() -> Engine {
    engine_with(&[], Limits { call_time: Duration::from_millis(500), ..Limits::patient() })
}

/// What `text` prints; it must be right.
pub fn printed(engine: &mut Engine, text: &str) -> String {
    let evaluation = engine.evaluate(text, "set.lua");
    match evaluation.result {
        Ok(_) => evaluation.printed.join("\n"),
        Err(diagnostic) => panic!("{}", diagnostic.render(text)),
    }
}

/// Evaluates in an engine of its own.
pub fn evaluate(text: &str) -> Evaluation {
    engine().evaluate(text, "set.lua")
}

/// The generation of a script that must be right.
pub fn generation(text: &str) -> Generation {
    match evaluate(text).result {
        Ok(generation) => generation,
        Err(diagnostic) => panic!("{}", diagnostic.render(text)),
    }
}

/// What a script that must be wrong is told.
pub fn complaint(text: &str) -> String {
    told(evaluate(text), text)
}

/// What an evaluation that must have failed says.
pub fn told(evaluation: Evaluation, text: &str) -> String {
    match evaluation.result {
        Ok(_) => panic!("it is right: {text}"),
        Err(diagnostic) => diagnostic.render(text),
    }
}

/// Onsets of a slot in its first bars, as `beat+duration:tone`.
pub fn played(slot: &SlotSpec, bars: i64) -> Result<String, Diagnostic> {
    heard(slot, bars, false)
}

/// As [`played`], with the first drafts of takes that are late.
pub fn drafted(slot: &SlotSpec, bars: i64) -> Result<String, Diagnostic> {
    heard(slot, bars, true)
}

fn heard(slot: &SlotSpec, bars: i64, drafts: bool) -> Result<String, Diagnostic> {
    let Part::Notes(pattern) = &slot.part else { panic!("slot {} plays no notes", slot.name) };
    let bar = Beat::whole(4);
    let query = Query { drafts, ..Query::new(Span::new(Beat::ZERO, bar * Beat::whole(bars)), bar) };
    let events = pattern.query(query).map_err(|error| match error {
        lilt_score::QueryError::Failed(error) => *error.downcast::<Diagnostic>().expect("a diagnostic"),
        late => Diagnostic::at_line("set.lua", 1, late.to_string()),
    })?;
    let told = events.iter().filter_map(|event| {
        let length = event.whole?.length();
        Some(format!("{}+{}:{}", event.onset()?, length, event.value.tone?))
    });
    Ok(told.collect::<Vec<_>>().join(" "))
}

/// How a control of a slot moves.
pub fn control(slot: &SlotSpec, name: &str) -> Pattern<f64> {
    let control = Control::named(name).expect("a control");
    slot.strip.pattern(control).cloned().unwrap_or_else(|| Pattern::steady(Strip::unsaid(control)))
}
