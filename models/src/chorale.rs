//! `chorale`: four voices in the manner of Bach, with any cells missing.
//!
//! After Coconet (Huang et al. 2017, "Counterpoint by convolution") and DeepBach (Hadjeres et al.
//! 2017): a network that has learnt to predict any hidden cell from any that are known.

pub mod features;
pub mod filling;
pub mod holes;
pub mod lesson;
pub mod losses;
pub mod model;
pub mod network;
pub mod piece;
pub mod scoring;
pub mod step;
mod task;
pub mod tilted;
pub mod vocabulary;
pub mod voices;

/// Name in a script, and of the two files of its weights.
pub const NAME: &str = "chorale";
