//! A value on its way to another in a straight line, one step a frame.

/// A control value and where it is going. It arrives exactly, after exactly the frames asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glide {
    value: f32,
    target: f32,
    step: f32,
    remaining: u32,
}

impl Glide {
    pub(crate) fn new(value: f32) -> Self {
        Glide { value, target: value, step: 0.0, remaining: 0 }
    }

    /// Sets out for `target`, to arrive after `frames`; 0 frames is a jump.
    pub(crate) fn to(&mut self, target: f32, frames: u32) {
        self.target = target;
        self.remaining = frames;
        if frames == 0 {
            self.value = target;
        } else {
            self.step = (target - self.value) / frames as f32;
        }
    }

    pub(crate) fn value(&self) -> f32 {
        self.value
    }

    pub(crate) fn is_moving(&self) -> bool {
        self.remaining > 0
    }

    /// Whether it stands at `value`.
    pub(crate) fn rests_at(&self, value: f32) -> bool {
        self.remaining == 0 && self.value == value
    }

    /// One frame on; the value after it.
    pub(crate) fn next(&mut self) -> f32 {
        self.advance(1)
    }

    /// `frames` on; the value after them.
    pub(crate) fn advance(&mut self, frames: u32) -> f32 {
        if self.remaining > frames {
            self.remaining -= frames;
            self.value += self.step * frames as f32;
        } else {
            self.remaining = 0;
            self.value = self.target;
        }
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn arrives_exactly_and_never_overshoots(
            from in -10.0f32..10.0, to in -10.0f32..10.0, frames in 0u32..3000,
        ) {
            let mut glide = Glide::new(from);
            glide.to(to, frames);
            let (low, high) = (from.min(to) - 1e-3, from.max(to) + 1e-3);
            for _ in 1..frames {
                let value = glide.next();
                prop_assert!(low <= value && value <= high);
                prop_assert!(glide.is_moving());
            }
            glide.next();
            prop_assert!(glide.rests_at(to));
        }
    }

    #[test]
    fn a_turn_on_the_way_starts_where_it_is() {
        let mut glide = Glide::new(0.0);
        glide.to(1.0, 4);
        assert_eq!(glide.next(), 0.25);
        glide.to(0.0, 1);
        assert_eq!(glide.value(), 0.25);
        assert_eq!(glide.next(), 0.0);
    }
}
