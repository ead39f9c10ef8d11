//! How good `timbre` is: how far what it plays is from the sounds themselves, what its places tell, and what lies
//! between two of them.

use std::path::Path;

use anyhow::Result;
use lilt_models::timbre::analysis::{Analysis, RATE};
use lilt_models::timbre::controls::AMPLITUDES;
use lilt_models::timbre::decoder::{Decoder, Played};
use lilt_models::timbre::distance::log_spectral;
use lilt_models::timbre::lesson::{BLUR, Note, places_of_notes};
use lilt_models::timbre::network::Network;
use lilt_synth::{MOMENTS_A_SECOND, NOISE_BANDS, PARTIALS, Timbre, stiff};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::recipe::rounded;
use crate::renders::{Renders, Struck, shifted, timbre, voiced, write_wav};
use crate::timbre::{Corpus, Part, hertz};

/// Seconds of a note that is measured, held and behind its end.
const HELD: f32 = 1.5;
const REST: f32 = 0.3;

/// Median log-spectral distances to the sound itself, in decibels.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distances {
    /// Notes measured.
    notes: usize,
    /// Of its copy by analysis and voice alone, which no network can better.
    copied: f64,
    /// Of what the weights play at held-out pitches.
    pitches: f64,
    /// Of the nearest pitch that was learnt, shifted.
    pitches_neighbour: f64,
    /// Of what the weights play at held-out velocities.
    velocities: f64,
    /// Of the nearest velocity that was learnt.
    velocities_neighbour: f64,
}

/// Measures `count` held-out notes of each kind, spread over the sounds.
pub fn distances(decoder: &Decoder, corpus: &Corpus, count: usize) -> Result<Distances> {
    let mut renders = corpus.renders()?;
    let rendered = corpus.levels.len();
    let spread = |part| -> Vec<&Note> {
        let notes: Vec<&Note> =
            corpus.part(part).iter().filter(|note| (note.sound as usize) < rendered).collect();
        let step = (notes.len() as f32 / count.max(1) as f32).max(1.0);
        (0..notes.len().min(count)).filter_map(|n| notes.get((n as f32 * step) as usize).copied()).collect()
    };
    let (mut copied, mut medians) = (Vec::new(), Vec::new());
    let mut notes = 0;
    for part in [Part::Pitch, Part::Velocity] {
        let (mut own, mut neighbours) = (Vec::new(), Vec::new());
        for note in spread(part) {
            let level = corpus.levels[note.sound as usize];
            let original = rendered_note(&mut renders, note, level);
            let place = decoder.place(&corpus.names()[note.sound as usize]).map_err(anyhow::Error::msg)?;
            let played = Played { pitch: note.pitch, velocity: note.velocity, onset: 0.0, seconds: HELD };
            own.push(log_spectral(
                &original,
                &voiced(&timbre(decoder.decode(place, &played))?, note.pitch, HELD, REST)?,
            ));
            copied.push(log_spectral(&original, &copy(&original, note)?));
            let learnt = corpus.part(Part::Train).iter().filter(|other| other.sound == note.sound);
            let far = |other: &Note| {
                (other.pitch - note.pitch).abs() + 4.0 * (other.velocity - note.velocity).abs()
            };
            if let Some(near) = learnt.min_by(|a, b| far(a).total_cmp(&far(b))) {
                let sound = rendered_note(&mut renders, near, level);
                neighbours.push(log_spectral(&original, &shifted(&sound, note.pitch - near.pitch)));
            }
            notes += 1;
        }
        medians.push([median(own), median(neighbours)]);
    }
    Ok(Distances {
        notes,
        copied: median(copied),
        pitches: medians[0][0],
        pitches_neighbour: medians[0][1],
        velocities: medians[1][0],
        velocities_neighbour: medians[1][1],
    })
}

fn median(mut numbers: Vec<f32>) -> f64 {
    numbers.sort_by(f32::total_cmp);
    numbers.get(numbers.len() / 2).map_or(0.0, |number| rounded(f64::from(*number)))
}

/// A note as the SoundFont plays it, as loud as it is learnt.
fn rendered_note(renders: &mut Renders, note: &Note, level: f32) -> Vec<f32> {
    let velocity = (note.velocity * 127.0).round() as i32;
    let struck = Struck { program: note.sound as i32, key: note.pitch as i32, velocity };
    renders.note(struck, HELD, REST).iter().map(|x| x * level).collect()
}

/// A sound as its analysis says it, without a network.
fn copy(sound: &[f32], note: &Note) -> Result<Vec<f32>> {
    let analysis = Analysis::new(hertz(note.pitch));
    let shape = note.inharmonicity.map(|_| analysis.shape(sound));
    let count = ((HELD + REST) * MOMENTS_A_SECOND as f32) as usize;
    let mut moments = Vec::new();
    for n in 0..count {
        moments.extend(analysis.amplitudes(sound, shape.as_ref(), n as f32 / MOMENTS_A_SECOND as f32));
        moments.push(shape.as_ref().map_or(1.0, |shape| shape.pitch / hertz(note.pitch)));
    }
    let ratios = shape.map_or(stiff(0.0), |shape| shape.ratios);
    voiced(&Timbre::new(moments, ratios, 0.1)?, note.pitch, HELD + REST, 0.0)
}

/// Share of notes whose place is nearest to that of their own sound.
pub fn found(network: &Network, known: &[Vec<f32>], notes: &[Note]) -> Result<f64> {
    let far = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
    let mut right = 0;
    for (note, place) in notes.iter().zip(places_of_notes(network, notes)?) {
        let nearest =
            (0..known.len()).min_by(|a, b| far(&known[*a], &place).total_cmp(&far(&known[*b], &place)));
        right += usize::from(nearest == Some(note.sound as usize));
    }
    Ok(right as f64 / notes.len().max(1) as f64)
}

/// Dimensions whose deviation over the places of sounds is above that of the noise they are learnt with.
pub fn dimensions(places: &[Vec<f32>]) -> usize {
    let count = places.len().max(1) as f32;
    let used = |dimension: &usize| {
        let of = |place: &Vec<f32>| place[*dimension];
        let mean = places.iter().map(of).sum::<f32>() / count;
        let variance = places.iter().map(|place| (of(place) - mean).powi(2)).sum::<f32>() / count;
        variance.sqrt() > 1.5 * BLUR
    };
    (0..places.first().map_or(0, Vec::len)).filter(used).count()
}

/// What lies between two sounds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Morphs {
    /// Pairs measured, nine places each.
    pairs: usize,
    /// Share of pairs without a step that is more than twice as large as their mean, by cepstra.
    even: f64,
    /// Share whose brightness goes one way (Spearman's correlation with the path at least 0.9 either way).
    brightness: f64,
    /// Likewise of the time in which they become loud.
    attack: f64,
    /// The largest step over the mean one from the trombone to the flute, and from the moo to the trombone.
    trombone_to_flute: f64,
    moo_to_trombone: f64,
}

/// Measures random pairs of sounds at middle C.
pub fn morphs(decoder: &Decoder, count: usize) -> Result<Morphs> {
    let mut rng = ChaCha8Rng::seed_from_u64(22);
    let names = decoder.names();
    let (mut even, mut bright, mut attack) = (0, 0, 0);
    let share = |sum: i32| rounded(f64::from(sum) / count.max(1) as f64);
    for _ in 0..count {
        let pair = [0; 2].map(|_| names[rng.random_range(0..names.len())].as_str());
        let path = path(decoder, pair)?;
        even += i32::from(largest_step(&path) <= 2.0);
        bright += i32::from(one_way(path.iter().map(|place| place.brightness).collect()));
        attack += i32::from(one_way(path.iter().map(|place| place.attack).collect()));
    }
    let step = |pair| Ok::<_, anyhow::Error>(rounded(f64::from(largest_step(&path(decoder, pair)?))));
    Ok(Morphs {
        pairs: count,
        even: share(even),
        brightness: share(bright),
        attack: share(attack),
        trombone_to_flute: step(["trombone", "flute"])?,
        moo_to_trombone: step(["moo", "trombone"])?,
    })
}

/// What a place of a path sounds like.
struct Passed {
    cepstrum: Vec<f32>,
    /// Centroid as a logarithm, so that octaves count alike.
    brightness: f32,
    /// Seconds until it is half as loud as it gets, as a logarithm.
    attack: f32,
}

fn path(decoder: &Decoder, [from, to]: [&str; 2]) -> Result<Vec<Passed>> {
    let [from, to] = [decoder.place(from), decoder.place(to)];
    let (from, to) = (from.map_err(anyhow::Error::msg)?, to.map_err(anyhow::Error::msg)?);
    let passed = |n: usize| {
        let played = Played { pitch: 60.0, velocity: 0.8, onset: 0.0, seconds: 1.0 };
        Ok(pass(&timbre(decoder.decode(&from.towards(to, n as f32 / 8.0), &played))?))
    };
    (0..9).map(passed).collect()
}

fn pass(timbre: &Timbre) -> Passed {
    let moments: Vec<&[f32]> = timbre.moments().chunks(AMPLITUDES + 1).collect();
    let energy = |moment: &[f32]| -> f32 { powers(timbre, moment).iter().map(|(_, power)| power).sum() };
    let energies: Vec<f32> = moments.iter().map(|moment| energy(moment)).collect();
    let most = energies.iter().copied().fold(1e-12, f32::max);
    let first = energies.iter().position(|energy| *energy > 0.25 * most).unwrap_or(0);
    let mut bands = [0.0f32; 26];
    let (mut sum, mut all) = (0.0, 1e-12);
    for moment in moments.iter().step_by(10) {
        for (hertz, power) in powers(timbre, moment) {
            // Mel (O'Shaughnessy 1987), in 26 bands up to 12 kHz.
            let mel = (1.0 + hertz / 700.0).ln() / (1.0 + 12_000.0f32 / 700.0).ln() * 25.0;
            if mel < 25.0 {
                bands[mel as usize] += power * (1.0 - mel.fract());
                bands[mel as usize + 1] += power * mel.fract();
            }
            sum += power * hertz.max(20.0).ln();
            all += power;
        }
    }
    let floor = 1e-6 * all;
    let logs: Vec<f32> = bands.iter().map(|band| 10.0 * (band + floor).log10()).collect();
    let cosine = |k: usize, i: usize| (std::f32::consts::PI * k as f32 * (i as f32 + 0.5) / 26.0).cos();
    let cepstrum = (1..=13).map(|k| logs.iter().enumerate().map(|(i, x)| x * cosine(k, i)).sum()).collect();
    Passed { cepstrum, brightness: sum / all, attack: ((first + 1) as f32).ln() }
}

/// Frequencies and powers of a moment at middle C.
fn powers(timbre: &Timbre, moment: &[f32]) -> Vec<(f32, f32)> {
    let partials =
        moment[..PARTIALS].iter().zip(timbre.ratios()).map(|(a, ratio)| (hertz(60.0) * ratio, 0.5 * a * a));
    let bands =
        (0..NOISE_BANDS).map(|band| (lilt_synth::noise_band(band)[0], moment[PARTIALS + band].powi(2)));
    partials.filter(|(hertz, _)| *hertz < 20_000.0).chain(bands).collect()
}

/// The largest step of a path, over the mean one.
fn largest_step(path: &[Passed]) -> f32 {
    let far = |a: &Passed, b: &Passed| {
        a.cepstrum.iter().zip(&b.cepstrum).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
    };
    let steps: Vec<f32> = path.windows(2).map(|two| far(&two[0], &two[1])).collect();
    let mean = steps.iter().sum::<f32>() / steps.len().max(1) as f32;
    if mean > 0.0 { steps.iter().copied().fold(0.0, f32::max) / mean } else { 0.0 }
}

/// Whether numbers go one way: Spearman's rank correlation with their places is at least 0.9 either way, or they all are
/// alike within a hundredth.
fn one_way(numbers: Vec<f32>) -> bool {
    let [least, most] = [f32::min, f32::max].map(|of| numbers.iter().copied().reduce(of).unwrap_or(0.0));
    if most - least < 0.01 {
        return true;
    }
    // Equal ones share the mean of their ranks.
    let rank = |x: &f32| {
        let below = numbers.iter().filter(|y| *y < x).count() as f32;
        let same = numbers.iter().filter(|y| *y == x).count() as f32;
        below + 0.5 * (same - 1.0)
    };
    let ranks: Vec<f32> = numbers.iter().map(rank).collect();
    let mean = (numbers.len() as f32 - 1.0) / 2.0;
    let (mut with, mut own, mut places) = (0.0, 0.0, 0.0);
    for (place, rank) in ranks.iter().enumerate() {
        let (x, y) = (place as f32 - mean, rank - mean);
        with += x * y;
        own += y * y;
        places += x * x;
    }
    (with / (own * places).sqrt()).abs() >= 0.9
}

/// Writes a dozen notes with their originals and copies, and morphs.
pub fn listen(decoder: &Decoder, corpus: &Corpus, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut renders = corpus.renders()?;
    let wav = |name: String, sound: &[f32]| {
        write_wav(&folder.join(format!("{}.wav", name.replace(' ', "-"))), sound)
    };
    let held_out = corpus.part(Part::Pitch);
    for name in [
        "trombone",
        "flute",
        "tubular bells",
        "acoustic grand piano",
        "violin",
        "clarinet",
        "choir aahs",
        "acoustic guitar (nylon)",
        "church organ",
        "marimba",
        "seashore",
        "taiko drum",
    ] {
        let sound = corpus.names().iter().position(|known| known == name);
        let of = |note: &&Note| Some(note.sound as usize) == sound && note.velocity > 0.5;
        let Some(note) =
            held_out.iter().filter(of).max_by(|a, b| a.pitch.min(66.0).total_cmp(&b.pitch.min(66.0)))
        else {
            continue;
        };
        let original = rendered_note(&mut renders, note, corpus.levels[note.sound as usize]);
        let place = decoder.place(name).map_err(anyhow::Error::msg)?;
        let played = Played { pitch: note.pitch, velocity: note.velocity, onset: 0.0, seconds: HELD };
        wav(format!("{name}-original"), &original)?;
        wav(format!("{name}-copy"), &copy(&original, note)?)?;
        wav(
            format!("{name}-played"),
            &voiced(&timbre(decoder.decode(place, &played))?, note.pitch, HELD, REST)?,
        )?;
    }
    for [from, to] in [["trombone", "flute"], ["moo", "trombone"], ["violin", "tubular bells"]] {
        let ends = [decoder.place(from), decoder.place(to)];
        let [one, other] = ends.map(|place| place.map_err(anyhow::Error::msg));
        let (one, other) = (one?, other?);
        let mut sound = Vec::new();
        for n in 0..5 {
            let place = one.towards(other, n as f32 / 4.0);
            let played = Played { pitch: 55.0, velocity: 0.8, onset: 0.0, seconds: 1.0 };
            sound.extend(voiced(&timbre(decoder.decode(&place, &played))?, 55.0, 0.8, 0.2)?);
        }
        wav(format!("{from}-to-{to}"), &sound)?;
    }
    for (name, onset) in [("bell-whole", 0.0), ("bell-tail", 0.4)] {
        let place = decoder.place("bell").map_err(anyhow::Error::msg)?;
        let played = Played { pitch: 67.0, velocity: 0.8, onset, seconds: 2.0 };
        wav(name.to_owned(), &voiced(&timbre(decoder.decode(place, &played))?, 67.0, 1.7, 0.3)?)?;
    }
    println!("{} has them, at {RATE} Hz", folder.display());
    Ok(())
}
