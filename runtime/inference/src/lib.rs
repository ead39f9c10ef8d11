//! The service beside the music: the [`Model`] trait and its capabilities, takes, workers, deadlines and
//! cancellation. It knows no network library; the models are given to it by a [`Catalogue`].
//!
//! What a model makes is a [`Piece`] of a [`Medium`]: a clip or a sketch. All that is said of pieces here, from the key
//! of a take to tilt, baking and the way between two, is written once for both.
//!
//! A [`Call`] becomes a [`Take`] at once. The take is pending while it waits in a bounded queue
//! (earliest deadline first) or is made by a worker; then it is ready or has failed, for good.
//! The same call gives the same take, so nothing is made twice, and a take that nobody holds any
//! more is cancelled.

mod accompanist;
mod answer;
mod bake;
mod bakery;
mod call;
mod catalogue;
pub mod categorical;
mod description;
mod digest;
mod error;
mod extent;
mod features;
mod interpolated;
mod likeness;
mod log_weights;
mod markov;
mod memory;
mod model;
mod particle_filter;
mod particles;
mod piece;
mod population;
mod practice;
mod recognizer;
mod reward;
mod sampling;
mod schedule;
mod service;
mod setting;
mod step_proposal;
mod take;
pub mod taste;
mod tilt;
mod tilted;
mod timbre_space;
mod watch;
mod worker;

pub use accompanist::{Accompanist, Foreseeing, Foreseen, HeardNote};
pub use answer::{Answer, Sampled};
pub use bake::{Bake, Baked, Comparison, Examples};
pub use bakery::{BakeState, Bakery, Baking};
pub use call::{Call, Input, Verb};
pub use catalogue::Catalogue;
pub use description::{Defaults, Description, OptionDescription, OptionKind, TransformDescription};
pub use digest::TakeKey;
pub use error::ModelError;
pub use extent::Extent;
pub use features::{FEATURES, Features};
pub use interpolated::Interpolated;
pub use likeness::Likeness;
pub use log_weights::LogWeights;
pub use markov::{Markov, MarkovError};
pub use model::{Continues, Grows, Interpolates, Learns, Model, Scores, Tilts, Transforms};
pub use particles::Particles;
pub use piece::{Medium, Piece};
pub use population::{ParticleScope, Population};
pub use practice::{Advantages, Cost};
pub use recognizer::Recognizer;
pub use reward::{Reward, Several, Step, StepReward};
pub use sampling::{Conditions, Interpolation, Length, Sampling};
pub use service::{Inference, Status};
pub use setting::{Setting, Settings};
pub use step_proposal::{Candidate, Certain, Choice, Drawn, StepProposal};
pub use take::{Take, TakeState};
pub use tilt::{Tilt, TiltError};
pub use tilted::Tilted;
pub use timbre_space::{Heard, TimbreSpace};
pub use watch::Watch;
