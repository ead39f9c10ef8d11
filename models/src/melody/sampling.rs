//! From logits to what happens: which steps may come, temperature, and drawing.
//!
//! A step is chosen in two stages, first whether something begins, ends or goes on, then which pitch
//! begins. At temperature 1 that is the network itself. At others it keeps a melody alive: the chance
//! that some note begins is spread over many pitches, so choosing among all classes at once would
//! prefer silence the more the colder it is.

use lilt_inference::ModelError;
use lilt_inference::categorical::{choose, log_softmax};

use super::NAME;
use super::features::{Guide, MelodyState};
use super::vocabulary::{FIRST_PITCH, TOKENS};

/// Whether a step may come next: what is silent cannot end, and a pitch must be one of MIDI's.
fn allowed(past: &MelodyState, guide: &Guide, token: usize) -> bool {
    let pitched = |token: u8| token < FIRST_PITCH || guide.home.pitch(token).is_some();
    past.allows(token) && u8::try_from(token).is_ok_and(pitched)
}

/// Natural logarithms of the probabilities of what may come next, `[tokens]`.
///
/// # Errors
/// When the logits are no numbers.
pub fn log_chances(
    logits: &[f32],
    past: &MelodyState,
    guide: &Guide,
    temperature: f64,
) -> Result<Vec<f64>, ModelError> {
    if logits.len() != TOKENS || logits.iter().any(|logit| !logit.is_finite()) {
        return Err(ModelError::no_numbers(NAME));
    }
    let first = usize::from(FIRST_PITCH);
    let may = |token: usize| allowed(past, guide, token);
    let pitches = &logits[first..];
    let top = pitches.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let some: f64 = (0..pitches.len())
        .filter(|&pitch| may(first + pitch))
        .map(|pitch| f64::from(pitches[pitch] - top).exp())
        .sum();
    let begins = (f64::from(top) + some.ln()) as f32;
    let mut kinds = logits[..first].to_vec();
    kinds.push(begins);
    let mut chances = log_softmax(&kinds, temperature, |kind| kind == first || may(kind));
    let begins = chances.pop().unwrap_or(f64::NEG_INFINITY);
    let of_pitch = log_softmax(pitches, temperature, |pitch| may(first + pitch));
    chances.extend(of_pitch.iter().map(|chance| begins + chance));
    Ok(chances)
}

/// The step at `chance` (`0..1`) among those that may come.
///
/// # Errors
/// When the logits are no numbers.
pub fn draw(
    logits: &[f32],
    past: &MelodyState,
    guide: &Guide,
    temperature: f64,
    chance: f64,
) -> Result<u8, ModelError> {
    let chosen = choose(&log_chances(logits, past, guide, temperature)?, 0.0, chance);
    let chosen = chosen.and_then(|token| u8::try_from(token).ok());
    chosen.ok_or_else(|| ModelError::no_numbers(NAME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::chords::Harmony;
    use crate::melody::features::Density;
    use crate::melody::vocabulary::{Color, HOLD, Home, REST};
    use proptest::prelude::*;

    fn guide() -> Guide {
        let home = Home { tonic: 0, color: Color::Major };
        Guide { home, harmony: Harmony::unknown(), density: Density::UNKNOWN, planned: false }
    }

    #[test]
    fn a_note_that_is_likely_begins_however_many_pitches_share_it() {
        let mut logits = vec![0.0; TOKENS];
        logits[usize::from(HOLD)] = 2.0;
        logits[30] = 0.5;
        // Of e² + 51 + √e, more than half begins a note, though no pitch is as likely as a hold.
        assert_eq!(draw(&logits, &MelodyState::new(0), &guide(), 0.0, 0.9).unwrap(), 30);
    }

    #[test]
    fn silence_cannot_end() {
        let mut logits = vec![0.0; TOKENS];
        logits[usize::from(REST)] = 50.0;
        let silent = MelodyState::new(0);
        assert_eq!(
            log_chances(&logits, &silent, &guide(), 1.0).unwrap()[usize::from(REST)],
            f64::NEG_INFINITY
        );
        let mut sounding = silent;
        sounding.advance(20);
        assert_eq!(draw(&logits, &sounding, &guide(), 1.0, 0.5).unwrap(), REST);
    }

    proptest! {
        #[test]
        fn temperature_one_is_the_network(logits in prop::collection::vec(-20.0f32..20.0, TOKENS)) {
            let mut past = MelodyState::new(0);
            past.advance(20);
            let found = log_chances(&logits, &past, &guide(), 1.0).unwrap();
            let plain = log_softmax(&logits, 1.0, |_| true);
            for (found, plain) in found.iter().zip(plain) {
                prop_assert!((found - plain).abs() < 1e-4);
            }
        }

        #[test]
        fn chances_sum_to_one(
            logits in prop::collection::vec(-20.0f32..20.0, TOKENS),
            temperature in 0.0f64..4.0,
        ) {
            let chances = log_chances(&logits, &MelodyState::new(0), &guide(), temperature).unwrap();
            let sum: f64 = chances.iter().map(|chance| chance.exp()).sum();
            prop_assert!((sum - 1.0).abs() < 1e-6, "{}", sum);
        }
    }
}
