//! The parameters of one note: a small map without memory of its own, so that it travels in a
//! command.

use crate::param::Param;

/// The parameters of one note, at most [`Params::CAPACITY`]. What is not in it is as its instrument
/// has it. Plain data: two maps with the same content are equal, in whatever order it came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Params {
    /// Sorted; the places behind `count` are at rest, so that equal maps are equal.
    keys: [Param; Params::CAPACITY],
    values: [f32; Params::CAPACITY],
    count: u8,
}

/// Why a parameter was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamError {
    /// The value is not a number.
    #[error("{} is not a number", .0.name())]
    NotANumber(Param),
    /// The note has as many parameters as it can carry.
    #[error("a note carries at most {} parameters, so there is no room for {}", Params::CAPACITY, .0.name())]
    Full(Param),
}

impl Params {
    /// How many parameters a note can carry.
    pub const CAPACITY: usize = 24;

    /// None at all.
    pub const NONE: Params =
        Params { keys: [Param::Attack; Params::CAPACITY], values: [0.0; Params::CAPACITY], count: 0 };

    /// Sets `param` to `value`, kept within its range, in place of what was there.
    ///
    /// # Errors
    ///
    /// [`ParamError`] when the value is not a number or the map is full; nothing is changed then.
    pub fn set(&mut self, param: Param, value: f32) -> Result<(), ParamError> {
        let value = param.keep(value).ok_or(ParamError::NotANumber(param))?;
        let count = usize::from(self.count);
        match self.keys[..count].binary_search(&param) {
            Ok(at) => self.values[at] = value,
            Err(_) if count == Params::CAPACITY => return Err(ParamError::Full(param)),
            Err(at) => {
                self.keys.copy_within(at..count, at + 1);
                self.values.copy_within(at..count, at + 1);
                self.keys[at] = param;
                self.values[at] = value;
                self.count += 1;
            }
        }
        Ok(())
    }

    /// As [`Params::set`], in a chain; what is not a number or finds no room is left out.
    #[must_use]
    pub fn with(mut self, param: Param, value: f32) -> Self {
        let _left_out = self.set(param, value);
        self
    }

    /// The value of `param`, if it was set.
    #[must_use]
    pub fn get(&self, param: Param) -> Option<f32> {
        let count = usize::from(self.count);
        self.keys[..count].binary_search(&param).ok().map(|at| self.values[at])
    }

    /// The value of `param`, or `default`.
    pub(crate) fn or(&self, param: Param, default: f32) -> f32 {
        self.get(param).unwrap_or(default)
    }

    /// What was set, in the order of [`Param::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Param, f32)> + '_ {
        let count = usize::from(self.count);
        self.keys[..count].iter().copied().zip(self.values[..count].iter().copied())
    }

    /// Whether nothing was set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Default for Params {
    fn default() -> Self {
        Params::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn is_a_map(
            sets in proptest::collection::vec((proptest::sample::select(Param::ALL.to_vec()), 0.0f32..1.0), 0..60),
        ) {
            let mut params = Params::NONE;
            let mut expected = BTreeMap::new();
            for (param, value) in sets {
                let value = param.keep(value).expect("a number");
                let taken = params.set(param, value);
                if expected.len() < Params::CAPACITY || expected.contains_key(&param) {
                    prop_assert_eq!(taken, Ok(()));
                    expected.insert(param, value);
                } else {
                    prop_assert_eq!(taken, Err(ParamError::Full(param)));
                }
            }
            prop_assert!(params.iter().eq(expected.iter().map(|(p, v)| (*p, *v))));
            for param in Param::ALL {
                prop_assert_eq!(params.get(*param), expected.get(param).copied());
            }
            let again = expected.iter().rev().fold(Params::NONE, |m, (p, v)| m.with(*p, *v));
            prop_assert_eq!(again, params);
        }
    }

    #[test]
    fn values_are_kept_within_their_range_and_must_be_numbers() {
        let mut params = Params::NONE.with(Param::Gain, 9.0).with(Param::Pan, -7.0);
        assert_eq!((params.get(Param::Gain), params.get(Param::Pan)), (Some(4.0), Some(-1.0)));
        let error = params.set(Param::Cutoff, f32::NAN).expect_err("it is not a number");
        assert_eq!(error.to_string(), "cutoff is not a number");
        assert_eq!(params.get(Param::Cutoff), None);
        let full = ParamError::Full(Param::Speed);
        assert_eq!(full.to_string(), "a note carries at most 24 parameters, so there is no room for speed");
    }
}
