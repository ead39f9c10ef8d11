//! Repeats and endings of ABC, written out: from the music as it stands on the page to the order
//! in which it is played.

use super::AbcErrorKind;
use super::body::Element;

/// No tune is written out to more elements (notes and bar lines) than this.
const LONGEST: usize = 40_000;

/// A stretch of the page that is played as a whole, perhaps several times.
#[derive(Debug, Default)]
struct Section {
    common: Vec<Element>,
    /// Endings: the passes on which each is played, from 1, and its music.
    endings: Vec<(Vec<u8>, Vec<Element>)>,
    /// A `|:` opened it, so that a plain double bar does not end it.
    explicit: bool,
    repeated: bool,
}

impl Section {
    fn is_empty(&self) -> bool {
        self.common.iter().all(|e| !matches!(e, Element::Note { .. })) && self.endings.is_empty()
    }

    fn passes(&self) -> u8 {
        let endings = self.endings.iter().flat_map(|(passes, _)| passes.iter().copied()).max();
        let plain = if self.repeated { 2 } else { 1 };
        endings.unwrap_or(plain).max(plain)
    }

    fn push(&mut self, element: Element) {
        match self.endings.last_mut() {
            Some((_, music)) => music.push(element),
            None => self.common.push(element),
        }
    }
}

/// An element in playing order, and the pass over its section (0 is the first).
pub(super) type Played = (Element, u8);

/// Writes out all repeats. Sections lie between `|:` and `:|`; where no `|:` stands, a repeat goes
/// back to the last double bar, or to the start.
pub(super) fn expand(elements: Vec<Element>) -> Result<Vec<Played>, AbcErrorKind> {
    let mut played = Vec::new();
    let mut section = Section::default();
    // A `:|` ended the section, but a further ending may still follow.
    let mut closed = false;
    for element in elements {
        match element {
            Element::Ending(passes) => {
                closed = false;
                section.endings.push((passes, Vec::new()));
            }
            Element::Bar(bar) => {
                if closed && bar.starts_repeat {
                    flush(&mut section, &mut played)?;
                    closed = false;
                }
                section.push(Element::Bar(bar));
                if bar.ends_repeat {
                    section.repeated = true;
                    let last_ending = section.endings.last().is_none_or(|(passes, _)| passes.contains(&1));
                    closed = true;
                    if !last_ending {
                        flush(&mut section, &mut played)?;
                        closed = false;
                    }
                }
                let ends_part = bar.double && (!section.explicit || !section.endings.is_empty());
                if bar.starts_repeat || (ends_part && !bar.ends_repeat) {
                    if !section.is_empty() {
                        flush(&mut section, &mut played)?;
                    }
                    closed = false;
                    section.explicit = bar.starts_repeat;
                }
            }
            note @ (Element::Note { .. } | Element::Symbol(_)) => {
                if closed {
                    flush(&mut section, &mut played)?;
                    closed = false;
                }
                section.push(note);
            }
        }
    }
    flush(&mut section, &mut played)?;
    Ok(played)
}

/// Plays `section` as often as it says, and starts a new one.
fn flush(section: &mut Section, played: &mut Vec<Played>) -> Result<(), AbcErrorKind> {
    let done = std::mem::take(section);
    for pass in 0..done.passes() {
        let ending = done.endings.iter().find(|(passes, _)| passes.contains(&(pass + 1)));
        let music = done.common.iter().chain(ending.iter().flat_map(|(_, music)| music.iter()));
        played.extend(music.map(|element| (element.clone(), pass)));
        if played.len() > LONGEST {
            return Err(AbcErrorKind::TooLong(LONGEST));
        }
    }
    Ok(())
}
