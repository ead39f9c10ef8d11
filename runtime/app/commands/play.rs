//! `lilt play`: one sound, to hear what it is.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use lilt_audio::{Clock, Speaker, SpeakerState};
use lilt_samples::{Bank, DRUM_BANK, Fonts, SoundName};
use lilt_score::{Beat, Control, Drum, Pitch, Tone, Velocity};
use lilt_sequencer::{Action, Instrument, NoteId, Output, SlotId, Strike, Timed};
use lilt_synth::{Mixer, MixerConfig};

use crate::command_line::Play;
use crate::commands::{render, sound_fonts};
use crate::failure::Failure;
use crate::output::pcm::Bits;
use crate::output::sampler::{Patience, Sampler};
use crate::output::sound::SoundRouter;
use crate::place;

/// How long an instrument's note is held, in seconds.
const HELD: f64 = 1.0;
/// General MIDI's key of the bass drum.
const KICK: u8 = 36;
/// How long drums and released notes ring, in seconds.
const RINGS: f64 = 2.0;
/// How long a sound card may take to open.
const OPENS: Duration = Duration::from_secs(5);

/// Plays the sound, or writes it.
pub fn play(words: Play) -> Result<(), Failure> {
    let bank = place::sounds("set.lua".as_ref(), &words.samples);
    for warning in bank.warnings() {
        eprintln!("warning: {warning}");
    }
    let strike = strike(&words, &bank)?;
    match &words.wav {
        Some(path) => {
            let mixer = Mixer::new(render::mixer_config());
            let sampler = Sampler::new(bank, Fonts::default(), mixer.samples(), Patience::Rendering);
            let sampler = sampler.map_err(Failure::of_use)?;
            let mut router = SoundRouter::new(render::SAMPLE_RATE, sampler);
            let events = events(&mut router, strike, 0.0)?;
            let seconds = events.seconds;
            render::write_sound(
                path,
                &rendered(mixer, &mut router, &events.timed, seconds)?,
                Bits::TwentyFour,
            )
        }
        None => aloud(&words, bank, strike),
    }
}

/// What is struck.
fn strike(words: &Play, bank: &Bank) -> Result<Strike, Failure> {
    let note = match &words.note {
        None => None,
        Some(written) => {
            let number = written.parse().ok().and_then(|midi: f64| Pitch::new(midi).ok());
            let pitch = number.or_else(|| written.parse().ok());
            let wrong = || Failure::Use(format!("`{written}` is no pitch: write one such as c4 or 60"));
            Some(pitch.ok_or_else(wrong)?)
        }
    };
    let c4 = Tone::Pitch(note.unwrap_or(Pitch::from_key(60)));
    let struck =
        |tone, output| Strike { output: Some(Arc::new(output)), ..Strike::new(tone, Velocity::new(1.0)) };
    if words.kit {
        let drum: Drum = words.name.parse().map_err(|_| {
            let drums = Drum::ALL.map(|drum| drum.name()).join(" ");
            Failure::Use(format!("the kit has no drum `{}`: it has {drums}", words.name))
        })?;
        return Ok(struck(Tone::Drum(drum), Output::Synth(Instrument::Kit)));
    }
    if let Some(instrument) = Instrument::ALL.into_iter().find(|known| known.name() == words.name) {
        return Ok(struck(c4, Output::Synth(instrument)));
    }
    if let Some((file, instrument)) = sound_fonts::split(&words.name) {
        let preset = sound_fonts::preset(file, instrument)?;
        // Of a kit c4 is a bongo.
        let kit = Tone::Pitch(note.unwrap_or(Pitch::from_key(KICK)));
        let tone = if preset.bank == DRUM_BANK { kit } else { c4 };
        return Ok(struck(tone, Output::Preset(Arc::new(preset))));
    }
    let SoundName { name, number } = SoundName::parse(&words.name).map_err(Failure::of_use)?;
    if let Err(error) = bank.sounds(&name) {
        let nearest = lilt_score::nearest(&name, Instrument::ALL.map(Instrument::name));
        let nearest = nearest.map(|near| format!(" (or the instrument `{near}`)")).unwrap_or_default();
        return Err(Failure::Use(format!("{error}{nearest}")));
    }
    let output = Output::Sample { name: name.into(), pitched: note.is_some() };
    let numbers = [(Control::N, number as f64), (Control::SPEED, words.speed)];
    Ok(Strike { numbers: numbers.into(), ..struck(c4, output) })
}

/// The note's beginning and end, and how long it takes until nothing sounds.
struct Events {
    timed: Vec<Timed>,
    seconds: f64,
}

/// The strike from second `start` on.
fn events(router: &mut SoundRouter, strike: Strike, start: f64) -> Result<Events, Failure> {
    let output = strike.output.clone().ok_or_else(|| Failure::Use("nothing plays this".to_owned()))?;
    let length = match &*output {
        Output::Sample { .. } => {
            let speed = strike.number(Control::SPEED).unwrap_or(1.0).abs();
            match router.sampler().playable(&strike, &output) {
                Some(playable) => {
                    let faster = speed * ((playable.pitch - 60.0) / 12.0).exp2();
                    playable.seconds / faster.max(1.0 / 64.0)
                }
                None => return Err(Failure::Use(router.sampler().take_news().join("\n"))),
            }
        }
        Output::Preset(preset) => match router.sampler().keyed(&strike, preset) {
            Some(_) => HELD,
            None => return Err(Failure::Use(router.sampler().take_news().join("\n"))),
        },
        _ => HELD,
    };
    let (id, tone) = (NoteId(0), strike.tone);
    let at = |seconds, action| Timed { seconds, beat: Beat::ZERO, slot: SlotId(0), action };
    let on =
        Action::NoteOn { id, strike: Arc::new(strike), duration: Beat::ONE, output: Arc::clone(&output) };
    let timed = vec![at(start, on), at(start + length, Action::NoteOff { id, tone, output })];
    Ok(Events { timed, seconds: length + RINGS })
}

fn rendered(
    mut mixer: Mixer,
    router: &mut SoundRouter,
    timed: &[Timed],
    seconds: f64,
) -> Result<Vec<f32>, Failure> {
    for timed in timed {
        for command in router.commands(timed) {
            mixer.push(command).map_err(Failure::of_use)?;
        }
    }
    let mut samples = vec![0.0; 2 * router.frame(seconds) as usize];
    mixer.render(&mut samples);
    Ok(samples)
}

/// Plays the strike through a sound card, and waits until it is over.
fn aloud(words: &Play, bank: Bank, strike: Strike) -> Result<(), Failure> {
    let config: MixerConfig = render::mixer_config();
    let speaker = Speaker::new(words.audio.as_deref(), config).map_err(Failure::of_use)?;
    let handle = speaker.handle();
    let sampler = Sampler::new(bank, Fonts::default(), handle.samples(), Patience::Rendering);
    let sampler = sampler.map_err(Failure::of_use)?;
    let mut router = SoundRouter::new(render::SAMPLE_RATE, sampler);
    let opened = Instant::now();
    loop {
        match speaker.state() {
            SpeakerState::Playing { .. } => break,
            SpeakerState::Opening if opened.elapsed() < OPENS => thread::sleep(Duration::from_millis(10)),
            SpeakerState::Opening => {
                return Err(Failure::Use(
                    "the sound card does not open: write it with --wav FILE".to_owned(),
                ));
            }
            SpeakerState::Silent { why } | SpeakerState::Lost { why } => {
                return Err(Failure::Use(format!("{why}: write it with --wav FILE")));
            }
        }
    }
    let clock = handle.clock();
    let start = clock.seconds_of(handle.reachable_frame()) + 0.1;
    let Events { timed, seconds } = events(&mut router, strike, start)?;
    for timed in &timed {
        for command in router.commands(timed) {
            handle.send(command).map_err(Failure::of_use)?;
        }
    }
    thread::sleep(clock.instant_of(start + seconds).saturating_duration_since(Instant::now()));
    Ok(())
}
