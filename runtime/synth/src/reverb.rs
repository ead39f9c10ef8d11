//! The reverb: Dattorro's plate ("Effect design, part 1: reverberator and other filters", JAES
//! 45(9), 1997): four diffusers in a row, then a tank of two crossed loops, tapped at fourteen
//! places. Delays are given at the paper's 29,761 Hz and scaled.

use crate::filter::{OnePole, flush};
use crate::mixer::BLOCK_FRAMES;
use crate::oscillator::{Phase, sine};

const PAPER_RATE: f32 = 29_761.0;
/// Seconds before the first reflection.
const PRE_DELAY: f32 = 0.014;
/// Seconds for 60 dB at a size of 0, and how many times longer they are at 1: two seconds in the
/// middle.
const SHORTEST: f32 = 0.4;
const LONGER: f32 = 25.0;
/// Seconds of a round of the tank, for its gain a round.
const ROUND: f32 = 0.087;
/// Cutoff of the damping at 0, and how many times lower it is at 1.
const DAMPING_HERTZ: f32 = 16_000.0;
const DARKER: f32 = 9.5;
/// Part of the way to a new size or damping that a block takes.
const SETTLING: f32 = 0.03;
/// Kicks and basses stay out of the plate.
const LOW_CUT_HERTZ: f32 = 170.0;
const DECAY_DIFFUSION: [f32; 2] = [0.7, 0.5];
const INPUT_DIFFUSERS: [(f32, f32); 4] = [(142.0, 0.75), (107.0, 0.75), (379.0, 0.625), (277.0, 0.625)];
/// How far the first allpass of each loop wanders, in frames of the paper, and how fast.
const EXCURSION: f32 = 9.0;
const WANDER_HERTZ: [f32; 2] = [0.71, 0.93];
/// Level of the return at a send of 1.
const LEVEL: f32 = 0.75;
/// Under this peak, for this many blocks, the plate sleeps.
const ASLEEP_PEAK: f32 = 1e-6;
const ASLEEP_BLOCKS: u32 = 400;

/// A delay line that is read at fixed or moving places behind its head.
#[derive(Clone, Debug)]
struct Line {
    samples: Vec<f32>,
    head: usize,
    length: usize,
}

impl Line {
    fn new(paper_frames: f32, margin: f32, scale: f32) -> Self {
        let length = ((paper_frames * scale) as usize).max(1);
        Line { samples: vec![0.0; length + (margin * scale) as usize + 2], head: 0, length }
    }

    /// The sample written `frames` ago; 1 is the last one.
    #[inline(always)]
    fn tap(&self, frames: usize) -> f32 {
        let at =
            if self.head >= frames { self.head - frames } else { self.head + self.samples.len() - frames };
        self.samples[at]
    }

    #[inline(always)]
    fn end(&self) -> f32 {
        self.tap(self.length)
    }

    /// Between two samples, in a straight line.
    #[inline(always)]
    fn tap_between(&self, frames: f32) -> f32 {
        let whole = frames as usize;
        let part = frames - whole as f32;
        let near = self.tap(whole);
        near + part * (self.tap(whole + 1) - near)
    }

    #[inline(always)]
    fn write(&mut self, x: f32) {
        self.samples[self.head] = flush(x);
        self.head += 1;
        if self.head == self.samples.len() {
            self.head = 0;
        }
    }

    /// The allpass around this line, where `delayed` is what is read from it.
    #[inline(always)]
    fn allpass(&mut self, x: f32, delayed: f32, gain: f32) -> f32 {
        let inner = x - gain * delayed;
        self.write(inner);
        delayed + gain * inner
    }

    fn clear(&mut self) {
        self.samples.fill(0.0);
    }
}

/// One of the two crossed loops.
#[derive(Clone, Debug)]
struct Loop {
    wandering: Line,
    wander: Phase,
    first: Line,
    damping: OnePole,
    diffuser: Line,
    second: Line,
}

impl Loop {
    /// Takes one sample in, with what the other loop gave.
    #[inline(always)]
    fn run(&mut self, x: f32, excursion: f32, decay: f32) {
        let place = self.wandering.length as f32 + excursion * sine(self.wander.next());
        let delayed = self.wandering.tap_between(place);
        let x = self.wandering.allpass(x, delayed, -DECAY_DIFFUSION[0]);
        let out = self.first.end();
        self.first.write(x);
        let damped = decay * self.damping.lowpass(out);
        let delayed = self.diffuser.end();
        let x = self.diffuser.allpass(damped, delayed, DECAY_DIFFUSION[1]);
        self.second.write(x);
    }
}

pub(crate) struct Reverb {
    pre_delay: Line,
    low_cut: OnePole,
    diffusers: [(Line, f32); 4],
    loops: [Loop; 2],
    /// Places of the taps, scaled.
    taps: [[usize; 7]; 2],
    excursion: f32,
    /// Gain a round of the tank, and what it comes to.
    decay: f32,
    decay_aim: f32,
    /// Cutoff of the damping in octaves over 1 Hz, and what it comes to.
    damping: f32,
    damping_aim: f32,
    sample_rate: f32,
    quiet_blocks: u32,
}

impl Reverb {
    pub(crate) fn new(sample_rate: f32) -> Self {
        let scale = sample_rate / PAPER_RATE;
        let make = |wandering: f32, first: f32, diffuser: f32, second: f32, hertz: f32| Loop {
            wandering: Line::new(wandering, EXCURSION + 2.0, scale),
            wander: Phase::new(hertz, sample_rate, 0.0),
            first: Line::new(first, 0.0, scale),
            damping: OnePole::new(damping_of(0.5).exp2(), sample_rate),
            diffuser: Line::new(diffuser, 0.0, scale),
            second: Line::new(second, 0.0, scale),
        };
        let scaled = |taps: [f32; 7]| taps.map(|t| ((t * scale) as usize).max(1));
        Reverb {
            pre_delay: Line::new(PRE_DELAY * PAPER_RATE, 0.0, scale),
            low_cut: OnePole::new(LOW_CUT_HERTZ, sample_rate),
            diffusers: INPUT_DIFFUSERS.map(|(frames, gain)| (Line::new(frames, 0.0, scale), gain)),
            loops: [
                make(672.0, 4453.0, 1800.0, 3720.0, WANDER_HERTZ[0]),
                make(908.0, 4217.0, 2656.0, 3163.0, WANDER_HERTZ[1]),
            ],
            // Table 2 of the paper: left reads the right loop first, then the left one.
            taps: [
                scaled([266.0, 2974.0, 1913.0, 1996.0, 1990.0, 187.0, 1066.0]),
                scaled([353.0, 3627.0, 1228.0, 2673.0, 2111.0, 335.0, 121.0]),
            ],
            excursion: EXCURSION * scale,
            decay: decay_of(0.5),
            decay_aim: decay_of(0.5),
            damping: damping_of(0.5),
            damping_aim: damping_of(0.5),
            sample_rate,
            quiet_blocks: ASLEEP_BLOCKS,
        }
    }

    /// Size of the room and loss of treble, both 0..=1.
    pub(crate) fn set(&mut self, size: f32, damp: f32) {
        self.decay_aim = decay_of(size);
        self.damping_aim = damping_of(damp);
        if self.is_asleep() {
            self.decay = self.decay_aim;
            self.settle(self.damping_aim);
        }
    }

    /// Whether nothing rings.
    pub(crate) fn is_asleep(&self) -> bool {
        self.quiet_blocks >= ASLEEP_BLOCKS
    }

    fn settle(&mut self, damping: f32) {
        self.damping = damping;
        for tank in &mut self.loops {
            tank.damping.set(damping.exp2(), self.sample_rate);
        }
    }

    /// Adds the reverberation of `send` to `out`, `gain` frame by frame.
    pub(crate) fn process(
        &mut self,
        send: &[[f32; BLOCK_FRAMES]; 2],
        gain: &[f32; BLOCK_FRAMES],
        out: &mut [[f32; BLOCK_FRAMES]; 2],
    ) {
        let mut peak = send.iter().flatten().fold(0.0f32, |m, x| m.max(x.abs()));
        if self.quiet_blocks >= ASLEEP_BLOCKS && peak == 0.0 {
            // The wandering goes on in its sleep, so that an echo does not depend on what rang before it: the
            // parts of a mix sound alone as they do together.
            for tank in &mut self.loops {
                for _ in 0..BLOCK_FRAMES {
                    tank.wander.next();
                }
            }
            return;
        }
        self.decay += SETTLING * (self.decay_aim - self.decay);
        if self.damping != self.damping_aim {
            let rest = self.damping_aim - self.damping;
            self.settle(if rest.abs() < 1e-3 { self.damping_aim } else { self.damping + SETTLING * rest });
        }
        let decay = self.decay;
        for i in 0..BLOCK_FRAMES {
            let x = 0.5 * (send[0][i] + send[1][i]);
            let x = self.low_cut.highpass(x);
            let mut x = {
                let delayed = self.pre_delay.end();
                self.pre_delay.write(x);
                delayed
            };
            for (line, gain) in &mut self.diffusers {
                let delayed = line.end();
                x = line.allpass(x, delayed, *gain);
            }
            let [left, right] = &mut self.loops;
            let (from_left, from_right) = (left.second.end(), right.second.end());
            left.run(x + decay * from_right, self.excursion, decay);
            right.run(x + decay * from_left, self.excursion, decay);
            let wet = [read(right, left, &self.taps[0]), read(left, right, &self.taps[1])];
            for (out, wet) in out.iter_mut().zip(wet) {
                peak = peak.max(wet.abs());
                out[i] += LEVEL * gain[i] * wet;
            }
        }
        self.quiet_blocks = if peak < ASLEEP_PEAK { self.quiet_blocks.saturating_add(1) } else { 0 };
    }

    /// Silence at once.
    pub(crate) fn clear(&mut self) {
        if self.is_asleep() {
            return;
        }
        self.pre_delay.clear();
        self.low_cut.clear();
        for (line, _) in &mut self.diffusers {
            line.clear();
        }
        for tank in &mut self.loops {
            tank.damping.clear();
            for line in [&mut tank.wandering, &mut tank.first, &mut tank.diffuser, &mut tank.second] {
                line.clear();
            }
        }
        self.quiet_blocks = ASLEEP_BLOCKS;
    }
}

fn decay_of(size: f32) -> f32 {
    0.001f32.powf(ROUND / (SHORTEST * LONGER.powf(size)))
}

/// In octaves over 1 Hz.
fn damping_of(damp: f32) -> f32 {
    (DAMPING_HERTZ * DARKER.powf(-damp)).log2()
}

/// One side of the output: four taps of the far loop, three of the near one.
#[inline(always)]
fn read(far: &Loop, near: &Loop, taps: &[usize; 7]) -> f32 {
    0.6 * (far.first.tap(taps[0]) + far.first.tap(taps[1]) - far.diffuser.tap(taps[2])
        + far.second.tap(taps[3])
        - near.first.tap(taps[4])
        - near.diffuser.tap(taps[5])
        - near.second.tap(taps[6]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Peak of each 100 ms after an impulse, by channel.
    fn impulse_response(mut reverb: Reverb, seconds: usize) -> Vec<[f32; 2]> {
        let ones = [1.0; BLOCK_FRAMES];
        let mut peaks = Vec::new();
        for tenth in 0..10 * seconds {
            let mut peak = [0.0f32; 2];
            for block in 0..75 {
                let mut send = [[0.0; BLOCK_FRAMES]; 2];
                if tenth == 0 && block == 0 {
                    send[0][0] = 1.0;
                    send[1][0] = 1.0;
                }
                let mut out = [[0.0; BLOCK_FRAMES]; 2];
                reverb.process(&send, &ones, &mut out);
                for (peak, side) in peak.iter_mut().zip(&out) {
                    *peak = side.iter().fold(*peak, |m, x| m.max(x.abs()));
                }
            }
            peaks.push(peak);
        }
        peaks
    }

    #[test]
    fn rings_for_seconds_on_both_sides_and_then_sleeps() {
        let peaks = impulse_response(Reverb::new(48_000.0), 8);
        for side in 0..2 {
            let early = peaks[..5].iter().map(|p| p[side]).fold(0.0, f32::max);
            assert!(early > 0.005, "side {side} answers: {early}");
            assert!(peaks[10][side] > 1e-4, "still rings after a second");
            assert!(peaks[40][side] < early * 1e-2, "40 dB down after four seconds");
        }
        assert_eq!(peaks[79], [0.0, 0.0], "asleep");
    }

    #[test]
    fn a_larger_room_rings_longer_and_a_damped_one_loses_its_treble() {
        let after = |size: f32, tenth: usize| {
            let mut reverb = Reverb::new(48_000.0);
            reverb.set(size, 0.5);
            impulse_response(reverb, 2)[tenth][0]
        };
        assert!(after(0.0, 8) < 0.05 * after(0.5, 8), "a closet is over");
        assert!(after(1.0, 19) > 3.0 * after(0.5, 19), "a cathedral goes on");
        let mut reverb = Reverb::new(48_000.0);
        reverb.set(0.5, 1.0);
        assert!((reverb.damping.exp2() - 1684.0).abs() < 5.0, "{}", reverb.damping.exp2());
    }

    #[test]
    fn clearing_is_silence() {
        let mut reverb = Reverb::new(44_100.0);
        let ones = [1.0; BLOCK_FRAMES];
        let mut out = [[0.0; BLOCK_FRAMES]; 2];
        for _ in 0..200 {
            reverb.process(&[[0.5; BLOCK_FRAMES]; 2], &ones, &mut out);
        }
        reverb.clear();
        let mut out = [[0.0; BLOCK_FRAMES]; 2];
        reverb.process(&[[0.0; BLOCK_FRAMES]; 2], &ones, &mut out);
        assert_eq!(out, [[0.0; BLOCK_FRAMES]; 2]);
    }
}
