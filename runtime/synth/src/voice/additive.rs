//! Plays a timbre: partials and bands of noise, whose amplitudes follow its moments.
//!
//! Partials are complex numbers that are turned a little each frame. Each control block they begin anew from a phase,
//! which is counted in cycles: what the turning has lost by rounding never adds up. Each band has a noise of its own,
//! so that the powers of bands add, whatever their filters do to phases; a filter is two equal complex poles.
//! Partials and bands lie side by side in lanes, of which vector instructions take several.

use super::Onset;
use super::patch::Patch;
use crate::envelope::{SILENCE, decay_factor};
use crate::noise::Noise;
use crate::oscillator::{CONTROL_FRAMES, Frames, sine};
use crate::param::Param;
use crate::sample::{Library, Sample, SampleId};
use crate::timbre::{MOMENT, MOMENTS_A_SECOND, NOISE_BANDS, PARTIALS, Timbre, noise_band};

/// How many lie side by side.
const LANES: usize = 8;
/// Partials, filled up to whole groups.
const PLACES: usize = PARTIALS.next_multiple_of(LANES);
/// Cycles a frame where partials begin to be faded, and where none is left: below Nyquist's half.
const HIGHEST: [f32; 2] = [0.45, 0.49];
/// Seconds of the fade at a beginning that is cut.
const FADE: f32 = 0.003;
/// Seconds in which it falls by 60 dB once there are no more moments.
const END: f32 = 0.01;

/// The partials of a voice.
#[derive(Clone, Debug)]
struct Partials {
    /// In cycles, kept within -0.5..=0.5.
    phase: [f32; PLACES],
    /// How many times the pitch each is.
    ratio: [f32; PLACES],
    amplitude: [f32; PLACES],
}

/// The noise of a voice: a generator, two poles and their place for each band.
#[derive(Clone, Debug)]
struct Bands {
    noise: [u32; NOISE_BANDS],
    pole: [[f32; NOISE_BANDS]; 2],
    first: [[f32; NOISE_BANDS]; 2],
    second: [[f32; NOISE_BANDS]; 2],
    /// Makes the root mean square of what comes out 1; 0 where the sample rate has no room for the band.
    gain: [f32; NOISE_BANDS],
    amplitude: [f32; NOISE_BANDS],
}

#[derive(Clone, Debug)]
pub(crate) struct Additive {
    id: SampleId,
    partials: Partials,
    bands: Bands,
    /// Cycles a frame of the pitch.
    increment: f32,
    /// Where it is, in moments, and how far it goes a frame.
    position: f64,
    step: f64,
    /// What is heard of it.
    gain: f32,
    fade_step: f32,
    fade: f32,
    released: bool,
    /// Of a frame, once the note has ended, and once there are no more moments.
    release: f32,
    end: f32,
    finished: bool,
}

impl Additive {
    /// `None` where the note asks for a length of 0. At a speed of 0 it stands still.
    pub(crate) fn new(id: SampleId, timbre: &Timbre, onset: &Onset) -> Option<Self> {
        let params = &onset.params;
        let last = (timbre.len() - 1) as f64;
        let place = |param: Param, default: f32| f64::from(params.or(param, default).clamp(0.0, 1.0)) * last;
        let (a, b) = (place(Param::Begin, 0.0), place(Param::End, 1.0));
        if a == b && last > 0.0 {
            return None;
        }
        let speed = f64::from(params.or(Param::Speed, 1.0));
        let position = if speed < 0.0 { a.max(b) } else { a.min(b) };
        let rate = onset.sample_rate;
        let mut voice = Additive {
            id,
            partials: Partials::new(timbre.ratios()),
            bands: Bands::new(onset),
            increment: onset.frequency / rate,
            position,
            step: speed * f64::from(MOMENTS_A_SECOND) / f64::from(rate),
            gain: 1.0,
            fade: if position > 0.0 { 0.0 } else { 1.0 },
            fade_step: 1.0 / (FADE * rate),
            released: false,
            release: decay_factor(timbre.release(), rate),
            end: decay_factor(END, rate),
            finished: false,
        };
        let moment = voice.moment(timbre);
        voice.partials.amplitude[..PARTIALS].copy_from_slice(&moment[..PARTIALS]);
        voice.bands.amplitude.copy_from_slice(&moment[PARTIALS..PARTIALS + NOISE_BANDS]);
        Some(voice)
    }

    /// How loud a note is, its timbre says.
    pub(crate) fn patch() -> Patch {
        Patch::plain(1.0)
    }

    pub(crate) fn id(&self) -> SampleId {
        self.id
    }

    pub(crate) fn finished(&self) -> bool {
        self.finished
    }

    pub(crate) fn release(&mut self) {
        self.released = true;
    }

    /// The moment where it is, between its neighbours.
    fn moment(&self, timbre: &Timbre) -> [f32; MOMENT] {
        let at = self.position.max(0.0);
        let part = (at - at.floor()) as f32;
        let [one, other] = [timbre.moment(at as usize), timbre.moment(at as usize + 1)];
        std::array::from_fn(|i| one[i] + part * (other[i] - one[i]))
    }

    #[inline]
    pub(crate) fn add(&mut self, samples: &Library, bend: f32, frames: usize, out: [&mut Frames; 2]) {
        let Some(timbre) = samples.playing(self.id).and_then(Sample::timbre) else {
            self.finished = true;
            return;
        };
        self.go_on(timbre, frames);
        let moment = self.moment(timbre);
        let mut sum = [0.0; CONTROL_FRAMES];
        let increment = self.increment * bend * moment[MOMENT - 1];
        self.partials.add(increment, &moment[..PARTIALS], frames, &mut sum);
        self.bands.add(&moment[PARTIALS..PARTIALS + NOISE_BANDS], frames, &mut sum);
        let factor = if self.released { self.release } else { 1.0 };
        for (x, sum) in out[0][..frames].iter_mut().zip(sum) {
            self.fade = (self.fade + self.fade_step).min(1.0);
            self.gain *= factor;
            *x += self.gain * self.fade * sum;
        }
        self.finished |= self.gain < SILENCE;
    }

    /// Moves on by `frames`. At the end of what there is it turns round, or ends.
    fn go_on(&mut self, timbre: &Timbre, frames: usize) {
        self.position += self.step * frames as f64;
        let last = (timbre.len() - 1) as f64;
        let Some((first, end)) = timbre.round() else {
            if self.position > last || self.position < 0.0 {
                // What does not end in silence itself is not cut.
                self.released = true;
                self.release = self.release.min(self.end);
            }
            self.position = self.position.clamp(0.0, last);
            return;
        };
        let turned = if self.position > end {
            2.0 * end - self.position
        } else if self.position < first && self.step < 0.0 {
            2.0 * first - self.position
        } else {
            return;
        };
        self.position = turned.clamp(first, end);
        self.step = -self.step;
    }
}

impl Partials {
    fn new(ratios: &[f32]) -> Self {
        Partials {
            // Schroeder's phases (1970): no two partials peak together, so that none stands out.
            phase: std::array::from_fn(|i| {
                let turn = 0.5 * (i * i) as f32 / PLACES as f32;
                turn - turn.round()
            }),
            ratio: std::array::from_fn(|i| ratios.get(i).copied().unwrap_or(0.0)),
            amplitude: [0.0; PLACES],
        }
    }

    /// Adds the next `frames`, `increment` cycles of the pitch each, on the way to the amplitudes `to`.
    #[inline]
    fn add(&mut self, increment: f32, to: &[f32], frames: usize, out: &mut Frames) {
        let part = 1.0 / frames as f32;
        let mut sum = [[0.0f32; LANES]; CONTROL_FRAMES];
        for group in (0..PLACES).step_by(LANES) {
            let step: [f32; LANES] = std::array::from_fn(|i| (self.ratio[group + i] * increment).min(1.0));
            let [from, none] = HIGHEST;
            let target: [f32; LANES] = std::array::from_fn(|i| {
                let room = ((none - step[i]) / (none - from)).clamp(0.0, 1.0);
                to.get(group + i).copied().unwrap_or(0.0) * room
            });
            let start: [f32; LANES] = std::array::from_fn(|i| self.amplitude[group + i]);
            let phase: [f32; LANES] = std::array::from_fn(|i| self.phase[group + i]);
            for i in 0..LANES {
                let turned = phase[i] + step[i] * frames as f32;
                // Adding and taking away 1.5·2²³ rounds.
                self.phase[group + i] = turned - ((turned + 12_582_912.0) - 12_582_912.0);
                self.amplitude[group + i] = target[i];
            }
            if start.iter().chain(&target).all(|x| *x == 0.0) {
                continue;
            }
            let mut re: [f32; LANES] = std::array::from_fn(|i| sine(phase[i] + 0.25));
            let mut im: [f32; LANES] = std::array::from_fn(|i| sine(phase[i]));
            let cos: [f32; LANES] = std::array::from_fn(|i| sine(step[i] + 0.25));
            let sin: [f32; LANES] = std::array::from_fn(|i| sine(step[i]));
            let mut level = start;
            let rise: [f32; LANES] = std::array::from_fn(|i| (target[i] - start[i]) * part);
            for sum in &mut sum[..frames] {
                for i in 0..LANES {
                    (re[i], im[i]) = (re[i] * cos[i] - im[i] * sin[i], re[i] * sin[i] + im[i] * cos[i]);
                    level[i] += rise[i];
                    sum[i] += level[i] * im[i];
                }
            }
        }
        gather(&sum, out);
    }
}

impl Bands {
    fn new(onset: &Onset) -> Self {
        let rate = onset.sample_rate;
        let mut bands = Bands {
            noise: std::array::from_fn(|i| Noise::new(onset.seed ^ ((i as u32 + 1) << 20)).state()),
            pole: [[0.0; NOISE_BANDS]; 2],
            first: [[0.0; NOISE_BANDS]; 2],
            second: [[0.0; NOISE_BANDS]; 2],
            gain: [0.0; NOISE_BANDS],
            amplitude: [0.0; NOISE_BANDS],
        };
        for band in 0..NOISE_BANDS {
            let [centre, width] = noise_band(band);
            if centre + width > 0.48 * rate {
                continue;
            }
            // Two equal poles are narrower than one by √(√2 - 1).
            let radius = (-std::f32::consts::PI * width / (0.643_6 * rate)).exp();
            let (sin, cos) = (std::f32::consts::TAU * centre / rate).sin_cos();
            (bands.pole[0][band], bands.pole[1][band]) = (radius * cos, radius * sin);
            // Σ (n + 1)² r²ⁿ is the power of both poles, of which the real part has a half; even noise over -1..1 has
            // a third.
            let square = radius * radius;
            let power = (1.0 + square) / (1.0 - square).powi(3) / 6.0;
            bands.gain[band] = power.sqrt().recip();
        }
        bands
    }

    /// Adds the next `frames` on the way to the amplitudes `to`.
    #[inline]
    fn add(&mut self, to: &[f32], frames: usize, out: &mut Frames) {
        let part = 1.0 / frames as f32;
        let mut sum = [[0.0f32; LANES]; CONTROL_FRAMES];
        for group in (0..NOISE_BANDS).step_by(LANES) {
            let of =
                |values: &[f32; NOISE_BANDS]| -> [f32; LANES] { std::array::from_fn(|i| values[group + i]) };
            let (start, gain) = (of(&self.amplitude), of(&self.gain));
            let target: [f32; LANES] = std::array::from_fn(|i| to[group + i]);
            self.amplitude[group..group + LANES].copy_from_slice(&target);
            if start.iter().chain(&target).all(|x| *x == 0.0) {
                continue;
            }
            let [cos, sin] = [of(&self.pole[0]), of(&self.pole[1])];
            let [mut ar, mut ai] = [of(&self.first[0]), of(&self.first[1])];
            let [mut br, mut bi] = [of(&self.second[0]), of(&self.second[1])];
            let mut noise: [u32; LANES] = std::array::from_fn(|i| self.noise[group + i]);
            let mut level: [f32; LANES] = std::array::from_fn(|i| start[i] * gain[i]);
            let rise: [f32; LANES] = std::array::from_fn(|i| (target[i] - start[i]) * gain[i] * part);
            for sum in &mut sum[..frames] {
                for i in 0..LANES {
                    // As in `Noise`: Marsaglia's xorshift, for each lane its own.
                    let mut x = noise[i];
                    x ^= x << 13;
                    x ^= x >> 17;
                    x ^= x << 5;
                    noise[i] = x;
                    let white = (x >> 8) as i32 as f32 * (1.0 / 8_388_608.0) - 1.0;
                    (ar[i], ai[i]) =
                        (ar[i] * cos[i] - ai[i] * sin[i] + white, ar[i] * sin[i] + ai[i] * cos[i]);
                    (br[i], bi[i]) =
                        (br[i] * cos[i] - bi[i] * sin[i] + ar[i], br[i] * sin[i] + bi[i] * cos[i] + ai[i]);
                    level[i] += rise[i];
                    sum[i] += level[i] * br[i];
                }
            }
            let range = group..group + LANES;
            self.noise[range.clone()].copy_from_slice(&noise);
            self.first[0][range.clone()].copy_from_slice(&ar);
            self.first[1][range.clone()].copy_from_slice(&ai);
            self.second[0][range.clone()].copy_from_slice(&br);
            self.second[1][range].copy_from_slice(&bi);
        }
        gather(&sum, out);
    }
}

/// Adds the lanes of each frame.
#[inline(always)]
fn gather(sum: &[[f32; LANES]; CONTROL_FRAMES], out: &mut Frames) {
    for (x, lanes) in out.iter_mut().zip(sum) {
        *x += lanes.iter().sum::<f32>();
    }
}
