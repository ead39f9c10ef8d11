//! How fast a step is, and what it computes: the same passes for `lilt bench`, `bench-step` and the
//! comparison with ONNX Runtime.

use std::time::{Duration, Instant};

use lilt_inference::ModelError;

use super::features::{Features, GROUP_COUNT};
use crate::recurrent::step::{RecurrentScratch, RecurrentStep};
use crate::step::LstmState;

/// Steps before the first that is timed: the weights are in the caches then.
const WARM_UP: usize = 50;

/// What step number `step` of state `state` hears: rows spread over the whole embedding. Anybody who
/// compares uses the same formula.
fn features(features: usize, step: usize, state: usize) -> Features {
    std::array::from_fn(|group| ((step * 7 + group * 31 + state * 11) % features) as u16)
}

/// The duration class that is given to the pitch layers at step number `step`.
fn duration(durations: usize, step: usize) -> u8 {
    (step % durations) as u8
}

/// Times of `runs` single steps of `batch` states each, in order: the LSTM layers and the logits of
/// duration and pitch of every state.
///
/// # Errors
/// When the device fails.
pub fn step_times(step: &RecurrentStep, batch: usize, runs: usize) -> Result<Vec<Duration>, ModelError> {
    let mut times = Vec::with_capacity(runs);
    let mut states = vec![step.start(); batch];
    let mut room = Room::default();
    for run in 0..WARM_UP + runs {
        let heard: Vec<Features> = (0..batch).map(|state| features(step.config().rows, run, state)).collect();
        let start = Instant::now();
        one(step, &heard, run, &mut states, &mut room)?;
        if run >= WARM_UP {
            times.push(start.elapsed());
        }
    }
    Ok(times)
}

/// Logits of duration and of pitch after `steps` steps from the start.
///
/// # Errors
/// When the device fails.
pub fn logits_after(step: &RecurrentStep, steps: usize) -> Result<(Vec<f32>, Vec<f32>), ModelError> {
    let mut states = [step.start()];
    let mut room = Room::default();
    for run in 0..steps {
        one(step, &[features(step.config().rows, run, 0)], run, &mut states, &mut room)?;
    }
    Ok((room.durations, room.pitches))
}

/// Rows of one step, as the formula above gives them.
pub const ROWS_PER_STEP: usize = GROUP_COUNT;

#[derive(Default)]
struct Room {
    scratch: RecurrentScratch,
    durations: Vec<f32>,
    pitches: Vec<f32>,
}

fn one(
    step: &RecurrentStep,
    heard: &[Features],
    run: usize,
    states: &mut [LstmState],
    room: &mut Room,
) -> Result<(), ModelError> {
    step.step(&mut room.scratch, heard, states)?;
    step.logits(&mut room.scratch, states, 0, |_| &[], &mut room.durations)?;
    let durations = step.config().fields.first().copied().unwrap_or(1);
    let said = [duration(durations, run)];
    step.logits(&mut room.scratch, states, 1, |_| &said, &mut room.pitches)
}
