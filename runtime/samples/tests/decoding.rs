//! Files of every format, and files that are none: a sample, or what a musician is told.

use std::fs;
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavSpec, WavWriter};
use lilt_samples::{Sample, decode};
use proptest::prelude::*;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)
}

/// The bytes of a WAV file of a 440 Hz tone at half of full scale.
fn wav(rate: u32, channels: u16, bits: u16, frames: u32) -> Vec<u8> {
    let sample_format = if bits == 32 { SampleFormat::Float } else { SampleFormat::Int };
    let spec = WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec).expect("a writer");
    for i in 0..frames {
        let x = 0.5 * (std::f64::consts::TAU * 440.0 * f64::from(i) / f64::from(rate)).sin();
        for _ in 0..channels {
            match sample_format {
                SampleFormat::Float => writer.write_sample(x as f32),
                SampleFormat::Int => writer.write_sample((x * f64::from(1u32 << (bits - 1))) as i32),
            }
            .expect("a sample");
        }
    }
    writer.finalize().expect("a file");
    bytes.into_inner()
}

fn read_bytes(bytes: Vec<u8>) -> Result<Sample, String> {
    decode::read_bytes(bytes, "kit/hit.wav".as_ref()).map_err(|error| error.to_string())
}

/// How often a second the left channel crosses zero upwards.
fn pitch(sample: &Sample) -> f64 {
    let left: Vec<f32> = (0..sample.frames()).map(|i| sample.frame(i)[0]).collect();
    let middle = &left[left.len() / 5..left.len() * 4 / 5];
    let crossings = middle.windows(2).filter(|two| two[0] < 0.0 && two[1] >= 0.0).count();
    crossings as f64 * f64::from(sample.rate()) / middle.len() as f64
}

fn assert_tone(sample: &Sample, context: &str) {
    assert!((pitch(sample) - 440.0).abs() < 12.0, "{context}: {} Hz", pitch(sample));
    let peak = sample.interleaved().iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
    assert!((0.45..0.56).contains(&peak), "{context}: peak {peak}");
    assert!(!sample.is_cut_short(), "{context}");
}

#[test]
fn files_of_every_format() {
    for (name, rate, channels) in [
        ("stereo.flac", 44_100, 2),
        ("stereo.ogg", 44_100, 2),
        ("stereo.mp3", 44_100, 2),
        ("mono.aiff", 22_050, 1),
        ("mono-8-bit.aiff", 22_050, 1),
    ] {
        let sample = decode::read(&file(name)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((sample.rate(), sample.channels()), (rate, channels), "{name}");
        assert!((sample.seconds() - 0.25).abs() < 0.002, "{name}: {} s", sample.seconds());
        assert_tone(&sample, name);
    }
}

#[test]
fn waves_of_every_kind() {
    for rate in [8_000, 44_100, 192_000] {
        for channels in [1, 2, 6] {
            for bits in [8, 16, 24, 32] {
                let context = format!("{rate} Hz, {channels} channels, {bits} bits");
                let sample = read_bytes(wav(rate, channels, bits, rate / 4)).expect(&context);
                assert_eq!(sample.rate(), rate, "{context}");
                assert_eq!(sample.channels(), usize::from(channels.min(2)), "{context}");
                assert_eq!(sample.frames(), rate as usize / 4, "{context}");
                assert_tone(&sample, &context);
            }
        }
    }
}

#[test]
fn a_file_is_known_by_its_content() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hit.wav");
    fs::copy(file("stereo.ogg"), &path).expect("a copy");
    assert_tone(&decode::read(&path).expect("a sample"), "OGG named WAV");
}

#[test]
fn what_is_wrong_is_said() {
    let mut cut_in_header = wav(44_100, 1, 16, 100);
    cut_in_header.truncate(30);
    for (bytes, says) in [
        (vec![], "kit/hit.wav: the file is empty"),
        (wav(44_100, 1, 16, 0), "kit/hit.wav: holds no sound, only a header"),
        (
            b"bd sd hh".repeat(1_000),
            "kit/hit.wav: is no sound file that can be read here: use WAV, AIFF, FLAC, OGG or MP3",
        ),
        (
            cut_in_header,
            "kit/hit.wav: is no sound file, or ends within its header: use WAV, AIFF, FLAC, OGG or MP3",
        ),
        (
            b"<!DOCTYPE html><p>404".to_vec(),
            "kit/hit.wav: is a web page: the download went wrong, fetch it again",
        ),
        (b"MThd\0\0\0\x06\0\0".to_vec(), "kit/hit.wav: is a MIDI file: it holds notes and no sound"),
        (
            b"\0\0\0\x20ftypM4A \0\0\0\0".to_vec(),
            "kit/hit.wav: is an M4A or MP4 file: convert it to WAV, FLAC, OGG or MP3",
        ),
    ] {
        assert_eq!(read_bytes(bytes).expect_err("no sample"), says);
    }
}

#[test]
fn what_cannot_be_opened_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("missing.wav");
    let said = |path: &Path| decode::read(path).expect_err("no sample").to_string();
    assert_eq!(said(&missing), format!("{}: there is no such file", missing.display()));
    assert_eq!(said(folder.path()), format!("{}: is no file that could be read", folder.path().display()));
}

#[test]
fn an_hour_is_refused_without_reading_it() {
    // A header that promises an hour, and a file that is as long, without a byte on the disk.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hour.wav");
    let seconds = 3_600 + 120;
    fs::write(&path, promising(8_000, seconds * 8_000)).expect("a file");
    let sparse = fs::OpenOptions::new().write(true).open(&path).expect("a file");
    sparse.set_len(44 + u64::from(seconds) * 16_000).expect("a length");
    assert_eq!(
        decode::read(&path).expect_err("too long").to_string(),
        format!(
            "{}: is 1 hour 2 minutes long, and a sample is at most 10 minutes: cut out what you need",
            path.display()
        )
    );
}

/// A mono file of 16 bits whose header promises `frames` frames, and holds ten.
fn promising(rate: u32, frames: u32) -> Vec<u8> {
    let mut bytes = wav(rate, 1, 16, 10);
    let data = frames.saturating_mul(2);
    bytes[4..8].copy_from_slice(&data.saturating_add(36).to_le_bytes());
    bytes[40..44].copy_from_slice(&data.to_le_bytes());
    bytes
}

#[test]
fn a_file_that_ends_too_early_gives_what_is_there() {
    // What is written to a pipe promises all that 32 bits can say.
    for frames in [1_000, 44_100 * 3_600, u32::MAX] {
        let sample = read_bytes(promising(44_100, frames)).expect("what is there");
        assert_eq!(sample.frames(), 10, "{frames}");
    }
    let mut flac = fs::read(file("stereo.flac")).expect("a file");
    flac.truncate(flac.len() / 2);
    let sample = read_bytes(flac).expect("what is there");
    assert!(sample.is_cut_short());
    assert!((0.05..0.2).contains(&sample.seconds()), "{} s", sample.seconds());
}

#[test]
fn more_memory_than_a_sample_may_take() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.wav");
    fs::write(&path, promising(192_000, 192_000 * 500)).expect("a file");
    let sparse = fs::OpenOptions::new().write(true).open(&path).expect("a file");
    sparse.set_len(44 + 192_000 * 500 * 2).expect("a length");
    assert_eq!(
        decode::read(&path).expect_err("too large").to_string(),
        format!(
            "{}: would take 384 MB of memory, and a sample takes at most 256: cut it, or export it at 48 kHz",
            path.display()
        )
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Random bytes behind the marks of each format: a sample or a message, never a panic.
    #[test]
    fn any_bytes_are_a_sample_or_a_message(
        mark in prop::sample::select(vec![
            &b""[..], b"RIFF\x00\x10\x00\x00WAVEfmt ", b"FORM\x00\x00\x10\x00AIFFCOMM", b"fLaC\x00\x00\x00\x22",
            b"OggS\x00\x02", b"\xff\xfb\x90\x00", b"ID3\x04\x00\x00",
        ]),
        tail in prop::collection::vec(any::<u8>(), 0..2_000),
    ) {
        let bytes = [mark, &tail].concat();
        if let Err(message) = read_bytes(bytes) {
            prop_assert!(message.starts_with("kit/hit.wav: "), "{}", message);
        }
    }

    /// Good files with some bytes changed, and cut anywhere.
    #[test]
    fn damaged_files_are_a_sample_or_a_message(
        name in prop::sample::select(vec!["stereo.flac", "stereo.ogg", "stereo.mp3", "mono.aiff"]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = fs::read(file(name)).expect("a file");
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        bytes.truncate(end.index(bytes.len()));
        match read_bytes(bytes) {
            Ok(sample) => prop_assert!(sample.interleaved().iter().all(|x| x.is_finite())),
            Err(message) => prop_assert!(message.starts_with("kit/hit.wav: "), "{}", message),
        }
    }
}
