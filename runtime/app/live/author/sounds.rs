//! Which recorded sounds a script may name, as the author knows them.

use std::sync::Arc;

use lilt_samples::Bank;

use super::Author;
use crate::place;

impl Author {
    /// The folders of sounds were listed, for the `listings`th time. A text that named sounds before that was done
    /// is evaluated again: a name that nothing has is told of.
    pub(super) fn learn_sounds(&mut self, listings: u64, bank: &Bank) {
        if self.listings == listings {
            return;
        }
        self.listings = listings;
        self.sounds = Some(Arc::new(place::sound_names(bank)));
        self.engine.set_sounds(self.sounds.clone());
        if self.engine.trusted_sounds() {
            self.evaluate_again();
        }
    }
}
