//! The chorales of the published split.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use lilt_models::chorale::piece::Piece;
use lilt_models::chorale::vocabulary::{Frame, REST, VOICES, class};
use serde::Deserialize;

/// The published split.
#[derive(Debug)]
pub struct Corpus {
    pub train: Vec<Piece>,
    pub valid: Vec<Piece>,
    pub test: Vec<Piece>,
}

/// The file: MIDI pitches, −1 for silence, soprano first.
#[derive(Debug, Deserialize)]
struct File {
    train: Vec<Vec<[i16; VOICES]>>,
    valid: Vec<Vec<[i16; VOICES]>>,
    test: Vec<Vec<[i16; VOICES]>>,
}

impl Corpus {
    /// Reads `Jsb16thSeparated.json` in the folder `data`.
    pub fn read(data: &Path) -> Result<Corpus> {
        let path = data.join("Jsb16thSeparated.json");
        let text = std::fs::read(&path).with_context(|| format!("{}: cannot be read", path.display()))?;
        let file: File = serde_json::from_slice(&text)
            .with_context(|| format!("{}: this is no list of chorales", path.display()))?;
        let pieces = |pieces: Vec<Vec<[i16; VOICES]>>| -> Result<Vec<Piece>> {
            ensure!(!pieces.is_empty(), "{}: a split is empty", path.display());
            pieces.iter().map(|piece| Ok(Piece::new(frames(piece)?))).collect()
        };
        Ok(Corpus { train: pieces(file.train)?, valid: pieces(file.valid)?, test: pieces(file.test)? })
    }
}

fn frames(piece: &[[i16; VOICES]]) -> Result<Vec<Frame>> {
    let cell = |pitch: i16| match u8::try_from(pitch) {
        Ok(pitch) => match class(pitch) {
            Some(class) => Ok(class),
            None => bail!("MIDI pitch {pitch} lies outside the range of the chorales"),
        },
        Err(_) => Ok(REST),
    };
    piece
        .iter()
        .map(|frame| {
            let mut cells = [REST; VOICES];
            for (to, &pitch) in cells.iter_mut().zip(frame) {
                *to = cell(pitch)?;
            }
            Ok(cells)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_models::chorale::features::Tonality;

    #[test]
    fn a_piece_is_read_with_its_key_and_its_rests() {
        let folder = std::env::temp_dir().join(format!("lilt-chorales-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("Jsb16thSeparated.json");
        let piece = "[[72,67,63,48],[72,67,63,48],[-1,67,62,43],[72,67,64,48]]";
        let text = format!("{{\"train\":[{piece}],\"valid\":[{piece}],\"test\":[{piece}]}}");
        std::fs::write(&file, &text).unwrap();
        let corpus = Corpus::read(&folder).unwrap();
        let piece = &corpus.train[0];
        assert_eq!(piece.frames[2], [REST, 31, 26, 7]);
        // C minor, though the last chord is major.
        assert_eq!(piece.key, Some(Tonality { tonic: 0, minor: true }));
        assert_eq!(piece.notes(), 2 + 1 + 3 + 3);
        // The tenor stays between a#2 and a4, the soprano between c4 and a5.
        assert_eq!(piece.shifts(), -7..=5);
        std::fs::write(&file, text.replace("43", "20")).unwrap();
        let error = Corpus::read(&folder).unwrap_err().to_string();
        assert_eq!(error, "MIDI pitch 20 lies outside the range of the chorales");
    }
}
