//! Notes and chords as they are written: letters, accidentals, octave marks, ties.

use num_rational::Ratio;
use num_traits::{CheckedDiv, CheckedMul};

use super::{Body, ChordTone, Written};
use crate::abc::AbcErrorKind;
use crate::abc::key::letter_semitones;
use crate::abc::scanner::{LARGEST, Scanner};

impl Body {
    /// Accidental, letter and octave marks: the note, its MIDI number, and whether it goes on from a tie.
    pub(super) fn pitch(&mut self, scan: &mut Scanner<'_>) -> Result<(Written, u8, bool), AbcErrorKind> {
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
        let tie = self.ties.iter().find(|&&(l, o, _)| l == letter && o == octave);
        let alteration = match (written, tie) {
            (Some(written), _) => {
                self.bar[letter] = Some(written);
                written
            }
            (None, Some(&(_, _, alteration))) => alteration,
            (None, None) => self.bar[letter].unwrap_or(self.signature[letter]),
        };
        let tied = tie.is_some_and(|&(_, _, a)| a == alteration);
        let midi = 12 * octave + letter_semitones(letter) + i32::from(alteration) + self.shift;
        let pitch = u8::try_from(midi).ok().filter(|&p| p < 128).ok_or(AbcErrorKind::Pitch)?;
        Ok(((letter, octave, alteration), pitch, tied))
    }

    /// `[CEG]2` behind its first mark: as long as its first note.
    pub(super) fn chord(&mut self, close: char, scan: &mut Scanner<'_>) -> Result<(), AbcErrorKind> {
        let mut tones: Vec<(ChordTone, Ratio<i64>)> = Vec::new();
        let mut first = None;
        let mut sounding = Vec::new();
        let mut ties = Vec::new();
        loop {
            match scan.peek() {
                Some(c) if c == close => break scan.at += 1,
                Some('^' | '_' | '=' | 'A'..='G' | 'a'..='g') => {
                    let (written, pitch, tied) = self.pitch(scan)?;
                    let length = scan.length()?;
                    first.get_or_insert(length);
                    if !sounding.contains(&written) {
                        sounding.push(written);
                    }
                    if scan.eat('-') && !ties.contains(&written) {
                        ties.push(written);
                    }
                    if !tones.iter().any(|(tone, _)| tone.pitch == pitch) {
                        tones.push((ChordTone { pitch, tied, share: length }, length));
                    }
                }
                Some('"') => {
                    scan.at += 1;
                    scan.until('"').ok_or(AbcErrorKind::Unclosed('"'))?;
                }
                Some('{') => {
                    scan.at += 1;
                    scan.until('}').ok_or(AbcErrorKind::Unclosed('{'))?;
                }
                Some(mark @ ('!' | '+')) => {
                    scan.at += 1;
                    scan.decoration(mark);
                }
                Some('-' | '.' | '~' | '(' | ')' | ' ' | 'H'..='W' | 'h'..='w') => scan.at += 1,
                Some('z' | 'x') => {
                    scan.at += 1;
                    let length = scan.length()?;
                    first.get_or_insert(length);
                }
                Some(other) => return Err(AbcErrorKind::Character(other)),
                None => return Err(AbcErrorKind::Unclosed(if close == ']' { '[' } else { close })),
            }
        }
        let times = scan.length()?;
        let Some(first) = first else { return Ok(()) };
        let too_long = || AbcErrorKind::Number(LARGEST);
        let mut tones = tones
            .into_iter()
            .map(|(tone, length)| Some(ChordTone { share: length.checked_div(&first)?, ..tone }))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(too_long)?;
        tones.sort_by_key(|tone| std::cmp::Reverse(tone.pitch));
        self.ties = if scan.eat('-') { sounding.clone() } else { ties };
        self.sounding = sounding;
        self.note(first.checked_mul(&times).ok_or_else(too_long)?, tones)
    }
}
