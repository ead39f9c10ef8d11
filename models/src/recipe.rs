//! Recipes for a folder of one's own: music or drawings in, a model that scripts can name out.
//!
//! A recipe reads what it can of the folder and says what it left out and why, holds some pieces out to
//! measure on, trains from nothing or from a model that exists, and writes weights, card, loss curve and
//! a few bars to listen to.

mod beats;
mod card;
mod chorale;
mod drums;
mod folder;
mod folk;
mod kind;
mod melody;
mod origin;
mod performance;
mod recurrent;
mod sketch;
mod split;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use lilt_inference::{Conditions, Model, ModelError, Sampling, Watch};
use lilt_score::{Meter, smf};

pub use card::OwnCard;
pub use folder::{File, LeftOut, Music};
use kind::{Base, Kind};
use origin::{known_origin, origin, write_origin};
use split::split;

use crate::training::{
    self, Course, Curve, Hyperparameters, Lesson, Measured, Progress, Run, TrainingError, write_whole,
};

/// Bars of the music that is written to be listened to.
const BARS_TO_HEAR: u32 = 8;

/// The recipes that take any folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipe {
    /// Tunes in one line, from ABC and MIDI files.
    Folk,
    /// Drums, from MIDI files.
    Drums,
    /// Melodies in 4/4 with their chords, from ABC and MIDI files.
    Melody,
    /// Piano playing, from MIDI files.
    Performance,
    /// Music in four voices, from MIDI files.
    Chorale,
    /// Drawings, in SVG and from Quick, Draw!'s files.
    Sketch,
}

impl Recipe {
    /// All of them.
    pub const ALL: [Recipe; 6] =
        [Recipe::Folk, Recipe::Drums, Recipe::Melody, Recipe::Performance, Recipe::Chorale, Recipe::Sketch];

    /// Its name, which is that of the shipped model of its kind.
    pub fn name(self) -> &'static str {
        match self {
            Recipe::Folk => crate::folk::NAME,
            Recipe::Drums => crate::drums::NAME,
            Recipe::Melody => crate::melody::NAME,
            Recipe::Performance => crate::performance::NAME,
            Recipe::Chorale => crate::chorale::NAME,
            Recipe::Sketch => crate::sketch::NAME,
        }
    }
}

impl FromStr for Recipe {
    type Err = String;

    fn from_str(name: &str) -> Result<Recipe, String> {
        let found = Recipe::ALL.into_iter().find(|recipe| recipe.name() == name);
        found.ok_or_else(|| {
            let names = Recipe::ALL.map(Recipe::name).join(", ");
            format!("there is no recipe `{name}` for a folder; there are {names}")
        })
    }
}

/// What is to be trained.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// How.
    pub recipe: Recipe,
    /// Folder of the music.
    pub data: PathBuf,
    /// Where the files of the model go, without an ending; the last part is the model's name.
    pub out: PathBuf,
    /// The model that it starts from: the path of its files, without an ending.
    pub from: Option<PathBuf>,
    /// Most passes over the music.
    pub epochs: f64,
    /// Seed of the starting weights and of the order of the pieces.
    pub seed: u64,
}

impl Assignment {
    /// The model's name.
    pub fn name(&self) -> String {
        self.out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.out.with_file_name(format!("{}{ending}", self.name()))
    }

    /// Folder of what is needed to go on after the run was stopped.
    pub fn checkpoints(&self) -> PathBuf {
        self.file(".training")
    }
}

/// What is told on the way.
#[derive(Debug)]
pub enum News<'a> {
    /// The folder was read.
    Data(&'a Findings),
    /// The run goes on from update `0`.
    TakenUp(usize),
    /// Nats per note on the held-out pieces, of the model that it starts from.
    Before(&'a Measured),
    /// An update was made.
    Progress(&'a Progress<'a>),
    /// Music of the best weights so far was written.
    Sample(&'a Path),
}

/// What was found in a folder.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Pieces and notes to learn from.
    pub train: [usize; 2],
    /// Pieces and notes held out.
    pub valid: [usize; 2],
    /// What was left out, file by file.
    pub left_out: Vec<LeftOut>,
}

/// A model that was trained.
#[derive(Debug)]
pub struct Trained {
    /// Its name.
    pub name: String,
    /// Why the run ended.
    pub ended: training::Ended,
    /// Nats per note on the held-out pieces before and after; before only with a model to start from.
    pub nats: (Option<f64>, f64),
    /// The files that were written.
    pub files: Vec<PathBuf>,
}

/// Why nothing was trained.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// The folder cannot be read.
    #[error("{path}: {error}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// There is too little music in it.
    #[error(
        "{path}: {} here that `{recipe}` can learn from; it needs two or more ({wanted})",
        match found { 0 => "nothing", _ => "only one piece" }
    )]
    TooLittle {
        /// The folder.
        path: PathBuf,
        /// The recipe.
        recipe: &'static str,
        /// Pieces that it can learn from.
        found: usize,
        /// What it can learn from.
        wanted: &'static str,
    },
    /// A name that no model can have, or that another has.
    #[error("a model cannot be called `{name}`: {reason}")]
    Name {
        /// The name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// The model to start from is of another kind.
    #[error("`{from}` cannot learn by the recipe `{recipe}`: it was made by `{made_by}`")]
    OtherKind {
        /// The model to start from.
        from: String,
        /// What was asked for.
        recipe: &'static str,
        /// Its own recipe.
        made_by: String,
    },
    /// What was stopped under this name was another run.
    #[error(
        "{folder}: a run on other music, from another model or with another seed was stopped here; remove that folder to begin anew"
    )]
    OtherRun {
        /// The folder of its checkpoints.
        folder: PathBuf,
    },
    /// It was stopped before there was anything to keep.
    #[error("stopped before anything was measured; nothing was written")]
    TooEarly,
    /// The weights or the card of the model to start from cannot be used, or the trained model cannot play.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Training failed.
    #[error(transparent)]
    Training(#[from] TrainingError),
    /// The card or the music cannot be written down.
    #[error("{0}")]
    Written(String),
}

/// Trains a model as `assignment` says. `tell` hears how it goes and may stop it; what was measured by then is
/// kept, and the same assignment goes on from there.
///
/// # Errors
/// When there is too little music, a name or a model to start from does not fit, or training fails.
pub fn train(
    assignment: &Assignment,
    tell: impl FnMut(News<'_>) -> ControlFlow<()>,
) -> Result<Trained, RecipeError> {
    match assignment.recipe {
        Recipe::Folk => train_kind::<folk::Folk>(assignment, tell),
        Recipe::Drums => train_kind::<drums::Drums>(assignment, tell),
        Recipe::Melody => train_kind::<melody::Melody>(assignment, tell),
        Recipe::Performance => train_kind::<performance::Performance>(assignment, tell),
        Recipe::Chorale => train_kind::<chorale::Chorale>(assignment, tell),
        Recipe::Sketch => train_kind::<sketch::Drawings>(assignment, tell),
    }
}

fn train_kind<K: Kind>(
    assignment: &Assignment,
    mut tell: impl FnMut(News<'_>) -> ControlFlow<()>,
) -> Result<Trained, RecipeError> {
    let name = assignment.name();
    checked_name(&name).map_err(|reason| RecipeError::Name { name: name.clone(), reason })?;
    let base = assignment.from.as_deref().map(|from| Base::<K>::read(from)).transpose()?;
    let (train, valid, findings) = split::<K>(&assignment.data)?;
    let origin = origin(assignment, base.as_ref(), &train, &valid);
    known_origin(assignment, &origin)?;
    let _ = tell(News::Data(&findings));
    let config = base.as_ref().map_or_else(|| K::config(findings.train[1]), |base| base.config.clone());
    let tensors = K::tensors(&config);
    let lesson = K::lesson(&config, &train, &valid);
    let epoch = lesson.epoch();
    let updates = (assignment.epochs * epoch as f64) as usize;
    let fine = base.is_some();
    let settings = Hyperparameters {
        seed: assignment.seed,
        epochs: assignment.epochs,
        // A model that knows music already needs small steps, or it forgets what it knew.
        rate: if fine { 0.0006 } else { 0.003 },
        warm_up: (updates / 10).clamp(1, 150),
        course: Course::Falling,
        weight_decay: 0.02,
        // Small folders are measured seldom enough that learning, not measuring, takes the time.
        every: Some(epoch.max(20)),
        patience: Some(5),
        checkpoints: Some(assignment.checkpoints()),
    };
    let before = match &base {
        Some(base) => {
            let measured = base.measure(&lesson)?;
            let _ = tell(News::Before(&measured));
            Some(measured.nats)
        }
        None => None,
    };
    let start = match base {
        Some(base) => base.start(&tensors),
        None => lesson.start(assignment.seed),
    };
    let mut run = Run::from(lesson, start, settings)?;
    if run.updates() > 0 {
        let _ = tell(News::TakenUp(run.updates()));
    }
    write_origin(assignment, &origin)?;
    let mut failed = None;
    let ended = run.train(|progress| {
        let told = tell(News::Progress(progress));
        if progress.measured.as_ref().is_some_and(|(_, _, better)| *better) {
            let path = assignment.file(K::HEARD);
            let heard = training::values(&tensors, progress.best)
                .and_then(|weights| K::whole(&config, weights, &train))
                .and_then(|weights| K::model(&name, &config, &weights))
                .and_then(|model| K::listen(&*model, assignment.seed, &path));
            match heard {
                Ok(()) => {
                    let _ = tell(News::Sample(&path));
                }
                Err(reason) => {
                    failed = Some(reason);
                    return ControlFlow::Break(());
                }
            }
        }
        told
    })?;
    if let Some(reason) = failed {
        return Err(RecipeError::Written(reason));
    }
    if run.best_weights().is_empty() {
        remove(&assignment.checkpoints())?;
        return Err(RecipeError::TooEarly);
    }
    let weights = training::values(&tensors, run.best_weights())
        .and_then(|weights| K::whole(&config, weights, &train))
        .map_err(RecipeError::Written)?;
    let file = training::write(&assignment.file(""), &K::stored(&config), &weights)?;
    let parameters = tensors.iter().map(|(_, shape)| shape.iter().product::<usize>()).sum();
    let card = OwnCard::new(assignment, &findings, parameters, config, file, before, run.best());
    let text = toml::to_string(&card).map_err(|error| RecipeError::Written(error.to_string()))?;
    write_whole(&assignment.file(".toml"), text.as_bytes())?;
    write_curve(assignment, run.curve())?;
    if ended != training::Ended::Stopped {
        remove(&assignment.checkpoints())?;
    }
    let files = [".toml", ".safetensors", ".svg", K::HEARD].map(|ending| assignment.file(ending)).to_vec();
    Ok(Trained { name, ended, nats: (before, run.best()), files })
}

/// Whether a script can write a name that no shipped model has.
///
/// # Errors
/// Why not, in words.
pub(crate) fn checked_name(name: &str) -> Result<(), &'static str> {
    let bare = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || !name.chars().all(bare) {
        Err("write letters, digits, `-` and `_`")
    } else if crate::catalogue::SHIPPED.contains(&name) {
        Err("that is a model that comes with Lilt")
    } else {
        Ok(())
    }
}

fn remove(folder: &Path) -> Result<(), TrainingError> {
    std::fs::remove_dir_all(folder).map_err(|error| TrainingError::File { path: folder.to_path_buf(), error })
}

/// Writes a few bars that a model plays, as MIDI.
fn listen(model: &dyn Model, seed: u64, path: &Path) -> Result<(), String> {
    let request =
        Sampling::new(BARS_TO_HEAR, 0.9, seed, Conditions::default()).map_err(|error| error.to_string())?;
    let clip = model.sample(&request, &Watch::new()).map_err(|error| error.to_string())?;
    let clip = clip.into_clip().map_err(|error| error.to_string())?;
    let drums = clip.notes().iter().any(|note| note.tone.pitch().is_none());
    let track = smf::Track {
        name: model.description().name.clone(),
        notes: clip.notes().to_vec(),
        channel: if drums { smf::DRUM_CHANNEL } else { 1 },
        ..smf::Track::default()
    };
    write_whole(path, &smf::write(&[track], &[], Meter::COMMON)).map_err(|error| error.to_string())
}

fn write_curve(assignment: &Assignment, curve: &Curve) -> Result<(), TrainingError> {
    let title = format!("{} after the recipe {}", assignment.name(), assignment.recipe.name());
    write_whole(&assignment.file(".svg"), curve.svg(&title).as_bytes())
}

#[cfg(test)]
mod tests;
