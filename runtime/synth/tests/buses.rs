//! Buses, ducking, and reverbs and delays of a slot's own.

mod listening;

use lilt_synth::{Command, CommandKind, DrumSound, DuckTrigger, Instrument, Mixer, SlotControl, VoiceKind};
use listening::*;

fn push_all(mixer: &mut Mixer, commands: &[Command]) {
    for command in commands {
        mixer.push(*command).expect("there is room");
    }
}

fn dry(slot: u16) -> Command {
    control(0, slot, SlotControl::Reverb, 0.0, 0)
}

fn route(frame: u64, slot: u16, bus: u16) -> Command {
    Command { frame, slot, kind: CommandKind::Route { bus } }
}

fn duck(slot: u16, key: Option<u16>, trigger: DuckTrigger) -> Command {
    let kind = CommandKind::Duck { key, trigger, depth: 0.9, attack_frames: 240, release_frames: 9_600 };
    Command { frame: 0, slot, kind }
}

#[test]
fn a_bus_has_controls_and_a_meter_of_its_own() {
    let heard = |commands: &[Command]| {
        let mut mixer = mixer();
        push_all(&mut mixer, &[dry(0), note_on(0, 0, 1, pitched(Instrument::Saw, 48.0), 0.5)]);
        push_all(&mut mixer, commands);
        let heard = render(&mut mixer, 0.4);
        (heard.left, mixer.meters().buses[1], mixer.meters().refused_commands)
    };
    let bus = mixer().bus_slot(2).expect("there are sixteen");
    assert_eq!((mixer().bus_slot(0), mixer().bus_slot(17)), (None, None));
    let (straight, silent, _) = heard(&[]);
    assert_eq!(silent, 0.0);
    let (through, level, _) = heard(&[route(0, 0, 2)]);
    assert!(level > 0.05);
    assert!(through == straight, "a neutral bus changes nothing");
    let (dark, ..) = heard(&[route(0, 0, 2), control(0, bus, SlotControl::Lowpass, 200.0, 0)]);
    assert!(brightness(&dark[4_800..]) < 0.6 * brightness(&straight[4_800..]));
    let (same, _, refused) = heard(&[route(0, 0, 17)]);
    assert!(same == straight && refused == 1, "there is no bus 17");
}

#[test]
fn a_slot_ducks_for_the_notes_of_another_from_their_frame_on() {
    for trigger in [DuckTrigger::Onsets, DuckTrigger::Level] {
        let mut mixer = mixer();
        let hit = VoiceKind::Drum(DrumSound::Rimshot);
        push_all(
            &mut mixer,
            &[
                dry(0),
                dry(1),
                control(0, 1, SlotControl::Gain, 0.5, 0),
                // The key itself is out of the way, to the right.
                control(0, 0, SlotControl::Pan, 1.0, 0),
                control(0, 1, SlotControl::Pan, -1.0, 0),
                duck(1, Some(0), trigger),
                note_on(0, 1, 1, pitched(Instrument::Sine, 72.0), 0.6),
                note_on(24_000, 0, 2, hit, 1.0),
            ],
        );
        let left = render(&mut mixer, 1.5).left;
        let before = rms(&left[19_200..24_000]);
        let ducked = rms(&left[24_300..24_900]);
        let after = rms(&left[62_000..70_000]);
        assert!(ducked < 0.4 * before, "{trigger:?}: {before} to {ducked}");
        assert!((after / before - 1.0).abs() < 0.05, "{trigger:?}: {before} comes back as {after}");
        let step = |x: &[f32]| x.windows(2).fold(0.0f32, |m, w| m.max((w[1] - w[0]).abs()));
        assert!(step(&left[23_900..30_000]) < 1.2 * step(&left[19_200..23_900]), "{trigger:?} clicks");
    }
}

#[test]
fn ducking_ends_and_needs_another() {
    let level = |commands: &[Command]| {
        let mut mixer = mixer();
        push_all(&mut mixer, &[dry(0), dry(1), note_on(0, 1, 1, pitched(Instrument::Sine, 60.0), 0.6)]);
        push_all(&mut mixer, commands);
        push_all(&mut mixer, &[note_on(9_600, 0, 2, VoiceKind::Drum(DrumSound::Rimshot), 0.01)]);
        let heard = render(&mut mixer, 0.25);
        (rms(&heard.left[9_900..10_800]), mixer.meters().refused_commands)
    };
    let on = duck(1, Some(0), DuckTrigger::Onsets);
    let (open, _) = level(&[]);
    assert!(level(&[on]).0 < 0.4 * open);
    let (ended, refused) = level(&[on, duck(1, None, DuckTrigger::Onsets)]);
    assert!((ended / open - 1.0).abs() < 0.01 && refused == 0);
    assert_eq!(level(&[duck(1, Some(1), DuckTrigger::Level)]).1, 1, "nobody ducks for himself");
    assert_eq!(level(&[duck(1, Some(900), DuckTrigger::Level)]).1, 1, "there is no slot 900");
}

/// A stab that goes to a bus and sends most of itself to rooms: `commands` beside it, half a second from the
/// stab's end on, when nothing but the rooms is heard, and all of it.
fn roomy(commands: &[Command]) -> (Vec<f32>, Heard) {
    // Before the master, which would hear how loud all of it is.
    let mut mixer = Mixer::stem(mixer().config(), &(0..80).collect::<Vec<u16>>());
    push_all(
        &mut mixer,
        &[
            route(0, 0, 1),
            control(0, 0, SlotControl::Reverb, 0.5, 0),
            control(0, 0, SlotControl::Delay, 0.5, 0),
            note_on(480, 0, 1, VoiceKind::Drum(DrumSound::Rimshot), 0.9),
        ],
    );
    push_all(&mut mixer, commands);
    let heard = render(&mut mixer, 1.0);
    (heard.left[24_000..].to_vec(), heard)
}

/// What a slot sends to the rooms is turned down by the bus that it goes to.
#[test]
fn rooms_hear_a_slot_as_its_bus_lets_it_through() {
    let [bus, above] = [1, 2].map(|bus| mixer().bus_slot(bus).expect("there are sixteen"));
    let gain = |bus, gain| control(0, bus, SlotControl::Gain, gain, 0);
    let (open, _) = roomy(&[]);
    assert!(peak(&open) > 0.005, "the rooms ring");
    let silent = |commands: &[Command]| {
        let (_, heard) = roomy(commands);
        peak(&heard.left) == 0.0 && peak(&heard.right) == 0.0
    };
    assert!(silent(&[gain(bus, 0.0)]), "a bus at 0 is silent, its rooms too");
    assert!(silent(&[route(0, bus, 2), gain(above, 0.0)]), "and so is one further on");
    let own = control(0, 0, SlotControl::Size, 0.9, 0);
    assert!(silent(&[own, gain(bus, 0.0)]), "and a room of the slot's own");
    let (half, _) = roomy(&[gain(bus, 0.5)]);
    let (quarter, _) = roomy(&[gain(bus, 0.5), route(0, bus, 2), gain(above, 0.5)]);
    for (part, heard) in [(0.5, half), (0.25, quarter)] {
        let off = open.iter().zip(&heard).fold(0.0f32, |m, (open, x)| m.max((part * open - x).abs()));
        assert!(off < 1e-5, "{part}: {off}");
    }
    // A position of the bus places its sound, and not the room.
    let (placed, _) = roomy(&[control(0, bus, SlotControl::Pan, 1.0, 0)]);
    let off = open.iter().zip(&placed).fold(0.0f32, |m, (open, x)| m.max((open - x).abs()));
    assert!(off < 1e-5, "the rooms stay where they are: {off}");
    // Rooms that return through the master are not of the bus: what is in them already rings on.
    let (late, _) = roomy(&[control(14_400, bus, SlotControl::Gain, 0.0, 0)]);
    assert!(peak(&late) > 0.5 * peak(&open));
}

#[test]
fn rooms_hear_a_slot_as_its_bus_ducks() {
    let bus = mixer().bus_slot(1).expect("there are sixteen");
    let kind = CommandKind::Duck {
        key: Some(1),
        trigger: DuckTrigger::Onsets,
        depth: 1.0,
        attack_frames: 1,
        release_frames: 480_000,
    };
    let key = control(0, 1, SlotControl::Gain, 0.0, 0);
    let speaks = note_on(240, 1, 9, VoiceKind::Drum(DrumSound::Rimshot), 0.9);
    let (open, _) = roomy(&[key, speaks]);
    let (ducked, _) = roomy(&[key, speaks, Command { frame: 0, slot: bus, kind }]);
    assert!(peak(&ducked) < 0.05 * peak(&open), "{} of {}", peak(&ducked), peak(&open));
}

/// Each slot's echoes keep their own time.
#[test]
fn slots_have_delays_of_their_own() {
    let mut mixer = mixer();
    let hit = VoiceKind::Drum(DrumSound::Rimshot);
    let time = |slot, beats| control(0, slot, SlotControl::DelayTime, beats, 0);
    push_all(&mut mixer, &[Command { frame: 0, slot: 0, kind: CommandKind::Tempo { bpm: 120.0 } }]);
    for slot in 0..2 {
        push_all(&mut mixer, &[dry(slot), control(0, slot, SlotControl::Delay, 1.0, 0)]);
    }
    push_all(
        &mut mixer,
        &[time(0, 0.5), time(1, 1.25), note_on(0, 0, 1, hit, 0.9), note_on(0, 1, 2, hit, 0.9)],
    );
    let heard = render(&mut mixer, 1.0).mono();
    let at = |frame: usize| peak(&heard[frame..frame + 1_000]);
    // Half a beat is 12,000 frames, one and a quarter are 30,000.
    assert!(at(12_000) > 0.02 && at(24_000) > 0.01 && at(30_000) > 0.02);
    assert!(at(18_000) < 0.005, "there is no dotted eighth");
}

/// Every control may move while it sounds, and none of it clicks.
#[test]
fn controls_that_come_and_go_do_not_click() {
    let smooth = SlotControl::ALL.iter().copied().filter(|c| {
        // Steps are what these are for.
        !matches!(c, SlotControl::Crush | SlotControl::Coarse)
    });
    let mut clicks = Vec::new();
    for kind in smooth {
        let mut mixer = mixer();
        let (least, greatest) = kind.range();
        let value = match kind {
            SlotControl::Lowpass => 600.0,
            SlotControl::Highpass | SlotControl::Bandpass => 300.0,
            SlotControl::Gain => 0.4,
            SlotControl::EqLow | SlotControl::EqMid | SlotControl::EqHigh => -9.0,
            // Distortion is meant to have edges.
            SlotControl::Drive | SlotControl::Distort | SlotControl::Fold | SlotControl::Shape => 0.15,
            SlotControl::RingFrequency => 40.0,
            _ => least + 0.4 * (greatest - least),
        };
        push_all(
            &mut mixer,
            &[
                note_on(0, 0, 1, pitched(Instrument::Sine, 57.0), 0.3),
                control(24_011, 0, kind, value, 0),
                control(36_029, 0, kind, kind.neutral(), 0),
            ],
        );
        let left = render(&mut mixer, 1.2).left;
        let step = |x: &[f32]| x.windows(2).fold(0.0f32, |m, w| m.max((w[1] - w[0]).abs()));
        let steady = step(&left[12_000..24_000]).max(step(&left[28_000..36_000]));
        let changing = step(&left[24_000..26_000]).max(step(&left[36_000..38_000]));
        if changing > 1.6 * steady + 0.002 {
            clicks.push((kind.name(), steady, changing));
        }
    }
    assert!(clicks.is_empty(), "{clicks:?}");
}
