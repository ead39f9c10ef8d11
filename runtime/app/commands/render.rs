//! `lilt render`: plays a script into files, byte for byte the same each time.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use lilt_script::Bakes;
use lilt_synth::{BLOCK_FRAMES, Command, CommandKind, Mixer, MixerConfig};

use crate::command_line::Render;
use crate::failure::Failure;
use crate::offline::{Offline, Performed, RENDERED};
use crate::output::sampler::{Patience, Sampler};
use crate::output::sound::{STRIPS, SoundRouter};
use crate::output::{events, smf};
use crate::picture::{self, Moment};
use crate::place;

/// Frames a second of a rendered sound.
pub const SAMPLE_RATE: u32 = 48_000;
/// Seconds that reverb and delay may ring on after the last bar.
const TAIL: f64 = 3.0;
/// Size of a rendered picture in pixels.
const PICTURE: (u32, u32) = (1280, 720);
/// Frames that are rendered at once: the queue of the mixer holds what falls due in them.
const CHUNK: usize = 4_800;

/// Plays the script and writes what was asked for; with nothing asked for, a WAV
/// file named after the script, in the current folder.
pub fn render(mut words: Render) -> Result<(), Failure> {
    let silent = words.midi.is_none() && words.events.is_none() && words.svg.is_none() && words.png.is_none();
    if silent && words.wav.is_none() {
        let stem = words.file.file_stem().unwrap_or_default();
        words.wav = Some(Path::new(stem).with_extension("wav"));
    }
    for output in [&words.wav, &words.midi, &words.events, &words.svg, &words.png].into_iter().flatten() {
        place::not_the_script(&words.file, output)?;
    }
    let offline = Offline::open(&words.file, RENDERED, words.seed, Bakes::First)?;
    let mut offline = offline.with_sounds(&words.samples);
    let performed = match offline.perform(words.bars) {
        Ok(performed) => performed,
        Err(diagnostic) => return Err(Failure::Script(offline.drawn(&diagnostic))),
    };
    for line in &performed.printed {
        eprintln!("{line}");
    }
    for notice in &performed.notices {
        eprintln!("{}", offline.drawn(notice));
    }
    if let Some(path) = &words.events {
        write(path, events::lines(&performed.timed, |slot| performed.name(slot)).as_bytes())?;
    }
    if let Some(path) = &words.midi {
        let (bytes, shared) = smf::bytes(&performed);
        write(path, &bytes)?;
        if let Some(shared) = shared {
            eprintln!("{}: {shared}", path.display());
        }
    }
    if let Some(path) = &words.wav {
        let (samples, news) = sound(&performed)?;
        news.iter().for_each(|line| eprintln!("{line}"));
        write_wav(path, &samples)?;
    }
    if words.svg.is_some() || words.png.is_some() {
        let title = words.file.file_stem().unwrap_or_default().to_string_lossy();
        let (width, height) = PICTURE;
        let scene = lilt_canvas::scene(&still(&performed, &title), width, height);
        if let Some(path) = &words.svg {
            write(path, lilt_canvas::svg(&scene).as_bytes())?;
        }
        if let Some(path) = &words.png {
            write(path, &lilt_canvas::png(&scene).map_err(Failure::of_use)?)?;
        }
    }
    Ok(())
}

/// The mixer that renders.
pub fn mixer_config() -> MixerConfig {
    MixerConfig { sample_rate: SAMPLE_RATE, slots: STRIPS, ..MixerConfig::default() }
}

/// The sound as interleaved stereo samples, tail included, and what there is to say of recorded sounds.
pub fn sound(performed: &Performed) -> Result<(Vec<f32>, Vec<String>), Failure> {
    let mut mixer = Mixer::new(mixer_config());
    let sampler =
        Sampler::new(performed.sounds.clone(), performed.fonts.clone(), mixer.samples(), Patience::Rendering);
    let mut router = SoundRouter::new(SAMPLE_RATE, sampler.map_err(Failure::of_use)?);
    let mut tempos = performed.tempos.iter().peekable();
    let frames = router.frame(performed.seconds + TAIL) as usize;
    let mut samples = vec![0.0; frames * 2];
    let mut waiting = performed.timed.iter().peekable();
    for (chunk, out) in samples.chunks_mut(CHUNK * 2).enumerate() {
        // The mixer looks ahead: what belongs to the beginning of the next chunk is put together with this one.
        let end = ((chunk + 1) * CHUNK + 2 * BLOCK_FRAMES) as u64;
        while let Some((_, seconds, bpm)) = tempos.next_if(|(_, seconds, _)| router.frame(*seconds) < end) {
            let kind = CommandKind::Tempo { bpm: *bpm as f32 };
            mixer.push(Command { frame: router.frame(*seconds), slot: 0, kind }).map_err(Failure::of_use)?;
        }
        while let Some(timed) = waiting.next_if(|timed| router.frame(timed.seconds) < end) {
            for command in router.commands(timed) {
                mixer.push(command).map_err(Failure::of_use)?;
            }
        }
        mixer.render(out);
    }
    Ok((samples, router.sampler().take_news()))
}

/// The canvas near the end of the middle bar, where what a bar draws is almost there.
fn still(performed: &Performed, title: &str) -> lilt_canvas::Frame {
    let bar = performed.meter.bar().to_f64();
    let middle = (performed.beats.to_f64() / bar / 2.0).floor() * bar;
    let beat = middle + bar * 7.0 / 8.0;
    let moment = Moment {
        title,
        beat,
        bar: performed.meter.bar(),
        bpm: performed.tempo.bpm(),
        generation: 1,
        diagnostic: None,
    };
    picture::frame(moment, &performed.slots, picture::notes(&performed.timed, beat), &performed.timed)
}

/// Writes interleaved stereo samples as a WAV file.
///
/// # Errors
/// When the file cannot be written.
pub fn write_wav(path: &Path, samples: &[f32]) -> Result<(), Failure> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let failed = |error: hound::Error| Failure::Use(format!("{}: {error}", path.display()));
    let mut writer = hound::WavWriter::create(path, spec).map_err(failed)?;
    let full = f64::from((1 << 23) - 1);
    for sample in samples {
        writer.write_sample((f64::from(*sample) * full).round() as i32).map_err(failed)?;
    }
    writer.finalize().map_err(failed)
}

/// Writes a file, or standard output for `-`.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let done = if path == Path::new("-") { io::stdout().write_all(bytes) } else { fs::write(path, bytes) };
    done.map_err(|error| Failure::Use(format!("{}: {error}", path.display())))
}
