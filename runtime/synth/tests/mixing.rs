//! What the mixer owes: the same bytes however it is called, exact commands, no clicks when
//! voices are taken away, and nothing past the ceiling.

mod listening;

use lilt_synth::{
    CEILING, Command, CommandKind, DrumSound, DuckTrigger, Instrument, Mixer, MixerConfig, Param, Params,
    PushError, SlotControl, VoiceKind,
};
use listening::*;
use proptest::prelude::*;

fn push_all(mixer: &mut Mixer, commands: &[Command]) {
    for command in commands {
        mixer.push(*command).expect("the queue has room");
    }
}

/// A dense second: everything plays, every control moves.
fn performance() -> Vec<Command> {
    let mut commands = Vec::new();
    for (n, (_, voice)) in all_voices().into_iter().enumerate() {
        let slot = (n % 5) as u16;
        for hit in 0..4 {
            let frame = (n * 531 + hit * 11_003) as u64;
            let id = (n * 10 + hit) as u64;
            commands.push(note_on(frame, slot, id, voice, 0.3 + 0.2 * hit as f32));
            commands.push(note_off(frame + 5_000, slot, id));
        }
    }
    for (n, kind) in SlotControl::ALL.iter().copied().enumerate() {
        let (low, high) = kind.range();
        let value = low + 0.3 * (high - low);
        commands.push(control(7_000 + 100 * n as u64, 1, kind, value, 3_000));
    }
    // Notes that say something of themselves, a bus with effects, and ducking.
    for (n, param) in Param::ALL.iter().enumerate() {
        let (least, greatest) = param.range();
        let params = Params::NONE.with(*param, least + 0.37 * (greatest - least));
        let voice = all_voices()[n % all_voices().len()].1;
        commands.push(note_with(15_000 + 331 * n as u64, (n % 5) as u16, 5_000 + n as u64, voice, params));
    }
    commands.push(Command { frame: 9_001, slot: 3, kind: CommandKind::Route { bus: 1 } });
    commands.push(control(9_002, 64, SlotControl::Flanger, 0.6, 900));
    for (slot, trigger) in [(1, DuckTrigger::Onsets), (64, DuckTrigger::Level)] {
        let kind = CommandKind::Duck {
            key: Some(0),
            trigger,
            depth: 0.7,
            attack_frames: 200,
            release_frames: 4_000,
        };
        commands.push(Command { frame: 5_003, slot, kind });
    }
    commands.push(Command { frame: 20_001, slot: 0, kind: CommandKind::Tempo { bpm: 97.0 } });
    commands.push(Command { frame: 30_007, slot: 2, kind: CommandKind::FadeOut { frames: 700 } });
    commands
}

#[test]
fn the_size_of_calls_changes_nothing() {
    let whole = |size: usize| {
        let mut mixer = mixer();
        push_all(&mut mixer, &performance());
        let mut samples = vec![0.0f32; 2 * RATE];
        for piece in samples.chunks_mut(size) {
            mixer.render(piece);
        }
        assert_eq!(mixer.frame(), RATE as u64);
        samples.into_iter().map(f32::to_bits).collect::<Vec<_>>()
    };
    let reference = whole(2 * RATE);
    assert!(reference.iter().any(|bits| f32::from_bits(*bits).abs() > 0.1));
    for size in [1, 3, 64, 127, 1000] {
        assert!(whole(size) == reference, "calls of {size} samples differ");
    }
}

#[test]
fn the_order_of_pushing_changes_nothing() {
    let heard = |commands: &[Command]| {
        let mut mixer = mixer();
        push_all(&mut mixer, commands);
        render(&mut mixer, 0.5).left
    };
    let mut commands = performance();
    commands.sort_by_key(|c| c.frame);
    let forwards = heard(&commands);
    // Backwards, with the commands of one frame kept in order.
    commands.sort_by_key(|c| std::cmp::Reverse(c.frame));
    assert!(heard(&commands) == forwards);
}

#[test]
fn late_commands_are_carried_out_at_once_and_counted() {
    let mut mixer = mixer();
    render(&mut mixer, 0.1);
    let horizon = mixer.horizon();
    assert!(horizon - mixer.frame() <= 128);
    let bd = VoiceKind::Drum(DrumSound::BassDrum);
    // 50 ms are 2,400 frames.
    push_all(&mut mixer, &[note_on(horizon - 2_400, 0, 1, bd, 1.0)]);
    let first = render(&mut mixer, 0.1).first_sound();
    assert_eq!(first, Some((horizon - 4_800) as usize));
    assert_eq!((mixer.meters().late_commands, mixer.meters().dropped_late), (1, 0));
}

/// After a pause of the machine the notes of the pause are not made up for; all else is.
#[test]
fn notes_that_are_far_too_late_are_dropped() {
    let mut mixer = mixer();
    let lead = pitched(Instrument::Lead, 60.0);
    let all = [
        control(0, 0, SlotControl::Reverb, 0.0, 0),
        control(0, 1, SlotControl::Reverb, 0.0, 0),
        note_on(0, 0, 1, lead, 1.0),
    ];
    push_all(&mut mixer, &all);
    render(&mut mixer, 0.2);
    let late = mixer.horizon() - 2_401;
    push_all(
        &mut mixer,
        &[
            note_on(late, 1, 2, lead, 1.0),
            control(late, 1, SlotControl::Gain, 0.0, 0),
            note_off(late, 0, 1),
            Command { frame: late, slot: 0, kind: CommandKind::Tempo { bpm: 90.0 } },
        ],
    );
    assert_eq!((mixer.meters().late_commands, mixer.meters().dropped_late), (3, 1));
    render(&mut mixer, 0.8);
    assert_eq!(mixer.meters().active_voices, 0, "the end of the note was obeyed");
    // The control too: slot 1 is at gain 0.
    let now = mixer.horizon();
    push_all(&mut mixer, &[note_on(now, 1, 3, lead, 1.0)]);
    assert!(decibels(peak(&render(&mut mixer, 0.2).left)) < -60.0);
    push_all(&mut mixer, &[Command { frame: late, slot: 0, kind: CommandKind::Hush }]);
    render(&mut mixer, 0.1);
    assert_eq!(mixer.meters().active_voices, 0, "a late hush is obeyed");
}

#[test]
fn a_mixer_can_start_late_in_the_timeline() {
    let mut mixer = Mixer::new(MixerConfig { start_frame: 1_000_000, ..MixerConfig::default() });
    let hat = VoiceKind::Drum(DrumSound::ClosedHat);
    push_all(&mut mixer, &[note_on(1_000_100, 0, 1, hat, 1.0)]);
    assert_eq!(render(&mut mixer, 0.1).first_sound(), Some(100));
    assert_eq!(mixer.frame(), 1_004_800);
}

#[test]
fn skipping_drops_notes_and_keeps_controls() {
    let mut mixer = mixer();
    let pad = pitched(Instrument::Lead, 60.0);
    push_all(
        &mut mixer,
        &[
            note_on(0, 0, 1, pad, 1.0),
            note_on(20_000, 0, 2, pad, 1.0),
            control(20_000, 0, SlotControl::Gain, 0.0, 100),
            control(20_000, 1, SlotControl::Pan, -1.0, 0),
            note_on(50_100, 0, 3, pad, 1.0),
            note_on(50_200, 1, 4, pad, 1.0),
        ],
    );
    render(&mut mixer, 0.1);
    mixer.skip_to(30_000);
    mixer.skip_to(50_000);
    assert_eq!(mixer.frame(), 50_000);
    assert_eq!((mixer.meters().active_voices, mixer.meters().slots[0]), (0, 0.0));
    let heard = render(&mut mixer, 0.1);
    assert_eq!(heard.first_sound(), Some(200), "slot 0 is at gain 0");
    assert!(peak(&heard.left) > 0.05);
    mixer.skip_to(10);
    assert_eq!(mixer.frame(), 54_800, "there is no way back");
}

#[test]
fn a_full_queue_and_a_missing_slot_are_errors() {
    let mut mixer = Mixer::new(MixerConfig { commands: 2, slots: 4, buses: 0, ..MixerConfig::default() });
    assert_eq!(mixer.push(note_off(0, 3, 1)), Ok(()));
    let missing = mixer.push(note_off(0, 4, 1)).expect_err("there are four");
    assert_eq!(missing, PushError::NoSuchSlot { slot: 4, slots: 4 });
    assert_eq!(missing.to_string(), "there is no slot 4: the mixer has 4");
    assert_eq!(mixer.push(note_off(0, 3, 1)), Ok(()));
    let full = mixer.push(note_off(0, 3, 1)).expect_err("two are there");
    assert_eq!(full.to_string(), "2 sound commands are waiting already: schedule less far ahead");
}

#[test]
fn voices_are_stolen_without_a_click() {
    let mut mixer = Mixer::new(MixerConfig { voices: 4, ..MixerConfig::default() });
    let dry = control(0, 0, SlotControl::Reverb, 0.0, 0);
    push_all(&mut mixer, &[dry]);
    let keys = pitched(Instrument::Keys, 45.0);
    for n in 0..12 {
        push_all(&mut mixer, &[note_on(4_800 * n, 0, n, keys, 0.5)]);
    }
    let heard = render(&mut mixer, 1.5).left;
    assert_eq!(mixer.meters().active_voices, 4);
    assert_eq!(mixer.meters().stolen_voices, 8);
    let steps = heard.windows(2).map(|w| (w[1] - w[0]).abs());
    let largest = steps.fold(0.0, f32::max);
    assert!(largest < 0.08, "a step of {largest}");
}

/// Released voices go first, the quietest of them before all.
#[test]
fn held_voices_outlive_released_ones() {
    let mut mixer = Mixer::new(MixerConfig { voices: 2, ..MixerConfig::default() });
    let (low, high) = (pitched(Instrument::Pad, 40.0), pitched(Instrument::Pad, 76.0));
    push_all(
        &mut mixer,
        &[
            control(0, 0, SlotControl::Reverb, 0.0, 0),
            note_on(0, 0, 1, low, 0.8),
            note_on(10, 0, 2, high, 0.8),
            note_off(24_000, 0, 2),
            note_on(26_000, 0, 3, high, 0.8),
        ],
    );
    let heard = render(&mut mixer, 1.5).mono();
    assert_eq!(mixer.meters().stolen_voices, 1);
    // The oldest, at 82.4 Hz, is held and goes on.
    assert!(magnitude(&heard[40_000..70_000], 82.4) > 0.01);
}

#[test]
fn the_pedal_closes_the_open_hat() {
    let level = |choked: bool| {
        let mut mixer = mixer();
        push_all(
            &mut mixer,
            &[
                control(0, 0, SlotControl::Reverb, 0.0, 0),
                note_on(0, 0, 1, VoiceKind::Drum(DrumSound::OpenHat), 1.0),
            ],
        );
        if choked {
            let hh = VoiceKind::Drum(DrumSound::ClosedHat);
            push_all(&mut mixer, &[note_on(2_000, 0, 2, hh, 0.05)]);
        }
        rms(&render(&mut mixer, 0.3).left[4_000..12_000])
    };
    let (open, choked) = (level(false), level(true));
    assert!(choked < 0.1 * open, "{open} to {choked}");
}

#[test]
fn fading_and_hushing_end_in_silence() {
    let lead = pitched(Instrument::Lead, 60.0);
    // A hush also forgets the notes that came before it and wait; a fade leaves them.
    let kinds = [(CommandKind::FadeOut { frames: 4_800 }, 4_800, true), (CommandKind::Hush, 240, false)];
    for (kind, silent_after, later_sounds) in kinds {
        let mut mixer = mixer();
        push_all(
            &mut mixer,
            &[
                control(0, 0, SlotControl::Reverb, 0.0, 0),
                note_on(0, 0, 1, lead, 1.0),
                note_on(40_000, 0, 2, lead, 1.0),
                Command { frame: 24_000, slot: 0, kind },
            ],
        );
        let heard = render(&mut mixer, 1.0);
        let middle = &heard.left[24_000 + silent_after + 4_200..40_000];
        // What is left is the highpass of the bus coming to rest.
        assert!(decibels(peak(middle)) < -60.0, "{kind:?}: {}", peak(middle));
        let edge = heard.left[23_500..26_000].windows(2).fold(0.0f32, |m, w| m.max((w[1] - w[0]).abs()));
        let before = heard.left[8_000..23_500].windows(2).fold(0.0f32, |m, w| m.max((w[1] - w[0]).abs()));
        assert!(edge <= 1.1 * before, "{kind:?} clicks: {before}, {edge}");
        assert_eq!(peak(&heard.left[40_000..]) > 0.05, later_sounds, "{kind:?}: notes that waited");
        push_all(&mut mixer, &[note_on(48_000, 0, 3, lead, 1.0)]);
        assert!(peak(&render(&mut mixer, 0.5).left) > 0.05, "{kind:?}: new notes sound");
    }
}

#[test]
fn a_hush_ends_the_reverb_too() {
    let mut mixer = mixer();
    push_all(
        &mut mixer,
        &[
            control(0, 0, SlotControl::Reverb, 1.0, 0),
            control(0, 0, SlotControl::Delay, 1.0, 0),
            note_on(0, 0, 1, VoiceKind::Drum(DrumSound::Snare), 1.0),
            Command { frame: 24_000, slot: 0, kind: CommandKind::Hush },
        ],
    );
    let heard = render(&mut mixer, 2.0);
    assert!(rms(&heard.left[18_000..23_900]) > 1e-3);
    assert!(decibels(peak(&heard.left[30_000..])) < -70.0);
}

#[test]
fn controls_do_what_they_say() {
    let level = |kind: SlotControl, value: f32| {
        let mut mixer = mixer();
        push_all(
            &mut mixer,
            &[
                control(0, 0, SlotControl::Reverb, 0.0, 0),
                control(0, 0, kind, value, 0),
                note_on(0, 0, 1, pitched(Instrument::Lead, 48.0), 0.7),
            ],
        );
        let heard = render(&mut mixer, 0.5);
        (heard.left, heard.right)
    };
    let (neutral, _) = level(SlotControl::Gain, 1.0);
    let (half, _) = level(SlotControl::Gain, 0.5);
    let ratio = rms(&half) / rms(&neutral);
    assert!((ratio - 0.5).abs() < 0.03, "gain: {ratio}");

    let (left, right) = level(SlotControl::Pan, -1.0);
    assert!(peak(&right) < 1e-4 && peak(&left) > 0.05);

    let treble = |samples: &[f32]| brightness(&samples[4_800..14_400]);
    let (dark, _) = level(SlotControl::Lowpass, 300.0);
    assert!(treble(&dark) < 0.7 * treble(&neutral));
    let (thin, _) = level(SlotControl::Highpass, 2_000.0);
    assert!(treble(&thin) > 1.5 * treble(&neutral));
    assert!(rms(&thin) < 0.7 * rms(&neutral));
}

#[test]
fn values_that_are_no_numbers_are_refused() {
    let mut mixer = mixer();
    for kind in SlotControl::ALL.iter().copied() {
        push_all(&mut mixer, &[control(0, 0, kind, f32::NAN, 10)]);
        push_all(&mut mixer, &[control(0, 1, kind, f32::INFINITY, 0)]);
    }
    let tempo = CommandKind::Tempo { bpm: f32::NAN };
    push_all(&mut mixer, &[Command { frame: 0, slot: 0, kind: tempo }]);
    let lead = pitched(Instrument::Lead, 60.0);
    push_all(&mut mixer, &[note_on(1, 0, 1, lead, 1.0), note_on(1, 1, 1, lead, f32::NAN)]);
    let heard = render(&mut mixer, 0.2);
    // Every control and the tempo.
    assert_eq!(mixer.meters().refused_commands, SlotControl::ALL.len() as u64 + 1);
    assert_eq!(mixer.meters().silent_notes, 1);
    assert!(peak(&heard.left) > 0.05);
}

#[test]
fn meters_show_which_slot_sounds() {
    let mut mixer = mixer();
    push_all(&mut mixer, &[note_on(0, 5, 1, pitched(Instrument::Keys, 60.0), 0.8)]);
    render(&mut mixer, 0.2);
    let meters = mixer.meters();
    assert_eq!(meters.slots.len(), 64);
    for (slot, peak) in meters.slots.iter().enumerate() {
        assert_eq!(*peak > 0.05, slot == 5, "slot {slot}: {peak}");
    }
    assert_eq!(meters.active_voices, 1);
    assert!(meters.master[0] > 0.05);
}

fn any_voice() -> impl Strategy<Value = VoiceKind> {
    let voices: Vec<VoiceKind> = all_voices().into_iter().map(|(_, v)| v).collect();
    prop_oneof![
        proptest::sample::select(voices),
        (proptest::sample::select(Instrument::ALL.to_vec()), any::<f32>()).prop_map(|(i, p)| pitched(i, p)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// 64 voices at full velocity, gains of two and more, any value in any control.
    #[test]
    fn nothing_gets_past_the_ceiling(
        voices in proptest::collection::vec((any_voice(), 0u64..9_000, 0u16..4), 64),
        controls in proptest::collection::vec(
            (proptest::sample::select(SlotControl::ALL.to_vec()), any::<f32>(), 0u64..9_000, 0u16..4, 0u32..2_000), 0..12),
    ) {
        let mut mixer = mixer();
        for slot in 0..4 {
            push_all(&mut mixer, &[control(0, slot, SlotControl::Gain, 2.0, 0)]);
        }
        for (n, (voice, frame, slot)) in voices.into_iter().enumerate() {
            push_all(&mut mixer, &[note_on(frame, slot, n as u64, voice, 1.0)]);
        }
        for (kind, value, frame, slot, glide) in controls {
            push_all(&mut mixer, &[control(frame, slot, kind, value, glide)]);
        }
        let heard = render(&mut mixer, 0.4);
        for x in heard.left.iter().chain(&heard.right) {
            prop_assert!(x.abs() <= CEILING, "{}", x);
        }
        prop_assert!(peak(&heard.left) > 0.3);
    }
}
