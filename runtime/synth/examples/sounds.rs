//! Renders every instrument and drum into a folder, one WAV file each, to listen to and measure:
//! `cargo run --release -p lilt-synth --example sounds -- FOLDER [reverb 0..1]`.

use std::path::Path;

use lilt_synth::{
    Command, CommandKind, DrumSound, Instrument, Mixer, MixerConfig, Params, SlotControl, VoiceKind,
};

const RATE: u32 = 48_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("say which folder to write to")?;
    let reverb: f32 = arguments.next().map_or(Ok(0.0), |text| text.parse())?;
    std::fs::create_dir_all(&folder)?;
    for instrument in Instrument::ALL {
        let base = if instrument == Instrument::Bass { 33.0 } else { 57.0 };
        if instrument == Instrument::Kit {
            continue;
        }
        // Three velocities, an arpeggio, and a chord.
        let mut notes = Vec::new();
        for (n, velocity) in [0.3, 0.6, 0.95].into_iter().enumerate() {
            notes.push((n as f32 * 0.8, 0.6, base, velocity));
        }
        for (n, step) in [0.0, 3.0, 7.0, 10.0, 12.0, 15.0, 19.0, 24.0].into_iter().enumerate() {
            notes.push((2.6 + 0.2 * n as f32, 0.18, base + step, 0.75));
        }
        for step in [0.0, 7.0, 15.0] {
            notes.push((4.6, 1.8, base + step, 0.7));
        }
        let notes = notes.into_iter().map(|(at, length, pitch, velocity)| {
            (at, length, VoiceKind::Pitched { instrument, pitch }, velocity)
        });
        write(Path::new(&folder), instrument.name(), notes, reverb, 8.0)?;
    }
    for drum in DrumSound::ALL {
        let hits = [0.3, 0.6, 0.95].into_iter().enumerate();
        let notes = hits.map(|(n, v)| (n as f32 * 0.6, 0.1, VoiceKind::Drum(drum), v));
        write(Path::new(&folder), drum.name(), notes, reverb, 4.0)?;
    }
    Ok(())
}

fn write(
    folder: &Path,
    name: &str,
    notes: impl Iterator<Item = (f32, f32, VoiceKind, f32)>,
    reverb: f32,
    seconds: f32,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut mixer = Mixer::new(MixerConfig::default());
    let mut push =
        |seconds: f32, kind| mixer.push(Command { frame: (seconds * RATE as f32) as u64, slot: 0, kind });
    push(0.0, CommandKind::Control { control: SlotControl::Reverb, value: reverb, glide_frames: 0 })?;
    for (id, (at, length, voice, velocity)) in notes.enumerate() {
        let id = id as u64;
        push(at, CommandKind::NoteOn { id, voice, velocity, params: Params::NONE })?;
        push(at + length, CommandKind::NoteOff { id })?;
    }
    let mut samples = vec![0.0; 2 * (seconds * RATE as f32) as usize];
    mixer.render(&mut samples);
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(folder.join(format!("{name}.wav")), spec)?;
    for x in samples {
        file.write_sample((x * 32_767.0) as i16)?;
    }
    file.finalize()?;
    Ok(())
}
