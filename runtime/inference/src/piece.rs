//! What models make: pieces, each of a medium. What is said of a piece here is all that takes, memory, particles,
//! tilt, bake and interpolation know of one.

use std::fmt;

use lilt_score::{Beat, Clip, ClipError, Sketch};

use crate::{Extent, ModelError};

/// What a model makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Medium {
    /// Clips, which are counted in beats and made of notes.
    #[default]
    Music,
    /// Sketches, which are counted in points of the pen and made of them.
    Drawing,
}

/// A piece of some medium; a value, cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Of music.
    Clip(Clip),
    /// A drawing.
    Sketch(Sketch),
}

impl Medium {
    /// How a piece of it is called in a script.
    pub fn piece(self) -> &'static str {
        match self {
            Medium::Music => "clip",
            Medium::Drawing => "sketch",
        }
    }

    /// How one of the parts is called that a piece of it is made of, and that are scored one by one.
    pub fn part(self) -> &'static str {
        match self {
            Medium::Music => "note",
            Medium::Drawing => "point",
        }
    }

    /// How much is made between two boundaries when the script does not say: a beat, or twelve points, about half of
    /// what a quick drawing of one thing takes for a stroke or two.
    pub fn default_every(self) -> Extent {
        match self {
            Medium::Music => Beat::ONE.into(),
            Medium::Drawing => Extent::of_points(12),
        }
    }
}

/// As it is called in a sentence: `music`, `drawings`.
impl fmt::Display for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Medium::Music => "music",
            Medium::Drawing => "drawings",
        })
    }
}

impl Piece {
    /// What it is a piece of.
    pub fn medium(&self) -> Medium {
        match self {
            Piece::Clip(_) => Medium::Music,
            Piece::Sketch(_) => Medium::Drawing,
        }
    }

    /// The clip.
    ///
    /// # Errors
    /// [`ModelError::Medium`] when it is something else.
    pub fn clip(&self) -> Result<&Clip, ModelError> {
        match self {
            Piece::Clip(clip) => Ok(clip),
            other => Err(other.instead_of(Medium::Music)),
        }
    }

    /// As [`Piece::clip`], where nobody needs the piece any more.
    ///
    /// # Errors
    /// As [`Piece::clip`].
    pub fn into_clip(self) -> Result<Clip, ModelError> {
        match self {
            Piece::Clip(clip) => Ok(clip),
            other => Err(other.instead_of(Medium::Music)),
        }
    }

    /// The sketch.
    ///
    /// # Errors
    /// [`ModelError::Medium`] when it is something else.
    pub fn sketch(&self) -> Result<&Sketch, ModelError> {
        match self {
            Piece::Sketch(sketch) => Ok(sketch),
            other => Err(other.instead_of(Medium::Drawing)),
        }
    }

    /// As [`Piece::sketch`], where nobody needs the piece any more.
    ///
    /// # Errors
    /// As [`Piece::sketch`].
    pub fn into_sketch(self) -> Result<Sketch, ModelError> {
        match self {
            Piece::Sketch(sketch) => Ok(sketch),
            other => Err(other.instead_of(Medium::Drawing)),
        }
    }

    /// Clips of pieces that must all be some.
    ///
    /// # Errors
    /// As [`Piece::clip`].
    pub fn clips(pieces: &[Piece]) -> Result<Vec<&Clip>, ModelError> {
        pieces.iter().map(Piece::clip).collect()
    }

    /// Sketches of pieces that must all be some.
    ///
    /// # Errors
    /// As [`Piece::sketch`].
    pub fn sketches(pieces: &[Piece]) -> Result<Vec<&Sketch>, ModelError> {
        pieces.iter().map(Piece::sketch).collect()
    }

    /// How much of it there is.
    pub fn extent(&self) -> Extent {
        match self {
            Piece::Clip(clip) => clip.length().into(),
            Piece::Sketch(sketch) => Extent::of_points(sketch.points()),
        }
    }

    /// How many parts it is made of: notes, or points.
    pub fn parts(&self) -> usize {
        match self {
            Piece::Clip(clip) => clip.notes().len(),
            Piece::Sketch(sketch) => sketch.points(),
        }
    }

    /// What of it begins before `until`: a piece of that extent, or itself where it is no longer than that.
    ///
    /// # Errors
    /// When that is nothing that can be a piece, as a clip without length.
    pub fn begun(&self, until: Extent) -> Result<Piece, ClipError> {
        match self {
            _ if self.extent() <= until => Ok(self.clone()),
            Piece::Clip(clip) => Clip::new(clip.notes().to_vec(), until.beats()).map(Piece::Clip),
            Piece::Sketch(sketch) => Ok(Piece::Sketch(sketch.begun(until.points()))),
        }
    }

    /// It with the first `count` of its parts and no others: a clip keeps its length.
    ///
    /// # Errors
    /// As [`Piece::begun`].
    pub fn with_parts(&self, count: usize) -> Result<Piece, ClipError> {
        match self {
            Piece::Clip(clip) => {
                let notes = clip.notes().iter().take(count).copied().collect();
                Clip::new(notes, clip.length()).map(Piece::Clip)
            }
            Piece::Sketch(sketch) => Ok(Piece::Sketch(sketch.begun(count))),
        }
    }

    /// Roughly how many bytes remembering it takes.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Piece>()
            + match self {
                Piece::Clip(clip) => size_of_val(clip.notes()),
                Piece::Sketch(sketch) => {
                    sketch.strokes().iter().map(|stroke| size_of_val(stroke.points.as_slice())).sum()
                }
            }
    }

    fn instead_of(&self, wanted: Medium) -> ModelError {
        ModelError::Medium { wanted, given: self.medium() }
    }
}

impl From<Clip> for Piece {
    fn from(clip: Clip) -> Piece {
        Piece::Clip(clip)
    }
}

impl From<&Clip> for Piece {
    fn from(clip: &Clip) -> Piece {
        Piece::Clip(clip.clone())
    }
}

impl From<Sketch> for Piece {
    fn from(sketch: Sketch) -> Piece {
        Piece::Sketch(sketch)
    }
}

impl From<&Sketch> for Piece {
    fn from(sketch: &Sketch) -> Piece {
        Piece::Sketch(sketch.clone())
    }
}

#[cfg(test)]
mod tests {
    use lilt_score::{Point, Stroke};

    use super::*;
    use crate::reward::tests::note;

    fn sketch(strokes: &[usize]) -> Piece {
        let mut x = 0.0;
        let mut stroke = |count: &usize| {
            let mut point = |_| {
                x += 0.01;
                Point { x, y: 0.5, width: 0.01, time: x }
            };
            Stroke { points: (0..*count).map(&mut point).collect() }
        };
        Sketch::new(strokes.iter().map(&mut stroke).collect()).into()
    }

    #[test]
    fn a_piece_is_cut_in_what_its_medium_counts() {
        let clip = Clip::new(vec![note(0, 60), note(1, 62), note(2, 64)], Beat::whole(4)).unwrap();
        let piece = Piece::from(&clip);
        assert_eq!((piece.extent(), piece.parts()), (Beat::whole(4).into(), 3));
        let begun = piece.begun(Beat::ONE.into()).unwrap();
        assert_eq!((begun.extent(), begun.parts()), (Beat::ONE.into(), 1));
        assert_eq!(piece.begun(Beat::whole(4).into()), Ok(piece.clone()));
        assert_eq!(piece.begun(Beat::whole(9).into()), Ok(piece.clone()));
        assert!(piece.begun(Extent::NONE).is_err(), "no clip is without length");
        let first = piece.with_parts(2).unwrap();
        assert_eq!((first.extent(), first.parts()), (Beat::whole(4).into(), 2));

        let piece = sketch(&[3, 4]);
        assert_eq!((piece.extent(), piece.parts()), (Extent::of_points(7), 7));
        for (count, strokes) in [(0, vec![]), (2, vec![2]), (3, vec![3]), (5, vec![3, 2]), (9, vec![3, 4])] {
            assert_eq!(piece.begun(Extent::of_points(count)), Ok(sketch(&strokes)));
            assert_eq!(piece.with_parts(count), Ok(sketch(&strokes)));
        }
    }

    #[test]
    fn what_is_none_of_the_medium_says_what_it_is() {
        let (clip, drawn) = (Piece::from(Clip::rest(Beat::ONE).unwrap()), sketch(&[2]));
        assert_eq!(
            drawn.clip().unwrap_err().to_string(),
            "this is a sketch, where only a clip will do: give it music"
        );
        assert_eq!(
            clip.sketch().unwrap_err().to_string(),
            "this is a clip, where only a sketch will do: give it drawings"
        );
        assert!(Piece::clips(&[clip.clone(), drawn.clone()]).is_err() && Piece::clips(&[clip]).is_ok());
        assert!(drawn.bytes() > size_of::<Piece>());
    }
}
