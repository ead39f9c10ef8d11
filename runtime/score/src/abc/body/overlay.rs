//! Voices written over the main one for a bar, or between `(&` and `&)` for many.

use super::{Beneath, Body, Element};

impl Body {
    /// `&`: back to the start of the bar (or of the stretch), for another voice.
    pub(super) fn overlay(&mut self) {
        let elements = std::mem::take(&mut self.elements);
        match &mut self.beneath {
            Some(beneath) => beneath.above.push(elements),
            None => {
                self.beneath = Some(Beneath {
                    elements,
                    from: self.stretch.unwrap_or(self.bar_start),
                    above: Vec::new(),
                    ties: std::mem::take(&mut self.ties),
                    sounding: std::mem::take(&mut self.sounding),
                });
            }
        }
        self.rest();
        self.bar = [None; 7];
        self.tuplet = None;
        self.broken = None;
        self.bar_start = 0;
    }

    /// The voices over the main one are whole.
    pub(super) fn end_overlay(&mut self) {
        self.stretch = None;
        let Some(mut beneath) = self.beneath.take() else { return };
        beneath.above.push(std::mem::take(&mut self.elements));
        self.elements = beneath.elements;
        self.elements.insert(beneath.from.min(self.elements.len()), Element::Overlay(beneath.above));
        self.ties = beneath.ties;
        self.sounding = beneath.sounding;
        self.tuplet = None;
        self.broken = None;
        self.bar_start = self.elements.len();
    }
}
