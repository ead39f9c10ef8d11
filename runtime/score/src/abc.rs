//! ABC, the text form in which folk tunes are written and collected: a reader of whole tune books.
//!
//! It reads what the collections use of the ABC standard 2.1: headers, keys and modes, accidentals
//! that hold for the bar, tuplets, broken rhythm, ties, chords (their top note), repeats and
//! endings (written out in playing order), several voices (the first one), chord symbols as they are
//! written. Grace notes, decorations and slurs are passed over. Time is exact, in quarter-note beats.

mod body;
mod key;
mod repeats;
#[cfg(test)]
mod tests;

use num_rational::Ratio;

use crate::{Beat, Key, Meter};
use body::{Body, Element};
use key::{Signature, parse_key};

/// A note or a rest of a tune, in playing order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TuneNote {
    /// Where it begins, in quarter-note beats from the start of the tune.
    pub start: Beat,
    /// How long it is, in quarter-note beats.
    pub duration: Beat,
    /// MIDI note number; none is a rest.
    pub pitch: Option<u8>,
    /// How often its part has been played before: 0 is the first time through.
    pub pass: u8,
}

/// One tune, its repeats written out.
#[derive(Debug, Clone, PartialEq)]
pub struct Tune {
    /// Line of its `X:` field, the first line is 1.
    pub line: usize,
    /// The first `T:` field, or nothing.
    pub title: String,
    /// The `R:` field (reel, jig …) as it is written.
    pub rhythm: Option<String>,
    /// The metre at the start.
    pub meter: Meter,
    /// The key at the start.
    pub key: Key,
    /// Notes and rests, in order, each beginning where the one before ends.
    pub notes: Vec<TuneNote>,
    /// Times of the plain bar lines, in quarter-note beats. Double bars and repeats are not among
    /// them, since they may stand within a bar (before an upbeat).
    pub bar_lines: Vec<Beat>,
    /// Chord symbols (`Am`, `G7`), each with the time from which it holds, the repeats written out.
    pub chords: Vec<(Beat, String)>,
    /// Times at which a part begins: after a double bar or a repeat, the repeats written out.
    pub parts: Vec<Beat>,
    /// The metre changes within the tune.
    pub meter_changes: bool,
}

impl Tune {
    /// Length of the upbeat in quarter-note beats: what sounds before the first bar line, when it
    /// is less than a bar.
    pub fn pickup(&self) -> Beat {
        let first = self.bar_lines.iter().copied().find(|&time| time > Beat::ZERO);
        first.filter(|&time| time < self.meter.bar()).unwrap_or(Beat::ZERO)
    }
}

/// Why a tune could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {kind}")]
pub struct AbcError {
    /// Line of the text, the first line is 1.
    pub line: usize,
    /// What is wrong there.
    pub kind: AbcErrorKind,
}

/// What can be wrong in ABC text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AbcErrorKind {
    /// The `K:` field names no key.
    #[error("`{0}` is no key; write a tonic and a mode, as in `K:D`, `K:F#m` or `K:A dorian`")]
    Key(String),
    /// The `M:` field names no metre.
    #[error("`{0}` is no metre; write one as in `M:6/8`, `M:C` or `M:C|`")]
    Meter(String),
    /// The `L:` field names no length.
    #[error("`{0}` is no unit length; write one as in `L:1/8`")]
    Length(String),
    /// The tune has no `K:` field, which must end its header.
    #[error("the tune has no `K:` field; its header must end with one")]
    NoKey,
    /// The tune has no note.
    #[error("the tune has no notes")]
    Empty,
    /// A number out of range.
    #[error("a length or number here is zero or too large; the largest is {0}")]
    Number(i64),
    /// A character with no meaning in ABC.
    #[error("`{0}` means nothing in ABC music")]
    Character(char),
    /// Something opened is not closed on its line.
    #[error("the `{0}` here is never closed on its line")]
    Unclosed(char),
    /// An accidental without a note, or three of them.
    #[error("an accidental must stand before a note letter, at most two of a kind")]
    Accidental,
    /// A note outside MIDI's range.
    #[error("this note is too low or too high to play")]
    Pitch,
    /// A broken rhythm that divides too far.
    #[error("a broken rhythm has at most three `>` or `<` and divides a written length")]
    Broken,
    /// A tuplet that is none.
    #[error("`({0}` is no tuplet; write from `(2` to `(9`")]
    Tuplet(i64),
    /// An ending out of range.
    #[error("an ending is numbered from 1 to 8, as in `[1`, `[1,3` or `[1-3`")]
    Ending,
    /// The tune with its repeats is too long.
    #[error("with its repeats the tune has over {0} notes and bar lines")]
    TooLong(usize),
}

/// Reads a book of tunes: each begins with an `X:` field and ends at an empty line or the next
/// `X:`. A tune that cannot be read is an error in its place, and the rest is still read.
pub fn read_book(text: &str) -> Vec<Result<Tune, AbcError>> {
    let mut tunes = Vec::new();
    let mut block: Vec<(usize, &str)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let starts = line.starts_with("X:");
        if (starts || line.trim().is_empty()) && !block.is_empty() {
            tunes.push(read_block(&block));
            block.clear();
        }
        if starts || !block.is_empty() {
            block.push((index + 1, line));
        }
    }
    if !block.is_empty() {
        tunes.push(read_block(&block));
    }
    tunes
}

/// A field line's letter and value. `d:|` is music, not a field.
fn field(line: &str) -> Option<(char, &str)> {
    let mut chars = line.chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    let value = chars.as_str().strip_prefix(':')?;
    if value.starts_with(['|', ':']) {
        return None;
    }
    Some((letter, value))
}

/// The text before a comment; `\%` is no comment.
fn uncommented(line: &str) -> &str {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        if c == '%' && !escaped {
            return &line[..at];
        }
        escaped = c == '\\';
    }
    line
}

/// Reads one tune from its numbered lines.
fn read_block(block: &[(usize, &str)]) -> Result<Tune, AbcError> {
    let first_line = block.first().map_or(1, |&(line, _)| line);
    let mut title = String::new();
    let mut rhythm = None;
    let mut meter = Meter::COMMON;
    let mut unit = None;
    let mut key: Option<Key> = None;
    let mut body: Option<Body> = None;
    for &(line, text) in block {
        let at = |kind| AbcError { line, kind };
        let text = uncommented(text);
        match (field(text), &mut body) {
            (Some((letter, value)), Some(body)) => body.field(letter, value).map_err(at)?,
            (None, Some(body)) => body.line(text).map_err(at)?,
            (Some(('T', value)), None) if title.is_empty() => title = value.trim().to_owned(),
            (Some(('R', value)), None) => {
                rhythm = Some(value.trim().to_owned()).filter(|rhythm| !rhythm.is_empty());
            }
            (Some(('M', value)), None) => meter = parse_meter(value).map_err(at)?,
            (Some(('L', value)), None) => unit = Some(parse_length(value).map_err(at)?),
            (Some(('K', value)), None) => {
                let (found, signature): (Key, Signature) = parse_key(value).map_err(at)?;
                // Without L:, a metre below 3/4 counts in 16ths, else in 8ths (ABC 2.1 §3.1.7).
                let default = if meter.bar() < Beat::whole(3) { Ratio::new(1, 4) } else { Ratio::new(1, 2) };
                key = Some(found);
                body = Some(Body::new(unit.unwrap_or(default), meter, signature));
            }
            _ => {}
        }
    }
    let at = |kind| AbcError { line: first_line, kind };
    let (Some(key), Some(body)) = (key, body) else { return Err(at(AbcErrorKind::NoKey)) };
    let meter_changes = body.meter_changes;
    let Timed { notes, bar_lines, chords, parts } = timed(body.elements).map_err(at)?;
    Ok(Tune { line: first_line, title, rhythm, meter, key, notes, bar_lines, chords, parts, meter_changes })
}

/// Times of notes (ties joined), of plain bar lines, of chord symbols and of parts, repeats written out.
struct Timed {
    notes: Vec<TuneNote>,
    bar_lines: Vec<Beat>,
    chords: Vec<(Beat, String)>,
    parts: Vec<Beat>,
}

/// Gives every element its time.
fn timed(elements: Vec<Element>) -> Result<Timed, AbcErrorKind> {
    let mut notes: Vec<TuneNote> = Vec::new();
    let mut bar_lines: Vec<Beat> = Vec::new();
    let mut chords: Vec<(Beat, String)> = Vec::new();
    let mut parts: Vec<Beat> = Vec::new();
    let mut now = Ratio::from(0);
    for (element, pass) in repeats::expand(elements)? {
        let start = beat(now);
        match element {
            Element::Note { duration, pitch, tied } => {
                let joined = notes.last_mut().filter(|last| tied && last.pitch == pitch);
                match joined {
                    Some(last) => last.duration += beat(duration),
                    None => notes.push(TuneNote { start, duration: beat(duration), pitch, pass }),
                }
                now = sum(now, duration)?;
            }
            Element::Bar(bar) => {
                let plain = !(bar.double || bar.ends_repeat || bar.starts_repeat);
                let times = if plain { &mut bar_lines } else { &mut parts };
                if times.last() != Some(&start) {
                    times.push(start);
                }
            }
            Element::Symbol(text) => chords.push((start, text)),
            Element::Ending(_) => {}
        }
    }
    if notes.iter().all(|note| note.pitch.is_none()) {
        return Err(AbcErrorKind::Empty);
    }
    Ok(Timed { notes, bar_lines, chords, parts })
}

fn beat(time: Ratio<i64>) -> Beat {
    Beat::new(*time.numer(), *time.denom())
}

/// Adds two times, within bounds that keep every later sum and product from overflowing.
fn sum(a: Ratio<i64>, b: Ratio<i64>) -> Result<Ratio<i64>, AbcErrorKind> {
    use num_traits::CheckedAdd;
    let largest = 1 << 30;
    a.checked_add(&b)
        .filter(|total| *total.denom() <= largest && *total.numer() <= largest)
        .ok_or(AbcErrorKind::Number(largest))
}

/// `C`, `C|`, `6/8`, `none`.
fn parse_meter(value: &str) -> Result<Meter, AbcErrorKind> {
    let value = value.trim();
    let text = match value {
        "C" | "none" | "" => "4/4",
        "C|" => "2/2",
        other => other,
    };
    text.parse().map_err(|_| AbcErrorKind::Meter(value.chars().take(40).collect()))
}

/// 6/8, 9/8 and 12/8, where three units make a beat.
fn is_compound(meter: Meter) -> bool {
    meter.count().is_multiple_of(3) && meter.count() > 3 && meter.unit() >= 8
}

/// Length of a bar in quarter-note beats.
fn bar_length(meter: Meter) -> Ratio<i64> {
    Ratio::new(4 * i64::from(meter.count()), i64::from(meter.unit()))
}

/// `1/8`, in quarter-note beats.
fn parse_length(value: &str) -> Result<Ratio<i64>, AbcErrorKind> {
    let value = value.trim();
    let wrong = || AbcErrorKind::Length(value.chars().take(40).collect());
    let (numerator, denominator) = value.split_once('/').unwrap_or((value, "1"));
    let numerator: u8 = numerator.trim().parse().map_err(|_| wrong())?;
    let denominator: u8 = denominator.trim().parse().map_err(|_| wrong())?;
    if numerator == 0 || numerator > 4 || !denominator.is_power_of_two() || denominator > 64 {
        return Err(wrong());
    }
    Ok(Ratio::new(4 * i64::from(numerator), i64::from(denominator)))
}
