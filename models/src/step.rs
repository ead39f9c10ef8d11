//! One step of a recurrent network, as fast as one core reads its weights.
//!
//! A step at batch 1 multiplies each weight once, so its time is the time of reading the weights.
//! They are kept as f16 in the order in which they are read: a [`Packed`] matrix is cut into blocks
//! of 64 rows, and a block is stored column by column, so that one pass over the block multiplies
//! 64 weights by one broadcast input. For an LSTM a block holds the four gates of 16 units, so the
//! gates never leave the registers before the new cell and hidden state are known. Layer 0 needs no
//! product with its input: the input is a sum of embedding rows, and the product of each row with
//! `weight_ih` is computed when the network is loaded.
//!
//! The arithmetic is f32. It differs from the network as it was trained by the rounding of the
//! weights to f16 and by the order of the sums.

mod abreast;
mod activation;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod block;
mod heard;
mod kernel;
#[cfg(target_arch = "aarch64")]
mod neon;
mod packed;
mod portable;
mod stack;
mod state;
mod tiles;
mod vector;

pub use abreast::Abreast;
pub use kernel::Kernel;
pub use packed::{Packed, PackedLinear};
pub use stack::{LayerWeights, LstmStack, LstmWeights, Scratch, StackError};
pub use state::LstmState;
