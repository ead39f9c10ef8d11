//! Reckoning with numbers, degrees and pitches.

use lilt_score::{Control, Controls, Pattern};

use crate::verb::{Given, Kind, Make, Param, Time, Verb};

/// What every verb of arithmetic takes.
const OPERAND: &[Param] = &[
    Param::of("other", Kind::Music, "a number, a text of numbers, a signal, or other music"),
    Param::of(
        "options",
        Kind::Structure,
        "{ from = \"left\" }: who says when: this music (\"left\"), the other (\"right\"), \"both\", or \"squeeze\" for a bar of the other in each event",
    ),
];

fn combined(music: &Pattern<Controls>, given: &Given, operation: fn(f64, f64) -> f64) -> Pattern<Controls> {
    music.apply(&given.music(0), given.structure(1), move |own, other| own.clone().combine(other, operation))
}

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "add",
        aliases: &[],
        params: OPERAND,
        summary: "Numbers added: to numbers, degrees or pitches. The same as music + other.",
        example: "play(\"tune\", notes(\"c4 e4\"):add(\"<0 7>\"))",
        make: Make::Pattern(|music, given| combined(music, given, |a, b| a + b)),
        time: Time::Kept,
    },
    Verb {
        name: "sub",
        aliases: &[],
        params: OPERAND,
        summary: "Numbers taken away. The same as music - other.",
        example: "play(\"tune\", notes(\"c4 e4\"):sub(\"<0 5>\"))",
        make: Make::Pattern(|music, given| combined(music, given, |a, b| a - b)),
        time: Time::Kept,
    },
    Verb {
        name: "mul",
        aliases: &[],
        params: OPERAND,
        summary: "Numbers multiplied. The same as music * other.",
        example: "play(\"tune\", \"c4*8\"):gain(sine:mul(0.5))",
        make: Make::Pattern(|music, given| combined(music, given, |a, b| a * b)),
        time: Time::Kept,
    },
    Verb {
        name: "div",
        aliases: &[],
        params: OPERAND,
        summary: "Numbers divided; by 0 is 0. The same as music / other.",
        example: "play(\"tune\", \"c4*8\"):gain(sine:div(2))",
        make: Make::Pattern(|music, given| combined(music, given, |a, b| if b == 0.0 { 0.0 } else { a / b })),
        time: Time::Kept,
    },
    Verb {
        name: "mod",
        aliases: &[],
        params: OPERAND,
        summary: "What is left of numbers when they are divided. The same as music % other.",
        example: "play(\"tune\", notes(\"c4 e4\"):mod(60))",
        make: Make::Pattern(|music, given| {
            combined(music, given, |a, b| if b == 0.0 { 0.0 } else { a - b * (a / b).floor() })
        }),
        time: Time::Kept,
    },
    Verb {
        name: "set",
        aliases: &[],
        params: OPERAND,
        summary: "All that the other says, in place of what this says.",
        example: "play(\"tune\", notes(\"c4*4\"):gain(0.5):set(notes(\"e4\"), { from = \"left\" }))",
        make: Make::Pattern(|music, given| {
            music.apply(&given.music(0), given.structure(1), |own, other| own.clone().union(other))
        }),
        time: Time::Kept,
    },
    Verb {
        name: "range",
        aliases: &[],
        params: &[
            Param::number("low", -1e9, 1e9, "what 0 becomes"),
            Param::number("high", -1e9, 1e9, "what 1 becomes"),
        ],
        summary: "Numbers from 0 to 1 spread from low to high.",
        example: "play(\"pad\", \"c4\"):on(\"pad\"):lowpass(sine(16):range(200, 4000))",
        make: Make::Event(|controls, given| {
            let (low, high) = (given.number(0), given.number(1));
            numbers_mapped(controls, |value| low + value * (high - low))
        }),
        time: Time::Kept,
    },
    Verb {
        name: "round",
        aliases: &[],
        params: &[],
        summary: "Numbers rounded to the nearest whole one.",
        example: "play(\"tune\", notes(\"c4*8\"):add(sine:range(0, 7):round()))",
        make: Make::Event(|controls, _| numbers_mapped(controls, f64::round)),
        time: Time::Kept,
    },
];

/// The plain number or the degree changed.
fn numbers_mapped(mut controls: Controls, change: impl Fn(f64) -> f64) -> Controls {
    for control in [Control::VALUE, Control::DEGREE] {
        if let Some(value) = controls.get(control) {
            controls.set(control, change(value));
        }
    }
    controls
}
