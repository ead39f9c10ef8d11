//! JACK's transport as a clock: whether it rolls, where it is, and how fast where somebody gives it bars and beats.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jack::{Client, ClientOptions, ClientStatus, NotificationHandler, TransportBBT, TransportState};
use lilt_score::{Beat, ClockMessage, Gesture};

/// How often it is looked at. A start is heard so much later at most.
const EVERY: Duration = Duration::from_millis(10);
/// How often a server is looked for while there is none.
const AGAIN: Duration = Duration::from_secs(2);
/// What lies farther from where it was going is a place that somebody moved it to, in beats.
const MOVED: f64 = 0.25;

/// What a transport is told to.
pub struct Transport<H, S> {
    /// Where what it says of time goes; it must not wait.
    pub hear: H,
    /// Where lines for the performer go.
    pub say: S,
    /// True while it is listened to.
    pub wanted: Arc<AtomicBool>,
}

/// The transport at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Seen {
    rolls: bool,
    /// Where it is, in quarter notes from the beginning, and how many of them a minute has, where that is known.
    beat: Option<(f64, f64)>,
}

/// What it says, `passed` seconds after it was seen `before`.
fn says(before: Option<Seen>, now: Seen, passed: f64) -> Vec<ClockMessage> {
    let rolled = before.map(|before| before.rolls);
    let mut says = Vec::new();
    match (rolled, now.rolls) {
        (Some(true) | None, false) => says.push(ClockMessage::Stop),
        (Some(false), false) => {}
        (_, true) => {
            let expected =
                before.and_then(|before| before.beat).map(|(beat, bpm)| beat + passed * bpm / 60.0);
            let moved = |beat: f64| expected.is_none_or(|expected| (beat - expected).abs() > MOVED);
            says.extend(now.beat.map(|(beat, bpm)| ClockMessage::Now { beat, bpm }));
            match now.beat {
                Some((beat, _)) if rolled != Some(true) || moved(beat) => {
                    // Its very beginning was a moment ago.
                    let place =
                        if beat < MOVED { Beat::ZERO } else { Beat::new((beat * 960.0).ceil() as i64, 960) };
                    says.extend([ClockMessage::Position(place), ClockMessage::Continue]);
                }
                None if rolled != Some(true) => says.push(ClockMessage::Start),
                _ => {}
            }
        }
    }
    says
}

/// Where a place in bars and beats is, in quarter notes.
fn quarters(bbt: &TransportBBT) -> f64 {
    let (per_bar, unit) = (f64::from(bbt.sig_num), 4.0 / f64::from(bbt.sig_denom));
    let beats =
        (bbt.bar as f64 - 1.0) * per_bar + bbt.beat as f64 - 1.0 + bbt.tick as f64 / bbt.ticks_per_beat;
    beats * unit
}

struct Notices(Arc<AtomicBool>);

impl NotificationHandler for Notices {
    unsafe fn shutdown(&mut self, _: ClientStatus, _: &str) {
        self.0.store(true, Ordering::Release);
    }
}

impl<H: Fn(Gesture), S: Fn(String)> Transport<H, S> {
    /// Listens while it is wanted. Where there is no server, or it goes, it is looked for.
    pub fn run(self) {
        jack::set_logger(jack::LoggerType::None);
        let mut told = false;
        while self.wanted.load(Ordering::Acquire) {
            match Client::new("lilt transport", ClientOptions::NO_START_SERVER) {
                Ok((client, _)) => {
                    told = true;
                    (self.say)("JACK's transport is followed".to_string());
                    self.attend(client);
                    (self.hear)(Gesture::Clock(ClockMessage::Gone));
                    if self.wanted.load(Ordering::Acquire) {
                        (self.say)("JACK has gone: its transport is looked for".to_string());
                    }
                }
                Err(error) => {
                    if !std::mem::replace(&mut told, true) {
                        (self.say)(format!("there is no JACK to follow ({error}): it is looked for"));
                    }
                }
            }
            let until = Instant::now() + AGAIN;
            while self.wanted.load(Ordering::Acquire) && Instant::now() < until {
                std::thread::sleep(EVERY * 10);
            }
        }
    }

    fn attend(&self, client: Client) {
        let gone = Arc::new(AtomicBool::new(false));
        let Ok(client) = client.activate_async(Notices(Arc::clone(&gone)), ()) else { return };
        let client = client.as_client();
        let mut before: Option<(Seen, Instant)> = None;
        while self.wanted.load(Ordering::Acquire) && !gone.load(Ordering::Acquire) {
            let Ok(found) = client.transport().query() else { return };
            let rolls = matches!(found.state, TransportState::Rolling);
            let since = found.pos.usecs().map_or(0.0, |then| client.time().saturating_sub(then) as f64 / 1e6);
            let beat = found.pos.bbt().map(|bbt| (quarters(&bbt) + since * bbt.bpm / 60.0, bbt.bpm));
            let now = Instant::now();
            let passed = before.map_or(0.0, |(_, then)| (now - then).as_secs_f64());
            let seen = Seen { rolls, beat };
            for message in says(before.map(|(seen, _)| seen), seen, passed) {
                (self.hear)(Gesture::Clock(message));
            }
            before = Some((seen, now));
            std::thread::sleep(EVERY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_told() {
        use ClockMessage::{Continue, Now, Position, Start, Stop};
        let seen = |rolls, beat| Seen { rolls, beat };
        let (still, rolls) =
            (|beat| seen(false, Some((beat, 120.0))), |beat| seen(true, Some((beat, 120.0))));
        let now = |beat| Now { beat, bpm: 120.0 };
        for (before, after, told) in [
            (None, still(0.0), vec![Stop]),
            (Some(still(0.0)), still(0.0), vec![]),
            (Some(still(0.0)), rolls(0.02), vec![now(0.02), Position(Beat::ZERO), Continue]),
            (Some(rolls(0.02)), rolls(0.04), vec![now(0.04)]),
            (Some(rolls(7.0)), rolls(32.5), vec![now(32.5), Position(Beat::new(65, 2)), Continue]),
            (Some(rolls(32.5)), still(32.52), vec![Stop]),
            (None, rolls(8.0), vec![now(8.0), Position(Beat::whole(8)), Continue]),
            (Some(seen(false, None)), seen(true, None), vec![Start]),
            (Some(seen(true, None)), seen(true, None), vec![]),
        ] {
            assert_eq!(says(before, after, 0.01), told, "{before:?} {after:?}");
        }
    }

    #[test]
    fn bars_and_beats_are_quarter_notes() {
        let mut bbt = TransportBBT::default();
        bbt.with_timesig(6.0, 8.0).with_bbt(3, 4, 240).with_bpm(90.0).with_ticks_per_beat(480.0);
        assert_eq!(quarters(&bbt), (2.0 * 6.0 + 3.0 + 0.5) / 2.0);
    }
}
