//! Which recorded sounds a script may name, as the author knows them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_samples::Bank;

use super::Author;
use crate::place;

/// How long the script waits at the start until it is known which sounds there are.
const LISTING: Duration = Duration::from_millis(300);

impl Author {
    /// Waits a little until the folders of sounds are listed, so that the first text can be told of a wrong name.
    pub(super) fn wait_for_sounds(&mut self) {
        let until = Instant::now() + LISTING;
        while self.sounds.is_none() && !self.mailbox.is_ending() {
            match self.wakes.reports.recv_deadline(until) {
                Ok(report) => self.take_in(report),
                // Nobody reports, or the time is over: names are taken on trust.
                Err(_) => return,
            }
        }
    }

    /// The folders of sounds were listed, for the `listings`th time. A text that named sounds before that was done
    /// is evaluated again: a name that nothing has is told of. So is any text once there are other names: one that
    /// was refused may be right now.
    pub(super) fn learn_sounds(&mut self, listings: u64, bank: &Bank) {
        if self.listings == listings {
            return;
        }
        self.listings = listings;
        let names = Arc::new(place::sound_names(bank));
        let others = self.sounds.replace(Arc::clone(&names)).is_some_and(|known| known != names);
        self.engine.set_sounds(Some(names));
        if others {
            self.evaluate_newest();
        } else if self.engine.trusted_sounds() {
            self.evaluate_again();
        }
    }
}
