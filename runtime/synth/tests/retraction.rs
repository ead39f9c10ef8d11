//! What was sent can be taken back: what is heard is what was meant in the end.

mod listening;

use lilt_synth::{
    Command, CommandKind, DrumSound, DuckTrigger, Instrument, Mixer, MixerConfig, Param, Params, SlotControl,
    VoiceKind,
};
use listening::*;
use proptest::prelude::*;

fn retract(frame: u64, slot: u16) -> Command {
    Command { frame, slot, kind: CommandKind::Retract }
}

fn push_all(mixer: &mut Mixer, commands: &[Command]) {
    for command in commands {
        mixer.push(*command).expect("the queue has room");
    }
}

#[test]
fn what_is_taken_back_is_not_heard() {
    let mut mixer = mixer();
    let bass = VoiceKind::Drum(DrumSound::BassDrum);
    push_all(
        &mut mixer,
        &[
            note_on(100, 0, 1, bass, 1.0),
            control(100, 0, SlotControl::Gain, 0.0, 0),
            note_on(900, 1, 2, bass, 1.0),
            retract(100, 0),
        ],
    );
    assert_eq!(render(&mut mixer, 0.1).first_sound(), Some(900));
    // The control was taken back with the note.
    push_all(&mut mixer, &[note_on(6_000, 0, 3, bass, 1.0)]);
    render(&mut mixer, 0.05);
    assert!(mixer.meters().slots[0] > 0.1);
    assert_eq!(mixer.meters().late_retractions, 0);
}

#[test]
fn a_retraction_that_comes_too_late_fades_what_sounds() {
    let mut mixer = mixer();
    let pad = pitched(Instrument::Pad, 60.0);
    push_all(
        &mut mixer,
        &[
            control(0, 0, SlotControl::Reverb, 0.0, 0),
            control(0, 1, SlotControl::Reverb, 0.0, 0),
            note_on(0, 0, 1, pad, 1.0),
            note_on(2_400, 0, 2, pad, 1.0),
            note_off(40_000, 0, 2),
            note_on(2_400, 1, 3, pad, 1.0),
        ],
    );
    render(&mut mixer, 0.25);
    push_all(&mut mixer, &[retract(2_400, 0)]);
    // Again, for one frame earlier: what fades already is counted once.
    push_all(&mut mixer, &[retract(2_399, 0)]);
    render(&mut mixer, 0.25);
    let meters = mixer.meters();
    assert_eq!(meters.late_retractions, 1);
    assert_eq!(meters.active_voices, 2, "the note before, and that of the other slot, go on");
    assert_eq!(meters.late_commands, 0);
}

#[test]
fn a_retraction_needs_no_room_and_makes_some() {
    let mut mixer = Mixer::new(MixerConfig { commands: 2, ..MixerConfig::default() });
    push_all(&mut mixer, &[note_off(10, 0, 1), note_off(20, 1, 1)]);
    assert!(mixer.push(note_off(30, 0, 1)).is_err());
    push_all(&mut mixer, &[retract(0, 0), note_off(30, 0, 1)]);
    assert!(mixer.push(retract(0, 80)).is_err(), "there are 64 slots and 16 buses");
}

/// The delay hears the tempo that was meant in the end.
#[test]
fn tempos_are_taken_back_by_themselves() {
    let echoes = |tempos: &[Command]| {
        let mut mixer = mixer();
        push_all(
            &mut mixer,
            &[
                control(0, 0, SlotControl::Delay, 1.0, 0),
                note_on(500, 0, 1, VoiceKind::Drum(DrumSound::Rimshot), 1.0),
            ],
        );
        push_all(&mut mixer, tempos);
        render(&mut mixer, 1.0).left
    };
    let tempo = |bpm| Command { frame: 100, slot: 0, kind: CommandKind::Tempo { bpm } };
    let back = Command { frame: 100, slot: 0, kind: CommandKind::RetractTempo };
    let meant = echoes(&[tempo(150.0)]);
    assert!(echoes(&[tempo(90.0), back, tempo(150.0)]) == meant);
    assert!(echoes(&[tempo(150.0), retract(0, 0)]) != meant, "the note was taken back");
    assert!(echoes(&[tempo(150.0), Command { frame: 101, ..back }]) == meant);
    assert!(echoes(&[tempo(90.0)]) != meant);
}

/// One act of a conductor; frames are counted from the first that can still be reached.
#[derive(Clone, Debug)]
enum Act {
    Send(u64, u16, CommandKind),
    /// Takes the tail of a slot back, and sends another.
    Anew(u64, u16, Vec<(u64, CommandKind)>),
    TempoAnew(u64, f32),
    Render(usize),
}

fn any_kind() -> impl Strategy<Value = CommandKind> {
    let voices: Vec<VoiceKind> = all_voices().into_iter().map(|(_, v)| v).collect();
    let param = (proptest::sample::select(Param::ALL.to_vec()), 0.0f32..1.0).prop_map(|(param, part)| {
        let (low, high) = param.range();
        Params::NONE.with(param, low + part * (high - low))
    });
    let note = (0u64..12, proptest::sample::select(voices), 0.2f32..1.0, param)
        .prop_map(|(id, voice, velocity, params)| CommandKind::NoteOn { id, voice, velocity, params });
    let duck = (0u16..4, any::<bool>()).prop_map(|(key, onsets)| CommandKind::Duck {
        key: Some(key),
        trigger: if onsets { DuckTrigger::Onsets } else { DuckTrigger::Level },
        depth: 0.8,
        attack_frames: 60,
        release_frames: 900,
    });
    let control = (proptest::sample::select(SlotControl::ALL.to_vec()), 0.0f32..1.0, 0u32..400).prop_map(
        |(control, part, glide_frames)| {
            let (low, high) = control.range();
            CommandKind::Control { control, value: low + part * (high - low), glide_frames }
        },
    );
    prop_oneof![
        6 => note,
        3 => (0u64..12).prop_map(|id| CommandKind::NoteOff { id }),
        2 => control,
        1 => (1u32..500).prop_map(|frames| CommandKind::FadeOut { frames }),
        1 => (0u16..3).prop_map(|bus| CommandKind::Route { bus }),
        1 => duck,
        1 => (60f32..200.0).prop_map(|bpm| CommandKind::Tempo { bpm }),
    ]
}

/// Few frames and slots, so that much happens at one frame.
fn any_frame() -> impl Strategy<Value = u64> {
    (0u64..40).prop_map(|n| 37 * n)
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (any_frame(), 0u16..4, any_kind()).prop_map(|(f, s, k)| Act::Send(f, s, k)),
        2 => (any_frame(), 0u16..4, proptest::collection::vec((any_frame(), any_kind()), 0..5))
            .prop_map(|(f, s, tail)| Act::Anew(f, s, tail)),
        1 => (any_frame(), 60f32..200.0).prop_map(|(f, bpm)| Act::TempoAnew(f, bpm)),
        3 => (1usize..700).prop_map(Act::Render),
    ]
}

/// Few voices, so that they are stolen and the order of notes is heard.
fn small() -> Mixer {
    Mixer::new(MixerConfig { voices: 3, slots: 4, ..MixerConfig::default() })
}

/// Samples rendered at the end of a performance.
const REST: usize = 4_001;

/// Plays `acts`. Gives what was heard, and what was meant in the end: each command with the number
/// of samples that were out when it was sent.
fn perform(acts: &[Act]) -> (Vec<f32>, Vec<(usize, Command)>) {
    let mut mixer = small();
    let mut heard = Vec::new();
    let mut meant: Vec<(usize, Command)> = Vec::new();
    let tempo = |c: &Command| matches!(c.kind, CommandKind::Tempo { .. });
    let hush = |c: &Command| matches!(c.kind, CommandKind::Hush);
    let send = |mixer: &mut Mixer, out: usize, meant: &mut Vec<(usize, Command)>, command: Command| {
        push_all(mixer, &[command]);
        meant.push((out, command));
    };
    for act in acts {
        let (first, out) = (mixer.horizon(), heard.len());
        match act {
            Act::Send(frame, slot, kind) => {
                let command = Command { frame: first + frame, slot: *slot, kind: *kind };
                send(&mut mixer, out, &mut meant, command);
            }
            Act::Anew(from, slot, tail) => {
                push_all(&mut mixer, &[retract(first + from, *slot)]);
                meant.retain(|(_, c)| c.slot != *slot || c.frame < first + from || tempo(c) || hush(c));
                for (frame, kind) in tail {
                    let command = Command { frame: first + from + frame, slot: *slot, kind: *kind };
                    send(&mut mixer, out, &mut meant, command);
                }
            }
            Act::TempoAnew(from, bpm) => {
                let frame = first + from;
                push_all(&mut mixer, &[Command { frame, slot: 0, kind: CommandKind::RetractTempo }]);
                meant.retain(|(_, c)| c.frame < frame || !tempo(c));
                let kind = CommandKind::Tempo { bpm: *bpm };
                send(&mut mixer, out, &mut meant, Command { frame, slot: 0, kind });
            }
            Act::Render(samples) => {
                heard.resize(out + samples, 0.0);
                mixer.render(&mut heard[out..]);
            }
        }
    }
    let out = heard.len();
    heard.resize(out + REST, 0.0);
    mixer.render(&mut heard[out..]);
    assert_eq!((mixer.meters().late_retractions, mixer.meters().late_commands), (0, 0));
    (heard, meant)
}

fn same(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// All that was meant in the end, sent at the beginning and slot by slot, and rendered in
    /// pieces of any length, sounds the same to the bit.
    #[test]
    fn what_was_meant_in_the_end_is_heard(
        acts in proptest::collection::vec(any_act(), 1..60),
        pieces in proptest::collection::vec(1usize..900, 1..8),
    ) {
        let (heard, mut meant) = perform(&acts);
        let mut mixer = small();
        // Tempos are no slot's: their order is that in which they were sent.
        meant.sort_by_key(|(_, c)| if matches!(c.kind, CommandKind::Tempo { .. }) { 4 } else { c.slot });
        for (_, command) in &meant {
            push_all(&mut mixer, &[*command]);
        }
        let mut expected = vec![0.0; heard.len()];
        let mut rest = &mut expected[..];
        for piece in pieces.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at_mut(rest.len().min(*piece));
            mixer.render(now);
            rest = later;
        }
        prop_assert!(same(&heard, &expected));
    }

    /// With hushes, which forget what waits just then, it matters when a command was sent, and
    /// what was taken back is as if it had never been.
    #[test]
    fn a_hush_among_retractions_stays_where_it_came(
        acts in proptest::collection::vec(any_act(), 1..40),
        hushes in proptest::collection::vec((any::<proptest::sample::Index>(), any_frame()), 1..4),
    ) {
        let mut acts = acts;
        for (at, frame) in hushes {
            let at = at.index(acts.len() + 1);
            acts.insert(at, Act::Send(frame, 0, CommandKind::Hush));
        }
        let (heard, meant) = perform(&acts);
        let mut mixer = small();
        let mut expected = vec![0.0; heard.len()];
        let mut out = 0;
        for (sent, command) in &meant {
            mixer.render(&mut expected[out..*sent]);
            out = *sent;
            push_all(&mut mixer, &[*command]);
        }
        mixer.render(&mut expected[out..]);
        prop_assert!(same(&heard, &expected));
    }
}
