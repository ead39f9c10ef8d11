//! The pieces of a folder, some held out to measure on.

use std::collections::HashSet;
use std::path::Path;

use super::kind::Kind;
use super::{Findings, LeftOut, Music, RecipeError};
use crate::card::sha256;

/// Most pieces in a hundred that are held out to measure on.
const HELD_OUT: usize = 10;

/// The pieces of a folder: those to learn from, those held out, and what was found.
pub(super) type Split<P> = (Vec<P>, Vec<P>, Findings);

/// Reads a folder and holds pieces out, chosen by what is in them and not by their names, so that a file
/// that is added leaves the others where they were.
pub(super) fn split<K: Kind>(data: &Path) -> Result<Split<K::Piece>, RecipeError> {
    let music = Music::read(data).map_err(|error| RecipeError::Folder { path: data.to_path_buf(), error })?;
    let mut findings = Findings { left_out: music.left_out, ..Findings::default() };
    let mut pieces = Vec::new();
    let mut known = HashSet::new();
    for file in &music.files {
        for (number, piece) in (1..).zip(K::pieces(file)) {
            let reason = match piece {
                Ok(piece) => {
                    let fingerprint = sha256(&K::fingerprint(&piece));
                    if known.insert(fingerprint.clone()) {
                        pieces.push((fingerprint, piece));
                        continue;
                    }
                    "the same as another piece".to_owned()
                }
                Err(reason) => reason,
            };
            findings.left_out.push(LeftOut { file: file.path.clone(), piece: number, reason });
        }
    }
    if pieces.len() < 2 {
        return Err(RecipeError::TooLittle {
            path: data.to_path_buf(),
            recipe: K::RECIPE.name(),
            found: pieces.len(),
            wanted: K::WANTED,
        });
    }
    pieces.sort_by(|a, b| a.0.cmp(&b.0));
    let held_out = (pieces.len() * HELD_OUT / 100).max(1);
    let train: Vec<K::Piece> = pieces.split_off(held_out).into_iter().map(|(_, piece)| piece).collect();
    let valid: Vec<K::Piece> = pieces.into_iter().map(|(_, piece)| piece).collect();
    let size = |pieces: &[K::Piece]| [pieces.len(), pieces.iter().map(K::notes).sum()];
    (findings.train, findings.valid) = (size(&train), size(&valid));
    Ok((train, valid, findings))
}
