//! What is measured beside the likelihood: whether the weights play in key, on the beat and as loud, as
//! dense and as full as the data, whether they do what they are told, and how much they copied.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use lilt_inference::{Conditions, Model, Sampling, Setting, Settings, Watch};
use lilt_models::melody::vocabulary::{Color, Home};
use lilt_models::performance::codec::encode;
use lilt_models::performance::model::PerformanceModel;
use lilt_models::performance::passage::{Passage, share, share_beside_grid, share_in_scale};
use lilt_models::performance::vocabulary::{Event, PLACES, PLACES_PER_BEAT, degree, is_note, midi_velocity};
use lilt_score::{Clip, Key, Meter};

use super::corpus::Corpus;

/// Keys that are asked for, major and minor alike.
const KEYS: [&str; 6] = ["C", "A minor", "Eb", "F# minor", "G", "D minor"];
/// Bars and seeds that are asked for in each of them.
const BARS: u32 = 8;
const SEEDS: std::ops::RangeInclusive<u64> = 1..=6;
/// Notes in a row that are looked for in the training set.
const RUNS: [usize; 2] = [16, 32];
/// Shortest run from which the longest is looked for.
const SHORTEST_RUN: usize = 4;

/// Notes and bar lines, and whether the mode is minor.
type Played = (Vec<Event>, bool);

/// `bars` bars in a key under some options.
pub fn sample(
    model: &PerformanceModel,
    key: &str,
    options: &[(&str, Setting)],
    bars: u32,
    temperature: f64,
    seed: u64,
) -> Result<Clip> {
    let told = |settings: Settings, (name, value): &(&str, Setting)| settings.with(*name, value.clone());
    let settings = options.iter().fold(Settings::default(), told);
    let conditions = Conditions { key: Some(key.parse()?), meter: Meter::COMMON, settings };
    Ok(model.sample(&Sampling::new(bars, temperature, seed, conditions)?, &Watch::new())?.into_clip()?)
}

/// All of them, by what they are.
///
/// # Errors
/// When the model fails.
pub fn measures(model: &PerformanceModel, corpus: &Corpus) -> Result<BTreeMap<String, f64>> {
    let number = Setting::Number;
    let strict = [("timing", Setting::Word("strict".to_owned()))];
    let free = samples(model, &[])?;
    let mut measures = BTreeMap::new();
    manners("samples", &free, &mut measures);
    manners("samples with strict timing", &samples(model, &strict)?, &mut measures);
    let test: Vec<Played> = corpus.test.iter().map(played).collect();
    manners("the test set", &test, &mut measures);
    let freely = |passage: &&Passage| passage.conditioning.timing == Some(1);
    let test: Vec<Played> = corpus.test.iter().filter(freely).map(played).collect();
    manners("the test set where its timing is free", &test, &mut measures);
    for (name, value) in [("density", 2.0), ("density", 4.0), ("density", 8.0), ("bpm", 60.0), ("bpm", 120.0)]
    {
        let told = samples(model, &[(name, number(value))])?;
        measures.insert(format!("samples with {name} {value}: notes a beat"), notes_a_beat(&told));
    }
    measures.extend(copies(&free, corpus));
    Ok(measures)
}

fn played(passage: &Passage) -> Played {
    (passage.events.clone(), passage.conditioning.home.color == Color::Minor)
}

/// Some bars in each of the keys for each of the seeds.
fn samples(model: &PerformanceModel, options: &[(&str, Setting)]) -> Result<Vec<Played>> {
    let mut samples = Vec::new();
    for key in KEYS {
        let home = Home::of(key.parse::<Key>()?);
        for seed in SEEDS {
            let clip = sample(model, key, options, BARS, 1.0, seed)?;
            let events = if clip.notes().is_empty() { Vec::new() } else { encode(&clip, home, 0)?.events };
            samples.push((events, home.color == Color::Minor));
        }
    }
    Ok(samples)
}

/// How `who` plays.
fn manners(who: &str, played: &[Played], measures: &mut BTreeMap<String, f64>) {
    let all: Vec<Event> = played.iter().flat_map(|(events, _)| events).copied().collect();
    let notes: Vec<&Event> = all.iter().filter(|event| is_note(event)).collect();
    let velocities: Vec<f64> = notes.iter().map(|event| midi_velocity(event[2]).into()).collect();
    let mean = velocities.iter().sum::<f64>() / velocities.len().max(1) as f64;
    let square = velocities.iter().map(|velocity| (velocity - mean).powi(2)).sum::<f64>();
    let on_beats = share(&all, |event| i64::from(event[0]) % PLACES_PER_BEAT == 0);
    let moments = all.chunk_by(|a, b| is_note(a) && a[0] == b[0]).filter(|chord| is_note(&chord[0])).count();
    let mut tell = |what: &str, value: f64| measures.insert(format!("{who}: {what}"), value);
    tell("share of notes in the scale", share_in_scale(&all));
    tell("share of notes on a beat", on_beats);
    tell("share of notes beside sixteenths and triplets", share_beside_grid(&all));
    tell("notes a beat", notes_a_beat(played));
    tell("keys at a place that has any", notes.len() as f64 / moments.max(1) as f64);
    tell("mean velocity", mean);
    tell("standard deviation of velocity", (square / velocities.len().max(1) as f64).sqrt());
    for (minor, mode) in [(false, "major"), (true, "minor")] {
        let basses = basses(played.iter().filter(|(_, is)| *is == minor).map(|(events, _)| events));
        for (tonic, of) in [(0, "major"), (9, "minor")] {
            let share =
                basses.iter().filter(|&&bass| bass == tonic).count() as f64 / basses.len().max(1) as f64;
            tell(&format!("share of {mode} bars over the {of} tonic"), share);
        }
    }
}

/// The lowest note on the first beat of each bar, in semitones above the home note.
fn basses<'a>(played: impl Iterator<Item = &'a Vec<Event>>) -> Vec<usize> {
    let mut basses = Vec::new();
    for events in played {
        for bar in events.split(|event| !is_note(event)) {
            let first = bar.iter().take_while(|event| i64::from(event[0]) < PLACES_PER_BEAT);
            basses.extend(first.map(|event| event[1]).min().map(degree));
        }
    }
    basses
}

fn notes_a_beat(played: &[Played]) -> f64 {
    let events = || played.iter().flat_map(|(events, _)| events);
    let notes = events().filter(|event| is_note(event)).count();
    let bars = events().count() - notes;
    notes as f64 / (4.0 * bars.max(1) as f64)
}

/// Each note as places since the note before and key class.
fn figure(events: &[Event]) -> Vec<(i64, u8)> {
    let (mut bar, mut before, mut figure) = (0, 0, Vec::new());
    for event in events {
        if is_note(event) {
            let place = bar * PLACES as i64 + i64::from(event[0]);
            figure.push((place - before, event[1]));
            before = place;
        } else {
            bar += 1;
        }
    }
    figure
}

/// Shares of runs of notes that stand in the training set, too, with the same places and keys: of the
/// samples and of the test set, which nobody copied; and the longest run of the samples that does.
fn copies(samples: &[Played], corpus: &Corpus) -> BTreeMap<String, f64> {
    let figures = |played: &[Played]| -> Vec<Vec<(i64, u8)>> {
        played.iter().map(|(events, _)| figure(events)).collect()
    };
    let train: Vec<Vec<(i64, u8)>> = corpus.train.iter().map(|passage| figure(&passage.events)).collect();
    let test: Vec<Played> = corpus.test.iter().map(played).collect();
    let (samples, test) = (figures(samples), figures(&test));
    let known = |run: usize| -> HashSet<&[(i64, u8)]> {
        train.iter().flat_map(|figure| figure.windows(run)).collect()
    };
    let share = |figures: &[Vec<(i64, u8)>], run: usize, known: &HashSet<&[(i64, u8)]>| {
        let runs: Vec<_> = figures.iter().flat_map(|figure| figure.windows(run)).collect();
        runs.iter().filter(|run| known.contains(**run)).count() as f64 / runs.len().max(1) as f64
    };
    let mut measures = BTreeMap::new();
    for run in RUNS {
        let known = known(run);
        let name = |who: &str| format!("share of {run}-note runs of {who} that stand in the training set");
        measures.insert(name("samples"), share(&samples, run, &known));
        measures.insert(name("the test set"), share(&test, run, &known));
    }
    let mut longest = SHORTEST_RUN;
    while share(&samples, longest + 1, &known(longest + 1)) > 0.0 {
        longest += 1;
    }
    measures.insert(
        "longest run of the samples that stands in the training set, in notes".to_owned(),
        longest as f64,
    );
    measures
}
