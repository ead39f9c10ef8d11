//! Prints how loud and how bright the kit, the instruments and a techno loop are:
//! `cargo run --release -p lilt-synth --example loudness`.

#[path = "../tests/listening/mod.rs"]
mod listening;

use lilt_synth::{DrumSound, VoiceKind};
use listening::spectrum::{loudness, share, strongest};
use listening::{Heard, PITCHED, decibels, home, one_note, pitched, techno};

/// Shares of the power in four bands, in percent.
fn bands(samples: &[f32]) -> String {
    let part = |low, high| 100.0 * share(samples, low, high);
    format!(
        "{:>6.1} {:>6.1} {:>6.1} {:>6.1}",
        part(0.0, 100.0),
        part(100.0, 1_000.0),
        part(1_000.0, 6_000.0),
        part(6_000.0, 24_000.0)
    )
}

fn row(name: &str, heard: &Heard) {
    let loud = loudness(heard);
    let mid: Vec<f32> = heard.mono();
    let side: Vec<f32> = heard.left.iter().zip(&heard.right).map(|(l, r)| 0.5 * (l - r)).collect();
    let power = |x: &[f32]| x.iter().map(|x| f64::from(x * x)).sum::<f64>();
    let width = 100.0 * power(&side) / (power(&side) + power(&mid)).max(1e-12);
    println!(
        "{name:<10} {:>7.1} {:>7.1} {:>7.1}   {}   {:>6.0} Hz {:>5.1}",
        loud.integrated,
        loud.momentary,
        loud.true_peak,
        bands(&mid),
        strongest(&mid),
        width
    );
}

fn main() {
    println!("            LUFS   moment.  dBTP     <100   <1k    <6k    >6k  (% of power)  top   side %");
    for drum in DrumSound::ALL {
        row(drum.name(), &one_note(VoiceKind::Drum(drum), 0.9, 0.1, 1.0));
    }
    for instrument in PITCHED {
        row(instrument.name(), &one_note(pitched(instrument, home(instrument)), 0.8, 1.0, 1.2));
    }
    let kick = one_note(VoiceKind::Drum(DrumSound::BassDrum), 0.9, 0.1, 1.0).mono();
    println!("kick: {:.1} % of its first 10 ms above 1 kHz", 100.0 * share(&kick[..480], 1_000.0, 24_000.0));
    println!("kick: rests at {:.1} Hz", strongest(&kick[9_600..28_800]));
    let (heard, least) = techno::heard();
    row("techno", &heard);
    println!("techno: the limiter takes at most {:.1} dB", -decibels(least));
    println!("techno: loudness range {:.1} LU", loudness(&heard).range);
    println!("techno: {:.1} % above 1 kHz", 100.0 * share(&heard.mono(), 1_000.0, 24_000.0));
}
