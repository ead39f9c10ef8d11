//! MIDI files as they are written and as they are found.

mod found;
mod written;
