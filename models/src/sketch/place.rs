//! Where the pen is in a drawing: what a network would have to add up from all the moves before, and without which
//! lines that should meet do not.

use super::moves::{INPUTS, Move, Pen};

/// Numbers that tell a place.
pub const PLACES: usize = 8;
/// Numbers that a decoder hears of a move and of the place to which it led.
pub const HEARD: usize = INPUTS + PLACES;
/// What they are multiplied by, so that those of a whole drawing lie around 1.
const SHARE: f32 = 0.25;

/// Where the pen is, in units of the network, seen from the drawing's first point.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Place {
    at: [f32; 2],
    /// Where the stroke began.
    began: [f32; 2],
    /// The least and the greatest coordinates of all points so far.
    bounds: [[f32; 2]; 2],
    /// The next move draws nothing.
    lifted: bool,
}

impl Place {
    /// Goes on by a move.
    pub fn go(&mut self, step: Move) {
        if step.pen == Pen::End {
            return;
        }
        self.at = [self.at[0] + step.dx, self.at[1] + step.dy];
        if self.lifted {
            self.began = self.at;
        }
        for axis in 0..2 {
            self.bounds[0][axis] = self.bounds[0][axis].min(self.at[axis]);
            self.bounds[1][axis] = self.bounds[1][axis].max(self.at[axis]);
        }
        self.lifted = step.pen == Pen::Up;
    }

    /// What a network hears: how far the pen has come, and how far it is from there to the beginning of the stroke and
    /// to the edges of the drawing.
    pub fn numbers(&self) -> [f32; PLACES] {
        let from_here = |to: [f32; 2], axis: usize| SHARE * (to[axis] - self.at[axis]);
        let [least, most] = self.bounds;
        [
            SHARE * self.at[0],
            SHARE * self.at[1],
            from_here(self.began, 0),
            from_here(self.began, 1),
            from_here(least, 0),
            from_here(least, 1),
            from_here(most, 0),
            from_here(most, 1),
        ]
    }
}

/// A move and the place to which it led, as a decoder hears them.
pub fn heard(step: Move, place: &Place) -> [f32; HEARD] {
    let mut heard = [0.0; HEARD];
    heard[..INPUTS].copy_from_slice(&step.input());
    heard[INPUTS..].copy_from_slice(&place.numbers());
    heard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_ends_where_it_began() {
        let step = |dx: f32, dy: f32, pen: Pen| Move { dx, dy, pen };
        let mut place = Place::default();
        for side in [step(4.0, 0.0, Pen::Down), step(0.0, 4.0, Pen::Down), step(-4.0, 0.0, Pen::Down)] {
            place.go(side);
        }
        assert_eq!(place.numbers(), [0.0, 1.0, 0.0, -1.0, 0.0, -1.0, 1.0, 0.0]);
        place.go(step(0.0, -4.0, Pen::Up));
        assert_eq!(place.numbers()[..4], [0.0; 4]);
        // The next stroke begins where the pen comes down.
        place.go(step(8.0, 0.0, Pen::Down));
        assert_eq!(place.numbers()[..4], [2.0, 0.0, 0.0, 0.0]);
        place.go(step(0.0, 4.0, Pen::Up));
        assert_eq!(place.numbers()[2..4], [0.0, -1.0]);
        let before = place;
        place.go(Move::END);
        assert_eq!(place, before);
    }
}
