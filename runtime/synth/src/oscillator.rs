//! Oscillators: a phase, a polynomial sine, and saw and pulse with their steps rounded by PolyBLEP
//! (Välimäki & Huovilainen, "Antialiasing oscillators in subtractive synthesis", IEEE Signal
//! Processing Magazine 24(2), 2007).

/// Filters and slow modulators are recomputed every so many frames, and oscillators work on as
/// many at once: loops of a fixed length without feedback become vector instructions.
pub(crate) const CONTROL_FRAMES: usize = 16;

/// One value for each frame of a control block. Where a block is shorter, the last are not used.
pub(crate) type Frames = [f32; CONTROL_FRAMES];

/// Hertz of a pitch in semitones: equal temperament, 69 is 440 Hz.
pub(crate) fn frequency_of(pitch: f32) -> f32 {
    440.0 * ((pitch - 69.0) / 12.0).exp2()
}

/// A ratio of frequencies from cents.
pub(crate) fn ratio_of_cents(cents: f32) -> f32 {
    (cents / 1200.0).exp2()
}

/// What is left of a phase in cycles beside the nearest whole cycle, -0.5..=0.5.
///
/// Adding and taking away 1.5·2²³ rounds in two additions, which vectorises where `floor` is a
/// call on plain x86-64. Good for phases up to four million cycles.
#[inline(always)]
fn beside_whole(phase: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    phase - ((phase + ROUND) - ROUND)
}

/// A phase brought to 0..=1.
#[inline(always)]
fn wrap(phase: f32) -> f32 {
    let rest = beside_whole(phase);
    if rest < 0.0 { rest + 1.0 } else { rest }
}

/// The sine of a phase in cycles; the error stays under 5·10⁻⁶. The phase is folded to a quarter
/// of a cycle and goes through the Taylor series to the ninth power.
#[inline(always)]
pub(crate) fn sine(phase: f32) -> f32 {
    let rest = beside_whole(phase);
    let quarter = 0.25 - (rest.abs() - 0.25).abs();
    let z = quarter * quarter;
    let series = 6.283_185_5 + z * (-41.341_7 + z * (81.605_25 + z * (-76.705_86 + z * 42.058_693)));
    (quarter * series).copysign(rest)
}

/// A phase in cycles that moves by `increment` a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phase {
    pub(crate) value: f32,
    pub(crate) increment: f32,
}

impl Phase {
    /// `frequency` in hertz; `start` in cycles.
    pub(crate) fn new(frequency: f32, sample_rate: f32, start: f32) -> Self {
        Phase { value: start, increment: frequency / sample_rate }
    }

    /// Moves on, then gives the phase in 0..1; so the first frame is never the zero of a sine.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> f32 {
        self.next_by(self.increment)
    }

    /// The phases of the next control block, 0..=1, of which `frames` are used up.
    #[inline(always)]
    pub(crate) fn block(&mut self, frames: usize) -> Frames {
        ramp(&mut self.value, self.increment, frames)
    }

    /// As [`Phase::next`], by another increment this once.
    #[inline(always)]
    pub(crate) fn next_by(&mut self, increment: f32) -> f32 {
        self.value += increment;
        if self.value >= 1.0 {
            self.value -= 1.0;
        }
        self.value
    }
}

/// The phases that follow `phase` by `increment` each, wrapped; `phase` moves on by `frames`.
#[inline(always)]
pub(crate) fn ramp(phase: &mut f32, increment: f32, frames: usize) -> Frames {
    let mut block = [0.0; CONTROL_FRAMES];
    for (i, x) in block.iter_mut().enumerate() {
        *x = wrap(*phase + increment * (i + 1) as f32);
    }
    *phase = block[frames - 1];
    block
}

/// What rounds a step of height 2 at phase 0, for a phase in 0..1 and an increment below a half:
/// -(1 - t/dt)² just after the step, (1 - (1-t)/dt)² just before it, 0 elsewhere.
#[inline(always)]
pub(crate) fn step_residual(phase: f32, increment: f32, frames_a_cycle: f32) -> f32 {
    debug_assert!((increment * frames_a_cycle - 1.0).abs() < 1e-3);
    let after = (1.0 - phase * frames_a_cycle).max(0.0);
    let before = (1.0 - (1.0 - phase) * frames_a_cycle).max(0.0);
    before * before - after * after
}

/// A rising saw in -1..1.
#[inline(always)]
pub(crate) fn saw(phase: f32, increment: f32, frames_a_cycle: f32) -> f32 {
    2.0 * phase - 1.0 - step_residual(phase, increment, frames_a_cycle)
}

/// A pulse, high for `width` of its cycle, without its constant part.
#[inline(always)]
pub(crate) fn pulse(phase: f32, width: f32, increment: f32, frames_a_cycle: f32) -> f32 {
    let fall = if phase < width { phase - width + 1.0 } else { phase - width };
    let level = if phase < width { 1.0 } else { -1.0 };
    level + step_residual(phase, increment, frames_a_cycle)
        - step_residual(fall, increment, frames_a_cycle)
        - (2.0 * width - 1.0)
}

/// A triangle in -1..1. Its corners are soft enough: harmonics fall by 12 dB an octave.
#[inline(always)]
pub(crate) fn triangle(phase: f32) -> f32 {
    4.0 * (phase - 0.5).abs() - 1.0
}

/// A smooth odd limit to -1..1: the Padé approximant x(27 + x²)/(27 + 9x²) of tanh, which reaches
/// ±1 at ±3 with slope 0.
#[inline(always)]
pub(crate) fn saturate(x: f32) -> f32 {
    let x = x.clamp(-3.0, 3.0);
    x * (27.0 + x * x) / (27.0 + 9.0 * x * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_polynomial_is_a_sine() {
        for i in -4000..4000 {
            let phase = i as f32 / 997.0;
            let exact = (f64::from(phase) * std::f64::consts::TAU).sin();
            assert!((f64::from(sine(phase)) - exact).abs() < 5e-6, "phase {phase}");
        }
    }

    #[test]
    fn saw_and_pulse_have_no_constant_part() {
        for frequency in [55.0, 440.0, 3520.0] {
            let mut phase = Phase::new(frequency, 48_000.0, 0.0);
            let cycle = 1.0 / phase.increment;
            let (mut saws, mut pulses) = (0.0f64, 0.0f64);
            for _ in 0..48_000 {
                let t = phase.next();
                saws += f64::from(saw(t, phase.increment, cycle));
                pulses += f64::from(pulse(t, 0.3, phase.increment, cycle));
            }
            assert!((saws / 48_000.0).abs() < 2e-3, "{frequency} Hz: saw {saws}");
            assert!((pulses / 48_000.0).abs() < 2e-3, "{frequency} Hz: pulse {pulses}");
        }
    }

    /// Power outside the harmonics of a saw at 2,489 Hz is aliasing: PolyBLEP must keep it 30 dB
    /// below what plain steps leave at the fold of the eleventh harmonic.
    #[test]
    fn rounding_lowers_the_aliases() {
        let frequency = 2489.0;
        let alias = 48_000.0 - 11.0 * frequency;
        let level = |naive: bool| {
            let mut phase = Phase::new(frequency, 48_000.0, 0.0);
            let cycle = 1.0 / phase.increment;
            let (mut re, mut im) = (0.0f64, 0.0f64);
            for n in 0..48_000 {
                let t = phase.next();
                let x = if naive { 2.0 * t - 1.0 } else { saw(t, phase.increment, cycle) };
                let window = 0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / 48_000.0).cos();
                let angle = std::f64::consts::TAU * f64::from(alias) * n as f64 / 48_000.0;
                re += f64::from(x) * window * angle.cos();
                im += f64::from(x) * window * angle.sin();
            }
            20.0 * re.hypot(im).log10()
        };
        let (naive, rounded) = (level(true), level(false));
        assert!(rounded < naive - 6.0, "naive {naive} dB, rounded {rounded} dB");
    }

    #[test]
    fn saturation_is_bounded_and_odd() {
        for i in -100..=100 {
            let x = i as f32 / 10.0;
            assert!(saturate(x).abs() <= 1.0);
            assert_eq!(saturate(x), -saturate(-x));
        }
        assert!((saturate(0.01) - 0.01).abs() < 1e-5);
    }
}
