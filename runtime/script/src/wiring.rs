//! Which bus each slot goes to and under whom it ducks, as a script says it, and what of that can be.

use std::collections::HashMap;
use std::sync::Arc;

use lilt_sequencer::{Ducking, MOST_BUSES, Output, Wiring};

use crate::declared::{DeclaredPart, DeclaredSlot};
use crate::fault::Fault;
use crate::files::Place;
use crate::fingerprint::Fingerprint;

/// Names of fewer letters are too short to say which other one was meant.
const TELLING: usize = 4;

/// Something that a script says, and where.
#[derive(Debug, Clone)]
pub(crate) struct Said<T> {
    pub value: T,
    pub place: Place,
}

/// What a script says of the way of a slot's sound.
#[derive(Debug, Clone, Default)]
pub(crate) struct DeclaredWiring {
    /// The bus it goes to.
    pub to: Option<Said<Arc<str>>>,
    /// Under whom it ducks, and how.
    pub duck: Option<Said<(Arc<str>, Ducking)>>,
}

impl DeclaredWiring {
    /// It without its places.
    pub fn finish(self) -> Wiring {
        Wiring { to: self.to.map(|to| to.value), duck: self.duck.map(|duck| duck.value) }
    }

    /// `print` with what is said; as it is when nothing is.
    pub fn print(&self, print: u64) -> u64 {
        let mut print = print;
        if let Some(Said { value: bus, .. }) = &self.to {
            print = Fingerprint::of("to").number(print).text(bus).value();
        }
        if let Some(Said { value: (under, how), .. }) = &self.duck {
            let Ducking { by, depth, attack, release } = *how;
            let duck = Fingerprint::of("duck").number(print).text(under).number(by as u64);
            print = duck.real(depth).real(attack).real(release).value();
        }
        print
    }
}

/// Declares the buses that slots go to and that the script says nothing else of, and looks whether all can be
/// wired as they say.
///
/// # Errors
/// A bus or slot that is not there, a bus or a ducking in a circle, too many buses; with the place.
pub(crate) fn complete(slots: &mut Vec<DeclaredSlot>) -> Result<(), Box<(Fault, Place)>> {
    let undeclared = undeclared(slots)?;
    slots.extend(undeclared);
    let buses: Vec<&DeclaredSlot> = slots.iter().filter(|slot| slot.is_bus()).collect();
    if let Some(first) = buses.get(MOST_BUSES) {
        let fault = Fault::new(format!("more than {MOST_BUSES} buses")).text(&first.name).argument("bus", 0);
        return Err(Box::new((fault.help("send more slots to one bus"), first.place.clone())));
    }
    let goes: HashMap<&str, &str> = slots
        .iter()
        .filter_map(|slot| Some((slot.name.as_str(), &*slot.wiring.to.as_ref()?.value)))
        .collect();
    // What lies on the way of a slot to the master; a circle ends where it began.
    let way = |from: &str| {
        let mut way: Vec<&str> = Vec::new();
        let mut at = goes.get(from).copied();
        while let Some(bus) = at {
            way.push(bus);
            at = goes.get(bus).copied().filter(|next| !way.contains(next));
        }
        way
    };
    for slot in slots.iter() {
        let way = way(&slot.name);
        if let Some(to) = slot.wiring.to.as_ref().filter(|_| way.contains(&slot.name.as_str())) {
            let fault = Fault::new(match &*to.value == slot.name.as_str() {
                true => format!("bus `{}` goes to itself", slot.name),
                false => format!("bus `{}` goes to `{}`, which comes back to it", slot.name, to.value),
            });
            let fault = fault.text(&*to.value).argument("to", 0).help("let one of them go to the master");
            return Err(Box::new((fault, to.place.clone())));
        }
        if let Some(Said { value: (under, _), place }) = &slot.wiring.duck {
            let fault = match slots.iter().find(|other| *other.name == **under) {
                None => {
                    let others =
                        slots.iter().map(|slot| slot.name.as_str()).filter(|name| *name != slot.name);
                    let fault = Fault::new(format!("no slot is called `{under}`"));
                    match others.clone().next() {
                        Some(_) => fault.nearest(under, others),
                        None => fault.help("nothing else plays"),
                    }
                }
                Some(_) if *slot.name == **under => {
                    Fault::new(format!("slot `{under}` ducks under itself")).help("name another slot")
                }
                Some(_) if way.contains(&&**under) => {
                    let fault = format!("slot `{}` goes to `{under}`: it would duck under itself", slot.name);
                    Fault::new(fault).help("name a slot")
                }
                Some(_) => continue,
            };
            return Err(Box::new((fault.text(&**under).argument("duck", 0), place.clone())));
        }
    }
    Ok(())
}

/// The buses that slots go to and nobody declares.
fn undeclared(slots: &[DeclaredSlot]) -> Result<Vec<DeclaredSlot>, Box<(Fault, Place)>> {
    let mut made: Vec<DeclaredSlot> = Vec::new();
    for to in slots.iter().filter_map(|slot| slot.wiring.to.as_ref()) {
        let name = &*to.value;
        let fault = match slots.iter().find(|slot| slot.name == name) {
            Some(known) if known.is_bus() => continue,
            Some(_) => {
                let fault = Fault::new(format!("`{name}` is a slot, and no bus"));
                fault.help("give the bus a name of its own")
            }
            None if made.iter().any(|bus| bus.name == name) => continue,
            None => match meant(name, slots) {
                None => {
                    made.push(DeclaredSlot::new(name.to_owned(), DeclaredPart::Bus, to.place.clone()));
                    continue;
                }
                Some(near) => {
                    Fault::new(format!("no bus is called `{name}`")).help(format!("did you mean `{near}`?"))
                }
            },
        };
        return Err(Box::new((fault.text(name).argument("to", 0), to.place.clone())));
    }
    Ok(made)
}

/// The declared bus that was plainly meant by the name of one that is not: it differs little and in no number,
/// and no second slot goes to that name.
fn meant<'a>(name: &str, slots: &'a [DeclaredSlot]) -> Option<&'a str> {
    let followers = slots.iter().filter(|slot| slot.wiring.to.as_ref().is_some_and(|to| *to.value == *name));
    let letters = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let declared = slots.iter().filter(|slot| slot.is_bus()).map(|slot| slot.name.as_str());
    let alike = declared.filter(|bus| letters(bus) == letters(name));
    let near = lilt_score::nearest(name, alike)?;
    (followers.count() == 1 && name.chars().count() >= TELLING).then_some(near)
}

/// What slots that leave by MIDI say of Lilt's own mixer, where nothing comes of it.
pub(crate) fn unheard(slots: &[DeclaredSlot]) -> impl Iterator<Item = (Fault, &Place)> {
    let leaves = |slot: &DeclaredSlot| slot.output.as_ref().is_some_and(|output| !output.sounds_here());
    let by = |slot: &DeclaredSlot| if matches!(slot.output, Some(Output::Osc(_))) { "OSC" } else { "MIDI" };
    slots.iter().flat_map(move |slot| {
        let to = slot.wiring.to.as_ref().filter(|_| leaves(slot)).map(|to| {
            let fault = Fault::new(format!(
                "slot `{}` plays by {}: nothing of it comes to a bus",
                slot.name,
                by(slot)
            ));
            (fault.text(&*to.value).argument("to", 0), &to.place)
        });
        let duck = slot.wiring.duck.as_ref().and_then(|duck| {
            let under = &*duck.value.0;
            let silent = slots.iter().find(|other| other.name == under && leaves(other));
            let fault = match (leaves(slot), silent) {
                (true, _) => format!("slot `{}` plays by {}: it does not duck", slot.name, by(slot)),
                (false, Some(silent)) => {
                    format!("slot `{under}` plays by {}: nothing ducks under it", by(silent))
                }
                (false, None) => return None,
            };
            Some((Fault::new(fault).text(under).argument("duck", 0), &duck.place))
        });
        [to, duck].into_iter().flatten()
    })
}
