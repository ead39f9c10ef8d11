//! Makes the sounds that ship with Lilt: `cargo run -p lilt-samples --example make-starter`. Every byte below
//! `runtime/samples/sounds` is made here, from nothing but arithmetic, and the same on every run.

mod breaks;
mod drums;
mod dsp;
mod machines;
mod tones;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use flacenc::bitsink::ByteSink;
use flacenc::component::BitRepr;
use flacenc::error::Verify;

use dsp::{Frames, RATE, finished};

/// A sound: the folder that is its name, its file without ending, its frames, its peak.
type Made = (&'static str, &'static str, Frames, f64);

fn kit() -> Vec<Made> {
    use drums::*;
    vec![
        ("bd", "0-tight", kick(1, 56.0, 0.08, 1.8), 0.95),
        ("bd", "1-round", kick(2, 50.0, 0.12, 2.1), 0.95),
        ("bd", "2-deep", kick(3, 44.0, 0.16, 2.3), 0.95),
        ("bd", "3-hard", kick(4, 62.0, 0.06, 2.6), 0.95),
        ("sd", "0-tight", snare(5, 195.0, 0.7, 0.07), 0.9),
        ("sd", "1-fat", snare(6, 160.0, 0.8, 0.11), 0.9),
        ("sd", "2-bright", snare(7, 235.0, 1.0, 0.06), 0.9),
        ("sd", "3-ghost", snare(8, 205.0, 0.5, 0.035), 0.5),
        ("hh", "0-shut", hat(9, 0.018), 0.6),
        ("hh", "1-edge", hat(10, 0.028), 0.6),
        ("hh", "2-foot", hat(12, 0.011), 0.5),
        ("oh", "0-half", hat(13, 0.075), 0.6),
        ("oh", "1-open", hat(14, 0.16), 0.6),
        ("cp", "0-room", clap(15, 4, 0.011), 0.85),
        ("cp", "1-tight", clap(16, 3, 0.007), 0.85),
        ("rs", "0-rim", rim(17, 1_720.0), 0.8),
        ("rs", "1-stick", rim(18, 2_300.0), 0.8),
        ("lt", "0-low", tom(19, 82.0), 0.9),
        ("mt", "0-middle", tom(20, 118.0), 0.9),
        ("ht", "0-high", tom(21, 165.0), 0.9),
        ("cr", "0-crash", crash(22, 0.5), 0.75),
        ("rd", "0-ride", ride(23, 0.45), 0.65),
        ("cb", "0-bell", machines::cowbell(), 0.7),
        ("sh", "0-short", shaker(25, 0.09), 0.5),
        ("sh", "1-long", shaker(26, 0.17), 0.5),
        ("tb", "0-tambourine", tambourine(27), 0.6),
        ("cl", "0-claves", claves(2_480.0), 0.7),
        ("conga", "0-low", conga(28, 178.0), 0.85),
        ("conga", "1-high", conga(29, 248.0), 0.85),
    ]
}

fn machine_kits() -> Vec<Made> {
    use machines::*;
    vec![
        ("808bd", "0-short", long_kick(52.0, 0.12, 1.2), 0.95),
        ("808bd", "1-long", long_kick(49.0, 0.35, 1.2), 0.95),
        ("808bd", "2-driven", long_kick(46.0, 0.3, 3.5), 0.95),
        ("808sd", "0-snappy", sine_snare(1.0, 0.8, 0.09), 0.9),
        ("808sd", "1-tonal", sine_snare(1.08, 0.35, 0.06), 0.9),
        ("808hh", "0-shut", square_hat(0.03), 0.6),
        ("808oh", "0-open", square_hat(0.15), 0.6),
        ("808cp", "0-clap", gated_clap(0.01, 0.06), 0.85),
        ("909bd", "0-club", hard_kick(50.0, 0.13, 1.6), 0.95),
        ("909bd", "1-warehouse", hard_kick(46.0, 0.17, 3.5), 0.95),
        ("909sd", "0-crisp", hard_snare(1.0, 0.8), 0.9),
        ("909sd", "1-low", hard_snare(0.86, 0.6), 0.9),
        ("909hh", "0-shut", bit_hat(0.025), 0.6),
        ("909oh", "0-open", bit_hat(0.14), 0.6),
        ("909cp", "0-clap", gated_clap(0.009, 0.04), 0.85),
    ]
}

fn pitched() -> Vec<Made> {
    use tones::*;
    vec![
        ("bass", "0-reese", saw_bass(0.9, 0.18, 900.0, 420.0, 0.8), 0.85),
        ("bass", "1-acid", saw_bass(0.6, 0.0, 2_600.0, 220.0, 5.0), 0.85),
        ("bass", "2-sub", sub_bass(0.9), 0.9),
        ("bass", "3-fm", fm(0.8, C2, 2.0, 3.2, 0.15, 0.35), 0.85),
        ("stab", "0-minor", stab(&[0.0, 3.0, 7.0, 10.0], 0.6, 4_200.0, 0.14, 1.2), 0.8),
        ("stab", "1-major", stab(&[-12.0, 0.0, 4.0, 7.0], 0.6, 3_200.0, 0.16, 1.6), 0.8),
        ("stab", "2-ninth", stab(&[0.0, 3.0, 7.0, 14.0], 0.8, 2_200.0, 0.24, 0.9), 0.8),
        ("stab", "3-organ", organ_stab(&[0.0, 3.0, 7.0], 0.5), 0.8),
        ("pad", "0-minor", pad(&[0.0, 7.0, 10.0, 15.0], 2.2, 1_300.0), 0.7),
        ("pad", "1-open", pad(&[0.0, 7.0, 14.0, 16.0], 2.2, 2_400.0), 0.7),
        ("pluck", "0-nylon", string(1.0, C4, 3_500.0, 0.994, 71), 0.8),
        ("pluck", "1-steel", string(1.2, C4, 12_000.0, 0.997, 72), 0.8),
        (
            "pluck",
            "2-kalimba",
            modes(0.9, C4, &[(1.0, 1.0, 0.28), (5.4, 0.25, 0.03), (8.9, 0.1, 0.015)]),
            0.8,
        ),
        (
            "pluck",
            "3-marimba",
            modes(0.7, C4, &[(1.0, 1.0, 0.17), (3.98, 0.3, 0.05), (9.6, 0.12, 0.02)]),
            0.8,
        ),
        ("bell", "0-fm", fm(1.6, C4, 3.5, 2.6, 0.5, 0.55), 0.75),
        (
            "bell",
            "1-church",
            modes(
                2.0,
                C4,
                &[
                    (0.5, 0.6, 0.9),
                    (1.0, 0.8, 0.7),
                    (1.19, 0.7, 0.5),
                    (1.5, 0.4, 0.35),
                    (2.0, 0.7, 0.4),
                    (2.74, 0.4, 0.2),
                    (3.76, 0.3, 0.12),
                ],
            ),
            0.75,
        ),
        (
            "bell",
            "2-glass",
            modes(1.2, 4.0 * C4, &[(1.0, 1.0, 0.3), (2.32, 0.4, 0.14), (4.25, 0.2, 0.06)]),
            0.7,
        ),
        ("noise", "0-white", white(0.6), 0.6),
        ("noise", "1-pink", pink(0.8), 0.7),
        ("noise", "2-wind", wind(1.6, 350.0, 1_600.0, 4.0, 73), 0.7),
        ("noise", "3-crackle", crackle(1.2), 0.7),
        ("voice", "0-a", vowel([730.0, 1_090.0, 2_440.0], 81), 0.8),
        ("voice", "1-e", vowel([530.0, 1_840.0, 2_480.0], 82), 0.8),
        ("voice", "2-i", vowel([270.0, 2_290.0, 3_010.0], 83), 0.8),
        ("voice", "3-o", vowel([570.0, 840.0, 2_410.0], 84), 0.8),
        ("voice", "4-u", vowel([300.0, 870.0, 2_240.0], 85), 0.8),
        ("fx", "0-zap", zap(0.3, 4_200.0, 70.0, 1.5), 0.8),
        ("fx", "1-drop", zap(1.2, 420.0, 34.0, 2.5), 0.85),
        ("fx", "2-riser", riser(1.8), 0.8),
        ("click", "0-high", modes(0.05, 2_000.0, &[(1.0, 1.0, 0.006)]), 0.7),
        ("click", "1-low", modes(0.05, 1_000.0, &[(1.0, 1.0, 0.009)]), 0.7),
    ]
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sounds");
    let mut sounds: Vec<(&str, &str, Frames)> = [kit(), machine_kits(), pitched()]
        .into_iter()
        .flatten()
        .map(|(name, file, frames, peak)| (name, file, finished(frames, peak, false)))
        .collect();
    sounds.extend(breaks::BREAKS.iter().map(|bar| ("breaks", bar.name, finished(bar.render(), 0.95, true))));
    let mut bytes = 0;
    for (name, file, frames) in &sounds {
        let path: PathBuf = root.join(name).join(format!("{file}.flac"));
        let encoded = flac(frames)?;
        bytes += encoded.len();
        fs::create_dir_all(root.join(name))?;
        fs::write(path, encoded)?;
    }
    println!("{} sounds, {} kB", sounds.len(), bytes / 1_000);
    Ok(())
}

/// FLAC of 16 bits.
fn flac(frames: &[f64]) -> Result<Vec<u8>, Box<dyn Error>> {
    let numbers: Vec<i32> = frames.iter().map(|x| (x * 32_767.0).round() as i32).collect();
    let config =
        flacenc::config::Encoder::default().into_verified().map_err(|(_, error)| error.to_string())?;
    let source = flacenc::source::MemSource::from_samples(&numbers, 1, 16, RATE as usize);
    let mut stream = flacenc::encode_with_fixed_block_size(&config, source, config.block_size)
        .map_err(|error| error.to_string())?;
    // The format's block size leaves out the last block (RFC 9639, section 8.2); decoders rely on that.
    stream
        .stream_info_mut()
        .set_block_sizes(config.block_size, config.block_size)
        .map_err(|error| error.to_string())?;
    let mut sink = ByteSink::new();
    stream.write(&mut sink).map_err(|error| error.to_string())?;
    Ok(sink.as_slice().to_vec())
}
