//! A drawbar organ: nine sines at the ratios of the Hammond's drawbars, with the click of its keys
//! and the slow turn of a rotating loudspeaker.

use super::Onset;
use super::bend::Vibrato;
use super::patch::Patch;
use crate::envelope::{Adsr, Decay};
use crate::filter::OnePole;
use crate::noise::Noise;
use crate::oscillator::{CONTROL_FRAMES, Frames, Phase, ramp, sine};
use crate::param::Param;

const BARS: usize = 9;
const RATIOS: [f32; BARS] = [0.5, 1.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0];
/// The registration 88 8000 345, full below and with a sparkle.
const LEVELS: [f32; BARS] = [0.5, 0.42, 1.0, 0.4, 0.16, 0.22, 0.08, 0.1, 0.16];
const LEVEL: f32 = 0.19;

#[derive(Clone, Debug)]
pub(crate) struct Organ {
    phase: [f32; BARS],
    increment: [f32; BARS],
    level: [f32; BARS],
    click: Decay,
    click_level: f32,
    dull: OnePole,
    noise: Noise,
    turn: Phase,
}

impl Organ {
    pub(crate) fn new(onset: &Onset) -> Self {
        let rate = onset.sample_rate;
        let increment = RATIOS.map(|ratio| ratio * onset.frequency / rate);
        // An organ knows no velocity; a hard key here pulls the upper drawbars.
        let level = std::array::from_fn(|bar| {
            let upper = if RATIOS[bar] > 2.5 { 0.25 + 1.1 * onset.velocity } else { 1.0 };
            if increment[bar] > 0.4 { 0.0 } else { LEVELS[bar] * upper }
        });
        Organ {
            phase: [0.0; BARS],
            increment,
            level,
            click: Decay::new(0.012, rate),
            click_level: 1.6 * onset.params.or(Param::Click, 0.3),
            dull: OnePole::new(1200.0, rate),
            noise: Noise::new(onset.seed),
            turn: Phase::new(6.2, rate, 0.0),
        }
    }

    pub(crate) fn patch(onset: &Onset) -> Patch {
        Patch {
            envelope: Some(Adsr { attack: 0.003, decay: 0.1, sustain: 1.0, release: 0.05 }),
            vibrato: Vibrato { cents: 4.0, hertz: 6.2, after: 0.0, rise: 0.4 },
            ..Patch::plain(LEVEL * onset.amplitude())
        }
    }

    #[inline]
    pub(crate) fn add(&mut self, bend: f32, frames: usize, [left, right]: [&mut Frames; 2]) {
        let mut sum = [0.0; CONTROL_FRAMES];
        for bar in 0..BARS {
            let level = self.level[bar];
            let phases = ramp(&mut self.phase[bar], (self.increment[bar] * bend).min(0.45), frames);
            for (x, t) in sum.iter_mut().zip(phases) {
                *x += level * sine(t);
            }
        }
        let turn = 0.16 * sine(self.turn.next_by(self.turn.increment * frames as f32));
        for i in 0..frames {
            let click = self.click_level * self.click.next() * self.dull.highpass(self.noise.next());
            let x = sum[i] + click;
            left[i] += x * (1.0 + turn);
            right[i] += x * (1.0 - turn);
        }
    }
}
