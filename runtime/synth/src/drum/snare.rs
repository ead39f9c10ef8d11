//! The snare: two modes of the skin, bent by the stroke, and the wires as filtered noise.

use crate::drum::Strike;
use crate::envelope::Decay;
use crate::filter::{Svf, SvfCoefficients};
use crate::noise::Noise;
use crate::oscillator::{Phase, saturate, sine};
use crate::voice::{Onset, Stereo};

const LEVEL: f32 = 0.85;

#[derive(Clone, Debug)]
pub(crate) struct Snare {
    modes: [Phase; 2],
    bend: Decay,
    skin: [Decay; 2],
    noise: [Noise; 2],
    wires: Decay,
    snap: Decay,
    snap_level: f32,
    tone: [(Svf, Svf); 2],
    band: SvfCoefficients,
    top: SvfCoefficients,
    wire_level: f32,
    level: f32,
}

impl Snare {
    pub(crate) fn new(onset: Onset) -> Self {
        let rate = onset.sample_rate;
        let v = onset.velocity;
        let Strike { tune, bright, decay, click } = Strike::of(&onset, 0.5);
        Snare {
            // The modes of the 909's shells, a fourth and a bit apart.
            modes: [Phase::new(186.0 * tune, rate, 0.0), Phase::new(331.0 * tune, rate, 0.0)],
            bend: Decay::new(0.05, rate),
            skin: [Decay::new(0.19 * decay, rate), Decay::new(0.12 * decay, rate)],
            noise: [Noise::new(onset.seed), Noise::new(onset.seed ^ 0x5bd1)],
            wires: Decay::new((0.22 + 0.1 * v) * decay, rate),
            snap: Decay::new(0.03, rate),
            tone: Default::default(),
            snap_level: 1.6 * click,
            band: SvfCoefficients::new(1100.0 * bright.sqrt(), 0.7, rate),
            // Harder strokes rattle brighter.
            top: SvfCoefficients::new((4600.0 + 7000.0 * v) * bright, 0.7, rate),
            wire_level: (0.46 + 0.44 * v) * bright.sqrt(),
            level: LEVEL * onset.amplitude(),
        }
    }

    pub(crate) fn render(&mut self, out: Stereo<'_>) {
        for (l, r) in out.left.iter_mut().zip(out.right.iter_mut()) {
            let bend = 1.0 + 0.7 * self.bend.next();
            let [low, high] = &mut self.modes;
            let skin = 0.62 * self.skin[0].next() * sine(low.next_by(low.increment * bend))
                + 0.4 * self.skin[1].next() * sine(high.next_by(high.increment * bend));
            let rattle = self.wires.next() + self.snap_level * self.snap.next();
            let mut wires = [0.0; 2];
            for (channel, wire) in wires.iter_mut().enumerate() {
                let (highpass, lowpass) = &mut self.tone[channel];
                let hiss = highpass.highpass(self.noise[channel].next(), &self.band);
                *wire = self.wire_level * rattle * lowpass.lowpass(hiss, &self.top);
            }
            // Two fifths of the wires belong to each side alone: wide, and safe in mono.
            let both = 0.3 * (wires[0] + wires[1]);
            *l = self.level * saturate(skin + both + 0.4 * wires[0]);
            *r = self.level * saturate(skin + both + 0.4 * wires[1]);
        }
    }

    pub(crate) fn finished(&self) -> bool {
        self.wires.finished() && self.skin[0].finished()
    }
}
