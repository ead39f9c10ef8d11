//! The sounds that ship: as many as promised, as loud, and what their names say.

use std::fs;
use std::path::Path;

use lilt_samples::{Bank, Root, Sample, SoundName, onsets};

fn sample(bank: &Bank, written: &str) -> Sample {
    bank.find(written).and_then(|sound| sound.source.read()).unwrap_or_else(|error| panic!("{error}"))
}

/// The part of the power of `frames` above `cutoff` Hz, by a filter of one pole.
fn part_above(sample: &Sample, frames: std::ops::Range<usize>, cutoff: f64) -> f64 {
    let step = 1.0 - (-std::f64::consts::TAU * cutoff / f64::from(sample.rate())).exp();
    let (mut low, mut above, mut all) = (0.0, 0.0, 0.0);
    for i in frames {
        let x = f64::from(sample.frame(i)[0]);
        low += step * (x - low);
        above += (x - low) * (x - low);
        all += x * x;
    }
    above / all
}

#[test]
fn there_are_sixty_and_more_within_ten_megabytes() {
    let bank = Bank::new([Root::Starter]);
    let sounds: usize = bank.names().map(|(_, count)| count).sum();
    assert!(sounds >= 60, "{sounds}");
    let names: Vec<&str> = bank.names().map(|(name, _)| name).collect();
    for name in
        "bd sd hh oh cp rs lt mt ht cr rd cb 808bd 808sd 808hh 909bd 909sd 909hh breaks bass stab pad pluck \
                 bell noise voice"
            .split_whitespace()
    {
        assert!(names.contains(&name), "{name}");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sounds");
    let bytes: u64 = names
        .iter()
        .flat_map(|name| fs::read_dir(root.join(name)).expect("a folder"))
        .map(|file| file.expect("a file").metadata().expect("a file").len())
        .sum();
    assert!(bytes < 10_000_000, "{bytes}");
    // What is in the program is what is on the disk.
    let disk = Bank::new([Root::Folder(root)]);
    assert_eq!(disk.names().collect::<Vec<_>>(), bank.names().collect::<Vec<_>>());
}

#[test]
fn each_is_loud_centred_and_ends_in_silence() {
    let bank = Bank::new([Root::Starter]);
    for (name, count) in bank.names() {
        for number in 0..count as i64 {
            let name = SoundName { name: name.to_owned(), number };
            let sample = sample(&bank, &name.to_string());
            assert_eq!((sample.rate(), sample.channels()), (44_100, 1), "{name}");
            assert!((0.04..=2.6).contains(&sample.seconds()), "{name}: {} s", sample.seconds());
            let frames = sample.interleaved();
            let peak = frames.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
            assert!((0.45..0.97).contains(&peak), "{name}: peak {peak}");
            let mean = frames.iter().sum::<f32>() / frames.len() as f32;
            assert!(mean.abs() < 0.02, "{name}: offset {mean}");
            if name.name != "breaks" {
                let last = frames[frames.len() - 1].abs();
                assert!(last < 0.001, "{name}: ends at {last}");
            }
        }
    }
}

#[test]
fn a_bass_drum_has_a_click_and_a_bottom() {
    let bank = Bank::new([Root::Starter]);
    for written in ["bd", "bd:1", "bd:2", "bd:3", "909bd", "909bd:1"] {
        let kick = sample(&bank, written);
        let click = part_above(&kick, 0..441, 1_000.0);
        assert!(click > 0.05, "{written}: {click} of the first 10 ms above 1 kHz");
        let tail = part_above(&kick, 2_205..4_410, 200.0);
        assert!(tail < 0.2, "{written}: {tail} of the tail above 200 Hz");
    }
    for written in ["hh", "oh", "808hh", "909hh"] {
        let hat = sample(&bank, written);
        let high = part_above(&hat, 0..2_000, 2_000.0);
        assert!(high > 0.6, "{written}: {high} above 2 kHz");
    }
}

#[test]
fn breaks_last_exactly_a_bar_and_have_their_hits() {
    let bank = Bank::new([Root::Starter]);
    for (number, bpm) in [120.0, 135.0, 150.0, 170.0f64].into_iter().enumerate() {
        let bar = sample(&bank, &format!("breaks:{number}"));
        assert_eq!(bar.frames(), (44_100.0 * 240.0 / bpm).round() as usize, "{bpm}");
        let hits = onsets(&bar);
        assert!((6..=16).contains(&hits.len()), "{bpm}: {} hits", hits.len());
        assert!(hits[0] < 500, "{bpm}: the first hit is at {}", hits[0]);
    }
}

#[test]
fn strings_and_voices_have_their_pitch() {
    let bank = Bank::new([Root::Starter]);
    for (written, hertz) in [("pluck", 261.63), ("pluck:1", 261.63), ("voice", 130.81), ("bass:2", 65.41)] {
        let found = pitch(&sample(&bank, written), hertz);
        let cents = 1_200.0 * (found / hertz).log2();
        assert!(cents.abs() < 15.0, "{written}: {found} Hz");
    }
}

/// The frequency near `near` whose period the sound repeats best: the peak of its autocorrelation, between
/// frames by a parabola.
fn pitch(sample: &Sample, near: f64) -> f64 {
    let rate = f64::from(sample.rate());
    let start = sample.frames() / 4;
    let length = (rate * 0.25) as usize;
    let agreement = |lag: usize| -> f64 {
        (start..start + length)
            .map(|i| f64::from(sample.frame(i)[0]) * f64::from(sample.frame(i + lag)[0]))
            .sum()
    };
    // Over eight periods a frame is an eighth as coarse.
    let (low, high) = ((8.0 * rate / near * 0.985) as usize, (8.0 * rate / near * 1.015) as usize);
    let best = (low..=high).max_by(|a, b| agreement(*a).total_cmp(&agreement(*b))).expect("a lag");
    let [before, at, after] = [best - 1, best, best + 1].map(agreement);
    let shift = 0.5 * (before - after) / (before - 2.0 * at + after);
    8.0 * rate / (best as f64 + shift)
}
