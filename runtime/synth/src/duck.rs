//! Ducking: a strip turns down while another one speaks.

use crate::glide::Glide;

/// What makes a strip duck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DuckTrigger {
    /// Each note of the other, from its first frame on.
    Onsets,
    /// The level of the other, for as long as it sounds.
    Level,
}

/// Frames that a change of the depth takes.
const DEPTH_FRAMES: u32 = 256;

/// Peak of the key from which on a strip ducks all the way, with [`DuckTrigger::Level`].
const FULL_LEVEL: f32 = 0.25;

#[derive(Clone, Debug)]
pub(crate) struct Duck {
    /// Strip that is listened to.
    pub(crate) key: u16,
    trigger: DuckTrigger,
    depth: Glide,
    attack: u32,
    release: u32,
    /// From 0, nothing, to 1, all the way down.
    way: Glide,
    falling: bool,
    /// False when it only comes up again.
    listens: bool,
}

impl Duck {
    /// `depth` in 0..=1 is what is taken away of the level; the times are in frames.
    pub(crate) fn new(key: u16, trigger: DuckTrigger, depth: f32, attack: u32, release: u32) -> Self {
        Duck {
            key,
            trigger,
            depth: Glide::new(depth),
            attack: attack.max(1),
            release: release.max(1),
            way: Glide::new(0.0),
            falling: false,
            listens: true,
        }
    }

    /// The same way down or up, for another that takes its place.
    pub(crate) fn take_over(&mut self, before: &Duck) {
        self.way = before.way;
        let depth = self.depth.value();
        self.depth = before.depth;
        self.depth.to(depth, DEPTH_FRAMES);
        if self.way.value() > 0.0 && !self.falling {
            self.way.to(0.0, self.release);
        }
    }

    /// It listens no longer, and comes up again from where it is.
    pub(crate) fn let_go(&mut self) {
        self.listens = false;
        self.falling = false;
        self.way.to(0.0, self.release);
    }

    /// The other begins a note.
    pub(crate) fn onset(&mut self) {
        if self.listens && self.trigger == DuckTrigger::Onsets {
            self.falling = true;
            self.way.to(1.0, self.attack);
        }
    }

    /// The other was this loud just before.
    pub(crate) fn hear(&mut self, level: f32) {
        if self.listens && self.trigger == DuckTrigger::Level {
            let aim = (level / FULL_LEVEL).min(1.0);
            let now = self.way.value();
            let full = if aim > now { self.attack } else { self.release };
            let frames = ((aim - now).abs() * full as f32) as u32;
            self.way.to(aim, frames.max(1));
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.way.rests_at(0.0)
    }

    /// The gain of the next frame.
    #[inline]
    pub(crate) fn next(&mut self) -> f32 {
        self.advance(1)
    }

    /// The gain after `frames`.
    pub(crate) fn advance(&mut self, frames: u32) -> f32 {
        let way = self.way.advance(frames);
        if self.falling && !self.way.is_moving() {
            self.falling = false;
            self.way.to(0.0, self.release);
        }
        // Down in a straight line; up slowly at first would be heard as a hole, so fast at first.
        let way = if self.falling { way } else { way * way };
        1.0 - self.depth.advance(frames) * way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_onset_goes_down_in_the_attack_and_back_in_the_release() {
        let mut duck = Duck::new(0, DuckTrigger::Onsets, 0.8, 100, 1_000);
        assert!(duck.is_open());
        duck.hear(1.0);
        assert!(duck.is_open(), "only onsets count");
        duck.onset();
        let gains: Vec<f32> = (0..1_200).map(|_| duck.next()).collect();
        assert!((gains[49] - 0.6).abs() < 1e-3);
        assert!((gains[99] - 0.2).abs() < 1e-3);
        assert!((gains[599] - (1.0 - 0.8 * 0.25)).abs() < 1e-2, "{}", gains[599]);
        assert_eq!(gains[1_100], 1.0);
        assert!(duck.is_open());
    }

    #[test]
    fn a_level_holds_it_down() {
        let mut duck = Duck::new(0, DuckTrigger::Level, 0.5, 100, 1_000);
        for _ in 0..10 {
            duck.hear(0.5);
            duck.advance(64);
        }
        assert!((duck.advance(1) - 0.5).abs() < 1e-3);
        for _ in 0..40 {
            duck.hear(0.0);
            duck.advance(64);
        }
        assert!(duck.is_open());
    }
}
