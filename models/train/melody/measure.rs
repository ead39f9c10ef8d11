//! What the card says of the network, measured on held-out songs.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::{Context, Result};
use lilt_inference::{Particles, Watch};
use lilt_models::melody::attributes::{attribute, deviations, unit};
use lilt_models::melody::batches::{FEWEST_NOTES, Telling, clips};
use lilt_models::melody::chords::Harmony;
use lilt_models::melody::features::{Density, Guide, strong_onsets};
use lilt_models::melody::latent::{Points, lean, matching, slerp};
use lilt_models::melody::lesson::evaluate_songs;
use lilt_models::melody::measures::{ChordTones, Latent, LongestMatch, Measures};
use lilt_models::melody::model::MelodyModel;
use lilt_models::melody::network::{ATTRIBUTES, Network};
use lilt_models::melody::passage::{Passage, Song};
use lilt_models::melody::vocabulary::{BAR, Color, Home, SEGMENT, beats, from_silence, is_onset, onsets};
use lilt_score::Seed;

use super::baseline::{View, measure as baseline};
use super::corpus::Corpus;
use crate::recipe::rounded;

/// Most clips that are interpolated, and samples that are compared.
const MOST: usize = 400;
/// Steps of a way, both ends included.
const STEPS: u32 = 8;
/// Bars of the samples.
const BARS: usize = 16;

/// All that the card says.
pub fn measures(network: &Network, model: &MelodyModel, corpus: &Corpus) -> Result<Measures> {
    let nats = |songs: &[Song], chords: bool| {
        Ok::<_, anyhow::Error>(rounded(evaluate_songs(network, songs, Telling::Varied, chords)?))
    };
    let tokens = |songs: &[Song]| -> Vec<Vec<u8>> {
        passages(songs).filter_map(|passage| passage.tokens(passage.home, 0)).collect()
    };
    let (train, test) = (tokens(&corpus.train), tokens(&corpus.test));
    let mut baselines: Vec<(String, f64)> =
        [View::Steps, View::Notes].into_iter().map(|view| baseline(view, 5, &train, &test)).collect();
    baselines.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut baselines = baselines.into_iter().map(|(name, nats)| (name, rounded(nats)));
    let (name, nats_of_baseline) = baselines.next().context("no baseline was measured")?;
    let samples = samples(model, &corpus.test)?;
    let measures = Measures {
        train: nats(&corpus.train, true)?,
        valid: nats(&corpus.valid, true)?,
        test: nats(&corpus.test, true)?,
        test_without_chords: nats(&corpus.test, false)?,
        baseline: name,
        baseline_test: nats_of_baseline,
        other_baselines: baselines.collect(),
        chords: chord_tones(&samples),
        two_bars: latent(model, &corpus.test, 1)?,
        four_bars: latent(model, &corpus.test, 2)?,
        attributes: attributes(model, &corpus.test)?,
        longest_match: longest_match(&samples, &train),
    };
    Ok(measures)
}

fn passages(songs: &[Song]) -> impl Iterator<Item = &Passage> {
    songs.iter().flat_map(|song| &song.passages)
}

/// What nobody is told.
fn unguided() -> Guide {
    let home = Home { tonic: 0, color: Color::Major };
    Guide { home, harmony: Harmony::unknown(), density: Density::UNKNOWN, planned: false }
}

/// A melody over the chords of a held-out passage.
struct Sample<'a> {
    passage: &'a Passage,
    /// Of the song, as long as the sample.
    song: Vec<u8>,
    tokens: Vec<u8>,
}

/// Melodies over the chords of the held-out passages, of up to 16 bars.
fn samples<'a>(model: &MelodyModel, songs: &'a [Song]) -> Result<Vec<Sample<'a>>> {
    let mut samples = Vec::new();
    for (number, passage) in passages(songs).enumerate() {
        let steps = passage.steps.len().min(BARS * BAR);
        let guide = Guide { home: passage.home, harmony: passage.harmony(0), ..unguided() };
        let mut melodies = model.begin(guide, 1, steps, 1.0, Seed(number as u64));
        melodies.advance(beats(steps).into(), &Watch::new())?;
        let tokens = melodies.tokens().next().context("a melody is missing")?.to_vec();
        let song = passage.tokens(passage.home, 0).context("a passage is out of range")?[..steps].to_vec();
        samples.push(Sample { passage, song, tokens });
    }
    Ok(samples)
}

/// How often strong beats have notes of the chord: the songs', the samples', and the samples' under
/// the chords of the next passage.
fn chord_tones(samples: &[Sample<'_>]) -> ChordTones {
    let share = |pairs: Vec<(&[u8], Home, Harmony)>| {
        let (mut of_chord, mut all) = (0, 0u32);
        for (tokens, home, harmony) in pairs {
            for step in strong_onsets(tokens) {
                let chord = harmony.at(step as i64);
                let Some(pitch) = home.pitch(tokens[step]).filter(|_| chord.is_named()) else { continue };
                all += 1;
                of_chord += u32::from(chord.contains(pitch));
            }
        }
        rounded(f64::from(of_chord) / f64::from(all.max(1)))
    };
    let songs =
        samples.iter().map(|sample| (&sample.song[..], sample.passage.home, sample.passage.harmony(0)));
    let own =
        samples.iter().map(|sample| (&sample.tokens[..], sample.passage.home, sample.passage.harmony(0)));
    // The chords of another passage, moved so that its home is this one's.
    let other =
        samples.iter().zip(samples.iter().cycle().skip(samples.len() / 2 + 1)).map(|(sample, other)| {
            let shift = i32::from(sample.passage.home.tonic) - i32::from(other.passage.home.tonic);
            (sample.tokens.as_slice(), sample.passage.home, other.passage.harmony(shift))
        });
    ChordTones {
        songs: share(songs.collect()),
        sampled: share(own.collect()),
        other_chords: share(other.collect()),
    }
}

/// Clips of so many segments each, and the ways between every clip and one of another song.
fn latent(model: &MelodyModel, songs: &[Song], segments: usize) -> Result<Latent> {
    let (guide, watch) = (Guide { planned: true, ..unguided() }, Watch::new());
    let clips: Vec<Vec<u8>> = clips(songs)
        .iter()
        .flat_map(|(_, tokens)| tokens.chunks(segments * SEGMENT).map(from_silence))
        .filter(|tokens| onsets(tokens) >= FEWEST_NOTES)
        .collect();
    let clips: Vec<&[u8]> = clips.iter().step_by(clips.len().div_ceil(MOST)).map(Vec::as_slice).collect();
    let encoded: Vec<Points> = clips.iter().map(|clip| model.points(clip)).collect();
    let settled = model.settle(&clips, &guide, &watch)?;
    let (mut given, mut given_unsettled, mut added, mut all) = (0, 0, 0, 0);
    let straight = model.play_points(&encoded, &[], &guide, &watch)?;
    let ends = model.play_points(&settled, &[], &guide, &watch)?;
    for ((clip, straight), end) in clips.iter().zip(&straight).zip(&ends) {
        given += matching(clip, end);
        given_unsettled += matching(clip, straight);
        added += onsets(end) - matching(end, clip);
        all += onsets(clip);
    }
    let nats_of = |tokens: &[u8]| -> Result<f64> {
        let nats: f64 = model.nats(tokens, 0, &unguided(), &watch)?.iter().sum();
        Ok(nats / onsets(tokens).max(1) as f64)
    };
    let mut sums = [0.0; STEPS as usize];
    let mut fades = [0.0; STEPS as usize];
    for (number, from) in settled.iter().enumerate() {
        let other = (number + settled.len() / 2) % settled.len();
        let at = |step: u32| f64::from(step) / f64::from(STEPS - 1);
        let point = |step| from.iter().zip(&settled[other]).map(|(a, b)| slerp(a, b, at(step))).collect();
        let points: Vec<Points> = (0..STEPS).map(point).collect();
        let leans: Vec<f32> = (0..STEPS).map(|step| lean(at(step))).collect();
        let way = model.play_points(&points, &leans, &guide, &watch)?;
        for (step, tokens) in way.iter().enumerate() {
            sums[step] += nats_of(tokens)?;
            let seed = Seed(number as u64).child_number(step as u64);
            fades[step] += nats_of(&cross_fade(clips[number], clips[other], at(step as u32), seed))?;
        }
    }
    let last = STEPS as usize - 1;
    let of_ends = |sums: &[f64]| (sums[0] + sums[last]) / 2.0;
    let between = |sums: &[f64]| sums[1..last].iter().map(|sum| rounded(sum / of_ends(sums))).collect();
    let share = |part: usize| rounded(part as f64 / all as f64);
    Ok(Latent {
        clips: clips.len(),
        ends: share(given),
        ends_unsettled: share(given_unsettled),
        ends_added: share(added),
        nats: rounded(of_ends(&sums) / settled.len() as f64),
        between: between(&sums),
        cross_fade: between(&fades),
    })
}

/// Of both clips' notes each with the chance that its clip has at `t`.
fn cross_fade(from: &[u8], to: &[u8], t: f64, seed: Seed) -> Vec<u8> {
    let chosen = from.iter().zip(to).enumerate().map(|(step, (&from, &to))| {
        let chance = seed.child_number(step as u64).unit();
        let kept = |token: u8, share: f64| is_onset(token) && chance < share;
        match (kept(from, 1.0 - t), kept(to, t)) {
            (true, _) => from,
            (_, true) => to,
            _ if is_onset(from) || is_onset(to) => 0,
            _ => from.max(to),
        }
    });
    from_silence(&chosen.collect::<Vec<u8>>())
}

/// Two bars of each of some 200 places in the held-out songs.
fn two_bars(songs: &[Song]) -> Vec<Vec<u8>> {
    let clips = clips(songs);
    let every = clips.len().div_ceil(MOST / 2).max(1);
    clips.iter().step_by(every).map(|(_, tokens)| tokens[..SEGMENT].to_vec()).collect()
}

/// What `more` by −1, 0 and 1 makes of each attribute.
fn attributes(model: &MelodyModel, songs: &[Song]) -> Result<BTreeMap<String, [f64; 3]>> {
    let segments = two_bars(songs);
    let mut found = BTreeMap::new();
    for name in ATTRIBUTES {
        let mut means = [0.0; 3];
        for (mean, amount) in means.iter_mut().zip([-1.0, 0.0, 1.0]) {
            *mean = rounded(Moved::of(model, &segments, name, amount)?.mean);
        }
        found.insert(name.to_owned(), means);
    }
    Ok(found)
}

/// What an amount of `more` makes of clips.
struct Moved {
    /// Of the attribute, on average.
    mean: f64,
    /// How much more of it there is, in its unit, on average.
    change: f64,
    /// Share of the clips that have what was asked for, within a quarter of the unit or one note.
    reached: f64,
    /// Nats per note, without a point of the latent space.
    nats: f64,
    /// Share of the clips' notes, pitch and onset, that are still there.
    kept: f64,
}

impl Moved {
    fn of(model: &MelodyModel, segments: &[Vec<u8>], name: &str, amount: f64) -> Result<Moved> {
        let (guide, watch) = (Guide { planned: true, ..unguided() }, Watch::new());
        let unit = unit(name).context("an attribute has no unit")?;
        let (mut mean, mut change, mut reached, mut nats) = (0.0, 0.0, 0, 0.0);
        let [mut notes, mut kept, mut all] = [0; 3];
        for segment in segments {
            let moved = model.moved(segment, name, amount, &guide, &watch)?;
            let (had, has) = (attribute(name, segment), attribute(name, &moved));
            let note = match name {
                "density" => 0.5,
                "pitch" => 0.0,
                _ => 1.0 / onsets(&moved).max(1) as f64,
            };
            mean += has;
            change += (has - had) / unit;
            reached += usize::from((has - had - amount * unit).abs() <= f64::max(unit / 4.0, note));
            nats += model.nats(&moved, 0, &unguided(), &watch)?.iter().sum::<f64>();
            notes += onsets(&moved);
            kept += matching(segment, &moved);
            all += onsets(segment);
        }
        let count = segments.len().max(1) as f64;
        Ok(Moved {
            mean: mean / count,
            change: change / count,
            reached: reached as f64 / count,
            nats: nats / notes.max(1) as f64,
            kept: kept as f64 / all.max(1) as f64,
        })
    }
}

/// Prints what `more` makes of the held-out songs, and the deviations in the training songs from which the
/// units come.
pub fn print_more(model: &MelodyModel, corpus: &Corpus) -> Result<()> {
    for (name, deviation) in deviations(&corpus.train) {
        println!("{name}: standard deviation {deviation:.3} among the training songs' clips");
    }
    let segments = two_bars(&corpus.test);
    println!("{} clips | asked | got | mean | reached, % | nats per note | notes kept, %", segments.len());
    for name in ATTRIBUTES {
        for amount in [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0] {
            let Moved { mean, change, reached, nats, kept } = Moved::of(model, &segments, name, amount)?;
            println!(
                "{name} | {amount:+.1} | {change:+.2} | {mean:.2} | {:.0} | {nats:.2} | {:.0}",
                100.0 * reached,
                100.0 * kept
            );
        }
    }
    Ok(())
}

/// Notes as pitch over home and steps to the next.
fn notes(tokens: &[u8]) -> Vec<(u8, usize)> {
    let steps: Vec<usize> = (0..tokens.len()).filter(|&step| is_onset(tokens[step])).collect();
    steps.windows(2).map(|pair| (tokens[pair[0]], pair[1] - pair[0])).collect()
}

fn hash(notes: &[(u8, usize)]) -> u64 {
    let mut hasher = DefaultHasher::new();
    notes.hash(&mut hasher);
    hasher.finish()
}

/// The longest runs of notes that samples, and held-out songs, have in common with the training songs.
fn longest_match(samples: &[Sample<'_>], train: &[Vec<u8>]) -> LongestMatch {
    let train: Vec<Vec<(u8, usize)>> = train.iter().map(|tokens| notes(tokens)).collect();
    let whole: Vec<&Sample<'_>> = samples.iter().filter(|sample| sample.tokens.len() == BARS * BAR).collect();
    let sampled: Vec<Vec<(u8, usize)>> = whole.iter().map(|sample| notes(&sample.tokens)).collect();
    let songs: Vec<Vec<(u8, usize)>> = whole.iter().map(|sample| notes(&sample.song)).collect();
    let (mut of_samples, mut of_songs) = (vec![0usize; sampled.len()], vec![0usize; songs.len()]);
    for length in 1.. {
        let known: HashSet<u64> = train.iter().flat_map(|notes| notes.windows(length)).map(hash).collect();
        let mut any = false;
        for (pieces, longest) in [(&sampled, &mut of_samples), (&songs, &mut of_songs)] {
            for (notes, longest) in pieces.iter().zip(longest) {
                if *longest + 1 == length && notes.windows(length).any(|run| known.contains(&hash(run))) {
                    *longest = length;
                    any = true;
                }
            }
        }
        if !any {
            break;
        }
    }
    let mean =
        |lengths: &[usize]| rounded(lengths.iter().sum::<usize>() as f64 / lengths.len().max(1) as f64);
    LongestMatch {
        samples: sampled.len(),
        mean: mean(&of_samples),
        longest: of_samples.iter().copied().max().unwrap_or(0),
        mean_of_songs: mean(&of_songs),
    }
}
