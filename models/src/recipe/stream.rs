//! What the recipes of the stream family share: sizes of a new network, and the lesson.

use crate::stream::batches::{Hidden, Piece};
use crate::stream::lesson::{Layout, StreamLesson};
use crate::stream::network::Config;

/// Sizes of a new network for so many notes, which hears `rows` rows in `groups` groups.
pub(super) fn config(notes: usize, [rows, groups]: [usize; 2], fields: &[usize]) -> Config {
    let hidden = if notes < 50_000 { 128 } else { 256 };
    let half = hidden / 2;
    Config { rows, groups, embed: half, hidden, layers: 2, gate: half, fields: fields.to_vec() }
}

/// The lesson; of each of `conditions`, a group and its row that means "not told", so large a share of
/// the pieces is not told.
pub(super) fn lesson<'a, const N: usize>(
    config: &Config,
    conditions: [(usize, u16); N],
    shares: [f64; N],
    train: &'a [Piece],
    valid: &'a [Piece],
) -> StreamLesson<'a> {
    let hidden = conditions.into_iter().zip(shares).map(|((group, row), share)| Hidden { group, row, share });
    // Few pieces fill few streams.
    let batch = train.len().clamp(1, 32);
    let layout = Layout { batch, steps: 96, dropout: vec![0.2, 0.3], hidden: hidden.collect() };
    StreamLesson::new(config.clone(), layout, train, valid)
}
