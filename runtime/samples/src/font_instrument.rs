//! An instrument of a SoundFont as it is played: which recordings a key sounds, and how.
//!
//! Generators are those of the SoundFont technical specification 2.04, section 8.1; those of the preset are added
//! to those of its instruments, as section 9.4 says. Left out are what the modulation envelope does to the pitch and
//! the modulation oscillator to the filter and the loudness, delays, times that depend on the key, and sends: the
//! reverb and chorus of a file are another synthesiser's.

use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use rustysynth::{InstrumentRegion, LoopMode, PresetRegion};

use crate::{Preset, Sample, SoundFont};

/// Filters that are open as far as this, in hertz, change nothing that is heard.
const OPEN: f32 = 18_000.0;

/// Cents of vibrato from which on it is heard.
const LEAST_VIBRATO: f32 = 1.0;

/// Of an attenuation in a file so much is meant: the EMU hardware for which SoundFonts were made does so, and
/// players follow it.
const ATTENUATION: f32 = 0.4;

/// A preset of a SoundFont with its sounds in memory. A key sounds every region that it lies in.
#[derive(Debug, Clone, PartialEq)]
pub struct FontInstrument {
    regions: Vec<Region>,
}

/// What some keys, struck so hard, sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    keys: RangeInclusive<i32>,
    velocities: RangeInclusive<i32>,
    /// The recording, of one channel; regions may share one.
    pub sample: Arc<Sample>,
    /// The frames that go round while a key is held.
    pub round: Option<Range<usize>>,
    /// The key at which it sounds as it was recorded, as a MIDI number.
    root: f64,
    /// How far the pitch goes from one key to the next, in semitones: 1, or 0 for noises.
    scale: f64,
    /// Gain, linear.
    pub gain: f32,
    /// From -1 (left) to 1 (right).
    pub pan: f32,
    /// How its loudness goes.
    pub envelope: FontEnvelope,
    /// Its lowpass, where that is heard.
    pub filter: Option<FontFilter>,
    /// Its vibrato, where it has one.
    pub vibrato: Option<FontVibrato>,
    /// Number of the group of which one sound ends the others; 0 is none.
    pub choke: u32,
}

/// A lowpass and what moves it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FontFilter {
    /// Its cutoff in hertz, where the envelope is at 0.
    pub cutoff: f32,
    /// How far it rings over what is flat, in decibels.
    pub resonance: f32,
    /// How far the envelope opens it at its peak, in octaves; below 0 it closes it.
    pub octaves: f32,
    /// How that goes.
    pub envelope: FontEnvelope,
}

/// A swing of the pitch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FontVibrato {
    /// How far up and down, in cents.
    pub cents: f32,
    /// How often a second.
    pub hertz: f32,
}

/// Times in seconds, the sustained level linear.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FontEnvelope {
    /// From silence to the peak.
    pub attack: f32,
    /// From the peak to the sustained level, the time at the peak counted in.
    pub decay: f32,
    /// Level while the key is held, 0 to 1.
    pub sustain: f32,
    /// From the end of the note to silence.
    pub release: f32,
}

impl Region {
    /// What the mixer is to play a key at, in semitones: at 60 a sound is as it was recorded.
    pub fn pitch(&self, key: f64) -> f64 {
        60.0 + (key - self.root) * self.scale
    }
}

impl FontInstrument {
    /// The instrument that a preset of `font` is. It takes time: call it on a thread that no music waits for.
    /// What a file says of samples that it does not hold is left out.
    pub(crate) fn read(font: &SoundFont, preset: &Preset) -> FontInstrument {
        let file = font.font();
        let mut cut = HashMap::new();
        let mut regions = Vec::new();
        let of_preset = file.get_presets().iter().filter(|known| {
            (known.get_bank_number(), known.get_patch_number())
                == (i32::from(preset.bank), i32::from(preset.program))
        });
        for outer in of_preset.take(1).flat_map(|preset| preset.get_regions()) {
            let Some(instrument) = file.get_instruments().get(outer.get_instrument_id()) else { continue };
            for inner in instrument.get_regions() {
                regions.extend(region(font, outer, inner, &mut cut));
            }
        }
        FontInstrument { regions }
    }

    /// The regions that a key sounds; `velocity` from 0 to 1.
    pub fn regions(&self, key: f64, velocity: f64) -> impl Iterator<Item = &Region> {
        let key = key.round().clamp(0.0, 127.0) as i32;
        let velocity = (velocity * 127.0).round().clamp(1.0, 127.0) as i32;
        let sounds =
            move |region: &&Region| region.keys.contains(&key) && region.velocities.contains(&velocity);
        self.regions.iter().filter(sounds)
    }

    /// What it takes in memory, in bytes.
    pub fn bytes(&self) -> usize {
        let mut each: HashMap<*const Sample, usize> = HashMap::new();
        for region in &self.regions {
            each.insert(Arc::as_ptr(&region.sample), region.sample.bytes());
        }
        each.values().sum()
    }
}

/// Recordings that were cut out already, by where they lie in the file, and their rate.
type Cut = HashMap<(usize, usize, u32), Arc<Sample>>;

fn region(font: &SoundFont, outer: &PresetRegion, inner: &InstrumentRegion, cut: &mut Cut) -> Option<Region> {
    let file = font.font();
    let wave = file.get_wave_data();
    let place = |at: i32| usize::try_from(at).ok();
    let start = place(inner.get_sample_start())?;
    let end = place(inner.get_sample_end())?.min(wave.len());
    let rate = file.get_sample_headers().get(inner.get_sample_id())?.get_sample_rate();
    let rate = u32::try_from(rate).ok().filter(|rate| (1_000..=768_000).contains(rate))?;
    if start >= end {
        return None;
    }
    let sample = match cut.get(&(start, end, rate)) {
        Some(sample) => Arc::clone(sample),
        None => {
            let frames = wave[start..end].iter().map(|x| f32::from(*x) / 32_768.0).collect();
            let sample = Arc::new(Sample::new(font.name(), rate, 1, frames)?);
            cut.insert((start, end, rate), Arc::clone(&sample));
            sample
        }
    };
    let goes_round = !matches!(inner.get_sample_modes(), LoopMode::NoLoop);
    let round = place(inner.get_sample_start_loop())
        .zip(place(inner.get_sample_end_loop()))
        .and_then(|(from, to)| Some(from.checked_sub(start)?..to.min(end).checked_sub(start)?))
        .filter(|round| goes_round && round.len() > 1);
    let scale = f64::from(outer.get_scale_tuning() + inner.get_scale_tuning()) / 100.0;
    let tune = f64::from(outer.get_coarse_tune() + inner.get_coarse_tune())
        + f64::from(outer.get_fine_tune() + inner.get_fine_tune()) / 100.0;
    let root = f64::from(inner.get_root_key());
    // What it is tuned up, its root lies lower; where keys do not count, it is tuned in the pitch itself.
    let root = if scale == 0.0 { root } else { root - tune / scale };
    let decibels = ATTENUATION * (outer.get_initial_attenuation() + inner.get_initial_attenuation()).max(0.0);
    let filter = filter(outer, inner);
    // What rings is turned down by half of that, as the hardware did.
    let decibels = decibels + filter.map_or(0.0, |filter| 0.5 * filter.resonance);
    let falls = outer.get_sustain_volume_envelope() + inner.get_sustain_volume_envelope();
    let keys = common(
        outer.get_key_range_start()..=outer.get_key_range_end(),
        inner.get_key_range_start()..=inner.get_key_range_end(),
    );
    let velocities = common(
        outer.get_velocity_range_start()..=outer.get_velocity_range_end(),
        inner.get_velocity_range_start()..=inner.get_velocity_range_end(),
    );
    let hold = outer.get_hold_volume_envelope() * inner.get_hold_volume_envelope();
    let decay = outer.get_decay_volume_envelope() * inner.get_decay_volume_envelope();
    Some(Region {
        keys,
        velocities,
        sample,
        round,
        root,
        scale,
        gain: 10f32.powf(-decibels / 20.0),
        // The file says it in percent, 50 being the very right.
        pan: ((outer.get_pan() + inner.get_pan()) / 50.0).clamp(-1.0, 1.0),
        envelope: FontEnvelope {
            attack: outer.get_attack_volume_envelope() * inner.get_attack_volume_envelope(),
            decay: hold + decay,
            sustain: 10f32.powf(-falls.max(0.0) / 20.0),
            // Shorter than 10 ms would click.
            release: (outer.get_release_volume_envelope() * inner.get_release_volume_envelope()).max(0.01),
        },
        filter,
        vibrato: vibrato(outer, inner),
        choke: u32::try_from(inner.get_exclusive_class()).unwrap_or(0),
    })
}

/// The filter of a region, where it takes anything away.
fn filter(outer: &PresetRegion, inner: &InstrumentRegion) -> Option<FontFilter> {
    let cutoff = outer.get_initial_filter_cutoff_frequency() * inner.get_initial_filter_cutoff_frequency();
    let cents = outer.get_modulation_envelope_to_filter_cutoff_frequency()
        + inner.get_modulation_envelope_to_filter_cutoff_frequency();
    let octaves = cents as f32 / 1_200.0;
    let hold = outer.get_hold_modulation_envelope() * inner.get_hold_modulation_envelope();
    let decay = outer.get_decay_modulation_envelope() * inner.get_decay_modulation_envelope();
    // The file says in percent how far it falls.
    let falls = outer.get_sustain_modulation_envelope() + inner.get_sustain_modulation_envelope();
    let filter = FontFilter {
        cutoff: cutoff.clamp(20.0, 20_000.0),
        resonance: (outer.get_initial_filter_q() + inner.get_initial_filter_q()).max(0.0),
        octaves,
        envelope: FontEnvelope {
            attack: outer.get_attack_modulation_envelope() * inner.get_attack_modulation_envelope(),
            decay: hold + decay,
            sustain: (1.0 - falls / 100.0).clamp(0.0, 1.0),
            release: outer.get_release_modulation_envelope() * inner.get_release_modulation_envelope(),
        },
    };
    // One that is open, and stays so, is none.
    (cutoff < OPEN || octaves < 0.0).then_some(filter)
}

/// The vibrato of a region: that of its own oscillator, or else of that which moves other things too.
fn vibrato(outer: &PresetRegion, inner: &InstrumentRegion) -> Option<FontVibrato> {
    let own = (
        outer.get_vibrato_lfo_to_pitch() + inner.get_vibrato_lfo_to_pitch(),
        outer.get_frequency_vibrato_lfo() * inner.get_frequency_vibrato_lfo(),
    );
    let other = (
        outer.get_modulation_lfo_to_pitch() + inner.get_modulation_lfo_to_pitch(),
        outer.get_frequency_modulation_lfo() * inner.get_frequency_modulation_lfo(),
    );
    let swings = [own, other].map(|(cents, hertz)| FontVibrato { cents: (cents as f32).abs(), hertz });
    swings.into_iter().find(|swing| swing.cents >= LEAST_VIBRATO)
}

/// What lies in both.
fn common(one: RangeInclusive<i32>, other: RangeInclusive<i32>) -> RangeInclusive<i32> {
    *one.start().max(other.start())..=*one.end().min(other.end())
}
