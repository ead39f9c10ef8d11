//! What is measured beside the likelihood.

use std::collections::BTreeMap;

use anyhow::Result;
use lilt_inference::{Conditions, Model, Sampling, Setting, Settings, Watch};
use lilt_models::performance::model::PerformanceModel;
use lilt_score::{Clip, Meter};

use crate::corpus::Corpus;

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
    Ok(model.sample(&Sampling::new(bars, temperature, seed, conditions)?, &Watch::new())?.clip)
}

/// All of them, by what they are.
///
/// # Errors
/// When the model fails.
pub fn measures(_: &PerformanceModel, _: &Corpus) -> Result<BTreeMap<String, f64>> {
    Ok(BTreeMap::new())
}
