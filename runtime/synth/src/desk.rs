//! The desk: the strips of all slots and buses, and the reverbs and delays that they send to.
//!
//! All slots share one reverb and one delay. A slot that sets the size of its room or the time of its
//! echoes gets one of its own out of a small store, and gives it back when it no longer wants it.

use std::ops::Range;

use crate::delay::Delay;
use crate::duck::Duck;
use crate::meters::Meters;
use crate::mixer::BLOCK_FRAMES;
use crate::reverb::Reverb;
use crate::slot_control::SlotControl;
use crate::strip::{Block, Outputs, SILENCE, Strip};

/// Reverbs and delays that slots can have for themselves.
const OWN: usize = 8;

struct Room<T> {
    effect: T,
    input: Block,
    /// The strip that has it for itself.
    owner: Option<u16>,
}

impl<T> Room<T> {
    fn new(effect: T) -> Self {
        Room { effect, input: SILENCE, owner: None }
    }
}

/// The place of the room that `strip` may have for itself: the one it has, or one that is free and,
/// if possible, silent. `None` when all are taken.
fn claim<T>(rooms: &[Room<T>], strip: u16, silent: impl Fn(&T) -> bool) -> Option<usize> {
    let own = rooms.iter().position(|room| room.owner == Some(strip));
    let free = |quiet: bool| {
        let fits = |room: &Room<T>| room.owner.is_none() && (!quiet || silent(&room.effect));
        (1..rooms.len()).find(|place| fits(&rooms[*place]))
    };
    own.or_else(|| free(true)).or_else(|| free(false))
}

pub(crate) struct Desk {
    /// Of the slots, and behind them of the buses.
    strips: Vec<Strip>,
    slots: usize,
    dry: Block,
    /// The first is what all share.
    reverbs: Vec<Room<Reverb>>,
    delays: Vec<Room<Delay>>,
}

impl Desk {
    pub(crate) fn new(slots: usize, buses: usize, sample_rate: f32) -> Self {
        let strips = (0..slots).map(|_| Strip::new(sample_rate));
        let of_buses = (0..buses).map(|_| Strip::of_bus(sample_rate));
        Desk {
            strips: strips.chain(of_buses).collect(),
            slots,
            dry: SILENCE,
            reverbs: (0..=OWN).map(|_| Room::new(Reverb::new(sample_rate))).collect(),
            delays: (0..=OWN).map(|_| Room::new(Delay::new(sample_rate))).collect(),
        }
    }

    pub(crate) fn strips_mut(&mut self) -> &mut [Strip] {
        &mut self.strips
    }

    pub(crate) fn len(&self) -> usize {
        self.strips.len()
    }

    /// Moves a control of a strip; `value` is a number within its range. Whether that could be done:
    /// not when it takes a reverb or a delay of its own, and none is left.
    pub(crate) fn set(&mut self, strip: u16, control: SlotControl, value: f32, frames: u32) -> bool {
        use SlotControl::{Damp, DelayFeedback, DelayTime, Size};
        let place = &mut self.strips[usize::from(strip)];
        place.set(control, value, frames);
        let (value, rests) = (|c| place.value(c), |c| place.rests(c));
        match control {
            Size | Damp => {
                let (size, damp) = (value(Size), value(Damp));
                let shared = rests(Size) && rests(Damp);
                let found = if shared { Some(0) } else { claim(&self.reverbs, strip, Reverb::is_asleep) };
                let Some(at) = found else { return false };
                place.reverb = at;
                give(&mut self.reverbs, strip, at);
                if at > 0 {
                    self.reverbs[at].effect.set(size, damp);
                }
            }
            DelayTime | DelayFeedback => {
                let (beats, feedback) = (value(DelayTime), value(DelayFeedback));
                let shared = rests(DelayTime) && rests(DelayFeedback);
                let found = if shared { Some(0) } else { claim(&self.delays, strip, Delay::is_asleep) };
                let Some(at) = found else { return false };
                place.delay = at;
                give(&mut self.delays, strip, at);
                if at > 0 {
                    self.delays[at].effect.set(beats, feedback);
                }
            }
            _ => {}
        }
        true
    }

    /// Sends a slot to a bus, or to the master with 0. Buses go to the master.
    pub(crate) fn route(&mut self, strip: u16, bus: u16) -> bool {
        let known = usize::from(bus) <= self.strips.len() - self.slots;
        let is_slot = usize::from(strip) < self.slots;
        if known && is_slot {
            self.strips[usize::from(strip)].bus = bus;
        }
        known && is_slot
    }

    /// Lets a strip duck, or no longer.
    pub(crate) fn duck(&mut self, strip: u16, duck: Option<Duck>) {
        let place = &mut self.strips[usize::from(strip)];
        let before = place.duck.take();
        place.duck = duck.map(|mut duck| {
            if let Some(before) = &before {
                duck.take_over(before);
            }
            duck
        });
    }

    /// A note begins in `strip`.
    pub(crate) fn onset(&mut self, strip: u16) {
        let ducks = self.strips.iter_mut().filter_map(|s| s.duck.as_mut());
        for duck in ducks.filter(|duck| duck.key == strip) {
            duck.onset();
        }
    }

    pub(crate) fn set_tempo(&mut self, bpm: f32) {
        for room in &mut self.delays {
            room.effect.set_tempo(bpm);
        }
    }

    /// Makes room for a new block.
    pub(crate) fn begin_block(&mut self) {
        self.dry = SILENCE;
        for room in &mut self.reverbs {
            room.input = SILENCE;
        }
        for room in &mut self.delays {
            room.input = SILENCE;
        }
    }

    /// Sends what came in over `range` through all strips, slots first.
    pub(crate) fn process(&mut self, range: Range<usize>, meters: &mut Meters) {
        for at in 0..self.strips.len() {
            let key = match &self.strips[at].duck {
                Some(duck) => self.strips[usize::from(duck.key)].level(),
                None => 0.0,
            };
            let (slots, buses) = self.strips.split_at_mut(self.slots);
            let peak = if at < self.slots {
                let strip = &mut slots[at];
                let dry = match strip.bus {
                    bus if bus > 0 && strip.is_active() => buses[usize::from(bus) - 1].take_in(),
                    _ => &mut self.dry,
                };
                let (reverb, delay) = (strip.reverb, strip.delay);
                let outputs = Outputs {
                    dry,
                    reverb: &mut self.reverbs[reverb].input,
                    delay: &mut self.delays[delay].input,
                };
                strip.process(range.clone(), key, outputs)
            } else {
                let strip = &mut buses[at - self.slots];
                let outputs = Outputs {
                    dry: &mut self.dry,
                    reverb: &mut self.reverbs[strip.reverb].input,
                    delay: &mut self.delays[strip.delay].input,
                };
                strip.process(range.clone(), key, outputs)
            };
            let meter = match at.checked_sub(self.slots) {
                None => &mut meters.slots[at],
                Some(bus) => &mut meters.buses[bus],
            };
            *meter = meter.max(peak);
        }
    }

    /// Adds what the reverbs and delays return, `gain` frame by frame; then all that sounds.
    pub(crate) fn mix(&mut self, gain: &[f32; BLOCK_FRAMES]) -> &mut Block {
        for room in &mut self.reverbs {
            room.effect.process(&room.input, gain, &mut self.dry);
        }
        for room in &mut self.delays {
            room.effect.process(&room.input, gain, &mut self.dry);
        }
        &mut self.dry
    }

    /// Silence in reverbs and delays.
    pub(crate) fn clear_returns(&mut self) {
        for room in &mut self.reverbs {
            room.effect.clear();
        }
        for room in &mut self.delays {
            room.effect.clear();
        }
    }

    /// Silence everywhere.
    pub(crate) fn clear(&mut self) {
        self.clear_returns();
        self.strips.iter_mut().for_each(Strip::clear);
    }
}

/// Gives the room at `place` to `strip` and takes every other from it; 0 is nobody's own.
fn give<T>(rooms: &mut [Room<T>], strip: u16, place: usize) {
    for (at, room) in rooms.iter_mut().enumerate().skip(1) {
        if at == place {
            room.owner = Some(strip);
        } else if room.owner == Some(strip) {
            room.owner = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_has_a_room_of_its_own_as_long_as_it_wants_one() {
        let mut desk = Desk::new(12, 1, 48_000.0);
        for strip in 0..OWN as u16 {
            assert!(desk.set(strip, SlotControl::Size, 0.9, 0));
            assert!(desk.set(strip, SlotControl::DelayTime, 0.5, 0));
        }
        let rooms: Vec<usize> = desk.strips[..OWN].iter().map(|s| s.reverb).collect();
        assert_eq!(rooms, (1..=OWN).collect::<Vec<_>>());
        assert!(!desk.set(9, SlotControl::Damp, 0.9, 0), "all are taken");
        assert_eq!(desk.strips[9].reverb, 0);
        assert!(desk.set(3, SlotControl::Size, SlotControl::Size.neutral(), 0));
        assert_eq!(desk.strips[3].reverb, 0);
        assert!(desk.set(9, SlotControl::Damp, 0.9, 0));
        assert_eq!(desk.strips[9].reverb, 4);
        assert!(desk.set(0, SlotControl::Damp, 0.1, 0), "it keeps the one it has");
        assert_eq!(desk.strips[0].reverb, 1);
    }

    #[test]
    fn slots_go_to_buses_that_are_there_and_buses_to_the_master() {
        let mut desk = Desk::new(2, 1, 48_000.0);
        assert!(desk.route(0, 1) && desk.route(0, 0));
        assert!(!desk.route(0, 2));
        assert!(!desk.route(2, 1));
    }
}
