//! Which tempos the delays are told, a little ahead of the playhead and each for its moment.

use lilt_score::Beat;
use lilt_sequencer::{STEPS_A_BEAT, View};

/// What was told of the tempo, and when it holds.
#[derive(Debug, Default)]
pub struct TempoAhead {
    /// The tempo at the last look, in quarter notes a minute.
    stands: Option<f64>,
    /// What was told of later moments: seconds since the performance began, and the tempo from there on.
    told: Vec<(f64, f64)>,
}

/// What is to be told.
#[derive(Debug, Default, PartialEq)]
pub struct TempoMoves {
    /// True when what was told of this moment and later ones holds no longer.
    pub back: bool,
    /// The second from which on a tempo holds, and the tempo.
    pub moves: Vec<(f64, f64)>,
}

impl TempoAhead {
    /// Looks at second `now`: what is to be told so that the tempo is known until second `until`. A tempo moves in
    /// steps of 1/[`STEPS_A_BEAT`] beat, each on its moment, whenever somebody looks.
    pub fn follow(&mut self, view: View<'_>, now: f64, until: f64) -> TempoMoves {
        let beat = |step: i64| Beat::new(step, STEPS_A_BEAT);
        let bpm = |step: i64| view.bpm_at(beat(step));
        let first = step_at(&view, now);
        let here = bpm(first);
        let mut before = here;
        let mut ahead = Vec::new();
        for step in first + 1..=step_at(&view, until) {
            let next = bpm(step);
            if next != before {
                ahead.push((view.seconds_at(beat(step)), next));
                before = next;
            }
        }
        for (_, bpm) in self.told.extract_if(.., |(seconds, _)| *seconds <= now) {
            self.stands = Some(bpm);
        }
        let mut tells = TempoMoves::default();
        if self.stands.replace(here) != Some(here) {
            tells.moves.push((now, here));
        }
        if ahead.starts_with(&self.told) {
            tells.moves.extend_from_slice(&ahead[self.told.len()..]);
        } else {
            tells.back = true;
            tells.moves.extend_from_slice(&ahead);
        }
        self.told = ahead;
        tells
    }
}

/// The step that a moment lies in: the last that has begun by then.
fn step_at(view: &View<'_>, seconds: f64) -> i64 {
    let begins = |step: i64| view.seconds_at(Beat::new(step, STEPS_A_BEAT));
    let mut step = (view.beat_at(seconds) * STEPS_A_BEAT as f64).floor() as i64;
    // The division of a moment by a tempo may fall on either side of a step that begins at that very moment.
    while begins(step + 1) <= seconds {
        step += 1;
    }
    while step > 0 && begins(step) > seconds {
        step -= 1;
    }
    step
}

#[cfg(test)]
mod tests {
    use lilt_sequencer::{Generation, Performance, Tempo, TempoCurve};

    use super::*;

    /// What is told of a tempo that goes from 120 to 240 in four beats and stays there.
    fn told(looks: impl Iterator<Item = f64>, ahead: f64) -> Vec<(f64, f64)> {
        let tempo = |step: u8| Tempo::new(120.0 + 7.5 * f64::from(step.min(16))).expect("a tempo");
        let curve = TempoCurve::new(&(0..64).map(tempo).collect::<Vec<_>>()).expect("tempos");
        let mut performance = Performance::new();
        let generation = Generation { tempo_moves: Some(curve.into()), ..Generation::silence() };
        performance.propose(generation, 0.0).expect("good");
        let mut follows = TempoAhead::default();
        looks
            .flat_map(|now| {
                let _events = performance.fill(now);
                let tells = follows.follow(performance.view(), now, now + ahead);
                assert!(!tells.back, "nothing was changed");
                tells.moves
            })
            .collect()
    }

    #[test]
    fn each_step_is_told_once_for_its_moment_however_often_somebody_looks() {
        let often = told((0..300).map(|look| f64::from(look) * 0.01), 0.12);
        assert_eq!(often.len(), 17, "{often:?}");
        assert!(often.is_sorted_by(|(a, low), (b, high)| a < b && low < high), "{often:?}");
        assert_eq!(often[0], (0.0, 120.0));
        assert_eq!(often[16].1, 240.0);
        assert_eq!(told((0..40).map(|look| f64::from(look) * 0.08), 0.12), often);
    }
}
