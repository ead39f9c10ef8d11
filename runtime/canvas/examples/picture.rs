//! Draws one frame with no display: reads its line from standard input, and writes
//! an SVG or a PNG file, 1280 by 720 pixels.
//!
//! `cargo run -p lilt-canvas --example picture FILE < runtime/canvas/tests/golden/performance.json`

use std::error::Error;
use std::path::PathBuf;

use lilt_canvas::{Frame, png, scene, svg};

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("name the file to write, FILE.svg or FILE.png")?;
    let file = PathBuf::from(file);
    let frame = Frame::from_line(&std::io::read_to_string(std::io::stdin())?)?;
    let picture = scene(&frame, 1280, 720);
    let bytes = match file.extension().and_then(|ending| ending.to_str()) {
        Some("svg") => svg(&picture).into_bytes(),
        Some("png") => png(&picture)?,
        _ => return Err("the file's name must end in .svg or .png".into()),
    };
    Ok(std::fs::write(file, bytes)?)
}
