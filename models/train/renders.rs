//! Notes as a SoundFont plays them, and timbres as a voice of Lilt does, both as samples in memory.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use lilt_models::timbre::analysis::RATE;
use lilt_score::Controlled;
use lilt_synth::{
    Command, CommandKind, Mixer, MixerConfig, PARTIALS, Params, Sample, SlotControl, Timbre, VoiceKind,
};
use rustysynth::{SoundFont, Synthesizer, SynthesizerSettings};

/// A note of a SoundFont.
#[derive(Debug, Clone, Copy)]
pub struct Struck {
    /// Program, 0 to 127.
    pub program: i32,
    /// As a MIDI number.
    pub key: i32,
    /// 1 to 127.
    pub velocity: i32,
}

/// A SoundFont that is rendered.
pub struct Renders {
    synthesizer: Synthesizer,
}

impl Renders {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Renders> {
        let mut file = File::open(path).with_context(|| format!("{}: cannot be read", path.display()))?;
        let font = SoundFont::new(&mut file).with_context(|| format!("{}: no SoundFont", path.display()))?;
        let mut settings = SynthesizerSettings::new(RATE as i32);
        settings.enable_reverb_and_chorus = false;
        Ok(Renders { synthesizer: Synthesizer::new(&Arc::new(font), &settings)? })
    }

    /// A note that is held for so many seconds and heard for so many more, at [`RATE`]; both channels together.
    pub fn note(&mut self, struck: Struck, held: f32, rest: f32) -> Vec<f32> {
        let synthesizer = &mut self.synthesizer;
        synthesizer.reset();
        synthesizer.process_midi_message(0, 0xc0, struck.program, 0);
        synthesizer.note_on(0, struck.key, struck.velocity);
        let [held, rest] = [held, rest].map(|seconds| (seconds * RATE as f32) as usize);
        let (mut left, mut right) = (vec![0.0; held + rest], vec![0.0; held + rest]);
        synthesizer.render(&mut left[..held], &mut right[..held]);
        synthesizer.note_off(0, struck.key);
        synthesizer.render(&mut left[held..], &mut right[held..]);
        left.iter().zip(right).map(|(l, r)| 0.5 * (l + r)).collect()
    }
}

/// A timbre as a voice plays it, held for so many seconds and heard for so many more, at [`RATE`].
pub fn voiced(timbre: &Timbre, pitch: f32, held: f32, rest: f32) -> Result<Vec<f32>> {
    let config = MixerConfig { sample_rate: RATE, slots: 1, buses: 0, voices: 1, ..MixerConfig::default() };
    let mut mixer = Mixer::stem(config, &[0]);
    let sample = mixer.samples().insert(Sample::of(timbre.clone()))?;
    let dry = CommandKind::Control { control: SlotControl::Reverb, value: 0.0, glide_frames: 0 };
    let voice = VoiceKind::Sample { sample, pitch };
    let on = CommandKind::NoteOn { id: 1, voice, velocity: 1.0, params: Params::NONE };
    let [held, rest] = [held, rest].map(|seconds| (seconds * RATE as f32) as usize);
    for (frame, kind) in [(0, dry), (0, on), (held as u64, CommandKind::NoteOff { id: 1 })] {
        mixer.push(Command { frame, slot: 0, kind })?;
    }
    // What comes out is a block behind.
    let mut out = vec![0.0; 2 * (held + rest + lilt_synth::BLOCK_FRAMES)];
    mixer.render(&mut out);
    Ok(out.into_iter().step_by(2).skip(lilt_synth::BLOCK_FRAMES).collect())
}

/// Controls as a voice takes them.
pub fn timbre(controlled: Controlled) -> Result<Timbre> {
    let mut ratios = [f32::MAX; PARTIALS];
    ratios.iter_mut().zip(&controlled.ratios).for_each(|(ratio, own)| *ratio = *own);
    let timbre = Timbre::new(controlled.moments, ratios, controlled.release)?;
    Ok(match controlled.round {
        Some(round) => timbre.going_round(round),
        None => timbre,
    })
}

/// A sound so many semitones higher, as a sampler plays it: faster.
pub fn shifted(sound: &[f32], semitones: f32) -> Vec<f32> {
    let step = f64::from(semitones / 12.0).exp2();
    let at = |n: usize| {
        let place = n as f64 * step;
        let (whole, part) = (place as usize, (place - place.floor()) as f32);
        let [one, other] = [0, 1].map(|next| sound.get(whole + next).copied().unwrap_or(0.0));
        one + part * (other - one)
    };
    (0..sound.len()).map(at).collect()
}

/// Writes sound as a WAV file of 16 bits.
pub fn write_wav(path: &Path, sound: &[f32]) -> Result<()> {
    let data: Vec<u8> =
        sound.iter().flat_map(|x| ((x.clamp(-1.0, 1.0) * 32_767.0) as i16).to_le_bytes()).collect();
    let mut file = Vec::with_capacity(44 + data.len());
    let length = data.len() as u32;
    file.extend(b"RIFF");
    file.extend((36 + length).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16u32.to_le_bytes());
    // PCM, one channel.
    file.extend([1, 0, 1, 0]);
    file.extend(RATE.to_le_bytes());
    file.extend((2 * RATE).to_le_bytes());
    file.extend([2, 0, 16, 0]);
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.extend(data);
    Ok(std::fs::write(path, file)?)
}
