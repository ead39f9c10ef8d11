//! How much of a drummer's feel `groove` has, by temperature: how near it comes to what was played, whether
//! it is loud and late where the drummer was, and whether it is as free with time as drummers are.

use std::collections::BTreeMap;

use anyhow::Result;
use lilt_inference::{Piece, Sampling, Transforms, Watch};
use lilt_models::drums::codec::encode;
use lilt_models::drums::model::{DrumModel, GROOVE};
use lilt_models::drums::recording::Recording;
use lilt_models::drums::vocabulary::{Event, NEXT, ON_TIME, STEPS_PER_BAR, TICKS_PER_BEAT, midi_velocity};
use lilt_models::drums::walk::STYLES;

use super::corpus::Corpus;
use super::measures::{conditions, stiff};

/// Temperatures that are compared.
const TEMPERATURES: [f64; 4] = [0.0, 0.5, 0.75, 1.0];
/// Styles whose swing is printed.
const SWINGING: [&str; 6] = ["jazz", "hiphop", "funk", "soul", "rock", "latin"];

/// A hit as a listener has it.
#[derive(Debug, Clone, Copy)]
struct Hit {
    /// MIDI velocity.
    velocity: f64,
    /// Milliseconds after its sixteenth.
    late: f64,
    /// Style, drum and sixteenth of the bar.
    place: (Option<u8>, u8, i64),
}

/// What of a hit is compared.
type Measure = fn(&Hit) -> f64;

/// The hits of events at the tempo of a recording.
fn heard(events: &[Event], recording: &Recording) -> Vec<Hit> {
    let (mut step, mut hits) = (0, Vec::new());
    for &[what, velocity, offset] in events {
        if what == NEXT {
            step += 1;
            continue;
        }
        let ticks = f64::from(offset) - f64::from(ON_TIME);
        hits.push(Hit {
            velocity: f64::from(midi_velocity(velocity)),
            late: ticks / TICKS_PER_BEAT as f64 * 60_000.0 / recording.bpm,
            place: (recording.conditioning.style, what, step % STEPS_PER_BAR),
        });
    }
    hits
}

/// What `groove` makes of the stiffened recordings.
fn played(model: &DrumModel, recordings: &[Recording], temperature: f64, seed: u64) -> Result<Vec<Hit>> {
    let mut hits = Vec::new();
    for recording in recordings {
        let request = Sampling::new(1, temperature, seed, conditions(recording))?;
        let clip =
            model.transform(GROOVE, &Piece::from(stiff(recording)?), &request, &Watch::new())?.into_clip()?;
        hits.extend(heard(&encode(&clip)?.events, recording));
    }
    Ok(hits)
}

fn mean(numbers: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = numbers.fold((0.0, 0.0), |(sum, count), number| (sum + number, count + 1.0));
    sum / f64::max(count, 1.0)
}

fn spread(hits: &[Hit], of: Measure) -> f64 {
    let middle = mean(hits.iter().map(of));
    mean(hits.iter().map(|hit| (of(hit) - middle).powi(2))).sqrt()
}

fn correlation(a: &[Hit], b: &[Hit], of: Measure) -> f64 {
    let (mean_a, mean_b) = (mean(a.iter().map(of)), mean(b.iter().map(of)));
    let together = mean(a.iter().zip(b).map(|(a, b)| (of(a) - mean_a) * (of(b) - mean_b)));
    together / (spread(a, of) * spread(b, of)).max(f64::EPSILON)
}

fn distance(a: &[Hit], b: &[Hit], of: Measure) -> f64 {
    mean(a.iter().zip(b).map(|(a, b)| (of(a) - of(b)).abs()))
}

/// How far two hits lie apart that drummers played in one style, on one drum and one place of the bar.
fn between_drummers(hits: &[Hit], of: Measure) -> f64 {
    let mut places: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    hits.iter().for_each(|hit| places.entry(hit.place).or_default().push(of(hit)));
    let (mut sum, mut count) = (0.0, 0.0);
    for played in places.values_mut().filter(|played| played.len() > 1) {
        played.sort_by(f64::total_cmp);
        // Over all pairs: the i-th of n in order is added i times and taken away n − 1 − i times.
        let n = played.len() as f64;
        let pairs: f64 = played.iter().enumerate().map(|(i, x)| x * (2.0 * i as f64 - n + 1.0)).sum();
        sum += n * pairs / (n * (n - 1.0) / 2.0);
        count += n;
    }
    sum / f64::max(count, 1.0)
}

/// How late the sixteenths between the eighths come in a style, beside those on them.
fn swing(hits: &[Hit], style: &str) -> f64 {
    let of_style = |hit: &&Hit| hit.place.0.is_some_and(|style_of| STYLES[usize::from(style_of)] == style);
    let late = |odd: i64| {
        mean(hits.iter().filter(of_style).filter(|hit| hit.place.2 % 2 == odd).map(|hit| hit.late))
    };
    late(1) - late(0)
}

/// Prints all of it for the recordings that choose the temperature, and for those that nobody has heard.
pub fn print(model: &DrumModel, corpus: &Corpus) -> Result<()> {
    let (velocity, late): (Measure, Measure) = (|hit| hit.velocity, |hit| hit.late);
    for (name, recordings) in [("valid", &corpus.valid), ("test", &corpus.test)] {
        let drummers: Vec<Hit> =
            recordings.iter().flat_map(|recording| heard(&recording.encoded.events, recording)).collect();
        println!(
            "{name}: {} hits; on the grid {:.1} ms from the drummers; two of theirs in one style, drum and place lie {:.1} \
             velocities and {:.1} ms apart; spread {:.1} and {:.1} ms",
            drummers.len(),
            mean(drummers.iter().map(|hit| hit.late.abs())),
            between_drummers(&drummers, velocity),
            between_drummers(&drummers, late),
            spread(&drummers, velocity),
            spread(&drummers, late)
        );
        println!(
            "temperature | velocity: error, correlation, spread | ms: error, correlation, spread, between two seeds"
        );
        let mut swings = vec![("drummers".to_owned(), drummers.clone())];
        for temperature in TEMPERATURES {
            let hits = played(model, recordings, temperature, 1)?;
            let again = played(model, recordings, temperature, 2)?;
            println!(
                "{temperature} | {:.1} {:.2} {:.1} | {:.1} {:.2} {:.1} {:.1}",
                distance(&hits, &drummers, velocity),
                correlation(&hits, &drummers, velocity),
                spread(&hits, velocity),
                distance(&hits, &drummers, late),
                correlation(&hits, &drummers, late),
                spread(&hits, late),
                distance(&hits, &again, late)
            );
            swings.push((format!("groove at {temperature}"), hits));
        }
        for (who, hits) in swings {
            let of = |style: &&str| format!("{style} {:+.1}", swing(&hits, style));
            println!("swing of {who}, ms: {}", SWINGING.iter().map(of).collect::<Vec<_>>().join(", "));
        }
    }
    Ok(())
}
