//! The script that is edited while it plays, and what can be heard of each of its two states.

use std::fmt;

/// Notes a beat of the stream: one each 15.6 ms at [`TEMPO`].
pub const NOTES_A_BEAT: u32 = 32;
/// Beats a minute.
pub const TEMPO: f64 = 120.0;
/// Name of the MIDI port, which is the recorder's.
pub const MIDI_PORT: &str = "soundcheck";

/// The two states between which every edit changes. The pitches are such that neither is near a
/// harmonic of the other: 1,047 Hz and 1,568 Hz, a fifth apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The stream is low, and the tone soft.
    Low,
    /// The stream is high, and the tone loud.
    High,
}

impl State {
    /// The other one.
    pub fn other(self) -> State {
        match self {
            State::Low => State::High,
            State::High => State::Low,
        }
    }

    /// MIDI number of the notes of the stream.
    pub fn pitch(self) -> u8 {
        match self {
            State::Low => 84,
            State::High => 91,
        }
    }

    /// Frequency of the notes of the stream, in hertz.
    pub fn hertz(self) -> f64 {
        440.0 * 2f64.powf((f64::from(self.pitch()) - 69.0) / 12.0)
    }

    /// Gain of the tone. The two are 20 dB apart.
    fn gain(self) -> f64 {
        match self {
            State::Low => 0.05,
            State::High => 0.5,
        }
    }
}

/// Where an edit may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantum {
    /// As soon as can be.
    Now,
    /// At the next beat.
    Beat,
}

impl fmt::Display for Quantum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Quantum::Now => "now",
            Quantum::Beat => "beat",
        })
    }
}

/// The script's text. On the left a stream of short notes, whose pitch is the state; on the right
/// a tone, whose gain is the state; over MIDI, where it is asked for, the stream once more. No two
/// edits have the same text.
pub fn script(quantum: Quantum, state: State, edit: usize, midi: bool) -> String {
    let (pitch, gain) = (state.pitch(), state.gain());
    let stream =
        format!("clip {{ {{ pitch = {pitch}, duration = 1/{NOTES_A_BEAT} }}, length = 1/{NOTES_A_BEAT} }}");
    let mut text = format!(
        "-- edit {edit}\ntempo({TEMPO})\nquantum \"{quantum}\"\n\
         play(\"stream\", {stream}):on(synth \"keys\"):pan(-1):gain(0.5)\n\
         play(\"tone\", clip {{ {{ pitch = 72, duration = 1 }}, length = 1 }}):on(synth \"lead\"):pan(1):gain({gain})\n"
    );
    if midi {
        text.push_str(&format!("play(\"notes\", {stream}):midi(\"{MIDI_PORT}\", 1)\n"));
    }
    text
}
