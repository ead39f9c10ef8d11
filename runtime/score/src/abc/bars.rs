//! Bar lines and endings as they stand on the page.

use super::AbcErrorKind;
use super::scanner::Scanner;

/// What a bar line says beside that the bar ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct BarLine {
    /// How often the music before it is repeated: the colons before the line.
    pub(super) ends_repeat: u8,
    /// How often the music after it is repeated: the colons after the line.
    pub(super) starts_repeat: u8,
    /// Two lines, or a thin and a thick one: a part ends here.
    pub(super) double: bool,
}

/// The bar line at `scan`, which is passed over; none where what stands there closes nothing that is read here.
pub(super) fn bar_line(scan: &mut Scanner<'_>) -> Option<BarLine> {
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
    if lines == 0 && text.len() < 2 || text == [']'] {
        return None;
    }
    let colons = |count: usize| u8::try_from(count).unwrap_or(u8::MAX).min(MOST_PASSES - 1);
    if lines == 0 {
        // `::` is `:|:`, and each further pair of colons one pass more.
        let each = colons(text.len() / 2);
        return Some(BarLine { ends_repeat: each, starts_repeat: each, double: false });
    }
    let before = text.iter().take_while(|&&c| c == ':').count();
    let after = text.iter().rev().take_while(|&&c| c == ':').count();
    Some(BarLine { ends_repeat: colons(before), starts_repeat: colons(after), double: lines > 1 })
}

/// Whether the number of an ending follows a bar line, as in `|1`, `:|2`, `| 1`; spaces before it are passed over.
pub(super) fn ending_follows(scan: &mut Scanner<'_>) -> bool {
    let space = scan.chars[scan.at..].iter().take_while(|&&c| c == ' ').count();
    let follows = scan.peek_at(space).is_some_and(|c| c.is_ascii_digit());
    if follows {
        scan.at += space;
    }
    follows
}

/// Most passes over a part.
const MOST_PASSES: u8 = 8;

/// The passes of an ending: `1`, `1,3`, `1-3`.
pub(super) fn ending(scan: &mut Scanner<'_>) -> Result<Vec<u8>, AbcErrorKind> {
    let mut passes = Vec::new();
    loop {
        let first = scan.number()?.ok_or(AbcErrorKind::Ending)?;
        let last = if scan.peek() == Some('-') && scan.peek_at(1).is_some_and(|c| c.is_ascii_digit()) {
            scan.at += 1;
            scan.number()?.ok_or(AbcErrorKind::Ending)?
        } else {
            first
        };
        if first < 1 || last > i64::from(MOST_PASSES) || last < first {
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
    Ok(passes)
}
