//! Released Sketch-RNN decoders as they are: `[info, dimensions, tensors]` in JSON, the tensors as 16-bit integers in
//! base64, of which 32767 are 10 (`@magenta/sketch`, `instantiateFromJSON`).

use std::collections::BTreeMap;
use std::io::Read;

use data_encoding::BASE64;
use flate2::read::GzDecoder;
use serde::Deserialize;

use super::mixture::components;
use super::moves::INPUTS;
use super::network::Config;
use super::step::transposed;
use crate::card::Weights;

/// What 32767 stands for.
const LARGEST: f32 = 10.0;
/// Added to the forget gate while it runs, in `@magenta/sketch`.
const FORGET_BIAS: f32 = 1.0;
/// The tensors and how many axes they have, in order.
const TENSORS: [(&str, usize); 5] = [
    ("output weights", 2),
    ("output biases", 1),
    ("input weights", 2),
    ("recurrent weights", 2),
    ("LSTM biases", 1),
];
/// Most bytes of a file that are read: 40 times those of the decoders known.
const MOST_BYTES: u64 = 128 << 20;

/// A decoder.
#[derive(Debug, Clone, PartialEq)]
pub struct Released {
    /// What it says that it draws.
    pub name: String,
    /// Sizes, without an encoder.
    pub config: Config,
    /// Its tensors, named and laid out as those of [`Config::tensors`].
    pub weights: BTreeMap<String, Weights>,
}

/// Why a file is no decoder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReleasedError {
    /// It is compressed, and that is damaged.
    #[error("its compression is damaged or it is cut off: {0}")]
    Compression(String),
    /// It goes on and on.
    #[error("it is longer than {} MiB: no Sketch-RNN decoder is", MOST_BYTES >> 20)]
    Long,
    /// It is no JSON, or not all of it.
    #[error("it is cut off: {0}")]
    Truncated(String),
    /// It is something else.
    #[error("this is no Sketch-RNN decoder: {0}")]
    Other(String),
    /// It is a model with an encoder, which is not read.
    #[error(
        "it has {0} tensors: this is a whole Sketch-RNN model with its encoder; the decoder alone is read, from a file NAME.gen.json"
    )]
    Whole(usize),
    /// Its tensors do not fit together.
    #[error("its {tensor} have the dimensions {found:?}, {expected} are needed")]
    Dimensions {
        /// Which tensor.
        tensor: &'static str,
        /// What the file says.
        found: Vec<usize>,
        /// What would fit.
        expected: String,
    },
    /// A tensor is damaged.
    #[error("its {tensor} are damaged: {reason}")]
    Tensor {
        /// Which tensor.
        tensor: &'static str,
        /// Why.
        reason: String,
    },
}

/// What a decoder says of itself; other fields are not needed.
#[derive(Deserialize)]
struct Info {
    name: Option<String>,
    scale_factor: f64,
}

impl Released {
    /// Reads a file, which may be compressed with gzip.
    ///
    /// # Errors
    /// When it is no decoder, or a damaged one.
    pub fn read(bytes: &[u8]) -> Result<Released, ReleasedError> {
        if !bytes.starts_with(&[0x1f, 0x8b]) {
            return Released::parse(bytes);
        }
        let mut text = Vec::new();
        GzDecoder::new(bytes)
            .take(MOST_BYTES + 1)
            .read_to_end(&mut text)
            .map_err(|error| ReleasedError::Compression(error.to_string()))?;
        Released::parse(&text)
    }

    fn parse(text: &[u8]) -> Result<Released, ReleasedError> {
        if text.len() as u64 > MOST_BYTES {
            return Err(ReleasedError::Long);
        }
        let (info, dimensions, tensors): (Info, Vec<Vec<usize>>, Vec<String>) = serde_json::from_slice(text)
            .map_err(|error| match error.classify() {
                serde_json::error::Category::Eof => ReleasedError::Truncated(error.to_string()),
                _ => ReleasedError::Other(error.to_string()),
            })?;
        if tensors.len() > TENSORS.len() {
            return Err(ReleasedError::Whole(tensors.len()));
        }
        if tensors.len() != TENSORS.len() || dimensions.len() != TENSORS.len() {
            let reason =
                format!("it has {} tensors and {} dimensions, not 5", tensors.len(), dimensions.len());
            return Err(ReleasedError::Other(reason));
        }
        let scale = info.scale_factor as f32;
        if !(scale.is_finite() && scale > 0.0) {
            return Err(ReleasedError::Other(format!("its scale_factor is {}", info.scale_factor)));
        }
        let [hidden, components] = sizes(&dimensions)?;
        let mut numbers = Vec::new();
        for (((tensor, _), dimensions), text) in TENSORS.iter().zip(&dimensions).zip(&tensors) {
            let length = dimensions.iter().fold(1usize, |length, side| length.saturating_mul(*side));
            numbers.push(read_tensor(tensor, length, text)?);
        }
        let [output, output_bias, input, own, bias] =
            numbers.try_into().map_err(|_| ReleasedError::Other("it has not 5 tensors".to_owned()))?;
        let gates = 4 * hidden;
        // Theirs lie i, j, f, o; ours i, f, j, o.
        let ours = |values: &[f32]| -> Vec<f32> {
            let width = values.len() / gates;
            [0, 2, 1, 3]
                .into_iter()
                .flat_map(|gate| values[gate * hidden * width..][..hidden * width].iter().copied())
                .collect()
        };
        let mut bias = ours(&bias);
        bias[hidden..2 * hidden].iter_mut().for_each(|bias| *bias += FORGET_BIAS);
        let name = info.name.unwrap_or_else(|| "sketch".to_owned());
        let config = Config {
            hidden,
            components,
            latent: 0,
            encoder: 0,
            kind: 0,
            place: false,
            ideas: 0,
            scale,
            kinds: vec![name.clone()],
        };
        let of = |name: &str, shape: &[usize], values: Vec<f32>| {
            (name.to_owned(), Weights { shape: shape.to_vec(), values })
        };
        let outputs = output_bias.len();
        let weights = BTreeMap::from([
            of("lstm.weight_ih", &[gates, INPUTS], ours(&transposed(&input, INPUTS))),
            of("lstm.weight_hh", &[gates, hidden], ours(&transposed(&own, hidden))),
            of("lstm.bias", &[gates], bias),
            of("said.weight", &[outputs, hidden], transposed(&output, hidden)),
            of("said.bias", &[outputs], output_bias),
        ]);
        Ok(Released { name, config, weights })
    }
}

/// Units and components of a decoder whose tensors have these dimensions.
fn sizes(dimensions: &[Vec<usize>]) -> Result<[usize; 2], ReleasedError> {
    let wrong = |tensor: usize, expected: String| {
        let found = dimensions[tensor].clone();
        Err(ReleasedError::Dimensions { tensor: TENSORS[tensor].0, found, expected })
    };
    for (tensor, (_, axes)) in TENSORS.iter().enumerate() {
        if dimensions[tensor].len() != *axes {
            return wrong(tensor, format!("{axes}"));
        }
    }
    let (hidden, outputs) = (dimensions[0][0], dimensions[0][1]);
    let Some(components) = components(outputs) else {
        return wrong(0, "units by 3 and six for each Gaussian".to_owned());
    };
    let gates = hidden.saturating_mul(4);
    for (tensor, expected) in
        [(1, vec![outputs]), (2, vec![INPUTS, gates]), (3, vec![hidden, gates]), (4, vec![gates])]
    {
        if dimensions[tensor] != expected || hidden == 0 {
            return wrong(tensor, format!("{expected:?}"));
        }
    }
    Ok([hidden, components])
}

/// The numbers of a tensor.
fn read_tensor(tensor: &'static str, length: usize, text: &str) -> Result<Vec<f32>, ReleasedError> {
    let damaged = |reason: String| ReleasedError::Tensor { tensor, reason };
    let bytes = BASE64.decode(text.as_bytes()).map_err(|error| damaged(error.to_string()))?;
    let needed = length.saturating_mul(2);
    if bytes.len() != needed {
        return Err(damaged(format!("{} bytes, {needed} are needed", bytes.len())));
    }
    let number = |&bytes: &[u8; 2]| LARGEST * f32::from(i16::from_le_bytes(bytes)) / 32767.0;
    Ok(bytes.as_chunks::<2>().0.iter().map(number).collect())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    fn tensor(numbers: &[i16]) -> String {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        BASE64.encode(&bytes)
    }

    /// A decoder of one unit and one Gaussian: output weights, input weights and recurrent weights count upwards.
    pub(crate) fn small() -> serde_json::Value {
        let counting = |count: i16| tensor(&(1..=count).collect::<Vec<i16>>());
        serde_json::json!([
            { "name": "ant", "scale_factor": 80.5, "mode": 2 },
            [[1, 9], [9], [5, 4], [1, 4], [4]],
            [counting(9), counting(9), counting(20), counting(4), tensor(&[0, 0, 32767, 0])],
        ])
    }

    fn refused(text: &str) -> String {
        Released::read(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn tensors_are_laid_out_as_ours() {
        let released = Released::read(small().to_string().as_bytes()).unwrap();
        assert_eq!((released.name.as_str(), released.config.scale), ("ant", 80.5));
        let step = LARGEST / 32767.0;
        let near = |name: &str, steps: &[f32]| {
            let values = &released.weights[name].values;
            assert_eq!(values.len(), steps.len(), "{name}");
            let near = values.iter().zip(steps).all(|(value, steps)| (value - step * steps).abs() < 1e-6);
            assert!(near, "{name}: {values:?}");
        };
        // Theirs lie by input, gates i, j, f, o; ours by gate, i, f, j, o.
        near("lstm.weight_hh", &[1.0, 3.0, 2.0, 4.0]);
        let gate = |first: f32| (0..5).map(move |input| first + 4.0 * input as f32);
        let rows: Vec<f32> = [1.0, 3.0, 2.0, 4.0].into_iter().flat_map(gate).collect();
        near("lstm.weight_ih", &rows);
        assert_eq!(released.weights["lstm.bias"].values, [0.0, 11.0, 0.0, 0.0]);
        for (name, shape) in released.config.tensors() {
            assert_eq!(released.weights[&name].shape, shape, "{name}");
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(small().to_string().as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        assert_eq!(Released::read(&packed).unwrap(), released);
        let cut = Released::read(&packed[..packed.len() / 2]).unwrap_err();
        assert!(matches!(cut, ReleasedError::Compression(_)), "{cut}");
    }

    #[test]
    fn what_is_no_decoder_says_why() {
        let text = small().to_string();
        assert_eq!(
            refused(&text[..text.len() - 30]),
            format!("it is cut off: EOF while parsing a string at line 1 column {}", text.len() - 30)
        );
        assert!(refused("var x = 1").starts_with("this is no Sketch-RNN decoder: expected value"));
        assert_eq!(
            refused("[{\"scale_factor\":1},[],[]]"),
            "this is no Sketch-RNN decoder: it has 0 tensors and 0 dimensions, not 5"
        );
        let changed = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut value = small();
            change(&mut value);
            refused(&value.to_string())
        };
        assert_eq!(
            changed(&|value| value[1][3] = serde_json::json!([2, 4])),
            "its recurrent weights have the dimensions [2, 4], [1, 4] are needed"
        );
        assert_eq!(
            changed(&|value| value[1][0] = serde_json::json!([1, 10])),
            "its output weights have the dimensions [1, 10], units by 3 and six for each Gaussian are needed"
        );
        assert_eq!(
            changed(&|value| value[2][1] = serde_json::json!(tensor(&[1]))),
            "its output biases are damaged: 2 bytes, 18 are needed"
        );
        assert_eq!(
            changed(&|value| value[2][4] = serde_json::json!("?")),
            "its LSTM biases are damaged: invalid length at 0"
        );
        assert_eq!(
            changed(&|value| value[0]["scale_factor"] = serde_json::json!(0)),
            "this is no Sketch-RNN decoder: its scale_factor is 0"
        );
        assert_eq!(
            changed(&|value| value[2] = serde_json::json!(vec!["x"; 13])),
            "it has 13 tensors: this is a whole Sketch-RNN model with its encoder; the decoder alone is read, from a \
             file NAME.gen.json"
        );
    }
}
