//! What a note says of its own sound is heard, on that note alone.

mod listening;

use lilt_synth::{CommandKind, DrumSound, Instrument, Param, Params, VoiceKind};
use listening::*;

/// One dry note with parameters, let go after half of `seconds`.
fn with(voice: VoiceKind, params: Params, seconds: f32) -> Heard {
    let mut mixer = mixer();
    for command in [
        control(0, 0, lilt_synth::SlotControl::Reverb, 0.0, 0),
        note_with(0, 0, 1, voice, params),
        note_off((0.5 * seconds * RATE as f32) as u64, 0, 1),
    ] {
        mixer.push(command).expect("an empty queue has room");
    }
    render(&mut mixer, seconds)
}

fn one(param: Param, value: f32) -> Params {
    Params::NONE.with(param, value)
}

/// Every parameter that an instrument lists changes what is heard; those it does not list do not.
#[test]
fn an_instrument_understands_what_it_lists_and_nothing_else() {
    // Parameters that only show beside another.
    let beside = |param: Param| match param {
        Param::FilterAttack | Param::FilterDecay | Param::FilterSustain | Param::FilterRelease => {
            let quick = Params::NONE.with(Param::FilterAttack, 0.01);
            quick.with(Param::Cutoff, 400.0).with(Param::FilterEnvelope, 3.0)
        }
        Param::VibratoRate => one(Param::VibratoDepth, 80.0),
        Param::Spread | Param::Detune => one(Param::Unison, 3.0),
        Param::Resonance => one(Param::Cutoff, 700.0),
        Param::Decay => one(Param::Attack, 0.01).with(Param::Sustain, 0.3),
        Param::Sustain => one(Param::Attack, 0.01),
        _ => Params::NONE,
    };
    for instrument in Instrument::ALL {
        let voices = match instrument {
            Instrument::Kit => vec![VoiceKind::Drum(DrumSound::BassDrum), VoiceKind::Drum(DrumSound::Snare)],
            _ => vec![pitched(instrument, home(instrument))],
        };
        let untouched: Vec<Heard> = voices.iter().map(|voice| with(*voice, Params::NONE, 0.4)).collect();
        for param in Param::ALL.iter().copied() {
            // A glide needs a note before; a group another note; the rest is for samples or slots.
            let elsewhere = [Param::Glide, Param::Cut, Param::RingFrequency, Param::TremoloRate];
            if elsewhere.contains(&param) || param.slot_control().is_some() {
                continue;
            }
            if param == Param::Resonance && !instrument.params().contains(&param) {
                continue;
            }
            let base = beside(param);
            let (least, greatest) = param.range();
            let value = match param {
                Param::Unison => 4.0,
                Param::Tune => 7.0,
                Param::Click => 0.9,
                Param::Lowpass | Param::Cutoff => 900.0,
                Param::Highpass | Param::Bandpass => 800.0,
                Param::Vowel => 3.0,
                Param::VibratoRate => 9.0,
                Param::FilterSustain => 0.9,
                Param::Sustain => 0.2,
                Param::Attack | Param::Release => 0.3,
                Param::FilterRelease => 0.17,
                Param::Decay | Param::FmDecay | Param::FilterAttack | Param::FilterDecay => 0.11,
                _ => least + 0.3 * (greatest - least),
            };
            let differs = voices.iter().zip(&untouched).any(|(voice, untouched)| {
                let beside = (!base.is_empty()).then(|| with(*voice, base, 0.4));
                let plain = beside.as_ref().unwrap_or(untouched);
                let changed = with(*voice, base.with(param, value), 0.4);
                plain.left != changed.left || plain.right != changed.right
            });
            let name = (instrument.name(), param.name());
            assert_eq!(differs, instrument.understands(param), "{name:?}");
        }
    }
}

#[test]
fn an_envelope_is_as_long_as_asked() {
    for instrument in PITCHED {
        let voice = pitched(instrument, home(instrument));
        let slow = with(voice, one(Param::Attack, 0.4), 1.0).left;
        let early = rms(&slow[..2_400]);
        let late = rms(&slow[14_400..24_000]);
        assert!(early < 0.4 * late || early < 0.002, "{}: {early} {late}", instrument.name());
        let short = with(voice, one(Param::Release, 0.02), 1.0).left;
        assert!(decibels(peak(&short[33_600..])) < -60.0, "{} rings on", instrument.name());
        let gone = one(Param::Attack, 0.01).with(Param::Decay, 0.1).with(Param::Sustain, 0.0);
        let gone = with(voice, gone, 1.0).left;
        assert!(decibels(peak(&gone[14_400..])) < -60.0, "{} is held", instrument.name());
    }
}

/// Those have little for a filter to take away.
const PURE: [Instrument; 3] = [Instrument::Sine, Instrument::Triangle, Instrument::Sub];

#[test]
fn filters_and_drive_do_what_they_say_on_every_instrument() {
    for instrument in PITCHED.into_iter().filter(|i| !PURE.contains(i)) {
        let voice = pitched(instrument, 48.0);
        let bright = |params| brightness(&with(voice, params, 0.5).left[2_400..12_000]);
        let still = Params::NONE.with(Param::FilterEnvelope, 0.0).with(Param::Resonance, 0.0);
        let open = bright(still.with(Param::Cutoff, 12_000.0));
        let closed = bright(still.with(Param::Cutoff, 180.0));
        assert!(closed < 0.75 * open, "{}: {closed} of {open}", instrument.name());
        let dark = still.with(Param::Cutoff, 180.0);
        let swept = bright(dark.with(Param::FilterEnvelope, 4.0).with(Param::FilterDecay, 2.0));
        assert!(swept > 1.1 * closed, "{}: {closed} swept to {swept}", instrument.name());
    }
}

#[test]
fn a_glide_comes_from_the_last_note_of_the_slot() {
    let mut mixer = mixer();
    let glide = one(Param::Glide, 0.2);
    let saw = |pitch| pitched(Instrument::Sine, pitch);
    for command in [
        note_with(0, 0, 1, saw(57.0), one(Param::Sustain, 0.0).with(Param::Decay, 0.02)),
        note_with(0, 1, 1, saw(81.0), one(Param::Gain, 0.0)),
        note_with(9_600, 0, 2, saw(69.0), glide),
    ] {
        mixer.push(command).expect("there is room");
    }
    let heard = render(&mut mixer, 0.6).mono();
    let at = |from: usize, hertz: f64| magnitude(&heard[from..from + 2_400], hertz);
    assert!(at(9_700, 228.0) > 3.0 * at(9_700, 440.0), "it begins an octave below");
    assert!(at(22_000, 440.0) > 10.0 * at(22_000, 228.0), "and arrives");
}

#[test]
fn gain_and_pan_are_the_notes_own() {
    let voice = pitched(Instrument::Keys, 60.0);
    // Soft enough for the compressor of the master to keep out of it.
    let plain = with(voice, one(Param::Gain, 0.2), 0.4);
    let half = with(voice, one(Param::Gain, 0.1), 0.4);
    assert!((rms(&half.left) / rms(&plain.left) - 0.5).abs() < 0.02);
    let mut mixer = mixer();
    for command in [
        control(0, 0, lilt_synth::SlotControl::Reverb, 0.0, 0),
        note_with(0, 0, 1, pitched(Instrument::Sine, 60.0), one(Param::Pan, -1.0)),
        note_with(0, 0, 2, pitched(Instrument::Sine, 72.0), one(Param::Pan, 1.0)),
    ] {
        mixer.push(command).expect("there is room");
    }
    let heard = render(&mut mixer, 0.4);
    let (low, high) = (261.63, 523.25);
    let rest = |x: &[f32], a, b| magnitude(x, a) / magnitude(x, b);
    assert!(rest(&heard.left[4_800..], low, high) > 100.0);
    assert!(rest(&heard.right[4_800..], high, low) > 100.0);
}

#[test]
fn a_note_sends_by_itself() {
    for param in [Param::Reverb, Param::Delay] {
        let voice = VoiceKind::Drum(DrumSound::Rimshot);
        let tail = |params| rms(&with(voice, params, 1.5).left[18_100..48_000]);
        assert!(tail(one(param, 0.8)) > 50.0 * tail(Params::NONE).max(1e-6), "{}", param.name());
    }
}

#[test]
fn a_choke_group_has_one_voice() {
    let mut mixer = mixer();
    let cut = |n| one(Param::Cut, n);
    let pad = pitched(Instrument::Saw, 60.0);
    for (n, (slot, params)) in [(0, cut(1.0)), (0, cut(1.0)), (0, cut(2.0)), (1, cut(1.0)), (0, Params::NONE)]
        .into_iter()
        .enumerate()
    {
        mixer.push(note_with(1_000 * n as u64, slot, n as u64, pad, params)).expect("there is room");
    }
    render(&mut mixer, 0.3);
    assert_eq!(mixer.meters().active_voices, 4);
}

/// A parameter of the slot is set when the note begins, and taken back with the note.
#[test]
fn parameters_of_the_slot_come_with_the_note() {
    let size = |value| one(Param::Chorus, value);
    let voice = pitched(Instrument::Saw, 60.0);
    let plain = with(voice, size(0.0), 0.5);
    assert!(with(voice, size(0.8), 0.5).left != plain.left);
    let mut mixer = mixer();
    mixer.push(note_with(0, 0, 1, voice, size(0.8))).expect("there is room");
    let back = lilt_synth::Command { frame: 0, slot: 0, kind: CommandKind::Retract };
    for command in [
        back,
        control(0, 0, lilt_synth::SlotControl::Reverb, 0.0, 0),
        note_with(0, 0, 1, voice, Params::NONE),
    ] {
        mixer.push(command).expect("there is room");
    }
    mixer.push(note_off(12_000, 0, 1)).expect("there is room");
    assert!(render(&mut mixer, 0.5).left == plain.left);
}
