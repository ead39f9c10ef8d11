//! How fast the mixer renders with all of its voices sounding.
fn main() {}
