//! Recorded sounds of a performance that cannot be heard: their files are opened, as whoever plays them would.

use std::collections::HashSet;

use lilt_score::Control;
use lilt_script::{Diagnostic, Severity};
use lilt_sequencer::{Action, Output, Strike};
use lilt_synth::{Mixer, MixerConfig};

use super::Performed;
use crate::output::sampler::{Patience, Sampler};

/// What is wrong with sounds that are played, each once, at the line of the slot that plays it first.
pub(super) fn unheard(performed: &Performed, text: &str, file: &str) -> Vec<Diagnostic> {
    // The sounds are put into a mixer that nobody listens to.
    let mixer =
        Mixer::new(MixerConfig { slots: 1, buses: 0, voices: 1, commands: 1, ..MixerConfig::default() });
    let (sounds, fonts) = (performed.sounds.clone(), performed.fonts.clone());
    let mut sampler = match Sampler::new(sounds, fonts, mixer.samples(), Patience::Rendering) {
        Ok(sampler) => sampler,
        Err(error) => return vec![Diagnostic::at_line(file, 1, format!("sounds cannot be read: {error}"))],
    };
    let listing: HashSet<&String> = performed.sounds.warnings().iter().collect();
    let (mut asked, mut told) = (HashSet::new(), Vec::new());
    for timed in &performed.timed {
        let Action::NoteOn { strike, output, .. } = &timed.action else { continue };
        let name = match &**output {
            Output::Sample { name, .. } => name,
            Output::Preset(preset) => &preset.name,
            Output::Synth(_) | Output::Timbre(_) | Output::Midi { .. } | Output::Osc(_) | Output::Bus => {
                continue;
            }
        };
        if !asked.insert(wanted(strike, output)) {
            continue;
        }
        match &**output {
            Output::Preset(preset) => drop(sampler.keyed(strike, preset)),
            output => drop(sampler.playable(strike, output)),
        }
        let line = performed.slots.iter().find(|slot| slot.id == timed.slot).map_or(1, |slot| slot.line);
        let news = sampler.take_news().into_iter().filter(|news| !listing.contains(news));
        told.extend(news.map(|news| at_name(text, file, line, name, news)));
    }
    told
}

/// What tells one sound that is asked for from another, as far as notes tell it.
fn wanted(strike: &Strike, output: &Output) -> String {
    let number = strike.number(Control::N).unwrap_or(0.0);
    match output {
        Output::Sample { name, pitched: false } => format!("{name}:{number}"),
        Output::Sample { name, .. } => format!("{name}:{number} {:?}", strike.tone),
        Output::Preset(preset) => format!("{} {}:{}", preset.file, preset.bank, preset.program),
        _ => String::new(),
    }
}

/// The message, with its caret under the name where that stands on the line.
fn at_name(text: &str, file: &str, line: u32, name: &str, message: String) -> Diagnostic {
    let mut told = Diagnostic { severity: Severity::Error, ..Diagnostic::at_line(file, line, message) };
    let written = text.lines().nth(line.saturating_sub(1) as usize).unwrap_or("");
    if let Some(at) = written.find(name) {
        told.column = written[..at].chars().count() as u32 + 1;
        told.end_column = told.column + name.chars().count() as u32;
    }
    told
}
