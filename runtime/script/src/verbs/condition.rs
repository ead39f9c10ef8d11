//! Conditions: where, and of what, a function changes the music.

use lilt_score::{Control, Controls, Pattern, Pitch, Tone};

use crate::verb::{Given, Kind, Make, Param, Time, Verb};

/// The events of which one of the words of parameter 0 holds, or all others.
fn matching(music: &Pattern<Controls>, given: &Given, wanted: bool) -> Pattern<Controls> {
    let words: Vec<String> = given.text(0).split_whitespace().map(str::to_owned).collect();
    let inner = music.clone();
    Pattern::try_new(move |query| {
        let mut events = inner.query(query)?;
        events.retain(|event| words.iter().any(|word| is(&event.value, word)) == wanted);
        Ok(events)
    })
}

/// Whether the word says of the event what it is.
fn is(controls: &Controls, word: &str) -> bool {
    if let Some((name, number)) = word.split_once('=') {
        let wanted = Control::named(name).zip(number.parse::<f64>().ok());
        return wanted.is_some_and(|(control, number)| controls.get(control) == Some(number));
    }
    match controls.tone {
        Some(Tone::Drum(drum)) => drum.name() == word,
        Some(Tone::Pitch(pitch)) => word.parse::<Pitch>() == Ok(pitch),
        None => controls.sound.as_ref().is_some_and(|sound| sound.name() == word),
    }
}

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "lastOf",
        aliases: &[],
        params: &[
            Param::whole("bars", 1.0, 256.0, "how many"),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
        ],
        summary: "In the last of so many bars, what the function makes of the music.",
        example: "play(\"beat\", drums(\"bd sd\"):lastOf(4, function(p) return p:fast(2) end))",
        make: Make::Pattern(|music, given| {
            let bars = given.whole(0);
            Pattern::chosen_by_bar(vec![music.clone(), given.music(1)], move |bar| {
                usize::from(bar.rem_euclid(bars) == bars - 1)
            })
        }),
        time: Time::Kept,
    },
    Verb {
        name: "whenmod",
        aliases: &[],
        params: &[
            Param::whole("bars", 1.0, 256.0, "how many"),
            Param::whole("from", 0.0, 256.0, "from which of them on, from 0"),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
        ],
        summary: "Of every so many bars, from one of them on, what the function makes of the music.",
        example: "play(\"beat\", drums(\"bd sd\"):whenmod(4, 2, function(p) return p:fast(2) end))",
        make: Make::Pattern(|music, given| {
            let (bars, from) = (given.whole(0), given.whole(1));
            Pattern::chosen_by_bar(vec![music.clone(), given.music(2)], move |bar| {
                usize::from(bar.rem_euclid(bars) >= from)
            })
        }),
        time: Time::Kept,
    },
    Verb {
        name: "when",
        aliases: &[],
        params: &[
            Param::number("when", -1e9, 1e9, "1 where the function counts, 0 where it does not"),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
        ],
        summary: "While a number says so, what the function makes of the music.",
        example: "play(\"beat\", drums(\"bd sd\"):when(\"<1 0>\", function(p) return p:fast(2) end))",
        make: Make::Pattern(
            |music, given| if given.number(0) >= 0.5 { given.music(1) } else { music.clone() },
        ),
        time: Time::Kept,
    },
    Verb {
        name: "within",
        aliases: &[],
        params: &[
            Param::number("from", 0.0, 1.0, "where in the bar, 0 to 1"),
            Param::number("to", 0.0, 1.0, "up to where"),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
        ],
        summary: "In a part of each bar, what the function makes of the music.",
        example: "play(\"beat\", drums(\"bd sd hh sd\"):within(0, 1/2, function(p) return p:fast(2) end))",
        make: Make::Pattern(|music, given| music.within(&given.music(2), given.beat(0), given.beat(1))),
        time: Time::Kept,
    },
    Verb {
        name: "chunk",
        aliases: &[],
        params: &[
            Param::whole("parts", 1.0, 64.0, "into how many the bar is cut"),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
        ],
        summary: "In each bar another part of it is what the function makes of the music, round and round.",
        example: "play(\"tune\", notes(\"c4 d4 e4 g4\"):chunk(4, function(p) return p:ply(2) end))",
        make: Make::Pattern(|music, given| music.chunk(&given.music(1), given.whole(0) as u32, false)),
        time: Time::Kept,
    },
    Verb {
        name: "chunkBack",
        aliases: &[],
        params: &[
            Param::whole("parts", 1.0, 64.0, "into how many the bar is cut"),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
        ],
        summary: "As chunk, from the last part to the first.",
        example: "play(\"tune\", notes(\"c4 d4 e4 g4\"):chunkBack(4, function(p) return p:ply(2) end))",
        make: Make::Pattern(|music, given| music.chunk(&given.music(1), given.whole(0) as u32, true)),
        time: Time::Kept,
    },
    Verb {
        name: "fix",
        aliases: &[],
        params: &[
            Param::of(
                "which",
                Kind::Text,
                "what it is about: words such as bd or c4, or a control and its number such as n=2",
            ),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
        ],
        summary: "The function changes only the events that are one of these.",
        example: "play(\"beat\", drums(\"bd sd hh sd\"):fix(\"bd\", function(p) return p:ply(2) end))",
        make: Make::Around(
            |music, given| matching(music, given, true),
            |music, given| Pattern::stack(vec![matching(music, given, false), given.music(1)]),
        ),
        time: Time::Kept,
    },
    Verb {
        name: "contrast",
        aliases: &[],
        params: &[
            Param::of(
                "which",
                Kind::Text,
                "what it is about: words such as bd or c4, or a control and its number such as n=2",
            ),
            Param::of("change", Kind::Change, "what changes the events that are one of these"),
            Param::of("other", Kind::Change, "what changes all others"),
        ],
        summary: "One function changes the events that are one of these, and another the rest.",
        example: "play(\"beat\", drums(\"bd sd\"):contrast(\"bd\", function(p) return p:gain(1) end, function(p) return p:gain(0.5) end))",
        make: Make::Pattern(|_, given| {
            Pattern::stack(vec![
                matching(&given.music(1), given, true),
                matching(&given.music(2), given, false),
            ])
        }),
        time: Time::Kept,
    },
];
