//! What a model of the family knows beside its network: how it hears its past, what may come, and what music that is.

use lilt_inference::Certain;
use lilt_score::{Beat, Clip, ClipError, Note};

/// A piece on its way, in so far as the network is told of it in the open. The recipe and the player
/// move the same type through the same events, so both feed the network alike.
///
/// An event is one class for each field; fields that do not apply to an event have class 0 as the only
/// one that may come, so that they cost nothing.
pub trait Walk: Clone + Send + Sync {
    /// The field by whose class a note gets its tone, and a step without a note is told from others. It is this one
    /// that leans where steps are rewarded: the fields before it are drawn as the network says, those after it are
    /// drawn for each class that it may have.
    const TONE: usize;

    /// How much is known of a note when its event is drawn.
    const CERTAIN: Certain;

    /// Adds the embedding rows that the network hears before the next event, one for each group, in
    /// order.
    fn rows(&self, rows: &mut Vec<u16>);

    /// Whether field number `said.len()` of the next event may have `class`, the fields before it being
    /// `said`. Something may always come, unless the walk is [`Walk::over`].
    fn allowed(&self, said: &[u8], class: usize) -> bool;

    /// The piece goes on with `event`.
    fn hear(&mut self, event: &[u8]);

    /// Steps of its grid that begin within `length`.
    fn steps(length: Beat) -> i64;

    /// The step that was reached; the first of the clip has number 0.
    fn now(&self) -> i64;

    /// Whether nothing more can come, since nothing that the model knows is short enough for what is left.
    fn over(&self) -> bool {
        false
    }

    /// The clip of `length` beats that `events` play from step 0 on.
    ///
    /// # Errors
    /// When they make no clip of that length.
    fn clip<'a>(&self, events: impl Iterator<Item = &'a [u8]>, length: Beat) -> Result<Clip, ClipError>;

    /// The note that each event which begins with `said` adds to that clip when it comes next; none where it adds
    /// none.
    fn sounding(&self, said: &[u8], length: Beat) -> impl Fn(&[u8]) -> Option<Note>;
}
