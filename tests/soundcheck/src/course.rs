//! What a long performance took, minute by minute, and whether it is steady.

use std::fmt;

/// One minute of a performance.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Minute {
    /// Which one, counted from 1.
    pub number: u64,
    /// Per cent of one core.
    pub processor: f64,
    /// Memory at its end, in MiB.
    pub mebibytes: f64,
    /// Cycles that the JACK server or a client missed.
    pub xruns: u64,
    /// Gaps that the host itself counted, where its status tells them.
    pub dropouts: Option<u64>,
    /// Bars that were heard whole.
    pub bars: usize,
    /// Bars without a sound, though slots play.
    pub silent: usize,
    /// Edits that were saved.
    pub edits: usize,
    /// Edits that the host said it plays.
    pub played: usize,
}

impl Minute {
    /// The names of what [`Minute::line`] holds.
    pub const HEAD: &str = "minute,cpu_percent,rss_mib,xruns,dropouts,bars,silent_bars,edits,played";

    /// A line of a CSV file.
    pub fn line(&self) -> String {
        let Minute { number, processor, mebibytes, xruns, dropouts, bars, silent, edits, played } = self;
        let dropouts = dropouts.map_or(String::new(), |dropouts| dropouts.to_string());
        format!("{number},{processor:.1},{mebibytes:.1},{xruns},{dropouts},{bars},{silent},{edits},{played}")
    }
}

/// Minutes after which everything that is loaded once is loaded.
const WARM: usize = 10;
/// How much more memory a performance may hold at its end than when it was warm.
const MEMORY: f64 = 1.05;
/// How much more time its last third may take than its first: the examples are not played equally
/// often in each. One per cent of a core more is allowed, by which small numbers differ anyway.
const TIME: f64 = 1.1;

/// Whether a quantity stays where it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Steadiness {
    /// It does.
    Flat {
        /// When all was warm.
        before: f64,
        /// At the end.
        after: f64,
    },
    /// It grows.
    Grows {
        /// When all was warm.
        before: f64,
        /// At the end.
        after: f64,
    },
    /// The performance was too short to tell.
    TooShort,
}

impl fmt::Display for Steadiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Steadiness::Flat { before, after } => write!(f, "flat, {before:.1} and {after:.1}"),
            Steadiness::Grows { before, after } => write!(f, "GROWS, from {before:.1} to {after:.1}"),
            Steadiness::TooShort => write!(f, "not told by less than {} minutes", 2 * WARM),
        }
    }
}

/// Memory after ten minutes and at the end, in MiB.
pub fn memory(minutes: &[Minute]) -> Steadiness {
    match minutes.last() {
        Some(last) if minutes.len() >= 2 * WARM => {
            let (before, after) = (minutes[WARM - 1].mebibytes, last.mebibytes);
            judged(before, after, after <= before * MEMORY)
        }
        _ => Steadiness::TooShort,
    }
}

/// Per cent of a core, in the first and the last third of what comes after ten minutes.
pub fn processor(minutes: &[Minute]) -> Steadiness {
    if minutes.len() < 2 * WARM {
        return Steadiness::TooShort;
    }
    let warm = &minutes[WARM - 1..];
    let third = warm.len() / 3;
    let mean = |part: &[Minute]| part.iter().map(|minute| minute.processor).sum::<f64>() / part.len() as f64;
    let (before, after) = (mean(&warm[..third]), mean(&warm[warm.len() - third..]));
    judged(before, after, after <= before * TIME + 1.0)
}

fn judged(before: f64, after: f64, flat: bool) -> Steadiness {
    if flat { Steadiness::Flat { before, after } } else { Steadiness::Grows { before, after } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(count: u64, of: impl Fn(u64) -> (f64, f64)) -> Vec<Minute> {
        let minute = |number| {
            let (processor, mebibytes) = of(number);
            Minute { number, processor, mebibytes, ..Minute::default() }
        };
        (1..=count).map(minute).collect()
    }

    #[test]
    fn what_grows_while_it_warms_up_is_flat() {
        let warming = minutes(60, |n| (20.0 + (n % 5) as f64, 200.0 + n.min(10) as f64 * 10.0));
        assert_eq!(memory(&warming), Steadiness::Flat { before: 300.0, after: 300.0 });
        assert!(matches!(processor(&warming), Steadiness::Flat { .. }));
    }

    #[test]
    fn what_grows_after_that_is_seen() {
        let growing = minutes(60, |n| (10.0 + n as f64 / 10.0, 200.0 + n as f64));
        assert_eq!(memory(&growing), Steadiness::Grows { before: 210.0, after: 260.0 });
        assert!(matches!(processor(&growing), Steadiness::Grows { .. }));
        assert_eq!(memory(&growing[..19]), Steadiness::TooShort);
        assert_eq!(processor(&growing[..19]), Steadiness::TooShort);
    }

    #[test]
    fn a_line_has_as_many_fields_as_the_head() {
        let minute = Minute { number: 3, processor: 12.34, mebibytes: 200.0, ..Minute::default() };
        assert_eq!(minute.line(), "3,12.3,200.0,0,,0,0,0,0");
        assert_eq!(minute.line().matches(',').count(), Minute::HEAD.matches(',').count());
    }
}
