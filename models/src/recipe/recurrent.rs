//! What the recipes of the family of recurrent event models share: sizes of a new network, and the lesson.

use crate::recurrent::batches::{Hidden, Piece};
use crate::recurrent::config::{Config, FieldNames};
use crate::recurrent::lesson::{Layout, RecurrentLesson};

/// Sizes of a new network for so many notes, which hears `rows` rows in `groups` groups.
pub(super) fn config(notes: usize, [rows, groups]: [usize; 2], fields: &[usize]) -> Config {
    let hidden = if notes < 50_000 { 128 } else { 256 };
    let half = hidden / 2;
    Config {
        rows,
        groups,
        embed: half,
        hidden,
        layers: 2,
        gate: half,
        fields: fields.to_vec(),
        names: FieldNames::Numbered,
    }
}

/// The lesson; of each of `conditions`, a group and its row that means "not told", so large a share of
/// the pieces is not told.
pub(super) fn lesson<'a, const N: usize>(
    config: &Config,
    conditions: [(usize, u16); N],
    shares: [f64; N],
    train: &'a [Piece],
    valid: &'a [Piece],
) -> RecurrentLesson<'a> {
    let hidden = conditions.into_iter().zip(shares).map(|(untold, share)| Hidden::untold(untold, share));
    // Few pieces fill few lanes.
    let batch = train.len().clamp(1, 32);
    let layout = Layout { batch, steps: 96, dropout: vec![0.2, 0.3], hidden: hidden.collect() };
    RecurrentLesson::new(config.clone(), layout, train, valid)
}
