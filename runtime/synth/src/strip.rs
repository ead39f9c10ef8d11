//! The strip of a slot or a bus: its effects, gain and position, ducking, and how much goes to the
//! reverb and the delay.

use std::f32::consts::SQRT_2;
use std::ops::Range;

use crate::controls::Controls;
use crate::duck::Duck;
use crate::glide::Glide;
use crate::mixer::BLOCK_FRAMES;
use crate::oscillator::sine;
use crate::rack::Rack;
use crate::slot_control::SlotControl;

/// What a slot sends to the reverb until told otherwise: a small room around everything.
pub const DEFAULT_REVERB: f32 = 0.12;

/// Frames that a strip goes on after its last voice, for its effects to ring out.
const TAIL_FRAMES: u32 = 8192;

/// Equaliser and distortions take at least so many frames to a new value.
const STEPPED_FRAMES: u32 = 1024;

/// Frames that a strip takes from one bus to another.
const REROUTE_FRAMES: u32 = 256;

/// A bus that a strip goes to over a piece: its gain in front of the first frame, and what is added to that
/// for each frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Share {
    pub(crate) bus: u16,
    pub(crate) gain: f32,
    pub(crate) step: f32,
}

/// A block by channel.
pub(crate) type Block = [[f32; BLOCK_FRAMES]; 2];
pub(crate) const SILENCE: Block = [[0.0; BLOCK_FRAMES]; 2];

/// Where a strip goes.
pub(crate) struct Outputs<'a> {
    pub(crate) dry: &'a mut Block,
    pub(crate) reverb: &'a mut Block,
    pub(crate) delay: &'a mut Block,
}

pub(crate) struct Strip {
    input: Block,
    /// What notes send to the reverb and the delay themselves, and whether there is any.
    sends: [Block; 2],
    sending: bool,
    sounding: bool,
    tail: u32,
    controls: Controls,
    rack: Rack,
    pub(crate) duck: Option<Duck>,
    /// The bus it goes to; 0 is the master.
    bus: u16,
    /// The bus that it has left, and how far it has come over to the new one, 0..=1.
    left: u16,
    over: Glide,
    /// Which reverb and delay it sends to; 0 is what all share.
    pub(crate) reverb: usize,
    pub(crate) delay: usize,
    /// Peak that went out of it last, before it was ducked.
    level: f32,
    /// Its gain and its ducking together, frame by frame.
    turned: [f32; BLOCK_FRAMES],
}

impl Strip {
    pub(crate) fn new(sample_rate: f32) -> Self {
        Strip {
            input: SILENCE,
            sends: [SILENCE; 2],
            sending: false,
            sounding: false,
            tail: 0,
            controls: Controls::new(),
            rack: Rack::new(sample_rate),
            duck: None,
            bus: 0,
            left: 0,
            over: Glide::new(1.0),
            reverb: 0,
            delay: 0,
            level: 0.0,
            turned: [1.0; BLOCK_FRAMES],
        }
    }

    /// A strip that sends nothing to the reverb until told to: what comes in has done so.
    pub(crate) fn of_bus(sample_rate: f32) -> Self {
        let mut strip = Strip::new(sample_rate);
        strip.controls.set(SlotControl::Reverb, 0.0, 0);
        strip
    }

    /// The bus it goes to; 0 is the master.
    pub(crate) fn bus(&self) -> u16 {
        self.bus
    }

    /// Sends it to another bus. What sounds comes over within [`REROUTE_FRAMES`], in a straight line.
    pub(crate) fn route(&mut self, bus: u16) {
        if bus == self.bus {
            return;
        }
        // Back where it comes from: the way is the same, the other way round.
        let over = if bus == self.left { 1.0 - self.over.value() } else { 0.0 };
        (self.left, self.bus) = (self.bus, bus);
        self.over = Glide::new(over);
        self.over.to(1.0, if self.is_active() { REROUTE_FRAMES } else { 0 });
    }

    /// Whether it goes to a bus, or comes from one.
    pub(crate) fn is_bused(&self) -> bool {
        self.bus > 0 || (self.left > 0 && self.over.is_moving())
    }

    /// Its gain and its ducking together at each frame of the block, up to the end of the piece that was
    /// processed last.
    pub(crate) fn turned(&self) -> &[f32; BLOCK_FRAMES] {
        &self.turned
    }

    /// Where the next `frames` of it go; the way over to another bus is gone on with.
    pub(crate) fn shares(&mut self, frames: usize) -> [Option<Share>; 2] {
        if !self.over.is_moving() {
            return [Some(Share { bus: self.bus, gain: 1.0, step: 0.0 }), None];
        }
        let from = self.over.value();
        let step = (self.over.advance(frames as u32) - from) / frames as f32;
        let coming = Share { bus: self.bus, gain: from, step };
        [Some(coming), Some(Share { bus: self.left, gain: 1.0 - from, step: -step })]
    }

    /// Moves a control; `value` is a number within its range.
    pub(crate) fn set(&mut self, control: SlotControl, value: f32, frames: u32) {
        // While nothing sounds a jump is inaudible, and exact.
        use SlotControl::{
            Damp, DelayFeedback, DelayTime, Distort, Drive, EqHigh, EqLow, EqMid, Fold, Shape, Size,
        };
        let frames = match control {
            // Reverb and delay come to a new setting in their own time.
            Damp | DelayFeedback | DelayTime | Size => 0,
            _ if self.tail == 0 => frames,
            // Their gains move once a control piece.
            EqLow | EqMid | EqHigh | Drive | Distort | Fold | Shape => frames.max(STEPPED_FRAMES),
            _ => frames.max(BLOCK_FRAMES as u32),
        };
        self.controls.set(control, value, frames);
        self.rack.wake();
    }

    pub(crate) fn value(&self, control: SlotControl) -> f32 {
        self.controls.value(control)
    }

    /// Whether a control stands at its neutral value.
    pub(crate) fn rests(&self, control: SlotControl) -> bool {
        self.controls.rests(control)
    }

    /// Peak that went out of it last, before it was ducked.
    pub(crate) fn level(&self) -> f32 {
        self.level
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

    /// Where another strip adds what it has; it counts as sound.
    pub(crate) fn take_in(&mut self) -> &mut Block {
        self.sounding = true;
        &mut self.input
    }

    /// Adds what a note sends to the reverb and the delay itself, by `levels`. It goes there past the
    /// effects of the strip, at its gain and position.
    pub(crate) fn send(&mut self, range: Range<usize>, levels: [f32; 2], left: &[f32], right: &[f32]) {
        self.sending = true;
        for (send, level) in self.sends.iter_mut().zip(levels) {
            for (sum, side) in send.iter_mut().zip([left, right]) {
                for (sum, x) in sum[range.clone()].iter_mut().zip(side) {
                    *sum += level * x;
                }
            }
        }
    }

    /// Whether there will be sound in the next piece: what came in, or a tail.
    pub(crate) fn is_active(&self) -> bool {
        self.sounding || self.tail > 0
    }

    /// Sends what came in over `range` through the strip to the outputs; the peak that went out.
    /// `key` is the level of the strip that this one ducks for.
    pub(crate) fn process(&mut self, range: Range<usize>, key: f32, outputs: Outputs<'_>) -> f32 {
        let frames = range.len();
        if let Some(duck) = &mut self.duck {
            duck.hear(key);
        }
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
        self.rack.process(&mut self.controls, left, right);

        use SlotControl::{Delay, Gain, Pan, Reverb};
        let controls = &mut self.controls;
        let moving = [Gain, Pan, Reverb, Delay].into_iter().any(|control| controls.is_moving(control));
        let mut gain = controls.value(Gain);
        let mut gains = sides(gain, controls.value(Pan));
        let (mut reverb, mut delay) = (controls.value(Reverb), controls.value(Delay));
        let mut duck = self.duck.as_mut().filter(|duck| !duck.is_open());
        let mut peak = 0.0f32;
        let mut loudest = 0.0f32;
        for (i, at) in range.enumerate() {
            if moving {
                gain = controls.next(Gain);
                gains = sides(gain, controls.next(Pan));
                reverb = controls.next(Reverb);
                delay = controls.next(Delay);
            }
            let ducked = duck.as_mut().map_or(1.0, |duck| duck.next());
            self.turned[at] = ducked * gain;
            for (channel, samples) in [&mut *left, &mut *right].into_iter().enumerate() {
                let x = gains[channel] * samples[i];
                // Nothing that is not a number may reach the feedback of an effect.
                let x = if x.is_finite() { x } else { 0.0 };
                samples[i] = 0.0;
                loudest = loudest.max(x.abs());
                let x = ducked * x;
                peak = peak.max(x.abs());
                outputs.dry[channel][at] += x;
                outputs.reverb[channel][at] += reverb * x;
                outputs.delay[channel][at] += delay * x;
                if self.sending {
                    let gain = ducked * gains[channel];
                    for (send, bus) in self.sends.iter_mut().zip([&mut *outputs.reverb, &mut *outputs.delay])
                    {
                        let x = gain * std::mem::take(&mut send[channel][at]);
                        bus[channel][at] += if x.is_finite() { x } else { 0.0 };
                    }
                }
            }
        }
        self.sending = false;
        self.level = loudest;
        peak
    }

    /// Glides go on while nothing sounds, and effects forget.
    fn pass_time(&mut self, frames: u32) {
        self.controls.pass(frames);
        self.level = 0.0;
        if let Some(duck) = &mut self.duck {
            duck.advance(frames);
        }
    }

    /// Silence at once.
    pub(crate) fn clear(&mut self) {
        self.input = SILENCE;
        self.sends = [SILENCE; 2];
        self.sending = false;
        self.sounding = false;
        self.tail = 0;
        self.level = 0.0;
        self.over = Glide::new(1.0);
        if !self.rack.is_idle() {
            self.rack.clear();
        }
    }
}

/// Gain of each channel: constant power, and 1 in the middle.
pub(crate) fn sides(gain: f32, pan: f32) -> [f32; 2] {
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

    struct Heard {
        dry: Block,
        reverb: Block,
        delay: Block,
    }

    fn through(strip: &mut Strip, x: f32) -> Heard {
        let mut heard = Heard { dry: SILENCE, reverb: SILENCE, delay: SILENCE };
        strip.add(0..BLOCK_FRAMES, &[x; BLOCK_FRAMES], &[x; BLOCK_FRAMES]);
        let outputs = Outputs { dry: &mut heard.dry, reverb: &mut heard.reverb, delay: &mut heard.delay };
        strip.process(0..BLOCK_FRAMES, 0.0, outputs);
        heard
    }

    #[test]
    fn a_neutral_strip_changes_nothing() {
        let heard = through(&mut Strip::new(48_000.0), 0.3);
        assert_eq!(heard.dry, [[0.3; BLOCK_FRAMES]; 2]);
        assert_eq!(heard.delay, SILENCE);
        assert_eq!(heard.reverb[0][0], 0.3 * DEFAULT_REVERB);
        assert_eq!(through(&mut Strip::of_bus(48_000.0), 0.3).reverb, SILENCE);
    }

    #[test]
    fn effects_that_come_back_to_neutral_leave_no_trace() {
        for control in SlotControl::ALL.iter().copied() {
            let mut strip = Strip::new(48_000.0);
            through(&mut strip, 0.3);
            let (least, greatest) = control.range();
            strip.set(control, least + 0.4 * (greatest - least), 0);
            for _ in 0..20 {
                through(&mut strip, 0.3);
            }
            strip.set(control, control.neutral(), 0);
            for _ in 0..20 {
                through(&mut strip, 0.3);
            }
            assert_eq!(through(&mut strip, 0.3).dry, [[0.3; BLOCK_FRAMES]; 2], "{}", control.name());
            assert!(strip.rack.is_idle(), "{}", control.name());
        }
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
        for control in SlotControl::ALL.iter().copied() {
            let mut strip = Strip::new(48_000.0);
            let (least, greatest) = control.range();
            strip.set(control, least + 0.4 * (greatest - least), 0);
            let heard = through(&mut strip, f32::NAN).dry;
            assert!(heard.iter().flatten().all(|x| x.is_finite()), "{}", control.name());
            for _ in 0..40 {
                through(&mut strip, 0.5);
            }
            let after = through(&mut strip, 0.5).dry;
            let has_recovered = after.iter().flatten().any(|x| x.abs() > 0.01);
            // These take a constant out.
            let thins = [SlotControl::Bandpass, SlotControl::Highpass, SlotControl::Vowel].contains(&control);
            assert!(has_recovered || thins, "{}", control.name());
        }
    }
}
