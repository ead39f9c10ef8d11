//! A techno loop: four on the floor, the open hat off the beat, closed hats in sixteenths, claps on
//! two and four, and an acid bass.
#![allow(dead_code)]

use lilt_synth::{Command, CommandKind, DrumSound, Instrument, Mixer, Param, Params, SlotControl, VoiceKind};

use super::{Heard, RATE, control, render};

const BPM: f64 = 130.0;

/// What plays for `bars` bars; nothing in it is turned up.
pub fn commands(bars: u64) -> Vec<Command> {
    let sixteenth = 60.0 / BPM / 4.0 * RATE as f64;
    let mut commands = vec![
        Command { frame: 0, slot: 0, kind: CommandKind::Tempo { bpm: BPM as f32 } },
        control(0, 0, SlotControl::Reverb, 0.0, 0),
        control(0, 4, SlotControl::Reverb, 0.05, 0),
        control(0, 4, SlotControl::Delay, 0.12, 0),
    ];
    let mut note = |step: u64, slot: u16, voice: VoiceKind, velocity: f32, length: f64, params: Params| {
        let frame = (step as f64 * sixteenth) as u64;
        let id = step * 8 + u64::from(slot);
        commands.push(Command { frame, slot, kind: CommandKind::NoteOn { id, voice, velocity, params } });
        let end = frame + (length * sixteenth) as u64;
        commands.push(Command { frame: end, slot, kind: CommandKind::NoteOff { id } });
    };
    const LINE: [Option<(f32, bool)>; 16] = [
        Some((33.0, false)),
        None,
        Some((33.0, true)),
        Some((45.0, false)),
        Some((33.0, false)),
        Some((36.0, true)),
        None,
        Some((33.0, false)),
        Some((33.0, true)),
        None,
        Some((45.0, true)),
        Some((33.0, false)),
        Some((40.0, false)),
        Some((33.0, true)),
        Some((31.0, false)),
        Some((33.0, false)),
    ];
    for step in 0..16 * bars {
        let drum = VoiceKind::Drum;
        match step % 4 {
            0 => note(step, 0, drum(DrumSound::BassDrum), 0.95, 1.0, Params::NONE),
            2 => note(step, 2, drum(DrumSound::OpenHat), 0.75, 1.0, Params::NONE),
            _ => {}
        }
        if step % 8 == 4 {
            note(step, 3, drum(DrumSound::Clap), 0.85, 1.0, Params::NONE);
        }
        let weight = if step % 2 == 0 { 0.7 } else { 0.45 };
        note(step, 1, drum(DrumSound::ClosedHat), weight, 1.0, Params::NONE);
        if let Some((pitch, accent)) = LINE[(step % 16) as usize] {
            let params = if accent { Params::NONE.with(Param::Accent, 0.8) } else { Params::NONE };
            note(step, 4, VoiceKind::Pitched { instrument: Instrument::Acid, pitch }, 0.8, 0.7, params);
        }
    }
    commands
}

/// Eight bars of it, and the least gain of the limiter.
pub fn heard() -> (Heard, f32) {
    let mut mixer = Mixer::new(lilt_synth::MixerConfig::default());
    for command in commands(8) {
        mixer.push(command).expect("there is room");
    }
    let mut heard = Heard { left: Vec::new(), right: Vec::new() };
    let mut least = 1.0f32;
    for _ in 0..(8.0 * 240.0 / BPM * 50.0) as usize {
        let piece = render(&mut mixer, 0.02);
        least = least.min(mixer.meters().limiter_gain);
        heard.left.extend(piece.left);
        heard.right.extend(piece.right);
    }
    (heard, least)
}
