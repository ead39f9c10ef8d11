//! From the lines of one tune to the tune: its header, and its voices as they come.

use num_rational::Ratio;

use super::body::Body;
use super::fields::{field, parse_length, parse_meter, parse_tempo, usual_length};
use super::key::{parse_key, parse_shift};
use super::scanner::Scanner;
use super::text::cleaned;
use super::timing::{Timed, timed};
use super::tune::{Tune, Voice};
use super::{AbcError, AbcErrorKind, parts};
use crate::{Beat, Key, Meter};

/// What the header of a file, or of a tune before its `K:`, has told.
#[derive(Debug, Clone, Default)]
pub(super) struct Header {
    meter: Option<Meter>,
    unit: Option<Ratio<i64>>,
    rhythm: Option<String>,
    tempo: Option<String>,
    order: Option<Vec<char>>,
    titles: Vec<String>,
    /// What `V:` fields say of their voices: name, and semitones by which it sounds above what is written.
    voices: Vec<(String, i32)>,
}

impl Header {
    /// The fields at the start of a file, which hold for all of its tunes. What is none is passed over.
    pub(super) fn of_file(lines: &[(usize, &str)]) -> Header {
        let mut header = Header::default();
        for (_, text) in lines {
            let text = cleaned(text);
            if let Some((letter @ ('M' | 'L' | 'R' | 'Q'), value)) = field(&text) {
                // What is wrong there is no tune's fault.
                let _ = header.field(letter, value);
            }
        }
        header
    }

    fn meter(&self) -> Meter {
        self.meter.unwrap_or(Meter::COMMON)
    }

    /// The unit length in quarter-note beats.
    fn unit(&self) -> Ratio<i64> {
        self.unit.unwrap_or_else(|| usual_length(self.meter()))
    }

    fn field(&mut self, letter: char, value: &str) -> Result<(), AbcErrorKind> {
        let text = || Some(value.trim().to_owned()).filter(|text| !text.is_empty());
        match letter {
            'T' => self.titles.extend(text()),
            'R' => self.rhythm = text(),
            'Q' => self.tempo = text(),
            'M' => self.meter = Some(parse_meter(value)?),
            'L' => self.unit = Some(parse_length(value)?),
            'P' => self.order = parts::order(value),
            'V' => {
                if let (Some(name), Some(shift)) = (voice_name(value), parse_shift(value)) {
                    self.voices.push((name.to_owned(), shift));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn voice_name(value: &str) -> Option<&str> {
    value.split_whitespace().next()
}

/// The number of an `X:` field.
pub(super) fn number(value: &str) -> Option<u32> {
    let value = value.trim_start();
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    value[..end].parse().ok()
}

/// Most voices of a tune.
const MOST_VOICES: usize = 64;

/// The voices of a body; the one that is being read now is at `current`.
struct Voices {
    /// As each begins.
    template: Body,
    told: Vec<(String, i32)>,
    bodies: Vec<(Option<String>, Body)>,
    current: usize,
}

impl Voices {
    fn new(template: Body, told: Vec<(String, i32)>) -> Voices {
        Voices { bodies: vec![(None, template.clone())], template, told, current: 0 }
    }

    fn body(&mut self) -> &mut Body {
        &mut self.bodies[self.current].1
    }

    /// What follows belongs to the voice that a `V:` field names.
    fn select(&mut self, value: &str) -> Result<(), AbcErrorKind> {
        let name = voice_name(value).unwrap_or("");
        let known = self.bodies.iter().position(|(known, _)| known.as_deref() == Some(name));
        self.current = match known {
            Some(known) => known,
            // What stands before the first name belongs to it.
            None if self.bodies[0].0.is_none() => 0,
            None if self.bodies.len() < MOST_VOICES => {
                self.bodies.push((None, self.template.clone()));
                self.bodies.len() - 1
            }
            None => return Err(AbcErrorKind::Voices(MOST_VOICES)),
        };
        let told = self.told.iter().rev().find(|(told, _)| told == name).map(|(_, shift)| *shift);
        let (called, body) = &mut self.bodies[self.current];
        if called.is_none() {
            *called = Some(name.to_owned());
            body.shift = told.unwrap_or(body.shift);
        }
        body.shift = parse_shift(value).unwrap_or(body.shift);
        Ok(())
    }

    /// One line of music, which may lead from voice to voice.
    fn line(&mut self, text: &str, number: usize) -> Result<(), AbcErrorKind> {
        let chars: Vec<char> = text.chars().collect();
        let mut scan = Scanner { chars: &chars, at: 0 };
        loop {
            self.body().line = number;
            match self.body().music(&mut scan)? {
                Some(voice) => self.select(&voice)?,
                None => return Ok(()),
            }
        }
    }
}

/// A tune while it is read.
struct Reader {
    header: Header,
    number: Option<u32>,
    /// The key at the start and the voices, behind the header.
    body: Option<(Key, Voices)>,
}

impl Reader {
    /// The header ends with a `K:` field.
    fn begin(&mut self, value: &str) -> Result<(), AbcErrorKind> {
        let field = parse_key(value)?;
        let (key, signature) = field.key.unwrap_or((Key::C_MAJOR, [0; 7]));
        let template =
            Body::new(self.header.unit(), self.header.meter(), signature, field.shift.unwrap_or(0));
        self.body = Some((key, Voices::new(template, self.header.voices.clone())));
        Ok(())
    }

    fn line(&mut self, text: &str, at: usize, implied: Option<&str>) -> Result<(), AbcErrorKind> {
        let found = field(text);
        if let (Some(key), None, None, false) = (implied, found, &self.body, text.trim().is_empty()) {
            self.begin(key)?;
        }
        match (found, &mut self.body) {
            (Some(('V', value)), Some((_, voices))) => voices.select(value),
            (Some(('Q', value)), Some(_)) if self.header.tempo.is_none() => self.header.field('Q', value),
            (Some((letter, value)), Some((_, voices))) => voices.body().field(letter, value),
            // A field that goes on in another line: words to sing, and the like.
            (None, Some(_)) if text.trim_start().starts_with("+:") => Ok(()),
            (None, Some((_, voices))) => voices.line(text, at),
            (Some(('X', value)), None) => {
                self.number = number(value);
                Ok(())
            }
            (Some(('K', value)), None) => self.begin(value),
            (Some((letter, value)), None) => self.header.field(letter, value),
            (None, None) => Ok(()),
        }
    }

    /// The bar that is being read.
    fn bar(&mut self) -> Option<usize> {
        self.body.as_mut().map(|(_, voices)| voices.body().bar_number)
    }

    fn error(&self, line: usize, bar: Option<usize>, kind: AbcErrorKind) -> AbcError {
        let title = self.header.titles.first().cloned().unwrap_or_default();
        AbcError { number: self.number, title, line, bar, kind }
    }

    /// The tune, whose first line is `line`.
    fn finish(mut self, line: usize) -> Result<Tune, AbcError> {
        let Some((key, voices)) = self.body.take() else {
            return Err(self.error(line, None, AbcErrorKind::NoKey));
        };
        let meter_changes = voices.bodies.iter().any(|(_, body)| body.meter_changes);
        let mut first: Option<Timed> = None;
        let mut sounding = Vec::new();
        let mut end = Beat::ZERO;
        for (name, body) in voices.bodies {
            if first.is_some() && body.is_empty() {
                continue;
            }
            let timed = timed(body.into_elements(), self.header.order.as_deref());
            let mut timed = timed.map_err(|kind| self.error(line, None, kind))?;
            end = end.max(timed.end);
            let notes = std::mem::take(&mut timed.notes);
            if !notes.is_empty() {
                sounding.push(Voice { name: name.unwrap_or_default(), notes });
            }
            first.get_or_insert(timed);
        }
        let Some(first) = first.filter(|first| first.line.iter().any(|note| note.pitch.is_some())) else {
            return Err(self.error(line, None, AbcErrorKind::Empty));
        };
        let (meter, unit) = (self.header.meter(), self.header.unit());
        let mut titles = self.header.titles.into_iter();
        Ok(Tune {
            line,
            number: self.number,
            title: titles.next().unwrap_or_default(),
            other_titles: titles.collect(),
            rhythm: self.header.rhythm,
            meter,
            key,
            tempo: self.header.tempo.and_then(|tempo| parse_tempo(&tempo, unit)),
            notes: first.line,
            voices: sounding,
            bar_lines: first.bar_lines,
            chords: first.chords,
            parts: first.parts,
            end,
            meter_changes,
        })
    }
}

/// Reads a tune from its numbered lines. `file` is what holds for all tunes of the file; where `key` is given, it
/// stands for a `K:` field that is missing.
pub(super) fn read(lines: &[(usize, &str)], file: &Header, key: Option<&str>) -> Result<Tune, AbcError> {
    let mut reader = Reader { header: file.clone(), number: None, body: None };
    for &(line, text) in lines {
        let text = cleaned(text);
        if let Err(kind) = reader.line(&text, line, key) {
            let bar = reader.bar();
            return Err(reader.error(line, bar, kind));
        }
    }
    reader.finish(lines.first().map_or(1, |&(line, _)| line))
}
