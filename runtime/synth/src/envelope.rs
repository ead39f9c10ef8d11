//! Envelopes: attack, decay, sustain and release in exponential curves, and the plain decay of a
//! struck thing.
//!
//! The curves aim a little past their end and stop there, as a capacitor charged to a higher
//! voltage does (Redmon, "Envelope generators — ADSR", EarLevel Engineering, 2013).

use crate::oscillator::{CONTROL_FRAMES, Frames};

/// Level under which a sound counts as over: -90 dB.
pub(crate) const SILENCE: f32 = 3e-5;

/// How far past its end the attack aims; larger is straighter.
const ATTACK_OVERSHOOT: f32 = 0.3;
/// How far past their end decay and release aim; small, so they are close to true exponentials.
const FALL_OVERSHOOT: f32 = 1e-4;

/// Times in seconds, sustain as a level in 0..=1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Adsr {
    pub(crate) attack: f32,
    pub(crate) decay: f32,
    pub(crate) sustain: f32,
    pub(crate) release: f32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Attack,
    Decay,
    Release,
    Done,
}

/// An envelope that moves once a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    stage: Stage,
    level: f32,
    attack: f32,
    decay: f32,
    sustain: f32,
    release: f32,
}

fn coefficient(seconds: f32, sample_rate: f32, overshoot: f32) -> f32 {
    let frames = (seconds * sample_rate).max(1.0);
    (-((1.0 + overshoot) / overshoot).ln() / frames).exp()
}

impl Envelope {
    pub(crate) fn new(shape: Adsr, sample_rate: f32) -> Self {
        Envelope {
            stage: Stage::Attack,
            level: 0.0,
            attack: coefficient(shape.attack, sample_rate, ATTACK_OVERSHOOT),
            decay: coefficient(shape.decay, sample_rate, FALL_OVERSHOOT),
            sustain: shape.sustain,
            release: coefficient(shape.release, sample_rate, FALL_OVERSHOOT),
        }
    }

    /// One frame on; the level after it, above 0 from the first frame to the last.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> f32 {
        match self.stage {
            Stage::Attack => {
                let aim = 1.0 + ATTACK_OVERSHOOT;
                self.level = aim + (self.level - aim) * self.attack;
                if self.level >= 1.0 {
                    self.level = 1.0;
                    self.stage = Stage::Decay;
                }
            }
            Stage::Decay => {
                self.level = self.sustain + (self.level - self.sustain) * self.decay;
                if self.level < SILENCE {
                    self.stage = Stage::Done;
                }
            }
            Stage::Release => {
                self.level = (self.level + FALL_OVERSHOOT) * self.release - FALL_OVERSHOOT;
                if self.level <= SILENCE {
                    self.stage = Stage::Done;
                    self.level = 0.0;
                }
            }
            Stage::Done => self.level = 0.0,
        }
        self.level
    }

    /// The levels of the next `frames`.
    #[inline(always)]
    pub(crate) fn block(&mut self, frames: usize) -> Frames {
        let mut block = [0.0; CONTROL_FRAMES];
        for x in &mut block[..frames] {
            *x = self.next();
        }
        block
    }

    pub(crate) fn level(&self) -> f32 {
        self.level
    }

    pub(crate) fn release(&mut self) {
        if self.stage != Stage::Done {
            self.stage = Stage::Release;
        }
    }

    pub(crate) fn finished(&self) -> bool {
        self.stage == Stage::Done
    }
}

/// An exponential decay from 1, one factor a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decay {
    level: f32,
    factor: f32,
}

/// The factor a frame that takes 60 dB away in `seconds`.
pub(crate) fn decay_factor(seconds: f32, sample_rate: f32) -> f32 {
    0.001f32.powf(1.0 / (seconds * sample_rate).max(1.0))
}

impl Decay {
    /// `seconds` for 60 dB.
    pub(crate) fn new(seconds: f32, sample_rate: f32) -> Self {
        Decay { level: 1.0, factor: decay_factor(seconds, sample_rate) }
    }

    /// The level of this frame; the first is 1.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> f32 {
        let level = self.level;
        self.level *= self.factor;
        level
    }

    /// The levels of the next control block, of which `frames` are used up.
    #[inline(always)]
    pub(crate) fn block(&mut self, frames: usize) -> Frames {
        let mut block = [0.0; CONTROL_FRAMES];
        let mut level = self.level;
        for x in &mut block {
            *x = level;
            level *= self.factor;
        }
        self.level = block[frames - 1] * self.factor;
        block
    }

    /// From here on, 60 dB take `seconds`.
    pub(crate) fn set_seconds(&mut self, seconds: f32, sample_rate: f32) {
        self.factor = decay_factor(seconds, sample_rate);
    }

    pub(crate) fn level(&self) -> f32 {
        self.level
    }

    pub(crate) fn finished(&self) -> bool {
        self.level < SILENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Adsr = Adsr { attack: 0.01, decay: 0.2, sustain: 0.5, release: 0.1 };

    #[test]
    fn goes_through_its_stages_in_time() {
        let mut envelope = Envelope::new(SHAPE, 48_000.0);
        assert!(envelope.next() > 0.0);
        let peak_at = (1..2000).find(|_| envelope.next() == 1.0);
        assert!(peak_at.is_some_and(|n| (470..=490).contains(&n)), "{peak_at:?}");
        for _ in 0..9600 {
            envelope.next();
        }
        assert!((envelope.level() - 0.5).abs() < 1e-3);
        envelope.release();
        let end = (0..9600).find(|_| {
            envelope.next();
            envelope.finished()
        });
        assert!(end.is_some_and(|n| (3800..=4900).contains(&n)), "{end:?}");
        assert_eq!(envelope.next(), 0.0);
    }

    #[test]
    fn a_release_during_the_attack_starts_where_it_is() {
        let mut envelope = Envelope::new(SHAPE, 48_000.0);
        for _ in 0..100 {
            envelope.next();
        }
        let before = envelope.level();
        envelope.release();
        assert!((envelope.next() - before).abs() < 0.01);
    }

    #[test]
    fn a_decay_loses_sixty_decibels_in_its_time() {
        let mut decay = Decay::new(0.5, 48_000.0);
        assert_eq!(decay.next(), 1.0);
        for _ in 1..24_000 {
            decay.next();
        }
        assert!((decay.level() - 0.001).abs() < 2e-5, "{}", decay.level());
    }
}
