//! When a change that was evaluated is committed: after a pause in the typing.

use std::time::{Duration, Instant};

/// The pause without a keystroke after which a change is committed.
pub const QUIET: Duration = Duration::from_millis(120);

/// Holds back what was typed until the typing pauses.
///
/// Every change is evaluated at once; what it commits waits for [`QUIET`] without another change, and then
/// for the slot's boundary, which is the sequencer's affair. `now` is always an argument.
#[derive(Debug, Clone, Default)]
pub struct Debounce {
    pending: Option<Pending>,
}

#[derive(Debug, Clone, Copy)]
enum Pending {
    QuietSince(Instant),
    Now,
}

impl Debounce {
    /// Nothing is pending.
    pub fn new() -> Debounce {
        Debounce::default()
    }

    /// A change came: the pause starts anew.
    pub fn changed(&mut self, now: Instant) {
        self.pending = Some(Pending::QuietSince(now));
    }

    /// Makes a pending change due at once (the performer saved, or said so). Without one, nothing happens.
    pub fn commit_now(&mut self) {
        if self.pending.is_some() {
            self.pending = Some(Pending::Now);
        }
    }

    /// Forgets the pending change, for example because its text was wrong.
    pub fn cancel(&mut self) {
        self.pending = None;
    }

    /// Whether the pending change is to be committed now. True once for each pause.
    pub fn due(&mut self, now: Instant) -> bool {
        let due = self.wait(now) == Some(Duration::ZERO);
        if due {
            self.pending = None;
        }
        due
    }

    /// How long to sleep until [`Debounce::due`] may say yes; nothing when no change is pending.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        Some(match self.pending? {
            Pending::Now => Duration::ZERO,
            Pending::QuietSince(since) => QUIET.saturating_sub(now.saturating_duration_since(since)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    enum Step {
        Change,
        CommitNow,
        Cancel,
        Look,
    }

    #[test]
    fn a_pause_of_120_ms_commits_once() {
        use Step::*;
        // (at this millisecond, this happens), and the milliseconds at which the change was due
        type Row = (&'static [(u64, Step)], &'static [u64]);
        let table: [Row; 6] = [
            (&[(0, Look), (500, Look)], &[]),
            (&[(0, Change), (119, Look), (120, Look), (121, Look)], &[120]),
            (&[(0, Change), (100, Change), (120, Look), (219, Look), (220, Look)], &[220]),
            (&[(0, Change), (10, CommitNow), (10, Look), (11, Look), (200, Look)], &[10]),
            (&[(0, CommitNow), (0, Look), (10, Change), (20, Look), (130, Look)], &[130]),
            (&[(0, Change), (10, Cancel), (300, Look)], &[]),
        ];
        for (row, (steps, expected)) in table.into_iter().enumerate() {
            let start = Instant::now();
            let mut debounce = Debounce::new();
            let mut due = Vec::new();
            for (millis, step) in steps {
                let now = start + Duration::from_millis(*millis);
                match step {
                    Change => debounce.changed(now),
                    CommitNow => debounce.commit_now(),
                    Cancel => debounce.cancel(),
                    Look => {
                        if debounce.due(now) {
                            due.push(*millis);
                        }
                    }
                }
            }
            assert_eq!(due, expected, "row {row}");
        }
    }

    proptest! {
        #[test]
        fn sleeping_for_the_wait_is_enough(gaps in proptest::collection::vec(0u64..200, 1..30)) {
            let mut now = Instant::now();
            let mut debounce = Debounce::new();
            let mut pending = false;
            for gap in gaps {
                now += Duration::from_millis(gap);
                prop_assert_eq!(debounce.due(now), pending && Duration::from_millis(gap) >= QUIET);
                debounce.changed(now);
                pending = true;
            }
            let wait = debounce.wait(now).expect("a change is pending");
            prop_assert!(!debounce.due(now + wait - Duration::from_nanos(1)));
            prop_assert!(debounce.due(now + wait));
            prop_assert_eq!(debounce.wait(now + wait), None);
        }
    }
}
