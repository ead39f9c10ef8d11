//! Tells a number that was nudged from one that is being typed: a nudge is heard without waiting for a
//! pause in the typing.

/// Most steps of its last digit that a nudge moves a number.
const MOST_STEPS: i128 = 10;

/// True when `new` is `old` with one number moved by a few steps of its last digit, as editors do it by
/// a key (`0.5` to `0.6`, `19` to `20`). Digits that are added or taken away are typing.
pub fn is_nudge(old: &str, new: &str) -> bool {
    let (old, new) = (old.as_bytes(), new.as_bytes());
    let same = |a: &mut dyn Iterator<Item = (&u8, &u8)>| a.take_while(|(a, b)| a == b).count();
    let before = same(&mut old.iter().zip(new));
    let shorter = old.len().min(new.len()) - before;
    let after = same(&mut old.iter().rev().zip(new.iter().rev())).min(shorter);
    let numeric = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
    // The whole numbers in which the two differ.
    let head = old[..before].iter().rev().take_while(numeric).count();
    let tail = old[old.len() - after..].iter().take_while(numeric).count();
    let number = |text: &[u8]| fixed(&text[before - head..text.len() - after + tail]);
    let word = before.checked_sub(head + 1).map(|at| old[at]);
    if word.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80) {
        // A digit of a name, or of a note: `c4`.
        return false;
    }
    let changed = |text: &[u8]| text.len() > before + after;
    match (number(old), number(new)) {
        (Some((was, places)), Some((is, same_places))) => {
            let nudged = places == same_places && was != is && (was - is).abs() <= MOST_STEPS;
            nudged && changed(old) && changed(new)
        }
        _ => false,
    }
}

/// A number such as `12.50` as 1250 and 2 decimal places.
fn fixed(text: &[u8]) -> Option<(i128, usize)> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || text.len() > 30 {
        return None;
    }
    Some((format!("{whole}{places}").parse().ok()?, places.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nudges_are_told_from_typing() {
        for (old, new, nudge) in [
            ("tempo(120)", "tempo(121)", true),
            ("gain(0.5)", "gain(0.6)", true),
            ("gain(0.95)", "gain(1.05)", true),
            ("seed = 9 }", "seed = 10 }", true),
            ("seed = 10 }", "seed = 9 }", true),
            ("lowpass(1900)", "lowpass(2000)", false),
            ("tempo(12)", "tempo(120)", false),
            ("tempo(120)", "tempo(12)", false),
            ("tempo(120)", "tempo(9)", false),
            ("gain(0.5)", "gain(0.55)", false),
            ("gain(1)", "gain(1)", false),
            ("play(\"c4\")", "play(\"c5\")", false),
            ("n1 = 2", "n2 = 2", false),
            ("a = 1 b = 1", "a = 2 b = 2", false),
            ("pan(x)", "pan(y)", false),
            ("", "1", false),
            ("é1", "é2", false),
            ("-- é\ngain(1)", "-- é\ngain(2)", true),
        ] {
            assert_eq!(is_nudge(old, new), nudge, "{old} -> {new}");
        }
    }
}
