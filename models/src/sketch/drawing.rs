//! Drawings made ready to be learnt.

use rand::{Rng, RngExt};

use super::moves::{Move, Pen};

/// A drawing, in units of the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// Row of its kind.
    pub kind: u32,
    /// The moves, the last of which ends it.
    pub moves: Vec<Move>,
}

/// How much a drawing may be changed while it is learnt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variation {
    /// Largest share by which each side grows or shrinks.
    pub scale: f32,
    /// Largest rotation, radians.
    pub rotation: f32,
    /// Largest shear.
    pub shear: f32,
    /// Share of drawings that look the other way.
    pub mirrored: f32,
    /// Share of points within strokes that are left out.
    pub dropped: f32,
    /// Share of drawings that stay as they are: their offsets are whole pixels, and so are those that will be heard.
    pub unchanged: f32,
}

impl Variation {
    /// A drawing changed by chance.
    pub fn of(self, drawing: &Drawing, rng: &mut impl Rng) -> Drawing {
        if rng.random::<f32>() < self.unchanged {
            return drawing.clone();
        }
        let mut within = |most: f32| (2.0 * rng.random::<f32>() - 1.0) * most;
        let [x, y] = [1.0 + within(self.scale), 1.0 + within(self.scale)];
        let (sin, cos) = within(self.rotation).sin_cos();
        let shear = within(self.shear);
        let x = if rng.random::<f32>() < self.mirrored { -x } else { x };
        let turned = |step: Move| {
            let [dx, dy] = [x * (step.dx + shear * step.dy), y * step.dy];
            Move { dx: cos * dx - sin * dy, dy: sin * dx + cos * dy, pen: step.pen }
        };
        let mut moves: Vec<Move> = Vec::with_capacity(drawing.moves.len());
        for step in drawing.moves.iter().map(|&step| turned(step)) {
            // A point between two drawn moves may go: the two become one.
            if let Some(last) = moves.last_mut()
                && last.pen == Pen::Down
                && step.pen != Pen::End
                && rng.random::<f32>() < self.dropped
            {
                *last = Move { dx: last.dx + step.dx, dy: last.dy + step.dy, pen: step.pen };
            } else {
                moves.push(step);
            }
        }
        Drawing { kind: drawing.kind, moves }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn a_changed_drawing_ends_where_it_ended() {
        let down = |dx: f32, dy: f32| Move { dx, dy, pen: Pen::Down };
        let moves = vec![down(1.0, 0.0), down(0.0, 2.0), Move { pen: Pen::Up, ..down(3.0, 1.0) }, Move::END];
        let drawing = Drawing { kind: 3, moves };
        let none =
            Variation { scale: 0.0, rotation: 0.0, shear: 0.0, mirrored: 0.0, dropped: 0.0, unchanged: 0.0 };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        assert_eq!(none.of(&drawing, &mut rng), drawing);
        let dropped = Variation { dropped: 1.0, ..none }.of(&drawing, &mut rng);
        assert_eq!(dropped.moves, [Move { dx: 4.0, dy: 3.0, pen: Pen::Up }, Move::END]);
        let mirrored = Variation { mirrored: 1.0, ..none }.of(&drawing, &mut rng);
        assert_eq!(mirrored.moves[2], Move { dx: -3.0, dy: 1.0, pen: Pen::Up });
        let turned = Variation { rotation: 0.3, ..none }.of(&drawing, &mut rng);
        let lengths = |moves: &[Move]| moves.iter().map(|m| m.dx.hypot(m.dy)).sum::<f32>();
        assert!((lengths(&turned.moves) - lengths(&drawing.moves)).abs() < 1e-5);
        assert!(turned.moves != drawing.moves);
    }
}
