//! A session of Ableton Link, heard through Carabiner.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::Receiver;
use lilt_score::{ClockMessage, Gesture};

use super::carabiner::{self, ClockDistance, Said};

/// How often Carabiner is asked how it stands.
const EVERY: Duration = Duration::from_millis(100);
/// How often it is looked for while it is not there.
const AGAIN: Duration = Duration::from_secs(2);
/// A Carabiner that says nothing for so long has gone.
const SILENT: Duration = Duration::from_secs(2);
/// Longest line that is read, in bytes.
const LONGEST: u64 = 4_096;
/// Lengths of bars that Link knows, in beats, as Carabiner lets them be asked.
const BARS: std::ops::RangeInclusive<f64> = 2.0..=16.0;

/// What plays here, as the session is to know it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OurTime {
    /// Quarter notes a minute that the script asks for.
    pub bpm: f64,
    /// True where the performer has changed it, and it is to be so for all.
    pub changed: bool,
    /// Beats of a bar.
    pub bar: f64,
}

/// What a session is told to and by.
pub struct Link<H, S> {
    /// Where Carabiner listens.
    pub address: SocketAddr,
    /// Where what it says of time goes; it must not wait.
    pub hear: H,
    /// Where lines for the performer go.
    pub say: S,
    /// What plays here.
    pub ours: Receiver<OurTime>,
    /// True while the session is listened to.
    pub wanted: Arc<AtomicBool>,
}

/// Our clock, in microseconds since it was looked at first.
struct Micros(Instant);

impl Micros {
    fn now(&self) -> i64 {
        i64::try_from(self.0.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

impl<H: Fn(Gesture), S: Fn(String)> Link<H, S> {
    /// Listens while it is wanted. Where Carabiner is not there, or goes, it is looked for.
    pub fn run(self) {
        let mut told = false;
        let mut ours = None;
        while self.wanted.load(Ordering::Acquire) {
            match TcpStream::connect_timeout(&self.address, AGAIN) {
                Ok(stream) => {
                    (self.say)("in a session of Ableton Link, through Carabiner".to_string());
                    let ended = self.attend(stream, &mut ours);
                    (self.hear)(Gesture::Clock(ClockMessage::Gone));
                    if let Err(error) = ended {
                        (self.say)(format!("Carabiner has gone ({error}): it is looked for"));
                    }
                    told = true;
                }
                Err(error) => {
                    if !std::mem::replace(&mut told, true) {
                        (self.say)(format!(
                            "Carabiner does not answer at {} ({error}): start it beside Lilt, and the session is joined",
                            self.address
                        ));
                    }
                }
            }
            let until = Instant::now() + AGAIN;
            while self.wanted.load(Ordering::Acquire) && Instant::now() < until {
                std::thread::sleep(EVERY);
            }
        }
    }

    /// # Errors
    /// When the connection ends.
    fn attend(&self, stream: TcpStream, ours: &mut Option<OurTime>) -> io::Result<()> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(EVERY))?;
        stream.set_write_timeout(Some(SILENT))?;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::new(stream);
        let (clock, mut distance) = (Micros(Instant::now()), ClockDistance::default());
        let mut tempo = None;
        let mut joins = true;
        let (mut asked, mut heard) = (None::<Instant>, Instant::now());
        let mut line = Vec::new();
        // What was changed before the session was joined is not for all.
        *ours = self.ours.try_iter().last().or(*ours);
        while self.wanted.load(Ordering::Acquire) {
            for news in self.ours.try_iter() {
                if news.changed {
                    writer.write_all(carabiner::bpm(news.bpm).as_bytes())?;
                }
                *ours = Some(news);
            }
            if asked.is_none_or(|asked| asked.elapsed() >= EVERY) {
                writer.write_all(carabiner::STATUS.as_bytes())?;
                asked = Some(Instant::now());
            }
            if heard.elapsed() > SILENT {
                return Err(io::Error::new(ErrorKind::TimedOut, "it says nothing any more"));
            }
            match io::Read::take(&mut reader, LONGEST).read_until(b'\n', &mut line) {
                Ok(0) => return Err(io::Error::new(ErrorKind::UnexpectedEof, "it hung up")),
                Ok(_) if line.last() != Some(&b'\n') => {
                    if line.len() as u64 >= LONGEST {
                        return Err(io::Error::new(ErrorKind::InvalidData, "that is no Carabiner"));
                    }
                    continue;
                }
                Ok(_) => {}
                // What came of a line so far stays for the next look.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
                Err(error) => return Err(error),
            }
            let now = clock.now();
            heard = Instant::now();
            let said = carabiner::read(&String::from_utf8_lossy(&line));
            line.clear();
            match said {
                Some(Said::Status { peers, bpm, start, beat }) => {
                    let when = distance.take(bpm, start, beat, now);
                    tempo = Some(bpm);
                    let alone = std::mem::take(&mut joins) && peers == 0;
                    if let Some(ours) = ours.filter(|_| alone) {
                        writer.write_all(carabiner::bpm(ours.bpm).as_bytes())?;
                    }
                    let bar = ours.map_or(4.0, |ours| ours.bar).clamp(*BARS.start(), *BARS.end());
                    writer.write_all(carabiner::phase_at(when, bar).as_bytes())?;
                }
                Some(Said::Phase { when, phase }) => {
                    if let (Some(bpm), Some(theirs)) = (tempo, distance.theirs(clock.now())) {
                        let since = theirs.saturating_sub(when) as f64;
                        let beat = phase + since * bpm / 60e6;
                        (self.hear)(Gesture::Clock(ClockMessage::Now { beat, bpm }));
                    }
                }
                None => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
