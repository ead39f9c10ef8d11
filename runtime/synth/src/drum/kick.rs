//! The bass drum: a sine whose pitch falls, driven a little, with the click of the beater.

use crate::envelope::Decay;
use crate::filter::OnePole;
use crate::noise::Noise;
use crate::oscillator::{Phase, saturate, sine};
use crate::voice::{Onset, Stereo};

const LEVEL: f32 = 0.85;
/// Where the pitch ends, in hertz.
const FLOOR: f32 = 49.0;

#[derive(Clone, Debug)]
pub(crate) struct Kick {
    phase: Phase,
    floor_step: f32,
    punch_step: f32,
    punch: Decay,
    sweep_step: f32,
    sweep: Decay,
    amplitude: Decay,
    click: Decay,
    click_level: f32,
    click_tone: OnePole,
    noise: Noise,
    drive: f32,
    level: f32,
}

impl Kick {
    pub(crate) fn new(onset: Onset) -> Self {
        let rate = onset.sample_rate;
        let v = onset.velocity;
        Kick {
            phase: Phase::new(0.0, rate, 0.0),
            floor_step: FLOOR / rate,
            // Two falls: 8 ms of punch from 330 Hz and more, 60 ms of sweep from 120 Hz.
            punch_step: (140.0 + 190.0 * v) / rate,
            punch: Decay::new(0.045, rate),
            sweep_step: 62.0 / rate,
            sweep: Decay::new(0.22, rate),
            amplitude: Decay::new(0.5 + 0.15 * v, rate),
            click: Decay::new(0.012, rate),
            click_level: 0.08 + 0.4 * v * v,
            click_tone: OnePole::new(5500.0, rate),
            noise: Noise::new(onset.seed),
            drive: 1.0 + 0.9 * v,
            level: LEVEL * onset.amplitude(),
        }
    }

    pub(crate) fn render(&mut self, mut out: Stereo<'_>) {
        out.fill_mono(|| {
            let step =
                self.floor_step + self.punch_step * self.punch.next() + self.sweep_step * self.sweep.next();
            let body = self.amplitude.next() * sine(self.phase.next_by(step));
            let click = self.click_level * self.click.next() * self.click_tone.lowpass(self.noise.next());
            self.level * (saturate(self.drive * body) + click)
        });
    }

    pub(crate) fn finished(&self) -> bool {
        self.amplitude.finished()
    }
}
