//! ABC notation, read from text.
