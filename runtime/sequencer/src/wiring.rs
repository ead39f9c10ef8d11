//! Where a slot's sound goes on its way to the master, and under whom it ducks.

use std::sync::Arc;

use crate::SlotId;

/// Most buses of a generation.
pub const MOST_BUSES: usize = 16;

/// What the script says of the way of a slot's sound, by the names of other slots and buses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wiring {
    /// The bus it goes to; the master when nothing is said.
    pub to: Option<Arc<str>>,
    /// Under whom it ducks, and how.
    pub duck: Option<(Arc<str>, Ducking)>,
}

/// How a slot or bus turns down while another speaks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ducking {
    /// What of the other is listened to.
    pub by: DuckBy,
    /// How much of the level is taken away, `0..=1`.
    pub depth: f64,
    /// Time down, in seconds.
    pub attack: f64,
    /// Time back up, in seconds.
    pub release: f64,
}

/// What of another is listened to for ducking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DuckBy {
    /// Each of its notes, from its beginning on.
    Notes,
    /// Its level, for as long as it sounds.
    Level,
}

/// Under whom a slot or bus ducks, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Under {
    /// Its number.
    pub slot: SlotId,
    /// True where that is a bus.
    pub is_bus: bool,
    /// How.
    pub how: Ducking,
}

/// The wiring of a slot with the numbers of those it names.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Wired {
    pub(crate) to: Option<SlotId>,
    pub(crate) duck: Option<Under>,
}

impl Wiring {
    /// With the number that `find` gives for a name, and whether that is a bus; who has none is left out.
    pub(crate) fn wired(&self, find: impl Fn(&str) -> Option<(SlotId, bool)>) -> Wired {
        let bus = self.to.as_deref().and_then(&find);
        let duck = self.duck.as_ref().and_then(|(under, how)| {
            let (slot, is_bus) = find(under)?;
            Some(Under { slot, is_bus, how: *how })
        });
        Wired { to: bus.map(|(slot, _)| slot), duck }
    }
}
