//! Reckoning with numbers, degrees and pitches.

use lilt_score::{Beat, Control, Controls, Event, Pattern, Span};

use crate::lift::numbers_of;
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
        name: "run",
        aliases: &[],
        params: &[],
        summary: "The numbers from 0 up to the one before this, in one bar.",
        example: "play(\"tune\", run(\"<4 8>\"):scale(\"C minor\"))",
        make: Make::Pattern(|music, _| {
            Pattern::steered(&numbers_of(music), |count| counted(count).map(Controls::number))
        }),
        time: Time::Times(8.0),
    },
    Verb {
        name: "scan",
        aliases: &[],
        params: &[],
        summary: "The numbers up to 0 in the first bar, up to 1 in the second, and so on up to the one before this.",
        example: "play(\"tune\", scan(\"4\"):scale(\"C minor\"))",
        make: Make::Pattern(|music, _| {
            Pattern::steered(&numbers_of(music), |count| {
                let bars = (1..=count.clamp(0.0, 256.0) as i64).map(|count| counted(count as f64));
                Pattern::by_bar(bars.collect()).map(Controls::number)
            })
        }),
        time: Time::Times(8.0),
    },
    Verb {
        name: "smooth",
        aliases: &[],
        params: &[],
        summary: "Numbers that flow in a straight line from each to the next.",
        example: "play(\"pad\", notes(\"c4*8\"):gain(numbers(\"0.2 1\"):smooth()))",
        make: Make::Pattern(|music, _| smoothed(&numbers_of(music)).map(Controls::number)),
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

/// The numbers from 0 up to the one before `count`, in one bar.
fn counted(count: f64) -> Pattern<f64> {
    let count = count.clamp(0.0, 256.0).floor();
    Pattern::saw().segment(count as u32).map(move |phase| (phase * count).round())
}

/// In a straight line from each number to the one that follows it.
fn smoothed(numbers: &Pattern<f64>) -> Pattern<f64> {
    let inner = numbers.clone();
    Pattern::try_new(move |query| {
        let at = query.span.start;
        let first = |from: Beat| {
            let moment = query.over(Span { start: from, end: from + Beat::new(1, 1 << 20) });
            Ok(inner.query(moment)?.into_iter().next())
        };
        let Some(held) = first(at)? else { return Ok(Vec::new()) };
        let Some(whole) = held.whole else { return inner.query(query) };
        let next = first(whole.end)?.map_or(held.value, |next| next.value);
        let part = ((at - whole.start) / whole.length()).to_f64();
        Ok(vec![Event {
            context: held.context,
            ..Event::flowing(query.span, held.value + (next - held.value) * part)
        }])
    })
}

/// The plain number or the degree changed.
fn numbers_mapped(mut controls: Controls, change: impl Fn(f64) -> f64) -> Controls {
    for control in [Control::VALUE, Control::DEGREE] {
        if let Some(value) = controls.get(control) {
            controls.set(control, change(value));
        }
    }
    controls
}
