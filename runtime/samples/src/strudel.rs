//! Strudel's maps of samples: `strudel.json`, as far as it names files on this disk.
//!
//! `{ "_base": "kit/", "bd": ["a.wav", "b.wav"], "hit": "c.wav", "piano": { "c4": "d.wav" } }`: paths stand
//! relative to `_base`, and that to the map. A `_base` on the web is the address from which the map's
//! folder was downloaded, and counts as that folder. Of a table of notes each sound knows its pitch, lowest first.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::sound::{Sound, Source};

/// The largest map that is read, in bytes: 20,000 paths of 200 bytes each are 4 MB.
const MAX_BYTES: u64 = 8_000_000;

/// The names of a map with their sounds, and what of it cannot be used.
pub(crate) fn read(map: &Path) -> (Vec<(String, Vec<Sound>)>, Vec<String>) {
    let mut text = String::new();
    let read = File::open(map).and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text));
    let folder = map.parent().unwrap_or(Path::new(""));
    let parsed = match read {
        Ok(length) if length as u64 > MAX_BYTES => Err("is longer than 8 MB".to_owned()),
        Ok(_) => parse(text.trim_start_matches('\u{feff}'), folder),
        Err(error) => Err(format!("cannot be read: {error}")),
    };
    match parsed {
        Ok((names, warnings)) => {
            (names, warnings.into_iter().map(|warning| format!("{}: {warning}", map.display())).collect())
        }
        Err(error) => (Vec::new(), vec![format!("{}: {error}", map.display())]),
    }
}

type Names = Vec<(String, Vec<Sound>)>;

fn parse(text: &str, folder: &Path) -> Result<(Names, Vec<String>), String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
    let Value::Object(map) = value else {
        return Err("holds no names: write { \"bd\": [\"bd/1.wav\"] }".to_owned());
    };
    let base = match map.get("_base") {
        Some(Value::String(base)) if !is_on_the_web(base) => base.clone(),
        _ => String::new(),
    };
    let mut warnings = Vec::new();
    let mut names = Vec::new();
    for (name, value) in map.iter().filter(|(name, _)| !name.starts_with('_')) {
        let mut sounds = Vec::new();
        gather(value, None, &mut |path, pitch| match within(folder, &base, path) {
            Ok(path) => sounds.push(Sound { source: Source::File(path), pitch, keyed: pitch.is_some() }),
            Err(why) => warnings.push(format!("`{name}`: `{path}` {why}")),
        });
        // Stable: what is of one pitch keeps its order.
        sounds.sort_by(|one, other| {
            let [one, other] = [one, other].map(|sound| sound.pitch.unwrap_or(f64::NEG_INFINITY));
            one.total_cmp(&other)
        });
        names.push((name.clone(), sounds));
    }
    Ok((names, warnings))
}

/// Tells `take` each path of a name's value, with its note's pitch where it stands in a table of notes.
fn gather(value: &Value, pitch: Option<f64>, take: &mut impl FnMut(&str, Option<f64>)) {
    match value {
        Value::String(path) => take(path, pitch),
        Value::Array(values) => values.iter().for_each(|value| gather(value, pitch, take)),
        Value::Object(notes) => {
            for (note, value) in notes.iter().filter(|(note, _)| !note.starts_with('_')) {
                gather(value, midi_number(note).or(pitch), take);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_on_the_web(path: &str) -> bool {
    path.contains("://") || path.starts_with("github:") || path.starts_with("shabda:")
}

/// The file that `path` means, which must lie below `folder`.
fn within(folder: &Path, base: &str, path: &str) -> Result<PathBuf, &'static str> {
    if is_on_the_web(path) {
        return Err("is on the web: download it into this folder, and write its path");
    }
    // Strudel joins texts, and `_base` may lack its slash: both readings are one here.
    let joined = Path::new(base.trim_start_matches("./")).join(path.trim_start_matches('/'));
    let stays = joined.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if stays { Ok(folder.join(joined)) } else { Err("lies outside of the map's folder: move it there") }
}

/// `c4` is 60, `as3` and `a#3` 58, `eb4` 63: the names of notes in Strudel's maps. A number is itself.
fn midi_number(note: &str) -> Option<f64> {
    if let Ok(number) = note.parse::<f64>() {
        return (0.0..=127.0).contains(&number).then_some(number);
    }
    let mut letters = note.chars();
    let step = match letters.next()?.to_ascii_lowercase() {
        'c' => 0,
        'd' => 2,
        'e' => 4,
        'f' => 5,
        'g' => 7,
        'a' => 9,
        'b' => 11,
        _ => return None,
    };
    let rest = letters.as_str();
    let octave = rest.trim_start_matches(['#', 's', 'b', 'f']);
    let sharps: i32 = rest[..rest.len() - octave.len()]
        .chars()
        .map(|sign| if matches!(sign, '#' | 's') { 1 } else { -1 })
        .sum();
    let octave: i32 = octave.parse().ok().filter(|octave| (-1..=10).contains(octave))?;
    Some(f64::from(12 * (octave + 1) + step + sharps))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name with its files and their pitches.
    type Files = (String, Vec<(String, Option<f64>)>);

    fn files(text: &str) -> Vec<Files> {
        let (names, _) = parse(text, Path::new("kit")).expect("a map");
        let file = |sound: Sound| match sound.source {
            Source::File(path) => (path.to_string_lossy().replace('\\', "/"), sound.pitch),
            Source::Starter(_) => panic!("a map names files"),
        };
        names.into_iter().map(|(name, sounds)| (name, sounds.into_iter().map(file).collect())).collect()
    }

    #[test]
    fn lists_single_files_and_bases() {
        for base in ["", r#""_base": "./","#, r#""_base": "https://raw.example/kit/main/","#] {
            let text = format!(r#"{{ {base} "bd": ["bd/a.wav", "/bd/b.wav"], "hit": "hit.wav" }}"#);
            let bd = vec![("kit/bd/a.wav".to_owned(), None), ("kit/bd/b.wav".to_owned(), None)];
            let hit = vec![("kit/hit.wav".to_owned(), None)];
            assert_eq!(files(&text), [("bd".to_owned(), bd), ("hit".to_owned(), hit)]);
        }
        let text = r#"{ "_base": "sub", "bd": "a.wav" }"#;
        assert_eq!(files(text), [("bd".to_owned(), vec![("kit/sub/a.wav".to_owned(), None)])]);
    }

    #[test]
    fn notes_know_their_pitch_lowest_first() {
        let text = r#"{ "piano": { "eb4": "c.wav", "c4": ["b.wav"], "As3": "a.wav" } }"#;
        let sounds = [("kit/a.wav", 58.0), ("kit/b.wav", 60.0), ("kit/c.wav", 63.0)];
        let sounds = sounds.map(|(file, pitch)| (file.to_owned(), Some(pitch))).to_vec();
        assert_eq!(files(text), [("piano".to_owned(), sounds)]);
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let text = r#"{ "a": "https://example.org/a.wav", "b": "../b.wav", "c": 5 }"#;
        let (_, warnings) = parse(text, Path::new("kit")).expect("a map");
        assert_eq!(
            warnings,
            [
                "`a`: `https://example.org/a.wav` is on the web: download it into this folder, and write its path",
                "`b`: `../b.wav` lies outside of the map's folder: move it there",
            ]
        );
        assert_eq!(
            parse("[]", Path::new("")),
            Err("holds no names: write { \"bd\": [\"bd/1.wav\"] }".to_owned())
        );
        let broken = parse("{", Path::new("")).expect_err("no JSON");
        assert_eq!(broken, "is no JSON: EOF while parsing an object at line 1 column 1");
    }
}
