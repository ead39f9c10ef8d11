//! Which slots follow which, and what that means for what they are.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use lilt_score::{Controls, Pattern};
use lilt_sequencer::SlotSpec;

use crate::declared::{DeclaredPart, DeclaredSlot};
use crate::fault::Fault;
use crate::files::Place;
use crate::fingerprint::Fingerprint;

/// A slot that a signal follows, and where its music is put once it is known.
pub(crate) struct DeclaredFollow {
    pub name: Arc<str>,
    pub followed: Rc<OnceCell<Pattern<Controls>>>,
    pub place: Place,
}

/// The slots that each slot follows, by name.
pub(crate) type Follows = HashMap<String, Vec<Arc<str>>>;

/// Looks whether every slot that a signal follows is there, plays, and does not follow the one that follows it.
///
/// # Errors
/// What is wrong, with the place.
pub(crate) fn check(
    slots: &[DeclaredSlot],
    followed: &[DeclaredFollow],
) -> Result<Follows, Box<(Fault, Place)>> {
    let follows: Follows =
        slots.iter().map(|slot| (slot.name.clone(), slot.follows().cloned().collect())).collect();
    for DeclaredFollow { name, place, .. } in followed {
        let about = |fault: Fault| fault.text(&**name).argument("env", 0);
        let fault = match slots.iter().find(|slot| slot.name == **name) {
            None => {
                let names = slots.iter().map(|slot| slot.name.as_str());
                let fault = Fault::new(format!("no slot is called `{name}`"));
                match names.clone().next() {
                    Some(_) => fault.nearest(name, names),
                    None => fault.help("nothing else plays"),
                }
            }
            Some(slot) => match &slot.part {
                DeclaredPart::Drawing { .. } => {
                    Fault::new(format!("slot `{name}` draws: it strikes nothing"))
                }
                DeclaredPart::Bus => Fault::new(format!("`{name}` is a bus: it strikes nothing itself"))
                    .help("name a slot that goes to it"),
                DeclaredPart::Music(music) if music.stream.is_some() => Fault::new(format!(
                    "slot `{name}` is made as it is played: what it strikes is not known ahead"
                ))
                .help("sample a clip and play that"),
                DeclaredPart::Music(_) if reaches(&follows, name, name) => {
                    Fault::new(format!("slot `{name}` would follow itself")).help("name another slot")
                }
                DeclaredPart::Music(_) => continue,
            },
        };
        return Err(Box::new((about(fault), place.clone())));
    }
    Ok(follows)
}

/// True when `from` follows `to`, or one that does.
fn reaches(follows: &Follows, from: &str, to: &str) -> bool {
    let (mut seen, mut open) = (HashSet::new(), vec![from]);
    while let Some(slot) = open.pop() {
        for next in follows.get(slot).into_iter().flatten() {
            if **next == *to {
                return true;
            }
            if seen.insert(&**next) {
                open.push(next);
            }
        }
    }
    false
}

/// A slot that follows another is another one when that changes: its identity has that of all whom it follows.
pub(crate) fn mix(slots: &mut [SlotSpec], follows: &Follows) {
    let own: HashMap<String, u64> = slots
        .iter()
        .map(|slot| {
            (
                slot.name.clone(),
                Fingerprint::of("followed").number(slot.fingerprint).number(slot.silent.into()).value(),
            )
        })
        .collect();
    for slot in slots {
        let (mut seen, mut open) = (HashSet::new(), vec![slot.name.as_str()]);
        let mut print = Fingerprint::of("follows").number(slot.fingerprint);
        while let Some(next) = open.pop() {
            for followed in follows.get(next).into_iter().flatten() {
                if seen.insert(&**followed) {
                    print = print.number(own.get(&**followed).copied().unwrap_or(0));
                    open.push(followed);
                }
            }
        }
        if !seen.is_empty() {
            slot.fingerprint = print.value();
        }
    }
}
