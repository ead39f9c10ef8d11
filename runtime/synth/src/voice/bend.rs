//! What moves the pitch of a voice while it sounds: a glide from the note before, and a vibrato.

use crate::oscillator::{Phase, ratio_of_cents, sine};
use crate::param::Param;
use crate::params::Params;

/// The vibrato of an instrument, where a note says nothing else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vibrato {
    pub(crate) cents: f32,
    pub(crate) hertz: f32,
    /// When it comes in and how long that takes, in seconds.
    pub(crate) after: f32,
    pub(crate) rise: f32,
}

impl Vibrato {
    /// None, unless a note asks for it.
    pub(crate) const NONE: Vibrato = Vibrato { cents: 0.0, hertz: 5.5, after: 0.0, rise: 0.05 };
}

#[derive(Clone, Debug)]
pub(crate) struct Bend {
    /// Octaves from the note to where the glide is, and their change a frame.
    glide: f32,
    glide_step: f32,
    vibrato: Vibrato,
    swing: Phase,
    age: f32,
    sample_rate: f32,
}

impl Bend {
    /// `from` is the frequency of the note before as a ratio to that of this note.
    pub(crate) fn new(vibrato: Vibrato, params: &Params, from: Option<f32>, sample_rate: f32) -> Self {
        let seconds = params.or(Param::Glide, 0.0);
        let glide = if seconds > 0.0 { from.map_or(0.0, f32::log2) } else { 0.0 };
        let cents = params.or(Param::VibratoDepth, vibrato.cents);
        let hertz = params.or(Param::VibratoRate, vibrato.hertz);
        Bend {
            glide,
            glide_step: glide / (seconds * sample_rate).max(1.0),
            vibrato: Vibrato { cents, hertz, ..vibrato },
            swing: Phase::new(hertz, sample_rate, 0.0),
            age: 0.0,
            sample_rate,
        }
    }

    /// The ratio to the frequency of the note over the next `frames`.
    #[inline]
    pub(crate) fn next(&mut self, frames: usize) -> f32 {
        let mut octaves = self.glide;
        if self.glide != 0.0 {
            let rest = self.glide - self.glide_step * frames as f32;
            // What is left of the last step is rounding.
            let arrived = rest * self.glide <= 0.0 || rest.abs() < 0.5 * self.glide_step.abs();
            self.glide = if arrived { 0.0 } else { rest };
        }
        if self.vibrato.cents > 0.0 {
            self.age += frames as f32 / self.sample_rate;
            let risen = ((self.age - self.vibrato.after) / self.vibrato.rise).clamp(0.0, 1.0);
            let swing = sine(self.swing.next_by(self.swing.increment * frames as f32));
            octaves += self.vibrato.cents * risen * swing / 1200.0;
        }
        if octaves == 0.0 { 1.0 } else { ratio_of_cents(1200.0 * octaves) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glide_comes_from_the_note_before_and_arrives_in_time() {
        let params = Params::NONE.with(Param::Glide, 0.1);
        let mut bend = Bend::new(Vibrato::NONE, &params, Some(0.5), 48_000.0);
        assert_eq!(bend.next(16), 0.5);
        let way: Vec<f32> = (1..301).map(|_| bend.next(16)).collect();
        assert!(way.windows(2).all(|w| w[0] <= w[1]));
        assert!((way[149] - 0.5f32.sqrt()).abs() < 0.01, "half way in pitch: {}", way[149]);
        assert_eq!(way[299], 1.0);
        let mut none = Bend::new(Vibrato::NONE, &Params::NONE, Some(0.5), 48_000.0);
        assert_eq!(none.next(16), 1.0, "without a glide the pitch is there at once");
    }

    #[test]
    fn a_vibrato_is_as_deep_as_asked() {
        let params = Params::NONE.with(Param::VibratoDepth, 50.0).with(Param::VibratoRate, 6.0);
        let mut bend = Bend::new(Vibrato::NONE, &params, None, 48_000.0);
        let ratios: Vec<f32> = (0..6000).map(|_| bend.next(16)).collect();
        let top = ratios.iter().fold(0.0f32, |m, x| m.max(*x));
        assert!((1200.0 * top.log2() - 50.0).abs() < 1.0, "{top}");
    }
}
