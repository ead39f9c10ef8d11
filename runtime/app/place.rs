//! Where Lilt's own files lie on this machine.

use std::path::{Path, PathBuf};

use lilt_samples::Bank;
use lilt_script::SoundNames;

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

/// The sounds that a script may name: those of the folder `samples/` beside it, of `further` folders, of those
/// that `LILT_SAMPLES` names, as PATH names folders, and those that come with Lilt. Nothing is read yet.
pub fn sounds(script: &Path, further: &[PathBuf]) -> Bank {
    let set = std::env::var_os("LILT_SAMPLES").unwrap_or_default();
    let set = std::env::split_paths(&set).filter(|folder| !folder.as_os_str().is_empty());
    let further: Vec<PathBuf> = further.iter().cloned().chain(set).collect();
    let beside = script.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Bank::beside(beside, further)
}

/// The names of a bank as a script may write them.
pub fn sound_names(bank: &Bank) -> SoundNames {
    let own = |name: &str| bank.about(name).is_none();
    let names = bank.names().map(|(name, _)| (name.to_owned(), own(name)));
    names.chain(bank.aliases().map(|(name, _)| (name.to_owned(), false))).collect()
}

/// Refuses to write over the script itself.
///
/// # Errors
/// When `output` is the file `script`, by whatever name.
pub fn not_the_script(script: &Path, output: &Path) -> Result<(), Failure> {
    match is_same(script, output) {
        true => {
            Err(Failure::Use(format!("{} is the script itself: write to another file", output.display())))
        }
        false => Ok(()),
    }
}

/// True when both are one file. Neither is opened: opening a pipe may wait for ever. A file that is not there
/// is none.
#[cfg(unix)]
fn is_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |path: &Path| std::fs::metadata(path).ok().map(|about| (about.dev(), about.ino()));
    identity(one).is_some_and(|one| identity(other) == Some(one))
}

/// True when both are one file. A file that is not there is none.
#[cfg(not(unix))]
fn is_same(one: &Path, other: &Path) -> bool {
    std::fs::canonicalize(one).is_ok_and(|one| std::fs::canonicalize(other).is_ok_and(|other| other == one))
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
