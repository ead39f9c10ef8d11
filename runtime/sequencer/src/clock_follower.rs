//! Ticks as a tempo: what a clock of 24 ticks a beat, which come early and late, says of time.

use std::collections::VecDeque;

use lilt_score::{Beat, ClockMessage, TICKS_A_BEAT};

use crate::{OuterTempo, Tempo};

/// Ticks that the tempo is read from, at most: eight beats. With ticks that lie up to 3 ms off, evenly (a deviation σ of
/// 1.73 ms), the slope of a line through N of them deviates by σ·√(12/N³): 0.04 bpm at 120 after four beats, 0.013 after
/// eight; and where it is at its end by 2σ/√N: 0.35 and 0.25 ms.
const MOST: usize = 192;
/// Ticks that it takes until a tempo is told: it may be some hundredths off then.
const FEWEST: usize = 6;
/// So many of the last ticks are looked at for a change of the tempo.
const LAST: usize = 4;
/// The mean of so many lies this far off by chance once in a million looks, in seconds: five times σ/√[`LAST`].
const OFF: f64 = 0.0045;
/// What lies farther off the line than this is a stray, in ticks.
const STRAY: f64 = 0.6;
/// The clock is lost after so many ticks that did not come, and not before [`SOONEST`].
const MISSED: f64 = 12.0;
/// In seconds.
const SOONEST: f64 = 0.25;

/// What is new of a clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClockNews {
    /// It is followed from now on; its tempo in quarter notes a minute.
    Found(f64),
    /// Nothing comes any more: its last tempo goes on.
    Lost(f64),
    /// The music is to begin at a beat, with the next tick.
    Begin(Beat),
    /// The music is to stop.
    Stop,
}

/// A clock as it is heard. Pure: moments are arguments, in seconds since the performance began, as everywhere in the
/// sequencer.
#[derive(Debug, Clone, Default)]
pub struct ClockFollower {
    /// The last ticks: the number of each, from the beginning of the music, and when it came.
    ticks: VecDeque<(i64, f64)>,
    /// Ticks that lie far off the line, since the last one that did not.
    strays: Vec<(i64, f64)>,
    /// The number of the tick that comes next, where that is known.
    next: Option<i64>,
    /// Where the music was stopped, or is to go on.
    position: Beat,
    line: Option<OuterTempo>,
    /// When something was heard last.
    heard: f64,
    lost: bool,
}

impl ClockFollower {
    /// Where its beats lie, once that is known.
    pub fn line(&self) -> Option<OuterTempo> {
        self.line
    }

    /// Takes in what the clock says at second `seconds`; Lilt is at `beat` then, which says which beat is meant by a clock
    /// that does not say so itself.
    pub fn hear(&mut self, message: &ClockMessage, seconds: f64, beat: f64) -> Option<ClockNews> {
        let told = match *message {
            ClockMessage::Tick => return self.tick(seconds, beat),
            ClockMessage::Now { beat, bpm } => return self.stand(OuterTempo { seconds, beat, bpm }),
            ClockMessage::Gone => return self.lose(),
            ClockMessage::Start => ClockNews::Begin(self.go_to(Beat::ZERO)),
            ClockMessage::Continue => ClockNews::Begin(self.go_to(self.position)),
            ClockMessage::Stop => {
                let ticks = self.next.unwrap_or(0);
                // A song position counts sixteenth notes.
                self.position = Beat::new(ticks.div_euclid(TICKS_A_BEAT / 4), 4);
                ClockNews::Stop
            }
            ClockMessage::Position(beat) => {
                self.position = beat;
                return None;
            }
        };
        Some(told)
    }

    /// Looks at second `now` whether it still comes.
    pub fn look(&mut self, now: f64) -> Option<ClockNews> {
        let line = self.line?;
        let patience = (line.tick() * MISSED).max(SOONEST);
        if self.ticks.is_empty() || now - self.heard < patience { None } else { self.lose() }
    }

    /// The next tick is that of a beat; the ticks before it keep their distances.
    fn go_to(&mut self, beat: Beat) -> Beat {
        let number = (beat * Beat::whole(TICKS_A_BEAT)).floor();
        if let Some(next) = self.next.replace(number) {
            self.ticks.iter_mut().for_each(|(tick, _)| *tick += number - next);
        }
        if let (Some(line), Some((_, last))) = (&mut self.line, self.ticks.back().copied()) {
            // Until that tick comes: where it is to be expected. Who tells beats themselves has done so.
            *line = OuterTempo { seconds: last + line.tick(), beat: beat.to_f64(), bpm: line.bpm };
        }
        beat
    }

    fn stand(&mut self, line: OuterTempo) -> Option<ClockNews> {
        if !Tempo::RANGE.contains(&line.bpm) || !line.beat.is_finite() {
            return None;
        }
        let found = self.line.is_none() || self.lost;
        (self.line, self.heard, self.lost) = (Some(line), line.seconds, false);
        found.then_some(ClockNews::Found(line.bpm))
    }

    fn lose(&mut self) -> Option<ClockNews> {
        self.ticks.clear();
        self.strays.clear();
        self.next = None;
        let line = self.line?;
        (!std::mem::replace(&mut self.lost, true)).then_some(ClockNews::Lost(line.bpm))
    }

    fn tick(&mut self, seconds: f64, beat: f64) -> Option<ClockNews> {
        let number = self.next.unwrap_or_else(|| {
            // Where it went on unheard, it is where it would be.
            let expected = self.line.map_or(beat, |line| line.beat_at(seconds));
            (expected * TICKS_A_BEAT as f64).round() as i64
        });
        self.next = Some(number + 1);
        self.heard = seconds;
        let tick = (number, seconds);
        match self.line.filter(|_| self.ticks.len() > FEWEST) {
            Some(line) if line.ticks_off(tick).abs() > STRAY => {
                self.strays.push(tick);
                if self.strays.len() < LAST {
                    return None;
                }
                self.take_in_strays(line);
            }
            line => {
                self.strays.clear();
                self.ticks.push_back(tick);
                if self.ticks.len() > MOST {
                    self.ticks.pop_front();
                }
                if let Some(line) = line {
                    self.forget_another_tempo(line);
                }
            }
        }
        if self.ticks.len() < FEWEST.min(LAST) {
            return None;
        }
        let line = through(&self.ticks).filter(|_| self.line.is_some() || self.ticks.len() >= FEWEST)?;
        let found = self.line.is_none() || self.lost;
        (self.line, self.lost) = (Some(line), false);
        found.then_some(ClockNews::Found(line.bpm))
    }

    /// Some ticks in a row lie far off the line: some before them were lost on their way, or came twice; or the clock goes
    /// at another tempo. What is neither, a heap of ticks that were held up, is forgotten.
    fn take_in_strays(&mut self, line: OuterTempo) {
        let strays = std::mem::take(&mut self.strays);
        let off: Vec<f64> = strays.iter().map(|tick| line.ticks_off(*tick)).collect();
        let missing = (off.iter().sum::<f64>() / off.len() as f64).round();
        if missing != 0.0 && off.iter().all(|off| (off - missing).abs() < 0.25) {
            let missing = missing as i64;
            self.ticks.extend(strays.iter().map(|(number, seconds)| (number + missing, *seconds)));
            self.next = self.next.map(|next| next + missing);
            return;
        }
        let apart: Vec<f64> = strays.windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
        let mean = apart.iter().sum::<f64>() / apart.len() as f64;
        if apart.iter().all(|apart| (apart / mean - 1.0).abs() < 0.5) {
            self.ticks = strays.into();
        } else {
            // Which ticks they were, nobody knows; the line says which one comes next.
            self.next = None;
        }
    }

    /// Where the last ticks lie off the line together, though none of them far, the tempo is another by now.
    fn forget_another_tempo(&mut self, line: OuterTempo) {
        let count = self.ticks.len();
        if count <= FEWEST {
            return;
        }
        let off = |tick: &(i64, f64)| line.ticks_off(*tick) * line.tick();
        let mean = self.ticks.iter().skip(count - LAST).map(off).sum::<f64>() / LAST as f64;
        if mean.abs() > OFF {
            self.ticks.drain(..count - LAST - 1);
        }
    }
}

impl OuterTempo {
    /// Seconds of a tick.
    fn tick(&self) -> f64 {
        60.0 / self.bpm / TICKS_A_BEAT as f64
    }

    /// How much later than the line a tick of this number came, in ticks.
    fn ticks_off(&self, (number, seconds): (i64, f64)) -> f64 {
        (seconds - self.seconds_at(number as f64 / TICKS_A_BEAT as f64)) / self.tick()
    }
}

/// The line through ticks that lies nearest to them (least squares). `None` where that is no tempo.
fn through(ticks: &VecDeque<(i64, f64)>) -> Option<OuterTempo> {
    let (first, begin) = *ticks.front()?;
    let (last, _) = *ticks.back()?;
    let count = ticks.len() as f64;
    let places = ticks.iter().map(|(number, seconds)| ((number - first) as f64, seconds - begin));
    let (x, y) = places.clone().fold((0.0, 0.0), |(x, y), (number, seconds)| (x + number, y + seconds));
    let (x, y) = (x / count, y / count);
    let (xx, xy) = places.fold((0.0, 0.0), |(xx, xy), (number, seconds)| {
        (xx + (number - x) * (number - x), xy + (number - x) * (seconds - y))
    });
    let slope = xy / xx;
    let bpm = 60.0 / (slope * TICKS_A_BEAT as f64);
    // Ticks that come in a heap are no tempo.
    Tempo::new(bpm).map(|tempo| OuterTempo {
        seconds: begin + y + slope * ((last - first) as f64 - x),
        beat: last as f64 / TICKS_A_BEAT as f64,
        bpm: tempo.bpm(),
    })
}

#[cfg(test)]
mod tests;
