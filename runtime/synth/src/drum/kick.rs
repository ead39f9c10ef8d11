//! The bass drum: a sine whose pitch falls, driven, with the click of the beater.
//!
//! Three falls on the way to the floor: a snap of a few milliseconds from above 1 kHz, which is
//! half of the click, a punch from some hundred hertz, which is felt in the chest, and a sweep.

use crate::drum::Strike;
use crate::envelope::Decay;
use crate::filter::{Svf, SvfCoefficients};
use crate::noise::Noise;
use crate::oscillator::{Phase, saturate, sine};
use crate::voice::{Onset, Stereo};

const LEVEL: f32 = 0.92;
/// Where the pitch ends, in hertz.
const FLOOR: f32 = 49.0;
/// Seconds that the skin takes to give in: without them the first sample would be a step.
const TOUCH: f32 = 0.0006;

#[derive(Clone, Debug)]
pub(crate) struct Kick {
    phase: Phase,
    floor_step: f32,
    falls: [(f32, Decay); 3],
    amplitude: Decay,
    /// Keeps the weight for a moment before the tail.
    hold: Decay,
    click: Decay,
    click_level: f32,
    click_pass: (Svf, SvfCoefficients),
    noise: Noise,
    touch: f32,
    touch_step: f32,
    drive: f32,
    level: f32,
}

impl Kick {
    pub(crate) fn new(onset: Onset) -> Self {
        let rate = onset.sample_rate;
        let v = onset.velocity;
        let Strike { tune, bright, decay, click } = Strike::of(&onset, 0.5);
        let fall = |hertz: f32, seconds: f32| (tune * hertz / rate, Decay::new(seconds, rate));
        Kick {
            phase: Phase::new(0.0, rate, 0.0),
            floor_step: tune * FLOOR / rate,
            falls: [
                fall((700.0 + 1900.0 * v) * bright.sqrt(), 0.011),
                fall(130.0 + 170.0 * v, 0.05),
                fall(58.0, 0.2),
            ],
            amplitude: Decay::new((0.55 + 0.15 * v) * decay, rate),
            hold: Decay::new(0.12 * decay, rate),
            click: Decay::new(0.011, rate),
            click_level: click * (0.3 + 0.8 * v),
            click_pass: (Svf::default(), SvfCoefficients::new(2600.0 * bright, 0.6, rate)),
            noise: Noise::new(onset.seed),
            touch: 0.0,
            touch_step: 1.0 / (TOUCH * rate),
            drive: 1.35 + 1.1 * v,
            level: LEVEL * onset.amplitude(),
        }
    }

    pub(crate) fn render(&mut self, mut out: Stereo<'_>) {
        out.fill_mono(|| {
            let mut step = self.floor_step;
            for (height, fall) in &mut self.falls {
                step += *height * fall.next();
            }
            self.touch = (self.touch + self.touch_step).min(1.0);
            let amplitude = 0.72 * self.amplitude.next() + 0.5 * self.hold.next();
            let body = self.touch * amplitude * sine(self.phase.next_by(step));
            let (pass, c) = &mut self.click_pass;
            let click = self.click_level * self.click.next() * pass.bandpass(self.noise.next(), c);
            self.level * (saturate(self.drive * body) + click)
        });
        self.click_pass.0.flush();
    }

    pub(crate) fn finished(&self) -> bool {
        self.amplitude.finished()
    }
}
