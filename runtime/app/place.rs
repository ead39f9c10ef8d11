//! Where Lilt's own files lie on this machine.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The folder of the shipped weights: what `LILT_WEIGHTS` names, else
/// `models/weights` in a folder above the program, else above the current one.
///
/// # Errors
/// When no such folder exists.
pub fn weights() -> Result<PathBuf, Failure> {
    if let Some(folder) = std::env::var_os("LILT_WEIGHTS") {
        return Ok(PathBuf::from(folder));
    }
    let program = std::env::current_exe().ok();
    let here = std::env::current_dir().ok();
    program.iter().chain(here.iter()).find_map(|start| above(start, "models/weights")).ok_or_else(|| {
        Failure::Use(
            "the models' weights are not to be found: start lilt from its repository, \
             or set LILT_WEIGHTS to the folder models/weights"
                .to_string(),
        )
    })
}

/// Refuses to write over the script itself.
///
/// # Errors
/// When `output` is the file `script`, by whatever name.
pub fn not_the_script(script: &Path, output: &Path) -> Result<(), Failure> {
    // A file that is not there yet is no script.
    match same_file::is_same_file(script, output).unwrap_or(false) {
        true => {
            Err(Failure::Use(format!("{} is the script itself: write to another file", output.display())))
        }
        false => Ok(()),
    }
}

/// The canvas program: beside `lilt`, or where its own build profile puts it.
pub fn canvas() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let folder = program.parent()?;
    let name = format!("lilt-canvas{}", std::env::consts::EXE_SUFFIX);
    [folder.join(&name), folder.join("../canvas").join(&name)].into_iter().find(|path| path.is_file())
}

/// The first `start/…/folder` that exists, going up from `start`.
fn above(start: &Path, folder: &str) -> Option<PathBuf> {
    start.ancestors().map(|parent| parent.join(folder)).find(|path| path.is_dir())
}
