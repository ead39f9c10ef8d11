//! Chance: events, and bars, that are left out, changed or chosen by it. The same seed, the same events.

use lilt_score::{Controls, Pattern};

use crate::fault::Fault;
use crate::verb::{Given, Kind, Make, Param, Time, Verb};

/// The music and the pieces of parameter `i`, each with its weight; 1 where none is written.
fn all(music: &Pattern<Controls>, given: &Given, i: usize, weights: &[f64]) -> Vec<(f64, Pattern<Controls>)> {
    let pieces = std::iter::once(music).chain(given.musics(i));
    pieces.enumerate().map(|(at, piece)| (weights.get(at).copied().unwrap_or(1.0), piece.clone())).collect()
}

/// The weights as they were written.
fn weights(verb: &str, given: &Given) -> Result<Vec<f64>, Fault> {
    let read = |word: &str| {
        word.parse().ok().filter(|weight: &f64| (0.0..=1e6).contains(weight)).ok_or_else(|| {
            Fault::new(format!("`{verb}` expects weights such as \"3 1\": `{word}` is none"))
                .text(given.text(0))
                .help("write numbers from 0, the first for this music")
        })
    };
    given.text(0).split_whitespace().map(read).collect()
}

/// A verb whose function changes such a share of the events, by chance, while the others stay.
macro_rules! changed_by_chance {
    ($name:literal, $share:literal, $summary:literal, $example:literal) => {
        Verb {
            name: $name,
            aliases: &[],
            params: &[
                Param::of("change", Kind::Change, "a function that takes the music and gives another"),
                Param::of(
                    "seed",
                    Kind::Seed,
                    "another number, another throw; the script's own when left out",
                ),
            ],
            summary: $summary,
            example: $example,
            make: Make::Around(
                |music, given| music.undegrade($share, given.seed(1)),
                |music, given| Pattern::stack(vec![music.degrade($share, given.seed(1)), given.music(0)]),
            ),
            time: Time::Kept,
        }
    };
}

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "degrade",
        aliases: &[],
        params: &[Param::of(
            "seed",
            Kind::Seed,
            "another number, another throw; the script's own when left out",
        )],
        summary: "Leaves out half of the events by chance.",
        example: "play(\"hats\", drums(\"hh*8\"):degrade())",
        make: Make::Pattern(|music, given| music.degrade(0.5, given.seed(0))),
        time: Time::Kept,
    },
    Verb {
        name: "degradeBy",
        aliases: &[],
        params: &[
            Param::number("chance", 0.0, 1.0, "how likely an event is left out, 0 to 1"),
            Param::of("seed", Kind::Seed, "another number, another throw; the script's own when left out"),
        ],
        summary: "Leaves events out by chance.",
        example: "play(\"hats\", drums(\"hh*8\"):degradeBy(0.3))",
        make: Make::Pattern(|music, given| music.degrade(given.number(0), given.seed(1))),
        time: Time::Kept,
    },
    Verb {
        name: "thin",
        aliases: &[],
        params: &[
            Param::number("part", 0.0, 1.0, "how many stay").or(0.5),
            Param::of("seed", Kind::Seed, "another number, another throw; the script's own when left out"),
        ],
        summary: "Leaves events out by chance: so many stay.",
        example: "play(\"hats\", drums(\"hh*8\"):thin(0.7))",
        make: Make::Pattern(|music, given| music.degrade(1.0 - given.number(0), given.seed(1))),
        time: Time::Kept,
    },
    Verb {
        name: "undegradeBy",
        aliases: &[],
        params: &[
            Param::number("chance", 0.0, 1.0, "how likely an event stays, 0 to 1"),
            Param::of("seed", Kind::Seed, "another number, another throw; the script's own when left out"),
        ],
        summary: "Only the events that degradeBy leaves out.",
        example: "play(\"hats\", drums(\"hh*8\"):undegradeBy(0.3))",
        make: Make::Pattern(|music, given| music.undegrade(given.number(0), given.seed(1))),
        time: Time::Kept,
    },
    Verb {
        name: "undegrade",
        aliases: &[],
        params: &[Param::of(
            "seed",
            Kind::Seed,
            "another number, another throw; the script's own when left out",
        )],
        summary: "Only the events that degrade leaves out.",
        example: "play(\"hats\", drums(\"hh*8\"):undegrade())",
        make: Make::Pattern(|music, given| music.undegrade(0.5, given.seed(0))),
        time: Time::Kept,
    },
    Verb {
        name: "sometimesBy",
        aliases: &[],
        params: &[
            Param::number("chance", 0.0, 1.0, "how likely, 0 to 1"),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
            Param::of("seed", Kind::Seed, "another number, another throw; the script's own when left out"),
        ],
        summary: "The function changes events by chance, and the others stay.",
        example: "play(\"beat\", drums(\"bd sd hh sd\"):sometimesBy(0.3, function(p) return p:ply(2) end))",
        make: Make::Around(
            |music, given| music.undegrade(given.number(0), given.seed(2)),
            |music, given| {
                Pattern::stack(vec![music.degrade(given.number(0), given.seed(2)), given.music(1)])
            },
        ),
        time: Time::Kept,
    },
    changed_by_chance!(
        "sometimes",
        0.5,
        "Sometimes, the function changes an event: half of them, by chance.",
        "play(\"beat\", drums(\"bd sd hh sd\"):sometimes(function(p) return p:ply(2) end))"
    ),
    changed_by_chance!(
        "often",
        0.75,
        "Often, the function changes an event: three quarters of them, by chance.",
        "play(\"beat\", drums(\"bd sd hh sd\"):often(function(p) return p:ply(2) end))"
    ),
    changed_by_chance!(
        "rarely",
        0.25,
        "Rarely, the function changes an event: a quarter of them, by chance.",
        "play(\"beat\", drums(\"bd sd hh sd\"):rarely(function(p) return p:ply(2) end))"
    ),
    changed_by_chance!(
        "almostAlways",
        0.9,
        "Almost always, the function changes an event: nine in ten of them, by chance.",
        "play(\"beat\", drums(\"bd sd hh sd\"):almostAlways(function(p) return p:ply(2) end))"
    ),
    changed_by_chance!(
        "almostNever",
        0.1,
        "Almost never, the function changes an event: one in ten of them, by chance.",
        "play(\"beat\", drums(\"bd sd hh sd\"):almostNever(function(p) return p:ply(2) end))"
    ),
    Verb {
        name: "always",
        aliases: &[],
        params: &[Param::of("change", Kind::Change, "a function that takes the music and gives another")],
        summary: "What the function makes of the music, always.",
        example: "play(\"tune\", notes(\"c4 e4\"):always(function(p) return p:fast(2) end))",
        make: Make::Pattern(|_, given| given.music(0)),
        time: Time::Kept,
    },
    Verb {
        name: "never",
        aliases: &[],
        params: &[Param::of("change", Kind::Change, "a function that takes the music and gives another")],
        summary: "The music as it is: the function is left out. For trying things.",
        example: "play(\"tune\", notes(\"c4 e4\"):never(function(p) return p:fast(2) end))",
        make: Make::Pattern(|music, _| music.clone()),
        time: Time::Kept,
    },
    Verb {
        name: "somecyclesBy",
        aliases: &["someCyclesBy"],
        params: &[
            Param::number("chance", 0.0, 1.0, "how likely, 0 to 1"),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
            Param::of("seed", Kind::Seed, "another number, another throw; the script's own when left out"),
        ],
        summary: "In some bars, by chance, what the function makes of the music.",
        example: "play(\"beat\", drums(\"bd sd\"):somecyclesBy(0.3, function(p) return p:fast(2) end))",
        make: Make::Pattern(|music, given| {
            Pattern::by_chance(
                vec![(given.number(0), given.music(1)), (1.0 - given.number(0), music.clone())],
                given.seed(2),
            )
        }),
        time: Time::Kept,
    },
    Verb {
        name: "somecycles",
        aliases: &["someCycles"],
        params: &[
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
            Param::of("seed", Kind::Seed, "another number, another throw; the script's own when left out"),
        ],
        summary: "In half of the bars, by chance, what the function makes of the music.",
        example: "play(\"beat\", drums(\"bd sd\"):somecycles(function(p) return p:fast(2) end))",
        make: Make::Pattern(|music, given| {
            Pattern::by_chance(vec![(0.5, given.music(0)), (0.5, music.clone())], given.seed(1))
        }),
        time: Time::Kept,
    },
    Verb {
        name: "randcat",
        aliases: &["chooseCycles"],
        params: &[Param::of("others", Kind::Musics, "music, or texts of the same notation")],
        summary: "In each bar one of them by chance.",
        example: "play(\"tune\", notes(\"c4 e4\"):randcat(\"g4*4\", \"e4 c4\"))",
        make: Make::Pattern(|music, given| Pattern::by_chance(all(music, given, 0, &[]), given.seed(1))),
        time: Time::Kept,
    },
    Verb {
        name: "wrandcat",
        aliases: &["wchooseCycles"],
        params: &[
            Param::of(
                "weights",
                Kind::Text,
                "how likely each is, as in \"3 1 1\": first this music, then the others",
            ),
            Param::of("others", Kind::Musics, "music, or texts of the same notation"),
        ],
        summary: "In each bar one of them by chance, some more likely than others.",
        example: "play(\"tune\", notes(\"c4 e4\"):wrandcat(\"3 1\", \"g4*4\"))",
        make: Make::Checked(|music, given| {
            Ok(Pattern::by_chance(all(music, given, 1, &weights("wrandcat", given)?), given.seed(2)))
        }),
        time: Time::Kept,
    },
    Verb {
        name: "choose",
        aliases: &[],
        params: &[Param::of("others", Kind::Musics, "music, or texts of the same notation")],
        summary: "At each moment where something begins, one of them by chance.",
        example: "play(\"tune\", notes(\"c4*8\"):choose(\"e4*8\", \"g4*8\"))",
        make: Make::Pattern(|music, given| Pattern::chosen(all(music, given, 0, &[]), given.seed(1))),
        time: Time::Kept,
    },
    Verb {
        name: "wchoose",
        aliases: &[],
        params: &[
            Param::of(
                "weights",
                Kind::Text,
                "how likely each is, as in \"3 1 1\": first this music, then the others",
            ),
            Param::of("others", Kind::Musics, "music, or texts of the same notation"),
        ],
        summary: "At each moment where something begins, one of them by chance, some more likely than others.",
        example: "play(\"tune\", notes(\"c4*8\"):wchoose(\"5 1\", \"g4*8\"))",
        make: Make::Checked(|music, given| {
            Ok(Pattern::chosen(all(music, given, 1, &weights("wchoose", given)?), given.seed(2)))
        }),
        time: Time::Kept,
    },
];
