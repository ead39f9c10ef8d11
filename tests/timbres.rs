//! Places in the space of sounds from a script to the rendered file.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The left channel of a script's first bars, as the file's bytes and as numbers; what it must say nothing of.
fn heard(script: &str, bars: u32) -> (Vec<u8>, Vec<f64>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (set, wav) = (folder.path().join("set.lua"), folder.path().join("out.wav"));
    fs::write(&set, script).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_lilt"))
        .arg("render")
        .arg(&set)
        .args(["--bars", &bars.to_string(), "--wav"])
        .arg(&wav)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .expect("lilt starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes = fs::read(&wav).expect("it was rendered");
    let mut reader = hound::WavReader::open(&wav).expect("a WAV file");
    let frames: Vec<f64> = match reader.spec().sample_format {
        hound::SampleFormat::Float => reader.samples::<f32>().map(|x| f64::from(x.expect("whole"))).collect(),
        hound::SampleFormat::Int => {
            let full = f64::from(1u32 << (reader.spec().bits_per_sample - 1));
            reader.samples::<i32>().map(|x| f64::from(x.expect("whole")) / full).collect()
        }
    };
    (bytes, frames.into_iter().step_by(2).collect())
}

/// How strong a frequency is.
fn strength(sound: &[f64], hertz: f64) -> f64 {
    let turn = std::f64::consts::TAU * hertz / 48_000.0;
    let window = |i: usize| 0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / sound.len() as f64).cos();
    let (re, im) = sound.iter().enumerate().fold((0.0, 0.0), |(re, im), (i, x)| {
        let (sin, cos) = (turn * i as f64).sin_cos();
        (re + x * window(i) * cos, im + x * window(i) * sin)
    });
    re.hypot(im) / sound.len() as f64
}

fn loudness(sound: &[f64]) -> f64 {
    (sound.iter().map(|x| x * x).sum::<f64>() / sound.len() as f64).sqrt()
}

fn on(place: &str) -> String {
    format!("tempo(60)\nlocal t = model \"timbre\"\nplay(\"lead\", notes \"a3\"):on({place}):reverb(0)")
}

#[test]
fn a_render_is_in_tune_and_the_same_each_time() {
    let script = on("t:at(\"trombone\", \"flute\", sine(4))");
    let (bytes, sound) = heard(&script, 1);
    assert_eq!(bytes, heard(&script, 1).0);
    let held = &sound[48_000..48_000 + 32_768];
    assert!(loudness(held) > 0.01, "it sounds: {}", loudness(held));
    // Semitones to either side of the first partial are silent beside it.
    for beside in [207.65, 233.08] {
        assert!(strength(held, 220.0) > 20.0 * strength(held, beside), "{beside} Hz");
    }
}

#[test]
fn places_sound_different_and_tails_begin_late() {
    let bright = |place: &str| {
        let (_, sound) = heard(&on(place), 1);
        let held = &sound[24_000..24_000 + 16_384];
        (2..12).map(|k| strength(held, 220.0 * f64::from(k))).sum::<f64>() / strength(held, 220.0)
    };
    let [trombone, half, flute] =
        ["trombone\")", "trombone\", \"flute\", 0.5)", "flute\")"].map(|to| bright(&format!("t:at(\"{to}")));
    assert!(trombone > half && half > flute, "{trombone} {half} {flute}");
    let (_, whole) = heard(&on("t:at(\"bell\")"), 1);
    let (_, tail) = heard(&on("t:at(\"bell\"):onset(0.4)"), 1);
    // What is heard first is what the whole note has 0.4 s later.
    let same = loudness(&tail[4_800..9_600]) / loudness(&whole[24_000..28_800]);
    assert!((same - 1.0).abs() < 0.15, "{same}");
}
