//! Drawings as Sketch-RNN hears them: moves of the pen ("stroke-5", Ha and Eck 2018).
//!
//! A drawing begins where its first point lies. Each move goes to the next point, and says what the pen does
//! there: it stays on the paper, it is lifted, so that the next move draws nothing, or the drawing is over.

/// What the pen does where a move ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pen {
    /// Stays on the paper: the next move draws.
    Down,
    /// Is lifted: the next move draws nothing.
    Up,
    /// The drawing is over; the move itself means nothing.
    End,
}

impl Pen {
    /// All of them, in the order of a network's three numbers.
    pub const ALL: [Pen; 3] = [Pen::Down, Pen::Up, Pen::End];

    /// As a network hears and says it: one of three numbers is 1.
    pub fn one_hot(self) -> [f32; 3] {
        let mut pens = [0.0; 3];
        pens[self as usize] = 1.0;
        pens
    }
}

/// One move of the pen, in any unit, downwards positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Move {
    /// Rightwards.
    pub dx: f32,
    /// Downwards.
    pub dy: f32,
    /// What the pen does at its end.
    pub pen: Pen,
}

/// Numbers of a move as a network hears it.
pub const INPUTS: usize = 5;

impl Move {
    /// What a network hears before the first move.
    pub const START: Move = Move { dx: 0.0, dy: 0.0, pen: Pen::Down };
    /// The end of a drawing.
    pub const END: Move = Move { dx: 0.0, dy: 0.0, pen: Pen::End };

    /// The five numbers that a network hears.
    pub fn input(self) -> [f32; INPUTS] {
        let [down, up, end] = self.pen.one_hot();
        [self.dx, self.dy, down, up, end]
    }

    /// The same move in another unit.
    pub fn scaled(self, by: f32) -> Move {
        Move { dx: self.dx * by, dy: self.dy * by, pen: self.pen }
    }
}

/// A stroke as points of two numbers, rightwards and downwards.
pub type Line = Vec<[f32; 2]>;

/// The moves of strokes, with the end. A stroke of one point is a dot: a move that goes nowhere. Nothing comes of
/// strokes without points.
pub fn moves(lines: &[Line]) -> Vec<Move> {
    let mut now: Option<[f32; 2]> = None;
    let mut moves = Vec::new();
    for line in lines {
        let Some(&first) = line.first() else { continue };
        let dot = [first, first];
        let line = if line.len() == 1 { &dot[..] } else { line };
        for (at, point) in line.iter().enumerate() {
            let pen = if at + 1 == line.len() { Pen::Up } else { Pen::Down };
            if let Some(now) = now {
                moves.push(Move { dx: point[0] - now[0], dy: point[1] - now[1], pen });
            }
            now = Some(*point);
        }
    }
    if !moves.is_empty() {
        moves.push(Move::END);
    }
    moves
}

/// The strokes that moves draw, the first point at 0, 0: a point for it, and one for each move but the end.
pub fn lines(moves: &[Move]) -> Vec<Line> {
    drawn_on(&[vec![[0.0, 0.0]]], moves)
}

/// The strokes that moves draw when they go on from strokes whose last is not lifted yet.
pub fn drawn_on(begun: &[Line], moves: &[Move]) -> Vec<Line> {
    let mut lines = begun.to_vec();
    let mut at = lines.iter().rev().find_map(|line| line.last()).copied().unwrap_or_default();
    let mut lifted = lines.is_empty();
    for step in moves.iter().take_while(|step| step.pen != Pen::End) {
        at = [at[0] + step.dx, at[1] + step.dy];
        match lines.last_mut() {
            Some(line) if !lifted => line.push(at),
            _ => lines.push(vec![at]),
        }
        lifted = step.pen == Pen::Up;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn strokes_become_moves() {
        let told = moves(&[vec![[3.0, 4.0], [5.0, 4.0]], vec![], vec![[5.0, 9.0]]]);
        let expected = [
            Move { dx: 2.0, dy: 0.0, pen: Pen::Up },
            Move { dx: 0.0, dy: 5.0, pen: Pen::Down },
            Move { dx: 0.0, dy: 0.0, pen: Pen::Up },
            Move::END,
        ];
        assert_eq!(told, expected);
        assert_eq!(moves(&[]), []);
        assert_eq!(Move::START.input(), [0.0, 0.0, 1.0, 0.0, 0.0]);
    }

    proptest! {
        #[test]
        fn strokes_come_back(
            lines in prop::collection::vec(prop::collection::vec([-9i8..9, -9i8..9], 2..6), 1..5)
        ) {
            let lines: Vec<Line> =
                lines.iter().map(|line| line.iter().map(|&[x, y]| [x.into(), y.into()]).collect()).collect();
            let [x, y] = lines[0][0];
            let from_first: Vec<Line> =
                lines.iter().map(|line| line.iter().map(|p| [p[0] - x, p[1] - y]).collect()).collect();
            prop_assert_eq!(super::lines(&moves(&lines)), from_first);
        }
    }
}
