//! Where timed events go: the mixer, MIDI ports, and files.

pub mod clock;
pub mod events;
mod flac;
pub mod midi;
pub mod osc;
pub mod pcm;
pub mod sampler;
pub mod smf;
pub mod sound;
pub mod sound_file;
pub mod stems;
pub mod timbres;
mod wav;

use std::time::{Duration, Instant};

/// An instant so many seconds later, or earlier where that is less than 0.
fn shifted(instant: Instant, seconds: f64) -> Instant {
    let by = Duration::try_from_secs_f64(seconds.abs()).unwrap_or_default();
    let shifted = if seconds < 0.0 { instant.checked_sub(by) } else { instant.checked_add(by) };
    shifted.unwrap_or(instant)
}
