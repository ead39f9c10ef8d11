//! What a model of the family knows beside its network: how it hears its past, and what may come.

/// A piece on its way, in so far as the network is told of it in the open. The recipe and the player
/// move the same type through the same events, so both feed the network alike.
///
/// An event is one class for each field; fields that do not apply to an event have class 0 as the only
/// one that may come, so that they cost nothing.
pub trait Walk: Clone + Send + Sync {
    /// Adds the embedding rows that the network hears before the next event, one for each group, in
    /// order.
    fn rows(&self, rows: &mut Vec<u16>);

    /// Whether field number `said.len()` of the next event may have `class`, the fields before it being
    /// `said`. Something may always come.
    fn allowed(&self, said: &[u8], class: usize) -> bool;

    /// The piece goes on with `event`.
    fn hear(&mut self, event: &[u8]);
}
