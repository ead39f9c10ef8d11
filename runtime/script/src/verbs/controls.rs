//! Controls as verbs: each sets its number on every event.

use std::sync::LazyLock;

use lilt_score::{Control, Scope};
use lilt_sequencer::Instrument;

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
        params: const {
            let amount = Param { kind: Kind::Bounded { least: 0.0, most: 127.0 }, ..AMOUNT[0] };
            &[Param::whole("number", 0.0, 127.0, "which controller of MIDI"), amount, AMOUNT[1]]
        },
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
        params: const { &[Param { kind: Kind::Bounded { least: 0.0, most: 1.0 }, ..AMOUNT[0] }, AMOUNT[1]] },
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

/// Numbers with which a control is heard, and what must be said beside it.
fn heard(control: Control) -> (&'static str, &'static str) {
    match control {
        Control::GAIN => ("0.3 1", ""),
        Control::LEGATO => ("0.3 1", ""),
        Control::N => ("0 1", ""),
        Control::PROGRAM => ("0 40", ""),
        Control::AFTERTOUCH => ("0 100", ""),
        Control::TUNE => ("-5 7", ""),
        Control::ATTACK | Control::DECAY | Control::RELEASE => ("0.01 0.5", ""),
        Control::SUSTAIN => ("0.1 0.9", ""),
        Control::CUTOFF => ("400 4000", ""),
        Control::LOWPASS => ("400 4000", ""),
        Control::HIGHPASS => ("200 2000", ""),
        Control::BANDPASS => ("300 2000", ""),
        Control::RESONANCE => ("0 0.8", ":lowpass(800)"),
        Control::FENV => ("0 4", ":cutoff(300)"),
        Control::FATTACK | Control::FDECAY | Control::FRELEASE => ("0.01 0.4", ":cutoff(300):fenv(4)"),
        Control::FSUSTAIN => ("0 1", ":cutoff(300):fenv(4)"),
        Control::DETUNE => ("0 20", ""),
        Control::UNISON => ("1 5", ""),
        Control::SPREAD => ("0 1", ":unison(5):detune(20)"),
        Control::FM => ("1 8", ""),
        Control::FMH => ("1 3.5", ":fm(4)"),
        Control::FMDECAY => ("0.05 1", ":fm(4)"),
        Control::PW => ("0.1 0.5", ""),
        Control::GLIDE => ("0 0.3", ""),
        Control::VIBRATO => ("0 80", ":vib(6)"),
        Control::VIB => ("2 8", ":vibrato(50)"),
        Control::CRUSH => ("16 4", ""),
        Control::COARSE => ("1 8", ""),
        Control::VOWEL => ("a i", ""),
        Control::RINGFREQ => ("110 440", ":ring(1)"),
        Control::TREMOLORATE => ("2 8", ":tremolo(1)"),
        Control::ACCELERATE => ("-1 1", ""),
        Control::SPEED => ("1 -1", ""),
        Control::BEGIN => ("0 0.5", ""),
        Control::END => ("1 0.5", ""),
        Control::BARS => ("1 2", ""),
        Control::BEATS => ("2 4", ""),
        Control::SECONDS => ("0.5 1", ""),
        Control::CUT => ("1 2", ""),
        Control::SIZE | Control::DAMP => ("0.2 0.9", ":reverb(0.5)"),
        Control::DELAYTIME => ("0.25 0.75", ":delay(0.5)"),
        Control::DELAYFEEDBACK => ("0.2 0.8", ":delay(0.5)"),
        Control::PAN | Control::BEND => ("-1 1", ""),
        _ => ("0 1", ""),
    }
}

/// A script in which the control is heard: an instrument that understands it, and numbers that change it.
fn example(control: Control) -> &'static str {
    let ((numbers, with), name) = (heard(control), control.name());
    let instrument = [Instrument::Keys, Instrument::Kit].into_iter().chain(Instrument::ALL);
    let on = instrument.into_iter().find(|instrument| instrument.understands(control));
    let of_ports = matches!(control, Control::PROGRAM | Control::BEND | Control::AFTERTOUCH);
    let tune = format!("play(\"tune\", notes(\"c4 e4 g4 c5\"):{name}(\"{numbers}\"){with})");
    let text = match on.filter(|_| control != Control::SPEED) {
        Some(Instrument::Keys) => tune,
        None if of_ports => format!("{tune}:midi \"Synth A\""),
        // What no instrument understands is of recorded sounds, and so is playing backwards.
        None => format!("play(\"beat\", sound(\"breaks*4\"):{name}(\"{numbers}\"){with})"),
        Some(Instrument::Kit) => {
            format!("play(\"beat\", drums(\"bd sd hh sd\"):{name}(\"{numbers}\"){with})")
        }
        Some(other) => format!("{tune}:on \"{}\"", other.name()),
    };
    // Made once for each control, and kept as long as the table of verbs.
    text.leak()
}
