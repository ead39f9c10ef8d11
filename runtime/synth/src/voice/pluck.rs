//! A plucked string: the extended Karplus-Strong algorithm (Jaffe & Smith, "Extensions of the
//! Karplus-Strong plucked-string algorithm", Computer Music Journal 7(2), 1983), with pick
//! position, a damping that depends on velocity, exact tuning, and two resonances of a body.

use super::Onset;
use super::patch::Patch;
use crate::envelope::{Decay, SILENCE};
use crate::filter::{Svf, SvfCoefficients, flush};
use crate::interpolation::cubic;
use crate::noise::Noise;
use crate::oscillator::Frames;
use crate::param::Param;

/// The lowest pitch, 0, has 8.18 Hz: longest period of the string in seconds.
const LONGEST_PERIOD: f32 = 1.0 / 8.17;
/// Where the string is plucked, as a part of its length from the bridge.
const PICK_POSITION: f32 = 0.13;
/// Level that brings the instrument to the loudness of the others.
const LEVEL: f32 = 1.3;
/// Seconds for 60 dB once the string is damped.
const DAMPED: f32 = 0.18;

/// Frames of the delay line that each voice of the pool owns.
pub(crate) fn line_length(sample_rate: f32) -> usize {
    (LONGEST_PERIOD * sample_rate) as usize + 4
}

#[derive(Clone, Debug)]
pub(crate) struct Pluck {
    period: usize,
    position: usize,
    /// Part of the newer of the two samples that the damping filter averages.
    newer: f32,
    loss: f32,
    damped_loss: f32,
    before: f32,
    tuning: f32,
    tuning_in: f32,
    tuning_out: f32,
    body: [(Svf, SvfCoefficients, f32); 2],
    /// Whether the pitch may be bent. Only then is the string heard between its samples: the last
    /// four of them, newest last, and how far between the middle two it is heard.
    bent: bool,
    recent: [f32; 4],
    part: f32,
    ring: Decay,
    sample_rate: f32,
}

impl Pluck {
    pub(crate) fn new(onset: &Onset, line: &mut [f32]) -> Self {
        let Onset { frequency, velocity, sample_rate, .. } = *onset;
        let period = f64::from(sample_rate) / f64::from(frequency);
        let omega = std::f64::consts::TAU / period;

        // A weight of 1/2 damps most. Harder plucks and higher strings are damped less.
        let older = f64::from((0.46 - 0.16 * velocity) * (1.0 - frequency / 6000.0).clamp(0.15, 1.0));
        let damping_delay = (older * omega.sin()).atan2(1.0 - older + older * omega.cos()) / omega;
        let rest = period - damping_delay;
        // The allpass carries 0.2 to 1.2 frames: below that it turns slow to settle.
        let whole = ((rest - 0.2).floor() as usize).clamp(1, line.len());
        let fraction = (rest - whole as f64).clamp(0.05, 1.95);
        // Jaffe & Smith's equation for a phase delay that is exact at the fundamental.
        let tuning = ((omega - omega * fraction) / 2.0).sin() / ((omega + omega * fraction) / 2.0).sin();

        let seconds = (5.5 * (220.0 / frequency).powf(0.55)).clamp(0.6, 9.0);
        // The damping filter takes its own share at the fundamental, which the loss gives back, so
        // that `seconds` holds for it. Below 1 always: the loop must lose.
        let share = ((1.0 - older + older * omega.cos()).powi(2) + (older * omega.sin()).powi(2)).sqrt();
        let loss_for = |seconds: f32| 0.001f64.powf(period / f64::from(seconds * sample_rate));
        let loss = (loss_for(seconds) / share).min(0.99995);

        excite(&mut line[..whole], onset, period as f32);

        let resonance = |hertz: f32, q: f32, gain: f32| {
            (Svf::default(), SvfCoefficients::new(hertz, q, sample_rate), gain)
        };
        Pluck {
            period: whole,
            position: 0,
            newer: 1.0 - older as f32,
            loss: loss as f32,
            damped_loss: loss_for(DAMPED) as f32,
            before: 0.0,
            tuning: tuning as f32,
            tuning_in: 0.0,
            tuning_out: 0.0,
            // The air and the first plate resonance of a guitar (Fletcher & Rossing, "The Physics
            // of Musical Instruments", 1998, chapter 9).
            body: [resonance(104.0, 2.2, 0.5), resonance(212.0, 2.0, 0.6)],
            bent: [Param::VibratoDepth, Param::Glide].iter().any(|p| onset.params.or(*p, 0.0) > 0.0),
            recent: [0.0; 4],
            part: 3.0,
            ring: Decay::new(seconds, sample_rate),
            sample_rate,
        }
    }

    pub(crate) fn patch(onset: &Onset) -> Patch {
        Patch::plain(LEVEL * onset.amplitude())
    }

    /// The string is tuned when it is plucked. A bend lets its time run faster or slower.
    #[inline]
    pub(crate) fn add(&mut self, line: &mut [f32], bend: f32, frames: usize, [left, _]: [&mut Frames; 2]) {
        let line = &mut line[..self.period];
        if !self.bent {
            for x in &mut left[..frames] {
                *x += self.next(line);
            }
        } else {
            for x in &mut left[..frames] {
                self.part += bend;
                while self.part >= 1.0 {
                    self.part -= 1.0;
                    let newest = self.next(line);
                    let [_, a, b, c] = self.recent;
                    self.recent = [a, b, c, newest];
                }
                *x += cubic(self.recent, self.part);
            }
        }
        let [(air, ..), (plate, ..)] = &mut self.body;
        air.flush();
        plate.flush();
    }

    #[inline(always)]
    fn next(&mut self, line: &mut [f32]) -> f32 {
        let x = line[self.position];
        let damped = self.loss * (self.newer * x + (1.0 - self.newer) * self.before);
        self.before = x;
        let tuned = flush(self.tuning * (damped - self.tuning_out) + self.tuning_in);
        self.tuning_in = damped;
        self.tuning_out = tuned;
        line[self.position] = tuned;
        self.position += 1;
        if self.position == line.len() {
            self.position = 0;
        }
        self.ring.next();
        let [(air, air_c, air_gain), (plate, plate_c, plate_gain)] = &mut self.body;
        x + *air_gain * air.bandpass(x, air_c) + *plate_gain * plate.bandpass(x, plate_c)
    }

    pub(crate) fn release(&mut self) {
        self.loss = self.loss.min(self.damped_loss);
        self.ring.set_seconds(DAMPED, self.sample_rate);
    }

    /// The ring decays as the fundamental does, which lasts longest.
    pub(crate) fn finished(&self) -> bool {
        self.ring.level() < SILENCE
    }
}

/// Fills the string with one period of noise, as it is after a pluck: rounded by the softness of
/// the finger, combed by where it plucks, without a constant part, of equal power for every pitch.
fn excite(line: &mut [f32], onset: &Onset, period: f32) {
    let mut noise = Noise::new(onset.seed);
    // Soft notes are plucked with a rounder finger; the 6 dB an octave above the cutoff are those
    // of the velocity of an ideal plucked string.
    let cutoff = (250.0 + 0.8 * onset.frequency) * (0.6 + onset.velocity * 2.6).exp2();
    let dull = (-std::f32::consts::TAU * cutoff / onset.sample_rate).exp();
    let mut state = 0.0;
    for x in line.iter_mut() {
        state = (1.0 - dull) * noise.next() + dull * state;
        *x = state;
    }
    let pick = ((PICK_POSITION * period) as usize).max(1);
    // From the end, so that every sample meets an older one that is not combed yet.
    for i in (pick..line.len()).rev() {
        line[i] -= line[i - pick];
    }
    let count = line.len() as f32;
    let mean = line.iter().sum::<f32>() / count;
    let mut power = 0.0;
    for x in line.iter_mut() {
        *x -= mean;
        power += *x * *x;
    }
    // A root mean square of 0.3, whatever the noise was.
    let gain = 0.3 / (power / count).sqrt().max(1e-6);
    for x in line.iter_mut() {
        *x *= gain;
    }
}
