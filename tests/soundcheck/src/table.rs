//! Numbers in order, and the rows of a table of them.

use std::fmt::Write;

/// The value below which a share of the sorted `values` lies, `0..=1`; nothing where there are none.
pub fn part(values: &[f64], share: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    values.get((last as f64 * share).ceil() as usize).copied()
}

/// The head above rows of [`row`].
pub fn head() -> String {
    format!("{:<44} {:>8} {:>8} {:>8} {:>6} {:>6}", "", "p50 ms", "p95 ms", "max ms", "edits", "missed")
}

/// One row: half of the times, 95 of 100 and all of them are at most so long, in milliseconds. What is
/// given are microseconds, nothing for what was never heard.
pub fn row(name: &str, times: &[Option<f64>]) -> String {
    let mut heard: Vec<f64> = times.iter().flatten().map(|time| time / 1e3).collect();
    heard.sort_by(f64::total_cmp);
    let mut row = format!("{name:<44}");
    for share in [0.5, 0.95, 1.0] {
        // Writing to a string cannot fail.
        let _ = match part(&heard, share) {
            Some(value) => write!(row, " {value:>8.1}"),
            None => write!(row, " {:>8}", "-"),
        };
    }
    let _ = write!(row, " {:>6} {:>6}", times.len(), times.len() - heard.len());
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_one_of_the_values() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        let table = [(0.0, Some(1.0)), (0.5, Some(51.0)), (0.95, Some(96.0)), (1.0, Some(100.0))];
        for (share, value) in table {
            assert_eq!(part(&values, share), value, "{share}");
        }
        assert_eq!(part(&[], 0.5), None);
    }

    #[test]
    fn a_row_stands_under_its_head() {
        let row = row("saved", &[Some(10_000.0), None, Some(30_000.0)]);
        assert_eq!(row.len(), head().len());
        assert!(row.ends_with("    30.0     30.0     30.0      3      1"), "{row}");
    }
}
