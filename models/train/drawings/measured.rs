//! What is measured of weights on drawings.

use lilt_models::sketch::drawing::Drawing;
use lilt_models::sketch::measures::{NatsPerPoint, nats};
use lilt_models::sketch::step::SketchStep;

use crate::recipe::rounded;

/// Nats per point of drawings, each told its kind.
pub fn per_point<'a>(step: &SketchStep, drawings: impl IntoIterator<Item = &'a Drawing>) -> f64 {
    let told = |drawing: &'a Drawing| {
        (drawing.moves.as_slice(), step.condition(step.kind(drawing.kind as usize), None))
    };
    let (sum, points) = nats(step, step.config().scale, drawings.into_iter().map(told));
    rounded(sum / points.max(1) as f64)
}

/// Measures weights on what they learnt from and on what was held out.
pub fn parts(step: &SketchStep, [train, valid, test]: [&[Drawing]; 3]) -> NatsPerPoint {
    let own_point = |drawing: &'_ Drawing| {
        step.condition(step.kind(drawing.kind as usize), step.encode(&drawing.moves).as_deref())
    };
    let told = test.iter().map(|drawing| (drawing.moves.as_slice(), own_point(drawing)));
    let (told, told_points) = nats(step, step.config().scale, told);
    NatsPerPoint {
        // As many as are held out: all of them take minutes.
        train: per_point(step, train.iter().step_by(8)),
        valid: per_point(step, valid),
        test: per_point(step, test),
        test_told: rounded(told / told_points.max(1) as f64),
    }
}
