//! The music and changed copies of it at once.

use lilt_score::{Beat, Control, Controls, Pattern};

use crate::verb::{Kind, Make, Param, Time, Verb};

/// So many times in all, each `later` bars later and `feedback` times as loud as the one before.
fn echo(music: &Pattern<Controls>, times: i64, later: Beat, feedback: f64) -> Pattern<Controls> {
    let again = |i: i64| match i {
        0 => music.clone(),
        _ => softer(&music.late_bars(later * Beat::whole(i)), feedback.powi(i as i32)),
    };
    Pattern::stack((0..times).map(again).collect())
}

fn softer(music: &Pattern<Controls>, factor: f64) -> Pattern<Controls> {
    if factor == 1.0 {
        return music.clone();
    }
    music.map(move |controls| {
        let gain = controls.get(Control::GAIN).unwrap_or(Control::GAIN.neutral());
        controls.with(Control::GAIN, gain * factor)
    })
}

/// Ghosts 3/16 and 5/16 of a bar later, and the ghost of a ghost 1/2 bar later: TidalCycles' own places and
/// changes (softer, a fifth of the sound, a little faster).
fn ghosts(music: &Pattern<Controls>) -> Pattern<Controls> {
    let ghost = |music: &Pattern<Controls>, late: Beat| {
        softer(&music.late_bars(late), 0.7).map(|controls| {
            let speed = controls.get(Control::SPEED).unwrap_or(1.0);
            controls.with(Control::END, 0.2).with(Control::SPEED, speed * 1.25).with(Control::LEGATO, 0.2)
        })
    };
    let once = Pattern::stack(vec![music.clone(), ghost(music, Beat::new(3, 16))]);
    Pattern::stack(vec![once.clone(), ghost(&once, Beat::new(5, 16))])
}

/// One to the left, the other to the right, by as much of the way.
fn juxtaposed(left: &Pattern<Controls>, right: &Pattern<Controls>, width: f64) -> Pattern<Controls> {
    let panned = |music: &Pattern<Controls>, by: f64| {
        music.map(move |controls| {
            let pan = controls.get(Control::PAN).unwrap_or(0.0) + by;
            controls.with(Control::PAN, pan.clamp(-1.0, 1.0))
        })
    };
    Pattern::stack(vec![panned(left, -width), panned(right, width)])
}

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "each",
        aliases: &[],
        params: &[Param::of(
            "change",
            Kind::Note,
            "a function that takes a note (a table: pitch or sound, start in beats from its bar, duration, velocity, bar from 0, and its controls) and gives the note, a list of notes, or nil to leave it out",
        )],
        summary: "Every note changed by a function, which may move it within its bar.",
        example: "play(\"soft\", notes(\"c4 e4 g4\"):each(function(note) if note.start > 0 then note.velocity = 0.3 end return note end))",
        make: Make::Pattern(|music, given| given.each(0, music)),
        time: Time::Kept,
    },
    Verb {
        name: "superimpose",
        aliases: &[],
        params: &[Param::of("changes", Kind::Changes, "functions that take the music and give another")],
        summary: "The music, and at once what each function makes of it.",
        example: "play(\"tune\", notes(\"c4 e4\"):superimpose(function(p) return p:transpose(7) end))",
        make: Make::Pattern(|music, given| {
            Pattern::stack([std::slice::from_ref(music), given.musics(0)].concat())
        }),
        time: Time::Kept,
    },
    Verb {
        name: "layer",
        aliases: &[],
        params: &[Param::of("changes", Kind::Changes, "functions that take the music and give another")],
        summary: "At once what each function makes of the music, without the music itself.",
        example: "play(\"tune\", notes(\"c4 e4\"):layer(function(p) return p:rev() end, function(p) return p:transpose(12) end))",
        make: Make::Pattern(|_, given| Pattern::stack(given.musics(0).to_vec())),
        time: Time::Kept,
    },
    Verb {
        name: "off",
        aliases: &[],
        params: &[
            Param::number("bars", -256.0, 256.0, "how much later, in bars"),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
        ],
        summary: "The music, and what the function makes of it, some time later.",
        example: "play(\"tune\", notes(\"c4 e4 g4\"):off(1/8, function(p) return p:transpose(12) end))",
        make: Make::Around(
            |music, given| music.late_bars(given.beat(0)),
            |music, given| Pattern::stack(vec![music.clone(), given.music(1)]),
        ),
        time: Time::Kept,
    },
    Verb {
        name: "echo",
        aliases: &[],
        params: &[
            Param::whole("times", 1.0, 64.0, "how often it sounds in all"),
            Param::number("bars", -256.0, 256.0, "how much later, in bars"),
            Param::number("feedback", 0.0, 1.0, "how loud each is, in parts of the one before").or(0.7),
        ],
        summary: "The music again and again, each time later and softer.",
        example: "play(\"tune\", notes(\"c4 ~ e4 ~\"):echo(3, 1/8, 0.6))",
        make: Make::Pattern(|music, given| echo(music, given.whole(0), given.beat(1), given.number(2))),
        time: Time::Often,
    },
    Verb {
        name: "stut",
        aliases: &[],
        params: &[
            Param::whole("times", 1.0, 64.0, "how often it sounds in all"),
            Param::number("feedback", 0.0, 1.0, "how loud each is, in parts of the one before"),
            Param::number("bars", -256.0, 256.0, "how much later, in bars"),
        ],
        summary: "The music again and again, each time later and softer: echo with its arguments in another order.",
        example: "play(\"tune\", notes(\"c4 ~ e4 ~\"):stut(3, 0.6, 1/8))",
        make: Make::Pattern(|music, given| echo(music, given.whole(0), given.beat(2), given.number(1))),
        time: Time::Often,
    },
    Verb {
        name: "stutter",
        aliases: &[],
        params: &[
            Param::whole("times", 1.0, 64.0, "how often it sounds in all"),
            Param::number("bars", -256.0, 256.0, "how much later, in bars"),
        ],
        summary: "The music again and again, each time later, and as loud.",
        example: "play(\"beat\", drums(\"bd ~ sd ~\"):stutter(4, 1/16))",
        make: Make::Pattern(|music, given| echo(music, given.whole(0), given.beat(1), 1.0)),
        time: Time::Often,
    },
    Verb {
        name: "ghost",
        aliases: &[],
        params: &[],
        summary: "Soft, short notes between the notes, as drummers play them.",
        example: "play(\"snare\", drums(\"~ sd\"):ghost())",
        make: Make::Pattern(|music, _| ghosts(music)),
        time: Time::Times(4.0),
    },
    Verb {
        name: "canon",
        aliases: &[],
        params: &[
            Param::whole("voices", 1.0, 16.0, "how many there are in all").or(2.0),
            Param::number("beats", 0.0, 1024.0, "how much later each enters than the one before, in beats")
                .or(4.0),
            Param::number("semitones", -127.0, 127.0, "how much higher each is than the one before").or(0.0),
        ],
        summary: "The music against itself, each voice later than the one before.",
        example: "play(\"round\", notes(\"<[c4 d4 e4 c4] [e4 f4 g4 ~]>\"):canon(2, 4, 12))",
        make: Make::Pattern(|music, given| {
            let (later, higher) = (given.beat(1), given.number(2));
            let voice = |i: i64| match i {
                0 => music.clone(),
                _ => {
                    let higher = higher * i as f64;
                    music.late(later * Beat::whole(i)).map(move |controls| controls.transposed(higher))
                }
            };
            Pattern::stack((0..given.whole(0)).map(voice).collect())
        }),
        time: Time::Often,
    },
    Verb {
        name: "jux",
        aliases: &[],
        params: &[Param::of("change", Kind::Change, "a function that takes the music and gives another")],
        summary: "The music left, and what the function makes of it right.",
        example: "play(\"tune\", notes(\"c4 e4 g4\"):jux(function(p) return p:rev() end))",
        make: Make::Pattern(|music, given| juxtaposed(music, &given.music(0), 1.0)),
        time: Time::Kept,
    },
    Verb {
        name: "juxBy",
        aliases: &["juxby"],
        params: &[
            Param::number("width", 0.0, 1.0, "how far apart: 0 not at all, 1 fully"),
            Param::of("change", Kind::Change, "a function that takes the music and gives another"),
        ],
        summary: "The music to the left, and what the function makes of it to the right.",
        example: "play(\"tune\", notes(\"c4 e4 g4\"):juxBy(0.5, function(p) return p:rev() end))",
        make: Make::Pattern(|music, given| juxtaposed(music, &given.music(1), given.number(0))),
        time: Time::Kept,
    },
];
