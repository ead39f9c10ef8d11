//! The effects of a strip, in a row: steps, distortions, equaliser, filters, vowel, ring, tremolo,
//! phaser, flanger, chorus, compressor, width. One that stands at its neutral value is passed by,
//! and forgets what it held.

use crate::compressor::{Compressor, CompressorSettings};
use crate::controls::Controls;
use crate::effect::equaliser::Equaliser;
use crate::effect::formant::Formants;
use crate::effect::phaser::Phaser;
use crate::effect::ring::Ring;
use crate::effect::step::Steps;
use crate::effect::sweep_delay::SweepDelay;
use crate::effect::tremolo::Tremolo;
use crate::effect::waveshape::{Kind, Waveshape};
use crate::filter::{Pass, Svf, SvfCoefficients, quality};
use crate::oscillator::CONTROL_FRAMES;
use crate::slot_control::SlotControl;

/// What wakes the rack when it leaves its neutral value.
const EFFECTS: [SlotControl; 20] = [
    SlotControl::Width,
    SlotControl::Lowpass,
    SlotControl::Highpass,
    SlotControl::Bandpass,
    SlotControl::Chorus,
    SlotControl::Phaser,
    SlotControl::Flanger,
    SlotControl::Tremolo,
    SlotControl::Ring,
    SlotControl::Crush,
    SlotControl::Coarse,
    SlotControl::Drive,
    SlotControl::Distort,
    SlotControl::Fold,
    SlotControl::Shape,
    SlotControl::Compress,
    SlotControl::EqLow,
    SlotControl::EqMid,
    SlotControl::EqHigh,
    SlotControl::Vowel,
];

/// Settings of effects that may be out of the way; they move all the same.
const RATES: [SlotControl; 5] = [
    SlotControl::PhaserRate,
    SlotControl::FlangerRate,
    SlotControl::TremoloRate,
    SlotControl::RingFrequency,
    SlotControl::Resonance,
];

const SHAPES: [(SlotControl, Kind); 4] = [
    (SlotControl::Shape, Kind::Shape),
    (SlotControl::Drive, Kind::Drive),
    (SlotControl::Distort, Kind::Distort),
    (SlotControl::Fold, Kind::Fold),
];
/// Up to this amount a distortion fades in, so that it comes without a step.
const FADED_IN: f32 = 0.04;
/// Seconds in which a filter that is switched on or off fades.
const PRESENCE: f32 = 0.01;
/// The bandpass is an octave wide.
const BAND_QUALITY: f32 = 1.4;

/// How much of an effect that has no middle ground is there: it fades in and out.
#[derive(Clone, Copy, Debug, Default)]
struct Presence {
    level: f32,
}

impl Presence {
    /// Moves towards being there or not over `frames`; `None` when it is gone, else the levels at the
    /// beginning and at the end.
    fn advance(&mut self, there: bool, frames: usize, sample_rate: f32) -> Option<(f32, f32)> {
        if !there && self.level == 0.0 {
            return None;
        }
        let step = frames as f32 / (PRESENCE * sample_rate);
        let from = self.level;
        self.level = (from + if there { step } else { -step }).clamp(0.0, 1.0);
        Some((from, self.level))
    }
}

/// Puts `wet` in the place of `dry` as far as it is there.
fn fade(dry: &mut [f32], wet: &[f32; CONTROL_FRAMES], (from, to): (f32, f32)) {
    let frames = dry.len() as f32;
    for (i, (x, wet)) in dry.iter_mut().zip(wet).enumerate() {
        let part = from + (to - from) * (i + 1) as f32 / frames;
        *x += part * (wet - *x);
    }
}

/// A filter that is out of the way while its control rests at the neutral value. It fades in and
/// out, since a filter that starts in the middle of a sound knows nothing of what went before.
#[derive(Clone, Debug)]
struct Cut {
    control: SlotControl,
    pass: Pass,
    presence: Presence,
    channels: [Svf; 2],
    /// Where it was when it was last wanted.
    hertz: f32,
}

impl Cut {
    fn new(control: SlotControl, pass: Pass) -> Self {
        Cut { control, pass, presence: Presence::default(), channels: Default::default(), hertz: 1000.0 }
    }

    fn run(&mut self, controls: &mut Controls, q: f32, sample_rate: f32, sides: [&mut [f32]; 2]) {
        let frames = sides[0].len();
        let there = !controls.rests(self.control);
        let hertz = controls.advance(self.control, frames as u32);
        let Some(levels) = self.presence.advance(there, frames, sample_rate) else { return };
        if there {
            self.hertz = hertz.max(20.0);
        }
        let q = if self.pass == Pass::Band { q.max(BAND_QUALITY) } else { q };
        let c = SvfCoefficients::new(self.hertz, q, sample_rate);
        for (state, samples) in self.channels.iter_mut().zip(sides) {
            if levels == (1.0, 1.0) {
                state.run(self.pass, samples, &c);
                continue;
            }
            let mut wet = [0.0; CONTROL_FRAMES];
            wet[..frames].copy_from_slice(samples);
            state.run(self.pass, &mut wet[..frames], &c);
            fade(samples, &wet, levels);
        }
    }

    fn forget(&mut self) {
        self.channels = Default::default();
    }
}

pub(crate) struct Rack {
    /// Whether anything is off its neutral value or on its way.
    awake: bool,
    steps: Steps,
    equaliser: Equaliser,
    cuts: [Cut; 3],
    vowel: (Presence, Formants, f32),
    ring: Ring,
    tremolo: Tremolo,
    phaser: Phaser,
    flanger: SweepDelay,
    chorus: SweepDelay,
    compressor: Compressor,
    sample_rate: f32,
}

impl Rack {
    pub(crate) fn new(sample_rate: f32) -> Self {
        Rack {
            awake: false,
            steps: Steps::new(16.0, 1.0),
            equaliser: Equaliser::new(sample_rate),
            cuts: [
                Cut::new(SlotControl::Highpass, Pass::High),
                Cut::new(SlotControl::Lowpass, Pass::Low),
                Cut::new(SlotControl::Bandpass, Pass::Band),
            ],
            vowel: (Presence::default(), Formants::new(1.0, 1.0, sample_rate), 1.0),
            ring: Ring::new(220.0, sample_rate),
            tremolo: Tremolo::new(5.0, sample_rate),
            phaser: Phaser::new(sample_rate),
            flanger: SweepDelay::flanger(sample_rate),
            chorus: SweepDelay::chorus(sample_rate),
            compressor: Compressor::new(CompressorSettings::of_amount(0.0), sample_rate),
            sample_rate,
        }
    }

    /// A control has been moved.
    pub(crate) fn wake(&mut self) {
        self.awake = true;
    }

    /// Silence in everything that holds sound.
    pub(crate) fn clear(&mut self) {
        self.steps.clear();
        self.equaliser.clear();
        self.cuts.iter_mut().for_each(Cut::forget);
        self.vowel.1.clear();
        self.phaser.clear();
        self.flanger.clear();
        self.chorus.clear();
        self.compressor.clear();
    }

    /// Whether there is nothing to clear.
    pub(crate) fn is_idle(&self) -> bool {
        !self.awake
    }

    /// Works on a piece of the block in place.
    pub(crate) fn process(&mut self, controls: &mut Controls, left: &mut [f32], right: &mut [f32]) {
        if !self.awake {
            return;
        }
        let pieces = left.chunks_mut(CONTROL_FRAMES).zip(right.chunks_mut(CONTROL_FRAMES));
        for (left, right) in pieces {
            self.piece(controls, left, right);
        }
        let gone = |presence: &Presence| presence.level == 0.0;
        let faded = self.cuts.iter().all(|cut| gone(&cut.presence)) && gone(&self.vowel.0);
        let still = RATES.iter().all(|control| !controls.is_moving(*control));
        if faded && still && EFFECTS.iter().all(|control| controls.rests(*control)) {
            self.clear();
            self.awake = false;
        }
    }

    fn piece(&mut self, controls: &mut Controls, left: &mut [f32], right: &mut [f32]) {
        use SlotControl as C;
        let frames = left.len() as u32;
        for control in RATES {
            controls.advance(control, frames);
        }
        if !(controls.rests(C::Crush) && controls.rests(C::Coarse)) {
            self.steps.set(controls.advance(C::Crush, frames), controls.advance(C::Coarse, frames));
            self.steps.process(left, right);
        }
        for (control, kind) in SHAPES {
            if !controls.rests(control) {
                let amount = controls.advance(control, frames);
                let shape = Waveshape::new(kind, amount);
                shape.blend(left, (amount / FADED_IN).min(1.0));
                shape.blend(right, (amount / FADED_IN).min(1.0));
            }
        }
        const BANDS: [SlotControl; 3] = [C::EqLow, C::EqMid, C::EqHigh];
        if !BANDS.iter().all(|band| controls.rests(*band)) {
            self.equaliser.set(BANDS.map(|band| controls.advance(band, frames)));
            self.equaliser.process(left, right);
        }
        let q = quality(controls.value(C::Resonance));
        for cut in &mut self.cuts {
            cut.run(controls, q, self.sample_rate, [&mut *left, &mut *right]);
        }
        self.vowel(controls, left, right);
        if !controls.rests(C::Ring) {
            self.ring.set(controls.value(C::RingFrequency));
            self.ring.process(left, right, || controls.next(C::Ring));
        }
        if !controls.rests(C::Tremolo) {
            self.tremolo.set(controls.value(C::TremoloRate));
            self.tremolo.process(left, right, || controls.next(C::Tremolo));
        }
        if !controls.rests(C::Phaser) {
            self.phaser.set_rate(controls.value(C::PhaserRate));
            self.phaser.process(left, right, || controls.next(C::Phaser));
        }
        if !controls.rests(C::Flanger) {
            self.flanger.set_rate(controls.value(C::FlangerRate));
            self.flanger.process(left, right, || controls.next(C::Flanger));
        }
        if !controls.rests(C::Chorus) {
            self.chorus.process(left, right, || controls.next(C::Chorus));
        }
        if !controls.rests(C::Compress) {
            self.compressor.aim(CompressorSettings::of_amount(controls.advance(C::Compress, frames)));
            self.compressor.process(left, right);
        }
        if !controls.rests(C::Width) {
            for (l, r) in left.iter_mut().zip(right) {
                let (middle, side) = (0.5 * (*l + *r), 0.5 * controls.next(C::Width) * (*l - *r));
                (*l, *r) = (middle + side, middle - side);
            }
        }
    }

    fn vowel(&mut self, controls: &mut Controls, left: &mut [f32], right: &mut [f32]) {
        let there = !controls.rests(SlotControl::Vowel);
        let vowel = controls.advance(SlotControl::Vowel, left.len() as u32);
        let (presence, formants, last_vowel) = &mut self.vowel;
        let Some(levels) = presence.advance(there, left.len(), self.sample_rate) else { return };
        if there {
            *last_vowel = vowel.max(1.0);
        }
        formants.set(*last_vowel);
        for (channel, samples) in [left, right].into_iter().enumerate() {
            let mut wet = [0.0; CONTROL_FRAMES];
            for (wet, x) in wet.iter_mut().zip(&*samples) {
                *wet = formants.next(channel, *x);
            }
            fade(samples, &wet, levels);
        }
        formants.flush();
    }
}
