//! Sound as what makes it up, 250 times a second: how loud each partial and each band of noise is, and how far the
//! pitch is from where it was asked to be. It has no length in samples and no sample rate, so it can be heard at any
//! pitch and speed, from any moment on, backwards, or standing still.
//!
//! After Serra and Smith, "Spectral Modeling Synthesis" (Computer Music Journal 14(4), 1990).

use std::sync::Arc;

/// Moments a second.
pub const MOMENTS_A_SECOND: u32 = 250;

/// Partials of a moment, the fundamental first.
pub const PARTIALS: usize = 100;

/// Bands of noise of a moment, the lowest first; see [`noise_band`].
pub const NOISE_BANDS: usize = 64;

/// Numbers of a moment: the amplitude of each partial, the root mean square of each band, and the ratio of the pitch to
/// the one that was asked for.
pub const MOMENT: usize = PARTIALS + NOISE_BANDS + 1;

/// Centre of the lowest and of the highest band, in hertz.
const RANGE: [f32; 2] = [40.0, 18_000.0];

/// No band is narrower, in hertz: it would begin too late.
const NARROWEST: f32 = 50.0;

/// No amplitude is higher: 24 dB over full scale.
const LOUDEST: f32 = 16.0;

/// Centre and width between its half-power points of a band of noise, in hertz. The centres lie evenly on the scale of
/// equivalent rectangular bandwidths (Glasberg and Moore, "Derivation of auditory filter shapes from notched-noise
/// data", Hearing Research 47, 1990), and the widths are the distances.
#[must_use]
pub fn noise_band(band: usize) -> [f32; 2] {
    let scale = |hertz: f32| 21.4 * (1.0 + 0.004_37 * hertz).log10();
    let [low, high] = RANGE.map(scale);
    let step = (high - low) / (NOISE_BANDS - 1) as f32;
    let hertz = |at: f32| (10f32.powf(at / 21.4) - 1.0) / 0.004_37;
    let at = low + step * band as f32;
    [hertz(at), (hertz(at + 0.5 * step) - hertz(at - 0.5 * step)).max(NARROWEST)]
}

/// Where the partials of a stiff string lie: partial k at k·√(1 + inharmonicity·k²) times the pitch (Fletcher, "Normal
/// vibration frequencies of a stiff piano string", JASA 36, 1964); at an inharmonicity of 0 they are harmonic.
#[must_use]
pub fn stiff(inharmonicity: f32) -> [f32; PARTIALS] {
    let number = |i: usize| (i + 1) as f32;
    std::array::from_fn(|i| number(i) * (1.0 + inharmonicity * number(i) * number(i)).sqrt())
}

/// A note's moments, and what is the same in all of them. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Timbre {
    moments: Arc<[f32]>,
    ratios: Arc<[f32]>,
    release: f32,
    round: Option<(u32, u32)>,
}

/// Why numbers are no timbre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimbreError {
    /// Too few numbers, or a part of a moment at the end.
    #[error("a timbre has {MOMENT} numbers for each moment and at least one moment, not {0} numbers")]
    Length(usize),
}

impl Timbre {
    /// `moments` holds [`MOMENT`] numbers for each. A partial lies at its one of `ratios` times the pitch; see [`stiff`].
    /// After the end of the note it falls by 60 dB in `release` seconds, kept within 0.01..=20. What is no number is
    /// silent.
    ///
    /// # Errors
    /// [`TimbreError`] when there is no whole number of moments.
    pub fn new(mut moments: Vec<f32>, ratios: [f32; PARTIALS], release: f32) -> Result<Self, TimbreError> {
        if moments.is_empty() || !moments.len().is_multiple_of(MOMENT) {
            return Err(TimbreError::Length(moments.len()));
        }
        for moment in moments.chunks_mut(MOMENT) {
            let (amplitudes, ratio) = moment.split_at_mut(MOMENT - 1);
            for x in amplitudes {
                *x = if x.is_finite() { x.clamp(0.0, LOUDEST) } else { 0.0 };
            }
            ratio[0] = if ratio[0].is_finite() { ratio[0].clamp(0.25, 4.0) } else { 1.0 };
        }
        let within = |x: f32, low: f32, high: f32| if x.is_finite() { x.clamp(low, high) } else { low };
        Ok(Timbre {
            moments: moments.into(),
            // One that is no number lies above every pitch that is heard.
            ratios: ratios.map(|ratio| if ratio > 0.0 { ratio } else { f32::MAX }).into(),
            release: within(release, 0.01, 20.0),
            round: None,
        })
    }

    /// With moments that are gone through forwards and backwards while a note is held longer than there are moments; a
    /// timbre without them ends with its last. What lies outside of it, or holds fewer than two, is left out.
    #[must_use]
    pub fn going_round(mut self, moments: std::ops::Range<usize>) -> Self {
        let range = u32::try_from(moments.start).ok().zip(u32::try_from(moments.end).ok());
        self.round = range.filter(|_| moments.end <= self.len() && moments.start + 2 <= moments.end);
        self
    }

    /// How many moments it has: at least one.
    #[must_use]
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.moments.len() / MOMENT
    }

    /// All moments, [`MOMENT`] numbers each.
    #[must_use]
    pub fn moments(&self) -> &[f32] {
        &self.moments
    }

    /// How many times the pitch each partial is.
    #[must_use]
    pub fn ratios(&self) -> &[f32] {
        &self.ratios
    }

    /// Seconds in which it falls by 60 dB after the end of its note.
    #[must_use]
    pub fn release(&self) -> f32 {
        self.release
    }

    /// First moment and last of those that go round.
    pub(crate) fn round(&self) -> Option<(f64, f64)> {
        self.round.map(|(first, end)| (f64::from(first), f64::from(end) - 1.0))
    }

    pub(crate) fn moment(&self, at: usize) -> &[f32] {
        let at = at.min(self.len() - 1) * MOMENT;
        &self.moments[at..at + MOMENT]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_whole_moment_is_refused() {
        for count in [0, 1, MOMENT - 1, MOMENT + 1] {
            assert_eq!(Timbre::new(vec![0.0; count], stiff(0.0), 0.1), Err(TimbreError::Length(count)));
        }
        assert_eq!(Timbre::new(vec![0.0; 3 * MOMENT], stiff(0.0), 0.1).map(|timbre| timbre.len()), Ok(3));
    }

    #[test]
    fn numbers_are_finite_and_bounded() {
        let mut wild = vec![f32::NAN; MOMENT];
        (wild[0], wild[1], wild[2]) = (f32::INFINITY, -1.0, 99.0);
        let timbre = Timbre::new(wild, [f32::NAN; PARTIALS], f32::INFINITY).expect("a moment");
        assert_eq!(timbre.moments()[..4], [0.0, 0.0, LOUDEST, 0.0]);
        assert_eq!(timbre.moments()[MOMENT - 1], 1.0);
        assert_eq!((timbre.ratios()[0], timbre.release()), (f32::MAX, 0.01));
    }

    #[test]
    fn bands_follow_each_other_without_gaps() {
        for band in 1..NOISE_BANDS {
            let ([below, one], [above, other]) = (noise_band(band - 1), noise_band(band));
            let apart = above - below;
            assert!(apart > 0.0 && apart <= 0.5 * (one + other) + 0.1, "{band}: {apart} Hz apart");
        }
        let [low, high] = [noise_band(0)[0], noise_band(NOISE_BANDS - 1)[0]];
        assert!((low - 40.0).abs() < 0.1 && (high - 18_000.0).abs() < 5.0, "{low} to {high}");
    }
}
