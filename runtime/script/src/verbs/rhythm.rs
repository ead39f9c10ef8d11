//! Rhythms: when what the music says begins, and whether it is heard.

use lilt_score::{Beat, Control, Controls, Pattern, Pitch, Structure, Tone};

use crate::verb::{Given, Kind, Make, Param, Time, Verb};

/// The steps that the hits leave free.
fn inverse(music: &Pattern<Controls>, given: &Given) -> Pattern<Controls> {
    let (hits, steps) = (given.whole(0), given.whole(1));
    // No hits leave every step free, and there is no -0.
    let free = if hits == 0 { steps } else { -hits };
    music.euclid(free as i32, steps as u32, given.whole(2) as i32)
}

/// One step of the bar.
fn steps(music: &Pattern<Controls>, given: &Given) -> Pattern<Controls> {
    let steps = given.beat(1);
    let step = given.beat(0) % steps;
    music.beat(step / steps, (step + Beat::ONE) / steps)
}

/// MIDI number of middle C.
const MIDDLE_C: f64 = 60.0;

fn inverted(controls: Controls, axis: Option<f64>) -> Controls {
    if let Some(value) = controls.value() {
        return controls.with(Control::VALUE, if value < 0.5 { 1.0 } else { 0.0 });
    }
    let Some(pitch) = controls.tone.and_then(Tone::pitch).map(Pitch::midi) else { return controls };
    if let (Some(scale), Some(degree)) = (controls.scale, controls.get(Control::DEGREE)) {
        let about = axis.map_or(0.0, |axis| scale.nearest_degree(axis) as f64);
        // What was sharpened becomes as flat.
        let sharp = pitch - scale.pitch(degree);
        return controls.in_scale(2.0 * about - degree, scale).transposed(-sharp);
    }
    controls.transposed(2.0 * (axis.unwrap_or(MIDDLE_C) - pitch))
}

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "ply",
        aliases: &[],
        params: &[Param::number("times", 1.0 / 16.0, 64.0, "how many")],
        summary: "Each event so many times in its own time.",
        example: "play(\"beat\", drums(\"bd sd\"):ply(\"<2 3>\"))",
        make: Make::Pattern(|music, given| music.ply(given.beat(0))),
        time: Time::Often,
    },
    Verb {
        name: "segment",
        aliases: &["seg"],
        params: &[Param::whole("steps", 1.0, 256.0, "how many a bar")],
        summary: "So many events a bar, each with what holds where it begins: it turns what flows into steps.",
        example: "play(\"tune\", notes(\"c4 e4\"):segment(8))",
        make: Make::Pattern(|music, given| music.segment(given.whole(0) as u32)),
        time: Time::Often,
    },
    Verb {
        name: "struct",
        aliases: &[],
        params: &[Param::of("when", Kind::Truths, "x where an event begins, ~ where none does")],
        summary: "The values of the music in a rhythm.",
        example: "play(\"tune\", notes(\"<c4 e4>\"):struct(\"x ~ x x\"))",
        make: Make::Pattern(|music, given| music.struct_by(&given.truths(0))),
        time: Time::Kept,
    },
    Verb {
        name: "mask",
        aliases: &[],
        params: &[Param::of("when", Kind::Truths, "1 where it is heard, 0 where it is not")],
        summary: "Only what begins where the text says so.",
        example: "play(\"tune\", notes(\"c4 d4 e4 g4\"):mask(\"1 0 1 1\"))",
        make: Make::Pattern(|music, given| music.mask(&given.truths(0))),
        time: Time::Kept,
    },
    Verb {
        name: "euclid",
        aliases: &[],
        params: &[
            Param::whole("hits", -256.0, 256.0, "how many; the steps that are left free when negative"),
            Param::whole("steps", 1.0, 256.0, "among how many"),
            Param::whole("rotation", -256.0, 256.0, "how many steps later").or(0.0),
        ],
        summary: "Hits spread over steps as evenly as can be. The plain function euclid gives a text.",
        example: "play(\"kick\", drums(\"bd\"):euclid(3, 8))",
        make: Make::Pattern(|music, given| {
            music.euclid(given.whole(0) as i32, given.whole(1) as u32, given.whole(2) as i32)
        }),
        time: Time::Often,
    },
    Verb {
        name: "euclidRot",
        aliases: &[],
        params: &[
            Param::whole("hits", -256.0, 256.0, "how many; the steps that are left free when negative"),
            Param::whole("steps", 1.0, 256.0, "among how many"),
            Param::whole("rotation", -256.0, 256.0, "how many steps later"),
        ],
        summary: "Hits spread over steps as evenly as can be, and moved later.",
        example: "play(\"kick\", drums(\"bd\"):euclidRot(3, 8, 2))",
        make: Make::Pattern(|music, given| {
            music.euclid(given.whole(0) as i32, given.whole(1) as u32, given.whole(2) as i32)
        }),
        time: Time::Often,
    },
    Verb {
        name: "euclidInv",
        aliases: &[],
        params: &[
            Param::whole("hits", -256.0, 256.0, "how many; the steps that are left free when negative"),
            Param::whole("steps", 1.0, 256.0, "among how many"),
            Param::whole("rotation", -256.0, 256.0, "how many steps later").or(0.0),
        ],
        summary: "The steps that the hits of a Euclidean rhythm leave free.",
        example: "play(\"hats\", drums(\"hh\"):euclidInv(3, 8))",
        make: Make::Pattern(inverse),
        time: Time::Times(8.0),
    },
    Verb {
        name: "euclidFull",
        aliases: &[],
        params: &[
            Param::whole("hits", -256.0, 256.0, "how many; the steps that are left free when negative"),
            Param::whole("steps", 1.0, 256.0, "among how many"),
            Param::of("other", Kind::Music, "music, or a text of the same notation"),
        ],
        summary: "Hits spread over steps as evenly as can be, and the other music on the steps between.",
        example: "play(\"beat\", drums(\"bd\"):euclidFull(3, 8, drums \"hh\"))",
        make: Make::Pattern(|music, given| {
            Pattern::stack(vec![
                music.euclid(given.whole(0) as i32, given.whole(1) as u32, 0),
                inverse(&given.music(2), given),
            ])
        }),
        time: Time::Times(8.0),
    },
    Verb {
        name: "euclidLegato",
        aliases: &[],
        params: &[
            Param::whole("hits", -256.0, 256.0, "how many; the steps that are left free when negative"),
            Param::whole("steps", 1.0, 256.0, "among how many"),
            Param::whole("rotation", -256.0, 256.0, "how many steps later").or(0.0),
        ],
        summary: "Hits spread over steps as evenly as can be, each as long as until the next.",
        example: "play(\"bass\", notes(\"c2\"):euclidLegato(3, 8))",
        make: Make::Pattern(|music, given| {
            music.euclid_legato(given.whole(0) as i32, given.whole(1) as u32, given.whole(2) as i32)
        }),
        time: Time::Often,
    },
    Verb {
        name: "rot",
        aliases: &[],
        params: &[Param::whole("places", -256.0, 256.0, "how many; the other way when negative").or(1.0)],
        summary: "What the events of each bar say moved to the events before them, round and round; the rhythm stays.",
        example: "play(\"tune\", notes(\"c4 [d4 e4] g4\"):rot(\"<0 1 2>\"))",
        make: Make::Pattern(|music, given| music.rot(given.whole(0))),
        time: Time::Kept,
    },
    Verb {
        name: "beat",
        aliases: &[],
        params: &[
            Param::number("place", 0.0, 256.0, "which step, from 0"),
            Param::number("steps", 1.0, 256.0, "of how many"),
        ],
        summary: "One event a bar, at a step of the bar, with what holds there.",
        example: "play(\"kick\", drums(\"bd\"):beat(\"0,7,10\", 16))",
        make: Make::Pattern(steps),
        time: Time::Times(1.0),
    },
    Verb {
        name: "restart",
        aliases: &[],
        params: &[Param::of("when", Kind::Truths, "x where it begins anew")],
        summary: "Begins anew with its first bar at each x. Of a slot, restart() is another thing: it begins at its first note where it enters.",
        example: "play(\"tune\", notes(\"c4 d4 e4 g4\"):restart(\"x ~ x ~\"))",
        make: Make::Pattern(|music, given| music.restarted(&given.truths(0))),
        time: Time::Kept,
    },
    Verb {
        name: "invert",
        aliases: &["inv"],
        params: &[Param::of(
            "axis",
            Kind::Pitches,
            "the pitch that stays where it is, or a text of such; c4, or the tonic of the scale, when left out",
        )],
        summary: "A melody upside down, around the axis; in steps of its scale where it has one. Of truths and plain \
                  numbers, 1 becomes 0 and 0 becomes 1.",
        example: "play(\"mirror\", notes(\"c4 e4 g4\"):invert(\"c4\"))",
        make: Make::Pattern(|music, given| match given.numbers_if_any(0) {
            None => music.map(|controls| inverted(controls, None)),
            Some(axis) => music.apply(&axis, Structure::Left, |own, axis| inverted(own.clone(), Some(*axis))),
        }),
        time: Time::Kept,
    },
];
