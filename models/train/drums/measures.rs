//! What is measured beside the likelihood: how near the verb `groove` comes to the drummers, and how
//! much of what is played was copied.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use lilt_inference::{Conditions, Model, Piece, Sampling, Setting, Settings, Transforms, Watch};
use lilt_models::drums::codec::{Encoded, decode, encode, hits};
use lilt_models::drums::model::{DrumModel, GROOVE};
use lilt_models::drums::recording::Recording;
use lilt_models::drums::vocabulary::{Event, NEXT, ON_TIME, TICKS_PER_BEAT, VOICES, midi_velocity};
use lilt_models::drums::walk::{KINDS, STYLES};
use lilt_score::{Beat, Clip, Meter};

use super::corpus::Corpus;

/// Hits in a row that are looked for in the training set.
const RUNS: [usize; 2] = [32, 64];

/// The options under which a recording is played.
pub fn conditions(recording: &Recording) -> Conditions {
    let word = |known: &[&str], at: Option<u8>| {
        Setting::Word(at.and_then(|at| known.get(usize::from(at))).copied().unwrap_or_default().to_owned())
    };
    let settings = Settings::default()
        .with("style", word(&STYLES, recording.conditioning.style))
        .with("kind", word(&KINDS, recording.conditioning.kind))
        .with("bpm", Setting::Number(recording.bpm));
    Conditions { key: None, meter: Meter::COMMON, settings }
}

/// All of them, by what they are.
///
/// # Errors
/// When the model fails.
pub fn measures(model: &DrumModel, corpus: &Corpus) -> Result<BTreeMap<String, f64>> {
    let mut measures = grooves(model, corpus)?;
    measures.extend(copies(model, corpus)?);
    Ok(measures)
}

/// The sum of distances from what the drummer played.
#[derive(Debug, Default)]
struct Distance {
    /// In MIDI velocities.
    velocity: f64,
    /// In milliseconds at the recording's tempo.
    moment: f64,
    hits: f64,
}

impl Distance {
    fn add(&mut self, velocity: f64, ticks: f64, bpm: f64) {
        self.velocity += velocity.abs();
        self.moment += ticks.abs() / TICKS_PER_BEAT as f64 * 60_000.0 / bpm;
        self.hits += 1.0;
    }

    fn tell(self, who: &str, measures: &mut BTreeMap<String, f64>) {
        measures.insert(format!("{who}: mean error of velocity, of 127"), self.velocity / self.hits);
        measures.insert(format!("{who}: mean error of timing, in milliseconds"), self.moment / self.hits);
    }
}

/// The hits of a recording right on their sixteenths, all equally hard.
pub fn stiff(recording: &Recording) -> Result<Clip> {
    let level = |&[what, velocity, _]: &Event| [what, if what == NEXT { velocity } else { 12 }, ON_TIME];
    let events: Vec<Event> = recording.encoded.events.iter().map(level).collect();
    Ok(decode(&events, Beat::new(recording.encoded.steps, 4))?)
}

/// How far `groove` is from the recordings of the test set, whose hits it is given without velocity and
/// timing; beside it the mean of each voice in the training set, on the grid.
fn grooves(model: &DrumModel, corpus: &Corpus) -> Result<BTreeMap<String, f64>> {
    let mut sums = [(0.0, 0.0); VOICES];
    for [voice, velocity, _] in corpus.train.iter().flat_map(|recording| &recording.encoded.events) {
        if let Some((sum, count)) = sums.get_mut(usize::from(*voice)) {
            *sum += f64::from(midi_velocity(*velocity));
            *count += 1.0;
        }
    }
    let (mut likeliest, mut drawn, mut grid) =
        (Distance::default(), Distance::default(), Distance::default());
    for recording in &corpus.test {
        let clip = stiff(recording)?;
        for (temperature, distance) in [(0.0, &mut likeliest), (1.0, &mut drawn)] {
            let request = Sampling::new(1, temperature, 1, conditions(recording))?;
            let played = model.transform(GROOVE, &Piece::from(&clip), &request, &Watch::new())?;
            let found = encode(played.piece.clip()?)?;
            for (found, real) in found.events.iter().zip(&recording.encoded.events) {
                if real[0] != NEXT {
                    let velocity = f64::from(midi_velocity(found[1])) - f64::from(midi_velocity(real[1]));
                    distance.add(velocity, f64::from(found[2]) - f64::from(real[2]), recording.bpm);
                }
            }
        }
        for [voice, velocity, offset] in &recording.encoded.events {
            if let Some((sum, count)) = sums.get(usize::from(*voice)) {
                let velocity = sum / count - f64::from(midi_velocity(*velocity));
                grid.add(velocity, f64::from(*offset) - f64::from(ON_TIME), recording.bpm);
            }
        }
    }
    let mut measures = BTreeMap::new();
    likeliest.tell("groove at temperature 0", &mut measures);
    drawn.tell("groove at temperature 1", &mut measures);
    grid.tell("the mean velocity of each drum on the grid", &mut measures);
    Ok(measures)
}

/// Each hit as steps since the hit before and voice.
fn figure(encoded: &Encoded) -> Vec<(i64, u8)> {
    let (mut steps, mut figure) = (0, Vec::new());
    for &[what, ..] in &encoded.events {
        if what == NEXT {
            steps += 1;
        } else {
            figure.push((std::mem::take(&mut steps), what));
        }
    }
    figure
}

/// Shares of runs of hits that stand in the training set, too, in the same steps and drums: of 8 bars
/// in each style, and of the test set, which nobody copied.
fn copies(model: &DrumModel, corpus: &Corpus) -> Result<BTreeMap<String, f64>> {
    let mut samples = Vec::new();
    for (style, seed) in STYLES.iter().flat_map(|style| [(style, 1), (style, 2), (style, 3), (style, 4)]) {
        let settings = Settings::default().with("style", Setting::Word((*style).to_owned()));
        let conditions = Conditions { settings, ..Conditions::default() };
        let played = model.sample(&Sampling::new(8, 1.0, seed, conditions)?, &Watch::new())?;
        if hits(played.piece.clip()?).is_ok() {
            samples.push(figure(&encode(played.piece.clip()?)?));
        }
    }
    let train: Vec<Vec<(i64, u8)>> =
        corpus.train.iter().map(|recording| figure(&recording.encoded)).collect();
    let test: Vec<Vec<(i64, u8)>> = corpus.test.iter().map(|recording| figure(&recording.encoded)).collect();
    let mut measures = BTreeMap::new();
    for run in RUNS {
        let known: HashSet<&[(i64, u8)]> = train.iter().flat_map(|figure| figure.windows(run)).collect();
        let share = |figures: &[Vec<(i64, u8)>]| {
            let runs: Vec<_> = figures.iter().flat_map(|figure| figure.windows(run)).collect();
            runs.iter().filter(|run| known.contains(**run)).count() as f64 / runs.len().max(1) as f64
        };
        let name = |who: &str| format!("share of {run}-hit runs of {who} that stand in the training set");
        measures.insert(name("samples"), share(&samples));
        measures.insert(name("the test set"), share(&test));
    }
    Ok(measures)
}
