//! Pitches: higher and lower.

use crate::verb::{Make, Param, Time, Verb};

pub(super) const VERBS: &[Verb] = &[Verb {
    name: "transpose",
    aliases: &[],
    params: &[Param::number("semitones", -128.0, 128.0, "how far")],
    summary: "Every pitch higher, or lower when negative; drums stay. What would leave 0 to 127 stays at its \
                  end.",
    example: "play(\"low\", notes(\"c4 e4\"):transpose(-12))",
    make: Make::Event(|controls, given| controls.transposed(given.number(0))),
    time: Time::Kept,
}];
