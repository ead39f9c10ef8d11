//! The tastes that a script names, and what is pressed to teach them.

use std::sync::Arc;

use lilt_score::{Dial, Gesture, Input};

/// Name of the source that is an editor: what it sends are addresses of [`Press`].
pub const EDITOR: &str = "editor";

/// From here on a button or an address counts as pressed.
const PRESSED: f64 = 0.5;

/// What a listener says by a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// What was heard is liked.
    Like,
    /// It is not.
    Nope,
    /// What was said last is taken back.
    Undo,
    /// All is forgotten.
    Forget,
}

impl Press {
    /// All there are, and the address by which an editor sends each.
    const ADDRESSES: [(Press, &'static str); 4] =
        [(Press::Like, "/like"), (Press::Nope, "/nope"), (Press::Undo, "/undo"), (Press::Forget, "/forget")];

    /// What an editor sends for it.
    pub fn gesture(self) -> Gesture {
        let address = Press::ADDRESSES.iter().find(|(press, _)| *press == self);
        let address = address.map_or("", |(_, address)| *address);
        Gesture::Turn { dial: Dial::Address(address.into(), 0), value: 1.0 }
    }
}

/// A key, a button or an address that says something.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Trigger {
    /// A key of a source, or of any.
    Key(Option<Arc<str>>, u8),
    /// Something that holds a value, of a source or of any: pressed while it is a half or more.
    Dial(Option<Arc<str>>, Dial),
}

impl Trigger {
    fn fires(&self, input: &Input) -> bool {
        let of = |source: &Option<Arc<str>>| source.as_ref().is_none_or(|source| *source == input.source);
        match (self, &input.gesture) {
            (Trigger::Key(source, asked), Gesture::Press { key, .. }) => of(source) && asked == key,
            (Trigger::Dial(source, asked), Gesture::Turn { dial, value }) => {
                of(source) && asked == dial && *value >= PRESSED
            }
            _ => false,
        }
    }
}

/// A taste that a script names.
#[derive(Debug, Clone, PartialEq)]
pub struct Taught {
    /// Its file, from the script's folder.
    pub file: String,
    /// What says what.
    pub(crate) triggers: Vec<(Press, Trigger)>,
}

impl Taught {
    /// What an input says about it, if anything. What an editor says is said of every taste.
    pub fn press(&self, input: &Input) -> Option<Press> {
        if &*input.source == EDITOR {
            let Gesture::Turn { dial: Dial::Address(address, _), .. } = &input.gesture else { return None };
            return Press::ADDRESSES.iter().find(|(_, known)| known == &&**address).map(|(press, _)| *press);
        }
        self.triggers.iter().find(|(_, trigger)| trigger.fires(input)).map(|(press, _)| *press)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_buttons_and_editors_say_what_they_are_told_to() {
        let pads: Arc<str> = "Pads".into();
        let address = Dial::Address("/nope".into(), 0);
        let taught = Taught {
            file: "mine.taste".to_owned(),
            triggers: vec![
                (Press::Like, Trigger::Key(Some(Arc::clone(&pads)), 36)),
                (Press::Nope, Trigger::Dial(None, address.clone())),
            ],
        };
        let said = |source: &str, gesture: Gesture| {
            taught.press(&Input { seconds: 0.0, source: source.into(), gesture })
        };
        let key = |key| Gesture::Press { key, velocity: lilt_score::Velocity::DEFAULT, channel: 0 };
        let turn = |value| Gesture::Turn { dial: address.clone(), value };
        assert_eq!(said("Pads", key(36)), Some(Press::Like));
        assert_eq!((said("Keys", key(36)), said("Pads", key(37))), (None, None));
        assert_eq!((said("OSC", turn(1.0)), said("OSC", turn(0.0))), (Some(Press::Nope), None));
        for (press, _) in Press::ADDRESSES {
            assert_eq!(said(EDITOR, press.gesture()), Some(press));
        }
    }
}
