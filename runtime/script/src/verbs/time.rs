//! Music in another time: faster, slower, earlier, later, backwards.

use lilt_score::Pattern;

use crate::verb::{Make, Param, Time, Verb};

const FACTOR: &[Param] = &[Param::number("factor", 1.0 / 64.0, 64.0, "how many times")];

const BARS: &[Param] = &[Param::number("bars", -256.0, 256.0, "how far, in bars")];

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "fast",
        aliases: &[],
        params: FACTOR,
        summary: "So many times as fast.",
        example: "play(\"beat\", drums(\"bd sd\"):fast(2))",
        make: Make::Pattern(|music, given| music.fast(given.beat(0))),
        time: Time::Faster,
    },
    Verb {
        name: "slow",
        aliases: &[],
        params: FACTOR,
        summary: "So many times as slow: it takes that many bars.",
        example: "play(\"beat\", drums(\"bd sd hh sd\"):slow(2))",
        make: Make::Pattern(|music, given| music.slow(given.beat(0))),
        time: Time::Slower,
    },
    Verb {
        name: "early",
        aliases: &[],
        params: BARS,
        summary: "So many bars earlier; later when negative.",
        example: "play(\"tune\", notes(\"c4 e4\"):early(1/4))",
        make: Make::Pattern(|music, given| music.early_bars(given.beat(0))),
        time: Time::Kept,
    },
    Verb {
        name: "late",
        aliases: &[],
        params: BARS,
        summary: "So many bars later; earlier when negative.",
        example: "play(\"tune\", notes(\"c4 e4\"):late(1/4))",
        make: Make::Pattern(|music, given| music.late_bars(given.beat(0))),
        time: Time::Kept,
    },
    Verb {
        name: "later",
        aliases: &[],
        params: &[Param::number("beats", -1024.0, 1024.0, "how far, in beats")],
        summary: "So many beats later; earlier when negative.",
        example: "play(\"echo\", notes(\"c4 e4\"):later(1/2))",
        make: Make::Pattern(|music, given| music.late(given.beat(0))),
        time: Time::Kept,
    },
    Verb {
        name: "rev",
        aliases: &[],
        params: &[],
        summary: "Each bar backwards.",
        example: "play(\"tune\", notes(\"c4 e4 g4\"):rev())",
        make: Make::Pattern(|music, _| music.rev()),
        time: Time::Kept,
    },
    Verb {
        name: "palindrome",
        aliases: &[],
        params: &[],
        summary: "Every second bar backwards.",
        example: "play(\"tune\", notes(\"c4 e4 g4\"):palindrome())",
        make: Make::Pattern(|music, _| Pattern::by_bar(vec![music.clone(), music.rev()])),
        time: Time::Kept,
    },
];
