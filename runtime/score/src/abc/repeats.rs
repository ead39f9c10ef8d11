//! Repeats, endings and parts of ABC, written out: from the music as it stands on the page to the order
//! in which it is played.

use std::collections::HashMap;

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
    /// Times that its first bar line says it is played, when a last one asks for a repeat.
    opened: u8,
    /// Times that it is played by its last bar line.
    times: u8,
}

impl Section {
    fn is_empty(&self) -> bool {
        let sounds = |element: &Element| matches!(element, Element::Note(_) | Element::Overlay(_));
        !self.common.iter().any(sounds) && self.endings.is_empty()
    }

    fn passes(&self) -> u8 {
        let endings = self.endings.iter().flat_map(|(passes, _)| passes.iter().copied()).max();
        let plain = if self.times > 1 { self.times.max(self.opened) } else { 1 };
        endings.unwrap_or(plain).max(plain)
    }

    fn has_ending(&self, passes: &[u8]) -> bool {
        self.endings.iter().any(|(used, _)| used.iter().any(|pass| passes.contains(pass)))
    }

    fn push(&mut self, element: Element) {
        match self.endings.last_mut() {
            Some((_, music)) => music.push(element),
            None => self.common.push(element),
        }
    }

    /// Where no bar line tells where the last ending ends, it has as many bars as the first: what follows is taken
    /// off and given back.
    fn split_last_ending(&mut self) -> Vec<Element> {
        let bars = |music: &[Element]| music.iter().filter(|e| matches!(e, Element::Bar(_))).count();
        let [(_, first), .., (_, last)] = self.endings.as_mut_slice() else { return Vec::new() };
        let mut left = bars(first).max(1);
        let end = last.iter().position(|element| {
            left -= usize::from(matches!(element, Element::Bar(_)) && left > 0);
            left == 0
        });
        end.map_or_else(Vec::new, |end| last.split_off(end + 1))
    }
}

/// An element in playing order, and the pass over its section (0 is the first).
pub(super) type Played = (Element, u8);

/// What has been written out, and how much it weighs: a note or a bar line one, a cluster more.
#[derive(Default)]
struct Written {
    played: Vec<Played>,
    weight: usize,
}

impl Written {
    /// Makes room for `weight` more.
    fn grow(&mut self, weight: usize) -> Result<(), AbcErrorKind> {
        self.weight = self.weight.saturating_add(weight);
        if self.weight > LONGEST { Err(AbcErrorKind::TooLong(LONGEST)) } else { Ok(()) }
    }

    fn add(&mut self, more: Written, passes_before: u8) -> Result<(), AbcErrorKind> {
        self.grow(more.weight)?;
        let later = |(element, pass): Played| (element, passes_before.saturating_add(pass));
        self.played.extend(more.played.into_iter().map(later));
        Ok(())
    }

    /// Plays `section` as often as it says, and starts a new one.
    fn flush(&mut self, section: &mut Section) -> Result<(), AbcErrorKind> {
        let done = std::mem::take(section);
        for pass in 0..done.passes() {
            let ending = done.endings.iter().find(|(passes, _)| passes.contains(&(pass + 1)));
            let music = || done.common.iter().chain(ending.iter().flat_map(|(_, music)| music.iter()));
            self.grow(music().map(weight).sum())?;
            self.played.extend(music().map(|element| (element.clone(), pass)));
        }
        Ok(())
    }
}

fn weight(element: &Element) -> usize {
    match element {
        Element::Note(sounded) => sounded.tones.len().div_ceil(8).max(1),
        Element::Overlay(voices) => {
            voices.iter().map(|voice| 1 + voice.iter().map(weight).sum::<usize>()).sum()
        }
        _ => 1,
    }
}

/// Writes out all parts and repeats. `order` names the parts; where it is none, or the page marks no part that it
/// names, they are played as they stand.
pub(super) fn expand(elements: Vec<Element>, order: Option<&[char]>) -> Result<Vec<Played>, AbcErrorKind> {
    let mut pages: Vec<(Option<char>, Vec<Element>)> = vec![(None, Vec::new())];
    for element in elements {
        match (element, pages.last_mut()) {
            (Element::Part(letter), _) => pages.push((Some(letter), Vec::new())),
            (element, Some((_, music))) => music.push(element),
            (_, None) => {}
        }
    }
    let named = |letter: Option<char>| order.is_some_and(|order| letter.is_some_and(|l| order.contains(&l)));
    let mut written = Written::default();
    let Some(order) = order.filter(|_| pages.iter().any(|(letter, _)| named(*letter))) else {
        for (_, music) in pages {
            written.add(written_out(music)?, 0)?;
        }
        return Ok(written.played);
    };
    // What stands before the first mark comes first; a part that the order leaves out is not played.
    let mut first = Vec::new();
    let mut parts: HashMap<char, Vec<Element>> = HashMap::new();
    for (letter, music) in pages {
        match letter {
            Some(letter) => parts.entry(letter).or_default().extend(music),
            None => first.extend(music),
        }
    }
    written.add(written_out(first)?, 0)?;
    let mut passes: HashMap<char, u8> = HashMap::new();
    for letter in order {
        let Some(music) = parts.get(letter) else { continue };
        let before = passes.get(letter).copied().unwrap_or(0);
        let music = written_out(music.clone())?;
        let most = music.played.iter().map(|(_, pass)| *pass).max().unwrap_or(0);
        passes.insert(*letter, before.saturating_add(most).saturating_add(1));
        written.add(music, before)?;
    }
    Ok(written.played)
}

/// Writes out the repeats of a part. Sections lie between `|:` and `:|`; where no `|:` stands, a repeat goes
/// back to the last double bar, or to the start.
fn written_out(elements: Vec<Element>) -> Result<Written, AbcErrorKind> {
    let mut written = Written::default();
    let mut section = Section::default();
    // A `:|` ended the section, but a further ending may still follow.
    let mut closed = false;
    for element in elements {
        match element {
            Element::Ending(passes) => {
                if section.has_ending(&passes) {
                    let rest = if closed { Vec::new() } else { section.split_last_ending() };
                    written.flush(&mut section)?;
                    section.common = rest;
                }
                closed = false;
                section.endings.push((passes, Vec::new()));
            }
            Element::Bar(bar) => {
                if closed && bar.starts_repeat > 0 {
                    written.flush(&mut section)?;
                    closed = false;
                }
                section.push(Element::Bar(bar));
                if bar.ends_repeat > 0 {
                    section.times = section.times.max(bar.ends_repeat + 1);
                    closed = true;
                }
                let ends_part = bar.double && (!section.explicit || !section.endings.is_empty());
                if bar.starts_repeat > 0 || (ends_part && bar.ends_repeat == 0) {
                    if !section.is_empty() {
                        written.flush(&mut section)?;
                    }
                    closed = false;
                    section.explicit = bar.starts_repeat > 0;
                    section.opened = bar.starts_repeat + 1;
                }
            }
            music => {
                if closed {
                    written.flush(&mut section)?;
                    closed = false;
                }
                section.push(music);
            }
        }
    }
    written.flush(&mut section)?;
    Ok(written)
}
