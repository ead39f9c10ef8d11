//! The decoder as it plays: plain products over all moments of a note at once, and places by name.

use std::collections::BTreeMap;
use std::path::Path;

use lilt_inference::ModelError;
use lilt_score::{Controlled, nearest};
use lilt_synth::{MOMENT, MOMENTS_A_SECOND, NOISE_BANDS, PARTIALS, stiff};

use super::NAME;
use super::controls::{AMPLITUDES, LEARNT, SAID, TOLD, heard, heard_inharmonicity, heard_release, tell};
use super::network::Config;
use crate::card::{Head, Weights, read_weights};
use crate::product::{Matrix, multiply};

/// Seconds of the longest note.
pub const LONGEST: f32 = 12.0;
/// Seconds at the end of a held note that are gone through forwards and backwards.
const ROUND: f32 = 1.0;
/// A sound that falls by more than this in [`ROUND`] seconds, in decibels, ends by itself.
const FALLS: f32 = 3.0;

/// A place in the space.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Its numbers.
    pub at: Vec<f32>,
    /// How much higher than those of a string the partials are, in octaves.
    pub elsewhere: Vec<f32>,
}

impl Place {
    /// The place on the way to another: 0 is here, 1 there; in between partials go on lines through the octaves.
    #[must_use]
    pub fn towards(&self, other: &Place, share: f32) -> Place {
        let between = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a + share * (b - a)).collect();
        Place { at: between(&self.at, &other.at), elsewhere: between(&self.elsewhere, &other.elsewhere) }
    }
}

/// How a note is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Played {
    /// As a MIDI number.
    pub pitch: f32,
    /// 0..=1.
    pub velocity: f32,
    /// Seconds of it that are left out at its beginning.
    pub onset: f32,
    /// Seconds that it is held.
    pub seconds: f32,
}

struct Layer {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

/// The decoder, with the places that have names.
pub struct Decoder {
    config: Config,
    layers: Vec<Layer>,
    places: Vec<Place>,
    identity: String,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Decoder {
    /// Loads the weights of a folder.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when one is missing or damaged.
    pub fn load(folder: &Path) -> Result<Decoder, ModelError> {
        let card = folder.join(format!("{NAME}.toml"));
        let head = Head::<Config>::read(&card)?;
        let path = card.with_extension("safetensors");
        let weights = read_weights(&path, &head.weights.sha256, &head.network.tensors())?;
        Decoder::new(head.network, &weights, head.weights.sha256)
            .map_err(|reason| ModelError::Weights { path, reason })
    }

    /// A decoder of these weights, which `identity` names.
    ///
    /// # Errors
    /// Which tensor is missing or misshapen.
    pub fn new(
        config: Config,
        weights: &BTreeMap<String, Weights>,
        identity: String,
    ) -> Result<Decoder, String> {
        let shapes: BTreeMap<String, Vec<usize>> = config.tensors().into_iter().collect();
        let of = |name: &str| {
            let known = weights.get(name).filter(|weights| shapes.get(name) == Some(&weights.shape));
            known
                .map(|weights| weights.values.clone())
                .ok_or_else(|| format!("`{name}` is missing or misshapen"))
        };
        let layer = |name: String| {
            Ok::<_, String>(Layer {
                weight: of(&format!("{name}.weight"))?,
                bias: of(&format!("{name}.bias"))?,
            })
        };
        let names = (0..config.layers).map(|number| number.to_string());
        let names = std::iter::once("first".to_owned()).chain(names).chain(["last".to_owned()]);
        let layers = names.map(|name| layer(format!("decoder.{name}"))).collect::<Result<_, _>>()?;
        let (at, elsewhere) = (of("places")?, of("elsewhere")?);
        let rows = at.chunks(config.place.max(1)).zip(elsewhere.chunks(PARTIALS));
        let places =
            rows.map(|(at, elsewhere)| Place { at: at.to_vec(), elsewhere: elsewhere.to_vec() }).collect();
        Ok(Decoder { config, layers, places, identity })
    }

    /// Names the weights: equal ones sound alike.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The names of places, in order.
    pub fn names(&self) -> &[String] {
        &self.config.names
    }

    /// The place of a name: as it is written, else the first that has it for a word.
    ///
    /// # Errors
    /// What to write instead.
    pub fn place(&self, name: &str) -> Result<&Place, String> {
        let wanted = name.trim().to_lowercase().replace('_', " ");
        let has = |word: &str, known: &str| {
            let plain = |text: &str| text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
            known.split(' ').map(plain).any(|part| part == word || part.strip_suffix('s') == Some(word))
        };
        let found = self.config.names.iter().position(|known| *known == wanted);
        let found = found.or_else(|| self.config.names.iter().position(|known| has(&wanted, known)));
        if let Some(place) = found.and_then(|row| self.places.get(row)) {
            return Ok(place);
        }
        let words =
            self.config.names.iter().flat_map(|name| std::iter::once(name.as_str()).chain(name.split(' ')));
        Err(match nearest(&wanted, words) {
            Some(near) => format!("the space has no sound `{name}`; did you mean `{near}`?"),
            None => {
                format!("the space has no sound `{name}`: try \"trombone\", \"flute\", \"bell\" or \"moo\"")
            }
        })
    }

    /// What is said, [`SAID`] numbers for each of `moments` in seconds since the onset.
    fn said(&self, place: &[f32], played: &Played, moments: &[f32]) -> Vec<f32> {
        let columns = self.config.place + TOLD;
        let mut hidden = vec![0.0; moments.len() * columns];
        for (row, seconds) in hidden.chunks_mut(columns).zip(moments) {
            let (at, told) = row.split_at_mut(self.config.place);
            at.copy_from_slice(place);
            tell(played.pitch, played.velocity, *seconds, told);
        }
        let last = self.layers.len() - 1;
        for (number, layer) in self.layers.iter().enumerate() {
            let (from, to) = (hidden.len() / moments.len(), layer.bias.len());
            let mut next: Vec<f32> = layer.bias.repeat(moments.len());
            let weights = Matrix::new(&layer.weight, from, to, to);
            multiply(&mut next, to, Matrix::new(&hidden, moments.len(), from, from), weights, true);
            if number < last {
                next.iter_mut().for_each(|x| *x /= 1.0 + (-*x).exp());
            }
            if number > 0 && number < last {
                next.iter_mut().zip(&hidden).for_each(|(next, hidden)| *next += hidden);
            }
            hidden = next;
        }
        hidden
    }

    /// The places that have names, in their order.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The amplitudes of a note at so many seconds since its onset each, [`AMPLITUDES`] for each; its own onset and length
    /// do not count.
    pub fn moments(&self, place: &Place, played: &Played, seconds: &[f32]) -> Vec<f32> {
        let said = self.said(&place.at, played, seconds);
        said.chunks(SAID).flat_map(|said| said[..AMPLITUDES].iter().map(|x| heard(*x))).collect()
    }

    /// The controls of a note at a place. What is no number is left out; times and pitches are kept within what was
    /// learnt.
    pub fn decode(&self, place: &Place, played: &Played) -> Controlled {
        let within = |x: f32, low: f32, high: f32| if x.is_finite() { x.clamp(low, high) } else { low };
        let played = Played {
            pitch: within(played.pitch, 12.0, 120.0),
            velocity: within(played.velocity, 0.0, 1.0),
            onset: within(played.onset, 0.0, LEARNT),
            seconds: within(played.seconds, 0.1, LONGEST),
        };
        let mut at: Vec<f32> = place.at.iter().map(|x| within(*x, -8.0, 8.0)).collect();
        at.resize(self.config.place, 0.0);
        let step = 1.0 / MOMENTS_A_SECOND as f32;
        let count = (played.seconds / step).ceil() as usize + 1;
        let times: Vec<f32> = (0..count).map(|n| played.onset + step * n as f32).collect();
        let said = self.said(&at, &played, &times);
        // Behind what was learnt each number falls on as it did in the last second; none rises.
        let last = self.said(&at, &played, &[LEARNT - 1.0, LEARNT]);
        let falls: Vec<f32> =
            last[..SAID].iter().zip(&last[SAID..]).map(|(one, other)| (other - one).min(0.0)).collect();
        let mut moments = Vec::with_capacity(count * MOMENT);
        for (said, seconds) in said.chunks(SAID).zip(&times) {
            let beyond = (seconds - LEARNT).max(0.0);
            moments.extend(said[..AMPLITUDES].iter().zip(&falls).map(|(x, falls)| heard(x + falls * beyond)));
            moments.push(1.0);
        }
        let middle = &said[count / 2 * SAID..];
        let stiff = stiff(heard_inharmonicity(middle[AMPLITUDES]));
        let elsewhere = place.elsewhere.iter().map(|x| within(*x, -4.0, 4.0)).chain(std::iter::repeat(0.0));
        let ratios = stiff.iter().zip(elsewhere).map(|(ratio, octaves)| ratio * octaves.exp2()).collect();
        let release = heard_release(middle[AMPLITUDES + 1]);
        let from = count.saturating_sub(((ROUND / step) as usize).min(count / 2) + 1);
        let falls =
            decibels(&moments[from * MOMENT..][..MOMENT]) - decibels(&moments[(count - 1) * MOMENT..]);
        let held = falls < FALLS * (count - 1 - from) as f32 * step / ROUND;
        Controlled { moments, ratios, release, round: held.then_some(from..count) }
    }
}

/// The power of a moment in decibels.
fn decibels(moment: &[f32]) -> f32 {
    let power: f32 = moment[..PARTIALS].iter().map(|a| 0.5 * a * a).sum::<f32>()
        + moment[PARTIALS..PARTIALS + NOISE_BANDS].iter().map(|a| a * a).sum::<f32>();
    10.0 * power.max(1e-12).log10()
}
