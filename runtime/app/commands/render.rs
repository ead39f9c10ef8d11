//! `lilt render`: plays a script into files, byte for byte the same each time.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use lilt_canvas::video::{self, Format};
use lilt_script::Bakes;
use lilt_synth::{BLOCK_FRAMES, Command, CommandKind, Mixer, MixerConfig};

use crate::command_line::{Render, SampleBits};
use crate::failure::Failure;
use crate::film::Film;
use crate::journal;
use crate::offline::{Offline, Performed, RENDERED};
use crate::output::pcm::Bits;
use crate::output::sampler::{Patience, Sampler};
use crate::output::sound::{STRIPS, SoundRouter};
use crate::output::sound_file::{self, SoundFile};
use crate::output::stems::{self, Stem};
use crate::output::{events, smf};
use crate::place;

/// Frames a second of a rendered sound.
pub const SAMPLE_RATE: u32 = 48_000;
/// Seconds that reverb and delay may ring on after the last bar.
const TAIL: f64 = 3.0;
/// Frames that are rendered at once: the queue of the mixer holds what falls due in them.
const CHUNK: usize = 4_800;

/// Plays the script and writes what was asked for; with nothing asked for, a WAV
/// file named after the script, in the current folder.
pub fn render(mut words: Render) -> Result<(), Failure> {
    let drawn = [&words.svg, &words.png, &words.video, &words.frames].into_iter().any(Option::is_some);
    let silent = words.midi.is_none() && words.events.is_none() && !drawn;
    if silent && words.wav.is_none() && words.stems.is_none() {
        let stem = words.file.file_stem().unwrap_or_default();
        words.wav = Some(Path::new(stem).with_extension("wav"));
    }
    let files = [&words.wav, &words.midi, &words.events, &words.svg, &words.png, &words.video];
    for output in files.into_iter().flatten() {
        place::not_the_script(&words.file, output)?;
    }
    let bits = words.bits.map(|bits| match bits {
        SampleBits::Sixteen => Bits::Sixteen,
        SampleBits::TwentyFour => Bits::TwentyFour,
        SampleBits::Float => Bits::Float,
    });
    if let Some(path) = words.wav.as_deref().filter(|path| sound_file::is_flac(path))
        && bits == Some(Bits::Float)
    {
        let told = format!("{}: FLAC knows no floats: write --bits 24, or a .wav file", path.display());
        return Err(Failure::Use(told));
    }
    if let Some(path) = &words.video {
        video::look_for(video::FFMPEG).map_err(|error| of_file(path, error))?;
    }
    let offline = Offline::open(&words.file, Some(RENDERED), words.seed, Bakes::First)?;
    let journal = words.with.as_deref().map(journal::read).transpose()?.unwrap_or_default();
    let mut offline = offline.with_sounds(&words.samples).with_journal(journal);
    let performed = offline.perform(words.bars);
    for line in offline.take_printed() {
        eprintln!("{line}");
    }
    let performed = performed.map_err(|diagnostic| Failure::Script(offline.drawn(&diagnostic)))?;
    for notice in &performed.notices {
        eprintln!("{}", offline.drawn(notice));
    }
    if let Some(path) = &words.events {
        write(path, events::lines(&performed.timed, |slot| performed.name(slot)).as_bytes())?;
    }
    if let Some(path) = &words.midi {
        let (bytes, said) = smf::bytes(&performed);
        write(path, &bytes)?;
        said.iter().for_each(|said| eprintln!("{}: {said}", path.display()));
    }
    if let Some(path) = &words.wav {
        let (samples, news) = sound(&performed)?;
        news.iter().for_each(|line| eprintln!("{line}"));
        write_sound(path, &samples, bits.unwrap_or(Bits::TwentyFour))?;
    }
    if let Some(folder) = &words.stems {
        write_stems(folder, &performed, bits.unwrap_or(Bits::Float))?;
    }
    if drawn {
        let title = words.file.file_stem().unwrap_or_default().to_string_lossy();
        write_pictures(&words, &performed, &title)?;
    }
    // All of it is written; that a part of it is not what the script meant, the status says.
    match offline.drawn_failures(&performed.failed) {
        failures if failures.is_empty() => Ok(()),
        failures => Err(Failure::Script(failures)),
    }
}

/// The mixer that renders.
pub fn mixer_config() -> MixerConfig {
    MixerConfig { sample_rate: SAMPLE_RATE, slots: STRIPS, ..MixerConfig::default() }
}

/// The sound as interleaved stereo samples, tail included, and what there is to say of recorded sounds.
pub fn sound(performed: &Performed) -> Result<(Vec<f32>, Vec<String>), Failure> {
    through(Mixer::new(mixer_config()), performed)
}

/// What a stem sounds like: what its slots alone bring into the mix, before the master.
fn stem(performed: &Performed, stem: &Stem) -> Result<Vec<f32>, Failure> {
    Ok(through(Mixer::stem(mixer_config(), &stem.strips), performed)?.0)
}

/// The stems of what was played.
fn stems_of(performed: &Performed) -> Result<Vec<Stem>, Failure> {
    // Where each slot is in the mixer, its router says once it has seen all that happens.
    let mixer = Mixer::new(mixer_config());
    let mut router = router(&mixer, performed)?;
    performed.timed.iter().for_each(|timed| drop(router.commands(timed)));
    Ok(stems::stems(&performed.slots, &performed.timed, |slot| router.strip(slot)))
}

fn router(mixer: &Mixer, performed: &Performed) -> Result<SoundRouter, Failure> {
    let (sounds, fonts) = (performed.sounds.clone(), performed.fonts.clone());
    let sampler = Sampler::new(sounds, fonts, mixer.samples(), Patience::Rendering);
    Ok(SoundRouter::new(SAMPLE_RATE, sampler.map_err(Failure::of_use)?))
}

/// What a mixer makes of the performance.
fn through(mut mixer: Mixer, performed: &Performed) -> Result<(Vec<f32>, Vec<String>), Failure> {
    let mut router = router(&mixer, performed)?;
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

/// Writes what was asked for of the canvas.
fn write_pictures(words: &Render, performed: &Performed, title: &str) -> Result<(), Failure> {
    // A film has a sound; other pictures show it only where the script wants that.
    let heard = match words.video.is_some() || performed.staging.show.is_heard() {
        true => sound(performed)?.0,
        false => Vec::new(),
    };
    let film = || Film::new(performed, title).with_sound(&heard, f64::from(SAMPLE_RATE));
    if words.svg.is_some() || words.png.is_some() {
        let (width, height) = words.size;
        let scene = lilt_canvas::scene(&film().at(middle(performed)), width, height);
        if let Some(path) = &words.svg {
            write(path, lilt_canvas::svg(&scene).as_bytes())?;
        }
        if let Some(path) = &words.png {
            write(path, &lilt_canvas::png(&scene).map_err(Failure::of_use)?)?;
        }
    }
    let format = Format { size: words.size, rate: words.rate };
    let moments = || {
        let mut film = film();
        let count = ((performed.seconds + TAIL) * f64::from(format.rate)).ceil() as u64;
        (0..count).map(move |number| film.at(number as f64 / f64::from(format.rate)))
    };
    if let Some(folder) = &words.frames {
        let count = video::write_frames(folder, moments(), format).map_err(|error| of_file(folder, error))?;
        eprintln!("{}: {count} pictures, {} a second", folder.display(), format.rate);
    }
    if let Some(path) = &words.video {
        let file = tempfile::Builder::new().suffix(".wav").tempfile().map_err(Failure::of_use)?;
        write_sound(file.path(), &heard, Bits::TwentyFour)?;
        let made = video::write_film(video::FFMPEG, path, file.path(), moments(), format);
        let count = made.map_err(|error| of_file(path, error))?;
        eprintln!("{}: {count} pictures, {} a second, with the sound", path.display(), format.rate);
    }
    Ok(())
}

/// A failure with the name of the file that was to be written.
fn of_file(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::Use(format!("{}: {error}", path.display()))
}

/// Seconds to near the end of the middle bar, where what a bar draws is almost there.
fn middle(performed: &Performed) -> f64 {
    let bar = performed.meter.bar().to_f64();
    let middle = (performed.beats.to_f64() / bar / 2.0).floor() * bar;
    performed.seconds_at(middle + bar * 7.0 / 8.0)
}

/// Writes interleaved stereo samples as a file of sound: FLAC where its name says so, else WAV.
///
/// # Errors
/// When the file cannot be written.
pub fn write_sound(path: &Path, samples: &[f32], bits: Bits) -> Result<(), Failure> {
    let written = || -> io::Result<u64> {
        let mut file = SoundFile::create(path, bits, SAMPLE_RATE)?;
        file.write(samples)?;
        file.finish()?;
        Ok(file.clipped())
    };
    match written().map_err(|error| Failure::Use(format!("{}: {error}", path.display())))? {
        0 => {}
        clipped => {
            let shown = path.display();
            eprintln!("{shown}: {clipped} samples are too loud for it and cut off: write --bits float");
        }
    }
    Ok(())
}

fn write_stems(folder: &Path, performed: &Performed, bits: Bits) -> Result<(), Failure> {
    let stems = stems_of(performed)?;
    for each in &stems {
        let path = folder.join(&each.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .map_err(|error| Failure::Use(format!("{}: {error}", parent.display())))?;
        }
        write_sound(&path, &stem(performed, each)?, bits)?;
    }
    let within = stems.iter().filter(|stem| stem.path.components().count() > 1).count();
    let (shown, own) = (folder.display(), stems.len() - within);
    eprint!("{shown}: {own} stems, which add up to the mix before the master");
    match within {
        0 => eprintln!(),
        within => eprintln!("; what goes through buses lies in their folders too ({within} files)"),
    }
    Ok(())
}

/// Writes a file, or standard output for `-`.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let done = if path == Path::new("-") { io::stdout().write_all(bytes) } else { fs::write(path, bytes) };
    done.map_err(|error| Failure::Use(format!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a script plays in so many bars.
    fn performed(text: &str, bars: u32) -> Performed {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("set.lua");
        fs::write(&file, text).expect("written");
        let mut offline =
            Offline::open(&file, Some(RENDERED), None, Bakes::First).unwrap_or_else(|_| panic!("opened"));
        offline.perform(bars).unwrap_or_else(|diagnostic| panic!("{}", offline.drawn(&diagnostic)))
    }

    fn heard(performed: &Performed, path: &str) -> Vec<f32> {
        let stems = stems_of(performed).unwrap_or_else(|_| panic!("stems"));
        let found = stems.iter().find(|stem| stem.path == Path::new(path));
        stem(performed, found.unwrap_or_else(|| panic!("no {path} in {stems:?}")))
            .unwrap_or_else(|_| panic!("sound"))
    }

    fn rms(samples: &[f32]) -> f64 {
        (samples.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / samples.len().max(1) as f64).sqrt()
    }

    fn decibels(ratio: f64) -> f64 {
        20.0 * ratio.log10()
    }

    /// Seconds of a sound, left and right in turn.
    fn between(samples: &[f32], from: f64, to: f64) -> &[f32] {
        let at = |seconds: f64| 2 * (seconds * f64::from(SAMPLE_RATE)) as usize;
        &samples[at(from)..at(to)]
    }

    #[test]
    fn stems_add_up_to_the_mix_before_the_master() {
        let performed = performed(
            "play(\"kick\", drums \"bd*4\"):to \"drums\" play(\"hats\", drums \"hh*8\"):to(\"drums\"):delay(0.3)\n\
             bus(\"drums\"):compressor(0.5):drive(0.3):reverb(0.2):to \"all\" bus(\"all\"):gain(0.9)\n\
             play(\"pad\", \"c3,e3,g3\"):on(\"pad\"):duck(\"kick\", { depth = 0.7 }):size(0.8)\n\
             play(\"a/b\", \"c5 e5\"):on \"bell\" play(\"out\", \"c4\"):midi \"Synth A\"",
            2,
        );
        let stems = stems_of(&performed).unwrap_or_else(|_| panic!("stems"));
        let mut paths: Vec<String> = stems.iter().map(|stem| stem.path.display().to_string()).collect();
        paths.sort();
        let within = ["all/drums.wav", "all/drums/hats.wav", "all/drums/kick.wav"];
        assert_eq!(paths, [&["a_b.wav", "all.wav"], &within[..], &["pad.wav"]].concat());
        let every = (0..STRIPS as u16 + 16).collect();
        let whole =
            stem(&performed, &Stem { path: "".into(), strips: every }).unwrap_or_else(|_| panic!("sound"));
        let parts = ["a_b.wav", "all.wav", "pad.wav"].map(|path| heard(&performed, path));
        assert!(rms(&whole) > 0.01 && parts.iter().all(|part| rms(part) > 1e-3));
        let off = (0..whole.len()).map(|i| (whole[i] - parts.iter().map(|part| part[i]).sum::<f32>()).abs());
        let off = off.fold(0.0, f32::max);
        assert!(off < 4e-6, "{off}");
    }

    #[test]
    fn ducking_is_as_deep_as_it_is_told() {
        for (depth, expected) in [(0.5, -6.02), (0.9, -20.0)] {
            let text = format!(
                "play(\"kick\", drums \"~ bd ~ ~\") play(\"tone\", \"c7\"):on(\"sine\"):reverb(0):duck(\"kick\", \
                 {{ depth = {depth}, attack = 0.01, release = 0.6 }})"
            );
            let tone = heard(&performed(&text, 1), "tone.wav");
            // The kick comes at half a second; the way down takes 10 ms.
            let (before, low) = (rms(between(&tone, 0.4, 0.49)), rms(between(&tone, 0.51, 0.5115)));
            let down = decibels(low / before);
            assert!((down - expected).abs() < 0.6, "{depth}: {down} dB");
            let after = decibels(rms(between(&tone, 1.3, 1.5)) / before);
            assert!(after.abs() < 0.5, "{after} dB");
        }
    }

    #[test]
    fn what_a_bus_does_is_heard() {
        let level = |bus: &str| {
            let text = format!("play(\"tone\", \"c4\"):on(\"sine\"):reverb(0):to \"bus\" {bus}");
            rms(between(&heard(&performed(&text, 1), "bus.wav"), 0.3, 0.8))
        };
        let plain = level("");
        assert!((decibels(level("bus(\"bus\"):gain(0.5)") / plain) + 6.02).abs() < 0.1);
        assert!(decibels(level("bus(\"bus\"):highpass(4000)") / plain) < -30.0);
        assert!(level("bus(\"bus\"):reverb(1)") > 1.05 * plain);
        let muted =
            rms(&heard(&performed("play(\"tone\", \"c4\"):to \"bus\" silence \"bus\"", 1), "bus.wav"));
        assert_eq!(muted, 0.0);
    }

    #[test]
    fn pictures_show_what_is_heard_where_the_script_wants_that() {
        let seen = |view: &str| {
            let text = format!("show {view:?} play(\"tone\", \"c4\"):on(\"sine\"):reverb(0)");
            let performed = performed(&text, 1);
            let (heard, _) = sound(&performed).unwrap_or_else(|_| panic!("sound"));
            let mut film = Film::new(&performed, "set").with_sound(&heard, f64::from(SAMPLE_RATE));
            film.at(middle(&performed)).sound
        };
        let wave = seen("scope").expect("it is shown").wave;
        let (low, high) = wave.iter().fold((0.0f32, 0.0f32), |(low, high), x| (low.min(*x), high.max(*x)));
        assert!(low < -0.02 && high > 0.02, "{low} {high}");
        let rises = wave.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        // 261.6 waves a second in 21 ms.
        assert!((5..=6).contains(&rises), "{rises}");
        let spectrum = seen("spectrum").expect("it is shown").spectrum;
        let loudest = (0..spectrum.len()).max_by(|a, b| spectrum[*a].total_cmp(&spectrum[*b]));
        assert!(loudest.is_some_and(|band| (32..=34).contains(&band)), "{loudest:?}");
        assert_eq!(seen("stage"), None);
    }

    #[test]
    fn files_of_sound_have_the_header_that_every_reader_knows() {
        let folder = tempfile::tempdir().expect("a folder");
        for (bits, frame) in [(Bits::Sixteen, 4), (Bits::TwentyFour, 6)] {
            let path = folder.path().join("a.wav");
            write_sound(&path, &[0.5, -0.5, 0.25, 0.0], bits).unwrap_or_else(|_| panic!("written"));
            let bytes = fs::read(&path).expect("there");
            // What Python's `wave` asks for: a form of 16 bytes, whose number is 1.
            assert_eq!((&bytes[12..16], &bytes[16..22]), (&b"fmt "[..], &[16, 0, 0, 0, 1, 0][..]));
            assert_eq!(bytes.len(), 44 + 2 * frame);
        }
    }
}
