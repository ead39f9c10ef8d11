//! A rendered script in numbers: how loud, how bright, how dense, how varied, and whether anything is missing.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use ebur128::{EbuR128, Mode};
use lilt_score::Beat;
use serde_json::Value;

/// Where what is called bright begins, in hertz.
const BRIGHT: f64 = 1_000.0;
/// Length of the pieces in which silence is looked for, in seconds.
const PIECE: f64 = 0.05;
/// Below this root mean square a piece is silent: -60 dB.
const SILENT: f64 = 0.001;
/// What `lilt render` adds for what rings on, in seconds; silence there is no silence.
const TAIL: f64 = 5.0;

/// What is heard of a script.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// Integrated loudness, in LUFS (EBU R 128).
    pub loudness: f64,
    /// Loudness range, in LU.
    pub range: f64,
    /// True peak of the louder channel, in dBTP.
    pub peak: f64,
    /// Share of the power above 1 kHz, in percent.
    pub bright: f64,
    /// Share of the power that differs between the channels, in percent.
    pub wide: f64,
    /// The longest silence, in seconds.
    pub silence: f64,
}

/// What is played by a script.
#[derive(Debug, Clone, PartialEq)]
pub struct Material {
    /// Events a bar.
    pub density: f64,
    /// Bars that differ from all before them.
    pub different: usize,
    /// Slots that are named in the text and never play.
    pub missing: Vec<String>,
}

impl Sound {
    /// Measures interleaved stereo samples.
    ///
    /// # Errors
    /// When there are none, or the rate is of no use.
    pub fn of(samples: &[f32], rate: u32) -> Result<Sound> {
        ensure!(samples.len() >= 2 * rate as usize, "less than a second of sound");
        let modes = Mode::I | Mode::LRA | Mode::TRUE_PEAK;
        let mut meter = EbuR128::new(2, rate, modes)?;
        // Block by block, since a meter makes room for what it is given at once.
        for block in samples.chunks(2 * rate as usize / 10) {
            meter.add_frames_f32(block)?;
        }
        let peak = meter.true_peak(0)?.max(meter.true_peak(1)?);
        let pairs = || samples.chunks_exact(2).map(|pair| (f64::from(pair[0]), f64::from(pair[1])));
        let mut high = HighPass::at(BRIGHT / f64::from(rate));
        let (mut all, mut above, mut side) = (0.0, 0.0, 0.0);
        for (left, right) in pairs() {
            let mid = 0.5 * (left + right);
            all += mid * mid;
            above += high.next(mid).powi(2);
            side += (0.5 * (left - right)).powi(2);
        }
        let piece = (PIECE * f64::from(rate)) as usize;
        let tail = (TAIL * f64::from(rate)) as usize;
        let heard = &samples[..samples.len().saturating_sub(2 * tail)];
        let silent = heard.chunks(2 * piece).map(|piece| {
            let power = piece.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / piece.len() as f64;
            power.sqrt() < SILENT
        });
        Ok(Sound {
            loudness: meter.loudness_global()?,
            range: meter.loudness_range()?,
            peak: 20.0 * peak.log10(),
            bright: 100.0 * above / f64::max(all, f64::MIN_POSITIVE),
            wide: 100.0 * side / f64::max(all + side, f64::MIN_POSITIVE),
            silence: PIECE * longest(silent) as f64,
        })
    }
}

impl Material {
    /// What `bars` bars of `bar` beats play, as `lilt render --events` writes it, of the script `text`.
    ///
    /// # Errors
    /// When a line is no event.
    pub fn of(events: &str, text: &str, bars: u32, bar: Beat) -> Result<Material> {
        let mut each: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        let (mut slots, mut count) = (BTreeSet::new(), 0u32);
        for line in events.lines() {
            let event: Value = serde_json::from_str(line)?;
            let slot = event["slot"].as_str().context("an event has a slot")?;
            let start: Beat = event["start"].as_str().context("an event has a start")?.parse()?;
            slots.insert(slot.to_string());
            count += 1;
            let number = start.floor_div(bar);
            let within = start - bar * Beat::whole(number);
            let what = format!("{slot} {within} {} {}", event["pitch"], event["sound"]);
            each.entry(number).or_default().insert(what);
        }
        let different = each.into_values().collect::<BTreeSet<_>>().len();
        let missing = named(text).into_iter().filter(|name| !slots.contains(*name)).map(str::to_string);
        Ok(Material { density: f64::from(count) / f64::from(bars), different, missing: missing.collect() })
    }
}

/// The slots that a text names word for word.
fn named(text: &str) -> Vec<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("--"));
    let calls = code.flat_map(|line| ["play(\"", "loop(\""].map(|call| line.split(call).skip(1)));
    calls.flatten().filter_map(|rest| rest.split_once("\",")).map(|(name, _)| name).collect()
}

/// The longest run of what is true.
fn longest(of: impl Iterator<Item = bool>) -> usize {
    let (_, most) = of.fold((0, 0), |(run, most): (usize, usize), is| {
        let run = if is { run + 1 } else { 0 };
        (run, most.max(run))
    });
    most
}

/// A Linkwitz-Riley highpass of 24 dB an octave: two Butterworth ones of second order, by the bilinear
/// transform.
struct HighPass {
    b: [f64; 3],
    a: [f64; 2],
    memory: [[f64; 4]; 2],
}

impl HighPass {
    /// With its corner at a share of the sampling rate, below a half.
    fn at(share: f64) -> HighPass {
        let k = (std::f64::consts::PI * share).tan();
        let norm = 1.0 / (1.0 + std::f64::consts::SQRT_2 * k + k * k);
        let a = [2.0 * (k * k - 1.0) * norm, (1.0 - std::f64::consts::SQRT_2 * k + k * k) * norm];
        HighPass { b: [norm, -2.0 * norm, norm], a, memory: [[0.0; 4]; 2] }
    }

    fn next(&mut self, sample: f64) -> f64 {
        let HighPass { b, a, memory } = self;
        memory.iter_mut().fold(sample, |x, [x1, x2, y1, y2]| {
            let y = b[0] * x + b[1] * *x1 + b[2] * *x2 - a[0] * *y1 - a[1] * *y2;
            (*x2, *x1, *y2, *y1) = (*x1, x, *y1, y);
            y
        })
    }
}

/// Loudness in which an example may lie, in LUFS.
const LOUDNESS: std::ops::RangeInclusive<f64> = -20.0..=-8.0;
/// Highest true peak, in dBTP.
const PEAK: f64 = -1.0;
/// Longest silence, in seconds.
const SILENCE: f64 = 2.0;

/// What is amiss, in words.
pub fn amiss(sound: &Sound, material: &Material) -> Vec<String> {
    let mut found = Vec::new();
    if !LOUDNESS.contains(&sound.loudness) {
        found.push(format!("loudness {:.1} LUFS", sound.loudness));
    }
    if sound.peak > PEAK {
        found.push(format!("peak {:.1} dBTP", sound.peak));
    }
    if sound.silence > SILENCE {
        found.push(format!("silent for {:.1} s", sound.silence));
    }
    if !material.missing.is_empty() {
        found.push(format!("never heard: {}", material.missing.join(", ")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 48_000;

    /// A sine of 0.5 in both channels for ten seconds, silent from second 2 to 3.
    fn tone(hertz: f64) -> Vec<f32> {
        (0..10 * RATE)
            .flat_map(|frame| {
                let seconds = f64::from(frame) / f64::from(RATE);
                let loud = if (2.0..3.0).contains(&seconds) { 0.0 } else { 0.5 };
                let sample = (loud * (std::f64::consts::TAU * hertz * seconds).sin()) as f32;
                [sample, sample]
            })
            .collect()
    }

    #[test]
    fn a_tone_is_as_loud_bright_and_silent_as_it_is() {
        let (low, high) = (Sound::of(&tone(100.0), RATE), Sound::of(&tone(5_000.0), RATE));
        let (low, high) = (low.expect("measured"), high.expect("measured"));
        assert!(low.bright < 0.1 && high.bright > 99.0, "{low:?} {high:?}");
        assert!((low.peak + 6.02).abs() < 0.1, "half of full scale: {low:?}");
        assert!((low.silence - 1.0).abs() < 0.11 && low.wide == 0.0, "{low:?}");
        // -9 dB a channel, two channels, and what BS.1770 weighs at 100 Hz.
        assert!((-8.5..-5.0).contains(&low.loudness), "{low:?}");
        assert!(Sound::of(&[0.0; 10], RATE).is_err());
    }

    #[test]
    fn bars_are_compared_and_missing_slots_are_named() {
        let events = "{\"slot\":\"a\",\"start\":\"0\",\"pitch\":60}\n{\"slot\":\"a\",\"start\":\"9/2\",\"pitch\":60}\n\
                      {\"slot\":\"a\",\"start\":\"17/2\",\"pitch\":60}\n";
        let text = "play(\"a\", \"c4\") -- play(\nloop(\"b\", f)\n-- play(\"c\", \"c4\")\n";
        let material = Material::of(events, text, 3, Beat::whole(4)).expect("events");
        assert_eq!(material, Material { density: 1.0, different: 2, missing: vec!["b".to_string()] });
        let sound = Sound { loudness: -7.0, range: 1.0, peak: -0.5, bright: 5.0, wide: 1.0, silence: 3.0 };
        assert_eq!(
            amiss(&sound, &material),
            ["loudness -7.0 LUFS", "peak -0.5 dBTP", "silent for 3.0 s", "never heard: b"]
        );
    }
}
