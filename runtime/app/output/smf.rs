//! The performance as a standard MIDI file that another program opens.

use lilt_score::smf::{self, Track};
use lilt_score::{Beat, Note};
use lilt_sequencer::{Action, Instrument, Output};

use crate::offline::Performed;

/// Channel of the drums, as musicians count (General MIDI level 1).
const DRUM_CHANNEL: u8 = 10;

/// One track a slot, named after it; drums on channel 10, every other slot on a
/// channel of its own as long as there are any.
pub fn bytes(performed: &Performed) -> Vec<u8> {
    let mut channels = (1..=16).filter(|channel| *channel != DRUM_CHANNEL).cycle();
    let mut tracks = Vec::new();
    for slot in &performed.slots {
        let mut output = None;
        let mut notes = Vec::new();
        for timed in performed.timed.iter().filter(|timed| timed.slot == slot.id) {
            match &timed.action {
                Action::Route { output: to } => output = Some(to.clone()),
                Action::NoteOn { strike, duration, .. } => {
                    let left = performed.beats - timed.beat;
                    let duration = (*duration).min(left).max(Beat::new(1, 480));
                    let (tone, velocity) = (strike.tone, strike.velocity);
                    notes.push(Note { start: timed.beat, duration, tone, velocity });
                }
                _ => {}
            }
        }
        if notes.is_empty() {
            continue;
        }
        let drums = notes.iter().all(|note| note.tone.pitch().is_none());
        let channel = match &output {
            _ if drums => DRUM_CHANNEL,
            Some(Output::Midi { channel, .. }) => *channel,
            _ => channels.next().unwrap_or(1),
        };
        let program = output.as_ref().and_then(Output::instrument).map_or(0, general_midi);
        tracks.push(Track { name: slot.name.clone(), notes, channel, program: Some(program) });
    }
    let tempos: Vec<(Beat, f64)> = performed.tempos.iter().map(|(beat, _, bpm)| (*beat, *bpm)).collect();
    smf::write(&tracks, &tempos, performed.meter)
}

/// The nearest instrument of General MIDI level 1, counted from 0.
fn general_midi(instrument: Instrument) -> u8 {
    match instrument {
        Instrument::Pluck => 24,
        Instrument::Bass => 38,
        Instrument::Pad => 89,
        Instrument::Keys => 4,
        Instrument::Lead => 81,
        Instrument::Bell => 14,
        Instrument::Kit => 0,
    }
}
