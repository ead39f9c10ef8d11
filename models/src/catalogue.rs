//! The models that exist.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use candle_core::Device;
use lilt_inference::{Accompanist, Catalogue, Model, ModelError, Recognizer, TimbreSpace};

use crate::accompanist::model::HmmAccompanist;
use crate::card::Head;
use crate::chorale::model::ChoraleModel;
use crate::drums::model::DrumModel;
use crate::folk::model::FolkModel;
use crate::melody::model::MelodyModel;
use crate::performance::model::PerformanceModel;
use crate::recognizer::model::QuickRecognizer;
use crate::sketch::model::SketchModel;
use crate::timbre::space::Space;
use crate::{chorale, drums, folk, melody, performance, sketch};

/// What the networks run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Processor {
    /// The processor: for these sizes and single notes the fastest.
    #[default]
    Cpu,
    /// A graphics card through CUDA; only in a build with the feature `cuda`.
    Cuda,
    /// Apple's graphics through Metal; only in a build with the feature `metal`.
    Metal,
}

impl Processor {
    /// As it is written after `--device`.
    pub fn name(self) -> &'static str {
        match self {
            Processor::Cpu => "cpu",
            Processor::Cuda => "cuda",
            Processor::Metal => "metal",
        }
    }

    /// The device.
    ///
    /// # Errors
    /// When this build or this machine does not have it.
    pub fn open(self) -> Result<Device, ModelError> {
        let opened = match self {
            Processor::Cpu => Ok(Device::Cpu),
            Processor::Cuda => Device::new_cuda(0),
            Processor::Metal => Device::new_metal(0),
        };
        opened.map_err(|error| ModelError::Device { name: self.name(), reason: error.to_string() })
    }
}

/// The models that come with Lilt.
pub const SHIPPED: [&str; 7] =
    [chorale::NAME, drums::NAME, folk::NAME, sketch::KANJI, melody::NAME, performance::NAME, sketch::NAME];

/// The models that come with Lilt, whose weights lie in `shipped`, and those of one's own in the folder
/// `own`, each loaded when it is first asked for.
pub fn catalogue(shipped: PathBuf, own: Option<PathBuf>, processor: Processor) -> impl Catalogue {
    Folders { shipped, own, processor }
}

struct Folders {
    shipped: PathBuf,
    own: Option<PathBuf>,
    processor: Processor,
}

impl Folders {
    /// The card of a model of one's own, where there is one of that name with weights beside it.
    fn own_card(&self, name: &str) -> Option<PathBuf> {
        let card = self.own.as_ref()?.join(format!("{name}.toml"));
        (card.with_extension("safetensors").is_file() && card.is_file()).then_some(card)
    }

    /// Names of models of one's own, sorted.
    fn own_names(&self) -> Vec<String> {
        let entries = self.own.as_ref().and_then(|own| std::fs::read_dir(own).ok());
        let mut names: Vec<String> = entries
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "safetensors"))
            .filter_map(|entry| Some(entry.path().file_stem()?.to_str()?.to_owned()))
            .filter(|name| !SHIPPED.contains(&name.as_str()) && self.own_card(name).is_some())
            .collect();
        names.sort();
        names
    }

    fn load_own(&self, name: &str, card: &Path) -> Result<Arc<dyn Model>, ModelError> {
        let folder = card.parent().unwrap_or(Path::new("."));
        let made_by = Head::<toml::Value>::read(card)?;
        match made_by.recipe() {
            chorale::NAME => Ok(Arc::new(ChoraleModel::load_as(name, folder)?)),
            drums::NAME => Ok(Arc::new(DrumModel::load_as(name, folder)?)),
            folk::NAME => Ok(Arc::new(FolkModel::load_as(name, folder, &self.processor.open()?)?)),
            melody::NAME => Ok(Arc::new(MelodyModel::load_as(name, folder, &self.processor.open()?)?)),
            performance::NAME => Ok(Arc::new(PerformanceModel::load_as(name, folder)?)),
            sketch::NAME => Ok(Arc::new(SketchModel::load_as(name, folder)?)),
            other => Err(ModelError::Weights {
                path: card.to_path_buf(),
                reason: format!("this version of Lilt has no recipe `{other}`"),
            }),
        }
    }
}

impl Catalogue for Folders {
    fn names(&self) -> Vec<String> {
        SHIPPED.map(str::to_owned).into_iter().chain(self.own_names()).collect()
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        let folder = &self.shipped;
        match name {
            // Its batches are small and its products packed for the processor.
            chorale::NAME => Ok(Arc::new(ChoraleModel::load(folder)?)),
            drums::NAME => Ok(Arc::new(DrumModel::load(folder)?)),
            folk::NAME => Ok(Arc::new(FolkModel::load(folder, &self.processor.open()?)?)),
            melody::NAME => Ok(Arc::new(MelodyModel::load(folder, &self.processor.open()?)?)),
            performance::NAME => Ok(Arc::new(PerformanceModel::load(folder)?)),
            sketch::NAME | sketch::KANJI => Ok(Arc::new(SketchModel::load_as(name, folder)?)),
            _ => match self.own_card(name) {
                Some(card) => self.load_own(name, &card),
                None => Err(ModelError::UnknownModel {
                    name: name.to_owned(),
                    nearest: None,
                    known: self.names(),
                }),
            },
        }
    }

    fn recognizer(&self) -> Result<Arc<dyn Recognizer>, ModelError> {
        Ok(Arc::new(QuickRecognizer::load(&self.shipped)?))
    }

    fn accompanist(&self) -> Result<Arc<dyn Accompanist>, ModelError> {
        Ok(Arc::new(HmmAccompanist::load(&self.shipped)?))
    }

    fn timbres(&self) -> Result<Arc<dyn TimbreSpace>, ModelError> {
        Ok(Arc::new(Space::load(&self.shipped)?))
    }

    /// What was trained anew has another time and another length in its card.
    fn version(&self, name: &str) -> u64 {
        let Some(data) = self.own_card(name).and_then(|card| std::fs::metadata(card).ok()) else { return 0 };
        let since = data.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        since.map_or(0, |since| since.as_nanos() as u64) ^ data.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_weights_are_named() {
        let folder = PathBuf::from("no such folder");
        let error = catalogue(folder.clone(), None, Processor::Cpu).load("folk").map(|_| ()).unwrap_err();
        let card = folder.join("folk.toml");
        assert!(matches!(&error, ModelError::Weights { path, .. } if *path == card), "{error}");
        assert!(error.to_string().starts_with("no such folder/folk.toml: cannot be read ("), "{error}");
    }

    #[test]
    fn a_model_that_was_trained_anew_has_another_version() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let models = catalogue(PathBuf::new(), Some(folder.path().to_path_buf()), Processor::Cpu);
        assert_eq!((models.version("mine"), models.names().len()), (0, SHIPPED.len()));
        write("mine.safetensors", "weights");
        write("mine.toml", "name = 'mine'");
        let first = models.version("mine");
        assert_eq!((models.version("mine"), models.names().last().unwrap().as_str()), (first, "mine"));
        write("mine.toml", "name = 'mine' # again");
        assert_ne!(models.version("mine"), first);
    }

    #[test]
    #[cfg(not(feature = "cuda"))]
    fn a_device_that_was_not_built_in_is_an_error() {
        let error = catalogue(PathBuf::new(), None, Processor::Cuda).load("folk").map(|_| ()).unwrap_err();
        assert!(error.to_string().starts_with("device cuda cannot be used: "), "{error}");
    }
}
