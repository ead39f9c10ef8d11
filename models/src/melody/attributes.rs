//! Attributes of clips, and the directions of the latent space along which clips have more of them.

use std::collections::BTreeMap;

use candle_core::Result;

use super::batches::clips;
use super::network::{ATTRIBUTES, Network, letters};
use super::passage::Song;
use super::vocabulary::{FIRST_PITCH, HOLD, SEGMENT, STEPS_PER_BEAT, is_onset, onsets};
use crate::card::Weights;

/// How much of an attribute two bars have.
pub fn attribute(name: &str, segment: &[u8]) -> f64 {
    let notes = onsets(segment).max(1) as f64;
    match name {
        "density" => onsets(segment) as f64 / 2.0,
        "pitch" => {
            let above =
                segment.iter().filter(|&&token| is_onset(token)).map(|&token| f64::from(token - FIRST_PITCH));
            above.sum::<f64>() / notes
        }
        // Notes that begin off the beat and ring over the next.
        _ => {
            let rings = |step: usize| {
                let beat = step.next_multiple_of(STEPS_PER_BEAT);
                is_onset(segment[step])
                    && step != beat
                    && segment[step + 1..].iter().take(beat - step).all(|&token| token == HOLD)
            };
            (0..segment.len()).filter(|&step| rings(step)).count() as f64 / notes
        }
    }
}

/// What one more of an attribute is: the standard deviation of the clips of the training songs, which is 2.0
/// notes a bar, 6.6 semitones, or 13 of 100 notes. It is written here and not counted anew for every model,
/// so that 1 is the same in all.
pub fn unit(name: &str) -> Option<f64> {
    match name {
        "density" => Some(2.0),
        "pitch" => Some(6.6),
        "syncopation" => Some(0.13),
        _ => None,
    }
}

/// The standard deviation of each attribute among the clips of `songs`, what [`unit()`] is rounded from.
pub fn deviations(songs: &[Song]) -> Vec<(&'static str, f64)> {
    let clips = clips(songs);
    let segments: Vec<&[u8]> = clips.iter().flat_map(|(_, tokens)| tokens.chunks(SEGMENT)).collect();
    let segments: Vec<&[u8]> = segments.into_iter().filter(|segment| onsets(segment) > 0).collect();
    let deviation = |name| {
        let amounts: Vec<f64> = segments.iter().map(|segment| attribute(name, segment)).collect();
        let mean = amounts.iter().sum::<f64>() / amounts.len().max(1) as f64;
        let square = amounts.iter().map(|amount| (amount - mean).powi(2)).sum::<f64>();
        (name, (square / amounts.len().max(1) as f64).sqrt())
    };
    ATTRIBUTES.into_iter().map(deviation).collect()
}

/// For each attribute the way in the latent space from the mean of the clips in the lowest quarter to
/// that of those in the highest; no way at all where there are too few clips for quarters.
///
/// # Errors
/// When the network fails.
pub fn directions(network: &Network, songs: &[Song]) -> Result<BTreeMap<String, Weights>> {
    let latent = network.config().latent;
    let clips = clips(songs);
    let segments: Vec<&[u8]> = clips.iter().flat_map(|(_, tokens)| tokens.chunks(SEGMENT)).collect();
    let mut points = Vec::with_capacity(segments.len());
    for clips in clips.chunks(256) {
        let letters: Vec<_> = clips.iter().flat_map(|(_, tokens)| letters(tokens)).collect();
        points.extend(network.encode(&letters)?.mean.to_vec2::<f32>()?);
    }
    let direction = |name: &&str| {
        let mut order: Vec<usize> = (0..segments.len()).collect();
        let amounts: Vec<f64> = segments.iter().map(|segment| attribute(name, segment)).collect();
        order.sort_by(|&a, &b| amounts[a].total_cmp(&amounts[b]));
        let quarter = order.len() / 4;
        let mean = |chosen: &[usize], axis: usize| {
            chosen.iter().map(|&at| f64::from(points[at][axis])).sum::<f64>() / chosen.len().max(1) as f64
        };
        let (low, high) = (&order[..quarter], &order[order.len() - quarter..]);
        let values = (0..latent).map(|axis| (mean(high, axis) - mean(low, axis)) as f32).collect();
        (format!("attribute.{name}"), Weights { shape: vec![latent], values })
    };
    Ok(ATTRIBUTES.iter().map(direction).collect())
}
