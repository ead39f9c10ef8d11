//! The order of parts that a `P:` field tells: `ABBA`, `A3B2`, `(AB)2C`.

/// Most parts that are played one after the other.
const MOST: usize = 256;

/// The parts by their letters in playing order; none where the value is a remark and no order, or names more parts
/// than anybody plays.
pub(super) fn order(value: &str) -> Option<Vec<char>> {
    // What lies open, the whole first; and what a number after it repeats.
    let mut open: Vec<Vec<char>> = vec![Vec::new()];
    let mut last: Vec<char> = Vec::new();
    let mut chars = value.trim().chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            'A'..='Z' => last = vec![c],
            '(' => {
                open.push(Vec::new());
                continue;
            }
            ')' if open.len() > 1 => last = open.pop()?,
            '0'..='9' => {
                let mut times = c.to_digit(10)?;
                while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                    chars.next();
                    times = times.saturating_mul(10).saturating_add(digit);
                }
                // One time is written already.
                for _ in 1..times {
                    add(&mut open, &last)?;
                }
                continue;
            }
            '.' | ' ' | ',' | '-' | '*' => continue,
            _ => return None,
        }
        add(&mut open, &last)?;
    }
    let mut order = Vec::new();
    open.iter().for_each(|parts| order.extend(parts));
    // One letter alone is the name of what follows.
    Some(order).filter(|order| (2..=MOST).contains(&order.len()))
}

fn add(open: &mut [Vec<char>], parts: &[char]) -> Option<()> {
    let inner = open.last_mut()?;
    inner.extend(parts);
    (inner.len() <= MOST && !parts.is_empty()).then_some(())
}

/// The letter of a part that begins within a tune. Words, `P:Chorus`, name no part of an order.
pub(super) fn label(value: &str) -> Option<char> {
    let mut chars = value.trim().trim_end_matches('.').chars();
    chars.next().filter(|c| c.is_ascii_uppercase() && chars.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders() {
        for (value, expected) in [
            ("ABBA", Some("ABBA")),
            ("A.B.A", Some("ABA")),
            ("A3B2", Some("AAABB")),
            ("(AB)3C", Some("ABABABC")),
            ("((AB)2C)2", Some("ABABCABABC")),
            ("(AB", Some("AB")),
            ("", None),
            ("as played", None),
            ("A", None),
            ("A999999999999", None),
            ("((((A9)9)9)9)9", None),
            ("3A", None),
        ] {
            assert_eq!(order(value), expected.map(|order| order.chars().collect()), "{value}");
        }
    }
}
