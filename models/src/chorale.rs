//! `chorale`: four voices in the manner of Bach, with any cells missing.
//!
//! After Coconet (Huang et al. 2017, "Counterpoint by convolution") and DeepBach (Hadjeres et al.
//! 2017): a network that has learnt to predict any hidden cell from any that are known.

pub mod features;
pub mod network;
pub mod vocabulary;
