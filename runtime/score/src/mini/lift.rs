//! From words to what they mean: notes, drums, numbers. Every word is read when the
//! pattern is made, so playing it cannot fail.

use std::ops::Range;

use super::{Mini, MiniError, Word};
use crate::chord::{self, ChordError};
use crate::nearest::nearest;
use crate::{Controls, Drum, Event, Pattern, Pitch, Tone};

/// The words as pitches: names (`c4`, `g#3`, `eb`), MIDI numbers (`60`, `62.5`) and
/// chords on a root (`c'maj`, `a3'min7'i1`; [`chord::tones`]), which sound all their notes at once.
///
/// # Errors
/// At the first word that is no pitch.
pub fn notes(mini: &Mini) -> Result<Pattern<Controls>, MiniError> {
    let chords: Vec<Vec<Tone>> = mini.words().iter().map(tones).collect::<Result<_, _>>()?;
    Ok(sounded(mini, chords))
}

/// The words as drums of the kit: `bd`, `sd`, `hh` … ([`Drum::ALL`]).
///
/// # Errors
/// At the first word that is no drum, with the nearest right name.
pub fn drums(mini: &Mini) -> Result<Pattern<Controls>, MiniError> {
    let drums = mini.words().iter().map(|word| drum(word).map(|drum| vec![Tone::Drum(drum)]));
    Ok(sounded(mini, drums.collect::<Result<_, _>>()?))
}

/// The words as numbers.
///
/// # Errors
/// At the first word that is no number.
pub fn numbers(mini: &Mini) -> Result<Pattern<f64>, MiniError> {
    numbers_as(mini, |word| word.parse().ok())
}

/// The words as numbers, each read by `read`.
///
/// # Errors
/// At the first word that `read` does not know, or that is not finite.
pub fn numbers_as(mini: &Mini, read: impl Fn(&str) -> Option<f64>) -> Result<Pattern<f64>, MiniError> {
    let numbers = mini.words().iter().map(|word| number(word, &read)).collect::<Result<_, _>>()?;
    Ok(mini.with_values(mini.seed, numbers))
}

fn error(at: Range<usize>, message: String, help: impl Into<String>) -> MiniError {
    MiniError::new(at, message).help(help)
}

fn number(word: &Word, read: impl Fn(&str) -> Option<f64>) -> Result<f64, MiniError> {
    read(&word.text).filter(|number| number.is_finite()).ok_or_else(|| {
        let help = apart(&word.text).unwrap_or_else(|| "write one such as 3 or -0.5".to_string());
        error(word.at.clone(), format!("`{}` is no number", word.text), help)
    })
}

fn drum(word: &Word) -> Result<Drum, MiniError> {
    let text = word.text.as_ref();
    if let Ok(drum) = text.parse() {
        return Ok(drum);
    }
    if let Some((name, number)) = text.split_once(':')
        && name.parse::<Drum>().is_ok()
    {
        return Err(error(
            word.at.clone(),
            format!("the kit has one `{name}`, and no number {number} of it"),
            format!("write {name}"),
        ));
    }
    let names = || Drum::ALL.iter().map(|drum| drum.name());
    let help = match (apart(text), nearest(text, names())) {
        (Some(help), _) => help,
        (None, Some(name)) => format!("did you mean {name}?"),
        (None, None) => format!("the kit has {}", names().collect::<Vec<_>>().join(" ")),
    };
    Err(error(word.at.clone(), format!("`{text}` is no drum"), help))
}

const NOTE_HELP: &str = "write a letter a to g, sharps # or flats b and an octave, as in c4 or f#3, or a MIDI number from 0 to 127";

fn tones(word: &Word) -> Result<Vec<Tone>, MiniError> {
    let text = word.text.as_ref();
    let at = word.at.clone();
    let (root, name) = text.split_once('\'').map_or((text, None), |(root, name)| (root, Some(name)));
    let root_at = at.start..at.end.min(at.start + root.len());
    if let Some((pitch, _)) = root.split_once(':') {
        return Err(error(at, format!("`{text}`: a note has no number after `:`"), format!("write {pitch}")));
    }
    let root: Pitch = root.parse().map_err(|_| {
        error(root_at, format!("`{root}` is no note"), apart(text).unwrap_or_else(|| NOTE_HELP.to_string()))
    })?;
    let Some(name) = name else { return Ok(vec![Tone::Pitch(root)]) };
    let (name, bass) = name.split_once('/').map_or((name, None), |(name, bass)| (name, Some(bass)));
    let bass = bass.map(|bass| bass_below(root, bass, &at)).transpose()?.flatten();
    let steps = chord::tones(name).map_err(|wrong| {
        let help = match &wrong {
            ChordError::Name(name) => match nearest(name, chord::all_names()) {
                Some(near) => format!("did you mean '{near}?"),
                None => format!("there are {}", chord::names().collect::<Vec<_>>().join(" ")),
            },
            ChordError::Modifier(_) => {
                "write 'i1 for an inversion, 'o for open, 'd1 for a drop, or a number of \
                                        notes, as in c4'min7'i1"
                    .to_string()
            }
        };
        error(at.clone(), wrong.to_string(), help)
    })?;
    let pitch = |step: i16| {
        root.transpose(f64::from(step)).map(Tone::Pitch).map_err(|_| {
            let (what, help) = match step {
                0.. => ("above MIDI number 127", "write it some octaves lower"),
                _ => ("below MIDI number 0", "write it some octaves higher"),
            };
            error(at.clone(), format!("`{text}` has notes {what}"), help)
        })
    };
    bass.into_iter().map(|bass| Ok(Tone::Pitch(bass))).chain(steps.into_iter().map(pitch)).collect()
}

/// The bass behind the slash of a chord on `root`: the nearest note of that name below it, or the very one where its
/// octave is written; nothing where it is the root.
fn bass_below(root: Pitch, written: &str, at: &Range<usize>) -> Result<Option<Pitch>, MiniError> {
    let wrong = || {
        error(
            at.clone(),
            format!("`{written}` is no bass of a chord"),
            "write a note behind the slash, as in c4'maj/e",
        )
    };
    let bass: Pitch = written.to_lowercase().parse().map_err(|_| wrong())?;
    if !written.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(wrong());
    }
    if written.ends_with(|c: char| c.is_ascii_digit()) {
        return Ok(Some(bass));
    }
    let below = chord::below(root.midi(), bass.midi().rem_euclid(12.0) as u8);
    let bass = root.transpose(-below).map_err(|_| wrong())?;
    Ok(Some(bass).filter(|_| below > 0.0))
}

/// What to write instead of a word that Strudel's rules make out of signs without spaces.
fn apart(word: &str) -> Option<String> {
    if word.chars().all(|c| c == '.') {
        return Some("write `..` between two numbers, as in 0 .. 3".to_string());
    }
    let steps = word.len() > 3 && word.chars().all(|c| matches!(c, 'x' | 'X' | '.' | '-'));
    if steps && word.contains(['x', 'X']) {
        return Some("write each step apart, as in \"bd ~ ~ ~\"".to_string());
    }
    if word.contains("..") {
        return Some("write spaces around `..`, as in 0 .. 3".to_string());
    }
    word.contains('~').then(|| "write spaces around `~`, as in c4 ~ c4".to_string())
}

/// Notes from what each word sounds.
fn sounded(mini: &Mini, tones: Vec<Vec<Tone>>) -> Pattern<Controls> {
    let words = mini.with_values(mini.seed, (0..tones.len()).collect());
    Pattern::try_new(move |query| {
        let mut events = Vec::new();
        for Event { whole, part, value, context } in words.query(query)? {
            let sounding =
                |tone: &Tone| Event { whole, part, value: Controls::tone(*tone), context: context.clone() };
            events.extend(tones[value].iter().map(sounding));
        }
        Ok(events)
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::{Beat, Place, Query, Span};

    fn bar() -> Query {
        Query::new(Span::new(Beat::ZERO, Beat::whole(4)), Beat::whole(4))
    }

    fn heard(pattern: &Pattern<Controls>) -> Vec<String> {
        let events = pattern.query(bar()).expect("mini-notation never fails while playing");
        let line = |event: &Event<Controls>| {
            let (whole, tone) = (event.whole.expect("a note"), event.value.tone.expect("a note"));
            format!("{} {} {tone}", whole.start, whole.length())
        };
        events.iter().map(line).collect()
    }

    #[test]
    fn events_know_where_they_were_written() {
        let mini = parse("c4 [~ a3'min](3,8)").expect("right");
        let placed = mini.placed(|at| Place { text: 3, from: at.start as u32, to: at.end as u32 });
        let events = notes(&placed).expect("notes").query(bar()).expect("plays");
        let places: Vec<_> = events.iter().map(|event| event.context.places()[0]).collect();
        assert_eq!(places[0], Place { text: 3, from: 0, to: 2 });
        assert_eq!(places[1], Place { text: 3, from: 6, to: 12 });
    }

    #[test]
    fn notes_drums_and_numbers() {
        let notes = notes(&parse("c4 [g#3 62.5] a3'min'i1").expect("right")).expect("notes");
        assert_eq!(
            heard(&notes),
            ["0 4/3 c4", "4/3 2/3 ab3", "2 2/3 eb4-50", "8/3 4/3 c4", "8/3 4/3 e4", "8/3 4/3 a4"]
        );
        let drums = drums(&parse("bd*2, ~ sd").expect("right")).expect("drums");
        assert_eq!(heard(&drums), ["0 2 bd", "2 2 bd", "2 2 sd"]);
        let numbers = numbers(&parse("1 -0.5").expect("right")).expect("numbers");
        let values: Vec<f64> = numbers.query(bar()).expect("plays").into_iter().map(|e| e.value).collect();
        assert_eq!(values, [1.0, -0.5]);
    }

    #[test]
    fn wrong_words() {
        type Lift = fn(&Mini) -> Result<Pattern<Controls>, MiniError>;
        for (lift, text, at, message, help) in [
            (drums as Lift, "bd bf", 3..5, "`bf` is no drum", "did you mean bd?"),
            (drums, "bd kick", 3..7, "`kick` is no drum", "the kit has bd sd rs cp hh oh lt mt ht cr rd cb"),
            (drums, "[bd:3]", 1..5, "the kit has one `bd`, and no number 3 of it", "write bd"),
            (
                notes,
                "c4 h4",
                3..5,
                "`h4` is no note",
                "write a letter a to g, sharps # or flats b and an octave, as in c4 or f#3, \
                 or a MIDI number from 0 to 127",
            ),
            (notes, "c4'majj", 0..7, "`majj` is no chord", "did you mean 'maj?"),
            (
                notes,
                "c4'maj'x",
                0..8,
                "`x` does nothing to a chord",
                "write 'i1 for an inversion, 'o for open, 'd1 for a drop, or a number of notes, as in c4'min7'i1",
            ),
            (
                notes,
                "c-1'maj'o",
                0..9,
                "`c-1'maj'o` has notes below MIDI number 0",
                "write it some octaves higher",
            ),
            (notes, "c4~", 0..3, "`c4~` is no note", "write spaces around `~`, as in c4 ~ c4"),
            (drums, "bd~", 0..3, "`bd~` is no drum", "write spaces around `~`, as in c4 ~ c4"),
            (
                notes,
                "g9'maj",
                0..6,
                "`g9'maj` has notes above MIDI number 127",
                "write it some octaves lower",
            ),
            (notes, "c4:2", 0..4, "`c4:2`: a note has no number after `:`", "write c4"),
        ] {
            let error = lift(&parse(text).expect("well formed")).unwrap_err();
            assert_eq!(error, MiniError { at, message: message.into(), help: Some(help.into()) }, "{text}");
        }
        let error = numbers(&parse("1 inf").expect("well formed")).unwrap_err();
        assert_eq!((error.at, error.message.as_str()), (2..5, "`inf` is no number"));
        let error = numbers(&parse("0..3").expect("well formed")).unwrap_err();
        assert_eq!(error.help.as_deref(), Some("write spaces around `..`, as in 0 .. 3"));
    }
}
