//! Tuplets and broken rhythm.

use num_rational::Ratio;
use num_traits::{CheckedDiv, CheckedMul};

use super::{Body, Element, Sounded, Tuplet};
use crate::abc::AbcErrorKind;
use crate::abc::fields::is_compound;
use crate::abc::scanner::{LARGEST, Scanner};

impl Body {
    /// `(3`, `(3:2`, `(3:2:4`, `(3::2`; a bare `(` is a slur, `(&` begins several voices.
    pub(super) fn tuplet(&mut self, scan: &mut Scanner<'_>) -> Result<(), AbcErrorKind> {
        scan.at += 1;
        if scan.eat('&') {
            self.end_overlay();
            self.stretch = Some(self.elements.len());
            return Ok(());
        }
        let Some(notes) = scan.number()? else { return Ok(()) };
        let mut time = match notes {
            2 | 4 | 8 => 3,
            3 | 6 => 2,
            _ if is_compound(self.meter) => 3,
            _ => 2,
        };
        let mut count = notes;
        let mut told = false;
        if scan.peek() == Some(':') && scan.peek_at(1).is_some_and(|c| c.is_ascii_digit() || c == ':') {
            scan.at += 1;
            let number = scan.number()?;
            told = number.is_some();
            time = number.unwrap_or(time);
            if scan.peek() == Some(':') && scan.peek_at(1).is_some_and(|c| c.is_ascii_digit()) {
                scan.at += 1;
                count = scan.number()?.unwrap_or(count);
            }
        }
        // Beyond nine, and for one, the time of the notes must be written.
        if !((2..=9).contains(&notes) || (told && (1..=64).contains(&notes))) {
            return Err(AbcErrorKind::Tuplet(notes));
        }
        if !(1..=64).contains(&time) || count < 1 {
            return Err(AbcErrorKind::Tuplet(time));
        }
        self.tuplet = Some(Tuplet { factor: Ratio::new(time, notes), left: count });
        Ok(())
    }

    /// `a>b` dots the first and halves the second; each further mark once more.
    pub(super) fn broken(&mut self, mark: char, scan: &mut Scanner<'_>) -> Result<(), AbcErrorKind> {
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
            Element::Note(Sounded { duration, .. }) => Some(duration),
            _ => None,
        });
        // At the start of a tune there is nothing to change.
        let Some(duration) = last else { return Ok(()) };
        *duration = duration.checked_mul(&before).ok_or(AbcErrorKind::Broken)?;
        if *duration.denom() > LARGEST || duration.checked_div(&before).is_none() {
            return Err(AbcErrorKind::Broken);
        }
        self.broken = Some(after);
        Ok(())
    }
}
