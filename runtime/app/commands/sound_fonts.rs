//! The instruments of a SoundFont, for `lilt doc FILE.sf2` and `lilt play FILE.sf2:NAME`.

use std::fmt::Write;
use std::path::Path;

use lilt_samples::{DRUM_BANK, PresetQuery, SoundFont};
use lilt_score::Preset;

use crate::failure::Failure;

/// What ends the name of such a file.
const ENDING: &str = ".sf2";

/// The file that `written` names, and what stands behind it and a colon, if it names a SoundFont.
pub fn split(written: &str) -> Option<(&str, Option<&str>)> {
    // Lower case keeps the length of these letters, which are ASCII.
    let end = written.to_ascii_lowercase().find(ENDING)? + ENDING.len();
    match written[end..].strip_prefix(':') {
        Some(instrument) => Some((&written[..end], Some(instrument))),
        None => (end == written.len()).then_some((written, None)),
    }
}

/// The instruments of a file, each with how a script writes it.
///
/// # Errors
/// When the file cannot be read, or is something else.
pub fn page(file: &str) -> Result<String, Failure> {
    let font = SoundFont::open(Path::new(file)).map_err(Failure::of_use)?;
    let mut page = format!("Instruments of {file}, for play(…):on(soundfont(\"{file}\"):at \"…\").\n");
    for preset in font.presets() {
        let written = match preset.bank {
            0 => format!(":at({})", preset.program),
            DRUM_BANK => format!(":drums({})", preset.program),
            bank => format!(":at({bank}, {})", preset.program),
        };
        let _ = write!(page, "\n  {written:<14} {}", preset.name);
    }
    Ok(page)
}

/// The instrument of a file that `wanted` names: by its name, its program, or `bank:program`; the only one where
/// nothing is said.
///
/// # Errors
/// When the file cannot be read, there is no such instrument, or none is named and there are several.
pub fn preset(file: &str, wanted: Option<&str>) -> Result<Preset, Failure> {
    let font = SoundFont::open(Path::new(file)).map_err(Failure::of_use)?;
    let query = match (wanted, font.presets()) {
        (Some(wanted), _) => query(wanted),
        (None, [only]) => PresetQuery::Bank(only.bank.into(), only.program.into()),
        (None, several) => {
            let near = several.first().map_or("Trumpet", |first| first.name.as_str());
            return Err(Failure::Use(format!(
                "{file} holds {} instruments: name one, as in lilt play \"{file}:{near}\" (`lilt doc {file}` lists them)",
                several.len()
            )));
        }
    };
    let found = font.preset(query).map_err(Failure::of_use)?;
    Ok(Preset {
        file: file.into(),
        bank: found.bank,
        program: found.program,
        name: found.name.as_str().into(),
    })
}

fn query(wanted: &str) -> PresetQuery {
    let numbers: Vec<Option<i64>> = wanted.split(':').map(|number| number.trim().parse().ok()).collect();
    match numbers[..] {
        [Some(program)] => PresetQuery::Program(program),
        [Some(bank), Some(program)] => PresetQuery::Bank(bank, program),
        _ => PresetQuery::Name(wanted.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_sound_font_and_an_instrument() {
        for (written, split_so) in [
            ("gm.sf2", Some(("gm.sf2", None))),
            ("a/GM.SF2:Trumpet", Some(("a/GM.SF2", Some("Trumpet")))),
            ("gm.sf2:128:0", Some(("gm.sf2", Some("128:0")))),
            ("gm.sf2x", None),
            ("bd:2", None),
        ] {
            assert_eq!(split(written), split_so, "{written}");
        }
        for (wanted, asked) in [
            ("56", PresetQuery::Program(56)),
            ("128:0", PresetQuery::Bank(128, 0)),
            ("Piano: 1", PresetQuery::Name("Piano: 1".to_owned())),
        ] {
            assert_eq!(query(wanted), asked);
        }
    }
}
