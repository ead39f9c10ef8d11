//! One step of a recurrent network, as fast as one core reads its weights.
//!
//! A step at batch 1 multiplies each weight once, so its time is the time of reading the weights; a batch
//! multiplies each many times, so its time is the time of the products. Both get by with 16 bits a
//! weight, in the order in which they are read: a matrix is cut into blocks of 64 rows, and a block is
//! stored column by column, so that one pass over the block multiplies 64 weights by one broadcast
//! input. For an LSTM a block holds the four gates of 16 units, so the gates never leave the registers
//! before the new cell and hidden state are known. Layer 0 needs no product with its input: the input is
//! a sum of embedding rows, and the product of each row with `weight_ih` is computed when the network is
//! loaded.
//!
//! Inside an LSTM, where what is multiplied lies between −1 and 1, products are those of whole numbers
//! (`quantized.rs`); all else is f32, and weights of other layers are f16. A step differs from the
//! network as it was trained by the rounding of weights and hidden states, and by the order of the sums
//! of f32; not from one processor with fused multiply-add to the next, nor from a batch to single steps.

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
mod quantized;
mod stack;
mod state;
mod tiles;
mod vector;

pub use abreast::Abreast;
pub use kernel::Kernel;
pub use packed::PackedLinear;
pub use stack::{LayerWeights, LstmStack, LstmWeights, Scratch, StackError};
pub use state::LstmState;
