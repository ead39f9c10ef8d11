//! `lilt bench`: how fast this machine plays.

use crate::command_line::Bench;
use crate::failure::Failure;

/// Measures.
pub fn bench(_words: Bench) -> Result<(), Failure> {
    Ok(())
}
