//! The toms: a sine that bends down by a third, its second mode, and a little skin noise.

use crate::drum::Strike;
use crate::envelope::Decay;
use crate::filter::OnePole;
use crate::noise::Noise;
use crate::oscillator::{Phase, saturate, sine};
use crate::voice::{Onset, Stereo};

const LEVEL: f32 = 0.8;
/// The second mode of a round membrane over the first (Fletcher & Rossing, 1998, table 3.1).
const SECOND_MODE: f32 = 1.594;

#[derive(Clone, Debug)]
pub(crate) struct Tom {
    first: Phase,
    second: Phase,
    bend: Decay,
    bend_depth: f32,
    ring: Decay,
    overtone: Decay,
    skin: Decay,
    skin_level: f32,
    skin_tone: OnePole,
    noise: Noise,
    level: f32,
}

impl Tom {
    /// `hertz` is where the pitch comes to rest.
    pub(crate) fn new(onset: Onset, hertz: f32) -> Self {
        let rate = onset.sample_rate;
        let Strike { tune, bright, decay, click } = Strike::of(&onset, 0.5);
        let hertz = hertz * tune;
        Tom {
            first: Phase::new(hertz, rate, 0.0),
            second: Phase::new(SECOND_MODE * hertz, rate, 0.0),
            bend: Decay::new(0.25, rate),
            bend_depth: 0.2 + 0.4 * onset.velocity,
            ring: Decay::new(0.62 * (120.0 / hertz).sqrt() * decay, rate),
            overtone: Decay::new(0.17, rate),
            skin_level: click,
            skin: Decay::new(0.06, rate),
            skin_tone: OnePole::new((1800.0 + 2200.0 * onset.velocity) * bright, rate),
            noise: Noise::new(onset.seed),
            level: LEVEL * onset.amplitude(),
        }
    }

    pub(crate) fn render(&mut self, mut out: Stereo<'_>) {
        out.fill_mono(|| {
            let bend = 1.0 + self.bend_depth * self.bend.next();
            let body = 1.1 * self.ring.next() * sine(self.first.next_by(self.first.increment * bend))
                + 0.3 * self.overtone.next() * sine(self.second.next_by(self.second.increment * bend));
            let skin = self.skin_level * self.skin.next() * self.skin_tone.lowpass(self.noise.next());
            self.level * saturate(body + skin)
        });
    }

    pub(crate) fn finished(&self) -> bool {
        self.ring.finished()
    }
}
