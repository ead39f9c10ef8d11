//! Bars of what is heard, as the host's status counts them, and those in which nothing sounds.

use serde_json::Value;

use crate::hearing::Moment;

/// Root of the mean square, 60 dB under full scale, below which nothing is heard.
const SILENCE: f32 = 1e-3;

/// The share of a bar, one in so many, that must be heard: a status is up to 50 ms late, and so long
/// the next bar is heard in this one.
const SHARE: usize = 20;

/// Counts bars.
#[derive(Default)]
pub struct Bars {
    bar: Option<(i64, bool)>,
    /// Moments of the bar so far, and those in which something was heard.
    moments: [usize; 2],
    /// Bars that were heard whole.
    pub whole: usize,
    /// Those among them without a sound, though slots played.
    pub silent: usize,
}

impl Bars {
    /// What was heard since the last call, with the status that holds now.
    pub fn hear(&mut self, moments: &[Moment], status: &Value) {
        let Some(bar) = status["bar"].as_i64() else { return };
        let sounds = status["playing"] == true
            && status["slots"]
                .as_array()
                .is_some_and(|slots| slots.iter().any(|slot| slot["silent"] == false));
        match &mut self.bar {
            Some((now, sounded)) if *now == bar => *sounded &= sounds,
            before => {
                // The first bar was not heard from its beginning.
                if let Some((_, sounded)) = before.replace((bar, sounds))
                    && sounded
                {
                    let [all, heard] = self.moments;
                    self.whole += 1;
                    self.silent += usize::from(heard * SHARE <= all);
                }
                self.moments = [0; 2];
            }
        }
        self.moments[0] += moments.len();
        self.moments[1] += moments.iter().filter(|moment| moment.all >= SILENCE).count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_bar_is_silent_when_slots_play_and_nothing_is_heard() {
        let sound = |all| Moment { at: 0.0, low: 0.0, high: 0.0, tone: 0.0, all };
        let status =
            |bar: i64, silent: bool| json!({ "bar": bar, "playing": true, "slots": [{ "silent": silent }] });
        let mut bars = Bars::default();
        // Bar, the slot rests, loudness.
        for (bar, rests, all) in [
            (1, false, 0.5),
            (2, false, 0.5),
            (2, false, 0.0),
            (3, false, 0.0),
            (3, false, 0.0001),
            (4, true, 0.0),
            (5, false, 0.5),
            (6, false, 0.5),
        ] {
            bars.hear(&[sound(all)], &status(bar, rests));
        }
        assert_eq!((bars.whole, bars.silent), (4, 1));
        // The next bar, heard in this one because its status is late.
        for (bar, all) in [(6, 0.5), (7, 0.0), (8, 0.5)] {
            let sounds: Vec<Moment> = (0..30).map(|i| sound(if i == 29 { 0.5 } else { all })).collect();
            bars.hear(&sounds, &status(bar, false));
        }
        assert_eq!((bars.whole, bars.silent), (6, 2));
        bars.hear(&[sound(0.0)], &Value::Null);
        assert_eq!(bars.whole, 6);
    }
}
