//! Pages on what is no single word: the notation, the drums, the instruments, the controls, the signs, and what is
//! told in words.

use std::fmt::Write;

use lilt_score::{Control, Drum, Scope, chord};
use lilt_sequencer::Instrument;

/// The notation, by example; each row plays in `lilt pattern`.
const NOTATION: &str = "\
Mini-notation: a line of text that fills one bar.

  bd sd              steps share the bar
  bd [sd sd]         a step may be a row of its own
  ~ or -             a rest
  bd*2  bd*<2 3>     so many times as fast
  bd/2               so many times as slow
  <bd sd>            one step a bar, in turn
  bd, hh hh          at once
  bd(3,8)  bd(3,8,2) three hits spread over eight steps; two steps later
  bd!3  bd !         the step three times, twice
  bd@3  bd _ _       a step three steps long
  bd?  bd?0.3        left out half of the time, 3 times in 10
  [bd | sd]          one of them each bar, by chance
  bd sd . hh hh hh   feet: the same as [bd sd] [hh hh hh]
  0 .. 3             the same as [0 1 2 3]
  {a b c}%4          four of its steps a bar, going round
  {a b, c d e}       each row at the pace of the first

Notes are names (c4, f#3, eb5) or MIDI numbers (60). A chord is a root and a name in quotes, c4'min7, and
its bass behind a slash, c4'min7/g.
Chance repeats with the seed of the script. `lilt pattern 'bd [~ sd]'` prints what a text plays.";

/// Subjects that are told in words. What is indented by four is a script that works as it stands.
const TOPICS: &[(&str, &str)] = &[
    (
        "buses",
        "\
Buses: slots that go through effects together.

    play(\"kick\", drums \"bd*4\"):to \"drums\"
    play(\"hats\", drums \"hh*8\"):to \"drums\"
    bus(\"drums\"):compressor(0.5):reverb(0.2):gain(0.9)

`:to` sends the sound of a slot to a bus instead of to the master. `bus(…)` takes the controls of a slot: filters,
reverb, delay, chorus, compressor, equaliser, width. A bus of which the script says nothing is a neutral one, and
a bus may go to another one. What plays through one room shares one bus:

    bus(\"room\"):reverb(0.6):size(0.9)
    play(\"keys\", \"c4 e4 g4\"):to \"room\"
    play(\"bell\", \"<c5 g5>\"):on(\"bell\"):to \"room\"

`:duck` turns a slot or a bus down while another one plays, as a sidechain does:

    play(\"kick\", drums \"bd*4\")
    play(\"pad\", \"c3,eb3,g3\"):on(\"pad\"):duck(\"kick\", { depth = 0.9, release = 0.3 })

`lilt doc bus`, `lilt doc to` and `lilt doc duck` tell the rest; `lilt doc controls` lists what a bus takes.",
    ),
    (
        "changes",
        "\
Changes: verbs without their music, to be made later, sometimes, or of a part.

    play(\"beat\", drums \"bd sd hh sd\"):every(4, fast(2)):sometimes(ply(2))

A verb that is given all but its music is a change: fast(2), add(7), octave(1), gain(0.5). A verb that needs
nothing is one by its name: rev. A colon makes one change of several, the first first: fast(2):rev(). And any
function that takes music and gives music is a change too:

    local function up(music) return music:transpose(12):gain(0.6) end
    play(\"tune\", \"c4 e4 g4\"):off(1/8, up):jux(rev)

Where changes go:

  when    every firstOf lastOf whenmod when within chunk
  chance  sometimes often rarely almostAlways almostNever sometimesBy somecycles somecyclesBy always never
  beside  off superimpose layer jux juxBy
  inside  inside outside fix contrast

`lilt doc every` and so on tell of each.",
    ),
    (
        "chance",
        "\
Chance: it follows the seed of the script, so that the same text sounds the same.

    seed(7)
    play(\"hats\", drums(\"hh*16?0.3\"):sometimes(ply(2)))
    play(\"tune\", irand(8):segment(8):scale(\"C minor\"):degradeBy(0.2))

  in a text    c4? half of the time, c4?0.3 three times in ten left out; [c4 | e4] one of them each bar
  notes        degrade degradeBy undegradeBy thin humanize
  changes      sometimes often rarely almostAlways almostNever sometimesBy, of each note;
               somecycles somecyclesBy, of each bar
  pieces       choose wchoose each note, randcat wrandcat each bar
  numbers      rand irand(8) brand perlin(4), as in :pan(rand:range(-1, 1)); :segment(8) makes notes of them
  in functions math.random(1, 8), and choose { … } in a loop

Another number in `seed`, or as the last argument of a verb, is another throw: :degradeBy(0.2, 3).",
    ),
    (
        "samples",
        "\
Samples: recorded sounds by name.

    play(\"beat\", sound \"bd*2 [~ sd], hh*8\")
    play(\"break\", sound(\"breaks:1\"):loopAt(2):chop(8):sometimes(speed(-1)))

`lilt doc sounds` lists what there is and where it lies, `lilt play breaks:1` plays one. A folder `samples`
beside the script, with a folder for each name, adds your own: samples/kick/one.wav is sound \"kick\", the next
file of the folder sound \"kick:1\". WAV, AIFF, FLAC, OGG and MP3 are read.

  which        sound \"breaks:2\", or n \"0 1 2\" with :sound \"breaks\"
  pitch        notes(\"c4 e4\"):sound \"name\" plays it at pitches; speed, tune, accelerate
  part         begin endAt loop cut legato
  pieces       chop striate slice splice bite
  in time      loopAt fit fitBars fitBeats fitSeconds hurry

    play(\"cut\", sound(\"breaks\"):splice(8, \"0 1 [2 2] 3 <4 6> 5 6 7\"):loopAt(2))",
    ),
];

/// The page on this subject, if it is one.
pub(crate) fn page(name: &str) -> Option<String> {
    match name {
        "notation" => {
            let chords = chord::names().collect::<Vec<_>>().join(" ");
            Some(format!("{NOTATION}\n\nChords: {chords}"))
        }
        "drums" => {
            let mut page = "Drums of the kit, for drums \"…\":\n".to_owned();
            for drum in Drum::ALL {
                let _ = write!(page, "\n  {}  {}", drum.name(), meaning(drum));
            }
            Some(page)
        }
        "instruments" => {
            let mut page = "Instruments, for play(…):on \"…\" and on music, as in notes(\"c4*4\"):sound \"<pluck bell>\":\n".to_owned();
            for instrument in Instrument::ALL {
                let _ = write!(page, "\n  {:<9} {}", instrument.name(), sounds_like(instrument));
            }
            Some(page + "\n\n`lilt doc pluck` tells which controls pluck understands.")
        }
        "controls" => {
            let mut page = "Controls: of single events, as in notes(\"c4*4\"):gain(\"1 0.5\"), and of a slot's whole sound, as in play(\"a\", \"c4\"):gain(0.5):\n".to_owned();
            for control in Control::all().filter(|control| *control != Control::VALUE) {
                let (low, high) = control.range().into_inner();
                let whose = match control.scope() {
                    Scope::Both => "events and slots",
                    Scope::Event => "events",
                    Scope::Slot => "slots",
                    Scope::Drawing => "drawings",
                };
                let _ = write!(
                    page,
                    "\n  {:<14} {low} to {high}, of {whose}. {}",
                    control.name(),
                    control.meaning()
                );
            }
            Some(page)
        }
        "looks" => {
            let mut page = "Looks of drawings, as in draw(\"ring\", circle {}):size(\"1 .5\") or draw(\"ring\", circle {}, { size = sine }):\n".to_owned();
            for look in Control::looks() {
                let (low, high) = look.range().into_inner();
                let takes = match look {
                    Control::LOOK_COLOUR | Control::LOOK_BLEND => "names".to_owned(),
                    _ => format!("{low} to {high}"),
                };
                let _ = write!(page, "\n  {:<14} {takes}. {}", look.name(), look.meaning());
            }
            Some(page)
        }
        name if let Some((_, page)) = TOPICS.iter().find(|(topic, _)| *topic == name) => {
            Some((*page).to_owned())
        }
        name => sign(name).or_else(|| {
            Instrument::ALL.into_iter().find(|instrument| instrument.name() == name).map(instrument)
        }),
    }
}

/// Signs, the verbs that they stand for, and an example.
const SIGNS: [(&str, &str, &str); 6] = [
    ("+", "add", "play(\"tune\", notes(\"c4 e4\") + \"<0 7>\")"),
    ("-", "sub", "play(\"tune\", notes(\"c4 e4\") - 12)"),
    ("*", "mul", "play(\"tune\", \"c4*8\"):gain(sine * 0.5)"),
    ("/", "div", "play(\"tune\", \"c4*8\"):gain(sine / 2)"),
    ("%", "mod", "play(\"tune\", notes(\"c4 e4\") % 60)"),
    ("..", "cat", "play(\"tune\", notes(\"c4 e4\") .. notes(\"g4 f4\"))"),
];

/// What a sign does between two pieces of music.
fn sign(name: &str) -> Option<String> {
    let (sign, verb, example) = SIGNS.into_iter().find(|(sign, ..)| *sign == name)?;
    let summary = crate::verbs::all().find(|known| known.name == verb).map_or("", |known| known.summary);
    Some(format!("music {sign} other\n\n  {summary} `lilt doc {verb}` tells more.\n\n    {example}\n"))
}

/// What an instrument sounds like, and the controls that it understands.
fn instrument(instrument: Instrument) -> String {
    let name = instrument.name();
    let understood = Control::all().filter(|control| instrument.understands(*control));
    let names: Vec<&str> = understood.map(|control| control.name()).collect();
    let played = match instrument {
        Instrument::Kit => "play(\"beat\", drums \"bd sd\")".to_owned(),
        _ => {
            format!("play(\"tune\", \"c4 e4 g4\"):on(synth(\"{name}\", {{ {} = 0.2 }}))", option(instrument))
        }
    };
    format!(
        "synth \"{name}\"\n\n  An instrument: {}. Its options, and controls of its notes (`lilt doc NAME` tells of each):\n  {}\n\n    {played}\n",
        sounds_like(instrument),
        names.join(", ")
    )
}

/// An option that is heard.
fn option(instrument: Instrument) -> &'static str {
    match instrument.understands(Control::ATTACK) {
        true => Control::ATTACK.name(),
        false => Control::DECAY.name(),
    }
}

/// What an instrument sounds like.
fn sounds_like(instrument: Instrument) -> &'static str {
    match instrument {
        Instrument::Pluck => "a plucked string",
        Instrument::Bass => "a round bass",
        Instrument::Pad => "slow, warm chords",
        Instrument::Keys => "an electric piano",
        Instrument::Lead => "a bright lead",
        Instrument::Bell => "a struck bell",
        Instrument::Kit => "the drum kit",
        Instrument::Saw => "a saw behind a filter",
        Instrument::Square => "a pulse of any width",
        Instrument::Triangle => "a soft, hollow wave",
        Instrument::Sine => "a pure tone",
        Instrument::Supersaw => "seven saws, each a little out of tune",
        Instrument::Fm => "two operators that modulate each other's frequency",
        Instrument::Sub => "the lowest octaves",
        Instrument::Organ => "an organ with drawbars",
        Instrument::String => "bowed strings",
        Instrument::Voice => "a singing voice",
        Instrument::Acid => "the bass line of a famous little box",
        Instrument::Noise => "noise that follows the pitch",
    }
}

fn meaning(drum: Drum) -> &'static str {
    match drum {
        Drum::Bass => "bass drum",
        Drum::Snare => "snare drum",
        Drum::Rim => "rim shot",
        Drum::Clap => "hand clap",
        Drum::ClosedHat => "closed hi-hat",
        Drum::OpenHat => "open hi-hat",
        Drum::LowTom => "low tom",
        Drum::MidTom => "mid tom",
        Drum::HighTom => "high tom",
        Drum::Crash => "crash cymbal",
        Drum::Ride => "ride cymbal",
        Drum::Cowbell => "cowbell",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_notation_is_notation() {
        let rows = NOTATION.lines().filter(|line| line.starts_with("  "));
        let mut read = 0;
        for row in rows {
            let text = row[2..21].trim();
            for text in text.split("  ").flat_map(|text| text.split(" or ")) {
                lilt_score::mini::parse(text.trim()).unwrap_or_else(|error| panic!("{text}: {error}"));
                read += 1;
            }
        }
        assert!(read > 18, "{read}");
        assert!(page("drums").is_some_and(|page| page.contains("  bd  bass drum")));
        assert_eq!(page("tempo"), None);
        let pluck = page("pluck").expect("an instrument");
        assert!(pluck.starts_with("synth \"pluck\"\n\n  An instrument: a plucked string."), "{pluck}");
        assert!(pluck.contains("attack, "), "{pluck}");
        for (sign, verb, example) in SIGNS {
            assert!(page(sign).is_some_and(|page| page.contains(verb)), "{sign}");
            assert!(example.contains(sign), "{example}");
        }
    }
}
