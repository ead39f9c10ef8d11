//! `lilt import sketch-rnn`: a released decoder becomes a model beside the script.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::NAME;
use super::network::Config;
use super::released::{Released, ReleasedError};
use crate::card::WeightsFile;
use crate::recipe::checked_name;
use crate::training::{Precision, TrainingError, write_as, write_whole};

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// It is no decoder.
    #[error("{path}: {error}")]
    Released {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: ReleasedError,
    },
    /// A name that no model can have, or that another has.
    #[error("a model cannot be called `{name}`: {reason}; name another with --name")]
    Name {
        /// The name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// A model of this name is there.
    #[error("{path} is there already; name another with --name, or remove it")]
    There {
        /// Its card.
        path: PathBuf,
    },
    /// Weights or card cannot be written.
    #[error(transparent)]
    Written(#[from] TrainingError),
    /// The card cannot be written down.
    #[error("the card cannot be written: {0}")]
    Card(#[from] toml::ser::Error),
}

/// A model that was imported.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// Its name.
    pub name: String,
    /// What the decoder says that it draws.
    pub draws: String,
    /// The files that were written.
    pub files: [PathBuf; 2],
}

/// The card of an imported decoder.
#[derive(Debug, Serialize)]
struct ImportedCard<'a> {
    name: &'a str,
    description: String,
    recipe: &'a str,
    licence: &'a str,
    parameters: usize,
    from: String,
    network: &'a Config,
    weights: WeightsFile,
}

/// Writes the decoder in `file` into `folder`, as `name` or as it calls itself.
///
/// # Errors
/// When it is no decoder, or the model cannot be called so or written.
pub fn import(file: &Path, folder: &Path, name: Option<&str>) -> Result<Imported, ImportError> {
    let bytes = std::fs::read(file).map_err(|error| ImportError::File { path: file.to_path_buf(), error })?;
    let released =
        Released::read(&bytes).map_err(|error| ImportError::Released { path: file.to_path_buf(), error })?;
    let name = name.unwrap_or(&released.name).to_owned();
    checked_name(&name).map_err(|reason| ImportError::Name { name: name.clone(), reason })?;
    let files = [".toml", ".safetensors"].map(|ending| folder.join(format!("{name}{ending}")));
    if let Some(path) = files.iter().find(|path| path.exists()) {
        return Err(ImportError::There { path: path.clone() });
    }
    let tensors = released.config.tensors();
    // As they are, to the last bit: they are to say here what they say elsewhere.
    let weights = write_as(Precision::Single, &files[1], &tensors, &released.weights)?;
    let draws = released.name.replace('_', " ");
    let card = ImportedCard {
        name: &name,
        description: format!("Drawings of one kind, {draws}: a Sketch-RNN decoder that was imported."),
        recipe: NAME,
        licence: "that of the file it was imported from; those that Google released are under Apache-2.0",
        parameters: tensors.iter().map(|(_, shape)| shape.iter().product::<usize>()).sum(),
        from: file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        network: &released.config,
        weights,
    };
    write_whole(&files[0], toml::to_string(&card)?.as_bytes())?;
    Ok(Imported { name, draws, files })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::model::SketchModel;
    use crate::sketch::released::tests::small;
    use lilt_inference::{Conditions, Model, Sampling, Watch};

    #[test]
    fn a_decoder_becomes_a_model_with_what_a_decoder_can() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ant.gen.json");
        std::fs::write(&file, small().to_string()).unwrap();
        let imported = import(&file, folder.path(), Some("my-ant")).unwrap();
        assert_eq!((imported.name.as_str(), imported.draws.as_str()), ("my-ant", "ant"));
        let model = SketchModel::load_as("my-ant", folder.path()).unwrap();
        let released = Released::read(small().to_string().as_bytes()).unwrap();
        assert_eq!(model.step().config(), &released.config);
        let held: &dyn Model = &model;
        assert_eq!(held.verbs(), ["sample", "continue", "score", "interpolate", "tilt", "bake"]);
        assert!(held.interpolates().is_none() && held.learns().is_some());
        let request = Sampling::drawing(20, 0.5, 1, Conditions::default()).unwrap();
        let sampled = model.sample(&request, &Watch::new()).unwrap();
        assert!(sampled.piece.sketch().unwrap().points() > 1);
        let again = import(&file, folder.path(), Some("my-ant")).unwrap_err().to_string();
        let card = folder.path().join("my-ant.toml");
        assert_eq!(
            again,
            format!("{} is there already; name another with --name, or remove it", card.display())
        );
    }

    #[test]
    fn what_cannot_be_imported_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cat.gen.json");
        let refused = |name: Option<&str>| {
            import(&file, folder.path(), name)
                .unwrap_err()
                .to_string()
                .replace(&format!("{}/", folder.path().display()), "")
        };
        assert!(refused(None).starts_with("cat.gen.json: No such file"));
        std::fs::write(&file, "[{}]").unwrap();
        assert!(
            refused(None)
                .starts_with("cat.gen.json: this is no Sketch-RNN decoder: missing field `scale_factor`")
        );
        std::fs::write(&file, small().to_string()).unwrap();
        assert_eq!(
            refused(Some("folk")),
            "a model cannot be called `folk`: that is a model that comes with Lilt; name another with --name"
        );
        assert_eq!(
            refused(Some("my ant")),
            "a model cannot be called `my ant`: write letters, digits, `-` and `_`; name another with --name"
        );
    }
}
