//! SoundFonts: presets by name and number, and files that are none.

mod sf2;

use std::fs;

use lilt_samples::{Bank, FontSource, Fonts, Instruments, Library, Preset, Root, SoundFont};
use proptest::prelude::*;

const PRESETS: [(&str, u16, u16); 4] =
    [("Standard Kit", 128, 0), ("Fiddle Solo", 0, 40), ("Piano", 0, 0), ("Warm Piano", 8, 0)];

/// A SoundFont of a ramp.
fn sound_font() -> Vec<u8> {
    let wave: Vec<i16> = (0..100).map(|i| i * 100).collect();
    sf2::sound_font(&PRESETS, &wave, Some((10, 90)))
}

fn open(bytes: &[u8]) -> Result<SoundFont, String> {
    SoundFont::from_bytes(bytes, "gm.sf2".as_ref()).map_err(|error| error.to_string())
}

#[test]
fn presets_by_name_and_number() {
    let font = open(&sound_font()).expect("a SoundFont");
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
    let font = open(&sound_font()).expect("a SoundFont");
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
    let good = sound_font();
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
        let mut bytes = sound_font();
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len()));
        }
        match open(&bytes) {
            Ok(font) => {
                prop_assert!(font.presets().iter().all(|preset| preset.program < 128));
                for preset in font.presets() {
                    let Ok(instrument) = font.instrument(preset) else { continue };
                    prop_assert!(instrument.regions(60.0, 0.8).all(|region| region.sample.frames() > 0));
                }
            }
            Err(message) => prop_assert!(message.starts_with("gm.sf2: "), "{}", message),
        }
    }
}

#[test]
fn an_instrument_is_read_with_its_loop_and_its_root() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gm.sf2");
    fs::write(&path, sound_font()).expect("a file");
    let bank = Bank::new([Root::Starter]);
    let mut library = Library::with_fonts(bank, 1_000_000, Fonts::default()).expect("a thread");
    let source = |program| FontSource { file: path.clone(), bank: 0, program };
    let Some(Instruments::Loaded(violin)) = library.wait_for_instrument(&source(40)) else {
        panic!("loaded")
    };
    let regions: Vec<_> = violin.regions(67.0, 0.8).collect();
    let [region] = regions.as_slice() else { panic!("one region, not {}", regions.len()) };
    assert_eq!((region.sample.frames(), region.sample.rate()), (100, 48_000));
    assert_eq!(region.sample.frame(50)[0], 5_000.0 / 32_768.0);
    assert_eq!((region.round.clone(), region.pitch(67.0), region.pan), (Some(10..90), 67.0, 0.0));
    assert_eq!((region.gain, region.filter, region.vibrato, region.choke), (1.0, None, None, 0));
    assert_eq!(violin.bytes(), 400);
    // Without a word the file's envelope is open at once, and shut in 10 ms.
    let times = region.envelope;
    assert!(times.attack < 0.01 && times.sustain == 1.0 && times.release <= 0.01, "{times:?}");
    let Some(Instruments::Failed(error)) = library.wait_for_instrument(&source(3)) else { panic!("none") };
    assert!(error.to_string().contains("gm.sf2 has no preset `0:3`: there is Piano (0)"), "{error}");
}

/// Vibrato, and what moves the filter, as the file says them: numbers of the specification's section 8.1.2.
#[test]
fn vibrato_and_the_filters_envelope_are_read() {
    let read = |said: &[(u16, i16)]| {
        let wave: Vec<i16> = (0..100).map(|i| i * 100).collect();
        let font =
            open(&sf2::sound_font_that_says(&PRESETS, &wave, Some((10, 90)), said)).expect("a SoundFont");
        let instrument = font.instrument(font.preset(40).expect("a preset")).expect("an instrument");
        let region = instrument.regions(60.0, 0.8).next().expect("a region").clone();
        (region.filter, region.vibrato, region.gain)
    };
    let near = |one: f32, other: f32| assert!((one / other - 1.0).abs() < 0.01, "{one} is not {other}");
    assert_eq!(read(&[]), (None, None, 1.0));
    // 30 cents at 8.176 Hz an octave down; 6,900 cents over 8.176 Hz are 440 Hz, opened by two octaves.
    let (filter, vibrato, gain) =
        read(&[(6, 30), (24, -1_200), (8, 6_900), (9, 60), (11, 2_400), (26, -1_200), (28, 0), (29, 750)]);
    let vibrato = vibrato.expect("a vibrato");
    assert_eq!(vibrato.cents, 30.0);
    near(vibrato.hertz, 4.088);
    let filter = filter.expect("a filter");
    near(filter.cutoff, 440.0);
    assert_eq!((filter.resonance, filter.octaves), (6.0, 2.0));
    near(filter.envelope.attack, 0.5);
    near(filter.envelope.decay, 1.0);
    near(filter.envelope.sustain, 0.25);
    near(gain, 10f32.powf(-3.0 / 20.0));
    // The other oscillator swings the pitch too.
    let (_, vibrato, _) = read(&[(5, -50), (22, 0)]);
    assert_eq!(vibrato.map(|vibrato| vibrato.cents), Some(50.0));
}
