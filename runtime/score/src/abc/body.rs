//! One voice of an ABC tune: characters to notes and bar lines, as they stand on the page.

mod chord;
mod overlay;
mod rhythm;

use num_rational::Ratio;
use num_traits::CheckedMul;

use super::AbcErrorKind;
use super::bars::{self, BarLine};
use super::fields::{bar_length, parse_length, parse_meter};
use super::key::{Signature, parse_key};
use super::parts;
use super::scanner::{LARGEST, Scanner};
use crate::Meter;

/// What the body of a tune is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Element {
    /// A note, a chord, or a rest.
    Note(Sounded),
    Bar(BarLine),
    /// A chord symbol: it holds from the next note on.
    Symbol(String),
    /// The start of an ending, with the passes on which it is played.
    Ending(Vec<u8>),
    /// The start of a part that an order may name.
    Part(char),
    /// Further voices that begin here and take no time from this one.
    Overlay(Vec<Vec<Element>>),
}

/// What sounds at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sounded {
    /// In quarter-note beats.
    pub(super) duration: Ratio<i64>,
    /// The highest first; none for a rest.
    pub(super) tones: Vec<ChordTone>,
    /// The line of the text on which it is written, from 1.
    pub(super) line: usize,
}

/// A tone of a chord, or a note alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChordTone {
    /// MIDI note number.
    pub(super) pitch: u8,
    /// It goes on from the note of the same pitch before it.
    pub(super) tied: bool,
    /// How long it is, where the whole is 1: tones of a chord may have lengths of their own.
    pub(super) share: Ratio<i64>,
}

/// A tuplet being played: how much shorter its notes are, and how many are still to come.
#[derive(Debug, Clone, Copy)]
struct Tuplet {
    factor: Ratio<i64>,
    left: i64,
}

/// A note as it is written: letter (A = 0), octave, alteration.
type Written = (usize, i32, i8);

/// What the main voice has at hand while another is written over it.
#[derive(Debug, Clone)]
struct Beneath {
    elements: Vec<Element>,
    /// Where the voices above it begin.
    from: usize,
    above: Vec<Vec<Element>>,
    ties: Vec<Written>,
    sounding: Vec<Written>,
}

/// Reads the music of one voice. All state that one line leaves to the next is here.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) unit: Ratio<i64>,
    pub(super) meter: Meter,
    pub(super) signature: Signature,
    /// Semitones by which what is played lies above what is written.
    pub(super) shift: i32,
    /// Accidentals of the bar: they hold for their letter in every octave (ABC 2.1 §11.3).
    bar: [Option<i8>; 7],
    tuplet: Option<Tuplet>,
    /// Factor that a broken rhythm leaves for the note that follows.
    broken: Option<Ratio<i64>>,
    /// The notes from which a tie leads on.
    ties: Vec<Written>,
    /// The last note or chord, from which a `-` behind a space still ties.
    sounding: Vec<Written>,
    beneath: Option<Beneath>,
    /// Where a stretch of several voices over many bars began, `(&`.
    stretch: Option<usize>,
    /// Where the bar began.
    bar_start: usize,
    /// The bar that is being read, from 1, and whether it has a note.
    pub(super) bar_number: usize,
    bar_filled: bool,
    /// The metre changed within the tune.
    pub(super) meter_changes: bool,
    /// The line of the text that is being read, from 1.
    pub(super) line: usize,
    elements: Vec<Element>,
}

impl Body {
    pub(super) fn new(unit: Ratio<i64>, meter: Meter, signature: Signature, shift: i32) -> Body {
        Body {
            unit,
            meter,
            signature,
            shift,
            bar: [None; 7],
            tuplet: None,
            broken: None,
            ties: Vec::new(),
            sounding: Vec::new(),
            beneath: None,
            stretch: None,
            bar_start: 0,
            bar_number: 1,
            bar_filled: false,
            meter_changes: false,
            line: 1,
            elements: Vec::new(),
        }
    }

    /// What was read, in the order of the page.
    pub(super) fn into_elements(mut self) -> Vec<Element> {
        self.end_overlay();
        self.elements
    }

    /// Whether a note or a rest was read.
    pub(super) fn is_empty(&self) -> bool {
        self.beneath.is_none() && !self.elements.iter().any(|element| matches!(element, Element::Note(_)))
    }

    /// A field on a line of its own or in brackets. Fields that change no note are passed over.
    pub(super) fn field(&mut self, letter: char, value: &str) -> Result<(), AbcErrorKind> {
        match letter {
            'K' => {
                let field = parse_key(value)?;
                if let Some((_, signature)) = field.key {
                    self.signature = signature;
                }
                self.shift = field.shift.unwrap_or(self.shift);
            }
            'L' => self.unit = parse_length(value)?,
            'M' => {
                let meter = parse_meter(value)?;
                self.meter_changes |= meter != self.meter;
                self.meter = meter;
            }
            'P' => {
                if let Some(letter) = parts::label(value) {
                    self.end_overlay();
                    self.elements.push(Element::Part(letter));
                    self.bar_start = self.elements.len();
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Music up to the end of the line, or to a field that leads to another voice: its value.
    pub(super) fn music(&mut self, scan: &mut Scanner<'_>) -> Result<Option<String>, AbcErrorKind> {
        while let Some(c) = scan.peek() {
            if c == '[' && scan.peek_at(1) == Some('V') && scan.peek_at(2) == Some(':') {
                scan.at += 3;
                return scan.until(']').ok_or(AbcErrorKind::Unclosed('[')).map(Some);
            }
            self.item(c, scan)?;
        }
        let goes_on = scan.chars.iter().rev().find(|c| !c.is_whitespace()) == Some(&'\\');
        if self.stretch.is_none() && !goes_on {
            self.end_overlay();
        }
        Ok(None)
    }

    fn item(&mut self, c: char, scan: &mut Scanner<'_>) -> Result<(), AbcErrorKind> {
        match c {
            '^' | '_' | '=' | 'A'..='G' | 'a'..='g' => {
                let (written, pitch, tied) = self.pitch(scan)?;
                let length = scan.length()?;
                self.sounding = vec![written];
                self.ties.clear();
                if scan.eat('-') {
                    self.ties.push(written);
                }
                self.note(length, vec![ChordTone { pitch, tied, share: Ratio::from(1) }])
            }
            'z' | 'x' => {
                scan.at += 1;
                let length = scan.length()?;
                self.rest();
                self.note(length, Vec::new())
            }
            'Z' | 'X' => {
                scan.at += 1;
                let bars = scan.number()?.unwrap_or(1).max(1);
                let duration = bar_length(self.meter)
                    .checked_mul(&Ratio::from(bars))
                    .ok_or(AbcErrorKind::Number(LARGEST))?;
                self.rest();
                self.bar_filled = true;
                self.elements.push(Element::Note(Sounded { duration, tones: Vec::new(), line: self.line }));
                Ok(())
            }
            '[' => self.bracket(scan),
            '|' | ':' | ']' => self.bar_line(scan),
            '(' => self.tuplet(scan),
            '>' | '<' => self.broken(c, scan),
            '{' => {
                scan.at += 1;
                // A `-` behind it would be the grace note's slur.
                self.sounding.clear();
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
            '+' if {
                scan.at += 1;
                scan.old_chord()
            } =>
            {
                self.chord('+', scan)
            }
            '+' => {
                scan.decoration(c);
                Ok(())
            }
            '!' => {
                scan.at += 1;
                scan.decoration(c);
                Ok(())
            }
            '&' => {
                scan.at += 1;
                if self.stretch.is_some() && scan.eat(')') {
                    self.end_overlay();
                } else {
                    self.overlay();
                }
                Ok(())
            }
            '-' => {
                // A tie may stand apart from its note; between different pitches it is a slur.
                scan.at += 1;
                self.ties.clone_from(&self.sounding);
                Ok(())
            }
            'y' => {
                // Space for the printer, `y0` none at all.
                scan.at += 1;
                while scan.peek().is_some_and(|c| c.is_ascii_digit() || c == '/') {
                    scan.at += 1;
                }
                Ok(())
            }
            '%' => {
                scan.at = scan.chars.len();
                Ok(())
            }
            // Slurs, decorations by letter, beams, line ends.
            ')' | '.' | '~' | 'H'..='W' | 'h'..='w' | '`' | '*' | ';' | '$' | '\\' => {
                scan.at += 1;
                Ok(())
            }
            c if c.is_whitespace() => {
                scan.at += 1;
                Ok(())
            }
            other => Err(AbcErrorKind::Character(other)),
        }
    }

    fn rest(&mut self) {
        self.ties.clear();
        self.sounding.clear();
    }

    /// Puts a note of `length` units down, with what broken rhythm and tuplet do to it.
    fn note(&mut self, length: Ratio<i64>, tones: Vec<ChordTone>) -> Result<(), AbcErrorKind> {
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
        self.bar_filled = true;
        self.elements.push(Element::Note(Sounded { duration, tones, line: self.line }));
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
            (None | Some(' ' | '\\'), _) => {
                scan.at += 1;
                Ok(())
            }
            // `["last time" A`: a bracket over music, unless it is closed around notes.
            (Some('"'), _) if !self.closes_around_notes(scan) => {
                scan.at += 1;
                Ok(())
            }
            _ => {
                scan.at += 1;
                self.chord(']', scan)
            }
        }
    }

    /// Whether `["C"CEG]` stands here, and not a bracket that is left open or closed by a bar line.
    fn closes_around_notes(&self, scan: &Scanner<'_>) -> bool {
        let mut quoted = false;
        for &c in &scan.chars[scan.at + 1..] {
            match c {
                '"' => quoted = !quoted,
                ']' if !quoted => return true,
                '[' | '|' | ':' if !quoted => return false,
                _ => {}
            }
        }
        false
    }

    fn bar_line(&mut self, scan: &mut Scanner<'_>) -> Result<(), AbcErrorKind> {
        let Some(bar) = bars::bar_line(scan) else { return Ok(()) };
        if self.stretch.is_none() {
            self.end_overlay();
        }
        self.elements.push(Element::Bar(bar));
        self.bar = [None; 7];
        self.bar_start = self.elements.len();
        self.bar_number += usize::from(std::mem::take(&mut self.bar_filled));
        if bars::ending_follows(scan) { self.ending(scan) } else { Ok(()) }
    }

    fn ending(&mut self, scan: &mut Scanner<'_>) -> Result<(), AbcErrorKind> {
        self.elements.push(Element::Ending(bars::ending(scan)?));
        self.bar_start = self.elements.len();
        Ok(())
    }
}
