//! The monitor that the window was to open on.

/// What the performer is told of a monitor, from 0, where there are so many; nothing where it is one of them.
pub fn missing_monitor(wanted: usize, count: usize) -> Option<String> {
    let number = wanted.saturating_add(1);
    (wanted >= count).then(|| match count {
        1 => format!("there is no monitor {number}: there is 1, on which this is"),
        count => format!("there is no monitor {number}: there are {count}, the first of which is 1"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monitor_that_there_is_not_is_told_of() {
        for (wanted, count, want) in [
            (0, 1, None),
            (1, 2, None),
            (6, 1, Some("there is no monitor 7: there is 1, on which this is")),
            (2, 2, Some("there is no monitor 3: there are 2, the first of which is 1")),
        ] {
            assert_eq!(missing_monitor(wanted, count).as_deref(), want);
        }
    }
}
