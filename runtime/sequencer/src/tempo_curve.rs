//! A tempo that moves: written down by the quarter of a beat, and integrated.

use lilt_score::Beat;

use crate::Tempo;

/// Steps in a beat: the tempo holds for so long, so that seconds and beats are told exactly from each other.
pub const STEPS_A_BEAT: i64 = 4;

/// Tempos so near each other are the same when a curve is looked at for where it comes round.
const SAME: f64 = 1e-9;

/// A tempo over time, from beat 0 on; before it, its first tempo holds. Beyond its end it goes on as it came
/// round before: with its last tempo where it had come to rest.
#[derive(Debug, Clone, PartialEq)]
pub struct TempoCurve {
    /// Quarter notes a minute from each step on; never empty.
    steps: Vec<f64>,
    /// Seconds from the beginning to each step, and to the end.
    seconds: Vec<f64>,
    /// How many of its last steps come again and again beyond its end.
    period: usize,
}

impl TempoCurve {
    /// A curve of these tempos, each for a quarter of a beat. `None` without any.
    pub fn new(tempos: &[Tempo]) -> Option<TempoCurve> {
        let steps: Vec<f64> = tempos.iter().map(|tempo| tempo.bpm()).collect();
        if steps.is_empty() {
            return None;
        }
        let mut seconds = vec![0.0];
        let mut sum = 0.0;
        for bpm in &steps {
            sum += 60.0 / bpm / STEPS_A_BEAT as f64;
            seconds.push(sum);
        }
        let period = period(&steps);
        Some(TempoCurve { steps, seconds, period })
    }

    /// Quarter notes a minute at a beat.
    pub fn bpm_at(&self, beat: Beat) -> f64 {
        let step = (beat * Beat::whole(STEPS_A_BEAT)).floor();
        self.steps[self.place(step).0]
    }

    /// The tempo at a beat.
    pub fn tempo_at(&self, beat: Beat) -> Tempo {
        Tempo::new(self.bpm_at(beat)).unwrap_or(Tempo::DEFAULT)
    }

    /// Which of its steps a step of time is, and how often the end has come round before.
    fn place(&self, step: i64) -> (usize, i64) {
        let count = self.steps.len() as i64;
        if step < count {
            return (step.max(0) as usize, 0);
        }
        let (over, period) = (step - count, self.period as i64);
        ((count - period + over % period) as usize, over / period + 1)
    }

    /// Seconds from the curve's beginning to a beat; negative before it.
    pub(crate) fn seconds_at(&self, beat: f64) -> f64 {
        let steps = beat * STEPS_A_BEAT as f64;
        let whole = steps.floor();
        if whole < 0.0 {
            return beat * 60.0 / self.steps[0];
        }
        let (place, rounds) = self.place(whole as i64);
        let inside = (steps - whole) / STEPS_A_BEAT as f64 * 60.0 / self.steps[place];
        self.seconds[place] + rounds as f64 * self.round() + inside
    }

    /// Inverse of [`TempoCurve::seconds_at`].
    pub(crate) fn beat_at(&self, seconds: f64) -> f64 {
        if seconds < 0.0 {
            return seconds * self.steps[0] / 60.0;
        }
        let end = self.seconds[self.steps.len()];
        let rounds = if seconds < end { 0.0 } else { ((seconds - end) / self.round()).floor() + 1.0 };
        let within = seconds - rounds * self.round();
        let next = self.seconds.partition_point(|known| *known <= within);
        let place = next.saturating_sub(1).min(self.steps.len() - 1);
        let steps = place as f64 + rounds * self.period as f64;
        steps / STEPS_A_BEAT as f64 + (within - self.seconds[place]) * self.steps[place] / 60.0
    }

    /// Seconds of what comes round beyond the end.
    fn round(&self) -> f64 {
        self.seconds[self.steps.len()] - self.seconds[self.steps.len() - self.period]
    }
}

/// The shortest period in which the second half of the steps comes round; 1, the last step alone, where it
/// does not. By the prefix function of Knuth, Morris and Pratt 1977, from the end backwards.
fn period(steps: &[f64]) -> usize {
    let back: Vec<f64> = steps[steps.len() / 2..].iter().rev().copied().collect();
    let same = |one: f64, other: f64| (one - other).abs() <= SAME * one;
    let mut prefix = vec![0; back.len()];
    for i in 1..back.len() {
        let mut length = prefix[i - 1];
        while length > 0 && !same(back[i], back[length]) {
            length = prefix[length - 1];
        }
        prefix[i] = if same(back[i], back[length]) { length + 1 } else { 0 };
    }
    let period = back.len() - prefix.last().copied().unwrap_or(0);
    if period * 2 <= back.len() { period } else { 1 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn curve(bpm: &[f64]) -> TempoCurve {
        let tempos: Vec<Tempo> = bpm.iter().map(|bpm| Tempo::new(*bpm).expect("in range")).collect();
        TempoCurve::new(&tempos).expect("tempos")
    }

    #[test]
    fn it_goes_on_as_it_came_round() {
        let cases: [(&[f64], &[f64]); 4] = [
            (&[60.0, 120.0, 60.0, 120.0, 60.0, 120.0, 60.0, 120.0], &[60.0, 120.0, 60.0]),
            (&[60.0, 70.0, 80.0, 90.0], &[90.0, 90.0, 90.0]),
            (&[60.0, 90.0, 90.0, 90.0], &[90.0, 90.0, 90.0]),
            (&[50.0], &[50.0, 50.0, 50.0]),
        ];
        for (steps, beyond) in cases {
            let curve = curve(steps);
            let at = |step: i64| curve.bpm_at(Beat::new(step, STEPS_A_BEAT));
            let told: Vec<f64> = (0..3).map(|i| at(steps.len() as i64 + i)).collect();
            assert_eq!(told, beyond, "{steps:?}");
            assert_eq!(at(-5), steps[0]);
        }
    }

    #[test]
    fn an_hour_beyond_its_end_is_exact() {
        let curve = curve(&[60.0, 120.0].repeat(4));
        // Half of the time at each: 0.75 s a beat.
        assert!((curve.seconds_at(4_800.0) - 3_600.0).abs() < 1e-9);
        assert!((curve.beat_at(3_600.0) - 4_800.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn seconds_and_beats_are_inverse_and_increase(
            bpm in prop::collection::vec(20.0..999.0f64, 1..40), rounds in 1..4usize,
            mut beats in prop::collection::vec(-20.0..200.0f64, 2..40),
        ) {
            let curve = curve(&bpm.repeat(rounds));
            beats.sort_by(f64::total_cmp);
            let mut last = f64::NEG_INFINITY;
            for beat in beats {
                let seconds = curve.seconds_at(beat);
                prop_assert!(seconds >= last, "{beat}: {seconds} after {last}");
                prop_assert!((curve.beat_at(seconds) - beat).abs() < 1e-6, "{beat}");
                last = seconds;
            }
        }
    }
}
