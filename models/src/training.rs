//! Training, for all recipes and for models that learn while the music plays: what is taught is a
//! [`Lesson`], the [`Run`] does the rest: updates, measuring, checkpoints, stopping early.

mod adapter;
mod bar;
mod checkpoint;
mod curve;
mod error;
mod export;
mod lesson;
mod optimizer;
mod run;

pub use adapter::{Adapted, adapt, merged};
pub use bar::Bar;
pub use curve::{Curve, Point};
pub use error::TrainingError;
pub use export::{Precision, averaged, tensors, values, write, write_as, write_whole};
pub use lesson::{Lesson, Loss, Measured, Start, Tensors, draw, unit_masks};
pub use optimizer::{Optimizer, Slot};
pub use run::{Course, Ended, Hyperparameters, Progress, Run};
