//! When a change is heard among what was heard.

use anyhow::{Result, bail};

use crate::hearing::Moment;
use crate::score::State;
use crate::table::part;

/// How long a new sound must last to count, in moments: a transient is over sooner.
const LASTS: usize = 4;
/// How long a new loudness must last: longer than the dip between two notes of the tone.
const STAYS: usize = 16;

/// How loud each state is where it plays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    low: f32,
    high: f32,
    /// Above it the tone is on its way from soft to loud.
    rising: f32,
    /// Below it the tone is on its way from loud to soft.
    falling: f32,
}

impl Thresholds {
    /// Learns from what is heard while each state plays undisturbed.
    ///
    /// A pitch is heard at a third of its usual loudness. The tone has left its loudness when it is
    /// a third of the way, in decibels, to the other one.
    ///
    /// # Errors
    /// When the states cannot be told apart.
    pub fn learn(low: &[Moment], high: &[Moment]) -> Result<Thresholds> {
        let spread = |moments: &[Moment], value: fn(&Moment) -> f32| {
            let mut values: Vec<f64> = moments.iter().map(|moment| f64::from(value(moment))).collect();
            values.sort_by(f64::total_cmp);
            [0.1, 0.5, 0.9].map(|share| part(&values, share).unwrap_or(0.0))
        };
        let [_, low_on, _] = spread(low, |moment| moment.low);
        let [_, _, low_off] = spread(high, |moment| moment.low);
        let [_, high_on, _] = spread(high, |moment| moment.high);
        let [_, _, high_off] = spread(low, |moment| moment.high);
        let [_, soft, soft_most] = spread(low, |moment| moment.tone);
        let [loud_least, loud, _] = spread(high, |moment| moment.tone);
        let rising = soft * (loud / soft).powf(1.0 / 3.0);
        let falling = loud * (soft / loud).powf(1.0 / 3.0);
        let apart = low_off < low_on / 3.0 && high_off < high_on / 3.0;
        let clear = soft > 0.0 && soft_most < rising && falling < loud_least;
        if !apart || !clear {
            bail!(
                "the two states sound too much alike: low pitch {low_on:.4} against {low_off:.4}, high pitch \
                 {high_on:.4} against {high_off:.4}, tone {loud_least:.4} to {loud:.4} against {soft:.4} to \
                 {soft_most:.4}"
            );
        }
        Ok(Thresholds {
            low: (low_on / 3.0) as f32,
            high: (high_on / 3.0) as f32,
            rising: rising as f32,
            falling: falling as f32,
        })
    }

    /// When the stream turns to `state`, among moments that begin with the edit.
    pub fn stream(&self, state: State, moments: &[Moment]) -> Option<f64> {
        first(moments, LASTS, |moment| match state {
            State::Low => moment.low > self.low,
            State::High => moment.high > self.high,
        })
    }

    /// When the tone turns to `state`.
    pub fn tone(&self, state: State, moments: &[Moment]) -> Option<f64> {
        first(moments, STAYS, |moment| match state {
            State::Low => moment.tone < self.falling,
            State::High => moment.tone > self.rising,
        })
    }
}

/// The time of the first of so many moments in a row that are so.
fn first(moments: &[Moment], lasts: usize, is: impl Fn(&Moment) -> bool) -> Option<f64> {
    moments.windows(lasts).find(|window| window.iter().all(&is)).and_then(|window| Some(window.first()?.at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(from: usize, count: usize, [low, high, tone]: [f32; 3]) -> Vec<Moment> {
        (from..from + count).map(|i| Moment { at: i as f64, low, high, tone, all: tone }).collect()
    }

    #[test]
    fn a_change_is_heard_where_it_stays() {
        let (low, high) = (moments(0, 100, [0.3, 0.01, 0.02]), moments(0, 100, [0.01, 0.3, 0.2]));
        let thresholds = Thresholds::learn(&low, &high).expect("apart");
        let mut heard = moments(0, 10, [0.3, 0.01, 0.02]);
        // A transient: on every frequency, and too short.
        heard.extend(moments(10, 3, [0.5, 0.5, 0.5]));
        heard.extend(moments(13, 10, [0.3, 0.01, 0.02]));
        heard.extend(moments(23, 30, [0.01, 0.3, 0.2]));
        assert_eq!(thresholds.stream(State::High, &heard), Some(23.0));
        assert_eq!(thresholds.tone(State::High, &heard), Some(23.0));
        assert_eq!(thresholds.stream(State::High, &heard[..20]), None);
        // The dip between two notes is no fall.
        let mut heard = moments(0, 10, [0.01, 0.3, 0.2]);
        heard.extend(moments(10, 12, [0.01, 0.3, 0.0]));
        heard.extend(moments(22, 10, [0.01, 0.3, 0.2]));
        assert_eq!(thresholds.tone(State::Low, &heard), None);
    }

    #[test]
    fn states_that_sound_alike_are_refused() {
        let same = moments(0, 100, [0.3, 0.3, 0.2]);
        let error = Thresholds::learn(&same, &same).expect_err("alike").to_string();
        assert!(error.starts_with("the two states sound too much alike: low pitch 0.3000"), "{error}");
        assert!(Thresholds::learn(&[], &[]).is_err(), "nothing was heard");
    }
}
