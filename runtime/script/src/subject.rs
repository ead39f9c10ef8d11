//! Pages on what is no single word: the notation, the drums, the instruments, the controls.

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
                let _ = write!(page, "\n  {}", instrument.name());
            }
            Some(page)
        }
        "controls" => {
            let mut page = "Controls: of single events, as in notes(\"c4*4\"):gain(\"1 0.5\"), and of a slot's whole sound, as in play(\"a\", \"c4\"):gain(0.5):\n".to_owned();
            for control in Control::all().filter(|control| *control != Control::VALUE) {
                let (low, high) = control.range().into_inner();
                let whose = match control.scope() {
                    Scope::Both => "events and slots",
                    Scope::Event => "events",
                    Scope::Slot => "slots",
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
        _ => None,
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
    }
}
