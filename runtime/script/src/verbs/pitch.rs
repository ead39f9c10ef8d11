//! Pitches: higher and lower, scales, chords and how they are played.

use lilt_score::{Beat, Control, Controls, Event, Pattern, Pitch, ScaleAt, Span, Tone, chord, nearest};

use crate::fault::Fault;
use crate::verb::{Given, Kind, Make, Param, Time, Verb};

pub(super) const VERBS: &[Verb] = &[
    Verb {
        name: "transpose",
        aliases: &[],
        params: &[Param::number("semitones", -128.0, 128.0, "how far")],
        summary: "Every pitch higher, or lower when negative; drums stay. What would leave 0 to 127 stays at its \
                  end.",
        example: "play(\"low\", notes(\"c4 e4\"):transpose(-12))",
        make: Make::Event(|controls, given| controls.transposed(given.number(0))),
        time: Time::Kept,
    },
    Verb {
        name: "octave",
        aliases: &["oct"],
        params: &[Param::number("octaves", -10.0, 10.0, "how many; down when negative").or(1.0)],
        summary: "Every pitch so many octaves higher; drums stay.",
        example: "play(\"low\", notes(\"c4 e4\"):octave(\"<0 -1>\"))",
        make: Make::Event(|controls, given| controls.transposed(12.0 * given.number(0))),
        time: Time::Kept,
    },
    Verb {
        name: "scale",
        aliases: &[],
        params: &[Param::of(
            "name",
            Kind::Scale,
            "a tonic and a scale, as in \"C minor\"; the script's key when left out",
        )],
        summary: "Numbers and degrees as the pitches of a scale: 0 is its tonic. Pitches move to the nearest of the \
                  scale. The plain function scale gives a list.",
        example: "play(\"tune\", numbers(\"0 2 4 <7 -1>\"):scale(\"C minor\"))",
        make: Make::Pattern(|music, given| {
            let music = music.clone();
            given.in_scale(0, move |scale| music.map(move |controls| in_scale(controls, scale)))
        }),
        time: Time::Kept,
    },
    Verb {
        name: "scaleTranspose",
        aliases: &[],
        params: &[
            Param::number("steps", -256.0, 256.0, "how many; down when negative"),
            Param::of(
                "name",
                Kind::Scale,
                "a tonic and a scale; that of the music, or else the script's key, when left out",
            ),
        ],
        summary: "Every pitch so many steps of the scale higher.",
        example: "play(\"tune\", notes(\"c4 e4 g4\"):scaleTranspose(\"<0 1>\", \"C major\"))",
        make: Make::Pattern(|music, given| {
            let (music, steps) = (music.clone(), given.number(0));
            given.in_scale(1, move |scale| music.map(move |controls| stepped(controls, scale, steps)))
        }),
        time: Time::Kept,
    },
    Verb {
        name: "chord",
        aliases: &[],
        params: &[Param::of("names", Kind::Words, "what kind, as in \"maj7\" or \"<maj min7>\"")],
        summary: "A chord on each note. The plain function chord gives a list of pitches.",
        example: "play(\"pad\", notes(\"<c4 a3>\"):chord(\"<maj7 min7>\"))",
        make: Make::Checked(chords),
        time: Time::Times(4.0),
    },
    Verb {
        name: "arp",
        aliases: &[],
        params: &[Param::of(
            "order",
            Kind::Words,
            "up, down, updown, downup, converge, diverge, thumbup or pinkyup; or which of them, from 0, as in \"0 2 1 2\"",
        )],
        summary: "The notes of a chord one after the other in its time.",
        example: "play(\"arp\", notes(\"<c4'maj7 a3'min7>\"):arp(\"<up down>\"))",
        make: Make::Checked(arpeggios),
        time: Time::Times(4.0),
    },
    Verb {
        name: "rolled",
        aliases: &["rolledBy"],
        params: &[Param::number(
            "part",
            -1.0,
            1.0,
            "how much of its time the roll takes; from the top down when negative",
        )
        .or(0.25)],
        summary: "The notes of a chord begin one after the other, from the lowest up.",
        example: "play(\"pad\", notes(\"c4'maj7\"):rolled())",
        make: Make::Pattern(|music, given| {
            let part = given.beat(0);
            strummed(music, part < Beat::ZERO, move |whole, count| {
                whole.length() * part.abs() / Beat::whole(count)
            })
        }),
        time: Time::Kept,
    },
    Verb {
        name: "strum",
        aliases: &[],
        params: &[Param::number(
            "amount",
            -4.0,
            4.0,
            "how much later each begins than the one before, in beats; from the top down when negative",
        )
        .or(1.0 / 32.0)],
        summary: "The notes of a chord begin one after the other, from the lowest up, as on a guitar.",
        example: "play(\"guitar\", notes(\"c3'maj a2'min\"):strum(1/16))",
        make: Make::Pattern(|music, given| {
            let amount = given.beat(0);
            strummed(music, amount < Beat::ZERO, move |whole, count| {
                // The last of them still sounds half of its time.
                amount.abs().min(whole.length() / Beat::whole(2 * count))
            })
        }),
        time: Time::Kept,
    },
    Verb {
        name: "voicing",
        aliases: &["voicings"],
        params: &[Param::number("top", 24.0, 127.0, "the highest pitch that there may be").or(72.0)],
        summary: "The notes of each chord put close together, the highest as near under the top as can be: chords \
                  in turn then move little.",
        example: "play(\"pad\", notes(\"<c4'maj7 a3'min7 d4'min7 g3'7>\"):voicing())",
        make: Make::Pattern(|music, given| voiced(music, given.number(0))),
        time: Time::Kept,
    },
];

/// Pitches below this MIDI number are read as degrees where a scale is laid over them: nobody hears them.
const UNHEARD: f64 = 12.0;

fn in_scale(mut controls: Controls, scale: ScaleAt) -> Controls {
    let pitch = controls.tone.and_then(Tone::pitch).map(Pitch::midi);
    // What counts the sounds of a name is a degree where nothing else is said.
    let counted = controls.get(Control::N).filter(|_| pitch.is_none() && controls.sound.is_none());
    let written = controls.get(Control::DEGREE).or_else(|| controls.value()).or(counted);
    if counted.is_some() {
        controls.unset(Control::N);
    }
    match (written, pitch) {
        (Some(degree), _) => {
            // What was sharpened, or moved, stays so.
            let before = controls.scale.zip(pitch).map_or(0.0, |(own, pitch)| pitch - own.pitch(degree));
            controls.in_scale(degree, scale).transposed(before)
        }
        (None, Some(pitch)) if pitch < UNHEARD => controls.in_scale(pitch, scale),
        (None, Some(pitch)) => {
            let degree = scale.nearest_degree(pitch) as f64;
            controls.in_scale(degree, scale)
        }
        (None, None) => controls,
    }
}

fn stepped(mut controls: Controls, scale: ScaleAt, steps: f64) -> Controls {
    if let (Some(_), Some(degree)) = (controls.scale, controls.get(Control::DEGREE)) {
        return controls.with(Control::DEGREE, degree).combine(&Controls::number(steps), |a, b| a + b);
    }
    if let Some(Tone::Pitch(pitch)) = controls.tone {
        let moved = scale.transposed(pitch.midi(), steps).clamp(0.0, 127.0);
        controls.tone = Pitch::new(moved).ok().map(Tone::Pitch);
    }
    controls
}

fn chords(music: &Pattern<Controls>, given: &Given) -> Result<Pattern<Controls>, Fault> {
    let (words, which) = given.words(0);
    let known = |word: &std::sync::Arc<str>| {
        chord::intervals(word).ok_or_else(|| {
            let fault = Fault::new(format!("`{word}` is no chord")).text(&**word);
            match nearest(word, chord::names()) {
                Some(near) => fault.help(format!("did you mean {near}?")),
                None => fault.help("write one such as maj, min, maj7, m7, 7, dim or sus4"),
            }
        })
    };
    let chords = words.iter().map(known).collect::<Result<Vec<&'static [u8]>, Fault>>()?;
    Ok(music.apply(&which, lilt_score::Structure::Left, |own, which| (own.clone(), *which)).spread(
        move |(own, which)| {
            let steps = chords.get(*which as usize).copied().unwrap_or(&[0]);
            steps.iter().map(|step| own.clone().transposed(f64::from(*step))).collect()
        },
    ))
}

/// Orders of an arpeggio.
const ORDERS: [&str; 8] = ["up", "down", "updown", "downup", "converge", "diverge", "thumbup", "pinkyup"];

/// Which notes of a chord of so many, from the lowest, are played in turn.
fn order(name: &str, count: usize) -> Vec<usize> {
    let up: Vec<usize> = (0..count).collect();
    let down: Vec<usize> = up.iter().rev().copied().collect();
    // The outermost first, then inwards.
    let inwards = || (0..count).map(|i| if i % 2 == 0 { i / 2 } else { count - 1 - i / 2 });
    let turned = |there: &[usize], back: &[usize]| {
        let without_ends = back.get(1..back.len().saturating_sub(1)).unwrap_or(&[]);
        [there, without_ends].concat()
    };
    match name {
        "down" => down,
        "updown" => turned(&up, &down),
        "downup" => turned(&down, &up),
        "converge" => inwards().collect(),
        "diverge" => inwards().collect::<Vec<_>>().into_iter().rev().collect(),
        "thumbup" if count > 1 => (1..count).flat_map(|i| [0, i]).collect(),
        "pinkyup" if count > 1 => (0..count - 1).flat_map(|i| [i, count - 1]).collect(),
        _ => up,
    }
}

fn arpeggios(music: &Pattern<Controls>, given: &Given) -> Result<Pattern<Controls>, Fault> {
    let (words, which) = given.words(0);
    let words = words.to_vec();
    if words.iter().all(|word| ORDERS.contains(&&**word)) {
        let music = music.clone();
        return Ok(Pattern::steered(&which, move |which| {
            let name = words.get(which as usize).cloned().unwrap_or_default();
            music.together(move |_, whole, events| {
                let events = lowest_first(events);
                let turn = order(&name, events.len());
                let width = whole.length() / Beat::whole(turn.len() as i64);
                let place = |(i, note): (i64, &usize)| {
                    let start = whole.start + width * Beat::whole(i);
                    Event { whole: Some(Span { start, end: start + width }), ..events[*note].clone() }
                };
                (0i64..).zip(&turn).map(place).collect()
            })
        }));
    }
    let mut indices = Vec::with_capacity(words.len());
    for word in &words {
        let index = word.parse::<i64>().map_err(|_| {
            let fault = Fault::new(format!("`arp` does not know \"{word}\"")).text(&**word);
            match nearest(word, ORDERS) {
                Some(near) => fault.help(format!("did you mean {near}?")),
                None => fault.help(format!("write one of {}, or numbers from 0", ORDERS.join(", "))),
            }
        })?;
        indices.push(index);
    }
    Ok(music.together(move |query, whole, events| {
        let events = lowest_first(events);
        let count = events.len() as i64;
        // A bar of the numbers fills the chord.
        let bar = query.bar * Beat::whole(whole.start.floor_div(query.bar));
        let asked = query.over(Span { start: bar, end: bar + query.bar });
        let factor = whole.length() / query.bar;
        let Ok(numbers) = which.query(asked) else { return Vec::new() };
        let place = |number: Event<f64>| {
            let index = indices.get(number.value as usize).copied().unwrap_or(0);
            let there = |at: Beat| whole.start + (at - bar) * factor;
            let held = number.whole.filter(|held| held.start >= bar)?.intersect(asked.span)?;
            let octave = 12.0 * index.div_euclid(count) as f64;
            let event = events[index.rem_euclid(count) as usize].clone();
            let value = event.value.clone().transposed(octave);
            Some(Event {
                whole: Some(Span { start: there(held.start), end: there(held.end) }),
                value,
                ..event
            })
        };
        numbers.into_iter().filter_map(place).collect()
    }))
}

fn height(event: &Event<Controls>) -> f64 {
    event.value.tone.and_then(Tone::pitch).map_or(0.0, Pitch::midi)
}

fn lowest_first(mut events: Vec<Event<Controls>>) -> Vec<Event<Controls>> {
    events.sort_by(|one, other| height(one).total_cmp(&height(other)));
    events
}

/// The notes of each chord in turn, each later by what `step` says of the chord's whole and of how many they
/// are; they end together.
fn strummed(
    music: &Pattern<Controls>,
    downwards: bool,
    step: impl Fn(Span, i64) -> Beat + 'static,
) -> Pattern<Controls> {
    music.together(move |_, whole, events| {
        let mut events = lowest_first(events);
        if downwards {
            events.reverse();
        }
        let step = step(whole, events.len() as i64);
        for (i, event) in (0i64..).zip(&mut events) {
            event.whole = Some(Span::new(whole.start + step * Beat::whole(i), whole.end));
        }
        events
    })
}

/// Each chord in close position, its highest note the nearest under `top` that one of them can be.
fn voiced(music: &Pattern<Controls>, top: f64) -> Pattern<Controls> {
    music.together(move |_, _, events| {
        let events = lowest_first(events);
        let pitches: Vec<f64> = events.iter().map(height).collect();
        if events.len() < 2 || events.iter().any(|event| event.value.tone.and_then(Tone::pitch).is_none()) {
            return events;
        }
        // Every note as high as it may be: they lie within one octave under the top.
        let moved = pitches.iter().map(|pitch| top - (top - pitch).rem_euclid(12.0) - pitch);
        let moved: Vec<f64> = moved.collect();
        events
            .into_iter()
            .zip(moved)
            .map(|(event, by)| {
                let value = event.value.clone().transposed(by);
                Event { value, ..event }
            })
            .collect()
    })
}
