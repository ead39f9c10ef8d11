//! Sounds, and bars, cut in pieces.

use lilt_score::{Beat, Control, Controls, Pattern, Structure};

use crate::verb::{Given, Kind, Make, Param, Time, Verb};

/// The `i`th of so many pieces of what is heard of a sound.
fn piece(own: &Controls, i: f64, of: f64) -> Controls {
    let (begin, end) = (own.get(Control::BEGIN).unwrap_or(0.0), own.get(Control::END).unwrap_or(1.0));
    let width = (end - begin) / of;
    own.clone().with(Control::BEGIN, begin + width * i).with(Control::END, begin + width * (i + 1.0))
}

fn sped(music: &Pattern<Controls>, factor: f64) -> Pattern<Controls> {
    music.map(move |controls| {
        let speed = controls.get(Control::SPEED).unwrap_or(1.0);
        controls.with(Control::SPEED, speed * factor)
    })
}

/// What is heard of each sound lasts as long as its event.
fn fitted(music: &Pattern<Controls>) -> Pattern<Controls> {
    let inner = music.clone();
    Pattern::try_new(move |query| {
        let mut events = inner.query(query)?;
        for event in &mut events {
            let Some(whole) = event.whole else { continue };
            let begin = event.value.get(Control::BEGIN).unwrap_or(0.0);
            let heard = event.value.get(Control::END).unwrap_or(1.0) - begin;
            let bars = (whole.length() / query.bar).to_f64();
            if heard > 0.0 {
                event.value.set(Control::BARS, bars / heard);
            }
        }
        Ok(events)
    })
}

fn striated(music: &Pattern<Controls>, pieces: i64) -> Pattern<Controls> {
    let of = pieces as f64;
    let part = |i: i64| music.map(move |own| piece(&own, i as f64, of));
    Pattern::slowcat((0..pieces).map(part).collect()).fast(Beat::whole(pieces))
}

fn sliced(music: &Pattern<Controls>, given: &Given) -> Pattern<Controls> {
    let of = given.number(0);
    music.apply(&given.numbers(1), Structure::Right, move |own, which| {
        piece(own, which.floor().rem_euclid(of), of)
    })
}

fn bitten(music: &Pattern<Controls>, given: &Given) -> Pattern<Controls> {
    let (music, pieces) = (music.clone(), given.whole(0));
    let parts: Vec<_> =
        (0..pieces).map(|i| music.zoom(Beat::new(i, pieces), Beat::new(i + 1, pieces))).collect();
    given
        .numbers(1)
        .squeezed_by(move |which| parts[(which.floor() as i64).rem_euclid(pieces) as usize].clone())
}

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "hurry",
        aliases: &[],
        params: &[Param::number("factor", 1.0 / 64.0, 64.0, "how many times")],
        summary: "So many times as fast, and each sound too: higher, as a tape.",
        example: "play(\"beat\", drums(\"bd sd\"):hurry(\"<1 2>\"))",
        make: Make::Pattern(|music, given| {
            let factor = given.number(0);
            sped(&music.fast(given.beat(0)), factor)
        }),
        time: Time::Faster,
    },
    Verb {
        name: "loopAt",
        aliases: &["loopat"],
        params: &[Param::number("bars", 1.0 / 64.0, 256.0, "how many")],
        summary: "Each recorded sound lasts so many bars, played as fast as that needs, and so does the music.",
        example: "play(\"break\", sound(\"breaks:1\"):loopAt(2))",
        make: Make::Pattern(|music, given| {
            let bars = given.number(0);
            music.slow(given.beat(0)).map(move |controls| controls.with(Control::BARS, bars))
        }),
        time: Time::Slower,
    },
    Verb {
        name: "fit",
        aliases: &[],
        params: &[],
        summary: "Each recorded sound is played as fast as it takes to last as long as its event.",
        example: "play(\"break\", sound(\"breaks:2 breaks:3\"):fit())",
        make: Make::Pattern(|music, _| fitted(music)),
        time: Time::Kept,
    },
    Verb {
        name: "chop",
        aliases: &[],
        params: &[Param::whole("pieces", 1.0, 256.0, "how many")],
        summary: "Each recorded sound cut into so many pieces, played one after the other in its time.",
        example: "play(\"break\", sound(\"breaks:2\"):chop(8):rev())",
        make: Make::Pattern(|music, given| {
            music.pieces(given.whole(0) as u32, |own, i, of| piece(own, f64::from(i), f64::from(of)))
        }),
        time: Time::Often,
    },
    Verb {
        name: "striate",
        aliases: &[],
        params: &[Param::whole("pieces", 1.0, 256.0, "how many")],
        summary: "Each recorded sound cut into so many pieces: first the first piece of each, then the second of each, all in the bar.",
        example: "play(\"break\", sound(\"breaks:0 breaks:2\"):striate(4))",
        make: Make::Pattern(|music, given| striated(music, given.whole(0))),
        time: Time::Often,
    },
    Verb {
        name: "slice",
        aliases: &[],
        params: &[
            Param::whole("pieces", 1.0, 256.0, "how many"),
            Param::of(
                "which",
                Kind::Numbers,
                "which of them, from 0, one after the other, as in \"0 2 [1 3]\"",
            ),
        ],
        summary: "The recorded sound cut into pieces, of which these are played.",
        example: "play(\"break\", sound(\"breaks:1\"):slice(8, \"0 2 [1 3]\"))",
        make: Make::Pattern(sliced),
        time: Time::Times(4.0),
    },
    Verb {
        name: "splice",
        aliases: &[],
        params: &[
            Param::whole("pieces", 1.0, 256.0, "how many"),
            Param::of(
                "which",
                Kind::Numbers,
                "which of them, from 0, one after the other, as in \"0 2 [1 3]\"",
            ),
        ],
        summary: "As slice, each piece played as fast as it takes to fill its time.",
        example: "play(\"break\", sound(\"breaks:1\"):splice(8, \"0 2 [1 3]\"))",
        make: Make::Pattern(|music, given| fitted(&sliced(music, given))),
        time: Time::Times(4.0),
    },
    Verb {
        name: "bite",
        aliases: &[],
        params: &[
            Param::whole("pieces", 1.0, 64.0, "how many"),
            Param::of(
                "which",
                Kind::Numbers,
                "which of them, from 0, one after the other, as in \"0 2 [1 3]\"",
            ),
        ],
        summary: "The bar cut into pieces, of which these are played.",
        example: "play(\"tune\", notes(\"c4 d4 e4 g4\"):bite(4, \"0 2 [1 3]\"))",
        make: Make::Pattern(bitten),
        time: Time::Times(4.0),
    },
];
