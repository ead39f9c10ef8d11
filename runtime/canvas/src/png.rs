//! A scene as a PNG image, with no display.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use crate::scene::Scene;
use crate::svg::svg;

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The picture is too large to be held in memory.
    #[error("a picture of {0} by {1} pixels is too large; ask for at most 16384 by 16384")]
    TooLarge(u32, u32),
    /// The renderer did not take the SVG.
    #[error("the picture could not be drawn: {0}")]
    Draw(#[from] resvg::usvg::Error),
    /// The image could not be encoded.
    #[error("the picture could not be written as PNG: {0}")]
    Encode(String),
}

/// The scene as the bytes of a PNG file, one pixel a pixel.
///
/// # Errors
/// [`PngError`] says whether it was too large, not drawn or not encoded.
pub fn png(scene: &Scene) -> Result<Vec<u8>, PngError> {
    let tree = Tree::from_str(&svg(scene), &Options::default())?;
    let (width, height) = (scene.width as u32, scene.height as u32);
    let mut pixels = Pixmap::new(width, height).ok_or(PngError::TooLarge(width, height))?;
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| PngError::Encode(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;
    use crate::palette::Colour;

    #[test]
    fn the_image_has_the_size_and_the_ground_of_the_scene() {
        let bytes = png(&crate::scene(&Frame::default(), 320, 180)).expect("a small picture");
        let image = Pixmap::decode_png(&bytes).expect("it was encoded above");
        assert_eq!((image.width(), image.height()), (320, 180));
        let corner = image.pixel(0, 0).expect("it has a corner").demultiply();
        let ground = Colour::BACKGROUND;
        assert_eq!(
            (corner.red(), corner.green(), corner.blue(), corner.alpha()),
            (ground.red, ground.green, ground.blue, 255)
        );
    }
}
