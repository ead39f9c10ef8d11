//! What a cell of a chorale can hold: one voice in one sixteenth.

/// Soprano, alto, tenor and bass, from the top.
pub const VOICES: usize = 4;

/// The voices by name, from the top.
pub const VOICE_NAMES: [&str; VOICES] = ["soprano", "alto", "tenor", "bass"];

/// Lowest MIDI pitch of the chorales.
pub const LOWEST: u8 = 36;

/// Highest MIDI pitch of the chorales.
pub const HIGHEST: u8 = 81;

/// Pitches that a cell can hold.
pub const PITCHES: usize = (HIGHEST - LOWEST) as usize + 1;

/// The class of silence, after those of the pitches.
pub const REST: u8 = PITCHES as u8;

/// Classes of a cell: each pitch, and silence.
pub const CLASSES: usize = PITCHES + 1;

/// Cells in a beat.
pub const CELLS_PER_BEAT: usize = 4;

/// Lowest and highest MIDI pitch of each voice in the corpus: what a voice may sing.
pub const RANGES: [(u8, u8); VOICES] = [(60, 81), (52, 74), (46, 69), (36, 66)];

/// The four voices in one sixteenth: a class each.
pub type Frame = [u8; VOICES];

/// The class of a MIDI pitch, or none outside the chorales' range.
pub fn class(pitch: u8) -> Option<u8> {
    (LOWEST..=HIGHEST).contains(&pitch).then(|| pitch - LOWEST)
}

/// The MIDI pitch of a class, or none for silence.
pub fn midi(class: u8) -> Option<u8> {
    (class < REST).then_some(class + LOWEST)
}
