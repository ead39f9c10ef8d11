//! What comes of a mistake of Lilt's own on the conductor's thread: it is told, what sounds is ended, and the
//! conductor begins anew where the music is by then. What breaks it again and again is played no longer.

use std::time::{Duration, Instant};

use crossbeam::channel::Receiver;
use lilt_sequencer::{Hands, Sequencer};

use super::{Conductor, Order};
use crate::live::caught::caught;
use crate::live::order::Anew;
use crate::live::sight::Sight;

/// What breaks at one place twice within so long will break there again.
const AGAIN: Duration = Duration::from_secs(10);

/// What breaks without end is told so often.
const TOLD: Duration = Duration::from_secs(1);

/// Where the conductor broke of late.
#[derive(Debug, Default)]
pub(super) struct Stumbles {
    places: Vec<(String, Instant)>,
    /// When it was said last that all is silent for it.
    silent: Option<Instant>,
}

impl Stumbles {
    /// Takes in that something broke at `place` (file, line and reason): what comes of it, and whether that is
    /// worth telling.
    fn take_in(&mut self, place: &str, now: Instant) -> (Anew, bool) {
        // The reason may hold numbers that differ from one time to the next.
        let line = place.split_once(": ").map_or(place, |(line, _)| line);
        let since = |at: Instant| now.saturating_duration_since(at);
        self.places.retain(|(_, at)| since(*at) < AGAIN);
        if let Some((_, at)) = self.places.iter_mut().find(|(known, _)| known == line) {
            *at = now;
            let tells = self.silent.is_none_or(|told| since(told) >= TOLD);
            if tells {
                self.silent = Some(now);
            }
            return (Anew::Silence, tells);
        }
        self.places.push((line.to_string(), now));
        (Anew::Again, true)
    }
}

impl Conductor {
    /// Plays until the host is to end, whatever happens.
    pub fn run(mut self, orders: &Receiver<Order>) {
        // Where that is refused, a busy machine may hold it up within the horizon.
        let _granted = lilt_midi::raise();
        while let Err(place) = caught(|| self.play(orders)) {
            self.begin_anew(&place);
        }
        if let Err(place) = caught(|| self.end()) {
            self.tell(Sight::Said(format!("Lilt itself stumbled at the end ({place})")));
        }
    }

    /// Puts a new sequencer in the place of one that may be broken. Devices, files and those who are told keep
    /// their places; whatever was sent and is not past is taken back.
    pub(in crate::live) fn begin_anew(&mut self, place: &str) {
        let (anew, tells) = self.stumbles.take_in(place, Instant::now());
        let now = self.time.now();
        self.looked = now;
        let broken = std::mem::take(&mut self.sequencer);
        let next = caught(|| {
            let mut next = Sequencer::after(broken, now);
            if anew == Anew::Silence {
                let _nothing_sounds = next.hush(now);
            }
            next
        });
        // Where not even that can be read, time begins at beat 0 with what comes next.
        self.sequencer = next.unwrap_or_default();
        self.easel.clear();
        // Each by itself, should the other be what is broken.
        let _ended = caught(|| self.loudspeaker.begin_anew(now));
        let _ended = caught(|| self.midi.panic());
        let _ended = caught(|| self.osc.hush());
        // What they held was ended with all else; keys that are still down come up unheard.
        self.hands = Hands::default();
        if tells {
            self.tell(Sight::Said(stumbled(place, anew)));
            self.anew = Some(anew);
            self.news = true;
        }
    }
}

/// What a performer is told.
fn stumbled(place: &str, next: Anew) -> String {
    let what = match next {
        Anew::Again => "what sounded is cut short, and the music goes on",
        Anew::Silence => "all is silent; change the script and save it, and it plays again",
    };
    format!("Lilt itself stumbled while it played ({place}): {what}")
}

#[cfg(test)]
mod tests;
