//! `lilt import`: makes a model of weights that somebody else released.

use lilt_models::sketch::import as sketch;

use crate::command_line::{Foreign, Import};
use crate::failure::Failure;

/// Writes the model, and says how a script names it.
pub fn import(words: Import) -> Result<(), Failure> {
    let imported = match words.what {
        Foreign::SketchRnn => sketch::import(&words.file, &words.folder, words.name.as_deref()),
    };
    let imported = imported.map_err(Failure::of_use)?;
    for file in &imported.files {
        eprintln!("  {}", file.display());
    }
    println!("it draws {}; a script in that folder names it: model \"{}\"", imported.draws, imported.name);
    Ok(())
}
