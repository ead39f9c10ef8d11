//! Chords by symbol or Roman numeral: one reading for `chord`, `progression` and `chords`, over the one table of
//! [`chord`].

use std::ops::Range;

use lilt_score::{Key, ScaleAt, chord, nearest};
use mlua::{Function, Lua, Value};

use crate::bind::read_key;
use crate::context::context;
use crate::fault::Fault;
use crate::options::{expected, number_in};

/// Numerals of the degrees of a scale.
const NUMERALS: [&str; 7] = ["i", "ii", "iii", "iv", "v", "vi", "vii"];

/// Kinds of chord that are told first.
const USUAL: &str = "m, 7, m7, maj7, dim, aug, sus2, sus4, 6 or 9; lilt doc notation lists all";

/// MIDI numbers of a chord symbol (`Am7`, `Bb`, `F#dim`), its root in `octave`; a bass behind a slash (`C/E`) lies
/// below it.
///
/// # Errors
/// When it is none; the fault has no place.
pub(crate) fn symbol(word: &str, octave: f64) -> Result<Vec<f64>, Fault> {
    symbol_or(word, octave, "write a root A to G and what kind, as in Am7, F or Bbsus4")
}

/// The pitches of a chord symbol; `help` is what to write where the word is like none.
fn symbol_or(word: &str, octave: f64, help: &str) -> Result<Vec<f64>, Fault> {
    let (root, steps) = chord::named(word).ok_or_else(|| {
        let help = like(word).unwrap_or_else(|| help.to_owned());
        Fault::new(format!("`{word}` is no chord")).help(help)
    })?;
    let root = 12.0 * (octave + 1.0) + f64::from(root);
    let bass = chord::bass(word).map(|class| chord::below(root, class)).filter(|below| *below > 0.0);
    let chord = steps.iter().map(|step| root + f64::from(*step));
    Ok(bass.map(|below| root - below).into_iter().chain(chord).collect())
}

/// MIDI numbers of a chord symbol, or of a Roman numeral in a scale: by itself it takes every other pitch of the scale,
/// four with a 7 behind it; with the name of a kind of chord behind it, or `b` or `#` before it, it is that chord on
/// the degree. The tonic of the scale, or the root, lies in `octave`, where the scale is written without one.
///
/// # Errors
/// When it is neither; the fault has no place.
pub(crate) fn chord(word: &str, scale: ScaleAt, octave: f64) -> Result<Vec<f64>, Fault> {
    if let Some(pitches) = numeral(word, scale, octave - 4.0)? {
        return Ok(pitches);
    }
    symbol_or(
        word,
        octave,
        "write a numeral from I to VII, as in ii7 or bVII, or a root A to G and what kind, as in Am7",
    )
}

/// The pitches of a Roman numeral, if the word is one, so many octaves above where the scale lies.
fn numeral(word: &str, scale: ScaleAt, octaves: f64) -> Result<Option<Vec<f64>>, Fault> {
    let (shift, rest) = match word.as_bytes().first() {
        Some(b'b') => (Some(-1.0), &word[1..]),
        Some(b'#') => (Some(1.0), &word[1..]),
        _ => (None, word),
    };
    let end = rest.find(|c: char| !"ivIV".contains(c)).unwrap_or(rest.len());
    let (name, kind) = rest.split_at(end);
    let lower = name.to_lowercase();
    let Some(degree) = NUMERALS.iter().position(|known| *known == lower) else { return Ok(None) };
    let pitch = |degree: usize| scale.pitch(degree as f64) + 12.0 * octaves;
    let is_minor = name.starts_with('i') || name.starts_with('v');
    let kind = match (kind, shift) {
        ("", None) => return Ok(Some((0..3).map(|i| pitch(degree + 2 * i)).collect())),
        ("7", None) => return Ok(Some((0..4).map(|i| pitch(degree + 2 * i)).collect())),
        ("", Some(_)) if is_minor => "min",
        ("", Some(_)) => "maj",
        ("7", Some(_)) if is_minor => "m7",
        (kind, _) => kind,
    };
    let Some(steps) = chord::intervals(kind) else {
        let fault = Fault::new(format!("`{word}` is no chord"));
        let numeral = &word[..word.len() - kind.len()];
        return Err(match nearest(kind, chord::all_names()) {
            Some(near) => fault.help(format!("did you mean {numeral}{near}?")),
            None => fault.help(format!("write {numeral} alone, {numeral}7, or behind it {USUAL}")),
        });
    };
    let root = pitch(degree) + shift.unwrap_or(0.0);
    Ok(Some(steps.iter().map(|step| root + f64::from(*step)).collect()))
}

/// What to write in place of a word that is no chord symbol and like one.
fn like(word: &str) -> Option<String> {
    if let Some((chord, _)) = word.split_once('/').filter(|(chord, _)| chord::named(chord).is_some()) {
        return Some(format!("write a note behind the slash, as in {chord}/E"));
    }
    let mut letters = word.chars();
    let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    if capital != word && chord::named(&capital).is_some() {
        return Some(format!("write its root as a capital letter, as in {capital}"));
    }
    let (_, kind) = chord::root(word)?;
    let root = &word[..word.len() - kind.len()];
    Some(match nearest(kind, chord::all_names()) {
        Some(near) => format!("did you mean {root}{near}?"),
        None => format!("write {root} alone, or behind it {USUAL}"),
    })
}

/// Where a word stands in a text, as a word of its own.
pub(crate) fn place(text: &str, word: &str) -> Range<usize> {
    let apart = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || "<>[]{}(),*/!@?|~".contains(c));
    let alone =
        |at: &usize| apart(text[..*at].chars().next_back()) && apart(text[at + word.len()..].chars().next());
    let from = text.match_indices(word).map(|(at, _)| at).find(alone);
    from.map_or(0..text.len(), |from| from..from + word.len())
}

/// Lowest and highest octave of a root.
const OCTAVES: (f64, f64) = (-1.0, 8.0);

/// Octave in which roots lie when none is written.
const OCTAVE: f64 = 3.0;

fn octave(written: &Value) -> Result<f64, Fault> {
    match written {
        Value::Nil => Ok(OCTAVE),
        Value::String(_) => {
            let fault = expected("octave", "a number", written);
            Err(fault.help(
                "write the whole chord as one text, as in chord \"Cm7\", or with an octave chord(\"Cm7\", 4)",
            ))
        }
        octave => number_in("octave", octave, OCTAVES.0, OCTAVES.1),
    }
}

/// The function `(name, octave)` that gives the pitches of a chord symbol, which modules of the standard library are
/// given.
pub(crate) fn read_chord(lua: &Lua) -> mlua::Result<Function> {
    lua.create_function(|_, (name, written): (Value, Value)| {
        let Value::String(name) = &name else {
            return Err(expected("chord", "a name such as \"Am7\"", &name).into());
        };
        let name = name.to_string_lossy();
        Ok(symbol(&name, octave(&written)?).map_err(|fault| fault.text(name).of("chord"))?)
    })
}

/// The function `(text, key, octave)` that gives a list of chords, each a list of pitches, which modules of the standard
/// library are given; without a key they are in the script's.
pub(crate) fn read_progression(lua: &Lua) -> mlua::Result<Function> {
    lua.create_function(|lua, (text, key, written): (Value, Value, Value)| {
        let Value::String(text) = &text else {
            return Err(expected("progression", "chords such as \"I V vi IV\"", &text).into());
        };
        let key = match &key {
            Value::Nil => context(lua)?
                .key_and_meter("progression")
                .ok()
                .and_then(|(key, _)| key)
                .unwrap_or(Key::C_MAJOR),
            key => read_key("scale", key)?,
        };
        let (text, octave) = (text.to_string_lossy(), octave(&written)?);
        let read = |word| {
            chord(word, key.into(), octave)
                .map_err(|fault| fault.within(text.as_str(), place(&text, word)).of("progression"))
        };
        // Bars and dashes between chords are how people write them down.
        let words =
            text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '|')).filter(|word| !word.is_empty());
        let chords =
            words.filter(|word| !matches!(*word, "-" | "–")).map(read).collect::<Result<Vec<_>, Fault>>()?;
        if chords.is_empty() {
            let fault = Fault::new("this progression has no chords").name("progression");
            return Err(fault.help("write chords such as \"I V vi IV\" or \"C G Am F\"").into());
        }
        Ok(chords)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn major() -> ScaleAt {
        Key::C_MAJOR.into()
    }

    #[test]
    fn numerals_and_symbols() {
        for (word, pitches) in [
            ("I", vec![48, 52, 55]),
            ("v7", vec![55, 59, 62, 65]),
            ("V7", vec![55, 59, 62, 65]),
            ("vii", vec![59, 62, 65]),
            ("Im7", vec![48, 51, 55, 58]),
            ("iidim", vec![50, 53, 56]),
            ("IVmaj7", vec![53, 57, 60, 64]),
            ("bVII", vec![58, 62, 65]),
            ("bvi", vec![56, 59, 63]),
            ("bVII7", vec![58, 62, 65, 68]),
            ("bii7", vec![49, 52, 56, 59]),
            ("#ivo", vec![54, 57, 60]),
            ("Am7", vec![57, 60, 64, 67]),
            ("Bb", vec![58, 62, 65]),
            ("C/E", vec![40, 48, 52, 55]),
            ("Am7/G", vec![55, 57, 60, 64, 67]),
            ("C/C", vec![48, 52, 55]),
        ] {
            let wanted: Vec<f64> = pitches.into_iter().map(f64::from).collect();
            assert_eq!(chord(word, major(), 3.0), Ok(wanted), "{word}");
        }
    }

    #[test]
    fn what_is_none_is_told_what_to_write_and_that_works() {
        for (word, help) in [
            (
                "X",
                "write a numeral from I to VII, as in ii7 or bVII, or a root A to G and what kind, as in Am7",
            ),
            ("IVmaj77", "did you mean IVmaj7?"),
            (
                "Ixyz",
                "write I alone, I7, or behind it m, 7, m7, maj7, dim, aug, sus2, sus4, 6 or 9; lilt doc notation lists all",
            ),
            ("am7", "write its root as a capital letter, as in Am7"),
            ("Amin77", "did you mean Amin7?"),
            (
                "Gxyzuvw",
                "write G alone, or behind it m, 7, m7, maj7, dim, aug, sus2, sus4, 6 or 9; lilt doc notation lists all",
            ),
        ] {
            let fault = chord(word, major(), 3.0).expect_err(word);
            assert_eq!((fault.message, fault.help.as_deref()), (format!("`{word}` is no chord"), Some(help)));
        }
        for word in [
            "ii7", "bVII", "Am7", "IVmaj7", "I7", "Im", "Imaj7", "Idim", "Iaug", "Isus2", "Isus4", "I6",
            "I9", "Amin7",
        ] {
            assert!(chord(word, major(), 3.0).is_ok(), "{word}");
        }
    }

    #[test]
    fn words_are_found_in_their_text() {
        for (text, word, found) in
            [("I Im7 I", "I", 0..1), ("V7 V", "V", 3..4), ("<C [Am F]>", "Am", 4..6), ("I", "X", 0..1)]
        {
            assert_eq!(place(text, word), found, "{text}");
        }
    }
}
