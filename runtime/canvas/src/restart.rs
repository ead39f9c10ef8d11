//! Whether a canvas that ended is started again, and when: a pure decision.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Exit status of `lilt-canvas` where there is no display to open a window on.
pub const NO_DISPLAY_STATUS: u8 = 3;

/// Exit status of `lilt-canvas` where no graphics driver is found.
pub const NO_DRIVER_STATUS: u8 = 4;

/// How one run of the canvas ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// With status 0: somebody closed the window.
    Closed,
    /// With [`NO_DISPLAY_STATUS`].
    NoDisplay,
    /// With [`NO_DRIVER_STATUS`].
    NoDriver,
    /// The program could not be started at all.
    Missing {
        /// Where it was looked for.
        program: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// In any other way: a crash, a signal, a pipe that broke.
    Died(String),
}

/// What follows an [`Ending`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Start it again.
    Restart {
        /// How it ended.
        reason: String,
        /// The time until then.
        wait: Duration,
    },
    /// Leave it, and say why once.
    GiveUp(Surrender),
}

/// Why there is no canvas any more; its text is for the performer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Surrender {
    /// Somebody closed the window.
    Closed,
    /// There is no display.
    NoDisplay,
    /// There is no driver that draws.
    NoDriver,
    /// The program could not be started.
    Missing {
        /// Where it was looked for.
        program: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// It died too often.
    Died {
        /// How often.
        times: u32,
        /// How it ended the last time.
        last: String,
    },
}

impl fmt::Display for Surrender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Surrender::Closed => f.write_str("the canvas was closed; the music goes on without it"),
            Surrender::NoDisplay => {
                f.write_str("there is no display for the canvas; the music goes on without it")
            }
            Surrender::NoDriver => f.write_str(
                "there is no graphics driver for the canvas, which needs Vulkan, Metal or OpenGL (on Debian \
                 mesa-vulkan-drivers has one for every machine); the music goes on without it",
            ),
            Surrender::Missing { program, reason } => write!(
                f,
                "the canvas {} cannot be started ({reason}); the music goes on without it. \
                 Build it with: cargo build --profile canvas -p lilt-canvas --features window",
                program.display()
            ),
            Surrender::Died { times, last } => write!(
                f,
                "the canvas stopped {times} times, the last time with: {last}; \
                 it is not started again, and the music goes on without it"
            ),
        }
    }
}

/// Starts a canvas that died again, a few times in all, waiting twice as long each
/// time. A canvas that was closed, or that has no display, stays away.
#[derive(Debug, Clone)]
pub struct RestartPolicy {
    most: u32,
    first_wait: Duration,
    deaths: u32,
}

impl Default for RestartPolicy {
    /// Five restarts, after 0.5, 1, 2, 4 and 8 seconds.
    fn default() -> RestartPolicy {
        RestartPolicy::new(5, Duration::from_millis(500))
    }
}

impl RestartPolicy {
    /// `most` restarts in all, at most 16, the first after `first_wait`.
    pub fn new(most: u32, first_wait: Duration) -> RestartPolicy {
        RestartPolicy { most: most.min(16), first_wait, deaths: 0 }
    }

    /// What follows this ending.
    pub fn after(&mut self, ending: Ending) -> Next {
        let reason = match ending {
            Ending::Closed => return Next::GiveUp(Surrender::Closed),
            Ending::NoDisplay => return Next::GiveUp(Surrender::NoDisplay),
            Ending::NoDriver => return Next::GiveUp(Surrender::NoDriver),
            Ending::Missing { program, reason } => {
                return Next::GiveUp(Surrender::Missing { program, reason });
            }
            Ending::Died(reason) => reason,
        };
        self.deaths += 1;
        if self.deaths > self.most {
            return Next::GiveUp(Surrender::Died { times: self.deaths, last: reason });
        }
        Next::Restart { reason, wait: self.first_wait * 2u32.pow(self.deaths - 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canvas_that_dies_is_restarted_five_times_ever_later() {
        let mut policy = RestartPolicy::default();
        for milliseconds in [500, 1000, 2000, 4000, 8000] {
            let next = policy.after(Ending::Died("signal: 11".to_owned()));
            let wait = Duration::from_millis(milliseconds);
            assert_eq!(next, Next::Restart { reason: "signal: 11".to_owned(), wait });
        }
        let last = Surrender::Died { times: 6, last: "signal: 9".to_owned() };
        assert_eq!(policy.after(Ending::Died("signal: 9".to_owned())), Next::GiveUp(last));
    }

    #[test]
    fn an_ending_that_will_come_again_is_final_and_says_so() {
        let missing =
            || Ending::Missing { program: "/bin/lilt-canvas".into(), reason: "not found".to_owned() };
        for (most, ending, want) in [
            (5, Ending::Closed, "the canvas was closed; the music goes on without it"),
            (5, Ending::NoDisplay, "there is no display for the canvas; the music goes on without it"),
            (
                5,
                Ending::NoDriver,
                "there is no graphics driver for the canvas, which needs Vulkan, Metal or OpenGL (on Debian \
                 mesa-vulkan-drivers has one for every machine); the music goes on without it",
            ),
            (
                5,
                missing(),
                "the canvas /bin/lilt-canvas cannot be started (not found); the music goes on without it. \
                 Build it with: cargo build --profile canvas -p lilt-canvas --features window",
            ),
            (
                0,
                Ending::Died("signal: 9".to_owned()),
                "the canvas stopped 1 times, the last time with: signal: 9; \
                 it is not started again, and the music goes on without it",
            ),
        ] {
            match RestartPolicy::new(most, Duration::ZERO).after(ending) {
                Next::GiveUp(why) => assert_eq!(why.to_string(), want),
                Next::Restart { .. } => panic!("{want}"),
            }
        }
    }
}
