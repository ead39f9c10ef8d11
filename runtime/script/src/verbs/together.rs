//! Several pieces of music as one: at once, in turn, now and then.

use lilt_score::{Beat, Controls, Pattern};

use crate::lift::numbers_of;
use crate::verb::{Kind, Make, Param, Time, Verb};

/// The music among the others, a bar each: the last of them all in the first round.
fn toured(music: &Pattern<Controls>, others: &[Pattern<Controls>]) -> Pattern<Controls> {
    let rounds = (0..=others.len()).rev().flat_map(|place| {
        let (before, after) = others.split_at(place);
        [before, std::slice::from_ref(music), after].concat()
    });
    Pattern::slowcat(rounds.collect())
}

/// Which of so many a number means.
fn which(number: f64, count: usize) -> usize {
    (number.max(0.0) as usize).min(count.saturating_sub(1))
}

fn picked(numbers: &Pattern<Controls>, others: &[Pattern<Controls>]) -> Pattern<Controls> {
    let others = others.to_vec();
    Pattern::steered(&numbers_of(numbers), move |number| {
        others.get(which(number, others.len())).cloned().unwrap_or_else(Pattern::silence)
    })
}

fn squeezed(numbers: &Pattern<Controls>, others: &[Pattern<Controls>]) -> Pattern<Controls> {
    let others = others.to_vec();
    numbers_of(numbers).squeezed_by(move |number| {
        others.get(which(*number, others.len())).cloned().unwrap_or_else(Pattern::silence)
    })
}

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
        name: "fastcat",
        aliases: &["sequence"],
        params: &[Param::of("others", Kind::Musics, "music, or texts of the same notation")],
        summary: "One after the other in one bar.",
        example: "play(\"tune\", notes(\"c4 e4\"):fastcat(\"g4*4\", \"e4 c4\"))",
        make: Make::Pattern(|music, given| {
            Pattern::slowcat([std::slice::from_ref(music), given.musics(0)].concat())
                .fast(Beat::whole(given.musics(0).len() as i64 + 1))
        }),
        time: Time::Times(1.0),
    },
    Verb {
        name: "tour",
        aliases: &[],
        params: &[Param::of("others", Kind::Musics, "music, or texts of the same notation")],
        summary: "The music among the others, a bar each: first at their end, then one place earlier each time round.",
        example: "play(\"tune\", notes(\"c4*4\"):tour(\"g4 e4\", \"e4 d4\"))",
        make: Make::Pattern(|music, given| toured(music, given.musics(0))),
        time: Time::Times(1.0),
    },
    Verb {
        name: "pick",
        aliases: &[],
        params: &[Param::of(
            "others",
            Kind::Musics,
            "music, or texts of the same notation; or a list of these",
        )],
        summary: "The numbers of this say which of the others plays: 0 is the first. What is beyond the last is the last.",
        example: "play(\"tune\", pick(\"<0 1>\", \"c4 e4\", \"g4*4\"))",
        make: Make::Pattern(|music, given| picked(music, given.musics(0))),
        time: Time::Times(1.0),
    },
    Verb {
        name: "squeeze",
        aliases: &[],
        params: &[Param::of(
            "others",
            Kind::Musics,
            "music, or texts of the same notation; or a list of these",
        )],
        summary: "The numbers of this say which of the others is squeezed into each of its events, a bar of it.",
        example: "play(\"tune\", squeeze(\"0 [1 0]\", \"c4 e4\", \"g4*4\"))",
        make: Make::Pattern(|music, given| squeezed(music, given.musics(0))),
        time: Time::Times(4.0),
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
