//! Several pieces of music as one: at once, in turn, now and then.

use lilt_score::Pattern;

use crate::verb::{Kind, Make, Param, Time, Verb};

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "stack",
        aliases: &[],
        params: &[Param::of("others", Kind::Musics, "music, or texts of the same notation")],
        summary: "All of it at once.",
        example: "play(\"beat\", drums(\"bd sd\"):stack \"hh*8\")",
        make: Make::Pattern(|music, given| {
            Pattern::stack([std::slice::from_ref(music), given.musics(0)].concat())
        }),
        time: Time::Kept,
    },
    Verb {
        name: "cat",
        aliases: &["slowcat"],
        params: &[Param::of("others", Kind::Musics, "music, or texts of the same notation")],
        summary: "One after the other, a bar each.",
        example: "play(\"tune\", notes(\"c4 e4\"):cat(\"g4*4\", \"e4 c4\"))",
        make: Make::Pattern(|music, given| {
            Pattern::slowcat([std::slice::from_ref(music), given.musics(0)].concat())
        }),
        time: Time::Times(1.0),
    },
    Verb {
        name: "every",
        aliases: &["firstOf"],
        params: &[
            Param::whole("bars", 1.0, 256.0, "how many"),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
        ],
        summary: "In the first of so many bars, what the function makes of the music.",
        example: "play(\"beat\", drums(\"bd sd\"):every(4, function(p) return p:fast(2) end))",
        make: Make::Pattern(|music, given| {
            let changed = given.music(1);
            music.every(given.whole(0) as u32, move |_| changed)
        }),
        time: Time::Kept,
    },
];
