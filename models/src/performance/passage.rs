//! Piano playing made ready for the network: what is told of it, and the piece that it learns.

use lilt_score::Mode;

use super::vocabulary::{Event, KEYS, PLACES, TICKS_PER_BEAT, degree, is_note, tick};
use super::walk::{Conditioning, PianoWalk, density_class};
use crate::recurrent::batches::Piece;
use crate::recurrent::config::Config;
use crate::recurrent::walk::Walk;

/// Bars over which density is counted.
const WINDOW: i64 = 4;
/// Least share of notes that lie a hundredth of a beat or more beside every sixteenth and triplet where
/// the timing is free.
const FREE: f64 = 0.04;

/// Some bars in one key, from a bar line on.
#[derive(Debug, Clone)]
pub struct Passage {
    /// Scale, tempo and timing; density is counted over some bars.
    pub conditioning: Conditioning,
    /// Notes and bar lines, whole bars.
    pub events: Vec<Event>,
}

impl Passage {
    /// Notes in it.
    pub fn notes(&self) -> usize {
        self.events.iter().filter(|event| is_note(event)).count()
    }

    /// Bars in it.
    pub fn bars(&self) -> usize {
        self.events.len() - self.notes()
    }

    /// Classes of density of each [`WINDOW`] bars.
    fn densities(&self) -> Vec<u8> {
        let (mut bar, mut counts) = (0, Vec::new());
        for event in &self.events {
            let window = (bar / WINDOW) as usize;
            counts.resize(counts.len().max(window + 1), 0usize);
            if is_note(event) {
                counts[window] += 1;
            } else {
                bar += 1;
            }
        }
        let beats = |window: usize| 4 * WINDOW.min(self.bars() as i64 - window as i64 * WINDOW);
        let class =
            |(window, count): (usize, usize)| density_class(count as f64 / beats(window).max(1) as f64);
        counts.into_iter().enumerate().map(class).collect()
    }

    /// The passage as the network learns it, told how many notes a beat come every few bars.
    pub fn piece(&self, config: &Config) -> Piece {
        let densities = self.densities();
        let conditioning = |bar: i64| {
            let density = densities.get((bar / WINDOW) as usize).copied();
            Conditioning { density, ..self.conditioning }
        };
        piece(PianoWalk::new(conditioning(0), 0), &self.events, config, conditioning)
    }

    /// The passage as the pianist played it when all of `conditioning` was asked for: among the notes that
    /// were in time.
    pub fn played(&self, config: &Config) -> Piece {
        let mut walk = PianoWalk::new(self.conditioning, 0);
        walk.keep_time();
        piece(walk, &self.events, config, |_| self.conditioning)
    }
}

/// The piece of `events`, of which `walk` is told the conditioning of each bar.
fn piece(
    mut walk: PianoWalk,
    events: &[Event],
    config: &Config,
    conditioning: impl Fn(i64) -> Conditioning,
) -> Piece {
    debug_assert!(events.iter().all(|event| usize::from(event[1]) < KEYS));
    let mut piece = Piece::default();
    for event in events {
        piece.add(&mut walk, config, event, is_note(event));
        if !is_note(event) {
            walk.set(conditioning(walk.now() / PLACES as i64));
        }
    }
    piece
}

/// The class of timing of some playing: strict, or free.
pub fn timing(events: &[Event]) -> u8 {
    u8::from(share_beside_grid(events) >= FREE)
}

/// Ticks from the nearest sixteenth or triplet.
pub fn beside_grid(tick: i64) -> i64 {
    let beside = |step: i64| (tick + step / 2).rem_euclid(step) - step / 2;
    beside(TICKS_PER_BEAT / 4).abs().min(beside(TICKS_PER_BEAT / 3).abs())
}

/// Share of the notes that are degrees of the scale.
pub fn share_in_scale(events: &[Event]) -> f64 {
    let degrees = Mode::Major.degrees();
    share(events, |event| degrees.contains(&(degree(event[1]) as u8)))
}

/// Share of the notes that lie a hundredth of a beat or more beside every sixteenth and triplet.
pub fn share_beside_grid(events: &[Event]) -> f64 {
    share(events, |event| beside_grid(tick(event[0].into(), event[4])) >= 2)
}

/// Share of the notes of which something holds.
pub fn share(events: &[Event], holds: impl Fn(&Event) -> bool) -> f64 {
    let (mut held, mut all) = (0.0, 0.0f64);
    for event in events.iter().filter(|event| is_note(event)) {
        all += 1.0;
        held += f64::from(u8::from(holds(event)));
    }
    held / all.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteenths_and_triplets_are_on_the_grid() {
        for tick in [0, 30, 40, 60, 80, 90, -40, 160] {
            assert_eq!((beside_grid(tick), beside_grid(tick + 3), beside_grid(tick - 2)), (0, 3, 2));
        }
        assert_eq!((beside_grid(15), beside_grid(50)), (15, 10));
    }
}
