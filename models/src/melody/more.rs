//! `more`: a clip moved along the direction of an attribute, as far as it takes until what is played has
//! as much more of the attribute as was asked for.
//!
//! How far that is differs from clip to clip, and along the way the attribute goes up in leaps. So each
//! two bars are played from points at a row of distances, side by side. Of these only those count that
//! have more than all nearer ones: they go up steadily, and so does the nearest of them to what is asked
//! for, as the amount does.
//!
//! Toward fewer notes the direction leads away from the clip long before notes go. There the point stays
//! where it is, and each note that begins costs more the farther the place is: those go first on which
//! the clip insists least, and the others ring on.

use lilt_inference::{ModelError, Watch};

use super::NAME;
use super::attributes::{attribute, unit};
use super::features::Guide;
use super::latent::{BREATH, Line, Said, planned};
use super::model::MelodyModel;
use super::network::ATTRIBUTES;
use super::particles::Room;
use super::vocabulary::{SEGMENT, from_silence, onsets};

/// Most that can be asked for, in units.
pub(super) const MOST: f64 = 3.0;

/// Distances that are tried.
const PLACES: usize = 24;

/// The farthest of them, in lengths of the direction.
const FARTHEST: f64 = 1.6;

/// What a note costs at the farthest of them, in nats.
const DEAREST: f64 = 100.0;

/// How far along the row a place is, `0..=1`: near the clip they lie closest.
fn along(place: usize) -> f64 {
    (place as f64 / (PLACES - 1) as f64).powi(2)
}

/// The place of the row that comes nearest to `wanted` among those that have more of the attribute than
/// all before them, or less when less is `wanted`. `amounts` begin with what the clip has; `None` is what
/// nobody would call a clip.
fn nearest(amounts: &[Option<f64>], wanted: f64) -> usize {
    let Some(&Some(first)) = amounts.first() else { return 0 };
    let toward = if wanted < first { -1.0 } else { 1.0 };
    let (mut record, mut best) = (first, 0);
    let mut gap = (wanted - first).abs();
    for (place, amount) in amounts.iter().enumerate().filter_map(|(place, amount)| Some((place, (*amount)?)))
    {
        if (amount - record) * toward <= 0.0 {
            continue;
        }
        record = amount;
        if (wanted - amount).abs() < gap {
            (gap, best) = ((wanted - amount).abs(), place);
        }
    }
    best
}

impl MelodyModel {
    /// `tokens`, whole segments, each with `amount` units more of an attribute ([`unit()`]) than it has, or
    /// as near to that as the latent space goes.
    ///
    /// # Errors
    /// When there is no such attribute, and as [`MelodyModel::play_points`].
    pub fn moved(
        &self,
        tokens: &[u8],
        name: &str,
        amount: f64,
        guide: &Guide,
        watch: &Watch,
    ) -> Result<Vec<u8>, ModelError> {
        let (Some(direction), Some(unit)) = (self.step().attribute(name), unit(name)) else {
            return Err(ModelError::condition(NAME, "attribute", name, ATTRIBUTES.join(", ")));
        };
        let points = self.settle(&[tokens], guide, watch)?.swap_remove(0);
        let places = if amount == 0.0 { 1 } else { PLACES };
        let thins = name == "density" && amount < 0.0;
        let far = if thins { 0.0 } else { FARTHEST * amount.signum() };
        let cost = |place| if thins { (DEAREST * along(place)) as f32 } else { 0.0 };
        let costs: Vec<f32> = (0..places).map(cost).collect();
        let mut room = Room::default();
        let mut played = Vec::with_capacity(tokens.len());
        for (breath, points) in points.chunks(BREATH).enumerate() {
            let guide = planned(guide, breath * BREATH);
            let mut line = Line::new(self.step());
            for (segment, point) in points.iter().enumerate() {
                let from = (breath * BREATH + segment) * SEGMENT;
                let has = attribute(name, &tokens[from..from + SEGMENT]);
                let at = |place: usize| {
                    let far = (far * along(place)) as f32;
                    point.iter().zip(direction).map(|(point, direction)| point + far * direction).collect()
                };
                let tried: Vec<Vec<f32>> = (0..places).map(at).collect();
                let tried: Vec<&[f32]> = tried.iter().map(Vec::as_slice).collect();
                let mut lines = vec![line; places];
                self.play_segment(
                    &mut lines,
                    &tried,
                    &Said { costs: &costs, lean: &[] },
                    &guide,
                    &mut room,
                    watch,
                )?;
                let amounts: Vec<Option<f64>> = lines
                    .iter()
                    .map(|line| {
                        let played = &line.past.tokens()[segment * SEGMENT..];
                        (onsets(played) > 0).then(|| attribute(name, played))
                    })
                    .collect();
                line = lines.swap_remove(nearest(&amounts, has + amount * unit));
            }
            line.append_to(&mut played);
        }
        Ok(from_silence(&played))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_nearest_is_one_that_goes_on() {
        let some = |amounts: &[f64]| amounts.iter().copied().map(Some).collect::<Vec<_>>();
        for (amounts, wanted, place) in [
            (some(&[4.0, 4.5, 4.0, 6.0]), 4.0, 0),
            (some(&[4.0, 4.5, 4.0, 6.0]), 4.6, 1),
            (some(&[4.0, 4.5, 4.0, 6.0]), 9.0, 3),
            // Less than it has.
            (some(&[4.0, 5.0, 3.0, 3.5, 1.0]), 3.4, 2),
            // What comes near only by turning back does not count.
            (some(&[4.0, 8.0, 6.0]), 6.0, 0),
            (vec![Some(4.0), None, Some(3.0)], 0.0, 2),
            (vec![None, Some(3.0)], 3.0, 0),
            (Vec::new(), 3.0, 0),
        ] {
            assert_eq!(nearest(&amounts, wanted), place, "{amounts:?}, {wanted}");
        }
    }

    proptest! {
        #[test]
        fn who_asks_for_more_gets_no_less(
            amounts in prop::collection::vec(0.0f64..16.0, 1..24),
            wanted in prop::array::uniform2(0.0f64..16.0),
        ) {
            let [less, more] = [wanted[0].min(wanted[1]), wanted[0].max(wanted[1])];
            // Both on one side of what the clip has, as two amounts of one sign are.
            prop_assume!((less < amounts[0]) == (more < amounts[0]));
            let amounts: Vec<_> = amounts.into_iter().map(Some).collect();
            let got = |wanted| amounts[nearest(&amounts, wanted)];
            prop_assert!(got(less) <= got(more));
        }
    }
}
