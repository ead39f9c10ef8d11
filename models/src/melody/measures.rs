//! What the card of `melody` says of the network: losses, chords followed, clips given back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The card of `melody`.
pub type Card = crate::card::Card<super::network::Config, Measures, Golden>;

/// What was measured, on held-out songs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measures {
    /// Nats per note on the training set, without a point of the latent space.
    pub train: f64,
    /// On the validation set.
    pub valid: f64,
    /// On the test set.
    pub test: f64,
    /// On the test set, when the chords are not told.
    pub test_without_chords: f64,
    /// What the baseline is.
    pub baseline: String,
    /// Nats per note of the baseline on the test set.
    pub baseline_test: f64,
    /// Other baselines, with their losses on the test set.
    pub other_baselines: BTreeMap<String, f64>,
    /// Chords that are followed.
    pub chords: ChordTones,
    /// The latent space, clips of two bars.
    pub two_bars: Latent,
    /// Clips of four bars.
    pub four_bars: Latent,
    /// For each attribute its mean in two bars moved by −1, as they are, and moved by 1.
    pub attributes: BTreeMap<String, [f64; 3]>,
    /// Notes in a row that a sample has in common with a training song, pitches and onsets.
    pub longest_match: LongestMatch,
}

/// Share of the notes that begin on the first and third beat of a bar and are notes of the chord
/// that sounds there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChordTones {
    /// In the held-out songs.
    pub songs: f64,
    /// In melodies sampled over the chords of the held-out songs.
    pub sampled: f64,
    /// In the same melodies under the chords of another song, moved into their key.
    pub other_chords: f64,
}

/// How the latent space gives back held-out clips of one length, and what lies between them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latent {
    /// Clips, each an end of a way from one song to another.
    pub clips: usize,
    /// Share of their notes, pitch and onset, that the ends give back.
    pub ends: f64,
    /// Likewise straight from the encoder, without settling.
    pub ends_unsettled: f64,
    /// Notes of the ends that are not in the clips, as a share of the clips' notes.
    pub ends_added: f64,
    /// Nats per note of the ends, without a point of the latent space.
    pub nats: f64,
    /// Nats per note of the six steps between, each over that of the ends.
    pub between: Vec<f64>,
    /// The same for cross-fades, in which each note of an end stays with the share of that end.
    pub cross_fade: Vec<f64>,
}

/// The longest runs of notes that samples share with the training songs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongestMatch {
    /// Samples of 16 bars.
    pub samples: usize,
    /// The longest of each sample, on average.
    pub mean: f64,
    /// The longest of all.
    pub longest: usize,
    /// The same average for held-out songs, 16 bars of each: pop songs share figures.
    pub mean_of_songs: f64,
}

/// Golden output: what tells a build that computes something else from a right one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// Key, as scripts write it.
    pub key: String,
    /// Chords, as scripts write them.
    pub chords: String,
    /// Notes a bar that are asked for.
    pub density: f64,
    /// Eight bars of the likeliest notes, as `pitch:ticks` (MIDI number, 1/48 beat), `z` for a rest,
    /// separated by spaces.
    pub notes: String,
    /// Four bars drawn at temperature 1 with seed 1.
    pub drawn: String,
    /// Half-way from the first two of the drawn bars to the others.
    pub between: String,
}
