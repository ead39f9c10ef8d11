//! The controls of a strip, each on its way to where it was told to go.

use crate::glide::Glide;
use crate::slot_control::SlotControl;

const COUNT: usize = SlotControl::ALL.len();

/// One glide for each control. Frequencies go by octaves, so that glides are even to the ear.
#[derive(Clone, Debug)]
pub(crate) struct Controls {
    glides: [Glide; COUNT],
}

/// Whether a control counts octaves over 1 Hz here.
fn by_octaves(control: SlotControl) -> bool {
    use SlotControl::{Bandpass, Highpass, Lowpass, RingFrequency};
    matches!(control, Lowpass | Highpass | Bandpass | RingFrequency)
}

fn inside(control: SlotControl, value: f32) -> f32 {
    if by_octaves(control) { value.max(1.0).log2() } else { value }
}

fn outside(control: SlotControl, value: f32) -> f32 {
    if by_octaves(control) { value.exp2() } else { value }
}

impl Controls {
    /// All at their neutral values.
    pub(crate) fn new() -> Self {
        let neutral = |n: usize| Glide::new(inside(SlotControl::ALL[n], SlotControl::ALL[n].neutral()));
        Controls { glides: std::array::from_fn(neutral) }
    }

    /// Moves a control; `value` is a number within its range.
    pub(crate) fn set(&mut self, control: SlotControl, value: f32, frames: u32) {
        self.glides[control as usize].to(inside(control, value), frames);
    }

    /// The value now, in the unit of the control.
    pub(crate) fn value(&self, control: SlotControl) -> f32 {
        outside(control, self.glides[control as usize].value())
    }

    /// One frame on; the value after it.
    #[inline(always)]
    pub(crate) fn next(&mut self, control: SlotControl) -> f32 {
        self.advance(control, 1)
    }

    /// `frames` on; the value after them.
    #[inline]
    pub(crate) fn advance(&mut self, control: SlotControl, frames: u32) -> f32 {
        outside(control, self.glides[control as usize].advance(frames))
    }

    pub(crate) fn is_moving(&self, control: SlotControl) -> bool {
        self.glides[control as usize].is_moving()
    }

    /// Whether a control stands at its neutral value.
    #[inline]
    pub(crate) fn rests(&self, control: SlotControl) -> bool {
        self.glides[control as usize].rests_at(inside(control, control.neutral()))
    }

    pub(crate) fn pass(&mut self, frames: u32) {
        for glide in &mut self.glides {
            glide.advance(frames);
        }
    }
}
