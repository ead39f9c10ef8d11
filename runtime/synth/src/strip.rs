//! The strip of a slot: filters, gain and position, and how much goes to the effects.

use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};
use std::ops::Range;

use crate::command::SlotControl;
use crate::filter::{Svf, SvfCoefficients};
use crate::glide::Glide;
use crate::mixer::BLOCK_FRAMES;
use crate::oscillator::{CONTROL_FRAMES, sine};

/// What a slot sends to the reverb until told otherwise: a small room around everything.
pub const DEFAULT_REVERB: f32 = 0.12;

/// Frames that a strip goes on after its last voice, for its filters to ring out.
const TAIL_FRAMES: u32 = 4096;

/// Where the strips add up, by channel.
pub(crate) struct Buses {
    pub(crate) dry: [[f32; BLOCK_FRAMES]; 2],
    pub(crate) reverb: [[f32; BLOCK_FRAMES]; 2],
    pub(crate) delay: [[f32; BLOCK_FRAMES]; 2],
}

impl Buses {
    pub(crate) fn new() -> Self {
        let silence = [[0.0; BLOCK_FRAMES]; 2];
        Buses { dry: silence, reverb: silence, delay: silence }
    }
}

/// A filter that is out of the way while its cutoff rests at the neutral end.
#[derive(Clone, Copy, Debug)]
struct Cut {
    /// Octaves over 1 Hz, so that glides are even to the ear.
    octaves: Glide,
    neutral: f32,
    channels: [Svf; 2],
}

impl Cut {
    fn new(neutral_hertz: f32) -> Self {
        let neutral = neutral_hertz.log2();
        Cut { octaves: Glide::new(neutral), neutral, channels: Default::default() }
    }

    /// Runs `tick` over the block in control pieces, or passes by.
    #[inline(always)]
    fn run(
        &mut self,
        block: [&mut [f32]; 2],
        sample_rate: f32,
        tick: impl Fn(&mut Svf, f32, &SvfCoefficients) -> f32,
    ) {
        let [left, right] = block;
        if self.octaves.rests_at(self.neutral) {
            self.channels = Default::default();
            return;
        }
        let pieces = left.chunks_mut(CONTROL_FRAMES).zip(right.chunks_mut(CONTROL_FRAMES));
        for (left, right) in pieces {
            let octaves = self.octaves.advance(left.len() as u32);
            let c = SvfCoefficients::new(octaves.exp2(), FRAC_1_SQRT_2, sample_rate);
            for (channel, samples) in self.channels.iter_mut().zip([left, right]) {
                for x in samples {
                    *x = tick(channel, *x, &c);
                }
                channel.flush();
            }
        }
    }
}

pub(crate) struct Strip {
    input: [[f32; BLOCK_FRAMES]; 2],
    sounding: bool,
    tail: u32,
    gain: Glide,
    pan: Glide,
    lowpass: Cut,
    highpass: Cut,
    reverb: Glide,
    delay: Glide,
    sample_rate: f32,
}

impl Strip {
    pub(crate) fn new(sample_rate: f32) -> Self {
        Strip {
            input: [[0.0; BLOCK_FRAMES]; 2],
            sounding: false,
            tail: 0,
            gain: Glide::new(1.0),
            pan: Glide::new(0.0),
            lowpass: Cut::new(SlotControl::Lowpass.range().1),
            highpass: Cut::new(SlotControl::Highpass.range().0),
            reverb: Glide::new(DEFAULT_REVERB),
            delay: Glide::new(0.0),
            sample_rate,
        }
    }

    /// Moves a control; `value` is a number within its range.
    pub(crate) fn set(&mut self, control: SlotControl, value: f32, frames: u32) {
        // While nothing sounds a jump is inaudible, and exact.
        let frames = if self.tail == 0 { frames } else { frames.max(BLOCK_FRAMES as u32) };
        match control {
            SlotControl::Gain => self.gain.to(value, frames),
            SlotControl::Pan => self.pan.to(value, frames),
            SlotControl::Lowpass => self.lowpass.octaves.to(value.log2(), frames),
            SlotControl::Highpass => self.highpass.octaves.to(value.log2(), frames),
            SlotControl::Reverb => self.reverb.to(value, frames),
            SlotControl::Delay => self.delay.to(value, frames),
        }
    }

    /// Adds what a voice rendered for `range` of the block.
    #[inline]
    pub(crate) fn add(&mut self, range: Range<usize>, left: &[f32], right: &[f32]) {
        self.sounding = true;
        for (sum, side) in self.input.iter_mut().zip([left, right]) {
            for (sum, x) in sum[range.clone()].iter_mut().zip(side) {
                *sum += x;
            }
        }
    }

    /// Sends what came in over `range` through the strip to the buses; the peak that went out.
    pub(crate) fn process(&mut self, range: Range<usize>, buses: &mut Buses) -> f32 {
        let frames = range.len();
        if self.sounding {
            self.sounding = false;
            self.tail = TAIL_FRAMES;
        } else {
            self.tail = self.tail.saturating_sub(frames as u32);
            if self.tail == 0 {
                self.pass_time(frames as u32);
                return 0.0;
            }
        }
        let [left, right] = &mut self.input;
        let (left, right) = (&mut left[range.clone()], &mut right[range.clone()]);
        let rate = self.sample_rate;
        self.highpass.run([&mut *left, &mut *right], rate, |f, x, c| f.highpass(x, c));
        self.lowpass.run([&mut *left, &mut *right], rate, |f, x, c| f.lowpass(x, c));

        let mut peak = 0.0f32;
        let moving = self.gain.is_moving()
            || self.pan.is_moving()
            || self.reverb.is_moving()
            || self.delay.is_moving();
        let mut gains = sides(self.gain.value(), self.pan.value());
        let mut reverb = self.reverb.value();
        let mut delay = self.delay.value();
        for (i, at) in range.enumerate() {
            if moving {
                gains = sides(self.gain.next(), self.pan.next());
                reverb = self.reverb.next();
                delay = self.delay.next();
            }
            for (channel, samples) in [&mut *left, &mut *right].into_iter().enumerate() {
                let x = gains[channel] * samples[i];
                // Nothing that is not a number may reach the feedback of an effect.
                let x = if x.is_finite() { x } else { 0.0 };
                samples[i] = 0.0;
                peak = peak.max(x.abs());
                buses.dry[channel][at] += x;
                buses.reverb[channel][at] += reverb * x;
                buses.delay[channel][at] += delay * x;
            }
        }
        peak
    }

    /// Glides go on while nothing sounds, and filters forget.
    fn pass_time(&mut self, frames: u32) {
        for glide in [&mut self.gain, &mut self.pan, &mut self.reverb, &mut self.delay] {
            glide.advance(frames);
        }
        for cut in [&mut self.lowpass, &mut self.highpass] {
            cut.octaves.advance(frames);
            cut.channels = Default::default();
        }
    }
}

/// Gain of each channel: constant power, and 1 in the middle.
fn sides(gain: f32, pan: f32) -> [f32; 2] {
    if pan == 0.0 {
        return [gain, gain];
    }
    // An eighth of a cycle from either end.
    let angle = (pan + 1.0) * 0.125;
    [gain * SQRT_2 * sine(angle + 0.25), gain * SQRT_2 * sine(angle)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(strip: &mut Strip, x: f32) -> Buses {
        let mut buses = Buses::new();
        strip.add(0..BLOCK_FRAMES, &[x; BLOCK_FRAMES], &[x; BLOCK_FRAMES]);
        strip.process(0..BLOCK_FRAMES, &mut buses);
        buses
    }

    #[test]
    fn a_neutral_strip_changes_nothing() {
        let buses = through(&mut Strip::new(48_000.0), 0.3);
        assert_eq!(buses.dry, [[0.3; BLOCK_FRAMES]; 2]);
        assert_eq!(buses.delay, [[0.0; BLOCK_FRAMES]; 2]);
        assert_eq!(buses.reverb[0][0], 0.3 * DEFAULT_REVERB);
    }

    #[test]
    fn position_keeps_the_power() {
        for pan in [-1.0, -0.4, 0.0, 0.25, 1.0] {
            let [l, r] = sides(1.0, pan);
            assert!((l * l + r * r - 2.0).abs() < 3e-5, "pan {pan}: {l}, {r}");
        }
        assert!(sides(1.0, -1.0)[1].abs() < 1e-5);
    }

    #[test]
    fn a_glide_is_a_straight_line_over_frames() {
        let mut strip = Strip::new(48_000.0);
        through(&mut strip, 1.0);
        strip.set(SlotControl::Gain, 2.0, 128);
        let first = through(&mut strip, 1.0).dry[0];
        let second = through(&mut strip, 1.0).dry[0];
        for (i, x) in first.iter().chain(&second).enumerate() {
            let expected = 1.0 + (i + 1) as f32 / 128.0;
            assert!((x - expected).abs() < 1e-5, "frame {i}: {x}");
        }
    }

    #[test]
    fn what_is_not_a_number_ends_here() {
        let mut strip = Strip::new(48_000.0);
        strip.set(SlotControl::Lowpass, 900.0, 0);
        assert_eq!(through(&mut strip, f32::NAN).dry, [[0.0; BLOCK_FRAMES]; 2]);
        let after = through(&mut strip, 0.5);
        assert!(after.dry[0][BLOCK_FRAMES - 1] > 0.1, "the filter has recovered");
    }
}
