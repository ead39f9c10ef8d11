//! The recipe of `timbre`: a SoundFont of General MIDI and sounds of our own in, trained weights and their card out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use lilt_models::card::{DataSet, Split, Weights};
use lilt_models::timbre::NAME;
use lilt_models::timbre::analysis::{Analysis, RATE, Shape, is_pitched, release};
use lilt_models::timbre::controls::{AMPLITUDES, LEARNT, moments};
use lilt_models::timbre::decoder::{Decoder, Played};
use lilt_models::timbre::lesson::{Note, TimbreLesson, measured, places};
use lilt_models::timbre::network::{Config, Network};
use lilt_models::training::{Course, Lesson, Tensors};
use lilt_score::GENERAL_MIDI;
use lilt_synth::PARTIALS;
use serde::{Deserialize, Serialize};

use crate::arguments::{Arguments, Defaults, Length};
use crate::made_sounds::MADE;
use crate::recipe::{About, Recipe, Written, rounded};
use crate::renders::{Renders, Struck};
use crate::timbre_measures::{self, Distances};

/// Keys that are rendered, and how hard they are struck.
const KEYS: std::ops::RangeInclusive<i32> = 36..=84;
const VELOCITIES: [i32; 3] = [45, 85, 120];
/// Seconds that are heard behind the end of a note.
const REST: f32 = 0.5;
/// Root mean square of the loudest moment of a note that is struck hard, as the median of a sound.
const LEVEL: f32 = 0.12;

/// The recipe.
pub struct Timbre;

/// What only this recipe takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Semitones from one rendered key to the next.
    #[arg(long, default_value_t = 2)]
    step: usize,
    /// Programs that are rendered, from the first on.
    #[arg(long, default_value_t = 128)]
    programs: usize,
    /// Numbers of a place.
    #[arg(long, default_value_t = 16)]
    place: usize,
    /// Width of the decoder.
    #[arg(long, default_value_t = 320)]
    width: usize,
    /// Layers between the first and the last.
    #[arg(long, default_value_t = 2)]
    layers: usize,
    /// Minutes that it trains; without them, it makes so many updates.
    #[arg(long)]
    minutes: Option<u64>,
    /// Trains nothing: measures how far held-out notes are from what the weights play, from a copy by analysis alone
    /// and from the nearest other note; of so many notes.
    #[arg(long)]
    distances: Option<usize>,
    /// Trains nothing: measures so many random paths between two sounds, at nine places each.
    #[arg(long)]
    morphs: Option<usize>,
    /// Trains nothing: writes notes, their copies, and morphs as WAV files to this folder.
    #[arg(long)]
    listen: Option<PathBuf>,
}

/// Which part of the data a note belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// To learn from.
    Train,
    /// To choose weights by.
    Valid,
    /// A pitch that its sound is not learnt at.
    Pitch,
    /// A velocity that its sound is not learnt at at this pitch.
    Velocity,
}

impl Part {
    /// The part of a key, by its place among the keys, of a sound: of each sound two pitches of 13 are tested on and one
    /// chooses weights; of every fourth of the rest the middle velocity is tested on.
    pub fn of(sound: usize, key: usize, velocity: usize) -> Part {
        match (5 * key + 3 * sound) % 13 {
            0 | 6 => Part::Pitch,
            3 => Part::Valid,
            _ if velocity == 1 && (key + sound).is_multiple_of(4) => Part::Velocity,
            _ => Part::Train,
        }
    }
}

/// The notes.
pub struct Corpus {
    names: Vec<String>,
    parts: [Vec<Note>; 4],
    /// How much higher than those of a string the partials of each sound are, in octaves.
    elsewhere: Vec<[f32; PARTIALS]>,
    file: PathBuf,
    /// What each rendered sound was multiplied by.
    pub levels: Vec<f32>,
    silent: usize,
}

impl Corpus {
    /// The notes of a part.
    pub fn part(&self, part: Part) -> &[Note] {
        &self.parts[part as usize]
    }

    /// The renders of the SoundFont.
    pub fn renders(&self) -> Result<Renders> {
        Renders::open(&self.file)
    }

    /// Names of the sounds.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

/// What was measured, as the card has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measures {
    /// Weighted mean distance of what is said from what is, in decibels: of notes that were learnt, that chose the weights,
    /// of pitches and of velocities that were held out.
    train: f64,
    valid: f64,
    test_pitches: f64,
    test_velocities: f64,
    /// Share of notes of held-out pitches whose place is nearest to that of their own sound.
    found: f64,
    /// Dimensions of places whose deviation over sounds is above that of the noise they are learnt with.
    dimensions: usize,
    /// Log-spectral distances to the sound itself.
    distances: Distances,
}

/// Amplitudes of a moment.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// The first partials of a trombone at middle C after half a second, in decibels.
    pub trombone: Vec<f64>,
}

/// A render with what was found in it, before its sound is known as a whole.
struct Heard {
    struck: Struck,
    key: usize,
    velocity: usize,
    sound: Vec<f32>,
    shape: Shape,
    pitched: bool,
}

impl Recipe for Timbre {
    const NAME: &'static str = NAME;
    const ABOUT: &'static str = "Trains `timbre` on a SoundFont of General MIDI (--data FILE.sf2)";
    const FOLDER: &'static str = "FluidR3_GM.sf2";
    const DEFAULTS: Defaults = Defaults {
        length: Length::Updates(20_000),
        batch: "64",
        rate: "0.002",
        seed: "22",
        warm_up: 200,
        weight_decay: 0.01,
        every: Some(250),
    };
    type Options = Options;
    type Config = Config;
    type Corpus = Corpus;
    type Losses = Measures;
    type Golden = Golden;

    fn corpus(data: &Path, arguments: &Arguments<Options>) -> Result<Corpus> {
        let options = &arguments.own;
        let mut renders = Renders::open(data)?;
        let mut corpus = Corpus {
            names: Vec::new(),
            parts: [const { Vec::new() }; 4],
            elsewhere: Vec::new(),
            file: data.to_owned(),
            levels: Vec::new(),
            silent: 0,
        };
        let keys: Vec<i32> = KEYS.step_by(options.step.max(1)).collect();
        for (program, name) in GENERAL_MIDI.iter().enumerate().take(options.programs) {
            let mut heard = Vec::new();
            for (key, &pitch) in keys.iter().enumerate() {
                let analysis = Analysis::new(hertz(pitch as f32));
                for (velocity, &hard) in VELOCITIES.iter().enumerate() {
                    let struck = Struck { program: program as i32, key: pitch, velocity: hard };
                    let sound = renders.note(struck, LEARNT, REST);
                    if sound.iter().all(|x| x.abs() < 1e-4) {
                        corpus.silent += 1;
                        continue;
                    }
                    let shape = analysis.shape(&sound);
                    let pitched = is_pitched(&analysis.amplitudes(&sound, Some(&shape), 0.2));
                    heard.push(Heard { struck, key, velocity, sound, shape, pitched });
                }
            }
            corpus.take(name, &mut heard);
            eprint!("\r{} sounds", corpus.names.len());
        }
        corpus.make(&keys);
        eprintln!("; {:?} notes to learn, choose and test by", corpus.parts.each_ref().map(Vec::len));
        Ok(corpus)
    }

    fn config(arguments: &Arguments<Options>) -> Config {
        let Options { place, width, layers, .. } = arguments.own;
        Config { place, width, layers, names: Vec::new() }
    }

    fn fitted(arguments: &Arguments<Options>, corpus: &Corpus) -> Config {
        Config { names: corpus.names.clone(), ..Timbre::config(arguments) }
    }

    fn tensors(config: &Config) -> Tensors {
        config.trained()
    }

    fn stored(config: &Config) -> Tensors {
        config.tensors()
    }

    fn whole(
        config: &Config,
        mut weights: BTreeMap<String, Weights>,
        corpus: &Corpus,
    ) -> Result<BTreeMap<String, Weights>> {
        let network = Network::from_weights(config.clone(), &weights)?;
        let places = places(&network, corpus.part(Part::Train))?;
        let shape = vec![places.len(), config.place];
        weights.insert("places".into(), Weights { shape, values: places.concat() });
        let shape = vec![corpus.elsewhere.len(), PARTIALS];
        weights.insert("elsewhere".into(), Weights { shape, values: corpus.elsewhere.concat() });
        Ok(weights)
    }

    fn course(arguments: &Arguments<Options>) -> Course {
        arguments.own.minutes.map_or(Course::Falling, |minutes| Course::Timed(60 * minutes))
    }

    fn lesson<'a>(arguments: &Arguments<Options>, config: &Config, corpus: &'a Corpus) -> impl Lesson + 'a {
        TimbreLesson::new(config.clone(), arguments.batch, corpus.part(Part::Train), corpus.part(Part::Valid))
    }

    fn losses(
        written: &Written<Config>,
        arguments: &Arguments<Options>,
        corpus: &Corpus,
    ) -> Result<Measures> {
        let network = network(written)?;
        let known = places(&network, corpus.part(Part::Train))?;
        let of =
            |part| Ok::<_, anyhow::Error>(rounded(30.0 * measured(&network, &known, corpus.part(part))?));
        let count = arguments.own.distances.unwrap_or(60);
        Ok(Measures {
            train: of(Part::Train)?,
            valid: of(Part::Valid)?,
            test_pitches: of(Part::Pitch)?,
            test_velocities: of(Part::Velocity)?,
            found: rounded(timbre_measures::found(&network, &known, corpus.part(Part::Pitch))?),
            dimensions: timbre_measures::dimensions(&known),
            distances: timbre_measures::distances(&decoder(written)?, corpus, count)?,
        })
    }

    fn golden(written: &Written<Config>) -> Result<Golden> {
        let decoder = decoder(written)?;
        let place = decoder.place("trombone").map_err(anyhow::Error::msg)?;
        let played = Played { pitch: 60.0, velocity: 0.8, onset: 0.5, seconds: 0.2 };
        let timbre = decoder.decode(place, &played);
        let decibels = |amplitude: &f32| rounded(f64::from(20.0 * amplitude.max(1e-5).log10()));
        Ok(Golden { trombone: timbre.moments[..8].iter().map(decibels).collect() })
    }

    fn about(corpus: &Corpus) -> About {
        let size = |parts: &[Part]| {
            let notes = || parts.iter().flat_map(|part| corpus.part(*part));
            [notes().count(), notes().map(|note| note.times.len()).sum()]
        };
        let rendered = corpus.levels.len();
        let left_out = [("silent".to_owned(), corpus.silent)].into_iter().filter(|(_, count)| *count > 0);
        About {
            description: "A space of sounds: a place in it, a pitch, a velocity and the time since the onset give the \
                partials and the noise of a note.",
            licence: "MIT OR Apache-2.0",
            data: vec![
                DataSet {
                    name: "Fluid R3 GM".to_owned(),
                    licence: "MIT".to_owned(),
                    from: "the package fluid-soundfont-gm of Debian".to_owned(),
                    pieces: rendered,
                },
                DataSet {
                    name: "sounds of our own: models/train/made_sounds.rs".to_owned(),
                    licence: "MIT OR Apache-2.0".to_owned(),
                    from: "this repository".to_owned(),
                    pieces: corpus.names.len() - rendered,
                },
            ],
            split: Split {
                rule: "of each sound one pitch of 13 to choose and two to test by, and the middle velocity of every fourth \
                    of the others; notes and moments"
                    .to_owned(),
                train: size(&[Part::Train]),
                valid: size(&[Part::Valid]),
                test: size(&[Part::Pitch, Part::Velocity]),
                left_out: left_out.collect(),
            },
        }
    }

    fn play(_: &Written<Config>, _: &Arguments<Options>, _: u32) -> Result<()> {
        bail!("`timbre` is heard, not read: leave --play out, and say --listen FOLDER with --data")
    }

    fn measured_else(
        written: impl Fn() -> Result<Written<Config>>,
        arguments: &Arguments<Options>,
        corpus: &Corpus,
    ) -> Result<bool> {
        if let Some(count) = arguments.own.distances.filter(|_| !arguments.export) {
            let distances = timbre_measures::distances(&decoder(&written()?)?, corpus, count)?;
            println!("{}", toml::to_string(&distances)?);
            return Ok(true);
        }
        if let Some(count) = arguments.own.morphs {
            println!("{}", toml::to_string(&timbre_measures::morphs(&decoder(&written()?)?, count)?)?);
            return Ok(true);
        }
        if let Some(folder) = &arguments.own.listen {
            timbre_measures::listen(&decoder(&written()?)?, corpus, folder)?;
            return Ok(true);
        }
        Ok(false)
    }
}

impl Corpus {
    /// Takes in the renders of a sound.
    fn take(&mut self, name: &str, heard: &mut [Heard]) {
        let sound = self.names.len();
        let pitched = 2 * heard.iter().filter(|heard| heard.pitched).count() > heard.len();
        let elsewhere = if pitched { elsewhere(heard) } else { [0.0; PARTIALS] };
        let mut notes: Vec<(Part, Note)> = Vec::new();
        for heard in heard.iter_mut() {
            let note = note(sound as u32, heard, pitched.then_some(&elsewhere));
            notes.push((Part::of(sound, heard.key, heard.velocity), note));
        }
        let mut peaks: Vec<f32> =
            notes.iter().filter(|(_, note)| note.velocity > 0.8).map(|(_, note)| peak(note)).collect();
        peaks.sort_by(f32::total_cmp);
        let level = LEVEL / peaks.get(peaks.len() / 2).copied().unwrap_or(LEVEL).max(1e-4);
        for (part, mut note) in notes {
            note.amplitudes.iter_mut().for_each(|a| *a *= level);
            self.parts[part as usize].push(note);
        }
        self.names.push(name.to_lowercase());
        self.levels.push(level);
        self.elsewhere.push(elsewhere);
    }

    /// Makes the sounds of our own, at the same keys.
    fn make(&mut self, keys: &[i32]) {
        for made in &MADE {
            let sound = self.names.len();
            for (key, &pitch) in keys.iter().enumerate() {
                for (velocity, &hard) in VELOCITIES.iter().enumerate() {
                    let note = made.note(sound as u32, pitch as f32, hard as f32 / 127.0);
                    self.parts[Part::of(sound, key, velocity) as usize].push(note);
                }
            }
            let octaves = |i: usize| made.ratios.get(i).map_or(0.0, |ratio| (ratio / (i + 1) as f32).log2());
            self.names.push(made.name.to_owned());
            self.elsewhere.push(std::array::from_fn(octaves));
        }
    }
}

/// Hertz of a MIDI number.
pub fn hertz(pitch: f32) -> f32 {
    440.0 * ((pitch - 69.0) / 12.0).exp2()
}

/// Root mean square of the loudest moment.
fn peak(note: &Note) -> f32 {
    let power = |moment: &[f32]| -> f32 {
        let (partials, bands) = moment.split_at(PARTIALS);
        partials.iter().map(|a| 0.5 * a * a).sum::<f32>() + bands.iter().map(|a| a * a).sum::<f32>()
    };
    note.amplitudes.chunks(AMPLITUDES).map(power).fold(0.0, f32::max).sqrt()
}

/// Where the partials of a sound are beside those of a string, in octaves: where most of its notes agree.
fn elsewhere(heard: &[Heard]) -> [f32; PARTIALS] {
    let ratios = lilt_synth::stiff(0.0);
    std::array::from_fn(|partial| {
        let mut found: Vec<f32> = heard
            .iter()
            .filter(|heard| heard.shape.elsewhere[partial])
            .map(|heard| (heard.shape.ratios[partial] / ratios[partial]).log2())
            .collect();
        found.sort_by(f32::total_cmp);
        let count = found.len();
        let agree = 2 * count > heard.len() && found[3 * count / 4] - found[count / 4] < 0.04;
        if agree { found[count / 2] } else { 0.0 }
    })
}

/// The note of a render; unpitched without `elsewhere`.
fn note(sound: u32, heard: &mut Heard, elsewhere: Option<&[f32; PARTIALS]>) -> Note {
    let Struck { key, velocity, .. } = heard.struck;
    let shape = elsewhere.map(|elsewhere| {
        let mut shape = heard.shape.clone();
        // A sound with partials elsewhere is no string.
        if elsewhere.iter().any(|octaves| *octaves != 0.0) {
            shape.inharmonicity = 0.0;
        }
        shape.ratios = lilt_synth::stiff(shape.inharmonicity);
        shape.ratios.iter_mut().zip(elsewhere).for_each(|(ratio, octaves)| *ratio *= octaves.exp2());
        shape
    });
    let analysis = Analysis::new(hertz(key as f32));
    let times = moments(LEARNT);
    let at = |seconds: &f32| analysis.amplitudes(&heard.sound, shape.as_ref(), *seconds);
    let amplitudes = times.iter().flat_map(at).collect();
    let release = release(&heard.sound, (LEARNT * RATE as f32) as usize);
    Note {
        sound,
        pitch: key as f32,
        velocity: velocity as f32 / 127.0,
        inharmonicity: shape.map(|shape| shape.inharmonicity),
        release,
        times,
        amplitudes,
    }
}

fn network(written: &Written<Config>) -> Result<Network> {
    let mut weights = written.weights(&written.config.tensors())?;
    weights.retain(|name, _| !matches!(name.as_str(), "places" | "elsewhere"));
    Ok(Network::from_weights(written.config.clone(), &weights)?)
}

fn decoder(written: &Written<Config>) -> Result<Decoder> {
    let weights = written.weights(&written.config.tensors())?;
    Decoder::new(written.config.clone(), &weights, written.file.sha256.clone())
        .map_err(anyhow::Error::msg)
        .context("the weights do not fit")
}
