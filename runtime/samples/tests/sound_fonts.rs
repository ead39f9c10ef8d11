//! SoundFonts: presets by name and number, and files that are none.

use std::fs;

use lilt_samples::{Preset, SoundFont};
use proptest::prelude::*;

fn chunk(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [id.as_slice(), &(content.len() as u32).to_le_bytes(), content].concat()
}

fn list(id: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"LIST", &[id.to_vec(), chunks.concat()].concat())
}

fn named(name: &str, length: usize) -> Vec<u8> {
    let mut bytes = name.as_bytes().to_vec();
    bytes.resize(length, 0);
    bytes
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A SoundFont (SoundFont technical specification 2.04, section 7) in which each preset plays the one
/// instrument of the one sample.
fn sound_font(presets: &[(&str, u16, u16)]) -> Vec<u8> {
    let count = presets.len() as u16;
    let info = list(
        b"INFO",
        &[chunk(b"ifil", &words(&[2, 1])), chunk(b"isng", b"EMU8000\0"), chunk(b"INAM", b"Test\0\0")],
    );
    let samples: Vec<u16> = (0..200).map(|i| if i < 100 { i * 100 } else { 0 }).collect();
    let sdta = list(b"sdta", &[chunk(b"smpl", &words(&samples))]);
    let phdr: Vec<u8> = presets
        .iter()
        .zip(0..)
        .map(|((name, bank, program), bag)| (*name, *bank, *program, bag))
        .chain([("EOP", 0, 0, count)])
        .flat_map(|(name, bank, program, bag)| {
            [named(name, 20), words(&[program, bank, bag]), vec![0; 12]].concat()
        })
        .collect();
    let pbag: Vec<u8> = (0..=count).flat_map(|i| words(&[i, 0])).collect();
    // Generator 41 is the instrument, 53 the sample.
    let pgen: Vec<u8> = (0..count).flat_map(|_| words(&[41, 0])).chain(words(&[0, 0])).collect();
    let inst = [named("Sine", 20), words(&[0]), named("EOI", 20), words(&[1])].concat();
    let ibag = words(&[0, 0, 1, 0]);
    let igen = words(&[53, 0, 0, 0]);
    let header = |name: &str, ends: [u32; 5]| {
        let ends: Vec<u8> = ends.iter().flat_map(|end| end.to_le_bytes()).collect();
        [named(name, 20), ends, vec![60, 0], words(&[0, 1])].concat()
    };
    let shdr = [header("Sine", [0, 100, 10, 90, 44_100]), header("EOS", [0; 5])].concat();
    let pdta = list(
        b"pdta",
        &[
            chunk(b"phdr", &phdr),
            chunk(b"pbag", &pbag),
            chunk(b"pmod", &[0; 10]),
            chunk(b"pgen", &pgen),
            chunk(b"inst", &inst),
            chunk(b"ibag", &ibag),
            chunk(b"imod", &[0; 10]),
            chunk(b"igen", &igen),
            chunk(b"shdr", &shdr),
        ],
    );
    chunk(b"RIFF", &[b"sfbk".to_vec(), info, sdta, pdta].concat())
}

const PRESETS: [(&str, u16, u16); 4] =
    [("Standard Kit", 128, 0), ("Fiddle Solo", 0, 40), ("Piano", 0, 0), ("Warm Piano", 8, 0)];

fn open(bytes: &[u8]) -> Result<SoundFont, String> {
    SoundFont::from_bytes(bytes, "gm.sf2".as_ref()).map_err(|error| error.to_string())
}

#[test]
fn presets_by_name_and_number() {
    let font = open(&sound_font(&PRESETS)).expect("a SoundFont");
    let listed: Vec<(u16, u8, &str)> =
        font.presets().iter().map(|p| (p.bank, p.program, p.name.as_str())).collect();
    let expected = [(0, 0, "Piano"), (0, 40, "Fiddle Solo"), (8, 0, "Warm Piano"), (128, 0, "Standard Kit")];
    assert_eq!(listed, expected);
    let name = |preset: &Preset| preset.name.clone();
    for (asked, found) in [
        ("fiddle solo", "Fiddle Solo"),
        ("Violin", "Fiddle Solo"),
        ("acoustic grand piano", "Piano"),
        (" Piano ", "Piano"),
    ] {
        assert_eq!(font.preset(asked).map(name), Ok(found.to_owned()), "{asked}");
    }
    assert_eq!(font.preset(40).map(name), Ok("Fiddle Solo".to_owned()));
    assert_eq!(font.preset((128, 0)).map(name), Ok("Standard Kit".to_owned()));
}

#[test]
fn a_preset_that_is_not_there_is_answered_with_the_nearest() {
    let font = open(&sound_font(&PRESETS)).expect("a SoundFont");
    let there = "there is Piano (0), Fiddle Solo (40), Warm Piano (8:0), Standard Kit (128:0)";
    let said = |error: Result<&Preset, lilt_samples::SoundFontError>| error.expect_err("unknown").to_string();
    for (message, expected) in [
        (said(font.preset("violni")), "gm.sf2 has no preset `violni`: did you mean `Violin`?".to_owned()),
        (said(font.preset("Paino")), "gm.sf2 has no preset `Paino`: did you mean `Piano`?".to_owned()),
        (said(font.preset("Theremin")), format!("gm.sf2 has no preset `Theremin`: {there}")),
        (said(font.preset(41)), format!("gm.sf2 has no preset `41`: {there}")),
        (said(font.preset((128, 1))), format!("gm.sf2 has no preset `128:1`: {there}")),
    ] {
        assert_eq!(message, expected);
    }
}

#[test]
fn what_is_no_sound_font_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gm.sf2");
    let said = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("a file");
        let message = SoundFont::open(&path).expect_err("no SoundFont").to_string();
        message.strip_prefix(&format!("{}: ", path.display())).expect("the file's name").to_owned()
    };
    assert_eq!(said(b""), "is no SoundFont: give an .sf2 file");
    assert_eq!(said(b"RIFF\0\0\0\0WAVEfmt "), "is no SoundFont: give an .sf2 file");
    let good = sound_font(&PRESETS);
    let early = "the SoundFont is damaged (it ends too early): fetch it again";
    assert_eq!(said(&good[..good.len() / 2]), early);
    let mut packed = good.clone();
    let at = packed.windows(4).position(|four| four == b"smpl").expect("samples") + 8;
    packed[at..at + 4].copy_from_slice(b"OggS");
    assert_eq!(said(&packed), "its sounds are packed (.sf3): unpack it to .sf2");
    fs::remove_file(&path).expect("a file");
    let missing = SoundFont::open(&path).expect_err("no file").to_string();
    assert_eq!(missing, format!("{}: there is no such file", path.display()));
}

proptest! {
    /// Good files with bytes changed anywhere: a SoundFont or a message, never a panic, and no room
    /// is made for more than the file holds.
    #[test]
    fn damaged_files_are_a_sound_font_or_a_message(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        end in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = sound_font(&PRESETS);
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len()));
        }
        match open(&bytes) {
            Ok(font) => prop_assert!(font.presets().iter().all(|preset| preset.program < 128)),
            Err(message) => prop_assert!(message.starts_with("gm.sf2: "), "{}", message),
        }
    }
}
