//! Pieces of different lengths that a network hears side by side.

use std::cmp::Reverse;
use std::ops::Range;

/// An order of pieces, the longest first: those that still go on at a step are then the first ones, and
/// their states lie together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abreast {
    /// Number and length of each piece.
    order: Vec<(usize, usize)>,
}

impl Abreast {
    /// Of pieces with so many steps each.
    pub fn new(lengths: impl IntoIterator<Item = usize>) -> Abreast {
        let mut order: Vec<(usize, usize)> = lengths.into_iter().enumerate().collect();
        order.sort_by_key(|&(_, length)| Reverse(length));
        Abreast { order }
    }

    /// Steps of the longest.
    pub fn longest(&self) -> usize {
        self.order.first().map_or(0, |&(_, length)| length)
    }

    /// Every step that at least one of them has.
    pub fn steps(&self) -> Range<usize> {
        0..self.longest()
    }

    /// The numbers of the pieces that are longer than `step`, in order.
    pub fn at(&self, step: usize) -> impl ExactSizeIterator<Item = usize> + '_ {
        let going = self.order.partition_point(|&(_, length)| length > step);
        self.order[..going].iter().map(|&(piece, _)| piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_go_on_come_first() {
        let abreast = Abreast::new([2, 0, 3, 2]);
        let at = |step| abreast.at(step).collect::<Vec<usize>>();
        assert_eq!((abreast.longest(), abreast.steps()), (3, 0..3));
        assert_eq!([at(0), at(1), at(2), at(3)], [vec![2, 0, 3], vec![2, 0, 3], vec![2], vec![]]);
        assert_eq!(Abreast::new([]).longest(), 0);
    }
}
