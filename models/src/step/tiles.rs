//! How a batch is cut into tiles: the inputs that share each weight that is read.
//!
//! The numbers of a tile that meet the same weights lie side by side, `[width, inputs of the tile]`,
//! so that a pass reads them in one go. Row by row they would lie whole pages apart, where the inputs
//! of one tile push one another out of the inner cache.

/// Inputs of a full tile. With the four vectors of a block they make 24 sums, which with weights and
/// input just fit into the 32 registers of AVX-512.
pub(super) const TILE: usize = 6;

/// The first input of each tile and how many it has, 1 to [`TILE`].
pub(super) fn tiles(batch: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..batch).step_by(TILE).map(move |first| (first, TILE.min(batch - first)))
}

/// Writes `row(input)`, all of the same length, to the columns from `column` on of `batch` inputs of
/// `width` numbers each.
pub(super) fn spread<T, R: IntoIterator<Item = T>>(
    numbers: &mut [T],
    width: usize,
    batch: usize,
    column: usize,
    row: impl Fn(usize) -> R,
) {
    for (first, count) in tiles(batch) {
        let tile = &mut numbers[first * width..][..count * width];
        for input in 0..count {
            let places = tile[column * count + input..].iter_mut().step_by(count);
            for (place, number) in places.zip(row(first + input)) {
                *place = number;
            }
        }
    }
}

/// The tile of `P` inputs that begins with `first`.
pub(super) fn tile<T, const P: usize>(numbers: &[T], width: usize, first: usize) -> &[[T; P]] {
    numbers[first * width..][..P * width].as_chunks().0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_input_lies_in_one_tile() {
        assert_eq!(tiles(0).count(), 0);
        assert_eq!(tiles(1).collect::<Vec<_>>(), [(0, 1)]);
        assert_eq!(tiles(6).collect::<Vec<_>>(), [(0, 6)]);
        assert_eq!(tiles(14).collect::<Vec<_>>(), [(0, 6), (6, 6), (12, 2)]);
    }

    #[test]
    fn numbers_for_the_same_weights_lie_side_by_side() {
        let rows: Vec<[f32; 3]> =
            (0..8).map(|input| [0.0, 1.0, 2.0].map(|k| input as f32 + k / 10.0)).collect();
        let mut numbers = [0.0; 8 * 3];
        spread(&mut numbers, 3, 8, 0, |input| rows[input][..1].to_vec());
        spread(&mut numbers, 3, 8, 1, |input| rows[input][1..].to_vec());
        assert_eq!(tile::<_, 6>(&numbers, 3, 0)[2], [0.2, 1.2, 2.2, 3.2, 4.2, 5.2]);
        assert_eq!(tile::<_, 2>(&numbers, 3, 6), [[6.0, 7.0], [6.1, 7.1], [6.2, 7.2]]);
    }
}
