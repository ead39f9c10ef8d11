//! Stems add up to the mix before the master, and a change of the bus does not click.

mod listening;

use lilt_synth::{Command, CommandKind, DrumSound, DuckTrigger, Instrument, Mixer, SlotControl, VoiceKind};
use listening::*;

fn route(frame: u64, slot: u16, bus: u16) -> Command {
    Command { frame, slot, kind: CommandKind::Route { bus } }
}

/// Two slots through a bus that goes to another, one past them; rooms, echoes and ducking.
fn piece(mixer: &Mixer) -> Vec<Command> {
    let [drums, all] = [1, 2].map(|bus| mixer.bus_slot(bus).expect("there are sixteen"));
    let kick = VoiceKind::Drum(DrumSound::BassDrum);
    let hat = VoiceKind::Drum(DrumSound::ClosedHat);
    let duck = CommandKind::Duck {
        key: Some(0),
        trigger: DuckTrigger::Onsets,
        depth: 0.8,
        attack_frames: 480,
        release_frames: 9_600,
    };
    let mut commands = vec![
        route(0, 0, 1),
        route(0, 1, 1),
        route(0, drums, 2),
        control(0, drums, SlotControl::Drive, 0.4, 0),
        control(0, drums, SlotControl::Reverb, 0.3, 0),
        control(0, drums, SlotControl::Gain, 0.4, 0),
        control(20_000, drums, SlotControl::Gain, 1.1, 9_000),
        control(0, 1, SlotControl::Delay, 0.6, 0),
        control(0, 0, SlotControl::Size, 0.3, 0),
        route(24_000, 1, 0),
        control(0, all, SlotControl::Compress, 0.6, 0),
        control(0, 2, SlotControl::Delay, 0.5, 0),
        control(0, 2, SlotControl::Size, 0.8, 0),
        Command { frame: 0, slot: 2, kind: duck },
    ];
    for beat in 0..4u64 {
        let frame = 11_000 * beat;
        commands.push(note_on(frame, 0, beat, kick, 0.9));
        commands.push(note_on(frame + 5_500, 1, 10 + beat, hat, 0.6));
        commands.push(note_on(frame + 100, 2, 20 + beat, pitched(Instrument::Saw, 50.0 + beat as f32), 0.5));
        commands.push(note_off(frame + 9_000, 2, 20 + beat));
    }
    commands
}

fn rendered(mut mixer: Mixer) -> Heard {
    for command in piece(&mixer) {
        mixer.push(command).expect("there is room");
    }
    render(&mut mixer, 3.0)
}

#[test]
fn stems_add_up_to_the_mix_before_the_master() {
    let config = mixer().config();
    let [drums, all] = [1, 2].map(|bus| mixer().bus_slot(bus).expect("there are sixteen"));
    let stem = |strips: &[u16]| rendered(Mixer::stem(config, strips));
    let whole = stem(&[0, 1, 2, drums, all]);
    let (through, past) = (stem(&[0, 1, drums, all]), stem(&[2]));
    for (whole, parts) in
        [(&whole.left, [&through.left, &past.left]), (&whole.right, [&through.right, &past.right])]
    {
        assert!(peak(whole) > 0.1);
        assert!(parts.iter().all(|part| peak(part) > 0.02));
        let off = (0..whole.len()).map(|i| (whole[i] - parts[0][i] - parts[1][i]).abs()).fold(0.0, f32::max);
        assert!(off < 2e-6, "{off}");
    }
    // In front of the bus: its own sound, as the bus hears it.
    let kick = stem(&[0]);
    assert!(peak(&kick.left) > 0.05 && kick.left != through.left);
}

#[test]
fn what_goes_through_buses_does_not_depend_on_how_much_is_asked_for_at_once() {
    let rendered = |lengths: &[usize]| {
        let mut mixer = mixer();
        for command in piece(&mixer) {
            mixer.push(command).expect("there is room");
        }
        let mut out = vec![0.0f32; 2 * 60_000];
        let mut rest = &mut out[..];
        for length in lengths.iter().cycle() {
            let (now, later) = rest.split_at_mut((*length).min(rest.len()));
            mixer.render(now);
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        out
    };
    let whole = rendered(&[2 * 60_000]);
    assert!(peak(&whole) > 0.1);
    for lengths in [&[2][..], &[128], &[7, 500, 1], &[1_024]] {
        assert!(rendered(lengths) == whole, "{lengths:?}");
    }
}

#[test]
fn a_change_of_the_bus_does_not_click() {
    let mut mixer = mixer();
    let bus = mixer.bus_slot(1).expect("there are sixteen");
    for command in [
        control(0, 0, SlotControl::Reverb, 0.0, 0),
        control(0, bus, SlotControl::Gain, 0.2, 0),
        note_on(0, 0, 1, pitched(Instrument::Sine, 57.0), 0.4),
        route(20_011, 0, 1),
        route(30_029, 0, 0),
    ] {
        mixer.push(command).expect("there is room");
    }
    let left = render(&mut mixer, 1.0).left;
    let step = |x: &[f32]| x.windows(2).fold(0.0f32, |m, w| m.max((w[1] - w[0]).abs()));
    assert!(rms(&left[22_000..28_000]) < 0.3 * rms(&left[12_000..19_000]), "the bus is softer");
    let changing = step(&left[19_900..20_600]).max(step(&left[29_900..30_600]));
    assert!(changing < 1.3 * step(&left[12_000..19_000]), "{changing}");
}

#[test]
fn ducking_that_ends_or_changes_does_not_click() {
    let duck = |frame: u64, key: Option<u16>, depth: f32| {
        let trigger = DuckTrigger::Onsets;
        let kind = CommandKind::Duck { key, trigger, depth, attack_frames: 480, release_frames: 9_600 };
        Command { frame, slot: 1, kind }
    };
    let mut mixer = mixer();
    for command in [
        control(0, 0, SlotControl::Gain, 0.0, 0),
        control(0, 1, SlotControl::Reverb, 0.0, 0),
        duck(0, Some(0), 0.9),
        note_on(0, 1, 1, pitched(Instrument::Sine, 57.0), 0.4),
        note_on(20_000, 0, 2, VoiceKind::Drum(DrumSound::Rimshot), 0.9),
        duck(20_600, Some(0), 0.2),
        note_on(30_000, 0, 3, VoiceKind::Drum(DrumSound::Rimshot), 0.9),
        duck(30_600, None, 0.0),
    ] {
        mixer.push(command).expect("there is room");
    }
    let left = render(&mut mixer, 1.2).left;
    let step = |x: &[f32]| x.windows(2).fold(0.0f32, |m, w| m.max((w[1] - w[0]).abs()));
    let steady = step(&left[12_000..19_000]);
    let changing = step(&left[20_500..21_200]).max(step(&left[30_500..31_200]));
    assert!(changing < 1.3 * steady, "{changing} after {steady}");
    let end = rms(&left[50_000..56_000]) / rms(&left[12_000..18_000]);
    assert!((end - 1.0).abs() < 0.02, "{end}");
}
