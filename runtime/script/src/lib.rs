//! The language: a script's text in, a whole generation or a diagnostic out.
//!
//! Luau through `mlua`, sandboxed and bounded. The crate touches no file, network
//! or process: what `require` may read comes through [`Sources`], takes come from
//! the inference service. Randomness comes from the script's seed alone.
#![warn(missing_docs)]

mod ahead;
mod bind;
mod clip_value;
mod context;
mod diagnostic;
mod doc;
mod draft;
mod engine;
mod fault;
mod files;
mod fingerprint;
mod foreign;
mod form;
mod function;
mod lift;
mod looping;
mod meter;
mod mistakes;
mod moving_tempo;
mod music;
mod options;
mod parse_errors;
mod reading;
pub mod reference;
mod remembered;
mod require;
mod rewards;
mod said;
mod signals;
mod sounds;
mod source_text;
mod sources;
mod state;
mod stream;
mod stretches;
mod subject;
mod tokens;
mod translate;
mod unplayed;
mod verb;
mod verbs;
mod vm;
mod watchdog;
mod watching;
mod worth;

pub use diagnostic::{Diagnostic, Excerpt, Severity};
pub use doc::Doc;
pub use engine::{Bakes, Engine, Evaluation, Limits, ReadText, ScriptError};
pub use meter::{FunctionUsage, Usage};
pub use sounds::SoundNames;
pub use sources::{FontFile, Refusal, SourceFile, Sources, WantedPreset};

/// What there is to say on a subject that is no single word: `notation`, `drums`, `instruments`, `controls`.
pub fn subject(name: &str) -> Option<String> {
    subject::page(name)
}

/// Everything a script can call, sorted by name.
pub fn documentation() -> Vec<Doc> {
    doc::all()
}
