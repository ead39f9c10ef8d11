//! Pushing and rendering never touch the allocator: the process aborts if they do.

mod listening;

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use std::sync::Arc;

use lilt_synth::{
    Command, CommandKind, DuckTrigger, MOMENT, Param, Params, Sample, SlotControl, Timbre, VoiceKind, stiff,
};
use listening::*;

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

#[test]
fn a_busy_mixer_never_allocates_or_frees() {
    let voices = all_voices();
    let mut mixer = mixer();
    let mut out = [0.0f32; 2 * 480];
    let mut peak = 0.0f32;
    assert_no_alloc(|| {
        for n in 0..400u64 {
            let frame = n * 480;
            for part in 0..6 {
                let (_, voice) = &voices[((n * 6 + part) % voices.len() as u64) as usize];
                let slot = (part % 8) as u16;
                let commands = [
                    note_on(frame + 50 * part, slot, 10 * n + part, *voice, 0.9),
                    note_off(frame + 900, slot, 10 * n + part),
                    control(frame, slot, SlotControl::Lowpass, 500.0 + n as f32, 100),
                    control(frame, slot, SlotControl::Delay, 0.5, 0),
                ];
                for command in commands {
                    // Full now and then: refusing must not allocate either.
                    let _taken = mixer.push(command);
                }
            }
            let odd = match n % 97 {
                40 => Some(CommandKind::Hush),
                60 => Some(CommandKind::FadeOut { frames: 300 }),
                80 => Some(CommandKind::Tempo { bpm: 60.0 + n as f32 }),
                _ => None,
            };
            if let Some(kind) = odd {
                let _taken = mixer.push(Command { frame, slot: 0, kind });
            }
            // Everything of a slot is taken back, with the queue full or nearly so.
            if n % 7 == 0 {
                let slot = (n % 8) as u16;
                let _taken = mixer.push(Command { frame, slot, kind: CommandKind::Retract });
                let _taken = mixer.push(Command { frame, slot, kind: CommandKind::RetractTempo });
            }
            if n == 300 {
                mixer.skip_to(frame + 480);
            }
            mixer.render(&mut out);
            peak = out.iter().fold(peak, |m, x| m.max(x.abs()));
        }
    });
    assert!(peak > 0.1, "it played: {peak}");
    assert!(mixer.meters().stolen_voices > 0, "it was busy enough to steal");
}

/// Everything that a note can carry, effects on every strip, buses, ducking, and samples that are
/// given up while they play.
#[test]
fn effects_buses_and_samples_never_allocate_or_free() {
    let mut mixer = mixer();
    let handle = mixer.samples();
    let ids: Vec<_> = (0..8)
        .map(|n| {
            let data: Arc<[f32]> = Arc::from(vec![0.1 * n as f32; 20_000]);
            // Every other one is a timbre.
            let timbre = Timbre::new(vec![0.01; 300 * MOMENT], stiff(1e-4), 0.1).expect("whole moments");
            let recorded = Sample::new(data, 2, 44_100).expect("it is one");
            let sample = if n % 2 == 0 { recorded } else { Sample::of(timbre.going_round(100..300)) };
            handle.insert(sample).expect("there is room")
        })
        .collect();
    let params: Vec<Params> = Param::ALL
        .chunks(Params::CAPACITY)
        .map(|chunk| {
            chunk.iter().fold(Params::NONE, |params, param| {
                let (least, greatest) = param.range();
                params.with(*param, least + 0.4 * (greatest - least))
            })
        })
        .collect();
    let bus = mixer.bus_slot(1).expect("there are buses");
    let voices = all_voices();
    let mut out = [0.0f32; 2 * 480];
    let mut peak = 0.0f32;
    for n in 0..200u64 {
        let frame = n * 480;
        if n == 100 {
            assert!(ids[..4].iter().all(|id| handle.remove(*id)));
        }
        assert_no_alloc(|| {
            let slot = (n % 8) as u16;
            let (_, voice) = voices[(n % voices.len() as u64) as usize];
            let sample = VoiceKind::Sample { sample: ids[(n % 8) as usize], pitch: 50.0 + (n % 20) as f32 };
            let control = SlotControl::ALL[(n % SlotControl::ALL.len() as u64) as usize];
            let (least, greatest) = control.range();
            let value = least + 0.3 * (greatest - least);
            let duck = CommandKind::Duck {
                key: Some(slot),
                trigger: if n % 2 == 0 { DuckTrigger::Onsets } else { DuckTrigger::Level },
                depth: 0.8,
                attack_frames: 100,
                release_frames: 5_000,
            };
            for command in [
                note_with(frame, slot, 2 * n, voice, params[(n % params.len() as u64) as usize]),
                note_with(frame + 7, slot, 2 * n + 1, sample, params[(n / 2 % params.len() as u64) as usize]),
                Command { frame, slot, kind: CommandKind::Control { control, value, glide_frames: 99 } },
                Command { frame, slot: bus, kind: CommandKind::Control { control, value, glide_frames: 9 } },
                Command { frame, slot, kind: CommandKind::Route { bus: (n % 3) as u16 } },
                Command { frame, slot: bus, kind: duck },
            ] {
                mixer.push(command).expect("there is room");
            }
            mixer.render(&mut out);
            peak = out.iter().fold(peak, |m, x| m.max(x.abs()));
        });
    }
    assert!(peak > 0.1, "it played: {peak}");
    assert_eq!(handle.collect(), 4, "what was given up came back");
}

/// Taking back from a full queue works within the memory of the queue, and gives the room back.
#[test]
fn a_retraction_from_a_full_queue_never_allocates_or_frees() {
    let mut mixer = mixer();
    let commands = mixer.config().commands as u64;
    assert_eq!(commands, 4096);
    let mut out = [0.0f32; 2 * 64];
    let mut taken = 0;
    assert_no_alloc(|| {
        for round in 0..4u64 {
            for n in 0..=commands {
                // Frames in no order, two slots in turn, tempos among them.
                let frame = 10_000 + (n * 7919) % 4093;
                let command = match n % 8 {
                    0 => Command { frame, slot: 0, kind: CommandKind::Tempo { bpm: 100.0 } },
                    _ => note_off(frame, (n % 2) as u16, n),
                };
                taken += u64::from(mixer.push(command).is_ok());
            }
            let kinds =
                [(0, CommandKind::Retract), (1, CommandKind::Retract), (0, CommandKind::RetractTempo)];
            for (slot, kind) in kinds {
                taken += u64::from(mixer.push(Command { frame: 10_000, slot, kind }).is_ok());
            }
            mixer.render(&mut out);
            assert_eq!(taken, (round + 1) * (commands + 3));
        }
    });
}

/// The check itself works: an allocation inside is seen. It runs in a child process, which must
/// abort.
#[test]
fn an_allocation_would_be_seen() {
    const CHILD: &str = "LILT_ALLOCATE_IN_CALLBACK";
    if std::env::var_os(CHILD).is_some() {
        assert_no_alloc(|| std::hint::black_box(vec![1u8; 64]));
        return;
    }
    let this = std::env::current_exe().expect("a running test has a path");
    let status = std::process::Command::new(this)
        .args(["--exact", "an_allocation_would_be_seen"])
        .env(CHILD, "1")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .expect("the test starts itself again");
    assert!(!status.success(), "an allocation went unseen");
}
