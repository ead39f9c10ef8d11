//! Keys that play at once: what hands strike goes to the mixer, to ports and to other programs past the plan.

use lilt_score::Input;
use lilt_sequencer::Timed;

use super::Conductor;
use crate::journal::Journalled;

impl Conductor {
    /// A hand did something: what comes of it leaves at once.
    pub(super) fn hear(&mut self, input: &Input) {
        let now = self.time.soonest();
        if let Some(journal) = &self.journal {
            let beat = self.sequencer.view().beat_at(input.seconds);
            // A journal that does not keep up has holes; the music goes on.
            let _written = journal.put(Journalled { beat, input: input.clone() });
        }
        let events = self.hands.take(input, self.sequencer.view(), now);
        self.play_by_hand(&events);
    }

    /// Ends what hands hold on slots that are there for them no longer.
    pub(super) fn look_after_hands(&mut self) {
        let events = self.hands.tidy(self.sequencer.view(), self.time.soonest());
        self.play_by_hand(&events);
    }

    /// Ends all that hands hold.
    pub(super) fn lift_hands(&mut self) {
        let events = self.hands.release_all(self.sequencer.view(), self.time.soonest());
        self.play_by_hand(&events);
    }

    fn play_by_hand(&mut self, events: &[Timed]) {
        for event in events {
            self.loudspeaker.send(event);
            self.midi.send(event, self.time.instant_of(event.seconds));
            self.send_by_osc(event);
        }
        let view = self.sequencer.view();
        if let Some(record) = self.record.as_mut().filter(|_| !events.is_empty()) {
            record.write(events, |slot| view.slot_name(slot).unwrap_or("?").into());
        }
    }
}
