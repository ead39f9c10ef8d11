//! The protocol of Carabiner, the program through which a session of Ableton Link is heard: lines of text over TCP.

use std::collections::VecDeque;

/// The port that Carabiner listens at where nobody says otherwise.
pub const PORT: u16 = 17_000;

/// Statuses that the distance of the two clocks is read from: some seconds.
const MOST: usize = 48;

/// What Carabiner says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Said {
    /// How it stands with the session.
    Status {
        /// How many other programs are in it.
        peers: u32,
        /// Quarter notes a minute.
        bpm: f64,
        /// The moment of beat 0, in microseconds of Link's clock.
        start: i64,
        /// Where it was when this was said, in beats.
        beat: f64,
    },
    /// Where it is in a bar at a moment.
    Phase {
        /// The moment, in microseconds of Link's clock.
        when: i64,
        /// Beats since the last line of so many beats.
        phase: f64,
    },
}

/// A line that Carabiner sent, as in `status { :peers 0 :bpm 120.000000 :start 73743731220 :beat 597.737570 }`. `None` for
/// what says nothing of time.
pub fn read(line: &str) -> Option<Said> {
    let (word, rest) = line.trim().split_once(' ')?;
    let fields: Vec<&str> = rest.trim().strip_prefix('{')?.strip_suffix('}')?.split_whitespace().collect();
    let field = |name: &str| fields.windows(2).find(|pair| pair[0] == name).map(|pair| pair[1]);
    let number = |name: &str| field(name)?.parse::<f64>().ok().filter(|number| number.is_finite());
    let moment = |name: &str| field(name)?.parse::<i64>().ok();
    match word {
        "status" => Some(Said::Status {
            peers: field(":peers")?.parse().ok()?,
            bpm: number(":bpm").filter(|bpm| *bpm > 0.0)?,
            start: moment(":start")?,
            beat: number(":beat")?,
        }),
        "phase-at-time" => Some(Said::Phase { when: moment(":when")?, phase: number(":phase")? }),
        _ => None,
    }
}

/// Asks how it stands.
pub const STATUS: &str = "status\n";

/// Asks where the session is in bars of so many beats at a moment of Link's clock.
pub fn phase_at(when: i64, bar: f64) -> String {
    format!("phase-at-time {when} {bar}\n")
}

/// Sets the tempo for all.
pub fn bpm(bpm: f64) -> String {
    format!("bpm {bpm}\n")
}

/// Link's clock beside ours. What says how late it is there comes some time after it was said, and never before: of many,
/// the one that makes Link's clock latest was the quickest.
#[derive(Debug, Clone, Default)]
pub struct ClockDistance {
    /// Link's clock less ours, as each status told, in microseconds.
    told: VecDeque<i64>,
}

impl ClockDistance {
    /// A status came when our clock said `ours`, in microseconds. Says what Link's said when it was written.
    pub fn take(&mut self, bpm: f64, start: i64, beat: f64, ours: i64) -> i64 {
        let theirs = start.saturating_add((beat * 60e6 / bpm).round() as i64);
        if self.told.len() == MOST {
            self.told.pop_front();
        }
        self.told.push_back(theirs.saturating_sub(ours));
        theirs
    }

    /// What Link's clock says when ours says `ours`; none before anything was told.
    pub fn theirs(&self, ours: i64) -> Option<i64> {
        self.told.iter().max().map(|distance| ours.saturating_add(*distance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_carabiner_writes_them() {
        for (line, said) in [
            (
                "status { :peers 2 :bpm 120.000000 :start 73743731220 :beat 597.737570 }",
                Some(Said::Status { peers: 2, bpm: 120.0, start: 73_743_731_220, beat: 597.737_57 }),
            ),
            (
                "status { :peers 0 :bpm 98.5 :start -12 :beat -0.25 :playing false }",
                Some(Said::Status { peers: 0, bpm: 98.5, start: -12, beat: -0.25 }),
            ),
            (
                "phase-at-time { :when 73746356220 :quantum 4.000000 :phase 1.250000 }",
                Some(Said::Phase { when: 73_746_356_220, phase: 1.25 }),
            ),
            ("version \"1.2.0\"", None),
            ("unsupported phase", None),
            ("status { :peers 0 :bpm 0.0 :start 0 :beat 0 }", None),
            ("status { :peers 0 :bpm nan :start 0 :beat 0 }", None),
            ("status { :bpm", None),
            ("", None),
        ] {
            assert_eq!(read(line), said, "{line}");
        }
    }

    #[test]
    fn the_quickest_of_many_answers_tells_how_far_the_clocks_are_apart() {
        let mut distance = ClockDistance::default();
        assert_eq!(distance.theirs(0), None);
        for (written, delay) in [(0, 900), (200_000, 80), (400_000, 21_000)] {
            let beat = f64::from(written) / 500_000.0;
            let theirs = distance.take(120.0, 1_000_000, beat, i64::from(written + delay));
            assert_eq!(theirs, 1_000_000 + i64::from(written));
        }
        assert_eq!(distance.theirs(500_000), Some(1_500_000 - 80));
    }
}
