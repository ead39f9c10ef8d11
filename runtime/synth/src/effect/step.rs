//! Fewer bits and fewer samples: the sound of early samplers.

#[derive(Clone, Debug)]
pub(crate) struct Steps {
    /// Steps from 0 to 1; infinite leaves every bit.
    height: f32,
    /// Frames that each sample is held for.
    length: f32,
    left: f32,
    held: [f32; 2],
}

impl Steps {
    /// `bits` in 1..=16, where 16 changes nothing; each sample is held for `coarse` frames.
    pub(crate) fn new(bits: f32, coarse: f32) -> Self {
        let mut steps = Steps { height: 0.0, length: 1.0, left: 0.0, held: [0.0; 2] };
        steps.set(bits, coarse);
        steps
    }

    pub(crate) fn set(&mut self, bits: f32, coarse: f32) {
        self.height = if bits >= 16.0 { 0.0 } else { (bits - 1.0).exp2() };
        self.length = coarse.max(1.0);
    }

    pub(crate) fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (l, r) in left.iter_mut().zip(right) {
            if self.left < 1.0 {
                self.left += self.length;
                self.held = [*l, *r]
                    .map(|x| if self.height > 0.0 { (x * self.height).round() / self.height } else { x });
            }
            self.left -= 1.0;
            [*l, *r] = self.held;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.left = 0.0;
        self.held = [0.0; 2];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_in_height_and_in_time() {
        let mut left: [f32; 9] = std::array::from_fn(|i| i as f32 / 9.0);
        let mut right = left;
        Steps::new(3.0, 3.0).process(&mut left, &mut right);
        assert_eq!(left, [0.0, 0.0, 0.0, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75]);
        assert_eq!(left, right);
        let mut plain = left;
        Steps::new(16.0, 1.0).process(&mut plain, &mut right);
        assert_eq!(plain, left);
    }
}
