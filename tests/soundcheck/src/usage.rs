//! What a process takes of the machine, as Linux tells it.

use std::fs;

use anyhow::{Context, Result};

/// Ticks a second in `/proc`: 100 on every Linux of today, whatever the kernel's own clock.
const TICKS: f64 = 100.0;

/// What a process has taken so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage {
    /// Seconds of one core since its start.
    pub seconds: f64,
    /// Memory that it holds, in MiB.
    pub mebibytes: f64,
}

impl Usage {
    /// Of the process of this number.
    ///
    /// # Errors
    /// When it has ended, or this is no Linux.
    pub fn of(process: u32) -> Result<Usage> {
        let read = |file: &str| {
            let path = format!("/proc/{process}/{file}");
            fs::read_to_string(&path).with_context(|| path)
        };
        let seconds = seconds(&read("stat")?).context("what /proc says of its time")?;
        let mebibytes = mebibytes(&read("status")?).context("what /proc says of its memory")?;
        Ok(Usage { seconds, mebibytes })
    }
}

/// User and system time: the 14th and 15th field. The second is the program's name in
/// parentheses, and may hold anything.
fn seconds(stat: &str) -> Option<f64> {
    let (_, after) = stat.rsplit_once(')')?;
    let mut fields = after.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}

fn mebibytes(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_is_read_over() {
        let stat = "77 (a) b (c) S 1 77 77 0 -1 4194560 900 0 3 0 250 50 0 0 20 0 9 0 100 1 2";
        assert_eq!(seconds(stat), Some(3.0));
        assert_eq!(seconds("77 (a) S 1"), None);
        assert_eq!(mebibytes("VmPeak:\t 9 kB\nVmRSS:\t    2048 kB\n"), Some(2.0));
    }
}
