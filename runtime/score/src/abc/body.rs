//! The body of an ABC tune: characters to notes and bar lines, as they stand on the page.

use num_rational::Ratio;
use num_traits::{CheckedDiv, CheckedMul};

use super::key::{Signature, letter_semitones, parse_key};
use super::{AbcErrorKind, bar_length, is_compound, parse_length, parse_meter};
use crate::Meter;

/// What the body of a tune is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Element {
    /// A note, or a rest where `pitch` is none; `duration` in quarter-note beats.
    Note {
        duration: Ratio<i64>,
        pitch: Option<u8>,
        tied: bool,
    },
    Bar(BarLine),
    /// A chord symbol: it holds from the next note on.
    Symbol(String),
    /// The start of an ending, with the passes on which it is played.
    Ending(Vec<u8>),
}

/// What a bar line says beside that the bar ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct BarLine {
    pub(super) ends_repeat: bool,
    pub(super) starts_repeat: bool,
    /// Two lines, or a thin and a thick one: a part ends here.
    pub(super) double: bool,
}

/// The largest numerator or denominator of a written length, and of a tuplet's number.
const LARGEST: i64 = 1 << 12;

/// A tuplet being played: how much shorter its notes are, and how many are still to come.
#[derive(Debug, Clone, Copy)]
struct Tuplet {
    factor: Ratio<i64>,
    left: i64,
}

/// Reads the lines of one body. All state that one line leaves to the next is here.
pub(super) struct Body {
    unit: Ratio<i64>,
    meter: Meter,
    signature: Signature,
    /// Accidentals of the bar: they hold for their letter in every octave (ABC 2.1 §11.3).
    bar: [Option<i8>; 7],
    tuplet: Option<Tuplet>,
    /// Factor that a broken rhythm leaves for the note that follows.
    broken: Option<Ratio<i64>>,
    /// Letter, octave and alteration of the last note when it is tied.
    tie: Option<(usize, i32, i8)>,
    first_voice: Option<String>,
    silent: bool,
    /// The metre or the tonic changed within the tune.
    pub(super) meter_changes: bool,
    pub(super) elements: Vec<Element>,
}

struct Scanner<'a> {
    chars: &'a [char],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Characters up to `end`, which is passed over; none if it is not on this line.
    fn until(&mut self, end: char) -> Option<String> {
        let length = self.chars[self.at..].iter().position(|&c| c == end)?;
        let text = self.chars[self.at..self.at + length].iter().collect();
        self.at += length + 1;
        Some(text)
    }

    fn number(&mut self) -> Result<Option<i64>, AbcErrorKind> {
        let mut value: Option<i64> = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            self.at += 1;
            let next = value.unwrap_or(0) * 10 + i64::from(digit);
            if next > LARGEST {
                return Err(AbcErrorKind::Number(LARGEST));
            }
            value = Some(next);
        }
        Ok(value)
    }

    /// A length after a note: `3`, `/`, `//`, `3/2`, `/4`.
    fn length(&mut self) -> Result<Ratio<i64>, AbcErrorKind> {
        let numerator = self.number()?.unwrap_or(1);
        let mut denominator = 1;
        while self.eat('/') {
            denominator *= self.number()?.unwrap_or(2);
            if denominator == 0 || denominator > LARGEST {
                return Err(AbcErrorKind::Number(LARGEST));
            }
        }
        if numerator == 0 {
            return Err(AbcErrorKind::Number(LARGEST));
        }
        Ok(Ratio::new(numerator, denominator))
    }
}

impl Body {
    pub(super) fn new(unit: Ratio<i64>, meter: Meter, signature: Signature) -> Body {
        Body {
            unit,
            meter,
            signature,
            bar: [None; 7],
            tuplet: None,
            broken: None,
            tie: None,
            first_voice: None,
            silent: false,
            meter_changes: false,
            elements: Vec::new(),
        }
    }

    /// A field on a line of its own or in brackets. Fields that change no note are passed over.
    pub(super) fn field(&mut self, letter: char, value: &str) -> Result<(), AbcErrorKind> {
        match letter {
            'K' => self.signature = parse_key(value)?.1,
            'L' => self.unit = parse_length(value)?,
            'M' => {
                let meter = parse_meter(value)?;
                self.meter_changes |= meter != self.meter;
                self.meter = meter;
            }
            'V' => {
                let name = value.split_whitespace().next().unwrap_or("").to_owned();
                let first = self.first_voice.get_or_insert_with(|| name.clone());
                self.silent = *first != name;
            }
            _ => {}
        }
        Ok(())
    }

    /// One line of music.
    pub(super) fn line(&mut self, text: &str) -> Result<(), AbcErrorKind> {
        let chars: Vec<char> = text.chars().collect();
        let mut scan = Scanner { chars: &chars, at: 0 };
        while let Some(c) = scan.peek() {
            let start = self.elements.len();
            self.item(c, &mut scan)?;
            if self.silent {
                self.elements.truncate(start);
            }
        }
        Ok(())
    }

    fn item(&mut self, c: char, scan: &mut Scanner<'_>) -> Result<(), AbcErrorKind> {
        match c {
            '^' | '_' | '=' | 'A'..='G' | 'a'..='g' => {
                let (pitch, tied) = self.pitch(scan)?;
                let length = scan.length()?;
                self.note(length, Some(pitch), tied, scan)
            }
            'z' | 'x' => {
                scan.at += 1;
                let length = scan.length()?;
                self.note(length, None, false, scan)
            }
            'Z' | 'X' => {
                scan.at += 1;
                let bars = scan.number()?.unwrap_or(1).max(1);
                let duration = bar_length(self.meter)
                    .checked_mul(&Ratio::from(bars))
                    .ok_or(AbcErrorKind::Number(LARGEST))?;
                self.elements.push(Element::Note { duration, pitch: None, tied: false });
                Ok(())
            }
            '[' => self.bracket(scan),
            '|' | ':' | ']' => self.bar_line(scan),
            '(' => self.tuplet(scan),
            '>' | '<' => self.broken(c, scan),
            '{' => {
                scan.at += 1;
                scan.until('}').ok_or(AbcErrorKind::Unclosed('{')).map(drop)
            }
            '"' => {
                scan.at += 1;
                let text = scan.until('"').ok_or(AbcErrorKind::Unclosed('"'))?;
                // What begins with one of these is a word beside the notes (ABC 2.1 §4.19).
                if !text.starts_with(['^', '_', '<', '>', '@']) {
                    self.elements.push(Element::Symbol(text.trim().to_owned()));
                }
                Ok(())
            }
            '!' | '+' => {
                scan.at += 1;
                decoration(c, scan);
                Ok(())
            }
            '&' => {
                // Another voice in the same bar: the first one is kept.
                while scan.peek().is_some_and(|c| c != '|') {
                    scan.at += 1;
                }
                Ok(())
            }
            'y' => {
                scan.at += 1;
                scan.length().map(drop)
            }
            // Slurs, ties between different pitches, decorations by letter, beams, line ends.
            ')' | '-' | '.' | '~' | 'H'..='W' | 'h'..='w' | '`' | '*' | ';' | '$' | '\\' | '%' => {
                scan.at += 1;
                if c == '%' {
                    scan.at = scan.chars.len();
                }
                Ok(())
            }
            c if c.is_whitespace() => {
                scan.at += 1;
                Ok(())
            }
            other => Err(AbcErrorKind::Character(other)),
        }
    }

    /// Accidental, letter and octave marks; says too whether the note goes on from a tie.
    fn pitch(&mut self, scan: &mut Scanner<'_>) -> Result<(u8, bool), AbcErrorKind> {
        let mut written: Option<i8> = None;
        while let Some(c @ ('^' | '_' | '=')) = scan.peek() {
            scan.at += 1;
            written = Some(match c {
                '^' => written.unwrap_or(0) + 1,
                '_' => written.unwrap_or(0) - 1,
                _ => 0,
            });
            if written.is_some_and(|a| a.abs() > 2) {
                return Err(AbcErrorKind::Accidental);
            }
        }
        let (letter, mut octave) = match scan.peek() {
            Some(c @ 'A'..='G') => (c as usize - 'A' as usize, 5),
            Some(c @ 'a'..='g') => (c as usize - 'a' as usize, 6),
            _ => return Err(AbcErrorKind::Accidental),
        };
        scan.at += 1;
        while let Some(c @ ('\'' | ',')) = scan.peek() {
            scan.at += 1;
            octave += if c == '\'' { 1 } else { -1 };
            if !(0..=10).contains(&octave) {
                return Err(AbcErrorKind::Pitch);
            }
        }
        let tie = self.tie.take().filter(|&(l, o, _)| l == letter && o == octave);
        let alteration = match (written, tie) {
            (Some(written), _) => {
                self.bar[letter] = Some(written);
                written
            }
            (None, Some((_, _, alteration))) => alteration,
            (None, None) => self.bar[letter].unwrap_or(self.signature[letter]),
        };
        let tied = tie.is_some_and(|(_, _, a)| a == alteration);
        let midi = 12 * octave + letter_semitones(letter) + i32::from(alteration);
        let pitch = u8::try_from(midi).ok().filter(|&p| p < 128).ok_or(AbcErrorKind::Pitch)?;
        self.tie = Some((letter, octave, alteration));
        Ok((pitch, tied))
    }

    /// Puts a note of `length` units down, with what broken rhythm and tuplet do to it.
    fn note(
        &mut self,
        length: Ratio<i64>,
        pitch: Option<u8>,
        tied: bool,
        scan: &mut Scanner<'_>,
    ) -> Result<(), AbcErrorKind> {
        let too_long = || AbcErrorKind::Number(LARGEST);
        let mut duration = length.checked_mul(&self.unit).ok_or_else(too_long)?;
        if let Some(factor) = self.broken.take() {
            duration = duration.checked_mul(&factor).ok_or_else(too_long)?;
        }
        if let Some(tuplet) = &mut self.tuplet {
            duration = duration.checked_mul(&tuplet.factor).ok_or_else(too_long)?;
            tuplet.left -= 1;
            if tuplet.left <= 0 {
                self.tuplet = None;
            }
        }
        if *duration.denom() > LARGEST || *duration.numer() > LARGEST * LARGEST {
            return Err(too_long());
        }
        self.elements.push(Element::Note { duration, pitch, tied });
        if pitch.is_none() || !scan.eat('-') {
            self.tie = None;
        }
        Ok(())
    }

    /// `[`: a chord, a field, an ending, or part of a bar line.
    fn bracket(&mut self, scan: &mut Scanner<'_>) -> Result<(), AbcErrorKind> {
        match (scan.peek_at(1), scan.peek_at(2)) {
            (Some(letter), Some(':')) if letter.is_ascii_alphabetic() => {
                scan.at += 3;
                let value = scan.until(']').ok_or(AbcErrorKind::Unclosed('['))?;
                self.field(letter, &value)
            }
            (Some(digit), _) if digit.is_ascii_digit() => {
                scan.at += 1;
                self.ending(scan)
            }
            (Some('|' | ']'), _) => self.bar_line(scan),
            // `:|[` and `|[` before anything else only thicken the line.
            (None | Some(' ' | '"' | '\\'), _) => {
                scan.at += 1;
                Ok(())
            }
            _ => self.chord(scan),
        }
    }

    /// `[CEG]2`: its highest note, as long as its first.
    fn chord(&mut self, scan: &mut Scanner<'_>) -> Result<(), AbcErrorKind> {
        scan.at += 1;
        let tie = self.tie;
        let mut top: Option<(u8, bool)> = None;
        let mut top_tie = None;
        let mut first = None;
        loop {
            match scan.peek() {
                Some(']') => break scan.at += 1,
                Some('^' | '_' | '=' | 'A'..='G' | 'a'..='g') => {
                    self.tie = tie;
                    let (pitch, tied) = self.pitch(scan)?;
                    let length = scan.length()?;
                    first.get_or_insert(length);
                    if top.is_none_or(|(highest, _)| pitch > highest) {
                        top = Some((pitch, tied));
                        top_tie = self.tie;
                    }
                }
                Some('"') => {
                    scan.at += 1;
                    scan.until('"').ok_or(AbcErrorKind::Unclosed('"'))?;
                }
                Some('-' | '.' | '~' | '(' | ')' | '!' | '+' | ' ' | 'H'..='W' | 'h'..='w') => scan.at += 1,
                Some('z' | 'x') => {
                    scan.at += 1;
                    let length = scan.length()?;
                    first.get_or_insert(length);
                }
                Some(other) => return Err(AbcErrorKind::Character(other)),
                None => return Err(AbcErrorKind::Unclosed('[')),
            }
        }
        let length = scan.length()?;
        let Some(first) = first else { return Ok(()) };
        self.tie = top_tie;
        let length = first.checked_mul(&length).ok_or(AbcErrorKind::Number(LARGEST))?;
        let (pitch, tied) = top.map_or((None, false), |(pitch, tied)| (Some(pitch), tied));
        self.note(length, pitch, tied, scan)
    }

    fn bar_line(&mut self, scan: &mut Scanner<'_>) -> Result<(), AbcErrorKind> {
        let start = scan.at;
        let mut lines = 0;
        while let Some(c) = scan.peek() {
            match c {
                '|' | ']' => lines += 1,
                ':' => {}
                '[' if matches!(scan.peek_at(1), Some('|' | ']')) => lines += 1,
                _ => break,
            }
            scan.at += 1;
        }
        let text = &scan.chars[start..scan.at];
        let colon_first = text[0] == ':';
        let colon_last = text[text.len() - 1] == ':';
        // A lone `]` or `:` closes nothing that is read here.
        if lines == 0 && text.len() < 2 || text == [']'] {
            return Ok(());
        }
        let bar = BarLine {
            ends_repeat: colon_first,
            starts_repeat: colon_last && (lines > 0 || text.len() > 1),
            double: lines > 1,
        };
        self.elements.push(Element::Bar(bar));
        self.bar = [None; 7];
        // `|1`, `:|2`, `| 1`: an ending without its bracket.
        let space = scan.chars[scan.at..].iter().take_while(|&&c| c == ' ').count();
        if scan.peek_at(space).is_some_and(|c| c.is_ascii_digit()) {
            scan.at += space;
            return self.ending(scan);
        }
        Ok(())
    }

    /// The passes of an ending: `1`, `1,3`, `1-3`.
    fn ending(&mut self, scan: &mut Scanner<'_>) -> Result<(), AbcErrorKind> {
        let mut passes = Vec::new();
        let most = 8;
        loop {
            let first = scan.number()?.ok_or(AbcErrorKind::Ending)?;
            let last = if scan.peek() == Some('-') && scan.peek_at(1).is_some_and(|c| c.is_ascii_digit()) {
                scan.at += 1;
                scan.number()?.ok_or(AbcErrorKind::Ending)?
            } else {
                first
            };
            if first < 1 || last > most || last < first {
                return Err(AbcErrorKind::Ending);
            }
            passes.extend((first..=last).map(|pass| pass as u8));
            let more = scan.peek() == Some(',') && scan.peek_at(1).is_some_and(|c| c.is_ascii_digit());
            if !more {
                break;
            }
            scan.at += 1;
        }
        scan.eat('.');
        self.elements.push(Element::Ending(passes));
        Ok(())
    }

    /// `(3`, `(3:2`, `(3:2:4`, `(3::2`; a bare `(` is a slur.
    fn tuplet(&mut self, scan: &mut Scanner<'_>) -> Result<(), AbcErrorKind> {
        scan.at += 1;
        let Some(notes) = scan.number()? else { return Ok(()) };
        if !(2..=9).contains(&notes) {
            return Err(AbcErrorKind::Tuplet(notes));
        }
        let mut time = match notes {
            2 | 4 | 8 => 3,
            3 | 6 => 2,
            _ if is_compound(self.meter) => 3,
            _ => 2,
        };
        let mut count = notes;
        if scan.peek() == Some(':') && scan.peek_at(1).is_some_and(|c| c.is_ascii_digit() || c == ':') {
            scan.at += 1;
            time = scan.number()?.unwrap_or(time);
            if scan.peek() == Some(':') && scan.peek_at(1).is_some_and(|c| c.is_ascii_digit()) {
                scan.at += 1;
                count = scan.number()?.unwrap_or(count);
            }
        }
        if !(1..=64).contains(&time) || count < 1 {
            return Err(AbcErrorKind::Tuplet(time));
        }
        self.tuplet = Some(Tuplet { factor: Ratio::new(time, notes), left: count });
        Ok(())
    }

    /// `a>b` dots the first and halves the second; each further mark once more.
    fn broken(&mut self, mark: char, scan: &mut Scanner<'_>) -> Result<(), AbcErrorKind> {
        let mut marks = 0;
        while scan.eat(mark) {
            marks += 1;
        }
        if marks > 3 {
            return Err(AbcErrorKind::Broken);
        }
        let short = Ratio::new(1, 1 << marks);
        let long = Ratio::from(2) - short;
        let (before, after) = if mark == '>' { (long, short) } else { (short, long) };
        let last = self.elements.iter_mut().rev().find_map(|element| match element {
            Element::Note { duration, .. } => Some(duration),
            _ => None,
        });
        // At the start of a tune, or in a voice that is not read, there is nothing to change.
        let Some(duration) = last.filter(|_| !self.silent) else { return Ok(()) };
        *duration = duration.checked_mul(&before).ok_or(AbcErrorKind::Broken)?;
        if *duration.denom() > LARGEST || duration.checked_div(&before).is_none() {
            return Err(AbcErrorKind::Broken);
        }
        self.broken = Some(after);
        Ok(())
    }
}

/// Passes over `!trill!`. A `!` that opens no decoration is an old line end.
fn decoration(mark: char, scan: &mut Scanner<'_>) {
    let rest = &scan.chars[scan.at..];
    let name = |c: &char| c.is_ascii_alphanumeric() || "()<>.^/".contains(*c);
    let length = rest.iter().take_while(|c| name(c)).count();
    if length > 0 && rest.get(length) == Some(&mark) {
        scan.at += length + 1;
    }
}
