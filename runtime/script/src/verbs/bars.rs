//! Parts of bars: turned, squeezed, lingered on, moved a little.

use lilt_score::{Beat, Controls, Pattern, Velocity, random};

use crate::verb::{Given, Kind, Make, Param, Time, Verb};

/// Moved a little, and struck a little harder or softer.
fn humanized(music: &Pattern<Controls>, given: &Given) -> Pattern<Controls> {
    let (most, seed) = (given.number(1), given.seed(2));
    let moved = music.shaken(given.numbers(0), Beat::ONE, seed);
    let hand = seed.child("force");
    Pattern::try_new(move |query| {
        let mut events = moved.query(query)?;
        for event in &mut events {
            let Some(whole) = event.whole else { continue };
            let by = (2.0 * random::noise_at(hand, whole.start / query.bar) - 1.0) * most;
            event.value.velocity = Some(Velocity::new(event.value.struck().value() + by));
        }
        Ok(events)
    })
}

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "iter",
        aliases: &[],
        params: &[Param::whole("parts", 1.0, 64.0, "into how many the bar is cut")],
        summary: "Each bar begins one part further on than the bar before, round and round.",
        example: "play(\"tune\", notes(\"c4 d4 e4 g4\"):iter(4))",
        make: Make::Pattern(|music, given| music.iter(given.whole(0) as u32, false)),
        time: Time::Kept,
    },
    Verb {
        name: "iterBack",
        aliases: &[],
        params: &[Param::whole("parts", 1.0, 64.0, "into how many the bar is cut")],
        summary: "Each bar begins one part earlier than the bar before, round and round.",
        example: "play(\"tune\", notes(\"c4 d4 e4 g4\"):iterBack(4))",
        make: Make::Pattern(|music, given| music.iter(given.whole(0) as u32, true)),
        time: Time::Kept,
    },
    Verb {
        name: "brak",
        aliases: &[],
        params: &[],
        summary: "Every second bar squeezed into half the time, a quarter of a bar late: it sounds broken.",
        example: "play(\"beat\", drums(\"bd sd bd sd\"):brak())",
        make: Make::Pattern(|music, _| {
            Pattern::by_bar(vec![music.clone(), music.compress(Beat::new(1, 4), Beat::new(3, 4))])
        }),
        time: Time::Times(2.0),
    },
    Verb {
        name: "compress",
        aliases: &[],
        params: &[
            Param::number("from", 0.0, 1.0, "where in the bar it begins, 0 to 1"),
            Param::number("to", 0.0, 1.0, "where it ends"),
        ],
        summary: "Each bar squeezed into a part of it, and silence around it.",
        example: "play(\"tune\", notes(\"c4 e4 g4\"):compress(1/4, 3/4))",
        make: Make::Pattern(|music, given| music.compress(given.beat(0), given.beat(1))),
        time: Time::Kept,
    },
    Verb {
        name: "zoom",
        aliases: &["zoomArc"],
        params: &[
            Param::number("from", 0.0, 1.0, "where in the bar it begins, 0 to 1"),
            Param::number("to", 0.0, 1.0, "where it ends"),
        ],
        summary: "A part of each bar, spread over the whole of it.",
        example: "play(\"tune\", notes(\"c4 d4 e4 g4\"):zoom(1/4, 3/4))",
        make: Make::Pattern(|music, given| music.zoom(given.beat(0), given.beat(1))),
        time: Time::Kept,
    },
    Verb {
        name: "linger",
        aliases: &[],
        params: &[Param::number(
            "part",
            -1.0,
            1.0,
            "how much of the bar: its beginning, or its end when negative",
        )],
        summary: "The first part of each bar again and again until the bar is full.",
        example: "play(\"tune\", notes(\"c4 d4 e4 g4\"):linger(\"<.25 .5>\"))",
        make: Make::Pattern(|music, given| music.linger(given.beat(0))),
        time: Time::Times(4.0),
    },
    Verb {
        name: "ribbon",
        aliases: &["rib"],
        params: &[
            Param::number("from", -4096.0, 4096.0, "the first bar, from 0"),
            Param::number("bars", 1.0 / 64.0, 4096.0, "how many").or(1.0),
        ],
        summary: "Some bars out of the music, again and again.",
        example: "play(\"tune\", notes(\"<c4 d4 e4 g4>*2\"):ribbon(1, 2))",
        make: Make::Pattern(|music, given| music.ribbon(given.beat(0), given.beat(1))),
        time: Time::Times(4.0),
    },
    Verb {
        name: "inside",
        aliases: &[],
        params: &[
            Param::number("factor", 1.0 / 64.0, 64.0, "how many times as slow"),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
        ],
        summary: "What the function makes of the music when that many bars of it are one.",
        example: "play(\"tune\", notes(\"c4 d4 e4 g4\"):inside(2, function(p) return p:rev() end))",
        make: Make::Around(
            |music, given| music.slow(given.beat(0)),
            |_, given| given.music(1).fast(given.beat(0)),
        ),
        time: Time::Kept,
    },
    Verb {
        name: "outside",
        aliases: &[],
        params: &[
            Param::number("factor", 1.0 / 64.0, 64.0, "how many bars"),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
        ],
        summary: "What the function makes of the music as if that many bars were one.",
        example: "play(\"tune\", notes(\"<c4 d4 e4 g4>\"):outside(4, function(p) return p:rev() end))",
        make: Make::Around(
            |music, given| music.fast(given.beat(0)),
            |_, given| given.music(1).slow(given.beat(0)),
        ),
        time: Time::Kept,
    },
    Verb {
        name: "swingBy",
        aliases: &[],
        params: &[
            Param::number(
                "amount",
                -1.0,
                1.0,
                "how far, as a part of the half that comes late: 1/3 is a triplet feel",
            ),
            Param::number("parts", 1.0 / 16.0, 64.0, "into how many the bar is cut"),
        ],
        summary: "Of each part of the bar, the second half comes late.",
        example: "play(\"hats\", drums(\"hh*8\"):swingBy(1/3, 4))",
        make: Make::Pattern(|music, given| music.swing(given.number(0), given.beat(1))),
        time: Time::Kept,
    },
    Verb {
        name: "swing",
        aliases: &[],
        params: &[Param::number("parts", 1.0 / 16.0, 64.0, "into how many the bar is cut")],
        summary: "Of each part of the bar, the second half comes late by a third: a triplet feel. The plain function swing(clip, amount) is that of clips.",
        example: "play(\"hats\", drums(\"hh*8\"):swing(4))",
        make: Make::Pattern(|music, given| music.swing(1.0 / 3.0, given.beat(0))),
        time: Time::Kept,
    },
    Verb {
        name: "humanize",
        aliases: &[],
        params: &[
            Param::of(
                "time",
                Kind::Bounded { least: 0.0, most: 1.0 },
                "how far at most, in beats; 0 to 1, and it may move",
            )
            .or(1.0 / 64.0),
            Param::number("velocity", 0.0, 1.0, "how much harder or softer at most").or(0.1),
            Param::of("seed", Kind::Seed, "another number, another throw; the script's own when left out"),
        ],
        summary: "Moves notes a little in time and in force, as hands do.",
        example: "play(\"alive\", notes(\"c4 d4 e4 g4\"):humanize(1/32, 0.2))",
        make: Make::Pattern(humanized),
        time: Time::Kept,
    },
    Verb {
        name: "nudge",
        aliases: &[],
        params: &[Param::of(
            "time",
            Kind::Bounded { least: -1.0, most: 1.0 },
            "how much later each note is, in beats; earlier below 0; -1 to 1, and it may move",
        )],
        summary: "Each note a little later, or earlier: behind the beat, or before it.",
        example: "play(\"beat\", drums(\"bd sd bd sd\"):nudge \"0 0.04\")",
        make: Make::Pattern(|music, given| music.nudged(given.numbers(0), Beat::ONE)),
        time: Time::Kept,
    },
    Verb {
        name: "fill",
        aliases: &[],
        params: &[],
        summary: "Each note lasts until the next begins, a bar at most: the rests between them are filled.",
        example: "play(\"tune\", notes(\"c4 ~ e4 [~ g4]\"):fill()):on \"organ\"",
        make: Make::Pattern(|music, _| music.filled()),
        time: Time::Kept,
    },
    Verb {
        name: "quantize",
        aliases: &[],
        params: &[Param::number("grid", 1.0 / 64.0, 16.0, "the places, in beats").or(0.25)],
        summary: "Each note begins at the nearest place of a grid.",
        example: "play(\"tight\", notes(\"c4 d4 e4\"):quantize(1/2))",
        make: Make::Pattern(|music, given| music.quantized(given.beat(0))),
        time: Time::Kept,
    },
];
