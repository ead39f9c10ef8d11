//! Signals: numbers that flow. Each stands in scripts as a value, one wave a bar; called with a number of
//! beats it takes that long.

use lilt_score::{Beat, Controls, Pattern, Seed};

use crate::fingerprint::Fingerprint;
use crate::music::Music;

/// A signal: its name, what it does, and its shape over one wave.
pub(crate) struct Signal {
    pub name: &'static str,
    pub meaning: &'static str,
    pub example: &'static str,
    /// The value where so many waves have passed since beat 0.
    shape: fn(Beat, Seed) -> f64,
}

/// Every signal.
pub(crate) const SIGNALS: &[Signal] = &[
    Signal {
        name: "sine",
        meaning: "From 0 softly up to 1 and down again.",
        example: "play(\"pad\", \"c4\"):on(\"pad\"):gain(sine(16))",
        shape: |waves, _| 0.5 - 0.5 * (std::f64::consts::TAU * phase(waves)).cos(),
    },
    Signal {
        name: "cosine",
        meaning: "From 1 softly down to 0 and up again.",
        example: "play(\"pad\", \"c4\"):on(\"pad\"):pan(cosine(8):range(-1, 1))",
        shape: |waves, _| 0.5 + 0.5 * (std::f64::consts::TAU * phase(waves)).cos(),
    },
    Signal {
        name: "saw",
        meaning: "From 0 straight up to 1, then from 0 again.",
        example: "play(\"hats\", drums \"hh*16\"):gain(saw(4))",
        shape: |waves, _| phase(waves),
    },
    Signal {
        name: "isaw",
        meaning: "From 1 straight down to 0, then from 1 again.",
        example: "play(\"hats\", drums \"hh*16\"):gain(isaw(1))",
        shape: |waves, _| 1.0 - phase(waves),
    },
    Signal {
        name: "tri",
        meaning: "From 0 straight up to 1 and down again.",
        example: "play(\"bell\", \"c5*8\"):on(\"bell\"):pan(tri(8))",
        shape: |waves, _| 1.0 - (2.0 * phase(waves) - 1.0).abs(),
    },
    Signal {
        name: "triangle",
        meaning: "The same as tri.",
        example: "play(\"bell\", \"c5*8\"):on(\"bell\"):pan(triangle(8))",
        shape: |waves, _| 1.0 - (2.0 * phase(waves) - 1.0).abs(),
    },
    Signal {
        name: "square",
        meaning: "0 in the first half of each wave, 1 in the second.",
        example: "play(\"bell\", \"c5*8\"):on(\"bell\"):gain(square(2):range(0.4, 1))",
        shape: |waves, _| if phase(waves) < 0.5 { 0.0 } else { 1.0 },
    },
    Signal {
        name: "rand",
        meaning: "By chance from 0 to 1, another value at each moment; the same with the same seed.",
        example: "play(\"hats\", drums(\"hh*16\"):gain(rand:range(0.3, 1)))",
        shape: |waves, seed| lilt_score::random::noise_at(seed, waves),
    },
    Signal {
        name: "brand",
        meaning: "By chance 0 or 1, another value at each moment.",
        example: "play(\"hats\", drums(\"hh*16\"):gain(brand))",
        shape: |waves, seed| f64::from(lilt_score::random::noise_at(seed, waves) >= 0.5),
    },
    Signal {
        name: "perlin",
        meaning: "By chance from 0 to 1, another value with each wave and a smooth way between.",
        example: "play(\"pad\", \"c4\"):on(\"pad\"):lowpass(perlin(4):range(200, 4000))",
        shape: |waves, seed| {
            let line = waves.floor();
            let at = |line| lilt_score::random::noise_at(seed, Beat::whole(line));
            let (from, to, x) = (at(line), at(line.saturating_add(1)), phase(waves));
            from + (to - from) * (x * x * x * (x * (x * 6.0 - 15.0) + 10.0))
        },
    },
];

/// How much of its wave has passed, in `0.0..1.0`.
fn phase(waves: Beat) -> f64 {
    (waves - Beat::whole(waves.floor())).to_f64()
}

impl Signal {
    /// As music; one wave takes so many beats, or a bar.
    pub fn music(&'static self, beats: Option<Beat>, seed: Seed) -> Music {
        let shape = self.shape;
        let pattern = Pattern::new(move |query| {
            let value = shape(query.span.start / beats.unwrap_or(query.bar), seed);
            vec![lilt_score::Event::flowing(query.span, Controls::number(value))]
        });
        let print = Fingerprint::of("signal").text(self.name).number(seed.0);
        let print = print.text(&beats.map_or_else(String::new, |beats| beats.to_string()));
        let mut music = Music::signal(pattern, print);
        music.signal = beats.is_none().then_some(self);
        music
    }
}
