//! The language: a script's text in, a whole generation or a diagnostic out.
//!
//! Luau through `mlua`, sandboxed and bounded. The crate touches no file, network
//! or process: what `require` and `read` may read comes through [`Sources`], takes come from
//! the inference service. Randomness comes from the script's seed alone.
#![warn(missing_docs)]

mod ahead;
mod amount;
mod application;
mod arguments;
mod bind;
mod by_hand;
mod change;
mod chart;
mod clip_value;
mod context;
mod declared;
mod diagnostic;
mod doc;
mod each_note;
mod ears;
mod engine;
mod fault;
mod files;
mod fingerprint;
mod following;
mod foreign;
mod form;
mod function;
mod harmony;
mod learning;
mod lift;
mod loading;
mod looping;
mod meter;
mod mistakes;
mod moving_tempo;
mod music;
mod music_files;
mod options;
mod parse_errors;
mod phrase_end;
mod promise;
mod reading;
pub mod reference;
mod remembered;
mod require;
mod rewards;
mod rounds;
mod said;
mod sheet;
mod signals;
mod sounds;
mod source_text;
mod sources;
mod state;
mod stream;
mod stretches;
mod subject;
mod surplus;
mod tastes;
mod tokens;
mod translate;
mod unheard;
mod unheeded;
mod unmoved;
mod unplayed;
mod verb;
mod verbs;
mod vm;
mod watchdog;
mod watching;
mod wiring;
mod worth;

pub use bind::{KEYS, LINK, OSC, TRANSPORT, letter_dial};
pub use by_hand::ByHand;
pub use diagnostic::{Diagnostic, Excerpt, Severity};
pub use doc::Doc;
pub use ears::Heeded;
pub use engine::{Bakes, Engine, Evaluation, Limits, ReadText, ScriptError};
pub use learning::unlearnt;
pub use meter::{FunctionUsage, Usage};
pub use sounds::SoundNames;
pub use sources::{FontFile, Refusal, SourceFile, Sources, Unread, WantedPreset};
pub use tastes::{EDITOR, Press, Taught};

/// What there is to say on a subject that is no single word: `notation`, `drums`, `instruments`, `controls`, `samples`,
/// `buses`, `changes`, `chance`.
pub fn subject(name: &str) -> Option<String> {
    subject::page(name)
}

/// What to write in the place of a word that only other languages and programs know; `None` for any other word.
pub fn other_words(name: &str) -> Option<String> {
    let fault = foreign::name(name).or_else(|| foreign::method(name))?;
    Some(match &fault.help {
        Some(help) => format!("{}: {help}", fault.message),
        None => fault.message.clone(),
    })
}

/// Everything a script can call, sorted by name.
pub fn documentation() -> Vec<Doc> {
    doc::all()
}
