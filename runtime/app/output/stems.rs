//! Which files a mix is taken apart into.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use lilt_sequencer::{Action, Output, SlotId, SlotStatus, Timed};

/// A part of a mix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stem {
    /// Its file within the folder of stems. What goes through a bus lies in a folder of the bus's name, as it is
    /// in front of the bus; what lies in the folder of stems itself adds up to the mix before the master.
    pub path: PathBuf,
    /// The strips of the mixer that are heard in it.
    pub strips: Vec<u16>,
}

/// The stems of what was played: one for each slot and bus that is heard through the mixer, in the order of the
/// script. `strip` is where each is in the mixer.
pub fn stems(slots: &[SlotStatus], timed: &[Timed], strip: impl Fn(SlotId) -> Option<u16>) -> Vec<Stem> {
    // Which bus each slot goes to.
    let mut goes: HashMap<SlotId, SlotId> = HashMap::new();
    for event in timed {
        match &event.action {
            Action::Send { bus: Some(bus), .. } => drop(goes.insert(event.slot, *bus)),
            Action::Send { bus: None, .. } => drop(goes.remove(&event.slot)),
            _ => {}
        }
    }
    let heard: Vec<&SlotStatus> =
        slots.iter().filter(|slot| slot.output.sounds_here() && !slot.draws).collect();
    // Whatever lies on its way to the master, nearest first. Buses go in no circle.
    let way = |slot: SlotId| -> Vec<SlotId> {
        std::iter::successors(goes.get(&slot), |bus| goes.get(bus)).take(heard.len()).copied().collect()
    };
    let mut taken: HashSet<PathBuf> = HashSet::new();
    let mut names: HashMap<SlotId, String> = HashMap::new();
    for slot in &heard {
        let plain = file_name(&slot.name);
        let tries = std::iter::once(plain.clone()).chain((2..).map(|n| format!("{plain}-{n}")));
        let name = tries.into_iter().find(|name| taken.insert(PathBuf::from(name.to_lowercase())));
        names.extend(name.map(|name| (slot.id, name)));
    }
    let name = |slot: SlotId| names.get(&slot).cloned().unwrap_or_default();
    let stem = |slot: &&SlotStatus| {
        let folders = way(slot.id).into_iter().rev().map(name);
        let path: PathBuf = folders.chain([format!("{}.wav", name(slot.id))]).collect();
        let own = strip(slot.id);
        let through =
            heard.iter().filter(|other| slot.output == Output::Bus && way(other.id).contains(&slot.id));
        let strips = through.filter_map(|other| strip(other.id)).chain(own).collect();
        Stem { path, strips }
    };
    heard.iter().map(stem).collect()
}

/// The name of a slot as a file may have it.
fn file_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|letter| if letter.is_alphanumeric() || "-_ +.".contains(letter) { letter } else { '_' })
        .collect();
    // A name of dots alone is a folder.
    if plain.trim_matches(['.', ' ']).is_empty() { format!("_{plain}") } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_names_of_files() {
        for (name, file) in [("lead", "lead"), ("a/b", "a_b"), ("..", "_.."), ("über 2", "über 2")] {
            assert_eq!(file_name(name), file);
        }
    }
}
