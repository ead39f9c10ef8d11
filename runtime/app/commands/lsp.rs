//! `lilt lsp`: the language server on standard input and output.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use include_dir::{Dir, include_dir};
use lilt_editor::{DetachedHost, DocEntry, SocketDirectories, WordKind, Words};
use lilt_models::card::Head;
use lilt_models::catalogue::SHIPPED;
use lilt_samples::{Bank, Root};
use lilt_script::Doc;

use crate::failure::Failure;
use crate::folder::Folder;
use crate::place;

/// The modules that every script can require, as they were when Lilt was built.
static MODULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/stdlib");

/// How long a list of a folder's sounds is good.
const LISTED: Duration = Duration::from_secs(5);

/// Serves one editor, until it says goodbye. The host of its script goes on playing.
pub fn lsp() -> Result<(), Failure> {
    let program = std::env::current_exe().map_err(Failure::of_use)?;
    let directories = SocketDirectories::of_this_user();
    let host = DetachedHost { program, arguments: vec!["live".into()], directories };
    let Words { everywhere, beside } = words();
    lilt_editor::serve_stdio(host, &everywhere, |script| beside(script)).map_err(Failure::of_use)
}

/// What a language server knows.
pub fn words() -> Words {
    let sounds = SoundsBeside::default();
    let beside = move |script: &Path| [beside(script), sounds.of(script)].concat();
    Words { everywhere: vocabulary().into(), beside: Arc::new(beside) }
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
    let weights = place::weights().ok();
    words.extend(SHIPPED.map(|name| {
        model(name, weights.as_deref().map(|folder| folder.join(format!("{name}.toml"))).as_deref())
    }));
    let modules = MODULES.files().filter_map(|file| {
        let name = file.path().to_str()?.strip_suffix(".lua")?;
        Some(module(name, file.contents_utf8()?))
    });
    words.extend(modules);
    // What lies beside a script is known once there is one.
    words.extend(sounds(&place::sounds(Path::new("/dev/null"), &[])));
    words.sort_by(|one, other| one.name.cmp(&other.name));
    words
}

/// The recorded sounds of a bank.
fn sounds(bank: &Bank) -> Vec<DocEntry> {
    let names = bank.names().chain(bank.aliases());
    names.map(|(name, count)| sound(name, count, bank.about(name).unwrap_or_default())).collect()
}

/// Recorded sounds of a name, and what they are.
fn sound(name: &str, count: usize, about: &str) -> DocEntry {
    let one = if count == 1 { "One sound".to_owned() } else { format!("{name}:0 to {name}:{}", count - 1) };
    let about = if about.is_empty() { String::new() } else { format!(": {about}") };
    DocEntry {
        name: name.to_string(),
        kind: WordKind::Sound,
        signature: format!("sound \"{name}\""),
        summary: format!("{one}{about}."),
        example: String::new(),
    }
}

/// The sounds of the folders `samples` beside scripts, which are not listed anew at each keystroke.
#[derive(Default)]
struct SoundsBeside {
    listed: Mutex<HashMap<PathBuf, (Instant, Vec<DocEntry>)>>,
}

impl SoundsBeside {
    fn of(&self, script: &Path) -> Vec<DocEntry> {
        let Some(folder) = script.parent() else { return Vec::new() };
        // Whole even if one panicked: each use puts in a finished list.
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let old = listed.get(folder).filter(|(when, _)| when.elapsed() < LISTED);
        if let Some((_, known)) = old {
            return known.clone();
        }
        let own = sounds(&Bank::new([Root::Optional(folder.join("samples"))]));
        listed.insert(folder.to_owned(), (Instant::now(), own.clone()));
        own
    }
}

/// The models of one's own, the modules and the files of music that lie beside a script.
fn beside(script: &Path) -> Vec<DocEntry> {
    let Some(folder) = script.parent() else { return Vec::new() };
    // A folder that cannot be read has nothing to offer.
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut words: Vec<DocEntry> =
        files.filter(|path| path != script).filter_map(|path| own(&path)).collect();
    words.extend(Folder::of(script).files_of_music().into_iter().map(music));
    words.sort_by(|one, other| one.name.cmp(&other.name));
    words
}

/// The word that a file beside a script stands for.
fn own(path: &Path) -> Option<DocEntry> {
    let name = path.file_stem()?.to_str()?;
    match path.extension()?.to_str()? {
        // A module is a bare name, as `require` reads it.
        "lua" if name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') => {
            // A pipe would keep the server waiting.
            let head = path.is_file().then(|| fs::File::open(path).ok()).flatten().and_then(head);
            Some(module(name, &head.unwrap_or_default()))
        }
        "safetensors" if !SHIPPED.contains(&name) => {
            let card = path.with_extension("toml");
            card.is_file().then(|| model(name, Some(&card)))
        }
        _ => None,
    }
}

/// The beginning of a module: its first comment says what it is.
fn head(file: fs::File) -> Option<String> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(file, 4096), &mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// A model, and what its card says of it.
fn model(name: &str, card: Option<&Path>) -> DocEntry {
    let card = card.and_then(|card| Head::<serde_json::Value>::read(card).ok());
    DocEntry {
        name: name.to_string(),
        kind: WordKind::Model,
        signature: format!("model \"{name}\""),
        summary: card.map(|card| card.description).unwrap_or_default(),
        example: String::new(),
    }
}

/// A module, and what its first comment says of it.
fn module(name: &str, text: &str) -> DocEntry {
    let comment = text.lines().map_while(|line| line.strip_prefix("--")).map(str::trim);
    DocEntry {
        name: name.to_string(),
        kind: WordKind::Module,
        signature: format!("require \"{name}\""),
        summary: comment.collect::<Vec<_>>().join(" "),
        example: String::new(),
    }
}

/// A file of music, by its name from the script's folder.
fn music(name: String) -> DocEntry {
    DocEntry {
        signature: format!("read \"{name}\""),
        name,
        kind: WordKind::File,
        summary: "A file of music beside the script.".to_string(),
        example: String::new(),
    }
}

fn entry(doc: Doc) -> DocEntry {
    let kind = if doc.name.contains(':') { WordKind::Method } else { WordKind::Function };
    DocEntry { name: doc.name, kind, signature: doc.signature, summary: doc.summary, example: doc.example }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(words: &[DocEntry], kind: WordKind) -> Vec<&str> {
        words.iter().filter(|word| word.kind == kind).map(|word| word.name.as_str()).collect()
    }

    #[test]
    fn every_model_and_module_is_known_with_what_it_is() {
        let words = vocabulary();
        assert_eq!(named(&words, WordKind::Model), SHIPPED);
        assert!(named(&words, WordKind::Module).contains(&"scales"));
        let breaks = words.iter().find(|word| word.kind == WordKind::Sound && word.name == "breaks");
        let summary = breaks.map(|breaks| breaks.summary.as_str());
        assert_eq!(
            summary,
            Some("breaks:0 to breaks:3: a bar of drums each, at 120, 135, 150 and 170 beats a minute.")
        );
        let scales = words.iter().find(|word| word.kind == WordKind::Module && word.name == "scales");
        let summary = &scales.expect("a module").summary;
        assert!(summary.starts_with("Scales: the pitches of a key, by their degrees. A scale"), "{summary}");
    }

    #[test]
    fn what_lies_beside_the_script_is_known() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for (name, text) in [
            ("set.lua", "play()"),
            ("mine.lua", "-- My own turns.\n-- Two of them.\nreturn {}"),
            ("no module.lua", ""),
            ("tunes.safetensors", ""),
            ("tunes.toml", ""),
            ("alone.safetensors", ""),
            ("reel.abc", "K:C"),
        ] {
            fs::write(at(name), text).expect("written");
        }
        let words = beside(&at("set.lua"));
        assert_eq!(
            (named(&words, WordKind::Module), named(&words, WordKind::Model)),
            (vec!["mine"], vec!["tunes"])
        );
        fs::create_dir(at("more")).expect("made");
        fs::write(at("more/song.mid"), "").expect("written");
        assert_eq!(named(&beside(&at("set.lua")), WordKind::File), vec!["more/song.mid", "reel.abc"]);
        assert_eq!(words[0].summary, "My own turns. Two of them.");
        assert!(beside(Path::new("/nowhere/set.lua")).is_empty());
    }
}
