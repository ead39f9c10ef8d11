//! A stretch of a pattern written down as a clip.

use super::QueryError;
use crate::{Clip, ClipError, Controls, Note, Pattern, Query};

/// Why a stretch of a pattern makes no clip.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The pattern could not answer.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Its notes are no clip.
    #[error(transparent)]
    Clip(#[from] ClipError),
}

impl Clip {
    /// What `pattern` plays over the span of `query`: each note that begins there, as
    /// long as its event's whole; the clip begins at 0 and is as long as the span.
    ///
    /// # Errors
    /// When the pattern fails, the span is empty, or the notes are too many.
    pub fn from_pattern(pattern: &Pattern<Controls>, query: Query) -> Result<Clip, RecordError> {
        let notes = pattern.query(query)?.into_iter().filter_map(|event| {
            let start = event.onset()? - query.span.start;
            let (tone, velocity) = (event.value.tone?, event.value.struck());
            Some(Note { start, duration: event.whole?.length(), tone, velocity })
        });
        Ok(Clip::new(notes.collect(), query.span.length())?)
    }
}
