//! The models that exist.

use std::path::PathBuf;
use std::sync::Arc;

use candle_core::Device;
use lilt_inference::{Catalogue, Model, ModelError};

use crate::chorale::model::{self as chorale, ChoraleModel};
use crate::drums::model::{self as drums, DrumModel};
use crate::folk::model::{self as folk, FolkModel};
use crate::melody::model::{self as melody, MelodyModel};
use crate::performance::model::{self as performance, PerformanceModel};

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

/// The models whose weights lie in `folder`, each loaded when it is first asked for.
pub fn catalogue(folder: PathBuf, processor: Processor) -> impl Catalogue {
    WeightsFolder { folder, processor }
}

struct WeightsFolder {
    folder: PathBuf,
    processor: Processor,
}

impl Catalogue for WeightsFolder {
    fn names(&self) -> Vec<String> {
        [chorale::NAME, drums::NAME, folk::NAME, melody::NAME, performance::NAME].map(str::to_owned).to_vec()
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        match name {
            // Its batches are small and its products packed for the processor.
            chorale::NAME => Ok(Arc::new(ChoraleModel::load(&self.folder)?)),
            drums::NAME => Ok(Arc::new(DrumModel::load(&self.folder)?)),
            folk::NAME => Ok(Arc::new(FolkModel::load(&self.folder, &self.processor.open()?)?)),
            melody::NAME => Ok(Arc::new(MelodyModel::load(&self.folder, &self.processor.open()?)?)),
            performance::NAME => Ok(Arc::new(PerformanceModel::load(&self.folder)?)),
            _ => Err(ModelError::UnknownModel { name: name.to_owned(), nearest: None, known: self.names() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_weights_are_named() {
        let folder = PathBuf::from("no such folder");
        let error = catalogue(folder.clone(), Processor::Cpu).load("folk").map(|_| ()).unwrap_err();
        let card = folder.join("folk.toml");
        assert!(matches!(&error, ModelError::Weights { path, .. } if *path == card), "{error}");
        assert!(error.to_string().starts_with("no such folder/folk.toml: cannot be read ("), "{error}");
    }

    #[test]
    #[cfg(not(feature = "cuda"))]
    fn a_device_that_was_not_built_in_is_an_error() {
        let error = catalogue(PathBuf::new(), Processor::Cuda).load("folk").map(|_| ()).unwrap_err();
        assert!(error.to_string().starts_with("device cuda cannot be used: "), "{error}");
    }
}
