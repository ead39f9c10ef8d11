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
use crate::sends::Sends;
use crate::slot_control::SlotControl;
use crate::strip::{Block, Outputs, SILENCE, Share, Strip};

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
    /// The strips in the order in which they are worked through: each before the bus that it goes to.
    order: Vec<u16>,
    /// Which strips reach the mix: all, unless a stem is made.
    heard: Vec<bool>,
    dry: Block,
    /// What the strip that is being worked through gives out, before it is poured where it goes.
    poured: Block,
    /// What strips send that go through buses.
    sends: Sends,
    /// Where strips send that are not heard.
    unheard: [Block; 2],
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
            order: (0..slots + buses).filter_map(|at| u16::try_from(at).ok()).collect(),
            heard: vec![true; slots + buses],
            dry: SILENCE,
            poured: SILENCE,
            sends: Sends::new(slots + buses),
            unheard: [SILENCE; 2],
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

    /// Lets only these strips reach the mix: what a stem is made of. What a strip that is heard gives to a
    /// bus that is not heard reaches the mix in front of that bus.
    pub(crate) fn isolate(&mut self, strips: &[u16]) {
        for (at, heard) in self.heard.iter_mut().enumerate() {
            *heard = strips.iter().any(|strip| usize::from(*strip) == at);
        }
    }

    /// The strip of a bus; `None` for the master, which is 0, and for a bus that is not there.
    fn strip_of(&self, bus: u16) -> Option<usize> {
        strip_of(bus, self.slots, self.strips.len())
    }

    /// How many buses lie between a strip and the master.
    fn depth(&self, strip: usize) -> usize {
        let next = |at: &usize| self.strip_of(self.strips[*at].bus());
        std::iter::successors(next(&strip), next).count()
    }

    /// Sends a slot or a bus to a bus, or to the master with 0. False when there is no such bus, or when a
    /// bus would hear itself.
    pub(crate) fn route(&mut self, strip: u16, bus: u16) -> bool {
        let strip = usize::from(strip);
        let to = self.strip_of(bus);
        let next = |at: &usize| self.strip_of(self.strips[*at].bus());
        if (bus > 0 && to.is_none()) || std::iter::successors(to, next).any(|at| at == strip) {
            return false;
        }
        self.strips[strip].route(bus);
        if strip >= self.slots {
            let mut order = std::mem::take(&mut self.order);
            // In place: nothing is allocated where the sound is made.
            order.sort_unstable_by_key(|at| {
                let at = usize::from(*at);
                let nearness = (at >= self.slots).then(|| usize::MAX - self.depth(at));
                (nearness, at)
            });
            self.order = order;
        }
        true
    }

    /// Lets a strip duck, or no longer.
    pub(crate) fn duck(&mut self, strip: u16, duck: Option<Duck>) {
        let place = &mut self.strips[usize::from(strip)];
        match (duck, &mut place.duck) {
            (Some(mut duck), before) => {
                if let Some(before) = before {
                    duck.take_over(before);
                }
                place.duck = Some(duck);
            }
            // What is down comes up first: nothing jumps.
            (None, Some(before)) => before.let_go(),
            (None, None) => {}
        }
    }

    /// A note begins in `strip`, and so in the buses that it goes through.
    pub(crate) fn onset(&mut self, strip: u16) {
        let mut speaks = Some(usize::from(strip));
        while let Some(at) = speaks {
            let ducks = self.strips.iter_mut().filter_map(|s| s.duck.as_mut());
            for duck in ducks.filter(|duck| usize::from(duck.key) == at) {
                duck.onset();
            }
            speaks = self.strip_of(self.strips[at].bus());
        }
    }

    /// The strip is somebody else's from here on: its controls, where it goes and its ducking are as in the
    /// beginning.
    pub(crate) fn reset(&mut self, strip: u16) {
        for control in SlotControl::ALL.iter().copied() {
            let value = match control {
                SlotControl::Reverb if usize::from(strip) >= self.slots => 0.0,
                _ => control.neutral(),
            };
            // Coming back to what all share always finds room.
            let _shared = self.set(strip, control, value, 0);
        }
        self.route(strip, 0);
        self.duck(strip, None);
    }

    pub(crate) fn set_tempo(&mut self, bpm: f32) {
        for room in &mut self.delays {
            room.effect.set_tempo(bpm);
        }
    }

    /// Makes room for a new block.
    pub(crate) fn begin_block(&mut self) {
        self.dry = SILENCE;
        self.unheard = [SILENCE; 2];
        for room in &mut self.reverbs {
            room.input = SILENCE;
        }
        for room in &mut self.delays {
            room.input = SILENCE;
        }
    }

    /// Sends what came in over `range` through all strips: slots first, then buses, each before the bus
    /// that it goes to.
    pub(crate) fn process(&mut self, range: Range<usize>, meters: &mut Meters) {
        self.sends.begin();
        for place in 0..self.order.len() {
            let at = usize::from(self.order[place]);
            let key = match &self.strips[at].duck {
                Some(duck) => self.strips[usize::from(duck.key)].level(),
                None => 0.0,
            };
            let strip = &mut self.strips[at];
            let sounds = strip.is_active();
            if sounds {
                for channel in &mut self.poured {
                    channel[range.clone()].fill(0.0);
                }
            }
            let [unheard_reverb, unheard_delay] = &mut self.unheard;
            let (reverb, delay) = match self.heard[at] {
                true if sounds && strip.is_bused() => {
                    let [reverb, delay] = self.sends.hold(at, range.clone());
                    (reverb, delay)
                }
                true => (&mut self.reverbs[strip.reverb].input, &mut self.delays[strip.delay].input),
                false => (unheard_reverb, unheard_delay),
            };
            let outputs = Outputs { dry: &mut self.poured, reverb, delay };
            let peak = strip.process(range.clone(), key, outputs);
            let shares = strip.shares(range.len());
            self.sends.goes(at, shares);
            if sounds {
                self.pour(at, range.clone(), shares);
            }
            let meter = match at.checked_sub(self.slots) {
                None => &mut meters.slots[at],
                Some(bus) => &mut meters.buses[bus],
            };
            *meter = meter.max(peak);
        }
        if !self.sends.is_empty() {
            self.release(range);
        }
    }

    /// Lets what was held back go to the reverbs and delays, as the buses on its way are turned.
    fn release(&mut self, range: Range<usize>) {
        for place in (0..self.order.len()).rev() {
            let at = usize::from(self.order[place]);
            let (strips, heard, slots) = (&self.strips, &self.heard, self.slots);
            let strip = &strips[at];
            let next = |bus| next(bus, at, slots, heard);
            let Some(sent) = self.sends.release(at, range.clone(), strip.turned(), next) else { continue };
            let rooms = [&mut self.reverbs[strip.reverb].input, &mut self.delays[strip.delay].input];
            for (room, sent) in rooms.into_iter().zip(sent) {
                for (sum, sent) in room.iter_mut().zip(sent) {
                    for (sum, x) in sum[range.clone()].iter_mut().zip(&sent[range.clone()]) {
                        *sum += x;
                    }
                }
            }
        }
    }

    /// Adds what strip `at` gave out over `range` to where it goes, and to where it has gone until now while
    /// that fades.
    fn pour(&mut self, at: usize, range: Range<usize>, shares: [Option<Share>; 2]) {
        for Share { bus, gain, step } in shares.into_iter().flatten() {
            let to = match next(bus, at, self.slots, &self.heard) {
                Some(to) => self.strips[to].take_in(),
                None if self.heard[at] => &mut self.dry,
                None => continue,
            };
            for (sum, poured) in to.iter_mut().zip(&self.poured) {
                let pairs = sum[range.clone()].iter_mut().zip(&poured[range.clone()]);
                match step == 0.0 {
                    true => pairs.for_each(|(sum, x)| *sum += gain * x),
                    false => {
                        let mut gain = gain;
                        for (sum, x) in pairs {
                            gain += step;
                            *sum += gain * x;
                        }
                    }
                }
            }
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

/// The strip of a bus among `strips` of which `slots` are slots; `None` for the master, which is 0, and for a bus
/// that is not there.
fn strip_of(bus: u16, slots: usize, strips: usize) -> Option<usize> {
    let at = slots + usize::from(bus.checked_sub(1)?);
    (at < strips).then_some(at)
}

/// The strip of a bus that strip `at` goes through: what is heard goes past a bus that is not.
fn next(bus: u16, at: usize, slots: usize, heard: &[bool]) -> Option<usize> {
    strip_of(bus, slots, heard.len()).filter(|to| heard[*to] || !heard[at])
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
    fn slots_and_buses_go_to_buses_that_are_there_and_never_in_a_circle() {
        let mut desk = Desk::new(2, 3, 48_000.0);
        assert!(desk.route(0, 1) && desk.route(0, 0));
        assert!(!desk.route(0, 4));
        // Slots are strips 0 and 1, buses 1 to 3 are strips 2 to 4.
        assert!(desk.route(0, 1) && desk.route(2, 3) && desk.route(4, 2));
        assert_eq!(desk.order, [0, 1, 2, 4, 3]);
        assert!(!desk.route(3, 1) && !desk.route(3, 2) && !desk.route(2, 1), "a bus would hear itself");
        assert!(desk.route(4, 0));
        assert_eq!(desk.order, [0, 1, 2, 3, 4]);
    }
}
