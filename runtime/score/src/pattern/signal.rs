//! Signals: values that flow. Each is a pure function of the time in bars; asked over
//! a span, it answers with its value where the span begins.

use std::f64::consts::TAU;

use crate::random::{Seed, noise_at};
use crate::{Beat, Event, Pattern};

impl Pattern<f64> {
    /// A signal from a function of the time in bars.
    pub fn signal(value: impl Fn(Beat) -> f64 + 'static) -> Pattern<f64> {
        Pattern::new(move |query| {
            let value = value(query.span.start / query.bar);
            vec![Event::flowing(query.span, value)]
        })
    }

    /// A sine a bar, from 0 to 1: 1/2 at the bar line, then up.
    pub fn sine() -> Pattern<f64> {
        Pattern::signal(|bars| 0.5 + 0.5 * (TAU * phase(bars)).sin())
    }

    /// From 0 up to 1 each bar.
    pub fn saw() -> Pattern<f64> {
        Pattern::signal(phase)
    }

    /// From 0 up to 1 and down again each bar.
    pub fn tri() -> Pattern<f64> {
        Pattern::signal(|bars| 1.0 - (2.0 * phase(bars) - 1.0).abs())
    }

    /// 0 in the first half of each bar, 1 in the second.
    pub fn square() -> Pattern<f64> {
        Pattern::signal(|bars| if phase(bars) < 0.5 { 0.0 } else { 1.0 })
    }

    /// White noise from 0 to 1: another value at each moment.
    pub fn rand(seed: Seed) -> Pattern<f64> {
        Pattern::signal(move |bars| noise_at(seed, bars))
    }

    /// A value from 0 to 1 at each bar line and a smooth way between: gradient noise of
    /// one dimension without the gradients, faded as in Perlin 2002 ("Improving noise").
    pub fn perlin(seed: Seed) -> Pattern<f64> {
        Pattern::signal(move |bars| {
            let line = bars.floor();
            let (from, to) =
                (noise_at(seed, Beat::whole(line)), noise_at(seed, Beat::whole(line.saturating_add(1))));
            let x = phase(bars);
            let faded = x * x * x * (x * (x * 6.0 - 15.0) + 10.0);
            from + (to - from) * faded
        })
    }

    /// From `0..=1` to `low..=high`.
    pub fn range(&self, low: f64, high: f64) -> Pattern<f64> {
        self.map(move |value| low + value * (high - low))
    }
}

/// How much of its bar has passed, in `0.0..1.0`.
pub(super) fn phase(bars: Beat) -> f64 {
    (bars % Beat::ONE).to_f64()
}
