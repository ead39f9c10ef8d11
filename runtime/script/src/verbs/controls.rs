//! Controls as verbs: each sets its number on every event.

use std::sync::LazyLock;

use lilt_score::{Control, Scope};

use crate::verb::{Kind, Make, Param, Time, Verb};

/// What every control takes.
const AMOUNT: &[Param] = &[
    Param::of("amount", Kind::Numbers, "a number, a text of numbers, a signal or a function of the beat"),
    Param::of(
        "options",
        Kind::Structure,
        "{ from = \"left\" }: who says when: this music (\"left\"), the numbers (\"right\"), \"both\", or \"squeeze\"",
    ),
];

pub(super) fn verbs() -> &'static [Verb] {
    // Made once and never changed, as the other families are.
    static VERBS: LazyLock<Vec<Verb>> = LazyLock::new(make);
    &VERBS
}

fn make() -> Vec<Verb> {
    let own = Control::all().filter(|control| {
        control.scope() != Scope::Slot && !matches!(*control, Control::VALUE | Control::DEGREE)
    });
    let verb = |control: Control| Verb {
        name: control.name(),
        aliases: control.aliases(),
        params: AMOUNT,
        summary: control.meaning(),
        example: example(control),
        make: Make::Control(control),
        time: Time::Kept,
    };
    own.map(verb).chain([velocity(), sound(), controller()]).collect()
}

fn sound() -> Verb {
    Verb {
        name: "sound",
        aliases: &["s", "on"],
        params: const {
            &[
                Param::of(
                    "names",
                    Kind::Sounds,
                    "an instrument, or a text of names of instruments and of recorded sounds, as in \"<pluck bell>\" or \"breaks:2\"",
                ),
                AMOUNT[1],
            ]
        },
        summary: "What sounds each event: an instrument, or recorded sounds, which `lilt doc sounds` lists; behind a colon stands which of a name's sounds, from 0. A name that an instrument has too is the instrument, unless the sounds are your own; write pad:0 for the sound.",
        example: "play(\"tune\", notes(\"c4*4\"):sound \"<pluck bell>\")",
        make: Make::Pattern(|music, given| {
            music.apply(&given.sounds(0), given.structure(1), |own, name| {
                let mut own = own.clone();
                name.set(&mut own);
                own
            })
        }),
        time: Time::Kept,
    }
}

fn controller() -> Verb {
    Verb {
        name: "cc",
        aliases: &[],
        params: const { &[Param::whole("number", 0.0, 127.0, "which controller of MIDI"), AMOUNT[0], AMOUNT[1]] },
        summary: "A controller of MIDI, 0 to 127, with each note that goes to a port.",
        example: "play(\"out\", notes(\"c4*4\"):cc(74, \"20 60 90 120\")):midi(\"Synth A\")",
        make: Make::Pattern(|music, given| {
            let number = u8::try_from(given.whole(0)).ok();
            let control = number.and_then(Control::controller).unwrap_or(Control::VALUE);
            music.apply(&given.numbers(1), given.structure(2), move |own, value| {
                own.clone().with(control, value.clamp(0.0, 127.0))
            })
        }),
        time: Time::Kept,
    }
}

fn velocity() -> Verb {
    Verb {
        name: "velocity",
        aliases: &["vel"],
        params: AMOUNT,
        summary: "How hard each note is struck, 0 to 1.",
        example: "play(\"tune\", notes(\"c4*4\"):velocity(\"1 0.4 0.7 0.4\"))",
        make: Make::Pattern(|music, given| {
            music.apply(&given.numbers(0), given.structure(1), |own, value| {
                let mut own = own.clone();
                own.velocity = Some(lilt_score::Velocity::new(*value));
                own
            })
        }),
        time: Time::Kept,
    }
}

/// A script in which the control is heard: its name, and numbers in its range.
fn example(control: Control) -> &'static str {
    let (low, high) = control.range().into_inner();
    let (low, high) = match control.scope() {
        _ if high > 1_000.0 => ((low + 200.0).min(high), high / 4.0),
        Scope::Event | Scope::Slot | Scope::Both => (low, high.min(1.0)),
    };
    // Made once for each control, and kept as long as the table of verbs.
    format!("play(\"tune\", notes(\"c4*4\"):{}(\"{low} {high}\"))", control.name()).leak()
}
