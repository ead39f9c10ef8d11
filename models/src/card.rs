//! The card of a trained model, `NAME.toml` beside `NAME.safetensors`, and the loader that trusts
//! weights only when they are the ones that the card describes.
//!
//! A card holds what one must know to judge the weights and to make them again: the sizes of the
//! network, the data with its licences, the split, the seed and the commands, the losses with the
//! baseline's beside them, the SHA-256 of the weights, and a golden output.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lilt_inference::ModelError;
use safetensors::{Dtype, SafeTensors};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A model card; `N` is the sizes of the network, `L` its losses and `G` its golden output, as its
/// family has them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card<N, L = Losses, G = Golden> {
    /// Name of the model, as scripts write it.
    pub name: String,
    /// What it is, in a sentence or two.
    pub description: String,
    /// Licence of the weights.
    pub licence: String,
    /// Trained numbers in the network.
    pub parameters: usize,
    /// Seed of the training run.
    pub seed: u64,
    /// Command that trains it.
    pub train: String,
    /// Command that measures the losses below.
    pub measure: String,
    /// Sizes of the network.
    pub network: N,
    /// The weights file.
    pub weights: WeightsFile,
    /// What it learnt from.
    pub data: Vec<DataSet>,
    /// How the data was split.
    pub split: Split,
    /// Losses of the network and of its baseline.
    pub losses: L,
    /// What the network plays from the start, always choosing the likeliest.
    pub golden: G,
}

/// What every card says, whatever else is on it.
#[derive(Debug, Clone, Deserialize)]
pub struct Head<N> {
    /// Name of the model.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// The recipe that made it; on the card of a shipped model it is the name.
    recipe: Option<String>,
    /// Sizes of the network.
    pub network: N,
    /// The weights file.
    pub weights: WeightsFile,
}

impl<N: DeserializeOwned> Head<N> {
    /// Reads the head of a card.
    ///
    /// # Errors
    /// When the file cannot be read, or is no card with such a network.
    pub fn read(path: &Path) -> Result<Head<N>, LoadError> {
        read_text(path)
    }
}

impl<N> Head<N> {
    /// The recipe that made it.
    pub fn recipe(&self) -> &str {
        self.recipe.as_deref().unwrap_or(&self.name)
    }
}

/// What the card says of the weights file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightsFile {
    /// SHA-256 of `NAME.safetensors`, 64 hexadecimal digits.
    pub sha256: String,
    /// Number type of the tensors, `F16` or `F32`.
    pub dtype: String,
}

/// One set of data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSet {
    /// Its name.
    pub name: String,
    /// Its licence.
    pub licence: String,
    /// Where anybody gets it.
    pub from: String,
    /// Pieces in it.
    pub pieces: usize,
}

/// Sizes of the split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// How pieces were dealt.
    pub rule: String,
    /// Pieces and notes to learn from.
    pub train: [usize; 2],
    /// Pieces and notes that chose the checkpoint.
    pub valid: [usize; 2],
    /// Pieces and notes that the losses are measured on.
    pub test: [usize; 2],
    /// Pieces left out, by reason.
    pub left_out: BTreeMap<String, usize>,
}

/// Losses in nats per note; the end of each piece is in the sum, not in the count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Losses {
    /// Of the shipped weights on the training set.
    pub train: f64,
    /// On the validation set.
    pub valid: f64,
    /// On the test set.
    pub test: f64,
    /// On the test set, counting only notes of parts played for the first time.
    pub test_first_time: f64,
    /// What the baseline is.
    pub baseline: String,
    /// Of the baseline on the test set.
    pub baseline_test: f64,
    /// Of the baseline, counting only notes of parts played for the first time.
    pub baseline_test_first_time: f64,
    /// Other baselines, with their losses on the test set and its first times.
    pub other_baselines: BTreeMap<String, [f64; 2]>,
}

/// Golden output: what tells a build that computes something else from a right one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// Key, as scripts write it.
    pub key: String,
    /// Metre, as scripts write it.
    pub meter: String,
    /// Notes as `pitch:ticks` (MIDI number, 1/48 beat), `z` for a rest, separated by spaces.
    pub notes: String,
}

/// Why weights were not loaded. Each message names the file.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file could not be read.
    #[error(
        "{path}: cannot be read ({error}); the weights lie in models/weights of the repository, `git checkout -- models/weights` brings them back"
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// There is not enough memory for the model.
    #[error(
        "{path}: there is no room for this model: it takes {} MiB of memory; close other programs, or raise the limit of this one (`ulimit -v`)",
        needed >> 20
    )]
    Memory {
        /// The weights file.
        path: PathBuf,
        /// What it takes to load and to play it, in bytes.
        needed: usize,
    },
    /// The card is no card.
    #[error("{path}: this is no model card: {message}")]
    Card {
        /// The card.
        path: PathBuf,
        /// Where and why.
        message: String,
    },
    /// The weights are not the card's.
    #[error("{path}: the weights are not those of their card: SHA-256 is {found}, the card says {expected}")]
    Sha256 {
        /// The weights file.
        path: PathBuf,
        /// What the card says.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// The weights file is damaged.
    #[error("{path}: this is no safetensors file: {message}")]
    Damaged {
        /// The weights file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A tensor of the network is not in the file.
    #[error("{path}: tensor `{name}` is missing")]
    MissingTensor {
        /// The weights file.
        path: PathBuf,
        /// The tensor.
        name: String,
    },
    /// A tensor does not fit the network.
    #[error("{path}: tensor `{name}` has shape {found:?}, the network of the card needs {expected:?}")]
    Shape {
        /// The weights file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape that the network needs.
        expected: Vec<usize>,
    },
    /// A tensor is of a type that is not read.
    #[error("{path}: tensor `{name}` has numbers of type {dtype}; F16 and F32 are read")]
    Type {
        /// The weights file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its type.
        dtype: String,
    },
}

/// A tensor in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// Values, the last axis running fastest. What was stored as f16 is widened exactly.
    pub values: Vec<f32>,
}

/// SHA-256 of `bytes` as 64 hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl From<LoadError> for ModelError {
    /// The same error with its file apart from its reason.
    fn from(error: LoadError) -> ModelError {
        let (LoadError::Read { path, .. }
        | LoadError::Memory { path, .. }
        | LoadError::Card { path, .. }
        | LoadError::Sha256 { path, .. }
        | LoadError::Damaged { path, .. }
        | LoadError::MissingTensor { path, .. }
        | LoadError::Shape { path, .. }
        | LoadError::Type { path, .. }) = &error;
        let (path, message) = (path.clone(), error.to_string());
        let reason = message.strip_prefix(&format!("{}: ", path.display())).unwrap_or(&message).to_owned();
        ModelError::Weights { path, reason }
    }
}

impl<N: DeserializeOwned, L: DeserializeOwned, G: DeserializeOwned> Card<N, L, G> {
    /// Reads a card.
    ///
    /// # Errors
    /// When the file cannot be read or is no card of this family.
    pub fn read(path: &Path) -> Result<Card<N, L, G>, LoadError> {
        read_text(path)
    }
}

/// Reads a card, or a part of one.
///
/// # Errors
/// When the file cannot be read or does not say what `T` needs.
fn read_text<T: DeserializeOwned>(path: &Path) -> Result<T, LoadError> {
    let text = std::fs::read_to_string(path).map_err(|error| LoadError::Read { path: path.into(), error })?;
    toml::from_str(&text).map_err(|error| LoadError::Card {
        path: path.into(),
        message: error.to_string().trim_end().to_owned(),
    })
}

/// Memory that a model takes while it is loaded and played, beside its weights: what it reckons with, and the
/// stacks and arenas of the threads that do, in bytes. With it every shipped model is refused in a process of 400 MB
/// (`ulimit -v`), and plays in one of 500 MB; without it loading ended the process.
const WORKING_ROOM: usize = 64 << 20;

/// How often the weights lie in memory while a model is loaded: the file with its halves, the same widened
/// (twice as long), and as the network keeps them (as long again).
const COPIES: usize = 5;

/// What a model whose weights take `length` bytes on disk needs in memory, in bytes.
fn needed(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX).saturating_mul(COPIES).saturating_add(WORKING_ROOM)
}

/// Makes sure that so much memory can be had now. Whoever asks for more than there is, later, ends the whole
/// process: allocating knows no other answer.
fn check_room(path: &Path, length: u64) -> Result<(), LoadError> {
    let needed = needed(length);
    let room = Vec::<u8>::new().try_reserve_exact(needed);
    room.map_err(|_| LoadError::Memory { path: path.into(), needed })
}

/// Reads a file of weights, once it is known that there is room for what becomes of them.
fn read_bytes(path: &Path) -> Result<Vec<u8>, LoadError> {
    let fail = |error| LoadError::Read { path: path.into(), error };
    check_room(path, std::fs::metadata(path).map_err(fail)?.len())?;
    std::fs::read(path).map_err(fail)
}

/// Reads the weights at `path`, which must have the SHA-256 `expected` and hold every tensor of
/// `tensors` (names and shapes).
///
/// # Errors
/// When the file is missing or damaged, is not the card's, does not fit the network, or there is no memory for it.
pub fn read_weights(
    path: &Path,
    expected: &str,
    tensors: &[(String, Vec<usize>)],
) -> Result<BTreeMap<String, Weights>, LoadError> {
    let path = path.to_path_buf();
    let bytes = read_bytes(&path)?;
    let found = sha256(&bytes);
    if found != expected {
        return Err(LoadError::Sha256 { path, expected: expected.to_owned(), found });
    }
    let file = SafeTensors::deserialize(&bytes)
        .map_err(|error| LoadError::Damaged { path: path.clone(), message: error.to_string() })?;
    let mut weights = BTreeMap::new();
    for (name, shape) in tensors {
        let tensor = file
            .tensor(name)
            .map_err(|_| LoadError::MissingTensor { path: path.clone(), name: name.clone() })?;
        if tensor.shape() != shape.as_slice() {
            let found = tensor.shape().to_vec();
            return Err(LoadError::Shape { path, name: name.clone(), found, expected: shape.clone() });
        }
        let data = tensor.data();
        let values = match tensor.dtype() {
            Dtype::F32 => data.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
            Dtype::F16 => {
                data.as_chunks().0.iter().map(|&bytes| half::f16::from_le_bytes(bytes).to_f32()).collect()
            }
            other => return Err(LoadError::Type { path, name: name.clone(), dtype: format!("{other:?}") }),
        };
        weights.insert(name.clone(), Weights { shape: shape.clone(), values });
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::tensor::TensorView;

    fn file(name: &str, bytes: &[u8]) -> PathBuf {
        let path = std::env::temp_dir().join(format!("lilt-card-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn tensors(dtype: Dtype, shape: Vec<usize>, data: &[u8]) -> Vec<u8> {
        let view = TensorView::new(dtype, shape, data).unwrap();
        safetensors::serialize([("bias", view)], None).unwrap()
    }

    #[test]
    fn a_model_for_which_there_is_no_room_says_how_much_it_takes() {
        // More than any machine can address.
        let error = check_room(Path::new("large.safetensors"), 1 << 60).unwrap_err();
        assert_eq!(
            error.to_string(),
            "large.safetensors: there is no room for this model: it takes 5497558138944 MiB of memory; close other \
             programs, or raise the limit of this one (`ulimit -v`)"
        );
        assert!(check_room(Path::new("small.safetensors"), 1 << 10).is_ok());
    }

    #[test]
    fn halves_are_widened() {
        let data: Vec<u8> =
            [1.5f32, -0.25].iter().flat_map(|&x| half::f16::from_f32(x).to_le_bytes()).collect();
        let bytes = tensors(Dtype::F16, vec![2], &data);
        let path = file("halves", &bytes);
        let weights = read_weights(&path, &sha256(&bytes), &[("bias".to_owned(), vec![2])]).unwrap();
        assert_eq!(weights["bias"].values, [1.5, -0.25]);
    }

    #[test]
    fn every_error_names_the_file() {
        let bytes = tensors(Dtype::F32, vec![2], &[0; 8]);
        let wanted = |name: &str, length| [(name.to_owned(), vec![length])];
        let path = file("whole", &bytes);
        let damaged = file("damaged", &bytes[..20]);
        let shown = path.display();
        let cases = [
            (
                read_weights(&path, "00", &wanted("bias", 2)),
                format!(
                    "{shown}: the weights are not those of their card: SHA-256 is {}, the card says 00",
                    sha256(&bytes)
                ),
            ),
            (
                read_weights(&path, &sha256(&bytes), &wanted("gain", 2)),
                format!("{shown}: tensor `gain` is missing"),
            ),
            (
                read_weights(&path, &sha256(&bytes), &wanted("bias", 3)),
                format!("{shown}: tensor `bias` has shape [2], the network of the card needs [3]"),
            ),
        ];
        for (result, message) in cases {
            assert_eq!(result.unwrap_err().to_string(), message);
        }
        let message =
            read_weights(&damaged, &sha256(&bytes[..20]), &wanted("bias", 2)).unwrap_err().to_string();
        assert!(
            message.starts_with(&format!("{}: this is no safetensors file: ", damaged.display())),
            "{message}"
        );
        let missing = std::env::temp_dir().join("lilt-card-not-there");
        let message = read_weights(&missing, "00", &[]).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{}: cannot be read (", missing.display())), "{message}");
    }

    #[test]
    fn a_card_says_where_it_is_wrong() {
        let path = file("card", b"name = \"folk\"\nsize = 3\n");
        let message = <Card<BTreeMap<String, usize>>>::read(&path).unwrap_err().to_string();
        assert!(
            message.starts_with(&format!(
                "{}: this is no model card: TOML parse error at line 2",
                path.display()
            )),
            "{message}"
        );
        assert!(message.contains("unknown field `size`"), "{message}");
    }
}
