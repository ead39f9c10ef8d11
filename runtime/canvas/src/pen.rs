//! A pen's line as pieces that each have one width, which is what SVG, PNG and the window can draw.

/// Steps of the width in a pixel: finer than anybody sees.
const STEPS: f64 = 4.0;

/// A piece of a line: its width, and its points.
pub type PenPiece = (f64, Vec<[f64; 2]>);

/// The pieces of a line of points `[x, y, width]`, from its first point on: as few as have one width each, in
/// quarters of a pixel. A single point is a piece of one point.
pub fn pen_pieces(points: &[[f64; 3]]) -> Vec<PenPiece> {
    let quantised = |width: f64| (width * STEPS).round().max(1.0) / STEPS;
    if let [[x, y, width]] = points {
        return vec![(quantised(*width), vec![[*x, *y]])];
    }
    let mut pieces: Vec<PenPiece> = Vec::new();
    for pair in points.windows(2) {
        let [[x, y, from], [right, bottom, to]] = [pair[0], pair[1]];
        let width = quantised((from + to) / 2.0);
        match pieces.last_mut().filter(|(last, _)| *last == width) {
            Some((_, line)) => line.push([right, bottom]),
            None => pieces.push((width, vec![[x, y], [right, bottom]])),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_piece_for_each_width() {
        let points = [[0.0, 0.0, 2.0], [1.0, 0.0, 2.0], [2.0, 0.0, 2.1], [3.0, 0.0, 6.0]];
        let want = vec![(2.0, vec![[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]), (4.0, vec![[2.0, 0.0], [3.0, 0.0]])];
        assert_eq!(pen_pieces(&points), want);
        assert_eq!(pen_pieces(&points[..1]), [(2.0, vec![[0.0, 0.0]])]);
        assert_eq!(pen_pieces(&[]), []);
    }
}
