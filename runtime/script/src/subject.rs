//! Pages on what is no single word: the notation, the drums, the instruments, the controls, the signs.

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

Notes are names (c4, f#3, eb5) or MIDI numbers (60). A chord is a root and a name in quotes: c4'min7.
Chance repeats with the seed of the script. `lilt pattern 'bd [~ sd]'` prints what a text plays.";

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
