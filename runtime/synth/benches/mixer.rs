//! How fast the mixer renders with all of its voices sounding: one second of 64 voices at 48 kHz.
//! The throughput in elements a second is frames; divided by 48,000 it is how many times faster
//! than real time.

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use lilt_synth::{
    Command, CommandKind, DrumSound, Instrument, MOMENT, Mixer, MixerConfig, Param, Params, Sample,
    SlotControl, Timbre, VoiceKind, stiff,
};

const FRAMES: usize = 48_000;

/// A mixer in which 64 voices have just begun on eight slots, with filters and sends in use.
fn busy(voice: impl Fn(usize) -> VoiceKind) -> Mixer {
    let mut mixer = Mixer::new(MixerConfig::default());
    let mut push = |slot: usize, kind| {
        let command = Command { frame: 0, slot: slot as u16, kind };
        mixer.push(command).expect("the queue has room for 88");
    };
    for slot in 0..8 {
        for (control, value) in [
            (SlotControl::Lowpass, 6_000.0),
            (SlotControl::Delay, 0.3),
            (SlotControl::Pan, -0.5 + 0.125 * slot as f32),
        ] {
            let glide_frames = 0;
            push(slot, CommandKind::Control { control, value, glide_frames });
        }
    }
    for n in 0..64 {
        let kind = CommandKind::NoteOn { id: n as u64, voice: voice(n), velocity: 0.8, params: Params::NONE };
        push(n % 8, kind);
    }
    mixer
}

fn pitched(instrument: Instrument, n: usize) -> VoiceKind {
    let pitch = 40.0 + (n % 40) as f32;
    VoiceKind::Pitched { instrument, pitch }
}

fn mixed(n: usize) -> VoiceKind {
    match n % 8 {
        6 => VoiceKind::Drum(DrumSound::Crash),
        7 => VoiceKind::Drum(DrumSound::Ride),
        i => pitched(Instrument::ALL[i], n),
    }
}

/// 16 timbres of 100 partials and 64 bands of noise, none of which is silent.
fn timbres() -> Mixer {
    let mut mixer = Mixer::new(MixerConfig::default());
    let moments = (0..250 * MOMENT).map(|i| 1e-3 * (1 + i % 7) as f32).collect();
    let timbre = Timbre::new(moments, stiff(0.0), 0.2).expect("whole moments").going_round(0..250);
    let sample = mixer.samples().insert(Sample::of(timbre)).expect("there is room");
    for n in 0..16 {
        // The hundredth partial of the highest lies below Nyquist.
        let voice = VoiceKind::Sample { sample, pitch: 36.0 + n as f32 };
        let kind = CommandKind::NoteOn { id: n, voice, velocity: 0.8, params: Params::NONE };
        mixer.push(Command { frame: 0, slot: n as u16 % 8, kind }).expect("there is room");
    }
    mixer
}

fn second_of_sound(c: &mut Criterion) {
    let mut group = c.benchmark_group("one second");
    group.throughput(Throughput::Elements(FRAMES as u64));
    group.sample_size(10);
    let mut out = vec![0.0f32; 2 * FRAMES];
    let mut bench = |name: String, voice: &dyn Fn(usize) -> VoiceKind| {
        group.bench_function(name, |b| {
            b.iter_batched_ref(|| busy(voice), |mixer| mixer.render(&mut out), BatchSize::LargeInput);
        });
    };
    bench("64 mixed".to_owned(), &mixed);
    for instrument in Instrument::ALL.iter().filter(|i| **i != Instrument::Kit) {
        bench(format!("64 {}", instrument.name()), &|n| pitched(*instrument, n));
    }
    group.bench_function("16 timbres", |b| {
        b.iter_batched_ref(timbres, |mixer| mixer.render(&mut out), BatchSize::LargeInput);
    });
    bench_effects(&mut group, &mut out);
    group.finish();
}

/// Two effects for each of 64 voices: of the notes themselves, and of 64 slots with one voice each.
fn bench_effects(group: &mut BenchmarkGroup<'_, WallTime>, out: &mut [f32]) {
    let voices = |slots: usize, params: Params, controls: &[(SlotControl, f32)]| {
        let mut mixer = Mixer::new(MixerConfig::default());
        for slot in 0..slots {
            for (control, value) in controls {
                let kind = CommandKind::Control { control: *control, value: *value, glide_frames: 0 };
                mixer.push(Command { frame: 0, slot: slot as u16, kind }).expect("there is room");
            }
        }
        for n in 0..64 {
            let kind = CommandKind::NoteOn { id: n as u64, voice: mixed(n), velocity: 0.8, params };
            mixer.push(Command { frame: 0, slot: (n % slots) as u16, kind }).expect("there is room");
        }
        mixer
    };
    let of_notes = Params::NONE.with(Param::Lowpass, 3_000.0).with(Param::Distort, 0.3);
    group.bench_function("64 voices, lowpass and distortion of each note", |b| {
        b.iter_batched_ref(|| voices(8, of_notes, &[]), |mixer| mixer.render(out), BatchSize::LargeInput);
    });
    let of_slots = [(SlotControl::Chorus, 0.5), (SlotControl::Phaser, 0.5)];
    group.bench_function("64 voices, chorus and phaser on each of 64 slots", |b| {
        let mixer = || voices(64, Params::NONE, &of_slots);
        b.iter_batched_ref(mixer, |mixer| mixer.render(out), BatchSize::LargeInput);
    });
}

criterion_group!(benches, second_of_sound);
criterion_main!(benches);
