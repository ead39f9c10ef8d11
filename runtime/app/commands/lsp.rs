//! `lilt lsp`: the language server on standard input and output.

use lilt_editor::{DetachedHost, DocEntry, SocketDirectories, WordKind};
use lilt_script::Doc;

use crate::failure::Failure;

/// Serves one editor, until it says goodbye. The host of its script goes on playing.
pub fn lsp() -> Result<(), Failure> {
    let program = std::env::current_exe().map_err(Failure::of_use)?;
    let directories = SocketDirectories::of_this_user();
    let host = DetachedHost { program, arguments: vec!["live".into()], directories };
    lilt_editor::serve_stdio(host, &vocabulary()).map_err(Failure::of_use)
}

/// Every word that an editor can complete and explain.
fn vocabulary() -> Vec<DocEntry> {
    let bare = |name: &str, kind| DocEntry {
        name: name.to_string(),
        kind,
        signature: name.to_string(),
        summary: String::new(),
        example: String::new(),
    };
    let mut words: Vec<DocEntry> = lilt_script::documentation().into_iter().map(entry).collect();
    words.extend(lilt_score::Drum::ALL.map(|drum| bare(drum.name(), WordKind::Drum)));
    words.extend(lilt_sequencer::Instrument::ALL.map(|instrument| bare(instrument.name(), WordKind::Synth)));
    words.extend([bare(lilt_models::folk::model::NAME, WordKind::Model)]);
    words
}

fn entry(doc: Doc) -> DocEntry {
    let kind = if doc.name.contains(':') { WordKind::Method } else { WordKind::Function };
    DocEntry { name: doc.name, kind, signature: doc.signature, summary: doc.summary, example: doc.example }
}
