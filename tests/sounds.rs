//! Recorded sounds from a script to the rendered file: when, how high, how long and how loud.

#[path = "../runtime/samples/tests/sf2/mod.rs"]
mod sf2;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Frames a second of what is rendered, and of the sounds that these tests write.
const RATE: usize = 48_000;

/// A script beside a folder of sounds.
struct Stage {
    folder: TempDir,
}

impl Stage {
    fn new() -> Stage {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("samples")).expect("made");
        Stage { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a sound of one channel, 16 bits.
    fn sound(&self, name: &str, frames: impl IntoIterator<Item = f64>) {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE as u32,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let path = self.path("samples").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        let mut writer = hound::WavWriter::create(path, spec).expect("created");
        for frame in frames {
            writer.write_sample((frame * 32_767.0).round() as i16).expect("written");
        }
        writer.finalize().expect("written");
    }

    fn run(&self, words: &[&str], script: &str) -> Output {
        fs::write(self.path("set.lua"), script).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_lilt"));
        command.arg(words[0]).arg(self.path("set.lua")).args(&words[1..]);
        command.env_remove("LILT_SAMPLES").output().expect("lilt starts")
    }

    /// The left channel of a script's first bars, and what was said.
    fn heard(&self, script: &str, bars: u32) -> (Vec<f64>, String) {
        let wav = self.path("out.wav");
        let bars = bars.to_string();
        let words = ["render", "--bars", &bars, "--wav", wav.to_str().expect("a name")];
        let output = self.run(&words, script);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        (left(&wav), said)
    }
}

/// What is not heard beside these sounds: the filter of the master that takes away what does not swing comes to rest
/// in a tenth of a second.
const QUIET: f64 = 0.01;

fn left(wav: &Path) -> Vec<f64> {
    let mut reader = hound::WavReader::open(wav).expect("a file");
    let samples = reader.samples::<i32>().step_by(2);
    samples.map(|sample| f64::from(sample.expect("whole")) / f64::from(1 << 23)).collect()
}

fn tone(hertz: f64, seconds: f64) -> impl Iterator<Item = f64> {
    (0..(seconds * RATE as f64) as usize)
        .map(move |i| 0.5 * (std::f64::consts::TAU * hertz * i as f64 / RATE as f64).sin())
}

fn peak(frames: &[f64]) -> f64 {
    frames.iter().fold(0.0, |peak, x| x.abs().max(peak))
}

/// Frequency by upward crossings of zero.
fn hertz(frames: &[f64]) -> f64 {
    let crossings: Vec<usize> =
        (1..frames.len()).filter(|i| frames[i - 1] <= 0.0 && frames[*i] > 0.0).collect();
    let (Some(first), Some(last)) = (crossings.first(), crossings.last()) else { return 0.0 };
    (crossings.len() - 1) as f64 * RATE as f64 / (last - first) as f64
}

/// Asserts that two numbers are as near as a part of a hundred.
#[track_caller]
fn near(found: f64, meant: f64) {
    assert!((found / meant - 1.0).abs() < 0.01, "{found} is not {meant}");
}

#[test]
fn a_sound_begins_on_its_frame_wherever_it_falls() {
    let stage = Stage::new();
    stage.sound("click.wav", [1.0, 0.0, 0.0, 0.0]);
    // Five a bar of two seconds: each 19,200 frames after the other.
    let (heard, said) = stage.heard("tempo(120)\nplay(\"a\", sound \"click*5\"):reverb(0)", 1);
    assert_eq!(said, "");
    let onsets: Vec<usize> = (0..heard.len()).filter(|i| heard[*i].abs() > 0.1).collect();
    assert_eq!(onsets, [0, 19_200, 38_400, 57_600, 76_800]);
}

#[test]
fn a_slice_holds_what_it_holds_and_nothing_of_its_neighbours() {
    let stage = Stage::new();
    let steps = (0..8).flat_map(|step| tone(200.0 + 100.0 * f64::from(step), 0.25));
    stage.sound("steps.wav", steps);
    let script = "tempo(60)\nplay(\"a\", sound(\"steps\"):slice(8, \"7 0 ~ [2 1]\")):reverb(0)";
    let (heard, _) = stage.heard(script, 1);
    let second =
        |at: f64, seconds: f64| &heard[(at * RATE as f64) as usize..((at + seconds) * RATE as f64) as usize];
    for (at, meant) in [(0.0, 900.0), (1.0, 200.0), (3.0, 400.0), (3.5, 300.0)] {
        near(hertz(second(at + 0.01, 0.23)), meant);
        assert!(peak(second(at + 0.26, 0.2)) < QUIET, "a quarter of a second, no more");
    }
}

#[test]
fn speed_direction_and_pitch() {
    let stage = Stage::new();
    stage.sound("tone.wav", tone(300.0, 0.5).chain((0..RATE / 2).map(|_| 0.0)));
    let hear = |music: &str| {
        let script = format!("tempo(60)\nplay(\"a\", {music}):reverb(0)");
        stage.heard(&script, 1).0
    };
    let half = |heard: &[f64], n: usize| heard[n * RATE / 2 + 100..(n + 1) * RATE / 2 - 100].to_vec();
    let plain = hear("sound \"tone\"");
    near(hertz(&half(&plain, 0)), 300.0);
    assert!(peak(&half(&plain, 1)) < QUIET);
    let backwards = hear("sound(\"tone\"):speed(-1)");
    near(hertz(&half(&backwards, 1)), 300.0);
    assert!(peak(&half(&backwards, 0)) < QUIET, "the silence comes first");
    near(hertz(&half(&hear("sound(\"tone\"):speed(0.5)"), 0)), 150.0);
    near(hertz(&half(&hear("notes(\"c3\"):sound(\"tone\")"), 1)), 150.0);
    near(hertz(&half(&hear("notes(\"g4\"):sound(\"tone\")"), 0)[..12_000]), 300.0 * 1.4983);
    // A bar is four seconds, an event of half a bar two.
    near(hertz(&half(&hear("sound(\"tone\"):loopAt(1)"), 2)), 75.0);
    near(hertz(&half(&hear("sound(\"tone*2\"):fit()"), 1)), 150.0);
    near(hertz(&half(&hear("sound(\"tone*2\"):chop(2):fit()"), 1)), 150.0);
    near(hertz(&half(&hear("sound(\"tone*2\"):splice(2, \"0 0\")"), 2)), 75.0);
}

#[test]
fn what_is_to_last_a_bar_lasts_a_bar_at_each_tempo() {
    let stage = Stage::new();
    stage.sound("tone.wav", tone(300.0, 1.0));
    for (bpm, seconds) in [(60, 4.0), (120, 2.0), (480, 0.5)] {
        let script = format!("tempo({bpm})\nplay(\"a\", sound(\"tone ~\"):loopAt(2):slow(4)):reverb(0)");
        let (heard, _) = stage.heard(&script, 4);
        let end = heard.iter().rposition(|x| x.abs() > QUIET).expect("it sounds");
        near((end + 1) as f64 / RATE as f64, 2.0 * seconds);
        near(hertz(&heard[..end]), 300.0 / (2.0 * seconds));
    }
    // A slot in bars of its own, twice as fast.
    let script = "tempo(60)\nplay(\"a\", sound(\"tone\"):loopAt(1)):reverb(0):meter(\"2/4\"):rate(2)";
    near(hertz(&stage.heard(script, 1).0[..RATE]), 300.0);
}

#[test]
fn a_choke_group_and_legato_end_what_sounds() {
    let stage = Stage::new();
    stage.sound("long.wav", tone(300.0, 3.0));
    stage.sound("tick.wav", tone(1_000.0, 0.02));
    let after = |music: &str| {
        let script = format!("tempo(60)\nplay(\"a\", {music}):reverb(0)");
        let (heard, _) = stage.heard(&script, 1);
        peak(&heard[RATE * 11 / 5..RATE * 5 / 2])
    };
    assert!(after("sound \"long tick\"") > 0.2, "it rings on");
    assert!(after("sound(\"long tick\"):cut(1)") < QUIET);
    assert!(after("sound(\"long tick\"):cut(\"1 2\")") > 0.2, "another group");
    assert!(after("sound(\"long tick\"):legato(1)") < QUIET);
    assert!(after("sound(\"long ~\"):loop(1)") < QUIET, "what goes round ends with its note");
}

#[test]
fn folders_numbers_and_maps() {
    let stage = Stage::new();
    for (n, hertz) in [300.0, 500.0, 700.0].into_iter().enumerate() {
        stage.sound(&format!("kit/{n}.wav"), tone(hertz, 0.5));
    }
    stage.sound("piano/low.wav", tone(200.0, 0.5));
    stage.sound("piano/high.wav", tone(400.0, 0.5));
    let map = r#"{ "piano": { "c3": "low.wav", "c4": "high.wav" } }"#;
    fs::write(stage.path("samples/piano/strudel.json"), map).expect("written");
    let hear = |music: &str| {
        let script = format!("tempo(60)\nplay(\"a\", {music}):reverb(0)");
        let (heard, _) = stage.heard(&script, 1);
        [0, 1].map(|n| hertz(&heard[n * 2 * RATE + 100..n * 2 * RATE + RATE / 3]))
    };
    for (music, meant) in [
        ("sound \"kit:1 kit:5\"", [500.0, 700.0]),
        ("n(\"0 -1\"):sound \"kit\"", [300.0, 700.0]),
        // The performer's own sounds go before the instrument of that name.
        ("sound \"kit:1 kit\"", [500.0, 300.0]),
        ("notes(\"c3 c4\"):sound \"piano\"", [200.0, 400.0]),
        ("notes(\"d3 b3\"):sound \"piano\"", [200.0 * 1.12246, 400.0 / 1.05946]),
    ] {
        let found = hear(music);
        found.into_iter().zip(meant).for_each(|(found, meant)| near(found, meant));
    }
}

#[test]
fn the_same_bytes_each_time() {
    let stage = Stage::new();
    let script = "tempo(140)\nplay(\"a\", sound \"bd*4, [~ cp]*2, hh*8, breaks:0/2\")\n\
                  play(\"b\", n(\"0 1\"):sound(\"breaks\"):chop(8):degradeBy(0.3))";
    let render = |name: &str| {
        let wav = stage.path(name);
        let output = stage.run(&["render", "--bars", "2", "--wav", wav.to_str().expect("a name")], script);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::read(wav).expect("written")
    };
    let first = render("one.wav");
    assert!(first == render("two.wav"), "two renderings differ");
    assert!(peak(&left(&stage.path("one.wav"))) > 0.3);
}

#[test]
fn a_name_that_nothing_has_is_told_where_it_stands() {
    let stage = Stage::new();
    let output = stage.run(&["check"], "play(\"a\", sound \"bd brakes:1\")");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("there is no sound `brakes`"), "{said}");
    assert!(said.contains("  |                     ^^^^^^^^\n  = did you mean `breaks`?"), "{said}");
}

#[test]
fn files_that_are_no_sounds_are_named_and_the_music_goes_on() {
    let stage = Stage::new();
    let samples = stage.path("samples");
    stage.sound("good.wav", tone(300.0, 0.5));
    fs::write(samples.join("empty.wav"), b"").expect("written");
    fs::write(samples.join("text.wav"), b"these are words, and no sound at all, however they are read")
        .expect("written");
    fs::write(samples.join("picture.mp3"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01").expect("written");
    // An hour of two channels at 48 kHz; the disk holds none of it.
    let hour: u32 = 3_600 * 48_000 * 4;
    let mut header = b"RIFF".to_vec();
    header.extend((hour + 36).to_le_bytes());
    header.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0\x80\xbb\0\0\0\xee\x02\0\x04\0\x10\0data");
    header.extend(hour.to_le_bytes());
    fs::write(samples.join("hour.wav"), header).expect("written");
    let file = fs::OpenOptions::new().write(true).open(samples.join("hour.wav")).expect("opened");
    file.set_len(u64::from(hour) + 44).expect("as long");
    let script = "tempo(60)\nplay(\"a\", sound \"good*4, empty*2, text, picture, hour\"):reverb(0)";
    let (heard, said) = stage.heard(script, 1);
    near(hertz(&heard[3 * RATE + 100..3 * RATE + RATE / 3]), 300.0);
    for (name, what) in [
        ("empty.wav", "the file is empty"),
        ("text.wav", ""),
        ("picture.mp3", ""),
        ("hour.wav", "is 1 hour long, and a sample is at most 10 minutes"),
    ] {
        let lines: Vec<&str> = said.lines().filter(|line| line.contains(name)).collect();
        assert_eq!(lines.len(), 1, "{name} is named once: {said}");
        assert!(lines[0].contains(what), "{said}");
    }
}

#[test]
fn a_folder_of_twenty_thousand_files_is_no_burden() {
    let stage = Stage::new();
    let many = stage.path("samples/many");
    fs::create_dir(&many).expect("made");
    for n in 0..20_100 {
        fs::write(many.join(format!("{n:05}.wav")), b"").expect("written");
    }
    stage.sound("zz.wav", tone(300.0, 0.5));
    let (heard, said) = stage.heard("tempo(60)\nplay(\"a\", sound \"bd many:7\"):reverb(0)", 1);
    assert!(peak(&heard) > 0.1);
    assert!(said.contains("more than 20000 sounds: what comes after is not listed"), "{said}");
    assert!(said.contains("00007.wav: the file is empty"), "{said}");
}

#[test]
fn folders_are_named_on_the_command_line_and_in_the_environment() {
    let (stage, other) = (Stage::new(), Stage::new());
    other.sound("mine.wav", tone(300.0, 0.5));
    let script = "tempo(60)\nplay(\"a\", sound \"mine\")";
    let folder = other.path("samples");
    let output = stage.run(&["check"], script);
    assert_eq!(output.status.code(), Some(1));
    let output = stage.run(&["check", "--samples", folder.to_str().expect("a name")], script);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut command = Command::new(env!("CARGO_BIN_EXE_lilt"));
    let output = command.arg("check").arg(stage.path("set.lua")).env("LILT_SAMPLES", &folder).output();
    assert!(output.expect("lilt starts").status.success());
}

#[test]
fn one_sound_is_played_and_all_are_listed() {
    let stage = Stage::new();
    let lilt = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lilt"));
        command.args(words).current_dir(stage.folder.path()).env_remove("LILT_SAMPLES");
        command.output().expect("lilt starts")
    };
    for (words, meant) in [
        (&["voice:0", "--note", "c3"][..], 130.8),
        (&["pluck:0", "--note", "a4"], 440.0),
        (&["sine", "--note", "69"], 440.0),
    ] {
        let output = lilt(&[&["play", "--wav", "it.wav"], words].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let heard = left(&stage.path("it.wav"));
        assert!(peak(&heard) > 0.05, "{words:?}");
        if words[0] == "sine" {
            near(hertz(&heard[RATE / 10..RATE / 2]), meant);
        }
    }
    let output = lilt(&["play", "--wav", "it.wav", "brakes"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("there is no sound `brakes`: did you mean `breaks`?"), "{said}");
    let listed = String::from_utf8_lossy(&lilt(&["doc", "sounds"]).stdout).into_owned();
    assert!(listed.contains("\n  breaks            4  a bar of drums each"), "{listed}");
}

#[test]
fn an_instrument_of_a_soundfont_plays_in_tune_as_long_as_it_is_held() {
    let stage = Stage::new();
    // A period of middle C, rounded to whole frames, is all that there is of it, and goes round.
    let period = 183;
    let wave: Vec<i16> = (0..period * 4)
        .map(|i| (12_000.0 * (std::f64::consts::TAU * f64::from(i) / f64::from(period)).sin()) as i16)
        .collect();
    let presets = [("Sine", 0, 73), ("Kit", 128, 0)];
    let round = (period as u32, 3 * period as u32);
    fs::write(stage.path("gm.sf2"), sf2::sound_font(&presets, &wave, Some(round))).expect("written");
    let middle_c = RATE as f64 / f64::from(period);
    let hear = |music: &str| {
        let script = format!("tempo(60)\nlocal gm = soundfont \"gm.sf2\"\nplay(\"a\", {music}):reverb(0)");
        let (heard, said) = stage.heard(&script, 1);
        assert_eq!(said, "");
        heard
    };
    for music in
        ["\"c4 ~\"):on(gm:at \"Sine\"", "\"c4 ~\"):on(gm:at \"Flute\"", "notes(\"c4 ~\"):sound(gm:at(73))"]
    {
        let heard = hear(music);
        near(hertz(&heard[RATE / 10..RATE * 19 / 10]), middle_c);
        assert!(peak(&heard[RATE * 22 / 10..]) < QUIET, "it ends with its note");
    }
    near(hertz(&hear("\"g5\"):on(gm:at(73)")[RATE / 10..RATE]), middle_c * 2.9966);
    // A bass drum is key 36 of the kit.
    near(hertz(&hear("drums \"bd\"):on(gm:drums()")[RATE / 10..RATE]), middle_c / 4.0);
    // Controls of the script go before those of the file.
    assert!(peak(&hear("notes(\"c4\"):attack(2)):on(gm:at(73)")[..RATE / 10]) < 0.05);
}

#[test]
fn what_is_no_soundfont_is_told_where_it_is_named() {
    let stage = Stage::new();
    fs::write(stage.path("no.sf2"), "these are words").expect("written");
    for (file, message) in [
        ("no.sf2", "no.sf2: is no SoundFont: give an .sf2 file"),
        ("gone.sf2", "there is no file gone.sf2 beside the script"),
        ("../no.sf2", "`../no.sf2` lies outside of the script's folder"),
        ("/etc/passwd", "`/etc/passwd` lies outside of the script's folder"),
    ] {
        let output = stage.run(&["check"], &format!("play(\"a\", \"c4\"):on(soundfont(\"{file}\"):at(0))"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(message) && said.contains(&"^".repeat(file.len() + 2)), "{said}");
    }
}

#[test]
fn a_sound_that_cannot_be_heard_makes_a_check_fail_where_it_is_played() {
    let stage = Stage::new();
    fs::write(stage.path("samples/bad.wav"), "no sound at all").expect("written");
    let script = "play(\"a\", \"c4\")\nplay(\"b\", sound \"bd bad\")";
    for command in ["check", "run"] {
        let output = stage.run(&[command], script);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{command}: {said}");
        let told = [
            "samples/bad.wav: ",
            "set.lua:2:21",
            "2 | play(\"b\", sound \"bd bad\")",
            "                     ^^^",
        ];
        assert!(told.iter().all(|told| said.contains(told)), "{command}: {said}");
    }
    let output = stage.run(&["check"], "play(\"b\", sound \"bd\")");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_folder_of_samples_that_is_not_there_is_told_of() {
    let stage = Stage::new();
    let output = stage.run(&["check", "--samples", "/nowhere"], "play(\"b\", sound \"bd\")");
    assert!(output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(said, "warning: /nowhere: there is no such folder of sounds\n");
}

#[test]
fn a_name_with_a_space_is_written_with_an_underscore() {
    let stage = Stage::new();
    stage.sound("my kick.wav", [1.0, 0.0, 0.0, 0.0]);
    let (heard, said) = stage.heard("play(\"a\", sound \"my_kick\"):reverb(0)", 1);
    assert_eq!((peak(&heard) > 0.1, said.as_str()), (true, ""));
    let output = stage.run(&["check"], "play(\"a\", sound \"my kick\")");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("= write `my_kick`: a space in the name of a file is an underscore"), "{said}");
}

#[test]
fn a_file_of_midi_has_drums_where_names_say_so_and_says_what_it_cannot_tell() {
    let stage = Stage::new();
    let midi = stage.path("out.mid");
    let words = ["render", "--bars", "1", "--midi", midi.to_str().expect("a name")];
    let output = stage.run(&words, "play(\"a\", sound \"808bd 808sd\") play(\"b\", sound \"breaks\")");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let told = format!("{}: recorded sounds without a note are written as c4: breaks\n", midi.display());
    assert_eq!(said, told);
    let bytes = fs::read(&midi).expect("written");
    let struck = |status: u8, key: u8| bytes.windows(2).any(|two| two == [status, key]);
    // On channel 10, as General MIDI has them: bass drum and snare.
    assert!(struck(0x99, 36) && struck(0x99, 38) && struck(0x90, 60));
}

#[test]
fn the_instruments_of_a_sound_font_are_listed_and_played() {
    let stage = Stage::new();
    let wave: Vec<i16> = (0..100).map(|i| i * 100).collect();
    let font = sf2::sound_font(&[("Piano", 0, 0), ("Kit", 128, 0)], &wave, Some((10, 90)));
    let file = stage.path("gm.sf2");
    fs::write(&file, font).expect("written");
    let file = file.to_str().expect("a name");
    let lilt =
        |words: &[&str]| Command::new(env!("CARGO_BIN_EXE_lilt")).args(words).output().expect("lilt starts");
    let listed = String::from_utf8_lossy(&lilt(&["doc", file]).stdout).into_owned();
    assert!(listed.contains("\n  :at(0)         Piano\n  :drums(0)      Kit\n"), "{listed}");
    let said = String::from_utf8_lossy(&lilt(&["play", file]).stderr).into_owned();
    assert!(said.contains("holds 2 instruments: name one, as in lilt play "), "{said}");
    let wav = stage.path("piano.wav");
    let wav = wav.to_str().expect("a name");
    let played = lilt(&["play", &format!("{file}:piano"), "--wav", wav]);
    assert!(played.status.success(), "{played:?}");
    assert!(peak(&left(Path::new(wav))) > 0.01);
}
