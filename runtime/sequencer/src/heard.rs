//! What a content plays over some of its bars, as a clip: for whoever judges what was heard.

use std::ops::Range;

use lilt_score::{Beat, Clip, Note};

use crate::Planner;
use crate::plan::ItemKind;
use crate::stretch::ContentId;

impl Planner {
    /// After how many bars each of two takes of a content makes way for the other, where one is to be chosen.
    pub fn turns_of(&self, content: ContentId) -> Option<i64> {
        self.contents.iter().find(|known| known.id == content)?.spec.turns
    }

    /// The notes of a content over some of its bars, from the first on, and how long a bar is. `None` where no model
    /// fills it and there is nothing to choose, where it plays none, or where a bar of it is not known: its take is still being made, or it is used no
    /// longer.
    pub fn clip_of(&mut self, content: ContentId, bars: Range<i64>) -> Option<(Clip, Beat)> {
        let content = self.contents.iter_mut().find(|known| known.id == content)?;
        if content.spec.model.is_none() && content.spec.turns.is_none() {
            return None;
        }
        let bar = content.bar;
        let (start, length) = (bar * Beat::whole(bars.start), bar * Beat::whole(bars.end - bars.start));
        let mut notes = Vec::new();
        for number in bars {
            let part = content.part(number, false).ok()?;
            notes.extend(part.items.iter().filter_map(|item| match &item.kind {
                ItemKind::Note { end, strike } => Some(Note {
                    start: item.beat - start,
                    duration: *end - item.beat,
                    tone: strike.tone,
                    velocity: strike.velocity,
                }),
                _ => None,
            }));
        }
        let clip = Clip::new(notes, length).ok()?;
        (!clip.notes().is_empty()).then_some((clip, bar))
    }
}
