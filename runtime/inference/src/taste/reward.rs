//! A taste as a reward: how far music lies in the direction that the listener likes.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use lilt_score::{Beat, Seed};

use super::standard::dot;
use super::{Judgement, Standard, Taste};
use crate::features::{FEATURES, Features};
use crate::{Extent, Length, ModelError, Piece, Reward, Sampling, Several, Watch};

/// Pieces of a model that are measured: of so many the divergence of a tilt of one nat is known within a tenth.
const MEASURED: usize = 128;

/// Most standards that are remembered: one for each model, length and way to ask.
const MOST_STANDARDS: usize = 64;

/// A place for a standard; whoever needs it first fills it, and others wait for that.
type Shared = Arc<Mutex<Option<Arc<Standard>>>>;

/// The standards of models that were measured, so that a taste that has learnt something measures nothing again. Clones
/// are of the same.
#[derive(Clone, Default)]
pub struct Standards(Arc<Mutex<HashMap<String, Shared>>>);

impl Standards {
    /// The standard of a model of this identity, asked as `request` asks but for its seed; `several` gives as many
    /// pieces as one wants.
    fn get(
        &self,
        identity: &str,
        request: &Sampling,
        several: &Several<'_>,
    ) -> Result<Arc<Standard>, ModelError> {
        let length = match request.length() {
            // What a bar is like hardly depends on how many there are; but many bars are long to measure.
            Length::Bars(bars) => Length::Bars(bars.min(4)),
            points @ Length::Points(_) => points,
        };
        let conditions = request.conditions();
        let key = format!("{identity} {length:?} {} {conditions:?}", request.temperature());
        let place = {
            // A map of finished entries, whole even if one panicked.
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MOST_STANDARDS && !known.contains_key(&key) {
                known.clear();
            }
            Arc::clone(known.entry(key).or_default())
        };
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(standard) = &*place {
            return Ok(Arc::clone(standard));
        }
        let seed = Seed(0).child("taste").0;
        let request = Sampling::of(length, request.temperature(), seed, conditions.clone())?;
        let bar = conditions.meter.bar();
        let pieces = several(&request, MEASURED)?;
        let features: Vec<Features> =
            Piece::clips(&pieces)?.into_iter().map(|clip| Features::of(clip, bar)).collect();
        let standard = Arc::new(Standard::of(&features));
        *place = Some(Arc::clone(&standard));
        Ok(standard)
    }
}

/// What a taste is worth to music. In a tilt it is measured by what the tilted model itself plays, and moves from that
/// no farther than [`Taste::nats`].
pub struct TasteReward {
    taste: Taste,
    standards: Standards,
    bar: Beat,
    identity: String,
    /// For music of which nobody knows which model plays it.
    plain: Leaning,
}

impl TasteReward {
    /// The reward of a taste, for music in bars of so many beats (above 0).
    pub fn new(taste: Taste, standards: Standards, bar: Beat) -> TasteReward {
        let mut identity = format!("taste {} {} {bar}", taste.half_life, taste.nats);
        let mut tell = |sign: &str, share: f64, features: &Features| {
            // Writing to a text cannot fail.
            let _ = write!(identity, " {sign}{share}{:?}", features.values());
        };
        for judgement in &taste.judgements {
            match judgement {
                Judgement::Press { likes, heard } => {
                    let sign = if *likes { "+" } else { "-" };
                    heard.iter().for_each(|(share, features)| tell(sign, *share, features));
                }
                Judgement::Choice { chosen, other } => {
                    tell(">", 1.0, chosen);
                    tell("<", 1.0, other);
                }
            }
        }
        let standard = Arc::new(Standard::folk());
        let weights = taste.lean(&standard);
        let plain = Leaning { weights, standard, bar, whole: None, identity: identity.clone() };
        TasteReward { taste, standards, bar, identity, plain }
    }

    /// What the reward gives for one clip, measured by what `folk` plays.
    pub fn worth(&self, clip: &lilt_score::Clip) -> f64 {
        dot(&self.plain.weights, &self.plain.standard.measure(&Features::of(clip, self.bar)))
    }

    /// In words what is known of the listener.
    pub fn words(&self) -> String {
        self.taste.belief(&self.plain.standard).words()
    }
}

impl Reward for TasteReward {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn score(&self, pieces: &[Piece], watch: &Watch) -> Result<Vec<f64>, ModelError> {
        self.plain.score(pieces, watch)
    }

    fn under(
        &self,
        identity: &str,
        request: &Sampling,
        several: &Several<'_>,
    ) -> Result<Option<Arc<dyn Reward>>, ModelError> {
        let standard = self.standards.get(identity, request, several)?;
        let weights = self.taste.lean(&standard);
        let bar = request.conditions().meter.bar();
        let whole = Some(request.extent());
        Ok(Some(Arc::new(Leaning { weights, standard, bar, whole, identity: self.identity.clone() })))
    }
}

/// Σ wᵢ·zᵢ of a piece's features, in deviations of a standard.
struct Leaning {
    weights: [f64; FEATURES],
    standard: Arc<Standard>,
    bar: Beat,
    /// How much of a piece is all of it, where that is known.
    whole: Option<Extent>,
    identity: String,
}

impl Reward for Leaning {
    fn identity(&self) -> &str {
        &self.identity
    }

    /// Of music that is still being made the part that is there counts: what its first notes are like says little.
    fn score(&self, pieces: &[Piece], watch: &Watch) -> Result<Vec<f64>, ModelError> {
        watch.check()?;
        let score = |piece: &Piece| {
            let clip = piece.clip()?;
            let there = self.whole.map_or(1.0, |whole| {
                let part = clip.length().to_f64() / whole.beats().to_f64();
                part.min(1.0)
            });
            Ok(there * dot(&self.weights, &self.standard.measure(&Features::of(clip, self.bar))))
        };
        pieces.iter().map(score).collect()
    }
}
