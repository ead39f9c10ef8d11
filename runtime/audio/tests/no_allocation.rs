//! The source that runs in the audio callback never touches the allocator: the process aborts if
//! it does.

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use lilt_audio::{Clock, detached};
use lilt_synth::{Command, CommandKind, DrumSound, MixerConfig, Params, VoiceKind};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

#[test]
fn the_callback_never_allocates_or_frees() {
    let (mut source, handle) = detached(MixerConfig { commands: 16, ..MixerConfig::default() });
    let clock = handle.clock();
    let mut peak = 0.0f32;
    assert_no_alloc(|| {
        for n in 0..200u64 {
            for part in 0..4 {
                let drum = DrumSound::ALL[((n + part) % 12) as usize];
                let kind = CommandKind::NoteOn {
                    id: 4 * n + part,
                    voice: VoiceKind::Drum(drum),
                    velocity: 0.9,
                    params: Params::NONE,
                };
                // Slot 80 does not exist: refusing it must not allocate either.
                let slot = if part == 3 { 80 } else { part as u16 };
                let _sent = handle.send(Command { frame: 512 * n + 100 * part, slot, kind });
            }
            for _ in 0..1024 {
                peak = peak.max(source.next().map_or(0.0, f32::abs));
            }
            // Readers on other threads do no more than this.
            std::hint::black_box((clock.now(), handle.status()));
        }
    });
    let status = handle.status();
    assert!(peak > 0.1, "it played: {peak}");
    assert_eq!(status.frame, 200 * 512);
    assert_eq!(status.refused_commands, 200);
}
