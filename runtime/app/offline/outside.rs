//! What came in from outside while a set was played, played again.

use std::collections::VecDeque;
use std::time::Instant;

use lilt_inference::TakeState;
use lilt_score::Beat;
use lilt_script::Diagnostic;
use lilt_sequencer::{Filled, Hands, Performance, Timed};

use super::{Offline, TAKE_TIME};
use crate::diagnosis;
use crate::journal::Journalled;

/// A journal on its way through a performance.
pub(super) struct Outside {
    journal: VecDeque<Journalled>,
    hands: Hands,
}

impl Outside {
    pub(super) fn new(journal: Vec<Journalled>) -> Outside {
        Outside { journal: journal.into(), hands: Hands::default() }
    }

    /// Plays to a beat, and lets come in on the way what came in then.
    ///
    /// # Errors
    /// When the script, read again for a phrase, is wrong.
    pub(super) fn play_to(
        &mut self,
        offline: &mut Offline,
        performance: &mut Performance,
        until: Beat,
    ) -> Result<Filled, Diagnostic> {
        let mut all = Filled::default();
        loop {
            let next = self.journal.front().map(|next| exact(next.beat));
            let due = offline.engine.phrase_due();
            let stop = [next, due].into_iter().flatten().fold(until, Beat::min);
            let filled = performance.fill_to(stop);
            all.events.extend(filled.events);
            all.faults.extend(filled.faults);
            all.notices.extend(filled.notices);
            all.began.extend(filled.began);
            self.hands_over(performance, stop, &mut all.events);
            if stop >= until {
                return Ok(all);
            }
            if due.is_some_and(|due| due <= stop) {
                offline.read_again(performance, stop)?;
            }
            while let Some(Journalled { beat, input }) =
                self.journal.pop_front_if(|next| exact(next.beat) <= stop)
            {
                let now = performance.view().seconds_at(stop);
                all.events.extend(self.hands.take(&input, performance.view(), now));
                offline.engine.hear(&input, beat);
                if offline.engine.heeds(&input) {
                    performance.follow();
                }
            }
        }
    }

    /// Ends what hands hold on slots that have changed under them.
    fn hands_over(&mut self, performance: &Performance, at: Beat, events: &mut Vec<Timed>) {
        let now = performance.view().seconds_at(at);
        events.extend(self.hands.tidy(performance.view(), now));
    }

    /// Ends all that hands still hold.
    pub(super) fn end(mut self, performance: &Performance, at: Beat) -> Vec<Timed> {
        self.hands.release_all(performance.view(), performance.view().seconds_at(at))
    }
}

/// A beat of the journal on the grid of what is planned. What came in before the music began is heard with its first
/// step: until then no slot has anything on it.
fn exact(beat: f64) -> Beat {
    Beat::new((beat * 960.0).round().max(1.0) as i64, 960)
}

impl Offline {
    /// Evaluates the script again at a beat, since a phrase that it asks for is over, and lets it in as it would be live.
    fn read_again(&mut self, performance: &mut Performance, at: Beat) -> Result<(), Diagnostic> {
        self.engine.set_playhead(at);
        let evaluation = self.evaluate();
        self.printed.extend(evaluation.printed);
        let generation = evaluation.result?;
        for take in &evaluation.takes {
            if let TakeState::Pending { .. } = self.engine.wait_for(take, Instant::now() + TAKE_TIME) {
                self.wait_for(std::slice::from_ref(take))?;
            }
        }
        let now = performance.view().seconds_at(at);
        performance.propose(generation, now).map_err(|error| diagnosis::of_plan(error, &self.name()))?;
        Ok(())
    }
}
