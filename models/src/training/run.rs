//! A training run: updates, measuring on held-out music, checkpoints, an early end.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use candle_core::{DType, Device, Tensor, Var};

use super::checkpoint::{self, Note};
use super::curve::{Curve, Point};
use super::error::TrainingError;
use super::lesson::{Lesson, Measured, Start};
use super::optimizer::{Optimizer, Slot};

/// What becomes of the learning rate after the warm-up, and over how many updates the weights that are
/// measured and kept are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Course {
    /// Half a cosine down to 2 % (Loshchilov and Hutter 2017); averaged over some 330 updates.
    #[default]
    Falling,
    /// As [`Course::Falling`], but with the time: the run ends when so many seconds are over.
    Timed(u64),
    /// As it is, averaged over some 1,700 updates: the middle of where the weights wander lies flatter than
    /// the bottom that a falling rate finds (Izmailov et al. 2018).
    Steady,
}

impl Course {
    /// What is left of the highest rate when `progress` (`0..=1`) of the updates are made.
    fn share(self, progress: f64) -> f64 {
        match self {
            Course::Falling | Course::Timed(_) => {
                0.02 + 0.98 * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos())
            }
            Course::Steady => 1.0,
        }
    }

    /// What the averaged weights keep of themselves at each update.
    fn average_decay(self) -> f32 {
        match self {
            Course::Falling | Course::Timed(_) => 0.997,
            Course::Steady => 0.9994,
        }
    }
}

/// What a run is told.
#[derive(Debug, Clone)]
pub struct Hyperparameters {
    /// Seed of the starting weights and of the order of the training set.
    pub seed: u64,
    /// Passes over the training set.
    pub epochs: f64,
    /// Highest learning rate.
    pub rate: f64,
    /// Updates in which the rate rises to it.
    pub warm_up: usize,
    /// What becomes of the rate after that.
    pub course: Course,
    /// How much matrices shrink, for each unit of learning rate.
    pub weight_decay: f32,
    /// Updates between two measurements; none for one each epoch.
    pub every: Option<usize>,
    /// Measurements without a better one before it ends early; none to go on to the end.
    pub patience: Option<usize>,
    /// Folder of `last.safetensors`, which the run goes on from, and `best.safetensors`.
    pub checkpoints: Option<PathBuf>,
}

/// Where a run stands, after each update.
#[derive(Debug)]
pub struct Progress<'a> {
    /// Updates made.
    pub update: usize,
    /// Updates in all.
    pub of: usize,
    /// Loss of this update, in nats per prediction.
    pub loss: f64,
    /// Its learning rate.
    pub rate: f64,
    /// The newest measurement, where one was just made, and whether it is the best so far.
    pub measured: Option<(Point, &'a Measured, bool)>,
    /// All measurements.
    pub curve: &'a Curve,
    /// The averaged weights of the best measurement.
    pub best: &'a HashMap<String, Tensor>,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All updates are made.
    Whole,
    /// Held-out music did not get likelier any more.
    Early,
    /// It was told to stop.
    Stopped,
}

/// A training run.
pub struct Run<L: Lesson> {
    lesson: L,
    settings: Hyperparameters,
    optimizer: Optimizer,
    curve: Curve,
    best: f64,
    best_weights: HashMap<String, Tensor>,
    began: Instant,
}

impl<L: Lesson> Run<L> {
    /// A run from the lesson's own starting weights, or the one whose checkpoint lies in the folder.
    ///
    /// # Errors
    /// When a checkpoint cannot be read or is of another network.
    pub fn new(lesson: L, settings: Hyperparameters) -> Result<Run<L>, TrainingError> {
        let start = lesson.start(settings.seed);
        Run::from(lesson, start, settings)
    }

    /// As [`Run::new`], from other starting weights: fine-tuning.
    ///
    /// # Errors
    /// As [`Run::new`].
    pub fn from(lesson: L, start: Vec<Start>, settings: Hyperparameters) -> Result<Run<L>, TrainingError> {
        let slot = |start: Start| {
            let tensor = Tensor::from_slice(&start.values, start.shape.as_slice(), &Device::Cpu)?;
            Ok(Slot::new(start.name, Var::from_tensor(&tensor)?, start.values))
        };
        let slots = start.into_iter().map(slot).collect::<candle_core::Result<_>>()?;
        let optimizer = Optimizer {
            slots,
            updates: 0,
            weight_decay: settings.weight_decay,
            clip: 1.0,
            average_decay: settings.course.average_decay(),
        };
        let (curve, best) = (Curve::default(), f64::INFINITY);
        let began = Instant::now();
        let mut run = Run { lesson, settings, optimizer, curve, best, best_weights: HashMap::new(), began };
        if let Some(path) = run.checkpoint("last").filter(|path| path.exists()) {
            let note = checkpoint::resume(&path, &mut run.optimizer, &run.lesson.config())?;
            (run.best, run.curve) = (note.best, note.curve);
            run.best_weights = run.read_best()?;
        }
        Ok(run)
    }

    /// Updates made.
    pub fn updates(&self) -> usize {
        self.optimizer.updates
    }

    /// The measurements so far.
    pub fn curve(&self) -> &Curve {
        &self.curve
    }

    /// Lowest nats per note on the validation set so far.
    pub fn best(&self) -> f64 {
        self.best
    }

    /// The averaged weights that measured [`Run::best`]; empty before the first measurement.
    pub fn best_weights(&self) -> &HashMap<String, Tensor> {
        &self.best_weights
    }

    fn checkpoint(&self, name: &str) -> Option<PathBuf> {
        self.settings.checkpoints.as_ref().map(|folder| folder.join(format!("{name}.safetensors")))
    }

    fn read_best(&self) -> Result<HashMap<String, Tensor>, TrainingError> {
        let Some(path) = self.checkpoint("best").filter(|path| path.exists()) else {
            return Ok(HashMap::new());
        };
        let stored = candle_core::safetensors::load(path, &Device::Cpu)?;
        let averages = stored
            .into_iter()
            .filter_map(|(name, tensor)| name.strip_prefix("average/").map(|name| (name.to_owned(), tensor)));
        Ok(averages.collect())
    }

    fn averages(&self) -> Result<HashMap<String, Tensor>, TrainingError> {
        let slots = self.optimizer.slots.iter();
        Ok(slots.map(|slot| Ok((slot.name.clone(), slot.averaged()?))).collect::<candle_core::Result<_>>()?)
    }

    /// Warm-up, then the course.
    fn rate(&self, total: usize) -> f64 {
        let (update, warm) = (self.optimizer.updates as f64, self.settings.warm_up as f64);
        if update < warm {
            return self.settings.rate * (update + 1.0) / warm;
        }
        let made = (update - warm) / (total as f64 - warm).max(1.0);
        let progress = made.max(self.share_of_time()).min(1.0);
        self.settings.rate * self.settings.course.share(progress)
    }

    /// How much of its time is over, where it has one.
    fn share_of_time(&self) -> f64 {
        match self.settings.course {
            Course::Timed(seconds) => self.began.elapsed().as_secs_f64() / seconds.max(1) as f64,
            Course::Falling | Course::Steady => 0.0,
        }
    }

    /// Trains to the end, which may come early. `observe` is told of every update and may stop the run;
    /// what was not measured by then is lost.
    ///
    /// # Errors
    /// When the training set is empty, the network fails, the weights run away, or a checkpoint cannot
    /// be written.
    pub fn train(
        &mut self,
        mut observe: impl FnMut(&Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Ended, TrainingError> {
        let epoch = self.lesson.epoch();
        if epoch == 0 {
            return Err(TrainingError::Empty);
        }
        if let Some(folder) = &self.settings.checkpoints {
            std::fs::create_dir_all(folder)
                .map_err(|error| TrainingError::File { path: folder.clone(), error })?;
        }
        let total = (self.settings.epochs * epoch as f64).round().max(1.0) as usize;
        let every = self.settings.every.unwrap_or(epoch).max(1);
        // A run that goes on deals anew: the order of what it had left is not kept.
        self.lesson.deal(self.settings.seed ^ (self.optimizer.updates as u64) << 20);
        let vars: HashMap<String, Tensor> = self
            .optimizer
            .slots
            .iter()
            .map(|slot| (slot.name.clone(), slot.var.as_tensor().clone()))
            .collect();
        let (mut sum, mut count) = (0.0f64, 0.0f64);
        while self.optimizer.updates < total {
            let network = self.lesson.network(vars.clone())?;
            let loss = self.lesson.loss(&network)?;
            let gradients = loss.mean.backward()?;
            let rate = self.rate(total);
            let norm = self.optimizer.update(&gradients, rate as f32)?;
            let update = self.optimizer.updates;
            let value = f64::from(loss.mean.to_dtype(DType::F32)?.to_scalar::<f32>()?);
            if !value.is_finite() || !norm.is_finite() {
                return Err(TrainingError::Diverged { update, loss: value, norm });
            }
            sum += value * loss.of;
            count += loss.of;
            let mut measured = None;
            let over = update == total || self.share_of_time() >= 1.0;
            if update.is_multiple_of(every) || over {
                let averages = self.averages()?;
                let found = self.lesson.measure(&self.lesson.network(averages.clone())?)?;
                let point = Point { update, train: sum / count, valid: found.nats };
                (sum, count) = (0.0, 0.0);
                self.curve.push(point);
                let better = found.nats < self.best;
                if better {
                    (self.best, self.best_weights) = (found.nats, averages);
                }
                self.save(better)?;
                measured = Some((point, found, better));
            }
            let progress = Progress {
                update,
                of: total,
                loss: value,
                rate,
                measured: measured.as_ref().map(|(point, found, better)| (*point, found, *better)),
                curve: &self.curve,
                best: &self.best_weights,
            };
            if observe(&progress).is_break() {
                return Ok(Ended::Stopped);
            }
            if over {
                break;
            }
            if measured.is_some()
                && self.settings.patience.is_some_and(|most| self.curve.since_best() >= most)
            {
                return Ok(Ended::Early);
            }
        }
        Ok(Ended::Whole)
    }

    fn save(&mut self, better: bool) -> Result<(), TrainingError> {
        let (Some(last), Some(best)) = (self.checkpoint("last"), self.checkpoint("best")) else {
            return Ok(());
        };
        let note = Note {
            config: self.lesson.config(),
            updates: self.optimizer.updates,
            best: self.best,
            curve: self.curve.clone(),
        };
        // The best first: a run that is cut off between the two goes on from `last`, which then has a best.
        if better {
            checkpoint::save(&best, &mut self.optimizer, &note)?;
        }
        checkpoint::save(&last, &mut self.optimizer, &note)
    }
}
