//! The delay: echoes, a dotted eighth apart unless told otherwise, that go from the left to the right and back, each
//! darker than the one before. A new tempo fades from the old echo time to the new one.

use crate::filter::{OnePole, flush};
use crate::glide::Glide;
use crate::mixer::BLOCK_FRAMES;

/// A dotted eighth in beats.
const BEATS: f32 = 0.75;
/// No echo comes later, in seconds.
const LONGEST: f32 = 4.0;
const SLOWEST: f32 = 20.0;
const FASTEST: f32 = 999.0;
const FEEDBACK: f32 = 0.46;
/// Part of the way to a new feedback that a block takes.
const SETTLING: f32 = 0.05;
const HIGH_CUT_HERTZ: f32 = 3800.0;
const LOW_CUT_HERTZ: f32 = 190.0;
/// Level of the return at a send of 1.
const LEVEL: f32 = 0.7;
/// Seconds of the fade from one echo time to another.
const CHANGE: f32 = 0.04;
const ASLEEP_PEAK: f32 = 1e-6;

#[derive(Clone, Debug)]
struct Side {
    line: Vec<f32>,
    dark: OnePole,
    thin: OnePole,
}

impl Side {
    fn new(frames: usize, sample_rate: f32) -> Self {
        Side {
            line: vec![0.0; frames],
            dark: OnePole::new(HIGH_CUT_HERTZ, sample_rate),
            thin: OnePole::new(LOW_CUT_HERTZ, sample_rate),
        }
    }

    fn clear(&mut self) {
        self.line.fill(0.0);
        self.dark.clear();
        self.thin.clear();
    }
}

pub(crate) struct Delay {
    sides: [Side; 2],
    head: usize,
    /// Echo times in frames: the one heard, the one being faded to, the one last asked for.
    now: usize,
    next: usize,
    wanted: usize,
    change: Glide,
    change_frames: u32,
    quiet_frames: usize,
    beats: f32,
    bpm: f32,
    feedback: f32,
    feedback_aim: f32,
    sample_rate: f32,
}

impl Delay {
    /// Starts at 120 beats a minute.
    pub(crate) fn new(sample_rate: f32) -> Self {
        let longest = (LONGEST * sample_rate) as usize + 2;
        let time = frames_at(120.0, BEATS, sample_rate);
        Delay {
            sides: [Side::new(longest, sample_rate), Side::new(longest, sample_rate)],
            head: 0,
            now: time,
            next: time,
            wanted: time,
            change: Glide::new(0.0),
            change_frames: (CHANGE * sample_rate) as u32,
            quiet_frames: longest,
            beats: BEATS,
            bpm: 120.0,
            feedback: FEEDBACK,
            feedback_aim: FEEDBACK,
            sample_rate,
        }
    }

    /// `bpm` is a number; it is kept within 20..=999.
    pub(crate) fn set_tempo(&mut self, bpm: f32) {
        self.bpm = bpm.clamp(SLOWEST, FASTEST);
        self.retime();
    }

    /// Time from echo to echo in beats, and how much of each is repeated, 0..=0.95.
    pub(crate) fn set(&mut self, beats: f32, feedback: f32) {
        self.beats = beats;
        self.feedback_aim = feedback;
        self.retime();
    }

    fn retime(&mut self) {
        self.wanted = frames_at(self.bpm, self.beats, self.sample_rate);
        if self.is_asleep() {
            self.now = self.wanted;
            self.next = self.wanted;
            self.change = Glide::new(0.0);
            self.feedback = self.feedback_aim;
        }
    }

    /// Whether nothing echoes.
    pub(crate) fn is_asleep(&self) -> bool {
        self.quiet_frames >= self.sides[0].line.len()
    }

    /// Adds the echoes of `send` to `out`, `gain` frame by frame.
    pub(crate) fn process(
        &mut self,
        send: &[[f32; BLOCK_FRAMES]; 2],
        gain: &[f32; BLOCK_FRAMES],
        out: &mut [[f32; BLOCK_FRAMES]; 2],
    ) {
        let mut peak = send.iter().flatten().fold(0.0f32, |m, x| m.max(x.abs()));
        let length = self.sides[0].line.len();
        if self.quiet_frames >= length && peak == 0.0 {
            return;
        }
        self.feedback += SETTLING * (self.feedback_aim - self.feedback);
        for i in 0..BLOCK_FRAMES {
            if self.next == self.now && self.wanted != self.now {
                self.next = self.wanted;
                self.change = Glide::new(0.0);
                self.change.to(1.0, self.change_frames);
            }
            let near = (self.head + length - self.now) % length;
            let echoes = if self.next == self.now {
                [self.sides[0].line[near], self.sides[1].line[near]]
            } else {
                let far = (self.head + length - self.next) % length;
                let part = self.change.next();
                if !self.change.is_moving() {
                    self.now = self.next;
                }
                let fade = |line: &[f32]| line[near] + part * (line[far] - line[near]);
                [fade(&self.sides[0].line), fade(&self.sides[1].line)]
            };
            // The whole send enters on the left; the right only hears what the left has said.
            let entries = [0.5 * (send[0][i] + send[1][i]) + self.feedback * echoes[1], echoes[0]];
            for (channel, side) in self.sides.iter_mut().enumerate() {
                let x = side.thin.highpass(side.dark.lowpass(entries[channel]));
                side.line[self.head] = flush(x);
                peak = peak.max(x.abs());
                out[channel][i] += LEVEL * gain[i] * echoes[channel];
            }
            self.head += 1;
            if self.head == length {
                self.head = 0;
            }
        }
        self.quiet_frames =
            if peak < ASLEEP_PEAK { self.quiet_frames.saturating_add(BLOCK_FRAMES) } else { 0 };
    }

    /// Silence at once.
    pub(crate) fn clear(&mut self) {
        if self.is_asleep() {
            return;
        }
        for side in &mut self.sides {
            side.clear();
        }
        self.quiet_frames = self.sides[0].line.len();
    }
}

fn frames_at(bpm: f32, beats: f32, sample_rate: f32) -> usize {
    (((60.0 / bpm * beats).min(LONGEST) * sample_rate) as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn echoes_a_dotted_eighth_apart_left_then_right() {
        let mut delay = Delay::new(48_000.0);
        delay.set_tempo(150.0);
        let period = 14_400; // 0.75 · 60 / 150 s
        let ones = [1.0; BLOCK_FRAMES];
        let mut heard = [Vec::new(), Vec::new()];
        for block in 0..900 {
            let mut send = [[0.0; BLOCK_FRAMES]; 2];
            if block == 0 {
                send = [[0.5; BLOCK_FRAMES]; 2];
            }
            let mut out = [[0.0; BLOCK_FRAMES]; 2];
            delay.process(&send, &ones, &mut out);
            for (heard, out) in heard.iter_mut().zip(&out) {
                heard.extend_from_slice(out);
            }
        }
        for (side, heard) in heard.iter().enumerate() {
            for echo in 1..4 {
                let around = &heard[echo * period - 500..echo * period + 500];
                let peak = around.iter().fold(0.0f32, |m, x| m.max(x.abs()));
                let expected_here = (echo % 2 == 1) == (side == 0);
                assert_eq!(peak > 0.02, expected_here, "side {side}, echo {echo}: {peak}");
            }
        }
        assert_eq!(heard[0][period - 1], 0.0);
        assert!(heard[0][period] != 0.0, "the first echo is exact");
    }
}
