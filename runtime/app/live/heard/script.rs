//! Random scripts, from a small grammar: whatever comes out is a script without mistakes.

use proptest::prelude::*;

/// The slots that a script may fill.
const NAMES: [&str; 4] = ["lead", "bass", "drums", "pad"];

/// Material of a slot.
fn material() -> impl Strategy<Value = String> {
    let step = prop_oneof![
        4 => (0..5usize, 2..6u8).prop_map(|(note, octave)| format!("{}{octave}", ["c", "d", "eb", "g", "a"][note])),
        1 => Just("~".to_string()),
    ];
    let turn = prop_oneof![
        5 => step.clone(),
        1 => (step.clone(), 2..5u8).prop_map(|(step, times)| format!("{step}*{times}")),
        1 => prop::collection::vec(step.clone(), 2..4).prop_map(|steps| format!("[{}]", steps.join(" "))),
        1 => prop::collection::vec(step.clone(), 2..4).prop_map(|steps| format!("<{}>", steps.join(" "))),
        1 => (step.clone(), 1..5u8).prop_map(|(step, onsets)| format!("{step}({onsets},8)")),
        1 => step.prop_map(|step| format!("{step}?")),
    ];
    let tune = prop::collection::vec(turn, 1..5).prop_map(|turns| turns.join(" "));
    let how = prop::sample::select(vec!["", "", "", ":legato(0.5)", ":legato(1.7)"]);
    let notes = (tune.clone(), how).prop_map(|(tune, how)| format!("notes(\"{tune}\"){how}"));
    let drums = prop::sample::select(vec!["bd*2 [~ sd] hh*4", "bd(3,8) <oh hh>", "cp ~ rs*3 ~", "hh*8"]);
    prop_oneof![
        5 => notes,
        2 => drums.prop_map(|drums| format!("drums \"{drums}\"")),
        1 => tune.prop_map(|tune| format!("function(beat) return beat % 2 == 0 and \"{tune}\" or \"g4\" end")),
    ]
}

/// What a slot's sound passes through; nothing is said of most of it.
fn strip() -> impl Strategy<Value = String> {
    let said = prop::sample::select(vec![
        ":gain(0.6)",
        ":gain(sine(4):range(0.2, 1))",
        ":gain \"1 0.5 0.8\"",
        ":gain(function(beat) return 0.4 + 0.5 * (beat % 1) end)",
        ":pan(-0.7)",
        ":pan \"-0.5 0.5\"",
        ":lowpass(900)",
        ":lowpass(sine(2):range(300, 4000))",
        ":reverb(0.4)",
        ":delay(0.5)",
    ]);
    prop::collection::vec(said, 0..3).prop_map(|mut said| {
        // A slot is told each control once.
        said.sort_unstable();
        said.dedup_by_key(|said| said.split(['(', ' ']).next());
        said.concat()
    })
}

fn quantum() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["now", "now", "beat", "beat", "bar", "phrase", "1/4 beat"])
}

fn slot() -> impl Strategy<Value = (usize, String)> {
    let output = prop::sample::select(vec![
        ":on(synth \"pluck\")",
        ":on(synth \"keys\")",
        ":on(synth \"pad\")",
        ":on(synth \"bass\")",
        ":midi(\"Synth A\", 2)",
        ":midi(\"Synth A\", 3)",
        ":midi(\"Synth B\", 2)",
    ]);
    let own = prop::option::weighted(0.25, quantum().prop_map(|own| format!(":quantum \"{own}\"")));
    let rest = prop::sample::select(vec!["", "", "", "", "", ":restart()", ":silent()", ":solo()"]);
    (0..NAMES.len(), material(), output, strip(), own, rest).prop_map(
        |(name, material, output, strip, own, rest)| {
            // A port knows few of them.
            let strip = if output.starts_with(":midi") { String::new() } else { strip };
            let own = own.unwrap_or_default();
            (name, format!("play(\"{}\", {material}){output}{strip}{own}{rest}\n", NAMES[name]))
        },
    )
}

/// A whole script, perhaps without any slot.
pub fn script() -> impl Strategy<Value = String> {
    let tempo = prop_oneof![
        4 => (60..280u32).prop_map(|bpm| format!("tempo({bpm})\n")),
        1 => (60..200u32, 60..200u32).prop_map(|(from, to)| format!("tempo(line({from}, {to}, 6))\n")),
        1 => Just("tempo \"<120 200>\"\n".to_string()),
    ];
    let meter =
        prop::option::weighted(0.15, prop::sample::select(vec!["meter \"3/4\"\n", "meter \"6/8\"\n"]));
    (tempo, meter, quantum(), prop::collection::vec(slot(), 0..4)).prop_map(
        |(tempo, meter, quantum, slots)| {
            let mut text = format!("{tempo}{}quantum \"{quantum}\"\n", meter.unwrap_or_default());
            for (i, (name, slot)) in slots.iter().enumerate() {
                if slots[..i].iter().all(|(other, _)| other != name) {
                    text.push_str(slot);
                }
            }
            text
        },
    )
}
