//! What every voice goes through behind its instrument: the effects that a note asks for itself,
//! its gain, its position and its sends. What a note does not ask for costs nothing.

use crate::effect::formant::Formants;
use crate::effect::ring::Ring;
use crate::effect::step::Steps;
use crate::effect::tremolo::Tremolo;
use crate::effect::waveshape::{Kind, Waveshape};
use crate::filter::{Pass, Svf, SvfCoefficients, quality};
use crate::oscillator::CONTROL_FRAMES;
use crate::param::Param;
use crate::params::Params;
use crate::strip::sides;

#[derive(Clone, Debug)]
struct Filter {
    pass: Pass,
    coefficients: SvfCoefficients,
    channels: [Svf; 2],
}

#[derive(Clone, Debug)]
pub(crate) struct Insert {
    steps: Option<Steps>,
    shapes: [Option<Waveshape>; 3],
    filters: [Option<Filter>; 3],
    formants: Option<Formants>,
    ring: Option<(Ring, f32)>,
    tremolo: Option<(Tremolo, f32)>,
    /// Whether any of the above is there.
    busy: bool,
    gains: [f32; 2],
    pub(crate) reverb: f32,
    pub(crate) delay: f32,
}

impl Insert {
    /// `vowel` says whether the note's vowel is for here: a singer makes its own.
    pub(crate) fn new(params: &Params, vowel: bool, sample_rate: f32) -> Self {
        let asked = |param: Param, neutral: f32| params.get(param).filter(|x| *x != neutral);
        let q = quality(params.or(Param::Resonance, 0.0));
        let filter = |param: Param, neutral: f32, pass: Pass| {
            let q = if pass == Pass::Band { q.max(1.4) } else { q };
            let coefficients = |hertz| SvfCoefficients::new(hertz, q, sample_rate);
            let make =
                |hertz| Filter { pass, coefficients: coefficients(hertz), channels: Default::default() };
            asked(param, neutral).map(make)
        };
        let shape = |param, kind| asked(param, 0.0).map(|amount| Waveshape::new(kind, amount));
        let steps = (asked(Param::Crush, 16.0).is_some() || asked(Param::Coarse, 1.0).is_some())
            .then(|| Steps::new(params.or(Param::Crush, 16.0), params.or(Param::Coarse, 1.0)));
        let ring_hertz = params.or(Param::RingFrequency, 220.0);
        let tremolo_hertz = params.or(Param::TremoloRate, 5.0);
        let mut insert = Insert {
            steps,
            shapes: [
                shape(Param::Shape, Kind::Shape),
                shape(Param::Distort, Kind::Distort),
                shape(Param::Fold, Kind::Fold),
            ],
            filters: [
                filter(Param::Lowpass, 20_000.0, Pass::Low),
                filter(Param::Highpass, 20.0, Pass::High),
                filter(Param::Bandpass, 0.0, Pass::Band),
            ],
            formants: asked(Param::Vowel, 0.0)
                .filter(|_| vowel)
                .map(|vowel| Formants::new(vowel, 1.0, sample_rate)),
            ring: asked(Param::Ring, 0.0).map(|mix| (Ring::new(ring_hertz, sample_rate), mix)),
            tremolo: asked(Param::Tremolo, 0.0)
                .map(|depth| (Tremolo::new(tremolo_hertz, sample_rate), depth)),
            busy: false,
            gains: sides(params.or(Param::Gain, 1.0), params.or(Param::Pan, 0.0)),
            reverb: params.or(Param::Reverb, 0.0),
            delay: params.or(Param::Delay, 0.0),
        };
        insert.busy = insert.steps.is_some()
            || insert.shapes.iter().any(Option::is_some)
            || insert.filters.iter().any(Option::is_some)
            || insert.formants.is_some()
            || insert.ring.is_some()
            || insert.tremolo.is_some();
        insert
    }

    /// Whether the note sends to reverb or delay itself.
    pub(crate) fn sends(&self) -> bool {
        self.reverb > 0.0 || self.delay > 0.0
    }

    /// Works on the block in place.
    pub(crate) fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        if self.busy {
            let pieces = left.chunks_mut(CONTROL_FRAMES).zip(right.chunks_mut(CONTROL_FRAMES));
            for (left, right) in pieces {
                self.piece(left, right);
            }
        }
        if self.gains != [1.0; 2] {
            for (samples, gain) in [left, right].into_iter().zip(self.gains) {
                for x in samples {
                    *x *= gain;
                }
            }
        }
    }

    fn piece(&mut self, left: &mut [f32], right: &mut [f32]) {
        if let Some(steps) = &mut self.steps {
            steps.process(left, right);
        }
        for shape in self.shapes.iter().flatten() {
            shape.process(left);
            shape.process(right);
        }
        for filter in self.filters.iter_mut().flatten() {
            for (state, samples) in filter.channels.iter_mut().zip([&mut *left, &mut *right]) {
                state.run(filter.pass, samples, &filter.coefficients);
            }
        }
        if let Some(formants) = &mut self.formants {
            for (channel, samples) in [&mut *left, &mut *right].into_iter().enumerate() {
                for x in samples {
                    *x = formants.next(channel, *x);
                }
            }
            formants.flush();
        }
        if let Some((ring, mix)) = &mut self.ring {
            ring.process(left, right, || *mix);
        }
        if let Some((tremolo, depth)) = &mut self.tremolo {
            tremolo.process(left, right, || *depth);
        }
    }
}
